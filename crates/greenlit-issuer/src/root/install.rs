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
use crate::authority::{Authority, AuthorityError, read_private_key};
use crate::register::{KeyRecord, Role};

/// Puts a root that others have signed into force here. `shown` are bundle keys that are kept elsewhere.
pub fn install_signed(authority: &mut Authority, root: &Root, shown: &[PrivateKey], now: UnixTime) -> Result<()> {
    check_publishable(authority, root, shown)?;
    install(authority, root, now)
}

/// Enters its keys in the register, then writes it; a command cut short in between can be given again.
pub(super) fn install(authority: &mut Authority, root: &Root, now: UnixTime) -> Result<()> {
    check_single_role(authority, root.root_keys.keys().iter().chain(root.bundle_keys.keys()))?;
    let files = files_by_key(authority);
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

/// The private keys in keys/, by their public halves.
fn files_by_key(authority: &Authority) -> BTreeMap<[u8; 32], String> {
    let folder = authority.folder().join("keys");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name.ends_with(".pem"));
    // One that cannot be read is not at hand; if it is needed, `check_publishable` says so.
    names.filter_map(|name| Some((*read_private_key(&folder.join(&name)).ok()?.public().as_bytes(), name))).collect()
}

/// A root under which nobody could publish would silence the authority: as many of its bundle keys as
/// must sign are in keys/, or among those shown.
pub(super) fn check_publishable<'k>(
    authority: &Authority,
    root: &Root,
    shown: impl IntoIterator<Item = &'k PrivateKey>,
) -> Result<()> {
    let mut at_hand: BTreeSet<[u8; 32]> = files_by_key(authority).into_keys().collect();
    at_hand.extend(shown.into_iter().map(|key| *key.public().as_bytes()));
    let keys = root.bundle_keys.keys();
    let lacking: Vec<_> = keys.iter().filter(|key| !at_hand.contains(key.as_bytes())).map(PublicKey::id).collect();
    let (threshold, here) = (root.bundle_keys.threshold(), keys.len() - lacking.len());
    if here < threshold { Err(RootError::NoBundleKey { threshold, here, lacking }) } else { Ok(()) }
}
