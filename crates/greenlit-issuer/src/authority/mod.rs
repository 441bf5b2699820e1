//! An authority's folder: settings, private keys, roots, rules and register.
//!
//! ```text
//! authority.toml   who it is; made by `init`
//! rules.toml       what passes give; edited by people
//! register.db      keys, lists, issued passes, unless authority.toml names a database
//! published-version  the newest, so that an old copy of the register is noticed
//! keys/*.pem       private keys, PKCS#8 PEM, encrypted or not, mode 0600; the root keys belong on a stick in a safe
//! keys/person.key  by which persons are referred to in the register
//! roots/root-<n>.cbor
//! ```

mod backup;
mod key_files;
mod register_setting;
mod settings;

use std::path::{Path, PathBuf};

use crate::encrypted::EncryptedKeyError;
use crate::operator::{Actor, Operator};
use crate::passphrase::{AskPassphrase, NobodyToAsk, PassphraseError, Passphrases};
use crate::register::{self, DatabaseError, KeyRecord, Register, RegisterError, RegisterPlace, Role, status_list_uri};
use crate::rules::{self, Rules, RulesError};
use crate::signer::Signer;
use crate::token::{self, TokenError, TokenKey, TokenSettings, TokenUri};
use crate::witness::{Witness, WitnessError};
use crate::{PersonKey, PrivateKey, PrivateKeyError, Zone};
use greenlit_core::key::KeyId;
use greenlit_core::pass::Class;
use greenlit_core::publication::root_file;
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{DocumentError, Root, limits};
use greenlit_files::{FileError, Symlinks, read_limited};

pub(crate) use backup::Lacking;
pub use backup::{ReplayError, Replayed};
#[cfg(feature = "serve")]
pub(crate) use key_files::PERSON_KEY;
pub(crate) use key_files::{
    Draws, KeyFile, check_private, mode_for_others, new_private_key, random, read_private_key, rewrite_private_key,
    write_private_key,
};
pub use key_files::{ExternalKey, make_private_key};
pub use register_setting::RegisterSetting;
#[cfg(feature = "serve")]
pub(crate) use settings::FILE_NAME as SETTINGS_FILE;
pub(crate) use settings::Settings;
pub use settings::TimeOf;

/// What goes wrong in an authority's folder.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum AuthorityError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("{0}: the register there is another authority's; see `register` in authority.toml")]
    OtherRegister(String),
    #[error(
        "{}: is the witness of the desk {desk}, and this one is called {ours}; say desk = \"{desk}\" in authority.toml where it has another name now, or have this one use a witness of its own (`witness`)",
        .witness.display()
    )]
    OtherDesk { witness: PathBuf, desk: String, ours: String },
    #[error("{}: not a password in one line", .0.display())]
    NoPassword(PathBuf),
    #[error(transparent)]
    Rules(#[from] RulesError),
    #[error("{path}: {why}")]
    Settings { path: String, why: String },
    #[error("{path}: {error}", path = .path.display())]
    Key { path: PathBuf, error: PrivateKeyError },
    #[error("{path}: {error}", path = .path.display())]
    EncryptedKey { path: PathBuf, error: EncryptedKeyError },
    #[error("{path}: is encrypted; give its passphrase at a terminal, or in a file with --passphrase-file", path = .0.display())]
    NoPassphrase(PathBuf),
    #[error("wrong passphrase for {path}", path = .0.display())]
    WrongPassphrase(PathBuf),
    #[error("a passphrase for the new keys is needed; give it at a terminal, or in a file with --passphrase-file")]
    NoNewPassphrase,
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    #[error("{path}: could not be read back as it was written, and was left as it is", path = .0.display())]
    NotReadBack(PathBuf),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("{kid} is a {role} key inside a token; only issuer keys sign there")]
    OnlyIssuersInTokens { kid: KeyId, role: Role },
    #[error("{path}: not the key {kid} registered under this name", path = .path.display())]
    OtherKey { path: PathBuf, kid: KeyId },
    #[error("{}: not the key by which persons are referred to (64 hexadecimal digits); restore it from your backup", .0.display())]
    NoPersonKey(PathBuf),
    #[error("{}: lost, or another authority's; without it nobody can tell who has a pass already: restore it from your backup", .0.display())]
    OtherPersonKey(PathBuf),
    #[error("{path}: other users of this machine can read it; run: chmod 600 {path}", path = .0.display())]
    OpenKey(PathBuf),
    #[error("{path}: holds private keys, but other users of this machine can look into it (mode {mode:04o}); run: chmod 700 {path}", path = .path.display())]
    OpenFolder { path: PathBuf, mode: u32 },
    #[error(
        "version {there} was published, but the register only knows {known}: it is an old copy, missing passes and revocations; restore the newest one (if nobody here published that version, somebody else has the bundle key: `greenlit-issuer root new --replace-bundle-key`)"
    )]
    RegisterBehind { there: u64, known: u64 },
    #[error(
        "root {there} was published, but this folder only knows {known}: it is an old copy; restore the newest one"
    )]
    RootsBehind { there: u64, known: u64 },
    #[error(
        "the register is an old copy: {issued} passes and {changed} status changes in the witness {witness} are missing; restore the newest copy, or recover them with `greenlit-issuer replay FOLDER`", witness = .witness.display()
    )]
    RegisterLacks { issued: usize, changed: usize, witness: PathBuf },
    #[error(transparent)]
    Witness(#[from] WitnessError),
    #[error("no {role} key can sign; see `greenlit-issuer keys`")]
    NoKey { role: Role },
    #[error("{path}: {error}", path = .path.display())]
    Root { path: PathBuf, error: DocumentError },
    #[error("{path}: contains no root", path = .0.display())]
    NoRoot(PathBuf),
    #[error("the system's random number generator failed: {0}")]
    Random(#[from] getrandom::Error),
}

/// Something that a command tells beside its result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Notice {
    #[error("an interrupted command was completed from the witness")]
    PutBack,
    #[error("the witness {} is missing; starting a new one", .0.display())]
    WitnessGone(PathBuf),
    #[error("no home folder to keep a witness in; set `witness` in authority.toml")]
    NoWitness,
}

