//! Promise: a till whose clock is wrong does not accuse guests, and setting the clock back does not
//! bring anything expired to life.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::answer::Code;
use greenlit_core::pass::Pass;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Age, DUE_SOON, Freshness, Root, TrustState, Unusable};
use greenlit_testkit::fixture::*;

const SLACK: u64 = 300;

/// A till built at this time, which took this authority's documents.
fn built_at(build: UnixTime, authority: &Authority) -> TrustState {
    let mut state = TrustState::anchored(Root::verify_anchor(&authority.signed_root(0)).unwrap(), build);
    (1..authority.roots.len()).for_each(|index| state.advance_root(&authority.signed_root(index)).unwrap());
    state.import_bundle(&authority.signed_bundle()).unwrap();
    authority.lists.iter().for_each(|(id, list)| assert!(state.import_list(*id, &list.sign()).unwrap()));
    state
}

#[test]
fn the_floor_is_the_latest_of_build_roots_and_bundle() {
    let (early, middle, late) =
        (time("2021-01-05T00:00:00Z"), time("2021-02-25T00:00:00Z"), time("2021-03-05T00:00:00Z"));
    for (build, first, second, bundle) in [
        (late, early, middle, middle),
        (early, late, early, middle),
        (early, early, late, middle),
        (early, middle, early, late),
    ] {
        let mut authority = Authority::new().second_root().root(|root| root.issued = first);
        authority.roots[1].0.issued = second;
        let authority = authority.bundle(|body| body.issued = bundle);
        let state = built_at(build, &authority);
        assert_eq!(state.clock_floor(), late, "build {build}, roots {first} {second}, bundle {bundle}");
        let (again, _) = TrustState::restore(&state.documents(), state.rollback_floor(), build);
        assert_eq!(again.clock_floor(), late);
    }
}

#[test]
fn the_age_of_the_data_changes_at_its_second() {
    let state = Authority::new().state();
    let bundle = state.bundle().unwrap();
    let (due, stops) = (bundle.soft_expiry, bundle.hard_expiry);
    assert_eq!((state.due(), state.stops()), (Some(due), Some(stops)));
    let soon = due.minus(DUE_SOON);
    for (clock, stage, until) in [
        (time(ISSUED).minus(SLACK + 1), Freshness::ClockBehind, None),
        (time(ISSUED).minus(SLACK), Freshness::Fresh, Some(due)),
        (soon.minus(1), Freshness::Fresh, Some(due)),
        (soon, Freshness::Soon, Some(due)),
        (due.minus(1), Freshness::Soon, Some(due)),
        (due, Freshness::Stale, Some(stops)),
        (stops.minus(1), Freshness::Stale, Some(stops)),
        (stops, Freshness::Expired, Some(stops)),
    ] {
        assert_eq!(state.age(clock), Age { stage, until }, "{clock}");
    }
    // Where the root ends earlier than its bundle, that is what counts.
    let short = Authority::new().root(|root| root.expires = soon).state();
    assert_eq!((short.due(), short.stops()), (Some(soon), Some(soon)));
    assert_eq!(short.age(soon).stage, Freshness::Expired);
}

#[test]
fn newer_data_is_wanted_when_any_of_it_is_due() {
    // Without the list that is never delivered.
    let authority = Authority::new().bundle(|bundle| bundle.lists.truncate(2));
    let state = authority.state();
    let list_due = time(ISSUED).plus(3 * DAY);
    for (clock, wanted) in [(time(ISSUED), false), (list_due.minus(1), false), (list_due, true)] {
        assert_eq!(state.needs_renewal(clock), wanted, "{clock}");
    }
    // A list that is missing; a bundle that is due soon, with lists that are not.
    assert!(Authority::new().state().needs_renewal(time(ISSUED)));
    let lasting = authority.bundle(|bundle| bundle.lists.iter_mut().for_each(|list| list.soft_age = 90 * DAY)).state();
    let soon = lasting.due().unwrap().minus(DUE_SOON);
    assert!(!lasting.needs_renewal(soon.minus(1)) && lasting.needs_renewal(soon));
    assert!(TrustState::empty(build_date()).needs_renewal(time(NOW)));
}

