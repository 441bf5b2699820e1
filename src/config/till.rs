//! What every command needs of this till: its folder, its clock, its trust data, its language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use greenlit_core::benefits::Venue;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{TrustState, VenueKind};
use greenlit_sync::store::{FigureRow, LoadedStore, Store, StoreError};
use greenlit_words::failure;

use crate::clock::Clock;
use crate::config::diagnostic::{language, locale, warn};
use crate::config::failures;
use crate::config::look::{AnswerTime, Look, Motion, Palette, Scheme, TextSize, WindowSize};
use crate::config::pin::PinHash;
use crate::config::settings::{BadSetting, Setting, parse_capacity, parse_sites};
use crate::config::site_file::SiteFile;
use crate::config::snapshot::Snapshot;
use crate::config::sound_mode::SoundMode;

/// One till: a data folder, and the site file that stands before its settings.
#[derive(Clone)]
pub(crate) struct Till {
    folder: PathBuf,
    site: Arc<SiteFile>,
    clock: Clock,
    snapshot: Snapshot,
}

/// Why a setting was not remembered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingError {
    #[error("\"{setting}\" is set by {file} and can only be changed there", file = .file.display())]
    Managed { setting: &'static str, file: PathBuf },
    #[error(transparent)]
    Bad(#[from] BadSetting),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing is known of what the store holds, trust data and settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreTrouble {
    /// Another copy is writing, which passes.
    Busy,
    Unreadable,
}

/// What stands before the settings.
pub(crate) enum Pin {
    None,
    Set(PinHash),
    /// Something that is no PIN's hash: nobody knows it, so nobody gets in.
    Unusable,
}

/// There is nowhere to keep data.
#[derive(Debug, thiserror::Error)]
#[error("no home folder to keep trust data in; choose a folder with --data")]
pub(crate) struct NoDataFolder;

impl Till {
    /// For practice: without a site file, and this machine's clock is not its to set.
    pub(crate) fn practice(folder: PathBuf) -> Self {
        Self::with(folder, SiteFile::default(), Clock::practice())
    }

    /// In this folder, or else in the user's own.
    pub(crate) fn from_site_file(folder: Option<PathBuf>, site: SiteFile) -> Result<Self, NoDataFolder> {
        let own = || directories::ProjectDirs::from("", "", "greenlit").map(|dirs| dirs.data_dir().to_path_buf());
        Ok(Self::with(folder.or_else(own).ok_or(NoDataFolder)?, site, Clock::system()))
    }

    pub(crate) fn with(folder: PathBuf, site: SiteFile, clock: Clock) -> Self {
        Self { folder, site: Arc::new(site), clock, snapshot: Snapshot::default() }
    }

    /// What this till takes the time from.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The time that this till goes by.
    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) fn site(&self) -> &SiteFile {
        &self.site
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn store_to_read(&self) -> Result<Option<Store>, StoreError> {
        self.snapshot.unless_busy(&self.folder, || Store::open_to_read(&self.folder))
    }

    /// Whether a sync could be kept, and nobody else stands in its way.
    pub(crate) fn check_store_use(&self) -> Result<(), StoreError> {
        self.snapshot.unless_busy(&self.folder, || Store::check_use(&self.folder))
    }

    pub(crate) fn store_to_write(&self) -> Result<Store, StoreError> {
        self.snapshot.unless_busy(&self.folder, || Store::open_to_write(&self.folder))
    }

    /// Renames the store if it is damaged, and gives its new name.
    pub(crate) fn quarantine_if_damaged(&self) -> Result<Option<PathBuf>, StoreError> {
        self.snapshot.unless_busy(&self.folder, || Store::quarantine_if_damaged(&self.folder, self.now()))
    }

    /// What the store holds, if there is one.
    pub(crate) fn cached(&self) -> Result<Option<LoadedStore>, StoreError> {
        self.read(|_| Ok(()))
    }

    /// The same after a look at the whole file.
    pub(crate) fn examined(&self) -> Result<Option<LoadedStore>, StoreError> {
        self.read(Store::examine)
    }

    fn read(&self, first: fn(&Store) -> Result<(), StoreError>) -> Result<Option<LoadedStore>, StoreError> {
        let read = self.snapshot.unless_busy(&self.folder, || {
            let Some(store) = Store::open_to_read(&self.folder)? else { return Ok((None, Some(BTreeMap::new()))) };
            first(&store)?;
            Ok((Some(store.load(build_date())?), store.settings(Setting::names()).ok()))
        });
        match read {
            Ok((loaded, settings)) => {
                self.snapshot.note(settings);
                Ok(loaded)
            }
            Err(error) => {
                self.snapshot.note(None);
                Err(error)
            }
        }
    }

    /// Reads the settings again, which another copy may have changed.
    pub(crate) fn reread_settings(&self) {
        let read = self.snapshot.unless_busy(&self.folder, || {
            let store = Store::open_to_read(&self.folder)?;
            store.map_or_else(|| Ok(BTreeMap::new()), |store| store.settings(Setting::names()))
        });
        self.snapshot.note(read.ok());
    }

    /// For what stays open: a store that was busy is tried again whenever it is wanted.
    pub(crate) fn keep_trying(&self) {
        self.snapshot.keep_trying();
    }

    /// Remembers a setting; an empty one is cleared.
    pub(crate) fn remember(&self, setting: Setting, value: &str) -> Result<(), SettingError> {
        if let (Some(_), Some(file)) = (self.site.setting(setting), self.site.path()) {
            return Err(SettingError::Managed { setting: setting.name(), file: file.into() });
        }
        let value = Some(value).filter(|value| !value.is_empty());
        value.map_or(Ok(()), |value| setting.check(value))?;
        let mut store = self.store_to_write()?;
        self.snapshot.unless_busy(&self.folder, || store.set_setting(setting.name(), value))?;
        self.snapshot.note(store.settings(Setting::names()).ok());
        Ok(())
    }

    /// The trust data that still holds; trouble with the store is reported.
    pub(crate) fn trust(&self) -> Result<TrustState, StoreTrouble> {
        match self.cached() {
            Ok(cached) => Ok(cached.map_or_else(|| TrustState::empty(build_date()), report_rejected)),
            Err(error) => {
                warn(&failures::store(&error, language()));
                let busy = matches!(error, StoreError::Busy(_));
                Err(if busy { StoreTrouble::Busy } else { StoreTrouble::Unreadable })
            }
        }
    }

    /// Notes the time that this till goes by, if that is worth a write; gives it if it was noted. Where the
    /// store cannot be written, the next time will do.
    pub(crate) fn note_time(&self, trust: &TrustState) -> Option<UnixTime> {
        let latest = trust.worth_noting(self.now())?;
        let noted = self.snapshot.unless_busy(&self.folder, || Store::note_latest(&self.folder, latest));
        noted.is_ok_and(|noted| noted).then_some(latest)
    }

    /// The figures of the shift, as they were kept last.
    pub(crate) fn figures(&self) -> Result<Vec<FigureRow>, StoreError> {
        self.snapshot.unless_busy(&self.folder, || {
            Store::open_to_read(&self.folder)?.map_or_else(|| Ok(Vec::new()), |store| store.figures())
        })
    }

    /// Keeps the figures of the shift; whether there is a store to keep them in.
    pub(crate) fn note_figures(&self, rows: &[FigureRow]) -> Result<bool, StoreError> {
        self.snapshot.unless_busy(&self.folder, || Store::note_figures(&self.folder, rows))
    }

    /// How many guests there is room for; `None` where nobody counts them.
    pub(crate) fn capacity(&self) -> Option<u32> {
        self.setting(Setting::Capacity).and_then(|text| parse_capacity(&text).ok())
    }

    /// The trust data in the store, if it can be read; nothing is reported.
    pub(crate) fn stored(&self) -> Option<TrustState> {
        Some(self.cached().ok().flatten()?.trust)
    }

    /// What this place is called, or nothing.
    pub(crate) fn name(&self) -> String {
        self.setting(Setting::Name).unwrap_or_default()
    }

    /// Where this till stands, by its settings.
    pub(crate) fn place(&self) -> Venue {
        let sites: Vec<VenueKind> =
            self.setting(Setting::Sites).and_then(|text| parse_sites(&text).ok()).unwrap_or_default();
        let own_percent = self.setting(Setting::OwnPercent).and_then(|text| text.parse().ok()).filter(|p| *p <= 100);
        Venue { sites, own_percent }
    }

    /// The language for the authority's words: the setting, else the system's.
    pub(crate) fn language(&self) -> String {
        self.setting(Setting::Language).unwrap_or_else(|| locale().unwrap_or_default().tag().to_owned())
    }

    /// When a new answer is heard.
    pub(crate) fn sounds(&self) -> SoundMode {
        self.setting(Setting::Sound).and_then(|key| SoundMode::of(&key)).unwrap_or_default()
    }

    /// How the window looks.
    pub(crate) fn look(&self) -> Look {
        Look {
            scheme: self.setting(Setting::Scheme).and_then(|key| Scheme::of(&key)).unwrap_or_default(),
            palette: self.setting(Setting::Palette).and_then(|key| Palette::of(&key)).unwrap_or_default(),
            text_size: self.setting(Setting::TextSize).and_then(|key| TextSize::of(&key)).unwrap_or_default(),
            motion: self.setting(Setting::Motion).and_then(|key| Motion::of(&key)).unwrap_or_default(),
        }
    }

    /// How long answers stay in the window.
    pub(crate) fn answer_time(&self) -> AnswerTime {
        self.setting(Setting::AnswerTime).and_then(|key| AnswerTime::of(&key)).unwrap_or_default()
    }

    /// What stands before the window's settings.
    pub(crate) fn pin(&self) -> Pin {
        self.setting(Setting::PinHash).map_or(Pin::None, |text| PinHash::parse(&text).map_or(Pin::Unusable, Pin::Set))
    }

    /// Whether the window fills the screen and stays.
    pub(crate) fn is_kiosk(&self) -> bool {
        self.setting(Setting::Kiosk).is_some_and(|on| on == "on")
    }

    /// Whether a second window is there for the guest.
    pub(crate) fn shows_guest(&self) -> bool {
        self.setting(Setting::GuestWindow).is_some_and(|on| on == "on")
    }

    /// How large the window was when it was last closed.
    pub(crate) fn window_size(&self) -> Option<WindowSize> {
        self.setting(Setting::WindowSize).and_then(|text| WindowSize::parse(&text))
    }

    /// One setting: by the site file, or else as staff chose it, if it was set when the store was last read.
    pub(crate) fn setting(&self, setting: Setting) -> Option<String> {
        if let Some(managed) = self.site.setting(setting) {
            return Some(managed);
        }
        if !self.snapshot.is_there() {
            self.reread_settings();
        }
        self.snapshot.setting(setting.name())
    }
}

/// How often another copy's writing in between is met by beginning anew.
const TRIES: usize = 5;

/// Does work on the store, and again where another copy has changed that meanwhile.
pub(crate) fn retried<T, E>(mut work: impl FnMut() -> Result<T, E>, changed: impl Fn(&E) -> bool) -> Result<T, E> {
    let mut tries = 1;
    loop {
        match work() {
            Err(error) if tries < TRIES && changed(&error) => tries += 1,
            done => return done,
        }
    }
}

/// Tells of cached documents that no longer hold.
pub(crate) fn report_rejected(cached: LoadedStore) -> TrustState {
    for error in &cached.dropped {
        warn(&failure::ignored_in_store(language(), failures::import(error, language())));
    }
    cached.trust
}

/// When this program was built: no honest clock shows an earlier time.
pub(crate) fn build_date() -> UnixTime {
    env!("GREENLIT_BUILD_DATE").parse().ok().and_then(UnixTime::new).unwrap_or(UnixTime::MAX)
}

#[cfg(test)]
mod tests;
