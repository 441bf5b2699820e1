//! Promise: what the real tools make today is opened by its keys, and says what its maker asked for.
//!
//! Ordinarily of the outputs that lie in `vectors/foreign`; `script/test-schemes` makes new ones and names their folder.

use std::path::{Path, PathBuf};

use greenlit_core::scheme::{Algorithm, Born, PhotoFormat, Presented, Scheme, SchemeKey, Statement};
use greenlit_schemes::{Recognised, recognise};
use serde_json::Value;

use crate::pretix;

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/foreign")
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap()
}

fn presented(text: &str, scheme: Scheme) -> Option<Box<Presented>> {
    match recognise(text.as_bytes()) {
        Recognised::Pass(pass) if pass.scheme() == scheme => Some(pass),
        Recognised::OnlineOnly { .. } | Recognised::No => None,
        other => panic!("{text}: {other:?}"),
    }
}

fn fact<'s>(statement: &'s Statement, name: &str) -> Option<&'s str> {
    statement.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
}

fn tickets(folder: &Path) {
    let made = read(&folder.join("pretix-made/tickets.json"));
    let events = pretix::keys(&made);
    let mut seeds = Vec::new();
    for ticket in list(&made, "tickets") {
        let pass = presented(ticket["text"].as_str().unwrap(), Scheme::Pretix);
        assert_eq!(pass.is_some(), ticket["expected"] != "no pass", "{ticket}");
        let Some(pass) = pass else { continue };
        let opened = |keys: &[SchemeKey]| keys.iter().find_map(|key| pass.open(key));
        let (own, others) = (opened(&events[0]), opened(&events[1]));
        assert_eq!((own.is_some(), others.is_some()), (ticket["expected"] == "valid", ticket["expected"] != "valid"));
        let statement = own.or(others).unwrap().unwrap();
        for name in ["item", "variation", "sub-event"] {
            assert_eq!(fact(&statement, name).map(str::to_owned), ticket[name].as_u64().map(|id| id.to_string()));
        }
        assert_eq!(statement.not_before.map(|at| at.seconds()), ticket["from"].as_u64(), "{ticket}");
        assert_eq!(
            statement.expires.map(|at| at.seconds()),
            ticket["until"].as_u64().map(|until| until + 1),
            "{ticket}"
        );
        seeds.push(statement.revocation_id.unwrap());
    }
    let count = seeds.len();
    seeds.sort();
    seeds.dedup();
    assert_eq!(seeds.len(), count, "two tickets of one seed");
    assert!(count >= 7);
}

fn identities(folder: &Path) {
    let made = read(&folder.join("claim169-made/identities.json"));
    let key = |algorithm: Algorithm| {
        SchemeKey::read(algorithm, &hex::decode(made["keys"][algorithm.as_str()].as_str().unwrap()).unwrap()).unwrap()
    };
    let keys = [key(Algorithm::Ed25519), key(Algorithm::Es256)];
    for identity in list(&made, "identities") {
        let text = identity["text"].as_str().unwrap();
        if identity["expected"] == "newer" {
            assert!(
                matches!(recognise(text.as_bytes()), Recognised::Newer { scheme: Scheme::Claim169, .. }),
                "{identity}"
            );
            continue;
        }
        let pass = presented(text, Scheme::Claim169).unwrap_or_else(|| panic!("no pass: {identity}"));
        assert_eq!(pass.key_id().map(hex::encode).as_deref(), identity["kid"].as_str());
        let opened: Vec<(Algorithm, Statement)> =
            keys.iter().filter_map(|key| Some((key.algorithm(), pass.open(key)?.unwrap()))).collect();
        if identity["expected"] != "valid" {
            assert!(opened.is_empty(), "{identity}");
            continue;
        }
        let [(algorithm, statement)] = opened.as_slice() else { panic!("{identity}") };
        assert_eq!(Some(algorithm.as_str()), identity["algorithm"].as_str());
        let part = |name: &str| identity[name].as_str();
        let holder = &statement.holder;
        assert_eq!((holder.name.as_deref(), statement.issuer.as_deref()), (part("name"), part("issuer")), "{identity}");
        assert_eq!(holder.born, part("born").and_then(Born::parse), "{identity}");
        assert_eq!(holder.document.as_deref(), part("id").map(|id| &id[id.len() - 4..]));
        assert_eq!(fact(statement, "nationality"), part("nationality"));
        assert_eq!(statement.issued.map(|at| at.seconds()), identity["issued"].as_u64());
        assert_eq!(statement.not_before.map(|at| at.seconds()), identity["from"].as_u64());
        assert_eq!(statement.expires.map(|at| at.seconds()), identity["expires"].as_u64());
        let photo = holder.photo.as_ref().map(|photo| (photo.format == PhotoFormat::Webp, hex::encode(&photo.bytes)));
        assert_eq!(photo, part("photo").map(|photo| (true, photo.to_owned())), "{identity}");
    }
}

#[test]
fn tickets_that_pretix_made_are_opened_by_its_events_keys() {
    tickets(&frozen());
}

#[test]
fn identities_that_the_claim169_package_made_are_opened_by_their_keys() {
    identities(&frozen());
}

#[test]
#[ignore = "for script/test-schemes, which makes what is read here"]
fn what_was_just_made_is_opened_and_read() {
    let folder = std::env::var_os("GREENLIT_MADE").expect("GREENLIT_MADE names a folder");
    tickets(Path::new(&folder));
    identities(Path::new(&folder));
}
