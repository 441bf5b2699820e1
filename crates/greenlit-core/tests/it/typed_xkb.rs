//! What keys type, by the keymaps that `xkbcli compile-keymap` prints: types, symbols and Caps Lock as in the XKB
//! protocol and in libxkbcommon. Without its C library, so that a machine needs no headers to build the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use xkeysym::Keysym;

/// The keys of a US keyboard that type something, in the order of `US` in `src/typed/table.rs`.
const KEYS: &str = "TLDE AE01 AE02 AE03 AE04 AE05 AE06 AE07 AE08 AE09 AE10 AE11 AE12 \
    AD01 AD02 AD03 AD04 AD05 AD06 AD07 AD08 AD09 AD10 AD11 AD12 BKSL \
    AC01 AC02 AC03 AC04 AC05 AC06 AC07 AC08 AC09 AC10 AC11 AB01 AB02 AB03 AB04 AB05 AB06 AB07 AB08 AB09 AB10 SPCE";

type Modifiers = BTreeSet<String>;

/// What a key does at a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Char(char),
    Dead(String),
    Nothing,
}

#[derive(Debug, Default)]
struct KeyType {
    modifiers: Modifiers,
    levels: Vec<(Modifiers, usize)>,
    preserved: Vec<(Modifiers, Modifiers)>,
}

/// A compiled keymap.
pub(crate) struct Keymap {
    types: BTreeMap<String, KeyType>,
    keys: BTreeMap<String, (Option<String>, Vec<String>)>,
}

