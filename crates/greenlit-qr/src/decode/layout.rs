//! Where everything stands in a QR code of each version (ISO/IEC 18004 §6.3 and §7): the patterns that
//! are always the same, the order of the data modules, and how codewords are split into blocks.

use std::sync::OnceLock;

/// One module that is the same in every code of its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) x: u8,
    pub(crate) y: u8,
    pub(crate) dark: bool,
}

/// A version's plan.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// 1 to 40.
    pub(crate) version: usize,
    /// Modules a side.
    pub(crate) side: usize,
    /// Finders with their separators, timing and alignment patterns.
    pub(crate) known: Vec<Known>,
    /// How many of them are of finders; those come first.
    pub(crate) finders: usize,
    /// How many of them are of finders and timing patterns; alignment patterns come last.
    pub(crate) frame: usize,
    /// Middles of the alignment patterns, as module numbers.
    pub(crate) alignment: Vec<(usize, usize)>,
    /// Rows (and columns) that alignment patterns stand in; empty for version 1.
    pub(crate) alignment_lines: Vec<usize>,
    /// Data modules (row × side + column) in the order of their bits.
    pub(crate) data: Vec<usize>,
}

/// How the codewords of a version and level are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) count: usize,
    /// Correction codewords a block.
    pub(crate) correction: usize,
    /// Codewords of all blocks.
    pub(crate) total: usize,
}

/// Correction codewords a block, for L, M, Q and H, version by version (ISO/IEC 18004 table 9).
const CORRECTION: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks, for L, M, Q and H, version by version (the same table).
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// The plan of a version from 1 to 40.
pub(crate) fn layout(version: usize) -> Option<&'static Layout> {
    static LAYOUTS: [OnceLock<Layout>; 40] = [const { OnceLock::new() }; 40];
    let slot = LAYOUTS.get(version.checked_sub(1)?)?;
    Some(slot.get_or_init(|| Layout::new(version)))
}

/// The plan of a code with so many modules a side.
pub(crate) fn layout_of_side(side: usize) -> Option<&'static Layout> {
    let rest = side.checked_sub(17)?;
    if rest.is_multiple_of(4) { layout(rest / 4) } else { None }
}

impl Layout {
    fn new(version: usize) -> Self {
        let side = 17 + 4 * version;
        let alignment_lines = alignment_lines(version);
        let last = alignment_lines.last().copied().unwrap_or(0);
        let mut alignment = Vec::new();
        for &y in &alignment_lines {
            for &x in &alignment_lines {
                let under_finder = (x == 6 && (y == 6 || y == last)) || (y == 6 && x == last);
                if !under_finder {
                    alignment.push((x, y));
                }
            }
        }
        let mut kinds = vec![None; side * side];
        let mut reserved = vec![false; side * side];
        let mut put = |x: usize, y: usize, dark: Option<bool>| {
            if x < side && y < side {
                if let Some(kind) = kinds.get_mut(y * side + x) {
                    *kind = dark;
                }
                if let Some(place) = reserved.get_mut(y * side + x) {
                    *place = true;
                }
            }
        };
        for i in 0..side {
            put(i, 6, Some(i % 2 == 0));
            put(6, i, Some(i % 2 == 0));
        }
        for (x, y) in (0..9_usize).flat_map(|y| (0..9_usize).map(move |x| (x, y))) {
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            // Beyond the separator stands the format information, which differs from code to code.
            let dark = if ring <= 4 { Some(ring != 2 && ring != 4) } else { None };
            if x < 8 && y < 8 {
                put(x, y, dark);
                put(side - 1 - x, y, dark);
                put(x, side - 1 - y, dark);
            } else {
                put(x, y, if x == 6 || y == 6 { Some(true) } else { None });
                if y == 8 && x < 8 {
                    put(side - 1 - x, 8, None);
                }
                if x == 8 && y < 8 {
                    // The module at the end of the lower copy is always dark.
                    put(8, side - 1 - y, if y == 7 { Some(true) } else { None });
                }
            }
        }
        for &(cx, cy) in &alignment {
            for (x, y) in (0..5_usize).flat_map(|y| (0..5_usize).map(move |x| (x, y))) {
                let ring = x.abs_diff(2).max(y.abs_diff(2));
                put(cx + x - 2, cy + y - 2, Some(ring != 1));
            }
        }
        if version >= 7 {
            for (a, b) in (0..6).flat_map(|a| (0..3).map(move |b| (a, b))) {
                put(a, side - 11 + b, None);
                put(side - 11 + b, a, None);
            }
        }
        let mut known: Vec<Known> = kinds
            .iter()
            .enumerate()
            .filter_map(|(i, kind)| Some(Known { x: (i % side) as u8, y: (i / side) as u8, dark: (*kind)? }))
            .collect();
        let kind = |known: &Known| {
            let (x, y) = (usize::from(known.x), usize::from(known.y));
            let near = |(cx, cy): &(usize, usize)| cx.abs_diff(x) <= 2 && cy.abs_diff(y) <= 2;
            let finder = (x < 8 && (y < 8 || y + 8 >= side)) || (x + 8 >= side && y < 8);
            let timing = x == 6 || y == 6;
            if finder { 0 } else { 1 + u8::from(!timing && alignment.iter().any(near)) }
        };
        known.sort_by_key(kind);
        let finders = known.partition_point(|known| kind(known) == 0);
        let frame = known.partition_point(|known| kind(known) < 2);
        let data = zigzag(side).filter(|at| reserved.get(*at) == Some(&false)).collect();
        Self { version, side, known, finders, frame, alignment, alignment_lines, data }
    }

