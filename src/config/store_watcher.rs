//! Whether another copy has written the store, for what stays open: the window and `greenlit watch`.

use std::time::SystemTime;

use greenlit_core::trust::{Root, TrustState};
use greenlit_sync::store::{FILE_NAME, StoreError};
use greenlit_words::failure;

use crate::config::diagnostic::{language, warn};
use crate::config::failures;
use crate::config::till::{StoreTrouble, Till, build_date, report_rejected};

/// The store as it was last looked at.
#[derive(Clone, Copy)]
pub(crate) struct StoreWatcher(Option<StoreStamp>);

/// Length, time of writing, and on Unix the file itself and when it changed, which a `chmod` that makes it readable
/// does too.
type StoreStamp = (u64, Option<SystemTime>, (u64, i64, i64));

impl StoreWatcher {
    /// The store's data, and the store as it is. Where another copy is writing, the first look that finds it gone
    /// reads it.
    pub(crate) fn first(till: &Till) -> (Result<TrustState, StoreTrouble>, Self) {
        // Looked at before it is read, so that what is written in between is noticed.
        let seen = seen(till);
        let trust = till.trust();
        till.keep_trying();
        let watcher = Self(if matches!(trust, Err(StoreTrouble::Busy)) { None } else { seen });
        (trust, watcher)
    }

    /// The store's data, if somebody has written it since; its settings are read with it. Where it cannot be read,
    /// what is held goes on serving.
    pub(crate) fn look_again(&mut self, till: &Till, held: &TrustState) -> Option<TrustState> {
        let found = seen(till);
        if found == self.0 {
            return None;
        }
        let read = match till.cached() {
            Ok(cached) => {
                let new = cached.map(report_rejected);
                let anchor = |trust: &TrustState| trust.anchor().map(Root::fingerprint);
                // Another copy has set a damaged store aside: what is held was verified, and serves on.
                let emptied = held.bundle().is_some()
                    && new.as_ref().is_none_or(|new| new.bundle().is_none() && anchor(new) == anchor(held));
                if emptied {
                    warn(&failure::kept_loaded(language()));
                }
                (!emptied).then(|| new.unwrap_or_else(|| TrustState::empty(build_date())))
            }
            // Its writer has not finished: at the next look.
            Err(StoreError::Busy(_)) => return None,
            // Told once: whatever mends it changes the file again.
            Err(error) => {
                warn(&failures::store(&error, language()));
                None
            }
        };
        self.0 = found;
        read
    }
}

fn seen(till: &Till) -> Option<StoreStamp> {
    let found = std::fs::metadata(till.folder().join(FILE_NAME)).ok()?;
    #[cfg(unix)]
    let file = {
        use std::os::unix::fs::MetadataExt;
        (found.ino(), found.ctime(), found.ctime_nsec())
    };
    #[cfg(not(unix))]
    let file = (0, 0, 0);
    Some((found.len(), found.modified().ok(), file))
}
