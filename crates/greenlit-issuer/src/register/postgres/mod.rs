//! A register in a PostgreSQL database, for an authority of several desks: 13 and later.
//!
//! All of it is in the schema `greenlit`. Every change locks the one row of `greenlit.register` first, so that changes of
//! several desks come one after the other, as they do in SQLite; those that only look are never waited for.

mod address;
mod change;
mod copy;
mod error;
mod reserve;
mod schema;
mod tls;

use std::cell::RefCell;
use std::time::Duration;

use postgres::{Client, GenericClient, NoTls, Row, Transaction};

use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::{
    IssuedPass, KeyRecord, Missing, Publication, Register, RegisterError, Reservation, Reserved, Result, Role, Status,
    StatusChange, StatusListRecord,
};
use crate::witness::{End, Entry, Witness};
pub use address::{Database, DatabaseError};
use change::{Change, Params};
use error::{wrap, wrap_connect};
use schema::{FIRST, MIGRATIONS, VERSION};

/// The oldest server that is known to serve.
const OLDEST: i64 = 130_000;

/// How often a change is tried that another was in the way of.
const TRIES: u64 = 5;

/// Whose witness is meant.
const DESK: &str = "";

/// What holds for a connection: names are those of our own schema; nobody is waited for without end, and a desk whose
/// network went away in the middle of a change stops nobody for long.
const SESSION: &str = "
    SET search_path = greenlit, pg_temp; SET default_transaction_isolation = 'read committed';
    SET lock_timeout = '30s'; SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '120s';
    SET client_min_messages = error;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';";

/// A register in PostgreSQL.
pub struct PostgresRegister {
    /// Only ever borrowed within one method.
    client: RefCell<Client>,
    database: Database,
}

/// What a register is, by its own row.
struct Form {
    version: i64,
    state: String,
    moved_to: Option<String>,
}

impl PostgresRegister {
    /// Makes a new one, in a database that has none.
    pub fn create(database: &Database) -> Result<Self> {
        let mut client = connect(database)?;
        let fail = |error| wrap(database.shown(), error);
        let mut transaction = client.transaction().map_err(fail)?;
        create_tables(&mut transaction, database.shown(), "in force", None)?;
        commit(transaction, database.shown())?;
        Ok(Self { client: client.into(), database: database.clone() })
    }

    /// Opens the one that is in this database.
    pub fn open(database: &Database) -> Result<Self> {
        let client = connect(database)?;
        let mut register = Self { client: client.into(), database: database.clone() };
        let form = form(register.client.get_mut(), "").map_err(|error| wrap(database.shown(), error))?;
        let form = form.ok_or_else(|| RegisterError::Damaged(database.shown().to_owned()))?;
        in_force(database.shown(), &form)?;
        match form.version {
            VERSION => Ok(register),
            found if found > VERSION => Err(RegisterError::TooNew { register: database.shown().to_owned(), found }),
            _ => register.migrate().map(|()| register),
        }
    }

    fn migrate(&mut self) -> Result<()> {
        self.change(|change| {
            // Another command may have been quicker.
            let found = change.number("SELECT format FROM register", &[])?;
            for (from, sql) in MIGRATIONS.iter().filter(|(from, _)| *from >= found) {
                change.transaction.batch_execute(sql).map_err(|error| change.fail(error))?;
                change.execute("UPDATE register SET format = $1", &[&(from + 1)])?;
            }
            Ok(())
        })
    }

