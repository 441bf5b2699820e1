//! Promise: a cache that somebody changed grants nothing. What no longer holds is dropped and
//! reported, and what depends on it goes with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::LazyLock;

use greenlit_core::answer::Code;
use greenlit_core::pass::Pass;
use greenlit_core::trust::{Documents, ImportError, RollbackFloor, TrustState};
use greenlit_testkit::fixture::*;

/// Every byte changed in three ways; the index picks which, so that all bits are met.
fn changed(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).flat_map(move |at| {
        [0x01, 0x80, 1 << (at % 8) | 0x10].map(|bits| {
            let mut copy = bytes.to_vec();
            copy[at] ^= bits;
            copy
        })
    })
}

/// A pass with a status, and one that no list is needed for.
static PASSES: LazyLock<[String; 2]> =
    LazyLock::new(|| [sign(&pass(), ISSUER), sign(&Pass { status: None, ..pass() }, STADIUM)]);

/// What the pass with a status is answered with after a new start, and what was reported.
fn reopened(documents: &Documents, held: &RollbackFloor) -> (Code, Vec<ImportError>) {
    let (state, errors) = TrustState::restore(documents, held, build_date());
    let [listed, unlisted] = PASSES.each_ref().map(|text| code(text, &state, time(NOW)));
    assert_eq!(unlisted == Code::Ok, state.bundle().is_some(), "only lists may be missing without harm to it");
    (listed, errors)
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_changed_root_takes_everything_with_it() {
    let state = Authority::new().second_root().state();
    let good = state.documents();
    assert_eq!(reopened(&good, state.rollback_floor()), (Code::Ok, vec![]));
    for index in 0..good.roots.len() {
        for bytes in changed(&good.roots[index]) {
            let mut documents = good.clone();
            documents.roots[index] = bytes;
            let (code, errors) = reopened(&documents, state.rollback_floor());
            assert_eq!(code, Code::NoTrust);
            assert!(matches!(errors.first(), Some(ImportError::Root { .. })), "{errors:?}");
        }
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_changed_bundle_is_no_bundle() {
    let state = Authority::new().state();
    let good = state.documents();
    for bytes in changed(good.bundle.as_ref().unwrap()) {
        let (code, errors) = reopened(&Documents { bundle: Some(bytes), ..good.clone() }, state.rollback_floor());
        assert_eq!(code, Code::NoTrust);
        assert!(matches!(errors.first(), Some(ImportError::Bundle(_))), "{errors:?}");
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_changed_list_is_a_missing_list() {
    let state = Authority::new().state();
    let good = state.documents();
    for bytes in changed(&good.lists[&1]) {
        let mut documents = good.clone();
        documents.lists.insert(1, bytes);
        let (code, errors) = reopened(&documents, state.rollback_floor());
        assert_eq!(code, Code::ListUnusable);
        assert!(matches!(errors.as_slice(), [ImportError::List { id: 1, .. }]), "{errors:?}");
    }
}

#[test]
fn documents_cut_short_or_emptied_are_dropped() {
    let state = Authority::new().state();
    let good = state.documents();
    let cut = |bytes: &[u8], length: usize| bytes[..length.min(bytes.len() - 1)].to_vec();
    for length in [0, 1, 5, 100, 200, usize::MAX] {
        let root = Documents { roots: vec![cut(&good.roots[0], length)], ..good.clone() };
        let bundle = good.bundle.as_ref().map(|bytes| cut(bytes, length));
        let bundle = Documents { bundle, ..good.clone() };
        let list = Documents { lists: [(1, cut(&good.lists[&1], length))].into(), ..good.clone() };
        for (documents, wanted) in [(root, Code::NoTrust), (bundle, Code::NoTrust), (list, Code::ListUnusable)] {
            let (code, errors) = reopened(&documents, state.rollback_floor());
            assert_eq!((code, errors.is_empty()), (wanted, false), "cut to {length}");
        }
    }
}

#[test]
fn documents_that_changed_places_are_dropped() {
    let authority = Authority::new().second_root();
    let (state, good) = (authority.state(), authority.documents());
    let swapped_roots = Documents { roots: good.roots.iter().rev().cloned().collect(), ..good.clone() };
    let swapped_lists =
        Documents { lists: [(1, good.lists[&2].clone()), (2, good.lists[&1].clone())].into(), ..good.clone() };
    let bundle_as_root = Documents { roots: vec![good.bundle.clone().unwrap()], ..good.clone() };
    let root_as_bundle = Documents { bundle: Some(good.roots[1].clone()), ..good.clone() };
    // Root 2 is a sound anchor by itself: only then is there a root that is not next to it.
    let (reversed, errors) = TrustState::restore(&swapped_roots, state.rollback_floor(), build_date());
    assert_eq!(reversed.anchor().unwrap().number, 2);
    assert!(matches!(errors.as_slice(), [ImportError::Root { number: 3, .. }]), "{errors:?}");
    for (documents, wanted) in
        [(swapped_lists, Code::ListUnusable), (bundle_as_root, Code::NoTrust), (root_as_bundle, Code::NoTrust)]
    {
        let (code, errors) = reopened(&documents, state.rollback_floor());
        assert_eq!((code, errors.is_empty()), (wanted, false));
    }
}

#[test]
fn an_empty_cache_trusts_nobody_and_complains_of_nothing() {
    assert_eq!(reopened(&Documents::default(), &RollbackFloor::default()), (Code::NoTrust, vec![]));
    let state = Authority::new().state();
    let without_roots = Documents { roots: vec![], ..state.documents() };
    let (code, _) = reopened(&without_roots, state.rollback_floor());
    assert_eq!(code, Code::NoTrust);
}
