//! An authority's folder: settings, private keys, roots, rules and register.
//!
//! ```text
//! authority.toml   who it is; made by `init`
//! rules.toml       what passes give; edited by people
//! register.db      keys, lists, issued passes
//! published-version  the newest, so that an old copy of the register is noticed
//! keys/*.pem       private keys, PKCS#8 PEM, mode 0600; the root keys belong on a stick in a safe
//! roots/root-<n>.cbor
//! ```

use std::path::{Path, PathBuf};

use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{PrivateKey, PrivateKeyError, Terms, Zone};
use greenlit_core::cbor::Malformed;
use greenlit_core::key::PublicKey;
use greenlit_core::pass::Class;
use greenlit_core::publication::root_file;
use greenlit_core::text::Text;
use greenlit_core::trust::{DocumentError, Root, limits};
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use crate::cli::register::{FILE_NAME, KeyRow, Register, RegisterError, put_back, set_witness_end, witness_end};
use crate::cli::rules::{self, Rules, RulesError, one_line};
use crate::cli::tell;
use crate::cli::witness::{End, Entry, Witness, WitnessError, tally};

const SETTINGS: &str = "authority.toml";
/// Holds the version published last.
const MARK: &str = "published-version";
const MAX_SETTINGS: usize = 64 << 10;
/// A key takes 119 bytes; the rest is room for text around it.
const MAX_KEY: usize = 8 << 10;

/// What goes wrong in an authority's folder.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum AuthorityError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Rules(#[from] RulesError),
    #[error("{path}: {why}")]
    Settings { path: String, why: String },
    #[error("{path}: {error}", path = .path.display())]
    Key { path: PathBuf, error: PrivateKeyError },
    #[error("{path}: not the key {kid} that the register has under this name", path = .path.display())]
    OtherKey { path: PathBuf, kid: String },
    #[error("{path}: others on this machine may read it; run: chmod 600 {path}", path = .0.display())]
    OpenKey(PathBuf),
    #[error("{path}: others on this machine may look into it (mode {mode:04o}), and private keys are kept there; run: chmod 700 {path}", path = .path.display())]
    OpenFolder { path: PathBuf, mode: u32 },
    #[error(
        "class {0} is not in `classes` of authority.toml: tills would call this pass not genuine (ISS); nothing was issued"
    )]
    ClassNotNamed(u64),
    #[error(
        "version {there} was published, and the register knows only {known}: it is an old copy, and lacks passes and revocations; restore the newest one (if nobody here published that, somebody else has the bundle key: `greenlit-issuer root new --replace-bundle-key`)"
    )]
    RegisterBehind { there: u64, known: u64 },
    #[error(
        "root {there} was published, and this folder knows only {known}: it is an old copy; restore the newest one"
    )]
    RootsBehind { there: u64, known: u64 },
    #[error(
        "the register is an old copy: it lacks {issued} passes and {changed} changes of status that the witness {witness} knows of; restore the newest copy, or put them back by `greenlit-issuer replay FOLDER`", witness = .witness.display()
    )]
    RegisterLacks { issued: usize, changed: usize, witness: PathBuf },
    #[error(
        "{}: this witness does not go with the register; if it is an old copy, or another authority's, move it away and a new one begins", .0.display()
    )]
    OtherWitness(PathBuf),
    #[error(transparent)]
    Witness(#[from] WitnessError),
    #[error("there is no {role} key that could sign; see `greenlit-issuer keys`")]
    NoKey { role: &'static str },
    #[error("tills could not read this pass: {0}; nothing was issued")]
    Unreadable(greenlit_core::pass::PassError),
    #[error("{path}: {error}", path = .path.display())]
    Root { path: PathBuf, error: DocumentError },
    #[error("{path}: holds no root", path = .0.display())]
    NoRoot(PathBuf),
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Settings as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Names by language.
    pub(crate) name: std::collections::BTreeMap<String, String>,
    pub(crate) region: String,
    /// "Asia/Yekaterinburg".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    /// "+05:00", instead of a time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) utc_offset: Option<String>,
    /// The classes that its issuer keys may sign.
    pub(crate) classes: Vec<u64>,
    /// What the names of its status lists begin with.
    pub(crate) list_uri: String,
    /// A practice authority.
    pub(crate) demo: bool,
    /// Where the witness is, instead of the user's own data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) witness: Option<PathBuf>,
}

/// How a region's time is given.
#[derive(Clone, Debug)]
pub(crate) enum TimeOf {
    /// A name of the IANA database.
    Zone(String),
    /// "+05:00".
    Offset(String),
}

impl TimeOf {
    pub(crate) fn zone(&self) -> Option<Zone> {
        match self {
            Self::Zone(name) => Zone::named(name),
            Self::Offset(text) => Zone::from_offset(text),
        }
    }

    /// `time_zone` and `utc_offset`.
    pub(crate) fn into_settings(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Zone(name) => (Some(name), None),
            Self::Offset(text) => (None, Some(text)),
        }
    }
}