/// An authority, opened.
pub struct Authority {
    folder: PathBuf,
    pub(crate) name: Text,
    pub(crate) region: String,
    pub(crate) zone: Zone,
    pub(crate) classes: Vec<Class>,
    pub(crate) list_uri: String,
    /// Above so many revocations in a day it takes a second operator's word, where it ever does.
    pub(crate) second_word_above: Option<u64>,
    pub(crate) erase_after_days: Option<u32>,
    pub(crate) register: Box<dyn Register>,
    place: RegisterPlace,
    /// None for practice, and where there is no place for it.
    witness: Option<Witness>,
    operator: Operator,
    pub(crate) passphrases: Passphrases,
    pub(crate) tokens: TokenSettings,
}

/// Where the private half of a key is, as far as it shows without a passphrase or PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file of keys/, of this name.
    File(String),
    /// The same, encrypted.
    EncryptedFile(String),
    /// Inside a token.
    Token(TokenUri),
    /// Not here.
    Elsewhere,
}

type Result<T> = std::result::Result<T, AuthorityError>;

impl Authority {
    /// Opens the authority in this folder, if its register is no old copy.
    pub fn open(folder: &Path, notify: &mut dyn FnMut(Notice)) -> Result<Self> {
        let mut authority = Self::open_unchecked(folder, notify)?;
        authority.check_not_rolled_back()?;
        authority.check_witness(notify)?;
        Ok(authority)
    }

    /// Whatever its register lacks: for [`Self::replay`].
    pub fn open_unchecked(folder: &Path, notify: &mut dyn FnMut(Notice)) -> Result<Self> {
        key_files::check_private(folder)?;
        let none = !folder.join(settings::FILE_NAME).is_file() && !folder.join(register::FILE_NAME).is_file();
        if none {
            return Err(RegisterError::NoAuthority(folder.display().to_string()).into());
        }
        let settings = Settings::read(folder)?;
        let place = settings.register_place(folder)?;
        let register = register::open(folder, &place)?;
        if let RegisterPlace::Database(database) = &place {
            check_ours(register.as_ref(), database.shown(), &settings.list_uri)?;
        }
        let path = folder.join(settings::FILE_NAME);
        let bad = |why: String| settings::wrong(&path, &why);
        let zone = settings.zone().map_err(bad)?;
        if settings.classes.is_empty() {
            return Err(bad("classes is empty".into()));
        }
        Ok(Self {
            folder: folder.into(),
            name: Text::new("name", settings.name).map_err(|error| bad(error.to_string()))?,
            region: settings.region,
            zone,
            classes: settings.classes.into_iter().map(Class).collect(),
            witness: backup::witness_of(
                &settings.list_uri,
                settings.desk.as_deref(),
                settings.witness,
                settings.demo,
                notify,
            ),
            list_uri: settings.list_uri,
            second_word_above: settings.second_word_above,
            erase_after_days: settings.erase_after_days,
            register,
            place,
            operator: Operator::of_system(),
            passphrases: Passphrases::of(Box::new(NobodyToAsk)),
            tokens: TokenSettings {
                module: settings.pkcs11_module,
                pin_file: settings.pkcs11_pin_file.map(|file| folder.join(file)),
            },
        })
    }

