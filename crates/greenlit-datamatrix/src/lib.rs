//! Reads Data Matrix symbols (ISO/IEC 16022, ECC 200) in camera frames, as the bytes that stand in them.
//!
//! rxing finds the symbols and corrects their errors; what their codewords say is read here, because what rxing makes of
//! them is text in a character set that it guesses.
//!
//! ```
//! use greenlit_datamatrix::read;
//! use greenlit_qr::LumaFrame;
//!
//! let frame = LumaFrame::new(320, 240, vec![255; 320 * 240]).expect("as many pixels as that");
//! assert!(read(&frame).is_empty());
//! ```
//!
//! # Limitations
//!
//! - Dark modules on light ground alone.
//! - Symbols of which several hold a text together (structured append) are left out.
//! - Where a panic ends the program, as on wasm32, one in rxing does.
#![forbid(unsafe_code)]

mod codewords;
mod find;
mod gate;

pub use find::{Symbol, read};
