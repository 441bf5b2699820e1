//! The modules of a code: their light, and from it how surely each is dark or light.

use crate::sample::alignment::Mesh;
use crate::sample::grey::{Grey, fixed};
use crate::sample::perspective::Matrix;

/// Modules to each side that tell what is dark and light around a module.
const NEAR: usize = 5;
/// Levels from the mean around at which a module is taken for surely dark or light.
const SURE: f32 = 32.0;
/// Modules larger than so many pixels are looked at in several points.
const SEVERAL_POINTS: f32 = 2.6;

/// Where in a module its light is looked at, both ways, in modules.
type Points = &'static [f32];
const MIDDLE: Points = &[0.5];
const SEVERAL: Points = &[0.3, 0.7];

/// Those that modules are to be looked at in.
fn points(matrix: &Matrix, side: usize) -> Points {
    let middle = side as f32 / 2.0;
    if matrix.scale(middle, middle) > SEVERAL_POINTS { SEVERAL } else { MIDDLE }
}

/// The light in the middle of every module: quickly looked at, and enough where there is little noise.
pub(crate) fn middle_luma(grey: &Grey, matrix: &Matrix, side: usize) -> Vec<f32> {
    module_luma_at(grey, matrix, (side, 0), None, MIDDLE)
}

/// The light of every module, row by row.
pub(crate) fn module_luma(grey: &Grey, matrix: &Matrix, side: usize, mesh: Option<&Mesh>) -> Vec<f32> {
    module_luma_with_margin(grey, matrix, side, 0, mesh)
}

/// The same with as much around the code as `rim` modules.
pub(crate) fn module_luma_with_margin(
    grey: &Grey,
    matrix: &Matrix,
    side: usize,
    rim: usize,
    mesh: Option<&Mesh>,
) -> Vec<f32> {
    module_luma_at(grey, matrix, (side, rim), mesh, points(matrix, side))
}

/// The same, looked at in these points of each module.
fn module_luma_at(
    grey: &Grey,
    matrix: &Matrix,
    (side, rim): (usize, usize),
    mesh: Option<&Mesh>,
    points: Points,
) -> Vec<f32> {
    let weight = 1.0 / (points.len() * points.len()) as f32;
    let wide = side + 2 * rim;
    let (first, last) = (-(rim as f32), (side + rim) as f32);
    let corners = [(first, first), (last, first), (first, last), (last, last)];
    let inside = mesh.is_none() && corners.iter().all(|(x, y)| grey.is_inside(matrix.at(*x, *y)));
    let mut all = Vec::with_capacity(wide * wide);
    let mut lines = Vec::with_capacity(points.len());
    for y in 0..wide {
        let top = y as f32 - rim as f32;
        lines.clear();
        lines.extend(points.iter().map(|dy| matrix.line(top + dy)));
        for x in 0..wide {
            let left = x as f32 - rim as f32;
            let shift = mesh.map(|mesh| mesh.offset(left + 0.5, top + 0.5));
            let mut light = 0.0;
            for (line, dy) in lines.iter().zip(points) {
                for dx in points {
                    let (px, py) = match shift {
                        None => line.at(left + dx),
                        Some((right, down)) => matrix.at(left + right + dx, top + down + dy),
                    };
                    light += if inside { grey.within((fixed(px - 0.5), fixed(py - 0.5))) } else { grey.at(px, py) };
                }
            }
            all.push(light * weight);
        }
    }
    all
}

/// From lights to sureness, quickly: above zero is darker than the modules around are in the mean. That is enough where
/// dark and light are far apart.
pub(crate) fn soft_by_mean(lights: &[f32], side: usize) -> Vec<f32> {
    let means = near_sums(lights, side).into_iter().zip(counts(side));
    means.zip(lights).map(|((sum, count), light)| (sum / count - light) * (1.0 / SURE)).collect()
}

