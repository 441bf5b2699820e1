//! Who may have a pass and for how long, by the authority's own rules.
//!
//! A [`Policy`] has a [`Ground`] for everything that entitles to a pass: a vaccination, a laboratory's result, a place
//! at a university, a veteran's record. Whoever is entitled by a ground brings an [`Event`]: its day, and what else the
//! ground asks for. [`Event::decide`] says from when until when the pass is good, or why there is none.

mod day;
mod igg;

use chrono::{Days, Months, NaiveDate};

use greenlit_core::pass::Class;
use greenlit_core::time::UnixTime;

use crate::policy::MAX_PASS_LIFETIME;
use crate::zone::Zone;
pub use day::{DayError, parse_day};
pub use igg::{Igg, IggError};

/// The rules of who may have a pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The authority's own number for them, which goes up when they change.
    pub version: u64,
    /// What entitles to a pass.
    pub grounds: Vec<Ground>,
}

/// Something that entitles to a pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    /// What it is called: "vaccination".
    pub name: String,
    /// What else it is called in what others write: "вакцинация".
    pub also: Vec<String>,
    /// The class of its passes.
    pub class: Class,
    /// How long they are good.
    pub term: Term,
    /// Days from the event to the first day of the pass.
    pub waiting_days: u32,
    /// Where a laboratory's result is asked for: it must be above this.
    pub igg_above: Option<f64>,
}

/// How long a pass is good. Its last day is counted from the event's, which is day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Through the same day so many months later, or the end of a month that has no such day.
    Months(u32),
    /// Through the day so many days later.
    Days(u32),
    /// Through this day, for everybody.
    Through(NaiveDate),
    /// Through the day that the application says, at most so many months later.
    Given {
        /// The most months.
        longest_months: u32,
    },
}

impl Policy {
    /// The region's rules of February 2021: a year after vaccination, three months after a test above IgG 10. A test
    /// needs no waiting.
    pub fn region_2021(waiting_days: u32) -> Self {
        let ground = |name: &str, also: &[&str], months, waiting_days, igg_above| Ground {
            name: name.into(),
            also: also.iter().map(|&word| word.into()).collect(),
            class: Class::RESIDENT,
            term: Term::Months(months),
            waiting_days,
            igg_above,
        };
        let vaccination = ground("vaccination", &["вакцинация", "прививка"], 12, waiting_days, None);
        let antibodies = ground("antibodies", &["антитела"], 3, 0, Some(10.0));
        Self { version: 1, grounds: vec![vaccination, antibodies] }
    }

    /// The ground of this name, or which there are.
    pub fn find(&self, name: &str) -> Result<&Ground, UnknownGround> {
        self.ground(name).ok_or_else(|| {
            let known: Vec<&str> = self.grounds.iter().map(|ground| ground.name.as_str()).collect();
            UnknownGround { asked: name.chars().take(40).collect(), known: known.join(", ") }
        })
    }

    /// The ground of this name, however it is capitalized.
    pub fn ground(&self, name: &str) -> Option<&Ground> {
        let wanted = crate::spelling::composed(crate::spelling::trim(name).to_owned()).to_lowercase();
        let called = |ground: &&Ground| {
            std::iter::once(&ground.name)
                .chain(&ground.also)
                .any(|word| *word == wanted || word.to_lowercase() == wanted)
        };
        self.grounds.iter().find(called)
    }
}

/// A ground that the rules do not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no ground \"{asked}\" in rules.toml, which has {known}")]
pub struct UnknownGround {
    asked: String,
    known: String,
}

/// What entitles a person: a ground, its day, and what else the ground asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'p> {
    ground: &'p Ground,
    day: NaiveDate,
    igg: Option<Igg>,
    through: Option<NaiveDate>,
}

/// Why what was given makes no event: it was written wrongly, and nothing is decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum EventError {
    #[error("{0} needs an IgG result")]
    IggMissing(String),
    #[error("{0} takes no IgG result")]
    IggNotAsked(String),
    #[error("{0} needs the last day of the entitlement")]
    ThroughMissing(String),
    #[error("{0} takes no last day; its rules say how long a pass is good")]
    ThroughNotAsked(String),
}

/// When a pass is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From the beginning of this moment's day.
    pub nbf: UnixTime,
    /// Until just before the day after the last.
    pub exp: UnixTime,
    /// The last day on which it is good, in the region.
    pub last_day: NaiveDate,
}

