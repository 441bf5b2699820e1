//! Text, claims or envelope → what is scanned → what is answered. Green comes of nothing that the issuer did
//! not sign, and of nothing that its limits, the clock or the list forbid.
//!
//! The first byte says what the others are; after it come eight for the clock, where the text is signed.
#![no_main]

use std::sync::LazyLock;

use greenlit_core::benefits::Venue;
use greenlit_core::cose::Header;
use greenlit_core::pass::{self, Class, MAX_TEXT, Scanned, host_for_display, scan};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{TrustState, VenueKind};
use greenlit_core::verify::{Verified, VerifiedPass, verify_scanned};
use greenlit_fuzz::authority::{self, DAY, ISSUER, NOW};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

static TRUST: LazyLock<TrustState> = LazyLock::new(authority::trust);

fuzz_target!(init: begin("pass"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    match bytes.byte() {
        b'c' => {
            let clock = clock(&mut bytes);
            let text = authority::pass_text(bytes.0);
            if let Some(green) = judged(text.as_bytes(), clock) {
                may_be_green(&green, clock);
                assert_eq!(green.own().unwrap().encode(), bytes.0, "green, and encoded differently");
            }
        }
        // A header of the fuzzer's own before claims that are good, and before its own.
        b'h' => {
            let clock = clock(&mut bytes);
            let length = usize::from(bytes.byte());
            let (header, claims) = (bytes.take(length), bytes.0);
            let envelope = authority::sign1(header, claims, pass::EXTERNAL_AAD, ISSUER);
            if let Some(green) = judged(pass::to_text(&envelope).as_bytes(), clock) {
                may_be_green(&green, clock);
                assert_eq!(header, Header::encode(authority::kid(ISSUER)), "green under another header");
            }
        }
        b'e' => not_green(pass::to_text(bytes.0).as_bytes()),
        _ => not_green(bytes.0),
    }
});

fn clock(bytes: &mut Bytes<'_>) -> UnixTime {
    // Nearly always within the days when something can be green.
    let value = bytes.long();
    authority::time(if value >> 63 == 1 { value } else { NOW + value % (200 * DAY) })
}

fn not_green(text: &[u8]) {
    assert!(judged(text, authority::time(NOW)).is_none(), "green, and the issuer signed nothing");
}

/// What is green of a text; and everything that is done with a text that is not.
fn judged(text: &[u8], clock: UnixTime) -> Option<VerifiedPass> {
    let scanned = scan(text);
    match &scanned {
        Scanned::Pass(_) => assert!(text.len() <= MAX_TEXT),
        Scanned::NotAPass(other) => drop(format!("{other:?}")),
        Scanned::Malformed(error) => drop(error.to_string()),
        Scanned::OtherVersion(_) => {}
    }
    drop(host_for_display(&String::from_utf8_lossy(text)));
    match verify_scanned(&scanned, &TRUST, clock)? {
        Ok(Verified::Pass(green)) => Some(*green),
        Ok(Verified::Specimen(specimen)) => {
            assert!(specimen.expires() > clock);
            None
        }
        Err(rejection) => {
            drop((rejection.code(), rejection.answer(), rejection.to_string()));
            None
        }
    }
}

/// The rules again, in other words.
fn may_be_green(green: &VerifiedPass, clock: UnixTime) {
    let pass = green.own().unwrap();
    let now = clock.max(TRUST.clock_floor());
    assert!(pass.nbf <= now && now < pass.exp, "green outside its time");
    assert!(pass.exp.seconds() - pass.nbf.seconds() <= 366 * DAY, "green for longer than its issuer may");
    assert!((NOW - 30 * DAY..NOW + 200 * DAY).contains(&pass.nbf.seconds()), "green from a time its issuer may not");
    assert!([Class::RESIDENT, Class(3)].contains(&pass.class), "green, and of a class without a rule");
    let status = pass.status.expect("green without a status");
    assert!(
        status.list == 1 && (2..authority::ENTRIES).contains(&status.index),
        "green and revoked, or not in the list"
    );
    assert!(clock.seconds() < NOW + 60 * DAY, "green by a list that has expired");
    assert!(
        !green.benefits(&Venue { sites: vec![VenueKind::new("hotel").expect("a site")], own_percent: None }).is_empty()
    );
    assert_eq!(green.expires(), Some(pass.exp));
}
