//! Promise: nobody who serves old or changed files can take a till back to what has been replaced.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::answer::Code;
use greenlit_core::status::StatusError;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{BundleBody, Documents, ImportError, ListError, Root, RootBody, TrustState};
use greenlit_testkit::fixture::*;

const MARCH_2: &str = "2021-03-02T00:00:00Z";
const MARCH_3: &str = "2021-03-03T00:00:00Z";

fn version(version: u64) -> Vec<u8> {
    Authority::new().bundle(|bundle| bundle.version = version).signed_bundle()
}

/// List 1 as made at this time.
fn list_of(issued: &str) -> Vec<u8> {
    Authority::new().list(1, |list| list.token.issued = time(issued)).lists[&1].sign()
}

fn list_error(error: ListError) -> Result<bool, ImportError> {
    Err(ImportError::List { id: 1, error })
}

fn answer(state: &TrustState) -> Code {
    code(&sign(&pass(), ISSUER), state, time(NOW))
}

#[test]
fn an_older_bundle_is_refused() {
    let mut state = Authority::new().state();
    assert!(state.import_bundle(&version(9)).unwrap());
    let before = state.documents();
    for found in [0, 7, 8] {
        assert_eq!(state.import_bundle(&version(found)), Err(ImportError::OlderBundle { found, held: 9 }));
    }
    assert_eq!(state.documents(), before);
    assert!(state.import_bundle(&version(10)).unwrap());
}

#[test]
fn one_version_has_one_content() {
    let mut state = Authority::new().state();
    let before = state.documents();
    let other = Authority::new().bundle(|bundle| bundle.rules.truncate(1)).signed_bundle();
    assert_eq!(state.import_bundle(&other), Err(ImportError::SecondBundle(7)));
    let mut authority = Authority::new();
    authority.bundle_signers = vec![12];
    let resigned = authority.signed_bundle();
    assert_eq!(state.import_bundle(&resigned), Err(ImportError::SecondBundle(7)), "the same words, signed anew");
    assert_eq!(state.import_bundle(&version(7)), Ok(false), "the very same bytes are nothing new");
    assert_eq!(state.documents(), before);
}

#[test]
fn a_list_older_than_the_one_held_is_refused() {
    let mut state = Authority::new().state();
    assert!(state.import_list(1, &list_of(MARCH_3)).unwrap());
    let (found, held) = (time(MARCH_2), time(MARCH_3));
    assert_eq!(state.import_list(1, &list_of(MARCH_2)), list_error(ListError::Older { found, held }));
    assert_eq!(state.import_list(1, &list_of(MARCH_3)), Ok(false));
    assert_eq!(state.list(1).unwrap().0.issued(), held);
}

#[test]
fn versions_and_dates_are_remembered_when_the_documents_are_lost() {
    let mut state = Authority::new().state();
    state.import_bundle(&version(9)).unwrap();
    state.import_list(1, &list_of(MARCH_3)).unwrap();
    let all = state.documents();
    let lost = [
        ("list", Documents { lists: Default::default(), ..all.clone() }),
        ("bundle", Documents { bundle: None, ..all.clone() }),
        ("both", Documents { bundle: None, lists: Default::default(), ..all.clone() }),
        ("bundle, an older one in its place", Documents { bundle: Some(version(8)), ..all.clone() }),
        ("list, an older one in its place", Documents { lists: [(1, list_of(MARCH_2))].into(), ..all }),
    ];
    for (name, documents) in lost {
        let (mut again, _) = TrustState::restore(&documents, state.rollback_floor(), build_date());
        assert_ne!(answer(&again), Code::Ok, "without {name}");
        assert_eq!(again.clock_floor(), state.clock_floor(), "without {name}");
        if again.bundle().is_none() {
            assert_eq!(again.import_bundle(&version(8)), Err(ImportError::OlderBundle { found: 8, held: 9 }), "{name}");
            assert!(again.import_bundle(&version(9)).unwrap(), "{name}");
        }
        let (found, held) = (time(MARCH_2), time(MARCH_3));
        assert_eq!(again.import_list(1, &list_of(MARCH_2)), list_error(ListError::Older { found, held }), "{name}");
        assert!(again.import_list(1, &list_of(MARCH_3)).unwrap(), "{name}");
        assert_eq!(answer(&again), Code::Ok, "{name}");
        assert_eq!(again.rollback_floor(), state.rollback_floor(), "{name}");
    }
}

#[test]
fn a_cache_that_is_whole_opens_as_it_was() {
    let state = Authority::new().second_root().state();
    let (again, errors) = TrustState::restore(&state.documents(), state.rollback_floor(), build_date());
    assert_eq!(errors, []);
    assert_eq!(
        (again.documents(), again.rollback_floor().clone()),
        (state.documents(), state.rollback_floor().clone())
    );
    assert_eq!(answer(&again), Code::Ok);
}

