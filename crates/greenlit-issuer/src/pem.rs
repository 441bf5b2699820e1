//! Finds the block in a PEM file as people have it: with blank lines, a byte order mark or other text around it,
//! as mail programs, editors and `openssl pkcs12` leave it. What is in the block is for the strict parser.

use std::borrow::Cow;

use crate::spelling::trim;

/// The label of a private key, without and under a passphrase (RFC 7468, sections 10 and 11).
pub(crate) const PRIVATE: &str = "PRIVATE KEY";
#[cfg(feature = "authority")]
pub(crate) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Why a text has no block that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PemError {
    /// None of this kind, or none that ends.
    Missing,
    /// More than one, and nothing says which is meant.
    Several,
    /// A private key under a passphrase, in PKCS#8.
    Encrypted,
    /// A private key under a passphrase, as OpenSSL once wrote keys of every kind.
    TraditionalEncryption,
}

/// A file's text. Windows' shell writes UTF-16; what is neither that nor UTF-8 can only be around the block.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let units = |read: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units: Vec<u16> = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(read)).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => units(u16::from_be_bytes, rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// The one block with this label, written as RFC 7468 wants it.
pub(crate) fn block(text: &str, label: &str) -> Result<String, PemError> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let lines = text.lines().map(trim);
    let (mut open, mut found): (Option<String>, Option<String>) = (None, None);
    for line in lines {
        if line == begin {
            open = Some(String::new());
        } else if line == end {
            match (open.take(), &found) {
                (Some(body), None) => found = Some(body),
                (Some(_), Some(_)) => return Err(PemError::Several),
                (None, _) => return Err(PemError::Missing),
            }
        } else if let Some(body) = &mut open {
            body.push_str(line);
        }
    }
    let Some(body) = found else {
        return Err(match label {
            PRIVATE if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") => PemError::Encrypted,
            PRIVATE if text.contains("Proc-Type: 4,ENCRYPTED") => PemError::TraditionalEncryption,
            _ => PemError::Missing,
        });
    };
    let mut whole = format!("{begin}\n");
    for (at, c) in body.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            whole.push('\n');
        }
        whole.push(c);
    }
    whole.push_str(&format!("\n{end}\n"));
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

    #[test]
    fn what_is_around_a_block_or_between_its_lines_does_not_matter() {
        for text in [
            PLAIN.to_owned(),
            PLAIN.replace('\n', "\r\n"),
            format!("\u{FEFF}{PLAIN}"),
            format!("\n\n{}\n", PLAIN.replace('\n', "\n\n")),
            format!(
                "Bag Attributes\n    friendlyName: issuer\nKey Attributes: <No Attributes>\n{PLAIN}kept in safe 2\n"
            ),
            PLAIN.replace('\n', "  \n\t"),
            PLAIN.trim_end().replace("AAAA", "AA\nAA"),
            format!("-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n{PLAIN}"),
        ] {
            assert_eq!(block(&text, "PRIVATE KEY").as_deref(), Ok(PLAIN), "{text:?}");
        }
        let long = block(&PLAIN.replace("AAAA", &"A".repeat(100)), "PRIVATE KEY").unwrap();
        assert_eq!(long.lines().map(str::len).collect::<Vec<_>>(), [27, 64, 36, 25]);
    }

    #[test]
    fn files_of_other_encodings_are_read() {
        let utf16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("\u{FEFF}{PLAIN}").encode_utf16().flat_map(to_bytes).collect()
        };
        let latin1 = [b"friendlyName: M\xfcller\n".as_slice(), PLAIN.as_bytes()].concat();
        for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), latin1] {
            assert_eq!(block(&text_of(&bytes), "PRIVATE KEY").as_deref(), Ok(PLAIN));
        }
    }

    #[test]
    fn what_is_no_block_or_not_the_only_one_is_told() {
        let encrypted = PLAIN.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let old =
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAA\n-----END EC PRIVATE KEY-----";
        for (text, wanted) in [
            ("", PemError::Missing),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n", PemError::Missing),
            ("AAAA\n-----END PRIVATE KEY-----\n", PemError::Missing),
            (&encrypted, PemError::Encrypted),
            (old, PemError::TraditionalEncryption),
            (&format!("{PLAIN}{PLAIN}"), PemError::Several),
        ] {
            assert_eq!(block(text, "PRIVATE KEY"), Err(wanted), "{text:?}");
        }
        assert_eq!(block(&encrypted, "PUBLIC KEY"), Err(PemError::Missing));
    }
}
