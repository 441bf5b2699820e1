//! What the store held when it was last read, so that nobody opens it for every setting, and whether it was
//! busy, so that nobody waits for it twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use greenlit_sync::store::{FILE_NAME, StoreError};

/// Shared by the copies of one till, which the window's threads have.
#[derive(Clone, Default)]
pub(crate) struct Snapshot(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    settings: BTreeMap<&'static str, String>,
    /// It has been read, or could not be.
    asked: bool,
    busy: bool,
    keeps_trying: bool,
}

impl Snapshot {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the store has been read, or could not be.
    pub(crate) fn is_there(&self) -> bool {
        self.seen().asked
    }

    pub(crate) fn setting(&self, name: &str) -> Option<String> {
        self.seen().settings.get(name).cloned()
    }

    /// The settings as they stand now. Where they could not be read, those held go on serving.
    pub(crate) fn note(&self, read: Option<BTreeMap<&'static str, String>>) {
        let mut seen = self.seen();
        seen.asked = true;
        if let Some(settings) = read {
            seen.settings = settings;
        }
    }

    /// Works on the store in this folder, unless it was busy before: a command waits once.
    pub(crate) fn unless_busy<T>(
        &self,
        folder: &Path,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.seen().busy {
            return Err(StoreError::Busy(folder.join(FILE_NAME)));
        }
        // Not under the lock: whoever only asks for a setting is not to wait for the store.
        let done = work();
        let mut seen = self.seen();
        seen.busy = matches!(done, Err(StoreError::Busy(_))) && !seen.keeps_trying;
        done
    }

    /// From now on a busy store is tried again whenever it is wanted: for what stays open.
    pub(crate) fn keep_trying(&self) {
        let mut seen = self.seen();
        (seen.busy, seen.keeps_trying) = (false, true);
    }
}
