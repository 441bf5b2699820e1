//! What a camera's bytes mean, as grey pixels.
//!
//! The formats are V4L2's, each named by its fourcc. Colour is skipped, not computed and dropped: of a
//! YUV picture only the Y is read, of a JPEG only the grey is decoded. Now and then `colour` looks at the rest.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::huffman::STANDARD_TABLES;
use super::{SourceError, one_line};
use greenlit_qr::LumaFrame;

/// Longest side of a frame, in pixels.
pub const MAX_SIDE: usize = 4_096;
/// Most pixels that one byte of JPEG can stand for: a block of 16 × 16 takes a dozen bits at the least.
const MAX_PIXELS_A_BYTE: usize = 256;

/// How the pixels of a buffer are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// Y, U, Y, V: two pixels in four bytes.
    Yuyv,
    /// U, Y, V, Y: the same, colour first.
    Uyvy,
    /// All Y, then U and V by turns.
    Nv12,
    /// All Y, then V and U by turns.
    Nv21,
    /// All Y, all V, all U.
    Yv12,
    /// All Y, all U, all V.
    I420,
    /// Y alone.
    Grey,
    /// Red, green, blue.
    Rgb24,
    /// Blue, green, red.
    Bgr24,
    /// A JPEG picture.
    Mjpeg,
}

impl PixelFormat {
    /// The format with this V4L2 fourcc.
    pub fn from_fourcc(fourcc: [u8; 4]) -> Option<Self> {
        Some(match &fourcc {
            b"YUYV" => Self::Yuyv,
            b"UYVY" => Self::Uyvy,
            b"NV12" => Self::Nv12,
            b"NV21" => Self::Nv21,
            b"YV12" => Self::Yv12,
            b"YU12" | b"I420" => Self::I420,
            b"GREY" | b"GRAY" => Self::Grey,
            b"RGB3" => Self::Rgb24,
            b"BGR3" => Self::Bgr24,
            b"MJPG" | b"JPEG" => Self::Mjpeg,
            _ => return None,
        })
    }

    /// Bytes from one pixel to the next, and where the first Y is. None for JPEG.
    pub(super) fn steps(self) -> (usize, usize) {
        match self {
            Self::Yuyv => (2, 0),
            Self::Uyvy => (2, 1),
            Self::Rgb24 | Self::Bgr24 => (3, 0),
            Self::Nv12 | Self::Nv21 | Self::Yv12 | Self::I420 | Self::Grey | Self::Mjpeg => (1, 0),
        }
    }
}

/// A buffer's format and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What the bytes mean.
    pub format: PixelFormat,
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Bytes from one row to the next; `None` when rows follow without a gap.
    pub stride: Option<usize>,
}

impl Layout {
    /// Rows without a gap. YUYV and UYVY have whole pairs of pixels, so that an odd width is rounded up.
    fn tight(&self) -> usize {
        match self.format {
            PixelFormat::Yuyv | PixelFormat::Uyvy => self.width.next_multiple_of(2) * 2,
            format => self.width * format.steps().0,
        }
    }

    /// Bytes from one row to the next, and of a row that are pixels; an error where they or the size are impossible.
    pub(super) fn row(&self) -> Result<(usize, usize), SourceError> {
        let Self { format, width, height, .. } = *self;
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(SourceError::broken(format!("{width} × {height} pixels")));
        }
        let stride = self.stride.unwrap_or_else(|| self.tight());
        let row = width * format.steps().0;
        if stride < row {
            return Err(SourceError::broken(format!("rows of {stride} bytes for {width} pixels")));
        }
        Ok((stride, row))
    }

    /// The layout with the stride that a buffer of this length must have, for drivers whose stride is
    /// not to be had: rows padded to a boundary fill the buffer exactly. Padding after the last row,
    /// as up to a whole page of memory, does not.
    pub fn with_stride_for(mut self, buffer: usize) -> Self {
        const WIDEST_PADDING: usize = 256;
        if self.width > MAX_SIDE || self.height > MAX_SIDE {
            return self;
        }
        // As rows of Y, a buffer of one Y and a quarter each of U and V has half as many again.
        let rows = match self.format {
            PixelFormat::Nv12 | PixelFormat::Nv21 | PixelFormat::Yv12 | PixelFormat::I420 => {
                self.height + self.height.div_ceil(2)
            }
            PixelFormat::Mjpeg => return self,
            _ => self.height,
        };
        if self.stride.is_none() && rows > 0 && buffer.is_multiple_of(rows) {
            let (stride, tight) = (buffer / rows, self.tight());
            if stride > tight && stride - tight <= WIDEST_PADDING {
                self.stride = Some(stride);
            }
        }
        self
    }
}

