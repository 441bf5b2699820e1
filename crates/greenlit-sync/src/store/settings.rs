//! What staff chose, and what the till notes for itself.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{OpenFlags, OptionalExtension, params};

use greenlit_core::time::UnixTime;

use super::quarantine::{LockMode, lock};
use super::{FILE_NAME, Result, SCHEMA_VERSION, Store, StoreError};

/// Longest value of a setting, in bytes.
const MAX_SETTING: usize = 1_000;

/// The setting in which a till notes the latest time that it has gone by.
pub const LATEST_TIME: &str = "latest-time";

impl Store {
    /// One setting.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM setting WHERE name = ?1 AND length(CAST(value AS BLOB)) <= ?2";
        let found = self.connection.query_row(sql, params![name, MAX_SETTING as i64], |row| row.get(0)).optional();
        found.map_err(|error| self.wrap(error))
    }

    /// Sets or, with `None`, clears one setting.
    pub fn set_setting(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        if value.is_some_and(|value| value.len() > MAX_SETTING) {
            return Err(StoreError::SettingTooLong);
        }
        let done = match value {
            Some(value) => {
                self.connection.execute("INSERT OR REPLACE INTO setting VALUES (?1, ?2)", params![name, value])
            }
            None => self.connection.execute("DELETE FROM setting WHERE name = ?1", params![name]),
        };
        done.map(drop).map_err(|error| self.wrap(error))
    }

    /// Those of these settings that are set.
    pub fn settings(&self, names: impl IntoIterator<Item = &'static str>) -> Result<BTreeMap<&'static str, String>> {
        let set = names.into_iter().map(|name| Ok((name, self.setting(name)?)));
        let all: Result<Vec<_>> = set.collect();
        Ok(all?.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }

    /// Notes the latest time that the till has gone by, where there is a store already.
    pub fn note_latest(folder: &Path, latest: UnixTime) -> Result<bool> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Ok(false);
        }
        let _alone = lock(folder, LockMode::Yes)?;
        // It is not made anew where another copy has just set it aside.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (mut store, found) = Self::open(path, flags)?;
        if !(1..=SCHEMA_VERSION).contains(&found) {
            return Ok(false);
        }
        store.set_setting(LATEST_TIME, Some(&latest.to_string())).map(|()| true)
    }
}
