//! Strict deterministic CBOR (RFC 8949 §4.2.1): the only reader of bytes from outside.
//!
//! Lengths and integers are the shortest, every length is definite, map keys are sorted and
//! unique, there are no floats, nothing trails, and nesting is bounded. So a value has one
//! encoding, and whatever [`Reader`] takes, [`Writer`] writes again byte for byte.
//!
//! Status lists may come from other people's encoders: [`Reader::lenient`] lets them sort
//! keys and pad integers as they like, and still refuses duplicate keys, floats, indefinite
//! lengths and trailing bytes. Passes of other schemes are read by [`Reader::foreign`], which takes
//! floats and deeper nesting as well.

mod writer;

pub use writer::Writer;

use crate::time::UnixTime;

/// Deepest nesting that [`Reader::skip`] follows; Greenlit's own formats need five.
const MAX_DEPTH: u8 = 8;
/// The same in passes of other schemes.
const MAX_FOREIGN_DEPTH: u8 = 16;
/// Most entries of a map read in the tolerant mode, which has to remember every key.
const MAX_TOLERANT_KEYS: usize = 64;

/// Why bytes are not CBOR as Greenlit takes it; `at` is the offset of the offending item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each variant's message is its documentation
pub enum CborError {
    #[error("ends early at byte {at}")]
    Truncated { at: usize },
    #[error("has extra data at byte {at}")]
    Trailing { at: usize },
    #[error("has a number at byte {at} that is not in its shortest form")]
    NotShortest { at: usize },
    #[error("has an indefinite length at byte {at}")]
    Indefinite { at: usize },
    #[error("has a reserved or unsupported item at byte {at}")]
    Unsupported { at: usize },
    #[error("has a floating-point number at byte {at}")]
    Float { at: usize },
    #[error("has {found} at byte {at} instead of {wanted}")]
    WrongType { at: usize, wanted: &'static str, found: &'static str },
    #[error("has a map key out of order at byte {at}")]
    Unsorted { at: usize },
    #[error("has the same map key twice at byte {at}")]
    DuplicateKey { at: usize },
    #[error("is nested too deeply at byte {at}")]
    TooDeep { at: usize },
    #[error("has text at byte {at} that is not UTF-8")]
    NotUtf8 { at: usize },
    #[error("has a number at byte {at} that is too large")]
    TooLarge { at: usize },
}

/// Why a document is not of its format: CBOR that is wrong, or right CBOR with the wrong contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Malformed {
    #[error(transparent)]
    Cbor(#[from] CborError),
    #[error("has no {0}")]
    Missing(&'static str),
    #[error("has an unknown field {0}")]
    UnknownField(i64),
    #[error("has an invalid {field}: {why}")]
    Invalid { field: &'static str, why: &'static str },
}

impl Malformed {
    /// Whether it ends early, as what was cut off does.
    pub fn is_truncated(&self) -> bool {
        matches!(self, Self::Cbor(CborError::Truncated { .. }))
    }
}

const MAJOR: [&str; 8] =
    ["a number", "a negative number", "bytes", "a text", "a list", "a map", "a tag", "a simple value"];

/// Reads one item after another; every method names what must come next.
#[derive(Clone, Debug)]
pub struct Reader<'b> {
    input: &'b [u8],
    at: usize,
    tolerant: bool,
    floats: bool,
}

/// What kind of item comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Item {
    Number,
    Bytes,
    Text,
    List,
    Map,
    Tag,
    /// Yes, no, null, or a float.
    Other,
}

/// Stands for a float among simple values, which go up to 255.
const FLOAT: u64 = 1 << 32;
/// 2^53, from which on seconds are no time.
const MAX_SECONDS: f64 = 9_007_199_254_740_992.0;

/// A float of two, four or eight bytes (RFC 8949 §3.3, Appendix D).
fn float(info: u8, bits: u64) -> Option<f64> {
    match info {
        25 => {
            let (exponent, mantissa) = (bits >> 10 & 0x1f, bits & 0x3ff);
            #[allow(clippy::cast_precision_loss, reason = "ten bits")]
            let mantissa = mantissa as f64;
            let value = match exponent {
                0 => mantissa * 2f64.powi(-24),
                31 if mantissa == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (mantissa + 1_024.0) * 2f64.powi(i32::try_from(exponent).ok()? - 25),
            };
            Some(if bits >> 15 == 0 { value } else { -value })
        }
        26 => Some(f32::from_bits(u32::try_from(bits).ok()?).into()),
        27 => Some(f64::from_bits(bits)),
        _ => None,
    }
}

struct Head {
    at: usize,
    major: u8,
    value: u64,
}

