//! Undoes the till's keyboard layout: from what arrived to the passes that a scanner can have read.
//!
//! A layout is undone if each character that arrived comes from exactly one of the characters of a pass. `ПД1Ж` is
//! what a dozen layouts make of `GL1:`, and `*` and `;` change places between two of them, so the beginning does
//! not name the layout: every layout that gives a well-formed text is offered, and the signature decides.
//!
//! What cannot be undone is named:
//!
//! - characters that *fall together*: under `ru(bak)` with Caps Lock, `4` and `$` both come as `Ғ`;
//! - *dead keys*: under `de`, `+` waits for the next key and then both vanish or melt: `A+BC` comes as `AC`, `+A`
//!   as `À`. What vanished leaves no trace, so such a text is offered, and the dead key named as well;
//! - keys that type *nothing*: letters under the Ottoman layouts.

use std::fmt;

use super::table::{Cell, Table, tables};
use crate::pass::{self, Scanned};
use crate::trust::root_code;

/// The characters of Base45 (RFC 9285), which are also those of a whole pass text.
pub(super) const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// A scanner may be set to send a few characters before each code, as `]Q1`.
const MAX_LEAD: usize = 4;
/// Far more than any text has been seen to have.
const MAX_CANDIDATES: usize = 40;
/// Most obstacles named.
const MAX_OBSTACLES: usize = 8;

/// How keys become characters at a till: its layout, Caps Lock, and how the scanner is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Keying {
    /// The layout as xkeyboard-config writes it: `ru(bak)`. Of several that type the same, the first.
    pub layout: &'static str,
    /// Caps Lock is on.
    pub caps_lock: bool,
    /// The scanner swaps upper and lower case of letters, or holds Caps Lock itself while it types.
    pub case_swapped: bool,
}

/// A text that the scanner can have read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The codes: one, or several that came without an Enter between them.
    pub codes: Vec<String>,
    /// By which keying it was undone.
    pub keying: Keying,
    /// Whether one of the codes at least can be taken apart as a pass. If no signature holds, the first such
    /// candidate is the one to judge by.
    pub is_pass: bool,
    /// Whether its layout types every character of a pass by a key of its own: nothing can have been lost.
    pub one_to_one: bool,
}

/// Why a layout cannot be undone for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// Two characters of a pass arrive as one.
    #[error("under {keying}, '{}' and '{}' both come as '{arrived}'", .read[0], .read[1])]
    FallTogether {
        /// The layout.
        keying: Keying,
        /// What the code may hold.
        read: [char; 2],
        /// What arrived.
        arrived: char,
    },
    /// A character of a pass is typed by a dead key.
    #[error("under {keying}, '{read}' is a dead key ({name})")]
    DeadKey {
        /// The layout.
        keying: Keying,
        /// What the code may hold.
        read: char,
        /// The key's name, as XKB has it: `dead_grave`.
        name: &'static str,
    },
    /// A character of a pass is not typed at all.
    #[error("under {keying}, '{read}' types nothing")]
    Nothing {
        /// The layout.
        keying: Keying,
        /// What the code may hold.
        read: char,
    },
}

/// What a typed text can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// To be verified in this order; the first whose signature holds is what was read. Empty if the text is no
    /// pass under any layout.
    pub candidates: Vec<Candidate>,
    /// What to say if none holds: the first one first.
    pub obstacles: Vec<Obstacle>,
}

/// All layouts known here, and the one that held last.
#[derive(Debug)]
pub struct Layouts {
    tables: Vec<Table>,
    last: Option<Keying>,
}

impl Default for Layouts {
    fn default() -> Self {
        Self::new()
    }
}

impl Layouts {
    /// Reads the table. That takes a moment: once is enough.
    pub fn new() -> Self {
        Self { tables: tables(), last: None }
    }

    /// The signature of a candidate held: its keying is tried first from now on.
    pub fn held(&mut self, keying: Keying) {
        self.last = Some(keying);
    }

    /// What a pass begins with, in every keying that types it whole; and a root's code, which is no pass: were its
    /// beginning not known, a pass could be heard from the middle of it.
    pub fn starts(&self) -> Vec<String> {
        let start = |(table, keying): (&Table, Keying), of: &str| {
            of.chars().map(|us| keying.types(table, us).char()).collect::<Option<String>>()
        };
        let of = |prefix| self.keyings().filter_map(move |keying| start(keying, prefix));
        let mut starts: Vec<_> = of(pass::PREFIX).chain(of(root_code::PREFIX)).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// Everything that a text which has arrived can be.
    pub fn repair(&self, text: &str) -> Repair {
        let mut repair = Repair::default();
        let mut keyings: Vec<_> = self.keyings().collect();
        // Of keyings that give one text, the first is named.
        keyings.sort_by_key(|(_, keying)| !self.held_last(*keying));
        for (table, keying) in keyings {
            undo(table, keying, text, &mut repair);
        }
        repair.candidates.sort_by_key(|candidate| {
            let unchanged = candidate.codes.iter().eq([text]);
            (!unchanged, !self.held_last(candidate.keying), !candidate.is_pass)
        });
        repair.candidates.truncate(MAX_CANDIDATES);
        repair
    }

    /// What was tried first lately, if anything held yet.
    pub(super) fn last(&self) -> Option<Keying> {
        self.last
    }

    fn held_last(&self, keying: Keying) -> bool {
        self.last == Some(keying)
    }

    /// The likely ones first.
    fn keyings(&self) -> impl Iterator<Item = (&Table, Keying)> {
        [(false, false), (true, false), (false, true), (true, true)].into_iter().flat_map(
            |(caps_lock, case_swapped)| {
                self.tables.iter().filter_map(move |table| {
                    Some((table, Keying { layout: table.names.first()?, caps_lock, case_swapped }))
                })
            },
        )
    }
}

impl Keying {
    fn types(self, table: &Table, us: char) -> Cell {
        table.types(us, self.caps_lock, self.case_swapped)
    }
}

impl fmt::Display for Keying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.layout)?;
        f.write_str(if self.caps_lock { " with Caps Lock" } else { "" })?;
        f.write_str(if self.case_swapped { " from a scanner that swaps case" } else { "" })
    }
}

