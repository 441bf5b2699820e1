//! What a picture shows of a code's modules where blur lets them run into one another: for each module, what
//! speaks for its being dark; for each two that are near, how much they show up in the same places. Unlike the
//! light of modules it adds up over frames, however each of them was blurred.

use crate::deblur::blur::{BlurModel, KERNEL_WIDTH, MARGIN, OBSERVED_MARGIN};

/// Modules that may show up in the same places: as far as [`MARGIN`] to each side.
const PAIR_WIDTH: usize = 2 * MARGIN + 1;
/// Modules reckoned together, for a processor adds so many at once; and those that matter to them.
const LANES: usize = 8;
const LANE_NEIGHBOURS: usize = LANES + PAIR_WIDTH - 1;
/// Lengths of waves, from edge to edge.
const FREQUENCIES: usize = 8;

/// What is seen of a code's modules.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) side: usize,
    /// For each place: what speaks for dark.
    pub(crate) fields: Vec<f32>,
    /// For two modules so many rows and columns apart, from -[`MARGIN`] to [`MARGIN`]: what they have in common.
    pairs: [[f32; PAIR_WIDTH]; PAIR_WIDTH],
}

/// Places of a row: the modules, as many more as make whole lanes, and the rim to both sides.
pub(crate) fn stride(side: usize) -> usize {
    side.next_multiple_of(LANES) + 2 * MARGIN
}

impl Evidence {
    /// Of one picture.
    pub(crate) fn from_blur(seen: &BlurModel) -> Self {
        let taps = &seen.kernel;
        let common = |apart: usize| taps.iter().zip(taps.iter().skip(apart)).map(|(a, b)| a * b).sum::<f32>();
        let line: [f32; PAIR_WIDTH] = std::array::from_fn(|at| common(at.abs_diff(MARGIN)));
        let pairs = line.map(|a| line.map(|b| a * b / seen.noise));
        let (side, wide) = (seen.side, seen.side + 2 * OBSERVED_MARGIN);
        // Weighed across, then down.
        let weighed = |near: &[f32]| near.iter().zip(taps).map(|(value, tap)| value * tap).sum::<f32>();
        let across: Vec<f32> =
            seen.values.chunks_exact(wide).flat_map(|row| row.windows(KERNEL_WIDTH).map(weighed)).collect();
        let mut fields = vec![0.0; stride(side) * (side + 2 * MARGIN)];
        for (y, line) in fields.chunks_exact_mut(stride(side)).skip(MARGIN).take(side).enumerate() {
            for (from, tap) in across.chunks_exact(side).skip(y).zip(taps) {
                for (field, value) in line.iter_mut().skip(MARGIN).zip(from) {
                    *field += tap * value / seen.noise;
                }
            }
        }
        Self { side, fields, pairs }
    }

    /// Adds what another picture of the same code shows; what there was counts `fading` times.
    pub(crate) fn accumulate(&mut self, other: &Self, fading: f32) {
        for (field, new) in self.fields.iter_mut().zip(&other.fields) {
            *field = *field * fading + new;
        }
        for (pair, new) in self.pairs.iter_mut().flatten().zip(other.pairs.iter().flatten()) {
            *pair = *pair * fading + new;
        }
    }

