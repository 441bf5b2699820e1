//! Files, read with a cap and written whole or not at all.
#![forbid(unsafe_code)]

pub mod demo;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum FileError {
    #[error("{}: there is no such file", .0.display())]
    NotFound(PathBuf),
    #[error("{}: not a regular file", .0.display())]
    NotRegular(PathBuf),
    #[error("{}: larger than the {cap} bytes that are taken", .path.display())]
    TooLarge { path: PathBuf, cap: usize },
    #[error("{}: there is such a file already, and it is not overwritten", .0.display())]
    Exists(PathBuf),
    #[error("{}: no space left on the disk", .0.display())]
    DiskFull(PathBuf),
    #[error("{}: {error}", .path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl FileError {
    fn of(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound(path.into()),
            io::ErrorKind::AlreadyExists => Self::Exists(path.into()),
            io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull(path.into())
            }
            _ => Self::Io { path: path.into(), error },
        }
    }
}

/// Whether a symbolic link is followed: yes where a person named the file, no where a folder of
/// unknown origin did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Links {
    Follow,
    Refuse,
}

/// Reads a regular file of at most `cap` bytes. A pipe or a device, which might never end, is refused.
pub fn read_capped(path: &Path, cap: usize, links: Links) -> Result<Vec<u8>, FileError> {
    let fail = |error| FileError::of(path, error);
    let seen = match links {
        Links::Follow => fs::metadata(path),
        Links::Refuse => fs::symlink_metadata(path),
    };
    if !seen.map_err(fail)?.is_file() {
        return Err(FileError::NotRegular(path.into()));
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Between the look above and the opening, somebody may have put a link or a pipe there.
        let mut flags = rustix::fs::OFlags::NONBLOCK;
        if links == Links::Refuse {
            flags |= rustix::fs::OFlags::NOFOLLOW;
        }
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    let file = options.open(path).map_err(fail)?;
    let found = file.metadata().map_err(fail)?;
    if !found.is_file() {
        return Err(FileError::NotRegular(path.into()));
    }
    let too_large = || FileError::TooLarge { path: path.into(), cap };
    let announced = usize::try_from(found.len()).ok().filter(|length| *length <= cap).ok_or_else(too_large)?;
    let mut bytes = Vec::with_capacity(announced);
    // The file may grow while it is read.
    file.take(cap as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() > cap { Err(too_large()) } else { Ok(bytes) }
}

/// What happens to a file that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Existing {
    Replace,
    Keep,
}

/// Writes a file whole: under a temporary name, flushed to the disk, then renamed. Whoever reads the
/// folder meanwhile, or after a power cut, sees the old file or the new one. `mode` is for Unix.
pub fn write_whole(path: &Path, bytes: &[u8], mode: u32, existing: Existing) -> Result<(), FileError> {
    let fail = |error| FileError::of(path, error);
    let name = path.file_name().ok_or_else(|| FileError::NotRegular(path.into()))?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = folder.join(temporary);
    let written = create(&temporary, mode).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| match existing {
        Existing::Replace => fs::rename(&temporary, path),
        Existing::Keep => place_new(&temporary, path),
    });
    if let Err(error) = placed {
        // Leaving the part file behind would be litter; failing to remove it changes nothing.
        let _ = fs::remove_file(&temporary);
        return Err(fail(error));
    }
    sync_folder(folder);
    Ok(())
}

/// Gives a file its name unless the name is taken.
fn place_new(temporary: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary),
        // A stick's file system may know no links: then there is a moment between look and renaming.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !path.exists() => fs::rename(temporary, path),
        Err(error) => Err(error),
    }
}

fn create(path: &Path, mode: u32) -> io::Result<File> {
    // One left over from a process that had our number and lost its power.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)
}

/// Makes the rename itself last through a power cut, where the system can.
pub fn sync_folder(folder: &Path) {
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
}
