//! Renews the trust data while the window is open: at start, on a schedule, when asked to, and from
//! a stick as soon as it is plugged in.
//!
//! Nothing is trusted for where it came from, so whatever holds a publication may be looked into.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use greenlit_core::trust::{ImportError, TrustState};
use greenlit_files::{FileError, Symlinks, read_limited};
use greenlit_sync::schedule::Schedule;
use greenlit_sync::store::StoreError;
use greenlit_sync::{FetchError, SyncError, WebError, removable};

use crate::config::authority::NotTrusted;
use crate::config::sync_source::{SyncSource, take};
use crate::config::till::{SettingError, Till};

/// How often it is looked whether a stick has been plugged in.
const LOOK: Duration = Duration::from_secs(3);
/// So many times each, before it is taken for some other stick.
const LOOKS: u8 = 5;
/// Largest list of mounts that is read.
const MAX_MOUNTS: usize = 1 << 20;

/// How a renewal went.
pub(crate) struct Renewed {
    /// Somebody waits for word of it.
    pub(crate) asked_for: bool,
    /// The trust data now, and whether any of it is new.
    pub(crate) done: Result<(Box<TrustState>, bool), RenewalError>,
}

/// Why nothing was renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenewalError {
    /// A stable word, which the screens have words for.
    pub(crate) code: &'static str,
    /// The whole story, for whoever is called for help.
    pub(crate) detail: String,
}

impl RenewalError {
    pub(crate) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        Self { code: code(error), detail: error.to_string() }
    }
}

fn code(error: &(dyn std::error::Error + 'static)) -> &'static str {
    match error.downcast_ref::<SettingError>() {
        Some(SettingError::Managed { .. }) => return "managed",
        Some(SettingError::Store(error)) => return store_code(error),
        Some(SettingError::Bad(_)) | None => {}
    }
    match error.downcast_ref::<NotTrusted>() {
        Some(NotTrusted::Later) => return "later-root",
        Some(NotTrusted::Older(_)) => return "older-root",
        Some(NotTrusted::Another(_)) => return "refused",
        Some(NotTrusted::Store(error)) => return store_code(error),
        None => {}
    }
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return store_code(error);
    }
    if error.is::<ImportError>() {
        return "refused";
    }
    if let Some(error) = error.downcast_ref::<WebError>() {
        return web_code(error);
    }
    match error.downcast_ref::<SyncError>() {
        Some(SyncError::Fetch(FetchError::Web(error))) => web_code(error),
        Some(
            SyncError::Fetch(FetchError::NoFolder(_) | FetchError::File(FileError::NotFound(_))) | SyncError::NoBundle,
        ) => "not-there",
        Some(SyncError::Fetch(FetchError::File(_) | FetchError::Elsewhere { .. })) => "unreadable",
        Some(SyncError::Import(_) | SyncError::Incomplete { .. } | SyncError::TooManyRoots) => "refused",
        None => "unreadable",
    }
}

fn store_code(error: &StoreError) -> &'static str {
    if matches!(error, StoreError::Busy(_)) { "busy" } else { "store" }
}

fn web_code(error: &WebError) -> &'static str {
    match error {
        WebError::NoHost(_)
        | WebError::Unreachable { .. }
        | WebError::TimedOut(_)
        | WebError::CutOff(_)
        | WebError::WebPage(_)
        | WebError::RefusedByProxy { .. } => "no-network",
        WebError::Certificate { .. } => "certificate",
        WebError::BadAddress(_)
        | WebError::NotHttps(_)
        | WebError::BadProxy(_)
        | WebError::BadProxyVariable { .. }
        | WebError::BadCa(_) => "set-up",
        _ => "server",
    }
}

/// The renewing thread's owner: it ends with this.
pub(crate) struct Renewal {
    /// Whether somebody waits for word of it.
    asked: Sender<bool>,
}

impl Renewal {
    /// Starts it for this till. It begins at once if newer data is wanted.
    pub(crate) fn start(till: Till, wanted: bool, told: impl Fn(Renewed) + Send + 'static) -> Self {
        let (asked, asking) = channel();
        // Where no thread can be started, `greenlit sync` is left.
        let _ = std::thread::Builder::new().name("greenlit-renewal".into()).spawn(move || {
            renew_on(&till, &asking, wanted, &told);
        });
        Self { asked }
    }

    /// Now, please.
    pub(crate) fn ask(&self) {
        let _ = self.asked.send(true);
    }

    /// Now, but nobody waits for it.
    pub(crate) fn hurry(&self) {
        let _ = self.asked.send(false);
    }
}

fn renew_on(till: &Till, asking: &Receiver<bool>, wanted: bool, told: &impl Fn(Renewed)) {
    let chances = RandomState::new();
    // Fair enough to scatter tills over minutes.
    let chance = |n: u64| chances.hash_one(n) as f64 / u64::MAX as f64;
    let (mut schedule, mut turn) = (Schedule::default(), 0);
    let mut due = Instant::now() + if wanted { Duration::ZERO } else { Schedule::at_start(chance(turn)) };
    let mut known = BTreeMap::new();
    let mut looked = None;
    loop {
        let asked = match asking.recv_timeout(due.saturating_duration_since(Instant::now()).min(LOOK)) {
            Ok(asked) => Some(asked),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if looked.is_none_or(|at: Instant| at.elapsed() >= LOOK) {
            looked = Some(Instant::now());
            for stick in new_removables(&mut known) {
                told(renew(till, &SyncSource::folder(&stick), true));
            }
        }
        if asked.is_none() && Instant::now() < due {
            continue;
        }
        turn += 1;
        till.reread_settings();
        match SyncSource::remembered(till) {
            Some(origin) => {
                let renewed = renew(till, &origin, asked == Some(true));
                due = Instant::now() + schedule.after(renewed.done.is_ok(), chance(turn));
                told(renewed);
            }
            // One may be chosen any moment; it is then renewed from at once.
            None => due = Instant::now() + Duration::from_secs(3_600),
        }
    }
}

fn renew(till: &Till, origin: &SyncSource, asked_for: bool) -> Renewed {
    let done = take(origin, till);
    let done = done.map(|synced| (synced.changed(), synced.trust)).map_err(|error| RenewalError::of(error.as_ref()));
    Renewed { asked_for, done: done.map(|(new, trust)| (Box::new(trust), new)) }
}

/// Publications on sticks that were not there at the last looks. Each stick is looked at a few times,
/// for its mounting may not have ended.
fn new_removables(known: &mut BTreeMap<PathBuf, u8>) -> Vec<PathBuf> {
    // The kernel's table is a regular file of no length. Elsewhere there is none.
    let Ok(table) = read_limited(Path::new(removable::MOUNTINFO), MAX_MOUNTS, Symlinks::Follow) else {
        return Vec::new();
    };
    let now = removable::mounted(&String::from_utf8_lossy(&table));
    known.retain(|stick, _| now.contains(stick));
    let mut found = Vec::new();
    for stick in now {
        let looks = known.entry(stick.clone()).or_insert(LOOKS);
        if *looks > 0 {
            *looks -= 1;
            if let Some(publication) = removable::publication(&stick) {
                *looks = 0;
                found.push(publication);
            }
        }
    }
    found
}
