//! The bundle: issuers, rules and status lists, signed by the bundle keys of a root.

use std::collections::BTreeMap;

use super::keyset::{all_different, check_signatures};
use super::{DocumentError, KeySetError, Root, cap, open_envelope};
use crate::cbor::{Malformed, Reader, Writer};
use crate::key::{KeyId, PublicKey};
use crate::pass::Class;
use crate::text::{Text, check_showable};
use crate::time::UnixTime;

/// A kind of place: "retail", "hotel", "resort", "sport", "entertainment", "employer-education",
/// "public-space", or one that only the rules know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(pub String);

/// A kind of benefit: "discount", "free-entry", "exemption", "paid-leave", "reminder", or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind(pub String);

impl Site {
    /// The kinds of place that the design names.
    pub const KNOWN: [&'static str; 7] =
        ["retail", "hotel", "resort", "sport", "entertainment", "employer-education", "public-space"];

    /// A word of 1 to 40 lower-case letters, digits and dashes.
    pub fn new(word: &str) -> Result<Self, Malformed> {
        check_word("kind of site", word).map(|()| Self(word.to_owned()))
    }
}

impl Kind {
    /// The kinds of benefit that the design names.
    pub const KNOWN: [&'static str; 5] = ["discount", "free-entry", "exemption", "paid-leave", "reminder"];
    /// A price reduction, in percent.
    pub const DISCOUNT: &'static str = "discount";
    /// Something that still applies, such as a mask.
    pub const REMINDER: &'static str = "reminder";

    /// A word of 1 to 40 lower-case letters, digits and dashes.
    pub fn new(word: &str) -> Result<Self, Malformed> {
        check_word("kind of benefit", word).map(|()| Self(word.to_owned()))
    }

    /// Whether its amount is a percentage.
    pub fn is_percent(&self) -> bool {
        self.0 == Self::DISCOUNT
    }
}

fn check_word(field: &'static str, word: &str) -> Result<(), Malformed> {
    let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain && (1..=40).contains(&word.len()) {
        Ok(())
    } else {
        Err(Malformed::Invalid { field, why: "not a word of 1 to 40 small letters, digits and dashes" })
    }
}

/// Who may sign which passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The key that signs its passes.
    pub key: PublicKey,
    /// Its name.
    pub name: Text,
    /// Its region.
    pub region: String,
    /// The classes of pass that it may issue.
    pub classes: Vec<Class>,
    /// Its passes start at this time or later.
    pub not_before: UnixTime,
    /// Its passes start before this time; set to the past when a key retires.
    pub not_after: UnixTime,
    /// Longest life of its passes, in seconds.
    pub longest: u64,
    /// Since when its key has been known to be in wrong hands.
    pub revoked_at: Option<UnixTime>,
    /// Its passes carry no status: none of them can be revoked.
    pub no_status: bool,
}

/// What passes of some classes give at some kinds of site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name among the rules.
    pub id: String,
    /// Where it holds.
    pub sites: Vec<Site>,
    /// For which classes.
    pub classes: Vec<Class>,
    /// What it gives.
    pub kind: Kind,
    /// Percent for a discount, days for leave; empty where the shop decides.
    pub amount: Option<u64>,
    /// How to say it.
    pub text: Text,
    /// In force from this time.
    pub from: Option<UnixTime>,
    /// In force until just before this time.
    pub until: Option<UnixTime>,
    /// Only passes of these issuers; any issuer's where empty.
    pub issuers: Vec<KeyId>,
}

