//! JPEG files (ITU-T T.81): what one will cost, and whether it is all there, before anything is decoded.
//!
//! Decoders take a file that ends too soon for a picture with a grey lower half. A progressive picture
//! keeps all coefficients in memory and goes over them once a scan, so that a few bytes can ask for a lot.
//! A telephone's photograph of 108 megapixels is decoded at half its width: fewer pixels are all that
//! reading a code from it needs.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, ImageInfo, PixelFormat};

use super::{MAX_SIDE, PictureError, damaged};

/// Most pixels that are gone over, and most of a progressive picture, for its coefficients are kept.
const MAX_PIXELS: u64 = 120_000_000;
const MAX_PROGRESSIVE: u64 = 16_000_000;
/// Most pixels that several scans may go over together. Messengers send pictures of ten scans.
const MAX_PASSES: u64 = 160_000_000;
/// Most samples, pixels times components, that are decoded to; where there are more, every second of a
/// line is left out, or three of four.
const MAX_SAMPLES: u64 = 100_000_000;

pub(super) fn decode(bytes: &[u8], path: &str) -> Result<DynamicImage, PictureError> {
    let too_large = || PictureError::TooLarge(path.into());
    let outline = Outline::of(bytes);
    // Lossless ones cannot be decoded at a fraction, and their cost is another.
    if outline.frames > 0 && !outline.usual {
        return Err(PictureError::Foreign { path: path.into(), kind: "a JPEG coded as hardly any program does" });
    }
    if outline.frames > 1 {
        return Err(damaged(path, "it says twice what it is like"));
    }
    if outline.too_costly() {
        return Err(too_large());
    }
    if !outline.whole {
        return Err(damaged(path, "it is cut off"));
    }
    let failed = |error: jpeg_decoder::Error| damaged(path, &error.to_string());
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(MAX_SAMPLES).unwrap_or(usize::MAX));
    decoder.read_info().map_err(failed)?;
    let info = decoder.info().ok_or_else(|| damaged(path, "no picture in it"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    // What is decoded must be what was weighed.
    if (width, height) != (outline.width, outline.height) {
        return Err(damaged(path, "it has two sizes"));
    }
    if width.max(height) > MAX_SIDE {
        return Err(too_large());
    }
    let divisor = divisor(&info);
    decoder.scale(info.width.div_ceil(divisor), info.height.div_ceil(divisor)).map_err(failed)?;
    let pixels = decoder.decode().map_err(failed)?;
    let info = decoder.info().ok_or_else(|| damaged(path, "no picture in it"))?;
    to_image(&info, pixels).ok_or_else(|| damaged(path, "no pixels"))
}

/// By what the sides are divided so that no more than [`MAX_SAMPLES`] are left: 1, 2, 4 or 8, as the
/// transform of eight by eight can give.
fn divisor(info: &ImageInfo) -> u16 {
    let samples =
        u64::from(info.width) * u64::from(info.height) * u64::try_from(info.pixel_format.pixel_bytes()).unwrap_or(4);
    let fits = |divisor: &u16| samples / u64::from(divisor * divisor) <= MAX_SAMPLES;
    [1, 2, 4].into_iter().find(fits).unwrap_or(8)
}

fn to_image(info: &ImageInfo, pixels: Vec<u8>) -> Option<DynamicImage> {
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let grey = |pixels| GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8);
    match info.pixel_format {
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        PixelFormat::L8 => grey(pixels),
        // Of lossless pictures alone, which do not come so far.
        PixelFormat::L16 => None,
        PixelFormat::CMYK32 => grey(pixels.as_chunks::<4>().0.iter().map(|inks| paper_left(*inks)).collect()),
    }
}

/// How much light comes back from under four inks. Print programs write such pictures.
fn paper_left([cyan, magenta, yellow, black]: [u8; 4]) -> u8 {
    let colours = 255 - (u32::from(cyan) + u32::from(magenta) + u32::from(yellow)) / 3;
    u8::try_from(colours * (255 - u32::from(black)) / 255).unwrap_or(u8::MAX)
}

