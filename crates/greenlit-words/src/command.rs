//! What `sync`, `trust`, `settings` and `pin` did.

messages! {
    /// A line of `sync`.
    up_to_date() { en: "already up to date", ru: "уже установлены последние данные", ba: "иң яңы мәғлүмәт ҡуйылған инде" }
    /// A line of `sync`.
    now_using_root(number) { en: "now using root {number}", ru: "теперь действует корень {number}", ba: "хәҙер {number} тамыры ҡулланыла" }
    /// A line of `sync`.
    new_trust_data(version, due) {
        en: "trust data version {version}, update due {due}", ru: "данные для проверки версии {version}, обновить до {due}",
        ba: "тикшереү мәғлүмәтенең {version} версияһы, {due} тиклем яңыртырға",
    }
    /// A line of `sync`.
    list_updated(id) { en: "status list {id}: updated", ru: "список состояний {id}: обновлён", ba: "торош исемлеге {id}: яңыртылды" }
    /// A warning of `sync`.
    list_kept(id, failure) {
        en: "status list {id}: {failure}; keeping the current one",
        ru: "список состояний {id}: {failure}; остаётся прежний", ba: "торош исемлеге {id}: {failure}; элеккеһе ҡала",
    }
    /// A warning of `sync`.
    list_lacking(id, failure) {
        en: "status list {id}: {failure}; none available", ru: "список состояний {id}: {failure}; другого нет",
        ba: "торош исемлеге {id}: {failure}; башҡаһы юҡ",
    }
    /// A line of `sync`.
    new_scheme_data(version) {
        en: "data for passes that others issue: version {version}",
        ru: "данные для чужих пропусков: версия {version}", ba: "башҡаларҙың рөхсәтнамәләре өсөн мәғлүмәт: {version} версияһы",
    }
    /// A warning of `sync`.
    scheme_data_kept(failure) {
        en: "data for passes that others issue: {failure}; keeping what there is",
        ru: "данные для чужих пропусков: {failure}; остаётся то, что есть",
        ba: "башҡаларҙың рөхсәтнамәләре өсөн мәғлүмәт: {failure}; булғаны ҡала",
    }
    /// A warning of `sync`.
    key_list_lacking(id, failure) {
        en: "key list {id}: {failure}; none available", ru: "список ключей {id}: {failure}; другого нет",
        ba: "асҡыстар исемлеге {id}: {failure}; башҡаһы юҡ",
    }
    /// Why `sync` failed.
    add_root_first(why) {
        en: "{why}; run `greenlit trust add ROOT` first", ru: "{why}; сначала выполните `greenlit trust add ФАЙЛ`",
        ba: "{why}; башта `greenlit trust add ФАЙЛ` командаһын башҡарығыҙ",
    }

    /// What `pin set` did.
    pin_set() { en: "PIN set", ru: "ПИН-код задан", ba: "ПИН-код ҡуйылды" }
    /// What `pin clear` did.
    pin_removed() { en: "PIN removed", ru: "ПИН-код убран", ba: "ПИН-код алынды" }
    /// What `pin` asks.
    new_pin() { en: "New PIN: ", ru: "Новый ПИН-код: ", ba: "Яңы ПИН-код: " }
    /// What `pin` asks.
    same_pin() { en: "The same PIN again: ", ru: "Ещё раз тот же ПИН-код: ", ba: "Шул уҡ ПИН-код тағы: " }

    /// A line of `trust`.
    root_of(number, authority, region) {
        en: "root {number} of {authority} ({region})", ru: "корень {number}, {authority} ({region})",
        ba: "тамыр {number}, {authority} ({region})",
    }
    /// What `trust add` did.
    trusted() { en: "trusted", ru: "добавлено", ba: "өҫтәлде" }
    /// What `trust add` did.
    already_trusted() { en: "already trusted", ru: "уже добавлено", ba: "өҫтәлгән инде" }
    /// What `trust add` did.
    already_current() { en: "already current", ru: "уже действует", ba: "ғәмәлдә инде" }
    /// What `trust add` did.
    trusted_instead() {
        en: "trusted in place of the previous one, whose data was deleted",
        ru: "добавлено вместо прежнего, данные которого удалены", ba: "элеккеһе урынына өҫтәлде, уның мәғлүмәте юйылды",
    }
    /// How it was made sure whose root it is.
    fingerprint_matches(done) {
        en: "{done}; the fingerprint matches the one you gave", ru: "{done}; отпечаток совпадает с указанным",
        ba: "{done}; эҙе күрһәтелгәненә тап килә",
    }
    /// Nothing was to be done.
    nothing_changed(done) {
        en: "{done}; nothing was changed", ru: "{done}; ничего не изменено", ba: "{done}; бер нәмә лә үҙгәрмәне"
    }
    /// Nobody has made sure whose root it is.
    now_compare(done) {
        en: "{done}; now compare the fingerprint with the one the authority gave you",
        ru: "{done}; теперь сверьте отпечаток с тем, что сообщило ведомство",
        ba: "{done}; хәҙер эҙен идаралыҡ әйткәне менән сағыштырығыҙ",
    }
    /// A line of `trust add`.
    root_has_expired() {
        en: "this root has expired; run `greenlit sync` to get a newer one",
        ru: "срок этого корня истёк; выполните `greenlit sync`, чтобы получить новый",
        ba: "был тамырҙың ваҡыты үткән; яңыһын алыу өсөн `greenlit sync` командаһын башҡарығыҙ",
    }
    /// What `trust add` asks.
    replaces(former) {
        en: "It replaces {former}, which is trusted now and whose data will be deleted.",
        ru: "Оно заменит ведомство «{former}», которому доверяет устройство; его данные будут удалены.",
        ba: "Ул хәҙер өҫтәлгән «{former}» идаралығын алмаштыра; уның мәғлүмәте юйыласаҡ.",
    }
    /// What `trust add` asks; the answer is the same word in every language.
    trust_this(agreed) {
        en: "Trust this authority? If the fingerprint is the one the authority gave you, type {agreed}: ",
        ru: "Доверять этому ведомству? Если отпечаток совпадает с тем, что сообщило ведомство, введите {agreed}: ",
        ba: "Был идаралыҡҡа ышанырғамы? Эҙе идаралыҡ әйткәненә тап килһә, {agreed} тип яҙығыҙ: ",
    }
    /// A line of `trust show`.
    nobody_trusted() {
        en: "no authority is trusted yet: run `greenlit trust add ROOT`",
        ru: "ведомство ещё не добавлено: выполните `greenlit trust add ФАЙЛ`",
        ba: "идаралыҡ әле өҫтәлмәгән: `greenlit trust add ФАЙЛ` командаһын башҡарығыҙ",
    }
    /// A line of `trust show`.
    current_root(number) { en: "current: root {number}", ru: "сейчас действует корень {number}", ba: "хәҙер {number} тамыры ғәмәлдә" }
    /// A line of `trust show`.
    expires(at) { en: "expires {at}", ru: "действует до {at}", ba: "{at} тиклем ғәмәлдә" }
    /// A line of `trust show`.
    no_trust_data() {
        en: "no trust data yet: run `greenlit sync SOURCE`", ru: "данных для проверки ещё нет: выполните `greenlit sync ИСТОЧНИК`",
        ba: "тикшереү мәғлүмәте юҡ әле: `greenlit sync СЫҒАНАҠ` командаһын башҡарығыҙ",
    }
    /// The age of trust data.
    age_not_usable() { en: "not usable", ru: "непригодны", ba: "яраҡһыҙ" }
    /// The age of trust data.
    age_fresh() { en: "fresh", ru: "свежие", ba: "яңы" }
    /// The age of trust data.
    age_soon() { en: "needs updating within 48 hours", ru: "нужно обновить в течение 48 часов", ba: "48 сәғәт эсендә яңыртырға кәрәк" }
    /// The age of trust data.
    age_stale() { en: "out of date, still used", ru: "устарели, но ещё действуют", ba: "иҫкергән, әммә әле ҡулланыла" }
    /// The age of trust data.
    age_expired() { en: "expired: no longer used", ru: "просрочены: больше не действуют", ba: "ваҡыты үткән: башҡаса ҡулланылмай" }
    /// The age of trust data.
    age_unknown() {
        en: "age unknown: the clock is behind", ru: "возраст неизвестен: часы отстают", ba: "йәше билдәһеҙ: сәғәт артта ҡала"
    }
    /// A line of `trust show`.
    trust_data(version, made, age) {
        en: "trust data version {version}, made {made}: {age}", ru: "данные для проверки версии {version}, изданы {made}: {age}",
        ba: "тикшереү мәғлүмәтенең {version} версияһы, {made} баҫылған: {age}",
    }
    /// A line of `trust show`.
    issuer(key, name) { en: "issuer {key}: {name}", ru: "выдаёт {key}: {name}", ba: "бирә {key}: {name}" }
    /// Of an issuer.
    key_revoked(at) { en: "key revoked {at}", ru: "ключ отозван {at}", ba: "асҡыс кире алынған: {at}" }
    /// A line of `trust show`.
    rules(count) { en: "{count} rules", ru: "правил: {count}", ba: "ҡағиҙәләр: {count}" }
    /// A line of `trust show`.
    list_of(id, size, made, until) {
        en: "status list {id} of {size} entries, made {made}, usable until {until}",
        ru: "список состояний {id}, записей: {size}, издан {made}, пригоден до {until}",
        ba: "торош исемлеге {id}, яҙмалар: {size}, {made} баҫылған, {until} тиклем яраҡлы",
    }
    /// A line of `trust show`.
    list_missing(id) {
        en: "status list {id} is missing: run `greenlit sync SOURCE`",
        ru: "нет списка состояний {id}: выполните `greenlit sync ИСТОЧНИК`",
        ba: "торош исемлеге {id} юҡ: `greenlit sync СЫҒАНАҠ` командаһын башҡарығыҙ",
    }

    /// A warning of `settings sites`.
    unknown_site(site, why, known) {
        en: "unknown type of place \"{site}\": {why}; known types are {known}",
        ru: "неизвестный тип заведения «{site}»: {why}; известные типы: {known}",
        ba: "билдәһеҙ урын төрө «{site}»: {why}; билдәле төрҙәр: {known}",
    }
    /// Why that matters.
    no_rule_mentions_it() {
        en: "no rule in the trust data mentions it, so it gives no benefits",
        ru: "в данных для проверки его не упоминает ни одно правило, поэтому льгот не будет",
        ba: "тикшереү мәғлүмәтендә уны бер ҡағиҙә лә телгә алмай, шуға ташламалар булмаясаҡ",
    }
    /// Why that matters.
    nothing_to_check_against() {
        en: "there is no trust data yet to check it against", ru: "данных для проверки ещё нет, сверить не с чем",
        ba: "тикшереү мәғлүмәте юҡ әле, сағыштырыр нәмә юҡ",
    }
    /// Why there is no card.
    contact_too_long(limit) {
        en: english, ru: "--contact: длиннее {limit} знаков", ba: "--contact: {limit} билдәнән оҙонораҡ"
    }
    /// Why there is no card.
    contact_not_printable(character) {
        en: english, ru: "--contact: знак {character} нельзя напечатать", ba: "--contact: {character} билдәһен баҫып булмай"
    }
    /// Where a card went.
    card_written(file) { en: "{file}: written", ru: "{file}: записан", ba: "{file}: яҙылды" }
}
