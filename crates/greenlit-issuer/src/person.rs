//! A reference to a person that says nothing of them: two applications of one person have the same, and without the
//! authority's key nobody can tell whose it is, or try who fits.
//!
//! The format is docs/formats.md, "Person reference".

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

use greenlit_core::pass::DocumentKind;

use crate::holder::{DocumentNumber, Holder, HolderError};

/// Bytes of a reference.
const LENGTH: usize = 16;

/// A reference to a person: HMAC-SHA-256 (RFC 2104) of document and date of birth, its first 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonRef([u8; LENGTH]);

impl PersonRef {
    /// As it is kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it was kept, if it is one.
    #[cfg(feature = "authority")]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for PersonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 2 * LENGTH];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for PersonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonRef({self})")
    }
}

/// A text that is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference to a person is {} hexadecimal digits", 2 * LENGTH)]
pub struct NoPersonRef;

impl std::str::FromStr for PersonRef {
    type Err = NoPersonRef;

    fn from_str(text: &str) -> Result<Self, NoPersonRef> {
        let mut bytes = [0; LENGTH];
        let is_whole = text.len() == 2 * LENGTH;
        // By a table: a witness has millions of them.
        let decoded = is_whole && HEXLOWER_PERMISSIVE.decode_mut(text.as_bytes(), &mut bytes).is_ok();
        if decoded { Ok(Self(bytes)) } else { Err(NoPersonRef) }
    }
}

/// What a pass says of its holder, in a way that says nothing without the authority's key: the first 8 bytes of
/// HMAC-SHA-256, so that a pass is never made again under another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderMark(pub [u8; 8]);

/// The key of an authority's references. Kept apart from them.
#[derive(Clone)]
pub struct PersonKey(Hmac<Sha256>);

impl PersonKey {
    /// From 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        // A key shorter than a block is one with zeros after it (RFC 2104 §2).
        let mut block = [0; 64];
        block.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
        Self(Hmac::new(&block.into()))
    }

    /// By which the key is known again, and which says nothing of it.
    pub fn fingerprint(&self) -> [u8; 8] {
        let whole = self.digest(b"greenlit/person-key/1");
        std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default())
    }

    /// The reference to whoever has this document.
    pub fn reference(&self, kind: DocumentKind, number: &str, born: NaiveDate) -> Result<PersonRef, HolderError> {
        Ok(self.reference_of(kind, &DocumentNumber::read(number)?, born))
    }

    /// The same, where the number was read before.
    pub(crate) fn reference_of(&self, kind: DocumentKind, number: &DocumentNumber, born: NaiveDate) -> PersonRef {
        let whole = self.digest(canonical(kind, number, born).as_bytes());
        PersonRef(std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default()))
    }

    /// Of this holder.
    pub fn mark(&self, holder: &Holder) -> HolderMark {
        let Holder { initials, birthday, document } = holder;
        let says = format!(
            "greenlit/holder/1\n{initials}\n{}-{}\n{}\n{}",
            birthday.month(),
            birthday.day(),
            document.kind.code(),
            document.last4
        );
        let whole = self.digest(says.as_bytes());
        HolderMark(std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default()))
    }

    /// Of something else that may say who it is about; each purpose has its own.
    pub fn tag(&self, purpose: &str, message: &[u8]) -> [u8; LENGTH] {
        let mac = self.0.clone().chain_update(purpose).chain_update(b"\n").chain_update(message);
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        std::array::from_fn(|at| whole.get(at).copied().unwrap_or_default())
    }

    fn digest(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }
}

/// The one spelling of a person's document: what is typed differently and looks the same is the same.
fn canonical(kind: DocumentKind, number: &DocumentNumber, born: NaiveDate) -> String {
    let signs = number.signs();
    let number = if signs.is_ascii() {
        // Capitals of the one alphabet already.
        Cow::Borrowed(signs)
    } else {
        Cow::Owned(signs.nfkc().flat_map(char::to_uppercase).map(latin_look_alike).collect())
    };
    format!("greenlit/person/1\n{}\n{number}\n{born}", kind.code())
}

/// Capital letters of other alphabets that look like a Latin one, as that one.
fn latin_look_alike(letter: char) -> char {
    match letter {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' => 'C',
        'Е' | 'Ё' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ӏ' | 'Ι' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'У' | 'Ү' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Made with OpenSSL: `printf 'greenlit/person/1\n1\n8012345678\n1984-05-09' | openssl dgst -sha256 -mac HMAC
    /// -macopt hexkey:0101…01`.
    #[test]
    fn it_is_the_hmac_of_the_canonical_spelling() {
        let key = PersonKey::new(&[1; 32]);
        let reference = key.reference(DocumentKind::Passport, "80 12 345678", born("1984-05-09")).unwrap();
        assert_eq!(reference.to_string(), "f880775363b52d375013cfc24969f621");
        assert_eq!(reference.to_string().parse(), Ok(reference));
        assert_eq!(reference.to_string().to_uppercase().parse(), Ok(reference));
        for none in ["12", "", &"g".repeat(32), &"0".repeat(33), &format!("+{}", "0".repeat(31)), &"я".repeat(16)] {
            assert_eq!(none.parse::<PersonRef>(), Err(NoPersonRef), "{none}");
        }
        assert_ne!(PersonKey::new(&[2; 32]).fingerprint(), key.fingerprint());
    }

    #[test]
    fn what_looks_the_same_is_the_same_person_and_nothing_else_is() {
        let key = PersonKey::new(&[7; 32]);
        let reference = |kind, number, day| key.reference(kind, number, born(day)).unwrap();
        let (kind, day) = (DocumentKind::BirthCertificate, "2015-03-01");
        let same = reference(kind, "II-АР № 123456", day);
        for number in
            ["II-AP 123456", "ii ар 123456", "Ⅱ-АР 123456", "ІІ–АР\u{A0}123456", "IIАР123456", "\u{FEFF}ii-ар/123456"]
        {
            assert_eq!(reference(kind, number, day), same, "{number}");
        }
        for other in [
            reference(DocumentKind::Passport, "II-АР № 123456", day),
            reference(kind, "II-АР № 123456", "2015-03-02"),
            reference(kind, "II-АР № 123465", day),
            reference(kind, "II-АБ № 123456", day),
        ] {
            assert_ne!(other, same);
        }
        assert!(key.reference(kind, "12;345", born(day)).is_err());
    }
}
