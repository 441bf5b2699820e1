//! What a verdict costs, as a ratio to its floor: one bare Ed25519 verification of the same bytes.
//! And how large a pass is.
//!
//! `cargo bench --bench verify -- --write benches/README.md` writes the tables there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::{Signature, VerifyingKey};
use greenlit_core::cose::Sign1;
use greenlit_core::pass::{Birthday, Class, DocumentDigits, DocumentKind, EXTERNAL_AAD, Pass, StatusRef, scan};
use greenlit_core::status::{StatusToken, Statuses};
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{
    BenefitKind, BundleBody, Issuer, KeySet, ListEntry, Root, RootBody, Rule, TrustState, VenueKind,
};
use greenlit_core::verify::{Verified, verify_scanned};
use greenlit_issuer::{PrivateKey, sign_bundle, sign_pass, sign_root, sign_status_list};
use greenlit_qr::encode::QrPicture;

mod report;

const NOW: u64 = 1_614_556_800;
const DAY: u64 = 24 * 3600;
const LIST_SIZE: u64 = 1 << 20;

fn main() {
    let key = private_key(5);
    let trust = trust(&key);
    let text = sign_pass(&pass("З. И. Б.", 777_777), &key);

    let mut table = String::new();
    time_verdicts(&mut table, &text, &key, &trust);
    weigh_passes(&mut table, &key);
    report::publish("verify", &table);
}

/// Both are timed in turn, many times, and the ratio taken pair by pair: it stands where the
/// machine's speed drifts.
fn time_verdicts(report: &mut String, text: &str, key: &PrivateKey, trust: &TrustState) {
    const ROUNDS: usize = 2_000;
    const EACH: u32 = 10;
    let bytes = base45::decode(text.strip_prefix("GL1:").unwrap()).unwrap();
    let envelope = Sign1::parse(&bytes).unwrap();
    let message = envelope.signed_bytes(EXTERNAL_AAD);
    let signature = Signature::from_bytes(envelope.signature);
    let bare_key = VerifyingKey::from_bytes(key.public().as_bytes()).unwrap();
    let clock = time(NOW);
    let bare = || bare_key.verify_strict(black_box(&message), &signature).unwrap();
    let verdict = || {
        let verified = verify_scanned(&scan(black_box(text.as_bytes())), trust, clock);
        assert!(matches!(verified, Some(Ok(Verified::Pass(_)))));
    };
    let timed = |work: &dyn Fn()| {
        let started = Instant::now();
        (0..EACH).for_each(|_| work());
        started.elapsed().as_secs_f64() / f64::from(EACH) * 1e6
    };
    timed(&bare);
    timed(&verdict);
    let pairs: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (timed(&bare), timed(&verdict))).collect();
    let spread = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        (values[ROUNDS / 20], values[ROUNDS / 2], values[ROUNDS - 1 - ROUNDS / 20])
    };
    writeln!(report, "| text of a pass → verdict | 5th percentile | median | 95th |\n|---|---|---|---|").unwrap();
    for (what, values) in [
        ("bare `verify_strict`, µs", pairs.iter().map(|pair| pair.0).collect()),
        ("text → verdict, µs", pairs.iter().map(|pair| pair.1).collect()),
        ("ratio, pair by pair (aim: 1.2)", pairs.iter().map(|pair| pair.1 / pair.0).collect::<Vec<_>>()),
    ] {
        let (low, median, high) = spread(values);
        let digits = if what.starts_with("ratio") { 3 } else { 1 };
        writeln!(report, "| {what} | {low:.digits$} | {median:.digits$} | {high:.digits$} |").unwrap();
    }
}

