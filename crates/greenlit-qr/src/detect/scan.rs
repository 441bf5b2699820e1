//! The scan for finders: rows are looked through for the run lengths 1:1:3:1:1, what chance makes is sorted
//! out cheaply, and what is left is measured.

use crate::LumaFrame;
use crate::budget::Budget;
use crate::detect::finder::{Finder, MIN_CONTRAST, RAYS, both_ways, direction, measure};
use crate::detect::threshold::{BLOCK, Thresholds};
use crate::sample::grey::Grey;
use crate::sample::perspective::Point;
use crate::search::inside;

/// Points of a ring, of eight, that must be light, and how much darker the frame around it is, as a part of
/// what ring and core differ.
const LIGHT_RING: usize = 5;
const DARKER_FRAME: f32 = 0.3;
/// Most finders kept of one scan; most places looked at closely.
const MAX_FINDERS: usize = 160;
const MAX_LOOKS: usize = 6_000;

/// How strictly a scan judges, and which codes it looks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanParams {
    /// Light codes on dark, dark ones on light, or both.
    pub(crate) inverted: Option<bool>,
    /// Rays, of all, that must see the pattern.
    pub(crate) min_rays: usize,
    /// Least quality.
    pub(crate) min_quality: f32,
    /// How far runs may be off, in modules.
    pub(crate) tolerance_modules: f32,
    /// Whether a dark quiet zone may make one outer run longer.
    pub(crate) allow_dark_quiet_zone: bool,
    /// Whether two rows must show it before it is looked at closely: noise seldom does.
    pub(crate) require_two_rows: bool,
    /// Whether its rings are looked for first, around, before it is measured.
    pub(crate) check_rings: bool,
}

impl ScanParams {
    /// What clear pictures show.
    pub(crate) const STRICT: Self = Self {
        inverted: Some(false),
        min_rays: 14,
        min_quality: 0.75,
        tolerance_modules: 0.5,
        allow_dark_quiet_zone: false,
        require_two_rows: false,
        check_rings: false,
    };
    /// The same, light on dark.
    pub(crate) const STRICT_INVERTED: Self = Self { inverted: Some(true), check_rings: true, ..Self::STRICT };
    /// Whatever may be one.
    pub(crate) const LOOSE: Self = Self {
        inverted: None,
        min_rays: 11,
        min_quality: 0.6,
        tolerance_modules: 0.6,
        allow_dark_quiet_zone: true,
        require_two_rows: false,
        check_rings: false,
    };
    /// The same in a picture whose noise was sharpened too.
    pub(crate) const NOISY: Self = Self { require_two_rows: true, check_rings: true, ..Self::LOOSE };
    /// What clear pictures show where pale colours count as dark: paper is full of specks and shadows then.
    pub(crate) const TINTED: Self = Self {
        inverted: Some(false),
        min_rays: 13,
        min_quality: 0.75,
        tolerance_modules: 0.6,
        allow_dark_quiet_zone: true,
        require_two_rows: true,
        check_rings: true,
    };
}

/// The places where a row and the two before it showed the pattern.
#[derive(Default)]
struct RowHistory {
    rows: [Vec<(f32, f32, bool)>; 3],
}

impl RowHistory {
    /// Whether a row before showed it here as well; the place is kept for the rows that come.
    fn contains(&mut self, x: f32, module: f32, inverted: bool) -> bool {
        let [here, before @ ..] = &mut self.rows;
        here.push((x, module, inverted));
        let reach = 1.2 * module + 0.5;
        // Each row's places are in order.
        before.iter().any(|row| {
            let first = row.partition_point(|place| place.0 <= x - reach);
            let near = row.iter().skip(first).take_while(|place| place.0 < x + reach);
            near.into_iter().any(|(_, size, kind)| *kind == inverted && (0.6..1.7).contains(&(size / module)))
        })
    }

    fn next(&mut self) {
        self.rows.rotate_right(1);
        let [here, ..] = &mut self.rows;
        here.clear();
    }
}

/// Every so many rows from one of them on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    first: usize,
    step: usize,
}

