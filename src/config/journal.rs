//! What the window notes of its day, for whoever looks into the system's journal: a line each on standard error, in
//! English, with stable codes. Never a word about a guest, and no answers: only what concerns the till itself.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use greenlit_core::trust::TrustState;
use greenlit_sync::Outcome as Synced;

use crate::config::diagnostic::{Level, write};

/// Only the window keeps notes; a command says what it has to say anyway.
static KEPT: AtomicBool = AtomicBool::new(false);

/// What went wrong with the last update: told once, until something else comes of one.
static LAST_FAILURE: Mutex<Option<String>> = Mutex::new(None);

/// Keeps notes from now on.
pub(crate) fn keep() {
    KEPT.store(true, Ordering::Release);
}

/// Notes this, if notes are kept.
pub(crate) fn note(level: Level, line: &str) {
    if KEPT.load(Ordering::Acquire) {
        write(level, line);
    }
}

/// The window is there, with this trust data.
pub(crate) fn note_start(trust: &TrustState) {
    note(Level::Info, &format!("Greenlit {} starts; trust data: {}", env!("CARGO_PKG_VERSION"), held(trust)));
}

/// What came of an update.
pub(crate) fn note_update(done: &Result<Synced, Box<dyn Error>>) {
    let failure = done.as_ref().err().map(|error| error.to_string());
    let mut last = LAST_FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = failure.is_some() && *last != failure;
    match (done, &failure) {
        (Ok(synced), _) if synced.changed() => {
            note(Level::Info, &format!("trust data updated: {}", held(&synced.trust)))
        }
        (Err(_), Some(why)) if is_new => note(Level::Warning, &format!("trust data not updated: {why}")),
        _ => {}
    }
    *last = failure;
}

/// Which trust data is held, by its numbers.
pub(crate) fn held(trust: &TrustState) -> String {
    match (trust.newest_root(), trust.bundle()) {
        (Some(root), Some(bundle)) => format!("root {}, version {}", root.number, bundle.version),
        (Some(root), None) => format!("root {}, no data yet", root.number),
        _ => "no authority yet".into(),
    }
}
