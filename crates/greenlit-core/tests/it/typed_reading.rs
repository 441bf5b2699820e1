//! What a scanner has typed is judged, or it is said what is in the way; nobody is accused by a layout.

use greenlit_core::pass::NotAPass;
use greenlit_core::typed::burst::{Ending, MAX_TEXT, Scan};
use greenlit_core::typed::layout::Layouts;
use greenlit_core::typed::reading::{Reading, breaks_off};
use greenlit_core::unread::Unread;
use greenlit_core::verdict::{Judge, Verdict};
use greenlit_testkit::fixture::*;
use proptest::prelude::*;

use crate::typed_repair::{Keyboard, passes};

fn typed(text: &str) -> Scan {
    Scan { text: text.to_owned(), ending: Ending::Enter, ignored: 0, leaked: 0 }
}

fn read(layouts: &mut Layouts, scan: &Scan) -> Reading {
    layouts.read(scan, &Judge::of_own(&Authority::new().state(), time(NOW)))
}

fn afresh(scan: &Scan) -> Reading {
    read(&mut Layouts::new(), scan)
}

/// The texts to be judged.
#[track_caller]
fn codes(reading: Reading) -> Vec<String> {
    match reading {
        Reading::Codes(codes) => codes.into_iter().map(|code| String::from_utf8(code.payload).unwrap()).collect(),
        Reading::Unread(why) => panic!("{why:?}"),
    }
}

fn why(reading: Reading) -> Option<Unread> {
    if let Reading::Unread(why) = reading { Some(why) } else { None }
}

