//! Pictures and streams of codes in trouble, made from a seed: the code lies on a card that is seen in
//! perspective, then come light, blur and noise, in the order a camera meets them.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)]

use greenlit_qr::LumaFrame;
use qrcode::{Color, EcLevel, QrCode, Version};

/// Chance that is the same every time (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// About normal, with a spread of one.
    pub fn normal(&mut self) -> f32 {
        (0..6).map(|_| self.unit()).sum::<f32>() * 1.414 - 4.243
    }
}

/// How a code is seen.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub version: i16,
    /// Pixels a module.
    pub module: f32,
    /// Of the code in its plane, in radians.
    pub turn: f32,
    /// How much nearer one side is than the other; zero is straight on.
    pub tilt: f32,
    /// The middle of the code, in parts of the picture.
    pub middle: (f32, f32),
    /// Modules of light around it.
    pub quiet: f32,
    pub dark: f32,
    pub light: f32,
    pub inverted: bool,
    pub mirrored: bool,
    /// How far the cores of the finders, and the frames around them, are from `dark` to `light`.
    pub finders: (f32, f32),
    /// Spread of the blur, in modules.
    pub blur: f32,
    pub noise: f32,
    /// Light added in the middle of the code, falling off over half of it.
    pub glare: f32,
    /// How much a shadow takes from one half.
    pub shadow: f32,
    /// How far the card is bent, in modules.
    pub bent: f32,
    /// What hides a finder: at the corner, across or down.
    pub hidden: Option<(usize, Hidden)>,
    pub fold: Option<Fold>,
}

/// A crease down the card, beyond which the paper turns away.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    /// Where, from one side of the code to the other.
    pub at: f32,
    /// How wide the far part looks, for its width, and how much higher each module of it is than the one before.
    pub width: f32,
    pub slope: f32,
    /// How much light is left there.
    pub light: f32,
    /// Across the card instead.
    pub across: bool,
}

impl Fold {
    /// Where on the flat card that is, and how much light falls on it.
    fn flat(&self, (mut u, mut v): (f32, f32), half: f32) -> ((f32, f32), f32) {
        if self.across {
            std::mem::swap(&mut u, &mut v);
        }
        let beyond = u - (self.at * 2.0 - 1.0) * half;
        let mut light = 1.0;
        if beyond > 0.0 {
            (u, v, light) = (u - beyond + beyond / self.width, v + beyond * self.slope, self.light);
        }
        (if self.across { (v, u) } else { (u, v) }, light)
    }
}

/// What hides a finder.
#[derive(Clone, Copy, Debug)]
pub enum Hidden {
    Thumb,
    /// The corner of the card is torn off.
    Torn,
    /// A lamp is mirrored there.
    Lamp,
}

impl Hidden {
    /// The light in place of the card's, so far from the finder's middle, in modules; none where the table is seen.
    fn light(self, (du, dv): (f32, f32), light: f32) -> Option<Option<f32>> {
        match self {
            // Outside is where both are negative.
            Self::Thumb => ((du + 3.0).powi(2) + (dv + 3.0).powi(2) < 64.0).then_some(Some(125.0 - 2.0 * dv)),
            Self::Torn => (du + dv < 4.0).then_some(None),
            Self::Lamp => (du * du + dv * dv < 36.0).then_some(Some(light)),
        }
    }
}

impl View {
    /// A code as a quiet hand holds it.
    pub const CLEAR: Self = Self {
        version: 8,
        module: 4.0,
        turn: 0.1,
        tilt: 0.05,
        middle: (0.5, 0.5),
        quiet: 4.0,
        dark: 30.0,
        light: 215.0,
        inverted: false,
        mirrored: false,
        finders: (0.0, 0.0),
        blur: 0.1,
        noise: 2.0,
        glare: 0.0,
        shadow: 0.0,
        bent: 0.0,
        hidden: None,
        fold: None,
    };
}

pub const WIDTH: usize = 640;
pub const HEIGHT: usize = 480;

/// A text of its own for each seed.
pub fn text(seed: u64) -> String {
    format!("https://example.org/pass/{seed:016x}/{:016x}", Chance(seed).bits())
}

/// An empty table in front of the camera.
pub fn background(seed: u64) -> Vec<f32> {
    let mut chance = Chance(seed ^ 0xBAC6);
    let (left, top) = (chance.unit(), chance.unit());
    let shade =
        move |i: usize| 110.0 + 50.0 * left * (i % WIDTH) as f32 / 640.0 + 40.0 * top * (i / WIDTH) as f32 / 480.0;
    (0..WIDTH * HEIGHT).map(shade).collect()
}

/// One frame with one code.
pub fn frame(text: &str, view: &View, seed: u64) -> LumaFrame {
    let mut pixels = background(seed);
    put(&mut pixels, text, view);
    finished(pixels, view, seed)
}

