//! Files that guests send and that are not read here, by their first bytes, so that they can be named.

/// What it is, with its article, if it is one of those that people take for a picture.
pub(super) fn kind(bytes: &[u8]) -> Option<&'static str> {
    let starts = |with: &[u8]| bytes.starts_with(with);
    let at = |from: usize, what: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(what));
    // ISO/IEC 14496-12: a box of type `ftyp`, then the brand (ISO/IEC 23008-12 for HEIF).
    if at(4, b"ftyp") {
        return match bytes.get(8..12) {
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => {
                Some("a HEIC picture, as iPhones take them")
            }
            Some(b"avif" | b"avis") => Some("an AVIF picture"),
            _ => Some("a video"),
        };
    }
    if starts(b"RIFF") && at(8, b"WEBP") {
        return Some("a WebP picture");
    }
    if starts(b"GIF87a") || starts(b"GIF89a") {
        return Some("a GIF picture");
    }
    if starts(b"%PDF-") {
        return Some("a PDF document");
    }
    if starts(b"II*\0") || starts(b"MM\0*") {
        return Some("a TIFF picture");
    }
    if starts(b"\xFF\x0A") || starts(b"\0\0\0\x0CJXL ") {
        return Some("a JPEG XL picture");
    }
    if starts(b"BM") && at(6, b"\0\0\0\0") {
        return Some("a BMP picture");
    }
    // Apple Wallet and the like are archives.
    if starts(b"PK\x03\x04") {
        return Some("an archive or a wallet pass");
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let head = text.get(..512).unwrap_or(text);
    let is_svg = text.starts_with(b"<svg") || (text.starts_with(b"<?xml") && head.windows(4).any(|tag| tag == b"<svg"));
    is_svg.then_some("an SVG drawing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guests_send_is_named() {
        for (bytes, word) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "HEIC"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
            (b"\0\0\0\x1cftypisom\0\0\0\0", "video"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
            (b"GIF89a\x01\0\x01\0", "GIF"),
            (b"%PDF-1.7\n", "PDF"),
            (b"MM\0*\0\0\0\x08", "TIFF"),
            (b"BM\x46\0\0\0\0\0\0\0", "BMP"),
            (b"PK\x03\x04", "wallet"),
            (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ] {
            assert!(kind(bytes).is_some_and(|kind| kind.contains(word)), "{word}");
        }
        for none in [&b""[..], b"GL1:", b"RIFF", b"RIFF\x24\0\0\0WAVE", b"BM", b"<?xml version='1.0'?><html/>"] {
            assert_eq!(kind(none), None);
        }
    }
}
