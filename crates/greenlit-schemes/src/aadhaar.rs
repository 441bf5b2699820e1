//! India's Aadhaar Secure QR (UIDAI, "User manual for QR code reader", layouts of 2018 and V2).
//!
//! The text is one decimal number of some thousand digits. As bytes it is a gzip member (one maker writes zlib) of fields
//! that end in 0xFF, a photo, hashes, and an RSA signature of 256 bytes over everything before it. No key is named.

use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::{
    Algorithm, Born, Contents, Fact, Holder, Parts, Photo, PhotoFormat, Presented, Scheme, Statement, Unread,
};
use greenlit_core::time::UnixTime;

use crate::Recognised;
use crate::unpack::{gzip, zlib};

/// Fewer digits than any such code has: its signature alone takes 616.
const LEAST_DIGITS: usize = 800;
const SIGNATURE: usize = 256;
const END: u8 = 0xFF;
/// Indian time is ahead of UTC by so much.
const INDIAN_TIME: u64 = 19_800;
/// Fields of an address and person, of the layout of 2018: from the mark of what is registered to the town.
const FIELDS_2018: usize = 16;
/// V2 has its name before them and the last digits of a telephone number after.
const FIELDS_V2: usize = FIELDS_2018 + 2;
/// How a JPEG 2000 code stream begins (ISO/IEC 15444-1 §A.4.1).
const CODE_STREAM: &[u8] = &[0xFF, 0x4F];