impl<'b> Reader<'b> {
    /// A reader of deterministic CBOR.
    pub fn new(input: &'b [u8]) -> Self {
        Self { input, at: 0, tolerant: false, floats: false }
    }

    /// A reader that takes map keys in any order and integers of any length.
    pub fn lenient(input: &'b [u8]) -> Self {
        Self { input, at: 0, tolerant: true, floats: false }
    }

    /// A reader of other schemes' passes: as [`Self::lenient`], with finite floats.
    pub fn foreign(input: &'b [u8]) -> Self {
        Self { input, at: 0, tolerant: true, floats: true }
    }

    /// What comes next; none at the end.
    pub fn peek(&self) -> Option<Item> {
        Some(match self.rest().first()? >> 5 {
            0 | 1 => Item::Number,
            2 => Item::Bytes,
            3 => Item::Text,
            4 => Item::List,
            5 => Item::Map,
            6 => Item::Tag,
            _ => Item::Other,
        })
    }

    /// Requires that every byte has been read.
    pub fn finish(self) -> Result<(), CborError> {
        if self.at == self.input.len() { Ok(()) } else { Err(CborError::Trailing { at: self.at }) }
    }

    fn rest(&self) -> &'b [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: u64) -> Result<&'b [u8], CborError> {
        let taken = usize::try_from(length).ok().and_then(|n| self.rest().get(..n));
        let taken = taken.ok_or(CborError::Truncated { at: self.input.len() })?;
        self.at += taken.len();
        Ok(taken)
    }

    fn head(&mut self) -> Result<Head, CborError> {
        let at = self.at;
        let initial = *self.rest().first().ok_or(CborError::Truncated { at })?;
        self.at += 1;
        let (major, info) = (initial >> 5, initial & 0x1f);
        let value = match info {
            0..24 => return Ok(Head { at, major, value: u64::from(info) }),
            24..28 => {
                let bytes = self.take(1 << (info - 24))?;
                bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
            }
            28..31 => return Err(CborError::Unsupported { at }),
            _ => return Err(CborError::Indefinite { at }),
        };
        if major == 7 {
            let finite = self.floats && float(info, value).is_some_and(f64::is_finite);
            return match info {
                24 => Err(CborError::Unsupported { at }),
                _ if finite => Ok(Head { at, major, value: FLOAT }),
                _ => Err(CborError::Float { at }),
            };
        }
        let shortest = match info {
            24 => value >= 24,
            25 => value > 0xff,
            26 => value > 0xffff,
            _ => value > 0xffff_ffff,
        };
        if shortest || self.tolerant { Ok(Head { at, major, value }) } else { Err(CborError::NotShortest { at }) }
    }

    fn expect(&mut self, major: u8, wanted: &'static str) -> Result<Head, CborError> {
        let head = self.head()?;
        if head.major == major {
            return Ok(head);
        }
        let found = MAJOR.get(usize::from(head.major)).copied().unwrap_or("another item");
        Err(CborError::WrongType { at: head.at, wanted, found })
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64, CborError> {
        Ok(self.expect(0, "a number")?.value)
    }

    /// A signed integer that fits an `i64`.
    pub fn int(&mut self) -> Result<i64, CborError> {
        let head = self.head()?;
        let too_large = CborError::TooLarge { at: head.at };
        let value = i64::try_from(head.value).map_err(|_| too_large);
        match head.major {
            0 => value,
            1 => value.map(|v| -1 - v),
            other => {
                let found = MAJOR.get(usize::from(other)).copied().unwrap_or("another item");
                Err(CborError::WrongType { at: head.at, wanted: "a number", found })
            }
        }
    }

    /// A time in whole seconds, below 2^53.
    pub fn time(&mut self) -> Result<UnixTime, CborError> {
        let at = self.at;
        UnixTime::new(self.uint()?).ok_or(CborError::TooLarge { at })
    }

    /// A time in whole or broken seconds, of which a fraction is dropped.
    pub fn broken_time(&mut self) -> Result<UnixTime, CborError> {
        let (at, initial) = (self.at, self.rest().first().copied().unwrap_or_default());
        if initial >> 5 != 7 {
            return self.time();
        }
        let head = self.expect(7, "a number")?;
        if head.value != FLOAT {
            return Err(CborError::WrongType { at, wanted: "a number", found: "a simple value" });
        }
        let bytes = self.input.get(at + 1..self.at).unwrap_or_default();
        let bits = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        let seconds = float(initial & 0x1f, bits).filter(|seconds| (0.0..MAX_SECONDS).contains(seconds));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at just before")]
        seconds.and_then(|seconds| UnixTime::new(seconds as u64)).ok_or(CborError::TooLarge { at })
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'b [u8], CborError> {
        let length = self.expect(2, "bytes")?.value;
        self.take(length)
    }

    /// A byte string of exactly `N` bytes; of another length it is [`Malformed::Invalid`].
    pub fn bytes_of<const N: usize>(&mut self, field: &'static str) -> Result<&'b [u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed::Invalid { field, why: "of the wrong length" })
    }

    /// A text string.
    pub fn text(&mut self) -> Result<&'b str, CborError> {
        let head = self.expect(3, "a text")?;
        let bytes = self.take(head.value)?;
        std::str::from_utf8(bytes).map_err(|_| CborError::NotUtf8 { at: head.at })
    }

