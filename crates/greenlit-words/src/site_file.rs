//! What is wrong with a site file, and what to write instead, in the languages that the till's own messages are not
//! written in.

messages! {
    /// A mistake.
    syntax(why) {
        en: english, ru: "ошибка TOML ({why}); пишите каждую строку как ключ = \"значение\", например language = \"ru\"",
        ba: "TOML хатаһы ({why}); һәр юлды асҡыс = \"ҡиммәт\" итеп яҙығыҙ, мәҫәлән language = \"ba\"",
    }
    /// A mistake.
    unknown_key(key, hint) { en: english, ru: "неизвестный ключ «{key}»; {hint}", ba: "билдәһеҙ асҡыс «{key}»; {hint}" }
    /// A hint.
    did_you_mean(word) { en: "did you mean \"{word}\"?", ru: "может быть, «{word}»?", ba: "бәлки, «{word}»?" }
    /// A hint.
    known_values(all) { en: "known values are {all}", ru: "известны: {all}", ba: "билдәлеләре: {all}" }
    /// A mistake.
    wrong_kind(key, write) {
        en: english, ru: "{key}: значение не того вида; напишите {write}", ba: "{key}: ҡиммәт төрө икенсе; {write} тип яҙығыҙ"
    }
    /// A mistake.
    empty(key, write) {
        en: english, ru: "{key}: пусто; напишите {write} или уберите строку", ba: "{key}: буш; {write} тип яҙығыҙ йәки юлды алығыҙ"
    }
    /// A mistake.
    not_plain(key) {
        en: english, ru: "{key}: длиннее 1000 байт или не простой текст", ba: "{key}: 1000 байттан оҙонораҡ йәки ябай текст түгел"
    }
    /// A mistake.
    unknown_value(key, word, hint) {
        en: english, ru: "{key}: неизвестное значение «{word}»; {hint}", ba: "{key}: билдәһеҙ ҡиммәт «{word}»; {hint}"
    }
    /// A mistake.
    source(source) {
        en: english,
        ru: "источник «{source}» не годится; напишите адрес папки https://, без имени, ? и #, или путь к папке с trust.cbor",
        ba: "«{source}» сығанағы ярамай; папканың https:// адресын яҙығыҙ, исемһеҙ, ? һәм # билдәләрһеҙ, йәки trust.cbor ятҡан папканың юлын",
    }
    /// A mistake.
    fingerprint_length(digits) {
        en: english, ru: "в отпечатке {digits} шестнадцатеричных цифр вместо 64; напишите тот, что сообщило ведомство",
        ba: "эҙҙә 64 урынына {digits} ун алтылыҡ һан; идаралыҡ әйткәнен яҙығыҙ",
    }
    /// A mistake.
    not_hexadecimal() {
        en: english, ru: "в отпечатке не только шестнадцатеричные цифры; напишите тот, что сообщило ведомство",
        ba: "эҙҙә ун алтылыҡ һандарҙан башҡа билдәләр бар; идаралыҡ әйткәнен яҙығыҙ",
    }
    /// A mistake.
    pin_hash(why) {
        en: english, ru: "pin-hash: {why}; до тех пор настройки этой кассы никому не открыть",
        ba: "pin-hash: {why}; шуға тиклем был кассаның көйләүҙәрен бер кем дә аса алмай",
    }
    /// A mistake.
    root_alone() {
        en: english, ru: "у root нет fingerprint, и он не добавлен; допишите fingerprint = \"…\", 64 цифры",
        ba: "root янында fingerprint юҡ, ул өҫтәлмәне; fingerprint = \"…\" өҫтәгеҙ, 64 һан",
    }
    /// A mistake.
    fingerprint_alone() {
        en: english, ru: "у fingerprint нет root; допишите root = \"root-1.cbor\", файл рядом с этим",
        ba: "fingerprint янында root юҡ; root = \"root-1.cbor\" өҫтәгеҙ, был файл янындағы файл",
    }
    /// Mistakes that there is no room for.
    more(count) { en: english, ru: "и ещё ошибок: {count}", ba: "һәм тағы хаталар: {count}" }
    /// A mistake.
    missing() {
        en: english, ru: "нет такого файла; создайте его или укажите другой: --site-file",
        ba: "ундай файл юҡ; уны яһағыҙ йәки --site-file менән башҡаһын күрһәтегеҙ",
    }
    /// A mistake.
    not_text() {
        en: english, ru: "это не текст UTF-8; сохраните файл в UTF-8", ba: "был UTF-8 тексты түгел; файлды UTF-8 итеп һаҡлағыҙ"
    }
    /// A mistake.
    others_may_write(path) {
        en: english, ru: "{path}: записывать может не только владелец; выполните: chmod go-w {path}",
        ba: "{path}: хужаһы ғына түгел, башҡалар ҙа яҙа ала; башҡарығыҙ: chmod go-w {path}",
    }
    /// A mistake.
    foreign_owner(path, owner) {
        en: english, ru: "{path}: принадлежит другому пользователю ({owner}); выполните: chown root {path}",
        ba: "{path}: башҡа ҡулланыусыныҡы ({owner}); башҡарығыҙ: chown root {path}",
    }
    /// A root was not trusted.
    root_file(why) { en: english, ru: "корень не добавлен: {why}", ba: "тамыр өҫтәлмәне: {why}" }
    /// A root was not trusted.
    other_authority(held, path) {
        en: english,
        ru: "здесь уже добавлено другое ведомство ({held}), оно и остаётся; если это ошибка, выполните: greenlit trust add {path} --replace",
        ba: "бында башҡа идаралыҡ өҫтәлгән инде ({held}), ул ҡала; был хата булһа, башҡарығыҙ: greenlit trust add {path} --replace",
    }
    /// A root was not trusted.
    not_trustworthy() {
        en: english, ru: "корень не добавлен: другие пользователи могут изменить то, что его называет (см. выше)",
        ba: "тамыр өҫтәлмәне: башҡа ҡулланыусылар уны атаған файлды үҙгәртә ала (өҫтә ҡарағыҙ)",
    }
    /// A root was not trusted.
    not_stored(why) { en: english, ru: "корень не удалось сохранить: {why}", ba: "тамырҙы һаҡлап булманы: {why}" }
    /// Where a mistake is.
    at_line(path, line, what) {
        en: "{path}, line {line}: {what}", ru: "{path}, строка {line}: {what}", ba: "{path}, {line} юл: {what}"
    }
}
