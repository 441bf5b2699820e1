//! How long things last on the screen, and a clock that nothing can confuse.

use crate::answer::{Answer, Code};

/// The bar of an answer that stays because its pass does never shrinks below this.
const MIN_REMAINING_IN_VIEW: f32 = 0.02;

/// How long everything lasts, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A valid answer is shown for so long.
    pub valid: u64,
    /// Every other answer: there is more to read and to explain.
    pub other: u64,
    /// No answer is shown for longer, even with its pass still in view. Time held by a finger is not counted.
    pub longest: u64,
    /// The second reading of a doubtful text comes within this time of the first.
    pub confirm: u64,
    /// A pass unseen for so long has left; seen again, it is announced again.
    pub away: u64,
    /// The same for a pass whose answer was dismissed: whoever dismissed it is ready for the next.
    pub away_dismissed: u64,
    /// After several passes at once, one must be alone in view for so long.
    pub alone: u64,
    /// After several passes at once, none in view for so long leads back to the scan page.
    pub none: u64,
    /// A pass read again so soon after another took its place was in view all along: hands are not that fast.
    pub swap: u64,
    /// What is no pass is named for so long after it was last seen.
    pub notice: u64,
    /// That an answer does not match the ID can be undone for so long.
    pub undo: u64,
    /// A pass that was seen so short a time ago is still in view.
    pub in_view: u64,
    /// A typed text that is asked for again comes within this time.
    pub again: u64,
    /// Without focus for so long, the screen is cleared.
    pub unfocused: u64,
    /// A finger holds an answer for at most so long: its lifting may never be reported.
    pub hold: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            valid: 8_000,
            other: 12_000,
            longest: 30_000,
            confirm: 2_000,
            away: 3_000,
            away_dismissed: 1_000,
            alone: 300,
            none: 1_500,
            swap: 500,
            notice: 4_000,
            undo: 5_000,
            in_view: 500,
            again: 30_000,
            unfocused: 60_000,
            hold: 60_000,
        }
    }
}

impl Timing {
    /// How long an answer is shown.
    pub(super) fn time_of(&self, code: Code) -> u64 {
        if code.answer() == Answer::Valid { self.valid } else { self.other }
    }
}

/// How much of a time is left after it ran for so long.
pub(super) fn remaining(time: u64, ran: u64) -> f32 {
    let time = time.max(1);
    (time.saturating_sub(ran) as f32 / time as f32).clamp(MIN_REMAINING_IN_VIEW, 1.0)
}

/// The presenter's own time, which never goes back and never jumps further than a day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MonotonicClock {
    /// The last time that was told from outside.
    told: u64,
    now: u64,
}

impl MonotonicClock {
    /// Longer than anything here lasts, and too short for ever reaching the end of `u64`.
    const MAX_STEP: u64 = 24 * 60 * 60 * 1_000;
    /// A time that is older by less is a frame that took long to decode, and by more another clock.
    const MAX_LATENESS: u64 = 60_000;

    pub(super) fn now(self) -> u64 {
        self.now
    }

    /// Milliseconds since a moment of this clock.
    pub(super) fn since(self, then: u64) -> u64 {
        self.now.saturating_sub(then)
    }

    /// What will be told from outside when so many milliseconds have passed.
    pub(super) fn told_in(self, left: u64) -> u64 {
        self.told.saturating_add(left)
    }

    pub(super) fn advance(&mut self, told: u64) {
        let step = told.saturating_sub(self.told).min(Self::MAX_STEP);
        self.now = self.now.saturating_add(step);
        // A late frame must not turn the clock back, or the time up to now would pass twice.
        if told > self.told || self.told - told > Self::MAX_LATENESS {
            self.told = told;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_goes_back_and_never_stops() {
        let mut clock = MonotonicClock::default();
        let mut at = |told| {
            clock.advance(told);
            clock.now()
        };
        assert_eq!([at(1_000), at(950), at(1_000), at(1_010)], [1_000, 1_000, 1_000, 1_010]);
        let day = MonotonicClock::MAX_STEP;
        assert_eq!(at(u64::MAX), 1_010 + day);
        assert_eq!([at(0), at(7), at(u64::MAX)], [1_010 + day, 1_017 + day, 1_017 + 2 * day]);
    }
}
