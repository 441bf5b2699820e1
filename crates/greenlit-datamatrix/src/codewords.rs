//! Data codewords → bytes (ISO/IEC 16022 §5.2).

/// Ends C40, Text and X12.
const UNLATCH: u8 = 254;
/// What FNC1 stands for inside a symbol (§5.2.4.6).
const GS: u8 = 0x1D;

/// What the corrected data codewords of a symbol say; `None` for what is against the standard, for parts of a text
/// (structured append), and for commands to a reader.
pub(crate) fn bytes(codewords: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { codewords, at: 0, bytes: Vec::new(), trailer: &[], upper: false };
    reader.ascii()?;
    reader.bytes.extend_from_slice(reader.trailer);
    Some(reader.bytes)
}

struct Reader<'c> {
    codewords: &'c [u8],
    at: usize,
    bytes: Vec<u8>,
    /// What a macro puts at the end.
    trailer: &'static [u8],
    /// The next character is from the upper half of the table.
    upper: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let codeword = self.codewords.get(self.at)?;
        self.at += 1;
        Some(*codeword)
    }

    fn left(&self) -> usize {
        self.codewords.len() - self.at
    }

    fn push(&mut self, character: u8) -> Option<()> {
        self.bytes.push(if self.upper { character.checked_add(128)? } else { character });
        self.upper = false;
        Some(())
    }

    /// The encodation in which each symbol begins, and to which the others return (§5.2.3).
    fn ascii(&mut self) -> Option<()> {
        while let Some(codeword) = self.next() {
            let first = self.at == 1;
            match codeword {
                1..=128 => self.push(codeword - 1)?,
                // What follows fills the symbol up.
                129 => break,
                130..=229 => self.bytes.extend([b'0' + (codeword - 130) / 10, b'0' + (codeword - 130) % 10]),
                230 => self.triples(Set::C40)?,
                231 => self.base_256()?,
                // In front it says that the text is of GS1.
                232 if first => {}
                232 => self.bytes.push(GS),
                235 => self.upper = true,
                236 | 237 if first => {
                    let number = if codeword == 236 { b'5' } else { b'6' };
                    self.bytes.extend([b'[', b')', b'>', 0x1E, b'0', number, GS]);
                    self.trailer = &[0x1E, 0x04];
                }
                238 => self.triples(Set::X12)?,
                239 => self.triples(Set::Text)?,
                240 => self.edifact(),
                241 => self.skip_eci()?,
                // Some writers leave an encodation that they were not in.
                UNLATCH if self.left() == 0 => {}
                _ => return None,
            }
        }
        Some(())
    }

    /// Three characters in two codewords, in C40, Text or X12 (§5.2.5 to §5.2.7).
    fn triples(&mut self, set: Set) -> Option<()> {
        let mut shift = 0;
        // A single last codeword is ASCII again.
        while self.left() >= 2 {
            let high = self.next()?;
            if high == UNLATCH {
                break;
            }
            let number = (u16::from(high) * 256 + u16::from(self.next()?)).checked_sub(1)?;
            for value in [number / 1_600, number / 40 % 40, number % 40] {
                let value = u8::try_from(value).ok().filter(|value| *value < 40)?;
                shift = self.character(set, shift, value)?;
            }
        }
        Some(())
    }

    /// One value under a shift; says which shift the next one is under.
    fn character(&mut self, set: Set, shift: u8, value: u8) -> Option<u8> {
        let character = match (shift, value, set) {
            (0, 0..=2, Set::X12) => *b"\r*>".get(usize::from(value))?,
            (0, 0..=2, _) => return Some(value + 1),
            (0, 3, _) => b' ',
            (0, 4..=13, _) => b'0' + value - 4,
            (0, _, Set::Text) => b'a' + value - 14,
            (0, _, _) => b'A' + value - 14,
            (1, 0..=31, _) => value,
            (2, 0..=14, _) => b'!' + value,
            (2, 15..=21, _) => b':' + value - 15,
            (2, 22..=26, _) => b'[' + value - 22,
            (2, 27, _) => GS,
            (2, 30, _) => {
                self.upper = true;
                return Some(0);
            }
            (3, 1..=26, Set::Text) => b'A' + value - 1,
            (3, 0..=31, _) => b'`' + value,
            _ => return None,
        };
        self.push(character)?;
        Some(0)
    }

    /// Four characters of six bits in three codewords (§5.2.8).
    fn edifact(&mut self) {
        const LEAVE: u32 = 31;
        // Up to two last codewords are ASCII again.
        while let Some([a, b, c]) = self.codewords.get(self.at..).and_then(<[u8]>::first_chunk::<3>) {
            let bits = u32::from_be_bytes([0, *a, *b, *c]);
            for (shift, codewords) in [(18, 1), (12, 2), (6, 3), (0, 3)] {
                let value = bits >> shift & 0x3F;
                if value == LEAVE {
                    self.at += codewords;
                    return;
                }
                let character = if value & 0x20 == 0 { value | 0x40 } else { value };
                self.bytes.extend(u8::try_from(character));
            }
            self.at += 3;
        }
    }

    /// Bytes as they are, each changed by its place so that none is too frequent (§5.2.9, annex B.2).
    fn base_256(&mut self) -> Option<()> {
        let length = match usize::from(self.unrandomised()?) {
            0 => self.left(),
            length @ 1..250 => length,
            hundreds => 250 * (hundreds - 249) + usize::from(self.unrandomised()?),
        };
        for _ in 0..length {
            let byte = self.unrandomised()?;
            self.bytes.push(byte);
        }
        Some(())
    }

    fn unrandomised(&mut self) -> Option<u8> {
        let codeword = self.next()?;
        let change = u8::try_from(149 * self.at % 255 + 1).ok()?;
        Some(codeword.wrapping_sub(change))
    }

    /// The number of a character set, which is for whoever makes text of the bytes (§5.4).
    fn skip_eci(&mut self) -> Option<()> {
        let more = match self.next()? {
            1..=127 => 0,
            128..=191 => 1,
            192..=207 => 2,
            _ => return None,
        };
        for _ in 0..more {
            self.next()?;
        }
        Some(())
    }
}

