//! Fetches signed documents. Nothing is trusted for where it came from: every file must hold
//! against the trust data already there, and what does not leaves everything as it was.
//!
//! ```text
//! folder   a folder, a mounted stick ┐
//! web      HTTPS                     ┴ Source → sync: what of it is taken → Outcome, to be stored
//! store    what was taken, kept in SQLite
//! schedule when the next sync is due · stick which mounted folders hold a publication
//! ```
#![forbid(unsafe_code)]

mod folder;
pub mod removable;
pub mod schedule;
mod schemes;
#[cfg(feature = "store")]
pub mod store;
#[cfg(feature = "web")]
mod web;

pub use folder::Folder;
#[cfg(feature = "web")]
pub use web::{CachedTag, SourceUrl, Web, WebError, WebOptions};

use std::path::{Path, PathBuf};

pub use greenlit_core::publication::{BUNDLE_FILE, SCHEME_BUNDLE_FILE, key_list_file, list_file, root_file};
use greenlit_core::trust::{ImportError, TrustState, limits};
use greenlit_files::FileError;
pub use schemes::Schemes;

/// Where documents are fetched from.
pub trait Source {
    /// The file of this name, of at most `cap` bytes; `None` where there is none. What is held of it
    /// already may be given back by a source that knows it to be the same, instead of being fetched.
    fn file(&mut self, name: &str, cap: usize, held: Option<&[u8]>) -> Result<Option<Vec<u8>>, FetchError>;
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum FetchError {
    #[error("{}: no such folder; expected the authority's published folder", .0.display())]
    NoFolder(PathBuf),
    #[error(transparent)]
    File(#[from] FileError),
    #[cfg(feature = "web")]
    #[error(transparent)]
    Web(#[from] WebError),
    /// Of a source that is not one of these.
    #[error("{name}: {why}")]
    Elsewhere { name: String, why: String },
}

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SyncError {
    #[error("no trust.cbor there; is this the place where the authority publishes?")]
    NoBundle,
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{0}; nothing was changed")]
    Import(#[from] ImportError),
    #[error("{failure}; the update would leave this till without status list {id}, so nothing was changed")]
    Incomplete { id: u64, failure: ListFailure },
    #[error("more than {} new roots at once; nothing was changed", limits::MAX_ROOT_ADVANCES)]
    TooManyRoots,
}

/// What became of one status list, or key list.
#[derive(Debug)]
pub enum ListOutcome {
    /// A newer one was taken.
    Taken,
    /// The one already held.
    Same,
    /// Not taken; the one held before, if it still serves, goes on serving.
    Failed(ListFailure),
}

/// Why a status list or key list, or the scheme bundle, was not taken.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ListFailure {
    #[error("no {0} there")]
    Missing(String),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Trust data after a sync, to be stored.
#[derive(Debug)]
pub struct Outcome {
    /// What to judge by from now on.
    pub trust: TrustState,
    /// How many root steps were taken.
    pub root_advances: u64,
    /// Whether the bundle was a new one.
    pub new_bundle: bool,
    /// Each list of the bundle.
    pub lists: Vec<(u64, ListOutcome)>,
    /// The scheme bundle and its key lists.
    pub schemes: Schemes,
}

impl Outcome {
    /// Whether anything is to be stored.
    pub fn changed(&self) -> bool {
        self.root_advances > 0
            || self.new_bundle
            || self.lists.iter().any(|(_, list)| matches!(list, ListOutcome::Taken))
            || self.schemes.changed()
    }
}

/// Takes what a publication has beyond `held`: roots one by one, then the bundle, then every list it
/// names. Roots, bundle and the lists that served before are taken together or not at all; a list that
/// this till has never had may fail alone. Passes of other schemes are a matter of their own: what is wrong there
/// holds nothing up, and leaves what was held of them.
pub fn sync(source: &mut dyn Source, held: &TrustState) -> Result<Outcome, SyncError> {
    let mut trust = held.clone();
    let mut root_advances = 0;
    loop {
        let newest = trust.newest_root().ok_or(ImportError::NoAnchor)?.number;
        let Some(bytes) = source.file(&root_file(newest.saturating_add(1)), limits::MAX_ROOT_BYTES, None)? else {
            break;
        };
        if root_advances == limits::MAX_ROOT_ADVANCES {
            return Err(SyncError::TooManyRoots);
        }
        trust.advance_root(&bytes)?;
        root_advances += 1;
    }
    let ours = held.bundle().map(|bundle| bundle.as_bytes());
    let bundle = source.file(BUNDLE_FILE, limits::MAX_BUNDLE_BYTES, ours)?.ok_or(SyncError::NoBundle)?;
    let new_bundle = trust.import_bundle(&bundle)?;
    let ids: Vec<u64> =
        trust.bundle().map(|bundle| bundle.lists.iter().map(|list| list.id).collect()).unwrap_or_default();
    let mut lists = Vec::new();
    for id in ids {
        let ours = held.list(id).map(|(list, _)| list.as_bytes());
        let import = |bytes: &[u8]| trust.import_list(id, bytes);
        match take_list(source, list_file(id), (limits::MAX_LIST_BYTES, ours), import) {
            // A publication half fetched, or mixed from two: what there was serves better.
            ListOutcome::Failed(failure) if trust.list(id).is_none() && held.list(id).is_some() => {
                return Err(SyncError::Incomplete { id, failure });
            }
            outcome => lists.push((id, outcome)),
        }
    }
    let schemes = schemes::sync(source, held, &mut trust);
    Ok(Outcome { trust, root_advances, new_bundle, lists, schemes })
}

/// [`sync`] from a folder.
pub fn from_folder(folder: &Path, held: &TrustState) -> Result<Outcome, SyncError> {
    sync(&mut Folder::new(folder), held)
}

/// Fetches a list by its name, and takes it.
fn take_list(
    source: &mut dyn Source,
    name: String,
    (cap, ours): (usize, Option<&[u8]>),
    import: impl FnOnce(&[u8]) -> Result<bool, ImportError>,
) -> ListOutcome {
    let bytes = match source.file(&name, cap, ours) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return ListOutcome::Failed(ListFailure::Missing(name)),
        Err(error) => return ListOutcome::Failed(error.into()),
    };
    match import(&bytes) {
        Ok(true) => ListOutcome::Taken,
        Ok(false) => ListOutcome::Same,
        Err(error) => ListOutcome::Failed(error.into()),
    }
}