impl Repair {
    fn offer(&mut self, keying: Keying, text: String, one_to_one: bool) {
        let codes = codes(text);
        if let Some(same) = self.candidates.iter_mut().find(|candidate| candidate.codes == codes) {
            same.one_to_one |= one_to_one;
            return;
        }
        let is_pass = codes.iter().any(|code| is_pass(code));
        self.candidates.push(Candidate { codes, keying, is_pass, one_to_one });
    }

    /// Names an obstacle, unless another layout has the same one.
    fn name(&mut self, obstacle: Obstacle) {
        let known = self.obstacles.iter().any(|other| other.read() == obstacle.read());
        if !known && self.obstacles.len() < MAX_OBSTACLES {
            self.obstacles.push(obstacle);
        }
    }
}

impl Obstacle {
    /// Under which layout.
    pub fn keying(&self) -> Keying {
        match self {
            Self::FallTogether { keying, .. } | Self::DeadKey { keying, .. } | Self::Nothing { keying, .. } => *keying,
        }
    }

    fn read(&self) -> (Option<&'static str>, char, Option<char>) {
        match *self {
            Self::FallTogether { read: [one, other], .. } => (None, one, Some(other)),
            Self::DeadKey { read, name, .. } => (Some(name), read, None),
            Self::Nothing { read, .. } => (None, read, None),
        }
    }
}

/// Tries one keying. Most give up at the first characters.
fn undo(table: &Table, keying: Keying, text: &str, repair: &mut Repair) {
    let start: String = pass::PREFIX.chars().filter_map(|us| keying.types(table, us).char()).collect();
    let found = text.find(&start).filter(|_| start.chars().nth(1).is_some());
    let Some((lead, typed)) = found.and_then(|at| text.split_at_checked(at)) else { return };
    if lead.chars().count() > MAX_LEAD {
        return;
    }
    let mut origins: Vec<(char, char)> =
        ALPHABET.chars().filter_map(|us| Some((keying.types(table, us).char()?, us))).collect();
    origins.sort_unstable();
    let lost = ALPHABET.chars().find_map(|read| match keying.types(table, read) {
        Cell::Char(_) => None,
        Cell::Dead(name) => Some(Obstacle::DeadKey { keying, read, name }),
        Cell::Nothing => Some(Obstacle::Nothing { keying, read }),
    });
    let mut undone = String::new();
    for arrived in typed.chars() {
        let from = origins.partition_point(|(typed, _)| *typed < arrived);
        let mut from = origins.iter().skip(from).take_while(|(typed, _)| *typed == arrived).map(|(_, us)| *us);
        match (from.next(), from.next()) {
            (Some(one), Some(other)) => {
                return repair.name(Obstacle::FallTogether { keying, read: [one, other], arrived });
            }
            (Some(one), None) => undone.push(one),
            // Another layout's, or two keys melted into one character.
            (None, _) => return lost.into_iter().for_each(|lost| repair.name(lost)),
        }
    }
    // A key lost in the beginning itself has been supplied by nobody: the text does not begin like a pass.
    if undone.starts_with(pass::PREFIX) {
        let alone = |pair: &[(char, char)]| !matches!(pair, [(one, _), (other, _)] if one == other);
        repair.offer(keying, undone, lost.is_none() && origins.windows(2).all(alone));
    }
    lost.into_iter().for_each(|lost| repair.name(lost));
}

fn is_pass(text: &str) -> bool {
    matches!(pass::scan(text.as_bytes()), Scanned::Pass(_))
}

/// A text as it is, or the passes that follow each other in it: half a code that was scanned again at once, or two
/// codes from a scanner that sends no Enter. The beginning of a pass may also occur inside one.
fn codes(text: String) -> Vec<String> {
    if is_pass(&text) {
        return vec![text];
    }
    let parts = text.split(pass::PREFIX).map(|rest| format!("{}{rest}", pass::PREFIX));
    let passes: Vec<_> = parts.filter(|part| is_pass(part)).collect();
    if passes.is_empty() { vec![text] } else { passes }
}
