//! What counts as dark where: a threshold for every block of 8 × 8 pixels, from the light around it.
//! It serves to find finders only; modules are read from grey levels.

use crate::LumaFrame;

/// Pixels a side of a block.
pub(crate) const BLOCK: usize = 8;
/// Least and most difference of light within a block that is taken for structure.
const MIN_FLAT_RANGE: u8 = 6;
const MAX_FLAT_RANGE: u8 = 80;

/// Most difference within neighbouring blocks that is left alone where a picture is sharpened: in levels, and
/// in hundredths of what there is in the picture, for a dim one shows less of everything.
const MAX_NOISE_RANGE: usize = 50;
const MAX_NOISE_PERCENT: usize = 22;

/// Hundredths of the contrast that the threshold for pale colours lies below the paper. Gold, pink and light blue
/// are 17 to 21 of them darker than white, so that half of that parts them; more lets through the blurred edges of
/// what is white. Of 8, 10, 12, 15 and 20, 12 read most.
const TINT: usize = 12;
/// Blocks to each side in which paper, and in which ink, is looked for then.
const PAPER_WITHIN: usize = 4;
const INK_WITHIN: usize = 12;

/// How the light around a block is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThresholdWindow {
    /// The mean of so many blocks to each side.
    Mean(usize),
    /// The middle between the darkest and the lightest of so many blocks to each side.
    Middle(usize),
    /// One threshold for the whole picture (Otsu's).
    Whole,
    /// A little below the paper, so that pale colours count as dark; see [`TINT`].
    Tinted,
}

/// The thresholds of a picture.
#[derive(Debug, Default)]
pub(crate) struct Thresholds {
    across: usize,
    down: usize,
    mean: Vec<u8>,
    low: Vec<u8>,
    high: Vec<u8>,
    value: Vec<u8>,
    /// What is darker than this is as dark, where pale colours are looked for.
    floor: Vec<u8>,
    flat: u8,
    computed: Option<ThresholdWindow>,
}