/// A card, or nothing.
pub(crate) fn recognise(text: &[u8]) -> Option<Recognised> {
    let digits = text.len() >= LEAST_DIGITS && text.iter().all(u8::is_ascii_digit) && text.first() != Some(&b'0');
    if !digits {
        return None;
    }
    let packed = bytes_of_decimal(text);
    let bytes = match packed.get(..2)? {
        [0x1F, 0x8B] => gzip(&packed),
        _ => zlib(&packed),
    };
    let bytes = bytes.ok()?;
    // A verifier's own request: a token in JSON.
    if bytes.starts_with(b"eyJ") {
        return Some(Recognised::OnlineOnly { scheme: Scheme::Aadhaar });
    }
    let (message, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
    Some(Recognised::Pass(Box::new(Presented::new(
        Scheme::Aadhaar,
        Parts {
            algorithm: Some(Algorithm::Rs256),
            key_id: None,
            message: message.to_vec(),
            signed: 0..message.len(),
            signature: signature.to_vec(),
            contents: Card,
        },
    ))))
}

/// The bytes of a decimal number, the highest first and without leading zeros.
///
/// Digits go in nineteen at a time, and four such parts in one pass: each waits for its carry, and not for the others'.
fn bytes_of_decimal(digits: &[u8]) -> Vec<u8> {
    // Lowest first.
    let mut limbs: Vec<u64> = Vec::with_capacity(digits.len() / 19 + PARTS);
    for parts in digits.chunks(19 * PARTS) {
        let mut steps = [(1u64, 0u64); PARTS];
        for (step, part) in steps.iter_mut().zip(parts.chunks(19)) {
            for digit in part {
                *step = (step.0 * 10, step.1 * 10 + u64::from(digit - b'0'));
            }
        }
        for limb in &mut limbs {
            *limb = through(*limb, &mut steps);
        }
        // What each part carried out at the top goes through those after it.
        let mut rest = steps.as_mut_slice();
        while let [(_, carry), after @ ..] = rest {
            limbs.push(through(*carry, after));
            rest = after;
        }
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
    }
    let bytes: Vec<u8> = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default().to_vec()
}

const PARTS: usize = 4;

/// A limb times each factor and plus its carry, in turn; what is above the limb is the next one's carry.
#[inline]
fn through(mut limb: u64, steps: &mut [(u64, u64)]) -> u64 {
    for (factor, carry) in steps {
        // Never above 128 bits; said so, it is one instruction instead of a dozen.
        let value = u128::from(limb).wrapping_mul(u128::from(*factor)).wrapping_add(u128::from(*carry));
        (limb, *carry) = halves(value);
    }
    limb
}

/// Low and high.
fn halves(value: u128) -> (u64, u64) {
    #[allow(clippy::cast_possible_truncation, reason = "that is what is wanted")]
    (value as u64, (value >> 64) as u64)
}

#[derive(Debug)]
struct Card;

impl Contents for Card {
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread> {
        let (fields, rest) = match signed {
            [b'V', b'2', END, ..] => {
                let (fields, rest) = split(signed, FIELDS_V2)?;
                (fields.get(1..).unwrap_or_default().to_vec(), rest)
            }
            [b'V', ..] => return Err(Unread::Newer("a later layout".into())),
            _ => split(signed, FIELDS_2018)?,
        };
        let field = |at: usize| fields.get(at).map_or_else(String::new, |bytes| latin_1(bytes));
        let reference = field(1);
        let (last4, time) = reference.split_at_checked(4).ok_or(Malformed::Missing("reference"))?;
        let hashes = match field(0).as_str() {
            "0" => 0,
            "1" | "2" => 32,
            "3" => 64,
            _ => return Err(Unread::Newer("another mark of what is registered".into())),
        };
        let photo = rest.get(..rest.len().saturating_sub(hashes)).filter(|bytes| bytes.starts_with(CODE_STREAM));
        Ok(Statement {
            kind: "identity".into(),
            issuer: Some("UIDAI".into()),
            issued: Some(indian_time(time).ok_or(Malformed::Invalid { field: "reference", why: "no time in it" })?),
            holder: Holder {
                name: Some(field(2)).filter(|name| !name.is_empty()),
                born: born(&field(3)),
                document: Some(last4.to_owned()),
                photo: photo.map(|bytes| Photo { format: PhotoFormat::Jpeg2000, bytes: bytes.to_vec() }),
            },
            facts: vec![Fact { name: "state", value: field(12) }],
            ..Statement::default()
        })
    }
}

/// So many fields, and what comes after them: photos have the mark of a field's end in them.
fn split(mut bytes: &[u8], count: usize) -> Result<(Vec<&[u8]>, &[u8]), Unread> {
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count {
        let end = bytes.iter().position(|byte| *byte == END).ok_or(Malformed::Missing("field"))?;
        let (field, rest) = bytes.split_at_checked(end).unwrap_or_default();
        fields.push(field);
        bytes = rest.get(1..).unwrap_or_default();
    }
    Ok((fields, bytes))
}

/// ISO 8859-1: each byte is the character of its number.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// `DD-MM-YYYY`, or a year.
fn born(text: &str) -> Option<Born> {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    match parts.as_slice() {
        [day, month, year] if day.len() == 2 => Born::parse(&format!("{year}-{month}-{day}")),
        [_] | [_, _, _] => Born::parse(text),
        _ => None,
    }
}

/// `YYYYMMDDhhmmss` and thousandths, in Indian time.
fn indian_time(text: &str) -> Option<UnixTime> {
    let part =
        |from: usize, to: usize| text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let [year, month, day] = [part(0, 4)?, part(4, 6)?, part(6, 8)?];
    let [hour, minute, second] = [part(8, 10)?, part(10, 12)?, part(12, 14)?];
    let utc = UnixTime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()?;
    Some(utc.minus(INDIAN_TIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_is_its_bytes() {
        for (text, bytes) in [
            ("0", &[][..]),
            ("255", &[255]),
            ("256", &[1, 0]),
            ("18446744073709551616", &[1, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("340282366920938463463374607431768211455", &[255; 16]),
        ] {
            assert_eq!(bytes_of_decimal(text.as_bytes()), bytes, "{text}");
        }
    }

    #[test]
    fn numbers_of_every_length_are_what_digit_by_digit_they_are() {
        let mut text = Vec::new();
        // Lowest first.
        let mut wanted: Vec<u8> = Vec::new();
        for at in 0..400u16 {
            let digit = ((at * 7 + at / 11) % 10) as u8;
            text.push(b'0' + digit);
            let mut carry = u16::from(digit);
            for byte in &mut wanted {
                let value = u16::from(*byte) * 10 + carry;
                (*byte, carry) = (value as u8, value >> 8);
            }
            wanted.extend((carry > 0).then_some(carry as u8));
            let highest_first: Vec<u8> = wanted.iter().rev().copied().collect();
            assert_eq!(bytes_of_decimal(&text), highest_first, "{} digits", text.len());
        }
    }

    #[test]
    fn a_date_of_birth_may_be_a_year() {
        assert_eq!(born("09-05-1984"), Born::parse("1984-05-09"));
        assert_eq!(
            (born("1984"), born("1984-05-09"), born("31-02-1984")),
            (Born::parse("1984"), Born::parse("1984-05-09"), None)
        );
        assert_eq!(indian_time("20190310214350123").map(|time| time.to_string()), Some("2019-03-10T16:13:50Z".into()));
        assert_eq!((indian_time("2019"), indian_time("20191310214350123")), (None, None));
    }
}
