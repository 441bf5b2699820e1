//! What staff do at the till besides scanning: language, place, trust data, camera.

pub(crate) mod date;
pub(crate) mod dial;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use chrono::Local;

use greenlit_camera::v4l::{self, CameraInfo};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Freshness, Root, TrustState, VenueKind, limits};
use greenlit_files::{Symlinks, read_limited};
use greenlit_sync::store::StoreError;

use crate::config::LANGUAGES;
use crate::config::authority::{self, Instead, NotTrusted, judge};
use crate::config::look::{Look, Motion, Palette, Scheme, TextSize};
use crate::config::settings::Setting;
use crate::config::sound_mode::SoundMode;
use crate::config::store_watcher::StoreWatcher;
use crate::config::sync_source::SyncSource;
use crate::config::till::{Till, build_date};
use crate::gui::settings_controller::dial::Dial;
use crate::session::renewal::{Renewal, RenewalError, Renewed};
use crate::session::sound::Player;
use crate::session::{self, OpenCamera, Presentation};
use date::ClockDials;

/// Most entries of a folder that are shown.
const MAX_ENTRIES: usize = 500;
/// Most that are looked at for them.
const MAX_LOOKED_AT: usize = 20_000;
/// How often it is looked whether the time is worth noting, and whether another copy has changed the settings.
const NOTE_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether the store can be written, as long as it can.
const PROBE_EVERY: Duration = Duration::from_secs(3_600);
/// How often it is looked whether a store that was busy at the start is free.
const LOOK: Duration = Duration::from_secs(1);

/// Something to choose.
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) chosen: bool,
}

impl Choice {
    /// One that the screens have a word for.
    fn of(key: &str, chosen: bool) -> Self {
        Self { name: String::new(), key: key.into(), chosen }
    }
}

/// What a folder is looked into for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    Root,
    #[default]
    Publication,
    Picture,
}

impl Wanted {
    /// Whether a file of this name may be it. A picture's contents tell its kind, but nobody looks for one among
    /// everything else.
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Root => name.starts_with("root-") && name.ends_with(".cbor"),
            Self::Publication => false,
            Self::Picture => {
                let ending = Path::new(name).extension().map(|ending| ending.to_string_lossy().to_lowercase());
                ending.is_some_and(|ending| {
                    ["png", "jpg", "jpeg", "jfif", "pgm", "webp", "gif", "heic"].contains(&&*ending)
                })
            }
        }
    }
}

/// A folder, looked into to find one of these.
#[derive(Default)]
pub(crate) struct FolderListing {
    pub(crate) folder: PathBuf,
    pub(crate) wanted: Wanted,
    pub(crate) entries: Vec<FolderEntry>,
    pub(crate) candidate: Option<RootCandidate>,
}

/// One line of a folder.
pub(crate) struct FolderEntry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) folder: bool,
}

/// A root that somebody is asked to trust.
pub(crate) struct RootCandidate {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    /// The authority that is trusted now and would be no more.
    pub(crate) instead_of: Option<String>,
    root: Root,
}

/// How the last thing done went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ActionStatus {
    #[default]
    None,
    Busy,
    Done,
    NothingNewer,
    ChooseFolder,
    Failed(RenewalError),
}

/// What was fetched aside, so that a slow disk or camera does not hold up the window.
enum BackgroundResult {
    Cameras(Vec<CameraInfo>),
    /// The store was busy at the start, and can be read now.
    Free,
    Trust(Renewed),
    /// Whether the network sets the clock.
    Network(bool),
    /// Whether the system's clock could be set.
    ClockSet(bool),
    /// The latest time, if it was noted; and whether the store can be written, where that was looked at.
    Noted {
        /// What another copy has stored, the store as it was then, and how often trust had changed here before.
        stored: Option<Box<TrustState>>,
        watcher: StoreWatcher,
        changes: u64,
        latest: Option<UnixTime>,
        writable: Option<bool>,
    },
}

/// The till as its staff set it up.
pub(crate) struct SettingsController {
    till: Till,
    trust: TrustState,
    listing: FolderListing,
    cameras: Vec<CameraInfo>,
    message: ActionStatus,
    /// What a sync brings could not be kept.
    unwritable: bool,
    /// The store was busy at the start: nothing of it has been seen yet.
    unseen: bool,
    renewal: Option<Renewal>,
    /// Not as a time of day: the clock may be set since.
    renewed: Option<Instant>,
    date: ClockDials,
    looked_at_clock: Option<Instant>,
    watcher: StoreWatcher,
    /// How often other trust data was taken in.
    changes: u64,
    probed: Option<Instant>,
    fetched: Receiver<BackgroundResult>,
    fetcher: Sender<BackgroundResult>,
}

