//! A phone with a code on its screen: drawn once a scene, then put into each frame at an angle.

use super::{HEIGHT, WIDTH, byte};
use greenlit_qr::LumaFrame;

/// The drawing, in its own pixels: the body with room for its shadow around.
const ACROSS: u16 = 600;
const DOWN: u16 = 860;
const MARGIN: f32 = 50.0;
const BODY: Box = Box { left: MARGIN, top: MARGIN, right: 550.0, bottom: 810.0, round: 46.0 };
const SCREEN: Box = Box { left: 62.0, top: 64.0, right: 538.0, bottom: 796.0, round: 34.0 };
const CARD: Box = Box { left: 78.0, top: 146.0, right: 522.0, bottom: 590.0, round: 20.0 };
/// Where the code is, within the card.
const CODE_LEFT: u16 = 88;
const CODE_TOP: u16 = 156;
const CODE_SIDE: u16 = 424;
/// The middle of the code: what the hand turns the phone about.
const PIVOT: (f32, f32) = (300.0, 368.0);
/// Bars that stand for lines of text on the screen, with their shade.
const LINES: [(Box, f32); 4] = [
    (Box { left: 92.0, top: 92.0, right: 300.0, bottom: 108.0, round: 8.0 }, 96.0),
    (Box { left: 92.0, top: 118.0, right: 230.0, bottom: 128.0, round: 5.0 }, 176.0),
    (Box { left: 190.0, top: 622.0, right: 410.0, bottom: 638.0, round: 8.0 }, 110.0),
    (Box { left: 230.0, top: 652.0, right: 370.0, bottom: 662.0, round: 5.0 }, 184.0),
];
const WHITE: f32 = 250.0;
const INK: f32 = 22.0;

/// Where the middle of the code is in the frame, and how the phone is held there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pose {
    pub(super) x: f32,
    pub(super) y: f32,
    /// In radians.
    pub(super) turn: f32,
    pub(super) zoom: f32,
}

/// A rectangle with round corners.
struct Box {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    round: f32,
}

impl Box {
    /// How far outside a point is; negative inside.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let beside = (x - (self.left + self.right) / 2.0).abs() - (self.right - self.left) / 2.0 + self.round;
        let above = (y - (self.top + self.bottom) / 2.0).abs() - (self.bottom - self.top) / 2.0 + self.round;
        beside.max(0.0).hypot(above.max(0.0)) + beside.max(above).min(0.0) - self.round
    }

    /// How much of a pixel it covers.
    fn cover(&self, x: f32, y: f32) -> f32 {
        (0.5 - self.distance(x, y)).clamp(0.0, 1.0)
    }
}

/// Each pixel is its light, already weakened by its opacity, and its opacity.
#[derive(Clone)]
pub(super) struct Phone {
    texels: Vec<[u8; 2]>,
}

impl Phone {
    /// A phone with an empty card.
    pub(super) fn blank() -> Self {
        let rows = (0..DOWN).flat_map(|row| (0..ACROSS).map(move |column| (column, row)));
        Self { texels: rows.map(|(x, y)| body(f32::from(x) + 0.5, f32::from(y) + 0.5)).collect() }
    }

    /// The same with a code on the card.
    pub(super) fn showing(&self, code: &LumaFrame) -> Self {
        let mut phone = self.clone();
        let side = usize::from(CODE_SIDE);
        let rows = phone.texels.chunks_exact_mut(usize::from(ACROSS)).skip(usize::from(CODE_TOP));
        for (row, pixels) in rows.zip(fitted(code).chunks_exact(side)) {
            for (texel, light) in row.iter_mut().skip(usize::from(CODE_LEFT)).zip(pixels) {
                *texel = [byte(INK + (WHITE - INK) * f32::from(*light) / 255.0), 255];
            }
        }
        phone
    }

    /// Puts the phone into a frame. Each pixel of the frame asks where on the phone it is, and takes
    /// the mean of the four pixels there by their nearness.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn draw(&self, frame: &mut [u8], pose: Pose) {
        const ONE: f32 = 65_536.0;
        let (sin, cos) = (pose.turn.sin() / pose.zoom, pose.turn.cos() / pose.zoom);
        let (left, right, top, bottom) = reach(pose);
        for (y, row) in frame.chunks_exact_mut(WIDTH).enumerate().take(bottom).skip(top) {
            let Some(row) = row.get_mut(left..right) else { continue };
            let (dx, dy) = (float(left) - pose.x, float(y) - pose.y);
            // 16 bits before the point and 16 after; outside the phone they are negative or too large.
            let mut u = ((dx * cos + dy * sin + PIVOT.0) * ONE) as i32;
            let mut v = ((dy * cos - dx * sin + PIVOT.1) * ONE) as i32;
            let (du, dv) = ((cos * ONE) as i32, (-sin * ONE) as i32);
            for pixel in row {
                if let Some([light, opacity]) = self.sample(u, v) {
                    *pixel = if opacity == 255 {
                        light as u8
                    } else {
                        (light + (u32::from(*pixel) * (255 - opacity) + 127) / 255).min(255) as u8
                    };
                }
                u = u.wrapping_add(du);
                v = v.wrapping_add(dv);
            }
        }
    }

    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
    fn sample(&self, u: i32, v: i32) -> Option<[u32; 2]> {
        const STRIDE: usize = ACROSS as usize;
        // What is negative becomes large.
        let (x, y) = ((u >> 16) as u32 as usize, (v >> 16) as u32 as usize);
        if x >= STRIDE - 1 || y >= usize::from(DOWN) - 1 {
            return None;
        }
        let at = y * STRIDE + x;
        let [a, b, .., c, d] = self.texels.get(at..at + STRIDE + 2)? else { return None };
        // Light in the lower half of a word and opacity in the upper, so that both are mixed at once.
        let both = |texel: &[u8; 2]| u64::from(texel[0]) | u64::from(texel[1]) << 32;
        let (right, down) = (u64::from(u as u32 >> 8 & 0xFF), u64::from(v as u32 >> 8 & 0xFF));
        let upper = both(a) * (256 - right) + both(b) * right;
        let lower = both(c) * (256 - right) + both(d) * right;
        let mixed = upper * (256 - down) + lower * down + (32_768 << 32 | 32_768);
        Some([(mixed as u32) >> 16, (mixed >> 48) as u32])
    }
}

