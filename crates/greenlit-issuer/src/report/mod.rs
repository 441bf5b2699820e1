//! What an authority has done, by months of its region: passes issued, revoked, replaced, expiring and in force, and how
//! many were refused and why.
//!
//! A count of refusals from 1 to 4 is not told: with what else is known of a small place and a month, it may tell who was
//! refused. Nor are refusals added up, so that nothing can be taken from a sum.

mod picture;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, Months, NaiveDate};

use greenlit_core::pass::Class;
use greenlit_core::time::UnixTime;

use crate::Zone;
use crate::authority::{Authority, AuthorityError};
use crate::register::{PassCount, PassEvent, QUARTER};

pub use picture::picture;
pub use table::{as_csv, as_json, as_table};

/// Most months of a report.
const MAX_MONTHS: usize = 1_200;
/// Counts of refusals below this are not told.
pub const SMALL: u64 = 5;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ReportError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("{from} is after {to}")]
    NoMonths { from: Month, to: Month },
    #[error("more than {MAX_MONTHS} months")]
    TooManyMonths,
}

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    fn next(self) -> Option<Self> {
        self.0.checked_add_months(Months::new(1)).map(Self)
    }

    /// Its first day.
    fn first_day(self) -> NaiveDate {
        self.0
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl std::str::FromStr for Month {
    type Err = String;

    /// Reads "2026-11".
    fn from_str(text: &str) -> Result<Self, String> {
        let day = format!("{text}-01").parse::<NaiveDate>().ok().filter(|_| text.len() == 7);
        day.map(Self).ok_or_else(|| format!("\"{text}\" is not a month such as 2026-11"))
    }
}

/// Which months; those of which there is something, up to this one, where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// The first.
    pub from: Option<Month>,
    /// The last.
    pub to: Option<Month>,
}

/// A month's counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthCounts {
    /// Which.
    pub month: Month,
    /// Passes entered, by class and the version of the rules that decided.
    pub issued: BTreeMap<(Class, Option<u64>), u64>,
    /// Passes revoked that no other replaced, by class.
    pub revoked: BTreeMap<Class, u64>,
    /// Passes that another one replaced.
    pub replaced: BTreeMap<Class, u64>,
    /// Passes whose last day is in this month.
    pub expiring: BTreeMap<Class, u64>,
    /// Passes in force at its end; of the month that is not over, now.
    pub in_force: BTreeMap<Class, u64>,
    /// Persons who were refused a pass, by the reason's code.
    pub refused: BTreeMap<String, u64>,
}

impl MonthCounts {
    fn of(month: Month) -> Self {
        Self {
            month,
            issued: BTreeMap::new(),
            revoked: BTreeMap::new(),
            replaced: BTreeMap::new(),
            expiring: BTreeMap::new(),
            in_force: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }
}

/// Passes in force at the end of a day, by class; those alone of which there are any.
type InForce = BTreeMap<Class, u64>;

/// What an authority has done.
#[derive(Clone, Debug)]
pub struct Report {
    /// By month, without a gap.
    pub months: Vec<MonthCounts>,
    /// In force at the end of each day of these months up to today; of today, now. Without a gap.
    pub days: Vec<(NaiveDate, InForce)>,
    /// Today in the region.
    pub today: NaiveDate,
}

impl Report {
    /// Every class of which there is something.
    pub fn classes(&self) -> BTreeSet<Class> {
        let issued = self.months.iter().flat_map(|month| month.issued.keys().map(|(class, _)| *class));
        let in_force = self.months.iter().flat_map(|month| month.in_force.keys().copied());
        issued.chain(in_force).collect()
    }
}

/// Makes a report.
pub fn report(authority: &Authority, asked: Asked, now: UnixTime) -> Result<Report, ReportError> {
    let register = authority.register();
    let counts = register.pass_counts().map_err(AuthorityError::from)?;
    let refusals = register.refusal_counts().map_err(AuthorityError::from)?;
    let zone = &authority.zone;
    let today = zone.day(now).unwrap_or(NaiveDate::MAX);
    let mut days = Days { zone, known: HashMap::new() };
    let past =
        counts.iter().filter(|count| count.event == PassEvent::Issued).map(|count| days.of_quarter(count.quarter));
    let first = past.min().unwrap_or(today).min(today);
    let from = asked.from.unwrap_or(Month::of(first));
    let to = asked.to.unwrap_or(Month::of(today).max(from));
    if from > to {
        return Err(ReportError::NoMonths { from, to });
    }
    let months: Vec<Month> = std::iter::successors(Some(from), |month| month.next())
        .take_while(|month| *month <= to)
        .take(MAX_MONTHS + 1)
        .collect();
    if months.len() > MAX_MONTHS {
        return Err(ReportError::TooManyMonths);
    }
    let mut by_month: BTreeMap<Month, MonthCounts> =
        months.iter().map(|month| (*month, MonthCounts::of(*month))).collect();
    for count in &counts {
        if let Some(month) = by_month.get_mut(&Month::of(days.of_quarter(count.quarter))) {
            let PassCount { class, policy, passes, .. } = *count;
            let counted = match count.event {
                PassEvent::Issued => {
                    *month.issued.entry((class, policy)).or_default() += passes;
                    continue;
                }
                PassEvent::Revoked => &mut month.revoked,
                PassEvent::Replaced => &mut month.replaced,
                PassEvent::Expires => &mut month.expiring,
                PassEvent::Begins | PassEvent::Ends => continue,
            };
            *counted.entry(class).or_default() += passes;
        }
    }
    for refusal in refusals {
        let day = zone.day(refusal.at).unwrap_or(NaiveDate::MAX);
        if let Some(month) = by_month.get_mut(&Month::of(day)) {
            *month.refused.entry(refusal.reason).or_default() += refusal.refused;
        }
    }
    let in_force = InForceOverTime::new(&counts, &mut days, now);
    for month in by_month.values_mut() {
        let end = month.month.next().map_or(NaiveDate::MAX, Month::first_day).pred_opt().unwrap_or(NaiveDate::MAX);
        month.in_force = if month.month == Month::of(today) { in_force.now.clone() } else { in_force.at_end_of(end) };
    }
    let last = to.next().and_then(|next| next.first_day().pred_opt()).unwrap_or(NaiveDate::MAX).min(today);
    let shown = from.first_day().iter_days().take_while(|day| *day <= last);
    let shown = in_force.day_by_day(shown, today);
    Ok(Report { months: by_month.into_values().collect(), days: shown, today })
}

/// The region's days, each looked up once.
struct Days<'z> {
    zone: &'z Zone,
    known: HashMap<u64, NaiveDate>,
}

