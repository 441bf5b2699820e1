//! Passes that others issue, in one vocabulary: what every scheme's pass is taken apart into, before and after its
//! signature holds.
//!
//! A scheme (crate `greenlit-schemes`) recognises a text and takes it apart into a [`Presented`] pass. It never says that
//! a signature holds. What the pass says stays inside until a trusted key has signed it: [`Presented::open`] is the
//! only way to a [`Statement`].

mod key;
mod recognise;
mod statement;

pub use key::{Algorithm, SchemeKey, SchemeKeyError};
pub use recognise::{FormatError, Recognised, Recogniser};
pub use statement::{Born, Fact, Holder, Photo, PhotoFormat, Statement};

use crate::cbor::Malformed;

/// A kind of pass, by who defined it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Event tickets of pretix, signed form (`pretix_sig1`).
    Pretix,
    /// Health certificates of the EU and the WHO (electronic health certificate, `HC1:`).
    Hcert,
    /// National identities after MOSIP's Claim 169.
    Claim169,
    /// India's Aadhaar Secure QR.
    Aadhaar,
    /// France's 2D-Doc.
    TwoDDoc,
}

impl Scheme {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Pretix, Self::Hcert, Self::Claim169, Self::Aadhaar, Self::TwoDDoc];

    /// As it is written in trust data, settings and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pretix => "pretix",
            Self::Hcert => "hcert",
            Self::Claim169 => "claim169",
            Self::Aadhaar => "aadhaar",
            Self::TwoDDoc => "2d-doc",
        }
    }

    /// By the word for it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text)
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a pass says once its signature holds; implemented by each scheme.
pub trait Contents: std::fmt::Debug + Send + Sync {
    /// Reads what was signed.
    ///
    /// # Errors
    /// Something that this version does not know, or that is not of the scheme's format: whoever holds the key has signed
    /// it all the same.
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread>;
}

/// Why what was signed says nothing to this version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A field, type or version that came later than this program, or that it leaves alone.
    #[error("it contains {0}, which this version does not support")]
    Newer(String),
    /// Not of the scheme's format.
    #[error("it {0}")]
    Malformed(#[from] Malformed),
}

impl From<crate::cbor::CborError> for Unread {
    fn from(error: crate::cbor::CborError) -> Self {
        Self::Malformed(error.into())
    }
}

/// A pass of another scheme: well-formed as far as could be told without believing it.
#[derive(Debug)]
pub struct Presented {
    scheme: Scheme,
    algorithm: Option<Algorithm>,
    key_id: Option<Vec<u8>>,
    message: Vec<u8>,
    signature: Vec<u8>,
    signed: std::ops::Range<usize>,
    contents: Box<dyn Contents>,
}

/// What a scheme takes a pass apart into.
#[derive(Debug)]
pub struct Parts<C> {
    /// The algorithm that the pass names, if it names one. A key of another is not tried; a key's own is what counts.
    pub algorithm: Option<Algorithm>,
    /// The key that the pass names, if it names one: a hint, which several keys may share.
    pub key_id: Option<Vec<u8>>,
    /// What was signed, as the algorithm takes it.
    pub message: Vec<u8>,
    /// Where in the message the contents stand.
    pub signed: std::ops::Range<usize>,
    /// The signature; of whatever length.
    pub signature: Vec<u8>,
    /// How the contents are read.
    pub contents: C,
}

impl Presented {
    /// Of its parts.
    pub fn new<C: Contents + 'static>(scheme: Scheme, parts: Parts<C>) -> Self {
        let Parts { algorithm, key_id, message, signed, signature, contents } = parts;
        Self { scheme, algorithm, key_id, message, signature, signed, contents: Box::new(contents) }
    }

    /// Which kind of pass it is.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The key that it names, if it does.
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }

    /// Whether this key may have signed it, by what the pass itself names.
    pub fn may_be_signed_by(&self, key: &SchemeKey) -> bool {
        self.algorithm.is_none_or(|algorithm| algorithm == key.algorithm())
    }

    /// Whether this key signed it.
    pub fn is_signed_by(&self, key: &SchemeKey) -> bool {
        self.may_be_signed_by(key) && key.verifies(&self.message, &self.signature)
    }

    /// What it says, if this key signed it; `None` if it did not.
    pub fn open(&self, key: &SchemeKey) -> Option<Result<Statement, Unread>> {
        if !self.is_signed_by(key) {
            return None;
        }
        Some(self.contents.read(self.message.get(self.signed.clone()).unwrap_or_default()))
    }
}
