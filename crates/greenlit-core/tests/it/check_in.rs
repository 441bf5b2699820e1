//! A check-in: each guest of a booking once, judged for the whole stay, and forgotten with it.

use std::hash::RandomState;

use greenlit_core::answer::Code;
use greenlit_core::check_in::{CheckIn, MAX_LISTED};
use greenlit_core::pass::Pass;
use greenlit_core::presenter::Timing;
use greenlit_core::scanner::{Effects, Event, Scanner};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::verdict::{Judge, ReadCode, Symbology, Verdict};
use greenlit_core::verify::Rejection;
use greenlit_testkit::fixture::*;

struct Desk {
    scanner: Scanner<(), RandomState>,
    trust: TrustState,
    now: u64,
    /// From one event to the next, in milliseconds.
    step: u64,
}

impl Desk {
    fn new() -> Self {
        let scanner = Scanner::new(Timing::default(), RandomState::new());
        Self { scanner, trust: Authority::new().state(), now: 0, step: 1_000 }
    }

    fn handle(&mut self, event: Event<()>) -> Effects {
        self.now += self.step;
        self.scanner.handle(self.now, event)
    }

    fn stay(&mut self, until: UnixTime) {
        self.handle(Event::CheckIn(Some(until)));
    }

    fn show(&mut self, text: &str) -> Effects {
        let code = ReadCode { payload: text.into(), not_a_pass: None, symbology: Symbology::Qr };
        let codes = self.scanner.look().judge(vec![code], &Judge::of_own(&self.trust, time(NOW)));
        self.handle(Event::Frame { codes, hint: None })
    }

    fn listed(&self) -> Vec<(Code, bool)> {
        self.scanner.check_in().map_or_else(Vec::new, |all| all.guests().map(|g| (g.code, g.mismatch)).collect())
    }
}

const DAY: i64 = 86_400;

/// So many seconds from now.
fn at(seconds: i64) -> UnixTime {
    let now = time(NOW);
    if seconds < 0 { now.minus(seconds.unsigned_abs()) } else { now.plus(seconds.unsigned_abs()) }
}

/// A pass that is good for so many seconds from now.
fn expiring(seconds: i64) -> String {
    sign(&Pass { exp: at(seconds), ..pass() }, ISSUER)
}

fn code_of(effects: &Effects) -> Option<Code> {
    effects.announced.as_ref().and_then(Verdict::code)
}

#[test]
fn a_pass_must_hold_to_the_end_of_the_stay_and_the_second_decides() {
    let expires = 10 * DAY;
    for (stay, wanted) in [
        (expires - 1, Code::Ok),
        (expires, Code::Expired),
        (expires + 1, Code::Expired),
        // A stay that is over already asks for nothing more than today.
        (-1, Code::Ok),
    ] {
        let mut desk = Desk::new();
        desk.stay(at(stay));
        let effects = desk.show(&expiring(expires));
        assert_eq!(code_of(&effects), Some(wanted), "{stay}");
        assert_eq!(desk.listed(), [(wanted, false)]);
        if let (Some(Verdict::Rejected(why)), Code::Expired) = (effects.announced, wanted) {
            assert_eq!(why, Rejection::ExpiresDuringStay { at: at(expires), stay: at(stay) });
        }
    }
}

#[test]
fn without_a_stay_nothing_is_different() {
    let mut desk = Desk::new();
    assert_eq!(code_of(&desk.show(&expiring(60))), Some(Code::Ok));
    assert!(desk.scanner.check_in().is_none());
}

#[test]
fn a_stay_makes_nothing_green() {
    let mut desk = Desk::new();
    desk.stay(at(-400 * DAY));
    assert_eq!(code_of(&desk.show(&expiring(-1))), Some(Code::Expired));
    desk.show(&sign(&pass(), STRANGER));
    let effects = desk.show(&sign(&pass(), STRANGER));
    assert_ne!(code_of(&effects), Some(Code::Ok));
    assert!(desk.listed().iter().all(|(code, _)| *code != Code::Ok), "{:?}", desk.listed());
}

