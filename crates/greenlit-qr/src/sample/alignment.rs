//! Alignment patterns (ISO/IEC 18004 §6.3.6), each looked for by its own shape around where it should be.
//! A code is read without them when they are not there.

use crate::decode::layout::Layout;
use crate::sample::bent::{Bend, mix};
use crate::sample::grey::Grey;
use crate::sample::grid;
use crate::sample::perspective::{Matrix, Point};

/// Modules a side.
const PATTERN: usize = 5;
/// Agreement beyond which it is a pattern.
const MIN_PATTERN: f32 = 0.55;
/// Agreement beyond which another place is not looked for.
const AT_ONCE: f32 = 0.9;

/// A pattern that was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlignmentMatch {
    /// How far it is from where it was expected, in modules.
    pub(crate) dx: f32,
    pub(crate) dy: f32,
    /// From -1 to 1.
    pub(crate) agreement: f32,
}

/// Looks for the pattern whose middle should be at a place, up to `reach` modules around it.
pub(crate) fn find(grey: &Grey, matrix: &Matrix, middle: Point, reach: usize) -> AlignmentMatch {
    // Where it is where it should be, nothing is searched.
    let agreement = agreement_at(grey, matrix, middle);
    if agreement > AT_ONCE {
        return nearer(grey, matrix, middle, AlignmentMatch { dx: 0.0, dy: 0.0, agreement });
    }
    // Light at every half module.
    let side = 4 * (reach + 2) + 1;
    let half = |i: usize| (i as f32) / 2.0 - (reach + 2) as f32;
    let mut light = Vec::with_capacity(side * side);
    for row in 0..side {
        for column in 0..side {
            let (x, y) = matrix.at(middle.0 + half(column), middle.1 + half(row));
            light.push(grey.at(x, y));
        }
    }
    let mut best = AlignmentMatch { dx: 0.0, dy: 0.0, agreement: -1.0 };
    let mut best_score = f32::MIN;
    for row in 0..=4 * reach {
        for column in 0..=4 * reach {
            let rows = (0..PATTERN).filter_map(|i| {
                let from = (row + 2 * i) * side + column;
                light.get(from..from + 2 * PATTERN - 1)
            });
            let agreement = correlation(rows.flat_map(|row| row.iter().copied().step_by(2)));
            let (dx, dy) = (half(column + 4), half(row + 4));
            let score = agreement - 0.02 * dx.hypot(dy);
            if score > best_score {
                (best, best_score) = (AlignmentMatch { dx, dy, agreement }, score);
            }
        }
    }
    nearer(grey, matrix, middle, best)
}

/// How far the pattern is from there, if it is one.
fn seen(grey: &Grey, matrix: &Matrix, middle: Point, reach: usize) -> Option<Point> {
    let found = find(grey, matrix, middle, reach);
    (found.agreement > MIN_PATTERN).then_some((found.dx, found.dy))
}

/// Once more at quarters of a module around a place.
fn nearer(grey: &Grey, matrix: &Matrix, middle: Point, rough: AlignmentMatch) -> AlignmentMatch {
    let mut best = rough;
    for (i, j) in grid(1) {
        let (dx, dy) = (rough.dx + i as f32 * 0.25, rough.dy + j as f32 * 0.25);
        let agreement = agreement_at(grey, matrix, (middle.0 + dx, middle.1 + dy));
        if agreement > best.agreement {
            best = AlignmentMatch { dx, dy, agreement };
        }
    }
    best
}

/// How much the picture looks like the pattern with its middle at a place.
fn agreement_at(grey: &Grey, matrix: &Matrix, middle: Point) -> f32 {
    let places = (0..PATTERN).flat_map(|j| (0..PATTERN).map(move |i| (i as f32 - 2.0, j as f32 - 2.0)));
    correlation(places.map(|(i, j)| {
        let (x, y) = matrix.at(middle.0 + i, middle.1 + j);
        grey.at(x, y)
    }))
}

/// The correlation of 25 lights with the pattern: a dark module in a light ring in a dark ring.
fn correlation(lights: impl Iterator<Item = f32>) -> f32 {
    let (mut sum, mut squares, mut dark) = (0.0, 0.0, 0.0);
    for (i, light) in lights.enumerate() {
        let ring = (i % PATTERN).abs_diff(2).max((i / PATTERN).abs_diff(2));
        sum += light;
        squares += light * light;
        dark += if ring == 1 { 0.0 } else { light };
    }
    // 17 dark and 8 light modules.
    let spread = (squares - sum * sum / 25.0).max(0.0);
    let covered = dark - sum * 17.0 / 25.0;
    let norm = (spread * 17.0 * 8.0 / 25.0).sqrt();
    if spread > 50.0 { -covered / norm } else { 0.0 }
}

