//! A damaged cache is set aside: renamed, never repaired, never trusted. What it held comes back
//! signed from the next sync.
//!
//! Only ours, and only if SQLite or its contents say that it is damaged. A cache that is busy, too
//! new or not readable by this user is whole, and another program's database is none of ours.

use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime};

use super::{APPLICATION_ID, BUSY_TIMEOUT, FILE_NAME, Result, Store, StoreError};
use greenlit_core::time::UnixTime;
use greenlit_files::sync_folder;

/// What follows the cache's name in a copy that was set aside; then its time in UTC.
const QUARANTINE_SUFFIX: &str = ".damaged-";
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// Copies that are kept, for whoever wants to find out what happened.
pub const COPIES_KEPT: usize = 3;
/// So many copies in so many seconds are no accident any more: the disk itself must be failing.
const REPEAT_WINDOW: u64 = 3_600;
/// As much of the file as is looked at to tell whose it is.
const HEADER_BYTES: u64 = 64 << 10;
const MAGIC: &[u8] = b"SQLite format 3\0";

impl Store {
    /// Renames a damaged cache, with its journal, to `greenlit.db.damaged-<time>`, and gives its new
    /// name; `None` where there is nothing to set aside. The oldest copies beyond [`COPIES_KEPT`] go. Of
    /// several processes that find the damage one does it, and none touches what came in its place.
    pub fn quarantine_if_damaged(folder: &Path, now: UnixTime) -> Result<Option<PathBuf>> {
        if !is_damaged(folder, false)? {
            return Ok(None);
        }
        let alone = lock(folder, LockMode::No)?;
        if !is_damaged(folder, true)? {
            return Ok(None);
        }
        let path = folder.join(FILE_NAME);
        let mut copies = copies(folder);
        let recent = |(at, _): &&(UnixTime, String)| now.since(*at).is_some_and(|age| age < REPEAT_WINDOW);
        if copies.iter().filter(recent).count() >= COPIES_KEPT {
            return Err(StoreError::RepeatedlyDamaged(path));
        }
        let name = free_name(folder, now);
        let failed = |_| StoreError::NotWritable(path.clone());
        // The journal first: one that stayed behind could be taken for the next cache's.
        match fs::rename(folder.join(journal(FILE_NAME)), folder.join(journal(&name))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        fs::rename(&path, folder.join(&name)).map_err(failed)?;
        sync_folder(folder);
        copies.push((now, name.clone()));
        let over = copies.len().saturating_sub(COPIES_KEPT);
        for (_, old) in copies.into_iter().take(over).filter(|(_, old)| *old != name) {
            // One that cannot be removed takes room, and no more than that.
            let _ = (fs::remove_file(folder.join(journal(&old))), fs::remove_file(folder.join(&old)));
        }
        drop(alone);
        Ok(Some(folder.join(name)))
    }

    /// The names of damaged caches that were set aside here, the oldest first.
    pub fn quarantined_copies(folder: &Path) -> Vec<String> {
        copies(folder).into_iter().map(|(_, name)| name).collect()
    }

    /// Reads the whole file, as far as its own structure goes.
    pub fn examine(&self) -> Result<()> {
        let said: String =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|e| self.wrap(e))?;
        if said == "ok" { Ok(()) } else { Err(StoreError::Damaged(self.path.clone())) }
    }
}

/// Whether there is a cache of ours that cannot be read for what it holds. `alone` says that the
/// folder's lock is ours already.
fn is_damaged(folder: &Path, alone: bool) -> Result<bool> {
    let read = Store::open_reading(folder, alone).and_then(|store| {
        let Some(store) = store else { return Ok(()) };
        store.examine()?;
        store.documents()?;
        store.rollback_floor().map(drop)
    });
    match read {
        Err(StoreError::Damaged(_)) => Ok(true),
        Err(busy @ StoreError::Busy(_)) => Err(busy),
        // Whatever else it is, it is not damage; those who open the cache tell of it.
        Ok(()) | Err(_) => Ok(false),
    }
}

