//! A root as the text of a QR code, by which a till is set up through its camera: `GLR1:` and the Base45 of its bytes.
//!
//! Reading one trusts nobody. Its bytes are those of the file, and are judged as such: by
//! [`Root::verify_anchor`](super::Root::verify_anchor), and by whoever compares the fingerprint. While passes are
//! scanned it is no pass: [`NotAPass::RootCode`](crate::pass::NotAPass::RootCode).

use crate::strict_base45;

/// What the text of every root's code begins with.
pub const PREFIX: &str = "GLR1:";
/// Largest root in a code, in bytes. A larger code has modules too small for the cameras of tills.
pub const MAX_BYTES: usize = 2_048;
/// Longest text of a root's code, in characters: three for two bytes.
pub const MAX_TEXT: usize = PREFIX.len() + MAX_BYTES / 2 * 3;

/// A root that no code is made of or read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too large for a code, use the file ({CODE}: {size} bytes of at most {MAX_BYTES})", CODE = Self::CODE)]
pub struct TooLarge {
    /// Of the root, in bytes.
    pub size: usize,
}

impl TooLarge {
    /// A stable word for programs.
    pub const CODE: &'static str = "too-large";
}

/// Why a text gave no bytes of a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum RootCodeError {
    #[error("not the code of an authority's root")]
    NotARootCode,
    #[error("begins as an authority's root, but is damaged: its text is not Base45")]
    NotBase45,
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl RootCodeError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotARootCode => "not-a-root-code",
            Self::NotBase45 => "not-base45",
            Self::TooLarge(_) => TooLarge::CODE,
        }
    }
}

/// Whether a text says that it is a root's code, well-formed or not.
pub fn is_meant(text: &[u8]) -> bool {
    text.starts_with(PREFIX.as_bytes())
}

/// The bytes in a root's code, whatever they are: [`Root::verify_anchor`](super::Root::verify_anchor) judges them.
///
/// # Errors
///
/// If it is no such code, or holds more than [`MAX_BYTES`], which is known before anything of it is decoded.
pub fn read(text: &[u8]) -> Result<Vec<u8>, RootCodeError> {
    let encoded = text.strip_prefix(PREFIX.as_bytes()).ok_or(RootCodeError::NotARootCode)?;
    if text.len() > MAX_TEXT {
        return Err(TooLarge { size: encoded.len() / 3 * 2 + encoded.len() % 3 / 2 }.into());
    }
    strict_base45::decode(encoded).ok_or(RootCodeError::NotBase45)
}

/// The code of a root, from the bytes of its file.
///
/// # Errors
///
/// If it has more than [`MAX_BYTES`].
pub fn to_code(root: &[u8]) -> Result<String, TooLarge> {
    if root.len() > MAX_BYTES {
        return Err(TooLarge { size: root.len() });
    }
    Ok(format!("{PREFIX}{}", strict_base45::encode(root)))
}
