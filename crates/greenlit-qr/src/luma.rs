//! A grey picture: what a camera or a picture file hands to the reader of QR codes.

use crate::detect::texture::Region;

/// How far the most of red, green and blue is from the least where there is colour, and which part of a picture that must
/// be at least.
const COLOURED: u8 = 48;
const COLOURED_SHARE: usize = 50;

/// Eight bits of luma a pixel, row by row, without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LumaFrame {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl LumaFrame {
    /// `None` when the pixels are not width times height, or there are none.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        let fits = width.checked_mul(height) == Some(pixels.len()) && !pixels.is_empty();
        fits.then_some(Self { width, height, pixels })
    }

    /// Red and blue alone, the one that differs more first; `None` where there is hardly any colour. A code as light as its
    /// paper, green on red for one, shows in one of them: where luma is the same, red or blue differs more than green does,
    /// which weighs more than both.
    pub fn of_colours(width: usize, height: usize, pixels: impl Iterator<Item = [u8; 3]>) -> Option<[Self; 2]> {
        let mut colourful = 0;
        let (red, blue): (Vec<u8>, Vec<u8>) = pixels
            .map(|[red, green, blue]| {
                colourful += usize::from(red.max(green).max(blue) - red.min(green).min(blue) > COLOURED);
                (red, blue)
            })
            .unzip();
        if colourful * COLOURED_SHARE < red.len().max(1) {
            return None;
        }
        let mut frames = [Self::new(width, height, red)?, Self::new(width, height, blue)?];
        frames.sort_by(|a, b| b.spread().total_cmp(&a.spread()));
        Some(frames)
    }

    /// The variance of its pixels.
    fn spread(&self) -> f64 {
        let (sum, squares) = self.pixels.iter().fold((0.0, 0.0), |(sum, squares), pixel| {
            let light = f64::from(*pixel);
            (sum + light, squares + light * light)
        });
        let mean = sum / self.pixels.len() as f64;
        squares / self.pixels.len() as f64 - mean * mean
    }

    /// Pixels across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// One pixel; white outside the picture.
    pub fn at(&self, x: usize, y: usize) -> u8 {
        if x < self.width { self.pixels.get(y * self.width + x).copied().unwrap_or(u8::MAX) } else { u8::MAX }
    }

    /// A part of it by itself.
    pub(crate) fn part(&self, region: &Region) -> Option<Self> {
        let &Region { left, top, right, bottom } = region;
        let rows = self.pixels.chunks_exact(self.width).take(bottom).skip(top);
        let pixels = rows.filter_map(|row| row.get(left..right)).flatten().copied().collect();
        Self::new(right.checked_sub(left)?, bottom.checked_sub(top)?, pixels)
    }

    /// The picture with both sides divided by `factor`, each pixel the mean of those it stands for.
    pub fn shrunk(&self, factor: usize) -> Option<Self> {
        let factor = factor.max(1);
        let (width, height) = (self.width / factor, self.height / factor);
        let mut pixels = Vec::with_capacity(width * height);
        for rows in self.pixels.chunks_exact(self.width * factor) {
            for x in 0..width {
                let sum: usize = rows
                    .chunks_exact(self.width)
                    .filter_map(|row| row.get(x * factor..(x + 1) * factor))
                    .flatten()
                    .map(|pixel| usize::from(*pixel))
                    .sum();
                pixels.push(u8::try_from(sum / (factor * factor)).unwrap_or(u8::MAX));
            }
        }
        Self::new(width, height, pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_luma_does_not_show_shows_in_red_or_blue() {
        let (green, red) = ([10, 120, 10], [200, 30, 20]);
        let [first, second] = LumaFrame::of_colours(2, 1, [green, red].into_iter()).unwrap();
        assert_eq!((first.pixels(), second.pixels()), (&[10, 200][..], &[10, 20][..]));
        // Violet and green have as much red as blue.
        let violet_and_green = [[168, 61, 156], [30, 150, 60]].into_iter().cycle().take(100);
        assert!(LumaFrame::of_colours(10, 10, violet_and_green).is_some());
        let grey = [[90, 90, 90]; 99].into_iter().chain([red]);
        assert!(LumaFrame::of_colours(10, 10, grey).is_none());
        assert!(LumaFrame::of_colours(0, 0, std::iter::empty()).is_none());
        assert!(LumaFrame::of_colours(9, 9, [red].into_iter()).is_none());
    }

    #[test]
    fn shrinking_takes_the_mean_and_drops_the_remainder() {
        let frame = LumaFrame::new(5, 3, (0..15).collect()).unwrap();
        assert_eq!(frame.shrunk(2), LumaFrame::new(2, 1, vec![3, 5]));
        assert_eq!(frame.shrunk(1), Some(frame.clone()));
        assert_eq!(frame.shrunk(4), None);
        assert_eq!((frame.at(4, 2), frame.at(5, 0), frame.at(0, 3)), (14, 255, 255));
        assert!(LumaFrame::new(0, 0, vec![]).is_none() && LumaFrame::new(usize::MAX, 2, vec![0]).is_none());
    }
}