#[cfg(test)]
mod tests;

type Anything = Box<dyn std::error::Error>;

impl SettingsController {
    /// Of this till.
    pub(crate) fn new(till: Till) -> Self {
        let (trust, watcher) = StoreWatcher::first(&till);
        let unseen = trust.is_none();
        let trust = trust.unwrap_or_else(|| TrustState::empty(build_date()));
        let (fetcher, fetched) = channel();
        let listing = FolderListing::default();
        let date = ClockDials::new(Dial::new(till.now(), trust.earliest_clock(), &Local));
        Self {
            till,
            trust,
            listing,
            cameras: Vec::new(),
            message: ActionStatus::None,
            unwritable: false,
            unseen,
            renewal: None,
            renewed: None,
            date,
            looked_at_clock: None,
            watcher,
            changes: 0,
            probed: None,
            fetched,
            fetcher,
        }
    }

    /// Renews the trust data from now on: at once if newer data is wanted, and then on a schedule.
    pub(crate) fn keep_renewing(&mut self) {
        if std::mem::take(&mut self.unseen) {
            let till = self.till.clone();
            self.fetch(move || {
                while matches!(till.cached(), Err(StoreError::Busy(_))) {
                    std::thread::sleep(LOOK);
                }
                BackgroundResult::Free
            });
        }
        let sender = self.fetcher.clone();
        let wanted = self.trust.needs_renewal(self.now());
        self.renewal = Some(Renewal::start(self.till.clone(), wanted, move |renewed| {
            // Nobody listens any more when the window is closed.
            let _ = sender.send(BackgroundResult::Trust(renewed));
        }));
    }

    /// Takes in what was fetched meanwhile; whether there was anything.
    pub(crate) fn collect(&mut self) -> bool {
        if self.looked_at_clock.is_none_or(|looked| looked.elapsed() >= NOTE_EVERY) {
            self.looked_at_clock = Some(Instant::now());
            let (till, trust, changes) = (self.till.clone(), self.trust.clone(), self.changes);
            let mut watcher = self.watcher;
            let probe = self.is_probe_due();
            self.fetch(move || {
                // Another copy may have changed settings, or taken newer trust data.
                let stored = watcher.look_again(&till, &trust).map(Box::new);
                let latest = till.note_time(&trust);
                // Who only holds its lock for a moment does not keep it from being written.
                let usable = |used| matches!(used, Ok(()) | Err(StoreError::OpenToOthers(_) | StoreError::Busy(_)));
                let writable = probe.then(|| usable(till.check_store_use()));
                BackgroundResult::Noted { stored, watcher, changes, latest, writable }
            });
        }
        let all: Vec<BackgroundResult> = self.fetched.try_iter().collect();
        let any = !all.is_empty();
        for fetched in all {
            match fetched {
                BackgroundResult::Cameras(cameras) => self.cameras = cameras,
                BackgroundResult::Free => {
                    if let Some(trust) = self.till.trust_unless_busy() {
                        self.take_in(trust);
                    }
                    // The source was not known before.
                    self.renewal.iter().for_each(Renewal::hurry);
                }
                BackgroundResult::Network(sets) => self.network_found(sets),
                BackgroundResult::ClockSet(in_system) => self.clock_was_set(in_system),
                BackgroundResult::Noted { stored, watcher, changes, latest, writable } => {
                    // Not what was read before something newer came: then it is looked at again.
                    if changes == self.changes {
                        self.watcher = watcher;
                        stored.into_iter().for_each(|stored| self.take_in(*stored));
                    }
                    self.unwritable = writable.map_or(self.unwritable, |writable| !writable);
                    if latest.is_some() {
                        self.trust.set_latest(latest);
                    }
                }
                BackgroundResult::Trust(Renewed { asked_for, done: Ok((trust, new)) }) => {
                    self.unwritable &= !new;
                    // It began from what was held then; what staff did meanwhile stands in the store.
                    match self.till.stored() {
                        Some(stored) => self.take_in(stored),
                        None if new => self.take_in(*trust),
                        None => {}
                    }
                    self.renewed = Some(Instant::now());
                    if asked_for || self.message == ActionStatus::Busy {
                        self.message = self.renewal_status(new);
                    }
                }
                BackgroundResult::Trust(Renewed { asked_for, done: Err(trouble) }) => {
                    self.unwritable |= trouble.code == "store";
                    // Unasked, the footer says what there is to say.
                    if asked_for || self.message == ActionStatus::Busy {
                        self.message = ActionStatus::Failed(trouble);
                    }
                }
            }
        }
        any
    }

