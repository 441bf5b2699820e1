//! What a verdict on a pass that others issued costs, as a ratio to the bare signature verifications that it needs, one for
//! each key that is tried, by the same crate in the same run. And what a long key list costs to open and to hold.
//!
//! `cargo bench --bench schemes -- --write benches/README.md` writes the tables there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use greenlit_core::scheme::{Algorithm, Recognised, Scheme, SchemeKey};
use greenlit_core::text::Text;
use greenlit_core::trust::{KeyList, KeyListBody, KeyListEntry, ListedKey, TrustState};
use greenlit_core::verdict::{Judge, Verdict};
use greenlit_schemes::{recognise, recognise_data_matrix};
use greenlit_testkit::fixture::schemes::{
    FESTIVAL, STATE, STATE_KEY_ID, Schemes, entry, identity, scheme_rule, ticket,
};
use greenlit_testkit::fixture::{DAY, NOW, time};
use peak_alloc::PeakAlloc;
use x509_cert::Certificate;

mod report;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ROUNDS: usize = 300;
/// As many as the EU's list had.
const KEYS_OF_THE_EU: usize = 893;

/// A pass, the keys that are tried on it, and what of it was signed how.
struct Sample {
    name: String,
    text: Vec<u8>,
    trust: TrustState,
    tried: usize,
    bare: Box<dyn Fn()>,
    data_matrix: bool,
    at: &'static str,
}

/// Within the life of the EU's test certificates.
const SUMMER: &str = "2021-06-25T00:00:00Z";

fn main() {
    let mut table = String::new();
    writeln!(
        table,
        "| pass | keys tried | bare verifications, µs | text → verdict, µs | ratio, pair by pair (aim: 1.25) |"
    )
    .unwrap();
    writeln!(table, "|---|---|---|---|---|").unwrap();
    for sample in [tickets(), identities(), certificate("ES256"), certificate("PS256"), aadhaar(), two_d_doc()] {
        time_verdict(&mut table, &sample);
    }
    time_nothing(&mut table);
    open_long_list(&mut table);
    report::publish("schemes", &table);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn timed(each: u32, work: &dyn Fn()) -> f64 {
    let started = Instant::now();
    (0..each).for_each(|_| work());
    started.elapsed().as_secs_f64() / f64::from(each) * 1e6
}

fn time_verdict(table: &mut String, sample: &Sample) {
    let judge = greenlit_schemes::judge(&sample.trust, time(sample.at));
    let verdict = || {
        let verdict = judged(&judge, black_box(&sample.text), sample.data_matrix);
        assert!(matches!(verdict, Verdict::Valid(_)), "{}: {verdict:?}", sample.name);
    };
    timed(3, &verdict);
    let pairs: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (timed(3, &sample.bare), timed(3, &verdict))).collect();
    let bare = median(pairs.iter().map(|pair| pair.0).collect());
    let whole = median(pairs.iter().map(|pair| pair.1).collect());
    let ratio = median(pairs.iter().map(|pair| pair.1 / pair.0).collect());
    writeln!(table, "| {} | {} | {bare:.0} | {whole:.0} | {ratio:.2} |", sample.name, sample.tried).unwrap();
}

fn judged(judge: &Judge<'_>, text: &[u8], data_matrix: bool) -> Verdict {
    use greenlit_core::verdict::{ReadCode, Symbology};
    if !data_matrix {
        return judge.text(text);
    }
    judge.code(&ReadCode { payload: text.to_vec(), not_a_pass: None, symbology: Symbology::DataMatrix })
}

/// The practice authority's trust data, with this list and a rule for its scheme.
fn trust_of(list: KeyListBody) -> TrustState {
    let rule = scheme_rule("any", list.scheme, "free-entry", &["hotel"]);
    let mut schemes = Schemes::new().bundle(|bundle| bundle.rules = vec![rule]);
    schemes.bundle.key_lists = vec![KeyListEntry { soft_age: 400 * DAY, hard_age: 400 * DAY, ..entry(1, &list) }];
    schemes.lists = [(1, list)].into();
    schemes.state()
}

fn list_of(scheme: Scheme, keys: Vec<ListedKey>) -> KeyListBody {
    let name = Text::new("name", [("en".to_owned(), "Issuer".to_owned())]).unwrap();
    KeyListBody { scheme, issuers: vec![("XX".into(), name)], keys, revoked: Vec::new() }
}