fn weigh_passes(report: &mut String, key: &PrivateKey) {
    writeln!(report, "\n| pass | bytes | characters | QR version at M (aim: 8) |\n|---|---|---|---|").unwrap();
    let bare = Pass { initials: None, birthday: None, document: None, ..pass("", 1) };
    for (what, pass) in [
        ("all fields, three initials, index of a million", pass("З. И. Б.", LIST_SIZE - 1)),
        ("all fields, four initials", pass("З. И. Б. О.", LIST_SIZE - 1)),
        ("all fields, the longest initials allowed (24 bytes)", pass("З. И. Б. О. А. В", LIST_SIZE - 1)),
        ("times, class and status alone", bare),
    ] {
        let text = sign_pass(&pass, key);
        let version = QrPicture::new(&text).unwrap().version();
        let bytes = base45::decode(&text[4..]).unwrap().len();
        writeln!(report, "| {what} | {bytes} | {} | {version} |", text.len()).unwrap();
    }
}

fn time(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap()
}

fn private_key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(&[seed; 32]).unwrap()
}

fn words(text: &str) -> Text {
    Text::new("text", [("en".to_owned(), text.to_owned())]).unwrap()
}

fn pass(initials: &str, index: u64) -> Pass {
    Pass {
        exp: time(NOW + 365 * DAY),
        nbf: time(NOW),
        class: Class::RESIDENT,
        initials: Some(initials.into()),
        birthday: Birthday::new(12, 31),
        document: Some(DocumentDigits { kind: DocumentKind::Passport, last4: "5678".into() }),
        status: Some(StatusRef { list: 1, index }),
    }
}

/// A till of one authority with a rule, an issuer and a full-size status list.
fn trust(issuer: &PrivateKey) -> TrustState {
    let (root_key, bundle_key, list_key) = (private_key(1), private_key(2), private_key(3));
    let set = |key: &PrivateKey| KeySet::new(vec![key.public().clone()], 1).unwrap();
    let root = RootBody {
        number: 1,
        issued: time(NOW - DAY),
        expires: time(NOW + 1_000 * DAY),
        authority: words("Authority"),
        region: "RU-BA".into(),
        root_keys: set(&root_key),
        bundle_keys: set(&bundle_key),
        demo: false,
    };
    let entry = ListEntry {
        id: 1,
        uri: "urn:greenlit:status:1".into(),
        signer: list_key.public().clone(),
        bits: 2,
        size: LIST_SIZE,
        least_issued: time(NOW - DAY),
        soft_age: 3 * DAY,
        hard_age: 90 * DAY,
    };
    let bundle = BundleBody {
        root: 1,
        version: 1,
        issued: time(NOW - DAY),
        soft_expiry: time(NOW + 14 * DAY),
        hard_expiry: time(NOW + 120 * DAY),
        issuers: vec![Issuer {
            key: issuer.public().clone(),
            name: words("Issuer"),
            region: "RU-BA".into(),
            classes: vec![Class::RESIDENT],
            not_before: time(NOW - DAY),
            not_after: time(NOW + 1_000 * DAY),
            longest: 367 * DAY,
            revoked_at: None,
            no_status: false,
        }],
        rules: vec![Rule {
            id: "shop".into(),
            sites: vec![VenueKind::new("retail").unwrap()],
            classes: vec![Class::RESIDENT],
            kind: BenefitKind::new("discount").unwrap(),
            amount: Some(5),
            text: words("Discount"),
            from: None,
            until: None,
            issuers: Vec::new(),
        }],
        lists: vec![entry.clone()],
    };
    let statuses = Statuses::new(2, usize::try_from(LIST_SIZE).unwrap()).unwrap();
    let token = StatusToken {
        uri: entry.uri,
        issued: time(NOW - DAY),
        expires: None,
        ttl: None,
        bits: 2,
        zlib: statuses.deflate(),
    };
    let mut trust =
        TrustState::anchored(Root::verify_anchor(&sign_root(&root, &[&root_key])).unwrap(), time(NOW - 2 * DAY));
    trust.import_bundle(&sign_bundle(&bundle, &[&bundle_key])).unwrap();
    trust.import_list(1, &sign_status_list(&token, &list_key)).unwrap();
    trust
}
