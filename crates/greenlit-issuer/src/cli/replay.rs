//! `greenlit-issuer replay`: puts back what an old copy of the register lacks, from the witness.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::{Authority, Replayed};
use crate::cli::{Outcome, tell_notice};

/// Puts back what a register from an old copy lacks, from the witness: places given, revocations, versions.
///
/// The reasons of revocations are in no witness and stay lost.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = Authority::open_unchecked(&args.folder, &mut tell_notice)?;
    let Replayed { issued, changed } = authority.replay()?;
    writeln!(
        std::io::stdout().lock(),
        "put back {issued} passes and {changed} changes of status; publish to tell the tills"
    )?;
    Ok(ExitCode::SUCCESS)
}
