//! A holder's data as a file or standard input gives them: on a command line every user of the machine reads them.
//!
//! ```toml
//! name = "Закирова Ильсияр Булатовна"
//! born = "1984-05-09"
//! document = "80 12 345678"
//! document_kind = "passport"
//! ```

use chrono::NaiveDate;
use serde::Deserialize;

use greenlit_core::pass::DocumentKind;

use crate::{DayError, parse_day};

/// Largest file of one holder, in bytes.
pub const MAX_HOLDER_FILE: usize = 16 << 10;

/// A holder's data as given, not checked yet.
#[derive(Clone, PartialEq, Eq)]
pub struct HolderFile {
    /// As in the document.
    pub name: String,
    /// Date of birth.
    pub born: NaiveDate,
    /// The document's number.
    pub document: String,
    /// Which document; the passport where nothing is said.
    pub kind: DocumentKind,
}

/// Why a file gives no holder's data. Says nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum HolderFileError {
    #[error("larger than the limit of {MAX_HOLDER_FILE} bytes")]
    TooLarge,
    #[error("not UTF-8 text")]
    NotText,
    #[error("line {line}: {why}; expected name, born and document, as in: born = \"1984-05-09\"")]
    Toml { line: usize, why: String },
    #[error("born {0}")]
    Day(#[from] DayError),
    #[error("born is not a date such as \"1984-05-09\"")]
    NotADay,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    born: toml::Value,
    document: String,
    #[serde(default)]
    document_kind: Kind,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Passport,
    ForeignPassport,
    BirthCertificate,
}

impl HolderFile {
    /// Reads TOML.
    pub fn parse(bytes: &[u8]) -> Result<Self, HolderFileError> {
        if bytes.len() > MAX_HOLDER_FILE {
            return Err(HolderFileError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| HolderFileError::NotText)?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let file: File = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let why = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            HolderFileError::Toml { line: 1 + before.matches('\n').count(), why }
        })?;
        let born = match &file.born {
            toml::Value::String(text) => parse_day(text)?,
            toml::Value::Datetime(day) => parse_day(&day.to_string())?,
            _ => return Err(HolderFileError::NotADay),
        };
        let kind = match file.document_kind {
            Kind::Passport => DocumentKind::Passport,
            Kind::ForeignPassport => DocumentKind::ForeignPassport,
            Kind::BirthCertificate => DocumentKind::BirthCertificate,
        };
        Ok(Self { name: file.name, born, document: file.document, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"Закирова Ильсияр\"\nborn = \"1984-05-09\"\ndocument = \"80 12 345678\"\n";

    #[test]
    fn a_file_is_read_as_people_and_programs_write_it() {
        let wanted = HolderFile::parse(GOOD.as_bytes()).ok().unwrap();
        assert_eq!((wanted.name.as_str(), wanted.document.as_str()), ("Закирова Ильсияр", "80 12 345678"));
        assert!(wanted.born == "1984-05-09".parse().unwrap() && wanted.kind == DocumentKind::Passport);
        for same in [
            format!("\u{FEFF}{GOOD}"),
            GOOD.replace('\n', "\r\n"),
            GOOD.replace("\"1984-05-09\"", "1984-05-09"),
            GOOD.replace("1984-05-09", "09.05.1984"),
            format!("# of desk 3\n{GOOD}document_kind = \"passport\""),
        ] {
            assert!(HolderFile::parse(same.as_bytes()).is_ok_and(|read| read == wanted), "{same}");
        }
        let other = HolderFile::parse(format!("{GOOD}document_kind = \"birth-certificate\"").as_bytes());
        assert!(other.is_ok_and(|read| read.kind == DocumentKind::BirthCertificate));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_holder_s_data() {
        let error = |bytes: &[u8]| HolderFile::parse(bytes).err().unwrap();
        assert_eq!(error(&[b'#'; MAX_HOLDER_FILE + 1]), HolderFileError::TooLarge);
        assert_eq!(error(b"\xff\xfe"), HolderFileError::NotText);
        assert!(matches!(error(GOOD.replace("born", "birthday").as_bytes()), HolderFileError::Toml { line: 2, .. }));
        for (bad, words) in [
            ("", "missing field `name`"),
            (&GOOD.replace("document", "# document"), "missing field `document`"),
            (&GOOD.replace("\"1984-05-09\"", "1984-05-09T10:00:00"), "is not a date"),
            (&GOOD.replace("\"1984-05-09\"", "19840509"), "born is not a date"),
            (&GOOD.replace("1984-05-09", "09.05.84"), "born \"09.05.84\" is not a date"),
            (&format!("{GOOD}document_kind = \"licence\""), "line 4: unknown variant"),
            (&GOOD.replace("\"\n", "\n"), "line 1: "),
        ] {
            let said = error(bad.as_bytes()).to_string();
            assert!(said.contains(words) && !said.contains("Ильсияр") && !said.contains("345678"), "{said}");
        }
    }
}
