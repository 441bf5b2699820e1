//! How many guests are inside: every valid pass adds one, and staff correct it by hand.

use crate::answer::{Answer, Code};
use crate::sightings::Shown;
use crate::tally::Event;

/// Most guests that are counted.
pub const MAX_GUESTS: u32 = 99_999;

/// Guests inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeadCount {
    inside: u32,
    /// The pass that was answered last is in the count, so that it adds no second guest in a row.
    counted: bool,
    /// What a mismatch would take back.
    last: Last,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    Added,
    TakenBack,
}

impl HeadCount {
    /// So many are inside.
    pub fn of(inside: u32) -> Self {
        Self { inside: inside.min(MAX_GUESTS), ..Self::default() }
    }

    /// How many are inside.
    pub fn inside(self) -> u32 {
        self.inside
    }

    /// What happened at the door.
    pub fn count(&mut self, event: Event) {
        match event {
            Event::Answer { code, shown } => self.answer(code, shown),
            Event::Mismatch if self.last == Last::Added => {
                self.take();
                self.last = Last::TakenBack;
            }
            Event::MismatchUndone if self.last == Last::TakenBack => self.add(),
            Event::Mismatch | Event::MismatchUndone => {}
        }
    }

    fn answer(&mut self, code: Code, shown: Shown) {
        let valid = code.answer() == Answer::Valid;
        match shown {
            Shown::First | Shown::Again => {
                (self.counted, self.last) = (false, Last::Nothing);
                if valid {
                    self.add();
                }
            }
            Shown::InARow => {
                self.last = Last::Nothing;
                if valid && !self.counted {
                    self.add();
                }
            }
            Shown::InView { before } => {
                let was_valid = before.answer() == Answer::Valid;
                if valid && !was_valid && !self.counted {
                    self.add();
                } else if !valid && self.last == Last::Added {
                    self.take();
                    self.last = Last::Nothing;
                }
            }
        }
    }

    fn add(&mut self) {
        self.inside = self.inside.saturating_add(1).min(MAX_GUESTS);
        (self.counted, self.last) = (true, Last::Added);
    }

    fn take(&mut self) {
        self.inside = self.inside.saturating_sub(1);
        self.counted = false;
    }

    /// Corrected by hand.
    pub fn correct(&mut self, by: i32) {
        self.inside = self.inside.saturating_add_signed(by).min(MAX_GUESTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(events: &[(Code, Shown)]) -> HeadCount {
        let mut heads = HeadCount::of(10);
        events.iter().for_each(|(code, shown)| heads.count(Event::Answer { code: *code, shown: *shown }));
        heads
    }

    #[test]
    fn a_valid_pass_adds_a_guest_and_no_second_one_in_a_row() {
        use Code::{Ok, TrustExpired};
        use Shown::{Again, First, InARow};
        assert_eq!(after(&[(Ok, First), (Ok, InARow), (Ok, InARow)]).inside(), 11);
        assert_eq!(after(&[(Ok, First), (Ok, First), (Ok, Again)]).inside(), 13);
        assert_eq!(after(&[(Code::Expired, First), (TrustExpired, First)]).inside(), 10);
        assert_eq!(after(&[(TrustExpired, First), (Ok, InARow), (TrustExpired, InARow), (Ok, InARow)]).inside(), 11);
    }

    #[test]
    fn a_pass_that_is_judged_anew_in_view_is_one_guest_at_most() {
        use Code::{ClockBehind, Ok};
        use Shown::{First, InARow, InView};
        let (from_valid, from_clock) = (InView { before: Ok }, InView { before: ClockBehind });
        assert_eq!(after(&[(ClockBehind, First), (Ok, from_clock), (Ok, from_valid)]).inside(), 11);
        assert_eq!(after(&[(Ok, First), (ClockBehind, from_valid)]).inside(), 10);
        assert_eq!(after(&[(Ok, First), (ClockBehind, from_valid), (Ok, from_clock)]).inside(), 11);
        assert_eq!(after(&[(Ok, First), (Ok, InARow), (Ok, from_valid)]).inside(), 11);
    }

    #[test]
    fn a_mismatch_takes_back_what_its_answer_added_and_nothing_else() {
        let mut heads = after(&[(Code::Ok, Shown::First)]);
        heads.count(Event::Mismatch);
        assert_eq!(heads.inside(), 10);
        heads.count(Event::MismatchUndone);
        heads.count(Event::MismatchUndone);
        assert_eq!(heads.inside(), 11);
        heads.count(Event::Mismatch);
        // The owner comes, with the same pass.
        heads.count(Event::Answer { code: Code::Ok, shown: Shown::InARow });
        assert_eq!(heads.inside(), 11);
        // Somebody else comes with it right after, who was not counted either.
        heads.count(Event::Answer { code: Code::Ok, shown: Shown::InARow });
        heads.count(Event::Mismatch);
        assert_eq!(heads.inside(), 11);
    }

    #[test]
    fn hands_cannot_count_below_nobody_or_without_end() {
        let mut heads = HeadCount::of(1);
        heads.correct(-5);
        heads.count(Event::Mismatch);
        assert_eq!(heads.inside(), 0);
        heads.correct(i32::MAX);
        heads.count(Event::Answer { code: Code::Ok, shown: Shown::First });
        assert_eq!((heads.inside(), HeadCount::of(u32::MAX).inside()), (MAX_GUESTS, MAX_GUESTS));
        heads.correct(i32::MIN);
        assert_eq!(heads.inside(), 0);
    }
}