impl Days<'_> {
    fn of_quarter(&mut self, quarter: u64) -> NaiveDate {
        let zone = self.zone;
        let look_up = || UnixTime::new(quarter.saturating_mul(QUARTER)).and_then(|at| zone.day(at));
        *self.known.entry(quarter).or_insert_with(|| look_up().unwrap_or(NaiveDate::MAX))
    }
}

/// How many come into force, less those that are so no more, by day and class.
struct InForceOverTime {
    changes: BTreeMap<NaiveDate, BTreeMap<Class, i64>>,
    now: InForce,
}

impl InForceOverTime {
    fn new(counts: &[PassCount], days: &mut Days<'_>, now: UnixTime) -> Self {
        let mut changes: BTreeMap<NaiveDate, BTreeMap<Class, i64>> = BTreeMap::new();
        let mut so_far = BTreeMap::new();
        for count in counts {
            let change = match count.event {
                PassEvent::Begins => count.passes.cast_signed(),
                PassEvent::Ends => -count.passes.cast_signed(),
                _ => continue,
            };
            // What ends at midnight ends the day before it.
            *changes.entry(days.of_quarter(count.quarter)).or_default().entry(count.class).or_default() += change;
            if count.quarter <= now.seconds() / QUARTER {
                *so_far.entry(count.class).or_default() += change;
            }
        }
        Self { changes, now: positive(&so_far) }
    }

    fn at_end_of(&self, day: NaiveDate) -> InForce {
        let mut sum = BTreeMap::new();
        self.changes.range(..=day).for_each(|(_, changes)| add(&mut sum, changes));
        positive(&sum)
    }

    fn day_by_day(&self, days: impl Iterator<Item = NaiveDate>, today: NaiveDate) -> Vec<(NaiveDate, InForce)> {
        let mut changes = self.changes.iter().peekable();
        let mut sum = BTreeMap::new();
        days.map(|day| {
            while let Some((_, change)) = changes.next_if(|(at, _)| **at <= day) {
                add(&mut sum, change);
            }
            (day, if day == today { self.now.clone() } else { positive(&sum) })
        })
        .collect()
    }
}

fn add(sum: &mut BTreeMap<Class, i64>, changes: &BTreeMap<Class, i64>) {
    changes.iter().for_each(|(class, change)| *sum.entry(*class).or_default() += change);
}

fn positive(sum: &BTreeMap<Class, i64>) -> InForce {
    let some = sum.iter().filter_map(|(class, count)| Some((*class, u64::try_from(*count).ok()?)));
    some.filter(|(_, count)| *count > 0).collect()
}
