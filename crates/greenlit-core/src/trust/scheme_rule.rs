//! What a pass of another scheme gives, and to whom: the scheme, its issuers, and what the pass must say.

use super::key_list::{read_names, write_names};
use super::{BenefitKind, CLOCK_TOLERANCE, DocumentError, Entry, VenueKind, limits};
use crate::cbor::{Malformed, Reader, Writer};
use crate::scheme::{Fact, Scheme, Statement};
use crate::text::{Text, check_printable};
use crate::time::UnixTime;

/// The holder's age in whole years, among what conditions ask about.
pub const AGE: &str = "age";
/// When the pass was signed.
pub const ISSUED: &str = "issued";

/// What passes of one scheme give at some types of place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeRule {
    /// Its name among the rules.
    pub id: String,
    /// Where it holds.
    pub sites: Vec<VenueKind>,
    /// For passes of which scheme.
    pub scheme: Scheme,
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
    /// Only passes of these issuers, by their identifiers in the key list; any issuer's where empty.
    pub issuers: Vec<String>,
    /// Only these kinds of pass; any where empty.
    pub kinds: Vec<String>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// What one fact of a pass must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The fact, by the scheme's name for it, or [`AGE`] or [`ISSUED`].
    pub fact: String,
    /// What it must be.
    pub test: Test,
}

/// A test of a fact. A fact that the pass does not have, or that is no number or time where one is asked for, fails it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of these.
    OneOf(Vec<String>),
    /// A number no less than this. Of an age: certainly so many years.
    AtLeast(u64),
    /// A number no greater than this. Of an age: certainly no more years.
    AtMost(u64),
    /// A number no less than that of this other fact.
    NoLessThan(String),
    /// A time at least so many hours ago. A date counts from its beginning.
    HoursAgoAtLeast(u64),
    /// A time at most so many hours ago, and not in the future.
    HoursAgoAtMost(u64),
}

/// By what the conditions of rules are judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: UnixTime,
    /// Minutes from UTC to the time by which days are counted.
    pub(crate) offset: i16,
}

impl Moment {
    fn today(self) -> Option<chrono::NaiveDate> {
        let local = i64::try_from(self.now.seconds()).ok()?.checked_add(i64::from(self.offset) * 60)?;
        chrono::DateTime::from_timestamp(local, 0).map(|moment| moment.date_naive())
    }

    /// `2026-11-28` as the day's beginning here, or a time with its offset.
    fn time(self, text: &str) -> Option<UnixTime> {
        if let Ok(time) = UnixTime::parse_rfc3339(text) {
            return Some(time);
        }
        let day: chrono::NaiveDate = text.parse().ok()?;
        let utc = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp().checked_sub(i64::from(self.offset) * 60)?;
        UnixTime::new(u64::try_from(utc).ok()?)
    }
}

impl SchemeRule {
    /// Whether it speaks, at this moment, for a pass that says this, of this issuer, at some site or other.
    pub(crate) fn honours(&self, scheme: Scheme, issuer: &str, statement: &Statement, at: Moment) -> bool {
        let among = |list: &[String], wanted: &str| list.is_empty() || list.iter().any(|one| one == wanted);
        self.scheme == scheme
            && self.from.is_none_or(|from| at.now >= from)
            && self.until.is_none_or(|until| at.now < until)
            && among(&self.issuers, issuer)
            && among(&self.kinds, &statement.kind)
            && self.conditions.iter().all(|condition| condition.holds(statement, at))
    }

    /// Whether it asks how old the holder is.
    pub fn asks_age(&self) -> bool {
        self.conditions.iter().any(|condition| condition.fact == AGE)
    }
}

impl Condition {
    fn holds(&self, statement: &Statement, at: Moment) -> bool {
        self.try_holds(statement, at).unwrap_or(false)
    }

    fn try_holds(&self, statement: &Statement, at: Moment) -> Option<bool> {
        if self.fact == AGE {
            let (born, today) = (statement.holder.born?, at.today()?);
            return match self.test {
                Test::AtLeast(years) => Some(born.is_of_age(u16::try_from(years).ok()?, today)),
                Test::AtMost(years) => Some(born.is_at_most(u16::try_from(years).ok()?, today)),
                _ => None,
            };
        }
        let number = |name: &str| fact(statement, name)?.parse::<u64>().ok();
        let age = || {
            let time = if self.fact == ISSUED { statement.issued } else { at.time(fact(statement, &self.fact)?) };
            let time = time?;
            // What is dated a little ahead of our clock may be right, and our clock wrong.
            let ahead =
                || time.since(at.now).filter(|ahead| self.fact == ISSUED && *ahead <= CLOCK_TOLERANCE).map(|_| 0);
            at.now.since(time).or_else(ahead)
        };
        Some(match &self.test {
            Test::OneOf(values) => values.iter().any(|value| fact(statement, &self.fact) == Some(value)),
            Test::AtLeast(least) => number(&self.fact)? >= *least,
            Test::AtMost(most) => number(&self.fact)? <= *most,
            Test::NoLessThan(other) => number(&self.fact)? >= number(other)?,
            Test::HoursAgoAtLeast(hours) => age()? >= hours.saturating_mul(3_600),
            Test::HoursAgoAtMost(hours) => age()? <= hours.saturating_mul(3_600),
        })
    }