    /// `true` or `false`.
    pub fn bool(&mut self) -> Result<bool, CborError> {
        let head = self.expect(7, "yes or no")?;
        match head.value {
            20 => Ok(false),
            21 => Ok(true),
            _ => Err(CborError::WrongType { at: head.at, wanted: "yes or no", found: "a simple value" }),
        }
    }

    /// Any tag.
    pub fn any_tag(&mut self) -> Result<u64, CborError> {
        Ok(self.expect(6, "a tag")?.value)
    }

    /// The given tag.
    pub fn tag(&mut self, number: u64) -> Result<(), CborError> {
        let head = self.expect(6, "a tag")?;
        if head.value == number {
            Ok(())
        } else {
            Err(CborError::WrongType { at: head.at, wanted: "its own tag", found: "another tag" })
        }
    }

    /// The head of a list: how many items follow.
    pub fn array(&mut self) -> Result<usize, CborError> {
        let head = self.expect(4, "a list")?;
        self.count(&head, 1)
    }

    /// The head of a list of exactly `length` items.
    pub fn array_of(&mut self, length: usize, field: &'static str) -> Result<(), Malformed> {
        if self.array()? == length { Ok(()) } else { Err(Malformed::Invalid { field, why: "of the wrong length" }) }
    }

    /// A list of at most `most` items, each read by `item`.
    pub fn list<T, E: From<Malformed>>(
        &mut self,
        field: &'static str,
        most: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let count = self.array().map_err(Malformed::from)?;
        if count > most {
            return Err(Malformed::Invalid { field, why: "too long" }.into());
        }
        (0..count).map(|_| item(self)).collect()
    }

    /// A map; `entry` reads each value. Keys must be sorted and unique.
    pub fn map<K: Key<'b>, E: From<Malformed>>(
        &mut self,
        mut entry: impl FnMut(K, &mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let head = self.expect(5, "a map").map_err(Malformed::from)?;
        let count = self.count(&head, 2).map_err(Malformed::from)?;
        let mut order = KeyOrder::default();
        let mut seen: Vec<K> = Vec::new();
        for _ in 0..count {
            let at = self.at;
            let key = K::read(self).map_err(Malformed::from)?;
            if self.tolerant {
                remember(&mut seen, key, at).map_err(Malformed::from)?;
            } else {
                order.next(at, self.input.get(at..self.at).unwrap_or_default()).map_err(Malformed::from)?;
            }
            entry(key, self)?;
        }
        Ok(())
    }

    /// Passes over one item of any kind, holding it to the same rules.
    pub fn skip(&mut self) -> Result<(), CborError> {
        self.skip_nested(if self.floats { MAX_FOREIGN_DEPTH } else { MAX_DEPTH })
    }

    fn skip_nested(&mut self, depth: u8) -> Result<(), CborError> {
        let head = self.head()?;
        let deeper = depth.checked_sub(1).ok_or(CborError::TooDeep { at: head.at });
        match head.major {
            2 => self.take(head.value).map(drop),
            3 => {
                let bytes = self.take(head.value)?;
                std::str::from_utf8(bytes).map(drop).map_err(|_| CborError::NotUtf8 { at: head.at })
            }
            4 => {
                for _ in 0..self.count(&head, 1)? {
                    self.skip_nested(deeper?)?;
                }
                Ok(())
            }
            5 => {
                let mut order = KeyOrder::default();
                let mut seen = Vec::new();
                for _ in 0..self.count(&head, 2)? {
                    let at = self.at;
                    self.skip_nested(deeper?)?;
                    let key = self.input.get(at..self.at).unwrap_or_default();
                    if self.tolerant {
                        remember(&mut seen, key, at)?;
                    } else {
                        order.next(at, key)?;
                    }
                    self.skip_nested(deeper?)?;
                }
                Ok(())
            }
            6 => self.skip_nested(deeper?),
            7 if !(20..=23).contains(&head.value) && head.value != FLOAT => Err(CborError::Unsupported { at: head.at }),
            _ => Ok(()),
        }
    }

