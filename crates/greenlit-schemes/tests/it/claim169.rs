//! Promise: identities after Claim 169 are opened by their key, and say what their maker wrote.

use greenlit_core::scheme::{Algorithm, Born, Presented, Scheme, SchemeKey};
use greenlit_schemes::{Recognised, recognise};
use serde_json::Value;

fn case(name: &str) -> Value {
    let path = format!("{}/../../vectors/foreign/claim169/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text(case: &Value) -> &str {
    case["qr_data"].as_str().unwrap()
}

fn presented(case: &Value) -> Box<Presented> {
    match recognise(text(case).as_bytes()) {
        Recognised::Pass(pass) if pass.scheme() == Scheme::Claim169 => pass,
        other => panic!("{}: {other:?}", case["name"]),
    }
}

fn key(case: &Value) -> SchemeKey {
    let bytes = hex::decode(case["signing_key"]["public_key_hex"].as_str().unwrap()).unwrap();
    SchemeKey::read(Algorithm::Ed25519, &bytes).unwrap()
}

#[test]
fn a_signed_identity_is_opened_by_its_key_alone() {
    let signed = case("valid/ed25519-signed");
    let statement = presented(&signed).open(&key(&signed)).unwrap().unwrap();
    assert_eq!(statement.holder.name.as_deref(), Some("Signed Test Person"));
    assert_eq!(statement.holder.document.as_deref(), Some("-001"));
    assert_eq!(statement.issuer.as_deref(), Some("https://mosip.example.org"));
    assert_eq!(statement.expires.map(|at| at.seconds()), Some(1_800_000_000));
    let other = SchemeKey::read(Algorithm::Ed25519, &hex::decode(OTHER).unwrap()).unwrap();
    assert!(presented(&signed).open(&other).is_none());
}

/// The key of RFC 8032 §7.1, test 2.
const OTHER: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

#[test]
fn what_is_not_signed_is_opened_by_no_key() {
    let key = key(&case("valid/ed25519-signed"));
    for name in ["valid/minimal", "valid/demographics-full", "valid/with-face", "edge/expired"] {
        assert!(presented(&case(name)).open(&key).is_none(), "{name}");
    }
}

#[test]
fn what_is_encrypted_is_newer_and_what_does_not_fit_is_no_pass() {
    let encrypted = recognise(text(&case("valid/encrypted-aes256")).as_bytes());
    assert!(matches!(encrypted, Recognised::Newer { scheme: Scheme::Claim169, .. }), "{encrypted:?}");
    for name in ["invalid/bad-base45", "invalid/missing-169", "invalid/not-cose"] {
        let found = recognise(text(&case(name)).as_bytes());
        assert!(matches!(found, Recognised::No), "{name}: {found:?}");
    }
    // Spaces are letters of this alphabet.
    let signed = case("valid/ed25519-signed");
    let trimmed = text(&signed).replace(' ', "");
    assert!(matches!(recognise(trimmed.as_bytes()), Recognised::No));
}

#[test]
fn both_spellings_of_a_date_of_birth_are_one() {
    let full = case("valid/demographics-full");
    assert_eq!(Born::parse(full["expected_claim169"]["dateOfBirth"].as_str().unwrap()), Born::parse("1990-05-15"));
}
