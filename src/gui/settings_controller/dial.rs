//! The dials of the page that sets date and time: what stands on them, and what it comes to. Pure: clock,
//! floor and time zone are told.

use chrono::{DateTime, Datelike, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};

use greenlit_core::time::UnixTime;

/// Years that can be set.
const YEARS: (i32, i32) = (2000, 2099);
/// Times beyond are shown as in the last year.
const END: UnixTime = UnixTime::MAX.minus(UnixTime::MAX.seconds() - 4_102_444_800);
const MINUTE: u64 = 60;

/// One of the dials, in the order in which they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Field {
    #[default]
    Day,
    Month,
    Year,
    Hour,
    Minute,
}

impl Field {
    pub(crate) const ALL: [Self; 5] = [Self::Day, Self::Month, Self::Year, Self::Hour, Self::Minute];

    /// By its place from the left; beyond the last there is the last.
    pub(crate) fn at(place: usize) -> Self {
        Self::ALL.get(place).copied().unwrap_or(Self::Minute)
    }

    pub(crate) fn place(self) -> usize {
        Self::ALL.iter().position(|field| *field == self).unwrap_or_default()
    }

    fn digits(self) -> usize {
        if self == Self::Year { 4 } else { 2 }
    }
}

/// What stands on the dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dial {
    year: i32,
    month: u32,
    /// As it was set: it shows less where the month has fewer days, and comes back where one has enough.
    day: u32,
    hour: u32,
    minute: u32,
    /// The one that keys turn.
    field: Field,
    /// Digits typed for it that do not make a number yet.
    typed: String,
}

/// What the dials show is earlier than any honest clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooEarly {
    /// The earliest that is allowed.
    pub(crate) earliest: UnixTime,
}

/// The first full minute that is no earlier than this floor: the dials show no seconds.
pub(crate) fn earliest(floor: UnixTime) -> UnixTime {
    floor.plus((MINUTE - floor.seconds() % MINUTE) % MINUTE)
}

