//! What is packed, unpacked within limits: one stream, of which the end is known, and nothing after it.

use std::io::Read;

use flate2::bufread::{GzDecoder, ZlibDecoder};
use greenlit_core::scheme::FormatError;

/// Most bytes that a pass unpacks to.
pub(crate) const MAX_UNPACKED: usize = 32 << 10;

/// A zlib stream (RFC 1950).
pub(crate) fn zlib(packed: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut decoder = ZlibDecoder::new(packed);
    let unpacked = all(&mut decoder)?;
    if decoder.into_inner().is_empty() { Ok(unpacked) } else { Err(FormatError::Trailing) }
}

/// A gzip member (RFC 1952).
pub(crate) fn gzip(packed: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut decoder = GzDecoder::new(packed);
    let unpacked = all(&mut decoder)?;
    if decoder.into_inner().is_empty() { Ok(unpacked) } else { Err(FormatError::Trailing) }
}

fn all(decoder: &mut impl Read) -> Result<Vec<u8>, FormatError> {
    let mut unpacked = Vec::new();
    let read = decoder.by_ref().take(MAX_UNPACKED as u64).read_to_end(&mut unpacked);
    read.map_err(|_| FormatError::NotPacked)?;
    // One byte more says whether that was all, and has the checksum looked at.
    match decoder.read(&mut [0]) {
        Ok(0) => Ok(unpacked),
        Ok(_) => Err(FormatError::UnpacksTooLong(MAX_UNPACKED)),
        Err(_) => Err(FormatError::NotPacked),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> [Vec<u8>; 2] {
        let mut one = ZlibEncoder::new(Vec::new(), Compression::best());
        let mut other = GzEncoder::new(Vec::new(), Compression::best());
        one.write_all(bytes).unwrap();
        other.write_all(bytes).unwrap();
        [one.finish().unwrap(), other.finish().unwrap()]
    }

    #[test]
    fn whole_streams_are_unpacked_and_nothing_else() {
        let [one, other] = packed(b"what was packed");
        assert_eq!(
            (zlib(&one).unwrap(), gzip(&other).unwrap()),
            (b"what was packed".into(), b"what was packed".into())
        );
        for (packed, unpack) in [(one, zlib as fn(&[u8]) -> _), (other, gzip)] {
            for length in 0..packed.len() {
                assert!(unpack(&packed[..length]).is_err(), "{length} bytes");
            }
            assert_eq!(unpack(&[&packed[..], b"x"].concat()), Err(FormatError::Trailing));
            let mut changed = packed.clone();
            *changed.last_mut().unwrap() ^= 1;
            assert_eq!(unpack(&changed), Err(FormatError::NotPacked));
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_left() {
        for (length, fits) in [(MAX_UNPACKED, true), (MAX_UNPACKED + 1, false), (100 << 20, false)] {
            let [one, other] = packed(&vec![0; length]);
            assert_eq!((zlib(&one).is_ok(), gzip(&other).is_ok()), (fits, fits), "{length}");
        }
    }
}
