//! The till's cache in SQLite: signed documents as received, what has been held, settings, a shift's figures.
//!
//! Nothing in it is trusted: documents are opened against the anchor at every start. One process
//! writes at a time; an import is one transaction. A damaged cache is set aside, and made anew.

mod documents;
mod figures;
mod private;
mod quarantine;
mod schema;
mod settings;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use documents::LoadedStore;
pub use figures::FigureRow;
pub use quarantine::COPIES_KEPT;
use quarantine::{LockMode, is_foreign, lock};
pub use settings::LATEST_TIME;

/// The database's name in the data folder.
pub const FILE_NAME: &str = "greenlit.db";
/// The file beside it that a till's open window holds locked.
pub const WINDOW_LOCK: &str = "window.lock";

/// Earlier ones are read as they are, and brought up to this one by the next write.
const SCHEMA_VERSION: i64 = 3;
const APPLICATION_ID: i64 = 0x474c_4954; // "GLIT"
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the cache did not serve. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum StoreError {
    #[error("{}: in use by another copy of Greenlit; try again when it is done", .0.display())]
    Busy(PathBuf),
    #[error("{}: the trust store is damaged and not trusted; it will be set aside the next time Greenlit is run by a user who can write there", .0.display())]
    Damaged(PathBuf),
    #[error("{}: damaged repeatedly within an hour, so no longer set aside; have the disk checked, then remove the file", .0.display())]
    RepeatedlyDamaged(PathBuf),
    #[error("{}: this is another program's database and was left unchanged; choose another folder with --data", .0.display())]
    Foreign(PathBuf),
    #[error("{}: not a regular file; move it away, then run `greenlit trust add` and `greenlit sync`", .0.display())]
    NotAFile(PathBuf),
    #[error("{}: the trust store was written by a newer version of Greenlit (format {found}); update this one", .path.display())]
    TooNew { path: PathBuf, found: i64 },
    #[error("{}: cannot be written; check the owner and permissions, or choose another folder with --data", .0.display())]
    NotWritable(PathBuf),
    #[error("{}: no space left on the disk; nothing was changed", .0.display())]
    DiskFull(PathBuf),
    #[error("{}: cannot be read; check the owner and permissions, or choose another folder with --data", .0.display())]
    NotReadable(PathBuf),
    #[error("{}: other users can read it or block it with a lock; make the folder private: chmod 0700", .0.display())]
    OpenToOthers(PathBuf),
    #[error("{}: changed by another copy of Greenlit in the meantime; nothing was written, run the command again", .0.display())]
    Changed(PathBuf),
    #[error("{}: {error}", .path.display())]
    Sqlite { path: PathBuf, error: rusqlite::Error },
    #[error("the setting is longer than 1,000 bytes")]
    SettingTooLong,
}

impl StoreError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy(_) | Self::Changed(_) => "busy",
            Self::Damaged(_) | Self::RepeatedlyDamaged(_) => "damaged",
            Self::Foreign(_) => "foreign",
            Self::NotAFile(_) => "not-a-file",
            Self::TooNew { .. } => "too-new",
            Self::NotWritable(_) => "not-writable",
            Self::OpenToOthers(_) => "open-to-others",
            Self::NotReadable(_) => "not-readable",
            Self::DiskFull(_) => "disk-full",
            Self::Sqlite { .. } | Self::SettingTooLong => "error",
        }
    }
}

/// An open cache.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Held while this one may write, so that nobody renames the file under it.
    _folder: Option<File>,
}

