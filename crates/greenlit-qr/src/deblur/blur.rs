//! How blurred a code is: how much of its neighbours is seen in each module. Learnt in and around the
//! finders, where every module is known: the width of a Gaussian blur, how far dark and light are apart
//! and what lies midway, whichever leave least unexplained.

use super::linear::solve;
use crate::decode::layout::Layout;
use crate::sample::grey::Grey;
use crate::sample::levels::module_luma_with_margin;
use crate::sample::perspective::Matrix;

/// Modules that blur reaches over.
pub(crate) const KERNEL_RADIUS: usize = 2;
/// A module and its neighbours, along a side.
pub(crate) const KERNEL_WIDTH: usize = 2 * KERNEL_RADIUS + 1;
/// Modules around a code that are taken to be light, and those of them that are looked at.
pub(crate) const MARGIN: usize = 2 * KERNEL_RADIUS;
pub(crate) const OBSERVED_MARGIN: usize = KERNEL_RADIUS;

/// Lights nearer to white than this may have been cut off.
const NEARLY_WHITE: f32 = 5.0;
/// Fewest places to learn from.
const MIN_SAMPLES: usize = 40;
/// Widths of blur that are tried, in modules: the first, how many, and how much wider each is.
const MIN_SIGMA: f32 = 0.2;
const SIGMA_STEPS: i32 = 24;
const SIGMA_RATIO: f32 = 1.09;
/// Light that differs less than this within a code shows nothing.
const MIN_SPREAD: f32 = 0.5;
/// What noise, bent paper and the like leave unexplained at least (a variance).
const MIN_NOISE: f32 = 1e-3;

/// A code as it is seen, and how blurred.
#[derive(Clone, Debug)]
pub(crate) struct BlurModel {
    pub(crate) side: usize,
    /// How dark each module is, [`OBSERVED_MARGIN`] more to each side than the code has: from midway between dark and
    /// light, in units of how much the code's light differs.
    pub(crate) values: Vec<f32>,
    /// How much modules up to [`KERNEL_RADIUS`] rows off show, to both sides; columns the same.
    pub(crate) kernel: [f32; KERNEL_WIDTH],
    /// How far values are from what the modules around make them (a variance).
    pub(crate) noise: f32,
}

/// One place all of whose neighbours are known.
struct TrainingSample {
    /// Its neighbours, row by row.
    near: [f32; KERNEL_WIDTH * KERNEL_WIDTH],
    /// Where it is: one, and how far right and down, the code being from -1 to 1.
    place: [f32; 3],
    value: f32,
}

impl BlurModel {
    /// Looks at a code; `None` where that shows nothing.
    pub(crate) fn estimate(grey: &Grey, matrix: &Matrix, layout: &Layout) -> Option<Self> {
        let side = layout.side;
        let lights = module_luma_with_margin(grey, matrix, side, OBSERVED_MARGIN, None);
        let n = lights.len() as f32;
        let middle = lights.iter().sum::<f32>() / n;
        let spread = (lights.iter().map(|light| (light - middle).powi(2)).sum::<f32>() / n).sqrt();
        if spread < MIN_SPREAD {
            return None;
        }
        let mut values: Vec<f32> = lights.iter().map(|light| (middle - light) / spread).collect();
        // What was white in the picture is dark to a reader of inverted codes.
        let cut_off = |light: f32| if grey.inverted() { light < NEARLY_WHITE } else { light > 255.0 - NEARLY_WHITE };
        let whole = lights.iter().map(|light| !cut_off(*light)).collect::<Vec<_>>();
        let FittedKernel { kernel, midway, noise } = fit_kernel(&training_samples(&values, &whole, layout))?;
        for (at, value) in values.iter_mut().enumerate() {
            *value -= place(at, side).iter().zip(&midway).map(|(a, b)| a * b).sum::<f32>();
        }
        Some(Self { side, values, kernel, noise })
    }
}

/// Where a value stands: one, and how far right and down, the code being from -1 to 1.
fn place(at: usize, side: usize) -> [f32; 3] {
    let seen = side + 2 * OBSERVED_MARGIN;
    let far = |at: usize| (at as f32 + 0.5) / seen as f32 * 2.0 - 1.0;
    [1.0, far(at % seen), far(at / seen)]
}

