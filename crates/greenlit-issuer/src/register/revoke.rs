//! Several passes revoked at once, and revocations that wait for a second operator's word.

use std::collections::HashSet;

use greenlit_core::key::KeyId;
use greenlit_core::pass::StatusRef;

use super::change::{NewStatus, Statements, witness};
use super::{Confirmed, NewProposal, Proposed, Result, RevocationLimit, RevocationProposal, Revoked, Status};
use crate::operator::{Actor, Operator};
use crate::witness::Entry;

pub(super) fn revoke(
    change: &mut impl Statements,
    passes: &[StatusRef],
    reason: Option<&str>,
    limit: Option<&RevocationLimit>,
    by: &Actor<'_>,
) -> Result<Revoked> {
    let before = statuses_in_turn(change, passes)?;
    if let Some(limit) = limit {
        let now = before.iter().flatten().filter(|status| can_be_revoked(**status)).count() as u64;
        let earlier = change.revoked_alone(by.operator.person(), limit)?;
        if now > 0 && earlier + now + limit.more > limit.most {
            return Ok(Revoked::TooMany(earlier));
        }
    }
    let mut entries = Vec::new();
    revoke_each(change, passes, &before, reason, by, None, &mut entries)?;
    witness(change, by, entries)?;
    Ok(Revoked::Done(before))
}

/// Of each pass as it is when its turn to be revoked comes: one that is named again is revoked by then.
fn statuses_in_turn(change: &mut impl Statements, passes: &[StatusRef]) -> Result<Vec<Option<Status>>> {
    let mut seen = HashSet::with_capacity(passes.len());
    let mut statuses = change.statuses(passes)?;
    for (pass, status) in passes.iter().zip(&mut statuses) {
        if !seen.insert(*pass) && status.is_some() {
            *status = Some(Status::Revoked);
        }
    }
    Ok(statuses)
}

fn revoke_each(
    change: &mut impl Statements,
    passes: &[StatusRef],
    before: &[Option<Status>],
    reason: Option<&str>,
    by: &Actor<'_>,
    proposed_by: Option<&Operator>,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let (code, at) = (Status::Revoked.code(), by.at.seconds());
    let can_be = |(_, status): &(&StatusRef, &Option<Status>)| status.is_some_and(can_be_revoked);
    let revoked: Vec<StatusRef> = passes.iter().zip(before).filter(can_be).map(|(pass, _)| *pass).collect();
    change.update_statuses(&revoked, &NewStatus { code, at, reason, by: Some(by.operator), proposed_by })?;
    entries.extend(revoked.iter().map(|pass| Entry::Status { list: pass.list, index: pass.index, status: code, at }));
    Ok(())
}

pub(super) fn propose(change: &mut impl Statements, wanted: &NewProposal<'_>, by: &Actor<'_>) -> Result<u64> {
    if let Some(known) = change.waiting_proposal(&wanted.digest, by.at.seconds())? {
        return Ok(known);
    }
    let id = change.next_proposal()?;
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
    change.insert_proposal(&made, passes)?;
    let RevocationProposal { passes, until, .. } = made;
    let (kid, digest, until) = (kid.map(|kid| kid.to_string()), hex::encode(wanted.digest), until.seconds());
    witness(change, by, vec![Entry::Proposed { id, kid, passes, digest, until }])?;
    Ok(id)
}

pub(super) fn confirm(change: &mut impl Statements, id: u64, at_most: usize, by: &Actor<'_>) -> Result<Confirmed> {
    let Some(made) = change.proposal(id)? else { return Ok(Confirmed::NoSuch) };
    if made.until <= by.at {
        return Ok(Confirmed::Lapsed);
    }
    if made.operator.is_same_person(by.operator) {
        return Ok(Confirmed::SamePerson);
    }
    let mut entries = vec![Entry::Confirmed { id, proposed_by: made.operator.clone() }];
    let (revoked, skipped, left) = match made.kid {
        Some(kid) => {
            confirm_key(change, kid, by, &mut entries)?;
            (0, 0, 0)
        }
        None => confirm_passes(change, &made, at_most, by, &mut entries)?,
    };
    if left == 0 {
        end(change, id, true, by)?;
        entries.push(Entry::ProposalEnded { id, done: true });
    }
    witness(change, by, entries)?;
    Ok(Confirmed::Done { revoked, skipped, left })
}

/// One that was revoked meanwhile stays revoked since then.
fn confirm_key(change: &mut impl Statements, kid: KeyId, by: &Actor<'_>, entries: &mut Vec<Entry>) -> Result<()> {
    let (kid, at) = (kid.to_string(), by.at.seconds());
    if change.is_key_unrevoked(&kid, at)? {
        change.revoke_key(&kid, at)?;
        entries.push(Entry::KeyRevoked { kid, at });
    }
    Ok(())
}

fn confirm_passes(
    change: &mut impl Statements,
    made: &RevocationProposal,
    at_most: usize,
    by: &Actor<'_>,
    entries: &mut Vec<Entry>,
) -> Result<(u64, u64, u64)> {
    let passes = change.proposed_passes(made.id, at_most)?;
    let before = statuses_in_turn(change, &passes)?;
    revoke_each(change, &passes, &before, made.reason.as_deref(), by, Some(&made.operator), entries)?;
    change.forget_proposed(made.id, &passes)?;
    let revoked = before.iter().flatten().filter(|status| can_be_revoked(**status)).count() as u64;
    let left = change.count_proposed(made.id)?;
    Ok((revoked, passes.len() as u64 - revoked, left))
}

pub(super) fn withdraw(change: &mut impl Statements, id: u64, by: &Actor<'_>) -> Result<bool> {
    if change.proposal(id)?.is_none() {
        return Ok(false);
    }
    end(change, id, false, by)?;
    witness(change, by, vec![Entry::ProposalEnded { id, done: false }])?;
    Ok(true)
}

fn end(change: &mut impl Statements, id: u64, done: bool, by: &Actor<'_>) -> Result<()> {
    change.end_proposal(id, outcome(done), Some(by.at.seconds()), Some(by.operator))
}

/// How it ended.
pub(super) fn outcome(done: bool) -> &'static str {
    if done { "confirmed" } else { "withdrawn" }
}

/// Of a proposal that was lost with the register: which passes it named stands in no witness, so that only one to
/// revoke a key can still be confirmed.
pub(super) fn put_back_proposal(change: &mut impl Statements, proposal: &RevocationProposal) -> Result<()> {
    change.insert_proposal(proposal, &[])?;
    match proposal.kid {
        Some(_) => Ok(()),
        None => change.end_proposal(proposal.id, "lost", None, None),
    }
}

fn can_be_revoked(status: Status) -> bool {
    status != Status::Revoked
}
