//! Files, read with a cap and written whole or not at all.
#![forbid(unsafe_code)]

pub mod demo;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How temporary files end.
const PART: &str = ".part";
/// No write takes as long.
const STALE_AFTER: Duration = Duration::from_secs(600);

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum FileError {
    #[error("{}: no such file", .0.display())]
    NotFound(PathBuf),
    #[error("{}: not a regular file", .0.display())]
    NotRegular(PathBuf),
    #[error("{}: larger than the limit of {cap} bytes", .path.display())]
    TooLarge { path: PathBuf, cap: usize },
    #[error("{}: the file already exists and was not overwritten", .0.display())]
    Exists(PathBuf),
    #[error("{}: no space left on the disk", .0.display())]
    DiskFull(PathBuf),
    #[error("{}: {error}", .path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl FileError {
    /// What an error of the system means for a file.
    pub fn of(path: &Path, error: io::Error) -> Self {
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
pub enum Symlinks {
    Follow,
    Refuse,
}

/// Reads a regular file of at most `cap` bytes. A pipe or a device, which might never end, is refused.
pub fn read_limited(path: &Path, cap: usize, links: Symlinks) -> Result<Vec<u8>, FileError> {
    let fail = |error| FileError::of(path, error);
    let seen = match links {
        Symlinks::Follow => fs::metadata(path),
        Symlinks::Refuse => fs::symlink_metadata(path),
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
        if links == Symlinks::Refuse {
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
pub enum IfExists {
    Replace,
    Keep,
}

/// Writes a file whole: under a temporary name, flushed to the disk, then renamed. Whoever reads the
/// folder meanwhile, or after a power cut, sees the old file or the new one. `mode` is for Unix.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32, existing: IfExists) -> Result<(), FileError> {
    let fail = |error| FileError::of(path, error);
    let name = path.file_name().ok_or_else(|| FileError::NotRegular(path.into()))?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".");
    remove_stale(folder, &hidden);
    // Not the temporary name, which the library puts into its message.
    let without_name = |error: io::Error| fail(error.kind().into());
    let mut temporary = temporary(&hidden, mode).tempfile_in(folder).map_err(without_name)?;
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(fail)?;
    let placed = match existing {
        IfExists::Replace => temporary.persist(path),
        // A stick's file system may know no way to do both at once: then there is a moment between look
        // and renaming.
        IfExists::Keep => temporary.persist_noclobber(path).or_else(|failed| {
            let another_way = failed.error.kind() != io::ErrorKind::AlreadyExists && !path.exists();
            if another_way { failed.file.persist(path) } else { Err(failed) }
        }),
    };
    placed.map_err(|failed| fail(failed.error))?;
    sync_folder(folder);
    Ok(())
}

/// What was done about one of many files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Placed {
    Written,
    /// It was there already, with the same bytes.
    There,
}

/// Writes many new files of different names into a folder, each whole or not at all as [`write_atomic`] does, with one
/// flush for all of them: thousands take seconds and not minutes. One that is there with other bytes stays, and is an error.
pub fn write_together(folder: &Path, files: &[(String, Vec<u8>)], mode: u32) -> Vec<Result<Placed, FileError>> {
    let begun: Vec<_> = files.iter().map(|(name, bytes)| begin(folder, name, bytes, mode)).collect();
    let flushed = flush(folder).map_err(|error| error.kind());
    let place = |(begun, (name, bytes)): (Result<Begun, FileError>, &(String, Vec<u8>))| {
        let path = folder.join(name);
        let Begun::Part(part) = begun? else { return Ok(Placed::There) };
        flushed.map_err(|kind| FileError::of(&path, kind.into()))?;
        match part.persist_noclobber(&path) {
            Ok(()) => Ok(Placed::Written),
            // Another process was faster, or the file system knows no way to look and rename at once.
            Err(failed) => match there(&path, bytes)? {
                Some(placed) => Ok(placed),
                None => failed.path.persist(&path).map(|()| Placed::Written).map_err(|e| FileError::of(&path, e.error)),
            },
        }
    };
    let placed = begun.into_iter().zip(files).map(place).collect();
    sync_folder(folder);
    placed
}

/// A file of many before it has its name.
enum Begun {
    There,
    Part(tempfile::TempPath),
}

fn begin(folder: &Path, name: &str, bytes: &[u8], mode: u32) -> Result<Begun, FileError> {
    let path = folder.join(name);
    if there(&path, bytes)?.is_some() {
        return Ok(Begun::There);
    }
    // The same name in each run, so that the next one removes what a killed one left.
    let part = folder.join(format!(".{name}{PART}"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode).custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0));
    }
    #[cfg(not(unix))]
    let _ = mode;
    let fail = |error: io::Error| FileError::of(&path, error);
    let mut file = options.open(&part).map_err(fail)?;
    let part = tempfile::TempPath::try_from_path(part).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    // Elsewhere each is flushed by itself.
    #[cfg(not(target_os = "linux"))]
    file.sync_all().map_err(fail)?;
    Ok(Begun::Part(part))
}

