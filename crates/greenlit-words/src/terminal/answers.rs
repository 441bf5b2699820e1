//! What `check` and `watch` print around an answer.

messages! {
    /// In capitals: what was shown is no pass.
    not_a_pass() { en: "Not a pass", ru: "Не пропуск", ba: "Рөхсәтнамә түгел" }
    /// In capitals: there is no code in the picture.
    no_code() { en: "No code", ru: "Нет кода", ba: "Код юҡ" }
    /// There is no code in the picture.
    no_qr_code() { en: "no QR code found", ru: "QR-код не найден", ba: "QR-код табылманы" }
    /// There is no code in the picture, as far as was looked.
    no_qr_code_in_time() {
        en: "no QR code found within the time limit", ru: "QR-код не найден за отведённое время",
        ba: "QR-код бирелгән ваҡыт эсендә табылманы",
    }
    /// Whose pass it is.
    issued_by(issuer) { en: "issued by {issuer}", ru: "выдан: {issuer}", ba: "биргән: {issuer}" }
    /// Of a green pass.
    demo() {
        en: "DEMO: practice authority, not a real pass", ru: "ДЕМО: учебное ведомство, пропуск не настоящий",
        ba: "ДЕМО: өйрәнеү идаралығы, рөхсәтнамә ысын түгел",
    }
    /// Of an authority.
    practice_only() { en: "DEMO, practice only", ru: "ДЕМО, только для обучения", ba: "ДЕМО, өйрәнеү өсөн генә" }
    /// An amount.
    days(n) { en: "{n} days", ru: "{n} дн.", ba: "{n} көн" }
    /// Whose amount it is.
    own_offer() { en: "set by this shop", ru: "скидка этого заведения", ba: "ошо урындың ташламаһы" }
    /// Of a green pass.
    no_benefits() { en: "no benefits here", ru: "здесь льгот нет", ba: "бында ташламалар юҡ" }
    /// Of a green pass.
    valid_through(moment) { en: "valid through {moment}", ru: "действителен по {moment}", ba: "{moment} тиклем ғәмәлдә" }
    /// Whom the pass is for.
    check_the_id(holder) {
        en: "check the ID: {holder}", ru: "сверьте с документом: {holder}", ba: "документ менән сағыштырығыҙ: {holder}"
    }
    /// The day of a birthday, without its year.
    born(day) { en: "born {day}", ru: "род. {day}", ba: "тыу. {day}" }
    /// A document by its last digits.
    passport_ending(digits) {
        en: "passport ending in {digits}", ru: "паспорт, последние цифры {digits}", ba: "паспорт, һуңғы һандары {digits}"
    }
    /// A document by its last digits.
    foreign_passport_ending(digits) {
        en: "foreign passport ending in {digits}", ru: "загранпаспорт, последние цифры {digits}",
        ba: "сит ил паспорты, һуңғы һандары {digits}",
    }
    /// A document by its last digits.
    birth_certificate_ending(digits) {
        en: "birth certificate ending in {digits}", ru: "свидетельство о рождении, последние цифры {digits}",
        ba: "тыуыу тураһында таныҡлыҡ, һуңғы һандары {digits}",
    }
    /// An identity by the last characters of its number.
    number_ending(digits) {
        en: "ID number ending in {digits}", ru: "номер удостоверения, последние знаки {digits}",
        ba: "таныҡлыҡ номеры, һуңғы билдәләре {digits}",
    }
    /// Nothing to compare.
    no_name() { en: "no name on this pass", ru: "в пропуске нет имени", ba: "рөхсәтнамәлә исем юҡ" }

    /// A warning of `check`.
    no_rule_for_site(site, known) {
        en: "no rule mentions the type of place \"{site}\"; known types are {known}",
        ru: "ни одно правило не упоминает тип заведения «{site}»; известные типы: {known}",
        ba: "бер ҡағиҙә лә «{site}» урын төрөн телгә алмай; билдәле төрҙәр: {known}",
    }
    /// A complaint of `check`.
    last_night_is_over(night) {
        en: "the last night {night} is over already",
        ru: "последняя ночь {night} уже прошла",
        ba: "һуңғы төн {night} үтеп киткән инде",
    }
    /// A warning of `check`.
    out_of_date_since(moment) {
        en: "the trust data has been out of date since {moment}; run `greenlit sync`",
        ru: "данные для проверки устарели {moment}; выполните `greenlit sync`",
        ba: "тикшереү мәғлүмәте {moment} иҫкергән; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// A warning of `check`.
    split_over_lines(place) {
        en: "{place}: split over several lines? put the whole text on one line",
        ru: "{place}: текст разбит на строки? поместите его целиком в одну строку",
        ba: "{place}: текст бер нисә юлға бүленгәнме? уны тулыһынса бер юлға ҡуйығыҙ",
    }
    /// A warning of `check`.
    empty_input() { en: "standard input is empty", ru: "стандартный ввод пуст", ba: "стандарт инеү буш" }
    /// A warning of `watch`.
    reader_too_slow() {
        en: "the reader is too slow; an answer was dropped", ru: "читающая программа не успевает; ответ пропущен",
        ba: "уҡыусы программа өлгөрмәй; яуап төшөп ҡалды",
    }
    /// A line of `watch`, before a code for programs.
    camera() { en: "camera", ru: "камера", ba: "камера" }
    /// How the camera is.
    camera_opening() { en: "opening", ru: "открывается", ba: "асыла" }
    /// How the camera is.
    camera_working() { en: "working", ru: "работает", ba: "эшләй" }
    /// How the camera is.
    camera_none() { en: "no camera connected", ru: "камера не подключена", ba: "камера тоташтырылмаған" }
    /// How the camera is.
    camera_unusable() {
        en: "no permission to use it, or its picture format is not supported",
        ru: "нет прав доступа, или формат изображения не поддерживается",
        ba: "ҡулланырға рөхсәт юҡ йәки һүрәт форматы ярашлы түгел",
    }
    /// How the camera is.
    camera_busy() { en: "in use by another program", ru: "занята другой программой", ba: "башҡа программа ҡуллана" }
    /// How the camera is.
    camera_stalled() { en: "not responding", ru: "не отвечает", ba: "яуап бирмәй" }
    /// How the camera is.
    camera_gone() { en: "unplugged or broken", ru: "отключена или неисправна", ba: "өҙөлгән йәки ватыҡ" }
    /// How the camera is.
    camera_dark() {
        en: "no image: lens covered, or no light", ru: "нет изображения: закрыт объектив или темно",
        ba: "һүрәт юҡ: объектив ябыҡ йәки ҡараңғы",
    }

    /// What came of a stream.
    read_at_frame(stream, frame) {
        en: "{stream}: read at frame {frame}", ru: "{stream}: прочитано на кадре {frame}",
        ba: "{stream}: {frame} кадрҙа уҡылды",
    }
    /// What came of a stream.
    not_read_in_frames(stream, frames) {
        en: "{stream}: not read in {frames} frames", ru: "{stream}: не прочитано, кадров: {frames}",
        ba: "{stream}: уҡылманы, кадрҙар: {frames}",
    }
}
