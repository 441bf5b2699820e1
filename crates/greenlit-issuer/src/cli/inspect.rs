//! `greenlit-issuer inspect`: what a pass, root, bundle or status list says, and whether it holds.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, now};
use crate::inspect::{Judgement, inspect};

/// Show the contents of a pass, root, proposed root, trust data, key list or status list, and verify its signatures.
///
/// A pass is checked as a till with that data would check it now.
///
/// Exit status: 0 if valid, 1 if not or if there is nothing to check it against, 2 on error.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// File (root-1.cbor, a proposal, trust.cbor, trust-2.cbor, keys-1.cbor, status-1.cwt, a picture of a pass or of a
    /// root's code), or the text of either code.
    #[arg(value_name = "FILE|TEXT")]
    what: String,
    /// Published folder to check against [default: the file's folder].
    #[arg(long, value_name = "DIR")]
    with: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let found = inspect(&args.what, args.with.as_deref(), now());
    let mut out = io::stdout().lock();
    found.says.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    let (word, why, exit) = match found.judgement? {
        Judgement::Holds(why) => ("valid", why, 0),
        Judgement::DoesNotHold(why) => ("not valid", why, 1),
        Judgement::NotChecked(why) => ("not checked", why, 1),
    };
    writeln!(out, "{word}: {why}")?;
    Ok(ExitCode::from(exit))
}
