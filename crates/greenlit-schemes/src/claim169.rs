//! National identities after MOSIP's Claim 169 (registered with IANA for CBOR Web Tokens).
//!
//! The text is Base45 (RFC 9285) of a zlib stream of a COSE_Sign1; it has no mark of its own, so only what fits to the end
//! is taken for one. Its alphabet has a space in it: nothing is trimmed.

use greenlit_core::cbor::{Item, Label, Malformed, Reader};
use greenlit_core::scheme::{Born, Contents, Fact, Photo, PhotoFormat, Presented, Scheme, Statement, Unread};
use greenlit_core::strict_base45;

use crate::Recognised;
use crate::cwt::{Claims, Envelope, envelope};
use crate::unpack::zlib;

const CLAIM: i64 = 169;
/// Most characters of an identity's number that are kept.
const KEPT: usize = 4;

/// An identity, or nothing.
pub(crate) fn recognise(text: &[u8]) -> Option<Recognised> {
    let scheme = Scheme::Claim169;
    // zlib of any level with a window of 32 kB; what else there is would have to be guessed. Looked at first, for capitals
    // and figures are of this alphabet too.
    if strict_base45::decode(text.get(..3)?)?.first() != Some(&0x78) {
        return None;
    }
    let packed = strict_base45::decode(text)?;
    let bytes = zlib(&packed).ok()?;
    let signed = match envelope(&bytes).ok()? {
        Envelope::Signed(signed) => signed,
        Envelope::Encrypted => return Some(Recognised::Newer { scheme, what: "an encrypted identity" }),
    };
    if !has_claim(signed.payload) {
        return None;
    }
    Some(match signed.parts(Identity) {
        Some(parts) => Recognised::Pass(Box::new(Presented::new(scheme, parts))),
        None => Recognised::Newer { scheme, what: "a signature of another algorithm" },
    })
}

fn has_claim(payload: &[u8]) -> bool {
    let (mut reader, mut found) = (Reader::foreign(payload), false);
    let read = reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
        found |= key == Label::Number(CLAIM) && value.peek() == Some(Item::Map);
        Ok::<_, Malformed>(value.skip()?)
    });
    found && read.is_ok() && reader.finish().is_ok()
}

#[derive(Debug)]
struct Identity;

impl Contents for Identity {
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread> {
        let mut person = Person::default();
        let claims = Claims::read(signed, |key, value| match key {
            Label::Number(CLAIM) => person.read(value),
            _ => Ok(value.skip()?),
        })?;
        let mut statement = claims.statement("identity");
        statement.holder.name = person.name.or_else(|| {
            let parts: Vec<&str> = person.names.iter().flatten().map(String::as_str).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        });
        statement.holder.born = person.born;
        statement.holder.document = person.number;
        statement.holder.photo = person.photo.or(person.face);
        statement.facts.extend(person.nationality.map(|value| Fact { name: "nationality", value }));
        Ok(statement)
    }
}

/// What is read of an identity. Makers spell some of it differently; what nobody asks for is passed over.
#[derive(Default)]
struct Person {
    number: Option<String>,
    name: Option<String>,
    /// First, middle and last.
    names: [Option<String>; 3],
    born: Option<Born>,
    nationality: Option<String>,
    photo: Option<Photo>,
    format: Option<i64>,
    face: Option<Photo>,
}

impl Person {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Unread> {
        let mut image: Option<Vec<u8>> = None;
        reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
            match (key, value.peek()) {
                (Label::Number(1), Some(Item::Text)) => self.number = Some(ending(value.text()?)),
                (Label::Number(4), Some(Item::Text)) => self.name = Some(value.text()?.to_owned()),
                (Label::Number(number @ 5..=7), Some(Item::Text)) => {
                    let at = usize::try_from(number - 5).unwrap_or_default();
                    let name = value.text()?.to_owned();
                    if let Some(part) = self.names.get_mut(at) {
                        *part = Some(name);
                    }
                }
                (Label::Number(8), Some(Item::Text)) => self.born = Born::parse(value.text()?),
                (Label::Number(13), Some(Item::Text)) => self.nationality = Some(value.text()?.to_owned()),
                (Label::Number(16), Some(Item::Bytes | Item::Text)) => image = Some(picture(value)?),
                (Label::Number(17), Some(Item::Number)) => self.format = Some(value.int()?),
                (Label::Number(62), Some(Item::Map | Item::List)) => self.face = read_face(value)?,
                _ => value.skip()?,
            }
            Ok::<_, Unread>(())
        })?;
        let format = match self.format {
            Some(1) => Some(PhotoFormat::Jpeg),
            Some(2) => Some(PhotoFormat::Jpeg2000),
            Some(3) => Some(PhotoFormat::Avif),
            Some(4) => Some(PhotoFormat::Webp),
            _ => None,
        };
        self.photo = format.zip(image).map(|(format, bytes)| Photo { format, bytes });
        Ok(())
    }
}

/// The last characters, by which it is compared.
pub(crate) fn ending(number: &str) -> String {
    let length = number.chars().count();
    number.chars().skip(length.saturating_sub(KEPT)).collect()
}

/// Bytes, or their hexadecimal digits.
fn picture(reader: &mut Reader<'_>) -> Result<Vec<u8>, Unread> {
    if reader.peek() == Some(Item::Bytes) {
        return Ok(reader.bytes()?.to_vec());
    }
    let text = reader.text()?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.chunks_exact(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = pairs.collect();
    bytes
        .filter(|_| text.len().is_multiple_of(2))
        .ok_or(Unread::Malformed(Malformed::Invalid { field: "picture", why: "neither bytes nor hexadecimal digits" }))
}

/// The first face that is a picture: a map of data (0), format (1: picture) and sub-format (2), or a list of them.
fn read_face(reader: &mut Reader<'_>) -> Result<Option<Photo>, Unread> {
    let count = if reader.peek() == Some(Item::List) { reader.array()? } else { 1 };
    let mut face = None;
    for _ in 0..count {
        if reader.peek() != Some(Item::Map) {
            reader.skip()?;
            continue;
        }
        let (mut data, mut kind, mut format) = (None, None, None);
        reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
            match (key, value.peek()) {
                (Label::Number(0), Some(Item::Bytes | Item::Text)) => data = Some(picture(value)?),
                (Label::Number(1), Some(Item::Number)) => kind = Some(value.int()?),
                (Label::Number(2), Some(Item::Number)) => format = Some(value.int()?),
                _ => value.skip()?,
            }
            Ok::<_, Unread>(())
        })?;
        let format = match (kind, format) {
            (Some(0) | None, Some(0)) => Some(PhotoFormat::Png),
            (Some(0) | None, Some(1)) => Some(PhotoFormat::Jpeg),
            (Some(0) | None, Some(2)) => Some(PhotoFormat::Jpeg2000),
            (Some(0) | None, Some(3)) => Some(PhotoFormat::Avif),
            (Some(0) | None, Some(4)) => Some(PhotoFormat::Webp),
            _ => None,
        };
        face = face.or(format.zip(data).map(|(format, bytes)| Photo { format, bytes }));
    }
    Ok(face)
}
