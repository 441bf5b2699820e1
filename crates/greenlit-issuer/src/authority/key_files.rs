//! Private keys in files: PKCS#8 in PEM, their owner's alone.

use std::path::{Path, PathBuf};

use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use super::{AuthorityError, Result};
use crate::register::FILE_NAME as REGISTER;
use crate::{PersonKey, PrivateKey};

/// A key takes 119 bytes; the rest is room for text around it.
const MAX_KEY: usize = 8 << 10;

/// Reads a PKCS#8 PEM file that only its owner may read.
pub(crate) fn read_private_key(path: &Path) -> Result<PrivateKey> {
    if mode_for_others(path).is_some() { Err(AuthorityError::OpenKey(path.into())) } else { read_any(path) }
}

/// A key kept elsewhere than in the authority's folder.
pub struct ExternalKey {
    /// Where it is.
    pub path: PathBuf,
    /// The key.
    pub key: PrivateKey,
    /// Whether others on this machine may read it, which nobody can change on the file system of a removable disk.
    pub open_to_others: bool,
}

impl ExternalKey {
    /// Reads one, whoever else may.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self { path: path.into(), key: read_any(path)?, open_to_others: mode_for_others(path).is_some() })
    }
}

fn read_any(path: &Path) -> Result<PrivateKey> {
    let bytes = read_limited(path, MAX_KEY, Symlinks::Follow)?;
    PrivateKey::from_pem_bytes(&bytes).map_err(|error| AuthorityError::Key { path: path.into(), error })
}

/// Makes a private key and writes it where there is none yet.
pub fn make_private_key(path: &Path) -> Result<PrivateKey> {
    let key = new_private_key()?;
    write_private_key(path, &key).map(|()| key)
}

/// Makes a private key in memory alone.
pub(crate) fn new_private_key() -> Result<PrivateKey> {
    PrivateKey::from_seed(&random()?).map_err(|error| AuthorityError::Key { path: "a new key".into(), error })
}

/// Writes a private key where there is none yet.
pub(crate) fn write_private_key(path: &Path, key: &PrivateKey) -> Result<()> {
    let pem = key.to_pem().map_err(|error| AuthorityError::Key { path: path.into(), error })?;
    Ok(write_atomic(path, pem.as_bytes(), 0o600, IfExists::Keep)?)
}

/// Random numbers from the system, many at a time.
pub(crate) struct Draws {
    numbers: [[u8; 8]; 512],
    next: usize,
}

impl Draws {
    pub(crate) fn new() -> Result<Self> {
        let mut draws = Self { numbers: [[0; 8]; 512], next: 0 };
        getrandom::fill(draws.numbers.as_flattened_mut())?;
        Ok(draws)
    }

    /// Should the system fail later on, earlier numbers come again: they are none that anybody may not know.
    pub(crate) fn next(&mut self) -> u64 {
        if self.next == self.numbers.len() {
            let _ = getrandom::fill(self.numbers.as_flattened_mut());
            self.next = 0;
        }
        let number = self.numbers.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        u64::from_le_bytes(number)
    }
}

/// The name of the key by which persons are referred to, among the private keys.
pub(super) const PERSON_KEY: &str = "person.key";

/// Reads the key by which persons are referred to: 64 hexadecimal digits.
pub(super) fn read_person_key(path: &Path) -> Result<PersonKey> {
    if mode_for_others(path).is_some() {
        return Err(AuthorityError::OpenKey(path.into()));
    }
    let bytes = read_limited(path, MAX_KEY, Symlinks::Follow)?;
    let mut secret = [0; 32];
    let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
    hex::decode_to_slice(text, &mut secret).map_err(|_| AuthorityError::NoPersonKey(path.into()))?;
    Ok(PersonKey::new(&secret))
}

/// Makes one where there is none; one that another command has made meanwhile stays.
pub(super) fn make_person_key(path: &Path) -> Result<()> {
    let text = hex::encode(random()?) + "\n";
    match write_atomic(path, text.as_bytes(), 0o600, IfExists::Keep) {
        Ok(()) | Err(FileError::Exists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// 32 random bytes from the system.
pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Requires that nobody else looks into an authority's folder or reads its private keys.
pub(super) fn check_private(folder: &Path) -> Result<()> {
    if !folder.join(REGISTER).is_file() && !folder.join(super::settings::FILE_NAME).is_file() {
        return Ok(());
    }
    if let Some(mode) = mode_for_others(folder) {
        return Err(AuthorityError::OpenFolder { path: folder.into(), mode });
    }
    let keys = std::fs::read_dir(folder.join("keys")).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut keys: Vec<PathBuf> =
        keys.filter(|path| path.extension().is_some_and(|ending| ending == "pem" || ending == "key")).collect();
    keys.sort();
    let open = keys.into_iter().find(|path| mode_for_others(path).is_some());
    open.map_or(Ok(()), |path| Err(AuthorityError::OpenKey(path)))
}

/// The mode of what is not its owner's alone. The mode counts, not whether this user may: for root every one opens.
pub(super) fn mode_for_others(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o7777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
