//! Several passes revoked at once, and revocations that wait for a second operator's word.

use rusqlite::{Connection, OptionalExtension, Row, params};

use greenlit_core::key::KeyId;
use greenlit_core::pass::StatusRef;

use super::super::{Confirmed, NewProposal, Proposed, Result, RevocationLimit, RevocationProposal, Revoked, Status};
use super::change::Change;
use super::{operator, pass_at, place, seconds, status, time, unsigned};
use crate::operator::{Actor, Operator};
use crate::witness::Entry;

pub(super) const PROPOSALS: &str = "SELECT id, kid, passes, digest, reason, operator, at, until FROM proposal";
pub(super) const PROPOSED: &str = "SELECT list, idx FROM proposal_pass WHERE proposal = ?1 ORDER BY list, idx LIMIT ?2";

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

pub(super) fn statuses(connection: &Connection, passes: &[StatusRef]) -> rusqlite::Result<Vec<Option<Status>>> {
    let mut look_up = connection.prepare_cached("SELECT status FROM pass WHERE list = ?1 AND idx = ?2")?;
    passes.iter().map(|pass| look_up.query_row(place(*pass), |row| status(row, 0)).optional()).collect()
}

impl Change<'_> {
    pub(super) fn revoke(
        &self,
        passes: &[StatusRef],
        reason: Option<&str>,
        limit: Option<&RevocationLimit>,
        by: &Actor<'_>,
    ) -> Result<Revoked> {
        if let Some(limit) = limit {
            let mut now = 0;
            for pass in passes {
                now += u64::from(self.status_of(*pass)?.is_some_and(can_be_revoked));
            }
            let earlier = self.revoked_alone(by.operator, limit)?;
            if now > 0 && earlier + now + limit.more > limit.most {
                return Ok(Revoked::TooMany(earlier));
            }
        }
        let mut entries = Vec::new();
        let before = self.revoke_each(passes, reason, by, None, &mut entries)?;
        self.witness(by, entries)?;
        Ok(Revoked::Done(before))
    }

    /// How many passes a person has revoked by their own word alone.
    fn revoked_alone(&self, operator: &Operator, limit: &RevocationLimit) -> Result<u64> {
        let sql = "SELECT count(*) FROM status_change AS change
                   WHERE status = 1 AND at >= ?1 AND proposed_by IS NULL
                     AND (operator = ?2 OR substr(operator, 1, length(?3)) = ?3)
                     AND NOT EXISTS (SELECT 1 FROM pass WHERE replaces_list = change.list AND replaces_idx = change.idx)";
        let person = operator.person();
        let count = self.number(sql, params![seconds(limit.since), person, format!("{person} (")])?;
        Ok(count.cast_unsigned())
    }

    fn revoke_each(
        &self,
        passes: &[StatusRef],
        reason: Option<&str>,
        by: &Actor<'_>,
        proposed_by: Option<&Operator>,
        entries: &mut Vec<Entry>,
    ) -> Result<Vec<Option<Status>>> {
        let (code, at) = (Status::Revoked.code(), by.at.seconds());
        let mut before = Vec::with_capacity(passes.len());
        for pass in passes {
            let status = self.status_of(*pass)?;
            if status.is_some_and(can_be_revoked) {
                self.update_status(*pass, code, at, reason, Some(by.operator), proposed_by)?;
                entries.push(Entry::Status { list: pass.list, index: pass.index, status: code, at });
            }
            before.push(status);
        }
        Ok(before)
    }

    pub(super) fn propose(&self, wanted: &NewProposal<'_>, by: &Actor<'_>) -> Result<u64> {
        let sql = "SELECT coalesce(min(id), 0) FROM proposal WHERE ended IS NULL AND digest = ?1 AND until > ?2";
        let known = self.number(sql, params![wanted.digest, seconds(by.at)])?.cast_unsigned();
        if known > 0 {
            return Ok(known);
        }
        let id = self.number("SELECT 1 + coalesce(max(id), 0) FROM proposal", [])?.cast_unsigned();
        let (kid, passes) = match wanted.what {
            Proposed::Key(kid) => (Some(kid), &[][..]),
            Proposed::Passes(passes) => (None, passes),
        };
        let made = RevocationProposal {
            id,
            kid,
            passes: passes.len() as u64,
            digest: wanted.digest,
            reason: wanted.reason.map(str::to_owned),
            operator: by.operator.clone(),
            at: by.at,
            until: wanted.until,
        };
        self.insert_proposal(&made)?;
        let sql = "INSERT INTO proposal_pass VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        for pass in passes {
            let (list, index) = place(*pass);
            self.execute(sql, [id.cast_signed(), list, index])?;
        }
        let RevocationProposal { passes, until, .. } = made;
        let (digest, until) = (hex::encode(wanted.digest), until.seconds());
        self.witness(by, vec![Entry::Proposed { id, kid: kid.map(|kid| kid.to_string()), passes, digest, until }])?;
        Ok(id)
    }

    pub(super) fn insert_proposal(&self, proposal: &RevocationProposal) -> Result<()> {
        let RevocationProposal { id, kid, passes, digest, reason, operator, at, until } = proposal;
        let sql = "INSERT INTO proposal (id, kid, passes, digest, reason, operator, at, until)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let [id, passes] = [*id, *passes].map(u64::cast_signed);
        let (kid, at, until) = (kid.map(|kid| kid.to_string()), seconds(*at), seconds(*until));
        self.execute(sql, params![id, kid, passes, digest, reason, operator.as_str(), at, until])
    }

    pub(super) fn confirm(&self, id: u64, at_most: usize, by: &Actor<'_>) -> Result<Confirmed> {
        let sql = format!("{PROPOSALS} WHERE id = ?1 AND ended IS NULL");
        let Some(made) = self.find(&sql, [id.cast_signed()], proposal)? else { return Ok(Confirmed::NoSuch) };
        if made.until <= by.at {
            return Ok(Confirmed::Lapsed);
        }
        if made.operator.is_same_person(by.operator) {
            return Ok(Confirmed::SamePerson);
        }
        let mut entries = vec![Entry::Confirmed { id, proposed_by: made.operator.clone() }];
        let (revoked, skipped, left) = match made.kid {
            Some(kid) => {
                self.confirm_key(kid, by, &mut entries)?;
                (0, 0, 0)
            }
            None => self.confirm_passes(&made, at_most, by, &mut entries)?,
        };
        if left == 0 {
            self.end_proposal(id, "confirmed", by)?;
            entries.push(Entry::ProposalEnded { id, done: true });
        }
        self.witness(by, entries)?;
        Ok(Confirmed::Done { revoked, skipped, left })
    }

    /// One that was revoked meanwhile stays revoked since then.
    fn confirm_key(&self, kid: KeyId, by: &Actor<'_>, entries: &mut Vec<Entry>) -> Result<()> {
        let (kid, at) = (kid.to_string(), by.at.seconds());
        let sql = "SELECT count(*) FROM key WHERE kid = ?1 AND (revoked_at IS NULL OR revoked_at > ?2)";
        if self.number(sql, params![kid, at.cast_signed()])? > 0 {
            self.revoke_key(&kid, at)?;
            entries.push(Entry::KeyRevoked { kid, at });
        }
        Ok(())
    }

    fn confirm_passes(
        &self,
        made: &RevocationProposal,
        at_most: usize,
        by: &Actor<'_>,
        entries: &mut Vec<Entry>,
    ) -> Result<(u64, u64, u64)> {
        let (id, most) = (made.id.cast_signed(), i64::try_from(at_most).unwrap_or(i64::MAX));
        let passes: Vec<StatusRef> = self.all(PROPOSED, [id, most], |row| pass_at(row, 0))?;
        let before = self.revoke_each(&passes, made.reason.as_deref(), by, Some(&made.operator), entries)?;
        for pass in &passes {
            let (list, index) = place(*pass);
            self.execute(
                "DELETE FROM proposal_pass WHERE proposal = ?1 AND list = ?2 AND idx = ?3",
                [id, list, index],
            )?;
        }
        let revoked = before.iter().flatten().filter(|status| can_be_revoked(**status)).count() as u64;
        let left = self.number("SELECT count(*) FROM proposal_pass WHERE proposal = ?1", [id])?.cast_unsigned();
        Ok((revoked, passes.len() as u64 - revoked, left))
    }

    pub(super) fn withdraw(&self, id: u64, by: &Actor<'_>) -> Result<bool> {
        if self.number("SELECT count(*) FROM proposal WHERE id = ?1 AND ended IS NULL", [id.cast_signed()])? == 0 {
            return Ok(false);
        }
        self.end_proposal(id, "withdrawn", by)?;
        self.witness(by, vec![Entry::ProposalEnded { id, done: false }])?;
        Ok(true)
    }

    fn end_proposal(&self, id: u64, outcome: &str, by: &Actor<'_>) -> Result<()> {
        let sql = "UPDATE proposal SET ended = ?2, ended_by = ?3, outcome = ?4 WHERE id = ?1";
        self.execute(sql, params![id.cast_signed(), seconds(by.at), by.operator.as_str(), outcome])?;
        self.execute("DELETE FROM proposal_pass WHERE proposal = ?1", [id.cast_signed()])
    }

    /// Of a proposal that was lost with the register: which passes it named stands in no witness, so that only one to
    /// revoke a key can still be confirmed.
    pub(super) fn put_back_proposal(&self, proposal: &RevocationProposal) -> Result<()> {
        self.insert_proposal(proposal)?;
        let sql = "UPDATE proposal SET ended = at, outcome = 'lost' WHERE id = ?1 AND kid IS NULL";
        self.execute(sql, [proposal.id.cast_signed()])
    }

    pub(super) fn put_back_end(&self, id: u64, done: bool, at: Option<i64>, by: Option<&str>) -> Result<()> {
        let outcome = if done { "confirmed" } else { "withdrawn" };
        let sql = "UPDATE proposal SET ended = coalesce(?2, at), ended_by = ?3, outcome = ?4 WHERE id = ?1";
        self.execute(sql, params![id.cast_signed(), at, by, outcome])?;
        self.execute("DELETE FROM proposal_pass WHERE proposal = ?1", [id.cast_signed()])
    }
}

fn can_be_revoked(status: Status) -> bool {
    status != Status::Revoked
}

pub(super) fn kid_of(text: &str) -> Option<KeyId> {
    let mut kid = KeyId([0; 8]);
    hex::decode_to_slice(text, &mut kid.0).ok().map(|()| kid)
}
