//! The figures of a shift: how many answers, by hour of the till's clock and by code. Nothing of a person, nothing of
//! a pass.
//!
//! - A guest counts once: a pass that is judged anew while it is in view moves from one answer to the other.
//! - A pass that was shown before counts as an answer again, and is told apart from a new guest.
//! - "Doesn't match the ID" is a figure of its own beside the answers, for the pass itself was valid.
//! - Hours are those that the clock showed when they counted. A clock that is set, forward or back, moves what comes
//!   and leaves what there is.

mod csv;
mod disclosure;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Timelike};

use crate::answer::{Answer, Code};
use crate::sightings::Shown;

/// Most hours that are told apart: more than two weeks without a new shift. The oldest of more become one.
pub const MAX_HOURS: usize = 400;
/// Most counted answers of which it is known which they were, to be counted otherwise.
const MAX_RECENT: usize = 8;

/// What is counted, as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A pass was answered.
    Answer {
        /// The answer.
        code: Code,
        /// Whether it is another guest's.
        shown: Shown,
    },
    /// The valid pass on the screen is somebody else's.
    Mismatch,
    /// It is not, after all.
    MismatchUndone,
}

/// An hour of the till's clock as staff read it, counted from the first of 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(u64);

impl Hour {
    /// So many hours after 1970 began there.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Hours since 1970 began there.
    pub const fn number(self) -> u64 {
        self.0
    }

    fn moment(self) -> Option<DateTime<chrono::Utc>> {
        DateTime::from_timestamp(i64::try_from(self.0).ok()?.checked_mul(3_600)?, 0)
    }

    /// From 0 to 23.
    pub fn of_day(self) -> u32 {
        self.moment().map_or(0, |moment| moment.hour())
    }

    /// As `strftime` writes it, in the zone of the till.
    pub fn format(self, format: &str) -> String {
        self.moment().map_or_else(|| self.to_string(), |moment| moment.format(format).to_string())
    }
}

/// `2026-11-27 14:00`, or hours since 1970 for years that no calendar has.
impl std::fmt::Display for Hour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.moment() {
            Some(moment) => write!(f, "{}", moment.format("%Y-%m-%d %H:00")),
            None => write!(f, "@{}", self.0),
        }
    }
}

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Answers of this code.
    Code(Code),
    /// Valid passes that were not those of who showed them. They count as valid too.
    Mismatch,
    /// Answers to passes that had been answered before. They count by their code too.
    ShownAgain,
}

impl Figure {
    /// A stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            // Refused, where `KEY` is not genuine.
            Self::Code(Code::AnotherEvent) => "another-event",
            Self::Code(code) => code.as_str(),
            Self::Mismatch => "mismatch",
            Self::ShownAgain => "shown-again",
        }
    }

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        let code = Code::ALL.iter().copied().map(Self::Code);
        code.chain([Self::Mismatch, Self::ShownAgain]).find(|figure| figure.as_str() == word)
    }
}

/// The figures since a shift began.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: BTreeMap<(Hour, Figure), u64>,
    /// The last answers, as they were counted.
    recent: VecDeque<(Hour, Code)>,
    /// The last mismatch, while it may be undone.
    mismatch: Option<Hour>,
}

impl Tally {
    /// Figures that were kept. Of what is there twice the sum counts.
    pub fn restored(rows: impl IntoIterator<Item = (Hour, Figure, u64)>) -> Self {
        let mut tally = Self::default();
        rows.into_iter().for_each(|(hour, figure, count)| tally.join(hour, figure, count));
        tally
    }

    /// Adds a figure that was kept.
    pub fn join(&mut self, hour: Hour, figure: Figure, count: u64) {
        self.add(hour, figure, count);
    }

    /// All figures that are not nought.
    pub fn rows(&self) -> impl Iterator<Item = (Hour, Figure, u64)> {
        self.counts.iter().map(|((hour, figure), count)| (*hour, *figure, *count))
    }

    /// Counts what happened in this hour.
    pub fn count(&mut self, hour: Hour, event: Event) {
        match event {
            Event::Answer { code, shown: Shown::InView { before } } => self.count_anew(hour, before, code),
            Event::Answer { code, shown } => {
                self.add(hour, Figure::Code(code), 1);
                if shown != Shown::First {
                    self.add(hour, Figure::ShownAgain, 1);
                }
                if self.recent.len() == MAX_RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back((hour, code));
            }
            Event::Mismatch => {
                self.add(hour, Figure::Mismatch, 1);
                self.mismatch = Some(hour);
            }
            Event::MismatchUndone => {
                if let Some(hour) = self.mismatch.take() {
                    self.take(hour, Figure::Mismatch);
                }
            }
        }
    }

