//! `greenlit-issuer revoke`: takes a pass back for good, or for a while.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, now, open};
use crate::revoke::{self, Action};

/// Revoke a pass permanently, suspend it, or lift a suspension.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Text of the pass, or its reference as printed by `issue`: 1-12345.
    #[arg(value_name = "PASS|REF")]
    pass: String,
    /// Suspend the pass until --lift.
    #[arg(long, conflicts_with = "lift")]
    suspend: bool,
    /// Lift a suspension.
    #[arg(long)]
    lift: bool,
    /// Reason, kept in the register only. Shown by `greenlit-issuer revoked`.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    let pass = revoke::find(&authority, &args.pass)?;
    let (action, word) = match (args.suspend, args.lift) {
        (_, true) => (Action::Lift, "no longer suspended"),
        (true, false) => (Action::Suspend, "suspended"),
        (false, false) => (Action::Revoke, "revoked"),
    };
    revoke::change(&mut authority, pass, action, args.reason.as_deref(), now())?;
    writeln!(std::io::stdout().lock(), "{word} {}; publish to update the tills", revoke::reference(pass))?;
    Ok(ExitCode::SUCCESS)
}
