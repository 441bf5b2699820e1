//! A QR code that was read, with everything it says about itself.

use crate::decode::layout::Layout;
use crate::decode::segments::Segments;
use crate::decode::{Decoded, FormatInfo, drawn};
use crate::sample::perspective::Point;

pub use crate::decode::segments::{Fnc1, StructuredAppend};

/// Error correction level (ISO/IEC 18004 §6.5.1): about how much of a code may be damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// 7 %.
    L,
    /// 15 %.
    M,
    /// 25 %.
    Q,
    /// 30 %.
    H,
}

/// One QR code.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// What its segments hold, one after the other, as bytes; no character set is applied.
    pub payload: Vec<u8>,
    /// The outer corners in pixels of the picture: of the finder between the other two, then around the
    /// code, first across, then down.
    pub corners: [(f32, f32); 4],
    /// 1 to 40.
    pub version: u8,
    /// How much of it may be damaged.
    pub level: Level,
    /// 0 to 7.
    pub mask: u8,
    /// Seen in a mirror, or from behind.
    pub mirrored: bool,
    /// Light modules on dark ground.
    pub inverted: bool,
    /// Extended channel interpretations in the order in which the code calls for them (§7.4.2): which
    /// character set the bytes are in, where it says so.
    pub eci: Vec<u32>,
    /// Set where an alphanumeric `%` and the whole text follow the rules of GS1 or of another industry.
    pub fnc1: Option<Fnc1>,
    /// Set where this is one of several codes that hold a text together.
    pub structured_append: Option<StructuredAppend>,
    layout: &'static Layout,
    format: FormatInfo,
    codewords: Vec<u8>,
}

impl Symbol {
    pub(crate) fn new(decoded: Decoded, corners: [Point; 4], inverted: bool) -> Self {
        let Decoded { payload, segments, layout, format, codewords } = decoded;
        let Segments { eci, fnc1, structured_append } = segments;
        Self {
            payload,
            corners,
            version: u8::try_from(layout.version).unwrap_or(40),
            level: [Level::L, Level::M, Level::Q, Level::H].get(format.level).copied().unwrap_or(Level::L),
            mask: format.mask,
            mirrored: format.mirrored,
            inverted,
            eci,
            fnc1,
            structured_append,
            layout,
            format,
            codewords,
        }
    }

    /// Modules a side, without the quiet zone.
    pub fn side(&self) -> usize {
        self.layout.side
    }

    /// Every module after error correction, row by row, true for dark: the code as its maker drew it, neither
    /// inverted nor mirrored. For a second reader, or to draw it again.
    pub fn modules(&self) -> Vec<bool> {
        drawn(&self.codewords, self.layout, &self.format)
    }

    /// The payloads of these codes.
    pub(crate) fn payloads(symbols: &[Self]) -> Vec<&[u8]> {
        symbols.iter().map(|symbol| symbol.payload.as_slice()).collect()
    }

    pub(crate) fn moved(mut self, left: f32, top: f32) -> Self {
        self.corners = self.corners.map(|(x, y)| (x + left, y + top));
        self
    }

    pub(crate) fn scaled(mut self, factor: f32) -> Self {
        self.corners = self.corners.map(|(x, y)| (x * factor, y * factor));
        self
    }
}
