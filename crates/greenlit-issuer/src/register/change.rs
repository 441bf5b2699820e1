//! What is decided inside the transaction of a change, whatever database it is in; and what the witness is told of it.

use greenlit_core::key::KeyId;
use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::{
    KeyRecord, Missing, Origin, Publication, RegisterError, Result, RevocationLimit, RevocationProposal, Status,
    StatusListRecord, erase, revoke, status_list_uri,
};
use crate::operator::{Actor, Operator};
use crate::revoke::reference;
use crate::witness::{End, Entry, first_change};
use crate::{HolderMark, PersonRef};

/// A pass as it is entered.
pub(super) struct NewPass {
    pub(super) kid: KeyId,
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

/// A status that passes get, and what is remembered of the change.
#[derive(Clone, Copy)]
pub(super) struct NewStatus<'a> {
    pub(super) code: u8,
    pub(super) at: u64,
    pub(super) reason: Option<&'a str>,
    pub(super) by: Option<&'a Operator>,
    pub(super) proposed_by: Option<&'a Operator>,
}

/// The statements of one transaction, in which nobody else changes the register.
pub(super) trait Statements {
    fn damaged(&self) -> RegisterError;
    /// Another command was quicker.
    fn busy(&self) -> RegisterError;
    /// A place that the witness has a pass in is another pass's.
    fn given_twice(&self, place: StatusRef) -> RegisterError;

    fn witness_end(&mut self) -> Result<Option<End>>;
    fn set_witness_end(&mut self, end: &End) -> Result<()>;
    /// The witness was written: from here on, what is done cannot be tried again.
    fn witnessed(&mut self) {}

    /// Undoes what was done since the last [`Self::mark`]. Only for several desks, of which one may come too early.
    fn back_to_mark(&mut self) -> Result<()> {
        Ok(())
    }
    fn mark(&mut self) -> Result<()> {
        Ok(())
    }

    fn knows_key(&mut self, kid: &str) -> Result<bool>;
    /// Unless it is there.
    fn insert_key(&mut self, key: &KeyRecord) -> Result<()>;
    /// Its end is now, whatever it has signed.
    fn end_key(&mut self, kid: &str, at: u64) -> Result<()>;
    /// Its end is after the last of its passes has begun. At once, so that no pass is entered between the look at that
    /// one and the key's end.
    fn retire_key(&mut self, kid: &str, at: u64) -> Result<()>;
    fn revoke_key(&mut self, kid: &str, at: u64) -> Result<()>;
    /// Whether it is there and was not revoked by then.
    fn is_key_unrevoked(&mut self, kid: &str, at: u64) -> Result<bool>;
    /// Of all root and bundle keys that have not ended.
    fn end_root_keys(&mut self, at: u64) -> Result<()>;
    /// Has it do what it does in the newest root.
    fn renew_root_key(&mut self, key: &KeyRecord) -> Result<()>;
    /// Notes of every issuer key that it is published; of one published by a clock that ran ahead, that it is now.
    fn publish_keys(&mut self, at: u64) -> Result<()>;
    /// `false` where the version is spent.
    fn insert_publication(&mut self, version: u64, issued: u64, root: u64) -> Result<bool>;

