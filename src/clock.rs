//! The till's clock: the system's, or what staff set where the system's own cannot be set.
//!
//! Everything that asks for the time asks here, so that one correction is everybody's.

mod device;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Days, Local, NaiveDate, TimeDelta, TimeZone, Utc};

use greenlit_core::tally::Hour;
use greenlit_core::time::UnixTime;

use device::System;

/// A system clock that has moved by so many seconds against one that only goes forward was set by somebody.
const STEP: u64 = 10;

/// One till's clock; its clones are the same one.
#[derive(Clone)]
pub(crate) struct Clock {
    device: Arc<dyn Device>,
    correction: Arc<Mutex<Option<Correction>>>,
}

/// The machine's clocks.
pub(crate) trait Device: Send + Sync {
    /// What they show.
    fn read(&self) -> Reading;
    /// Sets the system's clock; whether that was allowed. May take seconds.
    fn set(&self, time: UnixTime) -> bool;
    /// Whether the network sets the system's clock. May take seconds.
    fn by_network(&self) -> bool;
}

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The system's clock, which can be wrong, and set.
    pub(crate) system: UnixTime,
    /// One that only goes forward, also while the machine sleeps, from any beginning.
    pub(crate) steady: Duration,
}

impl Reading {
    /// By how many seconds the system's clock has been set by somebody since then, if it has been.
    pub(crate) fn moved_since(self, before: Self) -> Option<i64> {
        let passed = self.steady.saturating_sub(before.steady).as_secs();
        let (now, expected) = (self.system.seconds(), before.system.plus(passed).seconds());
        let moved = i64::try_from(now.abs_diff(expected)).unwrap_or(i64::MAX);
        (now.abs_diff(expected) >= STEP).then_some(if now < expected { -moved } else { moved })
    }
}

/// The time as it was set, when both clocks showed this.
#[derive(Clone, Copy, Debug)]
struct Correction {
    time: UnixTime,
    when: Reading,
}

impl Correction {
    /// The time now. None once the system's clock has been set by somebody since: by the network, or by hand.
    /// Whoever may do that is to be trusted before this.
    fn now(&self, reading: Reading) -> Option<UnixTime> {
        let passed = reading.steady.saturating_sub(self.when.steady).as_secs();
        reading.moved_since(self.when).is_none().then(|| self.time.plus(passed))
    }
}

impl Clock {
    /// This machine's.
    pub(crate) fn system() -> Self {
        Self::of(System)
    }

    /// For practice: it can be set, and this machine's goes on as it is.
    pub(crate) fn practice() -> Self {
        Self::of(Practice)
    }

    pub(crate) fn of(device: impl Device + 'static) -> Self {
        Self { device: Arc::new(device), correction: Arc::default() }
    }

    /// The time that this till goes by.
    pub(crate) fn now(&self) -> UnixTime {
        let reading = self.device.read();
        self.corrected(reading).unwrap_or(reading.system)
    }

    /// What the machine's clocks show.
    pub(crate) fn reading(&self) -> Reading {
        self.device.read()
    }

    /// Whether that is what staff set, and only this program knows of it.
    pub(crate) fn is_corrected(&self) -> bool {
        self.corrected(self.device.read()).is_some()
    }

    /// Forgets a correction that is over.
    fn corrected(&self, reading: Reading) -> Option<UnixTime> {
        let mut correction = self.correction.lock().unwrap_or_else(PoisonError::into_inner);
        let time = correction.and_then(|correction| correction.now(reading));
        if time.is_none() {
            *correction = None;
        }
        time
    }

    /// Goes by this time from now on, for as long as the program runs.
    pub(crate) fn correct(&self, time: UnixTime) {
        let correction = Correction { time, when: self.device.read() };
        *self.correction.lock().unwrap_or_else(PoisonError::into_inner) = Some(correction);
    }

    /// Sets the system's clock to the time that this till goes by, so that no correction is needed any
    /// more; whether that was allowed. May take seconds.
    pub(crate) fn set_system(&self) -> bool {
        let set = self.device.set(self.now());
        if set {
            *self.correction.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        set
    }

    /// Whether the network sets the system's clock. May take seconds.
    pub(crate) fn by_network(&self) -> bool {
        self.device.by_network()
    }
}

/// Shows the machine's time, and leaves it alone.
struct Practice;

impl Device for Practice {
    fn read(&self) -> Reading {
        System.read()
    }

    fn set(&self, _: UnixTime) -> bool {
        false
    }

