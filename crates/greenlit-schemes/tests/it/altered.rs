//! Promise: whatever is changed, cut or added in a good pass of a scheme, it is opened by no key, and nothing fails.

use greenlit_core::scheme::{Algorithm, SchemeKey};
use greenlit_schemes::{Recognised, recognise};
use serde_json::Value;

use crate::certificates::{certificate, key};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../vectors/foreign/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A good pass of each scheme, and its key.
fn good() -> Vec<(&'static str, Vec<u8>, SchemeKey)> {
    let cases = String::from_utf8(read("hcert/cases.jsonl")).unwrap();
    let line = cases.lines().find(|line| line.contains("DCC_Test_0005.json")).unwrap();
    let hcert: Value = serde_json::from_str(line).unwrap();
    let pem =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", hcert["certificate"].as_str().unwrap());
    let claim: Value = serde_json::from_slice(&read("claim169/valid/ed25519-signed.json")).unwrap();
    let claim_key = hex::decode(claim["signing_key"]["public_key_hex"].as_str().unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().as_bytes().to_vec();
    let aadhaar_key = key(&certificate(&read("aadhaar/testCertificate.pem")), Algorithm::Rs256).unwrap();
    vec![
        ("hcert", text(&hcert["text"]), key(&certificate(pem.as_bytes()), Algorithm::Ps256).unwrap()),
        ("claim169", text(&claim["qr_data"]), SchemeKey::read(Algorithm::Ed25519, &claim_key).unwrap()),
        ("aadhaar", read("aadhaar/v2-test.txt").trim_ascii().to_vec(), aadhaar_key),
    ]
}

fn opens(text: &[u8], key: &SchemeKey) -> bool {
    matches!(recognise(text), Recognised::Pass(pass) if pass.open(key).is_some())
}

#[test]
fn a_text_that_was_altered_is_opened_by_no_key() {
    for (name, text, key) in good() {
        assert!(opens(&text, &key), "{name}");
        for at in 0..text.len() {
            assert!(!opens(&text[..at], &key), "{name}: cut at {at}");
            let others: &[u8] = if name == "aadhaar" { b"07" } else { b"A0 :%" };
            for other in others.iter().filter(|other| **other != text[at]) {
                let mut altered = text.clone();
                altered[at] = *other;
                assert!(!opens(&altered, &key), "{name}: {} at {at}", char::from(*other));
            }
        }
        for more in [&b" "[..], b"\n", b"0", b"00", b"AAA"] {
            assert!(!opens(&[&text, more].concat(), &key) && !opens(&[more, &text].concat(), &key), "{name}");
        }
    }
}

#[test]
fn of_a_scheme_with_a_mark_what_is_altered_is_damaged_and_of_others_it_is_none() {
    for (name, text, _) in good() {
        for length in 6..text.len() {
            let found = recognise(&text[..length]);
            match name {
                "hcert" => assert!(matches!(found, Recognised::Damaged { .. }), "{name}: {length}"),
                _ => assert!(matches!(found, Recognised::No), "{name}: {length}: {found:?}"),
            }
        }
    }
    for (text, newer) in [("HC2:6BF", true), ("HC1", false), ("HCX", false), ("HC1:", false), ("hc1:6BF", false)] {
        assert_eq!(matches!(recognise(text.as_bytes()), Recognised::Newer { .. }), newer, "{text}");
    }
}
