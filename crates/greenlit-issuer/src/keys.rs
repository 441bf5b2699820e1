//! The life of an authority's issuer and list keys. Those of roots and bundles change with the root: [`crate::root`].

use greenlit_core::key::KeyId;
use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError, make_private_key};
use crate::policy::{ISSUER_LIFETIME, ROOT_LIFETIME};
use crate::register::{KeyRecord, Role};
use crate::second_word;

/// Why a key was not changed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum KeysError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("no issuer key {0}; see `greenlit-issuer keys`")]
    NoSuchKey(String),
    #[error(
        "{0} is not a list key; use add, retire or revoke for issuer keys; root and bundle keys change with the root: see `greenlit-issuer root new --help`"
    )]
    NotAListKey(String),
    #[error("the key {kid} was already revoked at {at}")]
    Revoked { kid: KeyId, at: UnixTime },
    #[error("the key {kid} was already retired at {at}")]
    Retired { kid: KeyId, at: UnixTime },
}

type Result<T> = std::result::Result<T, KeysError>;

/// Makes an issuer key.
pub fn add(authority: &mut Authority, now: UnixTime) -> Result<KeyRecord> {
    let record = make(authority, Role::Issuer, ISSUER_LIFETIME, now)?;
    let (register, by) = authority.acting(now);
    register.add_key(&record, &by).map_err(AuthorityError::from)?;
    Ok(record)
}

/// Ends an issuer key's signing. Passes that it has signed already, some of which may not have begun, stay good.
pub fn retire(authority: &mut Authority, kid: &str, now: UnixTime) -> Result<()> {
    let record = find_issuer(authority, kid, now)?;
    if let Some(at) = record.retired_at {
        return Err(KeysError::Retired { kid: record.kid(), at });
    }
    let (register, by) = authority.acting(now);
    Ok(register.retire_key(record.kid(), &by).map_err(AuthorityError::from)?)
}

/// Whether a key may be revoked by one operator where otherwise a second one is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Urgency {
    Ordinary,
    Emergency,
}

/// Marks an issuer key as being in wrong hands; or, where that takes a second operator's word, keeps it and gives the
/// number of the proposal.
pub fn revoke(authority: &mut Authority, kid: &str, urgency: Urgency, now: UnixTime) -> Result<Option<u64>> {
    let kid = find_issuer(authority, kid, now)?.kid();
    if authority.second_word_above.is_some() && urgency == Urgency::Ordinary {
        return Ok(Some(second_word::propose_key(authority, kid, now)?));
    }
    let (register, by) = authority.acting(now);
    register.revoke_key(kid, &by).map_err(AuthorityError::from)?;
    Ok(None)
}

/// Makes a new list key in the place of one that may be in wrong hands.
pub fn replace_list_key(authority: &mut Authority, kid: &str, now: UnixTime) -> Result<KeyRecord> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let old = records.iter().find(|record| record.role == Role::List && record.kid().to_string() == kid);
    let old = old.ok_or_else(|| KeysError::NotAListKey(kid.into()))?;
    if let Some(at) = old.retired_at {
        return Err(KeysError::Retired { kid: old.kid(), at });
    }
    let new = make(authority, Role::List, ROOT_LIFETIME, now)?;
    let (register, by) = authority.acting(now);
    register.replace_key(old.kid(), &new, &by).map_err(AuthorityError::from)?;
    Ok(new)
}

fn make(authority: &Authority, role: Role, lifetime: u64, now: UnixTime) -> Result<KeyRecord> {
    let known: Vec<String> =
        authority.register.keys().map_err(AuthorityError::from)?.into_iter().map(|record| record.file).collect();
    let file = authority.free_key_file(role, &known);
    let key = make_private_key(&authority.folder().join("keys").join(&file))?;
    let from = authority.zone.start_of_day(now).unwrap_or(now);
    Ok(KeyRecord::new(key.public().clone(), role, file, from, from.plus(lifetime)))
}

fn find_issuer(authority: &Authority, kid: &str, now: UnixTime) -> Result<KeyRecord> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let found = records.into_iter().find(|record| record.role == Role::Issuer && record.kid().to_string() == kid);
    let record = found.ok_or_else(|| KeysError::NoSuchKey(kid.into()))?;
    // A date in the future came from a clock that ran ahead, and may be moved to now.
    match record.revoked_at.filter(|at| *at <= now) {
        Some(at) => Err(KeysError::Revoked { kid: record.kid(), at }),
        None => Ok(record),
    }
}

