//! The core's facts about a pass, in the languages that the core does not speak.

use greenlit_core::pass::PassError;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Unusable;
use greenlit_core::verify::Rejection;

use crate::Language;
use crate::schemes::scheme;

use super::*;

messages! {
    /// A fact; the details are technical, and English.
    malformed_because(why) { en: english, ru: "повреждён или изменён: {why}", ba: "боҙолған йәки үҙгәртелгән: {why}" }
    /// A fact.
    key_revoked_since(since) {
        en: english, ru: "ключ ведомства отозван {since}", ba: "идаралыҡ асҡысы кире алынған: {since}"
    }
    /// A fact.
    expired_at(at) { en: english, ru: "срок истёк {at}", ba: "ваҡыты үткән: {at}" }
    /// A fact.
    expires_during_stay(at, stay) {
        en: english, ru: "действует до {at}, а проживание заканчивается {stay}",
        ba: "{at} тиклем ғәмәлдә, ә йәшәү {stay} тамамлана",
    }
    /// A fact.
    not_valid_before(from) { en: english, ru: "не действует до {from}", ba: "{from} тиклем ғәмәлдә түгел" }
    /// A fact.
    class_not_accepted(class) {
        en: english, ru: "пропуска этого вида (класс {class}) здесь не принимают",
        ba: "был төр рөхсәтнамә (класы {class}) бында ҡабул ителмәй",
    }
    /// A fact.
    trust_expired_at(since) {
        en: english, ru: "данные для проверки просрочены с {since}", ba: "тикшереү мәғлүмәте иҫкергән: {since}"
    }
    /// A fact.
    clock_below_floor(clock, floor) {
        en: english, ru: "часы показывают {clock}, а сейчас не раньше {floor}",
        ba: "сәғәт {clock} күрһәтә, ә хәҙер {floor} йәки унан һуңыраҡ",
    }
    /// A fact.
    clock_set_back(clock, latest) {
        en: english, ru: "часы показывают {clock}, а раньше здесь уже было {latest}",
        ba: "сәғәт {clock} күрһәтә, ә быға тиклем {latest} булған инде",
    }
    /// A fact.
    list_missing(list) {
        en: english, ru: "нет списка отозванных пропусков № {list}", ba: "кире алыу исемлеге № {list} юҡ"
    }
    /// A fact.
    list_too_old(list, since) {
        en: english, ru: "список отозванных пропусков № {list} просрочен с {since}",
        ba: "кире алыу исемлеге № {list} иҫкергән: {since}",
    }
    /// A fact.
    list_from_future(list, issued) {
        en: english, ru: "список отозванных пропусков № {list} датирован будущим: {issued}",
        ba: "кире алыу исемлеге № {list} киләсәк ваҡыт менән билдәләнгән: {issued}",
    }
    /// A fact.
    newer_than_list(list) {
        en: english, ru: "пропуск новее нашего списка отозванных № {list}",
        ba: "рөхсәтнамә беҙҙең кире алыу исемлегенән (№ {list}) яңыраҡ",
    }
    /// A fact.
    unknown_and_stale(since) {
        en: english, ru: "ведомство неизвестно, а наши данные устарели {since}",
        ba: "идаралыҡ билдәһеҙ, ә беҙҙең мәғлүмәт {since} иҫкергән",
    }
    /// A fact.
    newer_contents() {
        en: english, ru: "в пропуске есть то, чего эта версия не понимает",
        ba: "рөхсәтнамәлә был версия аңламаған нәмә бар",
    }
    /// A fact.
    newer_status(status) {
        en: english, ru: "состояние пропуска ({status}) этой версии неизвестно",
        ba: "рөхсәтнамә торошо ({status}) был версияға билдәһеҙ",
    }
    /// A fact; the details are technical, and English.
    malformed_scheme(scheme, why) {
        en: "{scheme}: damaged or altered: {why}", ru: "{scheme}: повреждён или изменён: {why}", ba: "{scheme}: боҙолған йәки үҙгәртелгән: {why}"
    }
    /// A fact.
    unknown_scheme_key(scheme) {
        en: "{scheme}: unknown issuer", ru: "{scheme}: кто выдал, неизвестно", ba: "{scheme}: кем биргәне билдәһеҙ"
    }
    /// A fact.
    no_rule_for(scheme, kind) {
        en: "{scheme} ({kind}): genuine, but no rule here speaks for it: its kind, or what it says, such as an age",
        ru: "{scheme} ({kind}): подлинный, но ни одно правило здесь его не учитывает: по виду или по данным, например по возрасту",
        ba: "{scheme} ({kind}): ысын, әммә бында бер ҡағиҙә лә уны иҫәпкә алмай: төрө йәки мәғлүмәте, мәҫәлән, йәше буйынса",
    }
    /// A fact.
    keys_missing(list) { en: english, ru: "нет списка ключей № {list}", ba: "асҡыстар исемлеге № {list} юҡ" }
    /// A fact.
    keys_too_old(list, since) {
        en: english, ru: "список ключей № {list} просрочен с {since}",
        ba: "асҡыстар исемлеге № {list} иҫкергән: {since}",
    }
    /// A fact.
    scheme_key_unknown_and_stale(scheme, since) {
        en: "{scheme}: unknown issuer, and our keys have been out of date since {since}", ru: "{scheme}: кто выдал, неизвестно, а наши ключи устарели {since}",
        ba: "{scheme}: кем биргәне билдәһеҙ, ә беҙҙең асҡыстар {since} иҫкергән",
    }
    /// A fact.
    too_many_keys(scheme) {
        en: "{scheme}: too many keys to try them all", ru: "{scheme}: слишком много ключей, чтобы проверить все",
        ba: "{scheme}: барыһын тикшерер өсөн асҡыстар артыҡ күп",
    }
    /// A fact about a pass's text.
    text_too_long(length) {
        en: english, ru: "в тексте {length} знаков, для пропуска это слишком много",
        ba: "текста {length} билдә бар, рөхсәтнамә өсөн артыҡ күп",
    }
    /// A fact about a pass's text.
    not_base45() { en: english, ru: "текст не в Base45", ba: "текст Base45-тә түгел" }
    /// A fact about a pass's text.
    line_break() {
        en: english, ru: "в тексте есть перевод строки: попросите у ведомства код без него",
        ba: "текста юл күсереү бар: идаралыҡтан уныһыҙ код һорағыҙ",
    }
}