fn journal(name: &str) -> String {
    format!("{name}-journal")
}

/// Those set aside before, by their names: when, and the name.
fn copies(folder: &Path) -> Vec<(UnixTime, String)> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .map(|entries| {
            let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
            names.filter_map(|name| Some((time_of(&name)?, name))).collect()
        })
        .unwrap_or_default();
    all.sort();
    all
}

/// When this was set aside; `None` for every other file, a copy's journal among them.
fn time_of(name: &str) -> Option<UnixTime> {
    let rest = name.strip_prefix(FILE_NAME)?.strip_prefix(QUARANTINE_SUFFIX)?;
    let (time, number) = rest.split_once('Z')?;
    if !number.is_empty() && !number.strip_prefix('-')?.parse::<u8>().is_ok_and(|n| n > 1) {
        return None;
    }
    let at = NaiveDateTime::parse_from_str(&format!("{time}Z"), TIME).ok()?;
    u64::try_from(at.and_utc().timestamp()).ok().and_then(UnixTime::new)
}

fn free_name(folder: &Path, now: UnixTime) -> String {
    let utc = i64::try_from(now.seconds()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let first = format!("{FILE_NAME}{QUARANTINE_SUFFIX}{}", utc.unwrap_or_default().format(TIME));
    let numbered = (2..u8::MAX).map(|number| format!("{first}-{number}"));
    let mut names = std::iter::once(first.clone()).chain(numbered);
    names.find(|name| fs::symlink_metadata(folder.join(name)).is_err()).unwrap_or(first)
}

/// Whether this file, which could not be read as our cache, is another program's database: it begins
/// like one, and neither its mark nor its tables are ours. What does not begin like a database at
/// all can only be what became of our own.
pub(super) fn is_foreign(path: &Path) -> bool {
    let mut start = Vec::new();
    if File::open(path).and_then(|file| file.take(HEADER_BYTES).read_to_end(&mut start)).is_err() {
        return false;
    }
    let at = |from: usize, length: usize| start.get(from..from + length).unwrap_or_default();
    // The three fractions of a page that every SQLite file gives: a magic alone is no header.
    if at(0, 16) != MAGIC || at(21, 3) != [64, 32, 32] {
        return false;
    }
    let ours = i64::from(u32::from_be_bytes(at(68, 4).try_into().unwrap_or_default())) == APPLICATION_ID;
    let table = b"CREATE TABLE held (";
    !ours && !start.windows(table.len()).any(|window| window == table)
}

/// How a folder's lock is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LockMode {
    /// With other writers, between whom SQLite's own lock decides.
    Yes,
    /// Alone, while the file itself changes its name.
    No,
}

/// The folder's lock. Without it a writer could go on in a renamed file, and its journal would land
/// beside the new one. Where the system knows no such locks, it does without.
pub(super) fn lock(folder: &Path, share: LockMode) -> Result<Option<File>> {
    let Ok(handle) = File::open(folder) else { return Ok(None) };
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        let locked = if share == LockMode::Yes { handle.try_lock_shared() } else { handle.try_lock() };
        match locked {
            Ok(()) => return Ok(Some(handle)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(folder.join(FILE_NAME))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_when_a_copy_was_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let now = UnixTime::new(1_795_386_840).unwrap();
        let name = free_name(folder.path(), now);
        assert_eq!(name, "greenlit.db.damaged-20261122T223400Z");
        assert_eq!(time_of(&name), Some(now));
        fs::write(folder.path().join(&name), b"").unwrap();
        let second = free_name(folder.path(), now);
        assert_eq!((second.as_str(), time_of(&second)), ("greenlit.db.damaged-20261122T223400Z-2", Some(now)));
        for other in ["greenlit.db", "greenlit.db.damaged-", &journal(&name), "greenlit.db.damaged-2026Z"] {
            assert_eq!(time_of(other), None, "{other}");
        }
    }
}
