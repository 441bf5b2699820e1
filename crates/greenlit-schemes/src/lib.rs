//! Passes that others issue: each scheme's module recognises a text, takes it apart, and reads what it says once core has
//! found that a trusted key signed it.
//!
//! ```text
//! recognise   text, or bytes of a Data Matrix → a presented pass of a scheme, a newer one, a damaged one, or none
//!   core        presented pass + trusted keys → whether one of them signed it
//!     Contents    what was signed → a statement in the words that all schemes share
//! ```
//!
//! # Invariants
//!
//! - Nothing here says that a signature holds, and nothing of a pass leaves it before core does.
//! - A scheme whose texts have no mark of their own never calls one damaged: what does not fit is no pass.
//! - The order in which schemes are asked is fixed: a text belongs to the first that knows it.
//! - A scheme is known only in the kind of code that it defines.
//! - Every text is bounded before it is unpacked, and what it unpacks to while it is.
//!
//! # Limitations
//!
//! - Of HCERT the certificates of the EU and the WHO are read; links to health records are told as newer.
//! - A country is written as the certificate has it: with two letters in the EU's, with three in the WHO's.
//! - Claim 169 in Brotli, or encrypted, is told as newer.
//! - 2D-Doc in its first version or in binary is told as newer, and so is, once signed, a type of document or a field
//!   that is not among those that are read.
#![forbid(unsafe_code)]

mod aadhaar;
mod claim169;
mod cwt;
mod hcert;
mod pretix;
mod protobuf;
mod two_d_doc;
mod unpack;

use greenlit_core::scheme::Recogniser;
pub use greenlit_core::scheme::{FormatError, Recognised};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::verdict::Judge;

/// Every scheme of this crate, for a till's judge.
pub const RECOGNISER: Recogniser = Recogniser::new(recognise, recognise_data_matrix);

/// Longest text in bytes: as much as a QR code of version 40 holds, in digits.
pub const MAX_TEXT: usize = 7_089;

/// A till's judge: of Greenlit's own passes, and of those of every scheme here that the trust data takes.
pub fn judge(trust: &TrustState, clock: UnixTime) -> Judge<'_> {
    Judge::new(trust, RECOGNISER, clock)
}

/// Says what the text of a QR code is. A pass of Greenlit's own is looked for before.
pub fn recognise(text: &[u8]) -> Recognised {
    // A ticket may begin with these letters too, and is none of HCERT's.
    if text.starts_with(b"HC") {
        match hcert::recognise(text) {
            Recognised::No => {}
            recognised => return recognised,
        }
    }
    if text.len() > MAX_TEXT {
        return Recognised::No;
    }
    aadhaar::recognise(text)
        .or_else(|| pretix::recognise(text))
        .or_else(|| claim169::recognise(text))
        .unwrap_or(Recognised::No)
}

/// Says what the bytes of a Data Matrix are, as they stand in it: separators are bytes, not what a reader prints for them.
pub fn recognise_data_matrix(bytes: &[u8]) -> Recognised {
    two_d_doc::recognise(bytes)
}
