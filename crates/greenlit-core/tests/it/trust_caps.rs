//! Promise: nobody makes a till read, keep or unpack more than it has room for, however well signed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use greenlit_core::cbor::Malformed;
use greenlit_core::status::{StatusError, Statuses};
use greenlit_core::text::Text;
use greenlit_core::trust::{
    BenefitKind, Bundle, BundleBody, DocumentError, ImportError, Issuer, ListEntry, ListError, Root, Rule, limits,
};
use greenlit_issuer::PrivateKey;
use greenlit_testkit::fixture::*;

fn words(length: usize) -> Text {
    text(&"x".repeat(length))
}

fn too_long(field: &'static str) -> DocumentError {
    Malformed::Invalid { field, why: "too long" }.into()
}

fn open(change: impl FnOnce(&mut BundleBody)) -> Result<Bundle, DocumentError> {
    let authority = Authority::new().bundle(change);
    Bundle::open(&authority.signed_bundle(), &Root::verify_anchor(&authority.signed_root(0)).unwrap())
}

#[test]
fn the_limits_are_those_of_the_design() {
    assert_eq!(
        (limits::MAX_ROOT_BYTES, limits::MAX_BUNDLE_BYTES, limits::MAX_LIST_BYTES),
        (16 << 10, 256 << 10, 8 << 20)
    );
    assert_eq!((limits::MAX_ISSUERS, limits::MAX_RULES, limits::MAX_LISTS), (1_000, 500, 64));
    assert_eq!((limits::MAX_KEYS, limits::MAX_ROOT_ADVANCES, greenlit_core::cose::MAX_SIGNATURES), (16, 1_024, 32));
}

