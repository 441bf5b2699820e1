//! What is done inside a transaction.

use std::path::Path;

use rusqlite::{Params, Row, Transaction, params};

use greenlit_core::pass::StatusRef;

use super::super::{KeyRecord, Origin, RegisterError, Result, StatusListRecord, status_list_uri};
use super::{place, seconds, unsigned, witness_end, wrap};
use crate::witness::{End, Entry, Witness};
use crate::{HolderMark, PersonRef};

/// A pass as it is entered.
pub(super) struct NewPass<'a> {
    pub(super) kid: &'a str,
    pub(super) nbf: u64,
    pub(super) exp: u64,
    pub(super) class: u64,
    pub(super) person: Option<PersonRef>,
    pub(super) holder: Option<HolderMark>,
    pub(super) origin: Option<Origin>,
}

/// A transaction in which something is changed.
pub(super) struct Change<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) path: &'a Path,
}

impl Change<'_> {
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<()> {
        let done = self.transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(params));
        done.map(drop).map_err(|error| wrap(self.path, error))
    }

    pub(super) fn number(&self, sql: &str, params: impl Params) -> Result<i64> {
        let found = self.transaction.prepare_cached(sql);
        let found = found.and_then(|mut statement| statement.query_row(params, |row| row.get(0)));
        found.map_err(|error| wrap(self.path, error))
    }

    /// Has these entries witnessed, where there is a witness.
    pub(super) fn witness(&self, witness: Option<&Witness>, entries: &[Entry]) -> Result<()> {
        let Some(witness) = witness else { return Ok(()) };
        let end = witness.record(self.witness_end()?.as_ref(), entries)?;
        self.set_witness_end(&end)
    }

    pub(super) fn witness_end(&self) -> Result<Option<End>> {
        witness_end(&self.transaction).map_err(|error| wrap(self.path, error))
    }

    pub(super) fn set_witness_end(&self, end: &End) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO witness VALUES (1, ?1, ?2)";
        self.execute(sql, params![end.number.cast_signed(), end.hash])
    }

    pub(super) fn insert_key(&self, key: &KeyRecord) -> Result<()> {
        let sql = "INSERT INTO key (kid, role, file, public, not_before, not_after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (kid) DO NOTHING";
        let (from, until) = (seconds(key.not_before), seconds(key.not_after));
        let (kid, role) = (key.kid().to_string(), key.role.as_str());
        self.execute(sql, params![kid, role, key.file, key.key.as_bytes(), from, until])
    }

    pub(super) fn revoke_key(&self, kid: &str, at: u64) -> Result<()> {
        self.execute("UPDATE key SET revoked_at = ?1 WHERE kid = ?2", params![at.cast_signed(), kid])
    }

    /// And how many of its places are taken.
    pub(super) fn newest_list(&self) -> Result<(StatusListRecord, u64)> {
        let sql = "SELECT id, uri, bits, size, next_row FROM list ORDER BY id DESC LIMIT 1";
        let read = |row: &Row<'_>| {
            let list = StatusListRecord {
                id: unsigned(row, 0)?,
                uri: row.get(1)?,
                bits: row.get(2)?,
                size: unsigned(row, 3)?,
            };
            Ok((list, unsigned(row, 4)?))
        };
        self.transaction.query_row(sql, [], read).map_err(|error| wrap(self.path, error))
    }

    pub(super) fn insert_list(&self, list: &StatusListRecord) -> Result<()> {
        let (id, size) = (list.id.cast_signed(), list.size.cast_signed());
        // Places were once given in an order that the last column held.
        let sql = "INSERT INTO list VALUES (?1, ?2, ?3, ?4, 0, zeroblob(32))";
        self.execute(sql, params![id, list.uri, list.bits, size])
    }

    pub(super) fn insert_pass(&self, at: StatusRef, pass: &NewPass<'_>) -> Result<()> {
        let (list, index) = place(at);
        let sql = "INSERT INTO pass (list, idx, kid, nbf, exp, class, person, batch, line, holder)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let [nbf, exp, class] = [pass.nbf, pass.exp, pass.class].map(u64::cast_signed);
        let person = pass.person.as_ref().map(PersonRef::as_bytes);
        let holder = pass.holder.map(|mark| mark.0);
        let batch = pass.origin.map(|origin| origin.batch.cast_signed());
        let line = pass.origin.map(|origin| origin.line.cast_signed());
        self.execute(sql, params![list, index, pass.kid, nbf, exp, class, person, batch, line, holder])
    }

    pub(super) fn insert_batch(&self, id: u64, digest: &[u8; 32], begun: u64) -> Result<()> {
        let sql = "INSERT INTO batch VALUES (?1, ?2, ?3)";
        self.execute(sql, params![id.cast_signed(), digest, begun.cast_signed()])
    }

    /// How many places of a list are taken.
    pub(super) fn count_list(&self, id: u64, used: u64) -> Result<()> {
        self.execute("UPDATE list SET next_row = ?2 WHERE id = ?1", [id, used].map(u64::cast_signed))
    }

    pub(super) fn update_status(&self, at: StatusRef, code: u8, when: u64, reason: Option<&str>) -> Result<()> {
        let (list, index) = place(at);
        let sql = "UPDATE pass SET status = ?3, changed = ?4, reason = ?5 WHERE list = ?1 AND idx = ?2";
        self.execute(sql, params![list, index, code, when.cast_signed(), reason])?;
        let sql = "INSERT INTO status_change (list, idx, status, at, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.execute(sql, params![list, index, code, when.cast_signed(), reason])
    }

    pub(super) fn insert_publication(&self, version: u64, issued: u64, root: u64) -> Result<()> {
        let sql = "INSERT INTO publication (version, issued, root) VALUES (?1, ?2, ?3)";
        self.execute(sql, [version, issued, root].map(u64::cast_signed))
    }

    /// Does again what the witness knows of.
    pub(super) fn put_back(&self, entry: &Entry, uri: &str) -> Result<()> {
        match entry {
            Entry::Begin | Entry::Together { .. } => Ok(()),
            Entry::List { id, bits, size } => {
                let list = StatusListRecord { id: *id, uri: status_list_uri(uri, *id), bits: *bits, size: *size };
                self.insert_list(&list)
            }
            Entry::Batch { id, digest, at } => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(digest, &mut bytes)
                    .map_err(|_| RegisterError::Damaged(self.path.display().to_string()))?;
                self.insert_batch(*id, &bytes, *at)
            }
            Entry::Issue { list, index, kid, nbf, exp, class, person, origin } => {
                let pass = NewPass {
                    kid,
                    nbf: *nbf,
                    exp: *exp,
                    class: *class,
                    person: *person,
                    holder: None,
                    origin: *origin,
                };
                self.insert_pass(StatusRef { list: *list, index: *index }, &pass)?;
                self.execute("UPDATE list SET next_row = next_row + 1 WHERE id = ?1", [list.cast_signed()])
            }
            Entry::Status { list, index, status, at } => {
                self.update_status(StatusRef { list: *list, index: *index }, *status, *at, None)
            }
            Entry::KeyRevoked { kid, at } => self.revoke_key(kid, *at),
            Entry::Publish { version, issued, root } => {
                self.insert_publication(*version, *issued, *root)?;
                let sql = "UPDATE key SET published_at = ?1 WHERE role = 'issuer' AND published_at IS NULL";
                self.execute(sql, [issued.cast_signed()])
            }
        }
    }
}
