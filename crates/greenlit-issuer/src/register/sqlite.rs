//! A register in one SQLite file in the authority's folder.

mod change;
mod copy;
mod reserve;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Params, Row, TransactionBehavior, params};

use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::schema::{APPLICATION_ID, COLUMNS_4, FIRST, MIGRATIONS, VERSION};
use super::{
    IssuedPass, KeyRecord, Missing, Publication, Register, RegisterError, Reservation, Reserved, Result, Role, Status,
    StatusChange, StatusListRecord,
};
use crate::witness::{End, Entry, Witness};
use change::Change;
pub(crate) use copy::put_away;
use reserve::Lists;

/// The register's name in the authority's folder.
pub const FILE_NAME: &str = "register.db";

/// How long a command waits for another that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A register in SQLite.
pub struct SqliteRegister {
    connection: Connection,
    path: PathBuf,
}

impl SqliteRegister {
    /// Makes a new one, where there is none.
    pub fn create(folder: &Path) -> Result<Self> {
        Self::create_at(&folder.join(FILE_NAME))
    }

    fn create_at(path: &Path) -> Result<Self> {
        let mut register = Self::connect_to(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        let schema =
            format!("BEGIN; {FIRST} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1; COMMIT;");
        register.connection.execute_batch(&schema).map_err(|error| wrap(&register.path, error))?;
        register.migrate().map(|()| register)
    }

    /// Opens the one of an authority.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Err(RegisterError::NoAuthority(folder.display().to_string()));
        }
        let mut register = Self::connect_to(&path, OpenFlags::empty())?;
        copy::check_here(&register.connection, &path)?;
        let number = |sql: &str| register.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let version = number("PRAGMA user_version").map_err(|error| wrap(&path, error))?;
        let place = path.display().to_string();
        match version {
            VERSION => Ok(register),
            1..VERSION => register.migrate().map(|()| register),
            found if found > VERSION => Err(RegisterError::TooNew { register: place, found }),
            _ => Err(RegisterError::Damaged(place)),
        }
    }

    fn connect_to(path: &Path, extra: OpenFlags) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| wrap(path, error))?;
        let set_up = connection.busy_timeout(BUSY_TIMEOUT).and_then(|()| {
            connection
                .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536;")
        });
        set_up.map_err(|error| wrap(path, error))?;
        Ok(Self { connection, path: path.into() })
    }

    fn migrate(&mut self) -> Result<()> {
        self.change(|change| {
            // Another command may have been quicker.
            let found = change.number("PRAGMA user_version", [])?;
            for (from, sql) in MIGRATIONS.iter().filter(|(from, _)| *from >= found) {
                let columns = COLUMNS_4.iter().filter(|_| *from == 3);
                for (name, add) in columns {
                    let there = "SELECT count(*) FROM pragma_table_info('pass') WHERE name = ?1";
                    if change.number(there, [name])? == 0 {
                        change.execute(add, [])?;
                    }
                }
                change.transaction.execute_batch(sql).map_err(|error| wrap(change.path, error))?;
            }
            Ok(())
        })
    }

    /// Does something whole or not at all, one command at a time.
    fn change<T>(&mut self, work: impl FnOnce(&Change<'_>) -> Result<T>) -> Result<T> {
        let fail = |error| wrap(&self.path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let change = Change { transaction, path: &self.path };
        // It may have been moved since it was opened.
        copy::check_here(&change.transaction, &self.path)?;
        let value = work(&change)?;
        change.transaction.commit().map_err(fail)?;
        Ok(value)
    }

    fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let all = self.connection.prepare(sql).and_then(|mut statement| statement.query_map(params, read)?.collect());
        all.map_err(|error| wrap(&self.path, error))
    }
}

