//! Whatever the till's layout makes of a pass, the pass is found again; or what stands in its way is named.

use std::collections::{BTreeMap, BTreeSet};

use greenlit_core::answer::Code;
use greenlit_core::typed::layout::{Keying, Layouts, Obstacle, Repair};
use greenlit_core::verdict::{Judge, ReadCode, Symbology};
use greenlit_testkit::fixture::*;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::typed_layouts::layouts_of;

const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const PLAIN: &str = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./ ";
const SHIFT: &str = "~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>? ";

/// A till's keyboard, apart from the code that is tested.
pub(crate) struct Keyboard(BTreeMap<String, Vec<Vec<String>>>);

impl Keyboard {
    pub(crate) fn new() -> Self {
        Self(layouts_of(include_str!("../../src/typed/layouts.tsv")))
    }

    /// What a key types, as the table writes it.
    fn cell(&self, layout: &str, caps_lock: bool, case_swapped: bool, c: char) -> &str {
        let place = |keys: &str| keys.chars().position(|key| key == c);
        let (key, shift) = place(PLAIN).map_or_else(|| (place(SHIFT).unwrap(), true), |key| (key, false));
        let shift = shift != (case_swapped && c.is_ascii_alphabetic());
        &self.0[layout][usize::from(shift) + 2 * usize::from(caps_lock)][key]
    }

    /// What arrives, by the rules of Compose (libX11's for UTF-8): a dead key melts with a letter that bears its
    /// accent, is the accent alone before a space or itself, and otherwise both vanish.
    pub(crate) fn types(&self, layout: &str, caps_lock: bool, case_swapped: bool, text: &str) -> String {
        let mut dead = None;
        let mut arrived = String::new();
        for c in text.chars() {
            let cell = self.cell(layout, caps_lock, case_swapped, c);
            let accent = |name: &str| {
                ["grave", "acute", "circumflex", "tilde", "diaeresis", "cedilla", "caron", "abovering"]
                    .into_iter()
                    .zip("\u{300}\u{301}\u{302}\u{303}\u{308}\u{327}\u{30C}\u{30A}".chars())
                    .find_map(|(accent, c)| (name == format!("dead_{accent}")).then_some(c))
            };
            let typed = match cell.strip_prefix("U+") {
                _ if cell == "none" => continue,
                Some(hex) if !hex.is_empty() => char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap(),
                _ if cell.starts_with("dead_") => {
                    match dead.take() {
                        None => dead = accent(cell),
                        Some(_) => arrived.push('`'),
                    }
                    continue;
                }
                _ => cell.chars().next().unwrap(),
            };
            match dead.take() {
                None => arrived.push(typed),
                Some(_) if typed == ' ' => arrived.push('`'),
                Some('\u{300}') if typed == 'M' => arrived.push_str("M\u{300}"),
                Some('\u{300}') if typed == 'V' => arrived.push('Ǜ'),
                Some(accent) => {
                    let melted: String = [typed, accent].iter().collect::<String>().nfc().collect();
                    if melted.chars().count() == 1 {
                        arrived.push_str(&melted);
                    }
                }
            }
        }
        arrived
    }

    /// Whether each character of a pass has a key of its own, that types a character.
    pub(crate) fn is_one_to_one(&self, layout: &str, caps_lock: bool, case_swapped: bool) -> bool {
        let cells: BTreeSet<_> = ALPHABET.chars().map(|c| self.cell(layout, caps_lock, case_swapped, c)).collect();
        cells.len() == 45 && !cells.iter().any(|cell| cell.starts_with("dead_") || *cell == "none")
    }

    pub(crate) fn keyings(&self) -> impl Iterator<Item = (&str, bool, bool)> {
        let states = [(false, false), (true, false), (false, true), (true, true)];
        self.0.keys().flat_map(move |layout| states.map(|(caps, swapped)| (layout.as_str(), caps, swapped)))
    }
}

pub(crate) fn passes() -> Vec<String> {
    (0..40).map(|index| sign(&with_index(index), ISSUER)).collect()
}

