//! What people type or paste, read as what it looks like.

use greenlit_core::text::is_printable;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A character that does not belong where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrayCharacter {
    /// The character.
    pub character: char,
    /// Its place, counted from 1 in characters of the text as it was given.
    pub place: usize,
}

impl std::fmt::Display for StrayCharacter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { character, place } = *self;
        write!(f, "U+{:04X}", u32::from(character))?;
        // An invisible one, or one that changes the terminal, is known by its number alone.
        if is_printable(character) && !character.is_whitespace() {
            write!(f, " (\"{character}\")")?;
        }
        write!(f, " at place {place}")
    }
}

/// The text without white space and byte order marks around it.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}')
}

/// In Unicode's composed form (NFC), as nearly every text is already.
pub(crate) fn composed(text: String) -> String {
    let is_composed = text.chars().all(stands_alone) || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if is_composed { text } else { text.nfc().collect() }
}

/// A character that no other can be composed with into another text, known without a look into tables: those that nearly
/// everything here is written in.
fn stands_alone(c: char) -> bool {
    matches!(c, '\0'..'\u{300}' | '\u{400}'..='\u{481}')
}

/// A letter of any alphabet; those that nearly every name here is written in are known without a look into tables.
pub(crate) fn is_letter(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё') || c.is_alphabetic()
}

/// The text with spaces, hyphens and apostrophes of every kind as plain ones and without byte order marks; each
/// character that is then left must be one that is allowed.
pub(crate) fn plain(text: &str, allowed: impl Fn(char) -> bool) -> Result<String, StrayCharacter> {
    let mut plain = String::with_capacity(text.len());
    for (at, character) in text.chars().enumerate() {
        let looks_like = match character {
            '\u{FEFF}' => continue,
            '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
            '`' | '\u{B4}' | '\u{2B9}'..='\u{2BC}' | '\u{2C8}' | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{FF07}' => {
                '\''
            }
            other => other,
        };
        if !allowed(looks_like) || !is_printable(looks_like) {
            return Err(StrayCharacter { character, place: at + 1 });
        }
        plain.push(looks_like);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_alone_is_composed() {
        let range = ('\0'..='\u{FFFF}').filter(|c| stands_alone(*c));
        let text: String = range.flat_map(|c| [c, 'е', c]).collect();
        assert_eq!((is_nfc_quick(text.chars()), text.nfc().collect()), (IsNormalized::Yes, text.clone()));
        assert_eq!(composed("И\u{306}".into()), "Й");
    }

    #[test]
    fn look_alikes_are_plain_and_the_rest_is_named() {
        let letters = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'');
        for (text, wanted) in [
            ("A\u{A0}B", "A B"),
            ("A\u{2011}B\u{2013}C", "A-B-C"),
            ("O\u{2018}N\u{2019}S\u{2BC}T`U", "O'N'S'T'U"),
            ("\u{FEFF}A\tB", "A B"),
        ] {
            assert_eq!(plain(text, letters).as_deref(), Ok(wanted), "{text:?}");
        }
        let told = |text: &str| plain(text, letters).unwrap_err().to_string();
        assert_eq!(told("R2 D2"), "U+0032 (\"2\") at place 2");
        assert_eq!(told("\u{FEFF}Я\u{200B}"), "U+200B at place 3");
        assert_eq!(told("x\u{202E}y"), "U+202E at place 2");
        assert_eq!(told("a\nb"), "U+000A at place 2");
        assert_eq!(told("\u{3164}"), "U+3164 at place 1");
    }
}