#[test]
fn without_documents_the_floor_is_the_build_date() {
    assert_eq!(TrustState::empty(build_date()).clock_floor(), build_date());
}

#[test]
fn an_older_bundle_date_does_not_lower_the_floor() {
    let mut state = Authority::new().state();
    let back = Authority::new().bundle(|bundle| {
        bundle.version = 8;
        bundle.issued = time("2021-02-25T00:00:00Z");
    });
    assert!(state.import_bundle(&back.signed_bundle()).unwrap());
    assert_eq!(state.clock_floor(), time(ISSUED));
}

#[test]
fn lists_and_passes_do_not_move_the_floor() {
    let future = time("2021-06-01T00:00:00Z");
    let state = Authority::new().list(1, |list| list.token.issued = future).state();
    let needs_no_list = |nbf| sign(&Pass { nbf, status: None, ..pass() }, STADIUM);
    assert_eq!(code(&needs_no_list(future), &state, time(NOW)), Code::NotYetValid);
    // A clock years ahead is not held against the clock that is set right afterwards.
    assert_eq!(code(&needs_no_list(pass().nbf), &state, time("2031-01-01T00:00:00Z")), Code::TrustExpired);
    assert_eq!(state.clock_floor(), time(ISSUED));
    assert_eq!(code(&needs_no_list(pass().nbf), &state, time(NOW)), Code::Ok);
}

#[test]
fn a_list_from_the_future_is_not_judged_by_until_its_time() {
    let future = time("2021-03-20T00:00:00Z");
    let state = Authority::new().list(1, |list| list.token.issued = future).state();
    let good = sign(&pass(), ISSUER);
    for (ahead, wanted) in
        [(86_400, Code::ListUnusable), (SLACK + 1, Code::ListUnusable), (SLACK, Code::Ok), (0, Code::Ok)]
    {
        assert_eq!(code(&good, &state, future.minus(ahead)), wanted, "{ahead} s ahead of the clock");
    }
}

#[test]
fn five_minutes_behind_is_borne_with_and_no_second_more() {
    let state = Authority::new().state();
    let floor = state.clock_floor();
    for behind in [0, 1, SLACK - 1, SLACK] {
        assert_eq!(state.usable(floor.minus(behind)).unwrap().now, floor, "{behind} s behind: judged at the floor");
    }
    for behind in [SLACK + 1, 86_400, floor.seconds()] {
        let clock = floor.minus(behind);
        assert_eq!(state.usable(clock).unwrap_err(), Unusable::ClockBehind { clock, floor }, "{behind} s behind");
    }
    assert_eq!(state.usable(floor.plus(1)).unwrap().now, floor.plus(1), "ahead of the floor the clock counts");
}

#[test]
fn a_clock_set_back_brings_nothing_back() {
    let state = Authority::new().state();
    let floor = state.clock_floor();
    let ended = sign(&Pass { nbf: time("2021-02-20T00:00:00Z"), exp: floor, ..pass() }, ISSUER);
    for (behind, wanted) in [(0, Code::Expired), (SLACK, Code::Expired), (SLACK + 1, Code::ClockBehind)] {
        assert_eq!(code(&ended, &state, floor.minus(behind)), wanted, "{behind} s behind");
    }
}

#[test]
fn a_bundle_from_the_future_is_taken_and_the_clock_called_wrong() {
    let authority = Authority::new().bundle(|bundle| {
        bundle.issued = time("2021-03-20T00:00:00Z");
        bundle.soft_expiry = time("2021-04-01T00:00:00Z");
    });
    let authority = authority.list(1, |list| list.token.issued = time("2021-03-20T00:00:00Z"));
    let authority = authority.list(2, |list| list.token.issued = time("2021-03-20T00:00:00Z"));
    let state = authority.state();
    let good = sign(&pass(), ISSUER);
    assert_eq!(code(&good, &state, time(NOW)), Code::ClockBehind);
    assert_eq!(code(&good, &state, time("2021-03-19T23:54:59Z")), Code::ClockBehind);
    assert_eq!(code(&good, &state, time("2021-03-19T23:55:00Z")), Code::Ok);
}

