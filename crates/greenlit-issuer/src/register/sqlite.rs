//! A register in one SQLite file in the authority's folder.

mod change;
mod copy;
mod reserve;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Params, Row, TransactionBehavior};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::counts::{Counts, Fate};
use super::known_keys::KnownKeys;
use super::reserve::give_places;
use super::schema::{APPLICATION_ID, Column, FIRST, MIGRATIONS, VERSION};
use super::{
    Confirmed, Erased, IssuedPass, KeyRecord, Missing, NewProposal, Origin, PassCount, Publication, RefusalCount,
    Register, RegisterError, Request, Reservation, Reserved, Result, RevocationLimit, RevocationProposal, Revoked,
    Role, Status, StatusChange, StatusListRecord, change as shared, erase, revoke,
};
use crate::operator::{Actor, Operator};
use crate::witness::End;
use change::{Change, KNOWN, PROPOSALS, PROPOSED, proposal};
pub(crate) use copy::put_away;
use reserve::{ANSWERED, answer};

/// The register's name in the authority's folder.
pub const FILE_NAME: &str = "register.db";

/// So many pages that hold nothing any more are given back after a migration.
const MANY_PAGES: i64 = 1_024;

/// How long a command waits for another that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A register in SQLite.
pub struct SqliteRegister {
    connection: Connection,
    known_keys: KnownKeys,
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

    /// Whether the register in this folder is whole: what is wrong with it, a line each, and nothing where it is sound.
    pub fn check(folder: &Path) -> Result<Vec<String>> {
        let register = Self::connect_to(&folder.join(FILE_NAME), OpenFlags::empty())?;
        let mut faults: Vec<String> = register.rows("PRAGMA integrity_check (10)", [], |row| row.get(0))?;
        faults.retain(|line| line != "ok");
        let stray = |row: &Row<'_>| Ok(format!("{} names what is not there", row.get::<_, String>(0)?));
        faults.extend(register.rows("PRAGMA foreign_key_check", [], stray)?);
        Ok(faults)
    }

