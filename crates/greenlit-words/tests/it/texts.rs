use std::collections::BTreeSet;

use greenlit_core::answer::{Answer, Code};
use greenlit_core::pass::{Class, NotAPass, PassError};
use greenlit_core::scheme::{FormatError, Scheme};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Unusable;
use greenlit_core::verify::{LimitViolation, Rejection};
use greenlit_words::{Language, staff, templates, terminal};

/// Spelt alike in Russian and Bashkir.
const SAME: [&str; 4] = ["Спорт", "Паспорт", "камера", "класс {number}"];

fn holes(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

#[test]
fn every_text_is_in_every_language_with_the_same_holes_and_in_no_two_the_same() {
    let mut count = 0;
    for text in templates() {
        count += 1;
        for words in [text.en.unwrap_or(text.ru), text.ru, text.ba] {
            assert!(!words.trim().is_empty(), "{}", text.name);
            assert_eq!(holes(words), holes(text.ru), "{}", text.name);
        }
        let same = text.en == Some(text.ru) || text.en == Some(text.ba) || text.ru == text.ba;
        assert_eq!(same, SAME.contains(&text.ru), "{}: {:?}", text.name, text);
    }
    assert!(count > 200, "{count}");
}

/// Besides names, commands and what stands in code marks.
#[test]
fn nothing_was_left_in_another_script() {
    let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
    for text in templates() {
        assert!(text.en.is_none_or(|en| !cyrillic(en)), "{}", text.name);
        assert!(cyrillic(text.ru) || holes(text.ru).len() > 1, "{}", text.name);
        assert!(cyrillic(text.ba) || holes(text.ba).len() > 1, "{}", text.name);
        // Letters that Bashkir has and Russian has not.
        assert!(!text.ru.chars().any(|c| "ҙҡғңҫүһәөҘҠҒҢҪҮҺӘӨ".contains(c)), "{}", text.name);
    }
}

/// The embedded font's letters beyond Russian: another would be drawn as a box.
#[test]
fn bashkir_uses_only_its_own_letters() {
    let known = "абвгғдҙеёжзийкҡлмнңоөпрсҫтуүфхһцчшщъыьэәюя";
    for text in templates() {
        for letter in text.ba.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()) {
            assert!(known.contains(&letter.to_lowercase().collect::<String>()), "{letter} in {}", text.name);
        }
    }
}

#[test]
fn every_code_has_words_of_its_own() {
    for language in Language::ALL {
        let meanings: BTreeSet<String> = Code::ALL.iter().map(|code| terminal::meaning(*code, language)).collect();
        let reasons: BTreeSet<String> = Code::ALL.iter().map(|code| staff::reason(*code, language)).collect();
        assert_eq!((meanings.len(), reasons.len()), (Code::ALL.len(), Code::ALL.len()), "{language:?}");
        assert!(Code::ALL.iter().all(|code| !staff::advice(*code, language).is_empty()));
        let answers = [Answer::Valid, Answer::Refused, Answer::NotGenuine, Answer::CannotTell];
        let words: BTreeSet<String> = answers.iter().map(|answer| staff::answer(*answer, language)).collect();
        assert_eq!(words.len(), 4, "{language:?}");
    }
}

