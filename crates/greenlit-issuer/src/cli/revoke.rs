//! `greenlit-issuer revoke`: takes passes back for good, or one for a while.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::authority::Authority;
use crate::batch::{self, Revocations};
use crate::cli::{Outcome, now, open, tell};
use crate::revoke::{self, Action, reference};

/// So many lines of a list are told one by one.
const TOLD: usize = 10;

/// Revoke a pass permanently, suspend it, or lift a suspension; or revoke every pass of a list.
///
/// More revocations than `second_word_above` of authority.toml, in one command or by one operator within 24 hours, wait
/// until another operator confirms them: see `confirm`. Exit status: 1 if something waits or lines of a list name no pass,
/// 2 on error.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Text of the pass, or its reference as printed by `issue`: 1-12345.
    #[arg(value_name = "PASS|REF", required_unless_present = "file", conflicts_with = "file")]
    pass: Option<String>,
    /// Revoke every pass of this list: references or texts of passes, one a line, or in a column of a CSV file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["suspend", "lift"])]
    file: Option<PathBuf>,
    /// The column that names the passes; ref or pass if left out.
    #[arg(long, value_name = "NAME", requires = "file")]
    column: Option<String>,
    /// Where lines go that name no pass; FILE.rejected.csv if left out.
    #[arg(long, value_name = "FILE", requires = "file")]
    rejected: Option<PathBuf>,
    /// Suspend the pass until --lift.
    #[arg(long, conflicts_with = "lift")]
    suspend: bool,
    /// Lift a suspension.
    #[arg(long)]
    lift: bool,
    /// Reason, kept in the register only. Shown by `greenlit-issuer status`.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print what became of the list as JSON.
    #[arg(long, requires = "file")]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    match (&args.file, &args.pass) {
        (Some(file), _) => revoke_list(&mut authority, args, file),
        (None, pass) => change_one(&mut authority, args, pass.as_deref().unwrap_or_default()),
    }
}

fn change_one(authority: &mut Authority, args: &Args, pass: &str) -> Outcome {
    let pass = revoke::find(authority, pass)?;
    let (action, word) = match (args.suspend, args.lift) {
        (_, true) => (Action::Lift, "no longer suspended"),
        (true, false) => (Action::Suspend, "suspended"),
        (false, false) => (Action::Revoke, "revoked"),
    };
    let outcome = revoke::change(authority, pass, action, args.reason.as_deref(), now())?;
    let mut out = std::io::stdout().lock();
    match outcome.waiting {
        Some((_, proposal)) => writeln!(out, "not revoked yet: {}", asks_for_second(&args.folder, proposal))?,
        None => writeln!(out, "{word} {}; publish to update the tills", reference(pass))?,
    }
    Ok(ExitCode::from(u8::from(outcome.waiting.is_some())))
}

fn revoke_list(authority: &mut Authority, args: &Args, file: &Path) -> Outcome {
    let rejected = args.rejected.clone().unwrap_or_else(|| file.with_extension("rejected.csv"));
    let list = batch::find_revocations(authority, file, args.column.as_deref())?;
    list.check_place(&rejected)?;
    let outcome = revoke::revoke_all(authority, &list.passes, args.reason.as_deref(), now())?;
    let written = list.write_rejected(&rejected)?;
    tell_lines(&list);
    let already = list.already.len() as u64 + outcome.already;
    let (waiting, proposal) = outcome.waiting.unzip();
    let mut out = std::io::stdout().lock();
    if args.json {
        let rejected = written.then(|| rejected.display().to_string());
        let told = json!({
            "lines": list.lines, "revoked": outcome.revoked, "already": already, "twice": list.twice,
            "faulty": list.faulty.len(), "waiting": waiting.unwrap_or(0), "proposal": proposal, "rejected": rejected,
        });
        writeln!(out, "{told}")?;
    } else {
        writeln!(out, "{} lines: {} revoked, {already} were revoked already", list.lines, outcome.revoked)?;
        if list.twice > 0 {
            writeln!(out, "  {} named a pass again", list.twice)?;
        }
        if written {
            writeln!(out, "  {} name no pass: see {}", list.faulty.len(), rejected.display())?;
        }
        match outcome.waiting {
            Some((passes, proposal)) => {
                writeln!(out, "  {passes} not revoked yet: {}", asks_for_second(&args.folder, proposal))?;
            }
            None if outcome.revoked > 0 => writeln!(out, "  publish to update the tills")?,
            None => {}
        }
    }
    Ok(ExitCode::from(u8::from(written || outcome.waiting.is_some())))
}

fn asks_for_second(folder: &Path, proposal: u64) -> String {
    format!("a second operator has to run `greenlit-issuer confirm {} {proposal}`", folder.display())
}

fn tell_lines(list: &Revocations) {
    for faulty in list.faulty.iter().take(TOLD) {
        tell(&format!("line {}: {}", faulty.line, faulty.reason));
    }
    for (line, pass) in list.already.iter().take(TOLD) {
        tell(&format!("line {line}: pass {} is revoked already", reference(*pass)));
    }
    let more = list.faulty.len().saturating_sub(TOLD) + list.already.len().saturating_sub(TOLD);
    if more > 0 {
        tell(&format!("and {more} lines more"));
    }
}
