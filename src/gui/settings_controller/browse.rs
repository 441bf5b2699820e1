//! Looking for a file or folder: a root to trust, a publication to renew from, a picture to check.

use std::path::{Path, PathBuf};

use greenlit_core::trust::{Root, limits, root_code};
use greenlit_files::{Symlinks, read_limited};

use super::{ActionStatus, SettingsController};
use crate::config::authority::{self, Instead, NotTrusted, judge};
use crate::config::settings::Setting;
use crate::config::sync_source::{self, SyncSource};

/// Most entries of a folder that are shown.
const MAX_ENTRIES: usize = 500;
/// Most that are looked at for them.
const MAX_LOOKED_AT: usize = 20_000;

/// What a folder is looked into for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    Root,
    #[default]
    Publication,
    Picture,
    /// A folder to save a shift's figures in.
    Figures,
    /// The certificate authority of the source.
    Certificate,
}

impl Wanted {
    /// Whether anybody may look for it: it changes nothing of the till.
    fn is_free(self) -> bool {
        matches!(self, Self::Picture | Self::Figures)
    }

    /// Whether a file of this name may be it. A picture's contents tell its kind, but nobody looks for one among
    /// everything else.
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Root => name.starts_with("root-") && name.ends_with(".cbor"),
            Self::Publication | Self::Figures => false,
            Self::Picture => ends(name, &["png", "jpg", "jpeg", "jfif", "pgm", "webp", "gif", "heic"]),
            Self::Certificate => ends(name, &["pem", "crt", "cer"]),
        }
    }
}

fn ends(name: &str, endings: &[&str]) -> bool {
    let ending = Path::new(name).extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| endings.contains(&&*ending))
}

/// What came of pressing an entry of a folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It is shown here, or why it is not.
    Here,
    /// A picture, which is read elsewhere.
    Picture(PathBuf),
    /// A certificate, taken or not: the page that it was wanted for says.
    Certificate,
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
    /// Where the file lies, and perhaps its publication; none for a code.
    beside: Option<PathBuf>,
}

pub(super) type Anything = Box<dyn std::error::Error>;

impl SettingsController {
    /// What is looked for changes nothing of this till.
    pub(crate) fn is_browsing_freely(&self) -> bool {
        self.listing.wanted.is_free()
    }

    pub(crate) fn listing(&self) -> &FolderListing {
        &self.listing
    }

    /// Begins to look for a root file, a published folder or a picture.
    pub(crate) fn browse(&mut self, wanted: Wanted) {
        if !self.may() && !wanted.is_free() {
            return;
        }
        let remembered = self.till.setting(Setting::Source).map(PathBuf::from);
        let home = directories::UserDirs::new().map(|dirs| dirs.home_dir().to_path_buf());
        let elsewhere = matches!(wanted, Wanted::Picture | Wanted::Certificate);
        let start =
            remembered.filter(|path| path.is_dir() && !elsewhere).or(home).unwrap_or_else(|| PathBuf::from("/"));
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

    /// Goes into a folder, or opens what was looked for.
    pub(crate) fn open_entry(&mut self, path: &str) -> Opened {
        if !self.may() && !self.is_browsing_freely() {
            return Opened::Here;
        }
        let path = PathBuf::from(path);
        if path.is_dir() {
            self.list_folder(path);
            return Opened::Here;
        }
        match self.listing.wanted {
            Wanted::Picture => return Opened::Picture(path),
            Wanted::Certificate => {
                self.use_certificate(&path);
                return Opened::Certificate;
            }
            Wanted::Root | Wanted::Publication | Wanted::Figures => {}
        }
        let opened = self.open_root(&path);
        match opened {
            Ok(candidate) => self.listing.candidate = Some(candidate),
            Err(error) => self.told(Err(error), ActionStatus::None),
        }
        Opened::Here
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
        self.candidate(&bytes, path.parent().map(Path::to_path_buf))
    }

    /// A root that was held up to the camera as a code.
    pub(crate) fn open_root_code(&mut self, text: &[u8]) {
        if !self.may() {
            return;
        }
        let read = root_code::read(text).map_err(Anything::from).and_then(|bytes| self.candidate(&bytes, None));
        match read {
            Ok(candidate) => {
                self.listing = FolderListing { wanted: Wanted::Root, ..FolderListing::default() };
                self.listing.candidate = Some(candidate);
                self.message = ActionStatus::None;
            }
            Err(error) => self.told(Err(error), ActionStatus::None),
        }
    }

    fn candidate(&self, bytes: &[u8], beside: Option<PathBuf>) -> Result<RootCandidate, Anything> {
        let root = Root::verify_anchor(bytes)?;
        let name = format!("{} ({})", root.authority.get(&self.till.language()), root.region);
        let instead_of = match judge(&self.trust, &root, Instead::No, &self.till.language()) {
            Err(NotTrusted::Another(held)) => Some(held.authority),
            _ => None,
        };
        Ok(RootCandidate { name, fingerprint: root.fingerprint().to_string(), instead_of, root, beside })
    }

    pub(crate) fn drop_candidate(&mut self) {
        self.listing.candidate = None;
    }

    /// Trusts the root whose fingerprint somebody has compared, and takes what lies beside it. Another
    /// authority gives way only where the page has said so.
    pub(crate) fn trust_candidate(&mut self) {
        if !self.may() {
            return;
        }
        let Some(candidate) = self.listing.candidate.take() else { return };
        let published = candidate.beside.filter(|folder| folder.join(greenlit_sync::BUNDLE_FILE).is_file());
        let instead = if candidate.instead_of.is_some() { Instead::Yes } else { Instead::No };
        let trusted = authority::trust(&self.till, &candidate.root, instead);
        // Where it is busy, what was held serves on, and `done` says so.
        self.reload();
        let done = match (trusted, published) {
            // What is published beside it leads there, if it holds.
            (Ok(_) | Err(NotTrusted::Later), Some(folder)) => self.take_from(&folder),
            (trusted, _) => trusted.map(drop).map_err(Anything::from),
        };
        self.told(done, ActionStatus::Done);
    }

    /// Renews from the folder looked into, and remembers it.
    pub(crate) fn use_folder(&mut self) {
        if !self.may() {
            return;
        }
        let folder = self.listing.folder.clone();
        let done = self.take_from(&folder);
        self.told(done, ActionStatus::Done);
    }

    fn take_from(&mut self, folder: &Path) -> Result<(), Anything> {
        let taken = sync_source::take(&SyncSource::folder(folder), &self.till)?.trust;
        self.take_in(taken);
        // One that the site file sets stays, and this was for once.
        if self.till.site().setting(Setting::Source).is_none() {
            self.till.remember(Setting::Source, &folder.display().to_string())?;
        }
        Ok(())
    }
}