    /// Has this one asked for passphrases and PINs; without it, nobody is.
    pub fn ask_passphrases_of(&mut self, who: Box<dyn AskPassphrase>) {
        self.passphrases = Passphrases::of(who);
    }

    /// Its register, to look at.
    pub fn register(&self) -> &dyn Register {
        self.register.as_ref()
    }

    /// Where its register is.
    pub(crate) fn register_place(&self) -> &RegisterPlace {
        &self.place
    }

    /// The register, and whoever changes it now.
    pub(crate) fn acting(&mut self, at: UnixTime) -> (&mut dyn Register, Actor<'_>) {
        let actor = Actor { operator: &self.operator, at, witness: self.witness.as_ref() };
        (self.register.as_mut(), actor)
    }

    /// From now on it is this one who acts; until then it is the system's user.
    pub fn act_as(&mut self, operator: Operator) {
        self.operator = operator;
    }

    /// What it is called, by language.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Who acts.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// From now on nothing is witnessed: for a copy in which something is only tried.
    pub(crate) fn leave_witness(&mut self) {
        self.witness = None;
    }

    /// Whether persons were ever referred to.
    pub(crate) fn has_person_key(&self) -> Result<bool> {
        Ok(self.register.has_person_key()?)
    }

    /// Its witness; a practice authority has none.
    pub(crate) fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What passes give, and the terms of issuing, as they stand in the folder now.
    pub fn rules(&self) -> Result<Rules> {
        Ok(rules::read(&self.folder, &self.zone)?)
    }

    /// The newest root.
    pub fn newest_root(&self) -> Result<Root> {
        self.roots()?.pop().ok_or_else(|| AuthorityError::NoRoot(self.folder.clone()))
    }

    /// Every root, checked step by step.
    pub fn roots(&self) -> Result<Vec<Root>> {
        let folder = self.folder.join("roots");
        let mut roots: Vec<Root> = Vec::new();
        loop {
            let path = folder.join(root_file(roots.len() as u64 + 1));
            let bytes = match read_limited(&path, limits::MAX_ROOT_BYTES, Symlinks::Follow) {
                Ok(bytes) => bytes,
                Err(FileError::NotFound(_)) if !roots.is_empty() => return Ok(roots),
                Err(FileError::NotFound(_)) => return Err(AuthorityError::NoRoot(folder)),
                Err(error) => return Err(error.into()),
            };
            let root = match roots.last() {
                Some(last) => last.verify_next(&bytes),
                None => Root::verify_anchor(&bytes),
            };
            roots.push(root.map_err(|error| AuthorityError::Root { path, error })?);
        }
    }

    /// The next free name for a private key of this role. A file left by a command that was cut
    /// short keeps its number.
    pub(crate) fn free_key_file(&self, role: Role, taken: &[String]) -> String {
        let file = |number: u64| format!("{role}-{number}.pem");
        let free = |name: &String| !taken.contains(name) && !self.folder.join("keys").join(name).exists();
        (1..).map(file).find(free).unwrap_or_else(|| file(0))
    }

    /// The key by which persons are referred to; made when it is first needed.
    pub(crate) fn person_key(&mut self) -> Result<PersonKey> {
        let path = self.folder.join("keys").join(key_files::PERSON_KEY);
        if !path.exists() {
            if self.register.has_person_key()? {
                return Err(AuthorityError::OtherPersonKey(path));
            }
            key_files::make_person_key(&path)?;
        }
        let key = key_files::read_person_key(&path)?;
        if self.register.bind_person_key(&key.fingerprint())? {
            Ok(key)
        } else {
            Err(AuthorityError::OtherPersonKey(path))
        }
    }

    /// The same, if it is there and the one that the register knows; nothing is made.
    pub(crate) fn known_person_key(&mut self) -> Result<PersonKey> {
        let path = self.folder.join("keys").join(key_files::PERSON_KEY);
        if path.exists() { self.person_key() } else { Err(AuthorityError::OtherPersonKey(path)) }
    }

