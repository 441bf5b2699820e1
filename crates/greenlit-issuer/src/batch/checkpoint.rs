//! How far a batch has come: which part of its file is done, with what was written of it. Beside the passes, for what is
//! done is what stands in both files; whose pass is entered is the register's to know.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{BatchError, Counts};
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

const MAX_FILE: usize = 1 << 20;

/// Everything before `offset` is done, and both outputs are on the disk up to these lengths.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    /// SHA-256 of the file.
    pub(super) digest: String,
    /// What the rows are read by, and where the rejected ones go; another run goes on by the same.
    pub(super) options: String,
    pub(super) offset: u64,
    pub(super) lines: u64,
    /// What stands in both files.
    pub(super) passes: Written,
    pub(super) rejected: Written,
    pub(super) counts: Counts,
    pub(super) done: bool,
}

/// How much of an output was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) length: u64,
    /// CRC-32 of it, against an output that was opened and saved by another program.
    pub(super) crc32: u32,
}

impl Checkpoint {
    /// Its file, of a batch whose passes go there.
    pub(super) fn path(passes: &Path) -> PathBuf {
        let mut name = passes.as_os_str().to_owned();
        name.push(".progress");
        name.into()
    }

    /// The one of this batch; another's is not touched.
    pub(super) fn read(passes: &Path, digest: &str) -> Result<Option<Self>, BatchError> {
        let path = Self::path(passes);
        let bytes = match read_limited(&path, MAX_FILE, Symlinks::Follow) {
            Ok(bytes) => bytes,
            Err(FileError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(checkpoint) if checkpoint.digest == digest => Ok(Some(checkpoint)),
            _ => Err(BatchError::Exists(path)),
        }
    }

    pub(super) fn write(&self, passes: &Path) -> Result<(), BatchError> {
        let path = Self::path(passes);
        let bytes = serde_json::to_vec(self).map_err(|_| BatchError::Worker)?;
        Ok(write_atomic(&path, &bytes, 0o600, IfExists::Replace)?)
    }
}
