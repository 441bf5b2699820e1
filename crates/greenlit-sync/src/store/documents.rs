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
        self.scheme_documents(&mut documents)?;
        Ok(documents)
    }

    /// A store that an older version made, and only reads are done in, has no tables for them.
    fn has_schemes(&self) -> Result<bool> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('scheme_document', 'scheme_held')";
        let tables: i64 = self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| self.wrap(error))?;
        Ok(tables == 2)
    }

    fn scheme_documents(&self, documents: &mut Documents) -> Result<()> {
        if !self.has_schemes()? {
            return Ok(());
        }
        let sql = "SELECT kind, number, bytes FROM scheme_document WHERE length(bytes) <= ?1 LIMIT 100";
        let mut statement = self.connection.prepare(sql).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map(params![limits::MAX_KEY_LIST_BYTES as i64], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
        });
        for row in rows.map_err(|error| self.wrap(error))? {
            let (kind, number, bytes) = row.map_err(|error| self.wrap(error))?;
            match kind.as_str() {
                "bundle" => documents.scheme_bundle = Some(bytes),
                "keys" => drop(documents.key_lists.insert(number.cast_unsigned(), bytes)),
                _ => return Err(StoreError::Damaged(self.path.clone())),
            }
        }
        Ok(())
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
        if self.has_schemes()? {
            let version: Option<i64> = self
                .connection
                .query_row("SELECT max(version) FROM scheme_held", [], |row| row.get(0))
                .map_err(|error| self.wrap(error))?;
            held.scheme_bundle = version.map(i64::cast_unsigned);
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
        self.connection.execute_batch(
            "DELETE FROM document; DELETE FROM held; DELETE FROM scheme_document; DELETE FROM scheme_held",
        )?;
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
        let mut document = self.connection.prepare("INSERT INTO scheme_document VALUES (?1, ?2, ?3)")?;
        if let Some(bytes) = &documents.scheme_bundle {
            document.execute(params!["bundle", 0, bytes])?;
        }
        for (id, bytes) in &documents.key_lists {
            document.execute(params!["keys", id.cast_signed(), bytes])?;
        }
        if let Some(version) = high.scheme_bundle {
            self.connection.execute("INSERT INTO scheme_held VALUES (?1)", params![version.cast_signed()])?;
        }
        Ok(())
    }
}
