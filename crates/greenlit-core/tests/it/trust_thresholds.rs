//! Promise: nothing is trusted unless enough *different* and sound keys of the right role signed it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use ed25519_dalek::VerifyingKey;
use greenlit_core::cbor::{Malformed, Writer};
use greenlit_core::cose::{Header, encode_sign, signature_input};
use greenlit_core::key::{KeyError, PublicKey};
use greenlit_core::trust::{Bundle, BundleBody, DocumentError, KeySetError, Root, SignatureError};
use greenlit_testkit::fixture::*;

type Keys = Vec<[u8; 32]>;

fn keys(seeds: impl IntoIterator<Item = u8>) -> Keys {
    seeds.into_iter().map(|seed| *public(seed).as_bytes()).collect()
}

/// A root's payload with any keys and thresholds, which `RootBody` would not hold.
fn payload(root_keys: &Keys, root_threshold: u64, bundle_keys: &Keys, bundle_threshold: u64) -> Vec<u8> {
    let list = |w: &mut Writer, keys: &Keys| {
        w.array(keys.len());
        keys.iter().for_each(|key| {
            w.bytes(key);
        });
    };
    let mut w = Writer::new();
    w.map(10).uint(1).uint(1).uint(2).uint(1_612_137_600).uint(3).uint(1_643_673_600);
    w.uint(4).map(1).text("en").text("X").uint(5).text("RU-BA").uint(6);
    list(&mut w, root_keys);
    w.uint(7).uint(root_threshold).uint(8);
    list(&mut w, bundle_keys);
    w.uint(9).uint(bundle_threshold).uint(10).bool(true);
    w.into_bytes()
}

fn open(payload: &[u8], signers: &[u8]) -> Result<Root, DocumentError> {
    Root::verify_anchor(&sign_payload(payload, Root::EXTERNAL_AAD, signers))
}

#[test]
fn unsound_key_sets_are_refused_however_well_signed() {
    let (three, two) = (keys([1, 2, 3]), keys([11, 12]));
    open(&payload(&three, 2, &two, 1), &[1, 2]).unwrap();
    open(&payload(&keys(1..=16), 16, &keys(41..=56), 16), &(1..=16).collect::<Vec<_>>()).unwrap();
    let weak = [1u8].into_iter().chain([0; 31]).collect::<Vec<u8>>().try_into().unwrap();
    let no_point = [2u8].into_iter().chain([0; 31]).collect::<Vec<u8>>().try_into().unwrap();
    let long = |field| DocumentError::from(Malformed::Invalid { field, why: "too long" });
    let bad = |role, error| DocumentError::Keys { role, error };
    let (of_root, of_bundle) = (|error| bad("the root", error), |error| bad("the bundle", error));
    let threshold = |threshold, keys| KeySetError::Threshold { threshold, keys };
    for (name, payload, wanted) in [
        ("root threshold 0", payload(&three, 0, &two, 1), of_root(threshold(0, 3))),
        ("root threshold above", payload(&three, 4, &two, 1), of_root(threshold(4, 3))),
        ("root threshold largest", payload(&three, u64::MAX, &two, 1), of_root(threshold(u64::MAX, 3))),
        ("bundle threshold 0", payload(&three, 2, &two, 0), of_bundle(threshold(0, 2))),
        ("bundle threshold above", payload(&three, 2, &two, 3), of_bundle(threshold(3, 2))),
        ("no root keys", payload(&vec![], 0, &two, 1), of_root(KeySetError::Count(0))),
        ("no bundle keys", payload(&three, 2, &vec![], 0), of_bundle(KeySetError::Count(0))),
        ("17 root keys", payload(&keys(1..=17), 2, &keys([41]), 1), long("list of root keys")),
        ("17 bundle keys", payload(&three, 2, &keys(41..=57), 1), long("list of bundle keys")),
        ("a root key twice", payload(&keys([1, 2, 1]), 2, &two, 1), of_root(KeySetError::Duplicate(kid(1)))),
        ("a bundle key twice", payload(&three, 2, &keys([11, 11]), 1), of_bundle(KeySetError::Duplicate(kid(11)))),
        (
            "a key in two roles",
            payload(&three, 2, &keys([11, 3]), 1),
            bad("root and bundle", KeySetError::TwoRoles(kid(3))),
        ),
        ("a weak key", payload(&three, 2, &vec![weak], 1), of_bundle(KeyError::Weak.into())),
        ("no point of the curve", payload(&three, 2, &vec![no_point], 1), of_bundle(KeyError::NotAKey.into())),
    ] {
        assert_eq!(open(&payload, &[1, 2, 3]), Err(wanted), "{name}");
    }
}

