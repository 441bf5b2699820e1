//! The life of an authority's issuer and list keys. Those of roots and bundles change with the root: [`crate::root`].

use std::path::{Path, PathBuf};

use greenlit_core::key::KeyId;
use greenlit_core::time::UnixTime;
use greenlit_files::FileError;

use crate::PrivateKey;
use crate::authority::{
    Authority, AuthorityError, ExternalKey, KeyFile, KeyPlace, make_private_key, read_private_key, rewrite_private_key,
};
use crate::passphrase::Passphrase;
use crate::policy::{ISSUER_LIFETIME, ROOT_LIFETIME};
use crate::register::{KeyRecord, Role};
use crate::second_word;
use crate::token::{TokenKey, TokenUri};

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
    #[error("the key {0} is registered already; see `greenlit-issuer keys`")]
    Known(KeyId),
    #[error("the key {kid} was already revoked at {at}")]
    Revoked { kid: KeyId, at: UnixTime },
    #[error("the key {kid} was already retired at {at}")]
    Retired { kid: KeyId, at: UnixTime },
}

type Result<T> = std::result::Result<T, KeysError>;

/// Makes an issuer key in keys/, encrypted if there is a passphrase.
pub fn add(authority: &mut Authority, passphrase: Option<&Passphrase>, now: UnixTime) -> Result<KeyRecord> {
    let record = make(authority, Role::Issuer, ISSUER_LIFETIME, passphrase, now)?;
    let (register, by) = authority.acting(now);
    register.add_key(&record, &by).map_err(AuthorityError::from)?;
    Ok(record)
}

/// Whether a key in a token is made or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum InToken {
    New,
    Existing,
}

/// Makes an issuer key inside a token, or takes the one that is there.
pub fn add_in_token(authority: &mut Authority, uri: &TokenUri, which: InToken, now: UnixTime) -> Result<KeyRecord> {
    let (settings, passphrases) = (&authority.tokens, &authority.passphrases);
    let key = match which {
        InToken::New => TokenKey::generate(settings, uri, passphrases),
        InToken::Existing => TokenKey::existing(settings, uri, passphrases),
    };
    let key = key.map_err(AuthorityError::from)?;
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    if let Some(there) = records.iter().find(|record| &record.key == key.public()) {
        return Err(KeysError::Known(there.kid()));
    }
    let from = authority.zone.start_of_day(now).unwrap_or(now);
    let record = KeyRecord::new(key.public().clone(), Role::Issuer, uri.to_string(), from, from.plus(ISSUER_LIFETIME));
    let (register, by) = authority.acting(now);
    register.add_key(&record, &by).map_err(AuthorityError::from)?;
    Ok(record)
}

/// The key files that are not encrypted, by their names in keys/.
pub fn plain_files(authority: &Authority) -> Result<Vec<PathBuf>> {
    let folder = authority.key_path("");
    let entries = std::fs::read_dir(&folder).map_err(|error| AuthorityError::from(FileError::of(&folder, error)))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "pem"));
    paths.sort();
    let mut plain = Vec::new();
    for path in paths {
        if let KeyFile::Plain(_) = KeyFile::read(&path)? {
            plain.push(path);
        }
    }
    Ok(plain)
}

/// A key file that somebody names: as `keys` lists it, or wherever it is.
pub fn key_file(authority: &Authority, name: &Path) -> PathBuf {
    let here = authority.key_path("").join(name.strip_prefix("keys").unwrap_or(name));
    if here.exists() { here } else { name.into() }
}

/// Encrypts the private keys in these files, each in its place; one that is encrypted gets another passphrase. All are
/// read before the new passphrase is asked for.
pub fn encrypt(authority: &Authority, paths: &[PathBuf], mut tell: impl FnMut(&Path)) -> Result<()> {
    // Whoever else may read one: on a removable disk nobody can change that, and a passphrase is what helps.
    let keys = paths.iter().map(|path| Ok(ExternalKey::read(path, &authority.passphrases)?.key));
    let keys: Vec<PrivateKey> = keys.collect::<Result<_>>()?;
    let passphrase = authority.passphrases.for_new_keys()?;
    for (path, key) in paths.iter().zip(keys) {
        rewrite_private_key(path, &key, Some(&passphrase))?;
        tell(path);
    }
    Ok(())
}

