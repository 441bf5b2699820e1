//! Promise: the EU's test certificates of every country are opened by their keys, and say what their issuers wrote.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use greenlit_core::scheme::{Algorithm, Born, Scheme, SchemeKey, Statement};
use greenlit_core::time::UnixTime;
use greenlit_schemes::{Recognised, recognise};
use serde_json::Value;
use x509_cert::Certificate;

use crate::certificates;

/// Signed under P-384, which the scheme does not have; the source takes them all the same.
pub(crate) const EXCEPTIONS: [&str; 3] = ["ES/2DCode/raw/401.json", "ES/2DCode/raw/402.json", "ES/2DCode/raw/403.json"];

/// Signed by a key that its certificate (extended key usage) limits to another kind; the source takes it all the same.
pub(crate) const OUTSIDE_THEIR_KEY: [&str; 1] = ["LI/2DCode/raw/4.json"];

struct Case {
    file: String,
    text: String,
    key: Option<SchemeKey>,
    clock: UnixTime,
    whole: Value,
}

impl Case {
    /// Whether the source expects this step to succeed; what it does not name does.
    fn expects(&self, step: &str) -> bool {
        self.whole["expected"][step] != Value::Bool(false)
    }

    fn open(&self) -> Option<Statement> {
        let Recognised::Pass(pass) = recognise(self.text.as_bytes()) else { return None };
        assert_eq!(pass.scheme(), Scheme::Hcert);
        let statement = pass.open(self.key.as_ref()?)?;
        Some(statement.unwrap_or_else(|error| panic!("{}: {error}", self.file)))
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/foreign/hcert/cases.jsonl");
    let read = |line: &str| {
        let whole: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| whole[name].as_str().unwrap().to_owned();
        let clock = clock(&text("clock"));
        Case { file: text("file"), text: text("text"), key: key(&text("certificate")), clock, whole }
    };
    std::fs::read_to_string(path).unwrap().lines().map(read).collect()
}

/// Some leave out the time zone, or the colon in it.
fn clock(text: &str) -> UnixTime {
    let (_, time) = text.split_once('T').unwrap();
    let whole = match time.rfind(['+', '-', 'Z']) {
        None => format!("{text}Z"),
        Some(at) if time[at..].len() == 5 => format!("{}:{}", &text[..text.len() - 2], &text[text.len() - 2..]),
        Some(_) => text.to_owned(),
    };
    UnixTime::parse_rfc3339(&whole).unwrap()
}

/// The key of a certificate, if it is of the two kinds that the scheme has.
fn key(certificate: &str) -> Option<SchemeKey> {
    let der = STANDARD.decode(certificate).unwrap();
    certificates::key(&Certificate::from_der(&der).unwrap(), Algorithm::Ps256)
}

#[test]
fn certificates_are_opened_and_judged_as_their_sources_expect() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let statement = case.open();
        if EXCEPTIONS.contains(&case.file.as_str()) {
            assert!(statement.is_none(), "{}", case.file);
            continue;
        }
        if statement.is_some() != case.expects("EXPECTEDVERIFY") {
            wrong.push(format!("{}: opened {}", case.file, statement.is_some()));
            continue;
        }
        let Some(statement) = statement else { continue };
        let in_date = statement.expires.is_none_or(|expires| case.clock < expires)
            && statement.not_before.is_none_or(|from| from <= case.clock);
        // Some clocks are older than their certificates, and then nothing is said of it.
        if case.whole["expected"]["EXPECTEDEXPIRATIONCHECK"].as_bool().is_some_and(|expected| expected != in_date) {
            wrong.push(format!("{}: in date {in_date}: {statement:?} at {}", case.file, case.clock));
        }
        check_holder(case, &statement);
    }
    println!("{} of {} certificates as expected", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn check_holder(case: &Case, statement: &Statement) {
    let part = |name: &str| case.whole["name"][name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let parts = [part("fn").or(part("fnt")), part("gn").or(part("gnt"))];
    let name: Vec<&str> = parts.into_iter().flatten().collect();
    if case.whole["name"].is_object() {
        assert_eq!(statement.holder.name.clone().unwrap_or_default(), name.join(" "), "{}", case.file);
    }
    if let Some(born) = case.whole["born"].as_str() {
        let date = born.split('T').next().unwrap();
        assert_eq!(statement.holder.born, Born::parse(date), "{}", case.file);
    }
}

#[test]
fn keys_that_are_limited_to_kinds_signed_only_those() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    // 1.3.6.1.4.1.1847.2021.1 and 1.3.6.1.4.1.0.1847.2021.1, and a number for each kind, in DER.
    let stems: [&[u8]; 2] =
        [b"\x2b\x06\x01\x04\x01\x8e\x37\x8f\x65\x01", b"\x2b\x06\x01\x04\x01\x00\x8e\x37\x8f\x65\x01"];
    let limits = |certificate: &[u8]| -> Vec<&str> {
        let kinds = [(1, "test"), (2, "vaccination"), (3, "recovery")];
        let has = |number: u8| {
            stems.iter().any(|stem| {
                let whole = [*stem, &[number]].concat();
                certificate.windows(whole.len()).any(|part| part == whole)
            })
        };
        kinds.into_iter().filter(|(number, _)| has(*number)).map(|(_, kind)| kind).collect()
    };
    let (mut outside, mut limited) = (Vec::new(), 0);
    for case in cases() {
        let Some(statement) = case.open().filter(|_| case.expects("EXPECTEDVERIFY")) else { continue };
        // What its source calls signed by a wrong key is refused as it should be.
        if !case.expects("EXPECTEDKEYUSAGE") {
            continue;
        }
        let certificate = STANDARD.decode(case.whole["certificate"].as_str().unwrap()).unwrap();
        let kinds = limits(&certificate);
        limited += usize::from(!kinds.is_empty());
        if !kinds.is_empty() && !kinds.contains(&statement.kind.as_str()) {
            outside.push(case.file);
        }
    }
    assert!(limited > 10, "{limited}");
    assert_eq!(outside, OUTSIDE_THEIR_KEY);
}
