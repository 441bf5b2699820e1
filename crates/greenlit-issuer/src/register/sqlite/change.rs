//! The statements of a transaction in SQLite.

use std::path::Path;

use rusqlite::{CachedStatement, OptionalExtension, Params, Row, ToSql, Transaction, params};

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::reserve::{INSERT, insert};
use super::{operator, pass_at, place, seconds, status, time, unsigned, witness_end, wrap};
use crate::operator::Operator;
use crate::register::change::{NewPass, NewStatus, Statements};
use crate::register::{
    KeyRecord, RegisterError, Result, RevocationLimit, RevocationProposal, Status, StatusListRecord,
};
use crate::witness::End;

pub(super) const PROPOSALS: &str = "SELECT id, kid, passes, digest, reason, operator, at, until FROM proposal";
pub(super) const PROPOSED: &str = "SELECT list, idx FROM proposal_pass WHERE proposal = ?1 ORDER BY list, idx LIMIT ?2";

/// Before the first place.
const NOWHERE: (i64, i64) = (-1, -1);
/// Places after (?1, ?2), up to (?3, ?4), of passes that were over by ?5.
const OVER: &str = "(list, idx) > (?1, ?2) AND (list, idx) <= (?3, ?4) AND exp <= ?5";
/// Of which something is there to be erased.
pub(super) const KNOWN: &str = "(person IS NOT NULL OR holder IS NOT NULL OR batch IS NOT NULL OR line IS NOT NULL
    OR reason IS NOT NULL OR EXISTS (SELECT 1 FROM request WHERE request.list = pass.list AND request.idx = pass.idx)
    OR EXISTS (SELECT 1 FROM status_change AS change
               WHERE change.list = pass.list AND change.idx = pass.idx AND change.reason IS NOT NULL))";

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

    pub(super) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>> {
        self.transaction.prepare_cached(sql).map_err(|error| wrap(self.path, error))
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

    /// So many more passes are in this class.
    pub(super) fn count_class(&self, class: u64, passes: u64) -> Result<()> {
        let sql =
            "INSERT INTO class VALUES (?1, ?2) ON CONFLICT (class) DO UPDATE SET passes = passes + excluded.passes";
        self.execute(sql, [class, passes].map(u64::cast_signed))
    }

    pub(super) fn status_of(&self, pass: StatusRef) -> Result<Option<Status>> {
        self.find("SELECT status FROM pass WHERE list = ?1 AND idx = ?2", place(pass), |row| status(row, 0))
    }
}

