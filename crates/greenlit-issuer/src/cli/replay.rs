//! `greenlit-issuer replay`: puts back what an old copy of the register lacks, from the witness.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::Outcome;
use crate::cli::authority::{Authority, AuthorityError};
use crate::cli::register::{Register, put_back, set_witness_end};
use crate::cli::witness::{End, Entry, tally};

/// Puts back what a register from an old copy lacks, from the witness: places given, revocations, versions.
///
/// The reasons of revocations are in no witness and stay lost.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
}

/// Why nothing was put back.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error("there is no witness of this authority: nothing can be put back")]
    NoWitness,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = Authority::open_unchecked(&args.folder)?;
    let witness = authority.witness().cloned().ok_or(ReplayError::NoWitness)?;
    let known = authority.register.witness_end()?.unwrap_or_else(End::nowhere);
    let other = || AuthorityError::OtherWitness(witness.path().into());
    let lacking = match witness.end()? {
        None => return Err(ReplayError::NoWitness.into()),
        Some(there) if there == known => Vec::new(),
        Some(_) => witness.after(&known).map_err(AuthorityError::from)?.ok_or_else(other)?,
    };
    let (path, list_uri) = (authority.register.path().to_path_buf(), authority.list_uri.clone());
    authority.register.attempt(|transaction| {
        for (end, entry) in &lacking {
            let done = put_back(transaction, entry, &list_uri).and_then(|()| set_witness_end(transaction, end));
            done.map_err(|error| AuthorityError::from(Register::failure(&path, error)))?;
        }
        Ok::<_, AuthorityError>(())
    })?;
    if let Some(version) = lacking.iter().rev().find_map(|(_, entry)| match entry {
        Entry::Publish { version, .. } => Some(*version),
        _ => None,
    }) {
        authority.mark_published(version)?;
    }
    let (issued, changed) = tally(&lacking);
    writeln!(
        std::io::stdout().lock(),
        "put back {issued} passes and {changed} changes of status; publish to tell the tills"
    )?;
    Ok(ExitCode::SUCCESS)
}
