//! For whoever reads the command line: why a pass is not green, what a code means, and what to do, where advice may
//! name a command. `check` tells the moments that the pass or the trust data give; `watch` does not, for its lines
//! are kept.

pub mod answers;
pub mod facts;
pub mod not_a_pass;

use greenlit_core::answer::Code;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Unusable;
use greenlit_core::verify::Rejection;

use crate::Language;

pub use not_a_pass::not_a_pass;

messages! {
    /// A code's meaning.
    ok_of_others() { en: "genuine, in date", ru: "подлинный, действует", ba: "ысын, ваҡыты үтмәгән" }
    /// A fact.
    ok() {
        en: "genuine, in date, not revoked", ru: "подлинный, действует, не отозван",
        ba: "ысын, ваҡыты үтмәгән, кире алынмаған",
    }
    /// A code's meaning.
    expired() { en: "expired", ru: "срок истёк", ba: "ваҡыты үткән" }
    /// A code's meaning.
    not_yet_valid() { en: "not valid yet", ru: "ещё не действует", ba: "әле ғәмәлдә түгел" }
    /// A code's meaning.
    revoked() { en: "revoked by its issuer", ru: "отозван ведомством", ba: "идаралыҡ кире алған" }
    /// A code's meaning.
    suspended() { en: "suspended by its issuer", ru: "приостановлен ведомством", ba: "идаралыҡ туҡтатып торған" }
    /// A code's meaning.
    not_accepted() {
        en: "this type of pass is not accepted here", ru: "пропуска этого вида здесь не принимают",
        ba: "был төр рөхсәтнамә бында ҡабул ителмәй",
    }
    /// A code's meaning.
    another_event() {
        en: "not for this event, or not genuine", ru: "не на это мероприятие или не подлинный",
        ba: "был сараға түгел йәки ысын түгел",
    }
    /// A code's meaning.
    malformed() { en: "malformed or altered", ru: "повреждён или изменён", ba: "боҙолған йәки үҙгәртелгән" }
    /// A code's meaning.
    unknown_issuer() { en: "unknown issuer", ru: "неизвестное ведомство", ba: "билдәһеҙ идаралыҡ" }
    /// A code's meaning.
    signature() { en: "invalid signature", ru: "подпись недействительна", ba: "имза дөрөҫ түгел" }
    /// A code's meaning.
    key_revoked() {
        en: "the issuer's key was revoked", ru: "ключ ведомства отозван", ba: "идаралыҡ асҡысы кире алынған"
    }
    /// A code's meaning.
    outside_limits() {
        en: "the issuer is not authorised for this pass", ru: "ведомство не вправе выдавать такой пропуск",
        ba: "идаралыҡ бындай рөхсәтнамә бирә алмай",
    }
    /// A code's meaning.
    no_trust() { en: "no trust data yet", ru: "ещё нет данных для проверки", ba: "тикшереү мәғлүмәте юҡ әле" }
    /// A code's meaning.
    trust_expired() {
        en: "the trust data has expired", ru: "данные для проверки просрочены", ba: "тикшереү мәғлүмәте иҫкергән"
    }
    /// A code's meaning.
    clock_behind() { en: "the clock is behind", ru: "часы отстают", ba: "сәғәт артта ҡала" }
    /// A code's meaning.
    list_unusable() {
        en: "the revocation list is missing or too old", ru: "список отозванных пропусков отсутствует или устарел",
        ba: "кире алыу исемлеге юҡ йәки иҫкергән",
    }
    /// A code's meaning.
    index_out_of_range() {
        en: "the pass is newer than our revocation list", ru: "пропуск новее нашего списка отозванных",
        ba: "рөхсәтнамә беҙҙең кире алыу исемлегенән яңыраҡ",
    }
    /// A code's meaning.
    issuer_unknown_trust_stale() {
        en: "unknown issuer, and our trust data is out of date", ru: "ведомство неизвестно, а наши данные устарели",
        ba: "идаралыҡ билдәһеҙ, ә беҙҙең мәғлүмәт иҫке",
    }
    /// A code's meaning.
    unknown_version() { en: "a newer type of pass", ru: "пропуск нового образца", ba: "яңы төрлө рөхсәтнамә" }
    /// A code's meaning.
    camera() { en: "the camera is not working", ru: "камера не работает", ba: "камера эшләмәй" }
    /// Instead of a code's meaning.
    specimen() {
        en: "a genuine specimen, not a real pass", ru: "подлинный образец, а не настоящий пропуск",
        ba: "ысын өлгө, рөхсәтнамә түгел",
    }

    /// What to do.
    new_pass() { en: "the guest needs a new pass", ru: "гостю нужен новый пропуск", ba: "ҡунаҡҡа яңы рөхсәтнамә кәрәк" }
    /// What to do.
    ask_issuer() {
        en: "the guest should ask the issuer why", ru: "причину гость может узнать в ведомстве",
        ba: "сәбәбен ҡунаҡ идаралыҡтан белә ала",
    }
    /// What to do.
    set_up() {
        en: "run `greenlit trust add` and `greenlit sync`", ru: "выполните `greenlit trust add` и `greenlit sync`",
        ba: "`greenlit trust add` һәм `greenlit sync` командаларын башҡарығыҙ",
    }
    /// What to do.
    sync() {
        en: "run `greenlit sync`", ru: "выполните `greenlit sync`", ba: "`greenlit sync` командаһын башҡарығыҙ"
    }
    /// What to do.
    set_clock() { en: "set the clock", ru: "установите время", ba: "сәғәтте ҡуйығыҙ" }
    /// What to do.
    set_clock_or_forget() {
        en: "set the clock, or if it was wrong then, run `greenlit settings latest-time \"\"`",
        ru: "установите время; если часы были неверны тогда, выполните `greenlit settings latest-time \"\"`",
        ba: "сәғәтте ҡуйығыҙ; ул ваҡытта сәғәт яңылыш булһа, `greenlit settings latest-time \"\"` командаһын башҡарығыҙ",
    }
    /// What to do.
    update_program() { en: "update Greenlit", ru: "обновите Greenlit", ba: "Greenlit-ты яңыртығыҙ" }

    /// Nothing can be judged though there may be trust data.
    store_busy() {
        en: "another copy of Greenlit is busy with the trust store; try again when it is done",
        ru: "хранилище данных занято другой копией Greenlit; повторите, когда она закончит",
        ba: "мәғлүмәт һаҡлағысын Greenlit-тың башҡа күсермәһе ҡуллана; ул бөткәс ҡабатлағыҙ",
    }
    /// Nothing can be judged though there may be trust data.
    store_unread() {
        en: "the trust store cannot be read; `greenlit status` tells why",
        ru: "хранилище данных не читается; причину покажет `greenlit status`",
        ba: "мәғлүмәт һаҡлағысы уҡылмай; сәбәбен `greenlit status` күрһәтә",
    }
}

