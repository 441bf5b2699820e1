//! Finder patterns (ISO/IEC 18004 §6.3.3.1): rows are scanned for the run lengths 1:1:3:1:1, and what
//! turns up is measured by rays in all directions on grey levels.

use std::f32::consts::TAU;

use super::clock::Deadline;
use super::sample::Grey;
use super::threshold::{BLOCK, Thresholds};
use crate::luma::LumaFrame;

/// Least difference of dark and light.
const LEAST_CONTRAST: f32 = 4.0;
/// Directions in which a finder is measured.
pub(super) const RAYS: usize = 16;
/// Most finders kept of one scan; most places looked at closely.
const MAX_FINDERS: usize = 160;
const MAX_LOOKS: usize = 6_000;

/// A finder pattern, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finder {
    pub(super) x: f32,
    pub(super) y: f32,
    /// Pixels a module, in each direction from the middle.
    pub(super) module: [f32; RAYS],
    /// The mean of them.
    pub(super) size: f32,
    /// Light of the stone and of the ring around it (turned over when inverted).
    pub(super) dark: f32,
    pub(super) light: f32,
    pub(super) inverted: bool,
    /// How bright the ring is, from the stone's light to that around the finder: one when sharp.
    pub(super) sharpness: f32,
    /// How much it looks like a finder and how even it is to both sides; one is best.
    pub(super) quality: f32,
    /// Rows it was found in.
    pub(super) hits: u32,
    /// Rays that saw the pattern, of all.
    pub(super) seen: usize,
}

impl Finder {
    /// Pixels a module along a direction, to both sides.
    pub(super) fn along(&self, dx: f32, dy: f32) -> f32 {
        let turn = (dy.atan2(dx) / TAU).rem_euclid(1.0) * RAYS as f32;
        let (low, part) = (turn.floor(), turn.fract());
        let at = |k: usize| self.module.get(k % RAYS).copied().unwrap_or(0.0);
        let k = low as usize;
        let side = |k: usize| at(k) * (1.0 - part) + at(k + 1) * part;
        (side(k) + side(k + RAYS / 2)) / 2.0
    }

    /// The same in a picture of another size.
    pub(super) fn scaled(&self, scale: f32) -> Self {
        Self {
            x: self.x * scale,
            y: self.y * scale,
            module: self.module.map(|module| module * scale),
            size: self.size * scale,
            ..*self
        }
    }

    fn threshold(&self) -> f32 {
        (self.dark + self.light) / 2.0
    }

    /// Pixels a module along a direction, measured anew.
    pub(super) fn measured_along(&self, grey: &Grey, dx: f32, dy: f32) -> f32 {
        let length = dx.hypot(dy).max(1e-3);
        let (dx, dy) = (dx / length, dy / length);
        let reach = self.size * 7.0;
        let there = ray(grey, (self.x, self.y), (dx, dy), self.threshold(), reach);
        let back = ray(grey, (self.x, self.y), (-dx, -dy), self.threshold(), reach);
        match (there, back) {
            (Some(a), Some(b)) => (a.module() + b.module()) / 2.0,
            _ => self.along(dx, dy),
        }
    }
}

/// Where a ray from the middle leaves the stone, meets the ring and leaves it.
#[derive(Clone, Copy)]
struct Crossings {
    stone: f32,
    ring: f32,
    end: Option<f32>,
}

impl Crossings {
    /// A module's size such that ink that has run, or a threshold that is off, cancels out: the three
    /// edges are 1.5, 2.5 and 3.5 modules away.
    fn module(&self) -> f32 {
        match self.end {
            Some(end) if end < 1.9 * self.ring => (self.stone + 2.0 * self.ring + end) / 10.0,
            _ => (self.stone + self.ring) / 4.0,
        }
    }

    /// Where the ring is, between its two edges.
    fn middle(&self) -> f32 {
        (self.stone + self.ring) / 2.0
    }