/// An authority, opened.
pub(crate) struct Authority {
    folder: PathBuf,
    pub(crate) name: Text,
    pub(crate) region: String,
    pub(crate) zone: Zone,
    pub(crate) classes: Vec<Class>,
    pub(crate) list_uri: String,
    pub(crate) register: Register,
    /// None for practice, and where there is no place for it.
    witness: Option<Witness>,
}

type Result<T> = std::result::Result<T, AuthorityError>;

impl Settings {
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(SETTINGS);
        let text = toml::to_string(self).map_err(|error| AuthorityError::Settings {
            path: path.display().to_string(),
            why: one_line(&error.to_string()),
        })?;
        Ok(write_atomic(&path, text.as_bytes(), 0o644, IfExists::Keep)?)
    }

    fn zone(&self) -> std::result::Result<Zone, String> {
        match (self.time_zone.as_deref(), self.utc_offset.as_deref()) {
            (Some(name), None) => Zone::named(name)
                .ok_or_else(|| format!("time_zone \"{name}\" is not in the IANA database, as Asia/Yekaterinburg is")),
            (None, Some(text)) => {
                Zone::from_offset(text).ok_or_else(|| "utc_offset is not as in \"+05:00\"".to_owned())
            }
            (None, None) => Err("names neither time_zone nor utc_offset".into()),
            (Some(_), Some(_)) => Err("names both time_zone and utc_offset; remove one".into()),
        }
    }

    fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(SETTINGS);
        let bytes = read_limited(&path, MAX_SETTINGS, Symlinks::Follow)?;
        let bad = |why: String| AuthorityError::Settings { path: path.display().to_string(), why };
        let text = String::from_utf8(bytes).map_err(|_| bad("not UTF-8 text".into()))?;
        toml::from_str(&text).map_err(|error| bad(one_line(&error.to_string())))
    }
}

