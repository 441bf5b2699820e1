//! What a bundle lists: issuers, rules and status lists, each as a map of its own.

use super::{DocumentError, limits};
use crate::cbor::{Malformed, Reader, Writer};
use crate::key::{KeyId, PublicKey};
use crate::pass::Class;
use crate::text::{Text, check_printable};
use crate::time::UnixTime;

/// A type of place: "retail", "hotel", "resort", "sport", "entertainment", "employer-education",
/// "public-space", or one that only the rules know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VenueKind(pub String);

/// A kind of benefit: "discount", "free-entry", "exemption", "paid-leave", "reminder", or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenefitKind(pub String);

impl VenueKind {
    /// The types of place that the design names.
    pub const KNOWN: [&'static str; 7] =
        ["retail", "hotel", "resort", "sport", "entertainment", "employer-education", "public-space"];

    /// A word of 1 to 40 lower-case letters, digits and dashes.
    pub fn new(word: &str) -> Result<Self, Malformed> {
        check_word("kind of site", word).map(|()| Self(word.to_owned()))
    }
}

impl BenefitKind {
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

    /// Requires an amount to be a percentage, or days of a year.
    pub(super) fn check_amount(&self, amount: Option<u64>) -> Result<(), Malformed> {
        if amount.is_some_and(|amount| amount > self.most()) {
            return Err(Malformed::Invalid { field: "percentage or number of days", why: "too large" });
        }
        Ok(())
    }

    /// The greatest amount: percent, or days of a year.
    pub fn most(&self) -> u64 {
        if self.is_percent() { 100 } else { 366 }
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

/// What passes of some classes give at some types of place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name among the rules.
    pub id: String,
    /// Where it holds.
    pub sites: Vec<VenueKind>,
    /// For which classes.
    pub classes: Vec<Class>,
    /// What it gives.
    pub kind: BenefitKind,
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

impl Issuer {
    pub(super) fn write(&self, w: &mut Writer) {
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

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DocumentError> {
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
                9 => return Err(Malformed::Invalid { field: "no-status mark", why: "present although it is false" }),
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let key = key.ok_or(missing("issuer key"))?;
        let key = PublicKey::from_bytes(&key)
            .map_err(|error| DocumentError::Keys { role: "issuers and lists", error: error.into() })?;
        let region = region.ok_or(missing("issuer region"))?;
        check_printable("issuer region", &region, 16)?;
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
    pub(super) fn write(&self, w: &mut Writer) {
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

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DocumentError> {
        let (mut id, mut sites, mut classes, mut kind, mut amount) = (None, None, None, None, None);
        let (mut text, mut from, mut until, mut issuers) = (None, None, None, Vec::new());
        reader.map(|field: i64, value| {
            match field {
                1 => id = Some(value.text()?.to_owned()),
                2 => sites = Some(value.list("list of sites", 64, |r| VenueKind::new(r.text()?))?),
                3 => classes = Some(read_classes(value)?),
                4 => kind = Some(BenefitKind::new(value.text()?)?),
                5 => amount = Some(value.uint()?),
                6 => text = Some(Text::read(value, "rule text")?),
                7 => from = Some(value.time()?),
                8 => until = Some(value.time()?),
                9 => {
                    let list = |r: &mut Reader<'_>| Ok::<_, Malformed>(KeyId(*r.bytes_of("key id")?));
                    issuers = non_empty(
                        "list of a rule's issuers",
                        value.list("list of a rule's issuers", limits::MAX_ISSUERS, list)?,
                    )?;
                }
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let id = id.ok_or(missing("rule id"))?;
        check_printable("rule id", &id, 64)?;
        let kind = kind.ok_or(missing("kind of benefit"))?;
        kind.check_amount(amount)?;
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
    pub(super) fn write(&self, w: &mut Writer) {
        w.map(8).uint(1).uint(self.id).uint(2).text(&self.uri).uint(3).bytes(self.signer.as_bytes());
        w.uint(4).uint(self.bits.into()).uint(5).uint(self.size).uint(6).time(self.least_issued);
        w.uint(7).uint(self.soft_age).uint(8).uint(self.hard_age);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DocumentError> {
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
        check_printable("list URI", &uri, 200)?;
        let bits = match bits.ok_or(missing("list bits"))? {
            1 => 1,
            2 => 2,
            _ => return Err(Malformed::Invalid { field: "number of bits of a list", why: "not 1 or 2" }.into()),
        };
        let size = size.ok_or(missing("list size"))?;
        if size == 0 || size > (limits::MAX_LIST_BYTES as u64) * 8 / u64::from(bits) {
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
