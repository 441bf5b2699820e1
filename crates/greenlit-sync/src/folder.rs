//! A published folder: on this disk, a share, a mounted stick.

use std::path::PathBuf;

use super::{FetchError, Source};
use greenlit_files::{FileError, Symlinks, read_limited};

/// A folder that an authority published into, or a copy of one.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Of this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Source for Folder {
    /// Regular files alone: a link in a folder of unknown origin could lead anywhere.
    fn file(&mut self, name: &str, cap: usize, _held: Option<&[u8]>) -> Result<Option<Vec<u8>>, FetchError> {
        if !self.0.is_dir() {
            return Err(FetchError::NoFolder(self.0.clone()));
        }
        match read_limited(&self.0.join(name), cap, Symlinks::Refuse) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
