//! The modules of a code: their light, and from it how surely each is dark or light.

use crate::sample::alignment::Mesh;
use crate::sample::grey::Grey;
use crate::sample::perspective::Matrix;

/// Modules to each side that tell what is dark and light around a module.
const NEAR: usize = 5;
/// Modules larger than so many pixels are looked at in several points.
const SEVERAL_POINTS: f32 = 2.6;

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
    let middle = side as f32 / 2.0;
    let spread: &[(f32, f32)] = if matrix.scale(middle, middle) > SEVERAL_POINTS {
        &[(0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)]
    } else {
        &[(0.5, 0.5)]
    };
    let weight = 1.0 / spread.len() as f32;
    let wide = side + 2 * rim;
    let mut all = Vec::with_capacity(wide * wide);
    for y in 0..wide {
        for x in 0..wide {
            let (mut left, mut top) = (x as f32 - rim as f32, y as f32 - rim as f32);
            if let Some(mesh) = mesh {
                let (dx, dy) = mesh.offset(left + 0.5, top + 0.5);
                (left, top) = (left + dx, top + dy);
            }
            let mut light = 0.0;
            for (dx, dy) in spread {
                let (px, py) = matrix.at(left + dx, top + dy);
                light += grey.at(px, py);
            }
            all.push(light * weight);
        }
    }
    all
}

/// From lights to sureness: above zero is dark, and one is as dark (minus one as light) as the modules
/// around usually are.
pub(crate) fn soft_modules(lights: &[f32], side: usize) -> Vec<f32> {
    let ones = vec![1.0; lights.len()];
    let counts = Sums::of(&ones, side);
    let sums = Sums::of(lights, side);
    let is_dark: Vec<f32> = (0..lights.len())
        .zip(lights)
        .map(|(i, light)| f32::from(*light * counts.around(i, NEAR) < sums.around(i, NEAR)))
        .collect();
    let dark_lights: Vec<f32> = is_dark.iter().zip(lights).map(|(dark, light)| dark * light).collect();
    let (darks, dark_sums) = (Sums::of(&is_dark, side), Sums::of(&dark_lights, side));
    let all = side / 2 * side + side / 2;
    let level = |reach: usize, at: usize| {
        let (n, d) = (counts.around(at, reach), darks.around(at, reach));
        let (sum, dark) = (sums.around(at, reach), dark_sums.around(at, reach));
        (dark / d.max(1.0), (sum - dark) / (n - d).max(1.0))
    };
    let (dark, light) = level(side, all);
    // Where glare leaves no contrast, nothing is sure.
    let least = ((light - dark) / 2.0 * 0.2).max(0.5);
    lights
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let (dark, light) = level(NEAR, at);
            (((dark + light) / 2.0 - value) / ((light - dark) / 2.0).max(least)).clamp(-2.0, 2.0)
        })
        .collect()
}

/// Sums over rectangles of modules.
struct Sums {
    side: usize,
    /// One row and column more than the modules: sums of all above and to the left.
    sums: Vec<f32>,
}

impl Sums {
    fn of(values: &[f32], side: usize) -> Self {
        let mut sums = vec![0.0; side + 1];
        sums.reserve((side + 1) * side);
        for row in values.chunks_exact(side.max(1)) {
            let start = sums.len() - (side + 1);
            sums.push(0.0);
            let mut left = 0.0;
            for (x, value) in row.iter().enumerate() {
                left += value;
                let above = sums.get(start + x + 1).copied().unwrap_or(0.0);
                sums.push(above + left);
            }
        }
        Self { side, sums }
    }

    /// The sum within `reach` modules of one.
    #[inline]
    fn around(&self, at: usize, reach: usize) -> f32 {
        let (x, y) = (at % self.side, at / self.side);
        let (left, top) = (x.saturating_sub(reach), y.saturating_sub(reach));
        let (right, bottom) = ((x + reach + 1).min(self.side), (y + reach + 1).min(self.side));
        let sum = |x: usize, y: usize| self.sums.get(y * (self.side + 1) + x).copied().unwrap_or(0.0);
        sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top)
    }
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
}
