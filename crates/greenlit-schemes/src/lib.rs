//! Passes that others issue: each scheme's module recognises a text, takes it apart, and reads what it says once core has
//! found that a trusted key signed it.
//!
//! ```text
//! recognise   text → a presented pass of a scheme, a newer one, a damaged one, or none
//!   core        presented pass + trusted keys → whether one of them signed it
//!     Contents    what was signed → a statement in the words that all schemes share
//! ```
//!
//! # Invariants
//!
//! - Nothing here says that a signature holds, and nothing of a pass leaves it before core does.
//! - A scheme whose texts have no mark of their own never calls one damaged: what does not fit is no pass.
//! - The order in which schemes are asked is fixed: a text belongs to the first that knows it.
//! - Every text is bounded before it is unpacked, and what it unpacks to while it is.
//!
//! # Limitations
//!
//! - Of HCERT the certificates of the EU and the WHO are read; links to health records are told as newer.
//! - A country is written as the certificate has it: with two letters in the EU's, with three in the WHO's.
//! - Claim 169 in Brotli, or encrypted, is told as newer.
#![forbid(unsafe_code)]

mod aadhaar;
mod claim169;
mod cwt;
mod hcert;
mod pretix;
mod protobuf;
mod unpack;

use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::{Presented, Scheme};

pub use unpack::UnpackError;

/// Longest text in bytes: as much as a QR code of version 40 holds, in digits.
pub const MAX_TEXT: usize = 7_089;

/// What a text is among the passes of others.
#[derive(Debug)]
pub enum Recognised {
    /// A pass, to be verified.
    Pass(Box<Presented>),
    /// Of this scheme, in a way that this version does not read.
    Newer {
        /// Which.
        scheme: Scheme,
        /// What it is that is not read.
        what: &'static str,
    },
    /// Begins as this scheme's passes do, and is none.
    Damaged {
        /// Which.
        scheme: Scheme,
        /// Why.
        why: FormatError,
    },
    /// None of them.
    No,
}

/// Why a text that begins as a scheme's passes do is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum FormatError {
    #[error("the text has {0} characters, too long for a pass")]
    TooLong(usize),
    #[error("the text is not Base45")]
    NotBase45,
    #[error("the contents {0}")]
    Packed(#[from] UnpackError),
    #[error("the envelope {0}")]
    Envelope(Malformed),
}

/// Says what a text is. A pass of Greenlit's own is looked for before.
pub fn recognise(text: &[u8]) -> Recognised {
    if text.starts_with(b"HC") {
        return hcert::recognise(text);
    }
    if text.len() > MAX_TEXT {
        return Recognised::No;
    }
    aadhaar::recognise(text)
        .or_else(|| pretix::recognise(text))
        .or_else(|| claim169::recognise(text))
        .unwrap_or(Recognised::No)
}
