//! Which three finders belong to one code.

use crate::detect::finder::Finder;
use crate::sample::perspective::Perspective;

/// Neighbours of a finder that may belong to its code.
const NEIGHBOURS: usize = 14;
/// Most triples kept.
const MAX_TRIPLES: usize = 400;

/// What a finder that is none costs, against what is wrong with the three together.
const DOUBT: f32 = 1.0;

/// Three finders that may be one code, by their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triple {
    pub(crate) corner: usize,
    pub(crate) across: usize,
    pub(crate) down: usize,
    /// How far from a square with equal finders; zero is best.
    pub(crate) cost: f32,
}

/// Triples that look like a code's, the most likely first.
pub(crate) fn triples(finders: &[Finder]) -> Vec<Triple> {
    let mut found = Vec::new();
    for (corner, at) in finders.iter().enumerate() {
        let mut near: Vec<(usize, f32)> = finders
            .iter()
            .enumerate()
            .filter(|(i, other)| *i != corner && other.inverted == at.inverted)
            .filter_map(|(i, other)| {
                let ratio = other.size / at.size;
                let modules = modules_between(at, other);
                let fits = (0.45..2.2).contains(&ratio) && (11.0..190.0).contains(&modules);
                fits.then(|| (i, (other.x - at.x).hypot(other.y - at.y) * (1.0 + ratio.ln().abs())))
            })
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        near.truncate(NEIGHBOURS);
        for (i, (first, _)) in near.iter().enumerate() {
            for (second, _) in near.iter().skip(i + 1) {
                let (Some(a), Some(b)) = (finders.get(*first), finders.get(*second)) else { continue };
                // On the screen y grows downwards: across × down is positive unless mirrored, which the
                // decoder finds out.
                let cross = (a.x - at.x) * (b.y - at.y) - (a.y - at.y) * (b.x - at.x);
                let (across, down, a, b) = if cross > 0.0 { (*first, *second, a, b) } else { (*second, *first, b, a) };
                if let Some(cost) = cost(at, a, b) {
                    found.push(Triple { corner, across, down, cost });
                }
            }
        }
    }
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found.truncate(MAX_TRIPLES);
    found
}

/// Modules between the middles of two finders, as their sizes along the way tell.
pub(crate) fn modules_between(a: &Finder, b: &Finder) -> f32 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    dx.hypot(dy) / (a.along(dx, dy) * b.along(dx, dy)).sqrt().max(0.1)
}

fn cost(corner: &Finder, across: &Finder, down: &Finder) -> Option<f32> {
    let (ux, uy) = (across.x - corner.x, across.y - corner.y);
    let (vx, vy) = (down.x - corner.x, down.y - corner.y);
    let (u, v) = (ux.hypot(uy), vx.hypot(vy));
    let cosine = (ux * vx + uy * vy) / (u * v).max(1.0);
    let (du, dv) = (modules_between(corner, across), modules_between(corner, down));
    let unequal = (du / dv).ln().abs();
    if cosine.abs() > 0.8 || unequal > 0.45 {
        return None;
    }
    // The third side of a right angle with equal legs.
    let slanted = (u / v).ln().abs();
    let sizes = [corner, across, down].map(|finder| finder.size);
    let least = sizes.iter().copied().fold(f32::MAX, f32::min);
    let most = sizes.iter().copied().fold(0.0, f32::max);
    let light = [corner, across, down].map(|finder| finder.light - finder.dark);
    let contrast = light.iter().copied().fold(0.0, f32::max) / light.iter().copied().fold(f32::MAX, f32::min).max(1.0);
    let doubt: f32 = [corner, across, down].iter().map(|finder| 1.0 - finder.quality).sum();
    // Smaller codes first: what lies between has no other finders.
    Some(
        2.0 * unequal
            + 0.7 * cosine.abs()
            + 0.6 * slanted
            + 0.7 * (most / least).ln()
            + 0.1 * contrast.ln()
            + DOUBT * doubt
            + 0.002 * du.max(dv),
    )
}

/// The geometry that three finders tell by themselves, and how many modules a side.
pub(crate) fn first_guess(corner: [&Finder; 3], measure: impl Fn(&Finder, f32, f32) -> f32) -> (Perspective, f32) {
    let [at, across, down] = corner;
    let leg = |other: &Finder| {
        let (dx, dy) = (other.x - at.x, other.y - at.y);
        let (here, there) = (measure(at, dx, dy).max(0.3), measure(other, dx, dy).max(0.3));
        // Along a line in perspective, the scale at its ends is near·L/D and L/(near·D).
        (dx.hypot(dy) / (here * there).sqrt(), (here / there).sqrt().clamp(0.5, 2.0))
    };
    let ((du, wx), (dv, wy)) = (leg(across), leg(down));
    let modules = (du * dv).sqrt() + 7.0;
    let perspective = Perspective {
        corner: (at.x, at.y),
        across: (across.x, across.y),
        down: (down.x, down.y),
        near: (wx, wy),
        side: modules.clamp(21.0, 177.0) as usize,
    };
    (perspective, modules)
}
