//! Bytes → root, bundle, status list, scheme bundle, key list, as received or signed as they must be. What opens encodes again to the
//! same bytes, and is taken into the trust state and out of it again unchanged.
//!
//! The first byte says what the others are.
#![no_main]

use std::hint::black_box;
use std::sync::LazyLock;

use greenlit_core::cose::{Sign, Sign1, encode_sign, encode_sign1};
use greenlit_core::status::{StatusList, StatusToken, Statuses};
use greenlit_core::trust::{Bundle, KeyListBody, Root, RootBody, SchemeBundle, TrustState};
use greenlit_fuzz::authority::{self, BUNDLE, NOW, ROOT};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

static ANCHOR: LazyLock<Root> = LazyLock::new(authority::root);

fuzz_target!(init: begin("documents"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    match bytes.byte() {
        b'r' => root(bytes.0),
        b'b' => bundle(bytes.0),
        b'l' => list(bytes.0),
        b's' => scheme_bundle(bytes.0),
        b'k' => key_list(bytes.0),
        b'z' => packed(bytes),
        _ => as_received(bytes.0),
    }
});

/// Nobody signed it: it may be well-formed, and is never opened.
fn as_received(bytes: &[u8]) {
    if let Ok(sign) = Sign::parse(bytes) {
        let signatures: Vec<_> = sign.signatures.iter().map(|one| (one.kid, *one.signature)).collect();
        assert_eq!(encode_sign(sign.payload, &signatures), bytes);
    }
    if let Ok(sign) = Sign1::parse(bytes) {
        assert_eq!(encode_sign1(sign.protected, sign.payload, sign.signature), bytes);
    }
    // A root that signed itself is somebody's, and may open.
    if let Ok(root) = Root::verify_anchor(bytes) {
        assert_eq!(root.as_bytes(), bytes);
    }
    let entry = authority::list_entry();
    let opened = (ANCHOR.verify_next(bytes), Bundle::open(bytes, &ANCHOR), StatusList::open(bytes, &entry));
    assert!(opened.0.is_err() && opened.1.is_err() && opened.2.is_err(), "opened, and nobody signed it");
    opened.0.map_err(|error| error.to_string()).ok();
    opened.1.map_err(|error| error.to_string()).ok();
    opened.2.map_err(|error| error.to_string()).ok();
}

fn root(payload: &[u8]) {
    let document = authority::sign(payload, Root::EXTERNAL_AAD, &[ROOT]);
    let check = |root: &Root| {
        let body: &RootBody = root;
        assert_eq!(body.encode(), payload, "a root encodes differently");
        assert_eq!(root.as_bytes(), document);
        assert!(root.issued < root.expires && !root.root_keys.keys().is_empty());
    };
    match Root::verify_anchor(&document) {
        Ok(root) => check(&root),
        Err(error) => drop(error.to_string()),
    }
    let mut trust = TrustState::anchored(ANCHOR.clone(), authority::time(NOW));
    match trust.advance_root(&document) {
        Ok(()) => {
            let newest = trust.newest_root().expect("the root just taken");
            check(newest);
            assert_eq!(newest.number, 2);
            reopens(&trust);
        }
        Err(error) => drop(error.to_string()),
    }
}

fn bundle(payload: &[u8]) {
    let document = authority::sign(payload, Bundle::EXTERNAL_AAD, &[BUNDLE]);
    match Bundle::open(&document, &ANCHOR) {
        Ok(bundle) => {
            assert_eq!(bundle.encode(), payload, "a bundle encodes differently");
            assert_eq!(bundle.as_bytes(), document);
            let found = bundle.issuers.iter().all(|issuer| bundle.issuer(issuer.key.id()) == Some(issuer));
            assert!(found && bundle.lists.iter().all(|list| bundle.list(list.id) == Some(list)));
        }
        Err(error) => drop(error.to_string()),
    }
    let mut trust = authority::trust();
    match trust.import_bundle(&document) {
        Ok(_) => {
            reopens(&trust);
            // The list that was held, and the same delivered again, as the new bundle announces it.
            drop(trust.import_list(1, &authority::list_document(&authority::list_token().encode())));
            black_box(trust.age(authority::time(NOW)));
            if let Some((list, entry)) = trust.list(1) {
                black_box((list.get(entry.size, entry), list.get(0, entry), list.unusable_at(entry)));
            }
        }
        Err(error) => drop(error.to_string()),
    }
}

/// What a later version adds is left out, so that it need not encode again to the same bytes.
fn scheme_bundle(payload: &[u8]) {
    let document = authority::sign(payload, SchemeBundle::EXTERNAL_AAD, &[BUNDLE]);
    assert!(Bundle::open(&document, &ANCHOR).is_err(), "opened as another document");
    match SchemeBundle::open(&document, &ANCHOR) {
        Ok(bundle) => {
            assert_eq!(bundle.as_bytes(), document);
            assert!(bundle.encode().len() <= payload.len(), "more is read than there was");
            assert!(bundle.key_lists.iter().all(|entry| bundle.key_list(entry.id) == Some(entry)));
        }
        Err(error) => drop(error.to_string()),
    }
    let mut trust = authority::trust();
    match trust.import_scheme_bundle(&document) {
        Ok(_) => {
            reopens(&trust);
            black_box(trust.age(authority::time(NOW)));
        }
        Err(error) => drop(error.to_string()),
    }
}

fn key_list(bytes: &[u8]) {
    match KeyListBody::parse(bytes) {
        Ok(list) => {
            let again = list.encode();
            assert!(again.len() <= bytes.len(), "more is read than there was");
            assert_eq!(KeyListBody::parse(&again), Ok(list), "a key list reads differently when written again");
        }
        Err(error) => drop(error.to_string()),
    }
}

fn list(payload: &[u8]) {
    if let Ok(token) = StatusToken::parse(payload) {
        assert_eq!(
            StatusToken::parse(&token.encode()),
            Ok(token),
            "a status list reads differently when written again"
        );
    }
    let document = authority::list_document(payload);
    let entry = authority::list_entry();
    match StatusList::open(&document, &entry) {
        Ok(list) => {
            assert_eq!(list.as_bytes(), document);
            assert!((0..entry.size).all(|index| list.get(index, &entry).is_some_and(|status| status < 4)));
            assert_eq!(list.get(entry.size, &entry), None);
            assert!(list.unusable_at(&entry) <= list.issued().plus(entry.hard_age));
        }
        Err(error) => drop(error.to_string()),
    }
    let mut trust = authority::trust();
    match trust.import_list(1, &document) {
        Ok(_) => reopens(&trust),
        Err(error) => drop(error.to_string()),
    }
}

fn packed(mut bytes: Bytes<'_>) {
    let (bits, size) = (bytes.byte(), bytes.below(1 << 14));
    let Ok(statuses) = Statuses::inflate(bits, bytes.0, size) else { return };
    assert_eq!(statuses.as_bytes().len(), size);
    assert_eq!(Statuses::inflate(bits, &statuses.deflate(), size), Ok(statuses));
}

/// What a till keeps is what it believes after its next start.
fn reopens(trust: &TrustState) {
    let build = authority::time(NOW - 60 * authority::DAY);
    let (again, errors) = TrustState::restore(&trust.documents(), trust.rollback_floor(), build);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(again.documents(), trust.documents());
    assert_eq!(again.rollback_floor(), trust.rollback_floor());
}
