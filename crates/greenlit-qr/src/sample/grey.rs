//! Grey levels between pixels.

use crate::LumaFrame;
use crate::sample::perspective::Point;

/// A picture that is looked at with dark codes or, turned over, with light ones.
#[derive(Clone, Copy)]
pub(crate) struct Grey<'a> {
    frame: &'a LumaFrame,
    right: f32,
    bottom: f32,
    inverted: bool,
}

impl<'a> Grey<'a> {
    pub(crate) fn new(frame: &'a LumaFrame, inverted: bool) -> Self {
        let edge = |length: usize| (length as f32 - 1.0).max(0.0);
        Self { frame, right: edge(frame.width()), bottom: edge(frame.height()), inverted }
    }

    /// The light at a point, from the four pixels around it; the middle of the first pixel is at one half. Places are taken
    /// to a 256th of a pixel. Outside the picture it is that of the nearest pixel.
    #[inline]
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        if self.is_inside((x, y)) { self.within((fixed(x - 0.5), fixed(y - 0.5))) } else { self.at_edge(x, y) }
    }

    #[cold]
    fn at_edge(&self, x: f32, y: f32) -> f32 {
        let (x, y) = ((x - 0.5).clamp(0.0, self.right), (y - 0.5).clamp(0.0, self.bottom));
        let width = self.frame.width();
        // Clamped above, so that the casts take no more than the fraction away.
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let from = row.wrapping_mul(width).wrapping_add(column);
        let pixels = self.frame.pixels();
        let pair = |from: usize| match pixels.get(from..from.wrapping_add(2)) {
            Some(&[a, b]) => f32::from(a) + (f32::from(b) - f32::from(a)) * fx,
            _ => pixels.get(from).copied().map_or(0.0, f32::from),
        };
        let upper = pair(from);
        let light = if fy > 0.0 { upper + (pair(from.wrapping_add(width)) - upper) * fy } else { upper };
        if self.inverted { 255.0 - light } else { light }
    }

    /// The light at points along a line, a step apart, the first a step from where it begins: what [`Grey::at`] tells, in
    /// less time, for it is asked once whether all of them are in the picture.
    pub(crate) fn along(&self, (x, y): Point, (dx, dy): Point, steps: usize) -> Walk<'_> {
        let end = (x + dx * steps as f32, y + dy * steps as f32);
        Walk {
            grey: self,
            inside: self.is_inside((x, y)) && self.is_inside(end),
            at: (fixed(x - 0.5), fixed(y - 0.5)),
            by: (fixed(dx), fixed(dy)),
            steps,
        }
    }

    /// Whether all four pixels around a point are in the picture, and a little more.
    pub(crate) fn is_inside(&self, (x, y): Point) -> bool {
        (0.6..self.right).contains(&x) && (0.6..self.bottom).contains(&y)
    }

    /// What [`Grey::at`] tells of a point that is inside, in numbers of 65,536 a pixel, from the middle of the first one.
    #[inline]
    pub(crate) fn within(&self, (x, y): (i32, i32)) -> f32 {
        let width = self.frame.width();
        let (fx, fy) = ((x >> 8) as u32 & 255, (y >> 8) as u32 & 255);
        let from = ((y >> 16) as usize).wrapping_mul(width).wrapping_add((x >> 16) as usize);
        let pixels = self.frame.pixels();
        let pair = |from: usize| match pixels.get(from..from.wrapping_add(2)) {
            Some(&[a, b]) => u32::from(a).wrapping_mul(256 - fx).wrapping_add(u32::from(b).wrapping_mul(fx)),
            _ => 0,
        };
        let (upper, lower) = (pair(from), pair(from.wrapping_add(width)));
        let light = upper.wrapping_mul(256 - fy).wrapping_add(lower.wrapping_mul(fy)) as i32 as f32 * (1.0 / UNIT);
        if self.inverted { 255.0 - light } else { light }
    }

    pub(crate) fn inverted(&self) -> bool {
        self.inverted
    }
}

/// So much is a pixel in whole numbers.
const UNIT: f32 = 65_536.0;

/// Pixels in 65,536ths.
#[inline]
pub(crate) fn fixed(pixels: f32) -> i32 {
    (pixels * UNIT) as i32
}

/// The light along a line: see [`Grey::along`].
pub(crate) struct Walk<'a> {
    grey: &'a Grey<'a>,
    inside: bool,
    at: (i32, i32),
    by: (i32, i32),
    steps: usize,
}

impl Iterator for Walk<'_> {
    type Item = f32;

    #[inline]
    fn next(&mut self) -> Option<f32> {
        self.steps = self.steps.checked_sub(1)?;
        self.at = (self.at.0.wrapping_add(self.by.0), self.at.1.wrapping_add(self.by.1));
        let (x, y) = self.at;
        Some(if self.inside {
            self.grey.within((x, y))
        } else {
            self.grey.at(x as f32 / UNIT + 0.5, y as f32 / UNIT + 0.5)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_weighed_by_nearness_and_ends_at_the_edge() {
        let frame = LumaFrame::new(2, 2, vec![0, 100, 200, 100]).unwrap();
        let grey = Grey::new(&frame, false);
        assert_eq!(grey.at(0.5, 0.5), 0.0);
        assert_eq!(grey.at(1.0, 0.5), 50.0);
        assert_eq!(grey.at(1.0, 1.0), 100.0);
        assert_eq!(grey.at(-9.0, 1.5), 200.0);
        assert_eq!(Grey::new(&frame, true).at(1.5, 0.0), 155.0);
    }

    #[test]
    fn whole_numbers_tell_what_fractions_do() {
        let mut state = 5_u32;
        let mut chance = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        for (width, height) in [(1, 1), (1, 9), (2, 2), (3, 2), (40, 30)] {
            let frame = LumaFrame::new(width, height, (0..width * height).map(|_| chance() as u8).collect()).unwrap();
            for inverted in [false, true] {
                let grey = Grey::new(&frame, inverted);
                for _ in 0..2_000 {
                    let mut place = |side: usize| (chance() % 1_000) as f32 / 1_000.0 * (side as f32 + 2.0) - 1.0;
                    let (from, to) = ((place(width), place(height)), (place(width), place(height)));
                    // A 256th of a pixel, of a difference of 255 both ways.
                    let close = |a: f32, b: f32| assert!((a - b).abs() < 2.1, "{a} {b} {from:?} {to:?}");
                    close(grey.at(from.0, from.1), grey.at_edge(from.0, from.1));
                    let by = ((to.0 - from.0) / 7.0, (to.1 - from.1) / 7.0);
                    let lights: Vec<f32> = grey.along(from, by, 7).collect();
                    assert_eq!(lights.len(), 7);
                    for (step, light) in lights.into_iter().enumerate() {
                        let step = step as f32 + 1.0;
                        close(light, grey.at_edge(from.0 + by.0 * step, from.1 + by.1 * step));
                    }
                }
            }
        }
    }
}