/// What stands between the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: u8,
    pub(super) progressive: bool,
    /// How it is coded is one that cameras, screens and messengers write (T.81, SOF 0 to 2).
    pub(super) usual: bool,
    /// How many headers say what it is like. Decoders differ on which one counts.
    pub(super) frames: u32,
    /// Passes over the picture: each writes all of it, or some of its coefficients.
    pub(super) scans: u32,
    /// Whether the mark of its end is there.
    pub(super) whole: bool,
}

impl Outline {
    fn too_costly(self) -> bool {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let passes = pixels.saturating_mul(u64::from(self.scans));
        pixels > if self.progressive { MAX_PROGRESSIVE } else { MAX_PIXELS } || (self.scans > 1 && passes > MAX_PASSES)
    }

    /// Walks from marker to marker; stops where the file does.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut at = 2;
        while let Some(found) = next_marker(bytes, at, outline.scans > 0) {
            let after = found + 2;
            let marker = bytes.get(found + 1).copied().unwrap_or_default();
            match marker {
                0xD9 => {
                    outline.whole = outline.scans > 0;
                    return outline;
                }
                // Stand alone.
                0x01 | 0xD0..=0xD8 => {
                    at = after;
                    continue;
                }
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => outline.frame(marker, bytes.get(after..)),
                0xDA => outline.scans += 1,
                _ => {}
            }
            let length = bytes.get(after..).and_then(<[u8]>::first_chunk).map(|length| u16::from_be_bytes(*length));
            at = after + usize::from(length.unwrap_or(2).max(2));
        }
        outline
    }

    fn frame(&mut self, marker: u8, segment: Option<&[u8]>) {
        if let Some([_, _, _, h1, h0, w1, w0, components, ..]) = segment {
            self.height = u32::from(u16::from_be_bytes([*h1, *h0]));
            self.width = u32::from(u16::from_be_bytes([*w1, *w0]));
            self.components = *components;
            self.progressive = marker == 0xC2;
            self.usual = matches!(marker, 0xC0..=0xC2);
            self.frames += 1;
        }
    }
}

/// The place of the next marker; `coded` says that what comes may be a scan's own bytes, where FF 00 is
/// a plain FF.
fn next_marker(bytes: &[u8], from: usize, coded: bool) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_marker = |pair: &[u8]| matches!(pair, [0xFF, next] if *next != 0xFF && *next != 0x00);
    let found = rest.windows(2).position(is_marker)?;
    // Between segments nothing but filling may stand.
    let filled = coded || rest.get(..found)?.iter().all(|byte| *byte == 0xFF);
    filled.then_some(from + found)
}

#[cfg(test)]
mod tests {
    use image::ExtendedColorType;
    use image::codecs::jpeg::JpegEncoder;

    use super::*;

    fn jpeg() -> Vec<u8> {
        let pixels: Vec<u8> = (0..64 * 48 * 3).map(|i: u32| (i * 37 % 251).to_le_bytes()[0]).collect();
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode(&pixels, 64, 48, ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    #[test]
    fn a_file_is_whole_to_its_last_byte_and_not_before() {
        let bytes = jpeg();
        let wanted = Outline {
            width: 64,
            height: 48,
            components: 3,
            progressive: false,
            usual: true,
            frames: 1,
            scans: 1,
            whole: true,
        };
        assert_eq!(Outline::of(&bytes), wanted);
        // What cameras append does not matter.
        assert_eq!(Outline::of(&[&bytes[..], b"\0\0more"].concat()), wanted);
        for cut in 0..bytes.len() {
            assert!(!Outline::of(&bytes[..cut]).whole, "{cut}");
        }
        // A thumbnail's end is not the picture's.
        let thumbnail = [&[0xFF, 0xE1, 0, 8][..], b"\xFF\xD8\xFF\xD9..", &bytes[2..bytes.len() - 2]].concat();
        assert!(!Outline::of(&[&bytes[..2], &thumbnail].concat()).whole);
    }
}
