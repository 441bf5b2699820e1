//! One picture, from the cheap ways to the dear ones: each stage looks for finders in another way, and
//! the time left decides how far it goes.

use std::time::Duration;

use super::clock::Deadline;
use super::read::SHARE;
use super::scan::Taste;
use super::search::{Harvest, Search};
use super::threshold::Window;
use crate::luma::LumaFrame;

/// How much longer to look for further codes once one is read: so long, or this part of a budget that is ample.
const FOR_MORE_CODES: Duration = Duration::from_millis(60);
const SHARE_FOR_MORE_CODES: u32 = 25;

/// A way to look for finders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// How often the picture is halved.
    pub(super) level: usize,
    pub(super) window: Window,
    /// Every so many rows.
    pub(super) step: usize,
    pub(super) taste: Taste,
    /// Triples tried.
    pub(super) tries: usize,
    pub(super) sharp: Option<Sharp>,
}

/// How a picture is sharpened first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sharp {
    /// Whether noise is smoothed before.
    pub(super) soft: bool,
    /// How many pixels off the neighbours are.
    pub(super) reach: usize,
    /// How much, in halves: at most 32, so that 16 bits hold it.
    pub(super) halves: i16,
}

const fn stage(level: usize, window: Window, step: usize, taste: Taste, tries: usize) -> Stage {
    Stage { level, window, step, taste, tries, sharp: None }
}

const fn sharp(level: usize, reach: usize, halves: i16) -> Stage {
    let sharp = Some(Sharp { soft: false, reach, halves });
    Stage { level, window: Window::Mean(2), step: 1, taste: Taste::NOISY, tries: 12, sharp }
}

const fn soft(level: usize, reach: usize, halves: i16) -> Stage {
    let sharp = Some(Sharp { soft: true, reach, halves });
    Stage { level, window: Window::Mean(2), step: 1, taste: Taste::NOISY, tries: 12, sharp }
}

pub(super) const STAGES: [Stage; 16] = [
    stage(0, Window::Mean(2), 3, Taste::STRICT, 6),
    stage(0, Window::Mean(2), 3, Taste::STRICT_INVERTED, 6),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 12),
    soft(0, 2, 13),
    sharp(0, 2, 6),
    stage(0, Window::Mean(2), 2, Taste::LOOSE, 12),
    sharp(1, 2, 3),
    stage(2, Window::Mean(2), 1, Taste::LOOSE, 12),
    sharp(1, 1, 6),
    soft(0, 3, 6),
    stage(0, Window::Middle(3), 2, Taste::LOOSE, 16),
    stage(1, Window::Middle(3), 1, Taste::LOOSE, 16),
    stage(0, Window::Whole, 1, Taste::LOOSE, 24),
    stage(1, Window::Mean(5), 1, Taste::LOOSE, 24),
    stage(2, Window::Middle(2), 1, Taste::LOOSE, 24),
    stage(0, Window::Mean(1), 1, Taste::LOOSE, 24),
];

/// What every frame of a stream is looked at with.
pub(super) const CHEAP: &[Stage] =
    &[stage(0, Window::Mean(2), 3, Taste::STRICT, 4), stage(0, Window::Mean(2), 3, Taste::STRICT_INVERTED, 4)];

/// What frames of a stream are looked at with in turn.
pub(super) const LIVE: &[Stage] = &[
    soft(0, 3, 6),
    sharp(1, 1, 6),
    sharp(1, 2, 3),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 6),
    stage(0, Window::Mean(2), 2, Taste::LOOSE, 8),
    stage(0, Window::Middle(3), 2, Taste::LOOSE, 8),
    stage(2, Window::Mean(2), 1, Taste::LOOSE, 6),
];

/// What every frame of a stream is looked at with besides, while a code is in view.
pub(super) const BLURRED: &[Stage] = &[soft(0, 2, 13), sharp(0, 2, 6)];

/// What the part of a frame is looked at with where a code was seen in the one before.
pub(super) const NEAR: &[Stage] = &[
    soft(0, 2, 13),
    sharp(0, 2, 6),
    soft(0, 3, 6),
    sharp(1, 1, 6),
    sharp(1, 2, 3),
    stage(0, Window::Mean(2), 1, Taste::LOOSE, 6),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 6),
];

/// Reads a picture; whether time ran out before anything was read.
pub(super) fn read(frame: &LumaFrame, budget: Duration) -> (Harvest, bool) {
    let mut search = Search::new(frame);
    let mut deadline = Deadline::after(budget.mul_f32(SHARE));
    let for_more_codes = FOR_MORE_CODES.max(budget / SHARE_FOR_MORE_CODES);
    for stage in &STAGES {
        search.run(stage, &deadline);
        if !search.harvest.payloads.is_empty() {
            if !search.harvest.shows_more_codes() {
                break;
            }
            deadline = deadline.within(for_more_codes);
        }
        if deadline.is_over() {
            let nothing = search.harvest.payloads.is_empty();
            return (search.harvest, nothing);
        }
    }
    (search.harvest, false)
}
