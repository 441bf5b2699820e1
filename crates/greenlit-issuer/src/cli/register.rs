//! The authority's register in SQLite: keys, status lists, issued passes, publications. It holds no
//! name, birthday or document: a pass is known by its status list and index.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::cli::witness::{End, Entry};
use crate::policy::KEY_WAIT;
use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

/// The register's name in the authority's folder.
pub(crate) const FILE_NAME: &str = "register.db";

const SCHEMA_VERSION: i64 = 3;
const APPLICATION_ID: i64 = 0x474c_4941; // "GLIA"

const SCHEMA: &str = "
    CREATE TABLE key (
        kid TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('root', 'bundle', 'issuer', 'list')),
        file TEXT NOT NULL, public BLOB NOT NULL,
        not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,
        published_at INTEGER, retired_at INTEGER, revoked_at INTEGER) STRICT;
    CREATE TABLE list (
        id INTEGER PRIMARY KEY, uri TEXT NOT NULL, bits INTEGER NOT NULL, size INTEGER NOT NULL,
        next_row INTEGER NOT NULL, permutation BLOB NOT NULL) STRICT;
    CREATE TABLE pass (
        list INTEGER NOT NULL REFERENCES list, idx INTEGER NOT NULL, kid TEXT NOT NULL REFERENCES key,
        nbf INTEGER NOT NULL, exp INTEGER NOT NULL,
        status INTEGER NOT NULL DEFAULT 0, changed INTEGER, reason TEXT,
        PRIMARY KEY (list, idx)) STRICT, WITHOUT ROWID;
    CREATE TABLE publication (version INTEGER PRIMARY KEY, issued INTEGER NOT NULL) STRICT;";

/// From format 1 to 2: what was said of a pass is kept when its status changes again, and a
/// publication knows its root (until then there was only the first).
const SECOND_FORMAT: &str = "
    CREATE TABLE status_change (
        number INTEGER PRIMARY KEY, list INTEGER NOT NULL, idx INTEGER NOT NULL,
        status INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT,
        FOREIGN KEY (list, idx) REFERENCES pass) STRICT;
    CREATE INDEX status_change_of_pass ON status_change (list, idx);
    INSERT INTO status_change (list, idx, status, at, reason)
        SELECT list, idx, status, changed, reason FROM pass WHERE changed IS NOT NULL;
    ALTER TABLE publication ADD COLUMN root INTEGER NOT NULL DEFAULT 1;
    PRAGMA user_version = 2;";

/// From format 2 to 3: where the witness ends, as far as the register knows.
const THIRD_FORMAT: &str = "
    CREATE TABLE IF NOT EXISTS witness (
        one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
    PRAGMA user_version = 3;";

/// Why the register did not serve.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum RegisterError {
    #[error("{}: there is no authority here; make one with `greenlit-issuer init`", .0.display())]
    NoAuthority(PathBuf),
    #[error("{}: another command is writing here; try again when it is done", .0.display())]
    Busy(PathBuf),
    #[error("{}: damaged, or no register; restore it from your backup", .0.display())]
    Damaged(PathBuf),
    #[error("{}: written by a newer Greenlit (format {found}); update this one", .path.display())]
    TooNew { path: PathBuf, found: i64 },
    #[error("{}: cannot be written; check its owner and permissions", .0.display())]
    NotWritable(PathBuf),
    #[error("{}: no space left on the disk; nothing was changed", .0.display())]
    DiskFull(PathBuf),
    #[error("{}: {error}", .path.display())]
    Sqlite { path: PathBuf, error: rusqlite::Error },
}

/// A key the authority has or had.
#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub(crate) kid: String,
    pub(crate) role: String,
    pub(crate) file: String,
    pub(crate) public: [u8; 32],
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    /// When it first stood in a publication.
    pub(crate) published_at: Option<UnixTime>,
    /// Since when it signs no more; its passes run out in their time.
    pub(crate) retired_at: Option<UnixTime>,
    pub(crate) revoked_at: Option<UnixTime>,
}

impl KeyRow {
    /// Since when every till has had the time to learn of it; none before its first publication.
    pub(crate) fn known_from(&self) -> Option<UnixTime> {
        self.published_at.map(|at| at.plus(KEY_WAIT))
    }
}

