//! The scheme bundle and its key lists, of a publication that has them.

use greenlit_core::trust::{TrustState, limits};

use crate::{ListFailure, ListOutcome, SCHEME_BUNDLE_FILE, Source, key_list_file, take_list};

/// What became of the scheme bundle.
#[derive(Debug)]
pub enum Schemes {
    /// The publication has none; one that is held goes on serving for as long as it lasts.
    None,
    /// The one already held, with these lists that were lacking.
    Same(Vec<(u64, ListOutcome)>),
    /// A newer one, with each of its key lists.
    Taken(Vec<(u64, ListOutcome)>),
    /// Not taken, and nothing of it changed.
    Failed(ListFailure),
}

impl Schemes {
    /// Whether there is something to be stored.
    pub fn changed(&self) -> bool {
        match self {
            Self::Taken(_) => true,
            Self::Same(lists) => lists.iter().any(|(_, list)| matches!(list, ListOutcome::Taken)),
            Self::None | Self::Failed(_) => false,
        }
    }

    /// Its key lists.
    pub fn lists(&self) -> &[(u64, ListOutcome)] {
        if let Self::Same(lists) | Self::Taken(lists) = self { lists } else { &[] }
    }
}

/// Takes what is newer, into `trust`: a new scheme bundle with every list that served before, or nothing of it.
pub(crate) fn sync(source: &mut dyn Source, held: &TrustState, trust: &mut TrustState) -> Schemes {
    let ours = trust.scheme_bundle().map(|bundle| bundle.as_bytes().to_vec());
    let bytes = match source.file(SCHEME_BUNDLE_FILE, limits::MAX_BUNDLE_BYTES, ours.as_deref()) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Schemes::None,
        Err(error) => return Schemes::Failed(error.into()),
    };
    let mut next = trust.clone();
    let new = match next.import_scheme_bundle(&bytes) {
        Ok(new) => new,
        Err(error) => return Schemes::Failed(error.into()),
    };
    // What the scheme bundle names by the digest of a list that is held, is held.
    let entries = next.scheme_bundle().map(|bundle| bundle.key_lists.clone()).unwrap_or_default();
    let mut lists = Vec::new();
    for entry in entries.iter().filter(|entry| trust.key_list(entry.id).is_none_or(|(_, ours)| ours != *entry)) {
        let outcome = if next.key_list(entry.id).is_some() {
            ListOutcome::Same
        } else {
            let import = |bytes: &[u8]| next.import_key_list(entry.id, bytes);
            take_list(source, key_list_file(entry.id), (limits::MAX_KEY_LIST_BYTES, None), import)
        };
        match outcome {
            // A publication half fetched: what there was serves better.
            ListOutcome::Failed(failure) if held.key_list(entry.id).is_some() && trust.scheme_bundle().is_some() => {
                return Schemes::Failed(failure);
            }
            outcome => lists.push((entry.id, outcome)),
        }
    }
    *trust = next;
    if new { Schemes::Taken(lists) } else { Schemes::Same(lists) }
}
