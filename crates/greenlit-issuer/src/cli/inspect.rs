//! `greenlit-issuer inspect`: what a pass, root, bundle or status list says, and whether it holds.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, now};
use crate::inspect::{Judgement, inspect};

/// Tells what a pass, a root, a proposal of one, trust data or a status list says, and whether its signatures hold.
///
/// A pass is judged as a till with that data would judge it now.
///
/// Exit status: 0 if it holds, 1 if not or if there is nothing to check it against, 2 if something went wrong.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A file (root-1.cbor, a proposal, trust.cbor, status-1.cwt, a picture of a pass), or the text of a pass.
    #[arg(value_name = "FILE|TEXT")]
    what: String,
    /// The published folder to check it against, instead of the one the file is in.
    #[arg(long, value_name = "DIR")]
    with: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let found = inspect(&args.what, args.with.as_deref(), now());
    let mut out = io::stdout().lock();
    found.says.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    let (word, why, exit) = match found.judgement? {
        Judgement::Holds(why) => ("holds", why, 0),
        Judgement::DoesNotHold(why) => ("does not hold", why, 1),
        Judgement::NotChecked(why) => ("not checked", why, 1),
    };
    writeln!(out, "{word}: {why}")?;
    Ok(ExitCode::from(exit))
}
