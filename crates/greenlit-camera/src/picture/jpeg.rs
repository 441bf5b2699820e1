//! What a JPEG file will cost, and whether it is all there, before anything of it is decoded (ITU-T T.81).
//!
//! Decoders take a file that ends too soon for a picture with a grey lower half. A progressive picture
//! keeps all coefficients in memory and goes over them once a scan, so that a few bytes can ask for a lot.

/// What stands between the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: u8,
    pub(super) progressive: bool,
    /// Passes over the picture: each writes all of it, or some of its coefficients.
    pub(super) scans: u32,
    /// Whether the mark of its end is there.
    pub(super) whole: bool,
}

impl Outline {
    /// Walks from marker to marker; stops where the file does.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut outline = Self::default();
        let mut at = 2;
        while let Some(found) = next_marker(bytes, at, outline.scans > 0) {
            let after = found + 2;
            let marker = bytes.get(found + 1).copied().unwrap_or_default();
            match marker {
                0xD9 => {
                    outline.whole = outline.scans > 0;
                    return outline;
                }
                // Stand alone.
                0x01 | 0xD0..=0xD8 => {
                    at = after;
                    continue;
                }
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => outline.frame(marker, bytes.get(after..)),
                0xDA => outline.scans += 1,
                _ => {}
            }
            let length = bytes.get(after..).and_then(<[u8]>::first_chunk).map(|length| u16::from_be_bytes(*length));
            at = after + usize::from(length.unwrap_or(2).max(2));
        }
        outline
    }

    fn frame(&mut self, marker: u8, segment: Option<&[u8]>) {
        if let Some([_, _, _, h1, h0, w1, w0, components, ..]) = segment {
            self.height = u32::from(u16::from_be_bytes([*h1, *h0]));
            self.width = u32::from(u16::from_be_bytes([*w1, *w0]));
            self.components = *components;
            self.progressive = matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
        }
    }
}

/// The place of the next marker; `coded` says that what comes may be a scan's own bytes, where FF 00 is
/// a plain FF.
fn next_marker(bytes: &[u8], from: usize, coded: bool) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_marker = |pair: &[u8]| matches!(pair, [0xFF, next] if *next != 0xFF && *next != 0x00);
    let found = rest.windows(2).position(is_marker)?;
    // Between segments nothing but filling may stand.
    let filled = coded || rest.get(..found)?.iter().all(|byte| *byte == 0xFF);
    filled.then_some(from + found)
}

#[cfg(test)]
mod tests {
    use image::ExtendedColorType;
    use image::codecs::jpeg::JpegEncoder;

    use super::*;

    fn jpeg() -> Vec<u8> {
        let pixels: Vec<u8> = (0..64 * 48 * 3).map(|i: u32| (i * 37 % 251).to_le_bytes()[0]).collect();
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode(&pixels, 64, 48, ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    #[test]
    fn a_file_is_whole_to_its_last_byte_and_not_before() {
        let bytes = jpeg();
        let wanted = Outline { width: 64, height: 48, components: 3, progressive: false, scans: 1, whole: true };
        assert_eq!(Outline::of(&bytes), wanted);
        // What cameras append does not matter.
        assert_eq!(Outline::of(&[&bytes[..], b"\0\0more"].concat()), wanted);
        for cut in 0..bytes.len() {
            assert!(!Outline::of(&bytes[..cut]).whole, "{cut}");
        }
        // A thumbnail's end is not the picture's.
        let thumbnail = [&[0xFF, 0xE1, 0, 8][..], b"\xFF\xD8\xFF\xD9..", &bytes[2..bytes.len() - 2]].concat();
        assert!(!Outline::of(&[&bytes[..2], &thumbnail].concat()).whole);
    }
}