/// A status list.
#[derive(Clone, Debug)]
pub(crate) struct ListRow {
    pub(crate) id: u64,
    pub(crate) uri: String,
    pub(crate) bits: u8,
    pub(crate) size: u64,
    /// How many places are taken.
    pub(crate) next_row: u64,
}

/// A pass once issued.
#[derive(Clone, Debug)]
pub(crate) struct PassRow {
    pub(crate) status: u8,
    pub(crate) reason: Option<String>,
}

/// One change of a pass's status.
#[derive(Clone, Debug)]
pub(crate) struct StatusChange {
    pub(crate) pass: StatusRef,
    pub(crate) status: u8,
    pub(crate) at: UnixTime,
    pub(crate) reason: Option<String>,
}

/// What was published last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Publication {
    pub(crate) version: u64,
    pub(crate) issued: UnixTime,
    pub(crate) root: u64,
}

/// The open register.
pub(crate) struct Register {
    connection: Connection,
    path: PathBuf,
}

type Result<T> = std::result::Result<T, RegisterError>;

impl Register {
    /// Makes a new one, where there is none.
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        let register = Self::connect(folder, OpenFlags::SQLITE_OPEN_CREATE)?;
        let schema =
            format!("BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; {SECOND_FORMAT} {THIRD_FORMAT} COMMIT;");
        register.connection.execute_batch(&schema).map_err(|error| register.wrap(error))?;
        Ok(register)
    }

    /// Opens the one of an authority.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Err(RegisterError::NoAuthority(folder.into()));
        }
        let mut register = Self::connect(folder, OpenFlags::empty())?;
        let number = |sql: &str| register.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let application = number("PRAGMA application_id").map_err(|error| register.wrap(error))?;
        let version = number("PRAGMA user_version").map_err(|error| register.wrap(error))?;
        match version {
            _ if application != APPLICATION_ID => Err(RegisterError::Damaged(path)),
            SCHEMA_VERSION => Ok(register),
            1 | 2 => register.bring_up_to_date().map(|()| register),
            found if found > SCHEMA_VERSION => Err(RegisterError::TooNew { path, found }),
            _ => Err(RegisterError::Damaged(path)),
        }
    }

    fn bring_up_to_date(&mut self) -> Result<()> {
        self.change(|transaction| {
            // Another command may have been quicker.
            match transaction.query_row("PRAGMA user_version", [], |row| row.get(0))? {
                1 => transaction.execute_batch(SECOND_FORMAT).and_then(|()| transaction.execute_batch(THIRD_FORMAT)),
                2 => transaction.execute_batch(THIRD_FORMAT),
                _ => Ok(()),
            }
        })
    }

    fn connect(folder: &Path, extra: OpenFlags) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| wrap(&path, error))?;
        let register = Self { connection, path };
        let set_up = register.connection.busy_timeout(Duration::from_secs(10)).and_then(|()| {
            register
                .connection
                .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")
        });
        set_up.map_err(|error| register.wrap(error))?;
        Ok(register)
    }

    fn wrap(&self, error: rusqlite::Error) -> RegisterError {
        wrap(&self.path, error)
    }

    /// Does something whole or not at all; one command at a time.
    pub(crate) fn change<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let path = self.path.clone();
        let done = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let value = work(&transaction)?;
            transaction.commit().map(|()| value)
        });
        done.map_err(|error| wrap(&path, error))
    }

    /// The same for work that may fail for other reasons.
    pub(crate) fn attempt<T, E: From<RegisterError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let path = self.path.clone();
        let fail = |error| E::from(wrap(&path, error));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let value = work(&transaction)?;
        transaction.commit().map_err(|error| E::from(wrap(&path, error))).map(|()| value)
    }

    /// Where the witness ends, as far as this register knows; `None` before there was one.
    pub(crate) fn witness_end(&self) -> Result<Option<End>> {
        witness_end(&self.connection).map_err(|error| self.wrap(error))
    }

    /// An error of the database, with the register's path.
    pub(crate) fn failure(path: &Path, error: rusqlite::Error) -> RegisterError {
        wrap(path, error)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn keys(&self) -> Result<Vec<KeyRow>> {
        let sql = "SELECT kid, role, file, public, not_before, not_after, published_at, retired_at, revoked_at FROM key
                   ORDER BY CASE role WHEN 'root' THEN 0 WHEN 'bundle' THEN 1 WHEN 'issuer' THEN 2 ELSE 3 END,
                            length(file), file";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(KeyRow {
                kid: row.get(0)?,
                role: row.get(1)?,
                file: row.get(2)?,
                public: row.get(3)?,
                not_before: time(row, 4)?,
                not_after: time(row, 5)?,
                published_at: maybe_time(row, 6)?,
                retired_at: maybe_time(row, 7)?,
                revoked_at: maybe_time(row, 8)?,
            })
        };
        self.rows(sql, read)
    }

    pub(crate) fn lists(&self) -> Result<Vec<ListRow>> {
        self.rows("SELECT id, uri, bits, size, next_row FROM list ORDER BY id", |row| {
            Ok(ListRow {
                id: row.get::<_, i64>(0)?.cast_unsigned(),
                uri: row.get(1)?,
                bits: row.get(2)?,
                size: row.get::<_, i64>(3)?.cast_unsigned(),
                next_row: row.get::<_, i64>(4)?.cast_unsigned(),
            })
        })
    }

    /// Index and status of every pass of a list that is not simply valid.
    pub(crate) fn marked(&self, list: u64) -> Result<Vec<(u64, u8)>> {
        let sql = format!("SELECT idx, status FROM pass WHERE list = {} AND status <> 0", list.cast_signed());
        self.rows(&sql, |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))
    }

    pub(crate) fn pass(&self, at: StatusRef) -> Result<Option<PassRow>> {
        let sql = "SELECT status, reason FROM pass WHERE list = ?1 AND idx = ?2";
        let read = |row: &rusqlite::Row<'_>| Ok(PassRow { status: row.get(0)?, reason: row.get(1)? });
        let found =
            self.connection.query_row(sql, params![at.list.cast_signed(), at.index.cast_signed()], read).optional();
        found.map_err(|error| self.wrap(error))
    }

    /// How many passes are not over by then, not revoked, and under a key that is not revoked.
    pub(crate) fn passes_in_date(&self, now: UnixTime) -> Result<u64> {
        let sql = "SELECT count(*) FROM pass JOIN key USING (kid)
                   WHERE pass.exp > ?1 AND pass.status <> 1 AND key.revoked_at IS NULL";
        let counted = self.connection.query_row(sql, [now.seconds().cast_signed()], |row| row.get::<_, i64>(0));
        counted.map(i64::cast_unsigned).map_err(|error| self.wrap(error))
    }

    /// The changes of one pass, oldest first; or the last change of every pass that is revoked or suspended now.
    pub(crate) fn status_changes(&self, of: Option<StatusRef>) -> Result<Vec<StatusChange>> {
        let which = match of {
            Some(at) => {
                format!("list = {} AND idx = {} ORDER BY number", at.list.cast_signed(), at.index.cast_signed())
            }
            None => "number IN (SELECT max(number) FROM status_change GROUP BY list, idx) AND status <> 0
                     ORDER BY number"
                .to_owned(),
        };
        self.rows(&format!("SELECT list, idx, status, at, reason FROM status_change WHERE {which}"), |row| {
            let (list, index): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(StatusChange {
                pass: StatusRef { list: list.cast_unsigned(), index: index.cast_unsigned() },
                status: row.get(2)?,
                at: time(row, 3)?,
                reason: row.get(4)?,
            })
        })
    }

    /// The newest publication.
    pub(crate) fn last_publication(&self) -> Result<Option<Publication>> {
        let sql = "SELECT version, issued, root FROM publication ORDER BY version DESC LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Publication {
                version: row.get::<_, i64>(0)?.cast_unsigned(),
                issued: time(row, 1)?,
                root: row.get::<_, i64>(2)?.cast_unsigned(),
            })
        };
        Ok(self.rows(sql, read)?.pop())
    }

    fn rows<T>(&self, sql: &str, read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
        let all = self.connection.prepare(sql).and_then(|mut statement| statement.query_map([], read)?.collect());
        all.map_err(|error| self.wrap(error))
    }
}

