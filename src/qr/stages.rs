//! One picture, from the cheap ways to the dear ones: each stage looks for finders in another way, and
//! the time left decides how far it goes.

use std::collections::HashSet;
use std::time::Duration;

use super::attempt::{Outcome, Seen, attempt, attempt_hard};
use super::clock::Deadline;
use super::finder::{Finder, Scan, Taste};
use super::perspective::Point;
use super::pyramid::{Pyramid, sharpened};
use super::sample::Grey;
use super::threshold::{Thresholds, Window};
use super::triple::{Triple, triples};
use crate::luma::LumaFrame;

/// Most codes told of one picture.
const MAX_CODES: usize = 64;
/// Modules wider than this many pixels are sampled from a halved picture.
const WIDE_MODULE: f32 = 6.0;

/// How much longer to look for further codes once one is read.
const FOR_MORE_CODES: Duration = Duration::from_millis(60);

/// A way to look for finders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// How often the picture is halved.
    level: usize,
    window: Window,
    /// Every so many rows.
    step: usize,
    taste: Taste,
    /// Triples tried.
    tries: usize,
    /// Sharpening: how many pixels off, and how much in eighths.
    sharp: Option<(usize, i16)>,
}

const fn stage(level: usize, window: Window, step: usize, taste: Taste, tries: usize) -> Stage {
    Stage { level, window, step, taste, tries, sharp: None }
}

const fn sharp(level: usize, reach: usize, times: i16) -> Stage {
    Stage { level, window: Window::Mean(2), step: 1, taste: Taste::LOOSE, tries: 12, sharp: Some((reach, times)) }
}

pub(super) const STAGES: [Stage; 14] = [
    stage(0, Window::Mean(2), 3, Taste::STRICT, 6),
    stage(0, Window::Mean(2), 3, Taste::STRICT_INVERTED, 6),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 12),
    stage(0, Window::Mean(2), 2, Taste::LOOSE, 12),
    sharp(1, 2, 12),
    stage(2, Window::Mean(2), 1, Taste::LOOSE, 12),
    sharp(1, 1, 24),
    sharp(0, 3, 16),
    stage(0, Window::Middle(3), 2, Taste::LOOSE, 16),
    stage(1, Window::Middle(3), 1, Taste::LOOSE, 16),
    stage(0, Window::Whole, 1, Taste::LOOSE, 24),
    stage(1, Window::Mean(5), 1, Taste::LOOSE, 24),
    stage(2, Window::Middle(2), 1, Taste::LOOSE, 24),
    stage(0, Window::Mean(1), 1, Taste::LOOSE, 24),
];

/// What was found in a picture so far.
#[derive(Default)]
pub(super) struct Harvest {
    pub(super) payloads: Vec<Vec<u8>>,
    pub(super) corners: Vec<[Point; 4]>,
    /// Codes seen but not read, the best first.
    pub(super) unread: Vec<Seen>,
    pub(super) finders: Vec<Finder>,
    pub(super) ran_out: bool,
}

impl Harvest {
    /// Whether there are finders enough for another code outside those read.
    fn shows_more_codes(&self) -> bool {
        let outside = |finder: &&Finder| !self.corners.iter().any(|corners| inside(corners, (finder.x, finder.y)));
        self.finders.iter().filter(|finder| is_clear(finder)).filter(outside).count() >= 3
    }
}

/// A finder that is hardly anything else.
fn is_clear(finder: &Finder) -> bool {
    finder.seen >= 15 && finder.hits >= 2
}

/// Reads a picture.
pub(super) fn read(frame: &LumaFrame, deadline: &Deadline) -> Harvest {
    let mut harvest = Harvest::default();
    let mut pyramid = Pyramid::new(frame);
    let mut tried: HashSet<[(i32, i32); 3]> = HashSet::new();
    let mut thresholds: Vec<Option<Thresholds>> = vec![None, None, None];
    let mut deadline = *deadline;
    for stage in &STAGES {
        if deadline.is_over() {
            harvest.ran_out = harvest.payloads.is_empty();
            break;
        }
        if pyramid.prepare(stage.level) < stage.level {
            continue;
        }
        let sharp = stage.sharp.and_then(|(reach, times)| sharpened(pyramid.level(stage.level), reach, times));
        let found = look(&pyramid, stage, sharp.as_ref(), &mut thresholds, &deadline);
        decode_all(&mut pyramid, stage, sharp.as_ref(), found, &mut harvest, &mut tried, &deadline);
        if !harvest.payloads.is_empty() {
            if !harvest.shows_more_codes() {
                break;
            }
            deadline = deadline.within(FOR_MORE_CODES);
        }
    }
    harvest
}

