//! Promise: the command line speaks the language of the locale, as every Unix program does; what programs read is the
//! same in all of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_core::answer::Code;
use greenlit_testkit::cli::{CliHarness, DAY, Run, later};
use greenlit_words::{Language, terminal};

const RU: &[(&str, &str)] = &[("LC_ALL", "ru_RU.UTF-8")];
const BA: &[(&str, &str)] = &[("LANG", "ba_RU.UTF-8")];
const EN: &[(&str, &str)] = &[("LC_ALL", "C.UTF-8")];

/// Each locale, and the language that it asks for.
const ALL: [(&[(&str, &str)], Language); 3] = [(RU, Language::Ru), (BA, Language::Ba), (EN, Language::En)];

fn check(desk: &CliHarness, locale: &[(&str, &str)], args: &[&str], text: &str) -> Run {
    let mut all = vec!["check", "-"];
    all.extend(args);
    desk.till_in_locale(locale, &all, format!("{text}\n").as_bytes())
}

#[test]
fn answers_and_their_reasons_come_in_the_language_of_the_locale() {
    let desk = CliHarness::with_till();
    let (pass, reference) = desk.issue("a", &[]);
    let valid = check(&desk, RU, &["--site", "hotel"], &pass).exits_with(0);
    assert!(valid.starts_with("✓ ДЕЙСТВИТЕЛЕН OK  -:1: подлинный, действует, не отозван\n"), "{valid}");
    assert!(valid.contains("    действителен по 20") && valid.contains("    выдан: Министерство\n"), "{valid}");
    assert!(
        valid.contains("    сверьте с документом: З. И. Б., род. 09.05., паспорт, последние цифры 5678\n"),
        "{valid}"
    );
    let valid = check(&desk, BA, &[], &pass).exits_with(0);
    assert!(valid.starts_with("✓ ҒӘМӘЛДӘ OK  -:1: ысын, ваҡыты үтмәгән, кире алынмаған\n"), "{valid}");
    assert!(valid.contains("    документ менән сағыштырығыҙ: ") && valid.contains("тыу. 09.05."), "{valid}");

    let after = later(100 * DAY);
    for (locale, language) in ALL {
        let forged = check(&desk, locale, &[], &pass.replace("GL1:", "GL1:0")).exits_with(1);
        assert!(forged.contains(" FMT  -:1: "), "{forged}");
        let link = check(&desk, locale, &[], "https://menu.example/x").exits_with(1);
        let other = greenlit_core::pass::NotAPass::Link { host: "menu.example".into() };
        assert!(link.ends_with(&format!("  -:1: {}\n", terminal::not_a_pass(&other, language))), "{link}");
        let old = check(&desk, locale, &["--at", &after], &pass).exits_with(2);
        assert!(old.ends_with(&format!("; {}\n", terminal::advice(Code::ListUnusable, language).unwrap())), "{old}");
    }
    desk.issuer(&["revoke", "a", &reference, "--reason", "lost"]);
    desk.publish_and_sync();
    for (locale, language) in ALL {
        let revoked = check(&desk, locale, &[], &pass).exits_with(1);
        assert!(revoked.ends_with(&format!("{}\n", terminal::meaning(Code::Revoked, language))), "{revoked}");
    }
}

#[test]
fn the_locale_is_found_as_everywhere_and_the_window_s_language_does_not_matter() {
    let desk = CliHarness::with_authority();
    desk.till(&["settings", "language", "ba"]).exits_with(0);
    let says = |locale: &[(&str, &str)], wanted: &str| {
        let out = desk.till_in_locale(locale, &["trust", "show"], b"").exits_with(2);
        assert!(out.lines().any(|line| line.starts_with(wanted)), "{locale:?}: {out}");
    };
    let (ru, ba, en) = ("папка данных: ", "мәғлүмәт папкаһы: ", "data folder: ");
    says(RU, ru);
    says(BA, ba);
    says(&[], en);
    says(&[("LANG", "ru_RU.UTF-8"), ("LC_MESSAGES", "ba_RU.UTF-8")], ba);
    says(&[("LANG", "ru_RU.UTF-8"), ("LC_MESSAGES", "ba_RU.UTF-8"), ("LC_ALL", "en_GB.UTF-8")], en);
    says(&[("LANG", "ru_RU.UTF-8"), ("LC_ALL", "")], ru);
    says(&[("LC_ALL", "C"), ("LANG", "ru_RU.UTF-8")], en);
    says(&[("LC_ALL", "de_DE.UTF-8"), ("LANG", "ru_RU.UTF-8")], en);
    // What GNU programs ask besides, and what one might guess.
    says(&[("LANG", "C"), ("LANGUAGE", "ru"), ("GREENLIT_LANGUAGE", "ru")], en);
}

