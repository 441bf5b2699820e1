//! Days as people write them.

use chrono::NaiveDate;

use crate::spelling::trim;

/// A day as people here write it, 22.11.2026, or 2026-11-22.
pub fn parse_day(text: &str) -> Result<NaiveDate, DayError> {
    let text = trim(text);
    let mut parts = text.split('.');
    let day = match [parts.next(), parts.next(), parts.next(), parts.next()] {
        [Some(day), Some(month), Some(year), None] => {
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