fn listed(algorithm: Algorithm, key: &[u8], key_id: Option<&[u8]>) -> ListedKey {
    ListedKey {
        algorithm,
        key: key.to_vec(),
        issuer: "XX".into(),
        key_id: key_id.map(<[u8]>::to_vec),
        from: None,
        until: None,
        kinds: Vec::new(),
        revoked_at: None,
    }
}

/// So many strict verifications of Ed25519, of a message of this length.
fn bare_ed25519(count: usize, length: usize) -> Box<dyn Fn()> {
    use ed25519_dalek::{Signer, SigningKey};
    let key = SigningKey::from_bytes(&[FESTIVAL; 32]);
    let message = vec![7; length];
    let (signature, public) = (key.sign(&message), key.verifying_key());
    Box::new(move || (0..count).for_each(|_| public.verify_strict(black_box(&message), &signature).unwrap()))
}

fn bare_p256(length: usize) -> Box<dyn Fn()> {
    use p256::ecdsa::signature::{Signer, Verifier};
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let message = vec![7; length];
    let signature: p256::ecdsa::Signature = key.sign(&message);
    let public = *key.verifying_key();
    Box::new(move || public.verify(black_box(&message), &signature).unwrap())
}

/// The verification by the key's own crate, of the signature in the pass: an RSA key takes long to make.
fn bare_by_key(key: SchemeKey, text: &[u8], data_matrix: bool) -> Box<dyn Fn()> {
    let recognised = if data_matrix { recognise_data_matrix(text) } else { recognise(text) };
    let Recognised::Pass(pass) = recognised else { unreachable!("a pass") };
    assert!(pass.is_signed_by(&key));
    Box::new(move || assert!(black_box(&pass).is_signed_by(&key)))
}

fn tickets() -> Sample {
    let text = ticket(FESTIVAL, b"seed-of-a-ticket", 42, None).into_bytes();
    Sample {
        name: "pretix, Ed25519".into(),
        text,
        trust: Schemes::new().state(),
        tried: 2,
        bare: bare_ed25519(2, 20),
        data_matrix: false,
        at: NOW,
    }
}

fn identities() -> Sample {
    let text = identity(STATE, STATE_KEY_ID, "1984-05-09", "2021-02-20T00:00:00Z", "2021-12-01T00:00:00Z");
    Sample {
        name: "Claim 169, Ed25519".into(),
        text: text.into_bytes(),
        trust: Schemes::new().state(),
        tried: 2,
        bare: bare_ed25519(2, 120),
        data_matrix: false,
        at: NOW,
    }
}

fn vectors(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/vectors/foreign/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The subject's key of a certificate in DER: RSA's as an RSAPublicKey, a curve's as a point.
fn key_of(der: &[u8]) -> Vec<u8> {
    let certificate = Certificate::from_der(der).unwrap();
    certificate.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes().to_vec()
}

/// The first of the EU's test certificates that this algorithm signed, and that has no end before the moment.
fn certificate(algorithm: &str) -> Sample {
    let which = if algorithm == "ES256" { Algorithm::Es256 } else { Algorithm::Ps256 };
    let cases = String::from_utf8(vectors("hcert/cases.jsonl")).unwrap();
    for case in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(case).unwrap();
        let der = STANDARD.decode(case["certificate"].as_str().unwrap()).unwrap();
        let (text, key) = (case["text"].as_str().unwrap().as_bytes().to_vec(), key_of(&der));
        let Recognised::Pass(pass) = recognise(&text) else { continue };
        let Ok(made) = SchemeKey::read(which, &key) else { continue };
        if !pass.is_signed_by(&made) {
            continue;
        }
        let list = list_of(Scheme::Hcert, vec![listed(which, &key, pass.key_id())]);
        let trust = trust_of(list);
        if !matches!(greenlit_schemes::judge(&trust, time(SUMMER)).text(&text), Verdict::Valid(_)) {
            continue;
        }
        let length = text.len() / 2;
        let bare = if which == Algorithm::Es256 { bare_p256(length) } else { bare_by_key(made, &text, false) };
        return Sample {
            name: format!("HCERT, {algorithm}"),
            text,
            trust,
            tried: 1,
            bare,
            data_matrix: false,
            at: SUMMER,
        };
    }
    unreachable!("a certificate of {algorithm}")
}