impl Thresholds {
    /// Looks at every second row of the picture.
    pub(crate) fn from_frame(frame: &LumaFrame) -> Self {
        let width = frame.width();
        let (across, down) = (width.div_ceil(BLOCK), frame.height().div_ceil(BLOCK));
        let mut all = Self { across, down, ..Self::default() };
        for values in [&mut all.mean, &mut all.low, &mut all.high] {
            values.reserve(across * down);
        }
        // First down the columns, then across: whole rows at a time are what a processor is quick at.
        let (mut sums, mut lows, mut highs) = (vec![0_u16; width], vec![0_u8; width], vec![0_u8; width]);
        for rows in frame.pixels().chunks(width * BLOCK) {
            sums.fill(0);
            lows.fill(255);
            highs.fill(0);
            let mut looked_at = 0;
            for row in rows.chunks_exact(width).step_by(2) {
                looked_at += 1;
                for (sum, pixel) in sums.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(u16::from(*pixel));
                }
                for (low, pixel) in lows.iter_mut().zip(row) {
                    *low = (*low).min(*pixel);
                }
                for (high, pixel) in highs.iter_mut().zip(row) {
                    *high = (*high).max(*pixel);
                }
            }
            let mean = |sums: &[u16]| {
                let sum = sums.iter().fold(0_u16, |sum, part| sum.wrapping_add(*part));
                (sum / (looked_at * sums.len() as u16).max(1)) as u8
            };
            all.mean.extend(sums.chunks(BLOCK).map(mean));
            all.low.extend(lows.chunks(BLOCK).map(|part| part.iter().fold(255, |low, value| low.min(*value))));
            all.high.extend(highs.chunks(BLOCK).map(|part| part.iter().fold(0, |high, value| high.max(*value))));
        }
        all.flat = all.flatness();
        all
    }

    /// The noise of the picture: most pictures have a tenth of blocks that show nothing else.
    fn flatness(&self) -> u8 {
        // Over a window of blocks noise reaches farther than over one. Where all is code, nothing is flat.
        let flat = (self.range(1) * 8 / 5 + 3).min(self.range(9) * 3 / 5);
        (flat.min(255) as u8).clamp(MIN_FLAT_RANGE, MAX_FLAT_RANGE)
    }

    /// The difference of light that so many tenths of the blocks stay below.
    fn range(&self, tenths: usize) -> usize {
        let mut counts = [0_usize; 256];
        for (low, high) in self.low.iter().zip(&self.high) {
            if let Some(count) = counts.get_mut(usize::from(high.saturating_sub(*low))) {
                *count += 1;
            }
        }
        quantile(&counts, self.mean.len() * tenths / 10)
    }

    /// Sets the thresholds by one way of weighing.
    pub(crate) fn compute(&mut self, window: ThresholdWindow) {
        if self.computed.replace(window) == Some(window) {
            return;
        }
        let (across, down) = (self.across, self.down);
        self.value.clear();
        let reach = match window {
            ThresholdWindow::Whole => {
                let value = otsu(&self.mean, &self.low, &self.high);
                self.value.resize(across * down, value);
                return;
            }
            ThresholdWindow::Tinted => {
                self.compute_tinted();
                return;
            }
            ThresholdWindow::Mean(reach) | ThresholdWindow::Middle(reach) => reach,
        };
        let sums = box_sums(&self.mean, across, down, reach);
        let wide = box_sums(&self.mean, across, down, reach * 4);
        let low = spread(&self.low, across, down, reach, u8::min);
        let high = spread(&self.high, across, down, reach, u8::max);
        let flat = self.flat;
        let all = self.mean.iter().zip(sums.iter().zip(&wide)).zip(low.iter().zip(&high));
        self.value.extend(all.map(|((mean, (near, far)), (low, high))| {
            if high.saturating_sub(*low) > flat {
                let middle = low.midpoint(*high);
                return if let ThresholdWindow::Middle(_) = window { middle } else { near.midpoint(middle) };
            }
            // Nothing but noise here: dark or light as a whole, by what is further around.
            if far.saturating_sub(*mean) > flat / 2 {
                mean.saturating_add(flat).min(*far)
            } else {
                mean.saturating_sub(flat)
            }
        }));
    }

    /// Thresholds between paper and pale colours. Paper is the lightest block near by, by its mean, for that has
    /// little noise.
    fn compute_tinted(&mut self) {
        let paper = spread(&self.mean, self.across, self.down, PAPER_WITHIN, u8::max);
        let ink = spread(&self.low, self.across, self.down, INK_WITHIN, u8::min);
        self.floor.clear();
        for (paper, ink) in paper.iter().zip(&ink) {
            let drop = (usize::from(paper.saturating_sub(*ink)) * TINT / 100).max(usize::from(self.flat) / 2) as u8;
            self.value.push(paper.saturating_sub(drop));
            self.floor.push(paper.saturating_sub(drop.saturating_mul(2)));
        }
    }

    /// The picture without what sets ink apart from pale colours: nothing is farther below the threshold than
    /// paper is above it.
    pub(crate) fn floored(&self, frame: &LumaFrame) -> Option<LumaFrame> {
        let mut pixels = frame.pixels().to_vec();
        let raise = |pixels: &mut [u8], floor: u8| pixels.iter_mut().for_each(|pixel| *pixel = (*pixel).max(floor));
        for (rows, floors) in pixels.chunks_mut(frame.width() * BLOCK).zip(self.floor.chunks_exact(self.across.max(1)))
        {
            for row in rows.chunks_exact_mut(frame.width()) {
                let (blocks, rest) = row.as_chunks_mut::<BLOCK>();
                blocks.iter_mut().zip(floors).for_each(|(block, floor)| raise(block, *floor));
                raise(rest, floors.last().copied().unwrap_or(0));
            }
        }
        LumaFrame::new(frame.width(), frame.height(), pixels)
    }

    /// Lets blocks rest that show nothing but noise in another picture of the same: that from which this one
    /// was sharpened, its noise more than anything. They count as dark or light as a whole.
    pub(crate) fn suppress_noise(&mut self, before: &Self) {
        let low = spread(&before.low, before.across, before.down, 1, u8::min);
        let high = spread(&before.high, before.across, before.down, 1, u8::max);
        // Noise differs with the light, so that half of the blocks, though flat, may show three times as much.
        let most = high.iter().max().zip(low.iter().min()).map_or(0, |(high, low)| high.saturating_sub(*low));
        let noise = (before.range(5) * 3 + 4).min(MAX_NOISE_RANGE).min(usize::from(most) * MAX_NOISE_PERCENT / 100);
        let all = self.value.iter_mut().zip(low.iter().zip(&high)).zip(before.value.iter().zip(&before.mean));
        for ((value, (low, high)), (threshold, mean)) in all {
            if usize::from(high.saturating_sub(*low)) <= noise {
                *value = if threshold > mean { u8::MAX } else { 0 };
            }
        }
    }

    /// The thresholds of a row of pixels, a byte a block.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let from = y / BLOCK * self.across;
        self.value.get(from..from + self.across).unwrap_or_default()
    }
}