    fn by_network(&self) -> bool {
        false
    }
}

/// A time that only goes forward, also while the machine sleeps, from any beginning.
pub(crate) fn steady() -> Duration {
    device::steady()
}

fn utc(time: UnixTime) -> Option<DateTime<Utc>> {
    i64::try_from(time.seconds()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0))
}

/// The hour that a clock in the system's zone shows at this moment.
pub(crate) fn hour(time: UnixTime) -> Hour {
    let shown = utc(time).map(|utc| utc.with_timezone(&Local).naive_local().and_utc().timestamp());
    let seconds = shown.map_or(time.seconds(), |shown| u64::try_from(shown).unwrap_or(0));
    Hour::new(seconds / 3_600)
}

/// The hour at which a hotel's day begins: whoever comes before it has the night that began the evening before.
const DAY_BEGINS: i64 = 6;

/// The date of the last of so many nights.
pub(crate) fn last_night(now: UnixTime, nights: u32) -> Option<NaiveDate> {
    last_night_in(&Local, now, nights)
}

/// The date here at this moment.
pub(crate) fn date(time: UnixTime) -> Option<NaiveDate> {
    Some(utc(time)?.with_timezone(&Local).date_naive())
}

/// The last minute of a day, in the system's zone.
pub(crate) fn end_of_day(day: NaiveDate) -> Option<UnixTime> {
    end_of_day_in(&Local, day)
}

fn last_night_in(zone: &impl TimeZone, now: UnixTime, nights: u32) -> Option<NaiveDate> {
    let began = utc(now)?.with_timezone(zone).naive_local().checked_sub_signed(TimeDelta::hours(DAY_BEGINS))?;
    began.date().checked_add_days(Days::new(u64::from(nights.saturating_sub(1))))
}

fn end_of_day_in(zone: &impl TimeZone, day: NaiveDate) -> Option<UnixTime> {
    let end = day.and_hms_opt(23, 59, 0)?;
    // Where the clock is put back over it the later one, where it is put forward the hour after.
    let later = || zone.from_local_datetime(&end.checked_add_signed(TimeDelta::hours(1))?).latest();
    let local = zone.from_local_datetime(&end).latest().or_else(later)?;
    UnixTime::new(u64::try_from(local.timestamp()).ok()?)
}