/// Draws a code into a picture.
pub fn put(pixels: &mut [f32], text: &str, view: &View) {
    let code = QrCode::with_version(text, Version::Normal(view.version), EcLevel::M).unwrap();
    let side = code.width();
    let colors = code.to_colors();
    let half = side as f32 / 2.0;
    let (middle_x, middle_y) = (view.middle.0 * WIDTH as f32, view.middle.1 * HEIGHT as f32);
    let (sin, cos) = view.turn.sin_cos();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (mut sum, mut cover) = (0.0, 0.0);
            for (dx, dy) in [
                (0.17, 0.17),
                (0.5, 0.17),
                (0.83, 0.17),
                (0.17, 0.5),
                (0.5, 0.5),
                (0.83, 0.5),
                (0.17, 0.83),
                (0.5, 0.83),
                (0.83, 0.83),
            ] {
                // From the pixel back to the card.
                let (px, py) = ((x as f32 + dx - middle_x) / view.module, (y as f32 + dy - middle_y) / view.module);
                let depth = 1.0 + view.tilt * px / half;
                let (px, py) = (px / depth, py / depth);
                let (mut u, mut v) = (px * cos + py * sin, py * cos - px * sin);
                u += view.bent * (1.0 - (v / half).powi(2));
                let light;
                ((u, v), light) = view.fold.map_or(((u, v), 1.0), |fold| fold.flat((u, v), half));
                if view.mirrored {
                    std::mem::swap(&mut u, &mut v);
                }
                let (u, v) = (u + half, v + half);
                let inside = |at: f32| at >= -view.quiet && at < side as f32 + view.quiet;
                let hidden = view.hidden.and_then(|(finder, hidden)| {
                    let far = side as f32 - 3.5;
                    let from = [(u - 3.5, v - 3.5), (far - u, v - 3.5), (u - 3.5, far - v)][finder];
                    hidden.light(from, view.light)
                });
                if let Some(other) = hidden {
                    sum += other.unwrap_or_default();
                    cover += f32::from(other.is_some());
                } else if inside(u) && inside(v) {
                    let in_code = u >= 0.0 && v >= 0.0 && u < side as f32 && v < side as f32;
                    let dark = in_code && colors[v as usize * side + u as usize] == Color::Dark;
                    let dark_luma = view.dark + pale(u, v, side as f32, view.finders) * (view.light - view.dark);
                    sum += light * if dark != view.inverted { dark_luma } else { view.light };
                    cover += 1.0;
                }
            }
            let pixel = &mut pixels[y * WIDTH + x];
            *pixel = (*pixel * (9.0 - cover) + sum) / 9.0;
            let (fx, fy) = ((x as f32 - middle_x) / (half * view.module), (y as f32 - middle_y) / (half * view.module));
            *pixel *= 1.0 - view.shadow / (1.0 + (-6.0 * fx).exp());
            *pixel += view.glare * (-4.0 * (fx * fx + fy * fy)).exp();
        }
    }
}

/// How pale a dark module at a place is, from 0 to 1: it may belong to the core of a finder or to its frame.
fn pale(u: f32, v: f32, side: f32, (core, frame): (f32, f32)) -> f32 {
    let from_middle = |(x, y): (f32, f32)| (u - x).abs().max((v - y).abs());
    match [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5)].map(from_middle).into_iter().fold(f32::MAX, f32::min) {
        ..1.5 => core,
        ..3.5 => frame,
        _ => 0.0,
    }
}

/// Blur, noise and eight bits.
pub fn finished(pixels: Vec<f32>, view: &View, seed: u64) -> LumaFrame {
    let mut chance = Chance(seed ^ 0x4015E);
    let blurred = blurred(pixels, view.blur * view.module);
    let bytes = blurred.into_iter().map(|light| (light + view.noise * chance.normal()).clamp(0.0, 255.0) as u8);
    LumaFrame::new(WIDTH, HEIGHT, bytes.collect()).unwrap()
}

/// Gaussian blur, first across and then down.
fn blurred(pixels: Vec<f32>, sigma: f32) -> Vec<f32> {
    if sigma < 0.2 {
        return pixels;
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> =
        (0..=2 * reach).map(|i| (-(i as f32 - reach as f32).powi(2) / (2.0 * sigma * sigma)).exp()).collect();
    let total: f32 = weights.iter().sum();
    let along = |from: &[f32], step: usize, length: usize, at: usize| {
        let place = at / step % length;
        let sum: f32 = weights
            .iter()
            .enumerate()
            .map(|(i, weight)| {
                let other = (place + i).saturating_sub(reach).min(length - 1);
                weight * from[at + other * step - place * step]
            })
            .sum();
        sum / total
    };
    let across: Vec<f32> = (0..pixels.len()).map(|at| along(&pixels, 1, WIDTH, at)).collect();
    (0..pixels.len()).map(|at| along(&across, WIDTH, HEIGHT, at)).collect()
}

/// A stream: each frame with a hand's shaking and noise of its own.
pub fn stream(text: &str, view: &View, frames: u64, seed: u64) -> Vec<LumaFrame> {
    let mut chance = Chance(seed);
    (0..frames)
        .map(|i| {
            let middle = (view.middle.0 + 0.02 * (chance.unit() - 0.5), view.middle.1 + 0.02 * (chance.unit() - 0.5));
            let view = View { middle, turn: view.turn + 0.04 * (chance.unit() - 0.5), ..*view };
            frame(text, &view, seed.wrapping_mul(1_000).wrapping_add(i))
        })
        .collect()
}
