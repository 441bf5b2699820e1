//! The scanner: what goes in as codes comes out as answers, once each, and as what to do next.

use std::hash::RandomState;
use std::time::Duration;

use greenlit_core::answer::Code;
use greenlit_core::pass::NotAPass;
use greenlit_core::presenter::{Timing, View};
use greenlit_core::scanner::{Effects, Event, PAUSE, PAUSE_AT_ANSWER, Scanner};
use greenlit_core::sightings::Shown;
use greenlit_core::tally;
use greenlit_core::trust::TrustState;
use greenlit_core::unread::Unread;
use greenlit_core::verdict::{Judge, ReadCode, Symbology, Verdict};
use greenlit_testkit::fixture::*;

/// What would help, in a word.
type Hint = &'static str;

struct Bench {
    scanner: Scanner<Hint, RandomState>,
    trust: TrustState,
}

impl Bench {
    fn new() -> Self {
        Self { scanner: Scanner::new(Timing::default(), RandomState::new()), trust: Authority::new().state() }
    }

    fn frame(&mut self, now: u64, texts: &[&str]) -> Effects {
        let codes = self
            .scanner
            .look()
            .judge(texts.iter().map(|text| code(text)).collect(), &Judge::of_own(&self.trust, time(NOW)));
        self.scanner.handle(now, Event::Frame { codes, hint: Some("closer") })
    }

    fn typed(&mut self, now: u64, text: &str) -> Effects {
        let text = self.scanner.look().judge(vec![code(text)], &Judge::of_own(&self.trust, time(NOW)));
        self.scanner.handle(now, Event::Typed(text))
    }

    /// The screen in a word, and the hint.
    fn shown(&mut self, now: u64) -> (String, Option<Hint>) {
        let shown = self.scanner.view(now);
        let screen = match shown.view {
            View::Scan { notice, .. } => notice.map_or("scan".into(), |other| format!("scan: {other:?}")),
            View::NoCamera => "no camera".into(),
            View::Confirming => "confirming".into(),
            View::Answer { answer, code, .. } => {
                assert_eq!(answer.code(), Some(code));
                code.to_string()
            }
            View::Mismatch { undoable, .. } => format!("mismatch, undoable: {undoable}"),
            View::Unread { why, .. } => format!("unread: {why:?}"),
            View::OneAtATime => "one at a time".into(),
            View::Cleared => "cleared".into(),
        };
        (screen, shown.hint)
    }
}

fn code(text: &str) -> ReadCode {
    ReadCode { payload: text.into(), not_a_pass: None, symbology: Symbology::Qr }
}

fn good() -> String {
    sign(&pass(), ISSUER)
}

/// A pass that another key signed.
fn forged() -> String {
    let (good, other) = (good(), sign(&with_index(2), ISSUER));
    let mut bytes = base45::decode(&good[4..]).unwrap();
    let from = base45::decode(&other[4..]).unwrap();
    let signature = bytes.len() - 64;
    bytes[signature..].copy_from_slice(&from[from.len() - 64..]);
    format!("GL1:{}", base45::encode(&bytes))
}

fn announced(effects: &Effects) -> Option<Code> {
    effects.announced.as_ref().and_then(Verdict::code)
}

#[test]
fn a_pass_in_view_is_announced_once_and_shown_until_its_deadline() {
    let mut bench = Bench::new();
    let good = good();
    let first = bench.frame(0, &[&good]);
    assert!(matches!(&first.announced, Some(Verdict::Valid(pass)) if pass.own().unwrap().initials == pass_initials()));
    assert_eq!((first.pause, first.deadline), (PAUSE_AT_ANSWER, Some(8_000)));
    let again = bench.frame(33, &[&good, &good]);
    assert_eq!((announced(&again), again.pause), (None, PAUSE_AT_ANSWER));
    let ticked = bench.scanner.handle(7_999, Event::Tick);
    assert_eq!((bench.shown(7_999).0.as_str(), ticked.deadline), ("OK", Some(8_000)));
    let over = bench.scanner.handle(8_000, Event::Tick);
    assert_eq!((bench.shown(8_000).0.as_str(), over.pause, over.deadline), ("scan", PAUSE, None));
}

