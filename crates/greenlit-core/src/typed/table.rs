//! What the keys of a US keyboard type under other layouts: `layouts.tsv`, made from libxkbcommon's own words.
//!
//! A row is a set of layouts that type the same, and four columns of 48 cells: each key alone, with Shift, with
//! Caps Lock, with both. A cell is a character, `U+` and its number where it could not be seen, the name of a dead
//! key, or `none` where the key types nothing. `script/typed-layouts` writes the file, and a test compares it.
//!
//! Sources: `xkbcli compile-keymap` of libxkbcommon-tools, fed by xkb-data (xkeyboard-config), rules `evdev`,
//! model `pc105`.

/// The keys of a row, by what they type under `us`, alone and with Shift.
const US: [&str; 2] =
    ["`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./ ", "~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>? "];

/// What a key types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Char(char),
    /// Nothing yet: it waits for the next key, and changes it or swallows it.
    Dead(&'static str),
    Nothing,
}

impl Cell {
    pub(super) fn char(self) -> Option<char> {
        if let Self::Char(c) = self { Some(c) } else { None }
    }
}

/// One or more layouts that type the same.
#[derive(Debug)]
pub(super) struct Table {
    /// Written as xkeyboard-config does: `ru(bak)`.
    pub(super) names: Vec<&'static str>,
    levels: [Vec<Cell>; 4],
}

impl Table {
    /// The key that types this character under `us`, and whether with Shift.
    fn key(us: char) -> Option<(usize, bool)> {
        US.iter().zip([false, true]).find_map(|(keys, shift)| Some((keys.chars().position(|c| c == us)?, shift)))
    }

    /// What comes of a character that a scanner types as under `us`.
    pub(super) fn types(&self, us: char, caps_lock: bool, case_swapped: bool) -> Cell {
        let Some((key, shift)) = Self::key(us) else { return Cell::Nothing };
        let shift = shift ^ (case_swapped && us.is_ascii_alphabetic());
        let level = usize::from(shift) + if caps_lock { 2 } else { 0 };
        self.levels.get(level).and_then(|keys| keys.get(key)).copied().unwrap_or(Cell::Nothing)
    }
}

/// Every row of the file, in its order.
pub(super) fn tables() -> Vec<Table> {
    let rows = include_str!("layouts.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(row).collect()
}

fn row(line: &'static str) -> Option<Table> {
    let mut columns = line.split('\t');
    let names: Vec<_> = columns.next()?.split(' ').collect();
    let mut level = || columns.next()?.split(' ').map(cell).collect::<Option<Vec<_>>>();
    let levels = [level()?, level()?, level()?, level()?];
    let whole = levels.iter().all(|level| level.len() == 48) && columns.next().is_none();
    whole.then_some(Table { names, levels })
}

fn cell(text: &'static str) -> Option<Cell> {
    let mut chars = text.chars();
    match (chars.next(), chars.as_str()) {
        (Some(c), "") => Some(Cell::Char(c)),
        _ if text == "none" => Some(Cell::Nothing),
        _ if text.starts_with("dead_") => Some(Cell::Dead(text)),
        _ => u32::from_str_radix(text.strip_prefix("U+")?, 16).ok().and_then(char::from_u32).map(Cell::Char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("layouts.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(tables().len(), rows);
        assert!(rows > 50 && US.iter().all(|keys| keys.chars().count() == 48));
    }

    #[test]
    fn cells_are_characters_names_or_nothing() {
        assert_eq!(
            ["ж", "U+0020", "none", "dead_grave"].map(cell),
            [Some(Cell::Char('ж')), Some(Cell::Char(' ')), Some(Cell::Nothing), Some(Cell::Dead("dead_grave")),]
        );
        assert_eq!(["", "ab", "U+", "U+D800", "U+110000", "deadly"].map(cell), [None; 6]);
        assert!(row("us\ta b\tc\td\te").is_none());
    }
}
