//! `greenlit-issuer revoke`: takes a pass back for good, or for a while.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, now, open};
use crate::revoke::{self, Action};

/// Revokes a pass for good; or suspends one, or lifts a suspension.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// The text of the pass, or its reference as `issue` told it: 1-12345.
    #[arg(value_name = "PASS|REF")]
    pass: String,
    /// Only for a while: --lift ends it.
    #[arg(long, conflicts_with = "lift")]
    suspend: bool,
    /// Ends a suspension.
    #[arg(long)]
    lift: bool,
    /// Why; kept in the register and told to nobody. `greenlit-issuer revoked` shows it.
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
    writeln!(std::io::stdout().lock(), "{word} {}; publish to tell the tills", revoke::reference(pass))?;
    Ok(ExitCode::SUCCESS)
}
