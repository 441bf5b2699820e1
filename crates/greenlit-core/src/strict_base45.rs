//! Base45 (RFC 9285) that has one spelling for every value.

/// The bytes of a text, if it is spelled as [`encode`] would.
///
/// The library takes a last pair of characters above 255 and drops its high bits, so that a changed text would read
/// as the same bytes; writing them again catches that and anything like it.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let bytes = base45::decode(text).ok()?;
    (encode(&bytes).as_bytes() == text).then_some(bytes)
}

/// The text of these bytes: three characters for two of them, and two for a last one alone.
pub fn encode(bytes: &[u8]) -> String {
    base45::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base45_has_one_spelling() {
        assert_eq!(decode(b"BB8").as_deref(), Some(&b"AB"[..]));
        // 255 is "U5"; "V5" is 256, which the library lets through as 0.
        assert_eq!(decode(b"U5").as_deref(), Some(&[255][..]));
        assert!(base45::decode("V5").is_ok(), "the library now refuses this: the second look could go");
        for bad in [&b"V5"[..], b"::", b"A", b"bb8", b"GGW:", b":::"] {
            assert!(decode(bad).is_none(), "{}", String::from_utf8_lossy(bad));
        }
    }
}