#[test]
fn a_root_needs_its_threshold_of_different_keys() {
    let root = Authority::new().roots[0].0.encode();
    for signers in [&[1, 2][..], &[1, 3], &[2, 3], &[3, 2, 1], &[1, 1, 2]] {
        open(&root, signers).unwrap_or_else(|error| panic!("{signers:?}: {error}"));
    }
    let need = |good| DocumentError::Signatures(SignatureError::Threshold { role: "root", good, threshold: 2 });
    for (signers, good) in [(&[][..], 0), (&[1], 1), (&[1, 1], 1), (&[2; 32], 1), (&[1, STRANGER], 1), (&[11, 12], 0)] {
        assert_eq!(open(&root, signers), Err(need(good)), "{signers:?}");
    }
    // Whose words an anchor's other signatures are, nobody here can know: they only do not count.
    open(&root, &[1, 2, STRANGER]).unwrap();
}

#[test]
fn thirty_two_signatures_are_read_and_no_more() {
    let root = Authority::new().roots[0].0.encode();
    let signers = |count: usize| (0..count).map(|i| ROOT_KEYS[i % 3]).collect::<Vec<u8>>();
    open(&root, &signers(32)).unwrap();
    let wrong = Malformed::Invalid { field: "list of signatures", why: "too long" };
    assert_eq!(open(&root, &signers(33)), Err(wrong.into()));
}

/// Signs with the first of each pair in the name of the second.
fn sign_as(payload: &[u8], aad: &str, pairs: &[(u8, u8)]) -> Vec<u8> {
    let one = |(signer, named): &(u8, u8)| {
        let header = Header::encode(kid(*named));
        (kid(*named), signature(&signature_input(&header, aad, payload), *signer))
    };
    encode_sign(payload, &pairs.iter().map(one).collect::<Vec<_>>())
}

#[test]
fn one_bad_signature_spoils_enough_good_ones() {
    let authority = Authority::new();
    let root = authority.roots[0].0.encode();
    let bad = sign_as(&root, Root::EXTERNAL_AAD, &[(1, 1), (2, 2), (STRANGER, 3)]);
    assert_eq!(Root::verify_anchor(&bad), Err(SignatureError::Bad(kid(3)).into()));
    let again = sign_as(&root, Root::EXTERNAL_AAD, &[(1, 1), (2, 2), (STRANGER, 2)]);
    assert_eq!(Root::verify_anchor(&again), Err(SignatureError::Bad(kid(2)).into()), "a good one of the same key");
    let trusted = Root::verify_anchor(&authority.signed_root(0)).unwrap();
    let bundle = authority.bundle.encode();
    let bad = sign_as(&bundle, Bundle::EXTERNAL_AAD, &[(11, 11), (STRANGER, 12)]);
    assert_eq!(Bundle::open(&bad, &trusted), Err(SignatureError::Bad(kid(12)).into()));
}