/// What so many of the values stay below, of which there are these counts.
pub(crate) fn quantile(counts: &[usize; 256], mut left: usize) -> usize {
    let at = counts.iter().position(|count| {
        let there = left < *count;
        left = left.saturating_sub(*count);
        there
    });
    at.unwrap_or(0)
}

/// The mean of each block's neighbours within `reach`, fewer at the edges.
fn box_sums(values: &[u8], across: usize, down: usize, reach: usize) -> Vec<u8> {
    let mut rows: Vec<u32> = Vec::with_capacity(values.len());
    for row in values.chunks_exact(across.max(1)) {
        running(row, reach, &mut rows);
    }
    // Down the columns: a window of rows slides along.
    let mut sums = vec![0_u32; across];
    let mut means = Vec::with_capacity(values.len());
    // Multiplied by, for to divide takes a processor ten times as long; the half keeps it as exact.
    let part = |at: usize, all: usize| 1.0 / ((at + reach + 1).min(all) - at.saturating_sub(reach)) as f32;
    let parts: Vec<f32> = (0..across).map(|x| part(x, across)).collect();
    let row_at = |y: usize| rows.get(y * across..(y + 1) * across).unwrap_or_default();
    for y in 0..down + reach {
        if y < down {
            for (sum, value) in sums.iter_mut().zip(row_at(y)) {
                *sum = sum.wrapping_add(*value);
            }
        }
        if let Some(gone) = y.checked_sub(2 * reach + 1) {
            for (sum, value) in sums.iter_mut().zip(row_at(gone)) {
                *sum = sum.wrapping_sub(*value);
            }
        }
        if let Some(middle) = y.checked_sub(reach).filter(|middle| *middle < down) {
            let down = part(middle, down);
            means.extend(sums.iter().zip(&parts).map(|(sum, across)| ((*sum as f32 + 0.5) * across * down) as u8));
        }
    }
    means
}

/// Sums of `reach` values to each side.
fn running(values: &[u8], reach: usize, out: &mut Vec<u32>) {
    let mut sum: u32 = values.iter().take(reach).map(|value| u32::from(*value)).sum();
    let none = std::iter::repeat(&0);
    let coming = values.iter().skip(reach).chain(none.clone());
    let gone = none.take(reach + 1).chain(values);
    out.extend(values.iter().zip(coming.zip(gone)).map(|(_, (coming, gone))| {
        sum = sum.wrapping_add(u32::from(*coming)).wrapping_sub(u32::from(*gone));
        sum
    }));
}

/// The least or greatest of each block's neighbours within `reach`.
fn spread(values: &[u8], across: usize, down: usize, reach: usize, pick: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    // Across: the row picked with itself moved by one, two, … to each side.
    let mut rows = values.to_vec();
    for (row, from) in rows.chunks_exact_mut(across.max(1)).zip(values.chunks_exact(across.max(1))) {
        for by in 1..=reach.min(across) {
            for (value, other) in row.iter_mut().zip(from.iter().skip(by)) {
                *value = pick(*value, *other);
            }
            for (value, other) in row.iter_mut().skip(by).zip(from) {
                *value = pick(*value, *other);
            }
        }
    }
    let mut all = Vec::with_capacity(values.len());
    for y in 0..down {
        let (from, to) = (y.saturating_sub(reach), (y + reach + 1).min(down));
        let mut near = rows.get(from * across..to * across).unwrap_or_default().chunks_exact(across.max(1));
        let start = all.len();
        all.extend_from_slice(near.next().unwrap_or_default());
        for row in near {
            for (value, other) in all.iter_mut().skip(start).zip(row) {
                *value = pick(*value, *other);
            }
        }
    }
    all
}

