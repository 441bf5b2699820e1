//! The holder's data, as a command is given them.

use std::io::Read;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::ValueEnum;
use greenlit_core::pass::DocumentKind;
use greenlit_files::{FileError, Symlinks, read_limited};

use crate::cli::tell;
use crate::{HolderFile, HolderFileError, MAX_HOLDER_FILE, parse_day};

/// Told at the end of a command's help.
pub(super) const HOLDER_FORMAT: &str = r#"The holder's data, in TOML (--holder):
  name = "Family Given Patronymic"   as in the document; only the initials go into the pass
  born = "1984-05-09"                or 09.05.1984; the year does not go into the pass
  document = "80 12 345678"          only the last four characters go into the pass
  document_kind = "passport"         or foreign-passport, birth-certificate; optional"#;

#[derive(clap::Args)]
pub(super) struct HolderArgs {
    /// File with the holder's data, or - for standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["name", "born", "document", "document_kind"])]
    holder: Option<PathBuf>,
    /// Instead of a file: the name. Visible to every user of this machine.
    #[arg(long)]
    name: Option<String>,
    /// Instead of a file: the date of birth.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    born: Option<NaiveDate>,
    /// Instead of a file: the document's number.
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,
    /// Instead of a file: the kind of document.
    #[arg(long, value_enum, default_value = "passport")]
    document_kind: DocumentKindArg,
}

#[derive(Clone, Copy, ValueEnum)]
enum DocumentKindArg {
    Passport,
    ForeignPassport,
    BirthCertificate,
}

impl From<DocumentKindArg> for DocumentKind {
    fn from(word: DocumentKindArg) -> Self {
        match word {
            DocumentKindArg::Passport => Self::Passport,
            DocumentKindArg::ForeignPassport => Self::ForeignPassport,
            DocumentKindArg::BirthCertificate => Self::BirthCertificate,
        }
    }
}

/// Why nothing is known of the holder.
#[derive(Debug, thiserror::Error)]
pub(super) enum HolderArgsError {
    #[error(
        "give the holder's name, date of birth and document with --holder FILE, or on standard input with --holder -; see --help for the format"
    )]
    None,
    #[error("{place}: {error}")]
    Wrong { place: String, error: HolderFileError },
    #[error("standard input: {0}")]
    Input(std::io::Error),
    #[error(transparent)]
    File(#[from] FileError),
}

impl HolderArgs {
    /// Reads them, from wherever they are given.
    pub(super) fn read(&self) -> Result<HolderFile, HolderArgsError> {
        let Some(path) = &self.holder else {
            let (Some(name), Some(born), Some(document)) = (&self.name, self.born, &self.document) else {
                return Err(HolderArgsError::None);
            };
            tell(
                "greenlit-issuer: a name, date of birth and document given as arguments are visible to every user of this machine; use --holder",
            );
            let (name, document) = (name.clone(), document.clone());
            return Ok(HolderFile { name, born, document, kind: self.document_kind.into() });
        };
        let (place, bytes) = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            let cap = MAX_HOLDER_FILE as u64 + 1;
            std::io::stdin().lock().take(cap).read_to_end(&mut bytes).map_err(HolderArgsError::Input)?;
            ("standard input".to_owned(), bytes)
        } else {
            (path.display().to_string(), read_limited(path, MAX_HOLDER_FILE, Symlinks::Follow)?)
        };
        HolderFile::parse(&bytes).map_err(|error| HolderArgsError::Wrong { place, error })
    }
}
