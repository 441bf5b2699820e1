//! Who may have a pass and for how long: the region's rules of February 2021.

use chrono::{Days, Months, NaiveDate};

use greenlit_core::time::UnixTime;

use crate::spelling::trim;
use crate::zone::Zone;

/// A test above this many units makes a pass; at or below it there is none until vaccination.
const LEAST_IGG: f64 = 10.0;

/// An IgG result as a laboratory writes it: a finite, non-negative number, or that it lies above or below one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Igg {
    value: f64,
    range: Range,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Exactly,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// How laboratories write that a result lies beyond what their device measures.
const RANGES: [(&str, Range); 7] = [
    (">=", Range::AtLeast),
    ("≥", Range::AtLeast),
    (">", Range::Above),
    ("<=", Range::AtMost),
    ("≤", Range::AtMost),
    ("<", Range::Below),
    ("", Range::Exactly),
];

/// Why a text is no IgG result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an IgG result: give a number such as 12.5, or \">100\" as on the laboratory report")]
pub struct IggError(String);

impl std::str::FromStr for Igg {
    type Err = IggError;

    fn from_str(text: &str) -> Result<Self, IggError> {
        let given = trim(text);
        let split = RANGES.iter().find_map(|(mark, range)| Some((given.strip_prefix(mark)?, *range)));
        let (number, range) = split.unwrap_or((given, Range::Exactly));
        // Laboratories here write a decimal comma. Only plain digits: "inf", "NaN" and "1e3" are no results.
        let plain = number.trim_start().replacen(',', ".", 1);
        let digits = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && plain.len() <= 12;
        let value = plain.parse().ok().filter(|v: &f64| digits && v.is_finite());
        value.map(|value| Self { value, range }).ok_or_else(|| IggError(text.into()))
    }
}

impl std::fmt::Display for Igg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = RANGES.iter().rev().find(|(_, range)| *range == self.range).map_or("", |(mark, _)| mark);
        write!(f, "{mark}{}", self.value)
    }
}

impl Igg {
    /// Requires a result that is certainly above the limit.
    fn check(self) -> Result<(), Ineligible> {
        let Self { value, range } = self;
        let (above, not_above) = match range {
            Range::Exactly => (value > LEAST_IGG, value <= LEAST_IGG),
            Range::Above => (value >= LEAST_IGG, false),
            Range::AtLeast => (value > LEAST_IGG, false),
            Range::Below | Range::AtMost => (false, value <= LEAST_IGG),
        };
        match (above, not_above) {
            (true, _) => Ok(()),
            (false, true) => Err(Ineligible::IggTooLow(self)),
            (false, false) => Err(Ineligible::IggOpen(self)),
        }
    }
}

/// What entitles to a pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Basis {
    /// Both doses; counted from the last one.
    Vaccination,
    /// An antibody test with its IgG result; counted from the test.
    Antibodies(Igg),
}

impl Basis {
    fn months(self) -> Months {
        match self {
            Self::Vaccination => Months::new(12),
            Self::Antibodies(_) => Months::new(3),
        }
    }
}

/// What an authority may set.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Days from the last dose to the first day of the pass: 0, or 21 as the region once had it. A
    /// test needs no waiting.
    pub waiting_days: u32,
    /// The region's time, in which its days begin and end.
    pub zone: Zone,
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
    #[error("refused: IgG {0} is not above 10, so no pass without vaccination")]
    IggTooLow(Igg),
    #[error("refused: IgG {0} could be above or below 10; ask the laboratory for the exact value")]
    IggOpen(Igg),
    #[error("refused: {day} is in the future (today is {today} in the region)")]
    FutureDate { day: NaiveDate, today: NaiveDate },
    #[error("refused: a pass from {day} expired on {last_day}")]
    Over { day: NaiveDate, last_day: NaiveDate },
    #[error(
        "refused: with the waiting time, a pass from {day} would start on {first_day}, after it ends on {last_day}"
    )]
    NeverBegins { day: NaiveDate, first_day: NaiveDate, last_day: NaiveDate },
    #[error("refused: {0} is outside the supported dates")]
    OutOfRange(NaiveDate),
}

