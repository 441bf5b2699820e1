//! One window a till: two would take the camera from each other, and each other's settings.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use greenlit_sync::store::WINDOW_LOCK;

/// Another window of this till is open.
#[derive(Debug, thiserror::Error)]
#[error("the window for this data folder is already open")]
pub(crate) struct OpenAlready;

/// Held for as long as the window is open: the system lets go of it however that ends.
pub(crate) struct WindowLock(#[allow(dead_code, reason = "held, not read")] Option<File>);

impl WindowLock {
    /// Of the till in this folder. Where there is no folder yet, nothing can be made in it, or the system knows no
    /// such locks, a window opens without.
    pub(crate) fn take(folder: &Path) -> Result<Self, OpenAlready> {
        let path = folder.join(WINDOW_LOCK);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let mut reading = OpenOptions::new();
        reading.read(true);
        // A pipe in its place must not hold up the window, nor a link lead elsewhere.
        #[cfg(unix)]
        for options in [&mut options, &mut reading] {
            use std::os::unix::fs::OpenOptionsExt;
            let careful = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
            options.mode(0o600).custom_flags(careful.bits().cast_signed());
        }
        // One that is there can be locked though it may only be read.
        let Ok(file) = options.open(&path).or_else(|_| reading.open(&path)) else { return Ok(Self(None)) };
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Ok(Self(None));
        }
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(OpenAlready),
            Err(TryLockError::Error(_)) => Ok(Self(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_window_a_folder_and_none_is_kept_shut_for_want_of_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("none");
        assert!(WindowLock::take(&nowhere).is_ok_and(|lock| lock.0.is_none()) && !nowhere.exists());
        let first = WindowLock::take(folder.path()).unwrap();
        assert!(WindowLock::take(folder.path()).is_err());
        // As at its end, which also lets go where a neighbour's test that is starting a program holds a copy.
        first.0.as_ref().unwrap().unlock().unwrap();
        assert!(WindowLock::take(folder.path()).is_ok_and(|lock| lock.0.is_some()));
        // Something else in its place.
        let taken = tempfile::tempdir().unwrap();
        std::fs::create_dir(taken.path().join(WINDOW_LOCK)).unwrap();
        assert!(WindowLock::take(taken.path()).is_ok());
        #[cfg(unix)]
        {
            let piped = tempfile::tempdir().unwrap();
            let pipe = piped.path().join(WINDOW_LOCK);
            rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
            assert!(WindowLock::take(piped.path()).is_ok_and(|lock| lock.0.is_none()));
            let linked = tempfile::tempdir().unwrap();
            let victim = linked.path().join("victim");
            std::os::unix::fs::symlink(&victim, linked.path().join(WINDOW_LOCK)).unwrap();
            assert!(WindowLock::take(linked.path()).is_ok() && !victim.exists());
        }
    }
}