/// How far modules lie from where one perspective puts them: measured at the alignment patterns, and
/// in between by how near those are; where paper is bent, from where that puts them. A bent or crumpled code needs this.
#[derive(Clone, Debug)]
pub(crate) struct Mesh {
    lines: Vec<usize>,
    offsets: Vec<Point>,
    bend: Option<Bend>,
}

impl Mesh {
    /// What is bent, and what the alignment patterns add to that: of each but those of the first row
    /// and column it is known where it should be from those before it.
    pub(crate) fn of_bend(grey: &Grey, matrix: &Matrix, layout: &Layout, bend: Bend) -> Self {
        let lines = &layout.alignment_lines;
        let count = lines.len();
        let mut offsets: Vec<Point> = Vec::new();
        for (row, &y) in lines.iter().enumerate() {
            for (column, &x) in lines.iter().enumerate() {
                let at = |row: Option<usize>, column: Option<usize>| offsets.get(row? * count + column?).copied();
                let (before, above) = (column.checked_sub(1), row.checked_sub(1));
                let known = (at(Some(row), before), at(above, Some(column)), at(above, before));
                let expected = match known {
                    (Some(left), Some(up), Some(both)) => (left.0 + up.0 - both.0, left.1 + up.1 - both.1),
                    _ => (0.0, 0.0),
                };
                let (bx, by) = bend.offset(x as f32 + 0.5, y as f32 + 0.5);
                let place = (x as f32 + 0.5 + bx + expected.0, y as f32 + 0.5 + by + expected.1);
                let found = layout.alignment.contains(&(x, y)).then(|| seen(grey, matrix, place, 2));
                offsets.push(found.flatten().map_or(expected, |(dx, dy)| (expected.0 + dx, expected.1 + dy)));
            }
        }
        Self { lines: lines.clone(), offsets, bend: Some(bend) }
    }

    /// Measures all alignment patterns; `None` where there are too few.
    pub(crate) fn measure(grey: &Grey, matrix: &Matrix, layout: &Layout) -> Option<Self> {
        let lines = &layout.alignment_lines;
        if lines.len() < 2 {
            return None;
        }
        let mut offsets: Vec<Option<Point>> = Vec::new();
        for &y in lines {
            for &x in lines {
                let place = (x as f32 + 0.5, y as f32 + 0.5);
                let found = layout.alignment.contains(&(x, y)).then(|| seen(grey, matrix, place, 1));
                // By the timing lines' ends there are finders instead, which the perspective goes through.
                offsets.push(found.unwrap_or(Some((0.0, 0.0))));
            }
        }
        let count = lines.len();
        let known = |i: usize| offsets.get(i).copied().flatten();
        let filled = (0..count * count).map(|i| {
            known(i).unwrap_or_else(|| {
                // A pattern that is not seen goes with those around it.
                let (mut dx, mut dy, mut n) = (0.0, 0.0, 0.0);
                for j in 0..count * count {
                    let apart = (i / count).abs_diff(j / count).max((i % count).abs_diff(j % count));
                    if let (1, Some((x, y))) = (apart, known(j)) {
                        (dx, dy, n) = (dx + x, dy + y, n + 1.0);
                    }
                }
                if n > 0.0 { (dx / n, dy / n) } else { (0.0, 0.0) }
            })
        });
        Some(Self { lines: lines.clone(), offsets: filled.collect(), bend: None })
    }

    /// How far the module at a place is from where it should be.
    pub(crate) fn offset(&self, x: f32, y: f32) -> Point {
        let (bx, by) = self.bend.as_ref().map_or((0.0, 0.0), |bend| bend.offset(x, y));
        let (dx, dy) = self.pattern_offset(x, y);
        (bx + dx, by + dy)
    }

    fn pattern_offset(&self, x: f32, y: f32) -> Point {
        if self.lines.len() < 2 {
            return (0.0, 0.0);
        }
        let ((column, fx), (row, fy)) = (self.segment(x), self.segment(y));
        let count = self.lines.len();
        let at = |column: usize, row: usize| self.offsets.get(row * count + column).copied().unwrap_or((0.0, 0.0));
        let upper = mix(at(column, row), at(column + 1, row), fx);
        let lower = mix(at(column, row + 1), at(column + 1, row + 1), fx);
        mix(upper, lower, fy)
    }

    fn segment(&self, at: f32) -> (usize, f32) {
        let at = at - 0.5;
        let last = self.lines.len().saturating_sub(2);
        let i = self.lines.windows(2).position(|pair| pair.get(1).is_some_and(|end| at <= *end as f32)).unwrap_or(last);
        let (from, to) = (self.lines.get(i).copied().unwrap_or(0), self.lines.get(i + 1).copied().unwrap_or(1));
        // A little beyond the ends is followed, for the rim of the code lies there.
        (i, ((at - from as f32) / (to as f32 - from as f32).max(1.0)).clamp(-0.3, 1.3))
    }
}
