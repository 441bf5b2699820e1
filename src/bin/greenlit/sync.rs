//! `greenlit sync`: newer trust data from where the authority publishes it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use greenlit::store::StoreError;
use greenlit::sync::{ListOutcome, Outcome as Synced, from_folder};

use crate::Outcome;
use crate::settings::Setting;
use crate::till::{Till, build_date, complain, told};

/// Takes newer trust data from a folder that the authority published.
///
/// Exit status: 0 if all is well, 1 if a status list was not taken, 2 if nothing was.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The published folder; left out, the one that the settings or the site file name.
    source: Option<PathBuf>,
}

/// Nobody said where from.
#[derive(Debug, thiserror::Error)]
#[error("no source is set; name one, as in `greenlit sync FOLDER`, or set it by `greenlit settings source FOLDER`")]
struct NoSource;

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let remembered = || till.setting(Setting::Source).map(PathBuf::from);
    let source = args.source.clone().or_else(remembered).ok_or(NoSource)?;
    let synced = take(&source, till)?;
    let mut out = std::io::stdout().lock();
    if !synced.changed() {
        writeln!(out, "nothing newer")?;
    }
    if synced.root_steps > 0 {
        writeln!(out, "root {} is in force", synced.trust.newest_root().map_or(0, |root| root.number))?;
    }
    if let Some(bundle) = synced.trust.bundle().filter(|_| synced.new_bundle) {
        writeln!(out, "trust data version {}, due for renewal {}", bundle.version, bundle.soft_expiry)?;
    }
    let mut all_well = true;
    for (id, list) in &synced.lists {
        match list {
            ListOutcome::Taken => writeln!(out, "status list {id}: a newer one")?,
            ListOutcome::Same => {}
            ListOutcome::Failed(failure) => {
                all_well = false;
                let kept =
                    if synced.trust.list(*id).is_some() { "the one held goes on serving" } else { "there is none now" };
                complain(&format!("status list {id}: {failure}; {kept}"));
            }
        }
    }
    Ok(ExitCode::from(u8::from(!all_well)))
}

/// How often another copy's writing in between is met by beginning anew.
const TRIES: usize = 5;

/// Reads, checks and stores; begins anew where another copy has stored something meanwhile.
pub(crate) fn take(source: &Path, till: &Till) -> Result<Synced, Box<dyn std::error::Error>> {
    let mut tries = 1;
    loop {
        match take_once(source, till) {
            Err(error) if tries < TRIES && matches!(error.downcast_ref(), Some(StoreError::Changed(_))) => tries += 1,
            done => return done,
        }
    }
}

fn take_once(source: &Path, till: &Till) -> Result<Synced, Box<dyn std::error::Error>> {
    // Without a store there is no anchor; making one just to say so would be litter.
    let Some(reading) = till.store_to_read()? else { return Err(greenlit::trust::ImportError::NoAnchor.into()) };
    let cached = reading.load(build_date())?;
    drop(reading);
    let (found, damaged) = (cached.found.clone(), !cached.dropped.is_empty());
    let synced = from_folder(source, &told(cached))?;
    if synced.changed() || damaged {
        till.store_to_write()?.save(&synced.trust, &found)?;
    }
    Ok(synced)
}
