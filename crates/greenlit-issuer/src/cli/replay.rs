//! `greenlit-issuer replay`: puts back what an old copy of the register lacks, from the witness.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::{Authority, Replayed};
use crate::cli::{Outcome, tell_notice};

/// Restore from the witness what an old copy of the register lacks: passes, revocations and versions.
///
/// Reasons for revocations are not in the witness and cannot be restored.
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
        "restored {issued} passes and {changed} status changes; publish to update the tills"
    )?;
    Ok(ExitCode::SUCCESS)
}
