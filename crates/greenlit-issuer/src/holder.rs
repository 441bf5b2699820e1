//! From a person's details to the little of them that a pass carries.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use greenlit_core::pass::{Birthday, DocumentDigits, DocumentKind};

use crate::spelling::{self, StrayCharacter, composed, is_letter};

/// Longest initials in bytes, as in the format.
const MAX_INITIALS: usize = 24;
/// Longest name as it is given, in characters.
const MAX_NAME: usize = 200;
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
    #[error("the name contains no letters; give it as in the document: \"Family Given Patronymic\"")]
    EmptyName,
    #[error("the name is longer than {MAX_NAME} characters")]
    EndlessName,
    #[error("the name contains {0}; only letters, spaces, hyphens, apostrophes and full stops are allowed")]
    NameCharacter(StrayCharacter),
    #[error("the document number contains {0}; only letters, digits, spaces, hyphens, slashes and № are allowed")]
    DocumentCharacter(StrayCharacter),
    #[error("refused: the name has {0} parts, too many for a pass")]
    LongName(usize),
    #[error("refused: impossible date of birth {born} (today is {today})")]
    Born { born: NaiveDate, today: NaiveDate },
    #[error("refused: the document number must have 6 to 30 letters and digits, such as \"80 12 345678\"")]
    Document,
}

impl HolderError {
    /// Whether this person gets no pass; otherwise something was only written wrongly.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::LongName(_) | Self::Born { .. } | Self::Document)
    }
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
        Self::with_number(name, born, kind, number, today).map(|(holder, _)| holder)
    }

    /// With the document's number, for the reference to whose it is.
    pub(crate) fn with_number(
        name: &str,
        born: NaiveDate,
        kind: DocumentKind,
        number: &str,
        today: NaiveDate,
    ) -> Result<(Self, DocumentNumber), HolderError> {
        let earliest = today.year().saturating_sub(130);
        if born > today || born.year() < earliest {
            return Err(HolderError::Born { born, today });
        }
        let birthday =
            Birthday::new(born.month().into(), born.day().into()).ok_or(HolderError::Born { born, today })?;
        let (initials, number) = (initials(name)?, DocumentNumber::read(number)?);
        let document = DocumentDigits { kind, last4: number.last_four()? };
        Ok((Self { initials, birthday, document }, number))
    }
}

/// A document's number: its letters and digits, in capitals.
pub(crate) struct DocumentNumber(String);

impl DocumentNumber {
    pub(crate) fn read(number: &str) -> Result<Self, HolderError> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '№' | '/');
        let number = spelling::plain(number, allowed).map_err(HolderError::DocumentCharacter)?;
        let number = composed(number);
        let signs: String = number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        let fits = (LEAST_DOCUMENT..=30).contains(&signs.chars().count());
        if fits { Ok(Self(signs)) } else { Err(HolderError::Document) }
    }

    pub(crate) fn signs(&self) -> &str {
        &self.0
    }

    fn last_four(&self) -> Result<String, HolderError> {
        let start = self.0.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        let last4 = composed(self.0.get(start..).unwrap_or_default().to_owned());
        if last4.chars().count() == 4 && last4.len() <= 16 { Ok(last4) } else { Err(HolderError::Document) }
    }
}

/// The first letter of each part, in order. A hyphenated part counts once.
fn initials(name: &str) -> Result<String, HolderError> {
    if name.chars().count() > MAX_NAME {
        return Err(HolderError::EndlessName);
    }
    let word_like = |c: char| is_letter(c) || matches!(c, '-' | '\'' | '.' | ' ') || is_mark(c);
    let name = composed(spelling::plain(name, word_like).map_err(HolderError::NameCharacter)?);
    let letters = || name.split([' ', '.']).filter_map(|part| part.chars().find(|c| is_letter(*c)));
    let mut initials = String::with_capacity(MAX_INITIALS);
    for letter in letters() {
        initials.push_str(if initials.is_empty() { "" } else { " " });
        push_title_case(&mut initials, letter);
        initials.push('.');
    }
    if initials.is_empty() {
        Err(HolderError::EmptyName)
    } else if initials.len() > MAX_INITIALS {
        Err(HolderError::LongName(letters().count()))
    } else {
        Ok(initials)
    }
}

