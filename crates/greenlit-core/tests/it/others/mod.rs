//! What several tests share: where other people's vectors lie, small documents of our own, and CBOR
//! written by another hand.

pub(crate) mod edit;
pub(crate) mod item;

use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use greenlit_core::cose::{Header, Sign, Sign1};
use greenlit_core::pass::{Birthday, Class, DocumentDigits, DocumentKind, Pass, SignedPass, StatusRef, scan, to_text};
use greenlit_core::status::{StatusList, StatusToken, Statuses, check_header};
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{
    BenefitKind, Bundle, BundleBody, Issuer, KeySet, ListEntry, Root, RootBody, Rule, VenueKind,
};
use greenlit_issuer::{PrivateKey, sign_bundle, sign_root, sign_status_list};

/// 2026-11-22, when everything below was made.
pub(crate) const MADE: u64 = 1_795_305_600;
/// Which seed signs what.
pub(crate) const ROOT_KEY: u8 = 1;
pub(crate) const BUNDLE_KEY: u8 = 2;
pub(crate) const ISSUER_KEY: u8 = 3;
pub(crate) const LIST_KEY: u8 = 4;

/// A folder of other people's test vectors.
#[track_caller]
pub(crate) fn vectors(folder: &str) -> PathBuf {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(folder);
    assert!(found.is_dir(), "there is no {}", found.display());
    found
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The bytes of a hexadecimal JSON string, upper or lower case.
pub(crate) fn unhex(value: &serde_json::Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal digits")
}

pub(crate) fn time(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap()
}

pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(&[seed; 32]).unwrap()
}

/// Signs with the same key as [`key`], past the library: what a foreign issuer would do.
pub(crate) fn sign_raw(seed: u8, message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(&[seed; 32]).sign(message).to_bytes()
}

pub(crate) fn words(field: &'static str, words: &str) -> Text {
    Text::new(field, [("ru".into(), words.into()), ("en".into(), "in English".into())]).unwrap()
}

/// A pass with every field that there is.
pub(crate) fn pass() -> Pass {
    Pass {
        exp: time(MADE + 86_400 * 90),
        nbf: time(MADE),
        class: Class::RESIDENT,
        initials: Some("З. И. Б.".into()),
        birthday: Birthday::new(2, 29),
        document: Some(DocumentDigits { kind: DocumentKind::Passport, last4: "5678".into() }),
        status: Some(StatusRef { list: 1, index: 37 }),
    }
}

pub(crate) fn root_body() -> RootBody {
    let keys = |seed| KeySet::new(vec![key(seed).public().clone()], 1).unwrap();
    RootBody {
        number: 1,
        issued: time(MADE),
        expires: time(MADE + 86_400 * 3_650),
        authority: words("authority", "Проба"),
        region: "RU-BA".into(),
        root_keys: keys(ROOT_KEY),
        bundle_keys: keys(BUNDLE_KEY),
        demo: true,
    }
}

/// A bundle with an issuer, a rule and a list, each with every field that there is.
pub(crate) fn bundle_body() -> BundleBody {
    let issuer = key(ISSUER_KEY).public().clone();
    let rule = Rule {
        id: "sport-entry".into(),
        sites: vec![VenueKind::new("sport").unwrap(), VenueKind::new("resort").unwrap()],
        classes: vec![Class::RESIDENT],
        kind: BenefitKind::new(BenefitKind::DISCOUNT).unwrap(),
        amount: Some(10),
        text: words("rule text", "Скидка"),
        from: Some(time(MADE)),
        until: Some(time(MADE + 86_400)),
        issuers: vec![issuer.id()],
    };
    BundleBody {
        root: 1,
        version: 7,
        issued: time(MADE),
        soft_expiry: time(MADE + 86_400 * 14),
        hard_expiry: time(MADE + 86_400 * 120),
        issuers: vec![Issuer {
            key: issuer,
            name: words("issuer name", "Портал"),
            region: "RU-BA".into(),
            classes: vec![Class::RESIDENT, Class::SPECIMEN],
            not_before: time(MADE - 86_400),
            not_after: time(MADE + 86_400 * 365),
            longest: 86_400 * 366,
            revoked_at: Some(time(MADE + 86_400 * 300)),
            no_status: true,
        }],
        rules: vec![rule],
        lists: vec![list_entry()],
    }
}

/// How the bundle announces the list that [`list_token`] makes: 64 entries of two bits.
pub(crate) fn list_entry() -> ListEntry {
    ListEntry {
        id: 1,
        uri: "https://status.example/1".into(),
        signer: key(LIST_KEY).public().clone(),
        bits: 2,
        size: 64,
        least_issued: time(MADE - 86_400),
        soft_age: 86_400 * 3,
        hard_age: 86_400 * 90,
    }
}

/// A list in which entry 37 is revoked and entry 63 suspended.
pub(crate) fn list_token() -> StatusToken {
    let mut statuses = Statuses::new(2, 64).unwrap();
    assert!(statuses.set(37, 1) && statuses.set(63, 2));
    StatusToken {
        uri: list_entry().uri,
        issued: time(MADE),
        expires: Some(time(MADE + 86_400 * 120)),
        ttl: Some(43_200),
        bits: 2,
        zlib: statuses.deflate(),
    }
}

/// A root, a bundle under it and a list, as published.
pub(crate) fn signed_documents() -> [Vec<u8>; 3] {
    let root = sign_root(&root_body(), &[&key(ROOT_KEY)]);
    let bundle = sign_bundle(&bundle_body(), &[&key(BUNDLE_KEY)]);
    [root, bundle, sign_status_list(&list_token(), &key(LIST_KEY))]
}

/// Every door for bytes from outside; each may refuse, none may panic.
pub(crate) fn feed_everything(bytes: &[u8]) {
    let root = Root::verify_anchor(&signed_documents()[0]).expect("our own root");
    let text = to_text(bytes);
    for text in [bytes, text.as_bytes()] {
        drop(SignedPass::parse(text));
        drop(scan(text));
    }
    drop((Sign1::parse(bytes), Sign1::parse_lenient(bytes), Sign::parse(bytes), Header::parse(bytes)));
    drop((Root::verify_anchor(bytes), root.verify_next(bytes), Bundle::open(bytes, &root)));
    drop((StatusToken::parse(bytes), check_header(bytes), StatusList::open(bytes, &list_entry())));
}
