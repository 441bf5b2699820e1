//! Red and blue alone of a camera's buffer, at half its size, for colour is hardly finer. A code as light as its paper,
//! blue on red for one, shows in one of them and not in luma.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zune_jpeg::zune_core::colorspace::ColorSpace;

use super::luma::{Layout, PixelFormat, decode, with_tables};
use greenlit_qr::LumaFrame;

/// The channel that differs more, then the other; `None` where there is hardly any colour, or not all of the picture.
pub fn to_colours(layout: &Layout, bytes: &[u8]) -> Option<[LumaFrame; 2]> {
    if layout.format == PixelFormat::Mjpeg {
        let whole = with_tables(bytes).ok()?;
        // As for luma, what the decoder leaves behind after a panic is dropped with it.
        let (width, height, pixels) = catch_unwind(AssertUnwindSafe(|| decode(&whole, ColorSpace::RGB))).ok()?.ok()?;
        let layout = Layout { format: PixelFormat::Rgb24, width, height, stride: None };
        return halved(&layout, &pixels);
    }
    halved(layout, bytes)
}

fn halved(layout: &Layout, bytes: &[u8]) -> Option<[LumaFrame; 2]> {
    let (width, height) = (layout.width / 2, layout.height / 2);
    let (stride, row) = layout.row().ok()?;
    let from = |plane: usize, stride: usize, y: usize| bytes.get(stride.checked_mul(y)?.checked_add(plane)?..);
    let row = |y: usize| from(0, stride, y)?.get(..row);
    // After all Y, rows of chroma: one for two of Y.
    let luma = stride.checked_mul(layout.height)?;
    let (narrow, plane) = (stride.div_ceil(2), stride.div_ceil(2).checked_mul(layout.height.div_ceil(2))?);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let (upper, lower) = (row(2 * y)?, row(2 * y + 1)?);
        match layout.format {
            PixelFormat::Yuyv => {
                pixels.extend(fours(upper, lower).map(|([a, u, b, v], [c, _, d, _])| colour([*a, *b, *c, *d], *u, *v)))
            }
            PixelFormat::Uyvy => {
                pixels.extend(fours(upper, lower).map(|([u, a, v, b], [_, c, _, d])| colour([*a, *b, *c, *d], *u, *v)))
            }
            PixelFormat::Nv12 | PixelFormat::Nv21 => {
                let both = from(luma, stride, y)?.get(..2 * width)?;
                let swapped = layout.format == PixelFormat::Nv21;
                pixels.extend(twos(upper, lower).zip(both.as_chunks().0).map(|(light, [first, second])| {
                    let (u, v) = if swapped { (second, first) } else { (first, second) };
                    colour(light, *u, *v)
                }));
            }
            PixelFormat::I420 | PixelFormat::Yv12 => {
                let chroma = |start: usize| from(start, narrow, y)?.get(..width);
                let (first, second) = (chroma(luma)?, chroma(luma.checked_add(plane)?)?);
                let (us, vs) = if layout.format == PixelFormat::Yv12 { (second, first) } else { (first, second) };
                pixels.extend(twos(upper, lower).zip(us.iter().zip(vs)).map(|(light, (u, v))| colour(light, *u, *v)));
            }
            PixelFormat::Rgb24 | PixelFormat::Bgr24 => {
                let swapped = layout.format == PixelFormat::Bgr24;
                let pairs = upper.as_chunks().0.iter().zip(lower.as_chunks().0);
                pixels.extend(pairs.map(|([a, b, c, d, e, f], [g, h, i, j, k, l])| {
                    let (first, second) = (mean([*a, *d, *g, *j]), mean([*c, *f, *i, *l]));
                    let green = mean([*b, *e, *h, *k]);
                    if swapped { [second, green, first] } else { [first, green, second] }
                }));
            }
            PixelFormat::Grey | PixelFormat::Mjpeg => return None,
        }
    }
    LumaFrame::of_colours(width, height, pixels.into_iter())
}

fn fours<'a>(upper: &'a [u8], lower: &'a [u8]) -> impl Iterator<Item = (&'a [u8; 4], &'a [u8; 4])> {
    upper.as_chunks().0.iter().zip(lower.as_chunks().0)
}

/// Two by two pixels of Y.
fn twos<'a>(upper: &'a [u8], lower: &'a [u8]) -> impl Iterator<Item = [u8; 4]> + 'a {
    upper.as_chunks().0.iter().zip(lower.as_chunks().0).map(|([a, b], [c, d])| [*a, *b, *c, *d])
}

fn mean(values: [u8; 4]) -> u8 {
    (values.iter().map(|value| u16::from(*value)).sum::<u16>() / 4) as u8
}