/// A letter as it begins a name: one letter with its marks (Unicode's title case, cut to its first letter).
fn push_title_case(text: &mut String, letter: char) {
    let single = match letter {
        'А'..='Я' => letter,
        // Digraphs, of which only the first half is a capital.
        '\u{01C4}'..='\u{01C6}' => '\u{01C5}',
        '\u{01C7}'..='\u{01C9}' => '\u{01C8}',
        '\u{01CA}'..='\u{01CC}' => '\u{01CB}',
        '\u{01F1}'..='\u{01F3}' => '\u{01F2}',
        // Georgian names have no capitals; Mtavruli is for whole words.
        '\u{10D0}'..='\u{10FF}' => letter,
        '\u{1C90}'..='\u{1CBF}' => letter.to_lowercase().next().unwrap_or(letter),
        // A capital of its own with iota, where upper case is two letters.
        '\u{1F80}'..='\u{1FAF}' => char::from_u32(u32::from(letter) | 8).unwrap_or(letter),
        '\u{1FB3}' | '\u{1FBC}' => '\u{1FBC}',
        '\u{1FC3}' | '\u{1FCC}' => '\u{1FCC}',
        '\u{1FF3}' | '\u{1FFC}' => '\u{1FFC}',
        _ => {
            let upper: Vec<char> = letter.to_uppercase().nfc().collect();
            let first = upper.iter().position(|c| c.is_uppercase()).unwrap_or(0);
            let marks = upper.iter().skip(first + 1).take_while(|c| is_mark(**c));
            text.extend(upper.iter().skip(first).take(1).chain(marks));
            return;
        }
    };
    text.push(single);
}

/// Combining marks that NFC leaves on their own.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_four(number: &str) -> Result<String, HolderError> {
        DocumentNumber::read(number)?.last_four()
    }

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
        for bad in ["", "  ", "-", "'.\u{FEFF}"] {
            assert_eq!(initials(bad), Err(HolderError::EmptyName), "{bad:?}");
        }
        for (bad, place) in [("R2 D2", 2), ("a\nb", 2), ("x\u{202E}y", 2), ("Иван;DROP", 5)] {
            let character = bad.chars().nth(place - 1).unwrap();
            assert_eq!(initials(bad), Err(HolderError::NameCharacter(StrayCharacter { character, place })));
        }
        assert_eq!(initials(&"Я".repeat(201)), Err(HolderError::EndlessName));
        assert_eq!(initials("А Б В Г Д Е Ж"), Err(HolderError::LongName(7)));
    }

    #[test]
    fn what_looks_like_a_space_a_hyphen_or_an_apostrophe_is_one() {
        for (name, wanted) in [
            ("Закирова\u{A0}Ильсияр\u{202F}Булатовна", "З. И. Б."),
            ("Салтыков\u{2011}Щедрин Михаил", "С. М."),
            ("\u{2018}Abd O\u{2019}Neill \u{2BC}Ali", "A. O. A."),
            ("\u{FEFF}Иванов Иван", "И. И."),
        ] {
            assert_eq!(initials(name).as_deref(), Ok(wanted), "{name}");
        }
        assert_eq!(last_four("\u{FEFF}80\u{A0}12\u{2011}345678").as_deref(), Ok("5678"));
    }

    #[test]
    fn an_initial_is_one_letter_in_title_case() {
        for (name, wanted) in [
            ("ნინო ბერიძე", "ნ. ბ."),
            ("ᲜᲘᲜᲝ", "ნ."),
            ("\u{01C6}emal \u{01C4}EMAL", "\u{01C5}. \u{01C5}."),
            ("\u{01C9}ubo \u{01CC}egoš \u{01F3}", "\u{01C8}. \u{01CB}. \u{01F2}."),
            ("ßen \u{FB01}nn", "S. F."),
            ("և", "Ե."),
            ("\u{1F80} \u{1FB3} \u{1FFC}", "\u{1F88}. \u{1FBC}. \u{1FFC}."),
            ("\u{0149}a \u{01F0}o", "N. J\u{030C}."),
            ("i ı ё ӣ", "I. I. Ё. Ӣ."),
            ("王 小明", "王. 小."),
        ] {
            assert_eq!(initials(name).as_deref(), Ok(wanted), "{name}");
        }
    }

    #[test]
    fn only_the_end_of_the_number_is_kept() {
        assert_eq!(last_four("80 12 345678").as_deref(), Ok("5678"));
        assert_eq!(last_four("II-АР № 12345б").as_deref(), Ok("345Б"));
        for bad in ["", "5678", "12345", &"1".repeat(31)] {
            assert_eq!(last_four(bad), Err(HolderError::Document), "{bad:?}");
        }
        for (bad, place) in [("1234\n5678", 5), ("12;345678", 3)] {
            let character = bad.chars().nth(place - 1).unwrap();
            assert_eq!(last_four(bad), Err(HolderError::DocumentCharacter(StrayCharacter { character, place })));
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