    /// A count that the bytes left can hold, so that nobody makes us reserve memory for a lie.
    fn count(&self, head: &Head, least_bytes_each: usize) -> Result<usize, CborError> {
        let room = self.rest().len() / least_bytes_each;
        let fits = usize::try_from(head.value).ok().filter(|n| *n <= room);
        fits.ok_or(CborError::Truncated { at: self.input.len() })
    }
}

/// What may stand as a map key in Greenlit's formats.
pub trait Key<'b>: PartialEq + Copy {
    /// Reads the key itself.
    fn read(reader: &mut Reader<'b>) -> Result<Self, CborError>;
}

impl Key<'_> for i64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.int()
    }
}

impl<'b> Key<'b> for &'b str {
    fn read(reader: &mut Reader<'b>) -> Result<Self, CborError> {
        reader.text()
    }
}

/// A key of COSE headers and CWT claims: a number or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label<'b> {
    /// A registered or private number.
    Number(i64),
    /// A name.
    Name(&'b str),
}

impl<'b> Key<'b> for Label<'b> {
    fn read(reader: &mut Reader<'b>) -> Result<Self, CborError> {
        if reader.rest().first().is_some_and(|initial| initial >> 5 == 3) {
            reader.text().map(Self::Name)
        } else {
            reader.int().map(Self::Number)
        }
    }
}

/// Requires a key unlike those seen before it, where order does not tell.
fn remember<K: PartialEq>(seen: &mut Vec<K>, key: K, at: usize) -> Result<(), CborError> {
    if seen.len() == MAX_TOLERANT_KEYS {
        return Err(CborError::TooLarge { at });
    }
    if seen.contains(&key) {
        return Err(CborError::DuplicateKey { at });
    }
    seen.push(key);
    Ok(())
}

/// Bytewise lexicographic order of the encoded keys.
#[derive(Default)]
struct KeyOrder<'b> {
    last: Option<&'b [u8]>,
}

impl<'b> KeyOrder<'b> {
    fn next(&mut self, at: usize, key: &'b [u8]) -> Result<(), CborError> {
        match self.last.replace(key) {
            Some(last) if last == key => Err(CborError::DuplicateKey { at }),
            Some(last) if last > key => Err(CborError::Unsorted { at }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_other_schemes_may_be_floats_that_are_finite() {
        let time = |bytes: &[u8]| {
            let mut reader = Reader::foreign(bytes);
            let time = reader.broken_time();
            reader.finish().map(|()| time.map(UnixTime::seconds))
        };
        // 1.5 in two, four and eight bytes; 1624458597.123456.
        for bytes in [&[0xf9, 0x3e, 0x00][..], &[0xfa, 0x3f, 0xc0, 0, 0], &[0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(time(bytes), Ok(Ok(1)), "{bytes:02x?}");
        }
        let bytes = [&[0xfb][..], &1_624_458_597.123_456f64.to_be_bytes()].concat();
        assert_eq!(time(&bytes), Ok(Ok(1_624_458_597)));
        assert_eq!(time(&[0x1a, 0x60, 0xd3, 0x46, 0xe5]), Ok(Ok(1_624_458_981)));
        // The least subnormal is no second yet.
        assert_eq!(time(&[0xf9, 0, 1]), Ok(Ok(0)));
        for bytes in [f64::NAN, f64::INFINITY, -1.0, MAX_SECONDS].map(|f| [&[0xfb][..], &f.to_be_bytes()].concat()) {
            assert!(matches!(time(&bytes), Ok(Err(_)) | Err(_)), "{bytes:02x?}");
        }
        for bytes in [&[0xf9, 0x7c, 0][..], &[0xf9, 0x7e, 0], &[0xf5], &[0xf6], &[0x20], &[0xfb, 0], &[0x61, 0x31]] {
            assert!(matches!(time(bytes), Ok(Err(_)) | Err(_)), "{bytes:02x?}");
        }
        // Nobody else takes one.
        for mut reader in [Reader::new(&[0xf9, 0x3e, 0]), Reader::lenient(&[0xf9, 0x3e, 0])] {
            assert!(reader.clone().broken_time().is_err() && reader.skip().is_err());
        }
        let mut reader = Reader::foreign(&[0x82, 0xf9, 0x3e, 0, 0xf6]);
        assert_eq!((reader.peek(), reader.skip(), reader.peek()), (Some(Item::List), Ok(()), None));
    }
}
