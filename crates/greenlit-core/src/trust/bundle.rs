//! The bundle: issuers, rules and status lists, signed by the bundle keys of a root.

use std::collections::BTreeMap;

use super::entries::{Issuer, ListEntry, Rule};
use super::keyset::{all_different, check_signatures};
use super::{DocumentError, KeySetError, Root, limits, open_envelope};
use crate::cbor::{Malformed, Reader, Writer};
use crate::key::{KeyId, PublicKey};
use crate::time::UnixTime;

/// What a bundle says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleBody {
    /// The number of the root whose bundle keys signed it.
    pub root: u64,
    /// Rises with each bundle under one root.
    pub version: u64,
    /// When it was made.
    pub issued: UnixTime,
    /// From when a newer one should have come.
    pub soft_expiry: UnixTime,
    /// From when nothing is judged by it.
    pub hard_expiry: UnixTime,
    /// Who may sign passes.
    pub issuers: Vec<Issuer>,
    /// What passes give.
    pub rules: Vec<Rule>,
    /// Where revocation stands.
    pub lists: Vec<ListEntry>,
}

/// A bundle whose signatures held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    bytes: Vec<u8>,
    body: BundleBody,
    issuer_by_kid: BTreeMap<KeyId, usize>,
}

impl Bundle {
    /// What binds a signature to this use (COSE external_aad).
    pub const EXTERNAL_AAD: &'static str = "greenlit/trust/1";

    /// Opens a bundle under the root in force.
    pub fn open(bytes: &[u8], root: &Root) -> Result<Self, DocumentError> {
        let body = BundleBody::parse(payload_under(root, bytes, Self::EXTERNAL_AAD)?)?;
        body.check(root)?;
        let issuer_by_kid = body.issuers.iter().enumerate().map(|(i, issuer)| (issuer.key.id(), i)).collect();
        Ok(Self { bytes: bytes.to_vec(), body, issuer_by_kid })
    }

    /// The document as received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The issuer whose key has this name.
    pub fn issuer(&self, kid: KeyId) -> Option<&Issuer> {
        self.issuer_by_kid.get(&kid).and_then(|i| self.body.issuers.get(*i))
    }

    /// The status list of this number.
    pub fn list(&self, id: u64) -> Option<&ListEntry> {
        self.body.lists.iter().find(|entry| entry.id == id)
    }
}

impl std::ops::Deref for Bundle {
    type Target = BundleBody;

    fn deref(&self) -> &BundleBody {
        &self.body
    }
}

/// What a document says that the bundle keys of this root have signed for this use.
pub(super) fn payload_under<'b>(root: &Root, bytes: &'b [u8], external_aad: &str) -> Result<&'b [u8], DocumentError> {
    let sign = open_envelope(bytes, limits::MAX_BUNDLE_BYTES)?;
    // The number of its root comes first, so that a bundle of another root is called that and
    // not "signed by a stranger"; nothing else is looked at before the signatures hold.
    let named = named_root(sign.payload)?;
    if named != root.number {
        return Err(DocumentError::OtherRoot { found: named, wanted: root.number });
    }
    check_signatures(&sign, external_aad, &[("bundle", &root.bundle_keys)], false)?;
    Ok(sign.payload)
}

fn named_root(payload: &[u8]) -> Result<u64, Malformed> {
    let mut root = None;
    Reader::new(payload).map(|key: i64, value| {
        match key {
            1 => root = Some(value.uint()?),
            _ => value.skip()?,
        }
        Ok::<_, Malformed>(())
    })?;
    root.ok_or(Malformed::Missing("root number"))
}