/// A status list that every till holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// Its number, as in passes and in its file name.
    pub id: u64,
    /// Its name, which the list itself carries.
    pub uri: String,
    /// Who signs it.
    pub signer: PublicKey,
    /// Bits an entry: 1 or 2.
    pub bits: u8,
    /// How many entries.
    pub size: u64,
    /// No older list than this is taken.
    pub least_issued: UnixTime,
    /// Seconds until it is worth fetching again.
    pub soft_age: u64,
    /// Seconds until it is no longer judged by.
    pub hard_age: u64,
}

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
        let sign = open_envelope(bytes, cap::BUNDLE)?;
        // The number of its root comes first, so that a bundle of another root is called that and
        // not "signed by a stranger"; nothing else is looked at before the signatures hold.
        let named = named_root(sign.payload)?;
        if named != root.number {
            return Err(DocumentError::OtherRoot { found: named, wanted: root.number });
        }
        check_signatures(&sign, Self::EXTERNAL_AAD, &[("bundle", &root.bundle_keys)], false)?;
        let body = BundleBody::parse(sign.payload)?;
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
                6 => issuers = Some(value.list("list of issuers", cap::ISSUERS, Issuer::read)?),
                7 => rules = Some(value.list("list of rules", cap::RULES, Rule::read)?),
                8 => lists = Some(value.list("list of status lists", cap::LISTS, ListEntry::read)?),
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
        if !(self.issued < self.soft_expiry && self.soft_expiry <= self.hard_expiry) {
            return Err(invalid("expiry", "not after its issue, or soft after hard"));
        }
        // Bounds how far a thief of bundle keys can push the clock floor ahead.
        if self.issued >= root.expires {
            return Err(invalid("issue time", "after its root's expiry"));
        }
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
            return Err(invalid("list of status lists", "naming one twice"));
        }
        if !all_unique(self.rules.iter().map(|rule| &rule.id)) {
            return Err(invalid("list of rules", "naming one twice"));
        }
        Ok(())
    }
}

fn all_unique<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    items.into_iter().all(|item| seen.insert(item))
}