/// Whether the file is there with these bytes; an error where it has others.
fn there(path: &Path, bytes: &[u8]) -> Result<Option<Placed>, FileError> {
    match read_limited(path, bytes.len(), Symlinks::Refuse) {
        Ok(found) if found == bytes => Ok(Some(Placed::There)),
        Err(FileError::NotFound(_)) => Ok(None),
        Err(error @ FileError::Io { .. }) => Err(error),
        Ok(_) | Err(_) => Err(FileError::Exists(path.into())),
    }
}

#[cfg(target_os = "linux")]
fn flush(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn flush(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What a write of this file left behind that was killed or lost its power. One that another process has
/// begun a moment ago is not stale.
fn remove_stale(folder: &Path, prefix: &OsStr) {
    let Some(prefix) = prefix.to_str() else { return };
    let is_ours = |name: &OsStr| {
        let middle = name.to_str().and_then(|name| name.strip_prefix(prefix)).and_then(|rest| rest.strip_suffix(PART));
        middle.is_some_and(|middle| !middle.is_empty() && middle.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let is_stale = |entry: &fs::DirEntry| {
        let found = entry.metadata().ok().filter(fs::Metadata::is_file).and_then(|found| found.modified().ok());
        found.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > STALE_AFTER)
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_ours(&entry.file_name()) && is_stale(&entry) {
            // Whoever may write here may remove; if not, the file that is wanted is written all the same.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn temporary(prefix: &OsStr, mode: u32) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(PART);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// Makes a folder, and those above it, for its owner alone; one that is there stays as it is.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Makes the rename itself last through a power cut, where the system can.
pub fn sync_folder(folder: &Path) {
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_a_killed_write_left_is_removed_by_the_next_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, age: u64| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        let (old, new) = (3_600, 1);
        make(".pass.png.a1B2c3.part", old);
        make(".pass.png.4711.part", old);
        for (name, age) in [
            (".pass.png.Zz9.part", new),
            (".other.png.a1B2c3.part", old),
            (".pass.png.part", old),
            (".pass.png.a.b.part", old),
            ("pass.png.a1B2c3.part", old),
        ] {
            make(name, age);
        }
        write_atomic(&folder.path().join("pass.png"), b"whole", 0o600, IfExists::Replace).unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        let wanted = [
            ".other.png.a1B2c3.part",
            ".pass.png.Zz9.part",
            ".pass.png.a.b.part",
            ".pass.png.part",
            "pass.png",
            "pass.png.a1B2c3.part",
        ];
        assert_eq!(left, wanted);
        assert_eq!(fs::read(folder.path().join("pass.png")).unwrap(), b"whole");
        let again = write_atomic(&folder.path().join("pass.png"), b"other", 0o600, IfExists::Keep);
        assert!(matches!(again, Err(FileError::Exists(_))));
    }

    #[test]
    fn many_files_are_written_together_and_none_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        let files = [file("a.png", "a"), file("b.png", "b"), file("c.png", "c")];
        fs::write(folder.path().join("b.png"), "another's").unwrap();
        // As a killed run leaves it.
        fs::write(folder.path().join(".c.png.part"), "half of it, and longer").unwrap();
        let placed = write_together(folder.path(), &files, 0o600);
        assert!(matches!(placed[0], Ok(Placed::Written)) && matches!(placed[2], Ok(Placed::Written)), "{placed:?}");
        assert!(matches!(&placed[1], Err(FileError::Exists(path)) if path.ends_with("b.png")), "{placed:?}");
        let again = write_together(folder.path(), &files, 0o600);
        assert!(matches!(again[..], [Ok(Placed::There), Err(_), Ok(Placed::There)]), "{again:?}");
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a.png", "b.png", "c.png"]);
        assert_eq!(fs::read(folder.path().join("c.png")).unwrap(), b"c");
        assert_eq!(fs::read(folder.path().join("b.png")).unwrap(), b"another's");
        let nowhere = write_together(&folder.path().join("none"), &files, 0o600);
        assert!(nowhere.iter().all(|placed| matches!(placed, Err(FileError::NotFound(_)))), "{nowhere:?}");
    }
}