    fn fits(&self) -> bool {
        let ratio = self.ring / self.stone.max(0.1);
        (1.2..2.8).contains(&ratio) && self.end.is_none_or(|end| end > 1.1 * self.ring)
    }
}

/// Follows a ray until it has left the ring or `reach` pixels are gone.
fn ray(grey: &Grey, (x, y): (f32, f32), (dx, dy): (f32, f32), threshold: f32, reach: f32) -> Option<Crossings> {
    let step = (reach / 40.0).max(0.5);
    let mut edges = [0.0_f32; 3];
    let mut found = 0;
    let mut before = grey.at(x, y) - threshold;
    let mut at = step;
    while at <= reach {
        let light = grey.at(x + dx * at, y + dy * at) - threshold;
        let wanted = found % 2 == 0;
        if (light >= 0.0) == wanted {
            let edge = if (before >= 0.0) == wanted { at } else { at - step * light / (light - before) };
            if let Some(place) = edges.get_mut(found) {
                *place = edge;
            }
            found += 1;
            if found == 3 {
                break;
            }
        }
        before = light;
        at += step;
    }
    let [stone, ring, end] = edges;
    (found >= 2).then_some(Crossings { stone, ring, end: (found == 3).then_some(end) })
}

/// How strictly a scan judges, and which codes it looks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// Light codes on dark, dark ones on light, or both.
    pub(super) inverted: Option<bool>,
    /// Rays, of all, that must see the pattern.
    pub(super) rays: usize,
    /// Least quality.
    pub(super) quality: f32,
    /// How far runs may be off, in modules.
    pub(super) slack: f32,
    /// Whether a dark quiet zone may make one outer run longer.
    pub(super) open: bool,
}

impl Taste {
    /// What clear pictures show.
    pub(super) const STRICT: Self = Self { inverted: Some(false), rays: 14, quality: 0.75, slack: 0.5, open: false };
    /// The same, light on dark.
    pub(super) const STRICT_INVERTED: Self = Self { inverted: Some(true), ..Self::STRICT };
    /// Whatever may be one.
    pub(super) const LOOSE: Self = Self { inverted: None, rays: 11, quality: 0.6, slack: 0.6, open: true };
}

