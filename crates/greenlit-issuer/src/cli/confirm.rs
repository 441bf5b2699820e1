//! `greenlit-issuer confirm`: a second operator's word.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::revoked::one_line;
use crate::cli::{Outcome, ask, now, open};
use crate::register::RevocationProposal;
use crate::revoke::reference;
use crate::second_word::{self, Done};

/// So many passes of a proposal are shown.
const SHOWN: usize = 10;

/// Confirm what another operator wants to revoke, or list what waits.
///
/// Operators are users of this machine, and with sudo whoever has logged in. Whoever made a proposal cannot confirm it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Number of the proposal; what waits is listed if left out.
    number: Option<u64>,
    /// Confirm without asking, for programs.
    #[arg(long, requires = "number")]
    yes: bool,
    /// End the proposal; nothing is revoked.
    #[arg(long, requires = "number", conflicts_with = "yes")]
    withdraw: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    let mut out = std::io::stdout().lock();
    let Some(number) = args.number else {
        let all = second_word::waiting(&authority, now())?;
        for proposal in &all {
            writeln!(out, "{}", in_a_line(proposal))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    if args.withdraw {
        second_word::withdraw(&mut authority, number, now())?;
        writeln!(out, "proposal {number} is withdrawn; nothing was revoked")?;
        return Ok(ExitCode::SUCCESS);
    }
    let proposal = second_word::find(&authority, number, now())?;
    second_word::check_second(&authority, &proposal)?;
    if !args.yes {
        writeln!(out, "{}", in_a_line(&proposal))?;
        writeln!(out, "  SHA-256 {}", hex::encode(proposal.digest))?;
        let passes = second_word::first_passes(&authority, number, SHOWN)?;
        let passes: Vec<String> = passes.into_iter().map(reference).collect();
        if !passes.is_empty() {
            let more = proposal.passes.saturating_sub(passes.len() as u64);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(out, "  {}{more}", passes.join(" "))?;
        }
        if !ask("Revoke", "--yes")? {
            writeln!(out, "nothing was revoked")?;
            return Ok(ExitCode::from(1));
        }
    }
    let Done { revoked, skipped } = second_word::confirm(&mut authority, &proposal, now())?;
    match proposal.kid {
        Some(kid) => {
            writeln!(out, "revoked {kid}: none of its passes are genuine any more; publish to update the tills")?
        }
        None => {
            let skipped = if skipped > 0 { format!("; {skipped} were revoked meanwhile") } else { String::new() };
            writeln!(out, "revoked {revoked} passes{skipped}; publish to update the tills")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn in_a_line(proposal: &RevocationProposal) -> String {
    let what = match proposal.kid {
        Some(kid) => format!("issuer key {kid} and everything it has signed"),
        None => format!("{} passes", proposal.passes),
    };
    let reason = proposal.reason.as_deref().map_or(String::new(), |reason| format!(" ({})", one_line(reason)));
    let RevocationProposal { id, operator, at, until, .. } = proposal;
    format!("{id}: revoke {what}{reason}; proposed by {operator} at {at}, lapses at {until}")
}
