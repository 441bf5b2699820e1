//! No altered byte, bit or character gets through: not in a pass, not in what a till trusts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::answer::Answer;
use greenlit_core::pass::{MAX_TEXT, PREFIX, Pass, PassError, SignedPass, scan, to_text};
use greenlit_core::trust::{Bundle, Root, TrustState};
use greenlit_core::verify::verify_scanned;
use greenlit_testkit::fixture::*;

const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Every copy with one bit turned, cut short, or with bytes appended.
fn altered(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let flips = (0..bytes.len() * 8).map(|bit| {
        let mut copy = bytes.to_vec();
        copy[bit / 8] ^= 1 << (bit % 8);
        (format!("bit {bit} turned"), copy)
    });
    let cuts = (0..bytes.len()).map(|length| (format!("cut to {length} bytes"), bytes[..length].to_vec()));
    let tails: [&[u8]; 4] = [&[0], &[0xff], &[0xf6; 3], &[0x20; 64]];
    let tails = tails.map(|tail| (format!("{tail:02x?} appended"), [bytes, tail].concat()));
    flips.chain(cuts).chain(tails)
}

/// What a till answers, or `None` where it is no pass at all.
fn answer(text: &[u8], trust: &TrustState) -> Option<Answer> {
    let verdict = verify_scanned(&scan(text), trust, time(NOW))?;
    Some(verdict.map_or_else(|rejection| rejection.answer(), |_| Answer::Valid))
}

fn envelope(text: &str) -> Vec<u8> {
    base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap()
}

#[test]
fn no_altered_envelope_is_a_pass() {
    let trust = Authority::new().state();
    for (name, text) in [("resident", sign(&pass(), ISSUER)), ("bare", sign(&plain(), STADIUM))] {
        assert_eq!(answer(text.as_bytes(), &trust), Some(Answer::Valid), "{name} as signed");
        for (change, bytes) in altered(&envelope(&text)) {
            // Not even "expired" or "revoked": a forgery has no say in anything.
            assert_eq!(answer(to_text(&bytes).as_bytes(), &trust), Some(Answer::NotGenuine), "{name}: {change}");
        }
    }
}

fn plain() -> Pass {
    Pass { initials: None, birthday: None, document: None, status: None, ..pass() }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn no_altered_text_is_a_pass() {
    let trust = Authority::new().state();
    let good = sign(&pass(), ISSUER).into_bytes();
    assert_eq!(answer(&good, &trust), Some(Answer::Valid));
    let mut tried = 0;
    let mut refuse = |change: &str, at: usize, text: &[u8]| {
        if text != good {
            tried += 1;
            let found = answer(text, &trust);
            // Altered in its first characters it may be no pass, or seem of another version.
            let early = at < PREFIX.len() && matches!(found, None | Some(Answer::CannotTell));
            assert!(early || found == Some(Answer::NotGenuine), "{change} at {at}: {found:?}");
        }
    };
    for at in 0..good.len() {
        for other in BASE45.iter().chain(b"az_\n\0\x80\xff") {
            let mut text = good.clone();
            text[at] = *other;
            refuse("replaced", at, &text);
            text[at] = good[at];
            text.insert(at, *other);
            refuse("inserted", at, &text);
        }
        let mut text = good.clone();
        text.remove(at);
        refuse("removed", at, &text);
        if at + 1 < good.len() {
            let mut text = good.clone();
            text.swap(at, at + 1);
            refuse("swapped", at, &text);
        }
        refuse("cut", at, &good[..at]);
        // A second symbol's text stuck on, as structured append would.
        refuse("joined", at.max(PREFIX.len()), &[&good[..], &good[at..]].concat());
    }
    for other in BASE45 {
        refuse("appended", good.len(), &[&good[..], &[*other]].concat());
    }
    assert!(tried > 200 * 2 * 50, "only {tried} texts differed");
}

#[test]
fn a_text_is_measured_before_it_is_read() {
    let of = |length: usize| SignedPass::parse(format!("{PREFIX}{}", "0".repeat(length - PREFIX.len())).as_bytes());
    assert!(!matches!(of(MAX_TEXT).unwrap_err(), PassError::TooLong(_)));
    assert_eq!(of(MAX_TEXT + 1).unwrap_err(), PassError::TooLong(1_025));
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn no_altered_root_is_opened() {
    let authority = Authority::new().second_root();
    let (first, second) = (authority.signed_root(0), authority.signed_root(1));
    let anchor = Root::verify_anchor(&first).unwrap();
    anchor.verify_next(&second).unwrap();
    for (change, bytes) in altered(&first) {
        assert!(Root::verify_anchor(&bytes).is_err(), "anchor: {change}");
    }
    for (change, bytes) in altered(&second) {
        assert!(anchor.verify_next(&bytes).is_err(), "next root: {change}");
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn no_altered_bundle_is_opened() {
    let authority = Authority::new();
    let (root, bundle) = (Root::verify_anchor(&authority.signed_root(0)).unwrap(), authority.signed_bundle());
    Bundle::open(&bundle, &root).unwrap();
    for (change, bytes) in altered(&bundle) {
        assert!(Bundle::open(&bytes, &root).is_err(), "{change}");
    }
}

#[test]
fn no_altered_status_list_is_taken() {
    let authority = Authority::new();
    let mut state = authority.anchored();
    state.import_bundle(&authority.signed_bundle()).unwrap();
    let list = authority.lists[&1].sign();
    for (change, bytes) in altered(&list) {
        assert!(state.import_list(1, &bytes).is_err(), "{change}");
    }
    assert!(state.import_list(1, &list).unwrap());
}