fn look(
    pyramid: &Pyramid,
    stage: &Stage,
    sharp: Option<&LumaFrame>,
    thresholds: &mut [Option<Thresholds>],
    deadline: &Deadline,
) -> Vec<Finder> {
    let frame = sharp.unwrap_or_else(|| pyramid.level(stage.level));
    let mut own = None;
    let slot = if sharp.is_some() { Some(&mut own) } else { thresholds.get_mut(stage.level) };
    let Some(slot) = slot else { return Vec::new() };
    let thresholds = slot.get_or_insert_with(|| Thresholds::of(frame));
    thresholds.weigh(stage.window);
    let mut scan = Scan::new(frame, thresholds, stage.taste, deadline);
    // Small pictures have small modules.
    let step = if frame.height() <= 500 { stage.step.min(2) } else { stage.step };
    scan.rows(step);
    let scale = (1_u32 << stage.level) as f32;
    scan.found.iter().map(|finder| finder.scaled(scale)).collect()
}

fn decode_all(
    pyramid: &mut Pyramid,
    stage: &Stage,
    sharp: Option<&LumaFrame>,
    finders: Vec<Finder>,
    harvest: &mut Harvest,
    tried: &mut HashSet<[(i32, i32); 3]>,
    deadline: &Deadline,
) {
    let mut used = vec![false; finders.len()];
    let mut tries = 0;
    for triple in triples(&finders) {
        if deadline.is_over() || tries >= stage.tries || harvest.payloads.len() >= MAX_CODES {
            break;
        }
        let Triple { corner, across, down, misfit } = triple;
        if [corner, across, down].iter().any(|i| used.get(*i) != Some(&false)) {
            continue;
        }
        let (Some(a), Some(b), Some(c)) = (finders.get(corner), finders.get(across), finders.get(down)) else {
            continue;
        };
        // Once a code is read, what is left must be clear.
        if !harvest.payloads.is_empty() && (misfit > 0.6 || ![a, b, c].iter().all(|finder| is_clear(finder))) {
            continue;
        }
        let place = |finder: &Finder| ((finder.x / finder.size) as i32, (finder.y / finder.size) as i32);
        if !tried.insert([place(a), place(b), place(c)]) {
            continue;
        }
        tries += 1;
        let level = (a.size / WIDE_MODULE).max(1.0).log2().ceil() as usize;
        let level = if sharp.is_some() { stage.level } else { pyramid.prepare(level.min(4)).min(level) };
        let scale = 1.0 / (1_u32 << level) as f32;
        let scaled = [a, b, c].map(|finder| finder.scaled(scale));
        let grey = Grey::new(sharp.unwrap_or_else(|| pyramid.level(level)), a.inverted);
        let [a, b, c] = &scaled;
        let read = match attempt(&grey, [a, b, c], deadline) {
            Outcome::Read(decoded, corners) => Some((decoded, corners)),
            Outcome::Unread(mut seen) => {
                let read = attempt_hard(&grey, &mut seen, deadline);
                if read.is_none() {
                    harvest.unread.push(seen);
                }
                read
            }
            Outcome::Nothing => None,
        };
        if let Some((decoded, corners)) = read {
            let corners = corners.map(|(x, y)| (x / scale, y / scale));
            if !harvest.payloads.contains(&decoded.payload) {
                harvest.payloads.push(decoded.payload);
            }
            harvest.corners.push(corners);
            for (used, finder) in used.iter_mut().zip(&finders) {
                *used |= inside(&corners, (finder.x, finder.y));
            }
        }
    }
    harvest.finders = finders;
}

/// Whether a point is within a four-sided figure.
pub(super) fn inside(corners: &[Point; 4], (x, y): Point) -> bool {
    let [a, b, c, d] = *corners;
    let side = |(x1, y1): Point, (x2, y2): Point| (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0.0;
    let sides = [side(a, b), side(b, c), side(c, d), side(d, a)];
    sides.iter().all(|left| *left) || sides.iter().all(|left| !*left)
}
