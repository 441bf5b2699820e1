//! A picture at its own size and at halves of it. Halving takes noise away, and is the cheapest way to
//! see a finder whose modules are many pixels wide.

use crate::LumaFrame;

/// Longest side that is worked on; larger pictures are made smaller first.
const MAX_SIDE: usize = 2_200;

/// How a picture is sharpened first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sharpening {
    /// Whether noise is smoothed before.
    pub(crate) denoise: bool,
    /// How many pixels off the neighbours are.
    pub(crate) radius_px: usize,
    /// How much, in halves: at most 32, so that 16 bits hold it.
    pub(crate) strength_halves: i16,
}

/// The picture, its half, its quarter and so on, as far as they were asked for.
pub(crate) struct Pyramid<'a> {
    base: Option<LumaFrame>,
    /// Pixels of the picture for one of the base.
    factor: usize,
    frame: &'a LumaFrame,
    halves: Vec<LumaFrame>,
}

impl<'a> Pyramid<'a> {
    pub(crate) fn new(frame: &'a LumaFrame) -> Self {
        let longest = frame.width().max(frame.height());
        let factor = longest.div_ceil(MAX_SIDE).max(1);
        let base = if factor > 1 { skip_rows(frame, factor) } else { None };
        Self { factor: if base.is_some() { factor } else { 1 }, base, frame, halves: Vec::new() }
    }

    /// Pixels of the picture for one of the picture worked on.
    pub(crate) fn factor(&self) -> f32 {
        self.factor as f32
    }

    /// The picture worked on.
    pub(crate) fn base(&self) -> &LumaFrame {
        self.base.as_ref().unwrap_or(self.frame)
    }

    /// Makes the levels up to this one; tells how many there are.
    pub(crate) fn prepare(&mut self, level: usize) -> usize {
        while self.halves.len() < level {
            let last = self.halves.last().unwrap_or_else(|| self.base());
            if last.width().min(last.height()) < 48 {
                break;
            }
            match halve(last) {
                Some(half) => self.halves.push(half),
                None => break,
            }
        }
        self.halves.len()
    }

    /// Level 0 is the base, 1 its half.
    pub(crate) fn level(&self, level: usize) -> &LumaFrame {
        match level.checked_sub(1) {
            None => self.base(),
            Some(at) => self.halves.get(at).or(self.halves.last()).unwrap_or_else(|| self.base()),
        }
    }
}