    fn insert_list(&mut self, list: &StatusListRecord) -> Result<()>;
    /// One more place of a list is taken.
    fn count_place(&mut self, list: u64) -> Result<()>;
    /// `false` where the place is taken.
    fn insert_pass(&mut self, at: StatusRef, pass: &NewPass) -> Result<bool>;
    fn set_replaces(&mut self, pass: StatusRef, old: StatusRef) -> Result<()>;
    fn statuses(&mut self, passes: &[StatusRef]) -> Result<Vec<Option<Status>>>;
    /// Of passes that are there, each named once.
    fn update_statuses(&mut self, passes: &[StatusRef], new: &NewStatus<'_>) -> Result<()>;
    /// How many passes a person has revoked by their own word alone, and no other took the place of.
    fn revoked_alone(&mut self, person: &str, limit: &RevocationLimit) -> Result<u64>;

    fn batch_of(&mut self, digest: &[u8; 32]) -> Result<Option<u64>>;
    /// A number for a batch, which none has.
    fn next_batch(&mut self) -> Result<u64>;
    fn insert_batch(&mut self, id: u64, digest: &[u8; 32], begun: u64, by: Option<&Operator>) -> Result<()>;
    fn batch_begun(&mut self, id: u64) -> Result<Option<u64>>;
    fn forget_refusals(&mut self, batch: u64) -> Result<()>;
    /// To those that are counted already.
    fn add_refusals(&mut self, batch: u64, at: u64, reason: &str, count: u64) -> Result<()>;

    /// One that waits, and lapses after that time.
    fn waiting_proposal(&mut self, digest: &[u8; 32], at: u64) -> Result<Option<u64>>;
    /// A number for a proposal, which none has.
    fn next_proposal(&mut self) -> Result<u64>;
    fn insert_proposal(&mut self, proposal: &RevocationProposal, passes: &[StatusRef]) -> Result<()>;
    /// One that was neither confirmed nor withdrawn.
    fn proposal(&mut self, id: u64) -> Result<Option<RevocationProposal>>;
    /// Those still to be revoked, up to so many.
    fn proposed_passes(&mut self, id: u64, at_most: usize) -> Result<Vec<StatusRef>>;
    fn forget_proposed(&mut self, id: u64, passes: &[StatusRef]) -> Result<()>;
    fn count_proposed(&mut self, id: u64) -> Result<u64>;
    /// With all passes that it named. Where it is not known when it ended, it is when it was made.
    fn end_proposal(&mut self, id: u64, outcome: &str, at: Option<u64>, by: Option<&Operator>) -> Result<()>;

    /// In the order of places, the one that comes after so many others after this one.
    fn place_after(&mut self, after: Option<StatusRef>, skip: usize) -> Result<Option<StatusRef>>;
    fn last_place(&mut self) -> Result<Option<StatusRef>>;
    /// Erases what can be erased of passes after one place, up to another, that were over by then; of how many.
    fn erase_between(&mut self, before: UnixTime, after: Option<StatusRef>, to: StatusRef) -> Result<u64>;
    /// Of proposals that ended by then.
    fn erase_reasons_of_proposals(&mut self, before: UnixTime) -> Result<()>;
}

/// Has these entries witnessed as one change, where there is a witness.
pub(super) fn witness(change: &mut impl Statements, by: &Actor<'_>, mut entries: Vec<Entry>) -> Result<()> {
    let Some(witness) = by.witness.filter(|_| !entries.is_empty()) else { return Ok(()) };
    let count = entries.len() as u64;
    entries.insert(0, Entry::Change { entries: count, at: by.at.seconds(), operator: by.operator.clone() });
    let known = change.witness_end()?;
    let end = witness.record(known.as_ref(), &entries)?;
    change.witnessed();
    change.set_witness_end(&end)
}

pub(super) fn initialize(change: &mut impl Statements, keys: &[KeyRecord], list: &StatusListRecord) -> Result<()> {
    keys.iter().try_for_each(|key| change.insert_key(key))?;
    change.insert_list(list)
}

/// Enters it unless it is there; gives what is to be witnessed.
fn enter_key(change: &mut impl Statements, key: &KeyRecord) -> Result<Vec<Entry>> {
    let known = change.knows_key(&key.kid().to_string())?;
    change.insert_key(key)?;
    Ok(if known { Vec::new() } else { vec![Entry::key_added(key)] })
}

pub(super) fn add_key(change: &mut impl Statements, key: &KeyRecord, by: &Actor<'_>) -> Result<()> {
    let entries = enter_key(change, key)?;
    witness(change, by, entries)
}

pub(super) fn replace_key(change: &mut impl Statements, old: KeyId, new: &KeyRecord, by: &Actor<'_>) -> Result<()> {
    let mut entries = enter_key(change, new)?;
    let (kid, at) = (old.to_string(), by.at.seconds());
    change.end_key(&kid, at)?;
    entries.push(Entry::KeyRetired { kid, at });
    witness(change, by, entries)
}

pub(super) fn retire_key(change: &mut impl Statements, kid: KeyId, by: &Actor<'_>) -> Result<()> {
    let (kid, at) = (kid.to_string(), by.at.seconds());
    change.retire_key(&kid, at)?;
    witness(change, by, vec![Entry::KeyRetired { kid, at }])
}

pub(super) fn revoke_key(change: &mut impl Statements, kid: KeyId, by: &Actor<'_>) -> Result<()> {
    let (kid, at) = (kid.to_string(), by.at.seconds());
    change.revoke_key(&kid, at)?;
    witness(change, by, vec![Entry::KeyRevoked { kid, at }])
}

pub(super) fn set_root_keys(change: &mut impl Statements, keys: &[KeyRecord], by: &Actor<'_>) -> Result<()> {
    let mut entries = Vec::new();
    for key in keys {
        entries.extend(enter_key(change, key)?);
    }
    change.end_root_keys(by.at.seconds())?;
    // One that has changed its work since an earlier root is listed by what it does now.
    keys.iter().try_for_each(|key| change.renew_root_key(key))?;
    witness(change, by, entries)
}

pub(super) fn record_publication(change: &mut impl Statements, new: &Publication, by: &Actor<'_>) -> Result<()> {
    let Publication { version, issued, root } = *new;
    let issued = issued.seconds();
    if !change.insert_publication(version, issued, root)? {
        return Err(change.busy());
    }
    change.publish_keys(issued)?;
    witness(change, by, vec![Entry::Publish { version, issued, root }])
}

pub(super) fn begin_batch(change: &mut impl Statements, digest: &[u8; 32], by: &Actor<'_>) -> Result<u64> {
    if let Some(id) = change.batch_of(digest)? {
        return Ok(id);
    }
    let (id, at) = (change.next_batch()?, by.at.seconds());
    change.insert_batch(id, digest, at, Some(by.operator))?;
    witness(change, by, vec![Entry::Batch { id, digest: hex::encode(digest), at }])?;
    Ok(id)
}

pub(super) fn count_refusals(
    change: &mut impl Statements,
    batch: Option<u64>,
    at: UnixTime,
    counts: &[(&str, u64)],
) -> Result<()> {
    let begun = match batch {
        Some(batch) => {
            change.forget_refusals(batch)?;
            change.batch_begun(batch)?
        }
        None => None,
    };
    let at = begun.unwrap_or(at.seconds());
    counts.iter().try_for_each(|(reason, count)| change.add_refusals(batch.unwrap_or(0), at, reason, *count))
}

pub(super) fn set_status(
    change: &mut impl Statements,
    pass: StatusRef,
    expected: Status,
    status: Status,
    reason: Option<&str>,
    by: &Actor<'_>,
) -> Result<bool> {
    if change.statuses(&[pass])? != [Some(expected)] {
        return Ok(false);
    }
    let (code, at) = (status.code(), by.at.seconds());
    change.update_statuses(&[pass], &NewStatus { code, at, reason, by: Some(by.operator), proposed_by: None })?;
    witness(change, by, vec![Entry::Status { list: pass.list, index: pass.index, status: code, at }])?;
    Ok(true)
}

/// Revokes a pass whose place another one took.
pub(super) fn replace(
    change: &mut impl Statements,
    old: StatusRef,
    new: StatusRef,
    at: u64,
    by: Option<&Operator>,
) -> Result<()> {
    let (code, reason) = (Status::Revoked.code(), format!("replaced by {}", reference(new)));
    change.update_statuses(&[old], &NewStatus { code, at, reason: Some(&reason), by, proposed_by: None })
}

pub(super) fn replay(change: &mut impl Statements, list_uri: &str, missing: &mut Missing<'_>) -> Result<()> {
    let missing = missing(change.witness_end()?.as_ref())?;
    let mut rest = missing.as_slice();
    let mut last = None;
    while !rest.is_empty() {
        let (one, after) = rest.split_at(first_change(rest).min(rest.len()));
        change.mark()?;
        let mut who = Who::default();
        match one.iter().try_for_each(|(_, entry)| put_back(change, entry, list_uri, &mut who)) {
            Ok(()) => {}
            // What could be put back until here is kept: another desk may be waiting for it.
            Err(RegisterError::OtherDeskFirst(_)) if last.is_some() => {
                change.back_to_mark()?;
                break;
            }
            Err(error) => return Err(error),
        }
        last = one.last().map(|(end, _)| end);
        rest = after;
    }
    last.map_or(Ok(()), |end| change.set_witness_end(end))
}

/// Who made the change that is put back, and when; nothing of one that 0.1 witnessed.
#[derive(Default)]
struct Who {
    operator: Option<Operator>,
    at: Option<u64>,
    /// Where it took a second operator's word.
    proposed_by: Option<Operator>,
}

/// Does again what the witness knows of. Who did it, and when, is told before it.
fn put_back(change: &mut impl Statements, entry: &Entry, uri: &str, who: &mut Who) -> Result<()> {
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
            change.insert_list(&list)
        }
        Entry::Batch { id, digest, at } => {
            let digest = digest_of(change, digest)?;
            change.insert_batch(*id, &digest, *at, operator)
        }
        Entry::Issue { list, index, kid, nbf, exp, class, person, origin, policy } => {
            let pass = NewPass {
                kid: *kid,
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
            let at = StatusRef { list: *list, index: *index };
            if !change.insert_pass(at, &pass)? {
                return Err(change.given_twice(at));
            }
            change.count_place(*list)
        }
        Entry::Status { list, index, status, at } => {
            let proposed_by = who.proposed_by.as_ref();
            let new = NewStatus { code: *status, at: *at, reason: None, by: operator, proposed_by };
            change.update_statuses(&[StatusRef { list: *list, index: *index }], &new)
        }
        Entry::Replaced { list, index, by_list, by_index, at } => {
            let old = StatusRef { list: *list, index: *index };
            let new = StatusRef { list: *by_list, index: *by_index };
            change.set_replaces(new, old)?;
            replace(change, old, new, *at, operator)
        }
        Entry::KeyAdded { role, public, file, not_before, not_after } => {
            let (from, until) = (time_of(change, *not_before)?, time_of(change, *not_after)?);
            change.insert_key(&KeyRecord::new((**public).clone(), *role, file.clone(), from, until))
        }
        Entry::Proposed { id, kid, passes, digest, until } => {
            let (Some(operator), Some(at)) = (operator.cloned(), who.at) else { return Err(change.damaged()) };
            let kid = kid.as_deref().map(|kid| kid_of(kid).ok_or_else(|| change.damaged())).transpose()?;
            let proposal = RevocationProposal {
                id: *id,
                kid,
                passes: *passes,
                digest: digest_of(change, digest)?,
                reason: None,
                operator,
                at: time_of(change, at)?,
                until: time_of(change, *until)?,
            };
            revoke::put_back_proposal(change, &proposal)
        }
        Entry::Confirmed { proposed_by, .. } => {
            who.proposed_by = Some(proposed_by.clone());
            Ok(())
        }
        Entry::ProposalEnded { id, done } => change.end_proposal(*id, revoke::outcome(*done), who.at, operator),
        Entry::Erased { before, after, list, index } => {
            let before = time_of(change, *before)?;
            erase::put_back(change, before, *after, StatusRef { list: *list, index: *index })
        }
        Entry::KeyRetired { kid, at } => change.retire_key(kid, *at),
        Entry::KeyRevoked { kid, at } => change.revoke_key(kid, *at),
        Entry::Publish { version, issued, root } => {
            // Another desk may have spent it since: it is spent, whoever did.
            change.insert_publication(*version, *issued, *root)?;
            change.publish_keys(*issued)
        }
    }
}

fn digest_of(change: &impl Statements, text: &str) -> Result<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).map_err(|_| change.damaged())?;
    Ok(digest)
}

fn time_of(change: &impl Statements, seconds: u64) -> Result<UnixTime> {
    UnixTime::new(seconds).ok_or_else(|| change.damaged())
}

/// As it is written in a register.
pub(crate) fn kid_of(text: &str) -> Option<KeyId> {
    let mut kid = KeyId([0; 8]);
    hex::decode_to_slice(text, &mut kid.0).ok().map(|()| kid)
}