    /// The private half of this key, from its file.
    pub fn private_key(&self, record: &KeyRecord) -> Result<PrivateKey> {
        let kid = record.kid();
        if TokenUri::is_uri(&record.file) {
            return Err(AuthorityError::OnlyIssuersInTokens { kid, role: record.role });
        }
        let path = self.key_path(&record.file);
        let key = read_private_key(&path, &self.passphrases)?;
        if key.public() == &record.key { Ok(key) } else { Err(AuthorityError::OtherKey { path, kid }) }
    }

    /// What signs passes by this key: its private half, or the token that holds it.
    pub fn signer(&self, record: &KeyRecord) -> Result<Signer> {
        match token_uri(record)? {
            Some(uri) => Ok(Signer::Token(TokenKey::open(&self.tokens, &uri, &record.key, Some(&self.passphrases))?)),
            None => Ok(Signer::Memory(self.private_key(record)?)),
        }
    }

    /// The same where nobody need be asked for a passphrase or PIN, for keys that are good to have and not needed.
    pub(crate) fn signer_unasked(&self, record: &KeyRecord) -> Result<Option<Signer>> {
        if let Some(uri) = token_uri(record)? {
            return Ok(TokenKey::open(&self.tokens, &uri, &record.key, None).ok().map(Signer::Token));
        }
        let path = self.key_path(&record.file);
        let key = match KeyFile::read(&path) {
            Ok(KeyFile::Plain(key)) => Some(*key),
            Ok(KeyFile::Encrypted(key)) => self.passphrases.open_unasked(&path, &key)?,
            Err(AuthorityError::File(_)) => None,
            Err(error) => return Err(error),
        };
        match key {
            Some(key) if key.public() != &record.key => Err(AuthorityError::OtherKey { path, kid: record.kid() }),
            key => Ok(key.map(Signer::Memory)),
        }
    }

    /// Where the private half of this key is, and what is wrong there as far as it shows. Nobody is asked for anything.
    pub(crate) fn look_for(&self, record: &KeyRecord) -> (KeyPlace, Result<()>) {
        match token_uri(record) {
            Ok(Some(uri)) => {
                let found = token::look(&self.tokens, &uri, &record.key);
                return (KeyPlace::Token(uri), found.map_err(AuthorityError::from));
            }
            Ok(None) => {}
            Err(error) => return (KeyPlace::Elsewhere, Err(error)),
        }
        let (path, file) = (self.key_path(&record.file), record.file.clone());
        match KeyFile::read(&path) {
            Ok(KeyFile::Plain(key)) if key.public() != &record.key => {
                (KeyPlace::File(file), Err(AuthorityError::OtherKey { path, kid: record.kid() }))
            }
            Ok(KeyFile::Plain(_)) => (KeyPlace::File(file), Ok(())),
            Ok(KeyFile::Encrypted(_)) => (KeyPlace::EncryptedFile(file), Ok(())),
            Err(AuthorityError::File(_)) => (KeyPlace::Elsewhere, Ok(())),
            Err(error) => (KeyPlace::File(file), Err(error)),
        }
    }

    pub(crate) fn key_path(&self, file: &str) -> PathBuf {
        self.folder.join("keys").join(file)
    }

    /// The first so many of these keys whose private halves are in keys/; the others are kept elsewhere.
    pub(crate) fn private_keys_here<'k>(
        &self,
        records: impl IntoIterator<Item = &'k KeyRecord>,
        most: usize,
    ) -> Result<Vec<PrivateKey>> {
        let mut here = Vec::new();
        for record in records {
            // A passphrase is not asked for in vain.
            if here.len() == most {
                break;
            }
            match self.private_key(record) {
                Ok(key) => here.push(key),
                Err(AuthorityError::File(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(here)
    }
}

/// Where in a token the private half of this key is; none where it is in a file.
fn token_uri(record: &KeyRecord) -> Result<Option<TokenUri>> {
    if !TokenUri::is_uri(&record.file) {
        return Ok(None);
    }
    let uri = record.file.parse().map_err(|error| TokenError::Uri { uri: record.file.clone(), error });
    Ok(Some(uri?))
}

/// A database is named by hand: another authority's would be taken for ours.
fn check_ours(register: &dyn Register, place: &str, list_uri: &str) -> Result<()> {
    let first = register.lists()?.into_iter().next();
    let ours = first.is_some_and(|list| list.uri == status_list_uri(list_uri, list.id));
    if ours { Ok(()) } else { Err(AuthorityError::OtherRegister(place.to_owned())) }
}
