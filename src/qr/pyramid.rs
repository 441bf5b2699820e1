//! A picture at its own size and at halves of it. Halving takes noise away, and is the cheapest way to
//! see a finder whose modules are many pixels wide.

use crate::luma::LumaFrame;

/// Longest side that is worked on; larger pictures are made smaller first.
const MOST: usize = 2_200;

/// The picture, its half, its quarter and so on, as far as they were asked for.
pub(super) struct Pyramid<'a> {
    base: Option<LumaFrame>,
    frame: &'a LumaFrame,
    halves: Vec<LumaFrame>,
}

impl<'a> Pyramid<'a> {
    pub(super) fn new(frame: &'a LumaFrame) -> Self {
        let longest = frame.width().max(frame.height());
        let factor = longest.div_ceil(MOST).max(1);
        let base = if factor > 1 { thinned(frame, factor) } else { None };
        Self { base, frame, halves: Vec::new() }
    }

    /// The picture worked on.
    pub(super) fn base(&self) -> &LumaFrame {
        self.base.as_ref().unwrap_or(self.frame)
    }

    /// Makes the levels up to this one; tells how many there are.
    pub(super) fn prepare(&mut self, level: usize) -> usize {
        while self.halves.len() < level {
            let last = self.halves.last().unwrap_or_else(|| self.base());
            if last.width().min(last.height()) < 48 {
                break;
            }
            match halved(last) {
                Some(half) => self.halves.push(half),
                None => break,
            }
        }
        self.halves.len()
    }

    /// Level 0 is the base, 1 its half.
    pub(super) fn level(&self, level: usize) -> &LumaFrame {
        match level.checked_sub(1) {
            None => self.base(),
            Some(at) => self.halves.get(at).or(self.halves.last()).unwrap_or_else(|| self.base()),
        }
    }
}

/// Both sides divided by `factor`, each pixel the mean of four of those it stands for: to look at them all
/// would take a camera frame's whole time on the largest pictures.
fn thinned(frame: &LumaFrame, factor: usize) -> Option<LumaFrame> {
    let (width, height) = (frame.width() / factor, frame.height() / factor);
    let (first, second) = (factor / 4, factor - 1 - factor / 4);
    let mut pixels = Vec::with_capacity(width * height);
    for rows in frame.pixels().chunks_exact(frame.width() * factor).take(height) {
        let row = |y: usize| rows.chunks_exact(frame.width()).nth(y).unwrap_or_default().chunks_exact(factor);
        let cells = row(first).zip(row(second)).take(width);
        pixels.extend(cells.map(|(upper, lower)| {
            let at = |cell: &[u8], x: usize| cell.get(x).copied().map_or(0, u16::from);
            ((at(upper, first) + at(upper, second) + at(lower, first) + at(lower, second)) / 4) as u8
        }));
    }
    LumaFrame::new(width, height, pixels)
}

/// Each pixel the mean of two by two; an odd last row or column is dropped.
pub(super) fn halved(frame: &LumaFrame) -> Option<LumaFrame> {
    let (width, height) = (frame.width() / 2, frame.height() / 2);
    let mut pixels = Vec::with_capacity(width * height);
    for rows in frame.pixels().chunks_exact(frame.width() * 2) {
        let (upper, lower) = rows.split_at(frame.width());
        let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        pixels.extend(pairs.map(|([a, b], [c, d])| {
            let sum = u16::from(*a).wrapping_add(u16::from(*b)).wrapping_add(u16::from(*c)).wrapping_add(u16::from(*d));
            (sum.wrapping_add(2) >> 2) as u8
        }));
    }
    LumaFrame::new(width, height, pixels)
}

/// The picture with what blur took away partly put back: each pixel is moved away from the mean of its four
/// neighbours `reach` pixels off, `times` as far as it is already.
pub(super) fn sharpened(frame: &LumaFrame, reach: usize, times: i16) -> Option<LumaFrame> {
    let (width, height) = (frame.width(), frame.height());
    if width <= 2 * reach || height <= 2 * reach {
        return None;
    }
    let mut pixels = Vec::with_capacity(width * height);
    let row = |y: usize| frame.pixels().get(y * width..(y + 1) * width).unwrap_or_default();
    for y in 0..height {
        let (here, above, below) = (row(y), row(y.saturating_sub(reach)), row((y + reach).min(height - 1)));
        // Near the edges a pixel stands in for the neighbours it lacks.
        let left = here.iter().take(reach).chain(here);
        let right = here.iter().skip(reach).chain(here.iter().rev().take(reach));
        let around = above.iter().zip(below).zip(left.zip(right));
        pixels.extend(here.iter().zip(around).map(|(pixel, ((a, b), (c, d)))| {
            let sum = u16::from(*a).wrapping_add(u16::from(*b)).wrapping_add(u16::from(*c)).wrapping_add(u16::from(*d));
            let pixel = i16::from(*pixel);
            let away = pixel.wrapping_mul(4).wrapping_sub(sum as i16);
            pixel.wrapping_add(away.wrapping_mul(times) / 8).clamp(0, 255) as u8
        }));
    }
    LumaFrame::new(width, height, pixels)
}
