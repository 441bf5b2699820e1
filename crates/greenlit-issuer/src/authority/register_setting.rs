//! Which database the register is in, as authority.toml or the command line says it.

use std::path::{Path, PathBuf};

use greenlit_files::{Symlinks, read_limited};

use super::key_files::mode_for_others;
use super::{AuthorityError, Result};
use crate::register::Database;

const MAX_PASSWORD_FILE: usize = 4 << 10;
const MAX_CERTIFICATES: usize = 1 << 20;

/// A database, and where what it takes to be let in is.
#[derive(Clone)]
pub struct RegisterSetting {
    /// `postgresql://…`.
    pub url: String,
    /// The file of its password, where there is one and the URL has none.
    pub password_file: Option<PathBuf>,
    /// The file of the certificates that vouch for the server, instead of the system's.
    pub ca: Option<PathBuf>,
}

impl RegisterSetting {
    /// The database; files are found from this folder.
    pub(crate) fn database(&self, folder: &Path) -> Result<Database> {
        let password = self.password_file.as_ref().map(|file| read_password(&folder.join(file))).transpose()?;
        let read = |file: &PathBuf| read_limited(&folder.join(file), MAX_CERTIFICATES, Symlinks::Follow);
        let ca = self.ca.as_ref().map(read).transpose()?;
        Ok(Database::new(&self.url, password.as_deref(), ca.as_deref())?)
    }

    /// With files that are found from wherever a command is run.
    pub(crate) fn absolute(mut self) -> Self {
        for file in [&mut self.password_file, &mut self.ca].into_iter().flatten() {
            if let Ok(absolute) = std::path::absolute(&file) {
                *file = absolute;
            }
        }
        self
    }
}

/// One line, which nobody else may read.
fn read_password(path: &Path) -> Result<String> {
    let bytes = read_limited(path, MAX_PASSWORD_FILE, Symlinks::Follow)?;
    if mode_for_others(path).is_some() {
        return Err(AuthorityError::OpenKey(path.into()));
    }
    let text = String::from_utf8(bytes).map_err(|_| AuthorityError::NoPassword(path.into()))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains(['\n', '\0']) {
        return Err(AuthorityError::NoPassword(path.into()));
    }
    Ok(line.to_owned())
}
