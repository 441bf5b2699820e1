//! Undoing blur thoroughly: evidence → modules, all at once. They are judged by turns, as if they could be any
//! numbers (a system of linear equations) and by their being dark or light and nothing between, and each turn
//! hands on only what it found out itself (vector approximate message passing: Rangan, Schniter and Fletcher,
//! IEEE Transactions on Information Theory 65, 2019).

use crate::clock::Deadline;
use crate::deblur::blur::{RIM, known_modules};
use crate::deblur::evidence::{Evidence, stride};
use crate::decode::layout::Layout;
use crate::decode::{Decoded, Effort, decode};

/// Turns after which modules hardly change.
const TURNS: usize = 8;
/// Steps towards the solution of a turn's equations, and what is left that is not worth another.
const STEPS: usize = 15;
const LEAST_LEFT: f32 = 1.0;
/// How much of what a turn says is new.
const NEW: f32 = 0.7;
/// How far beyond dark and light a turn may say that a module is.
const FARTHEST: f32 = 3.0;
/// Least and most that is sure of a module, as one over a variance.
const LEAST_SURE: f32 = 1e-3;
const MOST_SURE: f32 = 1e4;

/// What a code says, if that can be told from the evidence.
pub(crate) fn decoded(evidence: &Evidence, layout: &'static Layout, deadline: &Deadline) -> Option<Decoded> {
    // Even to begin takes milliseconds with the largest codes.
    if deadline.is_over() {
        return None;
    }
    let mut turns = Turns::new(evidence, layout);
    for turn in 1..=TURNS {
        let odds = turns.odds(deadline);
        if deadline.is_over() {
            return None;
        }
        let effort = if turn == TURNS { Effort::Erasures } else { Effort::Plain };
        if let Ok(decoded) = decode(&inside(&odds, layout), layout, effort) {
            return Some(decoded);
        }
        turns.hand_on(&odds);
    }
    None
}

/// A code's modules without the rim: above zero is dark, and the farther from zero, the surer. Those that are the
/// same in every code are left at zero, for nothing is read from them.
fn inside(odds: &[f32], layout: &Layout) -> Vec<f32> {
    let rows = odds.chunks_exact(stride(layout.side)).skip(RIM).take(layout.side);
    rows.flat_map(|row| row.iter().skip(RIM).take(layout.side)).copied().collect()
}

/// What the turns have come to. Places are those of the evidence.
struct Turns<'a> {
    evidence: &'a Evidence,
    spectrum: Vec<f32>,
    /// 1 where modules are not known beforehand, 0 elsewhere.
    free: Vec<f32>,
    /// The evidence for those, without what the known ones show.
    fields: Vec<f32>,
    /// What modules are by their being dark or light, and how sure that is.
    said: Vec<f32>,
    surety: f32,
    /// What they are by the equations, and how sure that is beyond what was said before.
    linear: Vec<f32>,
    found: f32,
}

impl<'a> Turns<'a> {
    fn new(evidence: &'a Evidence, layout: &Layout) -> Self {
        let (mut known, mut free) = (vec![-1.0; evidence.fields.len()], vec![0.0; evidence.fields.len()]);
        let rows = known.chunks_exact_mut(stride(layout.side)).zip(free.chunks_exact_mut(stride(layout.side)));
        for ((known, free), row) in rows.zip(known_modules(layout).chunks_exact(layout.side + 2 * RIM)) {
            for ((known, free), module) in known.iter_mut().zip(free).zip(row) {
                *known = module.unwrap_or(0.0);
                *free = f32::from(module.is_none());
            }
        }
        let mut shown = vec![0.0; known.len()];
        evidence.through(&known, &mut shown);
        let fields = evidence.fields.iter().zip(&shown).zip(&free).map(|((all, known), free)| free * (all - known));
        Self {
            evidence,
            spectrum: evidence.spectrum(),
            fields: fields.collect(),
            said: vec![0.0; free.len()],
            surety: 1.0,
            linear: vec![0.0; free.len()],
            found: 0.0,
            free,
        }
    }

    /// By the equations: half the logarithm of the odds that each module is dark.
    fn odds(&mut self, deadline: &Deadline) -> Vec<f32> {
        self.solve(deadline);
        let spread = self.spectrum.iter().map(|seen| 1.0 / (seen + self.surety)).sum::<f32>();
        let sure = self.spectrum.len() as f32 / spread;
        self.found = (sure - self.surety).max(LEAST_SURE);
        let odds = self.linear.iter().zip(&self.said).zip(&self.free);
        odds.map(|((linear, said), free)| free * (sure * linear - self.surety * said)).collect()
    }

