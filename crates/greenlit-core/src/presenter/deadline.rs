//! When what is shown or remembered is over by itself, so that nobody has to look for it all the time.

use super::{Presenter, Screen};

impl<T> Presenter<T> {
    /// When to [`tick`](Self::tick) next, if nothing happens before: at that time a screen is over, or something
    /// remembered is to be forgotten. `None` when nothing changes by itself.
    ///
    /// Counted on the clock that the calls tell, from the last time they told.
    pub fn deadline(&self) -> Option<u64> {
        let cleared = matches!(self.screen, Screen::Cleared);
        let remembered = [
            self.suspects.forgets_in(self.clock, self.timing.confirm),
            self.quiet.changes_in(self.clock, self.timing.in_view),
            self.replaced.map(|(_, seen)| self.left(seen, self.timing.swap)),
            self.notice.as_ref().map(|(_, seen)| self.left(*seen, self.timing.notice)),
            self.handed.asked.map(|(_, seen)| self.left(seen, self.timing.again)),
            self.handed.answered.map(|(_, at)| self.left(at, self.timing.swap)),
            self.pressed.map(|pressed| self.left(pressed, self.timing.hold)),
            self.unfocused.filter(|_| !cleared).map(|since| self.left(since, self.timing.unfocused)),
            self.mismatch_stands_in(),
            self.screen_is_over_in(),
        ];
        remembered.into_iter().flatten().min().map(|left| self.clock.told_in(left))
    }

    fn left(&self, since: u64, time: u64) -> u64 {
        time.saturating_sub(self.clock.since(since))
    }

    /// When a mismatch cannot be undone any more.
    fn mismatch_stands_in(&self) -> Option<u64> {
        match &self.screen {
            Screen::Answer(standing) if standing.screen.is_some() => {
                standing.mismatch.map(|since| self.left(since, self.timing.undo))
            }
            _ => None,
        }
    }

    /// `None` for a screen that stays, or whose countdown is held by a finger.
    fn screen_is_over_in(&self) -> Option<u64> {
        match &self.screen {
            Screen::Answer(_) | Screen::Unread(_) if self.pressed.is_some() => None,
            Screen::Unread(shown) => Some(self.timing.other.saturating_sub(shown.ran)),
            Screen::Answer(standing) => {
                let ends = standing.time(self.timing).saturating_sub(standing.ran);
                let outstays = self.timing.longest.saturating_sub(standing.ran);
                Some(ends.max(self.left(standing.seen, self.timing.away)).min(outstays))
            }
            Screen::OneAtATime { seen, .. } => Some(self.left(*seen, self.timing.none)),
            Screen::Scan | Screen::Cleared => None,
        }
    }
}
