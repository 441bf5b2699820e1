//! What a line of a witness says.

use std::fmt;

use greenlit_core::key::{KeyId, PublicKey};

use crate::PersonRef;
use crate::operator::Operator;
use crate::register::{KeyRecord, Origin, Role, kid_of};

/// What is witnessed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Entry {
    /// The witness begins, or goes on after the last one was lost.
    Begin,
    /// A status list was begun: id, bits, size.
    List { id: u64, bits: u8, size: u64 },
    /// A pass was entered.
    Issue {
        list: u64,
        index: u64,
        kid: KeyId,
        nbf: u64,
        exp: u64,
        class: u64,
        person: Option<PersonRef>,
        origin: Option<Origin>,
        policy: Option<u64>,
    },
    /// A batch was begun: its number, the SHA-256 of its file, when.
    Batch { id: u64, digest: String, at: u64 },
    /// So many entries after this one are one change, made then by this operator.
    Change { entries: u64, at: u64, operator: Operator },
    /// The same, as 0.1 wrote it.
    Together { entries: u64 },
    /// The status of a pass was changed.
    Status { list: u64, index: u64, status: u8, at: u64 },
    /// A pass was revoked, because another one took its place.
    Replaced { list: u64, index: u64, by_list: u64, by_index: u64, at: u64 },
    /// A key was entered.
    KeyAdded { role: Role, public: Box<PublicKey>, file: String, not_before: u64, not_after: u64 },
    /// A key signs no more.
    KeyRetired { kid: String, at: u64 },
    /// An issuer key was revoked.
    KeyRevoked { kid: String, at: u64 },
    /// A revocation waits for a second operator's word: of a key, or of so many passes.
    Proposed { id: u64, kid: Option<String>, passes: u64, digest: String, until: u64 },
    /// What follows in this change was proposed by this operator.
    Confirmed { id: u64, proposed_by: Operator },
    /// A proposal waits no more: it was done, or withdrawn.
    ProposalEnded { id: u64, done: bool },
    /// It was erased whose passes were that were over by then: those after one place, up to another.
    Erased { before: u64, after: Option<(u64, u64)>, list: u64, index: u64 },
    /// A version was published.
    Publish { version: u64, issued: u64, root: u64 },
}

/// Most fields of any of them.
const MAX_FIELDS: usize = 9;

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin => f.write_str("begin"),
            Self::List { id, bits, size } => write!(f, "list\t{id}\t{bits}\t{size}"),
            Self::Batch { id, digest, at } => write!(f, "batch\t{id}\t{digest}\t{at}"),
            Self::Issue { list, index, kid, nbf, exp, class, person, origin, policy } => {
                write!(f, "issue\t{list}\t{index}\t{kid}\t{nbf}\t{exp}\t{class}\t")?;
                match person {
                    Some(person) => person.fmt(f)?,
                    None => f.write_str("-")?,
                }
                match origin {
                    Some(Origin { batch, line }) => write!(f, "\t{batch}:{line}")?,
                    None => f.write_str("\t-")?,
                }
                match policy {
                    Some(version) => write!(f, "\t{version}"),
                    None => f.write_str("\t-"),
                }
            }
            Self::Change { entries, at, operator } => write!(f, "change\t{entries}\t{at}\t{operator}"),
            Self::Together { entries } => write!(f, "together\t{entries}"),
            Self::Status { list, index, status, at } => write!(f, "status\t{list}\t{index}\t{status}\t{at}"),
            Self::Replaced { list, index, by_list, by_index, at } => {
                write!(f, "replaced\t{list}\t{index}\t{by_list}\t{by_index}\t{at}")
            }
            Self::KeyAdded { role, public, file, not_before, not_after } => {
                let public = hex::encode(public.as_bytes());
                write!(f, "key-added\t{role}\t{public}\t{not_before}\t{not_after}\t{file}")
            }
            Self::KeyRetired { kid, at } => write!(f, "key-retired\t{kid}\t{at}"),
            Self::KeyRevoked { kid, at } => write!(f, "key-revoked\t{kid}\t{at}"),
            Self::Proposed { id, kid, passes, digest, until } => {
                write!(f, "proposed\t{id}\t{}\t{passes}\t{digest}\t{until}", kid.as_deref().unwrap_or("-"))
            }
            Self::Confirmed { id, proposed_by } => write!(f, "confirmed\t{id}\t{proposed_by}"),
            Self::ProposalEnded { id, done } => write!(f, "proposal-ended\t{id}\t{}", u8::from(*done)),
            Self::Erased { before, after, list, index } => match after {
                Some((after_list, after)) => write!(f, "erased\t{before}\t{after_list}-{after}\t{list}-{index}"),
                None => write!(f, "erased\t{before}\t-\t{list}-{index}"),
            },
            Self::Publish { version, issued, root } => write!(f, "publish\t{version}\t{issued}\t{root}"),
        }
    }
}