impl Register for SqliteRegister {
    fn keys(&self) -> Result<Vec<KeyRecord>> {
        let sql = "SELECT role, file, public, not_before, not_after, published_at, retired_at, revoked_at, kid FROM key
                   ORDER BY CASE role WHEN 'root' THEN 0 WHEN 'bundle' THEN 1 WHEN 'issuer' THEN 2 ELSE 3 END,
                            length(file), file";
        let read = |row: &Row<'_>| {
            // What does not fit its own name was damaged.
            let damaged = |column| rusqlite::Error::IntegralValueOutOfRange(column, 0);
            let role = Role::parse(row.get_ref(0)?.as_str()?).ok_or_else(|| damaged(0))?;
            let key = PublicKey::from_bytes(&row.get(2)?).map_err(|_| damaged(2))?;
            if key.id().to_string() != row.get_ref(8)?.as_str()? {
                return Err(damaged(8));
            }
            Ok(KeyRecord {
                key,
                role,
                file: row.get(1)?,
                not_before: time(row, 3)?,
                not_after: time(row, 4)?,
                published_at: maybe_time(row, 5)?,
                retired_at: maybe_time(row, 6)?,
                revoked_at: maybe_time(row, 7)?,
            })
        };
        self.rows(sql, [], read)
    }

    fn lists(&self) -> Result<Vec<StatusListRecord>> {
        self.rows("SELECT id, uri, bits, size FROM list ORDER BY id", [], |row| {
            Ok(StatusListRecord { id: unsigned(row, 0)?, uri: row.get(1)?, bits: row.get(2)?, size: unsigned(row, 3)? })
        })
    }

    fn pass(&self, at: StatusRef) -> Result<Option<IssuedPass>> {
        let sql = "SELECT status, reason FROM pass WHERE list = ?1 AND idx = ?2";
        let read = |row: &Row<'_>| Ok(IssuedPass { status: status(row, 0)?, reason: row.get(1)? });
        Ok(self.rows(sql, place(at), read)?.pop())
    }

    fn changed_statuses(&self, list: u64) -> Result<Vec<(u64, Status)>> {
        let sql = "SELECT idx, status FROM pass WHERE list = ?1 AND status <> 0";
        self.rows(sql, [list.cast_signed()], |row| Ok((unsigned(row, 0)?, status(row, 1)?)))
    }

    fn status_changes(&self, of: Option<StatusRef>) -> Result<Vec<StatusChange>> {
        let read = |row: &Row<'_>| {
            Ok(StatusChange {
                pass: StatusRef { list: unsigned(row, 0)?, index: unsigned(row, 1)? },
                status: status(row, 2)?,
                at: time(row, 3)?,
                reason: row.get(4)?,
            })
        };
        let select = "SELECT list, idx, status, at, reason FROM status_change WHERE";
        match of {
            Some(at) => self.rows(&format!("{select} list = ?1 AND idx = ?2 ORDER BY number"), place(at), read),
            None => {
                let last = "number IN (SELECT max(number) FROM status_change GROUP BY list, idx)";
                self.rows(&format!("{select} {last} AND status <> 0 ORDER BY number"), [], read)
            }
        }
    }

    fn passes_in_date(&self, now: UnixTime) -> Result<Vec<(Class, u64)>> {
        let sql = "SELECT class, count(*) FROM pass JOIN key USING (kid)
                   WHERE pass.exp > ?1 AND pass.status <> 1 AND key.revoked_at IS NULL GROUP BY class ORDER BY class";
        self.rows(sql, [seconds(now)], |row| Ok((Class(unsigned(row, 0)?), unsigned(row, 1)?)))
    }

    fn has_person_key(&self) -> Result<bool> {
        let counted = self.connection.query_row("SELECT count(*) FROM person_key", [], |row| row.get::<_, i64>(0));
        counted.map(|count| count > 0).map_err(|error| wrap(&self.path, error))
    }

    fn last_publication(&self) -> Result<Option<Publication>> {
        let sql = "SELECT version, issued, root FROM publication ORDER BY version DESC LIMIT 1";
        let read = |row: &Row<'_>| {
            Ok(Publication { version: unsigned(row, 0)?, issued: time(row, 1)?, root: unsigned(row, 2)? })
        };
        Ok(self.rows(sql, [], read)?.pop())
    }

    fn witness_end(&self) -> Result<Option<End>> {
        witness_end(&self.connection).map_err(|error| wrap(&self.path, error))
    }

    fn initialize(&mut self, keys: &[KeyRecord], list: &StatusListRecord) -> Result<()> {
        self.change(|change| {
            keys.iter().try_for_each(|key| change.insert_key(key))?;
            change.insert_list(list)
        })
    }

    fn reserve(
        &mut self,
        wanted: &[Reservation],
        draw: &mut dyn FnMut() -> u64,
        list_uri: &str,
        witness: Option<&Witness>,
    ) -> Result<Vec<Reserved>> {
        self.change(|change| {
            let mut lists = Lists::new(change, list_uri)?;
            let mut reserved = Vec::with_capacity(wanted.len());
            for one in wanted {
                reserved.push(lists.reserve(one, draw)?);
            }
            let entries = lists.finish()?;
            if !entries.is_empty() {
                change.witness(witness, &entries)?;
            }
            Ok(reserved)
        })
    }

    fn begin_batch(&mut self, digest: &[u8; 32], at: UnixTime, witness: Option<&Witness>) -> Result<u64> {
        self.change(|change| {
            let known = "SELECT coalesce((SELECT id FROM batch WHERE digest = ?1), 0)";
            match change.number(known, [digest])?.cast_unsigned() {
                0 => {
                    let id = change.number("SELECT 1 + coalesce(max(id), 0) FROM batch", [])?.cast_unsigned();
                    change.insert_batch(id, digest, at.seconds())?;
                    let digest = hex::encode(digest);
                    change.witness(witness, &[Entry::Batch { id, digest, at: at.seconds() }])?;
                    Ok(id)
                }
                id => Ok(id),
            }
        })
    }

    fn bind_person_key(&mut self, fingerprint: &[u8]) -> Result<bool> {
        self.change(|change| {
            let sql = "INSERT INTO person_key VALUES (1, ?1) ON CONFLICT (one) DO NOTHING";
            change.execute(sql, [fingerprint])?;
            Ok(change.number("SELECT count(*) FROM person_key WHERE fingerprint = ?1", [fingerprint])? == 1)
        })
    }

    fn set_status(&mut self, new: &StatusChange, expected: Status, witness: Option<&Witness>) -> Result<bool> {
        let (pass, code, at) = (new.pass, new.status.code(), new.at.seconds());
        self.change(|change| {
            let sql = "SELECT count(*) FROM pass WHERE list = ?1 AND idx = ?2 AND status = ?3";
            let (list, index) = place(pass);
            if change.number(sql, params![list, index, expected.code()])? == 0 {
                return Ok(false);
            }
            change.update_status(pass, code, at, new.reason.as_deref())?;
            let entry = Entry::Status { list: pass.list, index: pass.index, status: code, at };
            change.witness(witness, &[entry])?;
            Ok(true)
        })
    }

    fn add_key(&mut self, key: &KeyRecord) -> Result<()> {
        self.change(|change| change.insert_key(key))
    }

    fn replace_key(&mut self, old: KeyId, new: &KeyRecord, at: UnixTime) -> Result<()> {
        self.change(|change| {
            change.insert_key(new)?;
            change.execute("UPDATE key SET retired_at = ?1 WHERE kid = ?2", params![seconds(at), old.to_string()])
        })
    }

    fn retire_key(&mut self, kid: KeyId, at: UnixTime) -> Result<()> {
        // At once, so that no pass is entered between the look at the latest one and the key's end.
        let sql = "UPDATE key SET retired_at = ?2, not_after = min(not_after, max(?2, 1 + coalesce(
                   (SELECT max(nbf) FROM pass WHERE kid = ?1), 0))) WHERE kid = ?1";
        self.change(|change| change.execute(sql, params![kid.to_string(), seconds(at)]))
    }

    fn revoke_key(&mut self, kid: KeyId, at: UnixTime, witness: Option<&Witness>) -> Result<()> {
        self.change(|change| {
            change.revoke_key(&kid.to_string(), at.seconds())?;
            change.witness(witness, &[Entry::KeyRevoked { kid: kid.to_string(), at: at.seconds() }])
        })
    }

    fn set_root_keys(&mut self, keys: &[KeyRecord], at: UnixTime) -> Result<()> {
        self.change(|change| {
            keys.iter().try_for_each(|key| change.insert_key(key))?;
            let sql = "UPDATE key SET retired_at = ?1 WHERE role IN ('root', 'bundle') AND retired_at IS NULL";
            change.execute(sql, [seconds(at)])?;
            // One that has changed its work since an earlier root is listed by what it does now.
            let sql = "UPDATE key SET retired_at = NULL, not_after = ?1, role = ?2 WHERE kid = ?3";
            keys.iter().try_for_each(|key| {
                change.execute(sql, params![seconds(key.not_after), key.role.as_str(), key.kid().to_string()])
            })
        })
    }

    fn record_publication(&mut self, new: &Publication, witness: Option<&Witness>) -> Result<()> {
        let Publication { version, issued, root } = *new;
        self.change(|change| {
            change.insert_publication(version, issued.seconds(), root)?;
            // One published by a clock that ran ahead is published now.
            let sql = "UPDATE key SET published_at = ?1
                       WHERE role = 'issuer' AND (published_at IS NULL OR published_at > ?1)";
            change.execute(sql, [seconds(issued)])?;
            change.witness(witness, &[Entry::Publish { version, issued: issued.seconds(), root }])
        })
    }

    fn replay(&mut self, list_uri: &str, missing: &mut Missing<'_>) -> Result<()> {
        self.change(|change| {
            for (end, entry) in missing(change.witness_end()?.as_ref())? {
                change.put_back(&entry, list_uri)?;
                change.set_witness_end(&end)?;
            }
            Ok(())
        })
    }
}

