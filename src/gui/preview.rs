//! The camera's picture on the screen, drawn anew only when something in it moved.
//!
//! Drawing is most of what a frame costs: a still scene is drawn once, a picture larger than the screen is thinned
//! out, and its pixels are kept in memory that is used again.

use slint::{Image, PhysicalSize, Rgb8Pixel, SharedPixelBuffer};

use greenlit_qr::LumaFrame;

/// Pixels across and down of what is compared with the picture shown before.
const BLOCK: usize = 16;
/// One row in so many is compared.
const EVERY: usize = 4;
/// Levels, of 256, by which a block's mean must differ. A camera's noise of 6 levels stays below half of it; an
/// edge of 100 levels that moves by half a pixel does not.
const MOVED: u32 = 3;

/// What was shown last, and the memory of the picture before.
#[derive(Default)]
pub(super) struct Preview {
    shown: Sketch,
    spare: Option<SharedPixelBuffer<Rgb8Pixel>>,
    current: Option<SharedPixelBuffer<Rgb8Pixel>>,
}

impl Preview {
    /// The frame as a picture for a window of this size, or `None` while it is the one that is shown.
    pub(super) fn picture(&mut self, frame: &LumaFrame, window: PhysicalSize) -> Option<Image> {
        let sketch = Sketch::of(frame, thinning(frame, window));
        if self.shown.is_like(&sketch) {
            return None;
        }
        self.shown = sketch;
        let step = self.shown.step;
        let (width, height) = (frame.width().div_ceil(step), frame.height().div_ceil(step));
        let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        let reusable = self.spare.take().filter(|old| (old.width(), old.height()) == size);
        let mut buffer = reusable.unwrap_or_else(|| SharedPixelBuffer::new(size.0, size.1));
        let rows = frame.pixels().chunks_exact(frame.width()).step_by(step);
        for (to, from) in buffer.make_mut_slice().chunks_exact_mut(width).zip(rows) {
            // Apart, for a step of one is then quick.
            if step == 1 {
                to.iter_mut().zip(from).for_each(|(to, luma)| *to = grey(*luma));
            } else {
                to.iter_mut().zip(from.iter().step_by(step)).for_each(|(to, luma)| *to = grey(*luma));
            }
        }
        // By the next time the screens have let go of the one before this.
        self.spare = self.current.replace(buffer.clone());
        Some(Image::from_rgb8(buffer))
    }
}

fn grey(luma: u8) -> Rgb8Pixel {
    Rgb8Pixel { r: luma, g: luma, b: luma }
}

/// Every which pixel is enough for a window of this size, which the picture covers. A window has none at first.
fn thinning(frame: &LumaFrame, window: PhysicalSize) -> usize {
    let fits = |frame: usize, window: u32| frame.checked_div(usize::try_from(window).ok()?);
    fits(frame.width(), window.width).min(fits(frame.height(), window.height)).unwrap_or(1).max(1)
}

/// How light a frame is, block by block.
#[derive(Default)]
struct Sketch {
    width: usize,
    height: usize,
    step: usize,
    /// Sums over the rows of each block that count.
    blocks: Vec<u32>,
}

impl Sketch {
    fn of(frame: &LumaFrame, step: usize) -> Self {
        let across = frame.width().div_ceil(BLOCK);
        let mut blocks = vec![0; across * frame.height().div_ceil(BLOCK)];
        for (sums, rows) in blocks.chunks_exact_mut(across).zip(frame.pixels().chunks(frame.width() * BLOCK)) {
            for row in rows.chunks_exact(frame.width()).step_by(EVERY) {
                for (sum, pixels) in sums.iter_mut().zip(row.chunks(BLOCK)) {
                    *sum += pixels.iter().map(|pixel| u32::from(*pixel)).sum::<u32>();
                }
            }
        }
        Self { width: frame.width(), height: frame.height(), step, blocks }
    }

