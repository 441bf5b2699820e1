//! The statements of a transaction in PostgreSQL. What concerns many passes is one statement, for each goes to the server
//! and back.

use postgres::types::ToSql;
use postgres::{Row, Transaction};

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::error::{is_conflict, wrap};
use super::reserve::{COLUMNS, with_values};
use super::{operator, pass_at, place, places, seconds, time, unsigned, witness_end};
use crate::operator::Operator;
use crate::register::change::{NewPass, NewStatus, Statements, kid_of};
use crate::register::{
    KeyRecord, RegisterError, Result, RevocationLimit, RevocationProposal, Status, StatusListRecord,
};
use crate::revoke::reference;
use crate::witness::End;

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) const PROPOSALS: &str = "SELECT id, kid, passes, digest, reason, operator, at, until FROM proposal";
pub(super) const PROPOSED: &str = "SELECT list, idx FROM proposal_pass WHERE proposal = $1 ORDER BY list, idx LIMIT $2";
/// The statuses of passes, in the order in which they are asked for.
pub(super) const STATUSES: &str = "SELECT pass.status
     FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (list, idx, number)
     LEFT JOIN pass USING (list, idx) ORDER BY number";

/// Before the first place.
const NOWHERE: (i64, i64) = (-1, -1);
/// Places after ($1, $2), up to ($3, $4), of passes that were over by $5.
const OVER: &str = "(list, idx) > ($1, $2) AND (list, idx) <= ($3, $4) AND exp <= $5";
/// Of which something is there to be erased.
pub(super) const KNOWN: &str = "(person IS NOT NULL OR holder IS NOT NULL OR batch IS NOT NULL OR line IS NOT NULL
    OR reason IS NOT NULL OR EXISTS (SELECT FROM request WHERE request.list = pass.list AND request.idx = pass.idx)
    OR EXISTS (SELECT FROM status_change AS change
               WHERE change.list = pass.list AND change.idx = pass.idx AND change.reason IS NOT NULL))";

/// A transaction in which something is changed, while no other changes this register.
pub(super) struct Change<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) place: &'a str,
    /// Whose witness is meant.
    pub(super) desk: &'a str,
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

    pub(super) fn execute(&mut self, sql: &str, params: Params<'_>) -> Result<()> {
        self.changed_rows(sql, params).map(drop)
    }

    /// Gives how many rows it changed.
    fn changed_rows(&mut self, sql: &str, params: Params<'_>) -> Result<u64> {
        let done = self.transaction.execute(sql, params);
        done.map_err(|error| self.fail(error))
    }

    /// Changes a row that another desk has made, if it did not get lost with the register.
    fn change_row(&mut self, sql: &str, params: Params<'_>) -> Result<()> {
        match self.changed_rows(sql, params)? {
            0 => Err(self.other_desk_first()),
            _ => Ok(()),
        }
    }

    fn other_desk_first(&self) -> RegisterError {
        RegisterError::OtherDeskFirst(self.place.to_owned())
    }

    pub(super) fn number(&mut self, sql: &str, params: Params<'_>) -> Result<i64> {
        let found = self.transaction.query_one(sql, params).and_then(|row| row.try_get(0));
        found.map_err(|error| self.fail(error))
    }

    fn count(&mut self, sql: &str, params: Params<'_>) -> Result<u64> {
        Ok(self.number(sql, params)?.cast_unsigned())
    }

    pub(super) fn all<T>(&mut self, sql: &str, params: Params<'_>, read: impl Fn(&Row) -> Option<T>) -> Result<Vec<T>> {
        let rows = self.transaction.query(sql, params).map_err(|error| self.fail(error))?;
        // What cannot be read was damaged.
        rows.iter().map(read).collect::<Option<_>>().ok_or_else(|| self.damaged())
    }

    /// A number for a row of this table. What a desk lost before it was lasting stands in its witness, and comes back with
    /// its number: no other gets that, for a sequence is not taken back with the change.
    fn next(&mut self, table: &str) -> Result<u64> {
        let sql = format!(
            "SELECT setval('greenlit.{table}_number',
                           greatest(nextval('greenlit.{table}_number'), 1 + coalesce((SELECT max(id) FROM {table}), 0)))"
        );
        self.count(&sql, &[])
    }
}