/// The code whose signature holds, and by which keying.
fn verified(repair: &Repair) -> Option<(String, Keying)> {
    let state = Authority::new().state();
    let good = |code: &&String| {
        let code = ReadCode { payload: code.as_bytes().to_vec(), not_a_pass: None, symbology: Symbology::Qr };
        Judge::of_own(&state, time(NOW)).code(&code).code() == Some(Code::Ok)
    };
    repair.candidates.iter().find_map(|candidate| Some((candidate.codes.iter().find(good)?.clone(), candidate.keying)))
}

#[test]
fn facts_about_layouts_hold() {
    let keyboard = Keyboard::new();
    let types = |layout: &str, text: &str| keyboard.types(layout, false, false, text);
    assert_eq!(types("us", ALPHABET), ALPHABET);
    assert_eq!(types("ru", "GL1:$/."), "ПД1Ж;.ю");
    assert_eq!(types("ru(legacy)", "GL1:$%*"), "ПД1Ж*:;");
    assert_eq!(types("ru", "*"), "*");
    assert_eq!(types("ru(bak)", "0123456789GL1:"), "№!өҡғҫ:ҙһ?ПД!Ж");
    assert_eq!(types("ru(tt)", "GL1:"), "ПД1Ң");
    assert_eq!(types("kz", "GL1:"), "ПД\"Ж");
    assert_eq!(keyboard.types("us", true, false, "GL1:"), "gl1:");
    assert_eq!((types("de", "A+BC"), types("de", "+A"), types("fr", "GL1:")), ("AC".into(), "À".into(), "GL&M".into()));
    let lost = ALPHABET.chars().filter(|c| types("de", &format!("+{c}")).is_empty());
    assert_eq!(lost.count(), 33);
    for (one, other) in [('4', '$'), ('5', '%'), ('8', '*')] {
        assert_eq!(keyboard.cell("ru(bak)", true, false, one), keyboard.cell("ru(bak)", true, false, other));
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_pass_comes_back_from_every_layout_that_is_one_to_one() {
    let (keyboard, mut layouts, passes) = (Keyboard::new(), Layouts::new(), passes());
    let (mut most, mut tried) = (0, 0);
    for ((layout, caps, swapped), pass) in keyboard.keyings().zip(passes.iter().cycle()) {
        if !keyboard.is_one_to_one(layout, caps, swapped) {
            continue;
        }
        tried += 1;
        let arrived = keyboard.types(layout, caps, swapped, pass);
        let repair = layouts.repair(&arrived);
        let (found, keying) = verified(&repair).unwrap_or_else(|| panic!("{layout} {caps} {swapped}: {arrived}"));
        assert_eq!(found, *pass);
        assert_eq!(keyboard.types(keying.layout, keying.caps_lock, keying.case_swapped, pass), arrived);
        // The first that can be taken apart is the one, but for a text that was left as it came.
        let first = repair.candidates.iter().find(|candidate| candidate.is_pass).unwrap();
        assert_eq!(first.codes, [pass.as_str()]);
        most = most.max(repair.candidates.len());
        // What held is tried first, for another pass too.
        layouts.held(keying);
        let other = sign(&with_index(4_711), ISSUER);
        let repair = layouts.repair(&keyboard.types(layout, caps, swapped, &other));
        let unchanged = usize::from(repair.candidates[0].codes != [other.as_str()]);
        let first = &repair.candidates[unchanged];
        assert_eq!((&first.codes[..], first.keying), (&[other][..], keying), "{layout}");
        layouts = Layouts::new();
    }
    assert!(tried > 350 && most <= 12, "{tried} keyings, at most {most} candidates");
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_well_formed_text_is_first_and_unchanged() {
    let mut layouts = Layouts::new();
    let keying = |layout| Keying { layout, caps_lock: false, case_swapped: false };
    for held in [None, Some(keying("ru")), Some(keying("us(dvorak)"))] {
        held.into_iter().for_each(|held| layouts.held(held));
        for pass in passes() {
            let first = &layouts.repair(&pass).candidates[0];
            assert_eq!((&first.codes[..], first.keying, first.is_pass), (&[pass][..], keying("us"), true));
        }
        let first = &layouts.repair("GL1:NOT A PASS").candidates[0];
        assert_eq!((&first.codes[..], first.is_pass), (&["GL1:NOT A PASS".to_owned()][..], false));
    }
}

#[test]
fn lower_case_is_caps_lock_or_a_scanner_that_swaps_case() {
    let (layouts, pass) = (Layouts::new(), passes().remove(0));
    let (found, keying) = verified(&layouts.repair(&pass.to_lowercase())).unwrap();
    assert_eq!((found, keying.to_string()), (pass.clone(), "us with Caps Lock".to_owned()));
    let arrived = Keyboard::new().types("ru", false, true, &pass);
    assert!(arrived.starts_with("пд1Ж"), "{arrived}");
    let (found, keying) = verified(&layouts.repair(&arrived)).unwrap();
    assert_eq!((found, keying.to_string()), (pass, "ru from a scanner that swaps case".to_owned()));
}

#[test]
fn keys_that_fall_together_are_named_and_not_guessed() {
    let (keyboard, layouts) = (Keyboard::new(), Layouts::new());
    let bak = Keying { layout: "ru(bak)", caps_lock: true, case_swapped: false };
    let repair = layouts.repair(&keyboard.types("ru(bak)", true, false, "GL1:AB4C"));
    assert_eq!(repair.obstacles[0], Obstacle::FallTogether { keying: bak, read: ['$', '4'], arrived: 'Ғ' });
    assert_eq!(repair.obstacles[0].to_string(), "under ru(bak) with Caps Lock, '$' and '4' both come as 'Ғ'");
    assert!(repair.candidates.iter().all(|candidate| candidate.keying.layout != "ru(bak)"), "{repair:?}");
    // Where none of them occurs, nothing stands in the way.
    let repair = layouts.repair(&keyboard.types("ru(bak)", true, false, "GL1:AB3C"));
    assert!(repair.candidates.iter().any(|candidate| candidate.codes == ["GL1:AB3C"]), "{repair:?}");
    for (layout, read) in [("fr(geo)", ['2', '8']), ("ru(xal)", ['$', '4'])] {
        let arrived = keyboard.types(layout, layout.starts_with("ru"), false, &format!("GL1:A{}", read[1]));
        let named = layouts.repair(&arrived).obstacles;
        let found = named.iter().any(|o| matches!(o, Obstacle::FallTogether { read: these, .. } if *these == read));
        assert!(found, "{layout}: {named:?}");
    }
}

#[test]
fn dead_keys_are_named() {
    let (keyboard, layouts) = (Keyboard::new(), Layouts::new());
    let de = Keying { layout: "de", caps_lock: false, case_swapped: false };
    let dead = Obstacle::DeadKey { keying: de, read: '+', name: "dead_grave" };
    assert_eq!(dead.to_string(), "under de, '+' is a dead key (dead_grave)");
    for text in ["GL1:+A", "GL1:A+BC", "GL1:A+ C"] {
        let repair = layouts.repair(&keyboard.types("de", false, false, text));
        assert_eq!(repair.obstacles[0], dead, "{text}");
        assert!(verified(&repair).is_none());
    }
    // Whatever vanished left no trace: such a text is offered, and its signature tells.
    let mut seen = [false; 2];
    for pass in (0..2_000).map(|index| sign(&with_index(index), ISSUER)) {
        let whole = !pass.contains('+');
        if std::mem::replace(&mut seen[usize::from(whole)], true) {
            continue;
        }
        let repair = layouts.repair(&keyboard.types("de", false, false, &pass));
        assert_eq!(verified(&repair).map(|(text, _)| text), whole.then_some(pass));
        assert_eq!(repair.obstacles[0], dead);
    }
    assert_eq!(seen, [true; 2], "a pass with +, and one without");
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn layouts_that_type_no_pass_are_named() {
    let (keyboard, layouts) = (Keyboard::new(), Layouts::new());
    for layout in ["kz(latin)", "tr(ot)", "tr(otf)", "tr(otk)", "tr(otkf)", "fr(geo)", "us(dvorak-intl)", "fr(dvorak)"]
    {
        assert!(!keyboard.is_one_to_one(layout, false, false));
        let mut named = false;
        for pass in passes() {
            let repair = layouts.repair(&keyboard.types(layout, false, false, &pass));
            named |= repair.obstacles.iter().any(|obstacle| obstacle.keying().layout == layout);
            let whole = verified(&repair).map(|(text, _)| text);
            assert!(whole.is_none() || whole == Some(pass));
        }
        assert!(named, "{layout}");
    }
}

#[test]
fn two_codes_in_one_text_are_two_codes() {
    let (layouts, passes) = (Layouts::new(), passes());
    let (one, other) = (&passes[0], &passes[1]);
    let codes =
        |text: &str| layouts.repair(&Keyboard::new().types("ru", false, false, text)).candidates.remove(0).codes;
    assert_eq!(codes(&format!("{one}{other}")), [one.as_str(), other]);
    assert_eq!(codes(&format!("{}{other}", &one[..50])), [other.as_str()], "half a code, and scanned again");
    assert_eq!(codes(&one[..50]), [&one[..50]]);
}

#[test]
fn a_prefix_of_the_scanner_is_no_part_of_the_pass() {
    let (keyboard, layouts, pass) = (Keyboard::new(), Layouts::new(), passes().remove(0));
    for layout in ["us", "ru", "ru(bak)", "fr"] {
        let arrived = keyboard.types(layout, false, false, &format!("]Q1{pass}"));
        assert_eq!(verified(&layouts.repair(&arrived)).unwrap().0, pass);
    }
    assert_eq!(layouts.repair(&format!("https://example.org/{pass}")), Repair::default(), "a link is a link");
}

#[test]
fn other_texts_are_no_pass_under_any_layout() {
    for text in [
        "",
        "G",
        "GL",
        "GL1",
        "4006381333931",
        "https://example.org/",
        "реезыЖ..",
        "GL01:A",
        "ПД",
        "\u{0}",
        "WIFI:S:x;;",
    ] {
        assert_eq!(Layouts::new().repair(text), Repair::default(), "{text}");
    }
}

#[test]
fn what_a_pass_begins_with_is_nothing_that_people_type() {
    let starts = Layouts::new().starts();
    for start in ["GL1:", "gl1:", "ПД1Ж", "ПД!Ж", "GL1Ö", "GL&M", "ПД1Ң", "ПД\"Ж", "GLR1:", "ПДК1Ж"] {
        assert!(starts.iter().any(|other| other == start), "{start}");
    }
    for start in &starts {
        assert!([4, 5].contains(&start.chars().count()), "{start}");
        assert!(!start.starts_with(|c: char| c.is_numeric()), "the digits of a PIN are delivered soonest: {start}");
    }
    assert!(starts.len() > 80, "{}", starts.len());
}

proptest! {
    #![proptest_config(crate::random_cases(256))]

    #[test]
    fn nothing_panics_and_few_are_offered(text in "(GL1:|ПД1Ж|GL1Ö|gl1:|ПД!Ж|пд!ж|)(\\PC{0,40}|[0-9A-Zа-я +*]{0,1200})") {
        let repair = Layouts::new().repair(&text);
        prop_assert!(repair.candidates.len() <= 40 && repair.obstacles.len() <= 8);
        let all: BTreeSet<_> = repair.candidates.iter().map(|candidate| &candidate.codes).collect();
        prop_assert_eq!(all.len(), repair.candidates.len());
        for code in all.into_iter().flatten() {
            prop_assert!(code.starts_with("GL1:") && code.chars().all(|c| ALPHABET.contains(c)), "{}", code);
        }
    }
}