    fn take_in(&mut self, trust: TrustState) {
        self.trust = trust;
        self.changes += 1;
    }

    /// Now and then; until it can be written, at every look.
    fn is_probe_due(&mut self) -> bool {
        let due = self.unwritable || self.probed.is_none_or(|probed| probed.elapsed() >= PROBE_EVERY);
        if due {
            self.probed = Some(Instant::now());
        }
        due
    }

    /// Whether it has begun: where no thread can be started nothing is fetched, and the screen goes on as it is.
    fn fetch(&self, work: impl FnOnce() -> BackgroundResult + Send + 'static) -> bool {
        let sender = self.fetcher.clone();
        // The receiver may be gone when the work is done.
        std::thread::Builder::new().name("greenlit-fetch".into()).spawn(move || sender.send(work())).is_ok()
    }

    /// A source that has nothing better than what has expired has not helped, and staff must hear that.
    fn renewal_status(&self, new: bool) -> ActionStatus {
        match self.trust.age(self.now()).stage {
            Freshness::None | Freshness::Expired => ActionStatus::Failed(RenewalError {
                code: "no-valid-data",
                detail: "the source has no valid trust data".into(),
            }),
            _ if new => ActionStatus::Done,
            _ => ActionStatus::NothingNewer,
        }
    }

    /// What a sync brings could not be kept, and nor could the time that is gone by.
    pub(crate) fn is_unwritable(&self) -> bool {
        self.unwritable
    }

    /// The time that this till goes by.
    pub(crate) fn now(&self) -> UnixTime {
        self.till.now()
    }

    /// When the trust data was last looked after with success, since the window opened, by the clock of now.
    pub(crate) fn renewed(&self) -> Option<UnixTime> {
        self.renewed.map(|at| self.now().minus(at.elapsed().as_secs()))
    }

    /// Whether the organisation has set this, so that staff cannot.
    pub(crate) fn is_managed(&self, setting: Setting) -> bool {
        self.till.site().setting(setting).is_some()
    }

    /// Whether the authority that is trusted is the one that the organisation has set.
    pub(crate) fn authority_is_managed(&self) -> bool {
        let named = self.till.site().managed.root.as_ref().map(|root| root.fingerprint);
        named.is_some() && named == self.trust.anchor().map(Root::fingerprint)
    }

    /// Where the trust data is renewed from, as it may be shown.
    pub(crate) fn source(&self) -> Option<String> {
        self.till.setting(Setting::Source).map(|source| Setting::Source.shown(&source))
    }

    pub(crate) fn trust(&self) -> TrustState {
        self.trust.clone()
    }

    pub(crate) fn language(&self) -> String {
        self.till.language()
    }

    pub(crate) fn presentation(&self) -> Presentation {
        Presentation { place: self.till.place(), language: self.till.language(), sounds: self.till.sounds() }
    }

    /// What speaks for this till.
    pub(crate) fn voice(&self) -> Player {
        Player::new(self.till.folder().join("sounds"))
    }

    /// How the last thing done went.
    pub(crate) fn message(&self) -> &ActionStatus {
        &self.message
    }

    pub(crate) fn listing(&self) -> &FolderListing {
        &self.listing
    }

    pub(crate) fn languages(&self) -> Vec<Choice> {
        let now = self.till.language();
        let names = [("ru", "Русский"), ("ba", "Башҡортса"), ("en", "English")];
        names.map(|(key, name)| Choice { name: name.into(), key: key.into(), chosen: key == now }).into()
    }

    pub(crate) fn sites(&self) -> Vec<Choice> {
        let chosen = self.till.place().sites;
        let known = VenueKind::KNOWN.iter().map(|key| (*key).to_owned());
        known.map(|key| Choice { chosen: chosen.iter().any(|s| s.0 == key), name: key.clone(), key }).collect()
    }

    pub(crate) fn sounds(&self) -> Vec<Choice> {
        let now = self.till.sounds();
        SoundMode::ALL.map(|sounds| Choice::of(sounds.key(), sounds == now)).into()
    }

