//! What a publication would change for tills.

use std::collections::BTreeMap;
use std::path::Path;

use greenlit_core::key::KeyId;
use greenlit_core::publication::{BUNDLE_FILE, list_file};
use greenlit_core::status::StatusList;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Bundle, Issuer, ListEntry, Rule, limits};
use greenlit_files::{Symlinks, read_limited};

use super::schemes::{self, SchemeChanges};
use super::{PublishError, documents};
use crate::authority::{Authority, AuthorityError};
use crate::policy::{BUNDLE_DUE_AFTER, BUNDLE_LIFETIME};
use crate::register::{KeyRecord, Publication, Role, Status, StatusListRecord};

/// What tills will know that they do not know yet.
#[derive(Clone, Debug)]
pub struct Changes {
    /// What they have: version and date.
    pub since: Option<(u64, UnixTime)>,
    /// Whether that was found in the folder published to; otherwise it is what the register remembers.
    pub compared: bool,
    /// Issuer keys that are new or changed.
    pub keys: Vec<(KeyId, KeyChange)>,
    /// Rules that are new, changed or gone; nothing is known of them where there is no publication to compare with.
    pub rules: Vec<(String, RuleChange)>,
    /// Passes.
    pub passes: StatusCounts,
    /// Each status list: its number, and how many passes it has room for.
    pub lists: Vec<(u64, u64)>,
    /// What changes in passes of others; none where the authority takes none.
    pub schemes: Option<SchemeChanges>,
    /// When tills should have the next publication.
    pub due_at: UnixTime,
    /// When they stop without it.
    pub expires_at: UnixTime,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KeyChange {
    Added,
    Retired,
    Revoked,
    /// Its name, region, classes or times are others.
    Changed,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RuleChange {
    Added,
    Removed,
    Changed,
}

/// Passes whose status changes for tills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// Revoked.
    pub revoked: u64,
    /// Suspended.
    pub suspended: u64,
    /// Valid again.
    pub lifted: u64,
}

/// Compares what would be published now with what was published in this folder before, or, where that is not to be
/// found, with what the register remembers.
pub fn changes(authority: &Authority, out: &Path, now: UnixTime) -> Result<Changes, PublishError> {
    let register = authority.register();
    let keys = register.keys().map_err(AuthorityError::from)?;
    let last = register.last_publication().map_err(AuthorityError::from)?;
    let there = published_before(authority, out)?;
    let issuers = documents::issuers(authority, &keys, now);
    let lists = register.lists().map_err(AuthorityError::from)?;
    let (keys, rules) = match &there {
        Some(bundle) => {
            let rules = authority.rules()?.rules;
            (compare_keys(&bundle.issuers, &issuers), compare(&bundle.rules, &rules, |rule: &Rule| &rule.id))
        }
        None => {
            let since = last.map(|last| last.issued);
            let changed = |at: Option<UnixTime>| at.is_some_and(|at| since.is_some_and(|since| since <= at));
            let of = |record: &KeyRecord| match record {
                _ if record.published_at.is_none() => Some(KeyChange::Added),
                _ if changed(record.revoked_at) => Some(KeyChange::Revoked),
                _ if changed(record.retired_at) => Some(KeyChange::Retired),
                _ => None,
            };
            let issuers = keys.iter().filter(|record| record.role == Role::Issuer);
            (issuers.filter_map(|record| Some((record.kid(), of(record)?))).collect(), Vec::new())
        }
    };
    let passes = match there.as_ref().and_then(|bundle| lists_before(bundle, out, &lists)) {
        Some(old) => compare_lists(authority, &lists, &old)?,
        None => changed_since(authority, last)?,
    };
    let known = there.as_ref().map(|bundle| (bundle.version, bundle.issued));
    Ok(Changes {
        since: known.or(last.map(|last| (last.version, last.issued))),
        compared: there.is_some(),
        keys,
        rules,
        passes,
        lists: lists.iter().map(|list| (list.id, list.size)).collect(),
        schemes: schemes::changes(authority, out, now, now.plus(BUNDLE_LIFETIME))?,
        due_at: now.plus(BUNDLE_DUE_AFTER),
        expires_at: now.plus(BUNDLE_LIFETIME),
    })
}

/// The bundle in this folder, under whichever of the authority's roots it was made.
fn published_before(authority: &Authority, out: &Path) -> Result<Option<Bundle>, AuthorityError> {
    let Ok(bytes) = read_limited(&out.join(BUNDLE_FILE), limits::MAX_BUNDLE_BYTES, Symlinks::Follow) else {
        return Ok(None);
    };
    Ok(authority.roots()?.iter().rev().find_map(|root| Bundle::open(&bytes, root).ok()))
}

fn compare_keys(old: &[Issuer], new: &[Issuer]) -> Vec<(KeyId, KeyChange)> {
    let change = |issuer: &Issuer| match old.iter().find(|old| old.key == issuer.key) {
        None => Some(KeyChange::Added),
        Some(old) if old.revoked_at.is_none() && issuer.revoked_at.is_some() => Some(KeyChange::Revoked),
        Some(old) if issuer.not_after < old.not_after => Some(KeyChange::Retired),
        Some(old) if old != issuer => Some(KeyChange::Changed),
        Some(_) => None,
    };
    new.iter().filter_map(|issuer| Some((issuer.key.id(), change(issuer)?))).collect()
}

/// Rules by their names.
pub(super) fn compare<R: PartialEq>(old: &[R], new: &[R], id: impl Fn(&R) -> &String) -> Vec<(String, RuleChange)> {
    let by_id = |rules: &'_ [R]| -> BTreeMap<String, usize> {
        rules.iter().enumerate().map(|(at, rule)| (id(rule).clone(), at)).collect()
    };
    let (was, is) = (by_id(old), by_id(new));
    let kept = is.iter().filter_map(|(id, at)| match was.get(id) {
        None => Some((id.clone(), RuleChange::Added)),
        Some(before) if old.get(*before) != new.get(*at) => Some((id.clone(), RuleChange::Changed)),
        Some(_) => None,
    });
    let gone = was.keys().filter(|id| !is.contains_key(*id)).map(|id| (id.clone(), RuleChange::Removed));
    kept.chain(gone).collect()
}

