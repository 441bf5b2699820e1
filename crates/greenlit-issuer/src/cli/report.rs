//! `greenlit-issuer report`: what the authority has done, by month.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_files::{IfExists, write_atomic};
use greenlit_words::Language;

use crate::cli::language::LanguageArg;
use crate::cli::{Outcome, now, open};
use crate::report::{self, Asked, Month};

/// Report by month: passes issued, revoked, replaced, expiring and in force at its end, and how many were refused and why.
///
/// Months are those of the authority's time zone. Refusals from 1 to 4 are shown as <5, so that nobody is singled out.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// First month, for example 2026-01; that of the first pass if left out.
    #[arg(long, value_name = "MONTH")]
    from: Option<Month>,
    /// Last month; this one if left out.
    #[arg(long, value_name = "MONTH")]
    to: Option<Month>,
    /// Print CSV for spreadsheets.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Also draw passes in force over time.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Language of the picture.
    #[arg(long, value_enum, default_value = "ru", requires = "svg")]
    language: LanguageArg,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let authority = open(&args.folder)?;
    let report = report::report(&authority, Asked { from: args.from, to: args.to }, now())?;
    if let Some(path) = &args.svg {
        let language = Language::from(args.language);
        let picture = report::picture(&report, authority.name().get(language.tag()), language);
        write_atomic(path, picture.as_bytes(), 0o644, IfExists::Keep)?;
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", report::as_json(&report))?;
    } else if args.csv {
        out.write_all(&report::as_csv(&report))?;
    } else {
        out.write_all(report::as_table(&report).as_bytes())?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
