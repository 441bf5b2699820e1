//! `greenlit-issuer issue`: one pass for one person.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use crate::authority::Authority;
use crate::cli::holder::{HOLDER_FORMAT, HolderArgs};
use crate::cli::{Outcome, now, open, tell};
use crate::issue::{self, Application, IssueError, Issued, NewKeys};
use crate::print::{LetterFile, PrintError};
use crate::qr_file::{QrFile, QrFileError};
use crate::{Igg, parse_day};

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
    #[command(flatten)]
    holder: HolderArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// How a pass is handed out.
#[derive(clap::Args)]
pub(super) struct OutArgs {
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

/// Why no pass could be handed out.
#[derive(Debug, thiserror::Error)]
enum OutError {
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

impl OutArgs {
    /// Has a pass issued, and hands it out. The places of picture and letter are looked at first.
    pub(super) fn hand_out(
        &self,
        issue: impl FnOnce(NewKeys) -> Result<(Authority, Issued), Box<dyn std::error::Error>>,
    ) -> Outcome {
        let picture = self.qr.as_deref().map(QrFile::new).transpose().map_err(|error| match error {
            // Perhaps another guest's, who has not been given it yet.
            QrFileError::Exists(path) => OutError::PictureExists(path),
            other => OutError::QrFile(other),
        })?;
        let letter = self.letter.as_deref().map(LetterFile::new).transpose().map_err(OutError::LetterFile)?;
        let new_keys = if self.before_tills_know { NewKeys::Sign } else { NewKeys::Wait };
        let (authority, issued) = match issue(new_keys) {
            Ok(done) => done,
            Err(error) => match error.downcast_ref::<IssueError>() {
                Some(refusal) if refusal.is_refusal() => {
                    tell(&format!("greenlit-issuer: {refusal}"));
                    return Ok(ExitCode::from(1));
                }
                _ => return Err(error),
            },
        };
        if let Some(picture) = picture {
            picture
                .write(&issued.text, 0o600)
                .map_err(|error| OutError::Picture { reference: issued.reference(), error })?;
        }
        if let Some(letter) = letter {
            letter
                .write(&authority, &issued.text)
                .map_err(|error| OutError::Letter { reference: issued.reference(), error })?;
        }
        // The reference first: should standard output fail, the pass can still be revoked by it.
        tell(&format!("pass {}, valid through {}", issued.reference(), issued.last_day));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", issued.text).and_then(|()| out.flush())?;
        Ok(ExitCode::SUCCESS)
    }
}

pub(crate) fn run(args: &Args) -> Outcome {
    args.out.hand_out(|new_keys| {
        let (ground, person) = (args.basis.clone(), args.holder.read()?);
        let application = Application { ground, on: args.on, igg: args.igg, through: args.through, person };
        let mut authority = open(&args.folder)?;
        let issued = issue::issue(&mut authority, &application, new_keys, now())?;
        Ok((authority, issued))
    })
}