/// One of each kind.
fn rejections() -> Vec<Rejection> {
    let (at, since) = (UnixTime::new(1_700_000_000).unwrap(), UnixTime::new(1_600_000_000).unwrap());
    let kid = greenlit_core::key::KeyId([7; 8]);
    vec![
        Rejection::Malformed(PassError::NotBase45),
        Rejection::Malformed(PassError::LineBreak),
        Rejection::Malformed(PassError::TooLong(9_999)),
        Rejection::UnknownIssuer { kid },
        Rejection::BadSignature,
        Rejection::KeyRevoked { since },
        Rejection::OutsideIssuerLimits(LimitViolation::Life),
        Rejection::Expired { at },
        Rejection::ExpiresDuringStay { at: since, stay: at },
        Rejection::NotYetValid { from: at },
        Rejection::Revoked,
        Rejection::Suspended,
        Rejection::ClassNotHonoured { class: Class(77) },
        Rejection::Unusable(Unusable::NoTrust),
        Rejection::Unusable(Unusable::Expired { since }),
        Rejection::Unusable(Unusable::ClockBehind { clock: since, floor: at }),
        Rejection::Unusable(Unusable::ClockSetBack { clock: since, latest: at }),
        Rejection::ListMissing { list: 55 },
        Rejection::ListTooOld { list: 55, since },
        Rejection::ListFromFuture { list: 55, issued: at },
        Rejection::IndexOutOfRange { list: 55 },
        Rejection::IssuerUnknownTrustStale { kid, since },
        Rejection::UnknownVersion { version: 2 },
        Rejection::NewerStatus { status: 3 },
        Rejection::MalformedScheme { scheme: Scheme::Hcert, why: FormatError::NotBase45 },
        Rejection::UnknownSchemeKey { scheme: Scheme::Aadhaar },
        Rejection::AnotherEvent,
        Rejection::NoRuleFor { scheme: Scheme::Hcert, kind: "kind 77".into() },
        Rejection::KeysMissing { list: 55 },
        Rejection::KeysTooOld { list: 55, since },
        Rejection::SchemeKeyUnknownTrustStale { scheme: Scheme::Hcert, since },
        Rejection::TooManyKeys { scheme: Scheme::Pretix },
    ]
}

/// Every number and moment that the core's English tells stands in the other languages too.
#[test]
fn no_fact_is_lost_in_translation() {
    let moment = |time: UnixTime| format!("<{}>", time.seconds());
    let figures = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_digit());
        words.filter(|word| word.len() > 1).map(str::to_owned).collect()
    };
    for rejection in rejections() {
        let english = terminal::why(&rejection, Language::En, moment);
        // Those call a scheme by its name for people, and the core by the one for programs.
        let names_a_scheme = matches!(
            rejection,
            Rejection::MalformedScheme { .. }
                | Rejection::UnknownSchemeKey { .. }
                | Rejection::NoRuleFor { .. }
                | Rejection::SchemeKeyUnknownTrustStale { .. }
                | Rejection::TooManyKeys { .. }
        );
        assert!(names_a_scheme || english.starts_with(&rejection.fact(moment)), "{english}");
        for language in [Language::Ru, Language::Ba] {
            let text = terminal::why(&rejection, language, moment);
            assert_eq!(figures(&text), figures(&english), "{text}");
            assert!(text.chars().any(|c| ('а'..='я').contains(&c)), "{text}");
        }
    }
}

#[test]
fn what_is_no_pass_has_a_name_of_its_own_in_every_language() {
    let all = [
        NotAPass::Gosuslugi,
        NotAPass::Link { host: String::new() },
        NotAPass::Link { host: "menu.example".into() },
        NotAPass::Payment,
        NotAPass::Wifi,
        NotAPass::Contact,
        NotAPass::Phone,
        NotAPass::Email,
        NotAPass::Place,
        NotAPass::Event,
        NotAPass::OtherCertificate,
        NotAPass::OfScheme(Scheme::Pretix),
        NotAPass::OfScheme(Scheme::Hcert),
        NotAPass::OfScheme(Scheme::Claim169),
        NotAPass::OfScheme(Scheme::Aadhaar),
        NotAPass::OfScheme(Scheme::TwoDDoc),
        NotAPass::OnlineOnly(Scheme::Pretix),
        NotAPass::RootCode,
        NotAPass::Text,
        NotAPass::Binary,
        NotAPass::TradeCode,
        NotAPass::OneOfSeveral,
        NotAPass::InSeveralCodes,
        NotAPass::OtherCharacterSet { eci: 25 },
        NotAPass::ReadDifferently,
        NotAPass::Empty,
    ];
    for language in Language::ALL {
        let names: BTreeSet<String> = all.iter().map(|other| terminal::not_a_pass(other, language)).collect();
        assert_eq!(names.len(), all.len(), "{language:?}");
        assert!(all.iter().all(|other| !staff::not_a_pass(other, language).is_empty()));
        assert!(terminal::not_a_pass(&all[2], language).contains("menu.example"));
        assert!(staff::not_a_pass(&all[2], language).contains("(menu.example)"));
    }
}