/// Red, green and blue of four pixels with one colour (ITU-R BT.601, in 256ths).
fn colour(light: [u8; 4], u: u8, v: u8) -> [u8; 3] {
    let (light, u, v) = (i32::from(mean(light)), i32::from(u) - 128, i32::from(v) - 128);
    [359 * v, -88 * u - 183 * v, 454 * u].map(|more| (light + more / 256).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use greenlit_qr::encode::QrPicture;
    use greenlit_qr::read;
    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder};

    use super::*;
    use crate::luma::to_luma;

    const TEXT: &str = "AS LIGHT AS ITS PAPER";
    /// The same light, green and violet.
    const INK: [u8; 3] = [30, 150, 60];
    const PAPER: [u8; 3] = [168, 61, 156];

    /// A code in those colours: its width and height, and its pixels.
    fn picture() -> (usize, usize, Vec<[u8; 3]>) {
        let code = QrPicture::new(TEXT).unwrap().to_frame(6).unwrap();
        let colours = code.pixels().iter().map(|pixel| if *pixel < 128 { INK } else { PAPER });
        (code.width(), code.height(), colours.collect())
    }

    fn yuv([r, g, b]: [u8; 3]) -> [u8; 3] {
        let [r, g, b] = [r, g, b].map(f32::from);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        [y, 128.0 + (b - y) / 1.772, 128.0 + (r - y) / 1.402].map(|value| value.round() as u8)
    }

    /// The picture as a camera would send it.
    fn sent(format: PixelFormat) -> (Layout, Vec<u8>) {
        use PixelFormat::*;
        let (width, height, pixels) = picture();
        let layout = Layout { format, width, height, stride: None };
        let yuv: Vec<[u8; 3]> = pixels.iter().map(|pixel| yuv(*pixel)).collect();
        let every_second = |channel: usize| {
            let rows = yuv.chunks(width).step_by(2);
            rows.flat_map(move |row| row.iter().step_by(2).map(move |pixel| pixel[channel])).collect::<Vec<u8>>()
        };
        let y: Vec<u8> = yuv.iter().map(|pixel| pixel[0]).collect();
        let woven = |a: Vec<u8>, b: Vec<u8>| a.into_iter().zip(b).flat_map(|(a, b)| [a, b]).collect::<Vec<u8>>();
        let bytes = match format {
            Yuyv => yuv.as_chunks::<2>().0.iter().flat_map(|[[a, u, v], [b, ..]]| [*a, *u, *b, *v]).collect(),
            Uyvy => yuv.as_chunks::<2>().0.iter().flat_map(|[[a, u, v], [b, ..]]| [*u, *a, *v, *b]).collect(),
            Nv12 => [y, woven(every_second(1), every_second(2))].concat(),
            Nv21 => [y, woven(every_second(2), every_second(1))].concat(),
            I420 => [y, every_second(1), every_second(2)].concat(),
            Yv12 => [y, every_second(2), every_second(1)].concat(),
            Grey => y,
            Rgb24 => pixels.concat(),
            Bgr24 => pixels.iter().flat_map(|[r, g, b]| [*b, *g, *r]).collect(),
            Mjpeg => {
                let mut jpeg = Vec::new();
                let (w, h) = (width as u32, height as u32);
                JpegEncoder::new_with_quality(&mut jpeg, 90)
                    .write_image(&pixels.concat(), w, h, ExtendedColorType::Rgb8)
                    .unwrap();
                jpeg
            }
        };
        (layout, bytes)
    }

    fn reads(frame: &LumaFrame) -> bool {
        read(frame, Duration::from_secs(60)).payloads() == [TEXT.as_bytes()]
    }

    #[test]
    fn a_code_that_luma_does_not_show_is_read_in_every_format_that_has_colour() {
        use PixelFormat::*;
        for format in [Yuyv, Uyvy, Nv12, Nv21, I420, Yv12, Rgb24, Bgr24, Mjpeg] {
            let (layout, bytes) = sent(format);
            assert!(!reads(&to_luma(&layout, &bytes).unwrap()), "{format:?}");
            let colours = to_colours(&layout, &bytes).unwrap_or_else(|| panic!("{format:?}"));
            assert!(reads(&colours[0]), "{format:?}");
        }
    }

    #[test]
    fn rows_may_be_padded_and_sides_odd() {
        use PixelFormat::*;
        let green = [180, 60, 60];
        for (format, width, height, stride) in [(Yuyv, 9, 7, 24), (Nv12, 9, 7, 12), (I420, 9, 7, 12), (Rgb24, 9, 7, 30)]
        {
            let layout = Layout { format, width, height, stride: Some(stride) };
            // Padding is red.
            let mut bytes = vec![240; stride * (height + height.div_ceil(2))];
            let (step, _) = format.steps();
            for (y, row) in bytes.chunks_mut(stride).take(height).enumerate() {
                row[..width * step].fill(if format == Rgb24 { 20 } else { green[0] });
                if format == Yuyv {
                    row[..20]
                        .chunks_mut(4)
                        .for_each(|pair| pair.copy_from_slice(&[green[0], green[1], green[0], green[2]]));
                }
                if format == Rgb24 {
                    row[..27].chunks_mut(3).for_each(|pixel| pixel.copy_from_slice(&[20, 200, 20 + y as u8]));
                }
            }
            if matches!(format, Nv12 | I420) {
                bytes[stride * height..].fill(green[1]);
            }
            let colours = to_colours(&layout, &bytes).unwrap_or_else(|| panic!("{format:?}"));
            for colour in colours {
                assert_eq!((colour.width(), colour.height()), (4, 3), "{format:?}");
                assert!(colour.pixels().iter().all(|pixel| *pixel < 100), "{format:?}: {:?}", colour.pixels());
            }
        }
    }

    #[test]
    fn without_colour_or_with_a_part_of_it_there_is_none() {
        use PixelFormat::*;
        for format in [Yuyv, Uyvy, Nv12, Nv21, I420, Yv12, Rgb24, Bgr24, Mjpeg, Grey] {
            let (layout, bytes) = sent(format);
            assert!(format != Grey || to_colours(&layout, &bytes).is_none());
            // Of a JPEG the decoder takes what is missing for grey.
            let parts = if format == Mjpeg { vec![0, 1] } else { vec![0, 1, bytes.len() / 2, bytes.len() - 1] };
            for part in parts {
                assert!(to_colours(&layout, &bytes[..part]).is_none(), "{format:?}");
            }
            let impossible = Layout { width: usize::MAX, ..layout };
            assert!(format == Mjpeg || to_colours(&impossible, &bytes).is_none(), "{format:?}");
        }
        let grey = Layout { format: Yuyv, width: 64, height: 64, stride: None };
        assert!(to_colours(&grey, &[128; 64 * 64 * 2]).is_none());
    }
}
