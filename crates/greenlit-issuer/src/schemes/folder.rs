//! `schemes/` in the authority's folder: each key list as tills get it, and beside it a few words on it.

use std::path::{Path, PathBuf};

use greenlit_core::publication::key_list_file;
use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{DocumentError, KeyListBody, KeyListEntry, limits};
use greenlit_files::{FileError, IfExists, Symlinks, make_private_folder, read_limited, write_atomic};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::policy::key_list_ages;
use crate::rules::one_line;

/// Its name in the authority's folder.
pub const FOLDER: &str = "schemes";
const MAX_FILE: usize = 64 << 10;
const DAY: u64 = 24 * 3600;
/// Longest age that may be set, in days: a pass that stands in no list for so long is another's problem.
const MAX_DAYS: u64 = 10 * 366;

/// Why the key lists do not serve.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SchemesError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: {why}", path = .path.display())]
    Settings { path: PathBuf, why: String },
    #[error("{path}: not the list that was imported; import it again", path = .0.display())]
    Changed(PathBuf),
    #[error("{path}: {error}", path = .path.display())]
    List { path: PathBuf, error: DocumentError },
    #[error("nothing was imported: there is no key in it that can be taken")]
    NoKeys,
    #[error("a till takes no such list: it {0}")]
    Refused(DocumentError),
    #[error("there is no key list {0}; `greenlit-issuer schemes list` shows which there are")]
    NoList(u64),
    #[error("key list {id} holds keys of {held}, not {wanted}; import them as another list with --list new")]
    OtherScheme { id: u64, held: Scheme, wanted: Scheme },
    #[error("there is a key list {id} of {scheme} already; --list {id} replaces it, and --list new adds another")]
    Which { id: u64, scheme: Scheme },
    #[error("there are {} key lists already, as many as there may be", limits::MAX_KEY_LISTS)]
    TooMany,
}

/// How old a list may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// Days until a key that it lacks may just be newer than it.
    pub soft_days: u64,
    /// Days until it is no longer judged by.
    pub hard_days: u64,
}

/// What stands beside a list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    scheme: String,
    fetched: String,
    soft_age_days: u64,
    hard_age_days: u64,
    sha256: String,
}

/// A key list that the authority keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySource {
    /// Its number.
    pub id: u64,
    /// When its contents were fetched.
    pub fetched: UnixTime,
    /// How old it may become.
    pub ages: Ages,
    /// What it says.
    pub body: KeyListBody,
    /// The list as tills get it.
    pub bytes: Vec<u8>,
}

impl KeySource {
    /// What a scheme bundle says of it.
    pub fn entry(&self) -> KeyListEntry {
        KeyListEntry {
            id: self.id,
            scheme: self.body.scheme,
            digest: Sha256::digest(&self.bytes).into(),
            size: self.bytes.len() as u64,
            fetched: self.fetched,
            soft_age: self.ages.soft_days * DAY,
            hard_age: self.ages.hard_days * DAY,
        }
    }
}

fn words_file(id: u64) -> String {
    format!("keys-{id}.toml")
}

/// The lists of an authority, by their numbers; `None` where it never took a scheme.
///
/// # Errors
/// A list that is missing, changed or unreadable.
pub fn read(authority: &Path) -> Result<Option<Vec<KeySource>>, SchemesError> {
    let folder = authority.join(FOLDER);
    let io = |error| FileError::of(&folder, error);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error).into()),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry.map_err(io)?.file_name();
        let name = name.to_string_lossy();
        let id = name.strip_prefix("keys-").and_then(|rest| rest.strip_suffix(".toml")?.parse::<u64>().ok());
        ids.extend(id.filter(|id| name == words_file(*id)));
    }
    ids.sort_unstable();
    if ids.len() > limits::MAX_KEY_LISTS {
        return Err(SchemesError::TooMany);
    }
    ids.into_iter().map(|id| read_one(&folder, id)).collect::<Result<_, _>>().map(Some)
}

fn read_one(folder: &Path, id: u64) -> Result<KeySource, SchemesError> {
    let path = folder.join(words_file(id));
    let wrong = |why: String| SchemesError::Settings { path: path.clone(), why };
    let text = String::from_utf8(read_limited(&path, MAX_FILE, Symlinks::Follow)?);
    let text = text.map_err(|_| wrong("not UTF-8 text".into()))?;
    let words: Words = toml::from_str(&text).map_err(|error| wrong(one_line(&error.to_string())))?;
    let scheme = Scheme::parse(&words.scheme).ok_or_else(|| wrong(format!("unknown scheme \"{}\"", words.scheme)))?;
    let fetched = UnixTime::parse_rfc3339(&words.fetched).map_err(|error| wrong(error.to_string()))?;
    let ages = Ages { soft_days: words.soft_age_days, hard_days: words.hard_age_days };
    ages.check().map_err(|why| wrong(why.into()))?;
    let path = folder.join(key_list_file(id));
    let bytes = read_limited(&path, limits::MAX_KEY_LIST_BYTES, Symlinks::Follow)?;
    if hex::encode(Sha256::digest(&bytes)) != words.sha256.to_lowercase() {
        return Err(SchemesError::Changed(path));
    }
    let body = KeyListBody::parse(&bytes).map_err(|error| SchemesError::List { path: path.clone(), error })?;
    if body.scheme != scheme {
        return Err(SchemesError::Changed(path));
    }
    Ok(KeySource { id, fetched, ages, body, bytes })
}

