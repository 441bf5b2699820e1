//! What was seen of the same code in many frames, added up. Noise and blur differ from frame to frame, and
//! the code does not: a sum is often read before any single frame is.

use crate::attempt::Observation;
use crate::clock::Deadline;
use crate::deblur::evidence::Evidence;
use crate::deblur::unblur;
use crate::decode::layout::{Layout, layout_of_side};
use crate::decode::{Decoded, Effort, decode};

/// Codes kept apart: several sizes may be guessed of one.
const MAX_CODES: usize = 4;
/// How alike the data modules of two sights of one code are at least, from -1 to 1.
const SAME: f32 = 0.12;
/// Sums older than this are dropped.
const FORGOTTEN_AFTER_MS: u64 = 1_500;
/// What was seen before counts less with every frame, for geometry may have been wrong.
const FADING: f32 = 0.93;

#[derive(Debug)]
struct Sum {
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
pub(crate) struct Sums {
    all: Vec<Sum>,
}

impl Sums {
    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Adds a sight of a code; what it says when the sum can be read.
    pub(crate) fn add(&mut self, seen: &Observation, now_ms: u64, deadline: &Deadline) -> Option<Decoded> {
        let layout = layout_of_side(seen.perspective.side)?;
        if seen.soft_modules.len() != layout.side * layout.side {
            return None;
        }
        self.all.retain(|sum| now_ms.saturating_sub(sum.last_ms) < FORGOTTEN_AFTER_MS);
        let weight = weight(&seen.soft_modules, layout);
        let fits = |sum: &&mut Sum| sum.side == layout.side && sum.inverted == seen.inverted;
        let same = |sum: &&mut Sum| likeness(&sum.values, &seen.soft_modules, layout) > SAME;
        if let Some(sum) = self.all.iter_mut().filter(fits).find(same) {
            for (value, new) in sum.values.iter_mut().zip(&seen.soft_modules) {
                *value = *value * FADING + new.clamp(-1.5, 1.5) * weight;
            }
            sum.weight = sum.weight * FADING + weight;
            let mean: Vec<f32> = sum.values.iter().map(|value| value / sum.weight).collect();
            let mut decoded = decode(&mean, layout, Effort::Erasures).ok();
            match (&mut sum.evidence, &seen.evidence) {
                // Another sight in the same frame shows the same noise, which is no further evidence.
                (Some((all, last_ms)), Some(new)) if *last_ms != now_ms => {
                    *last_ms = now_ms;
                    all.accumulate(new, FADING);
                    decoded = decoded.or_else(|| unblur::decode_evidence(all, layout, deadline));
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
        self.all.push(Sum { side, inverted, values, weight, evidence, last_ms: now_ms });
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
fn likeness(a: &[f32], b: &[f32], layout: &Layout) -> f32 {
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