/// `None` where there is no xkbcli: `script/bootstrap xkb` gets it. In CI there has to be one.
pub(crate) fn xkbcli(arguments: &[&str]) -> Option<String> {
    let output = match Command::new("xkbcli").args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "no xkbcli ({error}): run script/bootstrap xkb");
            eprintln!("skipped: there is no xkbcli; script/test gets it");
            return None;
        }
    };
    assert!(output.status.success(), "xkbcli {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

impl Keymap {
    pub(crate) fn compile(layout: &str, variant: &str) -> Option<Self> {
        let text = xkbcli(&[
            "compile-keymap",
            "--rules",
            "evdev",
            "--model",
            "pc105",
            "--layout",
            layout,
            "--variant",
            variant,
        ])?;
        Some(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut types = BTreeMap::new();
        for (name, body) in blocks(text, "type \"", "\" {", "};") {
            let mut found = KeyType::default();
            for statement in body.split(';').map(str::trim) {
                let Some((left, right)) = statement.split_once('=') else { continue };
                let (left, right) = (left.trim(), right.trim());
                if left == "modifiers" {
                    found.modifiers = modifiers(right);
                } else if let Some(held) = left.strip_prefix("map[").and_then(|l| l.strip_suffix(']')) {
                    found.levels.push((modifiers(held), right.trim_start_matches("Level").parse().unwrap()));
                } else if let Some(held) = left.strip_prefix("preserve[").and_then(|l| l.strip_suffix(']')) {
                    found.preserved.push((modifiers(held), modifiers(right)));
                }
            }
            types.insert(name.to_owned(), found);
        }
        let mut keys = BTreeMap::new();
        for (name, body) in blocks(text, "key <", "> ", "};") {
            // Explicit actions are no concern of keys that type, and come after the symbols.
            let Some(symbols) = body.split_once("symbols[Group1]= [").or_else(|| body.split_once('[')) else {
                continue;
            };
            let list = symbols.1.split_once(']').unwrap().0;
            let kind = body.split_once("type= \"").or_else(|| body.split_once("type[Group1]= \""));
            let kind = kind.map(|(_, rest)| rest.split_once('"').unwrap().0.to_owned());
            keys.insert(name.to_owned(), (kind, list.split(',').map(|s| s.trim().to_owned()).collect()));
        }
        assert!(types.len() > 5 && keys.len() > 48, "not read: {} types, {} keys", types.len(), keys.len());
        Self { types, keys }
    }

    /// The 48 keys alone, with Shift, with Caps Lock, with both.
    pub(crate) fn levels(&self) -> [Vec<Typed>; 4] {
        ["", "Shift", "Lock", "Shift+Lock"].map(|held| {
            let held = modifiers(held);
            KEYS.split_whitespace().map(|key| self.typed(key, &held)).collect()
        })
    }

    fn typed(&self, key: &str, held: &Modifiers) -> Typed {
        let Some((kind, symbols)) = self.keys.get(key) else { return Typed::Nothing };
        assert!(!symbols.iter().any(|symbol| symbol.contains('{')), "{key}: several symbols at once");
        let kind = &self.types[kind.as_deref().unwrap_or_else(|| automatic_type(symbols))];
        let active: Modifiers = held.intersection(&kind.modifiers).cloned().collect();
        let level = kind.levels.iter().find(|(map, _)| *map == active).map_or(1, |(_, level)| *level);
        let kept = kind.preserved.iter().find(|(map, _)| *map == active).map(|(_, kept)| kept);
        let consumed = kind.modifiers.contains("Lock") && !kept.is_some_and(|kept| kept.contains("Lock"));
        let symbol = symbols.get(level - 1).map_or("NoSymbol", String::as_str);
        if symbol.starts_with("dead_") {
            return Typed::Dead(symbol.to_owned());
        }
        let typed = char_of(symbol).filter(|c| !c.is_control());
        // Caps Lock that chose no level makes capitals.
        let typed = if held.contains("Lock") && !consumed { typed.and_then(capital) } else { typed };
        typed.map_or(Typed::Nothing, Typed::Char)
    }
}

/// The type of a key that names none (`FindAutomaticType` in libxkbcommon's compiler).
fn automatic_type(symbols: &[String]) -> &'static str {
    let alphabetic = |at: usize| {
        let cases = |c: char| (c.is_lowercase() && !is_caseless(c), c.is_uppercase() && !is_caseless(c));
        let pair = symbols.get(at..at + 2).unwrap_or_default();
        let pair: Vec<_> = pair.iter().filter_map(|symbol| char_of(symbol).map(cases)).collect();
        matches!(pair[..], [(true, _), (_, true)])
    };
    match symbols.len() {
        0 | 1 => "ONE_LEVEL",
        2 if alphabetic(0) => "ALPHABETIC",
        2 => "TWO_LEVEL",
        3 | 4 if alphabetic(0) && alphabetic(2) => "FOUR_LEVEL_ALPHABETIC",
        3 | 4 if alphabetic(0) => "FOUR_LEVEL_SEMIALPHABETIC",
        3 | 4 => "FOUR_LEVEL",
        more => panic!("{more} levels without a type"),
    }
}

/// Letters that Unicode gives a case, and libxkbcommon 1.5 does not: dotless i, dotted I, Georgian.
fn is_caseless(c: char) -> bool {
    matches!(c, 'ı' | 'İ' | '\u{10D0}'..='\u{10FF}')
}

/// As libxkbcommon 1.5 makes them: of ß and µ, whose capitals are outside of Latin-1, it makes nothing.
fn capital(c: char) -> Option<char> {
    match c {
        'ß' | 'µ' => None,
        _ if is_caseless(c) => Some(c),
        _ => c.to_uppercase().next(),
    }
}

fn char_of(symbol: &str) -> Option<char> {
    static NAMED: LazyLock<BTreeMap<&str, u32>> = LazyLock::new(|| {
        let all = (0..=0xffff).chain(0x0100_0000..=0x0101_ffff);
        all.filter_map(|raw| Some((Keysym::new(raw).name()?.strip_prefix("XK_")?, raw))).collect()
    });
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    let unicode = || symbol.strip_prefix('U').and_then(hex).and_then(char::from_u32);
    if matches!(symbol, "NoSymbol" | "VoidSymbol") {
        return None;
    }
    match NAMED.get(symbol).copied().or_else(|| symbol.strip_prefix("0x").and_then(hex)) {
        Some(raw) => Keysym::new(raw).key_char(),
        None => Some(unicode().unwrap_or_else(|| panic!("an unknown symbol: {symbol}"))),
    }
}

fn modifiers(text: &str) -> Modifiers {
    text.split('+').filter(|name| !matches!(*name, "" | "none")).map(str::to_owned).collect()
}

/// Name and body of each block.
fn blocks<'t>(mut text: &'t str, before: &str, after: &str, end: &str) -> Vec<(&'t str, &'t str)> {
    let mut found = Vec::new();
    while let Some((_, rest)) = text.split_once(before) {
        let (name, rest) = rest.split_once(after).unwrap();
        let (body, rest) = rest.split_once(end).unwrap();
        found.push((name, body));
        text = rest;
    }
    found
}
