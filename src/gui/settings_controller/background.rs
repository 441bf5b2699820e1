//! What is fetched aside, so that a slow disk, store or camera does not hold up the window.

use std::time::{Duration, Instant};

use greenlit_camera::v4l::CameraInfo;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_sync::store::StoreError;

use super::{ActionStatus, SettingsController};
use crate::config::pin::{BadPin, PinHash};
use crate::config::store_watcher::StoreWatcher;
use crate::config::till::StoreTrouble;
use crate::self_test::SelfTest;
use crate::session::renewal::{Renewal, Renewed};

/// How often it is looked whether the time is worth noting, and whether another copy has changed the settings.
const NOTE_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether the store can be written, as long as it can.
const PROBE_EVERY: Duration = Duration::from_secs(3_600);
/// How often it is looked whether a store that was busy at the start is free.
const LOOK: Duration = Duration::from_secs(1);

/// What was fetched aside, so that a slow disk or camera does not hold up the window.
pub(super) enum BackgroundResult {
    Cameras(Vec<CameraInfo>),
    /// The store was busy at the start, and can be read now.
    Free,
    Trust(Renewed),
    /// Whether the network sets the clock.
    Network(bool),
    /// Whether the system's clock could be set.
    ClockSet(bool),
    SelfTest(Box<SelfTest>),
    /// Whether it was the right one.
    PinTried(bool),
    PinMade(Result<PinHash, BadPin>),
    /// The latest time, if it was noted; and whether the store can be written, where that was looked at.
    Noted {
        /// What another copy has stored, the store as it was then, and how often trust had changed here before.
        stored: Option<Box<TrustState>>,
        watcher: StoreWatcher,
        changes: u64,
        latest: Option<UnixTime>,
        writable: Option<bool>,
    },
}

impl SettingsController {
    /// Takes in what was fetched meanwhile; whether there was anything.
    pub(crate) fn collect(&mut self) -> bool {
        if self.looked_at_clock.is_none_or(|looked| looked.elapsed() >= NOTE_EVERY) {
            self.looked_at_clock = Some(Instant::now());
            let (till, trust, changes) = (self.till.clone(), self.trust.clone(), self.changes);
            let mut watcher = self.watcher;
            let probe = self.is_probe_due();
            self.fetch(move || {
                // Another copy may have changed settings, or taken newer trust data.
                let stored = watcher.look_again(&till, &trust).map(Box::new);
                let latest = till.note_time(&trust);
                // Who only holds its lock for a moment does not keep it from being written.
                let usable = |used| matches!(used, Ok(()) | Err(StoreError::OpenToOthers(_) | StoreError::Busy(_)));
                let writable = probe.then(|| usable(till.check_store_use()));
                BackgroundResult::Noted { stored, watcher, changes, latest, writable }
            });
        }
        let all: Vec<BackgroundResult> = self.fetched.try_iter().collect();
        let any = !all.is_empty();
        for fetched in all {
            match fetched {
                BackgroundResult::Cameras(cameras) => self.cameras = cameras,
                BackgroundResult::Free => {
                    self.reload();
                    // The source was not known before.
                    self.renewal.iter().for_each(Renewal::hurry);
                }
                BackgroundResult::Network(sets) => self.network_found(sets),
                BackgroundResult::ClockSet(in_system) => self.clock_was_set(in_system),
                BackgroundResult::SelfTest(test) => self.self_test = Some(test),
                BackgroundResult::PinTried(right) => self.pin_was_tried(right),
                BackgroundResult::PinMade(made) => self.pin_was_made(made),
                BackgroundResult::Noted { stored, watcher, changes, latest, writable } => {
                    // Not what was read before something newer came: then it is looked at again.
                    if changes == self.changes {
                        self.watcher = watcher;
                        stored.into_iter().for_each(|stored| self.take_in(*stored));
                    }
                    self.unwritable = writable.map_or(self.unwritable, |writable| !writable);
                    if latest.is_some() {
                        self.trust.set_latest(latest);
                    }
                }
                BackgroundResult::Trust(Renewed { asked_for, done: Ok((trust, new)) }) => {
                    self.unwritable &= !new;
                    // It began from what was held then; what staff did meanwhile stands in the store.
                    match self.till.stored() {
                        Some(stored) => self.take_in(stored),
                        None if new => self.take_in(*trust),
                        None => {}
                    }
                    self.renewed = Some(Instant::now());
                    if asked_for || self.message == ActionStatus::Busy {
                        self.message = self.renewal_status(new);
                    }
                }
                BackgroundResult::Trust(Renewed { asked_for, done: Err(trouble) }) => {
                    self.unwritable |= trouble.code == "store";
                    // Unasked, the footer says what there is to say.
                    if asked_for || self.message == ActionStatus::Busy {
                        self.message = ActionStatus::Failed(trouble);
                    }
                }
            }
        }
        any | self.has_lock_changed()
    }

    /// Now and then; until it can be written, at every look.
    pub(super) fn is_probe_due(&mut self) -> bool {
        let due = self.unwritable || self.probed.is_none_or(|probed| probed.elapsed() >= PROBE_EVERY);
        if due {
            self.probed = Some(Instant::now());
        }
        due
    }

    /// Whether it has begun: where no thread can be started nothing is fetched, and the screen goes on as it is.
    pub(super) fn fetch(&self, work: impl FnOnce() -> BackgroundResult + Send + 'static) -> bool {
        let sender = self.fetcher.clone();
        // The receiver may be gone when the work is done.
        std::thread::Builder::new().name("greenlit-fetch".into()).spawn(move || sender.send(work())).is_ok()
    }

    /// Renews the trust data from now on: at once if newer data is wanted, and then on a schedule.
    pub(crate) fn keep_renewing(&mut self) {
        if self.trouble == Some(StoreTrouble::Busy) {
            let till = self.till.clone();
            self.fetch(move || {
                while matches!(till.cached(), Err(StoreError::Busy(_))) {
                    std::thread::sleep(LOOK);
                }
                BackgroundResult::Free
            });
        }
        let sender = self.fetcher.clone();
        let wanted = self.trust.needs_renewal(self.now());
        self.renewal = Some(Renewal::start(self.till.clone(), wanted, move |renewed| {
            // Nobody listens any more when the window is closed.
            let _ = sender.send(BackgroundResult::Trust(renewed));
        }));
    }
}
