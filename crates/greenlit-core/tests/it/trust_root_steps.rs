//! Promise: the authority can change its keys, and nobody else can; an old root has no say left.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::answer::Code;
use greenlit_core::trust::{Bundle, DocumentError, ImportError, Root, RootBody, SignatureError, TrustState, limits};
use greenlit_testkit::fixture::*;

/// Root 2 with some of the keys of root 1, signed by these.
fn second(root_keys: &[u8], signers: &[u8]) -> Vec<u8> {
    sign_root(&RootBody { root_keys: key_set(root_keys, 2), ..root_body(2) }, signers)
}

fn sign_root(body: &RootBody, signers: &[u8]) -> Vec<u8> {
    sign_payload(&body.encode(), Root::EXTERNAL_AAD, signers)
}

/// Why root 2 is not taken after root 1.
fn step(bytes: &[u8]) -> Result<(), DocumentError> {
    let mut state = Authority::new().anchored();
    match state.advance_root(bytes) {
        Ok(()) => {
            assert_eq!(state.newest_root().unwrap().number, 2);
            Ok(())
        }
        Err(ImportError::Root { number: 2, error }) => {
            assert_eq!(state.newest_root().unwrap().number, 1, "nothing is taken with an error");
            Err(error)
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_root_that_never_serves_is_refused() {
    let issued = root_body(2).issued;
    for (expires, good) in [(issued.plus(1), true), (issued, false), (issued.minus(1), false)] {
        let body = RootBody { expires, ..root_body(2) };
        assert_eq!(step(&sign_root(&body, &[1, 2])).is_ok(), good, "expires {expires}");
        let first = RootBody { expires, ..root_body(1) };
        assert_eq!(Root::verify_anchor(&sign_root(&first, &[1, 2])).is_ok(), good, "expires {expires}");
    }
}

#[test]
fn a_step_needs_the_old_threshold_and_the_new() {
    let threshold = |role, good| Err(SignatureError::Threshold { role, good, threshold: 2 }.into());
    let (old, own) = ("the previous root's", "its own root");
    for (keys, signers, wanted) in [
        (&[4, 5, 6][..], &[1, 2, 4, 5][..], Ok(())),
        (&[4, 5, 6], &[6, 3, 2, 4], Ok(())),
        (&[4, 5, 6], &[1, 2], threshold(own, 0)),
        (&[4, 5, 6], &[4, 5, 6], threshold(old, 0)),
        (&[4, 5, 6], &[1, 2, 4], threshold(own, 1)),
        (&[4, 5, 6], &[1, 4, 5], threshold(old, 1)),
        (&[4, 5, 6], &[1, 1, 4, 5], threshold(old, 1)),
        (&[4, 5, 6], &[1, 2, 4, 4], threshold(own, 1)),
        // A key of both roots speaks for both.
        (&[1, 2, 4], &[1, 2], Ok(())),
        (&[2, 3, 4], &[1, 2, 4], Ok(())),
        (&[2, 3, 4], &[2, 4], threshold(old, 1)),
        (&[2, 3, 4], &[1, 2], threshold(own, 1)),
        // Between two known roots every signature has an owner.
        (&[4, 5, 6], &[1, 2, 4, 5, STRANGER], Err(SignatureError::Stranger(kid(STRANGER)).into())),
    ] {
        assert_eq!(step(&second(keys, signers)), wanted, "keys {keys:?}, signed by {signers:?}");
    }
}

#[test]
fn a_step_may_not_be_signed_as_a_bundle() {
    let body = RootBody { root_keys: key_set(&[1, 2, 4], 2), ..root_body(2) };
    let bytes = sign_payload(&body.encode(), Bundle::EXTERNAL_AAD, &[1, 2]);
    assert_eq!(step(&bytes), Err(SignatureError::Bad(kid(1)).into()));
}

#[test]
fn numbers_rise_by_one() {
    for found in [0, 1, 3, u64::MAX] {
        let error = step(&sign_root(&root_body(found), &[1, 2])).unwrap_err();
        let wanted = DocumentError::WrongNumber { found, wanted: 2 };
        assert!(error == wanted || found == 0, "root {found}: {error}");
    }
    assert!(Root::verify_anchor(&sign_root(&root_body(0), &[1, 2])).is_err(), "roots count from 1");
    let last = Root::verify_anchor(&sign_root(&root_body(u64::MAX), &[1, 2])).unwrap();
    assert_eq!(last.number, u64::MAX);
}

#[test]
fn without_an_anchor_no_root_is_next() {
    let mut state = TrustState::empty(build_date());
    assert_eq!(state.advance_root(&second(&[1, 2, 3], &[1, 2])), Err(ImportError::NoAnchor));
    assert_eq!(state.import_bundle(&Authority::new().signed_bundle()), Err(ImportError::NoAnchor));
    assert!(state.newest_root().is_none() && state.bundle().is_none());
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_till_left_alone_for_long_walks_all_the_steps_of_a_sync() {
    let mut state = Authority::new().anchored();
    for number in 2..2 + limits::MAX_ROOT_ADVANCES {
        let keys = [number, number + 1, number + 2].map(|n| u8::try_from(100 + n % 100).unwrap());
        let held: Vec<u8> = if number == 2 { vec![1, 2] } else { vec![keys[0], keys[1]] };
        // Each root retires the oldest key and adds a new one.
        let body = RootBody { root_keys: key_set(&keys, 2), ..root_body(number) };
        let signers = if number == 2 { [held, vec![keys[0], keys[1]]].concat() } else { held };
        state.advance_root(&sign_root(&body, &signers)).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(limits::MAX_ROOT_ADVANCES, 1_024);
    assert_eq!(state.newest_root().unwrap().number, 1_025);
    assert_eq!(state.anchor().unwrap().number, 1);
    let (again, errors) = TrustState::restore(&state.documents(), state.rollback_floor(), build_date());
    assert_eq!((errors, again.newest_root().unwrap().number), (vec![], 1_025));
}

#[test]
fn only_the_last_roots_expiry_counts() {
    let now = time(NOW);
    let good = sign(&pass(), ISSUER);
    let past = time("2021-03-09T00:00:00Z");
    let old_expired = Authority::new().second_root().root(|root| root.expires = past);
    assert_eq!(code(&good, &old_expired.state(), now), Code::Ok);
    let mut new_expired = Authority::new().second_root();
    new_expired.roots[1].0.expires = past;
    assert_eq!(code(&good, &new_expired.state(), now), Code::TrustExpired);
    let mut alone = old_expired;
    alone.roots.truncate(1);
    (alone.bundle, alone.bundle_signers) = (bundle_body(), vec![11]);
    assert_eq!(code(&good, &alone.state(), now), Code::TrustExpired, "the first, when it is the last");
}

#[test]
fn any_root_can_be_the_anchor() {
    let authority = Authority::new().second_root();
    // It carries a signature of root 1's first key, which nobody has who starts here.
    let anchor = Root::verify_anchor(&authority.signed_root(1)).unwrap();
    let mut state = TrustState::anchored(anchor, build_date());
    assert!(state.import_bundle(&authority.signed_bundle()).unwrap());
    assert!(state.import_list(1, &authority.lists[&1].sign()).unwrap());
    assert_eq!(code(&sign(&pass(), ISSUER), &state, time(NOW)), Code::Ok);
}

#[test]
fn a_new_root_takes_nothing_over() {
    let old = Authority::new().bundle(|bundle| bundle.version = 900);
    let new = old.clone().second_root().bundle(|bundle| bundle.version = 1);
    let mut state = old.state();
    let good = sign(&pass(), ISSUER);
    assert_eq!(code(&good, &state, time(NOW)), Code::Ok);
    state.advance_root(&new.signed_root(1)).unwrap();
    assert!(state.bundle().is_none() && state.list(1).is_none());
    assert_eq!(code(&good, &state, time(NOW)), Code::NoTrust);
    assert_eq!(
        (state.rollback_floor().root, state.rollback_floor().bundle, state.rollback_floor().lists.len()),
        (2, None, 0)
    );
    // The count of versions, and of list dates, begins anew.
    assert!(state.import_bundle(&new.signed_bundle()).unwrap());
    let earlier = new.clone().list(1, |list| list.token.issued = time("2021-02-26T00:00:00Z"));
    assert!(state.import_list(1, &earlier.lists[&1].sign()).unwrap());
    assert_eq!(code(&good, &state, time(NOW)), Code::Ok);
}

#[test]
fn a_retired_roots_bundle_is_refused() {
    let old = Authority::new();
    let mut state = old.clone().second_root().state();
    let held = state.documents();
    let refused = |error| Err(ImportError::Bundle(error));
    let wrong = DocumentError::OtherRoot { found: 1, wanted: 2 };
    assert_eq!(state.import_bundle(&old.signed_bundle()), refused(wrong));
    // Its keys may not write themselves into root 2 either: key 11 was retired.
    let posing = sign_payload(&state.bundle().unwrap().encode(), Bundle::EXTERNAL_AAD, &[11, 12]);
    assert_eq!(state.import_bundle(&posing), refused(SignatureError::Stranger(kid(11)).into()));
    let future = old.bundle(|bundle| bundle.root = 3).signed_bundle();
    assert_eq!(state.import_bundle(&future), refused(DocumentError::OtherRoot { found: 3, wanted: 2 }));
    assert_eq!(state.documents(), held);
}