/// Its last characters are other ones, and as well-formed.
fn forged(pass: &str) -> String {
    format!("{}00", &pass[..pass.len() - 2])
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn under_every_layout_a_pass_is_read_or_the_layout_is_blamed() {
    let keyboard = Keyboard::new();
    let passes = passes();
    let (mut whole, mut blamed) = (0, 0);
    for ((layout, caps, swapped), pass) in keyboard.keyings().zip(passes.iter().cycle()) {
        let mut layouts = Layouts::new();
        match read(&mut layouts, &typed(&keyboard.types(layout, caps, swapped, pass))) {
            Reading::Codes(codes) => {
                assert_eq!(
                    codes.iter().map(|code| &code.payload[..]).collect::<Vec<_>>(),
                    [pass.as_bytes()],
                    "{layout}"
                );
                whole += 1;
            }
            Reading::Unread(why) => {
                assert!(!keyboard.is_one_to_one(layout, caps, swapped), "{layout} {caps} {swapped}: {why:?}");
                match why {
                    Unread::CapsLock { .. } => assert!(caps, "{layout}"),
                    Unread::SameKeys { .. } | Unread::LostKeys { .. } => {}
                    other => panic!("{layout}: {other:?}"),
                }
                blamed += 1;
            }
        }
    }
    assert!(whole > 350 && blamed > 60, "{whole} read, {blamed} not");
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_forged_pass_is_judged_under_every_layout_without_traps() {
    let (keyboard, pass) = (Keyboard::new(), forged(&passes()[3]));
    for (layout, caps, swapped) in keyboard.keyings().filter(|(l, c, s)| keyboard.is_one_to_one(l, *c, *s)) {
        let arrived = keyboard.types(layout, caps, swapped, &pass);
        // Of layouts that give a well-formed text each, without a signature nobody knows which it was.
        let judged = codes(afresh(&typed(&arrived)));
        assert!(judged.len() == 1 && judged[0].len() == pass.len(), "{layout} {caps} {swapped}: {judged:?}");
    }
}

#[test]
fn caps_lock_is_named_with_the_keys_that_fall_together() {
    let (keyboard, mut layouts) = (Keyboard::new(), Layouts::new());
    let pass = passes().remove(0);
    let first = pass.find(['$', '4', '5', '%', '8', '*']).map(|at| char::from(pass.as_bytes()[at])).unwrap();
    let keys = [['$', '4'], ['%', '5'], ['*', '8']].into_iter().find(|keys| keys.contains(&first)).unwrap();
    let arrived = keyboard.types("ru(bak)", true, false, &pass);
    let blamed = Some(Unread::CapsLock { layout: "ru(bak)", keys });
    assert_eq!(why(read(&mut layouts, &typed(&arrived))), blamed);
    assert_eq!(why(read(&mut layouts, &typed(&arrived))), blamed, "as often as it is typed");
    // Without Caps Lock the same pass is read.
    let arrived = keyboard.types("ru(bak)", false, false, &pass);
    assert_eq!(codes(read(&mut layouts, &typed(&arrived))), [pass]);
}

#[test]
fn layouts_with_traps_are_named() {
    let keyboard = Keyboard::new();
    let pass = passes().into_iter().find(|pass| pass.contains('+')).unwrap();
    let under = |layout| why(afresh(&typed(&keyboard.types(layout, false, false, &pass))));
    assert_eq!(under("de"), Some(Unread::LostKeys { layout: "de", key: '+' }));
    assert!(matches!(under("fr(geo)"), Some(Unread::SameKeys { layout: "fr(geo)", .. })), "{:?}", under("fr(geo)"));
    assert!(matches!(under("tr(ot)"), Some(Unread::LostKeys { layout: "tr(ot)", .. })), "{:?}", under("tr(ot)"));
    // A till that has read a pass through the layout without dead keys is believed.
    let mut layouts = Layouts::new();
    let half = &keyboard.types("de(nodeadkeys)", false, false, &pass)[..80];
    assert_eq!(why(read(&mut layouts, &typed(half))), Some(Unread::LostKeys { layout: "de", key: '+' }));
    read(&mut layouts, &typed(&keyboard.types("de(nodeadkeys)", false, false, &pass)));
    assert_eq!(codes(read(&mut layouts, &typed(half))).len(), 1);
}

#[test]
fn half_a_code_is_told_as_such() {
    let pass = passes().remove(0);
    // From a text that holds the first byte to one that lacks the last.
    let halves = (5..pass.len()).filter(|length| breaks_off(&pass.as_bytes()[..*length])).count();
    assert_eq!(halves, pass.len() - 5);
    assert!(breaks_off(b"GL1:") && !breaks_off(pass.as_bytes()));
    for text in ["GL1:?", "GL1:!!!", "GL2:", "GL", "", "https://example.org", &forged(&pass), &format!("{pass}0")] {
        assert!(!breaks_off(text.as_bytes()), "{text}");
    }
    for layout in ["us", "ru", "ru(bak)"] {
        let arrived = Keyboard::new().types(layout, false, false, &pass[..60]);
        assert_eq!(codes(afresh(&typed(&arrived))), [&pass[..60]], "{layout}");
    }
}

#[test]
fn control_keys_are_named_unless_the_signature_holds_all_the_same() {
    let pass = passes().remove(0);
    let scan = |text: &str| Scan { ignored: 1, ..typed(text) };
    assert_eq!(codes(afresh(&scan(&pass))), [pass.as_str()]);
    for text in [&forged(&pass), &pass[..70]] {
        assert_eq!(why(afresh(&scan(text))), Some(Unread::ControlKeys), "{text}");
    }
    assert_eq!(codes(afresh(&scan("010460123456789"))), ["010460123456789"], "a trade code is what it is");
}

#[test]
fn what_is_too_long_is_said_unless_a_pass_is_in_it() {
    let long = |text: String| Scan { ending: Ending::TooLong, ..typed(&text) };
    assert_eq!(why(afresh(&long("7".repeat(MAX_TEXT)))), Some(Unread::TooLong));
    let pass = passes().remove(0);
    assert_eq!(why(afresh(&long(forged(&pass).repeat(20)))), Some(Unread::TooLong));
    assert!(codes(afresh(&long(pass.repeat(20)))).iter().all(|code| *code == pass));
}

#[test]
fn without_trust_data_a_pass_is_judged_all_the_same() {
    let (pass, nothing) = (passes().remove(0), greenlit_core::trust::TrustState::empty(build_date()));
    let arrived = Keyboard::new().types("ru", false, false, &pass);
    assert_eq!(codes(Layouts::new().read(&typed(&arrived), &Judge::of_own(&nothing, time(NOW)))), [pass]);
}

#[test]
fn a_pasted_text_is_taken_out_of_what_stands_around_it() {
    let pass = passes().remove(0);
    let broken: Vec<_> = pass.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for text in
        [pass.clone(), format!(" \t{pass} \r\n"), format!("\u{feff}{pass}"), broken.join("\n"), broken.join("\r\n")]
    {
        assert_eq!(codes(afresh(&Scan::pasted(&text).unwrap())), [pass.as_str()], "{text:?}");
    }
    let link = Scan::pasted("https://cafe.example/menu\n").unwrap();
    assert_eq!(codes(afresh(&link)), ["https://cafe.example/menu"]);
    for nothing in ["", " \n\t ", "\u{feff}"] {
        assert_eq!(Scan::pasted(nothing), Err(Unread::NothingToPaste));
    }
    assert!(Scan::pasted(&"ж".repeat(MAX_TEXT)).is_ok());
    for long in ["ж".repeat(MAX_TEXT + 1), "7".repeat(40_000_000)] {
        assert_eq!(Scan::pasted(&long), Err(Unread::TooLong));
    }
}

proptest! {
    #![proptest_config(crate::random_cases(256))]

    #[test]
    fn nothing_panics_and_a_text_that_is_no_pass_stands_as_it_came(
        text in "(GL1:|ПД1Ж|GL1Ö|gl1:|ПД!Ж|)(\\PC{0,40}|[0-9A-Zа-я +*]{0,1200})",
        ignored in 0..2_usize,
    ) {
        let _ = breaks_off(text.as_bytes());
        let scan = Scan { ignored, ..typed(&text) };
        if let Reading::Codes(codes) = afresh(&scan) {
            prop_assert!(!codes.is_empty());
            let other = |text: &[u8]| matches!(Judge::of_own(&Authority::new().state(), time(NOW)).text(text), Verdict::NotAPass(_));
            prop_assert!(codes.iter().all(|code| code.payload == text.as_bytes() || !other(&code.payload)));
        }
    }
}

#[test]
fn what_is_no_pass_keeps_its_name() {
    let text = codes(afresh(&typed("WIFI:S:guests;;"))).remove(0);
    assert_eq!(NotAPass::of(text.as_bytes()), NotAPass::Wifi);
}