/// The places all of whose neighbours are known, unless their light may have been cut off.
fn training_samples(values: &[f32], whole: &[bool], layout: &Layout) -> Vec<TrainingSample> {
    let (known, wide, seen) = (known_modules(layout), layout.side + 2 * MARGIN, layout.side + 2 * OBSERVED_MARGIN);
    // The rim that is known is as much wider than the one looked at as blur reaches.
    let sample = |(at, (value, whole)): (usize, (&f32, &bool))| {
        let mut near = [0.0; KERNEL_WIDTH * KERNEL_WIDTH];
        for (dy, row) in near.chunks_exact_mut(KERNEL_WIDTH).enumerate() {
            let from = known.get((at / seen + dy) * wide + at % seen..)?;
            for (place, module) in row.iter_mut().zip(from) {
                *place = (*module)?;
            }
        }
        whole.then_some(TrainingSample { near, place: place(at, layout.side), value: *value })
    };
    values.iter().zip(whole).enumerate().filter_map(sample).collect()
}

/// A code with [`MARGIN`] modules around it, row by row: 1 where it is surely dark, -1 where surely light.
pub(crate) fn known_modules(layout: &Layout) -> Vec<Option<f32>> {
    let wide = layout.side + 2 * MARGIN;
    let inside = |at: usize| (MARGIN..MARGIN + layout.side).contains(&at);
    let mut known: Vec<Option<f32>> =
        (0..wide * wide).map(|at| if inside(at % wide) && inside(at / wide) { None } else { Some(-1.0) }).collect();
    for module in &layout.known {
        if let Some(place) = known.get_mut((usize::from(module.y) + MARGIN) * wide + usize::from(module.x) + MARGIN) {
            *place = Some(if module.dark { 1.0 } else { -1.0 });
        }
    }
    known
}

/// The parts of a Gaussian blur of a width that fall on a module in the middle and those to both sides.
fn gaussian_kernel(width: f32) -> [f32; KERNEL_WIDTH] {
    const PARTS: usize = 16;
    std::array::from_fn(|at| {
        let far = at.abs_diff(KERNEL_RADIUS);
        let place = |i: usize| (far as f32 - 0.5 + (i as f32 + 0.5) / PARTS as f32) / width;
        let sum: f32 = (0..PARTS).map(|i| (-0.5 * place(i).powi(2)).exp()).sum();
        sum / (PARTS as f32 * width * std::f32::consts::TAU.sqrt())
    })
}

/// What explains the samples best.
struct FittedKernel {
    kernel: [f32; KERNEL_WIDTH],
    /// What is midway between dark and light: in the middle of the code, and how much more to the right and down.
    midway: [f32; 3],
    noise: f32,
}