#[test]
fn a_root_has_at_most_16_kib() {
    // Sixteen languages, of which the last one's words make up the length.
    let root = |last: usize| {
        let language = |n: u8| format!("a{}", char::from(b'a' + n));
        let long = (0..15).map(|n| (language(n), "x".repeat(1_000)));
        let all = long.chain([(language(15), "x".repeat(last))]);
        Authority::new().root(|root| root.authority = Text::new("authority", all).unwrap()).signed_root(0)
    };
    let fill = 300 + limits::MAX_ROOT_BYTES - root(300).len();
    let (full, over) = (root(fill), root(fill + 1));
    assert_eq!((full.len(), over.len()), (limits::MAX_ROOT_BYTES, limits::MAX_ROOT_BYTES + 1));
    Root::verify_anchor(&full).unwrap();
    let refused = DocumentError::TooLarge { size: limits::MAX_ROOT_BYTES + 1, cap: limits::MAX_ROOT_BYTES };
    assert_eq!(Root::verify_anchor(&over), Err(refused.clone()));
    let next = Root::verify_anchor(&full).unwrap().verify_next(&over);
    assert_eq!(next, Err(refused), "the length is looked at before anything else");
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_bundle_has_at_most_256_kib() {
    // As many rules as leave the last two room to make up the length.
    let filled = |count: usize| {
        let long =
            |n: usize| Rule { text: words(if n < 2 { 300 } else { 500 }), ..rule(&format!("{n:03}"), "x", &["x"]) };
        Authority::new().bundle(|bundle| bundle.rules = (0..count).map(long).collect())
    };
    let room = |count: usize| limits::MAX_BUNDLE_BYTES - filled(count).signed_bundle().len();
    let count = (450..limits::MAX_RULES).find(|count| room(*count) < 1_000).unwrap();
    let (mut full, room) = (filled(count), room(count));
    full.bundle.rules[0].text = words(300 + room / 2);
    full.bundle.rules[1].text = words(300 + room.div_ceil(2));
    let root = Root::verify_anchor(&Authority::new().signed_root(0)).unwrap();
    let bytes = full.signed_bundle();
    assert_eq!(bytes.len(), limits::MAX_BUNDLE_BYTES);
    Bundle::open(&bytes, &root).unwrap();
    full.bundle.rules[1].text = words(300 + room.div_ceil(2) + 1);
    let refused = DocumentError::TooLarge { size: limits::MAX_BUNDLE_BYTES + 1, cap: limits::MAX_BUNDLE_BYTES };
    assert_eq!(Bundle::open(&full.signed_bundle(), &root), Err(refused));
}

#[test]
fn a_bundle_names_at_most_1000_issuers() {
    let key = |n: u16| {
        let mut seed = [0x5a; 32];
        seed[..2].copy_from_slice(&n.to_be_bytes());
        PrivateKey::from_seed(&seed).unwrap().public().clone()
    };
    let issuers: Vec<Issuer> = (0..1_001).map(|n| Issuer { key: key(n), ..issuer(ISSUER, "X") }).collect();
    let with = |count: usize| open(|bundle| bundle.issuers = issuers[..count].to_vec());
    assert_eq!(with(1_000).unwrap().issuers.len(), 1_000);
    assert_eq!(with(1_001).unwrap_err(), too_long("list of issuers"));
}

#[test]
fn a_bundle_has_at_most_500_rules() {
    let with = |count: usize| {
        open(|b| b.rules = (0..count).map(|n| rule(&n.to_string(), BenefitKind::DISCOUNT, &["retail"])).collect())
    };
    assert_eq!(with(500).unwrap().rules.len(), 500);
    assert_eq!(with(501).unwrap_err(), too_long("list of rules"));
}

#[test]
fn a_bundle_names_at_most_64_lists() {
    let with = |count: u64| open(|bundle| bundle.lists = (0..count).map(|id| list_entry(id, 1)).collect());
    assert_eq!(with(64).unwrap().lists.len(), 64);
    assert_eq!(with(65).unwrap_err(), too_long("list of status lists"));
}

#[test]
fn a_bundle_announces_no_list_above_8_mib() {
    let with = |bits: u8, size: u64| open(|b| b.lists[0] = ListEntry { bits, size, ..list_entry(1, 1) }).map(drop);
    for (bits, most) in [(1, 67_108_864), (2, 33_554_432)] {
        assert_eq!(with(bits, most), Ok(()), "{bits} bits");
        for size in [0, most + 1, u64::MAX] {
            let wrong = Malformed::Invalid { field: "size of a list", why: "0 or above 8 MiB" };
            assert_eq!(with(bits, size), Err(wrong.into()), "{bits} bits, {size}");
        }
    }
    // A till takes lists of 1 and 2 bits, though the decoder knows 4 and 8.
    for bits in [0, 3, 4, 8] {
        let wrong = Malformed::Invalid { field: "number of bits of a list", why: "not 1 or 2" };
        assert_eq!(with(bits, 8), Err(wrong.into()), "{bits} bits");
    }
}

#[test]
fn the_same_id_name_or_rule_stands_once() {
    type Change = fn(&mut BundleBody);
    let twice: [(&str, Change); 3] = [
        ("list of status lists", |bundle| bundle.lists[1].id = 1),
        ("list of status lists", |bundle| bundle.lists[1].uri = bundle.lists[0].uri.clone()),
        ("list of rules", |bundle| bundle.rules[1].id = bundle.rules[0].id.clone()),
    ];
    for (field, change) in twice {
        assert_eq!(open(change), Err(Malformed::Invalid { field, why: "lists one twice" }.into()));
    }
}

/// What becomes of list 1 (1,001 entries of 2 bits: 251 bytes) with this zlib data.
fn take(zlib: Vec<u8>) -> Result<bool, StatusError> {
    let authority = Authority::new().list(1, |list| list.token.zlib = zlib);
    let mut state = authority.anchored();
    state.import_bundle(&authority.signed_bundle()).unwrap();
    match state.import_list(1, &authority.lists[&1].sign()) {
        Err(ImportError::List { id: 1, error: ListError::Open(error) }) => Err(error),
        other => Ok(other.unwrap()),
    }
}

#[test]
fn a_list_unpacks_to_the_size_announced_and_to_no_other() {
    let deflated = |bytes: usize| Statuses::new(8, bytes).unwrap().deflate();
    assert_eq!(take(deflated(251)), Ok(true));
    // The last is eight mebibytes of nothing in eight kilobytes.
    for bytes in [0, 1, 250, 252, 8 << 20] {
        let zlib = deflated(bytes);
        assert!(zlib.len() < 10_000);
        assert_eq!(take(zlib), Err(StatusError::Size(251)), "{bytes} bytes");
    }
    let mut damaged = stored_zlib(&[0; 251]);
    *damaged.last_mut().unwrap() ^= 1;
    let trailing = [deflated(251), vec![0]].concat();
    for (name, zlib) in [("checksum", damaged), ("trailing", trailing), ("none", vec![]), ("not zlib", vec![7; 50])] {
        assert_eq!(take(zlib), Err(StatusError::Compression), "{name}");
    }
}

#[test]
fn a_list_above_8_mib_is_not_looked_at() {
    let authority = Authority::new();
    let mut state = authority.anchored();
    state.import_bundle(&authority.signed_bundle()).unwrap();
    let error = state.import_list(1, &vec![0; limits::MAX_LIST_BYTES + 1]).unwrap_err();
    let wanted = ListError::Open(StatusError::TooLarge(limits::MAX_LIST_BYTES + 1));
    assert_eq!(error, ImportError::List { id: 1, error: wanted });
}