    /// Does something whole or not at all, one command at a time; again where others were in the way.
    fn change<T>(&mut self, mut work: impl FnMut(&mut Change<'_>) -> Result<T>) -> Result<T> {
        let mut attempt = 1;
        loop {
            match self.attempt(&mut work) {
                Err((_, true)) if attempt < TRIES => std::thread::sleep(Duration::from_millis(20 * attempt)),
                Err((error, _)) => return Err(error),
                Ok(value) => return Ok(value),
            }
            attempt += 1;
        }
    }

    /// And whether it may be tried again.
    fn attempt<T>(
        &mut self,
        work: &mut impl FnMut(&mut Change<'_>) -> Result<T>,
    ) -> std::result::Result<T, (RegisterError, bool)> {
        let place = self.database.shown();
        let client = self.client.get_mut();
        reconnect(client, &self.database).map_err(|error| (error, false))?;
        let transaction = client.transaction().map_err(|error| (wrap(place, error), false))?;
        let mut change = Change { transaction, place, witnessed: false, conflict: false };
        let done = lock(&mut change).and_then(|()| work(&mut change));
        let Change { transaction, witnessed, conflict, .. } = change;
        // What the witness has and the register may lack is put back by the next command.
        let value = done.map_err(|error| (if witnessed { lost(error) } else { error }, conflict && !witnessed))?;
        commit(transaction, place).map_err(|error| (error, false))?;
        Ok(value)
    }

    fn rows<T>(&self, sql: &str, params: Params<'_>, read: impl Fn(&Row) -> Option<T>) -> Result<Vec<T>> {
        let mut client = self.client.borrow_mut();
        reconnect(&mut client, &self.database)?;
        let rows = client.query(sql, params).map_err(|error| wrap(self.database.shown(), error))?;
        let all = rows.iter().map(read).collect::<Option<_>>();
        // What cannot be read was damaged.
        all.ok_or_else(|| RegisterError::Damaged(self.database.shown().to_owned()))
    }
}

/// Makes a change lasting. Where the connection ends meanwhile, it is not known whether that was heard.
fn commit(transaction: Transaction<'_>, place: &str) -> Result<()> {
    transaction.commit().map_err(|error| lost(wrap(place, error)))
}

/// Of a change that may be there all the same.
fn lost(error: RegisterError) -> RegisterError {
    match error {
        RegisterError::Unreachable { register, why } => RegisterError::Lost { register, why },
        other => other,
    }
}

fn connect(database: &Database) -> Result<Client> {
    let connected = match &database.tls {
        Some(tls) => database.config.connect(tls.clone()),
        None => database.config.connect(NoTls),
    };
    let mut client = connected.map_err(|error| wrap_connect(database.shown(), error))?;
    let fail = |error| wrap(database.shown(), error);
    client.batch_execute(SESSION).map_err(fail)?;
    let sql = "SELECT current_setting('server_version_num')::bigint, current_setting('server_version')";
    let row = client.query_one(sql, &[]).map_err(fail)?;
    let (number, found): (i64, String) = (row.try_get(0).map_err(fail)?, row.try_get(1).map_err(fail)?);
    if number < OLDEST {
        return Err(RegisterError::OldServer { register: database.shown().to_owned(), found });
    }
    Ok(client)
}

/// A connection that has ended is made again, between changes.
fn reconnect(client: &mut Client, database: &Database) -> Result<()> {
    if client.is_closed() {
        *client = connect(database)?;
    }
    Ok(())
}

/// Makes the tables, in a schema that is new or empty.
fn create_tables(client: &mut impl GenericClient, place: &str, state: &str, move_id: Option<&str>) -> Result<()> {
    let fail = |error| wrap(place, error);
    let sql = "SELECT current_setting('server_encoding'), to_regclass('greenlit.register') IS NOT NULL";
    let row = client.query_one(sql, &[]).map_err(fail)?;
    let (encoding, taken): (String, bool) = (row.try_get(0).map_err(fail)?, row.try_get(1).map_err(fail)?);
    if encoding != "UTF8" {
        return Err(RegisterError::Encoding { register: place.to_owned(), encoding });
    }
    if taken {
        return Err(RegisterError::Taken(place.to_owned()));
    }
    // Where somebody has made the schema for us, we may not be allowed to make one.
    let there = "SELECT to_regnamespace('greenlit') IS NOT NULL";
    let there: bool = client.query_one(there, &[]).and_then(|row| row.try_get(0)).map_err(fail)?;
    if !there {
        client.batch_execute("CREATE SCHEMA greenlit").map_err(fail)?;
    }
    client.batch_execute(FIRST).map_err(fail)?;
    let sql = "INSERT INTO greenlit.register (one, format, state, move_id) VALUES (1, $1, $2, $3)";
    client.execute(sql, &[&VERSION, &state, &move_id]).map(drop).map_err(fail)
}

/// The register's own row; with `FOR UPDATE` it is locked.
fn form(client: &mut impl GenericClient, lock: &str) -> std::result::Result<Option<Form>, postgres::Error> {
    let sql = format!("SELECT format, state, moved_to FROM greenlit.register WHERE one = 1 {lock}");
    let row = client.query_opt(&sql, &[])?;
    row.map(|row| Ok(Form { version: row.try_get(0)?, state: row.try_get(1)?, moved_to: row.try_get(2)? })).transpose()
}

fn in_force(place: &str, form: &Form) -> Result<()> {
    match form.state.as_str() {
        "in force" => Ok(()),
        "moved" => {
            let to = form.moved_to.clone().unwrap_or_default();
            Err(RegisterError::Moved { register: place.to_owned(), to })
        }
        _ => Err(RegisterError::Arriving(place.to_owned())),
    }
}

/// Waits until nobody else changes the register, and holds it to what it was when it was opened.
fn lock(change: &mut Change<'_>) -> Result<()> {
    let form = form(&mut change.transaction, "FOR UPDATE").map_err(|error| change.fail(error))?;
    let form = form.ok_or_else(|| change.damaged())?;
    in_force(change.place, &form)?;
    let register = change.place.to_owned();
    if form.version > VERSION { Err(RegisterError::TooNew { register, found: form.version }) } else { Ok(()) }
}

impl Register for PostgresRegister {
    fn keys(&self) -> Result<Vec<KeyRecord>> {
        let sql = "SELECT role, file, public, not_before, not_after, published_at, retired_at, revoked_at, kid FROM key
                   ORDER BY CASE role WHEN 'root' THEN 0 WHEN 'bundle' THEN 1 WHEN 'issuer' THEN 2 ELSE 3 END,
                            octet_length(file), file COLLATE \"C\"";
        self.rows(sql, &[], |row| {
            let key = PublicKey::from_bytes(row.try_get::<_, &[u8]>(2).ok()?.try_into().ok()?).ok()?;
            // What does not fit its own name was damaged.
            (key.id().to_string() == row.try_get::<_, &str>(8).ok()?).then_some(())?;
            Some(KeyRecord {
                key,
                role: Role::parse(row.try_get(0).ok()?)?,
                file: row.try_get(1).ok()?,
                not_before: time(row, 3)?,
                not_after: time(row, 4)?,
                published_at: maybe_time(row, 5)?,
                retired_at: maybe_time(row, 6)?,
                revoked_at: maybe_time(row, 7)?,
            })
        })
    }

    fn lists(&self) -> Result<Vec<StatusListRecord>> {
        self.rows("SELECT id, uri, bits, size FROM list ORDER BY id", &[], list)
    }

    fn pass(&self, at: StatusRef) -> Result<Option<IssuedPass>> {
        let (list, index) = place(at);
        let sql = "SELECT status, reason FROM pass WHERE list = $1 AND idx = $2";
        let read = |row: &Row| Some(IssuedPass { status: status(row, 0)?, reason: row.try_get(1).ok()? });
        Ok(self.rows(sql, &[&list, &index], read)?.pop())
    }

    fn changed_statuses(&self, list: u64) -> Result<Vec<(u64, Status)>> {
        let sql = "SELECT idx, status FROM pass WHERE list = $1 AND status <> 0 ORDER BY idx";
        self.rows(sql, &[&list.cast_signed()], |row| Some((unsigned(row, 0)?, status(row, 1)?)))
    }

    fn status_changes(&self, of: Option<StatusRef>) -> Result<Vec<StatusChange>> {
        let read = |row: &Row| {
            Some(StatusChange {
                pass: StatusRef { list: unsigned(row, 0)?, index: unsigned(row, 1)? },
                status: status(row, 2)?,
                at: time(row, 3)?,
                reason: row.try_get(4).ok()?,
            })
        };
        let select = "SELECT list, idx, status, at, reason FROM status_change WHERE";
        match of.map(place) {
            Some((list, index)) => {
                self.rows(&format!("{select} list = $1 AND idx = $2 ORDER BY number"), &[&list, &index], read)
            }
            None => {
                let last = "number IN (SELECT max(number) FROM status_change GROUP BY list, idx)";
                self.rows(&format!("{select} {last} AND status <> 0 ORDER BY number"), &[], read)
            }
        }
    }

    fn passes_in_date(&self, now: UnixTime) -> Result<Vec<(Class, u64)>> {
        let sql = "SELECT class, count(*) FROM pass JOIN key USING (kid)
                   WHERE pass.exp > $1 AND pass.status <> 1 AND key.revoked_at IS NULL GROUP BY class ORDER BY class";
        self.rows(sql, &[&seconds(now)], |row| Some((Class(unsigned(row, 0)?), unsigned(row, 1)?)))
    }

    fn has_person_key(&self) -> Result<bool> {
        Ok(!self.rows("SELECT one FROM person_key", &[], |row| unsigned(row, 0))?.is_empty())
    }

    fn last_publication(&self) -> Result<Option<Publication>> {
        let sql = "SELECT version, issued, root FROM publication ORDER BY version DESC LIMIT 1";
        let read = |row: &Row| {
            Some(Publication { version: unsigned(row, 0)?, issued: time(row, 1)?, root: unsigned(row, 2)? })
        };
        Ok(self.rows(sql, &[], read)?.pop())
    }

    fn witness_end(&self) -> Result<Option<End>> {
        let mut client = self.client.borrow_mut();
        reconnect(&mut client, &self.database)?;
        witness_end(&mut *client).map_err(|error| wrap(self.database.shown(), error))
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
            let (reserved, entries) = reserve::reserve(change, wanted, draw, list_uri)?;
            if !entries.is_empty() {
                change.witness(witness, &entries)?;
            }
            Ok(reserved)
        })
    }

