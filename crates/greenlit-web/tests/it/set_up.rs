//! Promise: whom a phone trusts is decided by somebody who compares a fingerprint, and what it fetches is taken whole.

use greenlit_core::trust::root_code;
use greenlit_testkit::fixture::schemes::Schemes;
use greenlit_testkit::fixture::*;
use greenlit_web::{Refusal, SyncStep};

use crate::{Given, at, new_till, published, ready, screen, sync};

#[test]
fn a_root_is_offered_by_its_file_or_its_code_and_trusted_by_a_word() {
    let authority = Authority::new();
    let root = authority.signed_root(0);
    for bytes in [root.clone(), root_code::to_code(&root).unwrap().into_bytes()] {
        let mut till = new_till();
        let offer = till.offer(&bytes).unwrap();
        assert_eq!(offer.fingerprint.split_whitespace().count(), 16, "{offer:?}");
        assert!(offer.instead_of.is_none() && till.trust().anchor().is_none(), "nothing is trusted yet");
        till.trust_offered(at(0)).unwrap();
        assert!(till.trust().anchor().is_some());
        assert_eq!(till.trust_offered(at(0)), Err(Refusal::Nothing), "a word counts once");
        assert_eq!(till.offer(&bytes), Err(Refusal::Already));
    }
}

#[test]
fn what_is_no_root_is_refused_by_name() {
    let mut till = new_till();
    let mut damaged = Authority::new().signed_root(0);
    *damaged.last_mut().unwrap() ^= 1;
    for (bytes, code) in [
        (b"".to_vec(), "not-a-root"),
        (damaged, "not-a-root"),
        (b"GLR1:\xff".to_vec(), "not-base45"),
        (vec![0xd8; 1 << 20], "not-a-root"),
        (Authority::new().signed_bundle(), "not-a-root"),
    ] {
        assert_eq!(till.offer(&bytes).unwrap_err().code(), code);
        assert_eq!(till.trust_offered(at(0)), Err(Refusal::Nothing));
    }
}

#[test]
fn another_authority_takes_the_place_of_the_first_only_when_that_is_said() {
    let mut till = ready(&Authority::new(), None);
    let other = Authority::new().root(|root| root.root_keys = key_set(&[7, 8], 2));
    let other = Authority { roots: vec![(other.roots[0].0.clone(), vec![7, 8])], ..other };
    let offer = till.offer(&other.signed_root(0)).unwrap();
    assert!(offer.instead_of.is_some());
    assert!(till.trust().bundle().is_some(), "as it was");
    till.trust_offered(at(0)).unwrap();
    assert!(till.trust().bundle().is_none(), "what the first vouched for is gone");
}

#[test]
fn a_later_root_of_the_same_authority_is_reached_by_renewal() {
    let later = Authority::new().second_root();
    let mut till = ready(&Authority::new(), None);
    assert_eq!(till.offer(&later.signed_root(1)), Err(Refusal::Later));
    let (ended, asked) = sync(&mut till, |name| Ok(published(&later, None, name)));
    assert!(matches!(ended, SyncStep::Ended { changed: true, .. }), "{ended:?}");
    assert_eq!(till.trust().newest_root().unwrap().number, 2);
    assert!(asked.contains(&"root-3.cbor".to_owned()) && !asked.contains(&"root-4.cbor".to_owned()), "{asked:?}");
}

#[test]
fn every_file_is_asked_for_once() {
    let (authority, schemes) = (Authority::new(), Schemes::new());
    let mut till = new_till();
    till.offer(&authority.signed_root(0)).unwrap();
    till.trust_offered(at(0)).unwrap();
    let (_, mut asked) = sync(&mut till, |name| Ok(published(&authority, Some(&schemes), name)));
    asked.sort();
    assert_eq!(asked[..3], ["keys-1.cbor", "keys-2.cbor", "root-2.cbor"]);
    // The third list is named, and nobody has published it.
    assert_eq!(asked[3..], ["status-1.cwt", "status-2.cwt", "status-3.cwt", "trust-2.cbor", "trust.cbor"]);
    let (ended, _) = sync(&mut till, |name| Ok(published(&authority, Some(&schemes), name)));
    assert!(
        matches!(&ended, SyncStep::Ended { changed: false, failed: false, words } if words == "Already up to date")
    );
}

#[test]
fn a_network_that_fails_and_a_publication_that_is_wrong_leave_what_there_was() {
    let authority = Authority::new();
    let newer = Authority::new().bundle(|bundle| bundle.version = 9);
    let mut till = ready(&authority, None);
    let held = till.kept();
    let mut ends = |server: &dyn Fn(&str) -> Given| {
        let (SyncStep::Ended { changed, failed, words }, _) = sync(&mut till, server) else { panic!() };
        assert!(!changed && failed);
        assert_eq!(till.kept(), held);
        words
    };
    let gone = ends(&|_| Err("no network".to_owned()));
    assert!(gone.starts_with("Can't reach the server."), "{gone}");
    assert_eq!(ends(&|_| Ok(None)), "No trust data found there.");
    // A page of a captive portal, and a bundle with one bit changed.
    assert!(ends(&|_| Ok(Some(b"<html>".to_vec()))).starts_with("Update rejected"));
    let altered = ends(&|name| {
        let mut bytes = published(&newer, None, name);
        if name == "trust.cbor" {
            *bytes.as_mut().unwrap().last_mut().unwrap() ^= 1;
        }
        Ok(bytes)
    });
    assert!(altered.starts_with("Update rejected"), "{altered}");
    // Half uploaded: the new bundle, and none of its lists.
    let half = Authority::new().bundle(|bundle| bundle.version = 9).list(1, |list| list.token.issued = time(NOW));
    let half =
        ends(&|name| if name == "trust.cbor" { Ok(Some(half.signed_bundle())) } else { Err("cut off".to_owned()) });
    assert!(half.starts_with("Can't reach the server."), "{half}");
    let endless = ends(&|name| Ok(name.ends_with(".cbor").then(|| authority.signed_root(0))));
    assert!(endless.starts_with("Update rejected"), "{endless}");
    assert_eq!(screen(&mut till, 1).age, "fresh");
}