    fn connect_to(path: &Path, extra: OpenFlags) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| wrap(path, error))?;
        // Otherwise a statement in which a bound value has a say in the plan is planned anew whenever it comes out of the
        // cache, which has cleared its values: a third of the time of a batch.
        let steady_plans = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
        let set_up = steady_plans.and_then(|_| connection.busy_timeout(BUSY_TIMEOUT)).and_then(|()| {
            connection
                .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536;")
        });
        set_up.map_err(|error| wrap(path, error))?;
        Ok(Self { connection, known_keys: KnownKeys::default(), path: path.into() })
    }

    fn set_up(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|error| wrap(&self.path, error))
    }

    fn migrate(&mut self) -> Result<()> {
        // Other tables name the table of passes, which a migration makes anew. Only outside of a change can they be told
        // not to mind.
        self.set_up("PRAGMA foreign_keys = OFF")?;
        let migrated = self.migrate_unchecked();
        self.set_up("PRAGMA foreign_keys = ON").and(migrated)?;
        let unused = self.connection.query_row("PRAGMA freelist_count", [], |row| row.get::<_, i64>(0));
        if unused.map_err(|error| wrap(&self.path, error))? > MANY_PAGES {
            // The table that was made anew; without room for that on the disk it waits for the next `erase`.
            let _ = self.tidy();
        }
        Ok(())
    }

    fn migrate_unchecked(&mut self) -> Result<()> {
        self.change(|change| {
            // Another command may have been quicker.
            let found = change.number("PRAGMA user_version", [])?;
            if found >= VERSION {
                return Ok(());
            }
            let astray = "SELECT count(*) FROM pragma_foreign_key_check";
            let before = change.number(astray, [])?;
            for migration in MIGRATIONS.iter().filter(|migration| migration.from >= found) {
                for Column { table, name, kind } in migration.columns {
                    let there = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
                    if change.number(there, [table, name])? == 0 {
                        change.execute(&format!("ALTER TABLE {table} ADD COLUMN {name} {kind}"), [])?;
                    }
                }
                change.transaction.execute_batch(migration.sql).map_err(|error| wrap(change.path, error))?;
            }
            if change.number(astray, [])? > before {
                return Err(RegisterError::Damaged(change.path.display().to_string()));
            }
            Ok(())
        })
    }

    /// Does something whole or not at all, one command at a time.
    fn change<T>(&mut self, work: impl FnOnce(&mut Change<'_>) -> Result<T>) -> Result<T> {
        let fail = |error| wrap(&self.path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let mut change = Change { transaction, path: &self.path };
        // It may have been moved since it was opened, or brought to a form that is not known here.
        copy::check_here(&change.transaction, &self.path)?;
        let found = change.number("PRAGMA user_version", [])?;
        if found > VERSION {
            return Err(RegisterError::TooNew { register: self.path.display().to_string(), found });
        }
        let value = work(&mut change)?;
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
            let key = self.known_keys.read(&row.get(2)?).ok_or_else(|| damaged(2))?;
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
        let sql =
            "SELECT status, reason, kid, nbf, exp, class, entered, policy, replaces_list, replaces_idx, batch, line
                   FROM pass WHERE list = ?1 AND idx = ?2";
        let read = |row: &Row<'_>| {
            Ok(IssuedPass {
                status: status(row, 0)?,
                reason: row.get(1)?,
                kid: kid(row, 2)?,
                not_before: time(row, 3)?,
                expires: time(row, 4)?,
                class: Class(unsigned(row, 5)?),
                entered: maybe_time(row, 6)?,
                policy: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
                replaces: pair(row, 8)?.map(|(list, index)| StatusRef { list, index }),
                replaced_by: None,
                origin: pair(row, 10)?.map(|(batch, line)| Origin { batch, line }),
            })
        };
        let Some(mut pass) = self.rows(sql, place(at), read)?.pop() else { return Ok(None) };
        let sql = "SELECT list, idx FROM pass WHERE replaces_list = ?1 AND replaces_idx = ?2";
        pass.replaced_by = self.rows(sql, place(at), |row| pass_at(row, 0))?.pop();
        Ok(Some(pass))
    }

    fn changed_statuses(&self, list: u64) -> Result<Vec<(u64, Status)>> {
        let sql = "SELECT idx, status FROM pass WHERE list = ?1 AND status <> 0 ORDER BY idx";
        self.rows(sql, [list.cast_signed()], |row| Ok((unsigned(row, 0)?, status(row, 1)?)))
    }

    fn status_changes(&self, of: Option<StatusRef>) -> Result<Vec<StatusChange>> {
        let read = |row: &Row<'_>| {
            Ok(StatusChange {
                pass: StatusRef { list: unsigned(row, 0)?, index: unsigned(row, 1)? },
                status: status(row, 2)?,
                at: time(row, 3)?,
                reason: row.get(4)?,
                operator: operator(row, 5)?,
                proposed_by: operator(row, 6)?,
            })
        };
        let select = "SELECT list, idx, status, at, reason, operator, proposed_by FROM status_change WHERE";
        match of {
            Some(at) => self.rows(&format!("{select} list = ?1 AND idx = ?2 ORDER BY number"), place(at), read),
            None => {
                let last = "number IN (SELECT max(number) FROM status_change GROUP BY list, idx)";
                self.rows(&format!("{select} {last} AND status <> 0 ORDER BY number"), [], read)
            }
        }
    }

    fn passes_in_date(&self, now: UnixTime, except: &[Class]) -> Result<Vec<(Class, u64)>> {
        let except: Vec<String> = except.iter().map(|class| class.0.cast_signed().to_string()).collect();
        let except = except.join(", ");
        // A program of before that had the register open goes on without counting: then all passes are looked at.
        let sql = format!(
            "SELECT (SELECT count(*) FROM class WHERE class NOT IN ({except})) = 0
                AND (SELECT coalesce(sum(passes), 0) FROM class) = (SELECT coalesce(sum(next_row), 0) FROM list)"
        );
        let none = self.connection.query_row(&sql, [], |row| row.get::<_, bool>(0));
        if none.map_err(|error| wrap(&self.path, error))? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT class, count(*) FROM pass JOIN key USING (kid)
             WHERE pass.class NOT IN ({except}) AND pass.exp > ?1 AND pass.status <> 1 AND key.revoked_at IS NULL
             GROUP BY class ORDER BY class"
        );
        self.rows(&sql, [seconds(now)], |row| Ok((Class(unsigned(row, 0)?), unsigned(row, 1)?)))
    }

    fn pass_counts(&self) -> Result<Vec<PassCount>> {
        pass_counts(&self.connection).map_err(|error| wrap(&self.path, error))
    }

    fn refusal_counts(&self) -> Result<Vec<RefusalCount>> {
        self.rows("SELECT at, reason, sum(count) FROM refusal GROUP BY at, reason", [], |row| {
            Ok(RefusalCount { at: time(row, 0)?, reason: row.get(1)?, refused: unsigned(row, 2)? })
        })
    }

    fn count_refusals(&mut self, batch: Option<u64>, at: UnixTime, counts: &[(&str, u64)]) -> Result<()> {
        self.change(|change| shared::count_refusals(change, batch, at, counts))
    }

    fn has_person_key(&self) -> Result<bool> {
        let counted = self.connection.query_row("SELECT count(*) FROM person_key", [], |row| row.get::<_, i64>(0));
        counted.map(|count| count > 0).map_err(|error| wrap(&self.path, error))
    }

    fn answered(&self, request: &Request) -> Result<Option<Reserved>> {
        Ok(self.rows(ANSWERED, [request.name], |row| answer(row, request.content))?.pop())
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

    fn witness_ends(&self) -> Result<Vec<(String, End)>> {
        Ok(self.witness_end()?.map(|end| (String::new(), end)).into_iter().collect())
    }

    fn initialize(&mut self, keys: &[KeyRecord], list: &StatusListRecord) -> Result<()> {
        self.change(|change| shared::initialize(change, keys, list))
    }

    fn reserve(
        &mut self,
        wanted: &[Reservation],
        draw: &mut dyn FnMut() -> u64,
        list_uri: &str,
        by: &Actor<'_>,
    ) -> Result<Vec<Reserved>> {
        self.change(|change| give_places(change, wanted, draw, list_uri, by))
    }

    fn begin_batch(&mut self, digest: &[u8; 32], by: &Actor<'_>) -> Result<u64> {
        self.change(|change| shared::begin_batch(change, digest, by))
    }

    fn bind_person_key(&mut self, fingerprint: &[u8]) -> Result<bool> {
        self.change(|change| {
            let sql = "INSERT INTO person_key VALUES (1, ?1) ON CONFLICT (one) DO NOTHING";
            change.execute(sql, [fingerprint])?;
            Ok(change.number("SELECT count(*) FROM person_key WHERE fingerprint = ?1", [fingerprint])? == 1)
        })
    }

    fn set_status(
        &mut self,
        pass: StatusRef,
        expected: Status,
        status: Status,
        reason: Option<&str>,
        by: &Actor<'_>,
    ) -> Result<bool> {
        self.change(|change| shared::set_status(change, pass, expected, status, reason, by))
    }

    fn statuses(&self, passes: &[StatusRef]) -> Result<Vec<Option<Status>>> {
        statuses(&self.connection, passes).map_err(|error| wrap(&self.path, error))
    }

    fn revoke(
        &mut self,
        passes: &[StatusRef],
        reason: Option<&str>,
        limit: Option<&RevocationLimit>,
        by: &Actor<'_>,
    ) -> Result<Revoked> {
        self.change(|change| revoke::revoke(change, passes, reason, limit, by))
    }

    fn propose(&mut self, wanted: &NewProposal<'_>, by: &Actor<'_>) -> Result<u64> {
        self.change(|change| revoke::propose(change, wanted, by))
    }

    fn proposals(&self) -> Result<Vec<RevocationProposal>> {
        self.rows(&format!("{PROPOSALS} WHERE ended IS NULL ORDER BY id"), [], proposal)
    }

    fn proposed_passes(&self, proposal: u64, at_most: usize) -> Result<Vec<StatusRef>> {
        let most = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.rows(PROPOSED, [proposal.cast_signed(), most], |row| pass_at(row, 0))
    }

    fn confirm(&mut self, proposal: u64, at_most: usize, by: &Actor<'_>) -> Result<Confirmed> {
        self.change(|change| revoke::confirm(change, proposal, at_most, by))
    }

    fn withdraw(&mut self, proposal: u64, by: &Actor<'_>) -> Result<bool> {
        self.change(|change| revoke::withdraw(change, proposal, by))
    }

    fn erasable(&self, before: UnixTime) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM pass WHERE exp <= ?1 AND {KNOWN}");
        let counted = self.connection.query_row(&sql, [seconds(before)], |row| unsigned(row, 0));
        counted.map_err(|error| wrap(&self.path, error))
    }

    fn erase(&mut self, before: UnixTime, after: Option<StatusRef>, at_most: usize, by: &Actor<'_>) -> Result<Erased> {
        self.set_up("PRAGMA secure_delete = ON")?;
        self.change(|change| erase::erase(change, before, after, at_most, by))
    }

    fn tidy(&mut self) -> Result<()> {
        self.set_up("PRAGMA secure_delete = ON; VACUUM")
    }

    fn add_key(&mut self, key: &KeyRecord, by: &Actor<'_>) -> Result<()> {
        self.change(|change| shared::add_key(change, key, by))
    }

    fn replace_key(&mut self, old: KeyId, new: &KeyRecord, by: &Actor<'_>) -> Result<()> {
        self.change(|change| shared::replace_key(change, old, new, by))
    }

    fn retire_key(&mut self, kid: KeyId, by: &Actor<'_>) -> Result<()> {
        self.change(|change| shared::retire_key(change, kid, by))
    }

    fn revoke_key(&mut self, kid: KeyId, by: &Actor<'_>) -> Result<()> {
        self.change(|change| shared::revoke_key(change, kid, by))
    }

    fn set_root_keys(&mut self, keys: &[KeyRecord], by: &Actor<'_>) -> Result<()> {
        self.change(|change| shared::set_root_keys(change, keys, by))
    }

    fn record_publication(&mut self, new: &Publication, by: &Actor<'_>) -> Result<()> {
        self.change(|change| shared::record_publication(change, new, by))
    }

    fn replay(&mut self, list_uri: &str, missing: &mut Missing<'_>) -> Result<()> {
        self.change(|change| shared::replay(change, list_uri, missing))
    }
}

