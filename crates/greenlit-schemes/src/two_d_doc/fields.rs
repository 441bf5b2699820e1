//! Fields of a document: which there are, and where each ends.
//!
//! Each is an identifier of two characters and a value. Where a value has one length or has reached its greatest, nothing
//! ends it, so a reader that does not know a field cannot find the next. The lengths are those of the specification's
//! annex on data identifiers, perimeter 01; fields of which published readings of it differ are left out.

use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::Unread;

use super::{GS, RS};

/// Characters of a value, and the fields that have just so many.
const FIXED: [(usize, &str); 16] = [
    (1, "1G 1H 5T 68 6J B6 BA BD"),
    (2, "26 2D 34 5J 65 67 6C 6I 6Y B5 B9 BG"),
    (3, "6B BE BF"),
    (4, "06 08 09 36 37 45 53 54"),
    (5, "24 2B 5H 6W"),
    (6, "07 51"),
    (7, "52"),
    (8, "1C 4A 4B 55 57 69 6L 6N 6O AI B7"),
    (9, "0A 0B"),
    (12, "6R 86"),
    (13, "40 44 47 49"),
    (14, "50 BK"),
    (17, "85"),
    (19, "6K"),
    (21, "5N"),
    (36, "0D"),
];

/// The most characters of a value, and the fields that have up to so many.
const UP_TO: [(usize, &str); 16] = [
    (5, "43"),
    (10, "6H 6Q"),
    (11, "32 38 39 58 5A 5C 6Z"),
    (12, "41 59 5B 5U"),
    (14, "5L"),
    (16, "1D"),
    (20, "61 66 82 B1 BC"),
    (30, "1E 1F 33 AH BH BI BJ"),
    (32, "25 2C 5I 6A 6X B8"),
    (34, "35"),
    (
        38,
        "10 11 12 13 14 15 16 17 1I 1J 1K 1L 1M 1N 1O 1P 20 21 22 23 27 28 29 2A 31 46 48 \
          5D 5E 5F 5G 5M 5O 5Q 62 63 64 6G 6S 6T 6U 6V 80 B2 B3 B4",
    ),
    (40, "5S 6M 6P 83 84"),
    (50, "5K BB"),
    (60, "60 6D 6E 81 B0"),
    (90, "6F"),
    (140, "30"),
];

/// Fields of any length: something always ends them.
const ANY: &str = "01 02 03 04 05 0C 18 19 1A 1B 42 4V 4W 4X 4Y 4Z";

/// Where a value ends.
#[derive(Clone, Copy)]
enum Length {
    Fixed(usize),
    /// Behind a separator, or after so many characters without one.
    UpTo(usize),
}

impl Length {
    fn of(id: &str) -> Option<Self> {
        let has = |ids: &str| ids.split_ascii_whitespace().any(|one| one == id);
        let among = |lengths: &[(usize, &str)]| lengths.iter().find(|(_, ids)| has(ids)).map(|(length, _)| *length);
        among(&FIXED)
            .map(Self::Fixed)
            .or_else(|| among(&UP_TO).map(Self::UpTo))
            .or_else(|| has(ANY).then_some(Self::UpTo(usize::MAX)))
    }
}

/// The fields of one document.
#[derive(Debug, Default)]
pub(super) struct Fields<'b>(Vec<(&'b str, &'b str)>);

impl<'b> Fields<'b> {
    /// Takes apart what comes after the header.
    ///
    /// # Errors
    /// A field that the table does not have, one that is cut short, or one that stands there twice, for programs differ
    /// in which of the two they take.
    pub(super) fn read(mut text: &'b str) -> Result<Self, Unread> {
        let mut fields = Self::default();
        while !text.is_empty() {
            let (id, rest) = text.split_at_checked(2).ok_or(wrong("cut short"))?;
            if !id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
                return Err(wrong("without an identifier"));
            }
            let length = Length::of(id).ok_or_else(|| Unread::Newer(format!("field {id}")))?;
            let (value, rest) = value(length, rest).ok_or(wrong("cut short"))?;
            if fields.0.iter().any(|(other, _)| *other == id) {
                return Err(wrong("there twice"));
            }
            fields.0.push((id, value));
            text = rest;
        }
        Ok(fields)
    }

    /// A value, without the spaces that fill it up; none where there is nothing else in it.
    pub(super) fn get(&self, id: &str) -> Option<&'b str> {
        let (_, value) = self.0.iter().find(|(other, _)| *other == id)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }
}

