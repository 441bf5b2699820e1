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

use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, GenericClient, NoTls, Row, Transaction};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::change::Statements as _;
use super::counts::{Counts, Fate};
use super::known_keys::KnownKeys;
use super::reserve::give_places;
use super::{
    Confirmed, Erased, IssuedPass, KeyRecord, Missing, NewProposal, Origin, PassCount, Publication, RefusalCount,
    Register, RegisterError, Request, Reservation, Reserved, Result, RevocationLimit, RevocationProposal, Revoked,
    Role, Status, StatusChange, StatusListRecord, change as shared, erase, revoke,
};
use crate::operator::{Actor, Operator};
use crate::witness::End;
pub use address::{Database, DatabaseError};
use change::{Change, KNOWN, PROPOSALS, PROPOSED, Params, STATUSES, proposal};
use error::{wrap, wrap_connect};
use schema::{FIRST, MIGRATIONS, VERSION};

/// The oldest server that is known to serve.
const OLDEST: i64 = 130_000;

/// How often a change is tried that another was in the way of.
const TRIES: u64 = 5;

/// Tables that something is erased in, beside that of passes.
const TIDIED: [&str; 3] = ["status_change", "request", "proposal"];

/// What holds for a connection: names are those of our own schema; nobody is waited for without end, and a desk whose
/// network went away in the middle of a change stops nobody for long.
const SESSION: &str = "
    SET search_path = greenlit, pg_temp; SET default_transaction_isolation = 'read committed';
    SET lock_timeout = '30s'; SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '120s';
    SET client_min_messages = error;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';";

/// From so many passes on, what is looked up for them looks to the server like a reason to go through all passes, on every
/// core; with millions in the register that takes several times as long as to look each of them up.
const MANY_PASSES: usize = 256;
const BY_INDEX: &str = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off";