    fn begin_batch(&mut self, digest: &[u8; 32], at: UnixTime, witness: Option<&Witness>) -> Result<u64> {
        self.change(|change| {
            let known = "SELECT coalesce((SELECT id FROM batch WHERE digest = $1), 0)";
            match change.number(known, &[&digest.as_slice()])?.cast_unsigned() {
                0 => {
                    let id = change.number("SELECT 1 + coalesce(max(id), 0) FROM batch", &[])?.cast_unsigned();
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
            change.execute("INSERT INTO person_key VALUES (1, $1) ON CONFLICT (one) DO NOTHING", &[&fingerprint])?;
            Ok(change.number("SELECT count(*) FROM person_key WHERE fingerprint = $1", &[&fingerprint])? == 1)
        })
    }

    fn set_status(&mut self, new: &StatusChange, expected: Status, witness: Option<&Witness>) -> Result<bool> {
        let (pass, code, at) = (new.pass, new.status.code(), new.at.seconds());
        self.change(|change| {
            let (list, index) = place(pass);
            let sql = "SELECT count(*) FROM pass WHERE list = $1 AND idx = $2 AND status = $3";
            if change.number(sql, &[&list, &index, &i64::from(expected.code())])? == 0 {
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
            let sql = "UPDATE key SET retired_at = $1 WHERE kid = $2";
            change.execute(sql, &[&seconds(at), &old.to_string()])
        })
    }

    fn retire_key(&mut self, kid: KeyId, at: UnixTime) -> Result<()> {
        // At once, so that no pass is entered between the look at the latest one and the key's end.
        let sql = "UPDATE key SET retired_at = $2, not_after = least(not_after, greatest($2, 1 + coalesce(
                   (SELECT max(nbf) FROM pass WHERE kid = $1), 0))) WHERE kid = $1";
        self.change(|change| change.execute(sql, &[&kid.to_string(), &seconds(at)]))
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
            let sql = "UPDATE key SET retired_at = $1 WHERE role IN ('root', 'bundle') AND retired_at IS NULL";
            change.execute(sql, &[&seconds(at)])?;
            // One that has changed its work since an earlier root is listed by what it does now.
            let sql = "UPDATE key SET retired_at = NULL, not_after = $1, role = $2 WHERE kid = $3";
            keys.iter().try_for_each(|key| {
                change.execute(sql, &[&seconds(key.not_after), &key.role.as_str(), &key.kid().to_string()])
            })
        })
    }

    fn record_publication(&mut self, new: &Publication, witness: Option<&Witness>) -> Result<()> {
        let Publication { version, issued, root } = *new;
        self.change(|change| {
            let sql = "SELECT count(*) FROM publication WHERE version = $1";
            if change.number(sql, &[&version.cast_signed()])? > 0 {
                // Another desk was quicker.
                return Err(RegisterError::Busy(change.place.to_owned()));
            }
            change.insert_publication(version, issued.seconds(), root)?;
            // One published by a clock that ran ahead is published now.
            let sql = "UPDATE key SET published_at = $1
                       WHERE role = 'issuer' AND (published_at IS NULL OR published_at > $1)";
            change.execute(sql, &[&seconds(issued)])?;
            change.witness(witness, &[Entry::Publish { version, issued: issued.seconds(), root }])
        })
    }

    fn replay(&mut self, list_uri: &str, missing: &mut Missing<'_>) -> Result<()> {
        self.change(|change| {
            let known = change.witness_end()?;
            let mut last = None;
            for (end, entry) in missing(known.as_ref())? {
                change.put_back(&entry, list_uri)?;
                last = Some(end);
            }
            last.map_or(Ok(()), |end| change.set_witness_end(&end))
        })
    }
}

