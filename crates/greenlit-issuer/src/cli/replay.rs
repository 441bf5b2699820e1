//! `greenlit-issuer replay`: puts back what an old copy of the register lacks, from the witness.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use rusqlite::{Transaction, params};

use crate::cli::Outcome;
use crate::cli::authority::{Authority, AuthorityError};
use crate::cli::register::{ListRow, Register, insert_list, set_witness_end};
use crate::cli::witness::{End, Entry};

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
    let count = |wanted: fn(&Entry) -> bool| lacking.iter().filter(|(_, entry)| wanted(entry)).count();
    let issued = count(|entry| matches!(entry, Entry::Issue { .. }));
    let changed = count(|entry| matches!(entry, Entry::Status { .. } | Entry::KeyRevoked { .. }));
    writeln!(
        std::io::stdout().lock(),
        "put back {issued} passes and {changed} changes of status; publish to tell the tills"
    )?;
    Ok(ExitCode::SUCCESS)
}

fn put_back(transaction: &Transaction<'_>, entry: &Entry, list_uri: &str) -> rusqlite::Result<()> {
    match entry {
        Entry::Begin => Ok(()),
        Entry::List { id, bits, size } => {
            let uri = format!("{list_uri}:status:{id}");
            insert_list(
                transaction,
                &ListRow { id: *id, uri, bits: *bits, size: *size, next_row: 0, permutation: [0; 32] },
            )
        }
        Entry::Issue { list, index, kid, nbf, exp } => {
            let sql = "INSERT INTO pass (list, idx, kid, nbf, exp) VALUES (?1, ?2, ?3, ?4, ?5)";
            let (nbf, exp) = (nbf.cast_signed(), exp.cast_signed());
            transaction.execute(sql, params![list.cast_signed(), index.cast_signed(), kid, nbf, exp])?;
            let sql = "UPDATE list SET next_row = next_row + 1 WHERE id = ?1";
            transaction.execute(sql, params![list.cast_signed()]).map(drop)
        }
        Entry::Status { list, index, status, at } => {
            let place = (list.cast_signed(), index.cast_signed(), at.cast_signed());
            let sql = "UPDATE pass SET status = ?3, changed = ?4, reason = NULL WHERE list = ?1 AND idx = ?2";
            transaction.execute(sql, params![place.0, place.1, status, place.2])?;
            let sql = "INSERT INTO status_change (list, idx, status, at) VALUES (?1, ?2, ?3, ?4)";
            transaction.execute(sql, params![place.0, place.1, status, place.2]).map(drop)
        }
        Entry::KeyRevoked { kid, at } => {
            let sql = "UPDATE key SET revoked_at = ?2 WHERE kid = ?1";
            transaction.execute(sql, params![kid, at.cast_signed()]).map(drop)
        }
        Entry::Publish { version, issued, root } => {
            let (version, issued) = (version.cast_signed(), issued.cast_signed());
            let sql = "INSERT INTO publication (version, issued, root) VALUES (?1, ?2, ?3)";
            transaction.execute(sql, params![version, issued, root.cast_signed()])?;
            let sql = "UPDATE key SET published_at = ?1 WHERE role = 'issuer' AND published_at IS NULL";
            transaction.execute(sql, params![issued]).map(drop)
        }
    }
}
