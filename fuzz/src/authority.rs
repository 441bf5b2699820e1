//! An authority whose keys everybody knows, so that the fuzzer gets past every signature.

use ed25519_dalek::{Signer, SigningKey};
use greenlit_core::cose;
use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::{self, Class};
use greenlit_core::status::{StatusToken, Statuses};
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{
    BenefitKind, Bundle, BundleBody, Issuer, KeySet, ListEntry, Root, RootBody, Rule, TrustState, VenueKind,
};

pub const ROOT: u8 = 1;
pub const BUNDLE: u8 = 2;
pub const ISSUER: u8 = 3;
pub const LIST: u8 = 4;
/// 10 March 2021, when everything is in force.
pub const NOW: u64 = 1_615_377_600;
pub const DAY: u64 = 86_400;
/// Entries of the status list.
pub const ENTRIES: u64 = 64;

/// Not those of the test vectors, some of which would open here.
fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[0xf0 | seed; 32])
}

pub fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(secret(seed).verifying_key().as_bytes()).expect("a good key")
}

pub fn kid(seed: u8) -> KeyId {
    public(seed).id()
}

/// A time, kept within what Greenlit takes for one.
pub fn time(seconds: u64) -> UnixTime {
    UnixTime::new(seconds % (1 << 53)).expect("below 2^53")
}

/// A document signed by these keys.
pub fn sign(payload: &[u8], aad: &str, seeds: &[u8]) -> Vec<u8> {
    let signature = |seed: &u8| {
        let protected = cose::Header::encode(kid(*seed));
        (kid(*seed), secret(*seed).sign(&cose::signature_input(&protected, aad, payload)).to_bytes())
    };
    cose::encode_sign(payload, &seeds.iter().map(signature).collect::<Vec<_>>())
}

/// A pass or list signed by this key under this header.
pub fn sign1(protected: &[u8], payload: &[u8], aad: &str, seed: u8) -> Vec<u8> {
    let signature = secret(seed).sign(&cose::signature1_input(protected, aad, payload));
    cose::encode_sign1(protected, payload, &signature.to_bytes())
}

/// The text of a pass with these claims, signed by the issuer.
pub fn pass_text(claims: &[u8]) -> String {
    pass::to_text(&sign1(&cose::Header::encode(kid(ISSUER)), claims, pass::EXTERNAL_AAD, ISSUER))
}

fn text(words: &str) -> Text {
    Text::new("text", [("en".to_owned(), words.to_owned())]).expect("a good text")
}

pub fn root_body() -> RootBody {
    RootBody {
        number: 1,
        issued: time(NOW - 30 * DAY),
        expires: time(NOW + 300 * DAY),
        authority: text("Fuzz authority"),
        region: "RU-BA".into(),
        root_keys: KeySet::new(vec![public(ROOT)], 1).expect("a good set"),
        bundle_keys: KeySet::new(vec![public(BUNDLE)], 1).expect("a good set"),
        demo: false,
    }
}

pub fn list_entry() -> ListEntry {
    ListEntry {
        id: 1,
        uri: "https://example.test/status-1".into(),
        signer: public(LIST),
        bits: 2,
        size: ENTRIES,
        least_issued: time(NOW - 20 * DAY),
        soft_age: 3 * DAY,
        hard_age: 90 * DAY,
    }
}

pub fn bundle_body() -> BundleBody {
    let issuer = |no_status| Issuer {
        key: public(if no_status { 7 } else { ISSUER }),
        name: text("Clinic"),
        region: "RU-BA".into(),
        classes: [1, 2, 3].map(Class).to_vec(),
        not_before: time(NOW - 30 * DAY),
        not_after: time(NOW + 200 * DAY),
        longest: 366 * DAY,
        revoked_at: no_status.then(|| time(NOW + DAY)),
        no_status,
    };
    let rule = |id: &str, kind: &str, amount| Rule {
        id: id.into(),
        sites: vec![VenueKind::new("hotel").expect("a site"), VenueKind::new("retail").expect("a site")],
        classes: vec![Class::RESIDENT, Class(3)],
        kind: BenefitKind::new(kind).expect("a kind"),
        amount,
        text: text(id),
        from: amount.map(|_| time(NOW - DAY)),
        until: amount.map(|_| time(NOW + 100 * DAY)),
        issuers: if amount.is_some() { vec![kid(ISSUER)] } else { Vec::new() },
    };
    BundleBody {
        root: 1,
        version: 7,
        issued: time(NOW - 2 * DAY),
        soft_expiry: time(NOW + 12 * DAY),
        hard_expiry: time(NOW + 118 * DAY),
        issuers: vec![issuer(false), issuer(true)],
        rules: vec![rule("stay", BenefitKind::DISCOUNT, Some(10)), rule("mask", BenefitKind::REMINDER, None)],
        lists: vec![list_entry()],
    }
}

/// A list in which the first pass is revoked and the second suspended.
pub fn list_token() -> StatusToken {
    let mut statuses = Statuses::new(2, ENTRIES as usize).expect("a width there is");
    assert!(statuses.set(0, 1) && statuses.set(1, 2));
    StatusToken {
        uri: list_entry().uri,
        issued: time(NOW - 2 * DAY),
        expires: Some(time(NOW + 60 * DAY)),
        ttl: Some(DAY),
        bits: 2,
        zlib: statuses.deflate(),
    }
}

pub fn root() -> Root {
    Root::verify_anchor(&sign(&root_body().encode(), Root::EXTERNAL_AAD, &[ROOT])).expect("a good root")
}

pub fn bundle_document() -> Vec<u8> {
    sign(&bundle_body().encode(), Bundle::EXTERNAL_AAD, &[BUNDLE])
}

pub fn list_document(payload: &[u8]) -> Vec<u8> {
    sign1(&StatusToken::header(), payload, "", LIST)
}

/// A till that has everything.
pub fn trust() -> TrustState {
    let mut trust = TrustState::anchored(root(), time(NOW - 60 * DAY));
    assert!(trust.import_bundle(&bundle_document()).expect("a good bundle"));
    assert!(trust.import_list(1, &list_document(&list_token().encode())).expect("a good list"));
    trust
}