fn pass_initials() -> Option<String> {
    pass().initials
}

#[test]
fn what_may_be_misread_is_looked_at_again_at_once() {
    let mut bench = Bench::new();
    let forged = forged();
    let first = bench.frame(0, &[&forged]);
    assert_eq!((announced(&first), first.pause, bench.shown(0).0.as_str()), (None, Duration::ZERO, "confirming"));
    let second = bench.frame(1, &[&forged]);
    assert_eq!((announced(&second), second.pause), (Some(Code::Signature), PAUSE_AT_ANSWER));
}

#[test]
fn what_is_typed_is_believed_unless_a_wrong_key_would_explain_it() {
    let mut bench = Bench::new();
    let (good, forged) = (good(), forged());
    let first = bench.typed(0, &forged);
    assert_eq!((announced(&first), first.unread, bench.shown(0).0.as_str()), (None, true, "unread: Again"));
    let second = bench.typed(9, &forged);
    assert_eq!((announced(&second), second.unread), (Some(Code::Signature), false));
    let effects = bench.typed(100, &good[..90]);
    assert_eq!((announced(&effects), bench.shown(100).0.as_str()), (None, "unread: Half"));
    assert_eq!(announced(&bench.typed(600, &good)), Some(Code::Ok));
    assert_eq!(announced(&bench.typed(700, &good)), None, "typed twice, as by a scanner held at it");
    bench.scanner.handle(800, Event::Dismiss);
    assert_eq!(announced(&bench.typed(900, &good)), Some(Code::Ok), "the trigger was pulled once more");
    bench.scanner.handle(1_000, Event::Dismiss);
    let effects = bench.typed(5_000, "WIFI:S:guests;;");
    assert_eq!((announced(&effects), effects.unread, effects.pause), (None, true, PAUSE));
    assert_eq!(bench.shown(5_000).0, "unread: NotAPass(Wifi)");
    assert!(!bench.scanner.handle(5_010, Event::Tick).unread, "once");
    bench.scanner.handle(5_020, Event::Unread(Unread::TooLong));
    assert_eq!(bench.shown(5_020).0, "unread: TooLong");
    // Also while the camera does not work.
    bench.scanner.handle(60_000, Event::Camera(false));
    assert_eq!(bench.shown(60_000).0, "no camera");
    assert_eq!(announced(&bench.typed(60_000, &good)), Some(Code::Ok));
    let picture = bench.scanner.look().judge(vec![code(&forged)], &Judge::of_own(&bench.trust, time(NOW)));
    assert_eq!(announced(&bench.scanner.handle(70_000, Event::Opened(picture))), Some(Code::Signature));
}

#[test]
fn of_several_passes_the_one_that_remains_is_announced() {
    let mut bench = Bench::new();
    let (one, other) = (good(), sign(&with_index(2), ISSUER));
    assert_eq!(announced(&bench.frame(0, &[&one, &other])), None);
    assert_eq!(bench.shown(0).0, "one at a time");
    assert_eq!(announced(&bench.frame(100, &[&other])), None);
    let alone = bench.frame(400, &[&other]);
    let Some(Verdict::Valid(pass)) = alone.announced else { panic!("{alone:?}") };
    assert_eq!(pass.own().unwrap().status.unwrap().index, 2);
}

#[test]
fn a_pass_beside_its_own_misreading_is_the_one_announced() {
    let mut bench = Bench::new();
    let effects = bench.frame(0, &[&forged(), &good()]);
    assert_eq!(announced(&effects), Some(Code::Ok));
}

#[test]
fn newer_trust_data_comes_with_the_next_frame() {
    let mut bench = Bench::new();
    let newer = std::mem::replace(&mut bench.trust, TrustState::empty(build_date()));
    assert_eq!(announced(&bench.frame(0, &[&good()])), Some(Code::NoTrust));
    bench.trust = newer;
    assert_eq!(announced(&bench.frame(100, &[&good()])), Some(Code::Ok));
}