#[test]
fn what_programs_read_is_the_same_in_every_locale() {
    let desk = CliHarness::with_till();
    let (pass, _) = desk.issue("a", &[]);
    desk.write("text.png", "no picture");
    let plain = |run: Run| -> Vec<serde_json::Value> {
        let mut lines = run.json();
        for line in &mut lines {
            for measured in ["decode_ms", "verify_us", "clock", "at"] {
                line.as_object_mut().unwrap().remove(measured);
            }
            if let Some(till) = line.get_mut("till") {
                till.as_object_mut().unwrap().remove("clock");
            }
        }
        assert!(!lines.is_empty());
        lines
    };
    let passes = format!("{pass}\n{}\nhttps://menu.example\n\u{41f}\n", &pass[..60]);
    for (args, input) in [
        (&["check", "--json", "-", "text.png", "none.png"][..], passes.as_bytes()),
        (&["check", "--json", "--at", "2090-01-01T00:00:00Z", "-"], passes.as_bytes()),
        (&["status", "--json"], b""),
        (&["self-test", "--json"], b""),
        (&["watch", "--json", "--offline", "--pictures", "text.png"], b""),
    ] {
        // The commands that do not set the language of the authority's words themselves go by the setting.
        desk.till(&["settings", "language", "en"]).exits_with(0);
        let english = plain(desk.till_in_locale(EN, args, input));
        for (locale, _) in ALL {
            assert_eq!(plain(desk.till_in_locale(locale, args, input)), english, "{args:?} in {locale:?}");
        }
    }
}

#[test]
fn a_till_s_life_is_told_in_russian_and_bashkir() {
    let desk = CliHarness::with_authority();
    let cyrillic = |line: &str| line.chars().any(|c| ('а'..='я').contains(&c));
    for (locale, language) in ALL {
        let till = |args: &[&str], code: i32| {
            let run = desk.till_in_locale(locale, args, b"");
            assert_eq!(run.code, code, "{run:#?}");
            let told = run.out + &run.err;
            assert_eq!(cyrillic(&told.replace("Министерство", "")), language != Language::En, "{args:?}: {told}");
            told
        };
        till(&["sync", "pub"], 2);
        till(&["trust", "add", "none.cbor"], 2);
        till(&["trust", "add", "pub/trust.cbor"], 2);
        till(&["trust", "add", "pub/root-1.cbor"], 2);
        till(&["trust", "add", "--fingerprint", &"ab".repeat(32), "pub/root-1.cbor"], 2);
        till(&["trust", "add", "--yes", "pub/root-1.cbor"], 0);
        till(&["trust", "show"], 2);
        till(&["sync"], 2);
        till(&["sync", "nowhere"], 2);
        till(&["sync", "http://trust.example"], 2);
        till(&["sync", "pub"], 0);
        till(&["sync", "pub"], 0);
        till(&["trust", "add", "--yes", "pub/root-1.cbor"], 0);
        till(&["trust", "show"], 0);
        till(&["settings", "sites", "hotle"], 2);
        till(&["settings", "sites", "museum"], 0);
        till(&["settings", "language", "xx"], 2);
        till(&["settings", "own-percent", "700"], 2);
        till(&["check", "none.png"], 2);
        let status = till(&["status"], 0);
        assert!(status.starts_with(concat!("greenlit ", env!("CARGO_PKG_VERSION"), ": ok\n")), "{status}");
        till(&["self-test"], 1);
        std::fs::remove_dir_all(desk.path("till")).unwrap();
    }
}

#[test]
fn watch_tells_people_in_their_language() {
    let desk = CliHarness::with_till();
    desk.issue("a", &["--qr", "pass.png"]);
    let watch =
        |locale| desk.till_in_locale(locale, &["watch", "--offline", "--pictures", "pass.png"], b"").exits_with(0);
    let out = watch(RU);
    assert!(out.lines().any(|line| line.contains(" камера ready: работает")), "{out}");
    assert!(out.lines().any(|line| line.contains(" ✓ действителен OK: подлинный, действует, не отозван")), "{out}");
    let out = watch(EN);
    assert!(out.lines().any(|line| line.contains(" camera ready: working")), "{out}");
    assert!(out.lines().any(|line| line.contains(" ✓ valid OK: genuine, in date, not revoked")), "{out}");
}

#[test]
fn mistakes_in_a_site_file_are_told_in_the_language_of_the_locale() {
    let desk = CliHarness::new();
    desk.write("site.toml", "source = \"http://trust.example\"\nsites = 7\ncolour = \"red\"\nlanguage = \"rus\"\n");
    let told = |locale| desk.till_in_locale(locale, &["--site-file", "site.toml", "settings"], b"").err;
    for (line, ru, ba) in [
        (1, "источник «http://trust.example» не годится", "«http://trust.example» сығанағы ярамай"),
        (2, "sites: значение не того вида", "sites: ҡиммәт төрө икенсе"),
        (
            3,
            "неизвестный ключ «colour»; известны: name, sites, ",
            "билдәһеҙ асҡыс «colour»; билдәлеләре: name, sites, ",
        ),
        (4, "language: неизвестное значение «rus»; может быть, «ru»?", "language: билдәһеҙ ҡиммәт «rus»; бәлки, «ru»?"),
    ] {
        assert!(told(RU).contains(&format!("site.toml, строка {line}: {ru}")), "{}", told(RU));
        assert!(told(BA).contains(&format!("site.toml, {line} юл: {ba}")), "{}", told(BA));
        assert!(told(EN).contains(&format!("site.toml, line {line}: ")), "{}", told(EN));
    }
}
