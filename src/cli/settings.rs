//! `greenlit settings`: what this till is and says.

use std::io::Write;
use std::process::ExitCode;

use clap::ValueEnum;

use greenlit_core::trust::{TrustState, VenueKind};
use greenlit_words::{command as say, health};

use crate::cli::Outcome;
use crate::config::diagnostic::{language, printable, warn};
use crate::config::settings::{BadSetting, Setting, is_known, parse_sites};
use crate::config::suggest::meant;
use crate::config::till::Till;

/// Show or change settings. Settings from the site file can only be changed there.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Setting to show or change; all are shown if omitted.
    setting: Option<Setting>,
    /// New value; an empty one clears the setting.
    value: Option<String>,
}

impl Args {
    /// Whether anything is to be changed.
    pub(crate) fn writes(&self) -> bool {
        self.value.is_some()
    }
}

/// A rule to come may name a kind that none names today, so this is only reported; but one that is a slip of
/// the hand away from a kind that there is would never be named.
fn check_known(sites: &[VenueKind], till: &Till) -> Result<(), BadSetting> {
    let trust = till.stored();
    let bundle = trust.as_ref().and_then(TrustState::bundle);
    let why = match bundle {
        Some(_) => say::no_rule_mentions_it(language()),
        None => say::nothing_to_check_against(language()),
    };
    for site in sites.iter().filter(|site| !is_known(site, bundle)) {
        if let Some(meant) = meant(&site.0, &VenueKind::KNOWN) {
            return Err(BadSetting::Misspelt { word: site.0.clone(), meant });
        }
        let known = VenueKind::KNOWN.join(", ");
        warn(&say::unknown_site(language(), &site.0, &why, known));
    }
    Ok(())
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    if let (Some(setting), Some(value)) = (args.setting, &args.value) {
        let value = Some(value.as_str()).filter(|v| !v.is_empty());
        if let (Setting::Sites, Some(Ok(sites))) = (setting, value.map(parse_sites)) {
            check_known(&sites, till)?;
        }
        till.remember(setting, &value.map(|value| setting.meant(value)).unwrap_or_default())?;
    }
    let mut out = std::io::stdout().lock();
    let store = till.store_to_read()?;
    let all = Setting::value_variants().iter().copied();
    for setting in all.filter(|s| args.setting.is_none_or(|wanted| wanted.name() == s.name())) {
        let name = setting.name();
        if let (Some(managed), Some(file)) = (till.site().setting(setting), till.site().path()) {
            let from = health::from_file(language(), printable(&file.display().to_string()));
            writeln!(out, "{name}: {} {from}", setting.shown(&managed))?;
            continue;
        }
        let value = store.as_ref().map(|store| store.setting(name)).transpose()?.flatten();
        let value = value.map_or_else(|| health::not_set(language()), |value| setting.shown(&value));
        writeln!(out, "{name}: {value}")?;
    }
    Ok(ExitCode::SUCCESS)
}