#[test]
fn each_guest_is_listed_once_in_the_order_of_coming_and_all_are_forgotten_at_the_end() {
    let mut desk = Desk::new();
    desk.stay(at(3 * DAY));
    let (first, second) = (expiring(5 * DAY), expiring(2 * DAY));
    desk.show(&first);
    desk.show(&second);
    desk.show(&first);
    assert_eq!(desk.listed(), [(Code::Ok, false), (Code::Expired, false)]);
    assert_eq!(desk.scanner.check_in().map(CheckIn::valid), Some(1));
    desk.handle(Event::CheckIn(None));
    assert!(desk.scanner.check_in().is_none());
    desk.stay(time(NOW));
    assert_eq!(desk.listed(), []);
}

#[test]
fn another_last_night_judges_those_listed_anew_and_never_what_was_refused_for_something_else() {
    let mut desk = Desk::new();
    desk.stay(at(3 * DAY));
    desk.show(&expiring(2 * DAY));
    desk.show(&expiring(-DAY));
    assert_eq!(desk.listed(), [(Code::Expired, false), (Code::Expired, false)]);
    desk.stay(at(DAY));
    assert_eq!(desk.listed(), [(Code::Ok, false), (Code::Expired, false)]);
    desk.stay(at(2 * DAY));
    assert_eq!(desk.listed(), [(Code::Expired, false), (Code::Expired, false)]);
}

#[test]
fn a_guest_whose_pass_is_somebody_elses_is_not_among_the_valid() {
    let mut desk = Desk::new();
    desk.stay(time(NOW));
    desk.show(&expiring(DAY));
    desk.handle(Event::Mismatch);
    assert_eq!(desk.listed(), [(Code::Ok, true)]);
    assert_eq!(desk.scanner.check_in().map(CheckIn::valid), Some(0));
    desk.handle(Event::UndoMismatch);
    assert_eq!(desk.listed(), [(Code::Ok, false)]);
}

#[test]
fn a_frame_that_was_being_read_when_the_stay_changed_counts_no_more() {
    let mut desk = Desk::new();
    let look = desk.scanner.look();
    desk.stay(at(3 * DAY));
    let code = ReadCode { payload: expiring(60).into(), not_a_pass: None, symbology: Symbology::Qr };
    let codes = look.judge(vec![code], &Judge::of_own(&desk.trust, time(NOW)));
    assert_eq!(code_of(&desk.handle(Event::Frame { codes, hint: None })), None);
    assert_eq!(desk.listed(), []);
}

#[test]
fn a_list_has_an_end() {
    let mut desk = Desk::new();
    desk.stay(time(NOW));
    for extra in 0..=i64::try_from(MAX_LISTED).unwrap() {
        assert_eq!(code_of(&desk.show(&expiring(1_000 + extra))), Some(Code::Ok));
    }
    assert_eq!(desk.listed().len(), MAX_LISTED);
    assert_eq!(desk.scanner.check_in().map(CheckIn::unlisted), Some(1));
}

/// Nobody is answered unasked: neither what a longer stay makes of the pass in view, nor what no stay does.
#[test]
fn a_pass_still_in_view_is_not_answered_again_when_the_stay_changes_or_ends() {
    let mut desk = Desk { step: 100, ..Desk::new() };
    desk.stay(at(3 * DAY));
    let pass = expiring(2 * DAY);
    assert_eq!(code_of(&desk.show(&pass)), Some(Code::Expired));
    desk.stay(at(DAY));
    assert_eq!(code_of(&desk.show(&pass)), None);
    assert_eq!(desk.listed(), [(Code::Ok, false)]);
    desk.handle(Event::CheckIn(None));
    assert_eq!(code_of(&desk.show(&pass)), None);
}

#[test]
fn what_does_not_match_the_id_stays_so_in_the_list_when_the_stay_changes() {
    let mut desk = Desk::new();
    desk.stay(at(DAY));
    let pass = expiring(2 * DAY);
    desk.show(&pass);
    // Nobody compares faster.
    desk.step = 600;
    desk.handle(Event::Mismatch);
    desk.step = 100;
    desk.handle(Event::Dismiss);
    desk.stay(at(2));
    assert_eq!(code_of(&desk.show(&pass)), None);
    assert_eq!(desk.listed(), [(Code::Ok, true)]);
}