fn witness_end(connection: &Connection) -> rusqlite::Result<Option<End>> {
    let read = |row: &Row<'_>| Ok(End { number: unsigned(row, 0)?, hash: row.get(1)? });
    connection.query_row("SELECT number, hash FROM witness", [], read).optional()
}

fn place(at: StatusRef) -> (i64, i64) {
    (at.list.cast_signed(), at.index.cast_signed())
}

fn seconds(time: UnixTime) -> i64 {
    time.seconds().cast_signed()
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<Status> {
    row.get(column).map(Status::from_code)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<UnixTime> {
    let seconds: i64 = row.get(column)?;
    let time = u64::try_from(seconds).ok().and_then(UnixTime::new);
    time.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}

fn maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<UnixTime>> {
    row.get::<_, Option<i64>>(column)?.map(|_| time(row, column)).transpose()
}

fn wrap(path: &Path, error: rusqlite::Error) -> RegisterError {
    let place = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => RegisterError::Busy(place),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => {
            RegisterError::Damaged(place)
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            RegisterError::NotWritable(place)
        }
        Some(ErrorCode::DiskFull) => RegisterError::DiskFull(place),
        None if !matches!(error, rusqlite::Error::QueryReturnedNoRows) => RegisterError::Damaged(place),
        _ => RegisterError::Database { register: place, error: error.into() },
    }
}

#[cfg(test)]
mod tests;
