//! Data codewords → payload bytes (ISO/IEC 18004 §7.4): the segments one after the other. What a code
//! says about character sets and about its form is told beside them; bytes stay as they are.

/// What a code says about itself beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Segments {
    pub(crate) eci: Vec<u32>,
    pub(crate) fnc1: Option<Fnc1>,
    pub(crate) structured_append: Option<StructuredAppend>,
}

/// The form of a text that begins with a function character (§7.4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fnc1 {
    /// In first position: GS1 element strings.
    Gs1,
    /// In second position: the form of an industry, named by its application indicator.
    Industry(u8),
}

/// One of up to 16 codes that hold a text together (§8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StructuredAppend {
    /// Which one it is, from 0.
    pub index: u8,
    /// How many there are, 1 to 16.
    pub count: u8,
    /// The exclusive or of all bytes of the whole text.
    pub parity: u8,
}

/// Bits, the first being the highest of the first byte.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    fn take(&mut self, count: usize) -> Option<u32> {
        if count > self.left() {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = (value << 1) | u32::from((byte >> (7 - self.at % 8)) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The payload; `None` where the segments are not as the standard says.
pub(crate) fn read(data: &[u8], version: usize) -> Option<(Vec<u8>, Segments)> {
    let mut bits = Bits { bytes: data, at: 0 };
    let mut out = Vec::with_capacity(data.len());
    // Bits of the counts of characters (table 3).
    let size = usize::from(version >= 10) + usize::from(version >= 27);
    let length = |bits: [usize; 3]| bits.get(size).copied().unwrap_or(0);
    let mut said = Segments::default();
    while bits.left() >= 4 {
        match bits.take(4)? {
            0 => break,
            1 => numeric(&mut bits, length([10, 12, 14]), &mut out)?,
            2 => alphanumeric(&mut bits, length([9, 11, 13]), said.fnc1.is_some(), &mut out)?,
            3 => {
                let [index, count, parity] = [bits.take(4)? as u8, bits.take(4)? as u8 + 1, bits.take(8)? as u8];
                said.structured_append.get_or_insert(StructuredAppend { index, count, parity });
            }
            4 => {
                for _ in 0..bits.take(length([8, 16, 16]))? {
                    out.push(bits.take(8)? as u8);
                }
            }
            // In GS1 codes a percent sign is a separator.
            5 => said.fnc1 = Some(Fnc1::Gs1),
            9 => said.fnc1 = Some(Fnc1::Industry(bits.take(8)? as u8)),
            7 => said.eci.push(designator(&mut bits)?),
            8 => kanji(&mut bits, length([8, 10, 12]), &mut out)?,
            _ => return None,
        }
    }
    (!out.is_empty()).then_some((out, said))
}

/// The number of a character set in one to three bytes (§7.4.2.2): as many leading ones as further bytes.
fn designator(bits: &mut Bits) -> Option<u32> {
    let first = bits.take(8)?;
    match first {
        0..0x80 => Some(first),
        0x80..0xC0 => Some((first & 0x3F) << 8 | bits.take(8)?),
        0xC0..0xE0 => Some((first & 0x1F) << 16 | bits.take(16)?),
        _ => None,
    }
}

fn numeric(bits: &mut Bits, length: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut left = bits.take(length)?;
    while left > 0 {
        let digits = left.min(3);
        let (width, limit) = if digits == 3 {
            (10, 1_000)
        } else if digits == 2 {
            (7, 100)
        } else {
            (4, 10)
        };
        let value = bits.take(width)?;
        if value >= limit {
            return None;
        }
        for digit in [value / 100, value / 10 % 10, value % 10].iter().skip(3 - digits as usize) {
            out.push(b'0' + *digit as u8);
        }
        left -= digits;
    }
    Some(())
}

fn alphanumeric(bits: &mut Bits, length: usize, separators: bool, out: &mut Vec<u8>) -> Option<()> {
    let mut left = bits.take(length)?;
    let start = out.len();
    while left > 0 {
        let value = bits.take(if left == 1 { 6 } else { 11 })?;
        if left > 1 {
            out.push(*ALPHANUMERIC.get(value as usize / 45)?);
        }
        let last = if left == 1 { value as usize } else { value as usize % 45 };
        out.push(*ALPHANUMERIC.get(last)?);
        left = left.saturating_sub(2);
    }
    if separators {
        let text = out.split_off(start);
        let mut signs = text.iter().peekable();
        while let Some(sign) = signs.next() {
            let double = *sign == b'%' && signs.next_if(|next| **next == b'%').is_some();
            out.push(if *sign == b'%' && !double { 0x1D } else { *sign });
        }
    }
    Some(())
}

/// Each sign as its two bytes of Shift JIS (§7.4.6).
fn kanji(bits: &mut Bits, length: usize, out: &mut Vec<u8>) -> Option<()> {
    for _ in 0..bits.take(length)? {
        let value = bits.take(13)?;
        let sign = (value / 0xC0) << 8 | (value % 0xC0);
        let sign = sign + if sign + 0x8140 <= 0x9FFC { 0x8140 } else { 0xC140 };
        out.extend([(sign >> 8) as u8, sign as u8]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use qrcode::bits::Bits as Writer;
    use qrcode::{EcLevel, Version};

    use super::*;

    fn written(version: i16, fill: impl Fn(&mut Writer)) -> Vec<u8> {
        let mut bits = Writer::new(Version::Normal(version));
        fill(&mut bits);
        bits.push_terminator(EcLevel::L).unwrap();
        bits.into_bytes()
    }

    #[test]
    fn segments_of_every_kind_are_read_at_every_size() {
        for version in [5, 9, 10, 26, 27, 40] {
            let data = written(version, |bits| {
                bits.push_eci_designator(26).unwrap();
                bits.push_numeric_data(b"01234567").unwrap();
                bits.push_numeric_data(b"009").unwrap();
                bits.push_alphanumeric_data(b"GL1:$%% Z").unwrap();
                bits.push_byte_data(b"\x00\xffabc").unwrap();
                bits.push_kanji_data(b"\x93\x5F\xE4\xAA").unwrap();
            });
            let expected = b"01234567009GL1:$%% Z\x00\xffabc\x93\x5F\xE4\xAA";
            let (payload, said) = read(&data, version as usize).unwrap();
            assert_eq!((&payload[..], &said.eci[..]), (&expected[..], &[26][..]), "version {version}");
        }
        let data = written(3, |bits| {
            bits.push_fnc1_first_position().unwrap();
            bits.push_alphanumeric_data(b"10A%B%%").unwrap();
        });
        let (payload, said) = read(&data, 3).unwrap();
        assert_eq!((&payload[..], said.fnc1), (&b"10A\x1DB%"[..], Some(Fnc1::Gs1)));
    }

    #[test]
    fn what_no_encoder_writes_is_not_read() {
        assert_eq!(read(&[0x40, 0xF0, 0x00], 1), None, "more bytes announced than there are");
        assert_eq!(read(&[0xE0, 0, 0, 0], 1), None, "an unknown mode");
        assert_eq!(read(&[0x10, 0x0F, 0xFF, 0xFF], 1), None, "three digits above 999");
        assert_eq!(read(&[0, 0], 1), None, "nothing at all");
        assert_eq!(read(&[], 1), None);
    }

    #[test]
    fn a_code_says_of_what_it_is_a_part_and_how_its_text_is_meant() {
        // Structured append: the third of four, parity 0x5A; then one byte.
        let bits = [0x3_u8 << 4 | 2, 0x3 << 4 | 0x5, 0xA << 4 | 4, 0x01, 0x41];
        let (payload, said) = read(&bits, 1).unwrap();
        let part = StructuredAppend { index: 2, count: 4, parity: 0x5A };
        assert_eq!((&payload[..], said.structured_append), (&b"A"[..], Some(part)));
        for number in [0, 3, 26, 127, 128, 899, 16_383, 16_384, 999_999] {
            let data = written(2, |bits| {
                bits.push_eci_designator(number).unwrap();
                bits.push_byte_data(b"x").unwrap();
            });
            assert_eq!(read(&data, 2).unwrap().1.eci, [number]);
        }
        assert_eq!(read(&[0x7E, 0, 0, 0, 0], 1), None, "a designator of four bytes");
    }
}
