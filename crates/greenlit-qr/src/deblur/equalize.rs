//! Undoing blur cheaply, each module by what is around it: modules bleed into their neighbours. How much each
//! neighbour bleeds in is learnt from the modules that are the same in every code, then once more from all
//! modules as first read.

use super::linear::solve;
use crate::budget::Budget;
use crate::decode::layout::Layout;

/// Most weights that are learnt.
const MAX_TAPS: usize = 25;
/// Modules to learn from; more bring little.
const MAX_SAMPLES: usize = 2_500;

/// The modules as they would be without blur, or as near to that as time allows.
pub(crate) fn equalize(sure: &[f32], layout: &Layout, budget: &Budget) -> Vec<f32> {
    let side = layout.side;
    let samples: Vec<(usize, f32)> = layout
        .known
        .iter()
        .map(|known| (usize::from(known.y) * side + usize::from(known.x), if known.dark { 1.0 } else { -1.0 }))
        .collect();
    let mut best = match fit_kernel(sure, side, 1, &samples, 6.0) {
        Some(taps) => apply_weights(sure, side, 1, &taps),
        None => return sure.to_vec(),
    };
    for _ in 0..2 {
        if budget.is_spent() {
            break;
        }
        let skip = (side * side).div_ceil(MAX_SAMPLES);
        let mut all = samples.clone();
        all.extend(
            best.iter()
                .enumerate()
                .step_by(skip)
                .filter(|(_, value)| value.abs() > 0.35)
                .map(|(at, value)| (at, value.signum())),
        );
        match fit_kernel(sure, side, 2, &all, 20.0) {
            Some(taps) => best = apply_weights(sure, side, 2, &taps),
            None => break,
        }
    }
    best
}

/// The values within `reach` of a module; beyond the code it is light.
fn neighbourhood(sure: &[f32], side: usize, reach: usize, at: usize) -> [f32; MAX_TAPS] {
    let mut taps = [-1.0; MAX_TAPS];
    let (x, y) = (at % side, at / side);
    let wide = 2 * reach + 1;
    for (row, part) in taps.chunks_exact_mut(wide).take(wide).enumerate() {
        let Some(y) = (y + row).checked_sub(reach).filter(|y| *y < side) else { continue };
        for (column, tap) in part.iter_mut().enumerate() {
            let x = (x + column).checked_sub(reach).filter(|x| *x < side);
            if let Some(value) = x.and_then(|x| sure.get(y * side + x)) {
                *tap = *value;
            }
        }
    }
    taps
}

/// Weights by least squares, held near "each module by itself" by so many samples' worth.
fn fit_kernel(
    sure: &[f32],
    side: usize,
    reach: usize,
    samples: &[(usize, f32)],
    caution: f32,
) -> Option<[f32; MAX_TAPS]> {
    let count = (2 * reach + 1) * (2 * reach + 1);
    let mut rows = [[0.0_f32; MAX_TAPS + 1]; MAX_TAPS];
    for &(at, wanted) in samples {
        let taps = neighbourhood(sure, side, reach, at);
        for (row, a) in rows.iter_mut().zip(&taps).take(count) {
            for (sum, b) in row.iter_mut().zip(&taps).take(count) {
                *sum += a * b;
            }
            if let Some(sum) = row.last_mut() {
                *sum += a * wanted;
            }
        }
    }
    for (i, row) in rows.iter_mut().enumerate().take(count) {
        if let Some(sum) = row.get_mut(i) {
            *sum += caution;
        }
        if let (true, Some(sum)) = (i == count / 2, row.last_mut()) {
            *sum += caution;
        }
    }
    solve(&mut rows, count)
}

fn apply_weights(sure: &[f32], side: usize, reach: usize, weights: &[f32; MAX_TAPS]) -> Vec<f32> {
    let count = (2 * reach + 1) * (2 * reach + 1);
    (0..sure.len())
        .map(|at| neighbourhood(sure, side, reach, at).iter().zip(weights).take(count).map(|(a, b)| a * b).sum())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::layout::layout;

    #[test]
    fn a_smear_to_one_side_is_taken_back() {
        let layout = layout(3).unwrap();
        let side = layout.side;
        let mut state = 1_u32;
        let mut clear: Vec<f32> = (0..side * side)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state >> 31 == 0 { 1.0 } else { -1.0 }
            })
            .collect();
        for known in &layout.known {
            clear[usize::from(known.y) * side + usize::from(known.x)] = if known.dark { 1.0 } else { -1.0 };
        }
        let left = |at: usize| if at.is_multiple_of(side) { -1.0 } else { clear[at - 1] };
        let smeared: Vec<f32> = (0..side * side).map(|at| 0.45 * clear[at] + 0.55 * left(at)).collect();
        let wrong = |values: &[f32]| values.iter().zip(&clear).filter(|(a, b)| (**a > 0.0) != (**b > 0.0)).count();
        let (before, after) =
            (wrong(&smeared), wrong(&equalize(&smeared, layout, &Budget::after(std::time::Duration::from_secs(9)))));
        assert!(before > 100 && after < before / 4, "{before} → {after}");
    }
}