impl Statements for Change<'_> {
    fn damaged(&self) -> RegisterError {
        RegisterError::Damaged(self.path.display().to_string())
    }

    fn busy(&self) -> RegisterError {
        RegisterError::Busy(self.path.display().to_string())
    }

    fn given_twice(&self, _: StatusRef) -> RegisterError {
        self.damaged()
    }

    fn witness_end(&mut self) -> Result<Option<End>> {
        witness_end(&self.transaction).map_err(|error| wrap(self.path, error))
    }

    fn set_witness_end(&mut self, end: &End) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO witness VALUES (1, ?1, ?2)";
        self.execute(sql, params![end.number.cast_signed(), end.hash])
    }

    fn knows_key(&mut self, kid: &str) -> Result<bool> {
        Ok(self.number("SELECT count(*) FROM key WHERE kid = ?1", [kid])? > 0)
    }

    fn insert_key(&mut self, key: &KeyRecord) -> Result<()> {
        let sql = "INSERT INTO key (kid, role, file, public, not_before, not_after) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (kid) DO NOTHING";
        let (from, until) = (seconds(key.not_before), seconds(key.not_after));
        let (kid, role) = (key.kid().to_string(), key.role.as_str());
        self.execute(sql, params![kid, role, key.file, key.key.as_bytes(), from, until])
    }

    fn end_key(&mut self, kid: &str, at: u64) -> Result<()> {
        self.execute("UPDATE key SET retired_at = ?1 WHERE kid = ?2", params![at.cast_signed(), kid])
    }

    fn retire_key(&mut self, kid: &str, at: u64) -> Result<()> {
        let sql = "UPDATE key SET retired_at = ?2, not_after = min(not_after, max(?2, 1 + coalesce(
                   (SELECT max(nbf) FROM pass WHERE kid = ?1), 0))) WHERE kid = ?1";
        self.execute(sql, params![kid, at.cast_signed()])
    }

    fn revoke_key(&mut self, kid: &str, at: u64) -> Result<()> {
        self.execute("UPDATE key SET revoked_at = ?1 WHERE kid = ?2", params![at.cast_signed(), kid])
    }

    fn is_key_unrevoked(&mut self, kid: &str, at: u64) -> Result<bool> {
        let sql = "SELECT count(*) FROM key WHERE kid = ?1 AND (revoked_at IS NULL OR revoked_at > ?2)";
        Ok(self.number(sql, params![kid, at.cast_signed()])? > 0)
    }

    fn end_root_keys(&mut self, at: u64) -> Result<()> {
        let sql = "UPDATE key SET retired_at = ?1 WHERE role IN ('root', 'bundle') AND retired_at IS NULL";
        self.execute(sql, [at.cast_signed()])
    }

    fn renew_root_key(&mut self, key: &KeyRecord) -> Result<()> {
        let sql = "UPDATE key SET retired_at = NULL, not_after = ?1, role = ?2 WHERE kid = ?3";
        self.execute(sql, params![seconds(key.not_after), key.role.as_str(), key.kid().to_string()])
    }

    fn publish_keys(&mut self, at: u64) -> Result<()> {
        let sql = "UPDATE key SET published_at = ?1
                   WHERE role = 'issuer' AND (published_at IS NULL OR published_at > ?1)";
        self.execute(sql, [at.cast_signed()])
    }

    fn insert_publication(&mut self, version: u64, issued: u64, root: u64) -> Result<bool> {
        let sql =
            "INSERT INTO publication (version, issued, root) VALUES (?1, ?2, ?3) ON CONFLICT (version) DO NOTHING";
        Ok(self.changed_rows(sql, [version, issued, root].map(u64::cast_signed))? == 1)
    }

    fn insert_list(&mut self, list: &StatusListRecord) -> Result<()> {
        let (id, size) = (list.id.cast_signed(), list.size.cast_signed());
        // Places were once given in an order that the last column held.
        let sql = "INSERT INTO list VALUES (?1, ?2, ?3, ?4, 0, zeroblob(32))";
        self.execute(sql, params![id, list.uri, list.bits, size])
    }

    fn count_place(&mut self, list: u64) -> Result<()> {
        self.execute("UPDATE list SET next_row = next_row + 1 WHERE id = ?1", [list.cast_signed()])
    }

    fn insert_pass(&mut self, at: StatusRef, pass: &NewPass) -> Result<bool> {
        let mut statement = self.prepare(INSERT)?;
        let is_new = insert(&mut statement, at, pass).map_err(|error| wrap(self.path, error))?;
        drop(statement);
        if is_new {
            self.count_class(pass.class, 1)?;
        }
        Ok(is_new)
    }

    fn set_replaces(&mut self, pass: StatusRef, old: StatusRef) -> Result<()> {
        let ((list, index), (old_list, old_index)) = (place(pass), place(old));
        let sql = "UPDATE pass SET replaces_list = ?3, replaces_idx = ?4 WHERE list = ?1 AND idx = ?2";
        self.execute(sql, [list, index, old_list, old_index])
    }

    fn statuses(&mut self, passes: &[StatusRef]) -> Result<Vec<Option<Status>>> {
        passes.iter().map(|pass| self.status_of(*pass)).collect()
    }

    fn update_statuses(&mut self, passes: &[StatusRef], new: &NewStatus<'_>) -> Result<()> {
        let NewStatus { code, at, reason, .. } = *new;
        let ([by, proposed_by], at) =
            ([new.by, new.proposed_by].map(|one| one.map(Operator::as_str)), at.cast_signed());
        for pass in passes {
            let (list, index) = place(*pass);
            let sql = "UPDATE pass SET status = ?3, changed = ?4, reason = ?5 WHERE list = ?1 AND idx = ?2";
            self.execute(sql, params![list, index, code, at, reason])?;
            let sql = "INSERT INTO status_change (list, idx, status, at, reason, operator, proposed_by)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            self.execute(sql, params![list, index, code, at, reason, by, proposed_by])?;
        }
        Ok(())
    }

    fn revoked_alone(&mut self, person: &str, limit: &RevocationLimit) -> Result<u64> {
        let sql = "SELECT count(*) FROM status_change AS change
                   WHERE status = 1 AND at >= ?1 AND proposed_by IS NULL
                     AND (operator = ?2 OR substr(operator, 1, length(?3)) = ?3)
                     AND NOT EXISTS (SELECT 1 FROM pass WHERE replaces_list = change.list AND replaces_idx = change.idx)";
        let count = self.number(sql, params![seconds(limit.since), person, format!("{person} (")])?;
        Ok(count.cast_unsigned())
    }

    fn batch_of(&mut self, digest: &[u8; 32]) -> Result<Option<u64>> {
        self.find("SELECT id FROM batch WHERE digest = ?1", [digest], |row| unsigned(row, 0))
    }

    fn next_batch(&mut self) -> Result<u64> {
        Ok(self.number("SELECT 1 + coalesce(max(id), 0) FROM batch", [])?.cast_unsigned())
    }

    fn insert_batch(&mut self, id: u64, digest: &[u8; 32], begun: u64, by: Option<&Operator>) -> Result<()> {
        let sql = "INSERT INTO batch (id, digest, begun, operator) VALUES (?1, ?2, ?3, ?4)";
        self.execute(sql, params![id.cast_signed(), digest, begun.cast_signed(), by.map(Operator::as_str)])
    }

    fn batch_begun(&mut self, id: u64) -> Result<Option<u64>> {
        self.find("SELECT begun FROM batch WHERE id = ?1", [id.cast_signed()], |row| unsigned(row, 0))
    }

    fn forget_refusals(&mut self, batch: u64) -> Result<()> {
        self.execute("DELETE FROM refusal WHERE batch = ?1", [batch.cast_signed()])
    }

    fn add_refusals(&mut self, batch: u64, at: u64, reason: &str, count: u64) -> Result<()> {
        let sql = "INSERT INTO refusal (batch, at, reason, count) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (batch, at, reason) DO UPDATE SET count = count + excluded.count";
        self.execute(sql, params![batch.cast_signed(), at.cast_signed(), reason, count.cast_signed()])
    }

    fn waiting_proposal(&mut self, digest: &[u8; 32], at: u64) -> Result<Option<u64>> {
        let sql = "SELECT id FROM proposal WHERE ended IS NULL AND digest = ?1 AND until > ?2 ORDER BY id LIMIT 1";
        self.find(sql, params![digest, at.cast_signed()], |row| unsigned(row, 0))
    }

    fn next_proposal(&mut self) -> Result<u64> {
        Ok(self.number("SELECT 1 + coalesce(max(id), 0) FROM proposal", [])?.cast_unsigned())
    }

    fn insert_proposal(&mut self, proposal: &RevocationProposal, proposed: &[StatusRef]) -> Result<()> {
        let RevocationProposal { id, kid, passes, digest, reason, operator, at, until } = proposal;
        let sql = "INSERT INTO proposal (id, kid, passes, digest, reason, operator, at, until)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let [id, passes] = [*id, *passes].map(u64::cast_signed);
        let (kid, at, until) = (kid.map(|kid| kid.to_string()), seconds(*at), seconds(*until));
        self.execute(sql, params![id, kid, passes, digest, reason, operator.as_str(), at, until])?;
        let sql = "INSERT INTO proposal_pass VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        for pass in proposed {
            let (list, index) = place(*pass);
            self.execute(sql, [id, list, index])?;
        }
        Ok(())
    }

    fn proposal(&mut self, id: u64) -> Result<Option<RevocationProposal>> {
        self.find(&format!("{PROPOSALS} WHERE id = ?1 AND ended IS NULL"), [id.cast_signed()], proposal)
    }

    fn proposed_passes(&mut self, id: u64, at_most: usize) -> Result<Vec<StatusRef>> {
        let most = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.all(PROPOSED, [id.cast_signed(), most], |row| pass_at(row, 0))
    }

    fn forget_proposed(&mut self, id: u64, passes: &[StatusRef]) -> Result<()> {
        let sql = "DELETE FROM proposal_pass WHERE proposal = ?1 AND list = ?2 AND idx = ?3";
        for pass in passes {
            let (list, index) = place(*pass);
            self.execute(sql, [id.cast_signed(), list, index])?;
        }
        Ok(())
    }

    fn count_proposed(&mut self, id: u64) -> Result<u64> {
        let sql = "SELECT count(*) FROM proposal_pass WHERE proposal = ?1";
        Ok(self.number(sql, [id.cast_signed()])?.cast_unsigned())
    }

    fn end_proposal(&mut self, id: u64, outcome: &str, at: Option<u64>, by: Option<&Operator>) -> Result<()> {
        let (id, at, by) = (id.cast_signed(), at.map(u64::cast_signed), by.map(Operator::as_str));
        let sql = "UPDATE proposal SET ended = coalesce(?2, at), ended_by = ?3, outcome = ?4 WHERE id = ?1";
        self.execute(sql, params![id, at, by, outcome])?;
        self.execute("DELETE FROM proposal_pass WHERE proposal = ?1", [id])
    }

    fn place_after(&mut self, after: Option<StatusRef>, skip: usize) -> Result<Option<StatusRef>> {
        let (list, index) = after.map_or(NOWHERE, place);
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let sql = "SELECT list, idx FROM pass WHERE (list, idx) > (?1, ?2) ORDER BY list, idx LIMIT 1 OFFSET ?3";
        self.find(sql, [list, index, skip], |row| pass_at(row, 0))
    }

    fn last_place(&mut self) -> Result<Option<StatusRef>> {
        self.find("SELECT list, idx FROM pass ORDER BY list DESC, idx DESC LIMIT 1", [], |row| pass_at(row, 0))
    }

    fn erase_between(&mut self, before: UnixTime, after: Option<StatusRef>, to: StatusRef) -> Result<u64> {
        let ((list, index), (to_list, to_index)) = (after.map_or(NOWHERE, place), place(to));
        let (before, first): (i64, &dyn ToSql) = (seconds(before), &list);
        let range = params![first, index, to_list, to_index, before];
        let known = format!("SELECT count(*) FROM pass WHERE {OVER} AND {KNOWN}");
        let passes = self.number(&known, range)?.cast_unsigned();
        if passes == 0 {
            return Ok(0);
        }
        let over = format!("(SELECT list, idx FROM pass WHERE {OVER})");
        self.execute(&format!("DELETE FROM request WHERE (list, idx) IN {over}"), range)?;
        let sql = format!("UPDATE status_change SET reason = NULL WHERE reason IS NOT NULL AND (list, idx) IN {over}");
        self.execute(&sql, range)?;
        let sql = format!(
            "UPDATE pass SET person = NULL, holder = NULL, batch = NULL, line = NULL, reason = NULL WHERE {OVER}
             AND (person IS NOT NULL OR holder IS NOT NULL OR batch IS NOT NULL OR line IS NOT NULL OR reason IS NOT NULL)"
        );
        self.execute(&sql, range)?;
        Ok(passes)
    }

    fn erase_reasons_of_proposals(&mut self, before: UnixTime) -> Result<()> {
        self.execute("UPDATE proposal SET reason = NULL WHERE ended <= ?1", [seconds(before)])
    }
}

pub(super) fn proposal(row: &Row<'_>) -> rusqlite::Result<RevocationProposal> {
    let damaged = |column| rusqlite::Error::IntegralValueOutOfRange(column, 0);
    Ok(RevocationProposal {
        id: unsigned(row, 0)?,
        kid: if row.get_ref(1)?.as_str_or_null()?.is_some() { Some(super::kid(row, 1)?) } else { None },
        passes: unsigned(row, 2)?,
        digest: row.get(3)?,
        reason: row.get(4)?,
        operator: operator(row, 5)?.ok_or_else(|| damaged(5))?,
        at: time(row, 6)?,
        until: time(row, 7)?,
    })
}
