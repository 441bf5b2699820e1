//! A picture a pass, in a folder or a zip.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use greenlit_qr::encode::{DrawError, QrPicture};
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::Form;
use crate::qr_file::PNG_SCALE;

/// Most bytes of a sender's id in a file's name: file systems take 255, and the reference and ending come after it.
const MAX_ID: usize = 100;

/// A pass's picture.
pub(super) fn draw(form: Form, code: &QrPicture) -> Result<Vec<u8>, DrawError> {
    if form == Form::Svg { Ok(code.to_svg().into_bytes()) } else { code.to_png(PNG_SCALE) }
}

/// What a pass's file is called: by the sender's id, and by the reference, which no other pass has. So the same pass has
/// the same name whatever else is printed with it.
pub(super) fn name(id: &str, reference: Option<&str>, text: &str, ending: &str) -> String {
    let safe = safe(id);
    let reference =
        reference.map_or_else(|| hex::encode(Sha256::digest(text)).split_at(16).0.to_owned(), str::to_owned);
    if safe.is_empty() { format!("{reference}.{ending}") } else { format!("{safe}_{reference}.{ending}") }
}

/// As every file system takes it: without separators, dots (a name that begins with one is hidden, and what stands before
/// the first may be a device of Windows), or anything else but letters, digits and hyphens, in composed form.
fn safe(id: &str) -> String {
    // A hyphen at the beginning would be an option to programs.
    let plain = id.trim().trim_start_matches('-').nfc().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' });
    let mut safe = String::new();
    for c in plain {
        if safe.len() + c.len_utf8() > MAX_ID {
            break;
        }
        safe.push(c);
    }
    safe
}

/// Files as one, the same bytes every time: all of them are of the first day that a zip knows. Pictures are deflated once more, for a program that reads a
/// zip from its beginning finds no end of what is only stored.
pub(super) fn zip(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, rawzip::Error> {
    let first_day = UtcDateTime::from_components(1980, 1, 1, 0, 0, 0, 0);
    let mut zip = ZipArchiveWriter::builder().with_capacity(files.len()).build(Vec::new());
    for (name, bytes) in files {
        let entry = zip.new_file(name.as_str()).compression_method(CompressionMethod::DEFLATE).unix_permissions(0o600);
        let entry = first_day.iter().fold(entry, |entry, day| entry.last_modified(*day));
        let (mut entry, config) = entry.start()?;
        let mut data = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        data.write_all(bytes)?;
        let (encoder, descriptor) = data.finish()?;
        encoder.finish()?;
        entry.finish(descriptor)?;
    }
    zip.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_s_id_is_safe_in_a_name_and_no_two_passes_share_one() {
        for (id, wanted) in [
            ("r1", "r1_1-5.png"),
            ("", "1-5.png"),
            ("  ", "1-5.png"),
            ("../../etc/passwd", "______etc_passwd_1-5.png"),
            (".hidden", "_hidden_1-5.png"),
            ("CON.x", "CON_x_1-5.png"),
            ("a\\b:c*?\"<>|\n\u{0}", "a_b_c_________1-5.png"),
            ("Ә-7", "Ә-7_1-5.png"),
            ("и\u{306}", "й_1-5.png"),
            ("-r-f", "r-f_1-5.png"),
        ] {
            assert_eq!(name(id, Some("1-5"), "GL1:", "png"), wanted, "{id:?}");
        }
        let long = name(&"Ж".repeat(500), Some("1-5"), "GL1:", "svg");
        assert_eq!(long, format!("{}_1-5.svg", "Ж".repeat(50)));
        assert_ne!(name("a", Some("1-5"), "", "png"), name("a", Some("1-6"), "", "png"));
        let without = name("", None, "GL1:A", "png");
        assert!(without.len() == 20 && without != name("", None, "GL1:B", "png"), "{without}");
    }

    #[test]
    fn a_zip_is_the_same_every_time() {
        let files = [("a.png".to_owned(), vec![1; 100]), ("Ә.svg".to_owned(), vec![2; 100])];
        assert_eq!(zip(&files).unwrap(), zip(&files).unwrap());
        assert!(zip(&files).unwrap().len() < 400);
    }
}
