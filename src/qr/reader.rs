//! Grey picture → payloads.
//!
//! ```text
//! live      frame after frame; area: where the code was last, looked at first; sums; coach
//! read      one picture
//!   stages    ways to look, from cheap to dear
//!     search    pyramid, threshold → scan → finder → triple: three finders that may be a code's
//!       attempt   timing, alignment, refine → perspective; levels, equalize → module values
//!         blur, evidence, unblur: modules that run into one another, all at once
//!         decode    format, reed_solomon, segments, plain → payload
//! ```

mod alignment;
mod area;
mod attempt;
mod blur;
mod clock;
mod coach;
mod decode;
mod equalize;
mod evidence;
mod finder;
mod layout;
mod levels;
mod linear;
mod live;
mod perspective;
mod plain;
mod pyramid;
mod read;
mod reed_solomon;
mod refine;
mod sample;
mod scan;
mod search;
mod segments;
mod stages;
mod sums;
mod threshold;
mod timing;
mod triple;
mod unblur;

pub use coach::Hint;
pub use decode::DECODER_THREAD;
pub use live::{LiveReader, LiveReading};
pub use read::{Reading, read};