/// The grey picture in a camera's buffer. What follows the picture is left alone, and so is missing
/// colour after a whole Y.
pub fn to_luma(layout: &Layout, bytes: &[u8]) -> Result<LumaFrame, SourceError> {
    if layout.format == PixelFormat::Mjpeg {
        return mjpeg(bytes);
    }
    let Layout { format, width, height, .. } = *layout;
    let (stride, row) = layout.row()?;
    let (step, first) = format.steps();
    // The last row may end with its last pixel.
    let needed = stride.checked_mul(height - 1).and_then(|rows| rows.checked_add(row));
    if needed.is_none_or(|needed| bytes.len() < needed) {
        return Err(SourceError::broken(format!("{} bytes for {width} × {height} pixels", bytes.len())));
    }
    let mut pixels = Vec::with_capacity(width * height);
    for line in bytes.chunks(stride).take(height).filter_map(|line| line.get(..row)) {
        match format {
            PixelFormat::Rgb24 => pixels.extend(line.as_chunks().0.iter().map(|[r, g, b]| grey(*r, *g, *b))),
            PixelFormat::Bgr24 => pixels.extend(line.as_chunks().0.iter().map(|[b, g, r]| grey(*r, *g, *b))),
            _ if step == 1 => pixels.extend_from_slice(line),
            _ if first == 0 => pixels.extend(line.as_chunks().0.iter().map(|[y, _]| *y)),
            _ => pixels.extend(line.as_chunks().0.iter().map(|[_, y]| *y)),
        }
    }
    LumaFrame::new(width, height, pixels).ok_or_else(|| SourceError::broken("rows are missing"))
}

/// ITU-R BT.601, in 256ths.
fn grey(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8).to_le_bytes()[0]
}

/// The grey of a JPEG picture as cameras send it: with or without Huffman tables, and with anything
/// after its end.
pub fn mjpeg(bytes: &[u8]) -> Result<LumaFrame, SourceError> {
    let whole = with_tables(bytes)?;
    // The decoder is held at arm's length: what it leaves behind after a panic is dropped with it.
    let (width, height, pixels) = catch_unwind(AssertUnwindSafe(|| decode(&whole, ColorSpace::Luma)))
        .unwrap_or_else(|_| Err(SourceError::broken("the JPEG decoder failed")))?;
    LumaFrame::new(width, height, pixels).ok_or_else(|| SourceError::broken("a JPEG of no grey pixels"))
}

/// Width, height and pixels in these colours. May panic.
pub(super) fn decode(bytes: &[u8], colours: ColorSpace) -> Result<(usize, usize, Vec<u8>), SourceError> {
    let options =
        DecoderOptions::default().set_max_width(MAX_SIDE).set_max_height(MAX_SIDE).jpeg_set_out_colorspace(colours);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let broken = |error: zune_jpeg::errors::DecodeErrors| SourceError::Broken(one_line(&error.to_string()));
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().unwrap_or((0, 0));
    // A few bytes that promise a huge picture would cost memory and time for nothing.
    if width > MAX_SIDE || height > MAX_SIDE || width * height > bytes.len() * MAX_PIXELS_A_BYTE {
        return Err(SourceError::broken(format!("{} bytes of JPEG for {width} × {height} pixels", bytes.len())));
    }
    Ok((width, height, decoder.decode().map_err(broken)?))
}

/// The JPEG with Huffman tables. Cameras that save bandwidth leave out the standard's own, and the
/// decoder knows to put them back only for frames that are marked as from an AVI file.
pub(super) fn with_tables(bytes: &[u8]) -> Result<Cow<'_, [u8]>, SourceError> {
    const DHT: u8 = 0xC4;
    const SOS: u8 = 0xDA;
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return Err(SourceError::broken("not a JPEG"));
    }
    let cut_off = || SourceError::broken("a JPEG without a picture");
    let mut at = 2;
    loop {
        let (marker, after) = match bytes.get(at..).unwrap_or_default() {
            // Bytes of filling before a marker.
            [0xFF, 0xFF, ..] => {
                at += 1;
                continue;
            }
            [0xFF, marker, after @ ..] => (*marker, after),
            _ => return Err(cut_off()),
        };
        match marker {
            DHT => return Ok(Cow::Borrowed(bytes)),
            SOS => {
                let (headers, picture) = bytes.split_at_checked(at).ok_or_else(cut_off)?;
                return Ok(Cow::Owned([headers, &STANDARD_TABLES, picture].concat()));
            }
            // A progressive picture keeps all coefficients in memory; no camera sends that.
            0xC2 => return Err(SourceError::broken("a progressive JPEG")),
            // Markers that stand alone.
            0x01 | 0xD0..=0xD7 => at += 2,
            _ => {
                let length = after.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)));
                at += 2 + length.filter(|length| *length >= 2).ok_or_else(cut_off)?;
            }
        }
    }
}

#[cfg(test)]
mod tests;