#[test]
fn a_cache_whose_roots_were_cut_back_trusts_no_bundle() {
    // Root 1's bundle keys were stolen and retired by root 2. Their thief can write to the cache.
    let old = Authority::new().bundle(|bundle| bundle.version = 999);
    let new = old.clone().second_root();
    let held = new.state().rollback_floor().clone();
    let cut = Documents { roots: vec![new.signed_root(0)], ..old.documents() };
    let (mut state, errors) = TrustState::restore(&cut, &held, build_date());
    assert!(errors.contains(&ImportError::OldRoot { number: 1, held: 2 }), "{errors:?}");
    assert_eq!(answer(&state), Code::NoTrust);
    assert_eq!(state.import_bundle(&old.signed_bundle()), Err(ImportError::OldRoot { number: 1, held: 2 }));
    // It climbs back, and still remembers what it held under root 2.
    state.advance_root(&new.signed_root(1)).unwrap();
    let older = new.clone().bundle(|bundle| bundle.version = 998).signed_bundle();
    assert_eq!(state.import_bundle(&older), Err(ImportError::OlderBundle { found: 998, held: 999 }));
    assert!(state.import_bundle(&new.signed_bundle()).unwrap());
    assert!(state.import_list(1, &new.lists[&1].sign()).unwrap());
    assert_eq!(answer(&state), Code::Ok);
}

#[test]
fn a_list_belongs_to_the_days_around_its_bundle() {
    let authority = Authority::new().bundle(|bundle| bundle.lists[0].least_issued = time("2021-01-01T00:00:00Z"));
    let (week_before, hard) = (time("2021-02-22T00:00:00Z"), time("2021-06-29T00:00:00Z"));
    let take = |issued| {
        let mut state = authority.anchored();
        state.import_bundle(&authority.signed_bundle()).unwrap();
        state.import_list(1, &authority.clone().list(1, |list| list.token.issued = issued).lists[&1].sign())
    };
    let too_old = |found, least| list_error(ListError::TooOld { found, least });
    for (issued, wanted) in [
        (week_before.minus(1), too_old(week_before.minus(1), week_before)),
        (week_before, Ok(true)),
        (hard, Ok(true)),
        (hard.plus(1), list_error(ListError::FromFuture { found: hard.plus(1) })),
    ] {
        assert_eq!(take(issued), wanted, "{issued}");
    }
}

#[test]
fn the_bundle_says_how_old_a_list_may_be() {
    let least = time("2021-02-25T00:00:00Z");
    let authority = Authority::new().bundle(|bundle| bundle.lists[0].least_issued = least);
    let mut state = authority.anchored();
    state.import_bundle(&authority.signed_bundle()).unwrap();
    let found = least.minus(1);
    assert_eq!(state.import_list(1, &list_of(&found.to_string())), list_error(ListError::TooOld { found, least }));
    assert!(state.import_list(1, &list_of(&least.to_string())).unwrap());
}

/// Everything held, and then a newer bundle that stands for list 1 no longer as it is.
fn after_bundle(change: fn(&mut BundleBody)) -> TrustState {
    let mut state = Authority::new().state();
    let newer = Authority::new().bundle(|bundle| bundle.version = 8).bundle(change);
    assert!(state.import_bundle(&newer.signed_bundle()).unwrap());
    state
}

#[test]
fn a_new_bundle_drops_the_lists_it_does_not_stand_for() {
    type Change = fn(&mut BundleBody);
    let changes: [(&str, Change); 6] = [
        ("too old by now", |bundle| bundle.lists[0].least_issued = time("2021-03-01T00:00:01Z")),
        ("more than a week older than the bundle", |bundle| bundle.issued = time("2021-03-08T00:00:01Z")),
        ("named otherwise", |bundle| bundle.lists[0].uri.push('x')),
        ("signed by another", |bundle| bundle.lists[0].signer = public(32)),
        ("of another width", |bundle| bundle.lists[0].bits = 1),
        ("no longer named", |bundle| drop(bundle.lists.remove(0))),
    ];
    for (name, change) in changes {
        let state = after_bundle(change);
        assert!(state.list(1).is_none() && !state.documents().lists.contains_key(&1), "{name}");
        assert_eq!(answer(&state), Code::ListUnusable, "{name}");
    }
    assert_eq!(answer(&after_bundle(|_| ())), Code::Ok);
}

#[test]
fn a_list_under_a_new_key_starts_afresh() {
    // Who stole the old list key dated a list ahead, so that no honest one could follow it.
    let ahead = Authority::new().list(1, |list| list.token.issued = time("2021-06-28T00:00:00Z"));
    let mut state = ahead.state();
    assert_eq!(answer(&state), Code::ListUnusable);
    let (found, held) = (time(ISSUED), time("2021-06-28T00:00:00Z"));
    assert_eq!(state.import_list(1, &list_of(ISSUED)), list_error(ListError::Older { found, held }));
    let newer = Authority::new()
        .bundle(|bundle| {
            bundle.version = 8;
            bundle.lists[0].signer = public(32);
        })
        .list(1, |list| list.signer = 32);
    assert!(state.import_bundle(&newer.signed_bundle()).unwrap());
    assert_eq!(state.import_list(1, &ahead.lists[&1].sign()), list_error(StatusError::Signature.into()));
    assert!(state.import_list(1, &newer.lists[&1].sign()).unwrap());
    assert_eq!(answer(&state), Code::Ok);
    // The other lists, whose key stayed, are remembered as before.
    assert_eq!(state.rollback_floor().lists.get(&2), Some(&time(ISSUED)));
}