/// Decides whether there is a pass, and from when until when.
///
/// `day` is day 0: the last dose or the test. It is good through the day that many calendar months
/// later, clamped to the month's end: tested on 31 March, good through 30 June.
pub fn decide(basis: Basis, day: NaiveDate, now: UnixTime, terms: &Terms) -> Result<Validity, Ineligible> {
    let out_of_range = Ineligible::OutOfRange(day);
    let today = terms.zone.day(now).ok_or(out_of_range.clone())?;
    if let Basis::Antibodies(igg) = basis {
        igg.check()?;
    }
    if day > today {
        return Err(Ineligible::FutureDate { day, today });
    }
    let last_day = day.checked_add_months(basis.months()).ok_or(out_of_range.clone())?;
    if last_day < today {
        return Err(Ineligible::Over { day, last_day });
    }
    let waiting = if basis == Basis::Vaccination { terms.waiting_days } else { 0 };
    let first_day = day.checked_add_days(Days::new(waiting.into())).ok_or(out_of_range.clone())?;
    if first_day > last_day {
        return Err(Ineligible::NeverBegins { day, first_day, last_day });
    }
    // A pass starts no earlier than it was made: its issuer's limits count from the key's first day.
    let nbf = terms.zone.midnight(first_day.max(today)).ok_or(out_of_range.clone())?;
    let exp = last_day.succ_opt().and_then(|day| terms.zone.midnight(day)).ok_or(out_of_range)?;
    Ok(Validity { nbf, exp, last_day })
}

/// A day as people here write it, 22.11.2026, or 2026-11-22.
pub fn parse_day(text: &str) -> Result<NaiveDate, DayError> {
    let text = trim(text);
    let parts: Vec<&str> = text.split('.').collect();
    let day = match parts.as_slice() {
        [day, month, year] => {
            let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
                lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            // A year of two digits could be of this century or of the last.
            let plain = digits(day, 1..=2) && digits(month, 1..=2) && digits(year, 4..=4);
            let number = |part: &str| part.parse().ok().filter(|_| plain);
            let year = number(year).and_then(|year| i32::try_from(year).ok());
            year.and_then(|year| NaiveDate::from_ymd_opt(year, number(month)?, number(day)?))
        }
        _ => text.parse().ok(),
    };
    day.ok_or_else(|| DayError(text.chars().take(40).collect()))
}

