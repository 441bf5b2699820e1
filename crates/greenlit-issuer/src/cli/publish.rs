//! `greenlit-issuer publish`: what tills need, as plain files.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_core::time::UnixTime;

use crate::cli::{Outcome, agreed, external_keys, now, open, tell};
use crate::policy::ROOT_REMINDER;
use crate::publish::{self, Changes, KeyChange, KeyListChange, RuleChange, SchemeChanges, StatusCounts};
use crate::schemes::KeyCounts;
use crate::{OffsetChange, Packing};

/// Publish roots, trust data and status lists as plain files for tills to fetch.
///
/// Shows what changes for tills, and at a terminal asks. Everything is first checked by the till's own rules, so that every
/// till will accept it. Exit status: 1 if the answer was no, 2 on error.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Folder to publish to; created if missing.
    out: PathBuf,
    /// Bundle key kept outside keys/, for example on a USB stick.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
    /// Publish even if, by this machine's clock, the last publication was more than a fortnight ago.
    #[arg(long)]
    clock_is_right: bool,
    /// Publish even if valid passes stop being genuine because authority.toml no longer lists their class.
    #[arg(long)]
    classes_are_right: bool,
    /// Pack status lists in a moment, a sixth larger: every till fetches more.
    #[arg(long)]
    quick: bool,
    /// Publish without asking at the terminal.
    #[arg(long)]
    yes: bool,
    /// Show what would change for tills, and publish nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    for word in authority.rules()?.unknown_words() {
        tell(&format!("greenlit-issuer: unknown type of place or benefit \"{word}\" in rules.toml; published anyway"));
    }
    let now = now();
    if !args.clock_is_right {
        publish::check_clock_leap(&authority, now)?;
    }
    for dropped in publish::check_classes(&authority, &args.out, args.classes_are_right, now)? {
        tell(&format!("greenlit-issuer: {dropped}"));
    }
    let changes = publish::changes(&authority, &args.out, now)?;
    if let Some(schemes) = &changes.schemes {
        tell_of_schemes(schemes, now);
    }
    print_changes(&changes)?;
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !agreed("Publish", args.yes)? {
        tell("nothing was published");
        return Ok(ExitCode::from(1));
    }
    let packing = if args.quick { Packing::Quick } else { Packing::Smallest };
    let given = external_keys(&args.key, &authority.passphrases)?;
    let published = publish::publish(&mut authority, &args.out, &given, packing, now)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "published version {} in {}", published.version, args.out.display())?;
    writeln!(
        out,
        "  tills should fetch the next one by {}; without it they stop checking passes at {}",
        published.due_at, published.expires_at
    )?;
    if now.plus(ROOT_REMINDER) >= published.root_expires {
        let at = published.root_expires;
        tell(&format!(
            "greenlit-issuer: the root expires at {at}; create the next one with `greenlit-issuer root new`"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn print_changes(changes: &Changes) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match (changes.since, changes.compared) {
        (Some((version, issued)), true) => writeln!(out, "changes since version {version} of {issued}:")?,
        (Some((version, issued)), false) => {
            writeln!(out, "changes since version {version} of {issued}, which is not in this folder:")?;
        }
        (None, _) => writeln!(out, "the first publication:")?,
    }
    let mut none = true;
    for (kid, change) in &changes.keys {
        let what = match change {
            KeyChange::Added => "new",
            KeyChange::Retired => "retired",
            KeyChange::Revoked => "REVOKED: none of its passes are genuine any more",
            KeyChange::Changed => "changed",
        };
        writeln!(out, "  issuer key {kid}: {what}")?;
        none = false;
    }
    for (id, change) in &changes.rules {
        writeln!(out, "  rule {id}: {}", rule_change(*change))?;
        none = false;
    }
    if let Some(schemes) = &changes.schemes {
        none &= print_schemes(&mut out, schemes)?;
    }
    let StatusCounts { revoked, suspended, lifted } = changes.passes;
    for (count, what) in [(revoked, "revoked"), (suspended, "suspended"), (lifted, "valid again")] {
        if count > 0 {
            writeln!(out, "  passes {what}: {count}")?;
            none = false;
        }
    }
    if none {
        writeln!(out, "  none but the dates")?;
    }
    let lists: Vec<String> = changes.lists.iter().map(|(id, size)| format!("{id} (room for {size})")).collect();
    writeln!(out, "  status lists: {}", lists.join(", "))?;
    if let Some(due) = changes.schemes.as_ref().and_then(|schemes| schemes.next_due) {
        writeln!(out, "  key lists: to be fetched again by {due}")?;
    }
    writeln!(out, "  due {}, good until {}", changes.due_at, changes.expires_at)
}

fn rule_change(change: RuleChange) -> &'static str {
    match change {
        RuleChange::Added => "new",
        RuleChange::Removed => "removed",
        RuleChange::Changed => "changed",
    }
}

/// What changes in passes of others; whether nothing does.
fn print_schemes(out: &mut impl Write, changes: &SchemeChanges) -> std::io::Result<bool> {
    for (id, scheme, change) in &changes.lists {
        let what = match change {
            KeyListChange::Added { keys, revoked: 0 } => format!("new, {keys} keys"),
            KeyListChange::Added { keys, revoked } => format!("new, {keys} keys, {revoked} passes called back"),
            KeyListChange::Removed => "removed: none of its passes are taken any more".to_owned(),
            KeyListChange::Changed(counts) => counted(*counts),
            KeyListChange::Dates => "dates or names".to_owned(),
        };
        writeln!(out, "  key list {id} ({scheme}): {what}")?;
    }
    for (id, change) in &changes.rules {
        writeln!(out, "  rule {id} for passes of others: {}", rule_change(*change))?;
    }
    Ok(changes.lists.is_empty() && changes.rules.is_empty())
}

/// "keys new: 3, removed: 1".
pub(super) fn counted(counts: KeyCounts) -> String {
    let KeyCounts { added, removed, changed, revoked, lifted } = counts;
    let all = [
        (added, "keys new"),
        (removed, "keys removed"),
        (changed, "keys changed"),
        (revoked, "passes called back"),
        (lifted, "passes called back no more"),
    ];
    let all: Vec<String> =
        all.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what}: {count}")).collect();
    all.join(", ")
}

fn tell_of_schemes(changes: &SchemeChanges, now: UnixTime) {
    for unknown in &changes.unknown {
        tell(&format!("greenlit-issuer: {unknown}"));
    }
    for (id, since, until) in &changes.stale {
        let then = if *until <= now {
            format!("since {until} tills judge NOTHING by it")
        } else {
            format!("from {until} tills judge nothing by it")
        };
        tell(&format!(
            "greenlit-issuer: key list {id} should have been fetched again by {since}, and {then}; `greenlit-issuer schemes import` takes it in"
        ));
    }
    for (id, scheme) in &changes.without_rule {
        tell(&format!(
            "greenlit-issuer: key list {id}: no rule in schemes/rules.toml speaks for passes of {scheme}, so they give nothing"
        ));
    }
    if let Some(OffsetChange { at, before, after }) = changes.offset_change {
        let after = after.map_or_else(|| "one that they cannot count by".to_owned(), offset);
        tell(&format!(
            "greenlit-issuer: rules for passes of others count days at {}, the offset of today; at {at} it becomes {after}: publish after that",
            offset(before)
        ));
    }
}

/// "+05:30".
fn offset(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
