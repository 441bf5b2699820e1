//! Passphrases of key files and PINs of tokens: who is asked for them, and what is tried.
//!
//! Nothing here touches a terminal: whoever uses the library says who is asked, by [`AskPassphrase`].

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use greenlit_files::{FileError, Symlinks, read_limited};
use zeroize::Zeroizing;

use crate::PrivateKey;
use crate::authority::{AuthorityError, mode_for_others};
use crate::encrypted::{EncryptedKey, EncryptedKeyError};

/// Longest passphrase in bytes; OpenSSL's tools take 1,023.
const MAX_PASSPHRASE: usize = 1_000;
/// Of a file only the first line counts.
const MAX_FILE: usize = 8 << 10;
/// How many passphrases are asked for one key.
const TRIES: usize = 3;

/// A passphrase or PIN, wiped from memory when dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

/// Why a passphrase was not had.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PassphraseError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: other users of this machine can read it; run: chmod 600 {path}", path = .0.display())]
    Open(PathBuf),
    #[error("{path}: {error}", path = .path.display())]
    InFile { path: PathBuf, error: Box<PassphraseError> },
    #[error("the passphrase is empty")]
    Empty,
    #[error("the passphrase is longer than {MAX_PASSPHRASE} bytes")]
    TooLong,
    #[error("the two passphrases differ; nothing was changed")]
    Differ,
    #[error("the terminal could not be read: {0}")]
    Terminal(std::io::Error),
}

impl Passphrase {
    /// Neither empty nor longer than OpenSSL takes.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, PassphraseError> {
        match bytes.len() {
            0 => Err(PassphraseError::Empty),
            length if length > MAX_PASSPHRASE => Err(PassphraseError::TooLong),
            _ => Ok(Self(bytes)),
        }
    }

    /// The first line of a file that only its owner may read.
    pub fn read(path: &Path) -> Result<Self, PassphraseError> {
        if mode_for_others(path).is_some() {
            return Err(PassphraseError::Open(path.into()));
        }
        Self::read_guarded(path)
    }

    /// The first line of a file, whoever may read it: of systemd's credentials, which it guards itself.
    pub fn read_guarded(path: &Path) -> Result<Self, PassphraseError> {
        let bytes = Zeroizing::new(read_limited(path, MAX_FILE, Symlinks::Follow)?);
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Self::new(line.to_vec().into())
            .map_err(|error| PassphraseError::InFile { path: path.into(), error: Box::new(error) })
    }

    /// Its bytes: UTF-8 where somebody typed it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase")
    }
}