impl Rows {
    /// All at once.
    pub(crate) fn every(step: usize) -> Self {
        Self { first: step / 2, step }
    }

    /// The same in three passes: a quarter of them, another, and the rest.
    pub(crate) fn passes(step: usize) -> [Self; 3] {
        let Self { first, step } = Self::every(step);
        [
            Self { first: first + step, step: 4 * step },
            Self { first: first + 3 * step, step: 4 * step },
            Self { first, step: 2 * step },
        ]
    }
}

/// What a scan keeps from row to row.
pub(crate) struct Scan<'a> {
    pub(crate) params: ScanParams,
    pub(crate) frame: &'a LumaFrame,
    pub(crate) thresholds: &'a Thresholds,
    pub(crate) budget: &'a Budget,
    pub(crate) seen: Seen,
    /// The corners of codes that were read: what looks like a finder in them is none of another's.
    read: Vec<[Point; 4]>,
}

/// What rows have shown so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) finders: Vec<Finder>,
    /// Places that were looked at closely.
    looks: usize,
}

impl Seen {
    /// The same in a picture of another size.
    pub(crate) fn scaled(self, scale: f32) -> Self {
        Self { finders: self.finders.iter().map(|finder| finder.scaled(scale)).collect(), ..self }
    }
}

impl<'a> Scan<'a> {
    pub(crate) fn new(
        frame: &'a LumaFrame,
        thresholds: &'a Thresholds,
        params: ScanParams,
        budget: &'a Budget,
        (seen, read): (Seen, Vec<[Point; 4]>),
    ) -> Self {
        Self { params, frame, thresholds, budget, seen, read }
    }

    /// Looks through these rows.
    pub(crate) fn rows(&mut self, Rows { first, step }: Rows) {
        let mut edges = Edges::default();
        let mut rows_before = RowHistory::default();
        let width = self.frame.width();
        let rows = self.frame.pixels().chunks_exact(width).enumerate().skip(first).step_by(step.max(1));
        for (y, row) in rows {
            if self.budget.is_spent() || self.seen.looks > MAX_LOOKS || self.seen.finders.len() >= MAX_FINDERS {
                return;
            }
            let first_dark = edges.find(row, self.thresholds.row(y));
            // Runs take turns: the third of six edges' five is as dark as the first.
            let (first, every) = match self.params.inverted {
                Some(inverted) => (usize::from(inverted == first_dark), 2),
                None => (0, 1),
            };
            for (at, window) in edges.all.windows(6).enumerate().skip(first).step_by(every) {
                let &[a, b, c, d, e, f] = window else { continue };
                let inverted = (at % 2 == 0) != first_dark;
                let (r1, r2, r3) = (c.wrapping_sub(b), d.wrapping_sub(c), e.wrapping_sub(d));
                // None is longer than a row.
                let times = u32::wrapping_mul;
                if times(r2, 4) < times(r1.max(r3), 5) || r2 > times(r1.min(r3), 6).wrapping_add(1) {
                    continue;
                }
                let (outer, other) = (b.wrapping_sub(a), f.wrapping_sub(e));
                if !is_finder([outer as f32, r1 as f32, r2 as f32, r3 as f32, other as f32], &self.params) {
                    continue;
                }
                let (x, module) = ((c + d) as f32 / 2.0, (r1 + 2 * r2 + r3) as f32 / 8.0);
                if !self.params.require_two_rows || rows_before.contains(x, module, inverted) {
                    self.look(x, y as f32 + 0.5, module, inverted);
                }
            }
            rows_before.next();
        }
    }