/// Of these keys the one that signs now what begins then: the newest that every till has had the time to
/// learn of, else the one published longest; before the first publication, the first one made.
pub fn select_signing_key(records: &[KeyRecord], nbf: UnixTime, now: UnixTime) -> Option<&KeyRecord> {
    let usable = |record: &&KeyRecord| {
        let signs = record.role == Role::Issuer && record.revoked_at.is_none() && record.retired_at.is_none();
        signs && (record.not_before..record.not_after).contains(&nbf)
    };
    let mut records: Vec<&KeyRecord> = records.iter().filter(usable).collect();
    // Files are numbered in the order they were made.
    records.sort_by_key(|record| (record.file.len(), record.file.clone()));
    let longest =
        records.iter().filter(|record| record.published_at.is_some()).min_by_key(|record| record.published_at);
    records.iter().rfind(|record| is_known(record, now)).or(longest).or(records.first()).copied()
}

fn is_known(record: &KeyRecord, now: UnixTime) -> bool {
    record.usable_from().is_some_and(|at| at <= now)
}

/// A key that tills have not all had the time to learn of, where they learnt of an earlier one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the issuer key {kid} is new: tills that have not updated since it was published will call its passes not genuine (KEY), some of them until {until}"
)]
pub struct UnknownKey {
    kid: KeyId,
    until: String,
}

/// Whether there are tills that may not know this key. An authority's first key is known to all there are.
pub fn unknown_to_some(records: &[KeyRecord], record: &KeyRecord, now: UnixTime) -> Option<UnknownKey> {
    let before = |other: &KeyRecord| {
        let earlier = record.published_at.is_none_or(|at| other.published_at.is_some_and(|other| other < at));
        other.role == Role::Issuer && other.key != record.key && other.published_at.is_some() && earlier
    };
    let until = || record.usable_from().map_or_else(|| "three weeks after it is published".into(), |at| at.to_string());
    (!is_known(record, now) && records.iter().any(before)).then(|| UnknownKey { kid: record.kid(), until: until() })
}

/// How a key stands, as `greenlit-issuer keys` lists it.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum KeyState {
    Revoked(UnixTime),
    NoSaySince { root: u64 },
    Replaced,
    Retired { last: UnixTime },
    Over(UnixTime),
    WaitsUntil(UnixTime),
    WaitsForPublication,
    Ready,
    KeptElsewhere,
    Broken(AuthorityError),
}

/// Every key and how it stands.
pub fn states(authority: &Authority, now: UnixTime) -> Result<Vec<(KeyRecord, KeyState)>> {
    let root = authority.newest_root()?;
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let signs = select_signing_key(&records, now, now).map(KeyRecord::kid);
    let named =
        |record: &KeyRecord| root.root_keys.keys().iter().chain(root.bundle_keys.keys()).any(|key| key == &record.key);
    let state = |record: &KeyRecord| {
        let of_root = matches!(record.role, Role::Root | Role::Bundle);
        match (record.revoked_at, authority.private_key(record)) {
            (Some(at), _) => KeyState::Revoked(at),
            (None, _) if of_root && !named(record) => KeyState::NoSaySince { root: root.number },
            (None, _) if record.role == Role::List && record.retired_at.is_some() => KeyState::Replaced,
            (None, _) if record.retired_at.is_some() => KeyState::Retired { last: record.not_after },
            (None, _) if record.role == Role::Issuer && now >= record.not_after => KeyState::Over(record.not_after),
            (None, Ok(_)) if record.role == Role::Issuer && signs != Some(record.kid()) => waiting(record, now),
            (None, Ok(_)) => KeyState::Ready,
            (None, Err(AuthorityError::File(_))) => KeyState::KeptElsewhere,
            (None, Err(error)) => KeyState::Broken(error),
        }
    };
    let states = records.into_iter().map(|record| {
        let state = state(&record);
        (record, state)
    });
    Ok(states.collect())
}

/// How an issuer key stands that another signs before.
fn waiting(record: &KeyRecord, now: UnixTime) -> KeyState {
    match record.usable_from() {
        Some(from) if from > now => KeyState::WaitsUntil(from),
        Some(_) => KeyState::Ready,
        None => KeyState::WaitsForPublication,
    }
}
