//! A folder brought back from an old copy lacks passes and revocations: it would give their places to others and
//! call revoked passes valid. It is noticed, and what it lacks is put back.

use std::path::PathBuf;

use greenlit_core::time::UnixTime;
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};
use sha2::{Digest, Sha256};

use super::{Authority, AuthorityError, Notice, Result};
use crate::register::RegisterPlace;
use crate::witness::{End, Entry, Witness, first_change, tally};

/// Holds the version published last.
const VERSION_FILE: &str = "published-version";

/// Why nothing was put back.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ReplayError {
    #[error("this authority has no witness, so nothing can be restored")]
    NoWitness,
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// How much was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Passes issued.
    pub issued: usize,
    /// Changes of status, of passes and keys.
    pub changed: usize,
}

/// What the witness knows of and the register does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lacking {
    /// Lines.
    pub(crate) entries: usize,
    /// Since when, where they say so.
    pub(crate) since: Option<UnixTime>,
    /// Passes issued.
    pub(crate) issued: usize,
    /// Changes of status, of passes and keys.
    pub(crate) changed: usize,
}

impl Authority {
    /// A register brought back from an old copy is behind its witness, published or not.
    pub(super) fn check_witness(&mut self, notify: &mut dyn FnMut(Notice)) -> Result<()> {
        let Some(witness) = self.witness.clone() else { return Ok(()) };
        let (known, there) = (self.register.witness_end()?, witness.end()?);
        if known == there {
            return Ok(());
        }
        self.check_desk(&witness, known.as_ref(), there.as_ref())?;
        // Another command may be between the two: where nobody writes, they are looked at again.
        let mut lacking = Vec::new();
        self.register.replay(&self.list_uri, &mut |known| {
            let Some(there) = witness.end()? else {
                if known.is_some() {
                    notify(Notice::WitnessGone(witness.path().into()));
                }
                return Ok(Vec::new());
            };
            lacking = if known == Some(&there) { Vec::new() } else { witness.missing(known)? };
            // A single change that it lacks is what a command leaves that loses its power between the two.
            let begun = lacking.iter().take_while(|(_, entry)| *entry == Entry::Begin).count();
            let single = match lacking.get(begun..).unwrap_or_default() {
                // A witness that begins, and nothing more.
                [] => !lacking.is_empty(),
                change => first_change(change) == change.len(),
            };
            if single {
                notify(Notice::PutBack);
                return Ok(std::mem::take(&mut lacking));
            }
            Ok(Vec::new())
        })?;
        if lacking.is_empty() {
            return Ok(());
        }
        let (issued, changed) = tally(&lacking);
        Err(AuthorityError::RegisterLacks { issued, changed, witness: witness.path().into() })
    }

    /// A witness that another desk goes on with is not this one's.
    fn check_desk(&self, witness: &Witness, known: Option<&End>, there: Option<&End>) -> Result<()> {
        let RegisterPlace::Database(database) = &self.place else { return Ok(()) };
        let (None, Some(there)) = (known, there) else { return Ok(()) };
        match self.register.witness_ends()?.into_iter().find(|(_, end)| end == there) {
            None => Ok(()),
            Some((desk, _)) => {
                let (ours, witness) = (database.desk().to_owned(), witness.path().into());
                Err(AuthorityError::OtherDesk { witness, desk, ours })
            }
        }
    }

    /// What the register lacks; none where there is no witness to know it.
    pub(crate) fn lacking(&self) -> Result<Option<Lacking>> {
        let Some(witness) = &self.witness else { return Ok(None) };
        let Some(end) = witness.end()? else { return Ok(None) };
        let known = self.register.witness_end()?;
        if known.as_ref() == Some(&end) {
            return Ok(Some(Lacking::default()));
        }
        let missing = witness.missing(known.as_ref())?;
        let since = missing.iter().find_map(|(_, entry)| match entry {
            Entry::Change { at, .. } => UnixTime::new(*at),
            _ => None,
        });
        let (issued, changed) = tally(&missing);
        Ok(Some(Lacking { entries: missing.len(), since, issued, changed }))
    }

    /// Puts back what a register from an old copy lacks, from the witness. The reasons of revocations are in none.
    pub fn replay(&mut self) -> std::result::Result<Replayed, ReplayError> {
        let witness = self.witness.clone().ok_or(ReplayError::NoWitness)?;
        let Some(there) = witness.end().map_err(AuthorityError::from)? else { return Err(ReplayError::NoWitness) };
        let known = self.register.witness_end().map_err(AuthorityError::from)?;
        self.check_desk(&witness, known.as_ref(), Some(&there))?;
        let mut lacking = Vec::new();
        loop {
            let mut more = Vec::new();
            let replayed = self.register.replay(&self.list_uri, &mut |known| {
                more = if known == witness.end()?.as_ref() { Vec::new() } else { witness.missing(known)? };
                Ok(more.clone())
            });
            replayed.map_err(AuthorityError::from)?;
            if more.is_empty() {
                break;
            }
            if lacking.is_empty() {
                lacking = more;
            }
        }
        let version = lacking.iter().rev().find_map(|(_, entry)| match entry {
            Entry::Publish { version, .. } => Some(*version),
            _ => None,
        });
        version.map_or(Ok(()), |version| self.record_published_version(version))?;
        let (issued, changed) = tally(&lacking);
        Ok(Replayed { issued, changed })
    }

    /// Remembers, outside the register, that this version was spent.
    pub(crate) fn record_published_version(&self, version: u64) -> Result<()> {
        let path = self.folder.join(VERSION_FILE);
        Ok(write_atomic(&path, version.to_string().as_bytes(), 0o644, IfExists::Replace)?)
    }

    /// The register knows of the version published last.
    pub(super) fn check_not_rolled_back(&self) -> Result<()> {
        let bytes = match read_limited(&self.folder.join(VERSION_FILE), 64, Symlinks::Follow) {
            Ok(bytes) => bytes,
            Err(FileError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let there = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(u64::MAX);
        let known = self.register.last_publication()?.map_or(0, |last| last.version);
        if known < there { Err(AuthorityError::RegisterBehind { there, known }) } else { Ok(()) }
    }
}

/// Where no other is named, that of this authority in the user's data folder; one for each desk that has a name. It is
/// outside the authority's folder, so that bringing that back from a copy does not bring back this.
pub(super) fn witness_of(
    list_uri: &str,
    desk: Option<&str>,
    named: Option<PathBuf>,
    demo: bool,
    notify: &mut dyn FnMut(Notice),
) -> Option<Witness> {
    if demo {
        return None;
    }
    let own = || {
        let dirs = directories::ProjectDirs::from("", "", "greenlit-issuer")?;
        // By what no other authority has: two of one name have a witness each.
        let digest: [u8; 32] = Sha256::digest(list_uri).into();
        let mut name = hex::encode(&digest[..8]);
        if let Some(desk) = desk {
            let digest: [u8; 32] = Sha256::digest(desk).into();
            name = format!("{name}-{}", hex::encode(&digest[..4]));
        }
        Some(dirs.data_dir().join(format!("{name}.witness")))
    };
    let path = named.or_else(own);
    if path.is_none() {
        notify(Notice::NoWitness);
    }
    path.map(Witness::at)
}
