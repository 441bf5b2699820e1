//! Payload → QR picture, as PNG, SVG or frame.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use qrcode::{Color, EcLevel, QrCode, Version};

use crate::luma::LumaFrame;

/// Modules of white around the code (ISO/IEC 18004 §6.3.8).
const QUIET_ZONE: u32 = 4;

/// A QR code at error correction level M, to be drawn.
#[derive(Clone)]
pub struct QrPicture {
    code: QrCode,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DrawError {
    #[error("the text does not fit in a QR code")]
    TooLong,
    #[error("the picture could not be encoded: {0}")]
    Encode(#[from] image::ImageError),
}

impl QrPicture {
    /// The smallest code that holds the text.
    pub fn new(text: &str) -> Result<Self, DrawError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| DrawError::TooLong)?;
        Ok(Self { code })
    }

    /// 1 to 40; a version has 17 + 4 × version modules a side.
    pub fn version(&self) -> u32 {
        match self.code.version() {
            Version::Normal(version) | Version::Micro(version) => u32::try_from(version).unwrap_or(0),
        }
    }

    /// Whether each module is dark, row by row, without the quiet zone.
    pub fn modules(&self) -> (usize, Vec<bool>) {
        (self.code.width(), self.code.to_colors().into_iter().map(|color| color == Color::Dark).collect())
    }

    /// A grey frame with so many pixels a module, as sharp as no camera gives it; none without pixels.
    pub fn to_frame(&self, scale: u32) -> Option<LumaFrame> {
        let picture = self.drawn(scale);
        let side = |side: u32| usize::try_from(side).ok();
        LumaFrame::new(side(picture.width())?, side(picture.height())?, picture.into_raw())
    }

    /// A PNG with so many pixels a module.
    pub fn to_png(&self, scale: u32) -> Result<Vec<u8>, DrawError> {
        let mut png = Cursor::new(Vec::new());
        self.drawn(scale).write_to(&mut png, ImageFormat::Png)?;
        Ok(png.into_inner())
    }

    fn drawn(&self, scale: u32) -> GrayImage {
        let (width, modules) = self.modules();
        let side = (u32::try_from(width).unwrap_or(0) + 2 * QUIET_ZONE) * scale;
        GrayImage::from_fn(side, side, |x, y| {
            let module = |at: u32| usize::try_from((at / scale).checked_sub(QUIET_ZONE)?).ok().filter(|m| *m < width);
            let dark = module(x).zip(module(y)).and_then(|(x, y)| modules.get(y * width + x));
            Luma([if dark == Some(&true) { 0 } else { 255 }])
        })
    }

    /// An SVG in which a module is one unit.
    pub fn to_svg(&self) -> String {
        let (width, modules) = self.modules();
        let side = width + 2 * QUIET_ZONE as usize;
        let mut path = String::new();
        for (i, _) in modules.iter().enumerate().filter(|(_, dark)| **dark) {
            let (x, y) = (i % width + QUIET_ZONE as usize, i / width + QUIET_ZONE as usize);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>\n"
        )
    }
}
