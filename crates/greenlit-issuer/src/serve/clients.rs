//! Who may ask: clients, each with a token, rights and a rate.
//!
//! A token has 256 random bits, so a fast hash keeps it: nobody can try them all. What the authority's folder holds,
//! `clients.toml`, lets nobody in.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use super::rate::Bucket;
use super::terms::Stamp;
use crate::authority::{AuthorityError, SETTINGS_FILE, mode_for_others, random};
use crate::operator::Operator;
use crate::rules::one_line;

/// Its name in the authority's folder.
pub const FILE_NAME: &str = "clients.toml";
const MAX_FILE: usize = 1 << 20;
/// What every token begins with, so that one that leaked is found by who looks for such.
const PREFIX: &str = "gli_";
const MAX_NAME: usize = 40;
const MAX_RATE: u32 = 100_000;

/// Why clients cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ClientsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}: {why}", .path.display())]
    Wrong { path: PathBuf, why: String },
    #[error("{path}: other users of this machine can read it; run: chmod 600 {path}", path = .0.display())]
    Open(PathBuf),
    #[error("a client's name is 1 to {MAX_NAME} of a-z, 0-9, full stop, hyphen and underscore")]
    Name,
    #[error("{0} is a client already; remove it first, or give another name")]
    Exists(String),
    #[error("no client {0}; see `greenlit-issuer clients FOLDER list`")]
    Unknown(String),
    #[error("a rate is 1 to {MAX_RATE} requests a second")]
    Rate,
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

type Result<T> = std::result::Result<T, ClientsError>;

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Right {
    Issue,
    Read,
    Revoke,
    Metrics,
}

impl Right {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Read => "read",
            Self::Revoke => "revoke",
            Self::Metrics => "metrics",
        }
    }
}

/// A client as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Under which what it does stands in the register.
    pub name: String,
    /// SHA-256 of its token, in hexadecimal digits.
    pub token_sha256: String,
    /// What it may do.
    pub may: Vec<Right>,
    /// Requests a second; without one, as many as the service has time for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(default)]
    client: Vec<Record>,
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(fits)
}