#[test]
fn what_was_being_read_when_all_is_judged_anew_counts_no_more() {
    let mut bench = Bench::new();
    let good = good();
    let look = bench.scanner.look();
    let behind = look.judge(vec![code(&good)], &Judge::of_own(&bench.trust, time("2001-01-01T00:00:00Z")));
    assert_eq!(announced(&bench.frame(0, &[&good])), Some(Code::Ok));
    bench.scanner.handle(10, Event::Rejudge);
    assert_eq!(bench.shown(10).0, "scan");
    let outdated = bench.scanner.handle(20, Event::Frame { codes: behind.clone(), hint: Some("still") });
    assert_eq!((announced(&outdated), bench.shown(20)), (None, ("scan".into(), Some("still"))));
    assert_eq!(announced(&bench.scanner.handle(30, Event::Typed(behind))), None);
    assert_eq!(announced(&bench.frame(40, &[&good])), Some(Code::Ok));
}

#[test]
fn a_hint_is_for_the_scan_page() {
    let mut bench = Bench::new();
    bench.frame(0, &[]);
    assert_eq!(bench.shown(0), ("scan".into(), Some("closer")));
    bench.frame(33, &[&forged()]);
    assert_eq!(bench.shown(33), ("confirming".into(), None));
    bench.frame(66, &[&good()]);
    assert_eq!(bench.shown(66), ("OK".into(), None));
    bench.scanner.handle(99, Event::Dismiss);
    assert_eq!(bench.shown(99), ("scan".into(), Some("closer")));
}

#[test]
fn a_finger_holds_an_answer_and_lost_focus_ends_it() {
    let mut bench = Bench::new();
    bench.frame(0, &[&good()]);
    bench.scanner.handle(7_000, Event::Press);
    assert_eq!(bench.shown(20_000).0, "OK");
    bench.scanner.handle(20_000, Event::Release);
    assert_eq!((bench.shown(20_999).0.as_str(), bench.shown(21_000).0.as_str()), ("OK", "scan"));
    let blurred = bench.scanner.handle(30_000, Event::Focus(false));
    assert_eq!(blurred.deadline, Some(90_000));
    bench.scanner.handle(90_000, Event::Tick);
    assert_eq!(announced(&bench.frame(90_001, &[&good()])), None);
    assert_eq!(bench.shown(90_001).0, "cleared");
    bench.scanner.handle(90_100, Event::Focus(true));
    assert_eq!(announced(&bench.frame(90_101, &[&good()])), Some(Code::Ok));
}

#[test]
fn how_a_code_is_written_is_named_and_not_judged() {
    let mut bench = Bench::new();
    let written = ReadCode { payload: good().into(), not_a_pass: Some(NotAPass::TradeCode), symbology: Symbology::Qr };
    let codes = bench.scanner.look().judge(vec![written], &Judge::of_own(&bench.trust, time(NOW)));
    assert_eq!(announced(&bench.scanner.handle(0, Event::Frame { codes, hint: None })), None);
    assert_eq!(bench.shown(0).0, "scan: TradeCode");
}

