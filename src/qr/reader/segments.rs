//! Data codewords → payload bytes (ISO/IEC 18004 §7.4): the segments one after the other. What a code
//! says about character sets is passed over; bytes stay as they are.

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

/// The payload; `None` where the segments are not as the standard says, or of a kind that is not read.
pub(super) fn payload(data: &[u8], version: usize) -> Option<Vec<u8>> {
    let mut bits = Bits { bytes: data, at: 0 };
    let mut out = Vec::with_capacity(data.len());
    // Bits of the counts of characters (table 3).
    let size = usize::from(version >= 10) + usize::from(version >= 27);
    let length = |bits: [usize; 3]| bits.get(size).copied().unwrap_or(0);
    let mut separators = false;
    while bits.left() >= 4 {
        match bits.take(4)? {
            0 => break,
            1 => numeric(&mut bits, length([10, 12, 14]), &mut out)?,
            2 => alphanumeric(&mut bits, length([9, 11, 13]), separators, &mut out)?,
            3 => drop(bits.take(16)?),
            4 => {
                for _ in 0..bits.take(length([8, 16, 16]))? {
                    out.push(bits.take(8)? as u8);
                }
            }
            // In GS1 codes a percent sign is a separator.
            5 => separators = true,
            9 => {
                separators = true;
                bits.take(8)?;
            }
            7 => {
                let first = bits.take(8)?;
                let more = if first < 0x80 {
                    0
                } else if first < 0xC0 {
                    8
                } else {
                    16
                };
                bits.take(more)?;
            }
            8 => kanji(&mut bits, length([8, 10, 12]), &mut out)?,
            _ => return None,
        }
    }
    (!out.is_empty()).then_some(out)
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
            assert_eq!(payload(&data, version as usize).unwrap(), expected, "version {version}");
        }
        let data = written(3, |bits| {
            bits.push_fnc1_first_position().unwrap();
            bits.push_alphanumeric_data(b"10A%B%%").unwrap();
        });
        assert_eq!(payload(&data, 3).unwrap(), b"10A\x1DB%");
    }

    #[test]
    fn what_no_encoder_writes_is_not_read() {
        assert_eq!(payload(&[0x40, 0xF0, 0x00], 1), None, "more bytes announced than there are");
        assert_eq!(payload(&[0xE0, 0, 0, 0], 1), None, "an unknown mode");
        assert_eq!(payload(&[0x10, 0x0F, 0xFF, 0xFF], 1), None, "three digits above 999");
        assert_eq!(payload(&[0, 0], 1), None, "nothing at all");
        assert_eq!(payload(&[], 1), None);
    }
}
