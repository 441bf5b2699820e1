//! `greenlit-issuer move-register`: the register from one database to another.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::RegisterSetting;
use crate::cli::{DatabaseFiles, Outcome, tell_notice};
use crate::move_register::move_register;

/// Move the register to another database, compare what arrived, and use it there from then on.
///
/// The old register stays, marked as moved. Cut short, the same command goes on.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Where to: postgresql://USER@HOST/DATABASE, or sqlite for a file in the folder.
    to: String,
    #[command(flatten)]
    files: DatabaseFiles,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let to: Option<RegisterSetting> = (args.to != "sqlite").then(|| args.files.with(&args.to));
    let moved = move_register(&args.folder, to, &mut tell_notice)?;
    let mut out = std::io::stdout().lock();
    for copied in &moved.copied {
        writeln!(out, "{:>12} {}", copied.rows, copied.table)?;
    }
    let finished = if moved.copied.is_empty() { "finished a move that was cut short" } else { "moved and compared" };
    writeln!(out, "{finished}; the register is now in {}", moved.to)?;
    if let Some(old) = moved.old {
        writeln!(out, "  the old one is {}", old.display())?;
    }
    if !moved.without.is_empty() {
        let desks = moved.without.join(", ");
        writeln!(
            out,
            "  it goes on with this desk's witness alone; those of other desks ended with the move: {desks}"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
