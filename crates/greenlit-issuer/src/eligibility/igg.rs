//! Results of antibody tests.

use super::Ineligible;
use crate::spelling::trim;

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
    pub(super) fn check_above(self, limit: f64) -> Result<(), Ineligible> {
        let Self { value, range } = self;
        let (above, not_above) = match range {
            Range::Exactly => (value > limit, value <= limit),
            Range::Above => (value >= limit, false),
            Range::AtLeast => (value > limit, false),
            Range::Below | Range::AtMost => (false, value <= limit),
        };
        match (above, not_above) {
            (true, _) => Ok(()),
            (false, true) => Err(Ineligible::IggTooLow { igg: self, limit }),
            (false, false) => Err(Ineligible::IggOpen { igg: self, limit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_plain_number() {
        for bad in ["", "NaN", "inf", "-5", "1e3", "12,5,1", "ten", "1234567890123", ">", "> <5", ">>5", "5>", "=5"] {
            assert!(bad.parse::<Igg>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_result_beyond_what_was_measured_counts_for_what_it_says() {
        let decided = |igg: &str| igg.parse::<Igg>().unwrap().check_above(10.0);
        for enough in [">100", "> 100,5", ">10", ">=10.1", "≥ 11", " 12.5 ", "\u{FEFF}>\u{A0}100"] {
            assert!(decided(enough).is_ok(), "{enough}");
        }
        for too_low in ["<10", "<0,5", "<=10", "≤3", "10", "9,99"] {
            assert!(matches!(decided(too_low), Err(Ineligible::IggTooLow { .. })), "{too_low}");
        }
        for open in [">5", ">=10", "≥10", "<100", "≤10.5"] {
            assert!(matches!(decided(open), Err(Ineligible::IggOpen { .. })), "{open}");
        }
        let told = decided(">9,9").unwrap_err().to_string();
        assert!(told.starts_with("refused: IgG >9.9 could be above or below 10"), "{told}");
    }
}
