//! From what others publish to a key list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::Scheme;
use greenlit_core::text::{Text, check_printable};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{KeyListBody, ListedKey, limits};
use greenlit_files::{FileError, Symlinks, read_limited};

use super::certificate::Certified;
use super::forms::{self, Authority, Entry, FormError, Found, Holder};
use super::{LeftOut, Why, revoked};

/// Largest file, in bytes: the EU's list of some hundred certificates is two million.
const MAX_FILE: usize = 16 << 20;
/// Most files of a folder.
const MAX_FILES: usize = 5_000;
/// Longest identifier of a key or issuer, in bytes.
const MAX_ID: usize = 64;

/// What is to be imported, and what its files leave open.
pub struct Request<'r> {
    /// For passes of which scheme.
    pub scheme: Scheme,
    /// Files, or folders of them.
    pub files: &'r [PathBuf],
    /// Lists of tickets that were called back.
    pub revoked: &'r [PathBuf],
    /// Whose every key is, instead of what the files say.
    pub issuer: Option<&'r str>,
    /// Their names, by language.
    pub names: &'r [(String, String)],
    /// What passes call the key, instead of what the file says.
    pub key_id: Option<&'r KeyIdSetting>,
    /// Certificates of health certificates are taken though they have expired.
    pub expired: bool,
    /// The list that it replaces: its issuers keep their names, and its only issuer is whose keys are of nobody else.
    pub replaces: Option<&'r KeyListBody>,
    /// The time.
    pub now: UnixTime,
}

/// What passes call a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyIdSetting {
    /// Nothing.
    None,
    /// By these bytes.
    Bytes(Vec<u8>),
}

impl std::str::FromStr for KeyIdSetting {
    type Err = String;

    /// `none`, `hex:0a1b`, or the identifier's letters.
    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = match (text, text.strip_prefix("hex:")) {
            ("none", _) => return Ok(Self::None),
            (_, Some(digits)) => hex::decode(digits).map_err(|_| format!("{digits} is not hexadecimal digits"))?,
            (_, None) => text.as_bytes().to_vec(),
        };
        if (1..=MAX_ID).contains(&bytes.len()) {
            Ok(Self::Bytes(bytes))
        } else {
            Err(format!("not 1 to {MAX_ID} bytes"))
        }
    }
}

/// A key list as it would be, and what is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The list.
    pub body: KeyListBody,
    /// What was found and is not in it.
    pub left_out: Vec<LeftOut>,
    /// Identifiers of keys that several keys have.
    pub shared_ids: usize,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ImportError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: {error}", path = .path.display())]
    Form { path: PathBuf, error: FormError },
    #[error("{path}: has more than {MAX_FILES} files", path = .0.display())]
    TooManyFiles(PathBuf),
    #[error("--key-id names a single key, and there are {0}")]
    KeyIdOfSeveral(usize),
    #[error("--name is for one issuer, and there are {0}; --issuer says whose")]
    NamesOfSeveral(usize),
    #[error("--name or --issuer {0}")]
    Words(Malformed),
    #[error("{0} passes cannot be called back by a list; --revoked is for pretix's tickets")]
    NoRevocation(Scheme),
    #[error("{found} {what} are more than the {most} that a list may have; import them as several lists")]
    TooMany { what: &'static str, found: usize, most: usize },
}

/// Makes a list of what is in the files.
///
/// # Errors
/// A file that cannot be read, is of no known form or another scheme's; or what the request leaves open.
pub fn import(request: &Request<'_>) -> Result<Draft, ImportError> {
    if !request.revoked.is_empty() && request.scheme != Scheme::Pretix {
        return Err(ImportError::NoRevocation(request.scheme));
    }
    let mut left_out = Vec::new();
    let (mut found, mut authorities) = (Vec::new(), Vec::new());
    for entry in read_all(request, &mut left_out)? {
        match entry {
            Entry::Key(key) => found.push(*key),
            Entry::Authority(authority) => authorities.push(*authority),
            Entry::LeftOut(one) => left_out.push(one),
        }
    }
    if matches!(request.key_id, Some(KeyIdSetting::Bytes(_))) && found.len() > 1 {
        return Err(ImportError::KeyIdOfSeveral(found.len()));
    }
    let mut list = List::default();
    for key in found {
        let what = key.what.clone();
        match take(request, key, &authorities) {
            Ok(taken) => left_out.extend(list.add(what, taken).map(|(what, why)| LeftOut { what, why })),
            Err(why) => left_out.push(LeftOut { what, why }),
        }
    }
    let (body, shared_ids) = list.finish(request)?;
    let mut draft = Draft { body, left_out, shared_ids };
    add_revoked(request, &mut draft)?;
    Ok(draft)
}