/// Decrypts the private key in this file, in its place.
pub fn decrypt(authority: &Authority, path: &Path) -> Result<()> {
    let key = read_private_key(path, &authority.passphrases)?;
    Ok(rewrite_private_key(path, &key, None)?)
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
pub fn replace_list_key(
    authority: &mut Authority,
    kid: &str,
    passphrase: Option<&Passphrase>,
    now: UnixTime,
) -> Result<KeyRecord> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let old = records.iter().find(|record| record.role == Role::List && record.kid().to_string() == kid);
    let old = old.ok_or_else(|| KeysError::NotAListKey(kid.into()))?;
    if let Some(at) = old.retired_at {
        return Err(KeysError::Retired { kid: old.kid(), at });
    }
    let new = make(authority, Role::List, ROOT_LIFETIME, passphrase, now)?;
    let (register, by) = authority.acting(now);
    register.replace_key(old.kid(), &new, &by).map_err(AuthorityError::from)?;
    Ok(new)
}

fn make(
    authority: &Authority,
    role: Role,
    lifetime: u64,
    passphrase: Option<&Passphrase>,
    now: UnixTime,
) -> Result<KeyRecord> {
    let known: Vec<String> =
        authority.register.keys().map_err(AuthorityError::from)?.into_iter().map(|record| record.file).collect();
    let file = authority.free_key_file(role, &known);
    let key = make_private_key(&authority.key_path(&file), passphrase)?;
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
    // In the order they were made: by day, and of one day by the number of their files; those in tokens come last.
    records.sort_by_key(|record| (record.not_before, record.file.len(), record.file.clone()));
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

/// A key, where it is and how it stands.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct KeyStatus {
    pub record: KeyRecord,
    pub place: KeyPlace,
    pub state: KeyState,
}

/// Every key, where it is and how it stands. Nobody is asked for a passphrase or PIN.
pub fn states(authority: &Authority, now: UnixTime) -> Result<Vec<KeyStatus>> {
    let root = authority.newest_root()?;
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let signs = select_signing_key(&records, now, now).map(KeyRecord::kid);
    let named =
        |record: &KeyRecord| root.root_keys.keys().iter().chain(root.bundle_keys.keys()).any(|key| key == &record.key);
    let state = |record: &KeyRecord, place: &KeyPlace, found| {
        let of_root = matches!(record.role, Role::Root | Role::Bundle);
        match (record.revoked_at, found) {
            (Some(at), _) => KeyState::Revoked(at),
            (None, _) if of_root && !named(record) => KeyState::NoSaySince { root: root.number },
            (None, _) if record.role == Role::List && record.retired_at.is_some() => KeyState::Replaced,
            (None, _) if record.retired_at.is_some() => KeyState::Retired { last: record.not_after },
            (None, _) if record.role == Role::Issuer && now >= record.not_after => KeyState::Over(record.not_after),
            (None, Err(error)) => KeyState::Broken(error),
            (None, Ok(())) if *place == KeyPlace::Elsewhere => KeyState::KeptElsewhere,
            (None, Ok(())) if record.role == Role::Issuer && signs != Some(record.kid()) => waiting(record, now),
            (None, Ok(())) => KeyState::Ready,
        }
    };
    let states = records.into_iter().map(|record| {
        let (place, found) = authority.look_for(&record);
        let state = state(&record, &place, found);
        KeyStatus { record, place, state }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_key_signs_be_it_in_a_file_or_in_a_token() {
        const DAY: u64 = 24 * 3600;
        let at = |day: u64| UnixTime::new(1_700_000_000 + day * DAY).unwrap();
        let record = |seed: u8, file: &str, made: u64| {
            let key = PrivateKey::from_seed(&[seed; 32]).unwrap().public().clone();
            let record = KeyRecord::new(key, Role::Issuer, file.into(), at(made), at(1_000));
            KeyRecord { published_at: Some(at(made)), ..record }
        };
        let token = "pkcs11:token=Ministry;object=issuer";
        let records = [record(1, "issuer-1.pem", 0), record(2, "issuer-2.pem", 60), record(3, token, 30)];
        for (day, wanted) in [(25, "issuer-1.pem"), (55, token), (70, token), (85, "issuer-2.pem")] {
            let made = records.iter().filter(|record| record.not_before <= at(day)).cloned().collect::<Vec<_>>();
            assert_eq!(select_signing_key(&made, at(day), at(day)).unwrap().file, wanted, "day {day}");
        }
    }
}