    /// The same guest has another answer now. One from before this shift is not counted in it.
    fn count_anew(&mut self, hour: Hour, before: Code, code: Code) {
        if let Some(last) = self.recent.iter_mut().rev().find(|(_, counted)| *counted == before)
            && before != code
        {
            let (then, _) = std::mem::replace(last, (hour, code));
            self.take(then, Figure::Code(before));
            self.add(hour, Figure::Code(code), 1);
        }
    }

    fn add(&mut self, hour: Hour, figure: Figure, by: u64) {
        if by == 0 {
            return;
        }
        let count = self.counts.entry((hour, figure)).or_default();
        *count = count.saturating_add(by);
        while self.hours().len() > MAX_HOURS {
            self.join_oldest();
        }
    }

    fn take(&mut self, hour: Hour, figure: Figure) {
        if let Some(count) = self.counts.get_mut(&(hour, figure)) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&(hour, figure));
            }
        }
    }

    fn join_oldest(&mut self) {
        let mut hours = self.hours().into_iter();
        let (Some(oldest), Some(next)) = (hours.next(), hours.next()) else { return };
        let later = self.counts.split_off(&(next, Figure::Code(Code::Ok)));
        for ((_, figure), count) in std::mem::replace(&mut self.counts, later) {
            let joined = self.counts.entry((next, figure)).or_default();
            *joined = joined.saturating_add(count);
        }
        self.recent.iter_mut().filter(|(hour, _)| *hour == oldest).for_each(|(hour, _)| *hour = next);
        self.mismatch = self.mismatch.map(|hour| if hour == oldest { next } else { hour });
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The hours in which something happened, the earliest by the clock first.
    pub fn hours(&self) -> BTreeSet<Hour> {
        self.counts.keys().map(|(hour, _)| *hour).collect()
    }

    /// The codes that were answered, in their order.
    pub fn codes(&self) -> BTreeSet<Code> {
        self.counts
            .keys()
            .filter_map(|(_, figure)| if let Figure::Code(code) = figure { Some(*code) } else { None })
            .collect()
    }

    /// One figure in one hour.
    pub fn at(&self, hour: Hour, figure: Figure) -> u64 {
        self.counts.get(&(hour, figure)).copied().unwrap_or(0)
    }

    /// One figure of the whole shift.
    pub fn total(&self, figure: Figure) -> u64 {
        self.sum(|_, counted| counted == figure)
    }

    /// Answers of one kind in one hour.
    pub fn answers_at(&self, hour: Hour, answer: Answer) -> u64 {
        self.sum(|at, counted| at == hour && matches!(counted, Figure::Code(code) if code.answer() == answer))
    }

    /// Answers of one kind in the whole shift.
    pub fn answers(&self, answer: Answer) -> u64 {
        self.sum(|_, counted| matches!(counted, Figure::Code(code) if code.answer() == answer))
    }

    /// All answers of the shift.
    pub fn all_answers(&self) -> u64 {
        self.sum(|_, counted| matches!(counted, Figure::Code(_)))
    }

    fn sum(&self, which: impl Fn(Hour, Figure) -> bool) -> u64 {
        self.rows().filter(|(hour, figure, _)| which(*hour, *figure)).fold(0, |sum, row| sum.saturating_add(row.2))
    }

    /// For whoever is not at this till: small figures are hidden, and so is whatever would give them away.
    pub fn to_csv(&self) -> String {
        csv::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: Code) -> Event {
        Event::Answer { code, shown: Shown::First }
    }

    fn rows(tally: &Tally) -> Vec<(u64, &'static str, u64)> {
        tally.rows().map(|(hour, figure, count)| (hour.number(), figure.as_str(), count)).collect()
    }

    #[test]
    fn hours_are_written_as_staff_read_them() {
        let hour = Hour::new(1_795_788_000 / 3_600);
        assert_eq!((hour.to_string().as_str(), hour.of_day()), ("2026-11-27 14:00", 14));
        assert_eq!(hour.format("%d.%m. %H:00"), "27.11. 14:00");
        assert_eq!(Hour::new(u64::MAX).to_string(), format!("@{}", u64::MAX));
        assert_eq!((Hour::new(u64::MAX).of_day(), Hour::new(u64::MAX).format("%Y")), (0, format!("@{}", u64::MAX)));
    }

    #[test]
    fn words_of_figures_are_different_and_lead_back() {
        let all: Vec<_> =
            Code::ALL.iter().map(|code| Figure::Code(*code)).chain([Figure::Mismatch, Figure::ShownAgain]).collect();
        assert!(all.iter().all(|figure| Figure::parse(figure.as_str()) == Some(*figure)));
        assert_eq!(Figure::parse("ok"), None);
    }

    #[test]
    fn a_clock_that_leaps_in_the_middle_of_a_shift_loses_nothing() {
        let mut tally = Tally::default();
        for hour in [500_000, 10, u64::MAX, 0, 500_000] {
            tally.count(Hour::new(hour), answer(Code::Ok));
            tally.count(Hour::new(hour), Event::Mismatch);
        }
        assert_eq!((tally.all_answers(), tally.total(Figure::Mismatch), tally.hours().len()), (5, 5, 4));
        // Set between a mismatch and its undoing, which takes back the one that was counted.
        tally.count(Hour::new(7), Event::MismatchUndone);
        assert_eq!((tally.at(Hour::new(500_000), Figure::Mismatch), tally.total(Figure::Mismatch)), (1, 4));
        tally.count(Hour::new(7), Event::MismatchUndone);
        assert_eq!(tally.total(Figure::Mismatch), 4);
    }

    #[test]
    fn a_guest_who_is_judged_anew_counts_once_by_the_last_answer() {
        let mut tally = Tally::default();
        tally.count(Hour::new(1), answer(Code::Ok));
        tally.count(Hour::new(1), answer(Code::ClockBehind));
        let anew = |before, code| Event::Answer { code, shown: Shown::InView { before } };
        tally.count(Hour::new(900), anew(Code::ClockBehind, Code::Ok));
        tally.count(Hour::new(900), anew(Code::Ok, Code::Ok));
        assert_eq!(rows(&tally), [(1, "OK", 1), (900, "OK", 1)]);
        tally.count(Hour::new(901), anew(Code::Ok, Code::TrustExpired));
        assert_eq!(rows(&tally), [(1, "OK", 1), (901, "OLD", 1)]);
        // Of a shift that is over nothing is taken.
        let mut next = Tally::default();
        next.count(Hour::new(901), anew(Code::TrustExpired, Code::Ok));
        assert!(next.is_empty());
    }

    #[test]
    fn a_pass_shown_again_is_an_answer_and_no_new_guest() {
        let mut tally = Tally::default();
        for shown in [Shown::First, Shown::Again, Shown::InARow] {
            tally.count(Hour::new(1), Event::Answer { code: Code::Ok, shown });
        }
        assert_eq!(rows(&tally), [(1, "OK", 3), (1, "shown-again", 2)]);
    }

    #[test]
    fn figures_come_back_as_they_were_kept() {
        let mut tally = Tally::default();
        tally.count(Hour::new(3), answer(Code::Revoked));
        tally.count(Hour::new(4), Event::Mismatch);
        let mut restored = Tally::restored(tally.rows().chain([(Hour::new(9), Figure::Mismatch, 0)]));
        assert_eq!(rows(&restored), rows(&tally));
        restored = Tally::restored(tally.rows().chain(restored.rows()));
        assert_eq!(rows(&restored), [(3, "REV", 2), (4, "mismatch", 2)]);
        let endless =
            Tally::restored([(Hour::new(1), Figure::Mismatch, u64::MAX), (Hour::new(1), Figure::Mismatch, 1)]);
        assert_eq!(endless.total(Figure::Mismatch), u64::MAX);
    }

    #[test]
    fn a_shift_that_never_ends_keeps_its_totals() {
        let mut tally = Tally::default();
        let hours = MAX_HOURS as u64 + 50;
        for hour in 0..hours {
            tally.count(Hour::new(hour), answer(if hour % 2 == 0 { Code::Ok } else { Code::Expired }));
            tally.count(Hour::new(hour), Event::Mismatch);
        }
        assert_eq!(
            (tally.hours().len(), tally.all_answers(), tally.total(Figure::Mismatch)),
            (MAX_HOURS, hours, hours)
        );
        assert_eq!(tally.hours().first(), Some(&Hour::new(50)));
        assert_eq!(
            (tally.total(Figure::Code(Code::Ok)), tally.at(Hour::new(51), Figure::Code(Code::Ok))),
            (hours / 2, 0)
        );
    }
}
