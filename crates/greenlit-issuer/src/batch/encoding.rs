//! In which encoding a file is written. By rule and over the whole of it, for a general detector takes short Russian rows
//! for a western encoding; and what is neither of the two is refused, for passes with wrong initials would go out to
//! everybody.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::BatchError;
use greenlit_files::FileError;

/// How the file's letters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a byte order mark.
    Utf8,
    /// As older office programs in Russia save CSV.
    Windows1251,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1251 => "Windows-1251",
        })
    }
}

impl Encoding {
    /// The text of these bytes; `None` where they are none. Whole UTF-8 in a file of the other is a row that came from
    /// elsewhere, and would be read as other letters.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let utf8 = std::str::from_utf8(bytes);
        match self {
            Self::Utf8 => utf8.ok().map(Cow::Borrowed),
            Self::Windows1251 if utf8.is_ok() && !bytes.is_ascii() => None,
            Self::Windows1251 => encoding_rs::WINDOWS_1251.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// The same with a sign in the place of what is none.
    pub(super) fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        match (self, std::str::from_utf8(bytes)) {
            (Self::Windows1251, Err(_)) => encoding_rs::WINDOWS_1251.decode_without_bom_handling(bytes).0,
            _ => String::from_utf8_lossy(bytes),
        }
    }
}

/// What was seen of a file.
pub(super) struct Survey {
    pub(super) encoding: Encoding,
    /// SHA-256 of all of it.
    pub(super) digest: [u8; 32],
    pub(super) bytes: u64,
}

/// Reads all of it once, and goes back to its beginning.
pub(super) fn survey(file: &mut File, path: &Path, told: Option<Encoding>) -> Result<Survey, BatchError> {
    let io = |error| FileError::of(path, error);
    let (mut hash, mut seen, mut bytes) = (Sha256::new(), Seen::default(), 0u64);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let length = file.read(&mut buffer).map_err(io)?;
        let Some(part) = buffer.get(..length).filter(|part| !part.is_empty()) else { break };
        if bytes == 0 && (part.starts_with(&[0xFF, 0xFE]) || part.starts_with(&[0xFE, 0xFF])) {
            return Err(BatchError::Utf16(path.into()));
        }
        hash.update(part);
        seen.look_at(part);
        bytes += length as u64;
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let encoding = match told {
        Some(told) => told,
        None => seen.encoding().map_err(|line| BatchError::MixedEncoding { path: path.into(), line })?,
    };
    Ok(Survey { encoding, digest: hash.finalize().into(), bytes })
}

/// So many faults are enough to know.
const ENOUGH: u64 = 20_000;

/// What tells UTF-8 from Windows-1251.
#[derive(Default)]
struct Seen {
    /// Letters beyond ASCII that are whole UTF-8.
    whole: u64,
    /// Bytes that are no UTF-8.
    stray: u64,
    lines: u64,
    first_stray_line: u64,
    /// The beginning of a letter that may go on in the next part.
    open: Vec<u8>,
}

impl Seen {
    fn look_at(&mut self, part: &[u8]) {
        if self.stray >= ENOUGH {
            return;
        }
        let joined: Cow<'_, [u8]> =
            if self.open.is_empty() { Cow::Borrowed(part) } else { Cow::Owned([&self.open, part].concat()) };
        self.open.clear();
        let mut rest: &[u8] = &joined;
        while self.stray < ENOUGH {
            let (good, bad) = match std::str::from_utf8(rest) {
                Ok(text) => (text, None),
                Err(error) => {
                    let good = rest.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok());
                    (good.unwrap_or_default(), Some(error.error_len()))
                }
            };
            self.lines += good.bytes().filter(|byte| *byte == b'\n').count() as u64;
            self.whole += good.bytes().filter(|byte| *byte >= 0xC0).count() as u64;
            rest = rest.get(good.len()..).unwrap_or_default();
            match bad {
                None => return,
                Some(None) => {
                    self.open = rest.to_vec();
                    return;
                }
                Some(Some(length)) => {
                    if self.stray == 0 {
                        self.first_stray_line = self.lines + 1;
                    }
                    self.stray += length as u64;
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
        }
    }

    /// Or the line from which nobody can tell.
    fn encoding(&self) -> Result<Encoding, u64> {
        let stray = self.stray + self.open.len() as u64;
        match stray {
            0 => Ok(Encoding::Utf8),
            // Few pairs of Russian letters in Windows-1251 happen to be one in UTF-8. A row that is whole UTF-8 is found when
            // it is read.
            _ if self.whole * 4 <= stray => Ok(Encoding::Windows1251),
            _ => Err(if self.stray == 0 { self.lines + 1 } else { self.first_stray_line }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&[u8]]) -> Result<Encoding, u64> {
        let mut seen = Seen::default();
        parts.iter().for_each(|part| seen.look_at(part));
        seen.encoding()
    }

    fn windows(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1251.encode(text).0.into_owned()
    }

    #[test]
    fn short_russian_rows_are_told_apart_and_a_mixture_is_not() {
        for text in ["АН;ЛИ;;01.02.1980\n", "№;ФИО\n", "СЁМИН ЁЖ;СЁМИНА\n", "Закирова Ильсияр;80 12 345678\nplain\n"]
        {
            assert_eq!(of(&[text.as_bytes()]), Ok(Encoding::Utf8), "{text}");
            assert_eq!(of(&[&windows(text)]), Ok(Encoding::Windows1251), "{text}");
        }
        assert_eq!(of(&[b"only;ascii\n"]), Ok(Encoding::Utf8));
        assert_eq!(of(&[]), Ok(Encoding::Utf8));
        let mixed = ["Закирова\nИванов\n".as_bytes(), &windows("Петров\n")].concat();
        assert_eq!(of(&[&mixed]), Err(3));
        // A letter cut in two by the end of what is read, or of the file.
        let whole = "ЯЯ".as_bytes();
        assert_eq!(of(&[&whole[..3], &whole[3..]]), Ok(Encoding::Utf8));
        assert_eq!(of(&["ЯЯЯ\nЯЯЯ".as_bytes(), &whole[..1]]), Err(2));
    }
}
