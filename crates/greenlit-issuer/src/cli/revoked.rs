//! `greenlit-issuer revoked`: what is revoked or suspended, since when, and why.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, open};
use crate::operator::Operator;
use crate::register::Status;
use crate::revoke::{find, reference};

/// List revoked and suspended passes, or the history of one pass.
///
/// One per line, tab-separated: reference, status, since when (UTC), reason, who did it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Text of a pass, or its reference: show every change of its status, oldest first.
    #[arg(value_name = "PASS|REF")]
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
        let status = match change.status {
            Status::Valid => "valid again",
            Status::Revoked => "revoked",
            Status::Suspended => "suspended",
            Status::Other(_) => "unknown status",
        };
        // A reason is free text: it must not pass for another line or column.
        let reason: String = change.reason.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let reason: String = reason.chars().filter(|c| greenlit_core::text::is_printable(*c)).collect();
        let (reference, by) = (reference(change.pass), change.operator.as_ref().map_or("", Operator::as_str));
        writeln!(out, "{reference}\t{status}\t{}\t{reason}\t{by}", change.at)?;
    }
    Ok(ExitCode::SUCCESS)
}
