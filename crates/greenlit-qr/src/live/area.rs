//! Where a code was last seen: the part of the next frame that is looked at first. It is small, so that
//! every way to find the code there takes little time.

use crate::LumaFrame;
use crate::detect::finder::Finder;
use crate::detect::texture::Region;
use crate::sample::perspective::Point;
use crate::search::{Findings, MAX_AREA_SHARE};

/// How far a hand moves from frame to frame, as a part of the picture's width.
const MAX_SHIFT: f32 = 0.03;
/// The same as a part of what was seen: it comes nearer and tilts.
const MAX_GROWTH: f32 = 0.2;
/// Modules around finders alone, of which some may be missing.
const AROUND_FINDERS: f32 = 12.0;
/// Finders whose sizes differ by more are not of one code.
const MAX_SIZE_RATIO: f32 = 1.6;

/// A part of a picture, in pixels: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TrackedArea {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl TrackedArea {
    /// Around the code, or the finders, that a frame showed; `None` where there is too little of one.
    pub(crate) fn from_findings(findings: &Findings) -> Option<Self> {
        let seen = findings.accumulated.iter().chain(&findings.unread);
        if let Some(best) = seen.max_by(|a, b| a.agreement.total_cmp(&b.agreement)) {
            return Self::around(best.corners(), 0.0);
        }
        let finders = findings.code_finders();
        let (first, second) = pair(&finders)?;
        // The third is to either side of the two, as far away as they are from one another.
        let (dx, dy) = (second.x - first.x, second.y - first.y);
        let size = first.size.max(second.size);
        let corners = [first, second].map(|f| [(f.x - dy, f.y + dx), (f.x + dy, f.y - dx)]);
        Self::around(corners.into_iter().flatten(), AROUND_FINDERS * size)
    }

    fn around(points: impl IntoIterator<Item = Point>, margin: f32) -> Option<Self> {
        let none = Self { left: f32::MAX, top: f32::MAX, right: f32::MIN, bottom: f32::MIN };
        let all = points.into_iter().fold(none, |area, (x, y)| Self {
            left: area.left.min(x - margin),
            top: area.top.min(y - margin),
            right: area.right.max(x + margin),
            bottom: area.bottom.max(y + margin),
        });
        (all.left < all.right && all.top < all.bottom).then_some(all)
    }

    /// That part of a picture, with what may have moved meanwhile; and its left and top. `None` where it is
    /// most of the picture anyway.
    pub(crate) fn crop(&self, frame: &LumaFrame) -> Option<(LumaFrame, Point)> {
        let (width, height) = (frame.width() as f32, frame.height() as f32);
        let margin = MAX_SHIFT * width.max(height) + MAX_GROWTH * (self.right - self.left).max(self.bottom - self.top);
        let (left, right) = ((self.left - margin).max(0.0), (self.right + margin).min(width));
        let (top, bottom) = ((self.top - margin).max(0.0), (self.bottom + margin).min(height));
        if left >= right || top >= bottom || (right - left) * (bottom - top) > MAX_AREA_SHARE * width * height {
            return None;
        }
        // Between zero and the sides, so that the casts take no more than the fraction away.
        let region = Region { left: left as usize, top: top as usize, right: right as usize, bottom: bottom as usize };
        Some((frame.part(&region)?, region.corner()))
    }
}

/// The two nearest to one another of the finders that may be of one code.
fn pair(finders: &[Finder]) -> Option<(&Finder, &Finder)> {
    let pairs = finders.iter().enumerate().flat_map(|(i, first)| finders.iter().skip(i + 1).map(move |f| (first, f)));
    let alike = |(a, b): &(&Finder, &Finder)| {
        a.inverted == b.inverted && (1.0 / MAX_SIZE_RATIO..MAX_SIZE_RATIO).contains(&(a.size / b.size)) && {
            let apart = (a.x - b.x).hypot(a.y - b.y) / a.size.max(b.size);
            (10.0..240.0).contains(&apart)
        }
    };
    let apart = |(a, b): &(&Finder, &Finder)| (a.x - b.x).hypot(a.y - b.y);
    pairs.filter(alike).min_by(|a, b| apart(a).total_cmp(&apart(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_room_to_move_and_ends_at_the_edge() {
        let frame = LumaFrame::new(200, 100, (0..20_000).map(|i| (i % 200) as u8).collect()).unwrap();
        let area = TrackedArea::around([(20.0, 30.0), (60.0, 70.0)], 0.0).unwrap();
        // Three hundredths of the width and a fifth of the part to each side.
        let (part, (left, top)) = area.crop(&frame).unwrap();
        assert_eq!((left, top, part.width(), part.height()), (6.0, 16.0, 68, 68));
        assert_eq!(part.at(0, 0), frame.at(6, 16));
        let corner = TrackedArea::around([(-30.0, -5.0), (10.0, 20.0)], 0.0).unwrap();
        assert_eq!(corner.crop(&frame).map(|(_, place)| place), Some((0.0, 0.0)));
        assert_eq!(TrackedArea::around([(0.0, 0.0), (190.0, 90.0)], 0.0).unwrap().crop(&frame), None);
        assert_eq!(TrackedArea::around([(-90.0, 0.0), (-50.0, 20.0)], 0.0).unwrap().crop(&frame), None);
    }
}
