//! Reads QR codes (ISO/IEC 18004) in grey pictures: still ones, and streams of camera frames.
//!
//! Made for a till: codes out of focus, smeared, tilted, far away, on dim screens, under glare, inverted,
//! mirrored, several at once; within a budget of time a frame. Bytes from outside never make it panic.
//!
//! ```
//! use std::time::Duration;
//! use greenlit_qr::{LumaFrame, read};
//!
//! let frame = LumaFrame::new(320, 240, vec![255; 320 * 240]).expect("as many pixels as that");
//! let reading = read(&frame, Duration::from_millis(500));
//! assert!(reading.symbols.is_empty() && !reading.ran_out);
//! ```
//!
//! A camera's frames go through a [`LiveReader`], which adds up what it sees of a code over frames and
//! tells what would help ([`Hint`]). A [`Joiner`] puts texts together that several codes hold.
//! `cargo run --example read -- PICTURE.png` reads a picture.
//!
//! ```text
//! live      frame after frame; area: where the code was last, looked at first; accumulators; coach
//! joiner    texts of which several codes hold a part each
//! read      one picture, by the steps of the plan
//!   search    detect: texture: where to look closer; pyramid, threshold → scan → finder → triple: three finders that may be a code's
//!     pair      two finders: where the third must be
//!     attempt   sample: timing, alignment, refine → perspective, bent: folded or rolled paper; levels → module values
//!       deblur    equalize; blur, evidence, unblur: modules that run into one another, all at once
//!       decode    format, reed_solomon, segments → payload
//! ```
//!
//! # Limitations
//!
//! - A code of which two finders or more are cut off, covered or torn is not read.
//! - Colours are not looked at by itself: a code as light as its paper is read from [`LumaFrame::of_colours`].
//! - A picture of more than 2,200 pixels a side is read at half its size or less.
//! - Crumpled paper, or paper rolled by more than about a third of a turn, is seldom read.
//! - Micro QR and rMQR are not read, nor are models 1.
//! - Off Unix, and on wasm32, budgets go by the clock on the wall instead of processor time.
#![forbid(unsafe_code)]

mod attempt;
mod budget;
mod deblur;
mod decode;
mod detect;
#[cfg(feature = "encode")]
pub mod encode;
mod joiner;
mod live;
mod luma;
mod pair;
mod plan;
mod read;
mod sample;
mod search;
mod symbol;

pub use joiner::Joiner;
pub use live::coach::Hint;
pub use live::{ColourReader, LiveReader, LiveReading};
pub use luma::LumaFrame;
pub use read::{Reading, read};
pub use symbol::{Fnc1, Level, StructuredAppend, Symbol};
