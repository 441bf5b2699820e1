//! `greenlit-issuer revoked`: what is revoked or suspended, since when, and why.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, open};
use crate::operator::Operator;
use crate::register::Status;
use crate::revoke::{find, reference};

/// List revoked and suspended passes. For one pass see `status`.
///
/// One per line, tab-separated: reference, status, since when (UTC), reason, who did it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Text of a pass, or its reference: show every change of its status, oldest first. As `status` does.
    #[arg(value_name = "PASS|REF", hide = true)]
    pass: Option<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let authority = open(&args.folder)?;
    let of = args.pass.as_deref().map(|text| find(&authority, text)).transpose()?;
    if let Some(at) = of
        && authority.register().pass(at)?.is_none()
    {
        return Err(format!("no pass {} was issued here", reference(at)).into());
    }
    let mut out = std::io::stdout().lock();
    for change in authority.register().status_changes(of)? {
        let status = status_word(change.status);
        let reason = one_line(&change.reason.unwrap_or_default());
        let (reference, by) = (reference(change.pass), change.operator.as_ref().map_or("", Operator::as_str));
        writeln!(out, "{reference}\t{status}\t{}\t{reason}\t{by}", change.at)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What became of a pass by a change.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid again",
        Status::Revoked => "revoked",
        Status::Suspended => "suspended",
        Status::Other(_) => "unknown status",
    }
}

/// A reason is free text: it must not pass for another line or column.
pub(super) fn one_line(reason: &str) -> String {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    reason.chars().filter(|c| greenlit_core::text::is_printable(*c)).collect()
}
