//! The store belongs to one user: its settings may hold a proxy's password, and whoever may open it can
//! hold its lock for ever.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use super::{FILE_NAME, WINDOW_LOCK};

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// Makes the data folder, for its owner alone. One that is there and holds nothing but a store is made so.
#[cfg(unix)]
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        if holds_only_a_store(folder) {
            tighten(folder, FOLDER);
        }
        return Ok(());
    }
    greenlit_files::make_private_folder(folder)
}

/// Makes the file before SQLite does, which would let others read it.
#[cfg(unix)]
pub(super) fn make_file(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    // Whatever is in the way is told by the opening that follows.
    let _ = OpenOptions::new().write(true).create_new(true).mode(FILE).open(path);
}

/// Takes from others what they may do with the file, where it is ours.
#[cfg(unix)]
pub(super) fn keep(path: &Path) {
    tighten(path, FILE);
}

/// Whether others may read the file, and so a proxy's password in it, or hold its lock; or may come into
/// the folder, and hold that one's.
#[cfg(unix)]
pub(super) fn open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let mode = |path: &Path| fs::metadata(path).map_or(0, |found| found.mode());
    let folder = path.parent().map_or(0, mode);
    mode(path) & OTHERS != 0 || folder & OTHERS != 0
}

/// Whether this user may make a journal in the folder.
#[cfg(unix)]
pub(super) fn may_write(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Somebody's folder that was named by mistake, or holds more than a store, is not ours to close.
#[cfg(unix)]
fn holds_only_a_store(folder: &Path) -> bool {
    let ours = |name: &str| name.starts_with(FILE_NAME) || ["sounds", WINDOW_LOCK].contains(&name);
    let mut entries = fs::read_dir(folder).into_iter().flatten().take(100);
    folder.join(FILE_NAME).is_file()
        && entries.all(|entry| entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(ours)))
}

#[cfg(unix)]
fn tighten(path: &Path, mode: u32) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let open = fs::metadata(path).is_ok_and(|found| found.mode() & OTHERS != 0);
    if open {
        // Another user's: `status` tells.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    }
}

#[cfg(not(unix))]
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
pub(super) fn make_file(_: &Path) {}

#[cfg(not(unix))]
pub(super) fn keep(_: &Path) {}

#[cfg(not(unix))]
pub(super) fn may_write(_: &Path) -> bool {
    true
}

#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::{Store, StoreError};
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn nobody_else_reads_or_locks_a_store() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("a/till");
        Store::open_to_write(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&folder.join(FILE_NAME))), (0o700, 0o600));
        // One of an earlier version is closed by the next writing.
        set(&folder, 0o755);
        set(&folder.join(FILE_NAME), 0o644);
        Store::open_to_write(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&folder.join(FILE_NAME))), (0o700, 0o600));
        Store::check_use(&folder).unwrap();
        // A folder with other things in it stays as its owner made it; the store in it does not.
        set(&folder, 0o755);
        set(&folder.join(FILE_NAME), 0o666);
        fs::write(folder.join("letter"), "").unwrap();
        Store::open_to_write(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&folder.join(FILE_NAME))), (0o755, 0o600));
        assert!(matches!(Store::check_use(&folder), Err(StoreError::OpenToOthers(_))));
    }
}