/// The clients of an authority; none where there is no file.
pub fn list(folder: &Path) -> Result<Vec<Record>> {
    let path = folder.join(FILE_NAME);
    let wrong = |why: String| ClientsError::Wrong { path: path.clone(), why: one_line(&why) };
    let bytes = match read_limited(&path, MAX_FILE, Symlinks::Follow) {
        Ok(bytes) => bytes,
        Err(FileError::NotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    if mode_for_others(&path).is_some() {
        return Err(ClientsError::Open(path));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("not UTF-8 text".into()))?;
    let whole: Whole = toml::from_str(&text).map_err(|error| wrong(error.message().into()))?;
    for (at, client) in whole.client.iter().enumerate() {
        let name = &client.name;
        if !is_name(name) || whole.client.iter().skip(at + 1).any(|other| other.name == *name) {
            return Err(wrong(format!("client {} has a name that none may have, or another one has", at + 1)));
        }
        if hash_of(&client.token_sha256).is_none() {
            return Err(wrong(format!("token_sha256 of {name} is not 64 hexadecimal digits")));
        }
        if client.rate.is_some_and(|rate| !(1..=MAX_RATE).contains(&rate)) {
            return Err(wrong(format!("rate of {name} is not 1 to {MAX_RATE}")));
        }
    }
    Ok(whole.client)
}

/// Enters a client and gives its token, which is kept nowhere.
pub fn add(folder: &Path, name: &str, may: &[Right], rate: Option<u32>) -> Result<String> {
    if !is_name(name) {
        return Err(ClientsError::Name);
    }
    if rate.is_some_and(|rate| !(1..=MAX_RATE).contains(&rate)) {
        return Err(ClientsError::Rate);
    }
    let token = format!("{PREFIX}{}", hex::encode(random()?));
    change(folder, |clients| {
        if clients.iter().any(|client| client.name == name) {
            return Err(ClientsError::Exists(name.into()));
        }
        let mut may = may.to_vec();
        may.sort();
        may.dedup();
        clients.push(Record { name: name.into(), token_sha256: hex::encode(hash(&token)), may, rate });
        Ok(())
    })?;
    Ok(token)
}

/// Takes a client out; what it does next is refused.
pub fn remove(folder: &Path, name: &str) -> Result<()> {
    change(folder, |clients| {
        let before = clients.len();
        clients.retain(|client| client.name != name);
        if clients.len() == before { Err(ClientsError::Unknown(name.chars().take(MAX_NAME).collect())) } else { Ok(()) }
    })
}

fn change(folder: &Path, work: impl FnOnce(&mut Vec<Record>) -> Result<()>) -> Result<()> {
    // Two who change it at once wait for one another.
    let settings = folder.join(SETTINGS_FILE);
    let lock = File::open(&settings).and_then(|file| file.lock().map(|()| file));
    let _lock = lock.map_err(|error| FileError::of(&settings, error))?;
    let mut client = list(folder)?;
    work(&mut client)?;
    let path = folder.join(FILE_NAME);
    let wrong = |error: toml::ser::Error| ClientsError::Wrong { path: path.clone(), why: error.to_string() };
    let text = toml::to_string(&Whole { client }).map_err(wrong)?;
    Ok(write_atomic(&path, text.as_bytes(), 0o600, IfExists::Replace)?)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn hash_of(hex: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(hex, &mut hash).ok().map(|()| hash)
}

/// A client that may ask.
pub(super) struct Client {
    name: String,
    /// As it stands in the register: `client:portal`.
    pub(super) operator: Operator,
    hash: [u8; 32],
    may: Vec<Right>,
    rate: Option<u32>,
    bucket: Option<Mutex<Bucket>>,
}

impl Client {
    fn new(record: Record, now: Duration) -> Option<Self> {
        let operator = Operator::new(&format!("client:{}", record.name)).ok()?;
        let bucket = record.rate.map(|rate| Mutex::new(Bucket::new(rate, now)));
        let Record { name, token_sha256, may, rate } = record;
        Some(Self { name, operator, hash: hash_of(&token_sha256)?, may, rate, bucket })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn may(&self, right: Right) -> bool {
        self.may.contains(&right)
    }

    /// Counts a request, or says how long to wait.
    pub(super) fn take(&self, now: Duration) -> std::result::Result<(), Duration> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        bucket.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    fn is_as(&self, other: &Self) -> bool {
        (&self.name, &self.hash, &self.may, self.rate) == (&other.name, &other.hash, &other.may, other.rate)
    }
}

/// The clients of a service, as they stand in the file now.
pub(super) struct Clients {
    path: PathBuf,
    folder: PathBuf,
    begun: Instant,
    loaded: Mutex<Loaded>,
}

struct Loaded {
    stamp: Option<Stamp>,
    clients: Vec<Arc<Client>>,
}

impl Clients {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let (path, begun) = (folder.join(FILE_NAME), Instant::now());
        let loaded = Mutex::new(Loaded { stamp: None, clients: Vec::new() });
        let clients = Self { path, folder: folder.into(), begun, loaded };
        clients.current()?;
        Ok(clients)
    }

    /// The time that rates go by.
    pub(super) fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Whose token this is. Each is compared, and each in the same time.
    pub(super) fn find(&self, token: &str) -> Result<Option<Arc<Client>>> {
        let hash = hash(token);
        let clients = self.current()?;
        let mut found = None;
        for client in &clients {
            if bool::from(client.hash.ct_eq(&hash)) {
                found = Some(Arc::clone(client));
            }
        }
        Ok(found)
    }

    fn current(&self) -> Result<Vec<Arc<Client>>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(&self.path);
        if stamp != loaded.stamp {
            let now = self.now();
            let known = std::mem::take(&mut loaded.clients);
            // Where it cannot be read, nobody gets in, and it is tried again.
            loaded.stamp = None;
            let records = list(&self.folder)?;
            let renewed = records.into_iter().filter_map(|record| Client::new(record, now)).map(|client| {
                // Who did not change goes on with what is left of the rate.
                known.iter().find(|known| known.is_as(&client)).cloned().unwrap_or_else(|| Arc::new(client))
            });
            *loaded = Loaded { stamp, clients: renewed.collect() };
        }
        Ok(loaded.clients.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join(SETTINGS_FILE), "").unwrap();
        folder
    }

    #[test]
    fn a_token_is_told_once_and_only_its_hash_is_kept() {
        let folder = folder();
        let folder = folder.path();
        let token = add(folder, "portal", &[Right::Read, Right::Issue, Right::Read], Some(5)).unwrap();
        assert!(token.starts_with(PREFIX) && token.len() == PREFIX.len() + 64, "{token}");
        let file = std::fs::read_to_string(folder.join(FILE_NAME)).unwrap();
        assert!(!file.contains(&token[PREFIX.len()..]) && file.contains(&hex::encode(hash(&token))), "{file}");
        let clients = Clients::open(folder).unwrap();
        let portal = clients.find(&token).unwrap().unwrap();
        assert!(portal.may(Right::Issue) && portal.may(Right::Read) && !portal.may(Right::Revoke));
        assert_eq!((portal.name(), portal.operator.as_str()), ("portal", "client:portal"));
        for other in ["", "gli_", &token[..token.len() - 1], &token.to_uppercase()] {
            assert!(clients.find(other).unwrap().is_none(), "{other}");
        }
        assert!(matches!(add(folder, "portal", &[], None), Err(ClientsError::Exists(_))));
        for bad in ["", "Portal", "a b", "a\n", "порта", &"a".repeat(41)] {
            assert!(matches!(add(folder, bad, &[], None), Err(ClientsError::Name)), "{bad}");
        }
        assert!(matches!(add(folder, "x", &[], Some(0)), Err(ClientsError::Rate)));
    }

    #[test]
    fn a_client_that_is_removed_is_let_in_no_more_and_the_others_keep_their_rate() {
        let folder = folder();
        let folder = folder.path();
        let (one, two) = (add(folder, "one", &[], Some(1)).unwrap(), add(folder, "two", &[], None).unwrap());
        let clients = Clients::open(folder).unwrap();
        let first = clients.find(&one).unwrap().unwrap();
        assert!(first.take(Duration::from_secs(9)).is_ok() && first.take(Duration::from_secs(9)).is_err());
        remove(folder, "two").unwrap();
        assert!(clients.find(&two).unwrap().is_none());
        assert!(clients.find(&one).unwrap().unwrap().take(Duration::from_secs(9)).is_err());
        assert!(matches!(remove(folder, "two"), Err(ClientsError::Unknown(_))));
        // What cannot be read lets nobody in, until it can.
        let good = std::fs::read(folder.join(FILE_NAME)).unwrap();
        for bad in ["client = 3", "[[client]]\nname = \"a\"\ntoken_sha256 = \"00\"\nmay = []\n", "[[client]]\nwho = 1"]
        {
            std::fs::write(folder.join(FILE_NAME), bad).unwrap();
            assert!(matches!(clients.find(&one), Err(ClientsError::Wrong { .. })), "{bad}");
        }
        std::fs::write(folder.join(FILE_NAME), good).unwrap();
        assert!(clients.find(&one).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        add(folder.path(), "one", &[], None).unwrap();
        let path = folder.path().join(FILE_NAME);
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(list(folder.path()), Err(ClientsError::Open(_))));
    }
}