/// A register in PostgreSQL.
pub struct PostgresRegister {
    /// Only ever borrowed within one method.
    client: RefCell<Client>,
    known_keys: KnownKeys,
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
        Ok(Self { client: client.into(), known_keys: KnownKeys::default(), database: database.clone() })
    }

    /// Opens the one that is in this database.
    pub fn open(database: &Database) -> Result<Self> {
        let client = connect(database)?;
        let mut register = Self { client: client.into(), known_keys: KnownKeys::default(), database: database.clone() };
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
        // A connection that ended while nobody used it shows that only now, when nothing is done yet.
        let transaction = client.transaction().map_err(|error| (wrap(place, error), true))?;
        let desk = self.database.desk();
        let mut change = Change { transaction, place, desk, witnessed: false, conflict: false };
        let done = lock(&mut change).and_then(|()| work(&mut change));
        let Change { transaction, witnessed, conflict, .. } = change;
        // What the witness has and the register may lack is put back by the next command.
        let value = done.map_err(|error| (if witnessed { lost(error) } else { error }, conflict && !witnessed))?;
        commit(transaction, place).map_err(|error| (error, false))?;
        Ok(value)
    }

    fn rows<T>(&self, sql: &str, params: Params<'_>, read: impl Fn(&Row) -> Option<T>) -> Result<Vec<T>> {
        let rows = self.look(|client| client.query(sql, params))?;
        let all = rows.iter().map(read).collect::<Option<_>>();
        // What cannot be read was damaged.
        all.ok_or_else(|| RegisterError::Damaged(self.database.shown().to_owned()))
    }

    /// Asks for something; once more where the connection ended while nobody used it.
    fn look<T>(&self, ask: impl Fn(&mut Client) -> std::result::Result<T, postgres::Error>) -> Result<T> {
        let mut client = self.client.borrow_mut();
        reconnect(&mut client, &self.database)?;
        ask(&mut client).or_else(|error| {
            if !client.is_closed() {
                return Err(wrap(self.database.shown(), error));
            }
            reconnect(&mut client, &self.database)?;
            ask(&mut client).map_err(|error| wrap(self.database.shown(), error))
        })
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
            let key = self.known_keys.read(row.try_get::<_, &[u8]>(2).ok()?.try_into().ok()?)?;
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
        let sql =
            "SELECT status, reason, kid, nbf, exp, class, entered, policy, replaces_list, replaces_idx, batch, line
                   FROM pass WHERE list = $1 AND idx = $2";
        let read = |row: &Row| {
            Some(IssuedPass {
                status: status(row, 0)?,
                reason: row.try_get(1).ok()?,
                kid: kid(row, 2)?,
                not_before: time(row, 3)?,
                expires: time(row, 4)?,
                class: Class(unsigned(row, 5)?),
                entered: maybe_time(row, 6)?,
                policy: maybe_unsigned(row, 7)?,
                replaces: pair(row, 8)?.map(|(list, index)| StatusRef { list, index }),
                replaced_by: None,
                origin: pair(row, 10)?.map(|(batch, line)| Origin { batch, line }),
            })
        };
        let Some(mut pass) = self.rows(sql, &[&list, &index], read)?.pop() else { return Ok(None) };
        let sql = "SELECT list, idx FROM pass WHERE replaces_list = $1 AND replaces_idx = $2";
        pass.replaced_by = self.rows(sql, &[&list, &index], |row| pass_at(row, 0))?.pop();
        Ok(Some(pass))
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
                operator: operator(row, 5)?,
                proposed_by: operator(row, 6)?,
            })
        };
        let select = "SELECT list, idx, status, at, reason, operator, proposed_by FROM status_change WHERE";
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

    fn passes_in_date(&self, now: UnixTime, except: &[Class]) -> Result<Vec<(Class, u64)>> {
        let except: Vec<i64> = except.iter().map(|class| class.0.cast_signed()).collect();
        let sql = "SELECT class, count(*) FROM pass JOIN key USING (kid)
                   WHERE class <> ALL($2) AND pass.exp > $1 AND pass.status <> 1 AND key.revoked_at IS NULL
                   GROUP BY class ORDER BY class";
        self.rows(sql, &[&seconds(now), &except], |row| Some((Class(unsigned(row, 0)?), unsigned(row, 1)?)))
    }

    fn pass_counts(&self) -> Result<Vec<PassCount>> {
        // What is alike is counted by the server: passes of one batch are, by the hundred.
        let sql = "SELECT class, policy, entered, nbf, exp, status, changed, key.revoked_at,
                       status = 1 AND EXISTS (SELECT FROM pass AS new
                           WHERE new.replaces_list = pass.list AND new.replaces_idx = pass.idx) AS replaced, count(*)
                   FROM pass LEFT JOIN key USING (kid) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9";
        let counted = self.look(|client| {
            let mut counts = Counts::default();
            let mut rows = client.query_raw(sql, std::iter::empty::<&str>())?;
            while let Some(row) = rows.next()? {
                counts.add(&Fate {
                    class: row.try_get(0)?,
                    policy: row.try_get(1)?,
                    entered: row.try_get(2)?,
                    nbf: row.try_get(3)?,
                    exp: row.try_get(4)?,
                    status: row.try_get(5)?,
                    changed: row.try_get(6)?,
                    key_revoked: row.try_get(7)?,
                    replaced: row.try_get(8)?,
                    passes: row.try_get::<_, i64>(9)?.cast_unsigned(),
                });
            }
            Ok(counts)
        });
        Ok(counted?.finish())
    }

    fn refusal_counts(&self) -> Result<Vec<RefusalCount>> {
        self.rows("SELECT at, reason, sum(count)::bigint FROM refusal GROUP BY at, reason", &[], |row| {
            Some(RefusalCount { at: time(row, 0)?, reason: row.try_get(1).ok()?, refused: unsigned(row, 2)? })
        })
    }

    fn count_refusals(&mut self, batch: Option<u64>, at: UnixTime, counts: &[(&str, u64)]) -> Result<()> {
        self.change(|change| shared::count_refusals(change, batch, at, counts))
    }

    fn has_person_key(&self) -> Result<bool> {
        Ok(!self.rows("SELECT one FROM person_key", &[], |row| unsigned(row, 0))?.is_empty())
    }

    fn answered(&self, request: &Request) -> Result<Option<Reserved>> {
        let answered = self.rows(reserve::REQUESTS, &[&[request.name.as_slice()].as_slice()], |row| {
            let (held, content) = (reserve::held(row)?, row.try_get::<_, &[u8]>(10).ok()?);
            Some(if content == request.content { Reserved::Repeated(held) } else { Reserved::OtherRequest })
        });
        Ok(answered?.pop())
    }

    fn last_publication(&self) -> Result<Option<Publication>> {
        let sql = "SELECT version, issued, root FROM publication ORDER BY version DESC LIMIT 1";
        let read = |row: &Row| {
            Some(Publication { version: unsigned(row, 0)?, issued: time(row, 1)?, root: unsigned(row, 2)? })
        };
        Ok(self.rows(sql, &[], read)?.pop())
    }

    fn witness_end(&self) -> Result<Option<End>> {
        self.look(|client| witness_end(client, self.database.desk()))
    }

    fn witness_ends(&self) -> Result<Vec<(String, End)>> {
        self.rows("SELECT desk, number, hash FROM witness ORDER BY desk COLLATE \"C\"", &[], |row| {
            Some((row.try_get(0).ok()?, End { number: unsigned(row, 1)?, hash: row.try_get(2).ok()? }))
        })
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
        self.change(|change| {
            if wanted.len() >= MANY_PASSES {
                change.transaction.batch_execute(BY_INDEX).map_err(|error| change.fail(error))?;
            }
            give_places(change, wanted, draw, list_uri, by)
        })
    }

    fn begin_batch(&mut self, digest: &[u8; 32], by: &Actor<'_>) -> Result<u64> {
        self.change(|change| shared::begin_batch(change, digest, by))
    }

    fn bind_person_key(&mut self, fingerprint: &[u8]) -> Result<bool> {
        self.change(|change| {
            change.execute("INSERT INTO person_key VALUES (1, $1) ON CONFLICT (one) DO NOTHING", &[&fingerprint])?;
            Ok(change.number("SELECT count(*) FROM person_key WHERE fingerprint = $1", &[&fingerprint])? == 1)
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
        let (lists, indexes) = places(passes);
        self.rows(STATUSES, &[&lists, &indexes], maybe_status)
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
        self.rows(&format!("{PROPOSALS} WHERE ended IS NULL ORDER BY id"), &[], proposal)
    }

    fn proposed_passes(&self, proposal: u64, at_most: usize) -> Result<Vec<StatusRef>> {
        let most = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.rows(PROPOSED, &[&proposal.cast_signed(), &most], |row| pass_at(row, 0))
    }

    fn confirm(&mut self, proposal: u64, at_most: usize, by: &Actor<'_>) -> Result<Confirmed> {
        self.change(|change| revoke::confirm(change, proposal, at_most, by))
    }

    fn withdraw(&mut self, proposal: u64, by: &Actor<'_>) -> Result<bool> {
        self.change(|change| revoke::withdraw(change, proposal, by))
    }

    fn erasable(&self, before: UnixTime) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM pass WHERE exp <= $1 AND {KNOWN}");
        Ok(self.rows(&sql, &[&seconds(before)], |row| unsigned(row, 0))?.pop().unwrap_or(0))
    }

    fn erase(&mut self, before: UnixTime, after: Option<StatusRef>, at_most: usize, by: &Actor<'_>) -> Result<Erased> {
        self.change(|change| erase::erase(change, before, after, at_most, by))
    }

    fn tidy(&mut self) -> Result<()> {
        // Each row is written anew into a file of its own. Nothing can be done about the server's log and its backups.
        self.look(|client| {
            client.batch_execute("SET lock_timeout = '30s'; SET statement_timeout = 0")?;
            let done = client.batch_execute("VACUUM (FULL, ANALYZE) greenlit.pass").and_then(|()| {
                TIDIED.iter().try_for_each(|table| client.batch_execute(&format!("VACUUM (FULL) greenlit.{table}")))
            });
            client.batch_execute(SESSION).and(done)
        })
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

fn witness_end(client: &mut impl GenericClient, desk: &str) -> std::result::Result<Option<End>, postgres::Error> {
    let row = client.query_opt("SELECT number, hash FROM witness WHERE desk = $1", &[&desk])?;
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

/// As two columns.
fn places(passes: &[StatusRef]) -> (Vec<i64>, Vec<i64>) {
    passes.iter().map(|pass| place(*pass)).unzip()
}

fn batch_and_line(origin: Origin) -> (i64, i64) {
    (origin.batch.cast_signed(), origin.line.cast_signed())
}

fn pass_at(row: &Row, column: usize) -> Option<StatusRef> {
    Some(StatusRef { list: unsigned(row, column)?, index: unsigned(row, column + 1)? })
}

/// Of two columns that are both filled or neither.
fn pair(row: &Row, column: usize) -> Option<Option<(u64, u64)>> {
    Some(maybe_unsigned(row, column)?.zip(maybe_unsigned(row, column + 1)?))
}

fn kid(row: &Row, column: usize) -> Option<KeyId> {
    shared::kid_of(row.try_get(column).ok()?)
}

fn operator(row: &Row, column: usize) -> Option<Option<Operator>> {
    let name: Option<&str> = row.try_get(column).ok()?;
    Some(name.and_then(|name| Operator::new(name).ok()))
}

/// Of a row of one column; none where it is empty.
fn maybe_status(row: &Row) -> Option<Option<Status>> {
    match maybe_unsigned(row, 0)? {
        Some(code) => Some(Some(Status::from_code(code.try_into().ok()?))),
        None => Some(None),
    }
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
