//! A proposal of a root on its way from disk to disk.

use std::path::{Path, PathBuf};

use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Root, limits};
use greenlit_files::{IfExists, Symlinks, read_limited, write_atomic};

use super::{Result, RootError};
use crate::authority::Authority;
use crate::{PrivateKey, Proposal};

/// A proposal holds two roots and a few bytes around them.
pub const MAX_PROPOSAL: usize = 2 * limits::MAX_ROOT_BYTES + 100;

/// A proposal in a file.
pub struct ProposalFile {
    path: PathBuf,
    proposal: Proposal,
}

impl ProposalFile {
    /// Reads it; every signature on it must hold.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read_limited(path, MAX_PROPOSAL, Symlinks::Follow)?;
        let proposal = Proposal::parse(&bytes).map_err(|error| RootError::Proposal { path: path.into(), error })?;
        Ok(Self { path: path.into(), proposal })
    }

    /// What it says.
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Requires that the root it is measured by is the one in this file. What it says would change is measured by
    /// the root it carries: a forged one would hide anything.
    pub fn check_after(&self, ours: &Path) -> Result<()> {
        let root = read_limited(ours, limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
        if root == self.proposal.current_root().as_bytes() {
            return Ok(());
        }
        let carried = self.proposal.current_root().fingerprint();
        Err(RootError::OtherBefore { path: self.path.clone(), ours: ours.into(), carried })
    }

    /// Adds a signature; `false` where that key has signed already.
    pub fn sign(&mut self, key: &PrivateKey) -> Result<bool> {
        self.proposal.sign(key).map_err(|error| RootError::Proposal { path: self.path.clone(), error })
    }

    /// Writes it with its signatures.
    pub fn write(&self) -> Result<()> {
        Ok(write_atomic(&self.path, &self.proposal.encode(), 0o644, IfExists::Replace)?)
    }

    /// The root, if enough have signed it, and if tills that hold the one in force here would take it.
    pub fn finish(&self, authority: &Authority, now: UnixTime) -> Result<Root> {
        let path = || self.path.clone();
        let newest = authority.newest_root()?;
        if let Some((missing, waiting)) = self.proposal.missing_signatures() {
            return Err(RootError::TooFew { path: path(), missing, waiting });
        }
        let root = self.proposal.finish().map_err(|error| RootError::Refused { path: path(), error })?;
        if newest.as_bytes() == root.as_bytes() {
            return Err(RootError::AlreadyThere(newest.number));
        }
        if newest.as_bytes() != self.proposal.current_root().as_bytes() {
            return Err(RootError::Overtaken { path: path(), newest: newest.number });
        }
        // The till's own step, from the root that is in force here.
        newest.verify_next(root.as_bytes()).map_err(|error| RootError::Refused { path: path(), error })?;
        if now >= root.expires {
            return Err(RootError::Expired { path: path(), at: root.expires });
        }
        Ok(root)
    }
}
