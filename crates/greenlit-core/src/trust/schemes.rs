//! The scheme bundle and its key lists in a till's trust data, and the rules by which newer ones are taken.
//!
//! Bundle and scheme bundle have versions of their own, and neither waits for the other: each falls behind nothing that was
//! held of itself.

use std::sync::Arc;

use super::state::Rise;
use super::{ImportError, KeyList, KeyListEntry, KeyListError, SchemeBundle, TrustState};
use crate::scheme::Scheme;

impl TrustState {
    /// Takes a scheme bundle of the newest root that is no older than any held. `false` when it is the very one already
    /// held.
    ///
    /// # Errors
    /// If it does not hold, or falls behind what was held.
    pub fn import_scheme_bundle(&mut self, bytes: &[u8]) -> Result<bool, ImportError> {
        let root = self.root_of_bundles()?;
        if self.scheme_bundle.as_ref().is_some_and(|held| held.as_bytes() == bytes) {
            return Ok(false);
        }
        let bundle = SchemeBundle::open(bytes, root).map_err(ImportError::SchemeBundle)?;
        match Rise::of(bundle.version, self.held.scheme_bundle, self.scheme_bundle.is_some()) {
            Rise::Older { found, held } => return Err(ImportError::OlderSchemeBundle { found, held }),
            Rise::Second(held) => return Err(ImportError::SecondSchemeBundle(held)),
            Rise::Newer => {}
        }
        self.held.scheme_bundle = Some(bundle.version);
        self.held.raise_floor(bundle.issued);
        // The digest says whether a list that is held is still the one that is named.
        let same = |id: &u64, list: &mut Arc<KeyList>| {
            let old = self.scheme_bundle.as_ref().and_then(|old| old.key_list(*id)).map(|entry| entry.digest);
            bundle.key_list(*id).is_some_and(|new| Some(new.digest) == old && new.scheme == list.body().scheme)
        };
        self.key_lists.retain(same);
        self.scheme_bundle = Some(Arc::new(bundle));
        Ok(true)
    }

    /// Takes a key list that the scheme bundle names. `false` when it is the very one already held.
    ///
    /// # Errors
    /// If it is not the one that is named, or is not of the format.
    pub fn import_key_list(&mut self, id: u64, bytes: &[u8]) -> Result<bool, ImportError> {
        let fail = |error| ImportError::KeyList { id, error };
        let bundle = self.scheme_bundle.as_ref().ok_or(fail(KeyListError::Unknown))?;
        let entry = bundle.key_list(id).ok_or(fail(KeyListError::Unknown))?;
        if self.key_lists.get(&id).is_some_and(|held| held.as_bytes() == bytes) {
            return Ok(false);
        }
        let list = KeyList::open(bytes, entry).map_err(fail)?;
        self.key_lists.insert(id, Arc::new(list));
        Ok(true)
    }

    /// The scheme bundle in force.
    pub fn scheme_bundle(&self) -> Option<&SchemeBundle> {
        self.scheme_bundle.as_deref()
    }

    /// The key list of this number, if held, with what the scheme bundle says of it.
    pub fn key_list(&self, id: u64) -> Option<(&KeyList, &KeyListEntry)> {
        Some((self.key_lists.get(&id)?.as_ref(), self.scheme_bundle()?.key_list(id)?))
    }

    /// Whether passes of this scheme are looked at here.
    pub fn takes(&self, scheme: Scheme) -> bool {
        self.scheme_bundle().is_some_and(|bundle| bundle.takes(scheme))
    }

    /// The scheme bundle in force and its lists, to be kept by what is judged by them.
    pub(crate) fn shared_scheme_bundle(&self) -> Option<&Arc<SchemeBundle>> {
        self.scheme_bundle.as_ref()
    }
}
