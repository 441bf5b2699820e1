//! QR codes (ISO/IEC 18004): payload → picture, and what Greenlit lives by: grey picture → payloads.

#[cfg(feature = "issuer")]
mod draw;
#[cfg(feature = "till")]
mod reader;

#[cfg(feature = "issuer")]
pub use draw::{DrawError, QrPicture};
#[cfg(feature = "till")]
pub use reader::{DECODER_THREAD, Hint, LiveReader, LiveReading, Reading, read};