fn witness_end(client: &mut impl GenericClient) -> std::result::Result<Option<End>, postgres::Error> {
    let row = client.query_opt("SELECT number, hash FROM witness WHERE desk = $1", &[&DESK])?;
    let read = |row: Row| Ok(End { number: row.try_get::<_, i64>(0)?.cast_unsigned(), hash: row.try_get(1)? });
    row.map(read).transpose()
}

fn list(row: &Row) -> Option<StatusListRecord> {
    let bits = unsigned(row, 2)?.try_into().ok()?;
    Some(StatusListRecord { id: unsigned(row, 0)?, uri: row.try_get(1).ok()?, bits, size: unsigned(row, 3)? })
}

fn place(at: StatusRef) -> (i64, i64) {
    (at.list.cast_signed(), at.index.cast_signed())
}

fn seconds(time: UnixTime) -> i64 {
    time.seconds().cast_signed()
}

fn unsigned(row: &Row, column: usize) -> Option<u64> {
    maybe_unsigned(row, column)?
}

fn maybe_unsigned(row: &Row, column: usize) -> Option<Option<u64>> {
    let number: Option<i64> = row.try_get(column).ok()?;
    Some(number.map(i64::cast_unsigned))
}

fn status(row: &Row, column: usize) -> Option<Status> {
    unsigned(row, column)?.try_into().ok().map(Status::from_code)
}

fn time(row: &Row, column: usize) -> Option<UnixTime> {
    maybe_time(row, column)?
}

fn maybe_time(row: &Row, column: usize) -> Option<Option<UnixTime>> {
    match maybe_unsigned(row, column)? {
        Some(seconds) => UnixTime::new(seconds).map(Some),
        None => Some(None),
    }
}