/// Why a pass is not green, and what to do, with moments written as the caller writes them.
pub fn why(rejection: &Rejection, language: Language, moment: impl Fn(UnixTime) -> String) -> String {
    let fact = facts::fact(rejection, language, moment);
    match rejection {
        Rejection::Unusable(Unusable::ClockSetBack { .. }) => format!("{fact}; {}", set_clock_or_forget(language)),
        _ => with_advice(fact, rejection.code(), language),
    }
}

/// Why nothing can be judged though there may be trust data, and what to do: the store could not be read.
pub fn unread(busy: bool, language: Language) -> String {
    if busy { store_busy(language) } else { store_unread(language) }
}

/// What a code means, whatever the pass, and what to do.
pub fn meaning(code: Code, language: Language) -> String {
    let fact = match code {
        Code::Ok => ok(language),
        Code::Expired => expired(language),
        Code::NotYetValid => not_yet_valid(language),
        Code::Revoked => revoked(language),
        Code::Suspended => suspended(language),
        Code::ClassNotHonoured => not_accepted(language),
        Code::AnotherEvent => another_event(language),
        Code::Malformed => malformed(language),
        Code::UnknownIssuer => unknown_issuer(language),
        Code::Signature => signature(language),
        Code::KeyRevoked => key_revoked(language),
        Code::OutsideIssuerLimits => outside_limits(language),
        Code::NoTrust => no_trust(language),
        Code::TrustExpired => trust_expired(language),
        Code::ClockBehind => clock_behind(language),
        Code::ListUnusable => list_unusable(language),
        Code::IndexOutOfRange => index_out_of_range(language),
        Code::IssuerUnknownTrustStale => issuer_unknown_trust_stale(language),
        Code::UnknownVersion => unknown_version(language),
        Code::Camera => camera(language),
    };
    with_advice(fact, code, language)
}

fn with_advice(fact: String, code: Code, language: Language) -> String {
    match advice(code, language) {
        Some(advice) => format!("{fact}; {advice}"),
        None => fact,
    }
}

/// What whoever stands at the till, or looks after it, can do.
pub fn advice(code: Code, language: Language) -> Option<String> {
    Some(match code {
        Code::Expired => new_pass(language),
        Code::Revoked | Code::Suspended => ask_issuer(language),
        Code::NoTrust => set_up(language),
        Code::TrustExpired | Code::ListUnusable | Code::IndexOutOfRange | Code::IssuerUnknownTrustStale => {
            sync(language)
        }
        Code::ClockBehind => set_clock(language),
        Code::UnknownVersion => update_program(language),
        Code::Ok
        | Code::NotYetValid
        | Code::ClassNotHonoured
        | Code::AnotherEvent
        | Code::Malformed
        | Code::UnknownIssuer
        | Code::Signature
        | Code::KeyRevoked
        | Code::OutsideIssuerLimits
        | Code::Camera => return None,
    })
}
