//! The plan of a reading, from the cheap ways to the dear ones: each stage looks for finders in another
//! way, and the time left decides how far it goes.

use crate::detect::pyramid::Sharp;
use crate::detect::scan::Taste;
use crate::detect::threshold::Window;

/// A way to look for finders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    /// How often the picture is halved.
    pub(crate) level: usize,
    pub(crate) window: Window,
    /// Every so many rows.
    pub(crate) step: usize,
    pub(crate) taste: Taste,
    /// Triples tried.
    pub(crate) tries: usize,
    pub(crate) sharp: Option<Sharp>,
}

const fn stage(level: usize, window: Window, step: usize, taste: Taste, tries: usize) -> Stage {
    Stage { level, window, step, taste, tries, sharp: None }
}

/// For finders in a colour much paler than the modules.
const fn tinted(level: usize, step: usize, tries: usize) -> Stage {
    stage(level, Window::Tinted, step, Taste::TINTED, tries)
}

const fn sharp(level: usize, reach: usize, halves: i16) -> Stage {
    let sharp = Some(Sharp { soft: false, reach, halves });
    Stage { level, window: Window::Mean(2), step: 1, taste: Taste::NOISY, tries: 12, sharp }
}

const fn soft(level: usize, reach: usize, halves: i16) -> Stage {
    let sharp = Some(Sharp { soft: true, reach, halves });
    Stage { level, window: Window::Mean(2), step: 1, taste: Taste::NOISY, tries: 12, sharp }
}

pub(crate) const STAGES: [Stage; 18] = [
    stage(0, Window::Mean(2), 3, Taste::STRICT, 6),
    stage(0, Window::Mean(2), 3, Taste::STRICT_INVERTED, 6),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 12),
    tinted(1, 1, 4),
    soft(0, 2, 13),
    sharp(0, 2, 6),
    stage(0, Window::Mean(2), 2, Taste::LOOSE, 12),
    sharp(1, 2, 3),
    stage(2, Window::Mean(2), 1, Taste::LOOSE, 12),
    sharp(1, 1, 6),
    soft(0, 3, 6),
    tinted(0, 2, 8),
    stage(0, Window::Middle(3), 2, Taste::LOOSE, 16),
    stage(1, Window::Middle(3), 1, Taste::LOOSE, 16),
    stage(0, Window::Whole, 1, Taste::LOOSE, 24),
    stage(1, Window::Mean(5), 1, Taste::LOOSE, 24),
    stage(2, Window::Middle(2), 1, Taste::LOOSE, 24),
    stage(0, Window::Mean(1), 1, Taste::LOOSE, 24),
];

/// What every frame of a stream is looked at with.
pub(crate) const CHEAP: &[Stage] =
    &[stage(0, Window::Mean(2), 3, Taste::STRICT, 4), stage(0, Window::Mean(2), 3, Taste::STRICT_INVERTED, 4)];

/// What frames of a stream are looked at with in turn.
pub(crate) const LIVE: &[Stage] = &[
    TINTED,
    soft(0, 3, 6),
    sharp(1, 1, 6),
    sharp(1, 2, 3),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 6),
    stage(0, Window::Mean(2), 2, Taste::LOOSE, 8),
    stage(0, Window::Middle(3), 2, Taste::LOOSE, 8),
    tinted(0, 2, 4),
    stage(2, Window::Mean(2), 1, Taste::LOOSE, 6),
];

/// What every other frame is looked at with besides, while nothing is in view: no other way finds such a code.
pub(crate) const TINTED: Stage = tinted(1, 1, 4);

/// What every frame of a stream is looked at with besides, while a code is in view.
pub(crate) const BLURRED: &[Stage] = &[soft(0, 2, 13), sharp(0, 2, 6)];

/// What the part of a frame is looked at with where a code was seen in the one before.
pub(crate) const NEAR: &[Stage] = &[
    soft(0, 2, 13),
    sharp(0, 2, 6),
    soft(0, 3, 6),
    sharp(1, 1, 6),
    sharp(1, 2, 3),
    stage(0, Window::Mean(2), 1, Taste::LOOSE, 6),
    stage(1, Window::Mean(2), 1, Taste::LOOSE, 6),
    tinted(0, 1, 4),
    TINTED,
];