type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Opens the cache to read, changing nothing; `None` where there is none yet.
    pub fn open_to_read(folder: &Path) -> Result<Option<Self>> {
        Self::open_reading(folder, false)
    }

    /// `alone` says that the folder's lock is the caller's already.
    fn open_reading(folder: &Path, alone: bool) -> Result<Option<Self>> {
        let path = folder.join(FILE_NAME);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => return Err(StoreError::NotAFile(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(StoreError::NotReadable(path)),
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match Self::open(path.clone(), flags) {
            // A writer lost its power half-way: undoing what it began takes writing.
            Err(StoreError::NotWritable(_)) => Self::open_writing(folder, alone).map(Some),
            // Created by a writer that has not come further yet.
            Ok((store, 0)) if store.is_blank()? => Ok(None),
            Ok((store, 1..=SCHEMA_VERSION)) => Ok(Some(store)),
            Ok((_, found)) if found > SCHEMA_VERSION => Err(StoreError::TooNew { path, found }),
            Ok(_) => Err(damaged_or_foreign(path)),
            Err(error) => Err(error),
        }
    }

    /// Opens the cache to write, making it where there is none.
    pub fn open_to_write(folder: &Path) -> Result<Self> {
        Self::open_writing(folder, false)
    }

    /// Whether a sync could write what it brings, and nobody else may look into it or stand in its way;
    /// changes nothing. A store that is not there yet is no trouble.
    pub fn check_use(folder: &Path) -> Result<()> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Ok(());
        }
        let held = lock(folder, LockMode::Yes)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (store, _) = Self::open(path.clone(), flags).map_err(|error| match error {
            StoreError::NotReadable(path) => StoreError::NotWritable(path),
            other => other,
        })?;
        store.batch("BEGIN IMMEDIATE; ROLLBACK")?;
        drop(held);
        if !private::may_write(folder) {
            return Err(StoreError::NotWritable(path));
        }
        if private::open_to_others(&path) { Err(StoreError::OpenToOthers(path)) } else { Ok(()) }
    }

    fn open_writing(folder: &Path, alone: bool) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        private::make_folder(folder).map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull => StoreError::DiskFull(folder.into()),
            _ => StoreError::NotWritable(folder.into()),
        })?;
        if path.exists() && !path.is_file() {
            return Err(StoreError::NotAFile(path));
        }
        let held = if alone { None } else { lock(folder, LockMode::Yes)? };
        private::make_file(&path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (mut store, found) = Self::open(path.clone(), flags).map_err(|error| match error {
            StoreError::NotReadable(path) => StoreError::NotWritable(path),
            other => other,
        })?;
        store._folder = held;
        private::keep(&store.path);
        match found {
            1..=SCHEMA_VERSION => store.upgrade(found).map(|()| store),
            0 => store.create().map(|()| store),
            found if found > SCHEMA_VERSION => Err(StoreError::TooNew { path, found }),
            _ => Err(damaged_or_foreign(path)),
        }
    }

    fn open(path: PathBuf, flags: OpenFlags) -> Result<(Self, i64)> {
        Self::open_any(path, flags).map_err(|error| match error {
            StoreError::Damaged(path) => damaged_or_foreign(path),
            other => other,
        })
    }

    fn open_any(path: PathBuf, flags: OpenFlags) -> Result<(Self, i64)> {
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| wrap(&path, error))?;
        let store = Self { connection, path, _folder: None };
        store.connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| store.wrap(error))?;
        // A rollback journal and full flushing: one file to copy, readable from a read-only folder,
        // whole after a power cut.
        let pragmas = "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
                       PRAGMA hard_heap_limit = 134217728;";
        // A view in a table's place could compute for ever, a trigger could undo what is written.
        let off = [DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER];
        let strict = store.connection.execute_batch(pragmas).and_then(|()| {
            store.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
            off.into_iter().try_for_each(|what| store.connection.set_db_config(what, false).map(drop))
        });
        strict.map_err(|error| store.wrap(error))?;
        // One reading transaction, so that nobody brings it up to another version in between.
        store.batch("BEGIN")?;
        let version = store.number("PRAGMA user_version")?;
        if version != 0 && store.number("PRAGMA application_id")? != APPLICATION_ID {
            return Err(StoreError::Damaged(store.path));
        }
        if (1..=SCHEMA_VERSION).contains(&version) && !store.has_our_tables(version)? {
            return Err(StoreError::Damaged(store.path));
        }
        store.batch("COMMIT")?;
        Ok((store, version))
    }

    fn is_blank(&self) -> Result<bool> {
        Ok(self.number("SELECT count(*) FROM sqlite_schema")? == 0)
    }

    fn number(&self, sql: &str) -> Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| self.wrap(error))
    }

    fn batch(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|error| self.wrap(error))
    }

    fn wrap(&self, error: rusqlite::Error) -> StoreError {
        wrap(&self.path, error)
    }
}

/// A file that is not the cache we would have written.
fn damaged_or_foreign(path: PathBuf) -> StoreError {
    if is_foreign(&path) { StoreError::Foreign(path) } else { StoreError::Damaged(path) }
}

fn wrap(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_path_buf();
    let code = match &error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.code),
        // A column that holds another type, or a table that is not there: somebody has been at it.
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::Utf8Error(..)
        | rusqlite::Error::SqlInputError { .. } => return StoreError::Damaged(path),
        _ => None,
    };
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(path),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::TypeMismatch | ErrorCode::Unknown) => {
            StoreError::Damaged(path)
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::NotWritable(path),
        Some(ErrorCode::CannotOpen) => StoreError::NotReadable(path),
        Some(ErrorCode::DiskFull) => StoreError::DiskFull(path),
        _ => StoreError::Sqlite { path, error },
    }
}