/// What is the matter, with moments written as the caller writes them.
pub fn fact(rejection: &Rejection, language: Language, moment: impl Fn(UnixTime) -> String) -> String {
    let en = &rejection.fact(&moment);
    match rejection {
        Rejection::Malformed(error) => malformed_because(language, en, pass_error(error, language)),
        Rejection::UnknownIssuer { .. } => unknown_issuer(language),
        Rejection::BadSignature => signature(language),
        Rejection::KeyRevoked { since } => key_revoked_since(language, en, moment(*since)),
        Rejection::OutsideIssuerLimits(_) => outside_limits(language),
        Rejection::Expired { at } => expired_at(language, en, moment(*at)),
        Rejection::ExpiresDuringStay { at, stay } => expires_during_stay(language, en, moment(*at), moment(*stay)),
        Rejection::NotYetValid { from } => not_valid_before(language, en, moment(*from)),
        Rejection::Revoked => revoked(language),
        Rejection::Suspended => suspended(language),
        Rejection::ClassNotHonoured { class } => class_not_accepted(language, en, class.0),
        Rejection::Unusable(Unusable::NoTrust) => no_trust(language),
        Rejection::Unusable(Unusable::Expired { since }) => trust_expired_at(language, en, moment(*since)),
        Rejection::Unusable(Unusable::ClockBehind { clock, floor }) => {
            clock_below_floor(language, en, moment(*clock), moment(*floor))
        }
        Rejection::Unusable(Unusable::ClockSetBack { clock, latest }) => {
            clock_set_back(language, en, moment(*clock), moment(*latest))
        }
        Rejection::ListMissing { list } => list_missing(language, en, list),
        Rejection::ListTooOld { list, since } => list_too_old(language, en, list, moment(*since)),
        Rejection::ListFromFuture { list, issued } => list_from_future(language, en, list, moment(*issued)),
        Rejection::IndexOutOfRange { list } => newer_than_list(language, en, list),
        Rejection::IssuerUnknownTrustStale { since, .. } => unknown_and_stale(language, en, moment(*since)),
        Rejection::UnknownVersion { .. } => unknown_version(language),
        Rejection::NewerContents(_) => newer_contents(language, en),
        Rejection::NewerStatus { status } => newer_status(language, en, status),
        Rejection::MalformedScheme { scheme: of, why } => malformed_scheme(language, scheme(*of, language), why),
        Rejection::UnknownSchemeKey { scheme: of } => unknown_scheme_key(language, scheme(*of, language)),
        Rejection::AnotherEvent => another_event(language),
        Rejection::NoRuleFor { scheme: of, kind } => no_rule_for(language, scheme(*of, language), kind),
        Rejection::KeysMissing { list } => keys_missing(language, en, list),
        Rejection::KeysTooOld { list, since } => keys_too_old(language, en, list, moment(*since)),
        Rejection::SchemeKeyUnknownTrustStale { scheme: of, since } => {
            scheme_key_unknown_and_stale(language, scheme(*of, language), moment(*since))
        }
        Rejection::TooManyKeys { scheme: of } => too_many_keys(language, scheme(*of, language)),
        Rejection::NewerScheme { .. } => newer_contents(language, en),
    }
}

fn pass_error(error: &PassError, language: Language) -> String {
    match error {
        PassError::TooLong(length) => text_too_long(language, error, length),
        PassError::NotBase45 => not_base45(language, error),
        PassError::LineBreak => line_break(language, error),
        // Where in the bytes, for whoever debugs an issuer.
        PassError::Header(_) | PassError::Envelope(_) | PassError::Claims(_) => error.to_string(),
    }
}
