//! The till's cache in SQLite: signed documents as received, what has been held, settings.
//!
//! Nothing in it is trusted: documents are opened against the anchor at every start. One process
//! writes at a time; an import is one transaction. A damaged cache is set aside, and made anew.

mod private;
mod quarantine;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Documents, ImportError, RollbackFloor, TrustState, limits};
pub use quarantine::COPIES_KEPT;
use quarantine::{LockMode, is_foreign, lock};

/// The database's name in the data folder.
pub const FILE_NAME: &str = "greenlit.db";

const SCHEMA_VERSION: i64 = 1;
const APPLICATION_ID: i64 = 0x474c_4954; // "GLIT"
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest value of a setting, in bytes.
const MAX_SETTING: usize = 1_000;

const SCHEMA: &str = "
    CREATE TABLE document (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'bundle', 'list')),
        number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE held (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'bundle', 'list', 'floor')),
        number INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";

/// Spaces and line ends told nothing when the tables were made.
fn words(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why the cache did not serve. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum StoreError {
    #[error("{}: another copy of Greenlit is writing here; try again when it is done", .0.display())]
    Busy(PathBuf),
    #[error("{}: the trust store is damaged, and nothing in it is believed; the next start of Greenlit by somebody who may write there sets it aside", .0.display())]
    Damaged(PathBuf),
    #[error("{}: damaged again and again within an hour, so it is not set aside any more; have the disk checked, then remove the file", .0.display())]
    RepeatedlyDamaged(PathBuf),
    #[error("{}: this is another program's database, and stays as it is; name another folder with --data", .0.display())]
    Foreign(PathBuf),
    #[error("{}: not a regular file; move it away, then run `greenlit trust add` and `greenlit sync`", .0.display())]
    NotAFile(PathBuf),
    #[error("{}: the trust store was written by a newer Greenlit (format {found}); update this one", .path.display())]
    TooNew { path: PathBuf, found: i64 },
    #[error("{}: the folder or the file cannot be written; check its owner and permissions, or name another with --data", .0.display())]
    NotWritable(PathBuf),
    #[error("{}: no space left on the disk; nothing was changed", .0.display())]
    DiskFull(PathBuf),
    #[error("{}: cannot be read; check its owner and permissions, or name another with --data", .0.display())]
    NotReadable(PathBuf),
    #[error("{}: other users of this machine may read it, or keep this one from writing by holding its lock; a folder of its own belongs to one user alone: chmod 0700", .0.display())]
    OpenToOthers(PathBuf),
    #[error("{}: changed by another copy of Greenlit meanwhile; nothing was written, run the command again", .0.display())]
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

/// The setting in which a till notes the latest time that it has gone by.
pub const LATEST_TIME: &str = "latest-time";

/// What the cache held at start.
#[derive(Debug)]
pub struct LoadedStore {
    /// The trust data that still holds.
    pub trust: TrustState,
    /// Documents that no longer hold, and why. They were left out.
    pub dropped: Vec<ImportError>,
    /// Every document as it stood there, good or not: what [`Store::save`] expects to find again.
    pub found: Documents,
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
            Ok((store, SCHEMA_VERSION)) => Ok(Some(store)),
            Ok((_, found)) if found > SCHEMA_VERSION => Err(StoreError::TooNew { path, found }),
            Ok(_) => Err(damaged_or_foreign(path)),
            Err(error) => Err(error),
        }
    }

    /// Opens the cache to write, making it where there is none.
    pub fn open_to_write(folder: &Path) -> Result<Self> {
        Self::open_writing(folder, false)
    }

    /// Notes the latest time that the till has gone by, where there is a store already.
    pub fn note_latest(folder: &Path, latest: UnixTime) -> Result<bool> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Ok(false);
        }
        let _alone = lock(folder, LockMode::Yes)?;
        // It is not made anew where another copy has just set it aside.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (mut store, found) = Self::open(path, flags)?;
        if found != SCHEMA_VERSION {
            return Ok(false);
        }
        store.set_setting(LATEST_TIME, Some(&latest.to_string())).map(|()| true)
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
            SCHEMA_VERSION => Ok(store),
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
        let version = store.number("PRAGMA user_version")?;
        if version != 0 && store.number("PRAGMA application_id")? != APPLICATION_ID {
            return Err(StoreError::Damaged(store.path));
        }
        if version == SCHEMA_VERSION && !store.has_our_tables()? {
            return Err(StoreError::Damaged(store.path));
        }
        Ok((store, version))
    }

    fn create(&mut self) -> Result<()> {
        let path = self.path.clone();
        let fail = |error| wrap(&path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
        if version == 0 {
            let tables: i64 =
                transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fail)?;
            if tables != 0 {
                return Err(damaged_or_foreign(path));
            }
            transaction.execute_batch(SCHEMA).map_err(fail)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    /// Our three tables word for word as we make them, and nothing else but what SQLite adds (after
    /// ANALYZE, say): a column that is computed could take all memory, and all day, to give its value.
    fn has_our_tables(&self) -> Result<bool> {
        let found = "SELECT coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                     AND length(sql) < 1000 LIMIT 4";
        let all = "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        if self.number(all)? != 3 {
            return Ok(false);
        }
        let mut statement = self.connection.prepare(found).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(|error| self.wrap(error))?;
        let found: rusqlite::Result<BTreeSet<String>> = rows.map(|sql| sql.map(|sql| words(&sql))).collect();
        let ours = SCHEMA.split_terminator(';').map(words).collect();
        Ok(found.map_err(|error| self.wrap(error))? == ours)
    }

    fn is_blank(&self) -> Result<bool> {
        Ok(self.number("SELECT count(*) FROM sqlite_schema")? == 0)
    }

    fn number(&self, sql: &str) -> Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| self.wrap(error))
    }

    fn wrap(&self, error: rusqlite::Error) -> StoreError {
        wrap(&self.path, error)
    }

    /// Opens what is cached against its anchor.
    pub fn load(&self, build_date: UnixTime) -> Result<LoadedStore> {
        // One reading transaction, so that an import cannot come between its parts.
        let transaction = self.connection.unchecked_transaction().map_err(|error| self.wrap(error))?;
        let documents = self.documents()?;
        let held = self.rollback_floor()?;
        let latest = self.setting(LATEST_TIME)?;
        transaction.finish().map_err(|error| self.wrap(error))?;
        let (mut trust, dropped) = TrustState::restore(&documents, &held, build_date);
        trust.set_latest(latest.and_then(|text| UnixTime::parse_rfc3339(&text).ok()));
        Ok(LoadedStore { trust, dropped, found: documents })
    }

    fn documents(&self) -> Result<Documents> {
        // More rows than any till holds are somebody's joke.
        let sql =
            "SELECT kind, number, bytes FROM document WHERE length(bytes) <= ?1 ORDER BY kind, number LIMIT 10000";
        let mut statement = self.connection.prepare(sql).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map(params![limits::MAX_LIST_BYTES as i64], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
        });
        let mut documents = Documents::default();
        for row in rows.map_err(|error| self.wrap(error))? {
            let (kind, number, bytes) = row.map_err(|error| self.wrap(error))?;
            match kind.as_str() {
                "root" => documents.roots.push(bytes),
                "bundle" => documents.bundle = Some(bytes),
                "list" => drop(documents.lists.insert(number.cast_unsigned(), bytes)),
                _ => return Err(StoreError::Damaged(self.path.clone())),
            }
        }
        Ok(documents)
    }

    fn rollback_floor(&self) -> Result<RollbackFloor> {
        let damaged = || StoreError::Damaged(self.path.clone());
        let mut statement = self
            .connection
            .prepare("SELECT kind, number, value FROM held LIMIT 10000")
            .map_err(|error| self.wrap(error))?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.cast_unsigned(), row.get::<_, i64>(2)?.cast_unsigned()))
        });
        let mut held = RollbackFloor::default();
        for row in rows.map_err(|error| self.wrap(error))? {
            let (kind, number, value) = row.map_err(|error| self.wrap(error))?;
            let time = UnixTime::new(value);
            match kind.as_str() {
                "root" => held.root = value,
                "bundle" => held.bundle = Some(value),
                "list" => drop(held.lists.insert(number, time.ok_or_else(damaged)?)),
                "floor" => held.floor = Some(time.ok_or_else(damaged)?),
                _ => return Err(damaged()),
            }
        }
        Ok(held)
    }

    /// Writes trust data whole, provided that what is there is still what the caller found. Another
    /// anchor's data takes the place of all that the old one vouched for.
    pub fn save(&mut self, trust: &TrustState, found: &Documents) -> Result<()> {
        // Taken at once, so that two writers wait for each other instead of failing at the end.
        self.batch("BEGIN IMMEDIATE")?;
        let written = self.documents().and_then(|now| {
            if now == *found {
                self.write_trust(trust).map_err(|error| self.wrap(error))
            } else {
                Err(StoreError::Changed(self.path.clone()))
            }
        });
        let done = written.and_then(|()| self.batch("COMMIT"));
        if done.is_err() {
            // SQLite may have rolled back by itself already.
            let _ = self.batch("ROLLBACK");
        }
        done
    }

    fn batch(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|error| self.wrap(error))
    }

    fn write_trust(&self, trust: &TrustState) -> rusqlite::Result<()> {
        self.connection.execute_batch("DELETE FROM document; DELETE FROM held")?;
        let mut document = self.connection.prepare("INSERT INTO document VALUES (?1, ?2, ?3)")?;
        let documents = trust.documents();
        for (number, bytes) in documents.roots.iter().enumerate() {
            document.execute(params!["root", number as i64, bytes])?;
        }
        if let Some(bytes) = &documents.bundle {
            document.execute(params!["bundle", 0, bytes])?;
        }
        for (id, bytes) in &documents.lists {
            document.execute(params!["list", id.cast_signed(), bytes])?;
        }
        let mut held = self.connection.prepare("INSERT INTO held VALUES (?1, ?2, ?3)")?;
        let high = trust.rollback_floor();
        held.execute(params!["root", 0, high.root.cast_signed()])?;
        if let Some(version) = high.bundle {
            held.execute(params!["bundle", 0, version.cast_signed()])?;
        }
        for (id, issued) in &high.lists {
            held.execute(params!["list", id.cast_signed(), issued.seconds().cast_signed()])?;
        }
        if let Some(floor) = high.floor {
            held.execute(params!["floor", 0, floor.seconds().cast_signed()])?;
        }
        Ok(())
    }

    /// One setting.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM setting WHERE name = ?1 AND length(CAST(value AS BLOB)) <= ?2";
        let found = self.connection.query_row(sql, params![name, MAX_SETTING as i64], |row| row.get(0)).optional();
        found.map_err(|error| self.wrap(error))
    }

    /// Sets or, with `None`, clears one setting.
    pub fn set_setting(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        if value.is_some_and(|value| value.len() > MAX_SETTING) {
            return Err(StoreError::SettingTooLong);
        }
        let done = match value {
            Some(value) => {
                self.connection.execute("INSERT OR REPLACE INTO setting VALUES (?1, ?2)", params![name, value])
            }
            None => self.connection.execute("DELETE FROM setting WHERE name = ?1", params![name]),
        };
        done.map(drop).map_err(|error| self.wrap(error))
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
