//! Key lists: the public keys of a scheme's issuers, in a file beside the bundle that names it by its digest.
//!
//! The bundle's signatures cover the digest, and through it every key. A key's bytes are made into a key when a pass first
//! asks for it: a list has hundreds, and a shift meets a few.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::{DocumentError, Entry, limits};
use crate::cbor::{Malformed, Reader, Writer};
use crate::scheme::{Algorithm, Scheme, SchemeKey};
use crate::text::{Text, check_printable};
use crate::time::UnixTime;

/// A key list as the scheme bundle names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyListEntry {
    /// Its number, as in its file name.
    pub id: u64,
    /// Whose keys.
    pub scheme: Scheme,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
    /// When its contents were fetched from whoever keeps them.
    pub fetched: UnixTime,
    /// Seconds until a key that it lacks may just be newer than it.
    pub soft_age: u64,
    /// Seconds until it is no longer judged by.
    pub hard_age: u64,
}

impl KeyListEntry {
    /// From when a key that it lacks may just be newer than it.
    pub fn stale_at(&self) -> UnixTime {
        self.fetched.plus(self.soft_age)
    }

    /// From when nothing is judged by it.
    pub fn unusable_at(&self) -> UnixTime {
        self.fetched.plus(self.hard_age)
    }
}

/// A key of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// How it signs.
    pub algorithm: Algorithm,
    /// The key, as [`SchemeKey::read`] reads it.
    pub key: Vec<u8>,
    /// Whose it is, among the list's issuers.
    pub issuer: String,
    /// What passes call it, 1 to 64 bytes; several keys may share it, and where passes name none it is none.
    pub key_id: Option<Vec<u8>>,
    /// What it signed was signed from this time on.
    pub from: Option<UnixTime>,
    /// And before this time.
    pub until: Option<UnixTime>,
    /// The kinds of pass that it may sign; every kind where empty.
    pub kinds: Vec<String>,
    /// Since when it has been known to be in wrong hands, or was called back.
    pub revoked_at: Option<UnixTime>,
}

/// What a key list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyListBody {
    /// Whose keys.
    pub scheme: Scheme,
    /// Each issuer by its identifier, with its name.
    pub issuers: Vec<(String, Text)>,
    /// The keys.
    pub keys: Vec<ListedKey>,
    /// Identifiers of passes that were called back, sorted.
    pub revoked: Vec<Vec<u8>>,
}

/// What passes call a key, if anything.
type KeyName = Option<Vec<u8>>;

/// A key list that is the one its bundle names.
#[derive(Debug)]
pub struct KeyList {
    bytes: Vec<u8>,
    body: KeyListBody,
    /// The names of keys that only a later version can use.
    newer: Vec<KeyName>,
    /// The keys that were asked for, in their places.
    made: Vec<OnceLock<Option<Box<SchemeKey>>>>,
}

/// A key of a list that a bundle names.
#[derive(Clone, Copy, Debug)]
pub struct TrustedKey<'l> {
    list: &'l KeyList,
    listed: &'l ListedKey,
    at: usize,
}

impl<'l> TrustedKey<'l> {
    /// What the list says of it.
    pub fn listed(&self) -> &'l ListedKey {
        self.listed
    }

    /// The key itself; `None` where its bytes are none, which is found when it is first asked for.
    pub fn key(&self) -> Option<&'l SchemeKey> {
        let make = || SchemeKey::read(self.listed.algorithm, &self.listed.key).ok().map(Box::new);
        self.list.made.get(self.at)?.get_or_init(make).as_deref()
    }

    /// Its issuer's name.
    pub fn issuer(&self) -> Option<&'l Text> {
        let issuers = &self.list.body.issuers;
        issuers.iter().find(|(id, _)| *id == self.listed.issuer).map(|(_, name)| name)
    }

    /// Whether it is this very key, perhaps under another name or in another list.
    pub fn is_same_as(&self, other: &TrustedKey<'_>) -> bool {
        self.listed.algorithm == other.listed.algorithm && self.listed.key == other.listed.key
    }

    /// Whether its list calls the pass of this identifier back.
    pub fn has_revoked(&self, id: &[u8]) -> bool {
        self.list.is_revoked(id)
    }

    /// Whether it may sign passes of this kind.
    pub fn may_sign(&self, kind: &str) -> bool {
        self.listed.kinds.is_empty() || self.listed.kinds.iter().any(|allowed| allowed == kind)
    }
}

