//! How a till stands, for `status` and `self-test`. Words for programs (`ok`, `fresh`, names of settings) stay as
//! they are in every language.

use greenlit_core::trust::Freshness;

use crate::Language;

messages! {
    /// A line of `status`.
    data_folder(folder) { en: "data folder: {folder}", ru: "папка данных: {folder}", ba: "мәғлүмәт папкаһы: {folder}" }
    /// A line of `status`.
    store(state) { en: "store: {state}", ru: "хранилище: {state}", ba: "һаҡлағыс: {state}" }
    /// A line of `status`.
    damaged_copy(copy) {
        en: "damaged copy set aside: {copy}", ru: "отложена повреждённая копия: {copy}",
        ba: "боҙоҡ күсермәһе ситкә ҡуйылған: {copy}",
    }
    /// What the store's state says more.
    ignored(what) {
        en: "ignored: {what}; run `greenlit sync`", ru: "не учтено: {what}; выполните `greenlit sync`",
        ba: "иҫәпкә алынманы: {what}; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// A line of `status`.
    trusted(authority, region) {
        en: "trusted: {authority} ({region})", ru: "доверие: {authority} ({region})", ba: "ышаныс: {authority} ({region})"
    }
    /// A line of `status`.
    fingerprint(fingerprint) {
        en: "fingerprint {fingerprint}", ru: "отпечаток {fingerprint}", ba: "эҙе {fingerprint}"
    }
    /// A line of `status`.
    root_expires(number, expires) {
        en: "root {number}, expires {expires}", ru: "корень {number}, действует до {expires}",
        ba: "тамыр {number}, {expires} тиклем ғәмәлдә",
    }
    /// A root and whose it is.
    root_of(number, authority) {
        en: "root {number} of {authority}", ru: "корень {number}, {authority}", ba: "тамыр {number}, {authority}"
    }
    /// A line of `status`.
    awaits_root(root) {
        en: "trusted: no authority yet; the next check or sync will trust {root} from the site file",
        ru: "доверие: ведомства ещё нет; при следующей проверке или обновлении будет принят {root} из файла настроек",
        ba: "ышаныс: идаралыҡ әле юҡ; киләһе тикшереүҙә йәки яңыртыуҙа көйләүҙәр файлынан {root} ҡабул ителә",
    }
    /// A line of `status`.
    trust_not_known() {
        en: "trusted: unknown, because the store cannot be read",
        ru: "доверие: неизвестно, хранилище не читается", ba: "ышаныс: билдәһеҙ, һаҡлағыс уҡылмай",
    }
    /// A line of `status`.
    trusts_nobody() {
        en: "trusted: no authority yet; run `greenlit trust add ROOT`",
        ru: "доверие: ведомства ещё нет; выполните `greenlit trust add ФАЙЛ`",
        ba: "ышаныс: идаралыҡ әле юҡ; `greenlit trust add ФАЙЛ` командаһын башҡарығыҙ",
    }
    /// A line of `status`.
    stage(stage, meaning) {
        en: "stage: {stage}: {meaning}", ru: "состояние данных: {stage}: {meaning}", ba: "мәғлүмәт торошо: {stage}: {meaning}"
    }
    /// A line of `status`.
    trust_data(version, made) {
        en: "trust data: version {version}, made {made}", ru: "данные для проверки: версия {version}, изданы {made}",
        ba: "тикшереү мәғлүмәте: {version} версияһы, {made} баҫылған",
    }
    /// A line of `status` and `trust show`.
    due_and_expires(due, expires) {
        en: "update due {due}, expires {expires}", ru: "обновить до {due}, действуют до {expires}",
        ba: "{due} тиклем яңыртырға, {expires} тиклем ғәмәлдә",
    }
    /// A line of `status`.
    list(id, state, made, until) {
        en: "status list {id}: {state}, made {made}, usable until {until}",
        ru: "список состояний {id}: {state}, издан {made}, пригоден до {until}",
        ba: "торош исемлеге {id}: {state}, {made} баҫылған, {until} тиклем яраҡлы",
    }
    /// A line of `status`.
    list_lacking(id, state) {
        en: "status list {id}: {state}; run `greenlit sync`", ru: "список состояний {id}: {state}; выполните `greenlit sync`",
        ba: "торош исемлеге {id}: {state}; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// A line of `status`.
    schemes(version, rules, until) {
        en: "passes that others issue: version {version}, rules: {rules}, expires {until}",
        ru: "чужие пропуска: версия {version}, правил: {rules}, действуют до {until}",
        ba: "башҡаларҙың рөхсәтнамәләре: {version} версияһы, ҡағиҙәләр: {rules}, {until} тиклем ғәмәлдә",
    }
    /// A line of `status`.
    key_list(id, scheme, state, keys, until) {
        en: "key list {id}, {scheme}: {state}, keys: {keys}, usable until {until}",
        ru: "список ключей {id}, {scheme}: {state}, ключей: {keys}, пригоден до {until}",
        ba: "асҡыстар исемлеге {id}, {scheme}: {state}, асҡыстар: {keys}, {until} тиклем яраҡлы",
    }
    /// A line of `status`.
    key_list_lacking(id, scheme) {
        en: "key list {id}, {scheme}: missing; run `greenlit sync`",
        ru: "список ключей {id}, {scheme}: нет; выполните `greenlit sync`",
        ba: "асҡыстар исемлеге {id}, {scheme}: юҡ; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// A line of `status`.
    clock(clock, floor) {
        en: "clock: {clock}, earliest possible {floor}", ru: "часы: {clock}, самое раннее возможное время {floor}",
        ba: "сәғәт: {clock}, иң иртә мөмкин булған ваҡыт {floor}",
    }
    /// Where a value comes from.
    from_file(file) { en: "(from {file})", ru: "(из {file})", ba: "({file} файлынан)" }
    /// Instead of a value.
    not_known() { en: "(not known)", ru: "(неизвестно)", ba: "(билдәһеҙ)" }
    /// Instead of a value.
    not_set() { en: "(not set)", ru: "(не задано)", ba: "(билдәләнмәгән)" }
    /// A line of `status`.
    no_site_file() { en: "site file: none", ru: "файл настроек: нет", ba: "көйләүҙәр файлы: юҡ" }
    /// A line of `status`.
    site_file(file) { en: "site file: {file}", ru: "файл настроек: {file}", ba: "көйләүҙәр файлы: {file}" }
    /// Where in a file.
    at_line(line) { en: "line {line}: ", ru: "строка {line}: ", ba: "{line} юл: " }

    /// What a stage means.
    unread() {
        en: "the trust store cannot be read, so passes cannot be checked",
        ru: "хранилище данных не читается, пропуска проверить нельзя",
        ba: "мәғлүмәт һаҡлағысы уҡылмай, рөхсәтнамәләрҙе тикшереп булмай",
    }
    /// What a stage means.
    none() {
        en: "no trust data; passes cannot be checked", ru: "нет данных для проверки, пропуска проверить нельзя",
        ba: "тикшереү мәғлүмәте юҡ, рөхсәтнамәләрҙе тикшереп булмай",
    }
    /// What a stage means.
    practice() {
        en: "trusting a practice authority, whose passes prove nothing; trust the real one with `greenlit trust add --replace`",
        ru: "доверие учебному ведомству, его пропуска ничего не доказывают; добавьте настоящее: `greenlit trust add --replace`",
        ba: "өйрәнеү идаралығына ышаныла, уның рөхсәтнамәләре бер нәмә лә иҫбатламай; ысынын өҫтәгеҙ: `greenlit trust add --replace`",
    }
    /// What a stage means.
    fresh() { en: "nothing to do", ru: "ничего делать не нужно", ba: "бер нәмә лә эшләргә кәрәкмәй" }
    /// What a stage means.
    soon() {
        en: "needs updating within 48 hours; run `greenlit sync`", ru: "нужно обновить в течение 48 часов; выполните `greenlit sync`",
        ba: "48 сәғәт эсендә яңыртырға кәрәк; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// What a stage means.
    stale() {
        en: "out of date, still used; run `greenlit sync`", ru: "устарели, но ещё действуют; выполните `greenlit sync`",
        ba: "иҫкергән, әммә әле ҡулланыла; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// What a stage means.
    expired() {
        en: "expired, no longer used; run `greenlit sync`", ru: "просрочены и больше не действуют; выполните `greenlit sync`",
        ba: "ваҡыты үткән, башҡаса ҡулланылмай; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// What a stage means.
    clock_behind() {
        en: "the clock is behind; set the clock", ru: "часы отстают; установите время", ba: "сәғәт артта ҡала; уны ҡуйығыҙ"
    }

    /// Of a sample that was judged wrongly.
    expected(code) { en: "expected {code}", ru: "ожидалось {code}", ba: "{code} көтөлгәйне" }
    /// A line of `self-test`.
    this_till() { en: "this till:", ru: "это устройство:", ba: "был ҡоролма:" }
    /// A part of a till.
    part_camera() { en: "camera", ru: "камера", ba: "камера" }
    /// A part of a till.
    part_store() { en: "store", ru: "хранилище", ba: "һаҡлағыс" }
    /// A part of a till.
    part_trust_data() { en: "trust data", ru: "данные проверки", ba: "тикшереү мәғлүмәте" }
    /// A part of a till.
    part_clock() { en: "clock", ru: "часы", ba: "сәғәт" }
    /// A part of a till.
    part_settings() { en: "settings", ru: "настройки", ba: "көйләүҙәр" }
    /// Of the settings.
    settings_mistake() {
        en: "the site file or a setting has a mistake; `greenlit status` shows it",
        ru: "в файле настроек или в настройке ошибка; её покажет `greenlit status`",
        ba: "көйләүҙәр файлында йәки көйләүҙә хата бар; уны `greenlit status` күрһәтә",
    }
    /// Of the trust data.
    age_unknown() {
        en: "age unknown: the clock is behind", ru: "возраст неизвестен: часы отстают", ba: "йәше билдәһеҙ: сәғәт артта ҡала"
    }
    /// Of the trust data.
    list_is(id, state) {
        en: "revocation list {id} is {state}; run `greenlit sync`",
        ru: "список отозванных пропусков № {id}: {state}; выполните `greenlit sync`",
        ba: "кире алыу исемлеге № {id}: {state}; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// How a self-test ends.
    passed() { en: "self-test passed", ru: "самопроверка пройдена", ba: "үҙ-үҙен тикшереү үтте" }
    /// How a self-test ends.
    passed_with_attention(parts) {
        en: "self-test passed; this till needs attention: {parts}",
        ru: "самопроверка пройдена; устройство требует внимания: {parts}",
        ba: "үҙ-үҙен тикшереү үтте; ҡоролма иғтибар талап итә: {parts}",
    }
    /// How a self-test ends.
    failed(wrong) {
        en: "self-test FAILED: {wrong}; do not use this till",
        ru: "самопроверка НЕ ПРОЙДЕНА: {wrong}; не пользуйтесь этим устройством",
        ba: "үҙ-үҙен тикшереү ҮТМӘНЕ: {wrong}; был ҡоролманы ҡулланмағыҙ",
    }
    /// How a self-test failed.
    no_samples() { en: "no samples", ru: "нет образцов", ba: "өлгөләр юҡ" }
    /// How a sample was judged.
    was_instead_of(sample, found, expected) {
        en: "{sample} was {found} instead of {expected}", ru: "{sample}: {found} вместо {expected}",
        ba: "{sample}: {expected} урынына {found}",
    }
}

/// What a stage of the trust data means, and what to do: where the store could not be read, and where a practice
/// authority is trusted, that comes first.
pub fn freshness(stage: Freshness, is_unread: bool, is_practice: bool, language: Language) -> String {
    match stage {
        Freshness::None if is_unread => unread(language),
        Freshness::None => none(language),
        Freshness::Fresh if is_practice => practice(language),
        Freshness::Fresh => fresh(language),
        Freshness::Soon => soon(language),
        Freshness::Stale => stale(language),
        Freshness::Expired => expired(language),
        Freshness::ClockBehind => clock_behind(language),
    }
}
