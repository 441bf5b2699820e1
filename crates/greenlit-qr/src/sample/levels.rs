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
    // Of a module, both ways.
    let points: &[f32] = if matrix.scale(middle, middle) > SEVERAL_POINTS { &[0.3, 0.7] } else { &[0.5] };
    let weight = 1.0 / (points.len() * points.len()) as f32;
    let wide = side + 2 * rim;
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
                    light += grey.at(px, py);
                }
            }
            all.push(light * weight);
        }
    }
    all
}

/// From lights to sureness: above zero is dark, and one is as dark (minus one as light) as the modules
/// around usually are.
pub(crate) fn soft_modules(lights: &[f32], side: usize) -> Vec<f32> {
    let sums = Sums::of(lights, side);
    let mut is_dark = Vec::with_capacity(lights.len());
    for (y, row) in lights.chunks_exact(side.max(1)).enumerate() {
        for (x, light) in row.iter().enumerate() {
            let around = Around::of((x, y), NEAR, side);
            is_dark.push(f32::from(*light * around.count() < sums.within(&around)));
        }
    }
    let dark_lights: Vec<f32> = is_dark.iter().zip(lights).map(|(dark, light)| dark * light).collect();
    let (darks, dark_sums) = (Sums::of(&is_dark, side), Sums::of(&dark_lights, side));
    let level = |around: &Around| {
        let (n, d) = (around.count(), darks.within(around));
        let (sum, dark) = (sums.within(around), dark_sums.within(around));
        (dark / d.max(1.0), (sum - dark) / (n - d).max(1.0))
    };
    let (dark, light) = level(&Around::of((0, 0), side, side));
    // Where glare leaves no contrast, nothing is sure.
    let least = ((light - dark) / 2.0 * 0.2).max(0.5);
    let mut sure = Vec::with_capacity(lights.len());
    for (y, row) in lights.chunks_exact(side.max(1)).enumerate() {
        for (x, value) in row.iter().enumerate() {
            let (dark, light) = level(&Around::of((x, y), NEAR, side));
            sure.push((((dark + light) / 2.0 - value) / ((light - dark) / 2.0).max(least)).clamp(-2.0, 2.0));
        }
    }
    sure
}

/// The modules around one, as far as there are some: the numbers of its corners among the sums.
struct Around {
    corners: [usize; 4],
    count: u16,
}

impl Around {
    #[inline]
    fn of((x, y): (usize, usize), reach: usize, side: usize) -> Self {
        let (left, top) = (x.saturating_sub(reach), y.saturating_sub(reach));
        let (right, bottom) = ((x + reach + 1).min(side), (y + reach + 1).min(side));
        let (above, below) = (top * (side + 1), bottom * (side + 1));
        let count = ((right - left) * (bottom - top)) as u16;
        Self { corners: [below + right, below + left, above + right, above + left], count }
    }

    fn count(&self) -> f32 {
        f32::from(self.count)
    }
}

/// Sums over rectangles of modules.
struct Sums {
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
        Self { sums }
    }

    #[inline]
    fn within(&self, around: &Around) -> f32 {
        let [all, left, above, both] = around.corners.map(|at| self.sums.get(at).copied().unwrap_or(0.0));
        all - left - above + both
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