fn fit_kernel(samples: &[TrainingSample]) -> Option<FittedKernel> {
    if samples.len() < MIN_SAMPLES {
        return None;
    }
    let squares: f32 = samples.iter().map(|sample| sample.value * sample.value).sum();
    let mut best: Option<FittedKernel> = None;
    for step in 0..SIGMA_STEPS {
        let kernel = gaussian_kernel(MIN_SIGMA * SIGMA_RATIO.powi(step));
        let taps = kernel.map(|down| kernel.map(|across| down * across));
        // By least squares: how far dark and light are apart, and what lies between them.
        let mut rows = [[0.0; 5]; 4];
        for TrainingSample { near, place: [one, right, down], value } in samples {
            let shown = taps.iter().flatten().zip(near).map(|(tap, module)| tap * module).sum();
            let terms = [shown, *one, *right, *down, *value];
            for (row, a) in rows.iter_mut().zip(&terms) {
                row.iter_mut().zip(&terms).for_each(|(sum, b)| *sum += a * b);
            }
        }
        let wanted = rows.map(|row| row[4]);
        let Some([gain, midway @ ..]) = solve(&mut rows, 4) else { continue };
        let explained: f32 = wanted.iter().zip([gain].iter().chain(&midway)).map(|(a, b)| a * b).sum();
        let noise = ((squares - explained) / samples.len() as f32).max(MIN_NOISE);
        if gain > 0.0 && best.as_ref().is_none_or(|best| noise < best.noise) {
            // The root, for rows and columns have the kernel each.
            best = Some(FittedKernel { kernel: kernel.map(|part| part * gain.sqrt()), midway, noise });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LumaFrame;
    use crate::decode::layout::layout;
    use crate::sample::perspective::Perspective;

    /// A code of version 1 with its rim.
    fn modules() -> Vec<f32> {
        let data = |at: usize| if (at % 29 * 5 + at / 29 * 3) % 7 < 3 { 1.0 } else { -1.0 };
        let known = known_modules(layout(1).unwrap());
        known.into_iter().enumerate().map(|(at, module)| module.unwrap_or(data(at))).collect()
    }

    /// The code, six pixels a module, with light that fades across, seen through a blur of a width
    /// in modules.
    fn picture(width: f32) -> LumaFrame {
        let (modules, wide) = (modules(), 21 + 2 * MARGIN);
        let module = |x: usize, y: usize| modules[y * wide + x];
        let pixels = wide * 6;
        let weight = |far: f32| (-0.5 * (far / 6.0 / width).powi(2)).exp();
        let reach = (3.0 * 6.0 * width) as usize;
        let blurred = |from: &dyn Fn(usize) -> f32, at: usize| {
            let near = at.saturating_sub(reach)..(at + reach + 1).min(pixels);
            let (sum, all) = near.fold((0.0, 0.0), |(sum, all), other| {
                let weight = weight(at as f32 - other as f32);
                (sum + weight * from(other), all + weight)
            });
            sum / all
        };
        let rows: Vec<Vec<f32>> =
            (0..wide).map(|y| (0..pixels).map(|x| blurred(&|x| module(x / 6, y), x)).collect()).collect();
        let dark = |at: usize| blurred(&|y| rows[y / 6][at % pixels], at / pixels);
        let light = |at: usize| 140.0 - 60.0 * dark(at) - 0.1 * (at % pixels) as f32;
        LumaFrame::new(pixels, pixels, (0..pixels * pixels).map(|at| light(at) as u8).collect()).unwrap()
    }

    #[test]
    fn blur_is_learnt_from_the_finders() {
        let (near, far) = ((MARGIN as f32 + 3.5) * 6.0, (MARGIN as f32 + 17.5) * 6.0);
        let perspective =
            Perspective { corner: (near, near), across: (far, near), down: (near, far), near: (1.0, 1.0), side: 21 };
        for width in [0.3, 0.6, 0.9] {
            let frame = picture(width);
            let seen =
                BlurModel::estimate(&Grey::new(&frame, false), &perspective.matrix(), layout(1).unwrap()).unwrap();
            // The rest of the code, from which nothing was learnt.
            let weight = |i: usize| seen.kernel[i % 5] * seen.kernel[i / 5];
            let (side, wide) = (21 + 2 * OBSERVED_MARGIN, 21 + 2 * MARGIN);
            let off = |at: usize| {
                let near = |i: usize| (at / side + i / 5) * wide + at % side + i % 5;
                let shown: f32 = (0..25).map(|i| weight(i) * modules()[near(i)]).sum();
                (shown - seen.values[at]).powi(2)
            };
            let left = (0..side * side).map(off).sum::<f32>() / (side * side) as f32;
            assert!(left < 0.02, "{width}: {left} {:?}", seen.kernel);
            assert!(seen.noise < 0.02, "{width}: {}", seen.noise);
        }
    }

    #[test]
    fn a_picture_of_nothing_shows_nothing() {
        let frame = LumaFrame::new(300, 300, vec![90; 300 * 300]).unwrap();
        let perspective = Perspective {
            corner: (50.0, 50.0),
            across: (250.0, 50.0),
            down: (50.0, 250.0),
            near: (1.0, 1.0),
            side: 21,
        };
        assert!(BlurModel::estimate(&Grey::new(&frame, false), &perspective.matrix(), layout(1).unwrap()).is_none());
    }
}
