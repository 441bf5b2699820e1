//! Promise: the table of docs/schemes.md tells of the vectors that there are. Whether they come out right is for the other
//! tests of this folder; an exception stands here and there, or they fail.
//!
//! `GREENLIT_WRITE=1 cargo test --release -p greenlit-schemes table` writes it anew.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::hcert::{EXCEPTIONS, OUTSIDE_THEIR_KEY};

const BEGIN: &str = "<!-- vectors: begin -->\n";
const END: &str = "<!-- vectors: end -->\n";

fn vectors(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/foreign").join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

fn count(path: &str, list: &str) -> usize {
    let whole: Value = serde_json::from_str(&vectors(path)).unwrap();
    let list = if list.is_empty() { &whole } else { &whole[list] };
    list.as_array().unwrap().len()
}

fn files(folder: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/foreign").join(folder);
    std::fs::read_dir(path).unwrap().count()
}

fn table() -> String {
    let hcert = vectors("hcert/cases.jsonl").lines().count();
    let claim169 = ["valid", "invalid", "edge"].iter().map(|folder| files(&format!("claim169/{folder}"))).sum();
    let beyond = "three are signed under P-384, which the specification of HCERT does not have: not genuine here; one by a \
        key that its certificate limits to another kind: `ISS`. Their sources take them";
    let rows = [
        ("pretix", "pretix's own synchronisation, its tests", count("pretix/tickets.json", "tickets"), 0, "none"),
        ("pretix", "made by pretix 2026.8.0", count("pretix-made/tickets.json", "tickets"), 0, "none"),
        ("hcert", "EU test data of 20 countries", hcert, EXCEPTIONS.len() + OUTSIDE_THEIR_KEY.len(), beyond),
        ("hcert", "the WHO's validator, its tests", count("hcert-who/yellow-cards.json", "cards"), 0, "none"),
        (
            "claim169",
            "the `claim169` package, its vectors",
            claim169,
            0,
            "none; four of them are unsigned, and so `SIG`",
        ),
        ("claim169", "made by `claim169` 0.3.0", count("claim169-made/identities.json", "identities"), 0, "none"),
        ("aadhaar", "UIDAI's own sample, and a test code of the second layout", 2, 0, "none"),
        (
            "2d-doc",
            "examples of the specification, and a picture",
            count("2d-doc/examples.json", "") + count("2d-doc/specification.json", "") + 1,
            0,
            "none; types A4, A7 and 25 are `VER`",
        ),
    ];
    let mut table = "| scheme | vectors of | tried | as expected | exceptions |\n|---|---|---|---|---|\n".to_owned();
    for (scheme, source, tried, exceptions, why) in rows {
        writeln!(table, "| `{scheme}` | {source} | {tried} | {} | {why} |", tried - exceptions).unwrap();
    }
    table
}

#[test]
fn the_table_of_the_documentation_is_that_of_the_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemes.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let from = page.find(BEGIN).unwrap() + BEGIN.len();
    let to = page.find(END).unwrap();
    let table = table();
    if std::env::var_os("GREENLIT_WRITE").is_some() {
        std::fs::write(&path, format!("{}{table}{}", &page[..from], &page[to..])).unwrap();
    } else {
        assert_eq!(&page[from..to], table, "write it anew");
    }
}