impl KeyList {
    /// Opens a list as the bundle names it.
    ///
    /// # Errors
    /// If it is another file, or is not of the format.
    pub fn open(bytes: &[u8], entry: &KeyListEntry) -> Result<Self, KeyListError> {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        if bytes.len() as u64 != entry.size || digest != entry.digest {
            return Err(KeyListError::Other);
        }
        let (body, newer) = KeyListBody::read(bytes)?;
        if body.scheme != entry.scheme {
            return Err(KeyListError::Scheme(body.scheme));
        }
        let made = body.keys.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { bytes: bytes.to_vec(), body, newer, made })
    }

    /// The file as received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub fn body(&self) -> &KeyListBody {
        &self.body
    }

    /// Keys that passes call by this name; every key where a pass names none.
    pub fn candidates<'l>(&'l self, key_id: Option<&[u8]>) -> impl Iterator<Item = TrustedKey<'l>> {
        let all = self.body.keys.iter().enumerate();
        all.filter(move |(_, key)| key_id.is_none() || key.key_id.as_deref() == key_id).map(|(at, listed)| TrustedKey {
            list: self,
            listed,
            at,
        })
    }

    /// Whether passes call a key by this name that only a later version can use, or may where they name none.
    pub(crate) fn has_newer(&self, key_id: Option<&[u8]>) -> bool {
        self.newer.iter().any(|name| key_id.is_none() || name.as_deref() == key_id)
    }

    /// Whether the pass of this identifier was called back.
    pub fn is_revoked(&self, id: &[u8]) -> bool {
        self.body.revoked.binary_search_by(|revoked| revoked.as_slice().cmp(id)).is_ok()
    }
}