    pub(crate) fn look(&self) -> Look {
        self.till.look()
    }

    pub(crate) fn schemes(&self) -> Vec<Choice> {
        let now = self.look().scheme;
        Scheme::ALL.map(|scheme| Choice::of(scheme.key(), scheme == now)).into()
    }

    pub(crate) fn palettes(&self) -> Vec<Choice> {
        let now = self.look().palette;
        Palette::ALL.map(|palette| Choice::of(palette.key(), palette == now)).into()
    }

    pub(crate) fn text_sizes(&self) -> Vec<Choice> {
        let now = self.look().text_size;
        TextSize::ALL.map(|size| Choice::of(size.key(), size == now)).into()
    }

    pub(crate) fn motions(&self) -> Vec<Choice> {
        let now = self.look().motion;
        Motion::ALL.map(|motion| Choice::of(motion.key(), motion == now)).into()
    }

    pub(crate) fn cameras(&self) -> Vec<Choice> {
        let remembered = self.till.setting(Setting::Camera);
        let chosen = self.cameras.iter().position(|found| {
            remembered.as_ref().is_some_and(|remembered| *remembered == found.id || *remembered == found.name)
        });
        let all = self.cameras.iter().enumerate();
        all.map(|(at, found)| Choice {
            name: found.name.clone(),
            key: found.id.clone(),
            chosen: at == chosen.unwrap_or(0),
        })
        .collect()
    }

    pub(crate) fn open_settings(&mut self) {
        self.message = ActionStatus::None;
        self.till.reread_settings();
        self.fetch(|| BackgroundResult::Cameras(v4l::list()));
        self.look_for_network();
    }

    pub(crate) fn choose_language(&mut self, key: &str) {
        if LANGUAGES.contains(&key) {
            let done = self.till.remember(Setting::Language, key);
            self.told(done.map_err(Into::into), ActionStatus::None);
        }
    }

