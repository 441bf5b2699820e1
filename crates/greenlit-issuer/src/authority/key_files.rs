//! Private keys in files: PKCS#8 in PEM, with or without a passphrase, their owner's alone.

use std::path::{Path, PathBuf};

use greenlit_files::{FileError, IfExists, Symlinks, read_limited, sync_folder, write_atomic};
use zeroize::Zeroizing;

use super::{AuthorityError, Result};
use crate::encrypted::EncryptedKey;
use crate::passphrase::{Passphrase, Passphrases};
use crate::register::FILE_NAME as REGISTER;
use crate::{PersonKey, PrivateKey, PrivateKeyError, pem};

/// A key takes 119 bytes, encrypted some 300; the rest is room for text around it.
const MAX_KEY: usize = 8 << 10;

/// What a key file holds.
pub(crate) enum KeyFile {
    /// A key that whoever reads the file has.
    Plain(Box<PrivateKey>),
    /// A key that a passphrase opens.
    Encrypted(EncryptedKey),
}

impl KeyFile {
    /// Reads a PKCS#8 PEM file that only its owner may read.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        if mode_for_others(path).is_some() { Err(AuthorityError::OpenKey(path.into())) } else { Self::read_any(path) }
    }

    fn read_any(path: &Path) -> Result<Self> {
        let bytes = Zeroizing::new(read_limited(path, MAX_KEY, Symlinks::Follow)?);
        match PrivateKey::from_pem_bytes(&bytes) {
            Ok(key) => Ok(Self::Plain(Box::new(key))),
            Err(PrivateKeyError::Encrypted) => EncryptedKey::from_pem(&pem::text_of(&bytes))
                .map(Self::Encrypted)
                .map_err(|error| AuthorityError::EncryptedKey { path: path.into(), error }),
            Err(error) => Err(AuthorityError::Key { path: path.into(), error }),
        }
    }

    fn open(self, path: &Path, passphrases: &Passphrases) -> Result<PrivateKey> {
        match self {
            Self::Plain(key) => Ok(*key),
            Self::Encrypted(key) => passphrases.open(path, &key),
        }
    }
}

/// Reads a private key that only its owner may read, and asks for its passphrase if it has one.
pub(crate) fn read_private_key(path: &Path, passphrases: &Passphrases) -> Result<PrivateKey> {
    KeyFile::read(path)?.open(path, passphrases)
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
    pub fn read(path: &Path, passphrases: &Passphrases) -> Result<Self> {
        let key = KeyFile::read_any(path)?.open(path, passphrases)?;
        Ok(Self { path: path.into(), key, open_to_others: mode_for_others(path).is_some() })
    }
}

/// Makes a private key and writes it where there is none yet, encrypted if there is a passphrase.
pub fn make_private_key(path: &Path, passphrase: Option<&Passphrase>) -> Result<PrivateKey> {
    let key = new_private_key()?;
    write_private_key(path, &key, passphrase).map(|()| key)
}

/// Makes a private key in memory alone.
pub(crate) fn new_private_key() -> Result<PrivateKey> {
    let seed = Zeroizing::new(random()?);
    PrivateKey::from_seed(&seed).map_err(|error| AuthorityError::Key { path: "a new key".into(), error })
}

/// Writes a private key where there is none yet, encrypted if there is a passphrase.
pub(crate) fn write_private_key(path: &Path, key: &PrivateKey, passphrase: Option<&Passphrase>) -> Result<()> {
    let pem = pem_of(path, key, passphrase)?;
    Ok(write_atomic(path, pem.as_bytes(), 0o600, IfExists::Keep)?)
}

/// Writes the same key anew in its file's place, encrypted or not. What was written beside it is read back before it
/// takes that place, so that there is no moment without the key.
pub(crate) fn rewrite_private_key(path: &Path, key: &PrivateKey, passphrase: Option<&Passphrase>) -> Result<()> {
    // A link leads to where the key is, which is not to stay there in its old form.
    let io = |error| FileError::of(path, error);
    let path = &path.canonicalize().map_err(io)?;
    let pem = pem_of(path, key, passphrase)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.new"));
    write_atomic(&beside, pem.as_bytes(), 0o600, IfExists::Replace)?;
    let there = match (KeyFile::read_any(&beside), passphrase) {
        (Ok(KeyFile::Plain(there)), None) => Some(*there),
        (Ok(KeyFile::Encrypted(there)), Some(passphrase)) => there.open(passphrase).ok(),
        _ => None,
    };
    if there.is_none_or(|there| there.public() != key.public()) {
        let _ = std::fs::remove_file(&beside);
        return Err(AuthorityError::NotReadBack(path.into()));
    }
    std::fs::rename(&beside, path).map_err(io)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")));
    Ok(())
}

fn pem_of(path: &Path, key: &PrivateKey, passphrase: Option<&Passphrase>) -> Result<Zeroizing<String>> {
    let Some(passphrase) = passphrase else {
        return key.to_pem().map_err(|error| AuthorityError::Key { path: path.into(), error });
    };
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    getrandom::fill(&mut salt)?;
    getrandom::fill(&mut iv)?;
    EncryptedKey::write(key, passphrase, salt, iv)
        .map_err(|error| AuthorityError::EncryptedKey { path: path.into(), error })
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
pub(crate) const PERSON_KEY: &str = "person.key";

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
pub(crate) fn check_private(folder: &Path) -> Result<()> {
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
pub(crate) fn mode_for_others(path: &Path) -> Option<u32> {
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
