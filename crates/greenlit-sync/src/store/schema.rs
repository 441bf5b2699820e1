//! The tables of the cache, as we make them and as we require them.

use rusqlite::TransactionBehavior;

use super::{APPLICATION_ID, Result, SCHEMA_VERSION, Store, damaged_or_foreign, wrap};

const SCHEMA: &str = "
    CREATE TABLE document (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'bundle', 'list')),
        number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE held (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'bundle', 'list', 'floor')),
        number INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (kind, number)) STRICT;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";

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
            transaction.execute_batch(SCHEMA).map_err(fail)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    /// Our three tables word for word as we make them, and nothing else but what SQLite adds (after
    /// ANALYZE, say): a column that is computed could take all memory, and all day, to give its value.
    pub(super) fn has_our_tables(&self) -> Result<bool> {
        let found = "SELECT CASE WHEN length(sql) < 1000 THEN sql ELSE '' END FROM sqlite_schema
                     WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 4";
        let mut statement = self.connection.prepare(found).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(|error| self.wrap(error))?;
        let found: rusqlite::Result<Vec<String>> = rows.map(|sql| sql.map(|sql| words(&sql))).collect();
        let mut found = found.map_err(|error| self.wrap(error))?;
        let mut ours: Vec<String> = SCHEMA.split_terminator(';').map(words).collect();
        found.sort();
        ours.sort();
        Ok(found == ours)
    }
}