#[derive(Clone, Copy)]
enum Set {
    C40,
    Text,
    X12,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_read() {
        // §5.2.3, annex O: digits in pairs.
        assert_eq!(bytes(&[142, 164, 186]).unwrap(), b"123456");
        // §5.2.5: AIM in C40, and in ASCII after leaving it.
        assert_eq!(bytes(&[230, 91, 11, 91, 11, 91, 11, 254]).unwrap(), b"AIMAIMAIM");
        assert_eq!(bytes(&[230, 91, 11, 254, 66]).unwrap(), b"AIMA");
        // Filled up.
        assert_eq!(bytes(&[66, 129, 70]).unwrap(), b"A");
    }

    #[test]
    fn every_encodation_gives_bytes() {
        // Shift 1 is how GS, RS and US stand in C40.
        let value = |a: u16, b: u16, c: u16| (1_600 * a + 40 * b + c + 1).to_be_bytes();
        let c40 = |values: &[[u8; 2]]| bytes(&[&[230][..], values.as_flattened()].concat());
        assert_eq!(c40(&[value(14, 0, 29), value(0, 30, 0), value(31, 3, 13)]).unwrap(), b"A\x1d\x1e\x1f 9");
        assert_eq!(c40(&[value(1, 0, 1), value(14, 1, 15), value(1, 21, 1), value(22, 1, 26)]).unwrap(), b"!/:@[_");
        assert_eq!(c40(&[value(2, 0, 2), value(31, 1, 27)]).unwrap(), b"`\x7f\x1d");
        assert_eq!(c40(&[value(1, 30, 14), value(1, 30, 2), value(1, 14, 14)]).unwrap(), b"\xc1\xe1AA");
        let text = |values: &[[u8; 2]]| bytes(&[&[239][..], values.as_flattened()].concat());
        assert_eq!(text(&[value(14, 2, 1), value(39, 2, 27)]).unwrap(), b"aAz{");
        let x12 = [&[238][..], &value(0, 1, 2), &value(3, 4, 39), &[254, 66]].concat();
        assert_eq!(bytes(&x12).unwrap(), b"\r*> 0ZA");
        // DATA in EDIFACT, and leaving it in the middle.
        let edifact = |a: u32, b: u32, c: u32, d: u32| ((a << 18) | (b << 12) | (c << 6) | d).to_be_bytes();
        let [_, one @ ..] = edifact(4, 1, 20, 1);
        let [_, two @ ..] = edifact(0x31, 31, 0, 0);
        assert_eq!(bytes(&[&[240][..], &one, &[two[0], two[1]], &[66, 129]].concat()).unwrap(), b"DATA1A");
        // Upper half, FNC1, macros, a character set.
        assert_eq!(bytes(&[235, 1, 232, 130]).unwrap(), b"\x80\x1d00");
        assert_eq!(bytes(&[232, 66, 232]).unwrap(), b"A\x1d");
        assert_eq!(bytes(&[237, 66]).unwrap(), b"[)>\x1e06\x1dA\x1e\x04");
        assert_eq!(bytes(&[241, 27, 66, 241, 128, 1, 66, 241, 192, 1, 1, 66]).unwrap(), b"AAA");
    }

    #[test]
    fn bytes_as_they_are_are_found_by_their_places() {
        for length in [1, 249, 250, 600] {
            let wanted: Vec<u8> = (0..length).map(|i| u8::try_from(i % 256).unwrap()).collect();
            let header = if length < 250 { vec![length] } else { vec![length / 250 + 249, length % 250] };
            let plain = header.iter().map(|byte| u8::try_from(*byte).unwrap()).chain(wanted.iter().copied());
            let changed = plain.zip(2..).map(|(byte, at)| byte.wrapping_add(u8::try_from(149 * at % 255 + 1).unwrap()));
            let codewords: Vec<u8> = [231].into_iter().chain(changed).collect();
            assert_eq!(bytes(&codewords).unwrap(), wanted, "{length}");
            assert_eq!(bytes(&codewords[..codewords.len() - 1]), None);
        }
    }

    #[test]
    fn whatever_stands_in_codewords_it_is_bytes_or_nothing() {
        for none in [&[0][..], &[66, 237], &[233, 1, 1, 1], &[234], &[242], &[254, 66], &[241], &[230, 0, 0], &[231]] {
            assert_eq!(bytes(none), None, "{none:?}");
        }
        assert_eq!(bytes(&[]).unwrap(), b"");
        // Every pair of codewords at the head of some others, and in each encodation.
        for latch in [66, 230, 231, 238, 239, 240, 241] {
            for pair in 0..=u16::MAX {
                let [a, b] = pair.to_be_bytes();
                let _ = bytes(&[latch, a, b, 254, 66]);
                let _ = bytes(&[latch, a, b]);
            }
        }
    }
}
