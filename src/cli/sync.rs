//! `greenlit sync`: takes newer trust data.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_core::trust::ImportError;
use greenlit_sync::{ListOutcome, Schemes, SyncError};
use greenlit_words::command as say;

use crate::cli::Outcome;
use crate::config::diagnostic::{language, warn};
use crate::config::failures;
use crate::config::sync_source::{SyncSource, take};
use crate::config::till::Till;

/// Fetch newer trust data from where the authority publishes it: a folder or an https:// address.
///
/// Exit status: 0 on success, 1 if a status list could not be updated, 2 if nothing could.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Published folder or address [default: the `source` setting].
    source: Option<String>,
    /// Also trust this certificate authority (PEM file), besides the system's own.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Use this proxy: http://host:port.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    if args.source.is_none() {
        // One that cannot be read has told no source: that is what is wrong then.
        till.store_to_read()?;
    }
    let source = SyncSource::asked(args.source.clone(), args.ca.clone(), args.proxy.clone(), till)?;
    let synced = take(&source, till).map_err(with_advice)?;
    let language = language();
    let mut out = std::io::stdout().lock();
    if !synced.changed() {
        writeln!(out, "{}", say::up_to_date(language))?;
    }
    if synced.root_advances > 0 {
        let number = synced.trust.newest_root().map_or(0, |root| root.number);
        writeln!(out, "{}", say::now_using_root(language, number))?;
    }
    if let Some(bundle) = synced.trust.bundle().filter(|_| synced.new_bundle) {
        let due = synced.trust.due().unwrap_or(bundle.soft_expiry);
        writeln!(out, "{}", say::new_trust_data(language, bundle.version, due))?;
    }
    let mut all_well = true;
    for (id, list) in &synced.lists {
        match list {
            ListOutcome::Taken => writeln!(out, "{}", say::list_updated(language, id))?,
            ListOutcome::Same => {}
            ListOutcome::Failed(failure) => {
                all_well = false;
                let why = failures::list(failure, language);
                let kept = synced.trust.list(*id).is_some();
                warn(&if kept { say::list_kept(language, id, why) } else { say::list_lacking(language, id, why) });
            }
        }
    }
    all_well &= tell_schemes(&mut out, &synced)?;
    Ok(ExitCode::from(u8::from(!all_well)))
}

/// What became of the data for passes that others issue; whether all is well with it.
fn tell_schemes(out: &mut impl Write, synced: &greenlit_sync::Outcome) -> std::io::Result<bool> {
    let language = language();
    let version = synced.trust.scheme_bundle().map(|bundle| bundle.version);
    match (&synced.schemes, version) {
        (Schemes::Taken(_), Some(version)) => writeln!(out, "{}", say::new_scheme_data(language, version))?,
        (Schemes::Failed(why), _) => {
            warn(&say::scheme_data_kept(language, failures::list(why, language)));
            return Ok(false);
        }
        _ => {}
    }
    let mut all_well = true;
    for (id, list) in synced.schemes.lists() {
        if let ListOutcome::Failed(why) = list {
            all_well = false;
            warn(&say::key_list_lacking(language, id, failures::list(why, language)));
        }
    }
    Ok(all_well)
}

fn with_advice(error: Box<dyn Error>) -> Box<dyn Error> {
    let no_root = matches!(error.downcast_ref(), Some(ImportError::NoAnchor))
        || matches!(error.downcast_ref(), Some(SyncError::Import(ImportError::NoAnchor)));
    let language = language();
    if no_root { say::add_root_first(language, failures::any(&*error, language)).into() } else { error }
}