/// Otsu's threshold over the blocks' darkest, middle and lightest.
fn otsu(mean: &[u8], low: &[u8], high: &[u8]) -> u8 {
    let mut counts = [0_u32; 256];
    for value in mean.iter().chain(low).chain(high) {
        if let Some(count) = counts.get_mut(usize::from(*value)) {
            *count += 1;
        }
    }
    let total: f32 = counts.iter().map(|count| *count as f32).sum();
    let sum: f32 = counts.iter().enumerate().map(|(value, count)| value as f32 * *count as f32).sum();
    let (mut below, mut sum_below, mut best) = (0.0, 0.0, (0.0, 127_u8));
    for (value, count) in counts.iter().enumerate() {
        below += *count as f32;
        sum_below += value as f32 * *count as f32;
        let above = total - below;
        if below > 0.0 && above > 0.0 {
            let apart = sum_below / below - (sum - sum_below) / above;
            let between = below * above * apart * apart;
            if between > best.0 {
                best = (between, (value as u8).saturating_add(1));
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_neighbours_are_those_counted_one_by_one() {
        let (across, down) = (7, 5);
        let values: Vec<u8> = (0..35).map(|i| (i * 37 % 251) as u8).collect();
        for reach in [0, 1, 2, 9] {
            let means = box_sums(&values, across, down, reach);
            let least = spread(&values, across, down, reach, u8::min);
            for (at, mean) in means.iter().enumerate() {
                let near: Vec<u32> = (0..35)
                    .filter(|i| {
                        (i % across).abs_diff(at % across) <= reach && (i / across).abs_diff(at / across) <= reach
                    })
                    .map(|i| u32::from(values[i]))
                    .collect();
                assert_eq!(u32::from(*mean), near.iter().sum::<u32>() / near.len() as u32);
                assert_eq!(u32::from(least[at]), *near.iter().min().unwrap());
            }
        }
    }

    #[test]
    fn dark_and_light_part_at_an_edge_and_noise_does_not() {
        let pixels = (0..64 * 64).map(|i| if i % 64 < 30 { 40 } else { 200 } + (i * 7 % 5) as u8).collect();
        let frame = LumaFrame::new(64, 64, pixels).unwrap();
        for window in [ThresholdWindow::Mean(2), ThresholdWindow::Middle(2), ThresholdWindow::Whole] {
            let mut thresholds = Thresholds::from_frame(&frame);
            thresholds.compute(window);
            let dark = (0..64).filter(|x| frame.at(*x, 20) < thresholds.row(20)[x / BLOCK]).count();
            assert_eq!(dark, 30, "{window:?}");
        }
    }

    #[test]
    fn noise_rests_where_it_is_sharpened_and_a_code_does_not() {
        let mut state = 1_u32;
        let mut noise = |reach: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % reach
        };
        let mut picture = |reach: u32, contrast: u32| {
            let checks =
                |i: u32| if i % 256 < 96 && (i % 256 / 4 + i / 256 / 4).is_multiple_of(2) { contrast } else { 0 };
            LumaFrame::new(256, 64, (0..256 * 64).map(|i| (60 + noise(reach) + checks(i)) as u8).collect()).unwrap()
        };
        let mut before = Thresholds::from_frame(&picture(16, 90));
        let mut sharp = Thresholds::from_frame(&picture(120, 70));
        before.compute(ThresholdWindow::Mean(2));
        sharp.compute(ThresholdWindow::Mean(2));
        let busy = |all: &Thresholds, from: usize, to: usize| {
            all.row(20)[from / BLOCK..to / BLOCK].iter().filter(|value| (1..255).contains(*value)).count()
        };
        assert_eq!((busy(&sharp, 0, 96), busy(&sharp, 128, 256)), (12, 16));
        sharp.suppress_noise(&before);
        assert_eq!((busy(&sharp, 0, 96), busy(&sharp, 128, 256)), (12, 0));
    }
}
