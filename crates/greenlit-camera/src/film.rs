//! The demonstration's film: codes on a phone, held up to the camera one after another.

mod phone;

use std::f32::consts::TAU;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pace::{AtEnd, Pace, Ticker};
use super::{FrameSource, SourceError};
use greenlit_qr::LumaFrame;
use phone::{Phone, Pose};

/// Pixels across.
pub const WIDTH: usize = 1_280;
/// Pixels down.
pub const HEIGHT: usize = 720;
/// Frames a second.
pub const FPS: u32 = 30;

/// How many frames each part of a scene takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SceneTiming {
    /// Nothing is in view.
    pub gap: u32,
    /// The phone is brought up.
    pub enter: u32,
    /// It is held still, as far as a hand can.
    pub hold: u32,
    /// It is taken away.
    pub leave: u32,
}

impl Default for SceneTiming {
    fn default() -> Self {
        Self { gap: 12, enter: 16, hold: 90, leave: 14 }
    }
}

impl SceneTiming {
    /// Frames of a whole scene, at least one.
    pub fn frames(&self) -> u32 {
        self.gap.saturating_add(self.enter).saturating_add(self.hold).saturating_add(self.leave).max(1)
    }
}

/// What is going on in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing is in view.
    Gap,
    /// The phone is brought up.
    Enter,
    /// The phone is held.
    Hold,
    /// The phone is taken away.
    Leave,
}

/// Where in the film a frame is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilmPosition {
    /// Which of the codes, from zero.
    pub scene: usize,
    /// What happens to it.
    pub part: Part,
    /// How far that has come, from 0 to 1.
    pub progress: f32,
}

/// The film. A copy is cheap, and goes on where the others are: the place in the film is shared, so
/// that one copy can be the camera and another tell which scene is on.
#[derive(Clone)]
pub struct Film {
    stage: Arc<Stage>,
    next: Arc<AtomicU64>,
    ticker: Ticker,
    /// The phone with the code of this scene on it.
    phone: Option<(usize, Phone)>,
}

struct Stage {
    scenes: Vec<LumaFrame>,
    seed: u64,
    beat: SceneTiming,
    at_end: AtEnd,
    background: Vec<u8>,
    phone: Phone,
}

impl Film {
    /// A film of these codes. The same seed makes the same film. No codes at all is
    /// [`SourceError::NoCamera`].
    pub fn new(
        scenes: Vec<LumaFrame>,
        seed: u64,
        beat: SceneTiming,
        at_end: AtEnd,
        as_fast_as_possible: bool,
    ) -> Result<Self, SourceError> {
        if scenes.is_empty() {
            return Err(SourceError::NoCamera);
        }
        let pace = if as_fast_as_possible { Pace::AsFastAsPossible } else { Pace::Fps(FPS) };
        let stage = Stage { scenes, seed, beat, at_end, background: background(seed), phone: Phone::blank() };
        Ok(Self { stage: Arc::new(stage), next: Arc::default(), ticker: Ticker::new(pace), phone: None })
    }

    /// Where the frame with this number is; `None` after the end.
    pub fn scene_at(&self, frame: u64) -> Option<FilmPosition> {
        let SceneTiming { gap, enter, hold, .. } = self.stage.beat;
        let length = u64::from(self.stage.beat.frames());
        let scene = usize::try_from(frame / length).ok()?;
        let count = self.stage.scenes.len();
        if scene >= count && self.stage.at_end == AtEnd::Stop {
            return None;
        }
        let mut left = frame % length;
        let mut part = (Part::Leave, self.stage.beat.leave);
        for (this, frames) in [(Part::Gap, gap), (Part::Enter, enter), (Part::Hold, hold)] {
            if left < u64::from(frames) {
                part = (this, frames);
                break;
            }
            left -= u64::from(frames);
        }
        let progress = fraction(left) / fraction(u64::from(part.1.max(1)));
        Some(FilmPosition { scene: scene % count, part: part.0, progress })
    }

    /// Where the frame given last is; `None` before the first and after the end.
    pub fn now(&self) -> Option<FilmPosition> {
        self.scene_at(self.next.load(Ordering::Relaxed).checked_sub(1)?)
    }

