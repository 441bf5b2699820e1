//! `greenlit-issuer publish`: what tills need, as plain files.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Outcome, external_keys, now, open, tell};
use crate::policy::ROOT_REMINDER;
use crate::publish;

/// Publishes roots, trust data and status lists as plain files for tills to fetch.
///
/// Every till would take what is written: it is opened here by the till's own rules first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Where to publish; made where it is missing.
    out: PathBuf,
    /// A bundle key that is kept elsewhere than in keys/, on a stick for example.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
    /// Publishes though the last publication was more than a fortnight ago by this machine's clock.
    #[arg(long)]
    clock_is_right: bool,
    /// Publishes though passes that are in date stop being genuine, for authority.toml names their class no more.
    #[arg(long)]
    classes_are_right: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    for word in authority.rules()?.unknown_words() {
        tell(&format!(
            "greenlit-issuer: \"{word}\" in rules.toml is no kind of site or benefit that Greenlit knows; published all the same"
        ));
    }
    let now = now();
    if !args.clock_is_right {
        publish::check_clock_leap(&authority, now)?;
    }
    if let Some(dropped) = publish::check_classes(&authority, &args.out, args.classes_are_right, now)? {
        tell(&format!("greenlit-issuer: {dropped}"));
    }
    let published = publish::publish(&mut authority, &args.out, &external_keys(&args.key)?, now)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "published version {} in {}", published.version, args.out.display())?;
    writeln!(
        out,
        "  tills should fetch the next by {}; without one they stop at {}",
        published.due_at, published.expires_at
    )?;
    if now.plus(ROOT_REMINDER) >= published.root_expires {
        let at = published.root_expires;
        tell(&format!("greenlit-issuer: the root expires at {at}; make the next one: `greenlit-issuer root new`"));
    }
    Ok(ExitCode::SUCCESS)
}
