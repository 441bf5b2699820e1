//! Frames with symbols on a card, made from a seed: seen at an angle, then light, blur and noise.

use greenlit_qr::LumaFrame;
use rxing::datamatrix::DataMatrixWriter;
use rxing::{BarcodeFormat, EncodeHints, Writer};

pub(crate) const WIDTH: usize = 1_280;
pub(crate) const HEIGHT: usize = 720;

/// A symbol's modules.
pub(crate) struct Matrix {
    pub(crate) side: usize,
    dark: Vec<bool>,
}

impl Matrix {
    /// The smallest square one that holds the text, in whatever encodations the writer chooses.
    pub(crate) fn new(text: &str, compact: bool) -> Self {
        let shape = rxing::datamatrix::encoder::SymbolShapeHint::FORCE_SQUARE;
        let hints =
            EncodeHints { DataMatrixShape: Some(shape), DataMatrixCompact: Some(compact), ..EncodeHints::default() };
        let bits = DataMatrixWriter.encode_with_hints(text, &BarcodeFormat::DATA_MATRIX, 0, 0, &hints).unwrap();
        let side = bits.getWidth() as usize;
        assert_eq!(bits.getHeight() as usize, side);
        let dark = (0..side * side).map(|at| bits.get((at % side) as u32, (at / side) as u32)).collect();
        Self { side, dark }
    }
}

/// How a symbol is seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    /// Pixels a module.
    pub(crate) module: f32,
    /// Of the card in its plane, in radians.
    pub(crate) turn: f32,
    /// How much nearer one side is than the other.
    pub(crate) tilt: f32,
    /// The middle of the symbol, in parts of the frame.
    pub(crate) middle: (f32, f32),
    pub(crate) dark: f32,
    pub(crate) light: f32,
    /// Spread of the blur, in pixels.
    pub(crate) blur: f32,
    pub(crate) noise: f32,
    /// How much a shadow takes from one half.
    pub(crate) shadow: f32,
}

impl Scene {
    pub(crate) const CLEAR: Self = Self {
        module: 5.0,
        turn: 0.0,
        tilt: 0.0,
        middle: (0.5, 0.5),
        dark: 30.0,
        light: 215.0,
        blur: 0.0,
        noise: 2.0,
        shadow: 0.0,
    };

    pub(crate) fn frame(&self, matrix: &Matrix, seed: u64) -> LumaFrame {
        let mut pixels = table(seed);
        self.put(&mut pixels, matrix);
        finished(pixels, self.blur, self.noise, seed)
    }

    /// Draws the symbol on its card into a frame.
    pub(crate) fn put(&self, pixels: &mut [f32], matrix: &Matrix) {
        const QUIET: f32 = 3.0;
        let half = matrix.side as f32 / 2.0;
        let (sin, cos) = self.turn.sin_cos();
        let middle = (self.middle.0 * WIDTH as f32, self.middle.1 * HEIGHT as f32);
        for (at, pixel) in pixels.iter_mut().enumerate() {
            let (x, y) = ((at % WIDTH) as f32 - middle.0, (at / WIDTH) as f32 - middle.1);
            let mut sum = 0.0;
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (px, py) = ((x + dx) / self.module, (y + dy) / self.module);
                let depth = 1.0 + self.tilt * px / half;
                let (px, py) = (px / depth, py / depth);
                let (u, v) = (px * cos + py * sin + half, py * cos - px * sin + half);
                let on = |edge: f32| u >= -edge && v >= -edge && u < 2.0 * half + edge && v < 2.0 * half + edge;
                sum += match (on(0.0), on(QUIET)) {
                    (true, _) if matrix.dark[v as usize * matrix.side + u as usize] => self.dark,
                    (_, true) => self.light,
                    _ => *pixel,
                };
            }
            *pixel = sum / 4.0 * (1.0 - self.shadow / (1.0 + (-x / (half * self.module) * 6.0).exp()));
        }
    }
}

/// Chance that is the same every time (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }
}

/// An empty table, lit from one side.
pub(crate) fn table(seed: u64) -> Vec<f32> {
    let mut chance = Chance(seed);
    let (across, down) = (chance.unit(), chance.unit());
    let light = |at: usize| {
        100.0 + 50.0 * across * (at % WIDTH) as f32 / WIDTH as f32 + 40.0 * down * (at / WIDTH) as f32 / HEIGHT as f32
    };
    (0..WIDTH * HEIGHT).map(light).collect()
}

/// Blur, noise and eight bits.
pub(crate) fn finished(pixels: Vec<f32>, blur: f32, noise: f32, seed: u64) -> LumaFrame {
    let mut chance = Chance(seed ^ 0x4015E);
    let blurred = along(along(pixels, blur, 1, WIDTH), blur, WIDTH, HEIGHT);
    let bytes = blurred.into_iter().map(|light| {
        // About normal.
        let grain = chance.unit() + chance.unit() + chance.unit() - 1.5;
        (light + 2.0 * noise * grain).clamp(0.0, 255.0) as u8
    });
    LumaFrame::new(WIDTH, HEIGHT, bytes.collect()).unwrap()
}

/// A Gaussian in one direction.
fn along(pixels: Vec<f32>, sigma: f32, step: usize, length: usize) -> Vec<f32> {
    if sigma < 0.2 {
        return pixels;
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> =
        (0..=2 * reach).map(|i| (-(i as f32 - reach as f32).powi(2) / (2.0 * sigma * sigma)).exp()).collect();
    let total: f32 = weights.iter().sum();
    let blurred = |at: usize| {
        let place = at / step % length;
        let start = at - place * step;
        let light = |(i, weight): (usize, &f32)| {
            weight * pixels[start + (place + i).saturating_sub(reach).min(length - 1) * step]
        };
        weights.iter().enumerate().map(light).sum::<f32>() / total
    };
    (0..pixels.len()).map(blurred).collect()
}