/// Both sides divided by `factor`, each pixel the mean of four of those it stands for: to look at them all
/// would take a camera frame's whole time on the largest pictures.
fn skip_rows(frame: &LumaFrame, factor: usize) -> Option<LumaFrame> {
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
pub(crate) fn halve(frame: &LumaFrame) -> Option<LumaFrame> {
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
/// neighbours `reach` pixels off, by twice `halves` times as far as it is already.
pub(crate) fn sharpen(frame: &LumaFrame, sharpening: Sharpening) -> Option<LumaFrame> {
    let Sharpening { denoise, radius_px: reach, strength_halves: halves } = sharpening;
    let smooth = if denoise { smooth(frame) } else { None };
    let frame = smooth.as_ref().unwrap_or(frame);
    let (width, height) = (frame.width(), frame.height());
    if width <= 2 * reach || height <= 2 * reach {
        return None;
    }
    let mut pixels = vec![0; width * height];
    let row = |y: usize| frame.pixels().get(y * width..(y + 1) * width).unwrap_or_default();
    let moved = |pixel: u8, [a, b, c, d]: [u8; 4]| {
        let sum = u16::from(a).wrapping_add(u16::from(b)).wrapping_add(u16::from(c)).wrapping_add(u16::from(d));
        let pixel = i16::from(pixel);
        let away = pixel.wrapping_mul(4).wrapping_sub(sum as i16);
        pixel.wrapping_add(away.wrapping_mul(halves) >> 1).clamp(0, 255) as u8
    };
    for (y, line) in pixels.chunks_exact_mut(width).enumerate() {
        let (here, above, below) = (row(y), row(y.saturating_sub(reach)), row((y + reach).min(height - 1)));
        // Near the edges a pixel stands in for the neighbours it lacks.
        let at_edge = |x: usize| {
            let at = |row: &[u8], x: usize| row.get(x.min(width - 1)).copied().unwrap_or(0);
            moved(at(here, x), [at(above, x), at(below, x), at(here, x.saturating_sub(reach)), at(here, x + reach)])
        };
        // Slices of one length are what a processor is quick at.
        let middle = |row| <[u8]>::get(row, reach..width - reach).unwrap_or_default();
        let sides = here.iter().zip(here.get(2 * reach..).unwrap_or_default());
        let around = middle(above).iter().zip(middle(below)).zip(sides);
        let inner = line.get_mut(reach..width - reach).unwrap_or_default().iter_mut();
        for ((new, pixel), ((a, b), (c, d))) in inner.zip(middle(here)).zip(around) {
            *new = moved(*pixel, [*a, *b, *c, *d]);
        }
        for x in (0..reach).chain(width - reach..width) {
            if let Some(new) = line.get_mut(x) {
                *new = at_edge(x);
            }
        }
    }
    LumaFrame::new(width, height, pixels)
}

/// Each pixel with its eight neighbours, weighed 1:2:1 both ways; the first and last columns stay as they are.
fn smooth(frame: &LumaFrame) -> Option<LumaFrame> {
    let (width, height) = (frame.width(), frame.height());
    let mut pixels = Vec::with_capacity(width * height);
    let mut sums = vec![0_u16; width];
    let row = |y: usize| frame.pixels().get(y * width..(y + 1) * width).unwrap_or_default();
    for y in 0..height {
        let (here, above, below) = (row(y), row(y.saturating_sub(1)), row((y + 1).min(height - 1)));
        for (sum, ((a, b), c)) in sums.iter_mut().zip(above.iter().zip(here).zip(below)) {
            *sum = u16::from(*a).wrapping_add(2_u16.wrapping_mul(u16::from(*b))).wrapping_add(u16::from(*c));
        }
        pixels.extend(here.first());
        let three = sums.iter().zip(sums.get(1..).unwrap_or_default()).zip(sums.get(2..).unwrap_or_default());
        let weighed = |((a, b), c): ((&u16, &u16), &u16)| {
            (a.wrapping_add(2_u16.wrapping_mul(*b)).wrapping_add(*c).wrapping_add(8) >> 4) as u8
        };
        pixels.extend(three.map(weighed));
        pixels.extend(here.get(1..).and_then(<[u8]>::last));
    }
    LumaFrame::new(width, height, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> LumaFrame {
        LumaFrame::new(23, 11, (0..23 * 11).map(|i: u32| (i * i * 31 % 251) as u8).collect()).unwrap()
    }

    fn near(frame: &LumaFrame, x: i32, y: i32) -> i32 {
        let clamped = |at: i32, length: usize| at.clamp(0, length as i32 - 1) as usize;
        i32::from(frame.at(clamped(x, frame.width()), clamped(y, frame.height())))
    }

    #[test]
    fn sharpening_is_that_of_each_pixel_by_itself() {
        let frame = picture();
        for (reach, halves) in [(1, 6), (2, 3), (3, 15)] {
            let sharp =
                sharpen(&frame, Sharpening { denoise: false, radius_px: reach, strength_halves: halves }).unwrap();
            let (r, halves) = (reach as i32, i32::from(halves));
            for (x, y) in (0..23).flat_map(|x| (0..11).map(move |y| (x, y))) {
                let around =
                    near(&frame, x - r, y) + near(&frame, x + r, y) + near(&frame, x, y - r) + near(&frame, x, y + r);
                let away = (4 * near(&frame, x, y) - around) * halves;
                let wanted = (near(&frame, x, y) + (away >> 1)).clamp(0, 255);
                assert_eq!(near(&sharp, x, y), wanted, "{reach} {halves} at {x}, {y}");
            }
        }
        assert!(
            sharpen(&frame, Sharpening { denoise: true, radius_px: 6, strength_halves: 2 }).is_none(),
            "narrower than its reach"
        );
    }

    #[test]
    fn smoothing_weighs_the_neighbours_and_leaves_the_rim() {
        let frame = picture();
        let soft = smooth(&frame).unwrap();
        for (x, y) in (1..22).flat_map(|x| (0..11).map(move |y| (x, y))) {
            let row = |y: i32| near(&frame, x - 1, y) + 2 * near(&frame, x, y) + near(&frame, x + 1, y);
            assert_eq!(near(&soft, x, y), (row(y - 1) + 2 * row(y) + row(y + 1) + 8) / 16);
        }
        assert_eq!((near(&soft, 0, 5), near(&soft, 22, 5)), (near(&frame, 0, 5), near(&frame, 22, 5)));
        assert_eq!((soft.width(), soft.height()), (23, 11));
    }
}