impl Authority {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let mut authority = Self::open_unchecked(folder)?;
        authority.check_mark()?;
        authority.check_witness()?;
        Ok(authority)
    }

    /// Whatever it lacks.
    pub(crate) fn open_unchecked(folder: &Path) -> Result<Self> {
        check_private(folder)?;
        let register = Register::open(folder)?;
        let settings = Settings::read(folder)?;
        let path = folder.join(SETTINGS).display().to_string();
        let bad = |why: String| AuthorityError::Settings { path: path.clone(), why };
        let malformed = |error: Malformed| bad(error.to_string());
        let zone = settings.zone().map_err(bad)?;
        if settings.classes.is_empty() {
            return Err(bad("classes is empty".into()));
        }
        let authority = Self {
            folder: folder.into(),
            name: Text::new("name", settings.name).map_err(malformed)?,
            region: settings.region,
            zone,
            classes: settings.classes.into_iter().map(Class).collect(),
            witness: witness_of(&settings.list_uri, settings.witness, settings.demo),
            list_uri: settings.list_uri,
            register,
        };
        Ok(authority)
    }

    pub(crate) fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Changes the register, and has that witnessed: both, or neither. Where the power fails between the
    /// two, the witness is ahead, and the next command says so.
    pub(crate) fn change<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<(T, Vec<Entry>)>,
    ) -> Result<T> {
        let (witness, path) = (self.witness.clone(), self.register.path().to_path_buf());
        let fail = |error| AuthorityError::from(Register::failure(&path, error));
        self.register.attempt(|transaction| {
            let (value, mut entries) = work(transaction).map_err(fail)?;
            let Some(witness) = witness.filter(|_| !entries.is_empty()) else { return Ok(value) };
            let known = witness_end(transaction).map_err(fail)?;
            let after = match (known, witness.end()?) {
                (Some(known), Some(there)) if known == there => known,
                (known, None) => {
                    entries.insert(0, Entry::Begin);
                    known.unwrap_or_else(End::nowhere)
                }
                _ => return Err(AuthorityError::OtherWitness(witness.path().into())),
            };
            let end = witness.append(&after, &entries)?;
            set_witness_end(transaction, &end).map_err(fail)?;
            Ok(value)
        })
    }

    /// A register brought back from an old copy is behind its witness, published or not.
    fn check_witness(&mut self) -> Result<()> {
        let Some(witness) = self.witness.clone() else { return Ok(()) };
        if self.register.witness_end()? == witness.end()? {
            return Ok(());
        }
        // Another command may be between the two: where nobody writes, they are looked at again.
        let (path, list_uri) = (self.register.path().to_path_buf(), self.list_uri.clone());
        self.register.attempt(|transaction| {
            let fail = |error| AuthorityError::from(Register::failure(&path, error));
            let known = witness_end(transaction).map_err(fail)?;
            let Some((end, entry)) = compare(known, &witness)? else { return Ok(()) };
            tell("greenlit-issuer: what a command that was cut short had begun is put back");
            put_back(transaction, &entry, &list_uri).and_then(|()| set_witness_end(transaction, &end)).map_err(fail)
        })
    }

    /// Remembers, outside the register, that this version was spent.
    pub(crate) fn mark_published(&self, version: u64) -> Result<()> {
        Ok(write_atomic(&self.folder.join(MARK), version.to_string().as_bytes(), 0o644, IfExists::Replace)?)
    }

    /// A register brought back from an old copy lacks passes and revocations: it would give their
    /// places to others and call revoked passes valid.
    fn check_mark(&self) -> Result<()> {
        let bytes = match read_limited(&self.folder.join(MARK), 64, Symlinks::Follow) {
            Ok(bytes) => bytes,
            Err(FileError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let there = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(u64::MAX);
        let known = self.register.last_publication()?.map_or(0, |last| last.version);
        if known < there { Err(AuthorityError::RegisterBehind { there, known }) } else { Ok(()) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn rules(&self) -> Result<Rules> {
        Ok(rules::read(&self.folder, &self.zone)?)
    }

    pub(crate) fn terms(&self) -> Result<Terms> {
        Ok(self.rules()?.terms)
    }

    /// Every root, checked step by step.
    pub(crate) fn roots(&self) -> Result<Vec<Root>> {
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
    pub(crate) fn free_key_file(&self, role: &str, taken: &[String]) -> String {
        let file = |number: u64| format!("{role}-{number}.pem");
        let free = |name: &String| !taken.contains(name) && !self.folder.join("keys").join(name).exists();
        (1..).map(file).find(free).unwrap_or_else(|| file(0))
    }

    /// The private key that the register has this row for.
    pub(crate) fn private_key(&self, row: &KeyRow) -> Result<PrivateKey> {
        let path = self.folder.join("keys").join(&row.file);
        let key = read_private_key(&path)?;
        if key.public().as_bytes() == &row.public {
            Ok(key)
        } else {
            Err(AuthorityError::OtherKey { path, kid: row.kid.clone() })
        }
    }
}

/// What it means that a register knows this of its witness. A single thing that it lacks is what a command
/// leaves that loses its power between the two, and can be put back unasked.
fn compare(known: Option<End>, witness: &Witness) -> Result<Option<(End, Entry)>> {
    match (known, witness.end()?) {
        (Some(_), None) => {
            let path = witness.path().display();
            tell(&format!("greenlit-issuer: the witness {path} is not there any more; a new one begins"));
            Ok(None)
        }
        (known, there) if known == there => Ok(None),
        (known, _) => {
            let other = || AuthorityError::OtherWitness(witness.path().into());
            let lacking = witness.after(&known.unwrap_or_else(End::nowhere))?.ok_or_else(other)?;
            if let [one] = lacking.as_slice() {
                return Ok(Some(one.clone()));
            }
            let (issued, changed) = tally(&lacking);
            Err(AuthorityError::RegisterLacks { issued, changed, witness: witness.path().into() })
        }
    }
}

/// Outside the authority's folder, so that bringing that back from a copy does not bring back this.
fn witness_of(list_uri: &str, named: Option<PathBuf>, demo: bool) -> Option<Witness> {
    if demo {
        return None;
    }
    let own = || {
        let dirs = directories::ProjectDirs::from("", "", "greenlit-issuer")?;
        // By what no other authority has: two of one name have a witness each.
        let digest: [u8; 32] = Sha256::digest(list_uri).into();
        let name = hex::encode(&digest[..8]);
        Some(dirs.data_dir().join(format!("{name}.witness")))
    };
    let path = named.or_else(own);
    if path.is_none() {
        tell(
            "greenlit-issuer: there is no home folder to keep a witness in; name a place as `witness` in authority.toml",
        );
    }
    path.map(Witness::at)
}

/// Reads a PKCS#8 PEM file that only its owner may read.
pub(crate) fn read_private_key(path: &Path) -> Result<PrivateKey> {
    if is_open_to_others(path) { Err(AuthorityError::OpenKey(path.into())) } else { read_any_private_key(path) }
}

/// Requires that nobody else looks into an authority's folder or reads its private keys.
fn check_private(folder: &Path) -> Result<()> {
    if !folder.join(FILE_NAME).is_file() {
        return Ok(());
    }
    if let Some(mode) = mode_for_others(folder) {
        return Err(AuthorityError::OpenFolder { path: folder.into(), mode });
    }
    let keys = std::fs::read_dir(folder.join("keys")).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut keys: Vec<PathBuf> = keys.filter(|path| path.extension().is_some_and(|ending| ending == "pem")).collect();
    keys.sort();
    keys.into_iter().find(|path| is_open_to_others(path)).map_or(Ok(()), |path| Err(AuthorityError::OpenKey(path)))
}

/// Whether others on this machine may read it. On a stick's file system nobody can change that.
fn is_open_to_others(path: &Path) -> bool {
    mode_for_others(path).is_some()
}

/// The mode of what is not its owner's alone. The mode counts, not whether this user may: for root every one opens.
fn mode_for_others(path: &Path) -> Option<u32> {
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

/// Keys on sticks, whose file systems may not know who may read what.
pub(crate) fn stick_keys(paths: &[PathBuf]) -> Result<Vec<PrivateKey>> {
    let read = |path: &PathBuf| {
        let key = read_any_private_key(path)?;
        if is_open_to_others(path) {
            tell(&format!("greenlit-issuer: {}: others on this machine may read this key", path.display()));
        }
        Ok(key)
    };
    paths.iter().map(read).collect()
}

/// Reads a PKCS#8 PEM file, whoever else may.
fn read_any_private_key(path: &Path) -> Result<PrivateKey> {
    let bytes = read_limited(path, MAX_KEY, Symlinks::Follow)?;
    PrivateKey::from_pem_bytes(&bytes).map_err(|error| AuthorityError::Key { path: path.into(), error })
}

/// Makes a private key and writes it where there is none yet.
pub(crate) fn make_private_key(path: &Path) -> Result<PrivateKey> {
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

/// 32 random bytes from the system.
pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The public key of a row; the register's own check sum of sorts.
pub(crate) fn public_key(row: &KeyRow) -> Result<PublicKey> {
    let damaged = || RegisterError::Damaged(PathBuf::from(crate::cli::register::FILE_NAME));
    let key = PublicKey::from_bytes(&row.public).map_err(|_| damaged())?;
    if key.id().to_string() == row.kid { Ok(key) } else { Err(damaged().into()) }
}
