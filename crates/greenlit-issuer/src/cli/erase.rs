//! `greenlit-issuer erase`: whose passes were that have long been over.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, now, open};
use crate::erase;

/// Erase what is known of persons whose passes have long been over: their reference, what asked for the pass, reasons.
///
/// List, index, key, class, status and times stay, so that no place is given twice, and so does who acted.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// So many days after a pass's last one, instead of `erase_after_days` of authority.toml, or 365.
    #[arg(long, value_name = "N")]
    after_days: Option<u32>,
    /// Count only, and erase nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    let now = now();
    let before = erase::before(&authority, args.after_days, now);
    let mut out = std::io::stdout().lock();
    if args.dry_run {
        let passes = erase::count(&authority, before)?;
        writeln!(out, "{passes} passes that were over by {before} would be erased of; nothing was changed")?;
        return Ok(ExitCode::SUCCESS);
    }
    let passes = erase::erase(&mut authority, before, now)?;
    writeln!(out, "erased whose {passes} passes were that were over by {before}")?;
    writeln!(out, "  backups and the witness still know: see docs/authority.md")?;
    Ok(ExitCode::SUCCESS)
}
