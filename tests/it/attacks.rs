//! Promise: what docs/attacks.md says is shown by tests that exist.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

const TABLE: &str = include_str!("../../docs/attacks.md");

/// Every `file::name` of the page.
fn named() -> Vec<(&'static str, &'static str)> {
    TABLE.split('`').filter_map(|quoted| quoted.split_once(".rs::")).collect()
}

#[test]
fn every_test_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = std::fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let packages = crates.chain([root.to_path_buf()]);
    let folders: Vec<_> =
        packages.flat_map(|package| ["tests/it", "tests", "src"].map(|folder| package.join(folder))).collect();
    let named = named();
    assert!(named.len() > 50, "{}", named.len());
    for (file, name) in named {
        let sources = folders.iter().filter_map(|it| std::fs::read_to_string(it.join(format!("{file}.rs"))).ok());
        let source = sources.collect::<String>();
        let at = source.find(&format!("fn {name}() {{"));
        let before = at.map(|at| source[..at].trim_end()).unwrap_or_default();
        assert!(before.ends_with("#[test]"), "no {file}.rs has a test {name}");
    }
}

#[test]
fn every_row_names_a_test() {
    for row in TABLE.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack ")) {
        let shown = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let header = row.starts_with("| mishap ");
        assert!(header || shown.contains(".rs::"), "{row}");
    }
}

#[test]
fn the_attacks_of_the_update_framework_are_all_there() {
    for attack in [
        "Arbitrary software",
        "Endless data",
        "Extraneous dependencies",
        "Fast-forward",
        "Indefinite freeze",
        "Malicious mirrors",
        "Mix-and-match",
        "Rollback",
        "Slow retrieval",
        "Key compromise",
        "Wrong software installation",
    ] {
        assert!(TABLE.contains(&format!("| **{attack}**")), "{attack}");
    }
}