    /// Looks closely at a place where a row showed the pattern.
    fn look(&mut self, x: f32, y: f32, module: f32, inverted: bool) {
        let near = self.seen.finders.iter_mut().find(|finder| {
            let size = finder.size;
            let alike = module > 0.4 * size && module < 2.5 * size;
            alike
                && finder.inverted == inverted
                && (finder.x - x).abs() < 1.5 * size
                && (finder.y - y).abs() < 2.5 * size
        });
        if let Some(known) = near {
            known.hits += 1;
            return;
        }
        if self.read.iter().any(|corners| inside(corners, (x, y))) {
            return;
        }
        if self.params.check_rings && !self.has_rings(x, y, module, inverted) {
            return;
        }
        self.seen.looks += 1;
        if let Some(finder) = self.measure(x, y, module, inverted) {
            let same = |other: &&mut Finder| {
                let size = other.size;
                other.inverted == inverted && (other.x - finder.x).abs() < size && (other.y - finder.y).abs() < size
            };
            match self.seen.finders.iter_mut().find(same) {
                Some(known) => known.hits += 1,
                None => self.seen.finders.push(finder),
            }
        }
    }

    /// Whether a circle that lies within the light ring, however the finder is turned, is light nearly
    /// everywhere, and one along the dark frame darker: chance seldom is both.
    fn has_rings(&self, x: f32, y: f32, module: f32, inverted: bool) -> bool {
        let grey = Grey::new(self.frame, inverted);
        let block = self.thresholds.row(y as usize).get(x as usize / BLOCK).copied().unwrap_or(0);
        let threshold = if inverted { 255.0 - f32::from(block) } else { f32::from(block) };
        let at = |far: f32, k: usize| {
            let (dx, dy) = direction(k);
            grey.at(x + dx * far * module, y + dy * far * module)
        };
        let (mut ring, mut light) = (0.0, 0);
        for k in (0..RAYS).step_by(2) {
            let value = at(2.1, k);
            ring += value;
            light += usize::from(value > threshold);
        }
        if light < LIGHT_RING {
            return false;
        }
        let frame: f32 = (1..RAYS).step_by(2).map(|k| at(3.2, k)).sum();
        let contrast = ring - (RAYS / 2) as f32 * at(0.0, 0);
        ring - frame > DARKER_FRAME * contrast
    }

    fn measure(&self, x: f32, y: f32, module: f32, inverted: bool) -> Option<Finder> {
        let grey = Grey::new(self.frame, inverted);
        // Dark and light as they are here, for the threshold looks at more than the finder.
        let dark = (grey.at(x - 0.7 * module, y) + grey.at(x, y) + grey.at(x + 0.7 * module, y)) / 3.0;
        let light = (grey.at(x - 2.0 * module, y) + grey.at(x + 2.0 * module, y)) / 2.0;
        if light - dark < MIN_CONTRAST {
            return None;
        }
        // Up and down, then across from the new middle.
        let threshold = (dark + light) / 2.0;
        let reach = 8.0 * module;
        let (down, up) = both_ways(&grey, (x, y), (0.0, 1.0), threshold, reach)?;
        let y = y + (down.middle() - up.middle()) / 2.0;
        let vertical = (down.module() + up.module()) / 2.0;
        let (right, left) = both_ways(&grey, (x, y), (1.0, 0.0), threshold, reach)?;
        let x = x + (right.middle() - left.middle()) / 2.0;
        let horizontal = (right.module() + left.module()) / 2.0;
        if !(0.3..3.3).contains(&(vertical / horizontal)) {
            return None;
        }
        measure(&grey, (x, y), (horizontal, vertical), self.params.min_rays)
            .filter(|f| f.quality >= self.params.min_quality)
    }
}

/// Whether runs are 1:1:3:1:1. Sums of neighbours do not change when dark runs into light, so they are
/// held to more than single runs; one outer run may be longer, where the quiet zone is dark.
fn is_finder([r0, r1, r2, r3, r4]: [f32; 5], params: &ScanParams) -> bool {
    let module = (r1 + 2.0 * r2 + r3) / 8.0;
    let slack = params.tolerance_modules * module + 0.8;
    (r1 - r3).abs() <= slack
        && r0.min(r4) + 0.8 >= 0.5 * module
        && (if params.allow_dark_quiet_zone { r0.min(r4) } else { r0.max(r4) }) <= 1.8 * module + 1.0
        && r0 + r1 + slack >= 2.0 * module
        && r4 + r3 + slack >= 2.0 * module
}

