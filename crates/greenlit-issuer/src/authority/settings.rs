//! `authority.toml`: who the authority is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use greenlit_files::{IfExists, Symlinks, read_limited, write_atomic};

use super::{AuthorityError, RegisterSetting, Result};
use crate::Zone;
use crate::operator::{Operator, user_at_host};
use crate::register::RegisterPlace;
use crate::rules::one_line;

/// Its name in the authority's folder.
pub(crate) const FILE_NAME: &str = "authority.toml";
const MAX_FILE: usize = 64 << 10;

/// Settings as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Names by language.
    pub(crate) name: BTreeMap<String, String>,
    pub(crate) region: String,
    /// "Asia/Yekaterinburg".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    /// "+05:00", instead of a time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) utc_offset: Option<String>,
    /// The classes that its issuer keys may sign.
    pub(crate) classes: Vec<u64>,
    /// What the names of its status lists begin with.
    pub(crate) list_uri: String,
    /// A practice authority.
    pub(crate) demo: bool,
    /// Where the witness is, instead of the user's own data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) witness: Option<PathBuf>,
    /// The PKCS#11 module by which tokens are reached that hold issuer keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// The file with the PIN of such a token, where it is not asked for; from the authority's folder on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs11_pin_file: Option<PathBuf>,
    /// How many passes one operator may revoke in a day alone; as many as they like where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) second_word_above: Option<u64>,
    /// How many days after a pass's last one it is erased whose it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) erase_after_days: Option<u32>,
    /// The URL of the database that the register is in, instead of SQLite in the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) register: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) register_password_file: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) register_ca: Option<PathBuf>,
    /// The name of this desk, by which a register in a database knows its witness; `user@host` where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) desk: Option<String>,
}

impl Settings {
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE_NAME);
        let text = toml::to_string(self).map_err(|error| wrong(&path, &error.to_string()))?;
        Ok(write_atomic(&path, text.as_bytes(), 0o644, IfExists::Keep)?)
    }

    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        let text = read_text(&path)?;
        toml::from_str(&text).map_err(|error| wrong(&path, &error.to_string()))
    }

    /// Where the register is.
    pub(crate) fn register_place(&self, folder: &Path) -> Result<RegisterPlace> {
        let path = || folder.join(FILE_NAME);
        let Some(url) = self.register.clone() else {
            return match (&self.register_password_file, &self.register_ca) {
                (None, None) => Ok(RegisterPlace::Folder),
                _ => Err(wrong(&path(), "register_password_file and register_ca need register")),
            };
        };
        let (password_file, ca) = (self.register_password_file.clone(), self.register_ca.clone());
        let database = RegisterSetting { url, password_file, ca }.database(folder).map_err(|error| match error {
            AuthorityError::Database(error) => wrong(&path(), &error.to_string()),
            other => other,
        })?;
        Ok(RegisterPlace::Database(Box::new(database.of_desk(&self.desk_name(folder)?))))
    }

    /// What this desk is called.
    pub(crate) fn desk_name(&self, folder: &Path) -> Result<String> {
        let Some(desk) = &self.desk else { return Ok(user_at_host()) };
        let named =
            Operator::new(desk).map_err(|_| wrong(&folder.join(FILE_NAME), "desk is not one line of 1 to 64 bytes"));
        Ok(named?.as_str().to_owned())
    }

    /// Writes another place of the register into the file, and leaves the rest as it is, remarks and all.
    pub(crate) fn set_register(folder: &Path, setting: Option<&RegisterSetting>) -> Result<()> {
        let path = folder.join(FILE_NAME);
        let mut file: toml_edit::DocumentMut =
            read_text(&path)?.parse().map_err(|error: toml_edit::TomlError| wrong(&path, &error.to_string()))?;
        let text = |path: Option<&PathBuf>| path.map(|path| path.display().to_string());
        let values = [
            ("register", setting.map(|setting| setting.url.clone())),
            ("register_password_file", text(setting.and_then(|setting| setting.password_file.as_ref()))),
            ("register_ca", text(setting.and_then(|setting| setting.ca.as_ref()))),
        ];
        for (name, value) in values {
            match value {
                Some(value) => drop(file.insert(name, toml_edit::value(value))),
                None => drop(file.remove(name)),
            }
        }
        Ok(write_atomic(&path, file.to_string().as_bytes(), 0o644, IfExists::Replace)?)
    }

    /// The region's time.
    pub(super) fn zone(&self) -> std::result::Result<Zone, String> {
        match (self.time_zone.as_deref(), self.utc_offset.as_deref()) {
            (Some(name), None) => Zone::named(name)
                .ok_or_else(|| format!("time_zone \"{name}\" is not an IANA time zone such as Asia/Yekaterinburg")),
            (None, Some(text)) => {
                Zone::from_offset(text).ok_or_else(|| "utc_offset is not an offset such as \"+05:00\"".to_owned())
            }
            (None, None) => Err("has neither time_zone nor utc_offset".into()),
            (Some(_), Some(_)) => Err("has both time_zone and utc_offset; remove one".into()),
        }
    }
}

fn read_text(path: &Path) -> Result<String> {
    let bytes = read_limited(path, MAX_FILE, Symlinks::Follow)?;
    String::from_utf8(bytes).map_err(|_| wrong(path, "not UTF-8 text"))
}

/// What is wrong with the file, in one line.
pub(super) fn wrong(path: &Path, why: &str) -> AuthorityError {
    AuthorityError::Settings { path: path.display().to_string(), why: one_line(why) }
}

/// How a region's time is given.
#[derive(Clone, Debug)]
pub enum TimeOf {
    /// A name of the IANA database.
    Zone(String),
    /// "+05:00".
    Offset(String),
}

impl TimeOf {
    pub(crate) fn zone(&self) -> Option<Zone> {
        match self {
            Self::Zone(name) => Zone::named(name),
            Self::Offset(text) => Zone::from_offset(text),
        }
    }

    /// `time_zone` and `utc_offset`.
    pub(crate) fn into_settings(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Zone(name) => (Some(name), None),
            Self::Offset(text) => (None, Some(text)),
        }
    }
}
