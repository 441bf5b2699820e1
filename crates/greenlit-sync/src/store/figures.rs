//! A shift's figures, so that a till that stops does not lose them: counts, and nothing of anybody.

use std::path::Path;

use rusqlite::{OpenFlags, TransactionBehavior, params};

use super::quarantine::{LockMode, lock};
use super::{FILE_NAME, Result, SCHEMA_VERSION, Store};

/// Most rows that are kept: more than any shift has.
const MAX_ROWS: usize = 20_000;

/// One figure: in which hour, of what, and how many.
pub type FigureRow = (u64, String, u64);

impl Store {
    /// The figures that were kept. A row that is none is left out.
    pub fn figures(&self) -> Result<Vec<FigureRow>> {
        // A store of an earlier version has no room for them yet.
        if self.number("SELECT count(*) FROM sqlite_schema WHERE name = 'figure'")? == 0 {
            return Ok(Vec::new());
        }
        let sql = "SELECT hour, what, count FROM figure WHERE length(what) <= 20 ORDER BY hour, what LIMIT ?1";
        let mut statement = self.connection.prepare(sql).map_err(|error| self.wrap(error))?;
        let rows = statement.query_map(params![MAX_ROWS as i64], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        });
        let rows: rusqlite::Result<Vec<_>> = rows.map_err(|error| self.wrap(error))?.collect();
        let whole = |(hour, what, count)| Some((u64::try_from(hour).ok()?, what, u64::try_from(count).ok()?));
        Ok(rows.map_err(|error| self.wrap(error))?.into_iter().filter_map(whole).collect())
    }

    /// Keeps these figures in place of those kept before, where there is a store already.
    pub fn note_figures(folder: &Path, rows: &[FigureRow]) -> Result<bool> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Ok(false);
        }
        let _shared = lock(folder, LockMode::Yes)?;
        // It is not made anew where another copy has just set it aside.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (mut store, found) = Self::open(path, flags)?;
        if !(1..=SCHEMA_VERSION).contains(&found) {
            return Ok(false);
        }
        store.upgrade(found)?;
        store.write_figures(rows)?;
        Ok(true)
    }

    fn write_figures(&mut self, rows: &[FigureRow]) -> Result<()> {
        let path = self.path.clone();
        let fail = |error| super::wrap(&path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        transaction.execute("DELETE FROM figure", []).map_err(fail)?;
        {
            let mut row = transaction.prepare("INSERT INTO figure VALUES (?1, ?2, ?3)").map_err(fail)?;
            for (hour, what, count) in rows.iter().take(MAX_ROWS) {
                let numbers = (i64::try_from(*hour), i64::try_from(*count));
                if let (Ok(hour), Ok(count)) = numbers {
                    row.execute(params![hour, what, count]).map_err(fail)?;
                }
            }
        }
        transaction.commit().map_err(fail)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use tempfile::TempDir;

    use greenlit_core::time::UnixTime;

    use super::super::{LATEST_TIME, StoreError};
    use super::*;

    fn row(hour: u64, what: &str, count: u64) -> FigureRow {
        (hour, what.into(), count)
    }

    fn figures(folder: &TempDir) -> Vec<FigureRow> {
        Store::open_to_read(folder.path()).unwrap().unwrap().figures().unwrap()
    }

    /// A store as the version before this one made it.
    fn of_version_1() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open_to_write(folder.path()).unwrap());
        let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        connection
            .execute_batch("DROP TABLE figure; DROP TABLE scheme_document; DROP TABLE scheme_held; PRAGMA user_version = 1; INSERT INTO setting VALUES ('language', 'ba')")
            .unwrap();
        folder
    }

    fn version(folder: &TempDir) -> i64 {
        let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn they_are_kept_whole_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Store::note_figures(folder.path(), &[row(1, "OK", 1)]).unwrap());
        assert!(!folder.path().join(FILE_NAME).exists(), "none is made for them");
        drop(Store::open_to_write(folder.path()).unwrap());
        let all = [row(495_000, "OK", 12), row(495_000, "mismatch", 1), row(u64::MAX, "OK", 1), row(495_001, "EXP", 3)];
        assert!(Store::note_figures(folder.path(), &all).unwrap());
        assert_eq!(figures(&folder), [all[0].clone(), all[1].clone(), all[3].clone()]);
        assert!(Store::note_figures(folder.path(), &[]).unwrap());
        assert_eq!(figures(&folder), []);
    }

    #[test]
    fn a_store_of_the_version_before_is_read_as_it_is_and_brought_up_by_the_first_write() {
        let folder = of_version_1();
        assert_eq!(figures(&folder), []);
        assert!(Store::note_latest(folder.path(), UnixTime::new(1_795_386_840).unwrap()).unwrap());
        assert_eq!(version(&folder), 1, "reading it, and noting the time, changes nothing of that");
        assert!(Store::note_figures(folder.path(), &[row(1, "OK", 5)]).unwrap());
        assert_eq!((figures(&folder), version(&folder)), (vec![row(1, "OK", 5)], SCHEMA_VERSION));
        let store = Store::open_to_read(folder.path()).unwrap().unwrap();
        assert_eq!(store.setting("language").unwrap().as_deref(), Some("ba"));
        assert!(store.setting(LATEST_TIME).unwrap().is_some());

        let folder = of_version_1();
        drop(Store::open_to_write(folder.path()).unwrap());
        assert_eq!(version(&folder), SCHEMA_VERSION);
    }

    #[test]
    fn another_table_in_their_place_is_damage_and_a_row_that_is_none_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open_to_write(folder.path()).unwrap());
        let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        connection.execute_batch("INSERT INTO figure VALUES (-3, 'OK', 4), (3, 'OK', 4)").unwrap();
        connection.execute("INSERT INTO figure VALUES (4, ?1, 4)", ["x".repeat(1_000)]).unwrap();
        assert_eq!(figures(&folder), [row(3, "OK", 4)]);
        connection.execute_batch("DROP TABLE figure; CREATE TABLE figure (hour, what, count)").unwrap();
        assert!(matches!(Store::open_to_read(folder.path()), Err(StoreError::Damaged(_))));
        assert!(matches!(Store::note_figures(folder.path(), &[]), Err(StoreError::Damaged(_))));
    }
}
