//! Where a picture has the texture of a code: light and dark change both across and down, everywhere within a square.
//! Stripes change one way, shapes at their rims alone, and a line of text is not high enough. To look for this costs a
//! fraction of what a search for finders in a sharpened picture does, and most of what a camera sees has none of it.

use crate::LumaFrame;
use crate::detect::finder::Finder;
use crate::detect::pyramid::Pyramid;
use crate::detect::threshold::{BLOCK, quantile};
use crate::sample::perspective::Point;

/// Least mean change, two pixels on, in the way that changes less. At 4 codes in dim light are not found any more.
const MIN_CHANGE: usize = 2;
/// Where noise alone changes as much, it must be this much more, in halves, than in the quieter third of the picture; but
/// no more than that is asked of it, for a code may fill the picture.
const ABOVE_NOISE_HALVES: usize = 3;
const MAX_NOISE: usize = 8;
/// What part of the one way the other must change, in quarters.
const MIN_BOTH_QUARTERS: usize = 1;
/// Blocks a side of the square that must have it, and how many of its blocks: see docs/qr-tuning.md.
const SQUARE: usize = 7;
const MIN_IN_SQUARE: u16 = 42;
/// Room left around, in blocks, and as a part of what was found, in eighths: finders at the corners have less of it.
const MARGIN_BLOCKS: usize = 4;
const MARGIN_EIGHTHS: usize = 1;
/// Pictures with fewer pixels are quickly looked at as a whole.
const MIN_PIXELS: usize = 300 * 400;

/// A part of a picture, in pixels: left and top, right and bottom just beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) right: usize,
    pub(crate) bottom: usize,
}

