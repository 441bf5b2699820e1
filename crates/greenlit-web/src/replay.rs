//! A publication that a page fetches. Fetching waits, and a sync does not: so it is run on what has been fetched, says which
//! files it lacked, and is run again when those are there.

use std::collections::BTreeMap;

use greenlit_core::trust::TrustState;
use greenlit_sync::{FetchError, Outcome, Source, SyncError, sync};

/// Most runs: a root each, the bundle, its lists.
const MAX_RUNS: usize = greenlit_core::trust::limits::MAX_ROOT_ADVANCES as usize + 8;

/// What has been fetched so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetched {
    /// None where the server has no such file; a reason where it was not reached.
    files: BTreeMap<String, Result<Option<Vec<u8>>, String>>,
    runs: usize,
}

/// How a sync goes on.
#[derive(Debug)]
pub(crate) enum Step {
    /// These are to be fetched, of at most so many bytes each.
    Fetch(Vec<(String, usize)>),
    /// It has ended.
    Done(Box<Result<Outcome, SyncError>>),
}

impl Fetched {
    /// A file came; or there is none.
    pub(crate) fn take(&mut self, name: String, bytes: Option<Vec<u8>>) {
        self.files.insert(name, Ok(bytes));
    }

    /// A file could not be had.
    pub(crate) fn fail(&mut self, name: String, why: String) {
        self.files.insert(name, Err(why));
    }

    /// Whether the server was not reached for any of them.
    pub(crate) fn was_cut_off(&self) -> bool {
        self.files.values().any(Result::is_err)
    }

    /// Goes as far as what there is.
    pub(crate) fn step(&mut self, held: &TrustState) -> Step {
        let mut run = Run { fetched: &self.files, lacking: Vec::new() };
        let outcome = sync(&mut run, held);
        let lacking = run.lacking;
        self.runs += 1;
        if lacking.is_empty() || self.runs > MAX_RUNS { Step::Done(Box::new(outcome)) } else { Step::Fetch(lacking) }
    }
}

struct Run<'f> {
    fetched: &'f BTreeMap<String, Result<Option<Vec<u8>>, String>>,
    lacking: Vec<(String, usize)>,
}

impl Source for Run<'_> {
    fn file(&mut self, name: &str, cap: usize, _held: Option<&[u8]>) -> Result<Option<Vec<u8>>, FetchError> {
        let elsewhere = |why: &str| FetchError::Elsewhere { name: name.to_owned(), why: why.to_owned() };
        match self.fetched.get(name) {
            Some(Ok(Some(bytes))) if bytes.len() > cap => Err(elsewhere("larger than its limit")),
            Some(Ok(bytes)) => Ok(bytes.clone()),
            Some(Err(why)) => Err(elsewhere(why)),
            None => {
                self.lacking.push((name.to_owned(), cap));
                Err(elsewhere("not fetched yet"))
            }
        }
    }
}
