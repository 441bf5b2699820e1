//! What a QR code is that is no pass, for the command line. The core's own English stands in the frozen vectors; some
//! of it is said better here.

use greenlit_core::pass::NotAPass;

use crate::Language;
use crate::schemes::{not_taken, online_only, scheme};

messages! {
    /// What a code is that is no pass.
    gosuslugi() {
        en: "a Gosuslugi link, not a pass: ask the guest for the pass itself",
        ru: "ссылка на Госуслуги, а не пропуск: попросите у гостя сам пропуск",
        ba: "Госуслуги һылтанмаһы, рөхсәтнамә түгел: ҡунаҡтан рөхсәтнамәнең үҙен һорағыҙ",
    }
    /// What a code is that is no pass.
    link() { en: english, ru: "ссылка на сайт, а не пропуск", ba: "сайтҡа һылтанма, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    link_to(host) {
        en: english, ru: "ссылка на сайт {host}, а не пропуск", ba: "{host} сайтына һылтанма, рөхсәтнамә түгел"
    }
    /// What a code is that is no pass.
    payment() { en: english, ru: "платёжный код, а не пропуск", ba: "түләү коды, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    wifi() { en: english, ru: "код Wi-Fi, а не пропуск", ba: "Wi-Fi коды, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    contact() { en: english, ru: "визитка, а не пропуск", ba: "визит карточкаһы, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    phone() { en: english, ru: "номер телефона, а не пропуск", ba: "телефон номеры, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    email() {
        en: "an e-mail address, not a pass", ru: "адрес электронной почты, а не пропуск",
        ba: "электрон почта адресы, рөхсәтнамә түгел",
    }
    /// What a code is that is no pass.
    place() {
        en: "a map location, not a pass", ru: "место на карте, а не пропуск", ba: "картала урын, рөхсәтнамә түгел"
    }
    /// What a code is that is no pass.
    event() { en: english, ru: "запись календаря, а не пропуск", ba: "календарь яҙмаһы, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    other_certificate() {
        en: "a different kind of certificate, not a Greenlit pass", ru: "другой сертификат, а не пропуск Greenlit",
        ba: "башҡа төрлө сертификат, Greenlit рөхсәтнамәһе түгел",
    }
    /// What a code is that is no pass.
    root_code() {
        en: english, ru: "корень ведомства, а не пропуск: его добавляют при настройке кассы",
        ba: "идаралыҡ тамыры, рөхсәтнамә түгел: уны кассаны көйләгәндә өҫтәйҙәр",
    }
    /// What a code is that is no pass.
    text() { en: "text, not a pass", ru: "текст, а не пропуск", ba: "текст, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    binary() { en: english, ru: "двоичные данные, а не пропуск", ba: "икеле мәғлүмәт, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    trade_code() {
        en: "a product code (FNC1), not a pass: ask the issuer for another",
        ru: "код товара (FNC1), а не пропуск: попросите у ведомства другой",
        ba: "тауар коды (FNC1), рөхсәтнамә түгел: идаралыҡтан башҡаһын һорағыҙ",
    }
    /// What a code is that is no pass.
    one_of_several() {
        en: "one part of a multi-part code: show all the parts, or ask the issuer for a single code",
        ru: "часть кода из нескольких: покажите все части или попросите у ведомства один код",
        ba: "бер нисә кодтың береһе: барыһын да күрһәтегеҙ йәки идаралыҡтан бер генә код һорағыҙ",
    }
    /// What a code is that is no pass.
    in_several_codes() {
        en: "a pass spread over several codes: ask the issuer for a single code",
        ru: "пропуск, разбитый на несколько кодов: попросите у ведомства один код",
        ba: "бер нисә кодҡа бүленгән рөхсәтнамә: идаралыҡтан бер генә код һорағыҙ",
    }
    /// What a code is that is no pass.
    other_character_set(eci) {
        en: english, ru: "код в другой кодировке (ECI {eci}), а не пропуск: попросите у ведомства другой",
        ba: "башҡа кодировкалағы код (ECI {eci}), рөхсәтнамә түгел: идаралыҡтан башҡаһын һорағыҙ",
    }
    /// What a code is that is no pass.
    read_differently() {
        en: "an ambiguous code, not a pass: ask the issuer for another",
        ru: "неоднозначный код, а не пропуск: попросите у ведомства другой",
        ba: "төрлөсә уҡыла торған код, рөхсәтнамә түгел: идаралыҡтан башҡаһын һорағыҙ",
    }
    /// What a code is that is no pass.
    empty() { en: english, ru: "пустой код, а не пропуск", ba: "буш код, рөхсәтнамә түгел" }
}

/// What a QR code is that is no pass.
pub fn not_a_pass(other: &NotAPass, language: Language) -> String {
    match other {
        NotAPass::Gosuslugi => gosuslugi(language),
        NotAPass::Link { host } if host.is_empty() => link(language, other),
        NotAPass::Link { host } => link_to(language, other, host),
        NotAPass::Payment => payment(language, other),
        NotAPass::Wifi => wifi(language, other),
        NotAPass::Contact => contact(language, other),
        NotAPass::Phone => phone(language, other),
        NotAPass::Email => email(language),
        NotAPass::Place => place(language),
        NotAPass::Event => event(language, other),
        NotAPass::OtherCertificate => other_certificate(language),
        NotAPass::OfScheme(of) => not_taken(language, scheme(*of, language)),
        NotAPass::OnlineOnly(of) => online_only(language, scheme(*of, language)),
        NotAPass::RootCode => root_code(language, other),
        NotAPass::Text => text(language),
        NotAPass::Binary => binary(language, other),
        NotAPass::TradeCode => trade_code(language),
        NotAPass::OneOfSeveral => one_of_several(language),
        NotAPass::InSeveralCodes => in_several_codes(language),
        NotAPass::OtherCharacterSet { eci } => other_character_set(language, other, eci),
        NotAPass::ReadDifferently => read_differently(language),
        NotAPass::Empty => empty(language, other),
    }
}
