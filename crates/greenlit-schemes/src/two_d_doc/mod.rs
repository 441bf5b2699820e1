//! France's 2D-Doc (France Titres, formerly ANTS: "Spécifications techniques des codes à barres 2D-Doc", versions 2.0 to
//! 3.3.9 of the document), in its plain form, C40.
//!
//! A Data Matrix holds a header of fixed length, fields, the byte US, and an ECDSA signature in Base32 (RFC 4648 §6) over
//! every byte before US. In the fourth version an annex may follow behind GS; nobody has signed it, and nothing reads it.

mod document;
mod fields;

use data_encoding::BASE32_NOPAD;
use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::{Algorithm, Parts, Presented, Scheme};

use crate::{FormatError, Recognised};

/// Ends a field.
const GS: u8 = 0x1D;
/// Ends a field that was cut short to fit.
const RS: u8 = 0x1E;
/// Ends what is signed.
const US: u8 = 0x1F;
/// As many bytes as a Data Matrix of 144 × 144 modules holds, in digits (ISO/IEC 16022 Table 7).
const MAX_BYTES: usize = 3_116;
/// How the binary form begins, and fewer bytes than any document in it has: header and signature.
const BINARY: &[u8] = &[0xDC, 0x04];
const LEAST_BINARY: usize = 19 + 64;

/// A document, or what else begins as one does.
pub(crate) fn recognise(bytes: &[u8]) -> Recognised {
    let scheme = Scheme::TwoDDoc;
    if bytes.starts_with(BINARY) && bytes.len() >= LEAST_BINARY {
        return Recognised::Newer { scheme, what: "the binary form of 2D-Doc" };
    }
    let [b'D', b'C', b'0', version, ..] = bytes else { return Recognised::No };
    let version = match version {
        b'1' => return Recognised::Newer { scheme, what: "the first form of 2D-Doc" },
        b'2' => Version::Two,
        b'3' => Version::Three,
        b'4' => Version::Four,
        b'5'..=b'9' => return Recognised::Newer { scheme, what: "a later form of 2D-Doc" },
        _ => return Recognised::No,
    };
    take_apart(bytes, version).unwrap_or_else(|why| Recognised::Damaged { scheme, why })
}

/// Of the header, which says how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Two,
    Three,
    Four,
}

impl Version {
    /// Characters of its header: the third version adds the perimeter, the fourth the country.
    fn header(self) -> usize {
        match self {
            Self::Two => 22,
            Self::Three => 24,
            Self::Four => 26,
        }
    }
}

fn take_apart(bytes: &[u8], version: Version) -> Result<Recognised, FormatError> {
    if bytes.len() > MAX_BYTES {
        return Err(FormatError::TooLong(bytes.len()));
    }
    if !bytes.is_ascii() && version == Version::Four {
        return Ok(Recognised::Newer { scheme: Scheme::TwoDDoc, what: "binary fields" });
    }
    let end = bytes.iter().position(|byte| *byte == US).ok_or(Malformed::Missing("signature"))?;
    let (message, rest) = bytes.split_at_checked(end).unwrap_or_default();
    if message.len() < version.header() {
        return Err(Malformed::Missing("header").into());
    }
    let encoded = rest.get(1..).unwrap_or_default();
    let encoded = match encoded.iter().position(|byte| *byte == GS) {
        Some(end) if version == Version::Four => encoded.get(..end).unwrap_or_default(),
        _ => encoded,
    };
    let wrong = |why| Malformed::Invalid { field: "signature", why };
    let signature = BASE32_NOPAD.decode(encoded).map_err(|_| wrong("not Base32"))?;
    // The hash goes by the curve.
    let algorithm = match signature.len() {
        64 => Algorithm::Es256,
        96 => Algorithm::Es384,
        132 => Algorithm::Es512,
        _ => return Err(wrong("of another length").into()),
    };
    let parts = Parts {
        algorithm: Some(algorithm),
        // Who certified the key, and which of theirs it is, four characters each.
        key_id: message.get(4..12).map(<[u8]>::to_vec),
        message: message.to_vec(),
        signed: 0..message.len(),
        signature,
        contents: document::Document { version },
    };
    Ok(Recognised::Pass(Box::new(Presented::new(Scheme::TwoDDoc, parts))))
}