fn read_all(request: &Request<'_>, left_out: &mut Vec<LeftOut>) -> Result<Vec<Entry>, ImportError> {
    let mut entries = Vec::new();
    for path in request.files {
        if !path.is_dir() {
            entries.extend(read_file(path, &path.display().to_string(), request.scheme)?);
            continue;
        }
        for file in files_of(path)? {
            let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            match read_file(&file, &name, request.scheme) {
                Ok(found) => entries.extend(found),
                // There may be a note or a picture among them.
                Err(ImportError::Form { error, .. }) => {
                    left_out.push(LeftOut { what: name, why: Why::Form(error.to_string()) });
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(entries)
}

fn read_file(path: &Path, name: &str, scheme: Scheme) -> Result<Vec<Entry>, ImportError> {
    let bytes = read_limited(path, MAX_FILE, Symlinks::Follow)?;
    forms::read(name, &bytes, scheme).map_err(|error| ImportError::Form { path: path.into(), error })
}

/// The files of a folder by name, without those that hide.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let io = |error| FileError::of(folder, error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden || !path.is_file() {
            continue;
        }
        if files.len() == MAX_FILES {
            return Err(ImportError::TooManyFiles(folder.into()));
        }
        files.push(path);
    }
    files.sort();
    Ok(files)
}

/// A key that is taken, with its issuer's names.
struct Taken {
    key: ListedKey,
    names: Vec<(String, String)>,
}

fn take(request: &Request<'_>, found: Found, authorities: &[Authority]) -> Result<Taken, Why> {
    let scheme = request.scheme;
    let certificate = match &found.key {
        Holder::Certificate(certificate) => Some(certificate.as_ref()),
        Holder::Bare(_) => None,
    };
    let mut revoked_at = found.revoked_at;
    if let Some(certificate) = certificate.filter(|_| scheme == Scheme::TwoDDoc) {
        revoked_at = revoked_at.into_iter().chain(vouched(certificate, authorities)?).min();
    }
    let until = certificate.and_then(Certified::until);
    if let Some(at) = until.filter(|at| *at <= request.now && scheme == Scheme::Hcert && !request.expired) {
        return Err(Why::Expired(at));
    }
    let material = match &found.key {
        Holder::Certificate(certificate) => certificate.material()?,
        Holder::Bare(material) => material.clone(),
    };
    let (algorithm, key) = material.of_scheme(scheme)?;
    let key_id = match request.key_id {
        Some(KeyIdSetting::None) => None,
        Some(KeyIdSetting::Bytes(bytes)) => Some(bytes.clone()),
        None => match scheme {
            // Their passes name no key.
            Scheme::Pretix | Scheme::Aadhaar => None,
            Scheme::Hcert => found.key_id.or_else(|| certificate.map(Certified::digest_id)),
            Scheme::Claim169 => found.key_id,
            Scheme::TwoDDoc => found.key_id.or_else(|| certificate.and_then(document_key_id)),
        },
    };
    match &key_id {
        None if matches!(scheme, Scheme::Hcert | Scheme::TwoDDoc) => return Err(Why::NoKeyId),
        Some(id) if !(1..=MAX_ID).contains(&id.len()) => return Err(Why::KeyId(id.len())),
        _ => {}
    }
    let own = || match scheme {
        Scheme::Hcert => found.issuer.or_else(|| certificate.and_then(Certified::country)),
        Scheme::Aadhaar => Some("UIDAI".to_owned()),
        Scheme::TwoDDoc => certificate.and_then(Certified::organisation),
        Scheme::Pretix | Scheme::Claim169 => found.issuer,
    };
    let only = || match request.replaces?.issuers.as_slice() {
        [(id, _)] => Some(id.clone()),
        _ => None,
    };
    let issuer = request.issuer.map(str::to_owned).or_else(own).or_else(only).ok_or(Why::NoIssuer)?;
    check_printable("issuer", &issuer, MAX_ID).map_err(|_| Why::Issuer)?;
    let mut kinds = certificate.filter(|_| scheme == Scheme::Hcert).map(Certified::kinds).unwrap_or_default();
    if kinds.is_empty() {
        kinds = found.kinds;
    } else if !found.kinds.is_empty() {
        // Both bound it.
        kinds.retain(|kind| found.kinds.contains(kind));
        if kinds.is_empty() {
            return Err(Why::OtherUse("its certificate and the list allow nothing in common".into()));
        }
    }
    let from = certificate.and_then(Certified::from);
    let key = ListedKey { algorithm, key, issuer, key_id, from, until, kinds, revoked_at };
    Ok(Taken { key, names: found.names })
}

/// The name that a 2D-Doc has for its key: the authority's and the certificate's, of four characters each.
fn document_key_id(certificate: &Certified) -> Option<Vec<u8>> {
    let part =
        |name: Option<String>| name.filter(|name| name.len() == 4 && name.bytes().all(|b| b.is_ascii_alphanumeric()));
    Some([part(certificate.issuer_common_name())?, part(certificate.common_name())?].concat().into_bytes())
}

/// Since when the trusted list does not vouch for this certificate any more, where there is a list.
fn vouched(certificate: &Certified, authorities: &[Authority]) -> Result<Option<UnixTime>, Why> {
    if certificate.is_authority() {
        return Err(Why::Authority);
    }
    if authorities.is_empty() {
        return Ok(None);
    }
    let named = certificate.issuer_common_name().unwrap_or_default();
    let mut of_name =
        authorities.iter().filter(|one| one.certificate.common_name().as_ref() == Some(&named)).peekable();
    if of_name.peek().is_none() {
        return Err(Why::UnknownAuthority(super::material::shown(&named)));
    }
    // What is signed by a method that is not checked here is taken as without a list: somebody imports it.
    let signer = of_name.find(|one| certificate.signed_by(&one.certificate) != Some(false));
    signer.map(|one| one.ended).ok_or_else(|| Why::NotSigned(super::material::shown(&named)))
}

/// The keys that are taken so far, in the order in which they came.
#[derive(Default)]
struct List {
    keys: Vec<(String, ListedKey)>,
    names: BTreeMap<String, Vec<(String, String)>>,
}

impl List {
    /// Adds a key; or says what is left out instead.
    fn add(&mut self, what: String, taken: Taken) -> Option<(String, Why)> {
        let Taken { key, names } = taken;
        self.names.entry(key.issuer.clone()).or_default().extend(names);
        let same = |other: &&mut (String, ListedKey)| {
            let other = &other.1;
            (other.algorithm, &other.key, &other.key_id) == (key.algorithm, &key.key, &key.key_id)
                && (&other.issuer, &other.kinds, other.revoked_at) == (&key.issuer, &key.kinds, key.revoked_at)
        };
        let Some((other, held)) = self.keys.iter_mut().find(same) else {
            self.keys.push((what, key));
            return None;
        };
        if (held.from, held.until) == (key.from, key.until) {
            return Some((what, Why::Same(other.clone())));
        }
        // A till takes the first key that fits a signature: one key has one period. An absent end is none.
        held.from = held.from.zip(key.from).map(|(one, another)| one.min(another));
        held.until = held.until.zip(key.until).map(|(one, another)| one.max(another));
        Some((what, Why::Widened(other.clone())))
    }

    fn finish(mut self, request: &Request<'_>) -> Result<(KeyListBody, usize), ImportError> {
        let keys: Vec<ListedKey> = self.keys.into_iter().map(|(_, key)| key).collect();
        let used: BTreeSet<&str> = keys.iter().map(|key| key.issuer.as_str()).collect();
        if !request.names.is_empty() && used.len() > 1 {
            return Err(ImportError::NamesOfSeveral(used.len()));
        }
        at_most("keys", keys.len(), limits::MAX_LISTED_KEYS)?;
        at_most("issuers", used.len(), limits::MAX_ISSUERS)?;
        let mut issuers = Vec::new();
        for id in used {
            let found = self.names.remove(id).unwrap_or_default();
            // Words of others may be in a language or letters that a till does not take.
            let found = Text::new("name", found).ok().filter(|_| request.names.is_empty());
            let own = || Text::new("issuer", [("en".to_owned(), id.to_owned())]);
            let given = || Text::new("name", request.names.iter().cloned());
            let before =
                || request.replaces?.issuers.iter().find(|(other, _)| other == id).map(|(_, name)| name.clone());
            let name = match found.or_else(|| before().filter(|_| request.names.is_empty())) {
                Some(found) => found,
                None if request.names.is_empty() => own().map_err(ImportError::Words)?,
                None => given().map_err(ImportError::Words)?,
            };
            issuers.push((id.to_owned(), name));
        }
        let mut ids: BTreeMap<&[u8], usize> = BTreeMap::new();
        keys.iter().filter_map(|key| key.key_id.as_deref()).for_each(|id| *ids.entry(id).or_default() += 1);
        let shared = ids.values().filter(|count| **count > 1).count();
        Ok((KeyListBody { scheme: request.scheme, issuers, keys, revoked: Vec::new() }, shared))
    }
}

fn at_most(what: &'static str, found: usize, most: usize) -> Result<(), ImportError> {
    if found <= most { Ok(()) } else { Err(ImportError::TooMany { what, found, most }) }
}

fn add_revoked(request: &Request<'_>, draft: &mut Draft) -> Result<(), ImportError> {
    let mut ids = BTreeSet::new();
    for path in request.revoked {
        let bytes = read_limited(path, MAX_FILE, Symlinks::Follow)?;
        let name = path.display().to_string();
        let (found, left_out) = revoked::read(&name, &bytes, &draft.body.keys)
            .map_err(|error| ImportError::Form { path: path.clone(), error })?;
        ids.extend(found);
        draft.left_out.extend(left_out);
    }
    at_most("revoked tickets", ids.len(), limits::MAX_REVOKED_IDS)?;
    draft.body.revoked = ids.into_iter().collect();
    Ok(())
}
