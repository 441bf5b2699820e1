//! Makes tables of the window's catalogues, so that a page says what the window says, in its words.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/translations");
    let mut source = String::new();
    for language in ["ru", "ba"] {
        let path = folder.join(language).join("LC_MESSAGES/greenlit-ui.po");
        println!("cargo:rerun-if-changed={}", path.display());
        let catalogue = std::fs::read_to_string(&path)?;
        let name = language.to_uppercase();
        writeln!(source, "pub(crate) static {name}: &[(&str, &str)] = &{:?};", entries(&catalogue))?;
    }
    let out = std::env::var("OUT_DIR")?;
    Ok(std::fs::write(Path::new(&out).join("catalogues.rs"), source)?)
}

/// English and its translation, sorted. The same English in several places of the window is said alike.
fn entries(catalogue: &str) -> Vec<(String, String)> {
    let mut found = BTreeMap::new();
    for entry in catalogue.split("\n\n") {
        let (english, translated) = (text(entry, "msgid "), text(entry, "msgstr "));
        if !english.is_empty() && !translated.is_empty() {
            found.entry(english).or_insert(translated);
        }
    }
    found.into_iter().collect()
}

/// A keyword's quoted text, over its lines.
fn text(entry: &str, keyword: &str) -> String {
    let lines = entry.lines().skip_while(|line| !line.starts_with(keyword));
    let own = lines.enumerate().map_while(|(at, line)| {
        let quoted = if at == 0 { line.strip_prefix(keyword)? } else { line };
        quoted.trim().strip_prefix('"')?.strip_suffix('"')
    });
    own.collect::<String>().replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")
}