#[test]
fn a_bundle_needs_the_bundle_keys_and_nobody_else() {
    let authority = Authority::new();
    let root = Root::verify_anchor(&authority.signed_root(0)).unwrap();
    let open = |aad: &str, signers: &[u8]| Bundle::open(&sign_payload(&authority.bundle.encode(), aad, signers), &root);
    for signers in [&[11][..], &[12], &[11, 12]] {
        open(Bundle::EXTERNAL_AAD, signers).unwrap();
    }
    let none = SignatureError::Threshold { role: "bundle", good: 0, threshold: 1 };
    assert_eq!(open(Bundle::EXTERNAL_AAD, &[]), Err(none.into()));
    for (name, signers, stranger) in [
        ("a stranger beside the right key", &[11, STRANGER][..], STRANGER),
        ("root keys", &[1, 2], 1),
        ("an issuer", &[ISSUER], ISSUER),
    ] {
        let wanted = Err(SignatureError::Stranger(kid(stranger)).into());
        assert_eq!(open(Bundle::EXTERNAL_AAD, signers), wanted, "{name}");
    }
    for aad in [Root::EXTERNAL_AAD, "greenlit/pass/1", "greenlit/trust/2", ""] {
        assert_eq!(open(aad, &[11]), Err(SignatureError::Bad(kid(11)).into()), "signed as \"{aad}\"");
    }
}

#[test]
fn a_bundle_threshold_of_two_counts_keys_and_not_signatures() {
    let authority = Authority::new().root(|root| root.bundle_keys = key_set(&BUNDLE_KEYS, 2));
    let root = Root::verify_anchor(&authority.signed_root(0)).unwrap();
    let open =
        |signers: &[u8]| Bundle::open(&sign_payload(&authority.bundle.encode(), Bundle::EXTERNAL_AAD, signers), &root);
    open(&[11, 12]).unwrap();
    let one = SignatureError::Threshold { role: "bundle", good: 1, threshold: 2 };
    for signers in [&[11][..], &[12, 12], &[11; 32]] {
        assert_eq!(open(signers), Err(one.into()), "{signers:?}");
    }
}

#[test]
fn no_key_of_a_bundle_does_two_kinds_of_work() {
    let open = |change: fn(&mut BundleBody)| {
        let authority = Authority::new().bundle(change);
        let root = Root::verify_anchor(&authority.signed_root(0)).unwrap();
        Bundle::open(&authority.signed_bundle(), &root).map(drop)
    };
    let refused = |error| Err(DocumentError::Keys { role: "issuers and lists", error });
    open(|_| ()).unwrap();
    type Change = fn(&mut BundleBody);
    let cases: [(Change, KeySetError); 6] = [
        (|b| b.issuers.push(issuer(1, "Root key")), KeySetError::TwoRoles(kid(1))),
        (|b| b.issuers.push(issuer(12, "Bundle key")), KeySetError::TwoRoles(kid(12))),
        (|b| b.issuers.push(issuer(LIST_SIGNER, "List signer")), KeySetError::TwoRoles(kid(LIST_SIGNER))),
        (|b| b.lists[0].signer = public(2), KeySetError::TwoRoles(kid(2))),
        (|b| b.lists[0].signer = public(11), KeySetError::TwoRoles(kid(11))),
        (|b| b.issuers.push(issuer(ISSUER, "Clinic again")), KeySetError::Duplicate(kid(ISSUER))),
    ];
    for (change, error) in cases {
        assert_eq!(open(change), refused(error));
    }
}

/// The eight points of small order, as in the literature; under the first anybody signs anything.
const SMALL_ORDER: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
];

#[test]
fn weak_keys_are_refused() {
    for point in SMALL_ORDER {
        let bytes: [u8; 32] = hex::decode(point).unwrap().try_into().unwrap();
        assert!(VerifyingKey::from_bytes(&bytes).is_ok(), "{point} is a point all the same");
        assert_eq!(PublicKey::from_bytes(&bytes), Err(KeyError::Weak), "{point}");
    }
}

#[test]
fn a_key_has_one_spelling() {
    // y and y + p name one point: 2^255 - 19 + k for the few k that leave room below 2^255.
    let mut second_spellings = 0;
    for (k, sign) in (0..19u8).flat_map(|k| [(k, 0x00), (k, 0x80)]) {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xed + k;
        bytes[31] = 0x7f | sign;
        second_spellings += u8::from(VerifyingKey::from_bytes(&bytes).is_ok_and(|key| !key.is_weak()));
        assert!(PublicKey::from_bytes(&bytes).is_err(), "k {k}, sign {sign:#x}");
    }
    assert!(second_spellings > 0, "the library refuses them by itself: the second look could go");
}
