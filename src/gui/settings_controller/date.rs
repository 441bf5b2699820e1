//! Date and time, set by staff on a box whose clock nobody else sets, by whoever knows the PIN if there is one.

use chrono::Local;

use super::{ActionStatus, BackgroundResult, SettingsController};
use crate::clock::Reading;
use crate::gui::settings_controller::dial::{Dial, Field, TooEarly, earliest};
use crate::session::view_model::{ClockView, day_and_time};

/// How setting the clock goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClockSetStatus {
    /// Not asked for yet.
    #[default]
    Open,
    /// The till goes by the new time already; the system's clock is being set.
    Busy,
    /// The system's clock is set.
    Done,
    /// The system's clock could not be set: this program alone goes by the new time, for as long as it runs.
    Kept,
    /// Refused: no honest clock shows this.
    TooEarly,
}

/// The dials, and what is known of the clock they set.
pub(super) struct ClockDials {
    dial: Dial,
    setting: ClockSetStatus,
    /// The network sets the system's clock, as far as it was looked.
    network: bool,
}

impl ClockDials {
    pub(super) fn new(dial: Dial) -> Self {
        Self { dial, setting: ClockSetStatus::default(), network: false }
    }
}

impl SettingsController {
    /// Turns the dials to the time that it is, or must at least be.
    pub(crate) fn open_clock(&mut self) {
        self.date.dial = Dial::new(self.now(), self.trust.earliest_clock(), &Local);
        self.date.setting = ClockSetStatus::Open;
        self.look_for_network();
    }

    /// Finds out whether the network sets the clock.
    pub(crate) fn look_for_network(&self) {
        let clock = self.till.clock().clone();
        self.fetch(move || BackgroundResult::Network(clock.by_network()));
    }

    /// What the machine's clocks show.
    pub(crate) fn clock_reading(&self) -> Reading {
        self.till.clock().reading()
    }

    pub(crate) fn turn_dial(&mut self, place: usize, by: i32) {
        self.at_dial(|dial| dial.turn(Field::at(place), by));
    }

    pub(crate) fn select_dial(&mut self, place: usize) {
        self.at_dial(|dial| dial.select(Field::at(place)));
    }

    pub(crate) fn type_digit(&mut self, digit: u8) {
        self.at_dial(|dial| dial.type_digit(digit));
    }

    /// Nothing turns while the clock is being set, and what was said of the last setting is over.
    fn at_dial(&mut self, work: impl FnOnce(&mut Dial)) {
        if self.may() && self.date.setting != ClockSetStatus::Busy {
            work(&mut self.date.dial);
            self.date.setting = ClockSetStatus::Open;
        }
    }

    /// Goes by what the dials show from now on, and sets the system's clock by it if that is allowed. Whether
    /// the time is another now.
    pub(crate) fn set_clock(&mut self) -> bool {
        if !self.may() || self.date.network || self.date.setting == ClockSetStatus::Busy {
            return false;
        }
        let Ok(time) = self.date.dial.time(self.trust.earliest_clock(), &Local) else {
            self.date.setting = ClockSetStatus::TooEarly;
            return false;
        };
        let clock = self.till.clock().clone();
        clock.correct(time);
        let begun = self.fetch(move || BackgroundResult::ClockSet(clock.set_system()));
        self.date.setting = if begun { ClockSetStatus::Busy } else { ClockSetStatus::Kept };
        true
    }

    pub(super) fn network_found(&mut self, sets: bool) {
        self.date.network = sets;
    }

    pub(super) fn clock_was_set(&mut self, in_system: bool) {
        self.date.setting = if in_system { ClockSetStatus::Done } else { ClockSetStatus::Kept };
        if in_system {
            self.message = ActionStatus::Done;
        }
        // What the wrong time stood in the way of: data found due only now, certificates out of date.
        if let Some(renewal) = self.renewal.as_ref().filter(|_| self.trust.needs_renewal(self.now())) {
            renewal.hurry();
        }
    }

    /// How setting the clock went.
    pub(crate) fn clock_setting(&self) -> ClockSetStatus {
        self.date.setting
    }

    /// Only this program knows of the time that it goes by.
    pub(crate) fn clock_is_corrected(&self) -> bool {
        self.till.clock().is_corrected()
    }

    /// The page that sets date and time, as it stands.
    pub(crate) fn clock_screen(&self) -> ClockView {
        let (dial, floor) = (&self.date.dial, self.trust.earliest_clock());
        ClockView {
            texts: Field::ALL.map(|field| dial.text(field)),
            field: dial.field().place(),
            weekday: dial.weekday(),
            month: dial.month(),
            early: matches!(dial.time(floor, &Local), Err(TooEarly { .. })),
            earliest: day_and_time(earliest(floor)),
            zone: format!("UTC{}", dial.moment(floor, &Local).format("%:z")),
            network: self.date.network,
        }
    }
}
