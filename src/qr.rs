//! QR codes (ISO/IEC 18004): grey picture → payloads, and payload → picture.
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

#[cfg(feature = "till")]
mod alignment;
#[cfg(feature = "till")]
mod area;
#[cfg(feature = "till")]
mod attempt;
#[cfg(feature = "till")]
mod blur;
#[cfg(feature = "till")]
mod clock;
#[cfg(feature = "till")]
mod coach;
#[cfg(feature = "till")]
mod decode;
#[cfg(feature = "issuer")]
mod draw;
#[cfg(feature = "till")]
mod equalize;
#[cfg(feature = "till")]
mod evidence;
#[cfg(feature = "till")]
mod finder;
#[cfg(feature = "till")]
mod layout;
#[cfg(feature = "till")]
mod levels;
#[cfg(feature = "till")]
mod linear;
#[cfg(feature = "till")]
mod live;
#[cfg(feature = "till")]
mod perspective;
#[cfg(feature = "till")]
mod plain;
#[cfg(feature = "till")]
mod pyramid;
#[cfg(feature = "till")]
mod read;
#[cfg(feature = "till")]
mod reed_solomon;
#[cfg(feature = "till")]
mod refine;
#[cfg(feature = "till")]
mod sample;
#[cfg(feature = "till")]
mod scan;
#[cfg(feature = "till")]
mod search;
#[cfg(feature = "till")]
mod segments;
#[cfg(feature = "till")]
mod stages;
#[cfg(feature = "till")]
mod sums;
#[cfg(feature = "till")]
mod threshold;
#[cfg(feature = "till")]
mod timing;
#[cfg(feature = "till")]
mod triple;
#[cfg(feature = "till")]
mod unblur;

#[cfg(feature = "till")]
pub use coach::Hint;
#[cfg(feature = "till")]
pub use decode::DECODER_THREAD;
#[cfg(feature = "issuer")]
pub use draw::{DrawError, QrPicture};
#[cfg(feature = "till")]
pub use live::{LiveReader, LiveReading};
#[cfg(feature = "till")]
pub use read::{Reading, read};
