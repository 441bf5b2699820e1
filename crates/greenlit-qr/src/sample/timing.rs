//! How many modules a side, and how much in perspective: both from the timing patterns, the two lines of
//! alternating modules between finders (ISO/IEC 18004 §6.3.5).

use crate::decode::layout::layout;
use crate::sample::grey::Grey;
use crate::sample::perspective::{Matrix, Perspective};
use crate::sample::refine;

/// Steps of the search for the perspective to each side, and how far apart they are.
const STEPS: i32 = 6;
const STEP: f32 = 0.035;
/// Versions tried to each side of the one that the finders' size tells.
const VERSIONS: i32 = 3;

/// A guess at a code's geometry, and how well its timing patterns alone and with the finders agree, each
/// from -1 to 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    pub(crate) perspective: Perspective,
    pub(crate) timing: f32,
    pub(crate) agreement: f32,
}

/// How well a line of modules alternates, from -1 to 1. Each is compared with its two neighbours, so that
/// light which changes along the line does no harm.
pub(crate) fn alternation(grey: &Grey, matrix: &Matrix, side: usize, downwards: bool) -> f32 {
    let light = |i: usize| {
        let along = i as f32 + 0.5;
        let (x, y) = if downwards { matrix.at(6.5, along) } else { matrix.at(along, 6.5) };
        grey.at(x, y)
    };
    let (mut sum, mut most) = (0.0, 0.0);
    let (mut before, mut here) = (light(7), light(8));
    for i in 8..side.saturating_sub(8) {
        let next = light(i + 1);
        let darker = (before + next) / 2.0 - here;
        sum += if i % 2 == 0 { darker } else { -darker };
        most += darker.abs();
        (before, here) = (here, next);
    }
    if most > 0.0 { sum / (most + 2.0) } else { 0.0 }
}

/// The agreement of both timing patterns.
pub(crate) fn both(grey: &Grey, perspective: &Perspective) -> f32 {
    let matrix = perspective.matrix();
    (alternation(grey, &matrix, perspective.side, false) + alternation(grey, &matrix, perspective.side, true)) / 2.0
}

/// Guesses for the sizes around `modules` a side, the best first.
pub(crate) fn guesses(grey: &Grey, start: &Perspective, modules: f32) -> Vec<Guess> {
    let nearest = (modules - 17.0) / 4.0;
    let first = (nearest.round() as i32).clamp(1, 40);
    let reach = if first < 5 { 2 } else { VERSIONS };
    let mut versions: Vec<i32> = ((first - reach).max(1)..=(first + reach).min(40)).collect();
    versions.sort_by(|a, b| (*a as f32 - nearest).abs().total_cmp(&(*b as f32 - nearest).abs()));
    let mut all = Vec::new();
    for version in versions {
        let Some(layout) = layout(version as usize) else { continue };
        let side = layout.side;
        // One line after the other: each depends but little on the perspective of the other.
        let across = best(grey, &Perspective { side, ..*start }, false);
        let perspective = best(grey, &across, true);
        let timing = both(grey, &perspective);
        let agreement = refine::agreement(grey, &perspective, layout);
        // Of equals, the one nearest to what the finders' size tells.
        let far = (side as f32 - modules).abs() / modules;
        all.push((timing + agreement - 0.5 * far, Guess { perspective, timing, agreement }));
        if timing > 0.85 && agreement > 0.75 && far < 0.1 {
            break;
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().map(|(_, guess)| guess).collect()
}

/// The perspective along one line, downwards or across, with which its modules alternate best.
pub(crate) fn best(grey: &Grey, start: &Perspective, downwards: bool) -> Perspective {
    let turned = |step: f32| {
        let factor = (step * STEP).exp();
        let (wx, wy) = start.near;
        Perspective { near: if downwards { (wx, wy * factor) } else { (wx * factor, wy) }, ..*start }
    };
    let score = |perspective: &Perspective| alternation(grey, &perspective.matrix(), perspective.side, downwards);
    let mut found = (*start, score(start));
    // Short lines have little perspective, and long ones need finer steps.
    let fine = if start.side > 60 { 0.5 } else { 1.0 };
    for step in 1..=(STEPS as f32 / fine) as i32 {
        if found.1 > 0.93 {
            break;
        }
        for sign in [-1.0, 1.0] {
            let turned = turned(step as f32 * fine * sign);
            let score = score(&turned);
            if score > found.1 + 0.01 {
                found = (turned, score);
            }
        }
    }
    found.0
}