#[test]
fn a_build_later_than_the_trust_data_says_so() {
    let hard = time("2021-06-29T00:00:00Z");
    let state = built_at(hard, &Authority::new());
    let good = sign(&pass(), ISSUER);
    assert_eq!(code(&good, &state, hard), Code::TrustExpired);
    assert_eq!(code(&good, &state, hard.minus(SLACK)), Code::TrustExpired, "by the floor, not by the clock");
    assert_eq!(code(&good, &state, hard.minus(SLACK + 1)), Code::ClockBehind);
    let state = built_at(hard.minus(1), &Authority::new());
    assert_eq!(state.usable(time(NOW)).unwrap_err(), Unusable::ClockBehind { clock: time(NOW), floor: hard.minus(1) });
}

#[test]
fn the_earlier_expiry_of_root_and_bundle_ends_the_trust() {
    let (root_end, hard) = (time("2021-04-01T00:00:00Z"), time("2021-06-29T00:00:00Z"));
    let short_root = Authority::new().root(|root| root.expires = root_end).state();
    let base = Authority::new().state();
    for (state, end) in [(&short_root, root_end), (&base, hard)] {
        assert!(state.usable(end.minus(1)).is_ok());
        assert_eq!(state.usable(end).unwrap_err(), Unusable::Expired { since: end });
        assert_eq!(state.usable(UnixTime::MAX).unwrap_err(), Unusable::Expired { since: end });
    }
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    let everlasting = Authority::new()
        .root(|root| root.expires = UnixTime::MAX)
        .bundle(|bundle| {
            (bundle.soft_expiry, bundle.hard_expiry) = (UnixTime::MAX, UnixTime::MAX);
            bundle.lists[0].hard_age = u64::MAX;
            bundle.issuers[0].longest = u64::MAX;
            bundle.issuers[0].not_after = UnixTime::MAX;
        })
        .state();
    let text = sign(&Pass { exp: UnixTime::MAX, ..pass() }, ISSUER);
    assert_eq!(code(&text, &everlasting, UnixTime::MAX.minus(1)), Code::Ok);
    assert_eq!(code(&text, &everlasting, UnixTime::MAX), Code::TrustExpired);
    assert_eq!(code(&text, &everlasting, UnixTime::new(0).unwrap()), Code::ClockBehind);
}

#[test]
fn the_latest_time_that_was_gone_by_is_not_gone_back_behind() {
    let mut state = Authority::new().state();
    let (noon, day) = (time(NOW), DAY);
    assert_eq!(state.worth_noting(noon), Some(noon));
    state.set_latest(Some(noon));
    // Seldom: flash wears out.
    assert_eq!(state.worth_noting(noon.plus(3_599)), None);
    assert_eq!(state.worth_noting(noon.plus(3_600)), Some(noon.plus(3_600)));
    assert_eq!(state.worth_noting(noon.minus(1)), None);
    // A little back, all is judged at the latest time; clearly back, nothing is.
    for back in [1, 3_600, day] {
        assert_eq!(state.usable(noon.minus(back)).unwrap().now, noon);
    }
    let clock = noon.minus(day + 1);
    assert_eq!(state.usable(clock).unwrap_err(), Unusable::ClockSetBack { clock, latest: noon });
    assert_eq!(state.age(clock).stage, Freshness::ClockBehind);
    assert_eq!((state.earliest_clock(), state.worth_noting(clock)), (noon.minus(day), None));
    // Ahead it is free, until the data is no longer in force: that is not noted.
    let end = state.stops().unwrap();
    assert_eq!(state.worth_noting(end.minus(1)), Some(end.minus(1)));
    assert_eq!(state.worth_noting(end), None);
    // What signed data proves holds without a note.
    state.set_latest(None);
    assert_eq!(state.earliest_clock(), state.clock_floor());
}