/// What was to be counted.
fn counted(effects: &Effects) -> Option<(Code, Shown)> {
    match effects.counted? {
        tally::Event::Answer { code, shown } => Some((code, shown)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_guest_is_counted_once_however_often_the_pass_is_read_and_judged() {
    let mut bench = Bench::new();
    let (good, other) = (good(), sign(&with_index(2), ISSUER));
    assert_eq!(counted(&bench.frame(0, &[&good])), Some((Code::Ok, Shown::First)));
    for at in 1..50 {
        assert_eq!(bench.frame(at * 100, &[&good]).counted, None);
    }
    // Judged anew in view: by other trust data, and because the clock was set.
    let newer = std::mem::replace(&mut bench.trust, TrustState::empty(build_date()));
    let before = Shown::InView { before: Code::Ok };
    assert_eq!(counted(&bench.frame(5_000, &[&good])), Some((Code::NoTrust, before)));
    bench.trust = newer;
    bench.scanner.handle(5_100, Event::Rejudge);
    let before = Shown::InView { before: Code::NoTrust };
    assert_eq!(counted(&bench.frame(5_200, &[&good])), Some((Code::Ok, before)));
    // Dismissed and shown again at once, it is the same guest; two seconds after the next one, it is not.
    bench.scanner.handle(5_300, Event::Dismiss);
    assert_eq!(counted(&bench.frame(6_400, &[&good])), Some((Code::Ok, Shown::InView { before: Code::Ok })));
    assert_eq!(counted(&bench.frame(7_000, &[&other])), Some((Code::Ok, Shown::First)));
    assert_eq!(counted(&bench.frame(10_000, &[&good])), Some((Code::Ok, Shown::Again)));
    bench.frame(30_000, &[]);
    assert_eq!(counted(&bench.frame(60_000, &[&good])), Some((Code::Ok, Shown::InARow)));
}

#[test]
fn a_mismatch_is_to_be_counted_and_its_undoing_too() {
    let mut bench = Bench::new();
    bench.frame(0, &[&good()]);
    assert_eq!(bench.scanner.handle(100, Event::Mismatch).counted, None, "before anybody could have looked");
    assert_eq!(bench.scanner.handle(1_000, Event::Mismatch).counted, Some(tally::Event::Mismatch));
    assert_eq!(bench.scanner.handle(1_100, Event::Mismatch).counted, None);
    assert_eq!(bench.scanner.handle(2_000, Event::UndoMismatch).counted, Some(tally::Event::MismatchUndone));
    assert_eq!(bench.scanner.handle(2_100, Event::UndoMismatch).counted, None);
    assert_eq!(bench.scanner.handle(3_000, Event::Mismatch).counted, Some(tally::Event::Mismatch));
    assert_eq!(bench.scanner.handle(8_100, Event::UndoMismatch).counted, None, "too late");
}

#[test]
fn a_pass_that_was_here_before_is_told_with_its_answer_and_with_no_other() {
    let mut bench = Bench::new();
    let (good, other) = (good(), sign(&with_index(2), ISSUER));
    bench.frame(0, &[&good]);
    assert_eq!(bench.scanner.view(0).seen_before, None);
    bench.frame(2_000, &[&good]);
    bench.frame(9_000, &[]);
    assert_eq!(bench.scanner.view(9_000).seen_before, None);
    let four_minutes = Duration::from_secs(240);
    bench.frame(242_000, &[&good]);
    assert_eq!(bench.scanner.view(242_000).seen_before, Some(four_minutes));
    // For as long as the answer stands, also when it is judged anew.
    bench.frame(244_000, &[&good]);
    bench.scanner.handle(244_100, Event::Rejudge);
    assert_eq!(bench.scanner.view(244_100).seen_before, None);
    bench.frame(244_200, &[&good]);
    assert_eq!(bench.scanner.view(244_200).seen_before, Some(four_minutes));
    bench.scanner.handle(246_000, Event::Mismatch);
    assert_eq!(bench.scanner.view(246_000).seen_before, None, "nothing of the pass is on that screen");
    bench.scanner.handle(247_000, Event::Dismiss);
    bench.frame(250_000, &[&other]);
    assert_eq!(bench.scanner.view(250_000).seen_before, None);
}

#[test]
fn a_shorter_time_counts_at_once_for_what_is_on_the_screen_too() {
    let mut bench = Bench::new();
    let now = 1_000;
    assert_eq!(announced(&bench.frame(now, &[&good()])), Some(Code::Ok));
    let timing = Timing::default();
    bench.scanner.set_timing(Timing { valid: timing.away + 1_000, ..timing });
    assert_eq!(bench.shown(now + timing.away + 999).0, "OK");
    assert_eq!(bench.shown(now + timing.away + 1_000).0, "scan");
}