    /// `level` is 0 to 3 for L, M, Q and H.
    pub(crate) fn blocks(&self, level: usize) -> Option<Blocks> {
        let at = self.version.checked_sub(1)?;
        let correction = usize::from(*CORRECTION.get(level)?.get(at)?);
        let count = usize::from(*BLOCKS.get(level)?.get(at)?);
        Some(Blocks { count, correction, total: self.data.len() / 8 })
    }
}

/// Annex E, as a rule instead of a table.
fn alignment_lines(version: usize) -> Vec<usize> {
    if version < 2 {
        return Vec::new();
    }
    let count = version / 7 + 2;
    let step = if version == 32 { 26 } else { (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
    let last = 17 + 4 * version - 7;
    let mut lines: Vec<usize> = (0..count - 1).map(|i| last - i * step).collect();
    lines.push(6);
    lines.reverse();
    lines
}

/// Two columns at a time from the right, up and down in turn, past the timing column (§7.7.3).
fn zigzag(side: usize) -> impl Iterator<Item = usize> {
    let pairs = (0..side / 2).map(move |pair| {
        let right = side - 1 - 2 * pair;
        (pair, if right <= 6 { right - 1 } else { right })
    });
    pairs.flat_map(move |(pair, right)| {
        (0..side).flat_map(move |step| {
            let y = if pair % 2 == 0 { side - 1 - step } else { step };
            [y * side + right, y * side + right - 1]
        })
    })
}

/// Whether the data mask turns a module over (§7.8.2).
pub(crate) fn masked(mask: u8, x: usize, y: usize) -> bool {
    let product = x * y;
    let rest = match mask {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (y / 2 + x / 3) % 2,
        5 => product % 2 + product % 3,
        6 => (product % 2 + product % 3) % 2,
        _ => (product % 3 + (x + y) % 2) % 2,
    };
    rest == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_as_many_codewords_as_the_standard_says() {
        // ISO/IEC 18004 table 1, codewords in all.
        for (version, codewords) in [(1, 26), (2, 44), (6, 172), (7, 196), (20, 1085), (21, 1156), (40, 3706)] {
            assert_eq!(layout(version).unwrap().data.len() / 8, codewords, "version {version}");
        }
        assert!(layout(0).is_none() && layout(41).is_none() && layout_of_side(22).is_none());
        assert_eq!(layout(32).unwrap().alignment_lines, [6, 34, 60, 86, 112, 138]);
        assert_eq!(layout(7).unwrap().alignment_lines, [6, 22, 38]);
    }
}
