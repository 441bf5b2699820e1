//! QR codes (ISO/IEC 18004): grey picture → payloads, and payload → picture.

#[cfg(feature = "issuer")]
mod draw;
#[cfg(feature = "app")]
mod plain;
#[cfg(feature = "app")]
mod read;

#[cfg(feature = "issuer")]
pub use draw::{DrawError, QrPicture};
#[cfg(feature = "app")]
pub use read::{DECODER_THREAD, Reading, read};
