//! The scheme bundle: whose passes of other schemes are taken, and what they give. It stands beside the bundle, signed by
//! the same keys, so that a till that knows nothing of schemes reads the bundle as ever.

use std::ops::Deref;

use super::bundle::{all_unique, check_dates, payload_under};
use super::scheme_rule::{Moment, SchemeRule};
use super::{DocumentError, Entry, KeyListEntry, Root, limits};
use crate::cbor::{Malformed, Reader, Writer};
use crate::scheme::{Scheme, Statement};
use crate::time::UnixTime;

/// What a scheme bundle says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeBundleBody {
    /// The number of the root whose bundle keys signed it.
    pub root: u64,
    /// Rises with each scheme bundle under one root.
    pub version: u64,
    /// When it was made.
    pub issued: UnixTime,
    /// From when a newer one should have come.
    pub soft_expiry: UnixTime,
    /// From when nothing is judged by it.
    pub hard_expiry: UnixTime,
    /// Minutes from UTC to the time by which rules count days, from -720 to 840.
    pub day_offset: i16,
    /// Where the keys stand.
    pub key_lists: Vec<KeyListEntry>,
    /// What passes give.
    pub rules: Vec<SchemeRule>,
}

/// A scheme bundle whose signatures held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeBundle {
    bytes: Vec<u8>,
    body: SchemeBundleBody,
    /// Schemes of which rules speak that only a later version understands.
    newer: Vec<Option<Scheme>>,
}

impl SchemeBundle {
    /// What binds a signature to this use (COSE external_aad).
    pub const EXTERNAL_AAD: &'static str = "greenlit/trust/2";

    /// Opens a scheme bundle under the root in force.
    ///
    /// # Errors
    /// If it is not signed as it must be, is another root's, or is not of the format.
    pub fn open(bytes: &[u8], root: &Root) -> Result<Self, DocumentError> {
        let (body, newer) = SchemeBundleBody::parse(payload_under(root, bytes, Self::EXTERNAL_AAD)?)?;
        body.check(root)?;
        Ok(Self { bytes: bytes.to_vec(), body, newer })
    }

    /// The document as received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The key list of this number.
    pub fn key_list(&self, id: u64) -> Option<&KeyListEntry> {
        self.body.key_lists.iter().find(|entry| entry.id == id)
    }

    /// Whether passes of this scheme are looked at here.
    pub fn takes(&self, scheme: Scheme) -> bool {
        self.body.key_lists.iter().any(|entry| entry.scheme == scheme)
    }

    /// Whether a rule that only a later version understands speaks of passes of this scheme.
    pub(crate) fn has_newer(&self, scheme: Scheme) -> bool {
        self.newer.contains(&Some(scheme))
    }

    /// The rules that speak for a pass that says this.
    pub(crate) fn honouring(
        &self,
        scheme: Scheme,
        issuer: &str,
        statement: &Statement,
        now: UnixTime,
    ) -> impl Iterator<Item = &SchemeRule> {
        let at = Moment { now, offset: self.body.day_offset };
        self.body.rules.iter().filter(move |rule| rule.honours(scheme, issuer, statement, at))
    }
}

impl Deref for SchemeBundle {
    type Target = SchemeBundleBody;

    fn deref(&self) -> &SchemeBundleBody {
        &self.body
    }
}

