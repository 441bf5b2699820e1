//! `greenlit-issuer publish`: what tills need, as plain files.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, external_keys, now, open, tell};
use crate::policy::ROOT_REMINDER;
use crate::publish;

/// Publish roots, trust data and status lists as plain files for tills to fetch.
///
/// Everything is first checked by the till's own rules, so that every till will accept it.
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
    let given = external_keys(&args.key, &authority.passphrases)?;
    let published = publish::publish(&mut authority, &args.out, &given, now)?;
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