/// From lights to sureness: above zero is dark, and one is as dark (minus one as light) as the modules
/// around usually are.
pub(crate) fn soft_modules(lights: &[f32], side: usize) -> Vec<f32> {
    let counts: Vec<f32> = counts(side).collect();
    let sums = near_sums(lights, side);
    let is_dark: Vec<f32> = lights
        .iter()
        .zip(sums.iter().zip(&counts))
        .map(|(light, (sum, count))| if light * count < *sum { 1.0 } else { 0.0 })
        .collect();
    let dark_lights: Vec<f32> = is_dark.iter().zip(lights).map(|(dark, light)| dark * light).collect();
    let level = |n: f32, d: f32, sum: f32, dark: f32| (dark / d.max(1.0), (sum - dark) / (n - d).max(1.0));
    let all = |values: &[f32]| values.iter().sum::<f32>();
    let (dark, light) = level(lights.len() as f32, all(&is_dark), all(lights), all(&dark_lights));
    // Where glare leaves no contrast, nothing is sure.
    let least = ((light - dark) / 2.0 * 0.2).max(0.5);
    let near = counts.iter().zip(near_sums(&is_dark, side)).zip(sums.iter().zip(near_sums(&dark_lights, side)));
    near.zip(lights)
        .map(|(((n, d), (sum, dark)), value)| {
            let (dark, light) = level(*n, d, *sum, dark);
            (((dark + light) / 2.0 - value) / ((light - dark) / 2.0).max(least)).clamp(-2.0, 2.0)
        })
        .collect()
}

/// Of each module, how many there are around it, itself among them.
fn counts(side: usize) -> impl Iterator<Item = f32> {
    let line = move |at: usize| ((at + NEAR + 1).min(side) - at.saturating_sub(NEAR)) as f32;
    (0..side).flat_map(move |y| (0..side).map(move |x| line(x) * line(y)))
}

/// Of each module, the sum of the values around it, as far as there are modules.
fn near_sums(values: &[f32], side: usize) -> Vec<f32> {
    let row = |y: usize| values.get(y * side..(y + 1) * side).unwrap_or_default();
    // Down the columns a window of rows slides along; across, sums from the left are taken from one another.
    let mut columns = vec![0.0_f32; side];
    let mut from_left = vec![0.0_f32; side + 2 * NEAR + 1];
    let mut sums = Vec::with_capacity(values.len());
    for bottom in 0..side + NEAR {
        for (sum, value) in columns.iter_mut().zip(if bottom < side { row(bottom) } else { &[] }) {
            *sum += value;
        }
        for (sum, value) in columns.iter_mut().zip(bottom.checked_sub(2 * NEAR + 1).map_or(&[][..], row)) {
            *sum -= value;
        }
        if bottom < NEAR {
            continue;
        }
        let mut left = 0.0;
        let mut places = from_left.iter_mut().skip(NEAR + 1);
        for (sum, place) in columns.iter().zip(&mut places) {
            left += sum;
            *place = left;
        }
        places.for_each(|place| *place = left);
        let right = from_left.iter().skip(2 * NEAR + 1);
        sums.extend(right.zip(&from_left).map(|(right, left)| right - left));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sureness_follows_the_light_across_a_shadow() {
        let side = 21;
        let dark = |i: usize| (i * 7 + i / side * 5).is_multiple_of(3);
        let light = |i: usize| if dark(i) { 40.0 } else { 200.0 } * (1.0 - 0.025 * (i % side) as f32);
        let lights: Vec<f32> = (0..side * side).map(light).collect();
        let sure = soft_modules(&lights, side);
        assert!((0..side * side).all(|i| (sure[i] > 0.3) == dark(i) && (sure[i] < -0.3) != dark(i)));
    }

    #[test]
    fn sums_around_a_module_are_those_counted_one_by_one() {
        for side in [1, 5, 11, 12, 21] {
            let values: Vec<f32> = (0..side * side).map(|i| (i * 37 % 251) as f32).collect();
            let (sums, counts): (Vec<f32>, Vec<f32>) = (near_sums(&values, side), counts(side).collect());
            assert_eq!((sums.len(), counts.len()), (side * side, side * side));
            for at in 0..side * side {
                let near = |i: &usize| (i % side).abs_diff(at % side) <= NEAR && (i / side).abs_diff(at / side) <= NEAR;
                let all: Vec<f32> = (0..side * side).filter(near).map(|i| values[i]).collect();
                assert_eq!((sums[at], counts[at]), (all.iter().sum(), all.len() as f32), "{at} of {side}²");
            }
        }
        let sure = soft_by_mean(&[10.0, 200.0, 200.0, 10.0], 2);
        assert!(sure[0] > 1.0 && sure[1] < -1.0 && sure[2] < -1.0 && sure[3] > 1.0);
    }
}