impl SchemeBundleBody {
    /// The encoded body, as signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.map(8).uint(1).uint(self.root).uint(2).uint(self.version).uint(3).time(self.issued);
        w.uint(4).time(self.soft_expiry).uint(5).time(self.hard_expiry).uint(6).int(self.day_offset.into());
        w.uint(7).array(self.key_lists.len());
        self.key_lists.iter().for_each(|entry| entry.write(&mut w));
        w.uint(8).array(self.rules.len());
        self.rules.iter().for_each(|rule| rule.write(&mut w));
        w.into_bytes()
    }

    fn parse(bytes: &[u8]) -> Result<(Self, Vec<Option<Scheme>>), DocumentError> {
        let mut reader = Reader::new(bytes);
        let (mut root, mut version, mut issued, mut soft, mut hard) = (None, None, None, None, None);
        let (mut day_offset, mut key_lists, mut rules) = (None, None, None);
        reader.map(|key: i64, value| {
            match key {
                1 => root = Some(value.uint()?),
                2 => version = Some(value.uint()?),
                3 => issued = Some(value.time()?),
                4 => soft = Some(value.time()?),
                5 => hard = Some(value.time()?),
                6 => day_offset = Some(value.int()?),
                7 => key_lists = Some(value.list("list of key lists", limits::MAX_KEY_LISTS, KeyListEntry::read)?),
                8 => rules = Some(value.list("list of rules", limits::MAX_RULES, SchemeRule::read)?),
                other => return Err(Malformed::UnknownField(other).into()),
            }
            Ok::<_, DocumentError>(())
        })?;
        reader.finish()?;
        let missing = Malformed::Missing;
        let offset = i16::try_from(day_offset.ok_or(missing("offset of days"))?).ok();
        let (rules, newer) = Entry::split(rules.ok_or(missing("rules"))?);
        let body = Self {
            root: root.ok_or(missing("root number"))?,
            version: version.ok_or(missing("version"))?,
            issued: issued.ok_or(missing("issue time"))?,
            soft_expiry: soft.ok_or(missing("soft expiry"))?,
            hard_expiry: hard.ok_or(missing("hard expiry"))?,
            day_offset: offset
                .filter(|minutes| (-720..=840).contains(minutes))
                .ok_or(Malformed::Invalid { field: "offset of days", why: "not -720 to 840 minutes" })?,
            key_lists: key_lists.ok_or(missing("key lists"))?.into_iter().flatten().collect(),
            rules,
        };
        Ok((body, newer))
    }

    fn check(&self, root: &Root) -> Result<(), DocumentError> {
        check_dates(self.issued, self.soft_expiry, self.hard_expiry, root)?;
        let twice = |field| DocumentError::from(Malformed::Invalid { field, why: "lists one twice" });
        if !all_unique(self.key_lists.iter().map(|entry| entry.id)) {
            return Err(twice("list of key lists"));
        }
        if !all_unique(self.rules.iter().map(|rule| &rule.id)) {
            return Err(twice("list of rules"));
        }
        Ok(())
    }
}

impl KeyListEntry {
    fn write(&self, w: &mut Writer) {
        w.map(7).uint(1).uint(self.id).uint(2).text(self.scheme.as_str()).uint(3).bytes(&self.digest);
        w.uint(4).uint(self.size).uint(5).time(self.fetched).uint(6).uint(self.soft_age).uint(7).uint(self.hard_age);
    }

    /// `None` for a list of a scheme that a later version knows.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        let (mut id, mut scheme, mut digest, mut size) = (None, None, None, None);
        let (mut fetched, mut soft_age, mut hard_age) = (None, None, None);
        reader.map(|field: i64, value| {
            match field {
                1 => id = Some(value.uint()?),
                2 => scheme = Some(Scheme::parse(value.text()?)),
                3 => digest = Some(*value.bytes_of::<32>("digest of a key list")?),
                4 => size = Some(value.uint()?),
                5 => fetched = Some(value.time()?),
                6 => soft_age = Some(value.uint()?),
                7 => hard_age = Some(value.uint()?),
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let size = size.ok_or(missing("size of a key list"))?;
        if size > limits::MAX_KEY_LIST_BYTES as u64 {
            return Err(Malformed::Invalid { field: "size of a key list", why: "too large" });
        }
        let Some(scheme) = scheme.ok_or(missing("scheme"))? else { return Ok(None) };
        Ok(Some(Self {
            id: id.ok_or(missing("number of a key list"))?,
            scheme,
            digest: digest.ok_or(missing("digest of a key list"))?,
            size,
            fetched: fetched.ok_or(missing("time of a key list"))?,
            soft_age: soft_age.ok_or(missing("soft age of a key list"))?,
            hard_age: hard_age.ok_or(missing("hard age of a key list"))?,
        }))
    }
}