    /// By their being dark or light.
    fn hand_on(&mut self, odds: &[f32]) {
        let modules: Vec<f32> = odds.iter().map(|odds| odds.tanh()).collect();
        let doubts = modules.iter().zip(&self.free).map(|(module, free)| free * (1.0 - module * module));
        let doubt = doubts.sum::<f32>() / self.free.iter().sum::<f32>().max(1.0);
        let sure = 1.0 / doubt.max(1.0 / MOST_SURE);
        let new = (sure - self.found).clamp(LEAST_SURE, MOST_SURE);
        for ((said, free), (module, odds)) in self.said.iter_mut().zip(&self.free).zip(modules.iter().zip(odds)) {
            let value = ((sure * module - odds) / new).clamp(-FARTHEST, FARTHEST);
            *said += free * NEW * (value - *said);
        }
        self.surety *= (new / self.surety).powf(NEW);
    }

    /// Conjugate gradients, from where the last turn ended.
    fn solve(&mut self, deadline: &Deadline) {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let apply = |modules: &[f32], out: &mut [f32]| {
            self.evidence.through(modules, out);
            for ((out, module), free) in out.iter_mut().zip(modules).zip(&self.free) {
                *out = free * (*out + self.surety * module);
            }
        };
        let mut applied = vec![0.0; self.free.len()];
        apply(&self.linear, &mut applied);
        let wanted = self.fields.iter().zip(&self.said).map(|(field, said)| field + self.surety * said);
        let mut rest: Vec<f32> = wanted.zip(&applied).map(|(wanted, applied)| wanted - applied).collect();
        let mut way = rest.clone();
        let mut left = dot(&rest, &rest);
        for _ in 0..STEPS {
            if left < LEAST_LEFT || deadline.is_over() {
                break;
            }
            apply(&way, &mut applied);
            let far = left / dot(&way, &applied).max(f32::MIN_POSITIVE);
            for ((module, way), (rest, applied)) in self.linear.iter_mut().zip(&way).zip(rest.iter_mut().zip(&applied))
            {
                *module += far * way;
                *rest -= far * applied;
            }
            let now = dot(&rest, &rest);
            way.iter_mut().zip(&rest).for_each(|(way, rest)| *way = rest + now / left * *way);
            left = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use qrcode::{Color, EcLevel, QrCode, Version};

    use super::*;
    use crate::deblur::blur::{Blurred, SEEN_RIM};
    use crate::decode::layout::layout;

    /// What is seen of a code of version 8 through a blur of eight tenths of a module and noise.
    fn seen(noise: f32, seed: u32) -> Blurred {
        let code =
            QrCode::with_version(b"every module runs into its neighbours".repeat(4), Version::Normal(8), EcLevel::M);
        let colors = code.unwrap().to_colors();
        let inside = |at: usize| at.checked_sub(RIM).filter(|at| *at < 49);
        let module = |x: usize, y: usize| match (inside(x), inside(y)) {
            (Some(x), Some(y)) if colors[y * 49 + x] == Color::Dark => 1.0,
            _ => -1.0,
        };
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let bell = [0.030, 0.236, 0.466, 0.236, 0.030];
        let wide = 49 + 2 * SEEN_RIM;
        let values = (0..wide * wide).map(|at| {
            let (x, y) = (at % wide + RIM - SEEN_RIM, at / wide + RIM - SEEN_RIM);
            let weight = |i: usize| bell[i % 5] * bell[i / 5];
            let shown: f32 = (0..25).map(|i| weight(i) * module(x + i % 5 - 2, y + i / 5 - 2)).sum();
            // The sum of three is near enough to a normal distribution with a variance of one.
            shown + noise * (random() + random() + random())
        });
        Blurred { side: 49, values: values.collect(), bell, noise: noise * noise }
    }

    fn read(evidence: &Evidence) -> Option<Vec<u8>> {
        let deadline = Deadline::after(Duration::from_secs(20));
        decoded(evidence, layout(8).unwrap(), &deadline).map(|decoded| decoded.payload)
    }

    #[test]
    fn modules_that_run_into_one_another_are_told_apart() {
        let seen = seen(0.03, 1);
        let layout = layout(8).unwrap();
        // Most modules look like their neighbours.
        let rows = seen.values.chunks_exact(53).skip(SEEN_RIM).take(49);
        let middle: Vec<f32> = rows.flat_map(|row| row[SEEN_RIM..SEEN_RIM + 49].to_vec()).collect();
        assert!(decode(&middle, layout, Effort::Erasures).is_err());
        let read = read(&Evidence::of(&seen));
        assert_eq!(read, Some(b"every module runs into its neighbours".repeat(4)));
    }

    #[test]
    fn pictures_too_noisy_each_are_read_together() {
        let all: Vec<Evidence> = (1..=6).map(|seed| Evidence::of(&seen(0.14, seed))).collect();
        assert!(all.iter().all(|evidence| read(evidence).is_none()));
        let mut sum = all[0].clone();
        all.iter().skip(1).for_each(|evidence| sum.add(evidence, 1.0));
        assert_eq!(read(&sum), Some(b"every module runs into its neighbours".repeat(4)));
    }
}
