//! `greenlit-issuer issue`: one pass for one person.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::ValueEnum;
use greenlit_core::pass::DocumentKind;
use greenlit_files::{FileError, Symlinks, read_limited};

use crate::cli::{Outcome, now, open, tell};
use crate::issue::{self, Application, IssueError, NewKeys};
use crate::print::{LetterFile, PrintError};
use crate::qr_file::{QrFile, QrFileError};
use crate::{HolderFile, HolderFileError, Igg, MAX_HOLDER_FILE, parse_day};

const HOLDER_FORMAT: &str = r#"The holder's data, in TOML (--holder):
  name = "Family Given Patronymic"   as in the document; only the initials go into the pass
  born = "1984-05-09"                or 09.05.1984; the year does not go into the pass
  document = "80 12 345678"          only the last four characters go into the pass
  document_kind = "passport"         or foreign-passport, birth-certificate; optional"#;

/// Issue a pass and print its text, and nothing else, to standard output.
///
/// Exit status: 1 if this person is not entitled to a pass (the reason is printed), 2 on error.
#[derive(clap::Args)]
#[command(after_long_help = HOLDER_FORMAT)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// What entitles the holder to the pass: a ground of rules.toml, such as vaccination or antibodies.
    #[arg(long, value_name = "GROUND")]
    basis: String,
    /// IgG result, for example 12.5, 12,5 or ">100"; required for antibodies.
    #[arg(long, value_name = "N")]
    igg: Option<Igg>,
    /// Date of the last dose, of the test, or of whatever entitles, for example 2026-11-22 or 22.11.2026.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    on: NaiveDate,
    /// The entitlement's last day; required for grounds with given_months.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    through: Option<NaiveDate>,
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
    /// Also draw the QR code, as PNG or SVG depending on the file name.
    #[arg(long, value_name = "FILE.png|.svg")]
    qr: Option<PathBuf>,
    /// Also print the pass as a letter: an A4 page in three languages.
    #[arg(long, value_name = "FILE.pdf")]
    letter: Option<PathBuf>,
    /// Issue even if not every till knows the key yet; for emergencies.
    #[arg(long)]
    before_tills_know: bool,
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

/// Why no pass was issued, or none could be handed out.
#[derive(Debug, thiserror::Error)]
enum ArgsError {
    #[error(
        "give the holder's name, date of birth and document with --holder FILE, or on standard input with --holder -; see `greenlit-issuer issue --help` for the format"
    )]
    NoHolder,
    #[error("{place}: {error}")]
    HolderFile { place: String, error: HolderFileError },
    #[error("standard input: {0}")]
    Input(std::io::Error),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}: the picture already exists and may be another guest's; nothing was issued", .0.display())]
    PictureExists(PathBuf),
    #[error(transparent)]
    QrFile(QrFileError),
    #[error(
        "the pass was recorded as {reference}, but its picture could not be written: {error}; revoke it or issue another"
    )]
    Picture { reference: String, error: QrFileError },
    #[error("{0}; nothing was issued")]
    LetterFile(PrintError),
    #[error(
        "the pass was recorded as {reference}, but its letter could not be written: {error}; revoke it or issue another"
    )]
    Letter { reference: String, error: PrintError },
}

pub(crate) fn run(args: &Args) -> Outcome {
    match issue(args) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => match error.downcast_ref::<IssueError>() {
            Some(refusal) if refusal.is_refusal() => {
                tell(&format!("greenlit-issuer: {refusal}"));
                Ok(ExitCode::from(1))
            }
            _ => Err(error),
        },
    }
}

fn issue(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let picture = args.qr.as_deref().map(QrFile::new).transpose().map_err(|error| match error {
        // Perhaps another guest's, who has not been given it yet.
        QrFileError::Exists(path) => ArgsError::PictureExists(path),
        other => ArgsError::QrFile(other),
    })?;
    let letter = args.letter.as_deref().map(LetterFile::new).transpose().map_err(ArgsError::LetterFile)?;
    let (ground, person) = (args.basis.clone(), person(args)?);
    let application = Application { ground, on: args.on, igg: args.igg, through: args.through, person };
    let mut authority = open(&args.folder)?;
    let new_keys = if args.before_tills_know { NewKeys::Sign } else { NewKeys::Wait };
    let issued = issue::issue(&mut authority, &application, new_keys, now())?;
    if let Some(picture) = picture {
        picture
            .write(&issued.text, 0o600)
            .map_err(|error| ArgsError::Picture { reference: issued.reference(), error })?;
    }
    if let Some(letter) = letter {
        letter
            .write(&authority, &issued.text)
            .map_err(|error| ArgsError::Letter { reference: issued.reference(), error })?;
    }
    // The reference first: should standard output fail, the pass can still be revoked by it.
    tell(&format!("pass {}, valid through {}", issued.reference(), issued.last_day));
    let mut out = std::io::stdout().lock();
    Ok(writeln!(out, "{}", issued.text).and_then(|()| out.flush())?)
}

/// The holder's data, from wherever they were given.
fn person(args: &Args) -> Result<HolderFile, ArgsError> {
    let Some(path) = &args.holder else {
        let (Some(name), Some(born), Some(document)) = (&args.name, args.born, &args.document) else {
            return Err(ArgsError::NoHolder);
        };
        tell(
            "greenlit-issuer: a name, date of birth and document given as arguments are visible to every user of this machine; use --holder",
        );
        let (name, document) = (name.clone(), document.clone());
        return Ok(HolderFile { name, born, document, kind: args.document_kind.into() });
    };
    let (place, bytes) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let cap = MAX_HOLDER_FILE as u64 + 1;
        std::io::stdin().lock().take(cap).read_to_end(&mut bytes).map_err(ArgsError::Input)?;
        ("standard input".to_owned(), bytes)
    } else {
        (path.display().to_string(), read_limited(path, MAX_HOLDER_FILE, Symlinks::Follow)?)
    };
    HolderFile::parse(&bytes).map_err(|error| ArgsError::HolderFile { place, error })
}
