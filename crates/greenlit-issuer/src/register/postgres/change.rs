//! What is done inside a transaction.

use postgres::Transaction;
use postgres::types::ToSql;

use greenlit_core::pass::StatusRef;

use super::error::{is_conflict, wrap};
use super::{DESK, place, seconds, witness_end};
use crate::register::{KeyRecord, RegisterError, Result, StatusListRecord, status_list_uri};
use crate::witness::{End, Entry, Witness};

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A transaction in which something is changed, while no other changes this register.
pub(super) struct Change<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) place: &'a str,
    /// The witness was written: this change is not tried again.
    pub(super) witnessed: bool,
    /// Another was in its way.
    pub(super) conflict: bool,
}

impl Change<'_> {
    pub(super) fn fail(&mut self, error: postgres::Error) -> RegisterError {
        self.conflict |= is_conflict(&error);
        wrap(self.place, error)
    }

    pub(super) fn damaged(&self) -> RegisterError {
        RegisterError::Damaged(self.place.to_owned())
    }

    pub(super) fn execute(&mut self, sql: &str, params: Params<'_>) -> Result<()> {
        let done = self.transaction.execute(sql, params);
        done.map(drop).map_err(|error| self.fail(error))
    }

    pub(super) fn number(&mut self, sql: &str, params: Params<'_>) -> Result<i64> {
        let found = self.transaction.query_one(sql, params).and_then(|row| row.try_get(0));
        found.map_err(|error| self.fail(error))
    }

    /// Has these entries witnessed, where there is a witness.
    pub(super) fn witness(&mut self, witness: Option<&Witness>, entries: &[Entry]) -> Result<()> {
        let Some(witness) = witness else { return Ok(()) };
        let known = self.witness_end()?;
        let end = witness.record(known.as_ref(), entries)?;
        self.witnessed = true;
        self.set_witness_end(&end)
    }

    pub(super) fn witness_end(&mut self) -> Result<Option<End>> {
        let found = witness_end(&mut self.transaction);
        found.map_err(|error| self.fail(error))
    }

    pub(super) fn set_witness_end(&mut self, end: &End) -> Result<()> {
        let sql = "INSERT INTO witness VALUES ($1, $2, $3)
                   ON CONFLICT (desk) DO UPDATE SET number = excluded.number, hash = excluded.hash";
        self.execute(sql, &[&DESK, &end.number.cast_signed(), &end.hash])
    }

    pub(super) fn insert_key(&mut self, key: &KeyRecord) -> Result<()> {
        let sql = "INSERT INTO key (kid, role, file, public, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (kid) DO NOTHING";
        let (from, until) = (seconds(key.not_before), seconds(key.not_after));
        let (kid, role, public) = (key.kid().to_string(), key.role.as_str(), key.key.as_bytes().to_vec());
        self.execute(sql, &[&kid, &role, &key.file, &public, &from, &until])
    }

    pub(super) fn revoke_key(&mut self, kid: &str, at: u64) -> Result<()> {
        self.execute("UPDATE key SET revoked_at = $1 WHERE kid = $2", &[&at.cast_signed(), &kid])
    }

    /// And how many of its places are taken.
    pub(super) fn newest_list(&mut self) -> Result<(StatusListRecord, u64)> {
        let sql = "SELECT id, uri, bits, size, used FROM list ORDER BY id DESC LIMIT 1";
        let row = self.transaction.query_one(sql, &[]).map_err(|error| self.fail(error))?;
        let (list, used) = super::list(&row).zip(super::unsigned(&row, 4)).ok_or_else(|| self.damaged())?;
        Ok((list, used))
    }

    pub(super) fn insert_list(&mut self, list: &StatusListRecord) -> Result<()> {
        let (id, bits, size) = (list.id.cast_signed(), i64::from(list.bits), list.size.cast_signed());
        self.execute("INSERT INTO list VALUES ($1, $2, $3, $4, 0)", &[&id, &list.uri, &bits, &size])
    }

    pub(super) fn insert_batch(&mut self, id: u64, digest: &[u8], begun: u64) -> Result<()> {
        self.execute("INSERT INTO batch VALUES ($1, $2, $3)", &[&id.cast_signed(), &digest, &begun.cast_signed()])
    }

    /// How many places of a list are taken.
    pub(super) fn count_list(&mut self, id: u64, used: u64) -> Result<()> {
        let sql = "UPDATE list SET used = $2 WHERE id = $1";
        self.execute(sql, &[&id.cast_signed(), &used.cast_signed()])
    }

    pub(super) fn update_status(&mut self, at: StatusRef, code: u8, when: u64, reason: Option<&str>) -> Result<()> {
        let ((list, index), code, when) = (place(at), i64::from(code), when.cast_signed());
        let sql = "UPDATE pass SET status = $3, changed = $4, reason = $5 WHERE list = $1 AND idx = $2";
        self.execute(sql, &[&list, &index, &code, &when, &reason])?;
        let sql = "INSERT INTO status_change (list, idx, status, at, reason) VALUES ($1, $2, $3, $4, $5)";
        self.execute(sql, &[&list, &index, &code, &when, &reason])
    }

    pub(super) fn insert_publication(&mut self, version: u64, issued: u64, root: u64) -> Result<()> {
        let [version, issued, root] = [version, issued, root].map(u64::cast_signed);
        self.execute("INSERT INTO publication VALUES ($1, $2, $3)", &[&version, &issued, &root])
    }

    /// Does again what the witness knows of.
    pub(super) fn put_back(&mut self, entry: &Entry, uri: &str) -> Result<()> {
        match entry {
            Entry::Begin | Entry::Together { .. } => Ok(()),
            Entry::List { id, bits, size } => {
                let list = StatusListRecord { id: *id, uri: status_list_uri(uri, *id), bits: *bits, size: *size };
                self.insert_list(&list)
            }
            Entry::Batch { id, digest, at } => {
                let bytes = hex::decode(digest).map_err(|_| self.damaged())?;
                self.insert_batch(*id, &bytes, *at)
            }
            Entry::Issue { list, index, kid, nbf, exp, class, person, origin } => {
                let sql = "INSERT INTO pass (list, idx, kid, nbf, exp, class, person, batch, line)
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
                let [list, index, nbf, exp, class] = [list, index, nbf, exp, class].map(|number| number.cast_signed());
                let person = person.as_ref().map(crate::PersonRef::as_bytes);
                let batch = origin.map(|origin| origin.batch.cast_signed());
                let line = origin.map(|origin| origin.line.cast_signed());
                self.execute(sql, &[&list, &index, kid, &nbf, &exp, &class, &person, &batch, &line])?;
                self.execute("UPDATE list SET used = used + 1 WHERE id = $1", &[&list])
            }
            Entry::Status { list, index, status, at } => {
                self.update_status(StatusRef { list: *list, index: *index }, *status, *at, None)
            }
            Entry::KeyRevoked { kid, at } => self.revoke_key(kid, *at),
            Entry::Publish { version, issued, root } => {
                self.insert_publication(*version, *issued, *root)?;
                let sql = "UPDATE key SET published_at = $1 WHERE role = 'issuer' AND published_at IS NULL";
                self.execute(sql, &[&issued.cast_signed()])
            }
        }
    }
}
