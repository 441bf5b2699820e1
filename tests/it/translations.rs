//! Every text of the screens is there in Russian and in Bashkir.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn screens(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            screens(&path, found);
        } else if path.extension().is_some_and(|e| e == "slint") {
            found.push(path);
        }
    }
}

/// The texts in `@tr("…")`.
fn wanted() -> BTreeSet<String> {
    let mut files = Vec::new();
    screens(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"), &mut files);
    let mut texts = BTreeSet::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for rest in source.split("@tr(").skip(1) {
            let text = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
            texts.insert(text.unwrap_or_else(|| panic!("{}: @tr({rest:.40}", file.display())).to_owned());
        }
    }
    texts
}

fn translated(language: &str) -> BTreeMap<String, String> {
    let path = format!("{}/assets/translations/{language}/LC_MESSAGES/greenlit-ui.po", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let quoted = |line: &str, key: &str| Some(line.strip_prefix(key)?.trim().trim_matches('"').to_owned());
    let mut all = BTreeMap::new();
    let mut id = String::new();
    for line in source.lines() {
        if let Some(text) = quoted(line, "msgid ") {
            id = text;
        } else if let Some(text) = quoted(line, "msgstr ") {
            all.insert(std::mem::take(&mut id), text);
        }
    }
    all.remove("");
    all
}

#[test]
fn every_text_is_translated_with_the_same_holes() {
    let wanted = wanted();
    assert!(wanted.len() > 100, "{}", wanted.len());
    for language in ["ru", "ba"] {
        let all = translated(language);
        assert_eq!(all.keys().cloned().collect::<BTreeSet<_>>(), wanted, "{language}");
        for (id, text) in &all {
            assert!(!text.is_empty(), "{language}: {id}");
            for hole in ["{}", "{0}", "{1}", "{2}"] {
                assert_eq!(id.matches(hole).count(), text.matches(hole).count(), "{language}: {id}");
            }
        }
    }
}

/// The embedded font's letters beyond Russian: a missing one would be drawn in another font or as a box.
#[test]
fn bashkir_uses_only_letters_that_are_known_to_be_there() {
    let known = "абвгғдҙеёжзиййкҡлмнңоөпрсҫтуүфхһцчшщъыьэәюя";
    for (id, text) in translated("ba") {
        for letter in text.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()) {
            let lower: String = letter.to_lowercase().collect();
            assert!(known.contains(&lower), "{letter} in {id}");
        }
    }
}