/// Why a text is no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a date such as 2026-11-22 or 22.11.2026")]
pub struct DayError(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> UnixTime {
        UnixTime::parse_rfc3339(text).unwrap()
    }

    const NOW: &str = "2021-04-10T12:00:00+05:00";

    fn ufa(waiting_days: u32) -> Terms {
        Terms { waiting_days, zone: Zone::from_offset("+05:00").unwrap() }
    }

    fn antibodies(igg: &str) -> Basis {
        Basis::Antibodies(igg.parse().unwrap())
    }

    #[test]
    fn months_are_calendar_months_clamped_to_their_end() {
        for (basis, day, last_day, exp) in [
            (antibodies("12.5"), "2021-03-31", "2021-06-30", "2021-07-01T00:00:00+05:00"),
            (Basis::Vaccination, "2021-04-10", "2022-04-10", "2022-04-11T00:00:00+05:00"),
            (Basis::Vaccination, "2020-04-10", "2021-04-10", "2021-04-11T00:00:00+05:00"),
        ] {
            let validity = decide(basis, date(day), at(NOW), &ufa(0)).unwrap();
            assert_eq!((validity.last_day, validity.exp), (date(last_day), at(exp)));
            assert_eq!(validity.nbf, at("2021-04-10T00:00:00+05:00"));
        }
        let leap = decide(Basis::Vaccination, date("2024-02-29"), at("2024-03-01T00:00:00Z"), &ufa(0)).unwrap();
        assert_eq!(leap.last_day, date("2025-02-28"));
    }

    #[test]
    fn waiting_moves_the_start_and_not_the_end() {
        let validity = decide(Basis::Vaccination, date("2021-04-01"), at(NOW), &ufa(21)).unwrap();
        assert_eq!(validity.nbf, at("2021-04-22T00:00:00+05:00"));
        assert_eq!(validity.last_day, date("2022-04-01"));
    }

    #[test]
    fn refusals_have_reasons() {
        let refused = |basis, day: &str| decide(basis, date(day), at(NOW), &ufa(0)).unwrap_err();
        assert!(matches!(refused(antibodies("10"), "2021-04-01"), Ineligible::IggTooLow(_)));
        assert!(matches!(refused(antibodies("9,99"), "2021-04-01"), Ineligible::IggTooLow(_)));
        assert!(decide(antibodies("10.01"), date("2021-04-01"), at(NOW), &ufa(0)).is_ok());
        assert!(matches!(refused(Basis::Vaccination, "2021-04-11"), Ineligible::FutureDate { .. }));
        assert!(matches!(refused(Basis::Vaccination, "2020-04-09"), Ineligible::Over { .. }));
        assert!(matches!(refused(antibodies("50"), "2021-01-09"), Ineligible::Over { .. }));
        assert!(matches!(
            decide(Basis::Vaccination, NaiveDate::MAX, at(NOW), &ufa(0)),
            Err(Ineligible::FutureDate { .. })
        ));
    }

    #[test]
    fn the_region_s_day_counts_not_utc_s() {
        // 20:00 UTC on 10 April is already 11 April in Ufa.
        let late = at("2021-04-10T20:00:00Z");
        assert!(decide(Basis::Vaccination, date("2021-04-11"), late, &ufa(0)).is_ok());
        assert!(decide(Basis::Vaccination, date("2020-04-10"), late, &ufa(0)).is_err());
    }

    #[test]
    fn igg_is_a_plain_number() {
        for bad in ["", "NaN", "inf", "-5", "1e3", "12,5,1", "ten", "1234567890123", ">", "> <5", ">>5", "5>", "=5"] {
            assert!(bad.parse::<Igg>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_result_beyond_what_was_measured_counts_for_what_it_says() {
        let decided = |igg: &str| decide(antibodies(igg), date("2021-04-01"), at(NOW), &ufa(0));
        for enough in [">100", "> 100,5", ">10", ">=10.1", "≥ 11", " 12.5 ", "\u{FEFF}>\u{A0}100"] {
            assert!(decided(enough).is_ok(), "{enough}");
        }
        for too_low in ["<10", "<0,5", "<=10", "≤3"] {
            assert!(matches!(decided(too_low), Err(Ineligible::IggTooLow(_))), "{too_low}");
        }
        for open in [">5", ">=10", "≥10", "<100", "≤10.5"] {
            assert!(matches!(decided(open), Err(Ineligible::IggOpen(_))), "{open}");
        }
        assert!(decided(">9,9").unwrap_err().to_string().starts_with("refused: IgG >9.9 could be above or below"));
    }

    #[test]
    fn days_are_read_in_both_orders() {
        for text in ["2026-11-02", "02.11.2026", "2.11.2026", " 02.11.2026 ", "\u{FEFF}2.11.2026\u{A0}"] {
            assert_eq!(parse_day(text), Ok(date("2026-11-02")), "{text}");
        }
        for bad in
            ["", "02.11.26", "11/02/2026", "31.02.2026", "2026.11.02", "2.11.02026", "+2.11.2026", "1.2", "1.2.3.4"]
        {
            assert!(parse_day(bad).is_err(), "{bad}");
        }
    }
}
