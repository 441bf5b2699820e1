//! What requests are judged by, as it stands in the authority's folder now.

use std::path::Path;
use std::time::SystemTime;

use crate::authority::{Authority, AuthorityError, SETTINGS_FILE};
use crate::{PersonKey, Policy, Zone, rules};
use greenlit_core::pass::Class;

/// Rules and keys, at one moment.
pub(super) struct Terms {
    pub(super) policy: Policy,
    pub(super) zone: Zone,
    /// Those that tills take from this authority.
    pub(super) classes: Vec<Class>,
    pub(super) person_key: PersonKey,
}

impl Terms {
    pub(super) fn of(authority: &mut Authority) -> Result<Self, AuthorityError> {
        let (zone, classes) = (authority.zone.clone(), authority.classes.clone());
        Ok(Self { policy: authority.rules()?.policy, zone, classes, person_key: authority.person_key()? })
    }
}

/// By which a file is known to be the same as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Stamp {
    /// Of a file that is there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        Some(Self { modified: file.modified().ok(), length: file.len(), inode: inode(&file) })
    }

    /// Whether it is another file of the same name, whatever is written to it.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        self.inode == other.inode
    }
}

#[cfg(unix)]
fn inode(file: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

/// Of the files that [`Terms`] are read from.
pub(super) type Stamps = [Option<Stamp>; 3];

/// Of an authority's folder now.
pub(super) fn stamps(folder: &Path) -> Stamps {
    let person_key = folder.join("keys").join(crate::authority::PERSON_KEY);
    [folder.join(SETTINGS_FILE), folder.join(rules::FILE_NAME), person_key].map(|path| Stamp::of(&path))
}