impl KeyListBody {
    /// The encoded list.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.map(if self.revoked.is_empty() { 3 } else { 4 }).uint(1).text(self.scheme.as_str()).uint(2);
        // CBOR sorts shorter names first: the length is part of the encoded name.
        let mut issuers: Vec<_> = self.issuers.iter().collect();
        issuers.sort_by_key(|(id, _)| (id.len(), id.clone()));
        w.map(issuers.len());
        for (id, name) in issuers {
            w.text(id);
            name.write(&mut w);
        }
        w.uint(3).array(self.keys.len());
        self.keys.iter().for_each(|key| key.write(&mut w));
        if !self.revoked.is_empty() {
            w.uint(4).array(self.revoked.len());
            for id in &self.revoked {
                w.bytes(id);
            }
        }
        w.into_bytes()
    }

    /// Reads a list that no bundle was asked about: on its own it proves nothing.
    ///
    /// # Errors
    /// If it is too large, or not of the format.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::read(bytes).map(|(body, _)| body)
    }

    /// With the names of the keys that only a later version can use.
    fn read(bytes: &[u8]) -> Result<(Self, Vec<KeyName>), DocumentError> {
        if bytes.len() > limits::MAX_KEY_LIST_BYTES {
            return Err(DocumentError::TooLarge { size: bytes.len(), cap: limits::MAX_KEY_LIST_BYTES });
        }
        let mut reader = Reader::new(bytes);
        let (mut scheme, mut issuers, mut keys, mut revoked) = (None, None, None, Vec::new());
        reader.map(|field: i64, value| {
            match field {
                1 => {
                    let unknown = Malformed::Invalid { field: "scheme", why: "unknown to this version" };
                    scheme = Some(Scheme::parse(value.text()?).ok_or(unknown)?);
                }
                2 => issuers = Some(read_issuers(value)?),
                3 => keys = Some(value.list("list of keys", limits::MAX_LISTED_KEYS, ListedKey::read)?),
                4 => revoked = read_revoked(value)?,
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        reader.finish()?;
        let missing = Malformed::Missing;
        let (keys, newer) = Entry::split(keys.ok_or(missing("keys"))?);
        let (scheme, issuers) = (scheme.ok_or(missing("scheme"))?, issuers.ok_or(missing("issuers"))?);
        let body = Self { scheme, issuers, keys, revoked };
        let named: BTreeSet<&str> = body.issuers.iter().map(|(id, _)| id.as_str()).collect();
        if body.keys.iter().any(|key| !named.contains(key.issuer.as_str())) {
            return Err(Malformed::Invalid { field: "list of keys", why: "with a key of nobody in the list" }.into());
        }
        Ok((body, newer))
    }
}

fn read_issuers(reader: &mut Reader<'_>) -> Result<Vec<(String, Text)>, Malformed> {
    let mut issuers = Vec::new();
    reader.map(|id: &str, value| {
        check_printable("identifier of an issuer", id, limits::MAX_NAME_BYTES)?;
        if issuers.len() == limits::MAX_ISSUERS {
            return Err(Malformed::Invalid { field: "list of issuers", why: "too long" });
        }
        issuers.push((id.to_owned(), Text::read(value, "issuer name")?));
        Ok(())
    })?;
    Ok(issuers)
}

fn read_revoked(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let field = "list of revoked passes";
    let ids = reader.list(field, limits::MAX_REVOKED_IDS, |r| read_id(r, field))?;
    // Looked up by halves.
    if ids.is_empty() || !ids.is_sorted_by(|one, next| one < next) {
        return Err(Malformed::Invalid { field, why: "empty, unsorted, or with one twice" });
    }
    Ok(ids)
}

fn read_id(reader: &mut Reader<'_>, field: &'static str) -> Result<Vec<u8>, Malformed> {
    let id = reader.bytes()?;
    if (1..=64).contains(&id.len()) {
        Ok(id.to_vec())
    } else {
        Err(Malformed::Invalid { field, why: "not 1 to 64 bytes" })
    }
}

impl ListedKey {
    fn write(&self, w: &mut Writer) {
        let optional = [
            self.key_id.is_some(),
            self.from.is_some(),
            self.until.is_some(),
            !self.kinds.is_empty(),
            self.revoked_at.is_some(),
        ];
        w.map(3 + optional.iter().filter(|there| **there).count());
        w.uint(1).int(self.algorithm.number()).uint(2).bytes(&self.key).uint(3).text(&self.issuer);
        if let Some(id) = &self.key_id {
            w.uint(4).bytes(id);
        }
        if let Some(from) = self.from {
            w.uint(5).time(from);
        }
        if let Some(until) = self.until {
            w.uint(6).time(until);
        }
        if !self.kinds.is_empty() {
            w.uint(7);
            write_names(&self.kinds, w);
        }
        if let Some(at) = self.revoked_at {
            w.uint(8).time(at);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Entry<Self, KeyName>, Malformed> {
        let (mut algorithm, mut key, mut issuer, mut key_id) = (None, None, None, None);
        let (mut from, mut until, mut kinds, mut revoked_at) = (None, None, Vec::new(), None);
        let mut known = true;
        reader.map(|field: i64, value| {
            match field {
                1 => algorithm = Some(Algorithm::from_number(value.int()?)),
                2 => key = Some(value.bytes()?),
                3 => issuer = Some(value.text()?),
                4 => key_id = Some(read_id(value, "identifier of a key")?),
                5 => from = Some(value.time()?),
                6 => until = Some(value.time()?),
                7 => kinds = read_names(value, "kinds of pass", 16)?,
                8 => revoked_at = Some(value.time()?),
                _ => {
                    known = false;
                    value.skip()?;
                }
            }
            Ok::<_, Malformed>(())
        })?;
        let Some(algorithm) = algorithm.ok_or(Malformed::Missing("algorithm"))?.filter(|_| known) else {
            return Ok(Entry::Newer(key_id));
        };
        let key = key.ok_or(Malformed::Missing("key"))?;
        if key.is_empty() || key.len() > limits::MAX_SCHEME_KEY_BYTES {
            return Err(Malformed::Invalid { field: "key", why: "empty or too long" });
        }
        let issuer = issuer.ok_or(Malformed::Missing("issuer of a key"))?.to_owned();
        let key = key.to_vec();
        Ok(Entry::Known(Self { algorithm, key, issuer, key_id, from, until, kinds, revoked_at }))
    }
}

pub(super) fn write_names(names: &[String], w: &mut Writer) {
    w.array(names.len());
    for name in names {
        w.text(name);
    }
}

/// One or more names of something of a scheme's.
pub(super) fn read_names(reader: &mut Reader<'_>, field: &'static str, most: usize) -> Result<Vec<String>, Malformed> {
    let names = reader.list(field, most, |r| {
        let name = r.text()?;
        check_printable(field, name, limits::MAX_NAME_BYTES).map(|()| name.to_owned())
    })?;
    if names.is_empty() { Err(Malformed::Invalid { field, why: "empty" }) } else { Ok(names) }
}

/// Why a key list was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum KeyListError {
    #[error("is for a list that the scheme bundle does not name")]
    Unknown,
    #[error("is not the file that the scheme bundle names: it was changed, or belongs to another publication")]
    Other,
    #[error("holds keys of {0}, another scheme than the scheme bundle says")]
    Scheme(Scheme),
    #[error(transparent)]
    Document(#[from] DocumentError),
}
