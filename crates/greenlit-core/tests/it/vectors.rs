//! Test vectors: what every version, and every other program that reads these formats, must answer.
//!
//! One test judges the files on disk alone; the other makes them again from the fixture and wants
//! the same bytes, so that no format can change unseen. See `vectors/greenlit/README.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use greenlit_core::answer::Code;
use greenlit_core::benefits::Venue;
use greenlit_core::pass::{Scanned, scan};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Root, TrustState, VenueKind, root_code};
use greenlit_core::verify::{Verified, verify_scanned};
use serde::{Deserialize, Serialize};

/// One vector: what was scanned, by whom and when, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Instead of `text` where the code holds no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// The folder under `trust/`; "none" is a till that trusts nobody.
    pub trust: String,
    pub clock: String,
    pub sites: Vec<String>,
    pub answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The rules that speak for a valid pass, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefits: Option<Vec<String>>,
    /// The line for what is no pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}

/// A root as a code: its bytes, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootCase {
    pub why: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Of bytes that are a root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/greenlit")
}

/// Every file under a folder, named from `base`.
fn files(base: &Path, folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(base, &path));
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn on_disk() -> BTreeMap<String, String> {
    let mut found = files(&folder(), &folder());
    found.remove("README.md").expect("the vectors have a README");
    found
}

/// The JSON files of one folder.
fn read_cases<C: for<'de> Deserialize<'de>>(folder: &str) -> BTreeMap<String, C> {
    let json = on_disk().into_iter().filter_map(|(path, text)| {
        let name = path.strip_prefix(folder)?.strip_suffix(".json").filter(|name| !name.contains('/'))?;
        let case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Some((name.to_owned(), case))
    });
    json.collect()
}

fn cases_on_disk() -> BTreeMap<String, Case> {
    read_cases("")
}

fn from_hex(text: &str) -> Vec<u8> {
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

/// Builds a till's trust from the files of one set, all of which must be good.
fn load_trust(set: &str) -> TrustState {
    let build_date = UnixTime::parse_rfc3339("2021-01-01T00:00:00Z").unwrap();
    if set == "none" {
        return TrustState::empty(build_date);
    }
    let folder = folder().join("trust").join(set);
    let mut files = files(&folder, &folder);
    let mut take = |name: &str| files.remove(name).map(|text| from_hex(&text));
    let anchor = Root::verify_anchor(&take("root-1.cbor.hex").unwrap()).unwrap();
    let mut state = TrustState::anchored(anchor, build_date);
    for number in 2.. {
        let Some(root) = take(&format!("root-{number}.cbor.hex")) else { break };
        state.advance_root(&root).unwrap();
    }
    if let Some(bundle) = take("trust.cbor.hex") {
        assert!(state.import_bundle(&bundle).unwrap());
    }
    for (name, text) in files {
        let id = name.strip_prefix("status-").and_then(|rest| rest.strip_suffix(".cwt.hex"));
        let id = id.unwrap_or_else(|| panic!("{set}/{name} is of no use")).parse().unwrap();
        assert!(state.import_list(id, &from_hex(&text)).unwrap());
    }
    state
}

/// What the public API answers, written as in a vector.
fn judge(case: &Case, trust: &TrustState) -> Case {
    let bytes = match (&case.text, &case.hex) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(hex)) => from_hex(hex),
        _ => panic!("either text or hex"),
    };
    let clock = UnixTime::parse_rfc3339(&case.clock).unwrap();
    let place = Venue { sites: case.sites.iter().map(|s| VenueKind::new(s).unwrap()).collect(), own_percent: None };
    let scanned = scan(&bytes);
    let (code, benefits) = match verify_scanned(&scanned, trust, clock) {
        None => (None, None),
        Some(Ok(Verified::Pass(pass))) => {
            let rules = pass.benefits(&place).into_iter().map(|benefit| benefit.rule).collect();
            (Some(Code::Ok), Some(rules))
        }
        Some(Ok(Verified::Specimen(_))) => (Some(Code::ClassNotHonoured), None),
        Some(Err(rejection)) => (Some(rejection.code()), None),
    };
    let says = if let Scanned::NotAPass(kind) = &scanned { Some(kind.to_string()) } else { None };
    Case {
        answer: code.map_or("not-a-pass", |code| code.answer().as_str()).to_owned(),
        code: code.map(|code| code.as_str().to_owned()),
        benefits,
        says,
        ..case.clone()
    }
}

#[test]
fn every_vector_gets_its_answer() {
    let mut trust = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, case) in cases_on_disk() {
        let state = trust.entry(case.trust.clone()).or_insert_with_key(|set| load_trust(set));
        let found = judge(&case, state);
        if found != case {
            wrong.push(format!(
                "{name}: wanted {} {:?} {:?} {:?}, found {} {:?} {:?} {:?}",
                case.answer, case.code, case.benefits, case.says, found.answer, found.code, found.benefits, found.says
            ));
        }
    }
    assert!(wrong.is_empty(), "{} vectors:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_root_code_gives_its_bytes_or_its_error() {
    let cases = read_cases::<RootCase>("root-codes/");
    for (name, case) in &cases {
        let read = root_code::read(case.text.as_bytes());
        let root = read.as_ref().ok().map(hex::encode);
        let opened = read.as_ref().ok().and_then(|bytes| Root::verify_anchor(bytes).ok());
        let fingerprint = opened.map(|root| root.fingerprint().to_string().replace(' ', ""));
        let error = read.err().map(|error| error.code().to_owned());
        assert_eq!(&RootCase { root, fingerprint, error, ..case.clone() }, case, "{name}");
    }
    let errors: BTreeSet<_> = cases.values().filter_map(|case| case.error.as_deref()).collect();
    assert_eq!(Vec::from_iter(errors), ["not-a-root-code", "not-base45", "too-large"]);
}

#[test]
fn the_vectors_cover_every_code_but_the_camera() {
    let found: BTreeSet<String> = cases_on_disk().into_values().filter_map(|case| case.code).collect();
    let all = Code::ALL.iter().filter(|code| **code != Code::Camera).map(|code| code.as_str().to_owned());
    assert_eq!(found, all.collect());
}

/// With `GREENLIT_WRITE_VECTORS=1` it writes them instead: only ever to add some.
#[test]
fn the_fixture_still_makes_the_same_bytes() {
    let made = crate::cases::files();
    if std::env::var_os("GREENLIT_WRITE_VECTORS").is_some_and(|value| value == "1") {
        for (name, text) in &made {
            let path = folder().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let held = on_disk();
    let names = |left: &BTreeMap<String, String>, right: &BTreeMap<String, String>| -> Vec<String> {
        left.keys().filter(|name| !right.contains_key(*name)).cloned().collect()
    };
    let (missing, extra) = (names(&made, &held), names(&held, &made));
    let different = |name: &&String| held.get(*name).is_some_and(|text| made.get(*name) != Some(text));
    let changed: Vec<&String> = made.keys().filter(different).collect();
    assert!(
        missing.is_empty() && extra.is_empty() && changed.is_empty(),
        "missing on disk: {missing:#?}\nmade by nothing: {extra:#?}\nchanged: {changed:#?}"
    );
}