impl Issuer {
    fn write(&self, w: &mut Writer) {
        let count = 7 + usize::from(self.revoked_at.is_some()) + usize::from(self.no_status);
        w.map(count).uint(1).bytes(self.key.as_bytes()).uint(2);
        self.name.write(w);
        w.uint(3).text(&self.region).uint(4);
        write_classes(&self.classes, w);
        w.uint(5).time(self.not_before).uint(6).time(self.not_after).uint(7).uint(self.longest);
        if let Some(at) = self.revoked_at {
            w.uint(8).time(at);
        }
        if self.no_status {
            w.uint(9).bool(true);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DocumentError> {
        let (mut key, mut name, mut region, mut classes) = (None, None, None, None);
        let (mut not_before, mut not_after, mut longest) = (None, None, None);
        let (mut revoked_at, mut no_status) = (None, false);
        reader.map(|field: i64, value| {
            match field {
                1 => key = Some(*value.bytes_of::<32>("issuer key")?),
                2 => name = Some(Text::read(value, "issuer name")?),
                3 => region = Some(value.text()?.to_owned()),
                4 => classes = Some(read_classes(value)?),
                5 => not_before = Some(value.time()?),
                6 => not_after = Some(value.time()?),
                7 => longest = Some(value.uint()?),
                8 => revoked_at = Some(value.time()?),
                9 if value.bool()? => no_status = true,
                9 => return Err(Malformed::Invalid { field: "no-status mark", why: "written out though it is no" }),
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let key = key.ok_or(missing("issuer key"))?;
        let key = PublicKey::from_bytes(&key)
            .map_err(|error| DocumentError::Keys { role: "issuers and lists", error: error.into() })?;
        let region = region.ok_or(missing("issuer region"))?;
        check_showable("issuer region", &region, 16)?;
        Ok(Self {
            key,
            name: name.ok_or(missing("issuer name"))?,
            region,
            classes: classes.ok_or(missing("issuer classes"))?,
            not_before: not_before.ok_or(missing("issuer start"))?,
            not_after: not_after.ok_or(missing("issuer end"))?,
            longest: longest.ok_or(missing("longest life of a pass"))?,
            revoked_at,
            no_status,
        })
    }
}

impl Rule {
    fn write(&self, w: &mut Writer) {
        let optional = [self.amount.is_some(), self.from.is_some(), self.until.is_some(), !self.issuers.is_empty()];
        w.map(5 + optional.iter().filter(|there| **there).count());
        w.uint(1).text(&self.id).uint(2).array(self.sites.len());
        for site in &self.sites {
            w.text(&site.0);
        }
        w.uint(3);
        write_classes(&self.classes, w);
        w.uint(4).text(&self.kind.0);
        if let Some(amount) = self.amount {
            w.uint(5).uint(amount);
        }
        w.uint(6);
        self.text.write(w);
        if let Some(from) = self.from {
            w.uint(7).time(from);
        }
        if let Some(until) = self.until {
            w.uint(8).time(until);
        }
        if !self.issuers.is_empty() {
            w.uint(9).array(self.issuers.len());
            for kid in &self.issuers {
                w.bytes(&kid.0);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DocumentError> {
        let (mut id, mut sites, mut classes, mut kind, mut amount) = (None, None, None, None, None);
        let (mut text, mut from, mut until, mut issuers) = (None, None, None, Vec::new());
        reader.map(|field: i64, value| {
            match field {
                1 => id = Some(value.text()?.to_owned()),
                2 => sites = Some(value.list("list of sites", 64, |r| Site::new(r.text()?))?),
                3 => classes = Some(read_classes(value)?),
                4 => kind = Some(Kind::new(value.text()?)?),
                5 => amount = Some(value.uint()?),
                6 => text = Some(Text::read(value, "rule text")?),
                7 => from = Some(value.time()?),
                8 => until = Some(value.time()?),
                9 => {
                    let list = |r: &mut Reader<'_>| Ok::<_, Malformed>(KeyId(*r.bytes_of("key id")?));
                    issuers = non_empty(
                        "list of a rule's issuers",
                        value.list("list of a rule's issuers", cap::ISSUERS, list)?,
                    )?;
                }
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let id = id.ok_or(missing("rule id"))?;
        check_showable("rule id", &id, 64)?;
        let kind = kind.ok_or(missing("kind of benefit"))?;
        if amount.is_some_and(|amount| amount > if kind.is_percent() { 100 } else { 366 }) {
            return Err(Malformed::Invalid { field: "percentage or number of days", why: "too large" }.into());
        }
        Ok(Self {
            id,
            sites: non_empty("list of sites", sites.ok_or(missing("sites"))?)?,
            classes: classes.ok_or(missing("rule classes"))?,
            kind,
            amount,
            text: text.ok_or(missing("rule text"))?,
            from,
            until,
            issuers,
        })
    }
}

impl ListEntry {
    fn write(&self, w: &mut Writer) {
        w.map(8).uint(1).uint(self.id).uint(2).text(&self.uri).uint(3).bytes(self.signer.as_bytes());
        w.uint(4).uint(self.bits.into()).uint(5).uint(self.size).uint(6).time(self.least_issued);
        w.uint(7).uint(self.soft_age).uint(8).uint(self.hard_age);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DocumentError> {
        let (mut id, mut uri, mut signer, mut bits, mut size) = (None, None, None, None, None);
        let (mut least_issued, mut soft_age, mut hard_age) = (None, None, None);
        reader.map(|field: i64, value| {
            match field {
                1 => id = Some(value.uint()?),
                2 => uri = Some(value.text()?.to_owned()),
                3 => signer = Some(*value.bytes_of::<32>("list signer")?),
                4 => bits = Some(value.uint()?),
                5 => size = Some(value.uint()?),
                6 => least_issued = Some(value.time()?),
                7 => soft_age = Some(value.uint()?),
                8 => hard_age = Some(value.uint()?),
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let signer = PublicKey::from_bytes(&signer.ok_or(missing("list signer"))?)
            .map_err(|error| DocumentError::Keys { role: "issuers and lists", error: error.into() })?;
        let uri = uri.ok_or(missing("list URI"))?;
        check_showable("list URI", &uri, 200)?;
        let bits = match bits.ok_or(missing("list bits"))? {
            1 => 1,
            2 => 2,
            _ => return Err(Malformed::Invalid { field: "number of bits of a list", why: "not 1 or 2" }.into()),
        };
        let size = size.ok_or(missing("list size"))?;
        if size == 0 || size > (cap::LIST as u64) * 8 / u64::from(bits) {
            return Err(Malformed::Invalid { field: "size of a list", why: "0 or above 8 MiB" }.into());
        }
        Ok(Self {
            id: id.ok_or(missing("list id"))?,
            uri,
            signer,
            bits,
            size,
            least_issued: least_issued.ok_or(missing("least issue time of a list"))?,
            soft_age: soft_age.ok_or(missing("soft age of a list"))?,
            hard_age: hard_age.ok_or(missing("hard age of a list"))?,
        })
    }
}

fn read_classes(reader: &mut Reader<'_>) -> Result<Vec<Class>, Malformed> {
    let classes = reader.list("list of classes", 64, |r| Ok::<_, Malformed>(Class(r.uint()?)))?;
    non_empty("list of classes", classes)
}

fn write_classes(classes: &[Class], w: &mut Writer) {
    w.array(classes.len());
    for class in classes {
        w.uint(class.0);
    }
}

fn non_empty<T>(field: &'static str, items: Vec<T>) -> Result<Vec<T>, Malformed> {
    if items.is_empty() { Err(Malformed::Invalid { field, why: "empty" }) } else { Ok(items) }
}
