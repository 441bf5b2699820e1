//! The PIN before the settings: what staff may change without it, and asking for it.

use std::time::{Duration, Instant};

use super::{ActionStatus, BackgroundResult, SettingsController};
use crate::config::look::WindowSize;
use crate::config::pin::{BadPin, DIGITS, PinHash, PinLock};
use crate::config::settings::Setting;
use crate::config::till::{Pin, StoreTrouble};
use crate::session::renewal::RenewalError;

/// What a PIN is entered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PinPurpose {
    #[default]
    Unlock,
    Choose,
    /// The one just chosen, lest it was a slip of the finger.
    Repeat,
}

/// What there is to say of the PIN entered last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PinStatus {
    #[default]
    Asked,
    Busy,
    Wrong,
    /// So many seconds until the next try.
    Wait(u64),
    TooShort,
    Differ,
    /// What is kept is no PIN's hash, or could not be read: nobody gets in until somebody mends that.
    Unusable,
}

/// The PIN as it is being entered, and how often it was wrong.
pub(super) struct Access {
    lock: PinLock,
    started: Instant,
    purpose: PinPurpose,
    status: PinStatus,
    entered: String,
    /// What was chosen, until it is repeated.
    chosen: String,
    /// The page of the PIN is in front.
    asking: bool,
    /// The settings were open at the last look.
    was_open: bool,
    /// So much later than it is, for tests.
    later: Duration,
}

impl Access {
    pub(super) fn new() -> Self {
        Self {
            lock: PinLock::default(),
            started: Instant::now(),
            purpose: PinPurpose::default(),
            status: PinStatus::default(),
            entered: String::new(),
            chosen: String::new(),
            asking: false,
            was_open: false,
            later: Duration::ZERO,
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed() + self.later
    }
}

impl SettingsController {
    fn pin(&self) -> Pin {
        match self.till.pin() {
            // A store that nobody can read may hold one.
            Pin::None if self.trouble.is_some() => Pin::Unusable,
            pin => pin,
        }
    }

    pub(crate) fn has_pin(&self) -> bool {
        !matches!(self.pin(), Pin::None)
    }

    /// Whether what changes a till's judgement is closed to whoever stands there.
    pub(crate) fn is_locked(&self) -> bool {
        self.has_pin() && !self.access.lock.is_open(self.access.now())
    }

    /// Whether it may be done, which then keeps the settings open.
    pub(super) fn may(&mut self) -> bool {
        self.access.lock.touch(self.access.now());
        !self.is_locked()
    }

    /// Whoever was at the settings has left them.
    pub(crate) fn lock(&mut self) {
        self.access.lock.close();
    }

    /// Whether the settings have been opened, or closed by themselves, since the last look.
    pub(super) fn has_lock_changed(&mut self) -> bool {
        let open = self.access.lock.is_open(self.access.now());
        std::mem::replace(&mut self.access.was_open, open) != open
    }

    /// Begins to enter a PIN. A new one is chosen by whoever knows the old one.
    pub(crate) fn ask_pin(&mut self, purpose: PinPurpose) {
        let purpose = if self.may() { purpose } else { PinPurpose::Unlock };
        (self.access.entered, self.access.chosen) = Default::default();
        (self.access.purpose, self.access.status) = (purpose, PinStatus::Asked);
        self.access.asking = true;
        self.message = ActionStatus::None;
    }

    /// Nobody waits for the PIN any more: one that is still being checked opens nothing.
    pub(crate) fn stop_asking(&mut self) {
        self.access.asking = false;
    }

    pub(crate) fn type_pin(&mut self, digit: u8) {
        if self.pin_status() != PinStatus::Busy && self.access.entered.len() < *DIGITS.end() && digit < 10 {
            self.access.entered.push(char::from(b'0' + digit));
            self.access.status = PinStatus::Asked;
        }
    }

    pub(crate) fn erase_pin(&mut self) {
        if self.pin_status() != PinStatus::Busy {
            self.access.entered.pop();
            self.access.status = PinStatus::Asked;
        }
    }

    /// The PIN is complete.
    pub(crate) fn enter_pin(&mut self) {
        if matches!(self.pin_status(), PinStatus::Busy | PinStatus::Wait(_)) {
            return;
        }
        let entered = std::mem::take(&mut self.access.entered);
        self.access.status = if !PinHash::is_pin(&entered) {
            PinStatus::TooShort
        } else {
            match self.access.purpose {
                PinPurpose::Unlock => self.try_pin(entered),
                PinPurpose::Choose => {
                    (self.access.chosen, self.access.purpose) = (entered, PinPurpose::Repeat);
                    PinStatus::Asked
                }
                PinPurpose::Repeat if std::mem::take(&mut self.access.chosen) == entered => self.make_pin(entered),
                PinPurpose::Repeat => {
                    self.access.purpose = PinPurpose::Choose;
                    PinStatus::Differ
                }
            }
        };
    }

