//! What is done inside a transaction.

use std::path::Path;

use rusqlite::{OptionalExtension, Params, Row, Transaction, params};

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::super::{
    KeyRecord, Origin, RegisterError, Result, RevocationProposal, Status, StatusListRecord, status_list_uri,
};
use super::revoke::kid_of;
use super::{place, seconds, status, unsigned, witness_end, wrap};
use crate::operator::{Actor, Operator};
use crate::revoke::reference;
use crate::witness::{End, Entry};
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
    pub(super) entered: Option<u64>,
    pub(super) policy: Option<u64>,
    pub(super) replaces: Option<StatusRef>,
}

/// Who made the change that is put back, and when; nothing of one that 0.1 witnessed.
#[derive(Default)]
pub(super) struct Who {
    operator: Option<Operator>,
    at: Option<u64>,
    /// Where it took a second operator's word.
    proposed_by: Option<Operator>,
}

/// A transaction in which something is changed.
pub(super) struct Change<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) path: &'a Path,
}

impl Change<'_> {
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<()> {
        self.changed_rows(sql, params).map(drop)
    }

    /// Gives how many rows it changed.
    fn changed_rows(&self, sql: &str, params: impl Params) -> Result<usize> {
        let done = self.transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(params));
        done.map_err(|error| wrap(self.path, error))
    }

    pub(super) fn number(&self, sql: &str, params: impl Params) -> Result<i64> {
        let found = self.transaction.prepare_cached(sql);
        let found = found.and_then(|mut statement| statement.query_row(params, |row| row.get(0)));
        found.map_err(|error| wrap(self.path, error))
    }

    /// The first row, if there is one.
    pub(super) fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let found = self.transaction.prepare_cached(sql);
        let found = found.and_then(|mut statement| statement.query_row(params, read).optional());
        found.map_err(|error| wrap(self.path, error))
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let found = self.transaction.prepare_cached(sql);
        let found = found.and_then(|mut statement| statement.query_map(params, read)?.collect());
        found.map_err(|error| wrap(self.path, error))
    }

    pub(super) fn status_of(&self, pass: StatusRef) -> Result<Option<Status>> {
        self.find("SELECT status FROM pass WHERE list = ?1 AND idx = ?2", place(pass), |row| status(row, 0))
    }

    /// Has these entries witnessed as one change, where there is a witness.
    pub(super) fn witness(&self, by: &Actor<'_>, entries: Vec<Entry>) -> Result<()> {
        let Some(witness) = by.witness.filter(|_| !entries.is_empty()) else { return Ok(()) };
        let count = entries.len() as u64;
        let mut change = Vec::with_capacity(entries.len() + 1);
        change.push(Entry::Change { entries: count, at: by.at.seconds(), operator: by.operator.clone() });
        change.extend(entries);
        let end = witness.record(self.witness_end()?.as_ref(), &change)?;
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

    /// Enters it unless it is there; gives what is to be witnessed.
    pub(super) fn add_key(&self, key: &KeyRecord) -> Result<Vec<Entry>> {
        let known = self.number("SELECT count(*) FROM key WHERE kid = ?1", [key.kid().to_string()])? > 0;
        self.insert_key(key)?;
        Ok(if known { Vec::new() } else { vec![Entry::key_added(key)] })
    }

    /// At once, so that no pass is entered between the look at the latest one and the key's end.
    pub(super) fn retire_key(&self, kid: &str, at: u64) -> Result<()> {
        let sql = "UPDATE key SET retired_at = ?2, not_after = min(not_after, max(?2, 1 + coalesce(
                   (SELECT max(nbf) FROM pass WHERE kid = ?1), 0))) WHERE kid = ?1";
        self.execute(sql, params![kid, at.cast_signed()])
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

    /// `false` where the place is taken.
    pub(super) fn insert_pass(&self, at: StatusRef, pass: &NewPass<'_>) -> Result<bool> {
        let (list, index) = place(at);
        let sql = "INSERT INTO pass (list, idx, kid, nbf, exp, class, person, batch, line, holder, entered, policy,
                       replaces_list, replaces_idx)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                   ON CONFLICT (list, idx) DO NOTHING";
        let [nbf, exp, class] = [pass.nbf, pass.exp, pass.class].map(u64::cast_signed);
        let person = pass.person.as_ref().map(PersonRef::as_bytes);
        let holder = pass.holder.map(|mark| mark.0);
        let batch = pass.origin.map(|origin| origin.batch.cast_signed());
        let line = pass.origin.map(|origin| origin.line.cast_signed());
        let [entered, policy] = [pass.entered, pass.policy].map(|number| number.map(u64::cast_signed));
        let (of_list, of_index) = pass.replaces.map(place).unzip();
        let rows = self.changed_rows(
            sql,
            params![
                list, index, pass.kid, nbf, exp, class, person, batch, line, holder, entered, policy, of_list, of_index
            ],
        )?;
        Ok(rows == 1)
    }

    pub(super) fn insert_batch(&self, id: u64, digest: &[u8; 32], begun: u64, by: Option<&Operator>) -> Result<()> {
        let sql = "INSERT INTO batch (id, digest, begun, operator) VALUES (?1, ?2, ?3, ?4)";
        self.execute(sql, params![id.cast_signed(), digest, begun.cast_signed(), by.map(Operator::as_str)])
    }

    /// How many places of a list are taken.
    pub(super) fn count_list(&self, id: u64, used: u64) -> Result<()> {
        self.execute("UPDATE list SET next_row = ?2 WHERE id = ?1", [id, used].map(u64::cast_signed))
    }

    pub(super) fn update_status(
        &self,
        at: StatusRef,
        code: u8,
        when: u64,
        reason: Option<&str>,
        by: Option<&Operator>,
        proposed_by: Option<&Operator>,
    ) -> Result<()> {
        let ((list, index), [by, proposed_by]) = (place(at), [by, proposed_by].map(|one| one.map(Operator::as_str)));
        let sql = "UPDATE pass SET status = ?3, changed = ?4, reason = ?5 WHERE list = ?1 AND idx = ?2";
        self.execute(sql, params![list, index, code, when.cast_signed(), reason])?;
        let sql = "INSERT INTO status_change (list, idx, status, at, reason, operator, proposed_by)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.execute(sql, params![list, index, code, when.cast_signed(), reason, by, proposed_by])
    }

    /// Revokes a pass whose place another one took.
    pub(super) fn replace(&self, old: StatusRef, new: StatusRef, when: u64, by: Option<&Operator>) -> Result<()> {
        let reason = format!("replaced by {}", reference(new));
        self.update_status(old, Status::Revoked.code(), when, Some(&reason), by, None)
    }

    pub(super) fn insert_publication(&self, version: u64, issued: u64, root: u64) -> Result<()> {
        let sql = "INSERT INTO publication (version, issued, root) VALUES (?1, ?2, ?3)";
        self.execute(sql, [version, issued, root].map(u64::cast_signed))
    }

    /// Does again what the witness knows of. Who did it, and when, is told before it.
    pub(super) fn put_back(&self, entry: &Entry, uri: &str, who: &mut Who) -> Result<()> {
        let operator = who.operator.as_ref();
        match entry {
            Entry::Begin => Ok(()),
            Entry::Change { at, operator, .. } => {
                *who = Who { operator: Some(operator.clone()), at: Some(*at), proposed_by: None };
                Ok(())
            }
            Entry::Together { .. } => {
                *who = Who::default();
                Ok(())
            }
            Entry::List { id, bits, size } => {
                let list = StatusListRecord { id: *id, uri: status_list_uri(uri, *id), bits: *bits, size: *size };
                self.insert_list(&list)
            }
            Entry::Batch { id, digest, at } => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(digest, &mut bytes).map_err(|_| self.damaged())?;
                self.insert_batch(*id, &bytes, *at, operator)
            }
            Entry::Issue { list, index, kid, nbf, exp, class, person, origin, policy } => {
                let pass = NewPass {
                    kid,
                    nbf: *nbf,
                    exp: *exp,
                    class: *class,
                    person: *person,
                    holder: None,
                    origin: *origin,
                    entered: who.at,
                    policy: *policy,
                    replaces: None,
                };
                if !self.insert_pass(StatusRef { list: *list, index: *index }, &pass)? {
                    return Err(self.damaged());
                }
                self.execute("UPDATE list SET next_row = next_row + 1 WHERE id = ?1", [list.cast_signed()])
            }
            Entry::Status { list, index, status, at } => self.update_status(
                StatusRef { list: *list, index: *index },
                *status,
                *at,
                None,
                operator,
                who.proposed_by.as_ref(),
            ),
            Entry::Replaced { list, index, by_list, by_index, at } => {
                let (old, new) = [(list, index), (by_list, by_index)]
                    .map(|(list, index)| StatusRef { list: *list, index: *index })
                    .into();
                let ((old_list, old_index), (list, index)) = (place(old), place(new));
                let sql = "UPDATE pass SET replaces_list = ?3, replaces_idx = ?4 WHERE list = ?1 AND idx = ?2";
                self.execute(sql, [list, index, old_list, old_index])?;
                self.replace(old, new, *at, operator)
            }
            Entry::KeyAdded { role, public, file, not_before, not_after } => {
                let time = |seconds: u64| UnixTime::new(seconds).ok_or_else(|| self.damaged());
                let (from, until) = (time(*not_before)?, time(*not_after)?);
                self.insert_key(&KeyRecord::new(public.clone(), *role, file.clone(), from, until))
            }
            Entry::Proposed { id, kid, passes, digest, until } => {
                let (Some(operator), Some(at)) = (operator.cloned(), who.at) else { return Err(self.damaged()) };
                let time = |seconds: u64| UnixTime::new(seconds).ok_or_else(|| self.damaged());
                let mut bytes = [0; 32];
                hex::decode_to_slice(digest, &mut bytes).map_err(|_| self.damaged())?;
                self.put_back_proposal(&RevocationProposal {
                    id: *id,
                    kid: kid.as_deref().map(|kid| kid_of(kid).ok_or_else(|| self.damaged())).transpose()?,
                    passes: *passes,
                    digest: bytes,
                    reason: None,
                    operator,
                    at: time(at)?,
                    until: time(*until)?,
                })
            }
            Entry::Confirmed { proposed_by, .. } => {
                who.proposed_by = Some(proposed_by.clone());
                Ok(())
            }
            Entry::ProposalEnded { id, done } => {
                self.put_back_end(*id, *done, who.at.map(u64::cast_signed), operator.map(Operator::as_str))
            }
            Entry::Erased { before, after, list, index } => {
                self.put_back_erased(*before, *after, StatusRef { list: *list, index: *index })
            }
            Entry::KeyRetired { kid, at } => self.retire_key(kid, *at),
            Entry::KeyRevoked { kid, at } => self.revoke_key(kid, *at),
            Entry::Publish { version, issued, root } => {
                self.insert_publication(*version, *issued, *root)?;
                let sql = "UPDATE key SET published_at = ?1 WHERE role = 'issuer' AND published_at IS NULL";
                self.execute(sql, [issued.cast_signed()])
            }
        }
    }

    pub(super) fn damaged(&self) -> RegisterError {
        RegisterError::Damaged(self.path.display().to_string())
    }
}