/// The part of the frame that the turned phone can touch: left, right, top, bottom.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn reach(pose: Pose) -> (usize, usize, usize, usize) {
    let (sin, cos) = (pose.turn.sin() * pose.zoom, pose.turn.cos() * pose.zoom);
    let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
    for (x, y) in [(0.0, 0.0), (f32::from(ACROSS), 0.0), (0.0, f32::from(DOWN)), (f32::from(ACROSS), f32::from(DOWN))] {
        let (x, y) = (x - PIVOT.0, y - PIVOT.1);
        let (x, y) = (pose.x + x * cos - y * sin, pose.y + x * sin + y * cos);
        (low, high) = ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y)));
    }
    // Casts take what is below zero to zero.
    let clip = |value: f32, most: usize| (value as usize).min(most);
    (clip(low.0, WIDTH), clip(high.0 + 1.0, WIDTH), clip(low.1, HEIGHT), clip(high.1 + 1.0, HEIGHT))
}

/// The phone without a code: shadow, body, screen, card.
fn body(x: f32, y: f32) -> [u8; 2] {
    let cover = BODY.cover(x, y);
    // Softer and lower than the body, as from a light above.
    let shade = (1.0 - (BODY.distance(x, y - 10.0) + 14.0) / 48.0).clamp(0.0, 1.0);
    let shadow = 0.5 * shade * shade * (1.0 - cover);
    // An edge that catches the light.
    let rim = (1.0 - (BODY.distance(x, y) + 3.0).abs() / 2.5).clamp(0.0, 1.0);
    let mut light = 30.0 + 62.0 * rim;
    let lay = |under: f32, over: f32, cover: f32| under + (over - under) * cover;
    light = lay(light, 232.0 - 14.0 * (y - SCREEN.top) / (SCREEN.bottom - SCREEN.top), SCREEN.cover(x, y));
    light = lay(light, WHITE, CARD.cover(x, y));
    for (line, shade) in &LINES {
        light = lay(light, *shade, line.cover(x, y));
    }
    [byte(light * cover), byte(255.0 * (cover + shadow))]
}

/// A picture brought to the size of the code on the screen, each pixel the mean of what it covers.
fn fitted(code: &LumaFrame) -> Vec<u8> {
    let side = usize::from(CODE_SIDE);
    let longest = code.width().max(code.height());
    // First across, then down, with paper where the picture is not square.
    let across: Vec<Vec<f32>> = code
        .pixels()
        .chunks_exact(code.width())
        .map(|row| spread(side, longest, |at| row.get(centred(at, longest, row.len())?).copied().map(f32::from)))
        .collect();
    let columns: Vec<Vec<f32>> = (0..side)
        .map(|x| {
            let pixel = |at| across.get(centred(at, longest, across.len())?)?.get(x).copied();
            spread(side, longest, pixel)
        })
        .collect();
    let at = |x: usize, y: usize| columns.get(x).and_then(|column| column.get(y)).copied().unwrap_or(255.0);
    (0..side * side).map(|i| byte(at(i % side, i / side) + 0.5)).collect()
}

/// The place in a row of `length` that is in the middle of a longer one.
fn centred(at: usize, longest: usize, length: usize) -> Option<usize> {
    at.checked_sub((longest - length) / 2).filter(|at| *at < length)
}

/// A row of `to` means over a row of `from`.
fn spread(to: usize, from: usize, pixel: impl Fn(usize) -> Option<f32>) -> Vec<f32> {
    (0..to)
        .map(|i| {
            // In units of one over `to` of a pixel, whole numbers do.
            let (start, end) = (i * from, (i + 1) * from);
            let sum: f32 = (start / to..end.div_ceil(to))
                .map(|at| {
                    let weight = end.min((at + 1) * to) - start.max(at * to);
                    pixel(at).unwrap_or(255.0) * float(weight)
                })
                .sum();
            sum / float(from)
        })
        .collect()
}

/// Sizes of pictures are far below what a float holds exactly.
#[allow(clippy::cast_precision_loss)]
fn float(value: usize) -> f32 {
    value as f32
}