/// Why somebody may not have a pass.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Ineligible {
    #[error("refused: IgG {igg} is not above {limit}, so no pass without vaccination")]
    IggTooLow { igg: Igg, limit: f64 },
    #[error("refused: IgG {igg} could be above or below {limit}; ask the laboratory for the exact value")]
    IggOpen { igg: Igg, limit: f64 },
    #[error("refused: {day} is in the future (today is {today} in the region)")]
    FutureDate { day: NaiveDate, today: NaiveDate },
    #[error("refused: a pass from {day} expired on {last_day}")]
    Over { day: NaiveDate, last_day: NaiveDate },
    #[error("refused: from {day} to {last_day} is more than {longest_months} months")]
    TooLong { day: NaiveDate, last_day: NaiveDate, longest_months: u32 },
    #[error("refused: from {first_day} to {last_day} is longer than tills take a pass for")]
    LongerThanAPass { first_day: NaiveDate, last_day: NaiveDate },
    #[error(
        "refused: with the waiting time, a pass from {day} would start on {first_day}, after it ends on {last_day}"
    )]
    NeverBegins { day: NaiveDate, first_day: NaiveDate, last_day: NaiveDate },
    #[error("refused: {0} is outside the supported dates")]
    OutOfRange(NaiveDate),
}

impl Ineligible {
    /// What it is counted by in reports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IggTooLow { .. } => "igg-too-low",
            Self::IggOpen { .. } => "igg-open",
            Self::FutureDate { .. } => "future-date",
            Self::Over { .. } => "over",
            Self::TooLong { .. } | Self::LongerThanAPass { .. } => "too-long",
            Self::NeverBegins { .. } => "never-begins",
            Self::OutOfRange(_) => "date-out-of-range",
        }
    }
}

impl<'p> Event<'p> {
    /// Takes what the ground asks for, and no more.
    pub fn new(
        ground: &'p Ground,
        day: NaiveDate,
        igg: Option<Igg>,
        through: Option<NaiveDate>,
    ) -> Result<Self, EventError> {
        let name = || ground.name.clone();
        match (ground.igg_above, igg) {
            (Some(_), None) => return Err(EventError::IggMissing(name())),
            (None, Some(_)) => return Err(EventError::IggNotAsked(name())),
            _ => {}
        }
        match (ground.term, through) {
            (Term::Given { .. }, None) => Err(EventError::ThroughMissing(name())),
            (Term::Given { .. }, Some(_)) | (_, None) => Ok(Self { ground, day, igg, through }),
            (_, Some(_)) => Err(EventError::ThroughNotAsked(name())),
        }
    }

    /// What entitles.
    pub fn ground(&self) -> &'p Ground {
        self.ground
    }

    /// Decides whether there is a pass, and from when until when.
    pub fn decide(&self, now: UnixTime, zone: &Zone) -> Result<Validity, Ineligible> {
        let Self { ground, day, .. } = *self;
        let out_of_range = || Ineligible::OutOfRange(day);
        let today = zone.day(now).ok_or_else(out_of_range)?;
        if let (Some(limit), Some(igg)) = (ground.igg_above, self.igg) {
            igg.check_above(limit)?;
        }
        if day > today {
            return Err(Ineligible::FutureDate { day, today });
        }
        let last_day = self.last_day()?;
        if last_day < today {
            return Err(Ineligible::Over { day, last_day });
        }
        let first_day = day.checked_add_days(Days::new(ground.waiting_days.into())).ok_or_else(out_of_range)?;
        if first_day > last_day {
            return Err(Ineligible::NeverBegins { day, first_day, last_day });
        }
        // A pass starts no earlier than it was made: its issuer's limits count from the key's first day.
        let nbf = zone.midnight(first_day.max(today)).ok_or_else(out_of_range)?;
        let exp = last_day.succ_opt().and_then(|day| zone.midnight(day)).ok_or_else(out_of_range)?;
        if exp.since(nbf).is_none_or(|length| length > MAX_PASS_LIFETIME) {
            return Err(Ineligible::LongerThanAPass { first_day: first_day.max(today), last_day });
        }
        Ok(Validity { nbf, exp, last_day })
    }

    fn last_day(&self) -> Result<NaiveDate, Ineligible> {
        let day = self.day;
        let after = |months| day.checked_add_months(Months::new(months)).ok_or(Ineligible::OutOfRange(day));
        match (self.ground.term, self.through) {
            (Term::Months(months), _) => after(months),
            (Term::Days(days), _) => day.checked_add_days(Days::new(days.into())).ok_or(Ineligible::OutOfRange(day)),
            (Term::Through(last_day), _) => Ok(last_day),
            (Term::Given { longest_months }, Some(last_day)) if last_day > after(longest_months)? => {
                Err(Ineligible::TooLong { day, last_day, longest_months })
            }
            (Term::Given { .. }, Some(last_day)) => Ok(last_day),
            // `new` lets none through.
            (Term::Given { .. }, None) => Err(Ineligible::OutOfRange(day)),
        }
    }
}

#[cfg(test)]
mod tests;
