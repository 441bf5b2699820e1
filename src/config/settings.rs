//! The settings of a till: what each may be, and how it is shown.

use std::path::Path;

use clap::ValueEnum;

use greenlit_core::head_count::MAX_GUESTS;
use greenlit_core::text::{is_printable, redact_password};
use greenlit_core::trust::{Bundle, VenueKind};
use greenlit_files::FileError;
use greenlit_sync::store::LATEST_TIME;
use greenlit_sync::{SourceUrl, WebError, WebOptions};

use crate::config::LANGUAGES;
use crate::config::diagnostic::printable;
use crate::config::look::{AnswerTime, Motion, Palette, Scheme, TextSize, WindowSize};
use crate::config::pin::{BadPin, PinHash};
use crate::config::sound_mode::SoundMode;
use crate::config::sync_source::read_ca;

/// Longest name of a place, in characters.
pub(crate) const MAX_NAME: usize = 40;
/// What is either so or not.
pub(crate) const ON_OFF: [&str; 2] = ["on", "off"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Setting {
    /// Name of this place, which stands at the window's foot: up to 40 letters.
    Name,
    /// Type of place, several separated by commas: retail, hotel, resort, sport, entertainment,
    /// employer-education, public-space.
    Sites,
    /// Language of the window and the authority's texts: ru, ba or en.
    Language,
    /// The shop's own discount in percent, where the rules leave it to the shop.
    OwnPercent,
    /// Where to fetch trust data from: a published folder or its https:// address.
    Source,
    /// PEM file with the certificate authority of that address, if the system does not know it.
    Ca,
    /// Proxy for that address: http://host:port.
    Proxy,
    /// Camera to use, by name.
    Camera,
    /// Zoom of the camera, in its driver's own unit, as it was last set in the window.
    Zoom,
    /// Latest time seen on this till: a clock set back before it is not accepted. Clear it only if
    /// the clock was wrong then.
    LatestTime,
    /// Result sound: off, beep, or tones (a different tune for each answer).
    Sound,
    /// How the window's pages look: dark, light, or sunlight, black on white.
    Scheme,
    /// How many guests there is room for: the window then counts who is inside. 1 to 99999.
    Capacity,
    /// The colours of the answers: green-red, or blue-orange for eyes that cannot tell red from green.
    Palette,
    /// How large the window's letters are: normal, large or largest (half as large again).
    TextSize,
    /// Whether an answer's icon moves: on or off.
    Motion,
    /// How long answers stay in the window: short (half as long), normal or long (twice as long).
    AnswerTime,
    /// Hash of the PIN that the window asks for before its settings; `greenlit pin set` sets it.
    PinHash,
    /// Whether the window fills the screen and only the settings close it: on or off.
    Kiosk,
    /// Whether a second window shows the guest the answer and what the pass gives: on or off.
    GuestWindow,
    /// Size of the window when it was last closed, such as 1024x600.
    WindowSize,
}

/// Why a value is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSetting {
    #[error("unknown type of place \"{0}\"; known types are {known}", known = VenueKind::KNOWN.join(", "))]
    VenueKind(String),
    #[error("unknown type of place \"{word}\"; did you mean \"{meant}\"?")]
    Misspelt { word: String, meant: &'static str },
    #[error("unsupported language \"{0}\"; choose ru, ba or en")]
    Language(String),
    #[error("unknown sound \"{0}\"; choose off, beep or tones")]
    Sound(String),
    #[error("unknown scheme \"{0}\"; choose dark, light or sunlight")]
    Scheme(String),
    #[error("unknown palette \"{0}\"; choose green-red or blue-orange")]
    Palette(String),
    #[error("unknown answer time \"{0}\"; choose short, normal or long")]
    AnswerTime(String),
    #[error("unknown text size \"{0}\"; choose normal, large or largest")]
    TextSize(String),
    #[error("\"{0}\" is neither on nor off")]
    Motion(String),
    #[error(transparent)]
    Web(#[from] WebError),
    #[error("{0}; expected the certificate authority's PEM file")]
    Ca(FileError),
    #[error("latest-time is recorded by the till itself and can only be cleared, with an empty value")]
    LatestTime,
    #[error("\"{0}\" is not a percentage: must be 0-100")]
    Percent(String),
    #[error(transparent)]
    Pin(#[from] BadPin),
    #[error("\"{0}\" is neither on nor off")]
    OnOff(String),
    #[error("a name of a place has 1 to {MAX_NAME} printable characters")]
    Name,
    #[error("\"{0}\" is no window size; write it like 1024x600")]
    WindowSize(String),
    #[error("\"{0}\" is not a zoom: must be a whole number")]
    Zoom(String),
    #[error("\"{0}\" is not a number of guests: must be 1-{MAX_GUESTS}")]
    Capacity(String),
}

impl Setting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sites => "sites",
            Self::Language => "language",
            Self::OwnPercent => "own-percent",
            Self::Source => "source",
            Self::Ca => "ca",
            Self::Proxy => "proxy",
            Self::Camera => "camera",
            Self::Zoom => "zoom",
            Self::LatestTime => LATEST_TIME,
            Self::Sound => "sound",
            Self::Scheme => "scheme",
            Self::Palette => "palette",
            Self::TextSize => "text-size",
            Self::Motion => "motion",
            Self::AnswerTime => "answer-time",
            Self::PinHash => "pin-hash",
            Self::Kiosk => "kiosk",
            Self::GuestWindow => "guest-window",
            Self::WindowSize => "window-size",
            Self::Capacity => "capacity",
        }
    }

    /// Of every one there is.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::value_variants().iter().map(|setting| setting.name())
    }

    /// As it is stored: a folder or file as it is found from wherever the program is run next, types of place once
    /// each.
    pub(crate) fn meant(self, value: &str) -> String {
        if self == Self::Name {
            return value.trim().to_owned();
        }
        if let (Self::Sites, Ok(sites)) = (self, parse_sites(value)) {
            return sites.iter().map(|site| site.0.as_str()).collect::<Vec<_>>().join(",");
        }
        let is_path = self == Self::Ca || (self == Self::Source && !SourceUrl::looks_like_url(value));
        let absolute = is_path.then(|| std::path::absolute(value).ok()).flatten();
        absolute.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or_else(|| value.to_owned())
    }

    /// For people and logs: a password in an address is nobody's business.
    pub(crate) fn shown(self, value: &str) -> String {
        match self {
            Self::Source | Self::Proxy => printable(&redact_password(value)),
            // Ten thousand PINs are tried in no time where time is not limited.
            Self::PinHash => "(set)".into(),
            _ => printable(value),
        }
    }

    pub(crate) fn check(self, value: &str) -> Result<(), BadSetting> {
        match self {
            Self::Name if is_name(value) => Ok(()),
            Self::Name => Err(BadSetting::Name),
            Self::Sites => parse_sites(value).map(drop),
            Self::Language if LANGUAGES.contains(&value) => Ok(()),
            Self::Language => Err(BadSetting::Language(value.into())),
            Self::OwnPercent => match value.parse::<u8>() {
                Ok(percent) if percent <= 100 => Ok(()),
                _ => Err(BadSetting::Percent(value.into())),
            },
            Self::Capacity => parse_capacity(value).map(drop),
            Self::Sound if SoundMode::of(value).is_none() => Err(BadSetting::Sound(value.into())),
            Self::Scheme if Scheme::of(value).is_none() => Err(BadSetting::Scheme(value.into())),
            Self::Palette if Palette::of(value).is_none() => Err(BadSetting::Palette(value.into())),
            Self::TextSize if TextSize::of(value).is_none() => Err(BadSetting::TextSize(value.into())),
            Self::AnswerTime if AnswerTime::of(value).is_none() => Err(BadSetting::AnswerTime(value.into())),
            Self::Motion if Motion::of(value).is_none() => Err(BadSetting::Motion(value.into())),
            Self::Source if SourceUrl::looks_like_url(value) => Ok(SourceUrl::parse(value).map(drop)?),
            // It may be away later, on a stick; then the sync that needs it says so.
            Self::Ca => Ok(WebOptions::check_ca(&read_ca(Path::new(value)).map_err(BadSetting::Ca)?)?),
            Self::Proxy => Ok(WebOptions::check_proxy(value)?),
            // It notes that itself; people can only clear it.
            Self::LatestTime => Err(BadSetting::LatestTime),
            Self::PinHash => Ok(PinHash::parse(value).map(drop)?),
            Self::Kiosk | Self::GuestWindow if !ON_OFF.contains(&value) => Err(BadSetting::OnOff(value.into())),
            Self::WindowSize if WindowSize::parse(value).is_none() => Err(BadSetting::WindowSize(value.into())),
            Self::Zoom if value.parse::<i64>().is_err() => Err(BadSetting::Zoom(value.into())),
            Self::Kiosk
            | Self::GuestWindow
            | Self::WindowSize
            | Self::Zoom
            | Self::Source
            | Self::Camera
            | Self::Sound
            | Self::Scheme
            | Self::Palette
            | Self::TextSize
            | Self::AnswerTime
            | Self::Motion => Ok(()),
        }
    }
}

/// Whether a place may be called so.
fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_NAME && text.chars().all(is_printable)
}

/// Reads a number of guests.
pub(crate) fn parse_capacity(text: &str) -> Result<u32, BadSetting> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && (1..=MAX_GUESTS).contains(number));
    number.ok_or_else(|| BadSetting::Capacity(printable(text)))
}

/// Reads "retail,hotel", each kind once. A rule may name a kind that this program does not know, so any plain word
/// will do.
pub(crate) fn parse_sites(text: &str) -> Result<Vec<VenueKind>, BadSetting> {
    let mut sites = Vec::new();
    for word in text.split(',').map(str::trim) {
        let site = VenueKind::new(word).map_err(|_| BadSetting::VenueKind(word.into()))?;
        if !sites.contains(&site) {
            sites.push(site);
        }
    }
    Ok(sites)
}

/// Whether Greenlit or a rule of this trust data knows the type of place.
pub(crate) fn is_known(site: &VenueKind, bundle: Option<&Bundle>) -> bool {
    let named = |bundle: &Bundle| bundle.rules.iter().any(|rule| rule.sites.contains(site));
    VenueKind::KNOWN.contains(&site.0.as_str()) || bundle.is_some_and(named)
}
