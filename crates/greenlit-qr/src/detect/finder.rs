//! Finder patterns (ISO/IEC 18004 §6.3.3.1), measured by rays in all directions on grey levels.

use std::f32::consts::{FRAC_1_SQRT_2, TAU};

use crate::sample::grey::Grey;

/// Least difference of dark and light.
pub(crate) const MIN_CONTRAST: f32 = 4.0;
/// Directions in which a finder is measured.
pub(crate) const RAYS: usize = 16;
/// The order in which they are looked along: what chance makes was found across and down, and fails between.
const SLANTED_FIRST: [usize; RAYS] = [2, 10, 6, 14, 1, 9, 7, 15, 3, 11, 5, 13, 0, 8, 4, 12];

/// A finder pattern, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finder {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Pixels a module, in each direction from the middle.
    pub(crate) module: [f32; RAYS],
    /// The mean of them.
    pub(crate) size: f32,
    /// Light of the core and of the ring around it (turned over when inverted).
    pub(crate) dark: f32,
    pub(crate) light: f32,
    pub(crate) inverted: bool,
    /// Found where pale colours count as dark.
    pub(crate) tinted: bool,
    /// How bright the ring is, from the core's light to that around the finder: one when sharp.
    pub(crate) sharpness: f32,
    /// How much it looks like a finder and how even it is to both sides; one is best.
    pub(crate) quality: f32,
    /// Rows it was found in.
    pub(crate) hits: u32,
    /// Rays that saw the pattern, of all.
    pub(crate) seen: usize,
}

impl Finder {
    /// Pixels a module along a direction, to both sides.
    pub(crate) fn along(&self, dx: f32, dy: f32) -> f32 {
        let turn = (dy.atan2(dx) / TAU).rem_euclid(1.0) * RAYS as f32;
        let (low, part) = (turn.floor(), turn.fract());
        let at = |k: usize| self.module.get(k % RAYS).copied().unwrap_or(0.0);
        let k = low as usize;
        let side = |k: usize| at(k) * (1.0 - part) + at(k + 1) * part;
        (side(k) + side(k + RAYS / 2)) / 2.0
    }

    /// The same in a picture of another size.
    pub(crate) fn scaled(&self, scale: f32) -> Self {
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
    pub(crate) fn measured_along(&self, grey: &Grey, dx: f32, dy: f32) -> f32 {
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

/// Where a ray from the middle leaves the core, meets the ring and leaves it.
#[derive(Clone, Copy)]
pub(crate) struct Crossings {
    core: f32,
    ring: f32,
    end: Option<f32>,
}

impl Crossings {
    /// A module's size such that ink that has run, or a threshold that is off, cancels out: the three
    /// edges are 1.5, 2.5 and 3.5 modules away.
    pub(crate) fn module(&self) -> f32 {
        match self.end {
            Some(end) if end < 1.9 * self.ring => (self.core + 2.0 * self.ring + end) / 10.0,
            _ => (self.core + self.ring) / 4.0,
        }
    }

    /// Where the ring is, between its two edges.
    pub(crate) fn middle(&self) -> f32 {
        (self.core + self.ring) / 2.0
    }

    fn fits(&self) -> bool {
        let ratio = self.ring / self.core.max(0.1);
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
    for light in grey.along((x, y), (dx * step, dy * step), (reach / step) as usize) {
        let light = light - threshold;
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
    let [core, ring, end] = edges;
    (found >= 2).then_some(Crossings { core, ring, end: (found == 3).then_some(end) })
}

/// Rays along a direction and against it.
pub(crate) fn both_ways(
    grey: &Grey,
    from: (f32, f32),
    (dx, dy): (f32, f32),
    threshold: f32,
    reach: f32,
) -> Option<(Crossings, Crossings)> {
    let there = ray(grey, from, (dx, dy), threshold, reach)?;
    let back = ray(grey, from, (-dx, -dy), threshold, reach)?;
    // The middle may still be off by a module and a half, the whole need not.
    let (core, ring) = (there.core + back.core, there.ring + back.ring);
    (1.15..3.0).contains(&(ring / core.max(0.1))).then_some((there, back))
}

/// Measures a finder whose middle is nearly known, with the sizes of a module across and down.
pub(crate) fn measure(grey: &Grey, (mut x, mut y): (f32, f32), (mx, my): (f32, f32), rays: usize) -> Option<Finder> {
    let core = [(0.0, 0.0), (0.7, 0.0), (-0.7, 0.0), (0.0, 0.7), (0.0, -0.7)];
    let dark = core.iter().map(|(dx, dy)| grey.at(x + dx * mx, y + dy * my)).sum::<f32>() / 5.0;
    let ring = [(2.0, 0.0), (-2.0, 0.0), (0.0, 2.0), (0.0, -2.0)];
    let light = ring.iter().map(|(dx, dy)| grey.at(x + dx * mx, y + dy * my)).sum::<f32>() / 4.0;
    if light - dark < MIN_CONTRAST {
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
        tinted: false,
        sharpness: 1.0,
        quality: 0.0,
        hits: 1,
        seen: 0,
    };
    for round in 0..2 {
        let mut seen = 0;
        let mut radii = [None; RAYS];
        for (looked, k) in SLANTED_FIRST.into_iter().enumerate() {
            let crossing = ray(grey, (x, y), direction(k), threshold, reach).filter(Crossings::fits);
            seen += usize::from(crossing.is_some());
            if let Some(place) = radii.get_mut(k) {
                *place = crossing.map(|found| (found.module(), found.middle()));
            }
            if looked + 1 - seen > RAYS - rays {
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
    // Middles of core, ring, dark frame and separator, in modules, and whether they are dark.
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

/// The direction of a ray.
pub(crate) fn direction(k: usize) -> (f32, f32) {
    // Cosines of a quarter of a right angle and of three quarters.
    const NEAR: f32 = 0.923_879_5;
    const FAR: f32 = 0.382_683_43;
    const QUARTER: [(f32, f32); RAYS / 4] = [(1.0, 0.0), (NEAR, FAR), (FRAC_1_SQRT_2, FRAC_1_SQRT_2), (FAR, NEAR)];
    let (x, y) = QUARTER.get(k % (RAYS / 4)).copied().unwrap_or_default();
    match k / (RAYS / 4) % 4 {
        0 => (x, y),
        1 => (-y, x),
        2 => (-x, -y),
        _ => (y, -x),
    }
}
