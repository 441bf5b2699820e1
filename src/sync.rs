//! Fetches signed documents. Nothing is believed for where it came from: every file must hold
//! against the trust data already there, and what does not leaves everything as it was.

use std::path::{Path, PathBuf};

use crate::files::{FileError, Links, read_capped};
use crate::trust::{ImportError, TrustState, cap};

/// The bundle's name in a publication.
pub const BUNDLE_FILE: &str = "trust.cbor";

/// The name of a root in a publication.
pub fn root_file(number: u64) -> String {
    format!("root-{number}.cbor")
}

/// The name of a status list in a publication.
pub fn list_file(id: u64) -> String {
    format!("status-{id}.cwt")
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SyncError {
    #[error("{}: no such folder; give the folder that the authority published", .0.display())]
    NoFolder(PathBuf),
    #[error("{}: there is no trust.cbor in it; is it the folder that the authority published?", .0.display())]
    NoBundle(PathBuf),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{0}; nothing was changed")]
    Import(#[from] ImportError),
    #[error(
        "{failure}; without it the newer trust data would leave this till without status list {id}, so nothing was changed"
    )]
    Incomplete { id: u64, failure: ListFailure },
    #[error("more than 64 new roots in one go; nothing was changed")]
    TooManyRoots,
    #[error("this version syncs from a folder; \"{0}\" is a web address")]
    NoWebYet(String),
}

/// What became of one status list.
#[derive(Debug)]
pub enum ListOutcome {
    /// A newer one was taken.
    Taken,
    /// The one already held.
    Same,
    /// Not taken; the one held before, if it still serves, goes on serving.
    Failed(ListFailure),
}

/// Why a status list was not taken.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ListFailure {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Trust data after a sync, to be stored.
#[derive(Debug)]
pub struct Outcome {
    /// What to judge by from now on.
    pub trust: TrustState,
    /// How many root steps were taken.
    pub root_steps: u64,
    /// Whether the bundle was a new one.
    pub new_bundle: bool,
    /// Each list of the bundle.
    pub lists: Vec<(u64, ListOutcome)>,
}

impl Outcome {
    /// Whether anything is to be stored.
    pub fn changed(&self) -> bool {
        self.root_steps > 0 || self.new_bundle || self.lists.iter().any(|(_, list)| matches!(list, ListOutcome::Taken))
    }
}

/// Takes what a published folder has beyond `held`: roots one by one, then the bundle, then every
/// list it names. Roots, bundle and the lists that served before are taken together or not at all; a
/// list that this till has never had may fail alone.
pub fn from_folder(folder: &Path, held: &TrustState) -> Result<Outcome, SyncError> {
    if folder.to_str().is_some_and(|text| text.starts_with("https://") || text.starts_with("http://")) {
        return Err(SyncError::NoWebYet(folder.display().to_string()));
    }
    if !folder.is_dir() {
        return Err(SyncError::NoFolder(folder.into()));
    }
    let mut trust = held.clone();
    let mut root_steps = 0;
    loop {
        let newest = trust.newest_root().ok_or(ImportError::NoAnchor)?.number;
        let Some(bytes) = read_if_there(&folder.join(root_file(newest.saturating_add(1))), cap::ROOT)? else { break };
        if root_steps == cap::ROOT_STEPS {
            return Err(SyncError::TooManyRoots);
        }
        trust.step_root(&bytes)?;
        root_steps += 1;
    }
    let bundle = read_if_there(&folder.join(BUNDLE_FILE), cap::BUNDLE)?;
    let new_bundle = trust.take_bundle(&bundle.ok_or_else(|| SyncError::NoBundle(folder.into()))?)?;
    let ids: Vec<u64> =
        trust.bundle().map(|bundle| bundle.lists.iter().map(|list| list.id).collect()).unwrap_or_default();
    let mut lists = Vec::new();
    for id in ids {
        match take_list(folder, id, &mut trust) {
            // A publication half fetched, or mixed from two: what there was serves better.
            ListOutcome::Failed(failure) if trust.list(id).is_none() && held.list(id).is_some() => {
                return Err(SyncError::Incomplete { id, failure });
            }
            outcome => lists.push((id, outcome)),
        }
    }
    Ok(Outcome { trust, root_steps, new_bundle, lists })
}

fn take_list(folder: &Path, id: u64, trust: &mut TrustState) -> ListOutcome {
    let bytes = match read_capped(&folder.join(list_file(id)), cap::LIST, Links::Refuse) {
        Ok(bytes) => bytes,
        Err(error) => return ListOutcome::Failed(error.into()),
    };
    match trust.take_list(id, &bytes) {
        Ok(true) => ListOutcome::Taken,
        Ok(false) => ListOutcome::Same,
        Err(error) => ListOutcome::Failed(error.into()),
    }
}

fn read_if_there(path: &Path, cap: usize) -> Result<Option<Vec<u8>>, SyncError> {
    match read_capped(path, cap, Links::Refuse) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
