//! `greenlit settings`: what this till is and says.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;

use greenlit::files::FileError;
use greenlit::sync::{Address, WebError, WebOptions};
use greenlit::text::without_password;
use greenlit::trust::{Bundle, Site, TrustState};

use crate::Outcome;
use crate::site_file::{did_you_mean, meant};
use crate::sound::Sounds;
use crate::sync::read_ca;
use crate::till::{LANGUAGES, Till, complain, showable};

/// Shows or changes a setting of this till. What the site file sets can be changed only there.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which one; all are shown where it is left out.
    setting: Option<Setting>,
    /// Its new value; an empty one clears it.
    value: Option<String>,
}

impl Args {
    /// Whether anything is to be changed.
    pub(crate) fn writes(&self) -> bool {
        self.value.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Setting {
    /// Kinds of site, separated by commas: retail, hotel, resort, sport, entertainment,
    /// employer-education, public-space.
    Sites,
    /// Language of the authority's words: ru, ba or en.
    Language,
    /// The shop's own discount in percent, where the rules leave it to the shop.
    OwnPercent,
    /// Where trust data is renewed from: the published folder, or its https:// address.
    Source,
    /// A PEM file: the certificate authority of that address, where the system does not know it.
    Ca,
    /// The way to that address: http://host:port.
    Proxy,
    /// The camera that the window uses, by its name.
    Camera,
    /// When a new answer is heard: off, beep, or tones, a melody for each answer.
    Sound,
}

/// Why a value is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSetting {
    #[error("\"{0}\" is no kind of site; known ones are {known}", known = Site::KNOWN.join(", "))]
    Site(String),
    #[error("\"{0}\" is no language that Greenlit speaks; choose ru, ba or en")]
    Language(String),
    #[error("\"{0}\" is no way of sounding; choose off, beep or tones")]
    Sound(String),
    #[error(transparent)]
    Web(#[from] WebError),
    #[error("{0}; give the PEM file of the certificate authority")]
    Ca(FileError),
    #[error("\"{0}\" is no percentage from 0 to 100")]
    Percent(String),
}

impl Setting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sites => "sites",
            Self::Language => "language",
            Self::OwnPercent => "own-percent",
            Self::Source => "source",
            Self::Ca => "ca",
            Self::Proxy => "proxy",
            Self::Camera => "camera",
            Self::Sound => "sound",
        }
    }

    /// A folder or file as it is found from wherever the program is run next.
    fn meant(self, value: &str) -> String {
        let is_path = self == Self::Ca || (self == Self::Source && !Address::is_meant(value));
        let absolute = is_path.then(|| std::path::absolute(value).ok()).flatten();
        absolute.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or_else(|| value.to_owned())
    }

    /// For people and logs: a password in an address is nobody's business.
    pub(crate) fn shown(self, value: &str) -> String {
        match self {
            Self::Source | Self::Proxy => showable(&without_password(value)),
            _ => showable(value),
        }
    }

    pub(crate) fn check(self, value: &str) -> Result<(), BadSetting> {
        match self {
            Self::Sites => parse_sites(value).map(drop),
            Self::Language if LANGUAGES.contains(&value) => Ok(()),
            Self::Language => Err(BadSetting::Language(value.into())),
            Self::OwnPercent => match value.parse::<u8>() {
                Ok(percent) if percent <= 100 => Ok(()),
                _ => Err(BadSetting::Percent(value.into())),
            },
            Self::Sound if Sounds::of(value).is_none() => Err(BadSetting::Sound(value.into())),
            Self::Source if Address::is_meant(value) => Ok(Address::parse(value).map(drop)?),
            // It may be away later, on a stick; then the sync that needs it says so.
            Self::Ca => Ok(WebOptions::check_ca(&read_ca(Path::new(value)).map_err(BadSetting::Ca)?)?),
            Self::Proxy => Ok(WebOptions::check_proxy(value)?),
            Self::Source | Self::Camera | Self::Sound => Ok(()),
        }
    }
}

/// Reads "retail,hotel". A rule may name a kind that this program does not know, so any plain word will do.
pub(crate) fn parse_sites(text: &str) -> Result<Vec<Site>, BadSetting> {
    text.split(',').map(str::trim).map(|word| Site::new(word).map_err(|_| BadSetting::Site(word.into()))).collect()
}

/// A rule to come may name a kind that none names today, so this is only told.
fn warn_of_unknown(sites: &[Site], till: &Till) {
    let trust = till.stored();
    let bundle = trust.as_ref().and_then(TrustState::bundle);
    let why = match bundle {
        Some(_) => "no rule in the trust data names it, so there is no benefit for it",
        None => "there is no trust data yet to tell whether a rule names it",
    };
    for site in sites.iter().filter(|site| !is_known(site, bundle)) {
        let instead = did_you_mean(meant(&site.0, &Site::KNOWN), &Site::KNOWN);
        complain(&format!("\"{}\" is no usual kind of site, and {why}; {instead}", site.0));
    }
}

/// Whether Greenlit or a rule of this trust data knows the kind of site.
pub(crate) fn is_known(site: &Site, bundle: Option<&Bundle>) -> bool {
    let named = |bundle: &Bundle| bundle.rules.iter().any(|rule| rule.sites.contains(site));
    Site::KNOWN.contains(&site.0.as_str()) || bundle.is_some_and(named)
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    if let (Some(setting), Some(value)) = (args.setting, &args.value) {
        let value = Some(value.as_str()).filter(|v| !v.is_empty());
        if let (Setting::Sites, Some(Ok(sites))) = (setting, value.map(parse_sites)) {
            warn_of_unknown(&sites, till);
        }
        till.remember(setting, &value.map(|value| setting.meant(value)).unwrap_or_default())?;
    }
    let mut out = std::io::stdout().lock();
    let store = till.store_to_read()?;
    let all = Setting::value_variants().iter().copied();
    for setting in all.filter(|s| args.setting.is_none_or(|wanted| wanted.name() == s.name())) {
        let name = setting.name();
        if let (Some(managed), Some(file)) = (till.site().setting(setting), till.site().path()) {
            writeln!(
                out,
                "{name}: {} (from {})",
                showable(&without_password(&managed)),
                showable(&file.display().to_string())
            )?;
            continue;
        }
        let value = store.as_ref().map(|store| store.setting(name)).transpose()?.flatten();
        let value = value.map_or_else(|| "(not set)".to_owned(), |value| setting.shown(&value));
        writeln!(out, "{name}: {value}")?;
    }
    Ok(ExitCode::SUCCESS)
}
