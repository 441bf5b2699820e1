//! What was seen of the same code in many frames, added up. Noise and blur differ from frame to frame, and
//! the code does not: a sum is often read before any single frame is.

use std::time::Duration;

use super::since;
use crate::attempt::Observation;
use crate::budget::Budget;
use crate::deblur::evidence::Evidence;
use crate::deblur::unblur;
use crate::decode::layout::{Layout, layout_of_side};
use crate::decode::{Decoded, Effort, decode};

/// Codes kept apart: several sizes may be guessed of one.
const MAX_CODES: usize = 4;
/// How alike the data modules of two sights of one code are at least, from -1 to 1.
const MIN_CORRELATION: f32 = 0.12;
/// Codes not seen for so long are forgotten.
const FORGET_AFTER: Duration = Duration::from_millis(1_500);
/// What was seen before counts less with every frame, for geometry may have been wrong.
const DECAY: f32 = 0.93;

#[derive(Debug)]
struct Accumulator {
    side: usize,
    inverted: bool,
    values: Vec<f32>,
    weight: f32,
    /// The same however blurred, and when it was last added to.
    evidence: Option<(Box<Evidence>, u64)>,
    last_ms: u64,
}

/// The sums of all codes in view.
#[derive(Debug, Default)]
pub(crate) struct Accumulators {
    all: Vec<Accumulator>,
}

impl Accumulators {
    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Adds a sight of a code; what it says when the sum can be read.
    pub(crate) fn add(&mut self, seen: &Observation, now_ms: u64, budget: &Budget) -> Option<Decoded> {
        let layout = layout_of_side(seen.perspective.side)?;
        if seen.soft_modules.len() != layout.side * layout.side {
            return None;
        }
        self.all.retain(|sum| since(sum.last_ms, now_ms) < FORGET_AFTER);
        let weight = weight(&seen.soft_modules, layout);
        let fits = |sum: &&mut Accumulator| sum.side == layout.side && sum.inverted == seen.inverted;
        let same = |sum: &&mut Accumulator| correlation(&sum.values, &seen.soft_modules, layout) > MIN_CORRELATION;
        if let Some(sum) = self.all.iter_mut().filter(fits).find(same) {
            for (value, new) in sum.values.iter_mut().zip(&seen.soft_modules) {
                *value = *value * DECAY + new.clamp(-1.5, 1.5) * weight;
            }
            sum.weight = sum.weight * DECAY + weight;
            let mean: Vec<f32> = sum.values.iter().map(|value| value / sum.weight).collect();
            let mut decoded = decode(&mean, layout, Effort::Erasures).ok();
            match (&mut sum.evidence, &seen.evidence) {
                // Another sight in the same frame shows the same noise, which is no further evidence.
                (Some((all, last_ms)), Some(new)) if *last_ms != now_ms => {
                    *last_ms = now_ms;
                    all.accumulate(new, DECAY);
                    decoded = decoded.or_else(|| unblur::decode_evidence(all, layout, budget));
                }
                (none @ None, Some(new)) => *none = Some((new.clone(), now_ms)),
                _ => {}
            }
            sum.last_ms = now_ms;
            return decoded;
        }
        if self.all.len() >= MAX_CODES {
            let least = self.all.iter().enumerate().min_by(|a, b| a.1.weight.total_cmp(&b.1.weight)).map(|(i, _)| i);
            self.all.swap_remove(least?);
        }
        let values = seen.soft_modules.iter().map(|value| value.clamp(-1.5, 1.5) * weight).collect();
        let (side, inverted) = (layout.side, seen.inverted);
        let evidence = seen.evidence.clone().map(|evidence| (evidence, now_ms));
        self.all.push(Accumulator { side, inverted, values, weight, evidence, last_ms: now_ms });
        None
    }
}

/// How much a sight is worth: the less its known modules are off, the more.
fn weight(sure: &[f32], layout: &Layout) -> f32 {
    let off = layout.known.iter().filter_map(|known| {
        let value = sure.get(usize::from(known.y) * layout.side + usize::from(known.x))?;
        let wanted = if known.dark { 1.0 } else { -1.0 };
        Some((value.clamp(-1.5, 1.5) - wanted).powi(2))
    });
    let mean = off.sum::<f32>() / layout.known.len().max(1) as f32;
    1.0 / (mean + 0.1)
}

/// The correlation of the data modules of two sights; what is the same in every code says nothing.
fn correlation(a: &[f32], b: &[f32], layout: &Layout) -> f32 {
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for at in &layout.data {
        if let (Some(a), Some(b)) = (a.get(*at), b.get(*at)) {
            both += a * b;
            of_a += a * a;
            of_b += b * b;
        }
    }
    both / (of_a * of_b).sqrt().max(1e-6)
}