fn aadhaar() -> Sample {
    let text = vectors("aadhaar/uidai-own-sample.txt").trim_ascii().to_vec();
    let pem = String::from_utf8(vectors("aadhaar/uidai_prod_cdup.cer")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = key_of(&STANDARD.decode(body.trim()).unwrap());
    let made = SchemeKey::read(Algorithm::Rs256, &key).unwrap();
    let trust = trust_of(list_of(Scheme::Aadhaar, vec![listed(Algorithm::Rs256, &key, None)]));
    let bare = bare_by_key(made, &text, false);
    Sample { name: "Aadhaar, RS256".into(), text, trust, tried: 1, bare, data_matrix: false, at: NOW }
}

fn two_d_doc() -> Sample {
    let text = vectors("2d-doc/barcode_c40_v2.txt").trim_ascii_end().to_vec();
    let pem = String::from_utf8(vectors("2d-doc/test_cert.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = key_of(&STANDARD.decode(body.trim()).unwrap());
    let Recognised::Pass(pass) = recognise_data_matrix(&text) else { unreachable!("a 2D-Doc") };
    let trust = trust_of(list_of(Scheme::TwoDDoc, vec![listed(Algorithm::Es256, &key, pass.key_id())]));
    let bare = bare_p256(150);
    Sample { name: "2D-Doc, ES256".into(), text, trust, tried: 1, bare, data_matrix: true, at: NOW }
}

fn time_nothing(table: &mut String) {
    writeln!(table, "\n| a text that is none of them | characters | µs (aim: 2) |\n|---|---|---|").unwrap();
    for (what, text) in [
        ("a link", "https://example.org/menu/today?table=12".to_owned()),
        ("a payment code", "ST00012|Name=OOO|PersonalAcc=40702810|BankName=Bank|BIC=044525225|Sum=10000".to_owned()),
        ("a Wi-Fi code", "WIFI:T:WPA;S:cafe;P:secret-of-the-cafe;;".to_owned()),
        ("a contact card", format!("BEGIN:VCARD\nVERSION:3.0\nN:Berg;Anna\nNOTE:{}\nEND:VCARD", "x".repeat(600))),
        ("capitals and figures of Base45's alphabet", "ABC123".repeat(100)),
    ] {
        let took: Vec<f64> = (0..ROUNDS)
            .map(|_| timed(50, &|| assert!(matches!(recognise(black_box(text.as_bytes())), Recognised::No))))
            .collect();
        writeln!(table, "| {what} | {} | {:.2} |", text.len(), median(took)).unwrap();
    }
}

/// A list as long as the EU's, of points of P-256.
fn open_long_list(table: &mut String) {
    let keys = (0..KEYS_OF_THE_EU).map(|at| {
        let mut scalar = [3; 32];
        scalar[..8].copy_from_slice(&(at as u64 + 1).to_be_bytes());
        let point = p256::ecdsa::SigningKey::from_slice(&scalar).unwrap().verifying_key().to_sec1_point(true);
        let until = Some(time("2023-02-01T00:00:00Z"));
        ListedKey {
            from: Some(time("2021-02-01T00:00:00Z")),
            until,
            ..listed(Algorithm::Es256, point.as_bytes(), Some(&scalar[..8]))
        }
    });
    let list = list_of(Scheme::Hcert, keys.collect());
    let (bytes, entry) = (list.encode(), entry(1, &list));
    let schemes = Schemes::new();
    let root = greenlit_testkit::fixture::Authority::new().anchored().newest_root().unwrap().clone();
    let bundle = schemes.signed_bundle();
    let open = || {
        black_box(greenlit_core::trust::SchemeBundle::open(&bundle, &root).unwrap());
        black_box(KeyList::open(&bytes, &entry).unwrap());
    };
    let took = median((0..ROUNDS).map(|_| timed(1, &open)).collect());
    let before = MEMORY.current_usage();
    let held = KeyList::open(&bytes, &entry).unwrap();
    let resident = (MEMORY.current_usage() - before) as f64 / 1e3;
    drop(held);
    writeln!(table, "\n| key list of {KEYS_OF_THE_EU} keys | aim | measured |\n|---|---|---|").unwrap();
    writeln!(table, "| its file, kB | | {:.1} |", bytes.len() as f64 / 1e3).unwrap();
    writeln!(table, "| opened, with the scheme bundle's signature, ms | 5 | {:.2} |", took / 1e3).unwrap();
    writeln!(table, "| held in memory, kB | 400 | {resident:.0} |").unwrap();
}
