//! Promise: a root's code gives the bytes of its file or a typed reason, and nothing in it is ever a pass.

use greenlit_core::pass::{self, NotAPass, Scanned, scan};
use greenlit_core::trust::Root;
use greenlit_core::trust::root_code::{self, MAX_BYTES, MAX_TEXT, PREFIX, RootCodeError, TooLarge};
use greenlit_core::typed::burst::{Ending, SILENCE, START, Scan};
use greenlit_core::typed::layout::Layouts;
use greenlit_core::typed::reading::Reading;
use greenlit_core::verdict::Judge;
use greenlit_testkit::fixture::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::typed_harness::Window;
use crate::typed_repair::Keyboard;

/// Codes that have something of a pass in them, and that of a root.
fn codes() -> Vec<String> {
    let good = sign(&pass(), ISSUER);
    let root = root_code::to_code(&Authority::new().signed_root(0)).unwrap();
    vec![root.clone(), format!("{PREFIX}{good}"), format!("{root}{good}"), format!("{PREFIX}GL1:"), PREFIX.to_owned()]
}

fn typed(text: String) -> Scan {
    Scan { text, ending: Ending::Enter, ignored: 0, leaked: 0 }
}

fn read(layouts: &mut Layouts, scan: &Scan) -> Reading {
    layouts.read(scan, &Judge::of_own(&Authority::new().state(), time(NOW)))
}

#[test]
fn a_code_holds_as_much_as_is_promised_and_no_more() {
    let (full, over) = (root_of_size(MAX_BYTES), root_of_size(MAX_BYTES + 1));
    let code = root_code::to_code(&full).unwrap();
    assert_eq!((MAX_BYTES, code.len()), (2_048, MAX_TEXT));
    let read = root_code::read(code.as_bytes()).unwrap();
    assert_eq!(Root::verify_anchor(&read).unwrap().as_bytes(), full);
    let too_large = TooLarge { size: MAX_BYTES + 1 };
    assert_eq!(root_code::to_code(&over), Err(too_large));
    Root::verify_anchor(&over).expect("as a file it is good");
    let text = format!("{PREFIX}{}", base45::encode(&over));
    assert_eq!(root_code::read(text.as_bytes()), Err(RootCodeError::TooLarge(too_large)));
    let says = RootCodeError::TooLarge(too_large).to_string();
    assert_eq!(says, "too large for a code, use the file (too-large: 2049 bytes of at most 2048)");
}

