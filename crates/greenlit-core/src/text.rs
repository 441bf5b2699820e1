//! Words that others wrote and we will show: bounded, and free of characters that could disguise them.

use std::collections::BTreeMap;

use unicode_normalization::is_nfc;

use crate::cbor::{Malformed, Reader, Writer};

/// Longest text in any one language, in bytes.
const MAX_BYTES: usize = 1_000;
/// Most languages of one text.
const MAX_LANGUAGES: usize = 16;

/// Whether a character may be shown: no control, no bidirectional override, nothing invisible.
pub fn is_printable(c: char) -> bool {
    // What nearly every text is of.
    matches!(c, ' '..='~')
        || !(c.is_control()
            || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'))
}

/// Requires a short, showable text in Unicode's composed form (NFC).
pub fn check_printable(field: &'static str, text: &str, max_bytes: usize) -> Result<(), Malformed> {
    let why = if text.is_empty() {
        "empty"
    } else if text.len() > max_bytes {
        "too long"
    } else if !text.chars().all(is_printable) {
        "not plain text"
    } else if !is_nfc(text) {
        "not in Unicode's composed form (NFC)"
    } else {
        return Ok(());
    };
    Err(Malformed::Invalid { field, why })
}

/// The same words in one or more languages: `{ + lang => tstr }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(BTreeMap<String, String>);

impl Text {
    /// Checks each language tag (2 to 8 lower-case letters) and text.
    pub fn new(field: &'static str, words: impl IntoIterator<Item = (String, String)>) -> Result<Self, Malformed> {
        let words: BTreeMap<_, _> = words.into_iter().collect();
        if words.is_empty() || words.len() > MAX_LANGUAGES {
            return Err(Malformed::Invalid { field, why: "no languages or too many" });
        }
        for (language, text) in &words {
            if !(2..=8).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
                return Err(Malformed::Invalid { field, why: "invalid language tag" });
            }
            check_printable(field, text, MAX_BYTES)?;
        }
        Ok(Self(words))
    }

    /// The words in this language, else in Russian, English or the first there is.
    pub fn get(&self, language: &str) -> &str {
        let found = [language, "ru", "en"].iter().find_map(|l| self.0.get(*l)).or_else(|| self.0.values().next());
        found.map_or("", String::as_str)
    }

    /// Every language and its words.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }

    pub(crate) fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, Malformed> {
        let mut words = Vec::new();
        reader.map(|language: &str, value| {
            words.push((language.to_owned(), value.text()?.to_owned()));
            Ok::<_, Malformed>(())
        })?;
        Self::new(field, words)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        // CBOR sorts shorter keys first: the length is part of the encoded key.
        let mut words: Vec<_> = self.iter().collect();
        words.sort_by_key(|(language, _)| (language.len(), *language));
        writer.map(words.len());
        for (language, text) in words {
            writer.text(language).text(text);
        }
    }
}

/// An address without the name and password that may stand before its host, for messages and logs.
pub fn redact_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let mark = if scheme.is_empty() { "" } else { "://" };
    match rest.rsplit_once('@') {
        Some((_, after)) => format!("{scheme}{mark}…@{after}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_are_refused() {
        for bad in ["", "a\u{202E}b", "a\nb", "zero\u{200B}width", "e\u{0301}", &"x".repeat(9)] {
            assert!(check_printable("name", bad, 8).is_err(), "{bad:?}");
        }
        check_printable("name", "Ҡ. Ғ. Ү", 24).unwrap();
    }

    #[test]
    fn a_missing_language_falls_back() {
        let text = Text::new("name", [("ru".into(), "да".into()), ("ba".into(), "эйе".into())]).unwrap();
        assert_eq!((text.get("ba"), text.get("ru"), text.get("en")), ("эйе", "да", "да"));
    }
}
