//! Undoing blur thoroughly: evidence → modules, all at once. They are judged by turns, as if they could be any
//! numbers (a system of linear equations) and by their being dark or light and nothing between, and each turn
//! hands on only what it found out itself (vector approximate message passing: Rangan, Schniter and Fletcher,
//! IEEE Transactions on Information Theory 65, 2019).

use crate::budget::Budget;
use crate::deblur::blur::{MARGIN, known_modules};
use crate::deblur::evidence::{Evidence, stride};
use crate::decode::layout::Layout;
use crate::decode::{Decoded, Effort, decode};

/// Turns after which modules hardly change.
const TURNS: usize = 8;
/// Steps towards the solution of a turn's equations, and what is left that is not worth another.
const STEPS: usize = 15;
const MIN_RESIDUAL: f32 = 1.0;
/// How much of what a turn says is new.
const DAMPING: f32 = 0.7;
/// How far beyond dark and light a turn may say that a module is.
const MAX_ABS_MEAN: f32 = 3.0;
/// Least and most that is sure of a module, as one over a variance.
const MIN_PRECISION: f32 = 1e-3;
const MAX_PRECISION: f32 = 1e4;

/// What a code says, if that can be told from the evidence.
pub(crate) fn decode_evidence(evidence: &Evidence, layout: &'static Layout, budget: &Budget) -> Option<Decoded> {
    // Even to begin takes milliseconds with the largest codes.
    if budget.is_spent() {
        return None;
    }
    let mut turns = MessagePassing::new(evidence, layout);
    for turn in 1..=TURNS {
        let odds = turns.linear_step(budget);
        if budget.is_spent() {
            return None;
        }
        let effort = if turn == TURNS { Effort::Erasures } else { Effort::Plain };
        if let Ok(decoded) = decode(&inside(&odds, layout), layout, effort) {
            return Some(decoded);
        }
        turns.pass_extrinsic(&odds);
    }
    None
}

/// A code's modules without the rim: above zero is dark, and the farther from zero, the surer. Those that are the
/// same in every code are left at zero, for nothing is read from them.
fn inside(odds: &[f32], layout: &Layout) -> Vec<f32> {
    let rows = odds.chunks_exact(stride(layout.side)).skip(MARGIN).take(layout.side);
    rows.flat_map(|row| row.iter().skip(MARGIN).take(layout.side)).copied().collect()
}

/// What the turns have come to. Places are those of the evidence.
struct MessagePassing<'a> {
    evidence: &'a Evidence,
    spectrum: Vec<f32>,
    /// 1 where modules are not known beforehand, 0 elsewhere.
    free: Vec<f32>,
    /// The evidence for those, without what the known ones show.
    fields: Vec<f32>,
    /// What modules are by their being dark or light, and how sure that is.
    prior_mean: Vec<f32>,
    prior_precision: f32,
    /// What they are by the equations, and how sure that is beyond what was said before.
    linear: Vec<f32>,
    denoiser_precision: f32,
}

impl<'a> MessagePassing<'a> {
    fn new(evidence: &'a Evidence, layout: &Layout) -> Self {
        let (mut known, mut free) = (vec![-1.0; evidence.fields.len()], vec![0.0; evidence.fields.len()]);
        let rows = known.chunks_exact_mut(stride(layout.side)).zip(free.chunks_exact_mut(stride(layout.side)));
        for ((known, free), row) in rows.zip(known_modules(layout).chunks_exact(layout.side + 2 * MARGIN)) {
            for ((known, free), module) in known.iter_mut().zip(free).zip(row) {
                *known = module.unwrap_or(0.0);
                *free = f32::from(module.is_none());
            }
        }
        let mut shown = vec![0.0; known.len()];
        evidence.apply(&known, &mut shown);
        let fields = evidence.fields.iter().zip(&shown).zip(&free).map(|((all, known), free)| free * (all - known));
        Self {
            evidence,
            spectrum: evidence.spectrum(),
            fields: fields.collect(),
            prior_mean: vec![0.0; free.len()],
            prior_precision: 1.0,
            linear: vec![0.0; free.len()],
            denoiser_precision: 0.0,
            free,
        }
    }

    /// By the equations: half the logarithm of the odds that each module is dark.
    fn linear_step(&mut self, budget: &Budget) -> Vec<f32> {
        self.solve(budget);
        let spread = self.spectrum.iter().map(|seen| 1.0 / (seen + self.prior_precision)).sum::<f32>();
        let sure = self.spectrum.len() as f32 / spread;
        self.denoiser_precision = (sure - self.prior_precision).max(MIN_PRECISION);
        let odds = self.linear.iter().zip(&self.prior_mean).zip(&self.free);
        odds.map(|((linear, prior_mean), free)| free * (sure * linear - self.prior_precision * prior_mean)).collect()
    }