#[test]
fn while_passes_are_scanned_it_is_named_and_is_no_pass() {
    for code in codes() {
        assert!(matches!(scan(code.as_bytes()), Scanned::NotAPass(NotAPass::RootCode)), "{code}");
        assert!(pass::SignedPass::parse(code.as_bytes()).is_err(), "{code}");
        let pasted = Scan::pasted(&format!("\u{feff} {code}\r\n")).unwrap();
        assert_eq!(heard(read(&mut Layouts::new(), &pasted)), Some(vec![code]));
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn under_no_layout_is_a_typed_one_a_pass() {
    let keyboard = Keyboard::new();
    let mut as_it_came = 0;
    for (layout, caps, swapped) in keyboard.keyings() {
        let mut layouts = Layouts::new();
        for code in codes() {
            let arrived = keyboard.types(layout, caps, swapped, &code);
            match heard(read(&mut layouts, &typed(arrived.clone()))) {
                Some(heard) => {
                    assert_eq!(heard, [arrived], "{layout} {caps} {swapped}");
                    as_it_came += 1;
                }
                None => assert!(!keyboard.is_one_to_one(layout, caps, swapped), "{layout} {caps} {swapped}: {code}"),
            }
        }
    }
    assert!(as_it_came > 1_500, "{as_it_came}");
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn from_a_scanner_of_any_speed_it_is_heard_whole() {
    for code in codes() {
        for gap in 0..START {
            let mut window = Window::new();
            window.types(&code, gap);
            window.wait(SILENCE);
            assert_eq!((window.scans.len(), &window.delivered), (1, &vec![]), "{gap} ms, {code}");
            assert_eq!(window.scans[0].text, code, "{gap} ms");
        }
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_radio_that_stutters_makes_no_pass_of_it() {
    for code in codes() {
        for stuttering in 0..code.len() {
            let mut window = Window::after(10_000);
            window.types_unevenly(&code, |at| if at == stuttering { SILENCE - 1 } else { 12 });
            window.enter(12);
            assert_eq!(window.scans.len(), 1);
            assert_eq!(window.scans[0].text, code, "a gap before {stuttering}");
        }
    }
}

/// The texts to be judged, if any are.
fn heard(reading: Reading) -> Option<Vec<String>> {
    let Reading::Codes(codes) = reading else { return None };
    Some(codes.into_iter().map(|code| String::from_utf8(code.payload).unwrap()).collect())
}

proptest! {
    #![proptest_config(crate::random_cases(256))]

    #[test]
    fn any_bytes_go_there_and_back(bytes in vec(any::<u8>(), 0..=MAX_BYTES)) {
        let code = root_code::to_code(&bytes).unwrap();
        prop_assert!(code.len() <= MAX_TEXT);
        prop_assert_eq!(root_code::read(code.as_bytes()), Ok(bytes));
        prop_assert!(matches!(scan(code.as_bytes()), Scanned::NotAPass(NotAPass::RootCode)));
    }

    #[test]
    fn bytes_that_are_too_many_are_counted(bytes in vec(any::<u8>(), MAX_BYTES + 1..3 * MAX_BYTES)) {
        let too_large = TooLarge { size: bytes.len() };
        prop_assert_eq!(root_code::to_code(&bytes), Err(too_large));
        let text = format!("{PREFIX}{}", base45::encode(&bytes));
        prop_assert_eq!(root_code::read(text.as_bytes()), Err(RootCodeError::TooLarge(too_large)));
    }

    /// Whatever is read is written in one way.
    #[test]
    fn nothing_panics_and_what_is_read_has_one_spelling(
        begins in prop_oneof![Just(PREFIX), Just("GL1:"), Just("GLR"), Just("")],
        rest in prop_oneof![
            vec(any::<u8>(), 0..40),
            "[0-9A-Z $%*+./:-]{0,60}".prop_map(String::into_bytes),
            "[0-9A-F:]{0,4000}".prop_map(String::into_bytes),
        ],
    ) {
        let text = [begins.as_bytes(), &rest].concat();
        match root_code::read(&text) {
            Ok(bytes) => {
                prop_assert_eq!(root_code::to_code(&bytes).unwrap().into_bytes(), &text[..]);
                prop_assert!(Root::verify_anchor(&bytes).is_err());
            }
            Err(error) => {
                prop_assert_eq!(error == RootCodeError::NotARootCode, !text.starts_with(PREFIX.as_bytes()));
                prop_assert_eq!(matches!(error, RootCodeError::TooLarge(_)), root_code::is_meant(&text) && text.len() > MAX_TEXT);
                prop_assert!(!error.to_string().is_empty());
            }
        }
        let named = matches!(scan(&text), Scanned::NotAPass(NotAPass::RootCode));
        prop_assert_eq!(named, text.starts_with(PREFIX.as_bytes()));
    }

    /// A character of it changed: other bytes or none, and never this root.
    #[test]
    fn a_damaged_code_is_not_that_root(at in any::<prop::sample::Index>(), to in "[0-9A-Z $%*+./:-]") {
        let root = Authority::new().signed_root(0);
        let mut code = root_code::to_code(&root).unwrap();
        let at = PREFIX.len() + at.index(code.len() - PREFIX.len());
        prop_assume!(code[at..=at] != to);
        code.replace_range(at..=at, &to);
        if let Ok(bytes) = root_code::read(code.as_bytes()) {
            prop_assert_ne!(&bytes, &root);
            prop_assert!(Root::verify_anchor(&bytes).is_err());
        }
    }
}
