//! What a pass of another scheme says, in words that all schemes share.

use chrono::Datelike;

use crate::time::UnixTime;

/// What a pass says, once its signature holds. Each field that a scheme does not have is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// What kind of pass of its scheme it is: "ticket", "vaccination", "identity", "2d-doc/02".
    pub kind: String,
    /// Who issued it, as the pass itself says: a country, an authority's address.
    pub issuer: Option<String>,
    /// When it was signed.
    pub issued: Option<UnixTime>,
    /// From when it is good.
    pub not_before: Option<UnixTime>,
    /// From when it is good no more.
    pub expires: Option<UnixTime>,
    /// Whom to compare with.
    pub holder: Holder,
    /// What rules may ask about.
    pub facts: Vec<Fact>,
    /// By what its issuer calls it back, where that works without a network.
    pub revocation_id: Option<Vec<u8>>,
}

/// The holder, as much of them as somebody compares with an ID.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The whole name as it stands in the pass; whoever shows it shows the least of it.
    pub name: Option<String>,
    /// When they were born.
    pub born: Option<Born>,
    /// The last characters of a document's or identity's number.
    pub document: Option<String>,
    /// Their face.
    pub photo: Option<Photo>,
}

/// A date of birth of which the month and day may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Born {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl Born {
    /// `None` for what is no date, or a day without its month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let whole = (year, month, day);
        match whole {
            (1850..=2200, None, None) => {}
            (1850..=2200, Some(month), None) if (1..=12).contains(&month) => {}
            (1850..=2200, Some(month), Some(day)) => {
                chrono::NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
            }
            _ => return None,
        }
        Some(Self { year, month, day })
    }

    /// Reads `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-MM` or `YYYY`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok())?;
        let two = |part: &str| digits(part).filter(|_| part.len() == 2).and_then(|number| u8::try_from(number).ok());
        match (text.len(), text.is_ascii()) {
            (4, true) => Self::new(digits(text)?, None, None),
            (7, true) if text.get(4..5) == Some("-") => {
                Self::new(digits(text.get(..4)?)?, Some(two(text.get(5..)?)?), None)
            }
            (8, true) => Self::new(digits(text.get(..4)?)?, Some(two(text.get(4..6)?)?), Some(two(text.get(6..)?)?)),
            (10, true) if text.get(4..5) == Some("-") && text.get(7..8) == Some("-") => {
                Self::new(digits(text.get(..4)?)?, Some(two(text.get(5..7)?)?), Some(two(text.get(8..)?)?))
            }
            _ => None,
        }
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> Option<u8> {
        self.month
    }

    /// The day.
    pub fn day(self) -> Option<u8> {
        self.day
    }

    /// Whether they are certainly no more than so many years old on this day.
    pub fn is_at_most(self, years: u16, today: chrono::NaiveDate) -> bool {
        let earliest = Self { year: self.year, month: self.month.or(Some(1)), day: self.day.or(Some(1)) };
        years.checked_add(1).is_some_and(|more| !earliest.is_of_age(more, today))
    }

    /// Whether they are certainly so many years old on this day: whoever knows only the year or month takes the last day of
    /// it, and who was born on 29 February is a year older on 1 March.
    pub fn is_of_age(self, years: u16, today: chrono::NaiveDate) -> bool {
        let birthday = (self.month.unwrap_or(12), self.day.unwrap_or(31));
        let reached = i32::from(self.year) + i32::from(years);
        let now = (today.month(), today.day());
        match today.year().cmp(&reached) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => now >= (birthday.0.into(), birthday.1.into()),
        }
    }
}

/// Something that a rule may ask about: a name of the scheme's and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// As rules write it: "item", "dose", "academic-year".
    pub name: &'static str,
    /// What the pass says.
    pub value: String,
}

/// A picture as it stands in the pass; whoever shows it decodes it under limits of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// As what.
    pub format: PhotoFormat,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// Formats of photos that schemes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PhotoFormat {
    Jpeg,
    Jpeg2000,
    Webp,
    Avif,
    Png,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_birth_is_read_in_both_spellings_and_may_lack_its_end() {
        for (text, wanted) in [
            ("1984-05-09", Some((1984, Some(5), Some(9)))),
            ("19840509", Some((1984, Some(5), Some(9)))),
            ("2004-02-29", Some((2004, Some(2), Some(29)))),
            ("1984-05", Some((1984, Some(5), None))),
            ("1984", Some((1984, None, None))),
        ] {
            let found = Born::parse(text).map(|born| (born.year(), born.month(), born.day()));
            assert_eq!(found, wanted, "{text}");
        }
        for none in
            ["", "84", "1984-13", "2003-02-29", "1984-00-01", "1984-5-9", "+984-05-09", "1984/05/09", "0000", "१९८४"]
        {
            assert_eq!(Born::parse(none), None, "{none}");
        }
    }

    #[test]
    fn of_age_is_only_who_certainly_is() {
        let of_age = |born: &str, today: &str| Born::parse(born).unwrap().is_of_age(18, today.parse().unwrap());
        for (born, before, from) in [
            ("2008-11-28", "2026-11-27", "2026-11-28"),
            ("2008-02-29", "2026-02-28", "2026-03-01"),
            ("2008-11", "2026-11-30", "2026-12-01"),
            ("2008", "2026-12-30", "2026-12-31"),
        ] {
            assert!(!of_age(born, before) && of_age(born, from), "{born}");
        }
        assert!(of_age("1984", "2026-01-01") && !of_age("2020", "2026-01-01"));
    }
}
