//! What every front end of a till shares, the window and the page on a phone: which codes of a reading are to be judged,
//! what an answer shows of a pass, how it sounds, and the window's words.
//!
//! ```text
//! greenlit-qr's symbols ─► codes ─► core's judge ─► verdict ─► AnswerView ─► a page, in pixels or in HTML
//!                                                        └───► melody
//! ```
//!
//! # Invariants
//!
//! - Nothing here judges: what is shown of a pass is had from a verified one, and is the least by which its holder is
//!   compared.
//! - No I/O, clock, threads or windows; builds for wasm32.
#![forbid(unsafe_code)]

mod answer_view;
mod codes;
mod melody;
mod window_words;

pub use answer_view::{AnswerView, Line, Page, Showing, notice};
pub use codes::{codes, is_read_otherwise};
pub use melody::{BEEP, Note, melody};
pub use window_words::{window_says, window_words};