/// What a scan keeps from row to row.
pub(super) struct Scan<'a> {
    pub(super) taste: Taste,
    pub(super) frame: &'a LumaFrame,
    pub(super) thresholds: &'a Thresholds,
    pub(super) deadline: &'a Deadline,
    pub(super) found: Vec<Finder>,
    looks: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(frame: &'a LumaFrame, thresholds: &'a Thresholds, taste: Taste, deadline: &'a Deadline) -> Self {
        Self { taste, frame, thresholds, deadline, found: Vec::new(), looks: 0 }
    }

    /// Looks through every `step`th row.
    pub(super) fn rows(&mut self, step: usize) {
        let mut edges = Vec::new();
        let width = self.frame.width();
        let rows = self.frame.pixels().chunks_exact(width).enumerate().skip(step / 2).step_by(step.max(1));
        for (y, row) in rows {
            if self.deadline.is_over() || self.looks > MAX_LOOKS || self.found.len() >= MAX_FINDERS {
                return;
            }
            let first_dark = edges_of(row, self.thresholds.row(y), &mut edges);
            for (at, window) in edges.windows(6).enumerate() {
                let &[a, b, c, d, e, f] = window else { continue };
                // Runs take turns: the third of these is as dark as the first.
                let inverted = (at % 2 == 0) != first_dark;
                if self.taste.inverted.is_some_and(|wanted| wanted != inverted) {
                    continue;
                }
                let (r1, r2, r3) = (c.wrapping_sub(b), d.wrapping_sub(c), e.wrapping_sub(d));
                if 4 * r2 < 5 * r1.max(r3) || r2 > 6 * r1.min(r3) + 1 {
                    continue;
                }
                let (outer, other) = (b.wrapping_sub(a), f.wrapping_sub(e));
                if !is_finder([outer as f32, r1 as f32, r2 as f32, r3 as f32, other as f32], &self.taste) {
                    continue;
                }
                self.look((c + d) as f32 / 2.0, y as f32 + 0.5, (r1 + 2 * r2 + r3) as f32 / 8.0, inverted);
            }
        }
    }

    /// Looks closely at a place where a row showed the pattern.
    fn look(&mut self, x: f32, y: f32, module: f32, inverted: bool) {
        let near = self.found.iter_mut().find(|finder| {
            let size = finder.size;
            finder.inverted == inverted && (finder.x - x).abs() < 1.5 * size && (finder.y - y).abs() < 2.5 * size
        });
        if let Some(known) = near {
            known.hits += 1;
            return;
        }
        self.looks += 1;
        if let Some(finder) = self.measure(x, y, module, inverted) {
            let same = |other: &&mut Finder| {
                let size = other.size;
                other.inverted == inverted && (other.x - finder.x).abs() < size && (other.y - finder.y).abs() < size
            };
            match self.found.iter_mut().find(same) {
                Some(known) => known.hits += 1,
                None => self.found.push(finder),
            }
        }
    }

    fn measure(&self, x: f32, y: f32, module: f32, inverted: bool) -> Option<Finder> {
        let grey = Grey::new(self.frame, inverted);
        // Dark and light as they are here, for the threshold looks at more than the finder.
        let dark = (grey.at(x - 0.7 * module, y) + grey.at(x, y) + grey.at(x + 0.7 * module, y)) / 3.0;
        let light = (grey.at(x - 2.0 * module, y) + grey.at(x + 2.0 * module, y)) / 2.0;
        if light - dark < LEAST_CONTRAST {
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
        measure(&grey, (x, y), (horizontal, vertical), self.taste.rays).filter(|f| f.quality >= self.taste.quality)
    }
}

/// Rays along a direction and against it.
fn both_ways(
    grey: &Grey,
    from: (f32, f32),
    (dx, dy): (f32, f32),
    threshold: f32,
    reach: f32,
) -> Option<(Crossings, Crossings)> {
    let there = ray(grey, from, (dx, dy), threshold, reach)?;
    let back = ray(grey, from, (-dx, -dy), threshold, reach)?;
    // The middle may still be off by a module and a half, the whole need not.
    let (stone, ring) = (there.stone + back.stone, there.ring + back.ring);
    (1.15..3.0).contains(&(ring / stone.max(0.1))).then_some((there, back))
}