pub(crate) fn witness_end(connection: &Connection) -> rusqlite::Result<Option<End>> {
    let read = |row: &rusqlite::Row<'_>| Ok(End { number: row.get::<_, i64>(0)?.cast_unsigned(), hash: row.get(1)? });
    connection.query_row("SELECT number, hash FROM witness", [], read).optional()
}

pub(crate) fn set_witness_end(transaction: &Transaction<'_>, end: &End) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO witness VALUES (1, ?1, ?2)";
    transaction.execute(sql, params![end.number.cast_signed(), end.hash]).map(drop)
}

/// Does again what the witness knows of.
pub(crate) fn put_back(transaction: &Transaction<'_>, entry: &Entry, list_uri: &str) -> rusqlite::Result<()> {
    match entry {
        Entry::Begin => Ok(()),
        Entry::List { id, bits, size } => {
            let uri = format!("{list_uri}:status:{id}");
            insert_list(transaction, &ListRow { id: *id, uri, bits: *bits, size: *size, next_row: 0 })
        }
        Entry::Issue { list, index, kid, nbf, exp } => {
            let sql = "INSERT INTO pass (list, idx, kid, nbf, exp) VALUES (?1, ?2, ?3, ?4, ?5)";
            let (nbf, exp) = (nbf.cast_signed(), exp.cast_signed());
            transaction.execute(sql, params![list.cast_signed(), index.cast_signed(), kid, nbf, exp])?;
            let sql = "UPDATE list SET next_row = next_row + 1 WHERE id = ?1";
            transaction.execute(sql, params![list.cast_signed()]).map(drop)
        }
        Entry::Status { list, index, status, at } => {
            let place = (list.cast_signed(), index.cast_signed(), at.cast_signed());
            let sql = "UPDATE pass SET status = ?3, changed = ?4, reason = NULL WHERE list = ?1 AND idx = ?2";
            transaction.execute(sql, params![place.0, place.1, status, place.2])?;
            let sql = "INSERT INTO status_change (list, idx, status, at) VALUES (?1, ?2, ?3, ?4)";
            transaction.execute(sql, params![place.0, place.1, status, place.2]).map(drop)
        }
        Entry::KeyRevoked { kid, at } => {
            let sql = "UPDATE key SET revoked_at = ?2 WHERE kid = ?1";
            transaction.execute(sql, params![kid, at.cast_signed()]).map(drop)
        }
        Entry::Publish { version, issued, root } => {
            let (version, issued) = (version.cast_signed(), issued.cast_signed());
            let sql = "INSERT INTO publication (version, issued, root) VALUES (?1, ?2, ?3)";
            transaction.execute(sql, params![version, issued, root.cast_signed()])?;
            let sql = "UPDATE key SET published_at = ?1 WHERE role = 'issuer' AND published_at IS NULL";
            transaction.execute(sql, params![issued]).map(drop)
        }
    }
}

fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<UnixTime> {
    let seconds: i64 = row.get(column)?;
    let time = u64::try_from(seconds).ok().and_then(UnixTime::new);
    time.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}

fn maybe_time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<UnixTime>> {
    row.get::<_, Option<i64>>(column)?.map(|_| time(row, column)).transpose()
}

/// Enters a key, unless it is there.
pub(crate) fn insert_key(transaction: &Transaction<'_>, key: &KeyRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO key (kid, role, file, public, not_before, not_after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (kid) DO NOTHING";
    let (from, until) = (key.not_before.seconds().cast_signed(), key.not_after.seconds().cast_signed());
    transaction.execute(sql, params![key.kid, key.role, key.file, key.public, from, until]).map(drop)
}

/// Enters a status list.
pub(crate) fn insert_list(transaction: &Transaction<'_>, list: &ListRow) -> rusqlite::Result<()> {
    let (id, size, row) = (list.id.cast_signed(), list.size.cast_signed(), list.next_row.cast_signed());
    transaction
        .execute(
            // Places were once given in an order that the last column held.
            "INSERT INTO list VALUES (?1, ?2, ?3, ?4, ?5, zeroblob(32))",
            params![id, list.uri, list.bits, size, row],
        )
        .map(drop)
}

fn wrap(path: &Path, error: rusqlite::Error) -> RegisterError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => RegisterError::Busy(path),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => RegisterError::Damaged(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            RegisterError::NotWritable(path)
        }
        Some(ErrorCode::DiskFull) => RegisterError::DiskFull(path),
        None => match error {
            rusqlite::Error::QueryReturnedNoRows => RegisterError::Sqlite { path, error },
            _ => RegisterError::Damaged(path),
        },
        _ => RegisterError::Sqlite { path, error },
    }
}