impl Entry {
    /// What [`fmt::Display`] wrote, or an earlier version.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut places = [""; 1 + MAX_FIELDS];
        let (mut count, mut start) = (0, 0);
        let tabs = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\t').map(|(at, _)| at);
        for end in tabs.chain([text.len()]) {
            *places.get_mut(count)? = text.get(start..end)?;
            (count, start) = (count + 1, end + 1);
        }
        let (kind, fields) = places.get(..count)?.split_first()?;
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let word = |at: usize| fields.get(at).map(|word| (*word).to_owned());
        // What nearly every line is comes first.
        let entry = match (*kind, fields.len()) {
            // Without class, person and origin: written by 0.1, whose passes were residents'.
            ("issue", 5 | 8 | 9) => {
                let none_or = |at: usize| fields.get(at).filter(|text| **text != "-");
                let person = none_or(6).map(|text| text.parse().ok());
                let origin = none_or(7).map(|text| {
                    let (batch, line) = text.split_once(':')?;
                    Some(Origin { batch: batch.parse().ok()?, line: line.parse().ok()? })
                });
                let policy = none_or(8).map(|text| text.parse().ok());
                Self::Issue {
                    list: number(0)?,
                    index: number(1)?,
                    kid: kid_of(fields.get(2)?)?,
                    nbf: number(3)?,
                    exp: number(4)?,
                    class: if fields.len() == 5 { 1 } else { number(5)? },
                    // What is there and cannot be read is a damaged line.
                    person: person.map_or(Some(None), |person| person.map(Some))?,
                    origin: origin.map_or(Some(None), |origin| origin.map(Some))?,
                    policy: policy.map_or(Some(None), |policy| policy.map(Some))?,
                }
            }
            ("begin", 0) => Self::Begin,
            ("list", 3) => Self::List { id: number(0)?, bits: number(1)?.try_into().ok()?, size: number(2)? },
            ("batch", 3) => Self::Batch { id: number(0)?, digest: word(1)?, at: number(2)? },
            ("change", 3) => {
                Self::Change { entries: number(0)?, at: number(1)?, operator: Operator::new(fields.get(2)?).ok()? }
            }
            ("together", 1) => Self::Together { entries: number(0)? },
            ("status", 4) => Self::Status {
                list: number(0)?,
                index: number(1)?,
                status: number(2)?.try_into().ok()?,
                at: number(3)?,
            },
            ("replaced", 5) => Self::Replaced {
                list: number(0)?,
                index: number(1)?,
                by_list: number(2)?,
                by_index: number(3)?,
                at: number(4)?,
            },
            ("key-added", 5) => {
                let mut public = [0; 32];
                hex::decode_to_slice(fields.get(1)?, &mut public).ok()?;
                Self::KeyAdded {
                    role: Role::parse(fields.first()?)?,
                    public: PublicKey::from_bytes(&public).ok()?.into(),
                    not_before: number(2)?,
                    not_after: number(3)?,
                    file: word(4)?,
                }
            }
            ("key-retired", 2) => Self::KeyRetired { kid: word(0)?, at: number(1)? },
            ("key-revoked", 2) => Self::KeyRevoked { kid: word(0)?, at: number(1)? },
            ("proposed", 5) => Self::Proposed {
                id: number(0)?,
                kid: word(1).filter(|kid| kid != "-"),
                passes: number(2)?,
                digest: word(3)?,
                until: number(4)?,
            },
            ("confirmed", 2) => Self::Confirmed { id: number(0)?, proposed_by: Operator::new(fields.get(1)?).ok()? },
            ("proposal-ended", 2) => Self::ProposalEnded {
                id: number(0)?,
                done: match number(1)? {
                    0 => false,
                    1 => true,
                    _ => return None,
                },
            },
            ("erased", 3) => {
                let place = |at: usize| {
                    let (list, index) = fields.get(at)?.split_once('-')?;
                    Some((list.parse().ok()?, index.parse().ok()?))
                };
                let (list, index) = place(2)?;
                let after = if fields.get(1) == Some(&"-") { None } else { Some(place(1)?) };
                Self::Erased { before: number(0)?, after, list, index }
            }
            ("publish", 3) => Self::Publish { version: number(0)?, issued: number(1)?, root: number(2)? },
            _ => return None,
        };
        Some(entry)
    }

    /// Of a key that was entered.
    pub fn key_added(record: &KeyRecord) -> Self {
        Self::KeyAdded {
            role: record.role,
            public: record.key.clone().into(),
            file: record.file.clone(),
            not_before: record.not_before.seconds(),
            not_after: record.not_after.seconds(),
        }
    }

    /// How many entries after this one are one change with it.
    pub fn together(&self) -> Option<u64> {
        match self {
            Self::Change { entries, .. } | Self::Together { entries } => Some(*entries),
            _ => None,
        }
    }
}
