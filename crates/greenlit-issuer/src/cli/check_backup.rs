//! `greenlit-issuer check-backup`: whether an authority could go on from a backup.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::check_backup::check_backup;
use crate::cli::{Outcome, now};

/// Try whether the authority could go on from a backup of its folder, without changing either.
///
/// The backup is copied to a hidden folder beside the authority's, completed there from the witness, and published from
/// into that folder; then the copy is removed.
///
/// Exit status: 0 if it could go on, 1 if not, 2 on error.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// A copy of it.
    backup: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let drill = check_backup(&args.folder, &args.backup, now())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        let point =
            |point: &crate::check_backup::Point| json!({"name": point.name, "ok": point.ok, "says": point.says});
        let points: Vec<Value> = drill.points.iter().map(point).collect();
        writeln!(out, "{}", json!({"holds": drill.holds(), "points": points}))?;
    } else {
        for point in &drill.points {
            let word = match point.ok {
                Some(true) => "ok",
                Some(false) => "failed",
                None => "skipped",
            };
            writeln!(out, "{word:<8}{:<12} {}", point.name, point.says)?;
        }
        let told = if drill.holds() { "could go on from this backup" } else { "could NOT go on from this backup" };
        writeln!(out, "the authority {told}")?;
    }
    Ok(ExitCode::from(u8::from(!drill.holds())))
}
