//! Passes that others issue: whose keys tills are to trust, and what the passes give.
//!
//! ```text
//! import   others' key material, in its many forms → a key list, with what was left out and why
//!   folder   schemes/keys-<id>.cbor, the list as tills get it, and beside it a few words on it
//! rules    schemes/rules.toml → what passes give
//!   publish  both → the scheme bundle, signed
//! ```
//!
//! A till parses none of these forms: what it gets is a signed list of plain keys.

mod certificate;
mod compare;
mod folder;
mod forms;
mod import;
mod json;
mod known;
mod material;
mod revoked;
mod rules;
mod trusted_list;

use greenlit_core::time::UnixTime;
use greenlit_core::trust::ListedKey;
use sha2::{Digest, Sha256};

pub use compare::KeyCounts;
pub use folder::{Ages, FOLDER, KeySource, SchemesError, Wanted, number, read, remove, source, store};
pub use forms::FormError;
pub use import::{Draft, ImportError, KeyIdSetting, Request, import};
pub use material::{KeyFault, Kind};
pub use rules::{RULES_FILE, RuleFault, RuleMistake, SchemeRules, read_rules};

/// Something in a file that does not become a key, or an identifier of a pass that does not become a revoked one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it was found.
    pub what: String,
    /// Why it is left out.
    pub why: Why,
}

impl LeftOut {
    fn new(what: &str, why: Why) -> Self {
        Self { what: what.to_owned(), why }
    }
}

/// Why something is left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Why {
    #[error("is not an X.509 certificate")]
    NotACertificate,
    #[error("{0}")]
    Form(String),
    #[error(transparent)]
    Key(#[from] KeyFault),
    #[error("expired at {0}, and health certificates end no later than their key; --expired takes it")]
    Expired(UnixTime),
    #[error("signs certificates, not passes")]
    Authority,
    #[error("is for another use: {0}")]
    OtherUse(String),
    #[error("is the key of a private key that stands beside it: whoever gave it to you should replace it")]
    PrivateKey,
    #[error("stands in another document, which is to be imported itself")]
    Elsewhere,
    #[error("has no identifier by which passes name it; --key-id gives one")]
    NoKeyId,
    #[error("has an identifier of {0} bytes; 1 to 64 are accepted")]
    KeyId(usize),
    #[error("names nobody whose it is; --issuer says so, for keys of one issuer as a list of their own (--list new)")]
    NoIssuer,
    #[error("is of somebody whose name is too long or not plain text; --issuer gives another")]
    Issuer,
    #[error("is the same as {0}")]
    Same(String),
    #[error("is the key of {0}, for another time: that one's was widened")]
    Widened(String),
    #[error("is of the authority {0}, which the trusted list does not name")]
    UnknownAuthority(String),
    #[error("says that it was signed by the authority {0}, which did not sign it")]
    NotSigned(String),
    #[error("is neither a signed ticket of these keys nor the seed of one (up to 64 letters and figures)")]
    NotATicket,
    #[error("is a ticket that none of these keys signed")]
    OtherEvent,
}

/// "DE  es256  d919375fc1e7b6b2  2021-06-01T00:00:00Z to 2023-06-01T00:00:00Z  vaccination, recovery".
pub(crate) fn key_line(key: &ListedKey) -> String {
    let mut parts = vec![key.issuer.clone(), key.algorithm.to_string()];
    parts.push(match &key.key_id {
        // Some are letters, and known by them.
        Some(id) => match std::str::from_utf8(id) {
            Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => text.to_owned(),
            _ => hex::encode(id),
        },
        // Nothing that passes know, but enough to compare by.
        None => format!("SHA-256 {}…", hex::encode(Sha256::digest(&key.key).get(..8).unwrap_or_default())),
    });
    parts.extend(match (key.from, key.until) {
        (Some(from), Some(until)) => Some(format!("{from} to {until}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(until)) => Some(format!("until {until}")),
        (None, None) => None,
    });
    if !key.kinds.is_empty() {
        parts.push(format!("only {}", key.kinds.join(", ")));
    }
    parts.extend(key.revoked_at.map(|at| format!("REVOKED at {at}")));
    parts.join("  ")
}
