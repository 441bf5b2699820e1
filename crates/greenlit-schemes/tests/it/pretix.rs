//! Promise: pretix's signed tickets are opened by their event's keys and by no other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use greenlit_core::scheme::{Algorithm, Presented, Scheme, SchemeKey};
use greenlit_schemes::{Recognised, recognise};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/foreign/pretix/tickets.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The keys of each event: Base64 of PEM of SubjectPublicKeyInfo, whose last 32 bytes are the key (RFC 8410).
pub(crate) fn keys(vectors: &Value) -> Vec<Vec<SchemeKey>> {
    let key = |text: &Value| {
        let pem = String::from_utf8(STANDARD.decode(text.as_str().unwrap()).unwrap()).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
        let info = STANDARD.decode(body).unwrap();
        SchemeKey::read(Algorithm::Ed25519, &info[info.len() - 32..]).unwrap()
    };
    let events = vectors["valid_keys"].as_array().unwrap();
    events.iter().map(|event| event["pretix_sig1"].as_array().unwrap().iter().map(key).collect()).collect()
}

fn ticket(text: &str) -> Box<Presented> {
    match recognise(text.as_bytes()) {
        Recognised::Pass(pass) if pass.scheme() == Scheme::Pretix => pass,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn tickets_are_opened_by_their_own_events_keys() {
    let vectors = vectors();
    let events = keys(&vectors);
    for case in vectors["tickets"].as_array().unwrap() {
        let pass = ticket(case["text"].as_str().unwrap());
        let opened = events[0].iter().find_map(|key| pass.open(key));
        assert_eq!(opened.is_some(), case["expected"] == "valid", "{case}");
        assert!(events[1..].iter().flatten().all(|key| pass.open(key).is_none()), "{case}");
        if let Some(statement) = opened {
            let statement = statement.unwrap();
            assert!(statement.revocation_id.is_some_and(|seed| seed.len() >= 9), "{case}");
            assert!(statement.facts.iter().any(|fact| fact.name == "item"), "{case}");
        }
    }
}

#[test]
fn whatever_is_changed_of_a_ticket_it_is_not_opened() {
    let vectors = vectors();
    let events = keys(&vectors);
    let text = vectors["tickets"][0]["text"].as_str().unwrap();
    for at in 0..text.len() {
        assert!(!opens(&text[..at], &events[0]) && !opens(&text[at + 1..], &events[0]));
        for with in ["A", "/", "=", " ", "\n"] {
            let changed = [&text[..at], with, &text[at + 1..]].concat();
            assert!(changed == text || !opens(&changed, &events[0]), "{changed}");
        }
    }
}

fn opens(text: &str, keys: &[SchemeKey]) -> bool {
    match recognise(text.as_bytes()) {
        Recognised::Pass(pass) => keys.iter().any(|key| pass.open(key).is_some()),
        Recognised::Damaged { .. } => panic!("{text}: called damaged"),
        Recognised::Newer { .. } | Recognised::OnlineOnly { .. } | Recognised::No => false,
    }
}
