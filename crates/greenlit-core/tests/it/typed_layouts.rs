//! The table of keyboard layouts is what libxkbcommon says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use greenlit_core::text::is_printable;
use unicode_normalization::char::canonical_combining_class;

use crate::typed_xkb::{Keymap, Typed, xkbcli};

/// In the order in which they are tried.
const LAYOUTS: [&str; 7] = ["us", "ru", "kz", "gb", "de", "fr", "tr"];
/// Set by script/typed-layouts: the table is written and not compared.
const WRITE: &str = "GREENLIT_WRITE_LAYOUTS";

/// The versions of the keymaps' source and of what reads them, on this machine.
fn versions() -> Option<String> {
    let paths = ["/usr/share/pkgconfig/xkeyboard-config.pc", "/usr/lib/pkgconfig/xkeyboard-config.pc"];
    let text = paths.into_iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let version = text.lines().find_map(|line| line.strip_prefix("Version: "));
    let library = xkbcli(&["--version"])?;
    Some(format!("xkeyboard-config {}, libxkbcommon {}", version.unwrap_or("of unknown version"), library.trim()))
}

/// Each layout and its variants, as `xkbcli list` names them.
fn names() -> Option<Vec<(String, String)>> {
    let list = xkbcli(&["list"])?;
    let value = |line: &str, key| {
        line.trim_start_matches(['-', ' ']).strip_prefix(key).map(|v| v.trim_matches('\'').to_owned())
    };
    let lines: Vec<_> = list.lines().collect();
    let all: Vec<(String, String)> =
        lines.windows(2).filter_map(|pair| Some((value(pair[0], "layout: ")?, value(pair[1], "variant: ")?))).collect();
    let of = |layout: &str| all.iter().filter(|(name, _)| name == layout).cloned().collect::<Vec<_>>();
    Some(LAYOUTS.into_iter().flat_map(of).collect())
}

fn cell(typed: &Typed) -> String {
    match typed {
        Typed::Nothing => "none".into(),
        Typed::Dead(name) => name.clone(),
        // Not to be seen, or writing from right to left, which editors would turn round.
        Typed::Char(c)
            if !is_printable(*c)
                || c.is_whitespace()
                || canonical_combining_class(*c) != 0
                || matches!(c, '\u{590}'..='\u{8FF}' | '\u{E000}'..='\u{F8FF}' | '\u{10000}'..) =>
        {
            format!("U+{:04X}", u32::from(*c))
        }
        Typed::Char(c) => c.to_string(),
    }
}

fn table() -> Option<String> {
    // Layouts that type the same, in the order of the first.
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (layout, variant) in names()? {
        let name = if variant.is_empty() { layout.clone() } else { format!("{layout}({variant})") };
        let levels = Keymap::compile(&layout, &variant)?.levels();
        let levels = levels.map(|keys| keys.iter().map(cell).collect::<Vec<_>>().join(" ")).join("\t");
        match rows.iter_mut().find(|(other, _)| *other == levels) {
            Some((_, names)) => names.push(name),
            None => rows.push((levels, vec![name])),
        }
    }
    let mut table = format!(
        "# What 48 keys type: alone, with Shift, with Caps Lock, with both. Written by script/typed-layouts; see table.rs.\n\
         # {}\n",
        versions()?
    );
    for (levels, names) in rows {
        writeln!(table, "{}\t{levels}", names.join(" ")).unwrap();
    }
    Some(table)
}

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/typed/layouts.tsv")
}

/// Each layout's cells, by its name.
pub(crate) fn layouts_of(table: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let parts = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    rows.flat_map(|row| {
        let (names, levels) = row.split_once('\t').unwrap();
        let levels: Vec<_> = levels.split('\t').map(parts).collect();
        parts(names).into_iter().map(move |name| (name, levels.clone()))
    })
    .collect()
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn the_table_is_what_libxkbcommon_says() {
    let Some(wanted) = table() else { return };
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(path(), wanted).unwrap();
    }
    let table = std::fs::read_to_string(path()).unwrap();
    let version = |table: &str| table.lines().nth(1).unwrap_or_default().to_owned();
    let (ours, theirs) = (version(&table), version(&wanted));
    if ours != theirs && std::env::var_os("CI").is_none() {
        eprintln!("skipped: the table is made from other versions: {ours}, here {theirs}");
        return;
    }
    let (have, want) = (layouts_of(&table), layouts_of(&wanted));
    for (name, levels) in &want {
        assert_eq!(have.get(name), Some(levels), "{name}: run script/typed-layouts");
    }
    assert_eq!(table, wanted, "run script/typed-layouts");
}
