//! `greenlit-issuer demo`: a practice authority with a pass of every kind.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, now};
use crate::demo;

/// Create a throw-away authority, publish its data and draw a pass of every kind.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder to fill: new, empty, or from an earlier demonstration.
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let scenes = demo::make(&args.out, now())?;
    writeln!(std::io::stdout().lock(), "made {scenes} scenes in {}", args.out.display())?;
    Ok(ExitCode::SUCCESS)
}
