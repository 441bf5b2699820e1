//! `greenlit-issuer revoke`: takes a pass back for good, or for a while.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use rusqlite::params;

use greenlit_core::pass::{SignedPass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::cli::authority::{Authority, AuthorityError, public_key};
use crate::cli::witness::Entry;
use crate::cli::{Outcome, now};

/// Status values of the Token Status List.
pub(crate) const VALID: u8 = 0;
pub(crate) const INVALID: u8 = 1;
pub(crate) const SUSPENDED: u8 = 2;

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

/// Why a pass was not revoked.
#[derive(Debug, thiserror::Error)]
enum RevokeError {
    #[error("\"{0}\" is neither a pass nor a reference such as 1-12345")]
    NotAReference(String),
    #[error("this is not a pass: {0}")]
    NotAPass(greenlit_core::pass::PassError),
    #[error("this pass was not signed by a key of this authority; nothing was changed")]
    Foreign,
    #[error("this pass carries no status and cannot be revoked; revoke its issuer key instead")]
    NoStatus,
    #[error("no pass {0} was ever issued here; nothing was changed")]
    NeverIssued(String),
    #[error("the pass {pass} is revoked for good already{why}; nothing was changed")]
    Revoked { pass: String, why: String },
    #[error("the pass {0} is not suspended; nothing was changed")]
    NotSuspended(String),
    #[error("the pass {0} was changed by another command just now; look again")]
    Changed(String),
    #[error("the reason is longer than 1,000 bytes")]
    LongReason,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = Authority::open(&args.folder)?;
    let at = find(&authority, &args.pass)?;
    let reference = format!("{}-{}", at.list, at.index);
    if args.reason.as_ref().is_some_and(|reason| reason.len() > 1_000) {
        return Err(RevokeError::LongReason.into());
    }
    let held = authority.register.pass(at)?.ok_or_else(|| RevokeError::NeverIssued(reference.clone()))?;
    let expected = held.status;
    let (status, word) = match (args.suspend, args.lift) {
        _ if held.status == INVALID => {
            let why = held.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            return Err(RevokeError::Revoked { pass: reference, why }.into());
        }
        (_, true) if held.status != SUSPENDED => return Err(RevokeError::NotSuspended(reference).into()),
        (_, true) => (VALID, "no longer suspended"),
        (true, false) => (SUSPENDED, "suspended"),
        (false, false) => (INVALID, "revoked"),
    };
    if !mark(&mut authority, at, (expected, status), args.reason.as_deref(), now())? {
        return Err(RevokeError::Changed(reference).into());
    }
    writeln!(std::io::stdout().lock(), "{word} {reference}; publish to tell the tills")?;
    Ok(ExitCode::SUCCESS)
}

/// The reference of a pass given as such or by its text.
pub(crate) fn find(authority: &Authority, text: &str) -> Result<StatusRef, Box<dyn std::error::Error>> {
    if let Some((list, index)) = text.split_once('-')
        && let (Ok(list), Ok(index)) = (list.parse(), index.parse())
    {
        return Ok(StatusRef { list, index });
    }
    if !text.starts_with(greenlit_core::pass::PREFIX) {
        return Err(RevokeError::NotAReference(text.chars().take(40).collect()).into());
    }
    let signed = SignedPass::parse(text.as_bytes()).map_err(RevokeError::NotAPass)?;
    let keys = authority.register.keys()?;
    let row = keys.iter().find(|row| row.role == "issuer" && row.kid == signed.kid().to_string());
    let key = public_key(row.ok_or(RevokeError::Foreign)?)?;
    let pass = signed.signed_by(&key).ok_or(RevokeError::Foreign)?;
    Ok(pass.status.ok_or(RevokeError::NoStatus)?)
}

/// Changes the status of an issued pass; `false` if it was not the expected one any more.
pub(crate) fn mark(
    authority: &mut Authority,
    at: StatusRef,
    (expected, status): (u8, u8),
    reason: Option<&str>,
    now: UnixTime,
) -> Result<bool, AuthorityError> {
    let sql = "UPDATE pass SET status = ?1, changed = ?2, reason = ?3 WHERE list = ?4 AND idx = ?5 AND status = ?6";
    let (changed, list, index) = (now.seconds().cast_signed(), at.list.cast_signed(), at.index.cast_signed());
    authority.change(|t| {
        let done = t.execute(sql, params![status, changed, reason, list, index, expected])?;
        let mut entries = Vec::new();
        if done == 1 {
            entries.push(Entry::Status { list: at.list, index: at.index, status, at: now.seconds() });
            let sql = "INSERT INTO status_change (list, idx, status, at, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
            t.execute(sql, params![list, index, status, changed, reason])?;
        }
        Ok((done == 1, entries))
    })
}