    /// What would speak for dark if `modules` were the code, in all places but the rim's.
    pub(crate) fn apply(&self, modules: &[f32], out: &mut [f32]) {
        let stride = stride(self.side);
        for (y, line) in out.chunks_exact_mut(stride).skip(MARGIN).take(self.side).enumerate() {
            let line = line.get_mut(MARGIN..stride - MARGIN).unwrap_or_default();
            for (at, sums) in line.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                let row = |row: usize| -> Option<&[f32; LANE_NEIGHBOURS]> {
                    modules.get(row * stride + at * LANES..)?.get(..LANE_NEIGHBOURS)?.as_array()
                };
                let mut all = [0.0; LANES];
                // Blur is the same up and down, left and right: what is as far off is added first.
                for (far, weights) in self.pairs.iter().enumerate().take(MARGIN + 1) {
                    let (Some(above), Some(below)) = (row(y + far), row(y + 2 * MARGIN - far)) else { continue };
                    let mut near = *above;
                    if far != MARGIN {
                        near.iter_mut().zip(below).for_each(|(sum, value)| *sum += value);
                    }
                    let sides = near.windows(LANES).zip(near.windows(LANES).rev());
                    for (weight, (left, right)) in weights.iter().zip(sides).take(MARGIN) {
                        for (sum, (a, b)) in all.iter_mut().zip(left.iter().zip(right)) {
                            *sum += weight * (a + b);
                        }
                    }
                    let (weight, same) = (weights.get(MARGIN).copied().unwrap_or(0.0), near.iter().skip(MARGIN));
                    all.iter_mut().zip(same).for_each(|(sum, value)| *sum += weight * value);
                }
                *sums = all;
            }
        }
    }

    /// How much is seen of waves of dark and light, of many lengths and ways.
    pub(crate) fn spectrum(&self) -> Vec<f32> {
        let table: [[f32; PAIR_WIDTH]; FREQUENCIES] = std::array::from_fn(|wave| {
            let angle = (wave as f32 + 0.5) * std::f32::consts::PI / FREQUENCIES as f32;
            std::array::from_fn(|at| (angle * at.abs_diff(MARGIN) as f32).cos())
        });
        // What is the same up and down, left and right has no sines.
        let sum = |(across, down): (&[f32; PAIR_WIDTH], &[f32; PAIR_WIDTH])| {
            let row = |row: &[f32; PAIR_WIDTH]| row.iter().zip(across).map(|(pair, cos)| pair * cos).sum::<f32>();
            self.pairs.iter().zip(down).map(|(pairs, cos)| row(pairs) * cos).sum::<f32>().max(0.0)
        };
        table.iter().flat_map(|down| table.iter().map(move |across| (across, down))).map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: Vec<f32>) -> BlurModel {
        BlurModel { side: 21, values, kernel: [0.05, 0.2, 0.5, 0.2, 0.05], noise: 0.25 }
    }

    /// A code's modules with the rim, and what is seen of them through the blur of [`seen`].
    fn modules_and_values() -> (Vec<f32>, Vec<f32>) {
        let (stride, rows) = (stride(21), 21 + 2 * MARGIN);
        let inside = |at: usize| {
            (MARGIN..MARGIN + 21).contains(&(at % stride)) && (MARGIN..MARGIN + 21).contains(&(at / stride))
        };
        let modules: Vec<f32> = (0..stride * rows)
            .map(|at| if inside(at) && (at * 7 / 3 + at / 5) % 3 == 0 { 1.0 } else { -1.0 })
            .collect();
        let kernel = [0.05, 0.2, 0.5, 0.2, 0.05];
        let value = |at: usize| {
            let (x, y) = (at % 25 + MARGIN - OBSERVED_MARGIN, at / 25 + MARGIN - OBSERVED_MARGIN);
            let near =
                (0..25).map(|i| kernel[i % 5] * kernel[i / 5] * modules[(y + i / 5 - 2) * stride + x + i % 5 - 2]);
            near.sum::<f32>()
        };
        let values = (0..25 * 25).map(value).collect();
        (modules, values)
    }

    #[test]
    fn what_is_seen_is_what_its_modules_would_show() {
        let (modules, values) = modules_and_values();
        let evidence = Evidence::from_blur(&seen(values));
        let mut shown = vec![0.0; modules.len()];
        evidence.apply(&modules, &mut shown);
        for y in MARGIN..MARGIN + 21 {
            for at in (MARGIN..MARGIN + 21).map(|x| y * stride(21) + x) {
                assert!((evidence.fields[at] - shown[at]).abs() < 1e-4, "{at}: {} {}", evidence.fields[at], shown[at]);
            }
        }
        // A module by itself, and the strength of the longest and the shortest wave.
        assert!((evidence.pairs[MARGIN][MARGIN] - (0.25 + 0.08 + 0.005_f32).powi(2) / 0.25).abs() < 1e-5);
        let spectrum = evidence.spectrum();
        assert!(spectrum[0] > 3.0 && spectrum.last().is_some_and(|least| *least < 0.01));
    }

    #[test]
    fn evidence_of_two_pictures_is_their_sum() {
        let (modules, values) = modules_and_values();
        let once = Evidence::from_blur(&seen(values));
        let mut twice = once.clone();
        twice.accumulate(&once, 0.5);
        let (mut shown, mut shown_twice) = (vec![0.0; modules.len()], vec![0.0; modules.len()]);
        once.apply(&modules, &mut shown);
        twice.apply(&modules, &mut shown_twice);
        let alike = |one: &[f32], two: &[f32]| one.iter().zip(two).all(|(one, two)| (1.5 * one - two).abs() < 1e-3);
        assert!(alike(&once.fields, &twice.fields) && alike(&shown, &shown_twice));
    }
}
