//! Codes drawn into grey pictures: seen in perspective, blurred, in bad light, beside things that look like finders.

use greenlit_qr::LumaFrame;

use crate::Bytes;
use crate::code::Code;

/// A grey picture while it is drawn.
#[derive(Clone)]
pub struct Picture {
    width: usize,
    height: usize,
    light: Vec<f32>,
}

/// How a code lies in a picture.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Where the corners of the code are, from the top left round by the top right.
    pub corners: [(f32, f32); 4],
    /// Modules of light around it.
    pub quiet: f32,
    pub dark: f32,
    pub light: f32,
    pub inverted: bool,
    pub mirrored: bool,
}

impl View {
    /// Square on, its top left corner at a place.
    pub fn straight(code: &Code, module: f32, (x, y): (f32, f32)) -> Self {
        let far = code.side as f32 * module;
        let corners = [(x, y), (x + far, y), (x + far, y + far), (x, y + far)];
        Self { corners, quiet: 4.0, dark: 20.0, light: 230.0, inverted: false, mirrored: false }
    }
}

/// The code alone, square on, at a whole number of pixels a module.
pub fn plain(code: &Code, module: usize) -> LumaFrame {
    let quiet = 4 * module;
    let size = code.side * module + 2 * quiet;
    let pixels = (0..size * size).map(|at| {
        let module_of = |at: usize| at as i32 / module as i32 - 4;
        if code.is_dark(module_of(at % size), module_of(at / size)) { 0 } else { 255 }
    });
    LumaFrame::new(size, size, pixels.collect()).expect("a picture with pixels")
}

impl Picture {
    pub fn new(width: usize, height: usize, light: f32) -> Self {
        Self { width, height, light: vec![light; width * height] }
    }

    /// Draws a code with the light around it.
    pub fn put(&mut self, code: &Code, view: &View) {
        let Some(back) = to_unit_square(view.corners) else { return };
        let side = code.side as f32;
        let reach = -view.quiet..side + view.quiet;
        for at in 0..self.light.len() {
            let (mut sum, mut cover) = (0.0, 0.0);
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let place = apply(&back, (at % self.width) as f32 + dx, (at / self.width) as f32 + dy);
                let Some((u, v)) = place.map(|(u, v)| (u * side, v * side)) else { continue };
                let (u, v) = if view.mirrored { (v, u) } else { (u, v) };
                if reach.contains(&u) && reach.contains(&v) {
                    let dark = code.is_dark(u.floor() as i32, v.floor() as i32);
                    sum += if dark != view.inverted { view.dark } else { view.light };
                    cover += 1.0;
                }
            }
            self.light[at] = (self.light[at] * (4.0 - cover) + sum) / 4.0;
        }
    }

    /// Draws what looks like a finder.
    pub fn finder(&mut self, (x, y): (f32, f32), module: f32) {
        for at in 0..self.light.len() {
            let off = |at: usize, middle: f32| ((at as f32 + 0.5 - middle) / module).abs();
            let ring = off(at % self.width, x).max(off(at / self.width, y));
            if ring < 4.5 {
                self.light[at] = if ring < 1.5 || (2.5..3.5).contains(&ring) { 20.0 } else { 230.0 };
            }
        }
    }

    /// Light that comes from one side, and a bright spot.
    pub fn lit(&mut self, slope: f32, glare: f32, (x, y): (f32, f32)) {
        let reach = self.width.max(self.height) as f32 / 3.0;
        for at in 0..self.light.len() {
            let (px, py) = ((at % self.width) as f32, (at / self.width) as f32);
            let near = 1.0 - ((px - x).hypot(py - y) / reach).min(1.0);
            self.light[at] = self.light[at] * (1.0 - slope * px / self.width as f32) + glare * near;
        }
    }

    /// Each pixel the mean of those up to `reach` away.
    pub fn blurred(&mut self, reach: usize) {
        if reach == 0 {
            return;
        }
        for (step, length) in [(1, self.width), (self.width, self.height)] {
            let before = self.light.clone();
            for at in 0..before.len() {
                let place = at / step % length;
                let near = place.saturating_sub(reach)..(place + reach + 1).min(length);
                let count = near.len() as f32;
                self.light[at] = near.map(|other| before[at + other * step - place * step]).sum::<f32>() / count;
            }
        }
    }

    /// Eight bits, with noise of this height.
    pub fn frame(&self, noise: f32, seed: u64) -> LumaFrame {
        let mut state = seed;
        let pixels = self.light.iter().map(|light| {
            // SplitMix64.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let chance = (z >> 40) as f32 / 16_777_216.0 - 0.5;
            (light + noise * chance).clamp(0.0, 255.0) as u8
        });
        LumaFrame::new(self.width, self.height, pixels.collect()).expect("a picture with pixels")
    }
}

/// A quadrangle of the fuzzer's choice with sides of about `side` pixels.
pub fn quadrangle(bytes: &mut Bytes<'_>, (x, y): (f32, f32), side: f32) -> [(f32, f32); 4] {
    let turn = bytes.part() * std::f32::consts::TAU;
    let bend = bytes.byte();
    let (sin, cos) = turn.sin_cos();
    [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(u, v)| {
        let mut off = || if bend == 0 { 0.0 } else { (bytes.part() - 0.5) * f32::from(bend) / 255.0 };
        let (u, v) = ((u + off()) * side, (v + off()) * side);
        (x + u * cos - v * sin, y + u * sin + v * cos)
    })
}

/// The perspective that puts a quadrangle's corners on those of the unit square; `None` for one without area.
fn to_unit_square(corners: [(f32, f32); 4]) -> Option<[f32; 9]> {
    let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = corners;
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let area = dx1 * dy2 - dx2 * dy1;
    if area.abs() < 1.0 {
        return None;
    }
    let (g, h) = ((sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area);
    let (a, b, c) = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0);
    let (d, e, f) = (y1 - y0 + g * y1, y3 - y0 + h * y3, y0);
    Some([
        e - f * h,
        c * h - b,
        b * f - c * e,
        f * g - d,
        a - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    ])
}

fn apply(matrix: &[f32; 9], x: f32, y: f32) -> Option<(f32, f32)> {
    let [a, b, c, d, e, f, g, h, i] = matrix;
    let depth = g * x + h * y + i;
    (depth.abs() > 1e-9).then(|| ((a * x + b * y + c) / depth, (d * x + e * y + f) / depth))
}