/// A moment in the system's zone, as `strftime` writes it.
pub(crate) fn local(time: UnixTime, format: &str) -> String {
    utc(time).map_or_else(|| time.to_string(), |utc| utc.with_timezone(&Local).format(format).to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A machine whose clocks show what a test says.
    #[derive(Clone)]
    pub(crate) struct FakeClocks(Arc<Mutex<State>>);

    struct State {
        reading: Reading,
        may_set: bool,
        network: bool,
    }

    impl FakeClocks {
        pub(crate) fn new(system: &str) -> Self {
            let reading = Reading { system: time(system), steady: Duration::from_secs(1_000) };
            Self(Arc::new(Mutex::new(State { reading, may_set: false, network: false })))
        }

        pub(crate) fn may_set(self, may: bool) -> Self {
            self.0.lock().unwrap().may_set = may;
            self
        }

        pub(crate) fn network(self, sets: bool) -> Self {
            self.0.lock().unwrap().network = sets;
            self
        }

        pub(crate) fn pass(&self, seconds: u64) {
            let reading = &mut self.0.lock().unwrap().reading;
            reading.system = reading.system.plus(seconds);
            reading.steady += Duration::from_secs(seconds);
        }

        /// Somebody sets the system's clock.
        pub(crate) fn step(&self, system: &str) {
            self.0.lock().unwrap().reading.system = time(system);
        }
    }

    impl Device for FakeClocks {
        fn read(&self) -> Reading {
            self.0.lock().unwrap().reading
        }

        fn set(&self, time: UnixTime) -> bool {
            let mut state = self.0.lock().unwrap();
            if state.may_set {
                state.reading.system = time;
            }
            state.may_set
        }

        fn by_network(&self) -> bool {
            self.0.lock().unwrap().network
        }
    }

    pub(crate) fn time(text: &str) -> UnixTime {
        UnixTime::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_correction_goes_on_with_the_steady_clock() {
        let bench = FakeClocks::new("2000-01-01T00:00:00Z");
        let clock = Clock::of(bench.clone());
        assert_eq!((clock.now(), clock.is_corrected()), (time("2000-01-01T00:00:00Z"), false));
        clock.correct(time("2027-05-01T12:00:00Z"));
        let everywhere = clock.clone();
        assert!(!clock.set_system());
        bench.pass(90);
        assert_eq!((everywhere.now(), everywhere.is_corrected()), (time("2027-05-01T12:01:30Z"), true));
        // Set again, and back: what was set last holds.
        clock.correct(time("2027-05-01T11:00:00Z"));
        bench.pass(3_600);
        assert_eq!(everywhere.now(), time("2027-05-01T12:00:00Z"));
    }

    #[test]
    fn it_ends_when_somebody_sets_the_system_clock() {
        let bench = FakeClocks::new("2000-01-01T00:00:00Z");
        let clock = Clock::of(bench.clone());
        clock.correct(time("2027-05-01T12:00:00Z"));
        bench.pass(60);
        // A little off, as clocks are: it holds.
        bench.step("2000-01-01T00:01:08Z");
        assert_eq!(clock.now(), time("2027-05-01T12:01:00Z"));
        bench.step("2027-05-01T12:02:33Z");
        assert_eq!((clock.now(), clock.is_corrected()), (time("2027-05-01T12:02:33Z"), false));
        // And does not come back, whatever the system's clock shows later.
        bench.step("2000-01-01T00:01:00Z");
        assert_eq!((clock.now(), clock.is_corrected()), (time("2000-01-01T00:01:00Z"), false));
    }

    #[test]
    fn where_it_may_be_set_the_system_clock_is_and_no_correction_is_left() {
        // By decades, and by less than a step.
        for start in ["2000-01-01T00:00:00Z", "2027-05-01T12:00:05Z"] {
            let bench = FakeClocks::new(start).may_set(true);
            let clock = Clock::of(bench.clone());
            clock.correct(time("2027-05-01T12:00:00Z"));
            assert_eq!(clock.now(), time("2027-05-01T12:00:00Z"));
            assert!(clock.set_system() && !clock.is_corrected());
            bench.pass(5);
            assert_eq!((clock.now(), bench.read().system), (time("2027-05-01T12:00:05Z"), clock.now()));
        }
    }

    #[test]
    fn a_system_clock_that_was_set_is_told_from_one_that_went_on() {
        let bench = FakeClocks::new("2027-05-01T12:00:00Z");
        let clock = Clock::of(bench.clone());
        let before = clock.reading();
        bench.pass(3_600);
        assert_eq!(clock.reading().moved_since(before), None);
        bench.step("2027-05-01T13:00:09Z");
        assert_eq!(clock.reading().moved_since(before), None);
        for (now, moved) in
            [("2027-05-01T13:00:10Z", 10), ("2027-05-01T14:00:00Z", 3_600), ("2027-04-30T13:00:00Z", -86_400)]
        {
            bench.step(now);
            assert_eq!(clock.reading().moved_since(before), Some(moved), "{now}");
        }
    }

    #[test]
    fn practice_leaves_the_machine_alone() {
        let clock = Clock::practice();
        let before = clock.now();
        clock.correct(time("2040-01-01T00:00:00Z"));
        assert!(!clock.set_system() && clock.is_corrected());
        assert!(clock.now() >= time("2040-01-01T00:00:00Z"));
        let system = System.read().system;
        assert!(system >= before && system < before.plus(3_600));
    }

    #[test]
    fn a_stay_ends_in_the_evening_of_its_last_night() {
        let zone = chrono::FixedOffset::east_opt(5 * 3_600).unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (now, nights, last, moment) in [
            ("2026-11-27T12:00:00+05:00", 1, "2026-11-27", "2026-11-27T23:59:00+05:00"),
            ("2026-11-27T12:00:00+05:00", 3, "2026-11-29", "2026-11-29T23:59:00+05:00"),
            ("2026-11-27T05:59:59+05:00", 1, "2026-11-26", "2026-11-26T23:59:00+05:00"),
            ("2026-11-27T06:00:00+05:00", 1, "2026-11-27", "2026-11-27T23:59:00+05:00"),
            ("2026-12-31T20:00:00+05:00", 2, "2027-01-01", "2027-01-01T23:59:00+05:00"),
        ] {
            let night = last_night_in(&zone, time(now), nights);
            assert_eq!(night, Some(date(last)), "{now} {nights}");
            assert_eq!(night.and_then(|night| end_of_day_in(&zone, night)), Some(time(moment)), "{now} {nights}");
        }
    }
}
