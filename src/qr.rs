//! QR codes (ISO/IEC 18004): grey picture → payloads, and payload → picture.

#[cfg(feature = "app")]
mod alignment;
#[cfg(feature = "app")]
mod area;
#[cfg(feature = "app")]
mod attempt;
#[cfg(feature = "app")]
mod clock;
#[cfg(feature = "app")]
mod coach;
#[cfg(feature = "app")]
mod decode;
#[cfg(feature = "issuer")]
mod draw;
#[cfg(feature = "app")]
mod equalize;
#[cfg(feature = "app")]
mod finder;
#[cfg(feature = "app")]
mod layout;
#[cfg(feature = "app")]
mod levels;
#[cfg(feature = "app")]
mod live;
#[cfg(feature = "app")]
mod perspective;
#[cfg(feature = "app")]
mod plain;
#[cfg(feature = "app")]
mod pyramid;
#[cfg(feature = "app")]
mod read;
#[cfg(feature = "app")]
mod reed_solomon;
#[cfg(feature = "app")]
mod refine;
#[cfg(feature = "app")]
mod sample;
#[cfg(feature = "app")]
mod scan;
#[cfg(feature = "app")]
mod search;
#[cfg(feature = "app")]
mod segments;
#[cfg(feature = "app")]
mod stages;
#[cfg(feature = "app")]
mod sums;
#[cfg(feature = "app")]
mod threshold;
#[cfg(feature = "app")]
mod timing;
#[cfg(feature = "app")]
mod triple;

#[cfg(feature = "app")]
pub use coach::Hint;
#[cfg(feature = "app")]
pub use decode::DECODER_THREAD;
#[cfg(feature = "issuer")]
pub use draw::{DrawError, QrPicture};
#[cfg(feature = "app")]
pub use live::{LiveReader, LiveReading};
#[cfg(feature = "app")]
pub use read::{Reading, read};
