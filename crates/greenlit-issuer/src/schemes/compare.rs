//! What differs between a key list and the one before it.

use std::collections::BTreeSet;

use greenlit_core::trust::{KeyListBody, ListedKey};

/// How a list's keys, and the passes that it calls back, differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Keys that are new.
    pub added: usize,
    /// Keys that are gone.
    pub removed: usize,
    /// Keys of which something else is said.
    pub changed: usize,
    /// Passes that are called back.
    pub revoked: usize,
    /// Passes that are called back no more.
    pub lifted: usize,
}

impl KeyCounts {
    /// What the second list has that the first has not, and the other way round. Keys are the same by what they verify and for whom; whatever else is said of them may differ.
    pub fn between(old: &KeyListBody, new: &KeyListBody) -> Self {
        type Name<'k> = (&'k [u8], Option<&'k [u8]>);
        fn names<'k>(keys: impl Iterator<Item = &'k ListedKey>) -> BTreeSet<Name<'k>> {
            keys.map(|key| (key.key.as_slice(), key.key_id.as_deref())).collect()
        }
        let (was, is) = (names(old.keys.iter()), names(new.keys.iter()));
        let held = names(new.keys.iter().filter(|key| old.keys.contains(key)));
        let (old_ids, new_ids): (BTreeSet<_>, BTreeSet<_>) =
            (old.revoked.iter().collect(), new.revoked.iter().collect());
        Self {
            added: is.difference(&was).count(),
            removed: was.difference(&is).count(),
            changed: is.intersection(&was).filter(|key| !held.contains(*key)).count(),
            revoked: new_ids.difference(&old_ids).count(),
            lifted: old_ids.difference(&new_ids).count(),
        }
    }
}
