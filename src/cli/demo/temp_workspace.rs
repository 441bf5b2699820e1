//! The folder of a demonstration: gone when it is over, or else when the next one begins.

use std::fs::{DirBuilder, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

const PREFIX: &str = "greenlit-demo-";
/// Digits of chance in a name.
const DIGITS: usize = 16;
/// Marks a folder as one of these, and is held locked for as long as its demonstration runs: the system
/// lets go of it however that ends.
const LOCK: &str = "lock";
/// What the lock is called until it is locked.
const UNLOCKED: &str = "lock.new";

/// A folder that only this user can look into.
pub(super) struct TempWorkspace {
    path: PathBuf,
    _lock: File,
}

impl TempWorkspace {
    /// Makes one in the folder for passing files, and removes those that killed demonstrations left there.
    pub(super) fn new() -> io::Result<Self> {
        let parent = std::env::temp_dir();
        sweep(&parent);
        Self::new_in(&parent)
    }

    /// A name that nobody can guess, for the folder for passing files is everybody's.
    fn new_in(parent: &Path) -> io::Result<Self> {
        let chance = RandomState::new().hash_one(std::process::id());
        let path = parent.join(format!("{PREFIX}{chance:0DIGITS$x}"));
        let mut folder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&path)?;
        let lock = File::create_new(path.join(UNLOCKED))?;
        lock.lock()?;
        std::fs::rename(path.join(UNLOCKED), path.join(LOCK))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where the demonstration may make its own folder.
    pub(super) fn room(&self) -> PathBuf {
        self.path.join("demo")
    }
}

impl Drop for TempWorkspace {
    fn drop(&mut self) {
        // What cannot be removed is left to the system; nothing in it is secret.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Removes what demonstrations left here that were killed. What cannot be removed stays.
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| is_ours(path)) {
        // Locked, its demonstration is still running. Without a lock it may just be beginning.
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        // Links in it are removed, and nothing beyond them.
        let _ = std::fs::remove_dir_all(&path);
    }
}

/// Named like one, a real folder, this user's, and with a lock in it.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(PREFIX));
    let named = name.is_some_and(|rest| rest.len() == DIGITS && rest.bytes().all(|digit| digit.is_ascii_hexdigit()));
    named
        && path.symlink_metadata().is_ok_and(|found| found.is_dir() && is_mine(&found))
        && path.join(LOCK).symlink_metadata().is_ok_and(|found| found.is_file() && is_mine(&found))
}

#[cfg(unix)]
fn is_mine(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw()
}

/// Elsewhere the folder for passing files is each user's own.
#[cfg(not(unix))]
fn is_mine(_: &std::fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a killed demonstration leaves it: the system has unlocked what it held.
    fn killed(parent: &Path) -> PathBuf {
        let folder = TempWorkspace::new_in(parent).unwrap();
        std::fs::create_dir(folder.room()).unwrap();
        std::fs::write(folder.room().join("pass.png"), "x").unwrap();
        let path = folder.path.clone();
        let left = parent.join("aside");
        std::fs::rename(&path, &left).unwrap();
        // Closing it is not enough: a neighbour's test that is just starting a program holds it open as well.
        folder._lock.unlock().unwrap();
        drop(folder);
        std::fs::rename(left, &path).unwrap();
        path
    }

    #[test]
    fn what_killed_demonstrations_left_is_removed_and_nothing_else() {
        let temp = tempfile::tempdir().unwrap();
        let parent = temp.path();
        let running = TempWorkspace::new_in(parent).unwrap();
        let left = killed(parent);
        assert!(left.join("demo/pass.png").is_file());
        // Not one of these, or not certainly.
        let keep = |name: &str| {
            let path = parent.join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let without_lock = keep("greenlit-demo-0123456789abcdef");
        let other_names = [keep("greenlit-demo-mine"), keep("greenlit-demo-0123456789abcdef0"), keep("photos")];
        for path in &other_names {
            std::fs::write(path.join(LOCK), "").unwrap();
        }
        sweep(parent);
        assert!(!left.exists());
        assert!(running.path.is_dir() && without_lock.is_dir());
        assert!(other_names.iter().all(|path| path.join(LOCK).is_file()));
        let path = running.path.clone();
        drop(running);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;
        let temp = tempfile::tempdir().unwrap();
        let (parent, precious) = (temp.path().join("tmp"), temp.path().join("precious"));
        std::fs::create_dir(&parent).unwrap();
        std::fs::create_dir(&precious).unwrap();
        std::fs::write(precious.join(LOCK), "").unwrap();
        std::fs::write(precious.join("work"), "x").unwrap();
        // A link in the place of the folder, of its lock, and inside one that goes.
        symlink(&precious, parent.join("greenlit-demo-00000000000000aa")).unwrap();
        let with_linked_lock = parent.join("greenlit-demo-00000000000000bb");
        std::fs::create_dir(&with_linked_lock).unwrap();
        symlink(precious.join(LOCK), with_linked_lock.join(LOCK)).unwrap();
        let left = killed(&parent);
        symlink(&precious, left.join("demo/there")).unwrap();
        sweep(&parent);
        assert!(!left.exists() && with_linked_lock.is_dir());
        assert!(precious.join("work").is_file() && precious.join(LOCK).is_file());
    }
}
