//! What a text is among the passes of others, and the door by which a program's schemes come in.

use super::{Presented, Scheme};
use crate::cbor::Malformed;

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
    /// Of this scheme as it seems, in a form that is not signed: its maker alone can say, over the network.
    OnlineOnly {
        /// Which.
        scheme: Scheme,
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
    #[error("the contents are not packed as they should be")]
    NotPacked,
    #[error("the contents unpack to more than {0} bytes")]
    UnpacksTooLong(usize),
    #[error("the contents have something after their end")]
    Trailing,
    #[error("the envelope {0}")]
    Envelope(Malformed),
    #[error("the document {0}")]
    Document(#[from] Malformed),
}

/// How a program recognises passes of other schemes: crate `greenlit-schemes` in a till, nothing in a program that reads
/// Greenlit's own alone.
#[derive(Clone, Copy, Debug)]
pub struct Recogniser {
    text: fn(&[u8]) -> Recognised,
    data_matrix: fn(&[u8]) -> Recognised,
}

impl Recogniser {
    /// Recognises nothing.
    pub const NONE: Self = Self::new(|_| Recognised::No, |_| Recognised::No);

    /// By one function for texts, of QR codes and typed ones, and one for what stands in a Data Matrix.
    pub const fn new(text: fn(&[u8]) -> Recognised, data_matrix: fn(&[u8]) -> Recognised) -> Self {
        Self { text, data_matrix }
    }

    /// What a text is.
    pub fn text(&self, text: &[u8]) -> Recognised {
        (self.text)(text)
    }

    /// What the contents of a Data Matrix are.
    pub fn data_matrix(&self, contents: &[u8]) -> Recognised {
        (self.data_matrix)(contents)
    }
}
