//! From a person's details to the little of them that a pass carries.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use greenlit_core::pass::{Birthday, DocumentDigits, DocumentKind};
use greenlit_core::text::is_printable;

/// Longest initials in bytes, as in the format.
const MAX_INITIALS: usize = 24;
/// Fewest characters of a document's number, of which a pass shows four.
const LEAST_DOCUMENT: usize = 6;

/// What a pass says of its holder. The rest of the name, the year of birth and the document's
/// number are forgotten here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// "З. И. Б.", in the order of the document.
    pub initials: String,
    /// Month and day.
    pub birthday: Birthday,
    /// Kind and last four characters.
    pub document: DocumentDigits,
}

/// Why a person's details make no pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum HolderError {
    #[error(
        "refused: the name is empty or holds something that is no letter; give it as in the document: \"Family Given Patronymic\""
    )]
    Name,
    #[error("refused: a name of {0} parts is more than a pass has room for")]
    LongName(usize),
    #[error("refused: born {born} cannot be (today is {today})")]
    Born { born: NaiveDate, today: NaiveDate },
    #[error("refused: the document number must have 6 to 30 letters and digits, such as \"80 12 345678\"")]
    Document,
}

impl Holder {
    /// Checks the details and keeps what the pass needs.
    pub fn new(
        name: &str,
        born: NaiveDate,
        kind: DocumentKind,
        number: &str,
        today: NaiveDate,
    ) -> Result<Self, HolderError> {
        let earliest = today.year().saturating_sub(130);
        if born > today || born.year() < earliest {
            return Err(HolderError::Born { born, today });
        }
        let birthday =
            Birthday::new(born.month().into(), born.day().into()).ok_or(HolderError::Born { born, today })?;
        Ok(Self { initials: initials(name)?, birthday, document: DocumentDigits { kind, last4: last_four(number)? } })
    }
}

/// The first letter of each part, in order. A hyphenated part counts once.
fn initials(name: &str) -> Result<String, HolderError> {
    let name: String = name.nfc().collect();
    let word_like = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.' | ' ') || is_mark(c);
    if name.chars().count() > 200 || !name.chars().all(|c| word_like(c) && is_printable(c)) {
        return Err(HolderError::Name);
    }
    let letters: Vec<String> = name
        .split([' ', '.'])
        .filter_map(|part| part.chars().find(|c| c.is_alphabetic()))
        .map(|c| c.to_uppercase().nfc().collect::<String>() + ".")
        .collect();
    let initials = letters.join(" ");
    if initials.is_empty() {
        Err(HolderError::Name)
    } else if initials.len() > MAX_INITIALS {
        Err(HolderError::LongName(letters.len()))
    } else {
        Ok(initials)
    }
}

/// Combining marks that NFC leaves on their own.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn last_four(number: &str) -> Result<String, HolderError> {
    let plain = number.chars().all(|c| is_printable(c) && (c.is_alphanumeric() || matches!(c, ' ' | '-' | '№' | '/')));
    let signs: Vec<char> = number.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    if !plain || !(LEAST_DOCUMENT..=30).contains(&signs.len()) {
        return Err(HolderError::Document);
    }
    let last4: String = signs.iter().skip(signs.len() - 4).collect::<String>().nfc().collect();
    if last4.chars().count() == 4 && last4.len() <= 16 { Ok(last4) } else { Err(HolderError::Document) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_keep_the_order_of_the_document() {
        for (name, wanted) in [
            ("Закиров Ильдар Булатович", "З. И. Б."),
            ("  закирова   әлфиә ", "З. Ә."),
            ("Салтыков-Щедрин Михаил Евграфович", "С. М. Е."),
            ("O'Neill Shaun", "O. S."),
            ("Йылмаз И\u{0306}ван", "Й. Й."),
            ("Ҡ. Ғ. Үҙәк", "Ҡ. Ғ. Ү."),
        ] {
            assert_eq!(initials(name).as_deref(), Ok(wanted), "{name}");
        }
        for bad in ["", "  ", "R2 D2", "a\nb", "x\u{202E}y", "-", "Иван;DROP", &"Я".repeat(201)] {
            assert_eq!(initials(bad), Err(HolderError::Name), "{bad:?}");
        }
        assert_eq!(initials("А Б В Г Д Е Ж"), Err(HolderError::LongName(7)));
    }

    #[test]
    fn only_the_end_of_the_number_is_kept() {
        assert_eq!(last_four("80 12 345678").as_deref(), Ok("5678"));
        assert_eq!(last_four("II-АР № 12345б").as_deref(), Ok("345Б"));
        for bad in ["", "5678", "12345", "1234\n5678", "12;345678", &"1".repeat(31)] {
            assert_eq!(last_four(bad), Err(HolderError::Document), "{bad:?}");
        }
    }

    #[test]
    fn nobody_is_born_tomorrow_or_before_all_memory() {
        let today = "2026-11-22".parse().unwrap();
        let born = |day: &str| Holder::new("А Б", day.parse().unwrap(), DocumentKind::Passport, "8012345678", today);
        assert!(born("2026-11-23").is_err() && born("1895-12-31").is_err());
        assert!(born("2026-11-22").is_ok() && born("1896-02-29").is_ok());
    }
}
