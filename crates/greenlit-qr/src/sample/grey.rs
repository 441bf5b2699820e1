//! Grey levels between pixels.

use crate::LumaFrame;

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

    /// The light at a point, from the four pixels around it; the middle of the first pixel is at one half.
    /// Outside the picture it is that of the nearest pixel.
    #[inline]
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
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

    pub(crate) fn inverted(&self) -> bool {
        self.inverted
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
}