    fn write(&self, w: &mut Writer) {
        w.array(3).text(&self.fact);
        match &self.test {
            Test::OneOf(values) => {
                w.uint(1);
                write_names(values, w);
            }
            Test::AtLeast(least) => drop(w.uint(2).uint(*least)),
            Test::AtMost(most) => drop(w.uint(3).uint(*most)),
            Test::NoLessThan(other) => drop(w.uint(4).text(other)),
            Test::HoursAgoAtLeast(hours) => drop(w.uint(5).uint(*hours)),
            Test::HoursAgoAtMost(hours) => drop(w.uint(6).uint(*hours)),
        }
    }

    /// `None` for a test that this version does not know.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        reader.array_of(3, "condition")?;
        let fact = read_name(reader, "fact")?;
        let test = match reader.uint()? {
            1 => Test::OneOf(read_names(reader, "values of a fact", limits::MAX_VALUES)?),
            2 => Test::AtLeast(reader.uint()?),
            3 => Test::AtMost(reader.uint()?),
            4 => Test::NoLessThan(read_name(reader, "fact")?),
            5 => Test::HoursAgoAtLeast(reader.uint()?),
            6 => Test::HoursAgoAtMost(reader.uint()?),
            _ => {
                reader.skip()?;
                return Ok(None);
            }
        };
        Ok(Some(Self { fact, test }))
    }
}

fn fact<'s>(statement: &'s Statement, name: &str) -> Option<&'s str> {
    statement.facts.iter().find(|fact| fact.name == name).map(|Fact { value, .. }| value.as_str())
}

fn read_name(reader: &mut Reader<'_>, field: &'static str) -> Result<String, Malformed> {
    let name = reader.text()?;
    check_printable(field, name, limits::MAX_NAME_BYTES).map(|()| name.to_owned())
}

impl SchemeRule {
    pub(super) fn write(&self, w: &mut Writer) {
        let optional = [
            self.amount.is_some(),
            self.from.is_some(),
            self.until.is_some(),
            !self.issuers.is_empty(),
            !self.kinds.is_empty(),
            !self.conditions.is_empty(),
        ];
        w.map(5 + optional.iter().filter(|there| **there).count());
        w.uint(1).text(&self.id).uint(2).array(self.sites.len());
        for site in &self.sites {
            w.text(&site.0);
        }
        w.uint(3).text(self.scheme.as_str()).uint(4).text(&self.kind.0);
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
        for (field, names) in [(9, &self.issuers), (10, &self.kinds)] {
            if !names.is_empty() {
                w.uint(field);
                write_names(names, w);
            }
        }
        if !self.conditions.is_empty() {
            w.uint(11).array(self.conditions.len());
            self.conditions.iter().for_each(|condition| condition.write(w));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Entry<Self, Option<Scheme>>, DocumentError> {
        let (mut id, mut sites, mut scheme, mut kind, mut amount) = (None, None, None, None, None);
        let (mut text, mut from, mut until) = (None, None, None);
        let (mut issuers, mut kinds, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
        let mut known = true;
        reader.map(|field: i64, value| {
            match field {
                1 => id = Some(read_name(value, "rule id")?),
                2 => sites = Some(value.list("list of sites", 64, |r| VenueKind::new(r.text()?))?),
                3 => scheme = Some(Scheme::parse(value.text()?)),
                4 => kind = Some(BenefitKind::new(value.text()?)?),
                5 => amount = Some(value.uint()?),
                6 => text = Some(Text::read(value, "rule text")?),
                7 => from = Some(value.time()?),
                8 => until = Some(value.time()?),
                9 => issuers = read_names(value, "list of a rule's issuers", limits::MAX_RULE_ISSUERS)?,
                10 => kinds = read_names(value, "kinds of pass", limits::MAX_RULE_KINDS)?,
                11 => conditions = value.list("list of conditions", limits::MAX_CONDITIONS, Condition::read)?,
                _ => {
                    known = false;
                    value.skip()?;
                }
            }
            Ok::<_, Malformed>(())
        })?;
        let missing = Malformed::Missing;
        let kind = kind.ok_or(missing("kind of benefit"))?;
        kind.check_amount(amount)?;
        let sites = sites.filter(|sites| !sites.is_empty()).ok_or(missing("sites"))?;
        let id = id.ok_or(missing("rule id"))?;
        let conditions: Option<Vec<Condition>> = conditions.into_iter().collect();
        let scheme = scheme.ok_or(missing("scheme"))?;
        let (Some(named), Some(conditions), true) = (scheme, conditions, known) else {
            return Ok(Entry::Newer(scheme));
        };
        Ok(Entry::Known(Self {
            id,
            sites,
            scheme: named,
            kind,
            amount,
            text: text.ok_or(missing("rule text"))?,
            from,
            until,
            issuers,
            kinds,
            conditions,
        }))
    }
}