impl Ages {
    /// Those that a list of this scheme begins with.
    pub fn of(scheme: Scheme) -> Self {
        let (soft_days, hard_days) = key_list_ages(scheme);
        Self { soft_days, hard_days }
    }

    /// Requires ages that mean something.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(self) -> Result<(), &'static str> {
        match self {
            Self { soft_days: 1.., hard_days: 1..=MAX_DAYS } if self.soft_days <= self.hard_days => Ok(()),
            _ => Err("the soft age must be 1 day or more, and no more than the hard age, of at most ten years"),
        }
    }
}

/// The number that a list of this scheme gets: the one named; a free one for `new`; or the free one where there is no list
/// of the scheme yet.
///
/// # Errors
/// If it is not clear which is meant, or is another scheme's.
pub fn number(sources: &[KeySource], scheme: Scheme, wanted: Wanted) -> Result<u64, SchemesError> {
    let free = || {
        let free = (1..).find(|id| sources.iter().all(|source| source.id != *id));
        free.filter(|_| sources.len() < limits::MAX_KEY_LISTS).ok_or(SchemesError::TooMany)
    };
    match wanted {
        Wanted::New => free(),
        Wanted::Number(id) => match sources.iter().find(|source| source.id == id) {
            None => Err(SchemesError::NoList(id)),
            Some(source) if source.body.scheme != scheme => {
                Err(SchemesError::OtherScheme { id, held: source.body.scheme, wanted: scheme })
            }
            _ => Ok(id),
        },
        Wanted::Only => match sources.iter().find(|source| source.body.scheme == scheme) {
            Some(source) => Err(SchemesError::Which { id: source.id, scheme }),
            None => free(),
        },
    }
}

/// Which list an import is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The first of its scheme.
    Only,
    /// Another one.
    New,
    /// The one of this number, which it replaces.
    Number(u64),
}

impl std::str::FromStr for Wanted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "new" => Ok(Self::New),
            _ => {
                text.parse().ok().filter(|id| *id > 0).map(Self::Number).ok_or("not a number of 1 or more, or \"new\"")
            }
        }
    }
}

/// A list as it would be kept, held to what a till takes.
///
/// # Errors
/// If there is no key in it, or it is too large.
pub fn source(id: u64, body: KeyListBody, fetched: UnixTime, ages: Ages) -> Result<KeySource, SchemesError> {
    if body.keys.is_empty() {
        return Err(SchemesError::NoKeys);
    }
    let bytes = body.encode();
    let body = KeyListBody::parse(&bytes).map_err(SchemesError::Refused)?;
    Ok(KeySource { id, fetched, ages, body, bytes })
}

/// Keeps a list, in the place of another one of its number.
///
/// # Errors
/// If it cannot be written.
pub fn store(authority: &Path, source: &KeySource) -> Result<(), SchemesError> {
    let folder = authority.join(FOLDER);
    make_private_folder(&folder).map_err(|error| FileError::of(&folder, error))?;
    let words = Words {
        scheme: source.body.scheme.to_string(),
        fetched: source.fetched.to_string(),
        soft_age_days: source.ages.soft_days,
        hard_age_days: source.ages.hard_days,
        sha256: hex::encode(Sha256::digest(&source.bytes)),
    };
    let path = folder.join(words_file(source.id));
    let wrong = |error: toml::ser::Error| SchemesError::Settings { path: path.clone(), why: error.to_string() };
    let words = toml::to_string(&words).map_err(wrong)?;
    let text = format!("# The ages may be edited; the rest is written by `greenlit-issuer schemes import`.\n{words}");
    write_atomic(&folder.join(key_list_file(source.id)), &source.bytes, 0o644, IfExists::Replace)?;
    // Until this is written the words are those of another list, and that is noticed.
    Ok(write_atomic(&path, text.as_bytes(), 0o644, IfExists::Replace)?)
}

/// Removes a list. The folder stays, so that the next publication tells tills.
///
/// # Errors
/// If there is no such list.
pub fn remove(authority: &Path, id: u64) -> Result<(), SchemesError> {
    let folder = authority.join(FOLDER);
    let gone = |name: &str| match std::fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileError::of(&folder.join(name), error)),
        Ok(()) => Ok(true),
    };
    if !gone(&words_file(id))? {
        return Err(SchemesError::NoList(id));
    }
    gone(&key_list_file(id))?;
    Ok(())
}
