//! Trust data: who may sign what. A root names the keys that sign bundles; a bundle names issuers,
//! rules and status lists. Nothing here exists unless its signatures held.
//!
//! The scheme follows The Update Framework: thresholds, numbered roots that each sign the next, and
//! versions that only rise.

mod bundle;
mod entries;
mod freshness;
mod key_list;
mod keyset;
mod relation;
mod root;
pub mod root_code;
mod scheme_bundle;
mod scheme_rule;
mod schemes;
mod state;

pub use bundle::{Bundle, BundleBody};
pub use entries::{BenefitKind, Issuer, ListEntry, Rule, VenueKind};
pub use freshness::{Age, DUE_SOON, Freshness};
pub use key_list::{KeyList, KeyListBody, KeyListEntry, KeyListError, ListedKey, TrustedKey};
pub use keyset::{KeySet, KeySetError, SignatureError};
pub use relation::Relation;
pub use root::{Fingerprint, Root, RootBody};
pub use scheme_bundle::{SchemeBundle, SchemeBundleBody};
pub use scheme_rule::{AGE, Condition, ISSUED, SchemeRule, Test};
pub use state::{
    CLOCK_TOLERANCE, Documents, ImportError, ListError, RollbackFloor, SET_BACK_TOLERANCE, TrustState, Unusable, Usable,
};

use crate::cbor::Malformed;
use crate::cose::Sign;

/// An entry of a list; or, where a later version says something of it that may bound it, what is understood of that.
enum Entry<T, N> {
    Known(T),
    Newer(N),
}

impl<T, N> Entry<T, N> {
    fn split(entries: Vec<Self>) -> (Vec<T>, Vec<N>) {
        let (mut known, mut newer) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Self::Known(entry) => known.push(entry),
                Self::Newer(entry) => newer.push(entry),
            }
        }
        (known, newer)
    }
}

/// Most languages, keys and the like are bounded here, before anything is parsed.
pub mod limits {
    /// Largest root, in bytes.
    pub const MAX_ROOT_BYTES: usize = 16 << 10;
    /// Largest bundle, in bytes.
    pub const MAX_BUNDLE_BYTES: usize = 256 << 10;
    /// Largest status list as fetched, in bytes; inflated it is held to the same.
    pub const MAX_LIST_BYTES: usize = 8 << 20;
    /// Most issuers of a bundle.
    pub const MAX_ISSUERS: usize = 1_000;
    /// Most rules of a bundle.
    pub const MAX_RULES: usize = 500;
    /// Most status lists of a bundle.
    pub const MAX_LISTS: usize = 64;
    /// Most key lists of a scheme bundle.
    pub const MAX_KEY_LISTS: usize = 32;
    /// Most issuers that a scheme rule names.
    pub const MAX_RULE_ISSUERS: usize = 64;
    /// Most kinds of pass that one names.
    pub const MAX_RULE_KINDS: usize = 32;
    /// Most conditions of one.
    pub const MAX_CONDITIONS: usize = 16;
    /// Most values of a fact that a condition names.
    pub const MAX_VALUES: usize = 64;
    /// Longest name of a fact, kind or issuer of a scheme's, in bytes.
    pub const MAX_NAME_BYTES: usize = 64;
    /// Largest key list, in bytes.
    pub const MAX_KEY_LIST_BYTES: usize = 2 << 20;
    /// Most keys of a key list.
    pub const MAX_LISTED_KEYS: usize = 4_000;
    /// Largest key of another scheme, in bytes: RSA of 4,096 bits and some.
    pub const MAX_SCHEME_KEY_BYTES: usize = 600;
    /// Most passes that a key list calls back.
    pub const MAX_REVOKED_IDS: usize = 100_000;
    /// Most keys of one role.
    pub const MAX_KEYS: usize = 16;
    /// Most root steps in one sync: many more than an authority makes in a till's life, and an end to
    /// a chain that has none.
    pub const MAX_ROOT_ADVANCES: u64 = 1_024;
}

/// Why a root or a bundle was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum DocumentError {
    #[error("is {size} bytes long; the limit is {cap}")]
    TooLarge { size: usize, cap: usize },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("has unusable keys for {role}: {error}")]
    Keys { role: &'static str, error: KeySetError },
    #[error(transparent)]
    Signatures(#[from] SignatureError),
    #[error("is root {found} instead of root {wanted}")]
    WrongNumber { found: u64, wanted: u64 },
    #[error("was made for root {found}, but root {wanted} is current")]
    OtherRoot { found: u64, wanted: u64 },
}

impl From<crate::cbor::CborError> for DocumentError {
    fn from(error: crate::cbor::CborError) -> Self {
        Self::Malformed(error.into())
    }
}

fn open_envelope(bytes: &[u8], cap: usize) -> Result<Sign<'_>, DocumentError> {
    if bytes.len() > cap {
        return Err(DocumentError::TooLarge { size: bytes.len(), cap });
    }
    Ok(Sign::parse(bytes)?)
}
