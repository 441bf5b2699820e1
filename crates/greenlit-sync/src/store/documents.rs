//! The signed documents in the cache, and what has been held of them.

use rusqlite::params;

use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Documents, ImportError, RollbackFloor, TrustState, limits};

use super::{LATEST_TIME, Result, Store, StoreError};

/// What the cache held at start.
#[derive(Debug)]
pub struct LoadedStore {
    /// The trust data that still holds.
    pub trust: TrustState,
    /// Documents that no longer hold, and why. They were left out.
    pub dropped: Vec<ImportError>,
    /// Every document as it stood there, good or not: what [`Store::save`] expects to find again.
    pub found: Documents,
}

impl Store {
    /// Opens what is cached against its anchor.
    pub fn load(&self, build_date: UnixTime) -> Result<LoadedStore> {
        // One reading transaction, so that an import cannot come between its parts.
        let transaction = self.connection.unchecked_transaction().map_err(|error| self.wrap(error))?;
        let documents = self.documents()?;
        let held = self.rollback_floor()?;
        let latest = self.setting(LATEST_TIME)?;
        transaction.finish().map_err(|error| self.wrap(error))?;
        let (mut trust, dropped) = TrustState::restore(&documents, &held, build_date);
        trust.set_latest(latest.and_then(|text| UnixTime::parse_rfc3339(&text).ok()));
        Ok(LoadedStore { trust, dropped, found: documents })
    }

    pub(super) fn documents(&self) -> Result<Documents> {
        // More rows than any till holds are somebody's joke.
        let sql =
            "SELECT kind, number, bytes FROM document WHERE length(bytes) <= ?1 ORDER BY kind, number LIMIT 10000";
        let mut statement = self.connection.prepare(sql).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map(params![limits::MAX_LIST_BYTES as i64], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
        });
        let mut documents = Documents::default();
        for row in rows.map_err(|error| self.wrap(error))? {
            let (kind, number, bytes) = row.map_err(|error| self.wrap(error))?;
            match kind.as_str() {
                "root" => documents.roots.push(bytes),
                "bundle" => documents.bundle = Some(bytes),
                "list" => drop(documents.lists.insert(number.cast_unsigned(), bytes)),
                _ => return Err(StoreError::Damaged(self.path.clone())),
            }
        }
        Ok(documents)
    }

    pub(super) fn rollback_floor(&self) -> Result<RollbackFloor> {
        let damaged = || StoreError::Damaged(self.path.clone());
        let mut statement = self
            .connection
            .prepare("SELECT kind, number, value FROM held LIMIT 10000")
            .map_err(|error| self.wrap(error))?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.cast_unsigned(), row.get::<_, i64>(2)?.cast_unsigned()))
        });
        let mut held = RollbackFloor::default();
        for row in rows.map_err(|error| self.wrap(error))? {
            let (kind, number, value) = row.map_err(|error| self.wrap(error))?;
            let time = UnixTime::new(value);
            match kind.as_str() {
                "root" => held.root = value,
                "bundle" => held.bundle = Some(value),
                "list" => drop(held.lists.insert(number, time.ok_or_else(damaged)?)),
                "floor" => held.floor = Some(time.ok_or_else(damaged)?),
                _ => return Err(damaged()),
            }
        }
        Ok(held)
    }

    /// Writes trust data whole, provided that what is there is still what the caller found. Another
    /// anchor's data takes the place of all that the old one vouched for.
    pub fn save(&mut self, trust: &TrustState, found: &Documents) -> Result<()> {
        // Taken at once, so that two writers wait for each other instead of failing at the end.
        self.batch("BEGIN IMMEDIATE")?;
        let written = self.documents().and_then(|now| {
            if now == *found {
                self.write_trust(trust).map_err(|error| self.wrap(error))
            } else {
                Err(StoreError::Changed(self.path.clone()))
            }
        });
        let done = written.and_then(|()| self.batch("COMMIT"));
        if done.is_err() {
            // SQLite may have rolled back by itself already.
            let _ = self.batch("ROLLBACK");
        }
        done
    }

    fn write_trust(&self, trust: &TrustState) -> rusqlite::Result<()> {
        self.connection.execute_batch("DELETE FROM document; DELETE FROM held")?;
        let mut document = self.connection.prepare("INSERT INTO document VALUES (?1, ?2, ?3)")?;
        let documents = trust.documents();
        for (number, bytes) in documents.roots.iter().enumerate() {
            document.execute(params!["root", number as i64, bytes])?;
        }
        if let Some(bytes) = &documents.bundle {
            document.execute(params!["bundle", 0, bytes])?;
        }
        for (id, bytes) in &documents.lists {
            document.execute(params!["list", id.cast_signed(), bytes])?;
        }
        let mut held = self.connection.prepare("INSERT INTO held VALUES (?1, ?2, ?3)")?;
        let high = trust.rollback_floor();
        held.execute(params!["root", 0, high.root.cast_signed()])?;
        if let Some(version) = high.bundle {
            held.execute(params!["bundle", 0, version.cast_signed()])?;
        }
        for (id, issued) in &high.lists {
            held.execute(params!["list", id.cast_signed(), issued.seconds().cast_signed()])?;
        }
        if let Some(floor) = high.floor {
            held.execute(params!["floor", 0, floor.seconds().cast_signed()])?;
        }
        Ok(())
    }
}
