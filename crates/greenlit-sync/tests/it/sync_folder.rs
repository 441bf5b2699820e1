//! Promise: whoever can write to the folder that a till syncs from, a mirror, a share, a stick, can
//! keep news from it for a while, and can do nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::Path;

use greenlit_core::answer::Code;
use greenlit_core::trust::{Root, RootBody, TrustState, limits};
use greenlit_files::FileError;
use greenlit_sync::{FetchError, ListFailure, ListOutcome, SyncError, from_folder};
use greenlit_testkit::fixture::*;

const LATER: &str = "2021-03-05T00:00:00Z";
const INDEX: u64 = 7;

fn publish(authority: &Authority, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for index in 0..authority.roots.len() {
        fs::write(folder.join(format!("root-{}.cbor", index + 1)), authority.signed_root(index)).unwrap();
    }
    fs::write(folder.join("trust.cbor"), authority.signed_bundle()).unwrap();
    for (id, list) in &authority.lists {
        fs::write(folder.join(format!("status-{id}.cwt")), list.sign()).unwrap();
    }
}

/// The fixture without the list that is never delivered.
fn first() -> Authority {
    Authority::new().bundle(|bundle| bundle.lists.truncate(2))
}

/// The next publication, in which the pass is revoked and no older list may be used.
fn second() -> Authority {
    let mut next = first().bundle(|bundle| {
        (bundle.version, bundle.issued) = (8, time(LATER));
        bundle.lists.iter_mut().for_each(|list| list.least_issued = time(LATER));
    });
    next.lists = [(1, List::new(1, 2, &[(INDEX, 1)])), (2, List::new(2, 1, &[]))].into();
    next.lists.values_mut().for_each(|list| list.token.issued = time(LATER));
    next
}

fn answer(state: &TrustState) -> Code {
    code(&sign(&with_index(INDEX), ISSUER), state, time(NOW))
}

#[test]
fn no_mixture_of_two_publications_hides_a_revocation() {
    let place = tempfile::tempdir().unwrap();
    for with_new_root in [false, true] {
        let next = if with_new_root { second().second_root() } else { second() };
        let (old, new, mixed) = (place.path().join("old"), place.path().join("new"), place.path().join("mixed"));
        publish(&first(), &old);
        publish(&next, &new);
        let files = ["root-2.cbor", "trust.cbor", "status-1.cwt", "status-2.cwt"];
        let mut taken = 0;
        for choice in 0..1u32 << files.len() {
            let _ = fs::remove_dir_all(&mixed);
            publish(&first(), &mixed);
            for (at, name) in files.iter().enumerate() {
                let from = if choice >> at & 1 == 1 { &new } else { &old };
                let _ = fs::copy(from.join(name), mixed.join(name));
            }
            // A till that has the old one, and a till that has nothing yet.
            for held in [first().state(), first().anchored()] {
                let before = answer(&held);
                let after = from_folder(&mixed, &held).map_or(held, |outcome| outcome.trust);
                let is_new = after.bundle().is_some_and(|bundle| bundle.version == 8);
                match answer(&after) {
                    Code::Revoked => taken += 1,
                    Code::Ok => assert!(!is_new, "mixture {choice:04b}: a newer bundle with an older list"),
                    // Only a till that had no answer before may be without one now.
                    other => assert!(before == Code::NoTrust, "mixture {choice:04b}: {before} became {other}"),
                }
            }
        }
        assert!(taken > 2, "no mixture was the whole new publication");
    }
}

#[test]
fn a_mirror_that_always_serves_the_same_is_outlived() {
    let place = tempfile::tempdir().unwrap();
    publish(&first(), place.path());
    let held = first().state();
    let again = from_folder(place.path(), &held).unwrap();
    assert!(!again.changed());
    let pass = sign(&with_index(INDEX), ISSUER);
    // Fetched every day: nothing gets younger by it.
    for (days, wanted) in
        [(1, Code::Ok), (89, Code::Ok), (90, Code::ListUnusable), (119, Code::ListUnusable), (120, Code::TrustExpired)]
    {
        assert_eq!(code(&pass, &again.trust, time(ISSUED).plus(days * DAY)), wanted, "{days} days on");
    }
}

#[test]
fn an_older_publication_served_again_is_refused() {
    let place = tempfile::tempdir().unwrap();
    publish(&first(), place.path());
    let held = second().state();
    let error = from_folder(place.path(), &held).unwrap_err().to_string();
    assert!(error.contains("nothing was changed"), "{error}");
    assert_eq!(answer(&held), Code::Revoked);
}