impl Dial {
    /// At the clock, or at the floor where that is later.
    pub(crate) fn new<Z: TimeZone>(clock: UnixTime, floor: UnixTime, zone: &Z) -> Self {
        let start = clock.minus(clock.seconds() % MINUTE).max(earliest(floor));
        let utc = i64::try_from(start.min(END).seconds()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let local = utc.unwrap_or_default().with_timezone(zone).naive_local();
        Self {
            year: local.year().clamp(YEARS.0, YEARS.1),
            month: local.month(),
            day: local.day(),
            hour: local.hour(),
            minute: local.minute(),
            field: Field::default(),
            typed: String::new(),
        }
    }

    /// The dial that keys turn.
    pub(crate) fn field(&self) -> Field {
        self.field
    }

    /// Keys turn this one from now on.
    pub(crate) fn select(&mut self, field: Field) {
        self.take_typed();
        self.field = field;
    }

    /// Turns one by so many steps: round and round, but for the year, and the others stay as they are.
    pub(crate) fn turn(&mut self, field: Field, by: i32) {
        self.select(field);
        let (least, most) = self.range(field);
        let to = self.value(field).saturating_add(by);
        let to = if field == Field::Year {
            to.clamp(least, most)
        } else {
            least + (to - least).rem_euclid(most - least + 1)
        };
        self.set(field, to);
    }

    /// A digit for the selected dial. When its number is whole the next one is selected.
    pub(crate) fn type_digit(&mut self, digit: u8) {
        let field = self.field;
        self.typed.push(char::from(b'0' + digit.min(9)));
        let (_, most) = self.range(field);
        // Nothing can follow a 4 for the month.
        let only = field != Field::Year && self.typed.parse::<i32>().is_ok_and(|number| number * 10 > most);
        if only || self.typed.len() >= field.digits() {
            self.take_typed();
            self.field = Field::at(field.place() + 1);
        }
    }

    /// What was typed counts if the dial has it, and is forgotten otherwise. A year may be two digits.
    fn take_typed(&mut self) {
        let Ok(mut number) = std::mem::take(&mut self.typed).parse::<i32>() else { return };
        if self.field == Field::Year && number < 100 {
            number += YEARS.0;
        }
        let (least, most) = self.range(self.field);
        if (least..=most).contains(&number) {
            self.set(self.field, number);
        }
    }

    /// As it is to be read on a dial.
    pub(crate) fn text(&self, field: Field) -> String {
        if field == self.field && !self.typed.is_empty() {
            return self.typed.clone();
        }
        format!("{:0width$}", self.value(field), width = field.digits())
    }

    /// From 1, Monday, to 7.
    pub(crate) fn weekday(&self) -> u32 {
        self.date().weekday().number_from_monday()
    }

    /// From 1, January, to 12.
    pub(crate) fn month(&self) -> u32 {
        self.month
    }

    /// What the dials come to, unless it is earlier than the floor.
    pub(crate) fn time<Z: TimeZone>(&self, floor: UnixTime, zone: &Z) -> Result<UnixTime, TooEarly> {
        let too_early = TooEarly { earliest: earliest(floor) };
        unix(&self.moment(floor, zone)).filter(|time| *time >= floor).ok_or(too_early)
    }

    /// The moment that the dials show, in this time zone.
    pub(crate) fn moment<Z: TimeZone>(&self, floor: UnixTime, zone: &Z) -> DateTime<Z> {
        let mut whole = self.clone();
        whole.take_typed();
        whole.moment_set(floor, zone)
    }

    fn moment_set<Z: TimeZone>(&self, floor: UnixTime, zone: &Z) -> DateTime<Z> {
        let time = NaiveTime::from_hms_opt(self.hour, self.minute, 0).unwrap_or_default();
        let local = NaiveDateTime::new(self.date(), time);
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(moment) => moment,
            // The hour that comes twice when clocks are put back: the first, if it may be.
            MappedLocalTime::Ambiguous(first, second) => {
                if unix(&first).is_some_and(|first| first >= floor) {
                    first
                } else {
                    second
                }
            }
            // The hour that is left out when they are put forward: as if they were not yet.
            MappedLocalTime::None => zone
                .from_local_datetime(&(local + Duration::hours(1)))
                .earliest()
                .unwrap_or_else(|| zone.from_utc_datetime(&local)),
        }
    }

    fn date(&self) -> NaiveDate {
        // In the years that can be set every month has its first.
        self.month_begins().with_day(self.shown_day()).unwrap_or(self.month_begins())
    }

    fn month_begins(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    fn shown_day(&self) -> u32 {
        self.day.min(u32::from(self.month_begins().num_days_in_month()))
    }

    fn range(&self, field: Field) -> (i32, i32) {
        match field {
            Field::Day => (1, i32::from(self.month_begins().num_days_in_month())),
            Field::Month => (1, 12),
            Field::Year => YEARS,
            Field::Hour => (0, 23),
            Field::Minute => (0, 59),
        }
    }

    fn value(&self, field: Field) -> i32 {
        let small = match field {
            Field::Day => self.shown_day(),
            Field::Month => self.month,
            Field::Year => return self.year,
            Field::Hour => self.hour,
            Field::Minute => self.minute,
        };
        // Below a hundred, each of them.
        i32::try_from(small).unwrap_or_default()
    }

    /// Takes a value that is in the dial's range.
    fn set(&mut self, field: Field, value: i32) {
        let small = u32::try_from(value).unwrap_or_default();
        match field {
            Field::Day => self.day = small,
            Field::Month => self.month = small,
            Field::Year => self.year = value,
            Field::Hour => self.hour = small,
            Field::Minute => self.minute = small,
        }
    }
}

/// None before 1970.
fn unix<Z: TimeZone>(moment: &DateTime<Z>) -> Option<UnixTime> {
    u64::try_from(moment.timestamp()).ok().and_then(UnixTime::new)
}

#[cfg(test)]
mod tests;