/// The value at the head of a text, and what comes after it.
fn value(length: Length, text: &str) -> Option<(&str, &str)> {
    let separator = |byte: u8| byte == GS || byte == RS;
    let end = text.bytes().position(separator).unwrap_or(text.len());
    let end = match length {
        Length::Fixed(length) if length > end => return None,
        Length::Fixed(length) => length,
        Length::UpTo(most) => end.min(most),
    };
    let (value, rest) = text.split_at_checked(end)?;
    // Some writers end a value where nothing need end it. No identifier begins so.
    let ended = rest.bytes().next().is_some_and(separator);
    Some((value, if ended { rest.get(1..)? } else { rest }))
}

fn wrong(why: &'static str) -> Unread {
    Malformed::Invalid { field: "field", why }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_have_the_fields_that_were_published_with_them() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/foreign/2d-doc/examples.json");
        let examples: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let (mut read, mut newer) = (Vec::new(), Vec::new());
        for example in examples.as_array().unwrap() {
            let kind = example["documentTypeId"].as_str().unwrap();
            let message = example["message"].as_str().unwrap().replace("<GS>", "\x1d");
            let text = message[24..].split("<US>").next().unwrap();
            let fields = match Fields::read(text) {
                Ok(fields) => fields,
                Err(error) => {
                    assert!(matches!(error, Unread::Newer(_)), "{kind}: {error}");
                    newer.push(kind);
                    continue;
                }
            };
            let published = ["mandatoryData", "facultativeData"].map(|part| example[part].as_array().cloned());
            let published: Vec<_> = published.into_iter().flatten().flatten().collect();
            assert_eq!(fields.0.len(), published.len(), "{kind}");
            for field in published {
                let (id, wanted) = (field["key"].as_str().unwrap(), field["value"].as_str().unwrap());
                // What it means stands behind it in brackets.
                let wanted = wanted.split(" (").next().unwrap().trim();
                assert_eq!(fields.get(id).unwrap_or("<vide>"), wanted, "{kind}: {id}");
            }
            read.push(kind);
        }
        assert_eq!((read, newer), (vec!["00", "02", "04", "10", "11", "A6", "B0"], vec!["A4", "A7"]));
    }

    #[test]
    fn a_value_ends_at_its_greatest_length_and_sometimes_once_more() {
        let street = "X".repeat(38);
        for separator in ["", "\x1d", "\x1e"] {
            let text = format!("22{street}{separator}2475000{separator}25PARIS{separator}");
            let fields = Fields::read(&text).unwrap();
            let values = ["22", "24", "25", "26"].map(|id| fields.get(id));
            assert_eq!(values, [Some(street.as_str()), Some("75000"), Some("PARIS"), None], "{separator:?}");
        }
    }

    #[test]
    fn what_is_no_row_of_fields_is_told_apart_from_what_is_newer() {
        let newer = |text| matches!(Fields::read(text), Err(Unread::Newer(_)));
        assert!(newer("ZZ12") && newer("2475000ZZ") && newer("56150320128"));
        for text in ["2", "24750", "2475\x1d26FR", "24750002475000", "\x1d", "a012", "é1", "2475000\x1d\x1d"] {
            assert!(matches!(Fields::read(text), Err(Unread::Malformed(_))), "{text:?}");
        }
        assert!(Fields::read("").unwrap().get("24").is_none());
    }
}
