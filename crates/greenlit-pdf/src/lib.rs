//! Pages of text and shapes as a PDF, for whatever of Greenlit is printed.
//!
//! ```text
//! canvas     text, shapes and QR codes in points from the top left
//!   face     a font: shaping, widths, and the glyphs that were used
//! document   pages and fonts as a PDF
//! ```
//!
//! Pure, and the same bytes every time: no date, no name of the machine. The fonts are embedded as far as they are
//! used, so that a page looks the same everywhere and its text can be copied and searched.
#![forbid(unsafe_code)]

mod canvas;
mod document;
mod face;

pub use canvas::{Canvas, Colour, HEIGHT, Style, WIDTH};
pub use document::{About, Document, Shared};
pub use face::{Fonts, Weight};

/// An embedded font cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the embedded font {0} cannot be used")]
pub struct FontError(pub &'static str);