impl Region {
    fn touches(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn joined(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(crate) fn area(&self) -> usize {
        (self.right - self.left) * (self.bottom - self.top)
    }

    /// Where it begins, in pixels of the picture.
    pub(crate) fn corner(&self) -> Point {
        (self.left as f32, self.top as f32)
    }

    pub(crate) fn contains(&self, Finder { x, y, .. }: &Finder) -> bool {
        (self.left as f32..self.right as f32).contains(x) && (self.top as f32..self.bottom as f32).contains(y)
    }
}

/// The regions that have it, the largest first; none overlaps another.
pub(crate) fn regions(pyramid: &mut Pyramid<'_>) -> Vec<Region> {
    let (width, height) = (pyramid.base().width(), pyramid.base().height());
    if width * height < MIN_PIXELS {
        return vec![Region { left: 0, top: 0, right: width, bottom: height }];
    }
    let mut all: Vec<Region> = Vec::new();
    // In one of the halves modules are of two to four pixels, and no block of the code is of one colour, the dark middle of a
    // finder included. In the smallest the largest code that the picture holds is a square.
    for level in 0.. {
        if width.min(height) >> level < SQUARE * BLOCK || pyramid.prepare(level) < level {
            break;
        }
        let across = pyramid.level(level).width() / BLOCK;
        let block = BLOCK << level;
        for found in squares(&textured(pyramid.level(level)), across) {
            let wide = (found.right - found.left).max(found.bottom - found.top) * MARGIN_EIGHTHS / 8;
            let margin = MARGIN_BLOCKS + wide;
            all.push(Region {
                left: found.left.saturating_sub(margin) * block,
                top: found.top.saturating_sub(margin) * block,
                right: ((found.right + margin) * block).min(width),
                bottom: ((found.bottom + margin) * block).min(height),
            });
        }
    }
    let mut apart: Vec<Region> = Vec::new();
    for mut region in all {
        while let Some(at) = apart.iter().position(|other| other.touches(&region)) {
            region = region.joined(&apart.swap_remove(at));
        }
        apart.push(region);
    }
    apart.sort_by_key(|region| std::cmp::Reverse(region.area()));
    apart
}

/// For each whole block whether it has the texture, but for the last row, which has nothing below to be compared with.
fn textured(frame: &LumaFrame) -> Vec<bool> {
    let width = frame.width();
    let mut changes: Vec<(u16, u16)> = Vec::with_capacity(width / BLOCK * (frame.height() / BLOCK));
    let (mut across, mut down) = (vec![0_u16; width], vec![0_u16; width]);
    // Every second row, down the columns first: whole rows at a time are what a processor is quick at. Two pixels apart a
    // blurred edge shows more than from one to the next.
    let rows: Vec<&[u8]> = frame.pixels().chunks_exact(width).step_by(2).collect();
    for (at, pair) in rows.windows(2).enumerate() {
        let &[row, below] = pair else { continue };
        for (sum, (pixel, next)) in across.iter_mut().zip(row.iter().zip(row.get(2..).unwrap_or_default())) {
            *sum = sum.wrapping_add(u16::from(pixel.abs_diff(*next)));
        }
        for (sum, (pixel, next)) in down.iter_mut().zip(row.iter().zip(below)) {
            *sum = sum.wrapping_add(u16::from(pixel.abs_diff(*next)));
        }
        if at % (BLOCK / 2) == BLOCK / 2 - 1 {
            let sum = |part: &[u16; BLOCK]| part.iter().fold(0_u16, |sum, value| sum.wrapping_add(*value));
            let blocks = across.as_chunks::<BLOCK>().0.iter().zip(down.as_chunks::<BLOCK>().0);
            changes.extend(blocks.map(|(across, down)| (sum(across), sum(down))));
            across.fill(0);
            down.fill(0);
        }
    }
    let least = |(across, down): &(u16, u16)| usize::from(*across.min(down));
    // Of each pixel of every second row.
    let a_block = BLOCK * BLOCK / 2;
    let noise = quieter_third(changes.iter().map(least)) * ABOVE_NOISE_HALVES / 2;
    let enough = noise.clamp(MIN_CHANGE * a_block, MAX_NOISE * a_block);
    let both = |both: &(u16, u16)| least(both) * 4 > usize::from(both.0.max(both.1)) * MIN_BOTH_QUARTERS;
    changes.iter().map(|change| least(change) > enough && both(change)).collect()
}

/// What a third of the values stay below, as far as it matters.
fn quieter_third(values: impl ExactSizeIterator<Item = usize>) -> usize {
    let third = values.len() / 3;
    let mut counts = [0_usize; 256];
    // In quarters of what a block changes where each pixel does by one level; what noise changes more does not matter.
    for value in values {
        if let Some(count) = counts.get_mut((value / 8).min(255)) {
            *count += 1;
        }
    }
    quantile(&counts, third) * 8
}

/// Where squares of blocks have it, in blocks: one that touches another is joined to it.
fn squares(textured: &[bool], across: usize) -> Vec<Region> {
    let down = textured.len().checked_div(across).unwrap_or(0);
    if across < SQUARE || down < SQUARE {
        return Vec::new();
    }
    let mut found: Vec<Region> = Vec::new();
    let mut columns = vec![0_u16; across];
    for bottom in 0..down {
        let row = |y: usize| textured.get(y * across..(y + 1) * across).unwrap_or_default();
        for (sum, here) in columns.iter_mut().zip(row(bottom)) {
            *sum = sum.wrapping_add(u16::from(*here));
        }
        if let Some(gone) = bottom.checked_sub(SQUARE) {
            for (sum, here) in columns.iter_mut().zip(row(gone)) {
                *sum = sum.wrapping_sub(u16::from(*here));
            }
        }
        let Some(top) = (bottom + 1).checked_sub(SQUARE) else { continue };
        for (left, square) in columns.windows(SQUARE).enumerate() {
            if square.iter().fold(0_u16, |sum, value| sum.wrapping_add(*value)) < MIN_IN_SQUARE {
                continue;
            }
            let region = Region { left, top, right: left + SQUARE, bottom: bottom + 1 };
            match found.iter_mut().rev().find(|other| other.touches(&region)) {
                Some(other) => *other = other.joined(&region),
                None => found.push(region),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of grey in which `paint` may put something else.
    fn picture(paint: impl Fn(usize, usize) -> Option<u8>) -> LumaFrame {
        let pixels = (0..480 * 640).map(|i| paint(i % 640, i / 640).unwrap_or(120 + (i * 7 % 3) as u8)).collect();
        LumaFrame::new(640, 480, pixels).unwrap()
    }

    fn found(frame: &LumaFrame) -> Vec<Region> {
        regions(&mut Pyramid::new(frame))
    }

    /// Modules by chance, of so many pixels.
    fn modules(x: usize, y: usize, size: usize) -> u8 {
        let mixed = ((x / size * 251 + y / size) as u32).wrapping_mul(0x9e37_79b9);
        if (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b) >> 31 == 0 { 40 } else { 210 }
    }

    #[test]
    fn modules_of_every_size_are_found_where_they_are() {
        for size in [2, 3, 5, 8, 12, 16] {
            let side = (size * 25).max(64);
            let code = |x: usize, y: usize| (100..100 + side).contains(&x) && (40..40 + side).contains(&y);
            let regions = found(&picture(|x, y| code(x, y).then(|| modules(x, y, size))));
            let [region] = regions.as_slice() else { panic!("{size}: {regions:?}") };
            assert!(region.left <= 100 && region.top <= 40, "{size}: {region:?}");
            assert!(
                region.right >= (100 + side).min(640) && region.bottom >= (40 + side).min(480),
                "{size}: {region:?}"
            );
        }
    }

    #[test]
    fn stripes_shapes_a_line_of_text_and_noise_are_none() {
        assert_eq!(found(&picture(|_, _| None)), []);
        assert_eq!(
            found(&picture(|x, y| (x > 50 && y > 60 && y < 300).then_some(if x / 5 % 2 == 0 { 20 } else { 220 }))),
            []
        );
        assert_eq!(found(&picture(|x, y| (x.abs_diff(300).pow(2) + y.abs_diff(200).pow(2) < 9_000).then_some(10))), []);
        assert_eq!(found(&picture(|x, y| (y / 20 == 9 && x > 40 && x < 500).then(|| modules(x, y, 4)))), []);
        let noise = |x: usize, y: usize| Some(90 + modules(x, y, 1) / 40 + modules(y, x, 1) / 30);
        assert_eq!(found(&picture(noise)), []);
    }

    #[test]
    fn two_codes_apart_are_two_regions_and_a_small_picture_is_one() {
        let code = |x: usize, y: usize| (y > 100 && y < 200) && ((x > 40 && x < 140) || (x > 460 && x < 580));
        assert_eq!(found(&picture(|x, y| code(x, y).then(|| modules(x, y, 4)))).len(), 2);
        let small = LumaFrame::new(100, 80, vec![9; 8_000]).unwrap();
        assert_eq!(found(&small), [Region { left: 0, top: 0, right: 100, bottom: 80 }]);
    }
}