/// Measures a finder whose middle is nearly known, with the sizes of a module across and down.
pub(super) fn measure(grey: &Grey, (mut x, mut y): (f32, f32), (mx, my): (f32, f32), rays: usize) -> Option<Finder> {
    let stone = [(0.0, 0.0), (0.7, 0.0), (-0.7, 0.0), (0.0, 0.7), (0.0, -0.7)];
    let dark = stone.iter().map(|(dx, dy)| grey.at(x + dx * mx, y + dy * my)).sum::<f32>() / 5.0;
    let ring = [(2.0, 0.0), (-2.0, 0.0), (0.0, 2.0), (0.0, -2.0)];
    let light = ring.iter().map(|(dx, dy)| grey.at(x + dx * mx, y + dy * my)).sum::<f32>() / 4.0;
    if light - dark < LEAST_CONTRAST {
        return None;
    }
    let threshold = (dark + light) / 2.0;
    let reach = 7.0 * mx.max(my);
    let mut finder = Finder {
        x,
        y,
        module: [0.0; RAYS],
        size: 0.0,
        dark,
        light,
        inverted: grey.inverted(),
        sharpness: 1.0,
        quality: 0.0,
        hits: 1,
        seen: 0,
    };
    for round in 0..2 {
        let mut seen = 0;
        let mut radii = [None; RAYS];
        for (k, place) in radii.iter_mut().enumerate() {
            let crossing = ray(grey, (x, y), direction(k), threshold, reach).filter(Crossings::fits);
            seen += usize::from(crossing.is_some());
            *place = crossing.map(|found| (found.module(), (found.stone + found.ring) / 2.0));
            if k + 1 - seen > RAYS - rays {
                return None;
            }
        }
        let known = radii.iter().flatten().map(|found| found.0);
        let mean = known.sum::<f32>() / seen as f32;
        let (mut dx, mut dy) = (0.0, 0.0);
        for (k, module) in finder.module.iter_mut().enumerate() {
            let at = |k: usize| radii.get(k % RAYS).copied().flatten();
            *module = at(k).or(at(k + RAYS / 2)).map_or(mean, |found| found.0);
            if let (Some(here), Some(_)) = (at(k), at(k + RAYS / 2)) {
                let (ux, uy) = direction(k);
                (dx, dy) = (dx + here.1 * ux, dy + here.1 * uy);
            }
        }
        let (least, most) = finder.module.iter().fold((f32::MAX, 0.0_f32), |(a, b), m| (a.min(*m), b.max(*m)));
        if most > 4.0 * least {
            return None;
        }
        (x, y) = (x + dx * 2.0 / seen as f32, y + dy * 2.0 / seen as f32);
        finder.seen = seen;
        finder.size = finder.module.iter().sum::<f32>() / RAYS as f32;
        if round == 1 {
            (finder.x, finder.y) = (x, y);
        }
    }
    // The separator, half a module beyond the finder, is next to much light; the ring is between two darks.
    let beyond = (0..RAYS).step_by(2).map(|k| {
        let (dx, dy) = direction(k);
        let far = finder.along(dx, dy) * 4.1;
        grey.at(x + dx * far, y + dy * far)
    });
    let outside = beyond.fold(light, f32::max);
    finder.sharpness = (light - dark) / (outside - dark).max(1.0);
    finder.quality = quality(grey, &finder);
    Some(finder)
}

/// The correlation of the light along all rays with that of a finder, less what opposite rays differ.
fn quality(grey: &Grey, finder: &Finder) -> f32 {
    // Middles of stone, ring, dark frame and separator, in modules, and whether they are dark.
    const PLACES: [(f32, f32); 6] = [(0.5, 1.0), (1.0, 1.0), (2.0, -1.0), (3.0, 1.0), (2.0, -1.0), (3.0, 1.0)];
    let (mut sum, mut squares, mut both, mut wanted) = (0.0, 0.0, 0.0, 0.0);
    let mut uneven = 0.0;
    for (k, module) in finder.module.iter().enumerate() {
        let (dx, dy) = direction(k);
        for (far, dark) in PLACES {
            let light = grey.at(finder.x + dx * far * module, finder.y + dy * far * module);
            sum += light;
            squares += light * light;
            both += light * dark;
            wanted += dark;
        }
        let opposite = finder.module.get((k + RAYS / 2) % RAYS).copied().unwrap_or(*module);
        uneven += (module - opposite).abs();
    }
    let n = (RAYS * PLACES.len()) as f32;
    let spread = ((squares - sum * sum / n) * (n - wanted * wanted / n)).max(1.0).sqrt();
    (wanted * sum / n - both) / spread - uneven / (finder.size * RAYS as f32)
}

fn direction(k: usize) -> (f32, f32) {
    let (sin, cos) = (k as f32 * TAU / RAYS as f32).sin_cos();
    (cos, sin)
}

/// Whether runs are 1:1:3:1:1. Sums of neighbours do not change when dark runs into light, so they are
/// held to more than single runs; one outer run may be longer, where the quiet zone is dark.
fn is_finder([r0, r1, r2, r3, r4]: [f32; 5], taste: &Taste) -> bool {
    let module = (r1 + 2.0 * r2 + r3) / 8.0;
    let slack = taste.slack * module + 0.8;
    (r1 - r3).abs() <= slack
        && r0.min(r4) + 0.8 >= 0.5 * module
        && (if taste.open { r0.min(r4) } else { r0.max(r4) }) <= 1.8 * module + 1.0
        && r0 + r1 + slack >= 2.0 * module
        && r4 + r3 + slack >= 2.0 * module
}

