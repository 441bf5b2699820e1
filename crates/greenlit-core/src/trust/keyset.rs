//! Keys of one role with the number of them that must sign.

use crate::cbor::{Malformed, Reader, Writer};
use crate::cose::Sign;
use crate::key::{KeyError, KeyId, PublicKey};

use super::{DocumentError, limits};

/// One to sixteen different keys, of which `threshold` must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<PublicKey>,
    threshold: usize,
}

/// Why keys and a threshold make no key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum KeySetError {
    #[error("{0} keys; 1 to 16 are allowed")]
    Count(usize),
    #[error("a threshold of {threshold} with {keys} keys")]
    Threshold { threshold: u64, keys: usize },
    #[error("the key {0} is listed twice")]
    Duplicate(KeyId),
    #[error("two different keys share the name {0}")]
    SharedName(KeyId),
    #[error("the key {0} also has another role")]
    TwoRoles(KeyId),
    #[error("a key that {0}")]
    Key(#[from] KeyError),
}

/// Why a document's signatures do not carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum SignatureError {
    #[error("has {good} valid signatures by {role} keys but needs {threshold}")]
    Threshold { role: &'static str, good: usize, threshold: usize },
    #[error("has an invalid signature by {0}: the file was changed or damaged")]
    Bad(KeyId),
    #[error("is signed by {0}, which is not an authorised key")]
    Stranger(KeyId),
}

impl KeySet {
    /// Checks the keys and the threshold.
    pub fn new(keys: Vec<PublicKey>, threshold: u64) -> Result<Self, KeySetError> {
        if keys.is_empty() || keys.len() > limits::MAX_KEYS {
            return Err(KeySetError::Count(keys.len()));
        }
        let wrong = KeySetError::Threshold { threshold, keys: keys.len() };
        let threshold = usize::try_from(threshold).ok().filter(|t| (1..=keys.len()).contains(t)).ok_or(wrong)?;
        all_different(keys.iter())?;
        Ok(Self { keys, threshold })
    }

    /// The keys in the order written.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// How many of them must sign.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// The key of this name.
    pub fn find(&self, kid: KeyId) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.id() == kid)
    }

    pub(super) fn read(keys: Vec<[u8; 32]>, threshold: u64, role: &'static str) -> Result<Self, DocumentError> {
        let keys: Result<Vec<_>, KeyError> = keys.iter().map(PublicKey::from_bytes).collect();
        let set = keys.map_err(KeySetError::from).and_then(|keys| Self::new(keys, threshold));
        set.map_err(|error| DocumentError::Keys { role, error })
    }

    pub(super) fn write_keys(&self, writer: &mut Writer) {
        writer.array(self.keys.len());
        for key in &self.keys {
            writer.bytes(key.as_bytes());
        }
    }
}

/// Reads a list of 32-byte keys without judging them yet.
pub(super) fn read_keys(reader: &mut Reader<'_>, field: &'static str) -> Result<Vec<[u8; 32]>, Malformed> {
    reader.list(field, limits::MAX_KEYS, |r| Ok::<_, Malformed>(*r.bytes_of("key")?))
}

/// Requires different keys with different names.
pub(super) fn all_different<'k>(keys: impl Iterator<Item = &'k PublicKey>) -> Result<(), KeySetError> {
    let mut seen = std::collections::BTreeMap::new();
    for key in keys {
        match seen.insert(key.id(), key) {
            Some(other) if other == key => return Err(KeySetError::Duplicate(key.id())),
            Some(_) => return Err(KeySetError::SharedName(key.id())),
            None => {}
        }
    }
    Ok(())
}

/// Requires that every signature is good and known, and that each role's threshold of *different*
/// keys is met. `strangers` lets signatures by unknown keys stand without counting: an anchor that
/// is itself a later root carries those of the root before it, whose keys nobody has here.
pub(super) fn check_signatures(
    sign: &Sign<'_>,
    external_aad: &str,
    roles: &[(&'static str, &KeySet)],
    strangers: bool,
) -> Result<(), SignatureError> {
    let mut good: Vec<KeyId> = Vec::new();
    for one in &sign.signatures {
        let Some(key) = roles.iter().find_map(|(_, set)| set.find(one.kid)) else {
            if strangers {
                continue;
            }
            return Err(SignatureError::Stranger(one.kid));
        };
        if !key.verifies(&sign.signed_bytes(one, external_aad), one.signature) {
            return Err(SignatureError::Bad(one.kid));
        }
        if !good.contains(&one.kid) {
            good.push(one.kid);
        }
    }
    for (role, set) in roles {
        let count = good.iter().filter(|kid| set.find(**kid).is_some()).count();
        if count < set.threshold {
            return Err(SignatureError::Threshold { role, good: count, threshold: set.threshold });
        }
    }
    Ok(())
}
