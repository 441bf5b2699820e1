//! What comes before judging or writing: mistakes in the site file are reported, a damaged store is set
//! aside, the site's root is trusted. Nothing here stops a till; what fails is reported, and it goes on.

use greenlit_core::trust::{Root, TrustState};
use greenlit_sync::store::{COPIES_KEPT, StoreError};
use greenlit_words::failure;

use crate::config::authority::{self, Instead, Trusted};
use crate::config::diagnostic::{language, warn};
use crate::config::failures;
use crate::config::site_file::{Diagnostic, DiagnosticKind};
use crate::config::sync_source::SyncSource;
use crate::config::till::{Till, build_date};

/// Makes the till ready. `renew` says to take trust data at once where the root has just been
/// trusted: a command that renews anyway does without.
pub(crate) fn bootstrap(till: &Till, renew: bool) {
    print_diagnostics(till);
    let aside = set_aside(till);
    let trusted = match trust_site_root(till) {
        Ok(trusted) => trusted,
        Err(mistake) => {
            warn(&till.site().line(&mistake, language()));
            None
        }
    };
    let site_file = till.site().path().map(|path| path.display().to_string()).unwrap_or_default();
    if let Some(root) = &trusted {
        let name = root.authority.get(&till.language());
        warn(&failure::now_trusting(language(), root.number, name, site_file));
    } else if aside {
        warn(&failure::set_up_again(language()));
    }
    if let (Some(_), true, Some(origin)) = (&trusted, renew, SyncSource::remembered(till))
        && let Err(error) = crate::config::sync_source::take(&origin, till)
    {
        warn(&failures::any(&*error, language()));
    }
}

/// Tells each mistake in the site file.
pub(crate) fn print_diagnostics(till: &Till) {
    let site = till.site();
    site.mistakes.iter().for_each(|mistake| warn(&site.line(mistake, language())));
}

/// Whether there was a damaged store.
fn set_aside(till: &Till) -> bool {
    match till.quarantine_if_damaged() {
        Ok(None) => false,
        Ok(Some(path)) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            warn(&failure::set_aside(language(), till.folder().display(), name, COPIES_KEPT));
            true
        }
        Err(again @ StoreError::RepeatedlyDamaged(_)) => {
            warn(&failures::store(&again, language()));
            false
        }
        // Whoever opens the store next tells what is wrong with it.
        Err(_) => false,
    }
}

/// Trusts the root that the site file names, if there is none yet; gives it if that was now.
pub(super) fn trust_site_root(till: &Till) -> Result<Option<Root>, Diagnostic> {
    let Some(named) = till.site().managed.root.as_ref() else { return Ok(None) };
    // Trouble with the store is reported by whoever opens it next.
    let Ok(cached) = till.cached() else { return Ok(None) };
    let held = cached.map_or_else(|| TrustState::empty(build_date()), |cached| cached.trust);
    let Some(root) = till.site().root_to_trust(&held, &till.language()) else { return Ok(None) };
    let root = root?;
    match authority::trust(till, &root, Instead::No) {
        Ok(Trusted::First) => Ok(Some(root)),
        // Another copy has trusted it meanwhile.
        Ok(Trusted::Already | Trusted::InForce | Trusted::Instead) => Ok(None),
        Err(why) => Err(Diagnostic { line: Some(named.line), wrong: DiagnosticKind::not_trusted(why, &named.file) }),
    }
}