/// In one pass over the table: SQLite sorts what it groups, which takes eight times as long for four million passes.
fn pass_counts(connection: &Connection) -> rusqlite::Result<Vec<PassCount>> {
    let mut replaced = connection.prepare(
        "SELECT replaces_list, replaces_idx FROM pass WHERE replaces_list IS NOT NULL AND replaces_idx IS NOT NULL",
    )?;
    let replaced: HashSet<(i64, i64)> =
        replaced.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    // Of each pass it is looked up only where there is one to be found.
    let any =
        connection.query_row("SELECT count(*) FROM key WHERE revoked_at IS NOT NULL", [], |row| row.get::<_, i64>(0));
    let key = if any? > 0 { "(SELECT revoked_at FROM key WHERE kid = pass.kid)" } else { "NULL" };
    let sql = format!("SELECT class, policy, entered, nbf, exp, status, changed, {key}, list, idx FROM pass");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        let status = row.get(5)?;
        let replaced = status == 1 && !replaced.is_empty() && replaced.contains(&(row.get(8)?, row.get(9)?));
        counts.add(&Fate {
            class: row.get(0)?,
            policy: row.get(1)?,
            entered: row.get(2)?,
            nbf: row.get(3)?,
            exp: row.get(4)?,
            status,
            changed: row.get(6)?,
            key_revoked: row.get(7)?,
            replaced,
            passes: 1,
        });
    }
    Ok(counts.finish())
}