type OldLists = BTreeMap<u64, (StatusList, ListEntry)>;

/// The status lists of an earlier publication; `None` where one of them cannot be read.
fn lists_before(bundle: &Bundle, out: &Path, lists: &[StatusListRecord]) -> Option<OldLists> {
    let mut found = OldLists::new();
    for entry in lists.iter().filter_map(|list| bundle.list(list.id)) {
        let bytes = read_limited(&out.join(list_file(entry.id)), limits::MAX_LIST_BYTES, Symlinks::Follow).ok()?;
        found.insert(entry.id, (StatusList::open(&bytes, entry).ok()?, entry.clone()));
    }
    Some(found)
}

fn compare_lists(
    authority: &Authority,
    lists: &[StatusListRecord],
    old: &OldLists,
) -> Result<StatusCounts, AuthorityError> {
    let mut counts = StatusCounts::default();
    for list in lists {
        let now: BTreeMap<u64, Status> = authority.register().changed_statuses(list.id)?.into_iter().collect();
        let was = old.get(&list.id);
        let before = |index: u64| was.and_then(|(list, entry)| list.get(index, entry)).unwrap_or(0);
        for (index, status) in &now {
            match status {
                _ if before(*index) == status.code() => {}
                Status::Suspended => counts.suspended += 1,
                _ => counts.revoked += 1,
            }
        }
        let room = was.map_or(0, |(_, entry)| entry.size);
        counts.lifted += (0..room).filter(|index| before(*index) != 0 && !now.contains_key(index)).count() as u64;
    }
    Ok(counts)
}

/// As the register remembers: of those valid again it does not tell.
fn changed_since(authority: &Authority, last: Option<Publication>) -> Result<StatusCounts, AuthorityError> {
    let mut counts = StatusCounts::default();
    for change in authority.register().status_changes(None)? {
        if last.is_none_or(|last| last.issued <= change.at) {
            match change.status {
                Status::Suspended => counts.suspended += 1,
                _ => counts.revoked += 1,
            }
        }
    }
    Ok(counts)
}