impl Statements for Change<'_> {
    fn damaged(&self) -> RegisterError {
        RegisterError::Damaged(self.place.to_owned())
    }

    fn busy(&self) -> RegisterError {
        RegisterError::Busy(self.place.to_owned())
    }

    fn given_twice(&self, place: StatusRef) -> RegisterError {
        RegisterError::GivenTwice { register: self.place.to_owned(), place: reference(place) }
    }

    fn witness_end(&mut self) -> Result<Option<End>> {
        let found = witness_end(&mut self.transaction, self.desk);
        found.map_err(|error| self.fail(error))
    }

    fn set_witness_end(&mut self, end: &End) -> Result<()> {
        let sql = "INSERT INTO witness VALUES ($1, $2, $3)
                   ON CONFLICT (desk) DO UPDATE SET number = excluded.number, hash = excluded.hash";
        let desk = self.desk;
        self.execute(sql, &[&desk, &end.number.cast_signed(), &end.hash])
    }

    fn witnessed(&mut self) {
        self.witnessed = true;
    }

    fn mark(&mut self) -> Result<()> {
        let done = self.transaction.batch_execute("SAVEPOINT one_change");
        done.map_err(|error| self.fail(error))
    }

    fn back_to_mark(&mut self) -> Result<()> {
        let done = self.transaction.batch_execute("ROLLBACK TO SAVEPOINT one_change");
        done.map_err(|error| self.fail(error))
    }

    fn knows_key(&mut self, kid: &str) -> Result<bool> {
        Ok(self.count("SELECT count(*) FROM key WHERE kid = $1", &[&kid])? > 0)
    }

    fn insert_key(&mut self, key: &KeyRecord) -> Result<()> {
        let sql = "INSERT INTO key (kid, role, file, public, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (kid) DO NOTHING";
        let (from, until) = (seconds(key.not_before), seconds(key.not_after));
        let (kid, role, public) = (key.kid().to_string(), key.role.as_str(), key.key.as_bytes().to_vec());
        self.execute(sql, &[&kid, &role, &key.file, &public, &from, &until])
    }

    fn end_key(&mut self, kid: &str, at: u64) -> Result<()> {
        self.execute("UPDATE key SET retired_at = $1 WHERE kid = $2", &[&at.cast_signed(), &kid])
    }

    fn retire_key(&mut self, kid: &str, at: u64) -> Result<()> {
        let sql = "UPDATE key SET retired_at = $2, not_after = least(not_after, greatest($2, 1 + coalesce(
                   (SELECT max(nbf) FROM pass WHERE kid = $1), 0))) WHERE kid = $1";
        self.execute(sql, &[&kid, &at.cast_signed()])
    }

    fn revoke_key(&mut self, kid: &str, at: u64) -> Result<()> {
        self.execute("UPDATE key SET revoked_at = $1 WHERE kid = $2", &[&at.cast_signed(), &kid])
    }

    fn is_key_unrevoked(&mut self, kid: &str, at: u64) -> Result<bool> {
        let sql = "SELECT count(*) FROM key WHERE kid = $1 AND (revoked_at IS NULL OR revoked_at > $2)";
        Ok(self.count(sql, &[&kid, &at.cast_signed()])? > 0)
    }

    fn end_root_keys(&mut self, at: u64) -> Result<()> {
        let sql = "UPDATE key SET retired_at = $1 WHERE role IN ('root', 'bundle') AND retired_at IS NULL";
        self.execute(sql, &[&at.cast_signed()])
    }

    fn renew_root_key(&mut self, key: &KeyRecord) -> Result<()> {
        let sql = "UPDATE key SET retired_at = NULL, not_after = $1, role = $2 WHERE kid = $3";
        self.execute(sql, &[&seconds(key.not_after), &key.role.as_str(), &key.kid().to_string()])
    }

    fn publish_keys(&mut self, at: u64) -> Result<()> {
        let sql = "UPDATE key SET published_at = $1
                   WHERE role = 'issuer' AND (published_at IS NULL OR published_at > $1)";
        self.execute(sql, &[&at.cast_signed()])
    }

    fn insert_publication(&mut self, version: u64, issued: u64, root: u64) -> Result<bool> {
        let [version, issued, root] = [version, issued, root].map(u64::cast_signed);
        let sql = "INSERT INTO publication VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING";
        Ok(self.changed_rows(sql, &[&version, &issued, &root])? == 1)
    }

    fn insert_list(&mut self, list: &StatusListRecord) -> Result<()> {
        let (id, bits, size) = (list.id.cast_signed(), i64::from(list.bits), list.size.cast_signed());
        // One that a desk began, and lost before it was lasting, may be another's by now: they are alike.
        let sql = "INSERT INTO list VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING";
        self.execute(sql, &[&id, &list.uri, &bits, &size])
    }

    fn count_place(&mut self, list: u64) -> Result<()> {
        self.change_row("UPDATE list SET used = used + 1 WHERE id = $1", &[&list.cast_signed()])
    }

    fn insert_pass(&mut self, at: StatusRef, pass: &NewPass) -> Result<bool> {
        let sql = format!(
            "INSERT INTO pass ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (list, idx) DO NOTHING"
        );
        Ok(with_values(at, pass, |values| self.changed_rows(&sql, values))? == 1)
    }

    fn set_replaces(&mut self, pass: StatusRef, old: StatusRef) -> Result<()> {
        let ((list, index), (old_list, old_index)) = (place(pass), place(old));
        let sql = "UPDATE pass SET replaces_list = $3, replaces_idx = $4 WHERE list = $1 AND idx = $2";
        self.change_row(sql, &[&list, &index, &old_list, &old_index])
    }

    fn statuses(&mut self, passes: &[StatusRef]) -> Result<Vec<Option<Status>>> {
        let (lists, indexes) = places(passes);
        self.all(STATUSES, &[&lists, &indexes], super::maybe_status)
    }

    fn update_statuses(&mut self, passes: &[StatusRef], new: &NewStatus<'_>) -> Result<()> {
        if passes.is_empty() {
            return Ok(());
        }
        let ((lists, indexes), NewStatus { code, at, reason, .. }) = (places(passes), *new);
        let [by, proposed_by] = [new.by, new.proposed_by].map(|one| one.map(Operator::as_str));
        let (code, at) = (i64::from(code), at.cast_signed());
        let sql = "UPDATE pass SET status = $3, changed = $4, reason = $5
                   FROM unnest($1::bigint[], $2::bigint[]) AS named (list, idx)
                   WHERE pass.list = named.list AND pass.idx = named.idx";
        if self.changed_rows(sql, &[&lists, &indexes, &code, &at, &reason])? != passes.len() as u64 {
            return Err(self.other_desk_first());
        }
        let sql = "INSERT INTO status_change (list, idx, status, at, reason, operator, proposed_by)
                   SELECT list, idx, $3, $4, $5, $6, $7
                   FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS named (list, idx, number) ORDER BY number";
        self.execute(sql, &[&lists, &indexes, &code, &at, &reason, &by, &proposed_by])
    }

    fn revoked_alone(&mut self, person: &str, limit: &RevocationLimit) -> Result<u64> {
        let sql = "SELECT count(*) FROM status_change AS change
                   WHERE status = 1 AND at >= $1 AND proposed_by IS NULL
                     AND (operator = $2 OR starts_with(operator, $3))
                     AND NOT EXISTS (SELECT FROM pass WHERE replaces_list = change.list AND replaces_idx = change.idx)";
        self.count(sql, &[&seconds(limit.since), &person, &format!("{person} (")])
    }

    fn batch_of(&mut self, digest: &[u8; 32]) -> Result<Option<u64>> {
        let sql = "SELECT id FROM batch WHERE digest = $1";
        Ok(self.all(sql, &[&digest.as_slice()], |row| unsigned(row, 0))?.pop())
    }

    fn next_batch(&mut self) -> Result<u64> {
        self.next("batch")
    }

    fn insert_batch(&mut self, id: u64, digest: &[u8; 32], begun: u64, by: Option<&Operator>) -> Result<()> {
        let sql = "INSERT INTO batch (id, digest, begun, operator) VALUES ($1, $2, $3, $4)";
        self.execute(sql, &[&id.cast_signed(), &digest.as_slice(), &begun.cast_signed(), &by.map(Operator::as_str)])
    }

    fn batch_begun(&mut self, id: u64) -> Result<Option<u64>> {
        let sql = "SELECT begun FROM batch WHERE id = $1";
        Ok(self.all(sql, &[&id.cast_signed()], |row| unsigned(row, 0))?.pop())
    }

    fn forget_refusals(&mut self, batch: u64) -> Result<()> {
        self.execute("DELETE FROM refusal WHERE batch = $1", &[&batch.cast_signed()])
    }

    fn add_refusals(&mut self, batch: u64, at: u64, reason: &str, count: u64) -> Result<()> {
        let sql = "INSERT INTO refusal (batch, at, reason, count) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (batch, at, reason) DO UPDATE SET count = refusal.count + excluded.count";
        self.execute(sql, &[&batch.cast_signed(), &at.cast_signed(), &reason, &count.cast_signed()])
    }

    fn waiting_proposal(&mut self, digest: &[u8; 32], at: u64) -> Result<Option<u64>> {
        let sql = "SELECT id FROM proposal WHERE ended IS NULL AND digest = $1 AND until > $2 ORDER BY id LIMIT 1";
        Ok(self.all(sql, &[&digest.as_slice(), &at.cast_signed()], |row| unsigned(row, 0))?.pop())
    }

    fn next_proposal(&mut self) -> Result<u64> {
        self.next("proposal")
    }

    fn insert_proposal(&mut self, proposal: &RevocationProposal, proposed: &[StatusRef]) -> Result<()> {
        let RevocationProposal { id, kid, passes, digest, reason, operator, at, until } = proposal;
        let sql = "INSERT INTO proposal (id, kid, passes, digest, reason, operator, at, until)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let [id, passes] = [*id, *passes].map(u64::cast_signed);
        let (kid, at, until) = (kid.map(|kid| kid.to_string()), seconds(*at), seconds(*until));
        self.execute(sql, &[&id, &kid, &passes, &digest.as_slice(), reason, &operator.as_str(), &at, &until])?;
        let (lists, indexes) = places(proposed);
        let sql = "INSERT INTO proposal_pass SELECT $1, list, idx
                   FROM unnest($2::bigint[], $3::bigint[]) AS named (list, idx) ON CONFLICT DO NOTHING";
        self.execute(sql, &[&id, &lists, &indexes])
    }

    fn proposal(&mut self, id: u64) -> Result<Option<RevocationProposal>> {
        Ok(self.all(&format!("{PROPOSALS} WHERE id = $1 AND ended IS NULL"), &[&id.cast_signed()], proposal)?.pop())
    }

    fn proposed_passes(&mut self, id: u64, at_most: usize) -> Result<Vec<StatusRef>> {
        let most = i64::try_from(at_most).unwrap_or(i64::MAX);
        self.all(PROPOSED, &[&id.cast_signed(), &most], |row| pass_at(row, 0))
    }

    fn forget_proposed(&mut self, id: u64, passes: &[StatusRef]) -> Result<()> {
        let (lists, indexes) = places(passes);
        let sql = "DELETE FROM proposal_pass USING unnest($2::bigint[], $3::bigint[]) AS named (list, idx)
                   WHERE proposal = $1 AND proposal_pass.list = named.list AND proposal_pass.idx = named.idx";
        self.execute(sql, &[&id.cast_signed(), &lists, &indexes])
    }

    fn count_proposed(&mut self, id: u64) -> Result<u64> {
        self.count("SELECT count(*) FROM proposal_pass WHERE proposal = $1", &[&id.cast_signed()])
    }

    fn end_proposal(&mut self, id: u64, outcome: &str, at: Option<u64>, by: Option<&Operator>) -> Result<()> {
        let (id, at, by) = (id.cast_signed(), at.map(u64::cast_signed), by.map(Operator::as_str));
        let sql = "UPDATE proposal SET ended = coalesce($2, at), ended_by = $3, outcome = $4 WHERE id = $1";
        self.change_row(sql, &[&id, &at, &by, &outcome])?;
        self.execute("DELETE FROM proposal_pass WHERE proposal = $1", &[&id])
    }

    fn place_after(&mut self, after: Option<StatusRef>, skip: usize) -> Result<Option<StatusRef>> {
        let (list, index) = after.map_or(NOWHERE, place);
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let sql = "SELECT list, idx FROM pass WHERE (list, idx) > ($1, $2) ORDER BY list, idx LIMIT 1 OFFSET $3";
        Ok(self.all(sql, &[&list, &index, &skip], |row| pass_at(row, 0))?.pop())
    }

    fn last_place(&mut self) -> Result<Option<StatusRef>> {
        let sql = "SELECT list, idx FROM pass ORDER BY list DESC, idx DESC LIMIT 1";
        Ok(self.all(sql, &[], |row| pass_at(row, 0))?.pop())
    }

    fn erase_between(&mut self, before: UnixTime, after: Option<StatusRef>, to: StatusRef) -> Result<u64> {
        let ((list, index), (to_list, to_index)) = (after.map_or(NOWHERE, place), place(to));
        let before = seconds(before);
        let range: Params<'_> = &[&list, &index, &to_list, &to_index, &before];
        let passes = self.count(&format!("SELECT count(*) FROM pass WHERE {OVER} AND {KNOWN}"), range)?;
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
        self.execute("UPDATE proposal SET reason = NULL WHERE ended <= $1", &[&seconds(before)])
    }
}

pub(super) fn proposal(row: &Row) -> Option<RevocationProposal> {
    let kid: Option<&str> = row.try_get(1).ok()?;
    Some(RevocationProposal {
        id: unsigned(row, 0)?,
        kid: kid.map(|kid| kid_of(kid).ok_or(())).transpose().ok()?,
        passes: unsigned(row, 2)?,
        digest: row.try_get::<_, &[u8]>(3).ok()?.try_into().ok()?,
        reason: row.try_get(4).ok()?,
        operator: operator(row, 5)??,
        at: time(row, 6)?,
        until: time(row, 7)?,
    })
}