#[test]
fn file_names_come_from_numbers_alone() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("pub");
    let name = "../../status-9.cwt";
    let authority = first().bundle(|bundle| {
        bundle.lists[0].uri = name.into();
        bundle.lists[1].id = u64::MAX;
    });
    let mut authority = authority.list(1, |list| list.token.uri = name.into());
    let last = authority.lists.remove(&2).unwrap();
    authority.lists.insert(u64::MAX, last);
    publish(&authority, &folder);
    fs::write(place.path().join("status-9.cwt"), b"not to be read").unwrap();
    let outcome = from_folder(&folder, &authority.anchored()).unwrap();
    let taken = |outcome: &ListOutcome| matches!(outcome, ListOutcome::Taken);
    assert!(outcome.lists.iter().all(|(_, list)| taken(list)), "{:?}", outcome.lists);
    assert_eq!(answer(&outcome.trust), Code::Ok);
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let (elsewhere, folder) = (place.path().join("elsewhere"), place.path().join("pub"));
    let next = second().second_root();
    publish(&next, &elsewhere);
    for name in ["root-2.cbor", "trust.cbor", "status-1.cwt"] {
        let _ = fs::remove_dir_all(&folder);
        publish(&next, &folder);
        fs::remove_file(folder.join(name)).unwrap();
        std::os::unix::fs::symlink(elsewhere.join(name), folder.join(name)).unwrap();
        let held = first().state();
        match from_folder(&folder, &held).unwrap_err() {
            SyncError::Fetch(FetchError::File(FileError::NotRegular(path))) => assert!(path.ends_with(name)),
            SyncError::Incomplete {
                id: 1,
                failure: ListFailure::Fetch(FetchError::File(FileError::NotRegular(path))),
            } => {
                assert!(path.ends_with(name));
            }
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn what_the_bundle_does_not_name_is_not_read() {
    let place = tempfile::tempdir().unwrap();
    publish(&first(), place.path());
    for name in ["status-3.cwt", "root-3.cbor", "root-0.cbor", "trust.cbor.sig", "more.cwt"] {
        fs::write(place.path().join(name), vec![0xd2; 100]).unwrap();
    }
    let outcome = from_folder(place.path(), &first().anchored()).unwrap();
    assert_eq!(outcome.lists.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(outcome.trust.newest_root().unwrap().number, 1);
}

#[test]
fn a_chain_of_roots_without_end_is_given_up() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let root =
        |number: u64| sign_payload(&RootBody { number, ..root_body(number) }.encode(), Root::EXTERNAL_AAD, &[1, 2]);
    let last = 1 + limits::MAX_ROOT_ADVANCES;
    for number in 1..=last {
        fs::write(folder.join(format!("root-{number}.cbor")), root(number)).unwrap();
    }
    let authority = first().bundle(|bundle| bundle.root = last);
    fs::write(folder.join("trust.cbor"), authority.signed_bundle()).unwrap();
    let outcome = from_folder(folder, &first().state());
    // Of a till that had lists, the new data must bring them too.
    assert!(matches!(outcome, Err(SyncError::Incomplete { .. })), "{outcome:?}");
    assert_eq!(from_folder(folder, &first().anchored()).unwrap().root_advances, limits::MAX_ROOT_ADVANCES);
    fs::write(folder.join(format!("root-{}.cbor", last + 1)), root(last + 1)).unwrap();
    assert!(matches!(from_folder(folder, &first().state()), Err(SyncError::TooManyRoots)));
}

#[test]
fn a_bundle_of_a_million_issuers_is_refused_unread() {
    let place = tempfile::tempdir().unwrap();
    publish(&first(), place.path());
    // A million issuers of 110 bytes each. What is in it nobody will read, so the disk need not hold it.
    let file = place.path().join("trust.cbor");
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(110_000_000).unwrap();
    let error = from_folder(place.path(), &first().state()).unwrap_err();
    assert!(
        matches!(error, SyncError::Fetch(FetchError::File(FileError::TooLarge { cap: limits::MAX_BUNDLE_BYTES, .. }))),
        "{error}"
    );
    // And one that only says that a million follow.
    let claims =
        item(|w| w.map(8).uint(1).uint(1).uint(2).uint(9).uint(3).uint(1).uint(4).uint(2).uint(5).uint(3).uint(6));
    let claims = [claims, item(|w| w.array(1_000_000)), vec![0xa0; 1_000]].concat();
    fs::write(&file, sign_payload(&claims, "greenlit/trust/1", &[11])).unwrap();
    let error = from_folder(place.path(), &first().state()).unwrap_err();
    assert!(error.to_string().contains("nothing was changed"), "{error}");
}
