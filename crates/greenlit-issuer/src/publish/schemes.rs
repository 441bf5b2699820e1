//! The part of a publication that concerns passes of others: key lists, and the scheme bundle that names them.
//!
//! Its version is the publication's, which register, witness and `published-version` keep: what holds for the bundle, that
//! no old copy of the folder publishes again what is over, holds for it.

use std::path::Path;

use greenlit_core::publication::{SCHEME_BUNDLE_FILE, key_list_file};
use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{BundleBody, KeyList, SchemeBundle, SchemeBundleBody, SchemeRule, limits};
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use super::PublishError;
use super::changes::{RuleChange, compare};
use crate::authority::{Authority, AuthorityError};
use crate::schemes::{self, KeyCounts, KeySource, SchemeRules};
use crate::zone::OffsetChange;
use crate::{PrivateKey, sign_scheme_bundle};

/// What the authority keeps on passes of others.
#[derive(Default)]
pub(super) struct SchemePart {
    sources: Vec<KeySource>,
    rules: SchemeRules,
}

/// What is published of it.
pub(super) struct SignedPart {
    pub(super) bundle: Vec<u8>,
    pub(super) lists: Vec<(u64, Vec<u8>)>,
}

/// What changes for tills in passes of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemeChanges {
    /// Key lists: number, scheme, what became of it.
    pub lists: Vec<(u64, Scheme, KeyListChange)>,
    /// Rules.
    pub rules: Vec<(String, RuleChange)>,
    /// Slips of the pen that there may be in the rules.
    pub unknown: Vec<String>,
    /// Key lists that are due to be fetched again: number, since when, and from when tills judge nothing by them.
    pub stale: Vec<(u64, UnixTime, UnixTime)>,
    /// Key lists for whose passes no rule speaks.
    pub without_rule: Vec<(u64, Scheme)>,
    /// When the first list is due to be fetched again.
    pub next_due: Option<UnixTime>,
    /// How the offset by which days count comes to be another one while the bundle is good.
    pub offset_change: Option<OffsetChange>,
}

/// What became of a key list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KeyListChange {
    Added {
        keys: usize,
        revoked: usize,
    },
    Removed,
    Changed(KeyCounts),
    /// The same keys, fetched at another time, good for another, or under other names.
    Dates,
}

impl SchemePart {
    /// What the authority keeps; none where it never took a scheme.
    pub(super) fn read(authority: &Authority, out: &Path) -> Result<Option<Self>, PublishError> {
        let Some(sources) = schemes::read(authority.folder())? else {
            // Without the folder tills would stop taking what they take: that is nobody's silent doing.
            return match published_before(authority, out)? {
                Some(bundle) if !bundle.key_lists.is_empty() => {
                    Err(PublishError::SchemesMissing(authority.folder().join(schemes::FOLDER)))
                }
                // One that says nothing is renewed like any other: under the next root it would be nobody's.
                Some(_) => Ok(Some(Self::default())),
                None => Ok(None),
            };
        };
        let rules = schemes::read_rules(authority.folder(), &authority.zone, &sources)?;
        Ok(Some(Self { sources, rules }))
    }

    /// Signs it, with the dates of the bundle beside it.
    pub(super) fn sign(
        self,
        authority: &Authority,
        beside: &BundleBody,
        signers: &[&PrivateKey],
    ) -> Result<SignedPart, PublishError> {
        let offset = authority.zone.offset_minutes(beside.issued);
        let body = SchemeBundleBody {
            root: beside.root,
            version: beside.version,
            issued: beside.issued,
            soft_expiry: beside.soft_expiry,
            hard_expiry: beside.hard_expiry,
            day_offset: offset.ok_or(PublishError::DayOffset)?,
            key_lists: self.sources.iter().map(KeySource::entry).collect(),
            rules: self.rules.rules,
        };
        let bundle = sign_scheme_bundle(&body, signers);
        Ok(SignedPart { bundle, lists: self.sources.into_iter().map(|source| (source.id, source.bytes)).collect() })
    }
}

impl SignedPart {
    /// The scheme bundle comes after what it names, as the bundle does.
    pub(super) fn write(&self, out: &Path) -> Result<(), FileError> {
        for (id, list) in &self.lists {
            write_atomic(&out.join(key_list_file(*id)), list, 0o644, IfExists::Replace)?;
        }
        write_atomic(&out.join(SCHEME_BUNDLE_FILE), &self.bundle, 0o644, IfExists::Replace)
    }
}

/// Compares what would be published now with what is there; `None` where no scheme is concerned.
pub(super) fn changes(
    authority: &Authority,
    out: &Path,
    now: UnixTime,
    good_until: UnixTime,
) -> Result<Option<SchemeChanges>, PublishError> {
    let Some(SchemePart { sources, rules }) = SchemePart::read(authority, out)? else { return Ok(None) };
    let there = published_before(authority, out)?;
    let (old_lists, old_rules): (&[_], &[SchemeRule]) =
        there.as_ref().map_or((&[], &[]), |bundle| (&bundle.key_lists, &bundle.rules));
    let mut lists = Vec::new();
    for source in &sources {
        let body = &source.body;
        let change = match old_lists.iter().find(|old| old.id == source.id) {
            None => Some(KeyListChange::Added { keys: body.keys.len(), revoked: body.revoked.len() }),
            Some(old) if *old == source.entry() => None,
            Some(old) => {
                let bytes =
                    read_limited(&out.join(key_list_file(old.id)), limits::MAX_KEY_LIST_BYTES, Symlinks::Follow);
                let old = bytes.ok().and_then(|bytes| KeyList::open(&bytes, old).ok());
                // What cannot be read is as good as not there.
                let counts = old.map(|old| KeyCounts::between(old.body(), body)).unwrap_or(KeyCounts {
                    added: body.keys.len(),
                    revoked: body.revoked.len(),
                    ..KeyCounts::default()
                });
                Some(if counts == KeyCounts::default() { KeyListChange::Dates } else { KeyListChange::Changed(counts) })
            }
        };
        lists.extend(change.map(|change| (source.id, body.scheme, change)));
    }
    let gone = old_lists.iter().filter(|old| sources.iter().all(|source| source.id != old.id));
    lists.extend(gone.map(|old| (old.id, old.scheme, KeyListChange::Removed)));
    let ages = || sources.iter().map(|source| (source.id, source.entry().stale_at(), source.entry().unusable_at()));
    let has_rule = |scheme: Scheme| rules.rules.iter().any(|rule| rule.scheme == scheme);
    let without_rule = sources.iter().map(|source| (source.id, source.body.scheme));
    let without_rule = without_rule.filter(|(_, scheme)| !has_rule(*scheme)).collect();
    Ok(Some(SchemeChanges {
        lists,
        rules: compare(old_rules, &rules.rules, |rule| &rule.id),
        unknown: rules.unknown,
        stale: ages().filter(|(_, since, _)| *since <= now).collect(),
        without_rule,
        next_due: ages().map(|(_, due, _)| due).min(),
        offset_change: authority.zone.offset_change(now, good_until),
    }))
}

/// The scheme bundle in this folder, under whichever of the authority's roots it was made.
fn published_before(authority: &Authority, out: &Path) -> Result<Option<SchemeBundle>, AuthorityError> {
    let path = out.join(SCHEME_BUNDLE_FILE);
    let Ok(bytes) = read_limited(&path, limits::MAX_BUNDLE_BYTES, Symlinks::Follow) else { return Ok(None) };
    Ok(authority.roots()?.iter().rev().find_map(|root| SchemeBundle::open(&bytes, root).ok()))
}