/// The places where a row turns dark or light, from its beginning to its end; whether it begins dark.
fn edges_of(row: &[u8], thresholds: &[u8], edges: &mut Vec<u32>) -> bool {
    edges.clear();
    edges.push(0);
    let mut last = None;
    let mut before = 0_u8;
    for (block, (pixels, threshold)) in row.chunks(BLOCK).zip(thresholds).enumerate() {
        let dark = match pixels.as_array::<BLOCK>() {
            Some(pixels) => darker(*pixels, *threshold),
            None => pixels.iter().enumerate().fold(0, |mask, (i, pixel)| mask | (u8::from(pixel < threshold) << i)),
        };
        let first = *last.get_or_insert(dark & 1 == 1);
        if block == 0 {
            before = u8::from(first);
        }
        let used = if pixels.len() < BLOCK { (1_u8 << pixels.len()).wrapping_sub(1) } else { u8::MAX };
        let mut changes = (dark ^ ((dark << 1) | before)) & used;
        while changes != 0 {
            edges.push((block * BLOCK) as u32 + changes.trailing_zeros());
            changes &= changes.wrapping_sub(1);
        }
        before = dark >> 7;
    }
    edges.push(row.len() as u32);
    last.unwrap_or(false)
}

/// A bit for each of eight pixels: set where it is darker than the threshold. All eight are compared at
/// once, as bytes of one word, without carries between them.
#[inline]
fn darker(pixels: [u8; BLOCK], threshold: u8) -> u8 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let pixel = u64::from_le_bytes(pixels);
    let limit = u64::from(threshold).wrapping_mul(0x0101_0101_0101_0101);
    let difference = (pixel | HIGH).wrapping_sub(limit & !HIGH);
    let not_darker = ((pixel & !limit) | (!(pixel ^ limit) & difference)) & HIGH;
    let bits = (not_darker ^ HIGH) >> 7;
    (bits.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_comparisons_at_once_are_those_made_singly() {
        for threshold in 0..=255_u8 {
            for start in 0..=255_u8 {
                let pixels: [u8; 8] = std::array::from_fn(|i| start.wrapping_mul(31).wrapping_add(i as u8 * 17));
                let singly = pixels.iter().enumerate().fold(0, |mask, (i, p)| mask | (u8::from(*p < threshold) << i));
                assert_eq!(darker(pixels, threshold), singly);
            }
        }
    }

    #[test]
    fn edges_are_found_across_blocks_and_in_the_rest() {
        let row: Vec<u8> = (0..21).map(|x| if (7..17).contains(&x) || x == 19 { 10 } else { 200 }).collect();
        let mut edges = Vec::new();
        assert!(!edges_of(&row, &[100, 100, 100], &mut edges));
        assert_eq!(edges, [0, 7, 17, 19, 20, 21]);
    }

    #[test]
    fn run_lengths_are_judged_by_their_proportions() {
        let loose = |runs| is_finder(runs, &Taste::LOOSE);
        assert!(loose([2.0, 2.0, 6.0, 2.0, 2.0]) && loose([9.0, 2.0, 6.0, 2.0, 2.0]));
        assert!(loose([1.0, 3.0, 5.0, 3.0, 1.0]) && loose([3.0, 1.0, 7.0, 1.0, 3.0]));
        assert!(!loose([9.0, 2.0, 6.0, 2.0, 9.0]) && !loose([4.0, 8.0, 12.0, 1.0, 4.0]));
        assert!(!is_finder([9.0, 2.0, 6.0, 2.0, 2.0], &Taste::STRICT));
    }
}
