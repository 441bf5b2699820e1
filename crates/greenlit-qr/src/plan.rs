//! The plan of a reading, from the cheap ways to the expensive ones: each step looks for finders in another
//! way, and the time left decides how far it goes.

use crate::detect::pyramid::Sharpening;
use crate::detect::scan::ScanParams;
use crate::detect::threshold::ThresholdWindow;

/// A way to look for finders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchStep {
    /// How often the picture is halved.
    pub(crate) level: usize,
    pub(crate) window: ThresholdWindow,
    /// Every so many rows.
    pub(crate) row_step: usize,
    /// Whether codes are tried after a quarter and after a half of them, by the cheap way: most are read then.
    pub(crate) in_passes: bool,
    pub(crate) params: ScanParams,
    /// Triples tried at most.
    pub(crate) max_triples: usize,
    pub(crate) sharpen: Option<Sharpening>,
}

const fn step(
    level: usize,
    window: ThresholdWindow,
    row_step: usize,
    params: ScanParams,
    max_triples: usize,
) -> SearchStep {
    SearchStep { level, window, row_step, in_passes: false, params, max_triples, sharpen: None }
}

/// For clear finders.
const fn strict(params: ScanParams, max_triples: usize) -> SearchStep {
    SearchStep { in_passes: true, ..step(0, ThresholdWindow::Mean(2), 3, params, max_triples) }
}

/// For finders in a colour much paler than the modules.
const fn tinted(level: usize, row_step: usize, max_triples: usize) -> SearchStep {
    step(level, ThresholdWindow::Tinted, row_step, ScanParams::TINTED, max_triples)
}

/// For what blur has run together; in halves the strength, see [`Sharpening`].
const fn sharpened(level: usize, radius_px: usize, strength_halves: i16) -> SearchStep {
    let sharpen = Some(Sharpening { denoise: false, radius_px, strength_halves });
    SearchStep { sharpen, ..step(level, ThresholdWindow::Mean(2), 1, ScanParams::NOISY, 12) }
}

/// The same where there is noise as well.
const fn denoised(level: usize, radius_px: usize, strength_halves: i16) -> SearchStep {
    let sharpen = Some(Sharpening { denoise: true, radius_px, strength_halves });
    SearchStep { sharpen, ..step(level, ThresholdWindow::Mean(2), 1, ScanParams::NOISY, 12) }
}

pub(crate) const STILL_STEPS: [SearchStep; 18] = [
    strict(ScanParams::STRICT, 6),
    strict(ScanParams::STRICT_INVERTED, 6),
    step(1, ThresholdWindow::Mean(2), 1, ScanParams::LOOSE, 12),
    tinted(1, 1, 4),
    denoised(0, 2, 13),
    sharpened(0, 2, 6),
    step(0, ThresholdWindow::Mean(2), 2, ScanParams::LOOSE, 12),
    sharpened(1, 2, 3),
    step(2, ThresholdWindow::Mean(2), 1, ScanParams::LOOSE, 12),
    sharpened(1, 1, 6),
    denoised(0, 3, 6),
    tinted(0, 2, 8),
    step(0, ThresholdWindow::Middle(3), 2, ScanParams::LOOSE, 16),
    step(1, ThresholdWindow::Middle(3), 1, ScanParams::LOOSE, 16),
    step(0, ThresholdWindow::Whole, 1, ScanParams::LOOSE, 24),
    step(1, ThresholdWindow::Mean(5), 1, ScanParams::LOOSE, 24),
    step(2, ThresholdWindow::Middle(2), 1, ScanParams::LOOSE, 24),
    step(0, ThresholdWindow::Mean(1), 1, ScanParams::LOOSE, 24),
];

/// So many of them look through the whole picture whatever it shows.
pub(crate) const CHEAP_STEPS: usize = 2;

/// What every frame of a stream is looked at with.
pub(crate) const EVERY_FRAME: &[SearchStep] = &[strict(ScanParams::STRICT, 4), strict(ScanParams::STRICT_INVERTED, 4)];

/// What frames of a stream are looked at with in turn.
pub(crate) const ROTATING: &[SearchStep] = &[
    TINTED,
    denoised(0, 3, 6),
    sharpened(1, 1, 6),
    sharpened(1, 2, 3),
    step(1, ThresholdWindow::Mean(2), 1, ScanParams::LOOSE, 6),
    step(0, ThresholdWindow::Mean(2), 2, ScanParams::LOOSE, 8),
    step(0, ThresholdWindow::Middle(3), 2, ScanParams::LOOSE, 8),
    tinted(0, 2, 4),
    step(2, ThresholdWindow::Mean(2), 1, ScanParams::LOOSE, 6),
];

/// What every other frame's regions are looked at with besides, while nothing is in view: no other way finds such a code.
pub(crate) const TINTED: SearchStep = tinted(1, 1, 4);

/// What the regions of every frame of a stream are looked at with besides.
pub(crate) const BLURRED: &[SearchStep] = &[denoised(0, 2, 13), sharpened(0, 2, 6)];

/// What the part of a frame is looked at with where a code was seen in the one before.
pub(crate) const TRACKED_AREA: &[SearchStep] = &[
    denoised(0, 2, 13),
    sharpened(0, 2, 6),
    denoised(0, 3, 6),
    sharpened(1, 1, 6),
    sharpened(1, 2, 3),
    step(0, ThresholdWindow::Mean(2), 1, ScanParams::LOOSE, 6),
    step(1, ThresholdWindow::Mean(2), 1, ScanParams::LOOSE, 6),
    tinted(0, 1, 4),
    TINTED,
];
