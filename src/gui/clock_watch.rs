//! Notices when the machine's clock is set by somebody else while the window is open.

use std::cell::Cell;
use std::time::Duration;

use crate::clock::Reading;
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::{Overlay, Window};

/// Less is a clock being kept right.
const WORTH_TELLING: u64 = 60;
/// Told for so long, if nobody looks at the date and time before.
const TOLD_FOR: Duration = Duration::from_secs(600);

#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    last: Cell<Option<Reading>>,
    /// By how many seconds in all, and when last.
    moved: Cell<Option<(i64, Duration)>>,
}

impl ClockWatch {
    /// What both clocks show now; `set_here` while this window is setting one of them.
    pub(super) fn look(&self, now: Reading, set_here: bool) {
        let moved = self.last.replace(Some(now)).and_then(|before| now.moved_since(before));
        if set_here {
            self.moved.set(None);
        } else if let Some(seconds) = moved {
            // Small moves add up; what was told for long enough is over.
            let before = self.moved.get().map_or(0, |(seconds, _)| seconds);
            let over = is_worth_telling(before) && self.told(now).is_none();
            self.moved.set(Some((if over { seconds } else { before.saturating_add(seconds) }, now.steady)));
        }
    }

    /// By how many seconds it was moved, as long as that is to be told. Moved back again, it is not.
    pub(super) fn told(&self, now: Reading) -> Option<i64> {
        let (seconds, when) = self.moved.get()?;
        let fresh = now.steady.saturating_sub(when) < TOLD_FOR;
        (fresh && is_worth_telling(seconds)).then_some(seconds)
    }
}

fn is_worth_telling(seconds: i64) -> bool {
    seconds.unsigned_abs() >= WORTH_TELLING
}

impl Window {
    /// By how many seconds somebody else has set the clock just now, where the network does not keep it right.
    pub(super) fn watch_clock(&self) -> Option<i64> {
        let controller = self.controller.borrow();
        let (now, before) = (controller.clock_reading(), self.clock_watch.told(controller.clock_reading()));
        let set_here = self.sheet.get() == Overlay::Clock || controller.clock_setting() == ClockSetStatus::Busy;
        self.clock_watch.look(now, set_here);
        let moved = self.clock_watch.told(now)?;
        if before.is_none() {
            controller.look_for_network();
        }
        (!controller.clock_screen().network).then_some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::tests::time;

    fn reading(system: &str, steady: u64) -> Reading {
        Reading { system: time(system), steady: Duration::from_secs(steady) }
    }

    #[test]
    fn a_clock_that_somebody_moves_is_told_for_ten_minutes() {
        let watch = ClockWatch::default();
        watch.look(reading("2026-11-27T12:00:00Z", 0), false);
        watch.look(reading("2026-11-27T12:00:40Z", 10), false);
        assert_eq!(watch.told(reading("2026-11-27T12:00:40Z", 10)), None, "half a minute is a clock kept right");
        let after = reading("2026-11-27T15:00:50Z", 20);
        watch.look(after, false);
        assert_eq!(watch.told(after), Some(3 * 3_600 + 30));
        let later = reading("2026-11-27T15:10:49Z", 619);
        watch.look(later, false);
        assert_eq!(watch.told(later), Some(3 * 3_600 + 30));
        assert_eq!(watch.told(reading("2026-11-27T15:10:50Z", 620)), None);
    }

    #[test]
    fn small_moves_add_up_and_what_was_told_does_not_come_back() {
        let watch = ClockWatch::default();
        let look = |system, steady| {
            let now = reading(system, steady);
            watch.look(now, false);
            watch.told(now)
        };
        assert_eq!(look("2026-11-27T12:00:00Z", 0), None);
        assert_eq!(look("2026-11-27T12:00:59Z", 0), None);
        assert_eq!(look("2026-11-27T12:01:58Z", 0), Some(118));
        assert_eq!(look("2026-11-27T12:12:00Z", 602), None);
        assert_eq!(look("2026-11-27T12:12:10Z", 602), None, "ten seconds are told by nobody");
        assert_eq!(look("2026-11-27T12:13:00Z", 602), Some(60));
    }

    #[test]
    fn one_that_is_moved_back_or_set_here_is_not_told() {
        let watch = ClockWatch::default();
        watch.look(reading("2026-11-27T12:00:00Z", 0), false);
        watch.look(reading("2026-11-27T15:00:00Z", 0), false);
        let back = reading("2026-11-27T12:00:05Z", 5);
        watch.look(back, false);
        assert_eq!(watch.told(back), None);
        let set = reading("2026-11-27T18:00:05Z", 5);
        watch.look(set, true);
        assert_eq!(watch.told(set), None);
    }
}