    fn is_like(&self, other: &Self) -> bool {
        // A block at the edge has fewer pixels, and so must differ by more: it is a strip of 15 at most.
        let least = u32::try_from(BLOCK * BLOCK / EVERY).unwrap_or(1) * MOVED;
        (self.width, self.height, self.step) == (other.width, other.height, other.step)
            && self.blocks.iter().zip(&other.blocks).all(|(a, b)| a.abs_diff(*b) < least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: PhysicalSize = PhysicalSize { width: 320, height: 240 };

    fn frame(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> LumaFrame {
        LumaFrame::new(width, height, (0..width * height).map(|at| pixel(at % width, at / width)).collect()).unwrap()
    }

    /// Noise of a few levels, another each time.
    fn noise(x: usize, y: usize, time: usize) -> u8 {
        u8::try_from((x * 7_919 + y * 104_729 + time * 1_299_709) % 1_009 % 13).unwrap()
    }

    fn pixels(picture: &Image) -> Vec<u8> {
        picture.to_rgb8().unwrap().as_slice().iter().map(|pixel| pixel.r).collect()
    }

    #[test]
    fn a_still_scene_is_drawn_once_and_anything_that_moves_is_drawn() {
        let mut preview = Preview::default();
        let still = |time| frame(320, 240, move |x, y| 100 + noise(x, y, time));
        assert!(preview.picture(&still(0), WINDOW).is_some());
        assert!((1..50).all(|time| preview.picture(&still(time), WINDOW).is_none()), "its noise is no movement");
        // A dim edge that comes in by a pixel, in the last corner too.
        for (left, top) in [(0, 0), (160, 120), (304, 224)] {
            let moved = frame(320, 240, |x, y| {
                if (left..left + 16).contains(&x) && y >= top && y < top + 16 { 140 } else { 100 + noise(x, y, 0) }
            });
            assert!(preview.picture(&moved, WINDOW).is_some(), "at {left}, {top}");
            assert!(preview.picture(&moved, WINDOW).is_none());
        }
        // Light that changes slowly adds up.
        let drawn = (0..40).filter(|light| preview.picture(&frame(320, 240, |_, _| 100 + light), WINDOW).is_some());
        assert!((10..=14).contains(&drawn.count()));
    }

    #[test]
    fn a_picture_is_that_of_the_newest_frame_in_memory_used_again() {
        let mut preview = Preview::default();
        let mut last = Vec::new();
        for round in 0..6_u8 {
            let frame = frame(64, 48, |x, y| u8::try_from(x + y).unwrap() + 20 * round);
            let picture = preview.picture(&frame, WINDOW).unwrap();
            assert_eq!(pixels(&picture), frame.pixels(), "round {round}");
            last.push(picture.to_rgb8().unwrap().as_slice().as_ptr());
        }
        assert_eq!((last[2], last[3]), (last[4], last[5]), "two buffers take turns");
        // One that is held on to meanwhile is not written over.
        let held = preview.picture(&frame(64, 48, |_, _| 3), WINDOW).unwrap();
        for light in [60, 90, 120] {
            preview.picture(&frame(64, 48, |_, _| light), WINDOW).unwrap();
        }
        assert_eq!(pixels(&held), vec![3; 64 * 48]);
    }

    #[test]
    fn a_picture_larger_than_the_window_is_thinned_out_and_still_covers_it() {
        for (frame_size, window, expected) in [
            ((1_920, 1_080), (800, 480), (960, 540)),
            ((1_920, 1_080), (320, 240), (480, 270)),
            ((1_279, 719), (320, 240), (640, 360)),
            ((1_280, 720), (1_280, 800), (1_280, 720)),
            ((1_280, 720), (360, 800), (1_280, 720)),
            ((3, 2), (0, 0), (3, 2)),
        ] {
            let window = PhysicalSize { width: window.0, height: window.1 };
            let frame = frame(frame_size.0, frame_size.1, |x, y| u8::try_from((x ^ y) % 251).unwrap());
            let picture = Preview::default().picture(&frame, window).unwrap();
            assert_eq!((picture.size().width, picture.size().height), expected, "{frame_size:?} on {window:?}");
            let (step, across) = (thinning(&frame, window), frame_size.0.div_ceil(thinning(&frame, window)));
            let pixels = pixels(&picture);
            assert!((0..pixels.len()).all(|at| pixels[at] == frame.at(at % across * step, at / across * step)));
        }
        // Another size of window is another picture.
        let (mut preview, frame) = (Preview::default(), frame(1_280, 720, |_, _| 9));
        assert!(preview.picture(&frame, WINDOW).is_some());
        assert!(preview.picture(&frame, PhysicalSize { width: 1_280, height: 800 }).is_some());
    }
}