fn statuses(connection: &Connection, passes: &[StatusRef]) -> rusqlite::Result<Vec<Option<Status>>> {
    let mut look_up = connection.prepare_cached("SELECT status FROM pass WHERE list = ?1 AND idx = ?2")?;
    passes.iter().map(|pass| look_up.query_row(place(*pass), |row| status(row, 0)).optional()).collect()
}

fn witness_end(connection: &Connection) -> rusqlite::Result<Option<End>> {
    let read = |row: &Row<'_>| Ok(End { number: unsigned(row, 0)?, hash: row.get(1)? });
    connection.query_row("SELECT number, hash FROM witness", [], read).optional()
}

fn place(at: StatusRef) -> (i64, i64) {
    (at.list.cast_signed(), at.index.cast_signed())
}

fn batch_and_line(origin: Origin) -> (i64, i64) {
    (origin.batch.cast_signed(), origin.line.cast_signed())
}

fn seconds(time: UnixTime) -> i64 {
    time.seconds().cast_signed()
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// Of two columns that are both filled or neither.
fn pair(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<(u64, u64)>> {
    let (one, other) = (row.get::<_, Option<i64>>(column)?, row.get::<_, Option<i64>>(column + 1)?);
    Ok(one.zip(other).map(|(one, other)| (one.cast_unsigned(), other.cast_unsigned())))
}

fn pass_at(row: &Row<'_>, column: usize) -> rusqlite::Result<StatusRef> {
    Ok(StatusRef { list: unsigned(row, column)?, index: unsigned(row, column + 1)? })
}

fn operator(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Operator>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|name| Operator::new(&name).ok()))
}

fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<Status> {
    row.get(column).map(Status::from_code)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<UnixTime> {
    let seconds: i64 = row.get(column)?;
    let time = u64::try_from(seconds).ok().and_then(UnixTime::new);
    time.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, seconds))
}

fn kid(row: &Row<'_>, column: usize) -> rusqlite::Result<KeyId> {
    let kid = shared::kid_of(row.get_ref(column)?.as_str()?);
    kid.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, 0))
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