    pub(crate) fn toggle_site(&mut self, key: &str) {
        // Another copy may have chosen since.
        self.till.reread_settings();
        let mut sites: Vec<String> = self.till.place().sites.into_iter().map(|site| site.0).collect();
        match sites.iter().position(|site| site == key) {
            Some(at) => drop(sites.remove(at)),
            None => sites.push(key.to_owned()),
        }
        let done = self.till.remember(Setting::Sites, &sites.join(","));
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_sound(&mut self, key: &str) {
        if SoundMode::of(key).is_some() {
            let done = self.till.remember(Setting::Sound, key);
            self.told(done.map_err(Into::into), ActionStatus::None);
        }
    }

    pub(crate) fn choose_scheme(&mut self, key: &str) {
        let done = self.till.remember(Setting::Scheme, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_palette(&mut self, key: &str) {
        let done = self.till.remember(Setting::Palette, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_text_size(&mut self, key: &str) {
        let done = self.till.remember(Setting::TextSize, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_motion(&mut self, key: &str) {
        let done = self.till.remember(Setting::Motion, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_camera(&mut self, name: &str) {
        let done = self.till.remember(Setting::Camera, name);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    /// Opens the remembered camera, or else the first that works.
    pub(crate) fn open_camera(&self) -> OpenCamera {
        session::open_camera(&self.till)
    }

    /// Renews the trust data from the remembered folder.
    pub(crate) fn sync(&mut self) {
        match (SyncSource::remembered(&self.till), &self.renewal) {
            (Some(_), Some(renewal)) => {
                self.message = ActionStatus::Busy;
                renewal.ask();
            }
            _ => self.message = ActionStatus::ChooseFolder,
        }
    }

    /// Begins to look for a root file, a published folder or a picture.
    pub(crate) fn browse(&mut self, wanted: Wanted) {
        let remembered = self.till.setting(Setting::Source).map(PathBuf::from);
        let home = directories::UserDirs::new().map(|dirs| dirs.home_dir().to_path_buf());
        let picture = wanted == Wanted::Picture;
        let start = remembered.filter(|path| path.is_dir() && !picture).or(home).unwrap_or_else(|| PathBuf::from("/"));
        self.message = ActionStatus::None;
        self.listing = FolderListing { wanted, ..FolderListing::default() };
        self.list_folder(start);
    }

    fn list_folder(&mut self, folder: PathBuf) {
        let wanted = self.listing.wanted;
        let mut entries = Vec::new();
        let read = std::fs::read_dir(&folder).map(|all| {
            let found = all.flatten().take(MAX_LOOKED_AT).filter_map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                let folder = entry.path().is_dir();
                let shown = !name.starts_with('.') && (folder || wanted.takes(&name));
                shown.then(|| FolderEntry { name, path: entry.path(), folder })
            });
            entries.extend(found.take(MAX_ENTRIES));
        });
        entries.sort_by(|a, b| (a.folder, &a.name).cmp(&(b.folder, &b.name)));
        if let Some(parent) = folder.parent() {
            entries.insert(0, FolderEntry { name: "..".into(), path: parent.into(), folder: true });
        }
        self.listing.entries = entries;
        self.listing.folder = folder;
        self.told(read.map_err(Into::into), ActionStatus::None);
    }

    /// Goes into a folder, or opens a root; a picture is handed back, for it is read elsewhere.
    pub(crate) fn open_entry(&mut self, path: &str) -> Option<PathBuf> {
        let path = PathBuf::from(path);
        if path.is_dir() {
            self.list_folder(path);
            return None;
        }
        if self.listing.wanted == Wanted::Picture {
            return Some(path);
        }
        let opened = self.open_root(&path);
        match opened {
            Ok(candidate) => self.listing.candidate = Some(candidate),
            Err(error) => self.told(Err(error), ActionStatus::None),
        }
        None
    }

    /// A picture is being read, or has been.
    pub(crate) fn show_reading(&mut self, reading: bool) {
        match self.message {
            ActionStatus::None if reading => self.message = ActionStatus::Busy,
            ActionStatus::Busy if !reading => self.message = ActionStatus::None,
            _ => {}
        }
    }

    fn open_root(&self, path: &Path) -> Result<RootCandidate, Anything> {
        let bytes = read_limited(path, limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
        let root = Root::verify_anchor(&bytes)?;
        let name = format!("{} ({})", root.authority.get(&self.till.language()), root.region);
        let instead_of = match judge(&self.trust, &root, Instead::No, &self.till.language()) {
            Err(NotTrusted::Another(held)) => Some(held.authority),
            _ => None,
        };
        Ok(RootCandidate { name, fingerprint: root.fingerprint().to_string(), instead_of, root })
    }

    pub(crate) fn drop_candidate(&mut self) {
        self.listing.candidate = None;
    }

    /// Trusts the root whose fingerprint somebody has compared, and takes what lies beside it. Another
    /// authority gives way only where the page has said so.
    pub(crate) fn trust_candidate(&mut self) {
        let Some(candidate) = self.listing.candidate.take() else { return };
        let folder = self.listing.folder.clone();
        let published = folder.join(greenlit_sync::BUNDLE_FILE).is_file();
        let instead = if candidate.instead_of.is_some() { Instead::Yes } else { Instead::No };
        let trusted = authority::trust(&self.till, &candidate.root, instead);
        // Where it is busy, what was held serves on, and `done` says so.
        if let Some(trust) = self.till.trust_unless_busy() {
            self.take_in(trust);
        }
        let done = match trusted {
            // What is published beside it leads there, if it holds.
            Ok(_) | Err(NotTrusted::Later) if published => self.take_from(&folder),
            trusted => trusted.map(drop).map_err(Anything::from),
        };
        self.told(done, ActionStatus::Done);
    }

    /// Renews from the folder looked into, and remembers it.
    pub(crate) fn use_folder(&mut self) {
        let folder = self.listing.folder.clone();
        let done = self.take_from(&folder);
        self.told(done, ActionStatus::Done);
    }

    fn take_from(&mut self, folder: &Path) -> Result<(), Anything> {
        let taken = crate::config::sync_source::take(&SyncSource::folder(folder), &self.till)?.trust;
        self.take_in(taken);
        // One that the site file sets stays, and this was for once.
        if self.till.site().setting(Setting::Source).is_none() {
            self.till.remember(Setting::Source, &folder.display().to_string())?;
        }
        Ok(())
    }

    fn told(&mut self, done: Result<(), Anything>, good: ActionStatus) {
        if done.as_ref().is_err_and(|error| RenewalError::of(error.as_ref()).code == "store") {
            // Looked into at once: it may be the store as a whole.
            (self.probed, self.looked_at_clock) = (None, None);
        }
        self.message = done.map_or_else(|error| ActionStatus::Failed(RenewalError::of(error.as_ref())), |()| good);
    }
}