    /// One frame by its number; `None` after the end. Frames of one scene in a row are cheapest.
    pub fn frame(&mut self, number: u64) -> Option<LumaFrame> {
        let moment = self.scene_at(number)?;
        let mut pixels = self.stage.background.clone();
        if moment.part != Part::Gap {
            let pose = self.pose(number, moment);
            if self.phone.as_ref().is_none_or(|(scene, _)| *scene != moment.scene) {
                let code = self.stage.scenes.get(moment.scene)?;
                self.phone = Some((moment.scene, self.stage.phone.showing(code)));
            }
            if let Some((_, phone)) = &self.phone {
                phone.draw(&mut pixels, pose);
            }
        }
        LumaFrame::new(WIDTH, HEIGHT, pixels)
    }

    /// Where the hand holds the phone: sums of slow and less slow waves, different for each scene.
    fn pose(&self, number: u64, moment: FilmPosition) -> Pose {
        let mut chance = Chance(self.stage.seed ^ (fraction_bits(moment.scene) << 32) ^ 0x5EED);
        let seconds = fraction(number % (1 << 20)) / fraction(u64::from(FPS));
        let mut wave = |size: f32, hertz: f32| {
            let (start, faster) = (chance.unit(), 0.8 + 0.4 * chance.unit());
            size * (TAU * (seconds * hertz * faster + start)).sin()
        };
        let (x, y) = (wave(9.0, 0.35) + wave(2.5, 1.7), wave(7.0, 0.4) + wave(2.0, 2.1));
        let (turn, zoom) = (wave(0.02, 0.3) + wave(0.006, 1.4), wave(0.02, 0.25));
        let (aside, lean, closer) = (chance.unit() - 0.5, chance.unit() - 0.5, chance.unit() - 0.5);
        // From 0, out of view, to 1, held.
        let up = match moment.part {
            Part::Enter => 1.0 - (1.0 - moment.progress).powi(3),
            Part::Leave => 1.0 - moment.progress.powi(2),
            Part::Gap | Part::Hold => 1.0,
        };
        let side = if moment.part == Part::Leave { -aside } else { aside };
        Pose {
            x: 640.0 + x + 60.0 * aside + (1.0 - up) * 500.0 * side,
            y: 372.0 + y + (1.0 - up) * 740.0,
            turn: turn + 0.07 * lean + (1.0 - up) * 0.5 * side,
            zoom: 1.0 + zoom + 0.06 * closer,
        }
    }
}

impl FrameSource for Film {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        self.ticker.wait();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.frame(number).ok_or(SourceError::Ended)
    }
}

/// A wall out of focus: light from the upper left, soft spots, darker towards the corners.
fn background(seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed);
    let spots: Vec<[f32; 4]> = (0..6)
        .map(|_| [chance.unit() * 1.8, chance.unit(), 0.1 + 0.2 * chance.unit(), 30.0 * (chance.unit() - 0.5)])
        .collect();
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT);
    for row in 0..720_u16 {
        for column in 0..1_280_u16 {
            let (x, y) = (f32::from(column) / 720.0, f32::from(row) / 720.0);
            let corner = ((x - 0.89).powi(2) + (y - 0.5).powi(2)).min(1.1);
            let mut light = 158.0 - 26.0 * x - 22.0 * y - 34.0 * corner;
            for [cx, cy, radius, bright] in &spots {
                let near = 1.0 - ((x - cx).powi(2) + (y - cy).powi(2)) / (radius * radius);
                let near = near.max(0.0);
                light += bright * near * near;
            }
            // A little noise, for a smooth gradient in 8 bits shows as bands.
            pixels.push(byte(light + 2.0 * chance.unit()));
        }
    }
    pixels
}

/// The nearest byte below.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn byte(value: f32) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

/// Frame numbers are far below what a float holds exactly.
#[allow(clippy::cast_precision_loss)]
fn fraction(value: u64) -> f32 {
    value as f32
}

fn fraction_bits(scene: usize) -> u64 {
    u64::try_from(scene).unwrap_or(0).wrapping_add(1)
}

/// SplitMix64: the film is the same every time, so chance comes from the seed alone.
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        fraction((z ^ (z >> 31)) >> 40) / 16_777_216.0
    }
}
