//! Puts a root that tills would take into the authority's folder.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use crate::PrivateKey;
use greenlit_core::key::PublicKey;
use greenlit_core::publication::root_file;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Root;
use greenlit_files::{IfExists, write_atomic};

use super::change::no_other_work;
use super::{Result, RootError};
use crate::cli::authority::{Authority, AuthorityError, read_private_key};
use crate::cli::init::key_row;
use crate::cli::register::{KeyRow, insert_key};

/// Enters its keys in the register, then writes it; a command cut short in between can be given again.
pub(super) fn install(authority: &mut Authority, root: &Root, now: UnixTime) -> Result<()> {
    no_other_work(authority, root.root_keys.keys().iter().chain(root.bundle_keys.keys()))?;
    let files = files_by_key(authority);
    let row = |role: &'static str| {
        let files = &files;
        move |key: &PublicKey| {
            // A key on a stick has a name by which it would be found, were it put into keys/.
            let file = files.get(key.as_bytes()).cloned().unwrap_or_else(|| format!("{role}-{}.pem", key.id()));
            key_row(key, role, file, now, root.expires)
        }
    };
    let root_rows = root.root_keys.keys().iter().map(row("root"));
    let rows: Vec<KeyRow> = root_rows.chain(root.bundle_keys.keys().iter().map(row("bundle"))).collect();
    let at = now.seconds().cast_signed();
    let entered = authority.register.change(|t| {
        rows.iter().try_for_each(|row| insert_key(t, row))?;
        t.execute("UPDATE key SET retired_at = ?1 WHERE role IN ('root', 'bundle') AND retired_at IS NULL", [at])?;
        // One that has changed its work since an earlier root is listed by what it does now.
        let sql = "UPDATE key SET retired_at = NULL, not_after = ?1, role = ?2 WHERE kid = ?3";
        let until = root.expires.seconds().cast_signed();
        rows.iter().try_for_each(|row| t.execute(sql, params![until, row.role, row.kid]).map(drop))
    });
    entered.map_err(AuthorityError::from)?;
    let path = authority.folder().join("roots").join(root_file(root.number));
    Ok(write_atomic(&path, root.as_bytes(), 0o644, IfExists::Keep)?)
}

/// The private keys in keys/, by their public halves.
fn files_by_key(authority: &Authority) -> BTreeMap<[u8; 32], String> {
    let folder = authority.folder().join("keys");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name.ends_with(".pem"));
    // One that cannot be read is not at hand; if it is needed, `can_publish` says so.
    names.filter_map(|name| Some((*read_private_key(&folder.join(&name)).ok()?.public().as_bytes(), name))).collect()
}

/// A root under which nobody could publish would silence the authority: as many of its bundle keys as
/// must sign are in keys/, or among those shown.
pub(super) fn can_publish<'k>(
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