/// The edges of a row, and what they are found with.
#[derive(Default)]
struct Edges {
    /// Where it turns dark or light, from its beginning to its end.
    all: Vec<u32>,
    /// The thresholds of which `limits` are, a byte a pixel; whether pixels are darker.
    thresholds: Vec<u8>,
    limits: Vec<u8>,
    dark: Vec<u8>,
}

impl Edges {
    /// Finds those of a row; whether it begins dark.
    fn find(&mut self, row: &[u8], thresholds: &[u8]) -> bool {
        // Eight rows have the same.
        if self.thresholds != thresholds || self.limits.len() < row.len() {
            self.thresholds.clear();
            self.thresholds.extend_from_slice(thresholds);
            self.limits.clear();
            self.limits.extend(thresholds.iter().flat_map(|limit| [*limit; BLOCK]));
        }
        // A byte a pixel, in whole words: what a processor compares sixteen at a time. What is beyond the row is as its end.
        self.dark.clear();
        self.dark.extend(row.iter().zip(&self.limits).map(|(pixel, limit)| u8::from(pixel < limit)));
        let last = self.dark.last().copied().unwrap_or(0);
        self.dark.resize(row.len().next_multiple_of(8), last);
        let first = self.dark.first().copied().unwrap_or(0);
        self.all.clear();
        self.all.push(0);
        let mut before = u64::from(first);
        for (at, word) in self.dark.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let mut changes = word ^ (word << 8 | before);
            while changes != 0 {
                self.all.push((at * 8) as u32 + changes.trailing_zeros() / 8);
                changes &= changes.wrapping_sub(1);
            }
            before = word >> 56;
        }
        self.all.push(row.len() as u32);
        first == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_found_across_blocks_and_in_the_rest() {
        let row: Vec<u8> = (0..21).map(|x| if (7..17).contains(&x) || x == 19 { 10 } else { 200 }).collect();
        let mut edges = Edges::default();
        assert!(!edges.find(&row, &[100, 100, 100]));
        assert_eq!(edges.all, [0, 7, 17, 19, 20, 21]);
        // Other thresholds, and a row that ends and begins otherwise.
        assert!(edges.find(&row, &[220, 100, 5]));
        assert_eq!(edges.all, [0, 16, 21]);
    }

    #[test]
    fn passes_look_at_every_row_once() {
        let rows = |Rows { first, step }| (first..100).step_by(step).collect::<Vec<usize>>();
        let mut all = Rows::passes(3).map(rows).concat();
        all.sort_unstable();
        assert_eq!(all, rows(Rows::every(3)));
    }

    #[test]
    fn run_lengths_are_judged_by_their_proportions() {
        let loose = |runs| is_finder(runs, &ScanParams::LOOSE);
        assert!(loose([2.0, 2.0, 6.0, 2.0, 2.0]) && loose([9.0, 2.0, 6.0, 2.0, 2.0]));
        assert!(loose([1.0, 3.0, 5.0, 3.0, 1.0]) && loose([3.0, 1.0, 7.0, 1.0, 3.0]));
        assert!(!loose([9.0, 2.0, 6.0, 2.0, 9.0]) && !loose([4.0, 8.0, 12.0, 1.0, 4.0]));
        assert!(!is_finder([9.0, 2.0, 6.0, 2.0, 2.0], &ScanParams::STRICT));
    }

    #[test]
    fn what_a_row_shows_a_second_time_is_no_chance() {
        let mut rows = RowHistory::default();
        assert!(!rows.contains(50.0, 3.0, false) && !rows.contains(90.0, 3.0, false));
        rows.next();
        // Elsewhere, of another size, the other way round; then the same.
        assert!(
            !rows.contains(70.0, 3.0, false) && !rows.contains(50.0, 9.0, false) && !rows.contains(50.5, 3.0, true)
        );
        assert!(rows.contains(51.0, 3.3, false));
        for _ in 0..3 {
            rows.next();
        }
        assert!(!rows.contains(50.0, 3.0, false), "forgotten");
    }
}