    fn try_pin(&mut self, entered: String) -> PinStatus {
        match self.pin() {
            Pin::Set(hash) => {
                let begun = self.fetch(move || BackgroundResult::PinTried(hash.matches(&entered)));
                if begun { PinStatus::Busy } else { PinStatus::Asked }
            }
            Pin::Unusable => PinStatus::Unusable,
            // Removed meanwhile.
            Pin::None => PinStatus::Asked,
        }
    }

    fn make_pin(&mut self, entered: String) -> PinStatus {
        let begun = self.fetch(move || BackgroundResult::PinMade(PinHash::new(&entered)));
        if begun { PinStatus::Busy } else { PinStatus::Asked }
    }

    pub(super) fn pin_was_tried(&mut self, right: bool) {
        if !right || self.access.asking {
            self.access.lock.tried(right, self.access.now());
        }
        self.access.status = if right { PinStatus::Asked } else { PinStatus::Wrong };
    }

    pub(super) fn pin_was_made(&mut self, made: Result<PinHash, BadPin>) {
        (self.access.purpose, self.access.status) = Default::default();
        if !self.may() {
            return;
        }
        match made {
            Ok(hash) => {
                let done = self.till.remember(Setting::PinHash, &hash.to_string());
                // Whoever has chosen it knows it.
                self.access.lock.tried(true, self.access.now());
                self.told(done.map_err(Into::into), ActionStatus::Done);
            }
            Err(why) => self.message = ActionStatus::Failed(RenewalError::of(&why)),
        }
    }

    pub(crate) fn clear_pin(&mut self) {
        if self.may() {
            let done = self.till.remember(Setting::PinHash, "");
            self.told(done.map_err(Into::into), ActionStatus::Done);
        }
    }

    pub(crate) fn pin_purpose(&self) -> PinPurpose {
        self.access.purpose
    }

    /// How many digits have been entered.
    pub(crate) fn pin_length(&self) -> usize {
        self.access.entered.len()
    }

    pub(crate) fn pin_status(&self) -> PinStatus {
        if self.access.status == PinStatus::Busy {
            return PinStatus::Busy;
        }
        if self.access.purpose == PinPurpose::Unlock {
            if matches!(self.pin(), Pin::Unusable) {
                // A store that is busy will be read in a moment.
                let passing = self.trouble == Some(StoreTrouble::Busy);
                return if passing { PinStatus::Busy } else { PinStatus::Unusable };
            }
            let wait = self.access.lock.wait(self.access.now());
            if !wait.is_zero() {
                return PinStatus::Wait(wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX));
            }
        }
        self.access.status
    }

    pub(crate) fn window_size(&self) -> Option<WindowSize> {
        self.till.window_size()
    }

    pub(crate) fn remember_size(&self, size: WindowSize) {
        if self.window_size() != Some(size) {
            // The window opens as it did, then.
            let _ = self.till.remember(Setting::WindowSize, &size.to_string());
        }
    }

    /// Whether the window fills the screen and stays until somebody at the settings closes it.
    pub(crate) fn is_kiosk(&self) -> bool {
        self.till.is_kiosk()
    }

    pub(crate) fn toggle_kiosk(&mut self) {
        if self.may() {
            let value = if self.is_kiosk() { "off" } else { "on" };
            self.remember(Setting::Kiosk, value);
        }
    }

    pub(crate) fn shows_guest(&self) -> bool {
        self.till.shows_guest()
    }

    /// Not by whoever stands before a kiosk, nor against the organisation's will.
    pub(crate) fn may_close_guest_window(&self) -> bool {
        !(self.is_managed(Setting::GuestWindow) || self.is_kiosk() && self.is_locked())
    }

    pub(crate) fn toggle_guest_window(&mut self) {
        if self.is_managed(Setting::GuestWindow) {
            return;
        }
        let value = if self.shows_guest() { "off" } else { "on" };
        self.remember(Setting::GuestWindow, value);
    }

    /// Enters this PIN, and waits until it is judged.
    #[cfg(test)]
    pub(crate) fn enter(&mut self, pin: &str) {
        self.access.entered.clear();
        pin.bytes().for_each(|digit| self.type_pin(digit - b'0'));
        self.enter_pin();
        while self.pin_status() == PinStatus::Busy {
            self.collect();
            std::thread::yield_now();
        }
    }

    /// Lets so much time pass, as far as the PIN is concerned.
    #[cfg(test)]
    pub(crate) fn wait(&mut self, time: std::time::Duration) {
        self.access.later += time;
    }
}