/// What a passphrase is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret<'a> {
    /// A key file that is encrypted.
    KeyFile(&'a Path),
    /// Key files that are about to be written; whoever types it types it twice.
    NewKeys,
    /// The PIN of a token, by its label. A token counts wrong ones and locks itself, so it is asked for once.
    Pin(&'a str),
}

/// Who is asked for passphrases.
pub trait AskPassphrase: Send {
    /// The passphrase or PIN for this. `wrong` says how many were given for it already that did not open it. `None`
    /// where there is nobody to ask, or no other one to be had.
    fn ask(&mut self, what: Secret<'_>, wrong: usize) -> Result<Option<Passphrase>, PassphraseError>;
}

/// Nobody.
pub struct NobodyToAsk;

impl AskPassphrase for NobodyToAsk {
    fn ask(&mut self, _: Secret<'_>, _: usize) -> Result<Option<Passphrase>, PassphraseError> {
        Ok(None)
    }
}

/// The passphrases of one command: what opened one key is tried on the next before anybody is asked again.
pub struct Passphrases(Mutex<Asking>);

struct Asking {
    who: Box<dyn AskPassphrase>,
    right: Vec<Passphrase>,
}

impl Passphrases {
    /// Of whom to ask.
    pub fn of(who: Box<dyn AskPassphrase>) -> Self {
        Self(Mutex::new(Asking { who, right: Vec::new() }))
    }

    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the key of this file, and asks for its passphrase if none is known that opens it.
    pub(crate) fn open(&self, path: &Path, key: &EncryptedKey) -> Result<PrivateKey, AuthorityError> {
        if let Some(key) = self.open_unasked(path, key)? {
            return Ok(key);
        }
        let mut asking = self.asking();
        for wrong in 0..TRIES {
            let Some(passphrase) = asking.who.ask(Secret::KeyFile(path), wrong)? else {
                let none = wrong == 0;
                let path = path.into();
                return Err(if none {
                    AuthorityError::NoPassphrase(path)
                } else {
                    AuthorityError::WrongPassphrase(path)
                });
            };
            if let Some(key) = attempt(path, key, &passphrase)? {
                asking.right.push(passphrase);
                return Ok(key);
            }
        }
        Err(AuthorityError::WrongPassphrase(path.into()))
    }

    /// Opens the key of this file if a passphrase is known that does.
    pub(crate) fn open_unasked(&self, path: &Path, key: &EncryptedKey) -> Result<Option<PrivateKey>, AuthorityError> {
        for passphrase in &self.asking().right {
            if let Some(key) = attempt(path, key, passphrase)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The passphrase that new key files are to have.
    pub fn for_new_keys(&self) -> Result<Passphrase, AuthorityError> {
        let mut asking = self.asking();
        let passphrase = asking.who.ask(Secret::NewKeys, 0)?.ok_or(AuthorityError::NoNewPassphrase)?;
        asking.right.push(passphrase.clone());
        Ok(passphrase)
    }

    /// The PIN of a token.
    pub(crate) fn pin(&self, token: &str) -> Result<Option<Passphrase>, PassphraseError> {
        self.asking().who.ask(Secret::Pin(token), 0)
    }
}

/// None where this is another passphrase than the key's.
fn attempt(path: &Path, key: &EncryptedKey, passphrase: &Passphrase) -> Result<Option<PrivateKey>, AuthorityError> {
    match key.open(passphrase) {
        Ok(key) => Ok(Some(key)),
        Err(EncryptedKeyError::WrongPassphrase) => Ok(None),
        Err(error) => Err(AuthorityError::EncryptedKey { path: path.into(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives these one after the other, and counts.
    struct Queue(Vec<&'static str>, std::sync::Arc<std::sync::atomic::AtomicUsize>);

    impl AskPassphrase for Queue {
        fn ask(&mut self, _: Secret<'_>, wrong: usize) -> Result<Option<Passphrase>, PassphraseError> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.0.get(wrong).map(|text| Passphrase::new(text.as_bytes().to_vec().into())).transpose()
        }
    }

    fn locked(seed: u8, passphrase: &str) -> EncryptedKey {
        let passphrase = Passphrase::new(passphrase.as_bytes().to_vec().into()).unwrap();
        let key = PrivateKey::from_seed(&[seed; 32]).unwrap();
        EncryptedKey::from_pem(&EncryptedKey::write(&key, &passphrase, [seed; 16], [9; 16]).unwrap()).unwrap()
    }

    #[test]
    fn what_opened_one_key_is_tried_on_the_next_before_anybody_is_asked_again() {
        let asked = std::sync::Arc::default();
        let passphrases = Passphrases::of(Box::new(Queue(vec!["b", "a"], std::sync::Arc::clone(&asked))));
        let path = Path::new("k.pem");
        assert!(passphrases.open_unasked(path, &locked(1, "a")).unwrap().is_none());
        passphrases.open(path, &locked(1, "a")).unwrap();
        passphrases.open(path, &locked(2, "a")).unwrap();
        assert!(passphrases.open_unasked(path, &locked(3, "a")).unwrap().is_some());
        assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 2);
    }

    #[test]
    fn nobody_is_asked_more_than_three_times_and_a_wrong_passphrase_is_told_from_none() {
        let asked = std::sync::Arc::default();
        let passphrases = Passphrases::of(Box::new(Queue(vec!["b", "c", "d", "a"], std::sync::Arc::clone(&asked))));
        let path = Path::new("k.pem");
        let error = passphrases.open(path, &locked(1, "a")).unwrap_err();
        assert!(matches!(error, AuthorityError::WrongPassphrase(_)), "{error}");
        assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);
        let error = Passphrases::of(Box::new(NobodyToAsk)).open(path, &locked(1, "a")).unwrap_err();
        assert!(matches!(error, AuthorityError::NoPassphrase(_)), "{error}");
    }

    #[test]
    fn a_passphrase_is_the_first_line_of_its_file_without_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            let path = folder.path().join("passphrase");
            std::fs::write(&path, bytes).unwrap();
            Passphrase::read_guarded(&path)
        };
        for (bytes, wanted) in [
            (b"abc".as_slice(), b"abc".as_slice()),
            (b"abc\nnext\n", b"abc"),
            (b" a b \r\n", b" a b "),
            ("пароль\n".as_bytes(), "пароль".as_bytes()),
        ] {
            assert_eq!(read(bytes).unwrap().as_bytes(), wanted);
        }
        for empty in [b"".as_slice(), b"\n", b"\r\n", b"\nabc"] {
            assert!(read(empty).unwrap_err().to_string().ends_with("the passphrase is empty"));
        }
        assert!(read(&[b'a'; 1_001]).unwrap_err().to_string().contains("longer than 1000 bytes"));
        assert!(matches!(read(&[b'a'; 10_000]), Err(PassphraseError::File(FileError::TooLarge { .. }))));
    }
}
