//! Puts a root that tills would take into the authority's folder.

use std::collections::{BTreeMap, BTreeSet};

use greenlit_core::key::PublicKey;
use greenlit_core::publication::root_file;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Root;
use greenlit_files::{IfExists, write_atomic};

use super::change::check_single_role;
use super::{Result, RootError};
use crate::PrivateKey;
use crate::authority::{Authority, AuthorityError, KeyFile};
use crate::register::{KeyRecord, Role};

/// Puts a root that others have signed into force here. `shown` are bundle keys that are kept elsewhere.
pub fn install_signed(authority: &mut Authority, root: &Root, shown: &[PrivateKey], now: UnixTime) -> Result<()> {
    check_publishable(authority, root, shown)?;
    install(authority, root, now)
}

/// Enters its keys in the register, then writes it; a command cut short in between can be given again.
pub(super) fn install(authority: &mut Authority, root: &Root, now: UnixTime) -> Result<()> {
    check_single_role(authority, root.root_keys.keys().iter().chain(root.bundle_keys.keys()))?;
    let files = files_by_key(authority, root.root_keys.keys().iter().chain(root.bundle_keys.keys()))?;
    let record = |role: Role| {
        let files = &files;
        move |key: &PublicKey| {
            // A key on a removable disk has a name by which it would be found, were it put into keys/.
            let file = files.get(key.as_bytes()).cloned().unwrap_or_else(|| format!("{role}-{}.pem", key.id()));
            KeyRecord::new(key.clone(), role, file, now, root.expires)
        }
    };
    let root_keys = root.root_keys.keys().iter().map(record(Role::Root));
    let records: Vec<KeyRecord> = root_keys.chain(root.bundle_keys.keys().iter().map(record(Role::Bundle))).collect();
    let (register, by) = authority.acting(now);
    register.set_root_keys(&records, &by).map_err(AuthorityError::from)?;
    let path = authority.folder().join("roots").join(root_file(root.number));
    Ok(write_atomic(&path, root.as_bytes(), 0o644, IfExists::Keep)?)
}

/// The private keys in keys/, by their public halves. Of one that is encrypted the register says whose it is. One that
/// the register does not know, as a proposal leaves it, is opened where it may be among those wanted.
fn files_by_key<'k>(
    authority: &Authority,
    wanted: impl IntoIterator<Item = &'k PublicKey>,
) -> Result<BTreeMap<[u8; 32], String>> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let entries = std::fs::read_dir(authority.key_path("")).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name.ends_with(".pem"));
    let (mut found, mut locked) = (BTreeMap::new(), Vec::new());
    for name in names {
        match KeyFile::read(&authority.key_path(&name)) {
            Ok(KeyFile::Plain(key)) => drop(found.insert(*key.public().as_bytes(), name)),
            Ok(KeyFile::Encrypted(key)) => match records.iter().find(|record| record.file == name) {
                Some(record) => drop(found.insert(*record.key.as_bytes(), name)),
                None => locked.push((name, key)),
            },
            // One that cannot be read is not at hand; if it is needed, `check_publishable` says so.
            Err(_) => {}
        }
    }
    let mut wanted: BTreeSet<[u8; 32]> = wanted.into_iter().map(|key| *key.as_bytes()).collect();
    wanted.retain(|key| !found.contains_key(key));
    for (name, key) in locked {
        if wanted.is_empty() {
            break;
        }
        if let Ok(key) = authority.passphrases.open(&authority.key_path(&name), &key) {
            wanted.remove(key.public().as_bytes());
            found.insert(*key.public().as_bytes(), name);
        }
    }
    Ok(found)
}

/// A root under which nobody could publish would silence the authority: as many of its bundle keys as
/// must sign are in keys/, or among those shown.
pub(super) fn check_publishable<'k>(
    authority: &Authority,
    root: &Root,
    shown: impl IntoIterator<Item = &'k PrivateKey>,
) -> Result<()> {
    let keys = root.bundle_keys.keys();
    let mut at_hand: BTreeSet<[u8; 32]> = shown.into_iter().map(|key| *key.public().as_bytes()).collect();
    let unseen: Vec<_> = keys.iter().filter(|key| !at_hand.contains(key.as_bytes())).collect();
    at_hand.extend(files_by_key(authority, unseen)?.into_keys());
    let lacking: Vec<_> = keys.iter().filter(|key| !at_hand.contains(key.as_bytes())).map(PublicKey::id).collect();
    let (threshold, here) = (root.bundle_keys.threshold(), keys.len() - lacking.len());
    if here < threshold { Err(RootError::NoBundleKey { threshold, here, lacking }) } else { Ok(()) }
}