#[test]
fn a_list_must_be_the_one_announced() {
    let mut authority = Authority::new();
    authority.lists.clear();
    let mut state = authority.state();
    let good = List::new(1, 2, &[]);
    let renamed = List { token: List::new(2, 2, &[]).token, ..good.clone() };
    let stranger = List { signer: STRANGER, ..good.clone() };
    let narrow = List::new(1, 1, &[]);
    for (name, list, wanted) in [
        ("another list's name", renamed, StatusError::OtherList("https://example.test/status-2".into())),
        ("another key", stranger, StatusError::Signature),
        ("an issuer's key", List { signer: ISSUER, ..good.clone() }, StatusError::Signature),
        ("another width", narrow, StatusError::Bits { found: 1, wanted: 2 }),
    ] {
        assert_eq!(state.import_list(1, &list.sign()), list_error(wanted.into()), "{name}");
    }
    // The right list under the wrong number: two lists must not change places.
    let swapped = state.import_list(2, &good.sign());
    assert!(matches!(swapped, Err(ImportError::List { id: 2, error: ListError::Open(_) })), "{swapped:?}");
    assert_eq!(state.import_list(9, &good.sign()), Err(ImportError::List { id: 9, error: ListError::Unknown }));
    assert_eq!(answer(&state), Code::ListUnusable);
    assert!(state.import_list(1, &good.sign()).unwrap());
    assert_eq!(answer(&state), Code::Ok);
}

#[test]
fn a_new_root_is_the_way_back_from_a_stolen_key_that_ran_ahead() {
    // The thief makes tills refuse every honest bundle and list, and call every honest clock wrong.
    let thief = Authority::new()
        .bundle(|bundle| {
            bundle.version = u64::MAX;
            bundle.issued = time("2022-01-31T00:00:00Z");
            bundle.soft_expiry = time("2022-03-01T00:00:00Z");
            bundle.hard_expiry = time("2023-01-01T00:00:00Z");
        })
        .list(1, |list| list.token.issued = time("2022-12-31T00:00:00Z"));
    let mut state = Authority::new().state();
    state.import_bundle(&thief.signed_bundle()).unwrap();
    state.import_list(1, &thief.lists[&1].sign()).unwrap();
    assert_eq!(answer(&state), Code::ClockBehind);
    assert!(state.import_bundle(&version(8)).is_err());
    // Root 2 retires the key.
    let honest = Authority::new().second_root().bundle(|bundle| bundle.version = 8);
    state.advance_root(&honest.signed_root(1)).unwrap();
    assert_eq!(state.clock_floor(), time("2021-02-20T00:00:00Z"));
    assert!(state.import_bundle(&honest.signed_bundle()).unwrap());
    assert!(state.import_list(1, &honest.lists[&1].sign()).unwrap());
    assert_eq!(answer(&state), Code::Ok);
    let (again, errors) = TrustState::restore(&state.documents(), state.rollback_floor(), build_date());
    assert_eq!((errors.len(), answer(&again)), (0, Code::Ok), "and it lasts");
}

#[test]
fn a_stolen_bundle_key_cannot_run_ahead_of_its_root() {
    let authority = Authority::new();
    let expires = authority.roots[0].0.expires;
    let at = |issued: UnixTime| {
        let ahead = authority.clone().bundle(|bundle| {
            (bundle.issued, bundle.soft_expiry, bundle.hard_expiry) = (issued, issued.plus(1), issued.plus(2));
        });
        authority.anchored().import_bundle(&ahead.signed_bundle())
    };
    assert_eq!(at(expires.minus(1)), Ok(true));
    assert!(matches!(at(expires), Err(ImportError::Bundle(_))));
}

#[test]
fn a_new_root_is_not_undone_by_the_old_record_of_what_was_held() {
    // The cache kept the record of root 1 (a crash between the two): versions of root 1 mean nothing under root 2.
    let mut old = Authority::new().state();
    old.import_bundle(&version(900)).unwrap();
    let new = Authority::new().second_root();
    let (state, errors) = TrustState::restore(&new.documents(), old.rollback_floor(), build_date());
    assert_eq!((errors, answer(&state)), (vec![], Code::Ok));
    // And root 2 is now what must not be cut away again.
    assert_eq!(state.rollback_floor().root, 2);
}

#[test]
fn a_step_that_fails_leaves_everything_as_it_was() {
    let mut state = Authority::new().state();
    let (documents, held) = (state.documents(), state.rollback_floor().clone());
    let body = RootBody { root_keys: key_set(&[4, 5, 6], 2), ..root_body(2) };
    assert!(state.advance_root(&sign_payload(&body.encode(), Root::EXTERNAL_AAD, &[4, 5])).is_err());
    assert!(state.advance_root(&[]).is_err());
    assert_eq!((state.documents(), state.rollback_floor().clone()), (documents, held));
    assert_eq!(answer(&state), Code::Ok);
}
