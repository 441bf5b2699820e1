//! The deadline: whoever ticks then, and only then, misses nothing.

use greenlit_core::presenter::Timing;
use proptest::prelude::*;

use crate::presenter::events_of_any_kind;
use crate::presenter_harness::PresenterHarness;

/// The deadline after these events, each at its time.
fn after(events: &[(u64, &str)]) -> Option<u64> {
    let mut harness = PresenterHarness::default();
    for (now, what) in events {
        let _ = harness.act(*now, what);
    }
    harness.presenter.deadline()
}

#[test]
fn each_thing_that_ends_has_its_time() {
    for (rule, events, wanted) in [
        ("nothing ends", &[(5, "-")][..], None),
        ("a valid answer", &[(5, "ok:A")], Some(8_005)),
        ("another answer", &[(5, "exp:A")], Some(12_005)),
        (
            "one seen till the end, when its pass has left",
            &[(0, "ok:A"), (2_500, "ok:A"), (5_001, "ok:A")],
            Some(8_001),
        ),
        ("a finger holds it, and is forgotten", &[(5, "ok:A"), (1_000, "press")], Some(61_000)),
        ("let go", &[(5, "ok:A"), (1_000, "press"), (3_000, "release")], Some(10_005)),
        ("a doubtful text", &[(5, "sig:A")], Some(2_006)),
        ("a notice", &[(5, "wifi")], Some(4_005)),
        ("why there is no answer", &[(5, "too-long")], Some(12_005)),
        ("held", &[(5, "too-long"), (10, "press")], Some(60_010)),
        ("a typed text is forgotten", &[(5, "typed sig:A"), (12_005, "tick")], Some(30_005)),
        ("one at a time", &[(5, "ok:A+ok:B")], Some(1_505)),
        ("a dismissed pass leaves the view", &[(5, "ok:A"), (500, "dismiss")], Some(505)),
        ("and may come again", &[(5, "ok:A"), (500, "dismiss"), (505, "tick")], Some(1_005)),
        ("a mismatch can be undone", &[(5, "ok:A"), (505, "mismatch")], Some(5_505)),
        ("and then stands", &[(5, "ok:A"), (505, "mismatch"), (5_505, "tick")], Some(12_505)),
        ("the other of two may come again", &[(5, "ok:A"), (5, "ok:B")], Some(505)),
        ("nobody is here", &[(5, "blur")], Some(60_005)),
        ("cleared", &[(5, "blur"), (60_005, "tick")], None),
        ("judged anew", &[(5, "ok:A"), (9, "anew")], None),
    ] {
        assert_eq!(after(events), wanted, "{rule}");
    }
}

#[test]
fn an_answer_that_outstays_has_one_too() {
    let mut harness = PresenterHarness::new(Timing { other: u64::MAX, ..Timing::default() });
    let _ = harness.frame(7, "exp:A");
    assert_eq!(harness.presenter.deadline(), Some(30_007));
}

proptest! {
    #![proptest_config(crate::random_cases(1_000))]

    #[test]
    fn before_it_nothing_changes_and_after_the_last_nothing_is_left(events in events_of_any_kind()) {
        let (mut harness, mut now) = (PresenterHarness::default(), 0);
        for (wait, what) in events {
            let (screen, paused, _) = harness.look(now);
            let deadline = harness.presenter.deadline();
            now += wait;
            if deadline.is_none_or(|deadline| now < deadline) {
                let (later, still_paused, _) = harness.look(now);
                prop_assert_eq!((&screen, paused), (&later, still_paused), "{} before {:?}", now, deadline);
            }
            let _ = harness.act(now, &what);
        }
        let mut ticks = 0;
        harness.presenter.tick(now);
        while let Some(deadline) = harness.presenter.deadline() {
            prop_assert!(deadline > now, "{deadline} is over at {now}");
            now = deadline;
            ticks += 1;
            prop_assert!(ticks < 100, "it never ends");
            harness.presenter.tick(now);
        }
        let (screen, paused, _) = harness.look(now);
        prop_assert!(["scan", "no-camera", "cleared"].contains(&screen.as_str()) && !paused, "{screen} is left");
    }
}
