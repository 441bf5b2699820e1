//! Looking for a file or folder: a root to trust, a publication to renew from, a picture to check.

use std::path::{Path, PathBuf};

use greenlit_core::trust::{Root, limits};
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

pub(super) type Anything = Box<dyn std::error::Error>;

impl SettingsController {
    pub(crate) fn listing(&self) -> &FolderListing {
        &self.listing
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
        let taken = sync_source::take(&SyncSource::folder(folder), &self.till)?.trust;
        self.take_in(taken);
        // One that the site file sets stays, and this was for once.
        if self.till.site().setting(Setting::Source).is_none() {
            self.till.remember(Setting::Source, &folder.display().to_string())?;
        }
        Ok(())
    }
}
