//! The tables of the cache, as we make them and as we require them.

use rusqlite::TransactionBehavior;

use super::{APPLICATION_ID, Result, SCHEMA_VERSION, Store, damaged_or_foreign, wrap};

/// What each version adds to the one before.
const SCHEMAS: [&str; SCHEMA_VERSION as usize] = [VERSION_1, VERSION_2, VERSION_3];

const VERSION_1: &str = "
    CREATE TABLE document (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'bundle', 'list')),
        number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE held (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'bundle', 'list', 'floor')),
        number INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";

const VERSION_2: &str = "
    CREATE TABLE figure (
        hour INTEGER NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (hour, what)) STRICT;";

const VERSION_3: &str = "
    CREATE TABLE scheme_document (
        kind TEXT NOT NULL CHECK (kind IN ('bundle', 'keys')),
        number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE scheme_held (version INTEGER NOT NULL) STRICT;";

/// What all versions up to this one have added.
fn up_to(version: i64) -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().copied().take(usize::try_from(version).unwrap_or(0))
}

/// Spaces and line ends told nothing when the tables were made.
fn words(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Store {
    pub(super) fn create(&mut self) -> Result<()> {
        let path = self.path.clone();
        let fail = |error| wrap(&path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
        if version == 0 {
            let tables: i64 =
                transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fail)?;
            if tables != 0 {
                return Err(damaged_or_foreign(path));
            }
            up_to(SCHEMA_VERSION).try_for_each(|tables| transaction.execute_batch(tables)).map_err(fail)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    /// Brings a store of this version up to ours, if nobody has meanwhile.
    pub(super) fn upgrade(&mut self, from: i64) -> Result<()> {
        if from == SCHEMA_VERSION {
            return Ok(());
        }
        let path = self.path.clone();
        let fail = |error| wrap(&path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let now: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
        if now == from {
            let missing = up_to(SCHEMA_VERSION).skip(usize::try_from(from).unwrap_or(0));
            missing.into_iter().try_for_each(|tables| transaction.execute_batch(tables)).map_err(fail)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    /// Our tables of this version word for word as we make them, and nothing else but what SQLite adds (after
    /// ANALYZE, say): a column that is computed could take all memory, and all day, to give its value.
    pub(super) fn has_our_tables(&self, version: i64) -> Result<bool> {
        let found = "SELECT CASE WHEN length(sql) < 1000 THEN sql ELSE '' END FROM sqlite_schema
                     WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 9";
        let mut statement = self.connection.prepare(found).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(|error| self.wrap(error))?;
        let found: rusqlite::Result<Vec<String>> = rows.map(|sql| sql.map(|sql| words(&sql))).collect();
        let mut found = found.map_err(|error| self.wrap(error))?;
        let mut ours: Vec<String> = up_to(version).flat_map(|tables| tables.split_terminator(';')).map(words).collect();
        found.sort();
        ours.sort();
        Ok(found == ours)
    }
}