impl BundleBody {
    /// The encoded body, as signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.map(8).uint(1).uint(self.root).uint(2).uint(self.version).uint(3).time(self.issued);
        w.uint(4).time(self.soft_expiry).uint(5).time(self.hard_expiry);
        w.uint(6).array(self.issuers.len());
        self.issuers.iter().for_each(|issuer| issuer.write(&mut w));
        w.uint(7).array(self.rules.len());
        self.rules.iter().for_each(|rule| rule.write(&mut w));
        w.uint(8).array(self.lists.len());
        self.lists.iter().for_each(|list| list.write(&mut w));
        w.into_bytes()
    }

    fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let mut reader = Reader::new(bytes);
        let (mut root, mut version, mut issued, mut soft, mut hard) = (None, None, None, None, None);
        let (mut issuers, mut rules, mut lists) = (None, None, None);
        reader.map(|key: i64, value| {
            match key {
                1 => root = Some(value.uint()?),
                2 => version = Some(value.uint()?),
                3 => issued = Some(value.time()?),
                4 => soft = Some(value.time()?),
                5 => hard = Some(value.time()?),
                6 => issuers = Some(value.list("list of issuers", limits::MAX_ISSUERS, Issuer::read)?),
                7 => rules = Some(value.list("list of rules", limits::MAX_RULES, Rule::read)?),
                8 => lists = Some(value.list("list of status lists", limits::MAX_LISTS, ListEntry::read)?),
                other => return Err(Malformed::UnknownField(other).into()),
            }
            Ok::<_, DocumentError>(())
        })?;
        reader.finish()?;
        let missing = Malformed::Missing;
        Ok(Self {
            root: root.ok_or(missing("root number"))?,
            version: version.ok_or(missing("version"))?,
            issued: issued.ok_or(missing("issue time"))?,
            soft_expiry: soft.ok_or(missing("soft expiry"))?,
            hard_expiry: hard.ok_or(missing("hard expiry"))?,
            issuers: issuers.ok_or(missing("issuers"))?,
            rules: rules.ok_or(missing("rules"))?,
            lists: lists.ok_or(missing("status lists"))?,
        })
    }

    fn check(&self, root: &Root) -> Result<(), DocumentError> {
        let invalid = |field, why| DocumentError::from(Malformed::Invalid { field, why });
        check_dates(self.issued, self.soft_expiry, self.hard_expiry, root)?;
        let fail = |error| DocumentError::Keys { role: "issuers and lists", error };
        all_different(self.issuers.iter().map(|issuer| &issuer.key)).map_err(fail)?;
        // Several lists may have one signer, but no key may do two kinds of work.
        let elsewhere = |key: &PublicKey| {
            let of_root = root.root_keys.keys().iter().chain(root.bundle_keys.keys());
            of_root.map(PublicKey::id).any(|kid| kid == key.id())
        };
        for list in &self.lists {
            if elsewhere(&list.signer) || self.issuers.iter().any(|issuer| issuer.key.id() == list.signer.id()) {
                return Err(fail(KeySetError::TwoRoles(list.signer.id())));
            }
        }
        if let Some(issuer) = self.issuers.iter().find(|issuer| elsewhere(&issuer.key)) {
            return Err(fail(KeySetError::TwoRoles(issuer.key.id())));
        }
        if !all_unique(self.lists.iter().map(|list| list.id)) || !all_unique(self.lists.iter().map(|list| &list.uri)) {
            return Err(invalid("list of status lists", "lists one twice"));
        }
        if !all_unique(self.rules.iter().map(|rule| &rule.id)) {
            return Err(invalid("list of rules", "lists one twice"));
        }
        Ok(())
    }
}

/// Requires a bundle's dates to be in their order.
pub(super) fn check_dates(issued: UnixTime, soft: UnixTime, hard: UnixTime, root: &Root) -> Result<(), DocumentError> {
    let invalid = |field, why| Err(Malformed::Invalid { field, why }.into());
    if !(issued < soft && soft <= hard) {
        return invalid("expiry", "not after its issue, or soft after hard");
    }
    // Bounds how far a thief of bundle keys can push the clock floor ahead.
    if issued >= root.expires {
        return invalid("issue time", "after its root's expiry");
    }
    Ok(())
}

pub(super) fn all_unique<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    items.into_iter().all(|item| seen.insert(item))
}
