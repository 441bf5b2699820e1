//! Picture files: PNG, JPEG and PGM to grey.

mod foreign;
mod jpeg;

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use greenlit_files::{FileError, Symlinks, read_limited};
use greenlit_qr::LumaFrame;

/// Largest picture file, in bytes.
const MAX_FILE: usize = 48 << 20;
/// Longest side, in pixels.
const MAX_SIDE: u32 = 16_384;
/// Most pixels of a PNG or PGM, which are unpacked whole. A JPEG may have more: see [`jpeg`].
const MAX_PIXELS: u64 = 40_000_000;
/// Most memory that unpacking may take: so many pixels with four bytes each.
const MAX_MEMORY: u64 = 160 << 20;

/// A code drawn in black on nothing would be black on black: what is transparent is white paper.
const WHITE: u8 = u8::MAX;
const BLACK: u8 = 0;

/// Why a picture was not read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PictureError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{0}: not a PNG, JPEG or PGM picture")]
    NotAPicture(String),
    #[error("{path}: {kind} is not supported: save it as PNG or JPEG, or take a screenshot of it")]
    Foreign { path: String, kind: &'static str },
    #[error("{path}: damaged picture ({why})")]
    Damaged { path: String, why: String },
    #[error("{0}: too large: the limit is 40 megapixels, for JPEG 120, for progressive JPEG 16")]
    TooLarge(String),
}

impl PictureError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(FileError::NotFound(_)) => "not-found",
            Self::File(FileError::TooLarge { .. }) | Self::TooLarge(_) => "too-large",
            Self::File(_) => "not-readable",
            Self::NotAPicture(_) | Self::Foreign { .. } => "not-a-picture",
            Self::Damaged { .. } => "damaged-picture",
        }
    }
}

/// A picture that was read.
#[derive(Debug)]
pub struct Picture {
    /// What is in it, on white ground.
    pub frame: LumaFrame,
    /// Whether the ground shows through anywhere, so that another one would give another frame.
    pub transparent: bool,
}

/// Reads a picture file; its contents tell the format, not its name.
pub fn open(path: &Path) -> Result<Picture, PictureError> {
    read_over(path, WHITE)
}

/// The same, where the ground does not matter.
pub fn read(path: &Path) -> Result<LumaFrame, PictureError> {
    open(path).map(|picture| picture.frame)
}

/// The same picture on black ground: a code may be drawn in white on nothing.
pub fn read_over_black(path: &Path) -> Result<LumaFrame, PictureError> {
    read_over(path, BLACK).map(|picture| picture.frame)
}

/// The same picture in two of its colours, if it has any: a code may be as light as its paper.
pub fn read_colours(path: &Path) -> Result<Option<[LumaFrame; 2]>, PictureError> {
    Ok(to_colours(decode_file(path)?))
}

fn read_over(path: &Path, ground: u8) -> Result<Picture, PictureError> {
    to_luma(decode_file(path)?, ground).ok_or_else(|| damaged(&path.display().to_string(), "no pixels"))
}

fn decode_file(path: &Path) -> Result<DynamicImage, PictureError> {
    let bytes = read_limited(path, MAX_FILE, Symlinks::Follow)?;
    decode(&bytes, &path.display().to_string())
}

fn decode(bytes: &[u8], path: &str) -> Result<DynamicImage, PictureError> {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => jpeg::decode(bytes, path),
        Ok(format @ (ImageFormat::Png | ImageFormat::Pnm)) => decode_whole(bytes, format, path),
        _ => Err(match foreign::kind(bytes) {
            Some(kind) => PictureError::Foreign { path: path.into(), kind },
            None => PictureError::NotAPicture(path.into()),
        }),
    }
}

fn decode_whole(bytes: &[u8], format: ImageFormat, path: &str) -> Result<DynamicImage, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits.clone());
    let refused = |error| match error {
        ImageError::Limits(_) => PictureError::TooLarge(path.into()),
        other => damaged(path, &other.to_string()),
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge(path.into()));
    }
    if width == 0 || height == 0 {
        return Err(damaged(path, "no pixels"));
    }
    // The pixels count against the memory before a decoder takes its own from it.
    limits.reserve(decoder.total_bytes()).map_err(refused)?;
    decoder.set_limits(limits).map_err(refused)?;
    DynamicImage::from_decoder(decoder).map_err(refused)
}

fn damaged(path: &str, why: &str) -> PictureError {
    PictureError::Damaged { path: path.into(), why: one_line(why) }
}

/// Other people's error texts, cut to one short line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect()
}

fn to_luma(image: DynamicImage, ground: u8) -> Option<Picture> {
    let (width, height) = (usize::try_from(image.width()).ok()?, usize::try_from(image.height()).ok()?);
    let mut transparent = false;
    let pixels = if image.color().has_alpha() {
        let image = image.into_luma_alpha8();
        transparent = image.pixels().any(|pixel| pixel.0[1] < u8::MAX);
        image.pixels().map(|pixel| over(ground, pixel.0)).collect()
    } else {
        image.into_luma8().into_raw()
    };
    Some(Picture { frame: LumaFrame::new(width, height, pixels)?, transparent })
}

fn to_colours(image: DynamicImage) -> Option<[LumaFrame; 2]> {
    let (width, height) = (usize::try_from(image.width()).ok()?, usize::try_from(image.height()).ok()?);
    match image {
        image if !image.color().has_color() => None,
        image if image.color().has_alpha() => {
            let image = image.into_rgba8();
            let on_white =
                |[red, green, blue, alpha]: [u8; 4]| [red, green, blue].map(|part| over(WHITE, [part, alpha]));
            LumaFrame::of_colours(width, height, image.pixels().map(|pixel| on_white(pixel.0)))
        }
        image => LumaFrame::of_colours(width, height, image.into_rgb8().pixels().map(|pixel| pixel.0)),
    }
}

fn over(ground: u8, [luma, alpha]: [u8; 2]) -> u8 {
    let (ground, luma, alpha) = (u32::from(ground), u32::from(luma), u32::from(alpha));
    u8::try_from((luma * alpha + ground * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_shows_the_ground() {
        assert_eq!((over(WHITE, [0, 0]), over(WHITE, [0, 255]), over(WHITE, [200, 255])), (255, 0, 200));
        assert_eq!((over(BLACK, [255, 0]), over(BLACK, [255, 255]), over(BLACK, [200, 255])), (0, 255, 200));
    }

    #[test]
    fn formats_go_by_content_and_bad_ones_have_reasons() {
        let pgm = to_luma(decode(b"P5 3 2 255 abcdef", "x").unwrap(), WHITE).unwrap().frame;
        assert_eq!((pgm.width(), pgm.height(), pgm.pixels()), (3, 2, &b"abcdef"[..]));
        for (bytes, code) in [
            (&b""[..], "not-a-picture"),
            (b"hello", "not-a-picture"),
            (b"GIF89a\x01\x00\x01\x00", "not-a-picture"),
            (b"P5 3 2 255 abc", "damaged-picture"),
            (b"P5 100000 100000 255 abc", "too-large"),
            (b"P5 0 0 255 ", "damaged-picture"),
            // Few enough pixels, of six bytes each.
            (b"P6 6000 6000 65535 abc", "too-large"),
            (b"\x89PNG\r\n\x1a\n", "damaged-picture"),
            (b"\xff\xd8\xff\xe0", "damaged-picture"),
        ] {
            let error = decode(bytes, "x").unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(!error.to_string().contains('\n'));
        }
    }
}