    /// By their being dark or light.
    fn pass_extrinsic(&mut self, odds: &[f32]) {
        let modules: Vec<f32> = odds.iter().map(|odds| odds.tanh()).collect();
        let doubts = modules.iter().zip(&self.free).map(|(module, free)| free * (1.0 - module * module));
        let doubt = doubts.sum::<f32>() / self.free.iter().sum::<f32>().max(1.0);
        let sure = 1.0 / doubt.max(1.0 / MAX_PRECISION);
        let new = (sure - self.denoiser_precision).clamp(MIN_PRECISION, MAX_PRECISION);
        for ((prior_mean, free), (module, odds)) in
            self.prior_mean.iter_mut().zip(&self.free).zip(modules.iter().zip(odds))
        {
            let value = ((sure * module - odds) / new).clamp(-MAX_ABS_MEAN, MAX_ABS_MEAN);
            *prior_mean += free * DAMPING * (value - *prior_mean);
        }
        self.prior_precision *= (new / self.prior_precision).powf(DAMPING);
    }

    /// Conjugate gradients, from where the last turn ended.
    fn solve(&mut self, budget: &Budget) {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let apply = |modules: &[f32], out: &mut [f32]| {
            self.evidence.apply(modules, out);
            for ((out, module), free) in out.iter_mut().zip(modules).zip(&self.free) {
                *out = free * (*out + self.prior_precision * module);
            }
        };
        let mut applied = vec![0.0; self.free.len()];
        apply(&self.linear, &mut applied);
        let wanted = self
            .fields
            .iter()
            .zip(&self.prior_mean)
            .map(|(field, prior_mean)| field + self.prior_precision * prior_mean);
        let mut residual: Vec<f32> = wanted.zip(&applied).map(|(wanted, applied)| wanted - applied).collect();
        let mut direction = residual.clone();
        let mut residual_norm = dot(&residual, &residual);
        for _ in 0..STEPS {
            if residual_norm < MIN_RESIDUAL || budget.is_spent() {
                break;
            }
            apply(&direction, &mut applied);
            let step = residual_norm / dot(&direction, &applied).max(f32::MIN_POSITIVE);
            for ((module, direction), (residual, applied)) in
                self.linear.iter_mut().zip(&direction).zip(residual.iter_mut().zip(&applied))
            {
                *module += step * direction;
                *residual -= step * applied;
            }
            let now = dot(&residual, &residual);
            direction
                .iter_mut()
                .zip(&residual)
                .for_each(|(direction, residual)| *direction = residual + now / residual_norm * *direction);
            residual_norm = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use qrcode::{Color, EcLevel, QrCode, Version};

    use super::*;
    use crate::deblur::blur::{BlurModel, OBSERVED_MARGIN};
    use crate::decode::layout::layout;

    /// What is seen of a code of version 8 through a blur of eight tenths of a module and noise.
    fn seen(noise: f32, seed: u32) -> BlurModel {
        let code =
            QrCode::with_version(b"every module runs into its neighbours".repeat(4), Version::Normal(8), EcLevel::M);
        let colors = code.unwrap().to_colors();
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < 49);
        let module = |x: usize, y: usize| match (inside(x), inside(y)) {
            (Some(x), Some(y)) if colors[y * 49 + x] == Color::Dark => 1.0,
            _ => -1.0,
        };
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let kernel = [0.030, 0.236, 0.466, 0.236, 0.030];
        let wide = 49 + 2 * OBSERVED_MARGIN;
        let values = (0..wide * wide).map(|at| {
            let (x, y) = (at % wide + MARGIN - OBSERVED_MARGIN, at / wide + MARGIN - OBSERVED_MARGIN);
            let weight = |i: usize| kernel[i % 5] * kernel[i / 5];
            let shown: f32 = (0..25).map(|i| weight(i) * module(x + i % 5 - 2, y + i / 5 - 2)).sum();
            // The sum of three is near enough to a normal distribution with a variance of one.
            shown + noise * (random() + random() + random())
        });
        BlurModel { side: 49, values: values.collect(), kernel, noise: noise * noise }
    }

    fn read(evidence: &Evidence) -> Option<Vec<u8>> {
        let budget = Budget::after(Duration::from_secs(20));
        decode_evidence(evidence, layout(8).unwrap(), &budget).map(|decoded| decoded.payload)
    }

    #[test]
    fn modules_that_run_into_one_another_are_told_apart() {
        let seen = seen(0.03, 1);
        let layout = layout(8).unwrap();
        // Most modules look like their neighbours.
        let rows = seen.values.chunks_exact(53).skip(OBSERVED_MARGIN).take(49);
        let middle: Vec<f32> = rows.flat_map(|row| row[OBSERVED_MARGIN..OBSERVED_MARGIN + 49].to_vec()).collect();
        assert!(decode(&middle, layout, Effort::Erasures).is_err());
        let read = read(&Evidence::from_blur(&seen));
        assert_eq!(read, Some(b"every module runs into its neighbours".repeat(4)));
    }

    #[test]
    fn pictures_too_noisy_each_are_read_together() {
        let all: Vec<Evidence> = (1..=6).map(|seed| Evidence::from_blur(&seen(0.14, seed))).collect();
        assert!(all.iter().all(|evidence| read(evidence).is_none()));
        let mut sum = all[0].clone();
        all.iter().skip(1).for_each(|evidence| sum.accumulate(evidence, 1.0));
        assert_eq!(read(&sum), Some(b"every module runs into its neighbours".repeat(4)));
    }
}
