//! A SQLite register that comes from another place, or goes there.

use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, TransactionBehavior, params_from_iter};

use super::{FILE_NAME, SqliteRegister, wrap};
use crate::register::copy::{Copied, Kind, Mark, Table, Tables, Value, WITNESS, copy};
use crate::register::schema::{APPLICATION_ID, MOVED_ID};
use crate::register::{RegisterError, Result};

/// Memory for pages, in KiB: rows come in the order of their keys.
const CACHE: &str = "PRAGMA cache_size = -16384";

/// Where the register has gone: made with the mark, and never removed.
const MOVED: &str = "CREATE TABLE IF NOT EXISTS moved (one INTEGER PRIMARY KEY CHECK (one = 1), place TEXT NOT NULL,
                                                       id TEXT NOT NULL) STRICT";

/// No other register has this table.
const CLASSES: &str = "INSERT INTO class SELECT class, count(*) FROM pass GROUP BY class";

impl SqliteRegister {
    /// Has it copied while nobody writes, and marks it as moved.
    pub(in crate::register) fn leave(
        &mut self,
        mark: &Mark,
        desk: &str,
        copied: &mut dyn FnMut(&mut dyn Tables) -> Result<Vec<Copied>>,
    ) -> Result<Vec<Copied>> {
        self.change(|change| {
            change.transaction.execute_batch(CACHE).map_err(|error| wrap(change.path, error))?;
            let done = copied(&mut InFile { connection: &change.transaction, path: change.path, desk })?;
            change.execute(MOVED, [])?;
            change.execute("INSERT OR REPLACE INTO moved VALUES (1, ?1, ?2)", [&mark.to, &mark.id])?;
            let sql = format!("PRAGMA application_id = {MOVED_ID}");
            change.transaction.execute_batch(&sql).map_err(|error| wrap(change.path, error))?;
            Ok(done)
        })
    }

    /// Makes a new one beside its place, of these tables.
    pub(in crate::register) fn arrive(
        folder: &Path,
        id: &str,
        desk: &str,
        from: &mut dyn Tables,
    ) -> Result<Vec<Copied>> {
        let path = folder.join(FILE_NAME);
        if Self::mark_of(folder)?.is_some() {
            // Of an earlier move, which was cut short at its very end.
            put_away(folder).map_err(|error| moving(&path, error))?;
        }
        if path.exists() {
            return Err(RegisterError::TakenFile(path.display().to_string()));
        }
        remove_unfinished(folder);
        let path = arriving(folder, id);
        let mut register = Self::create_at(&path)?;
        let fail = |error| wrap(&path, error);
        register.connection.execute_batch(CACHE).map_err(fail)?;
        let transaction =
            register.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let done = copy(from, &mut InFile { connection: &transaction, path: &path, desk }, Some(desk))?;
        transaction.execute(CLASSES, []).map_err(fail)?;
        transaction.commit().map_err(fail)?;
        greenlit_files::sync_folder(folder);
        Ok(done)
    }

    pub(in crate::register) fn settle(folder: &Path, id: &str) -> Result<()> {
        let (from, to) = (arriving(folder, id), folder.join(FILE_NAME));
        match (from.is_file(), to.is_file()) {
            (true, false) => std::fs::rename(&from, &to).map_err(|error| moving(&to, error))?,
            (false, true) => {}
            _ => return Err(RegisterError::OtherMove(to.display().to_string())),
        }
        greenlit_files::sync_folder(folder);
        Ok(())
    }

    pub(in crate::register) fn mark_of(folder: &Path) -> Result<Option<Mark>> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Ok(None);
        }
        let register = Self::connect_to(&path, rusqlite::OpenFlags::empty())?;
        if application_id(&register.connection, &path)? != MOVED_ID {
            return Ok(None);
        }
        mark(&register.connection).map_err(|error| wrap(&path, error))
    }
}

/// Holds a file to be one of ours that was not moved to another place.
pub(super) fn check_here(connection: &Connection, path: &Path) -> Result<()> {
    let register = path.display().to_string();
    match application_id(connection, path)? {
        APPLICATION_ID => Ok(()),
        MOVED_ID => {
            let to = mark(connection).map_err(|error| wrap(path, error))?.map(|mark| mark.to);
            Err(RegisterError::Moved { register, to: to.unwrap_or_default() })
        }
        _ => Err(RegisterError::Damaged(register)),
    }
}

fn application_id(connection: &Connection, path: &Path) -> Result<i64> {
    let found = connection.query_row("PRAGMA application_id", [], |row| row.get(0));
    found.map_err(|error| wrap(path, error))
}

fn moving(path: &Path, error: std::io::Error) -> RegisterError {
    RegisterError::Database { register: path.display().to_string(), error: error.into() }
}

fn mark(connection: &Connection) -> rusqlite::Result<Option<Mark>> {
    let read = |row: &rusqlite::Row<'_>| Ok(Mark { to: row.get(0)?, id: row.get(1)? });
    connection.query_row("SELECT place, id FROM moved", [], read).optional()
}

/// Moves the file of a register that was moved out of the way; gives its new name.
pub(crate) fn put_away(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    let from = folder.join(FILE_NAME);
    if !from.is_file() {
        return Ok(None);
    }
    let name = |number: u32| match number {
        1 => format!("{FILE_NAME}.moved"),
        _ => format!("{FILE_NAME}.moved-{number}"),
    };
    let free = (1..).map(|number| folder.join(name(number))).find(|path| !path.exists());
    let to = free.unwrap_or_else(|| folder.join(name(1)));
    std::fs::rename(&from, &to)?;
    greenlit_files::sync_folder(folder);
    Ok(Some(to))
}

fn arriving(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{FILE_NAME}.arriving-{id}"))
}

/// Removes what a move left behind that was cut short: copies, of a register that is still in force.
fn remove_unfinished(folder: &Path) {
    let prefix = format!("{FILE_NAME}.arriving-");
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
            // What cannot be removed is in nobody's way.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The tables of a file inside a transaction.
struct InFile<'a> {
    connection: &'a Connection,
    path: &'a Path,
    /// Whose the only witness is; the file does not say.
    desk: &'a str,
}

/// What a column is called here.
fn column<'n>(table: &str, name: &'n str) -> &'n str {
    match (table, name) {
        ("list", "used") => "next_row",
        (WITNESS, "desk") => "''",
        _ => name,
    }
}

impl Tables for InFile<'_> {
    fn each(&mut self, table: &Table, row: &mut dyn FnMut(Vec<Value>) -> Result<()>) -> Result<()> {
        let fail = |error| wrap(self.path, error);
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| column(table.name, name)).collect();
        let key: Vec<&str> = columns.iter().copied().take(table.key).collect();
        let sql = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), table.name, key.join(", "));
        let mut statement = self.connection.prepare(&sql).map_err(fail)?;
        let mut rows = statement.query([]).map_err(fail)?;
        while let Some(found) = rows.next().map_err(fail)? {
            let cell = |(number, (_, kind)): (usize, &(&str, Kind))| match (found.get_ref(number).ok()?, kind) {
                (ValueRef::Null, _) => Some(Value::Null),
                (ValueRef::Integer(value), Kind::Number) => Some(Value::Number(value)),
                (ValueRef::Text(value), Kind::Text) => Some(Value::Text(String::from_utf8(value.to_vec()).ok()?)),
                (ValueRef::Blob(value), Kind::Bytes) => Some(Value::Bytes(value.to_vec())),
                _ => None,
            };
            let cells: Option<Vec<Value>> = table.columns.iter().enumerate().map(cell).collect();
            let mut cells = cells.ok_or_else(|| RegisterError::Damaged(self.path.display().to_string()))?;
            if let (WITNESS, Some(desk)) = (table.name, cells.first_mut()) {
                *desk = Value::Text(self.desk.to_owned());
            }
            row(cells)?;
        }
        Ok(())
    }

    fn put(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
        let fail = |error| wrap(self.path, error);
        let sql = match table.name {
            // Places were once given in an order that the last column held.
            "list" => "INSERT INTO list (id, uri, bits, size, next_row, permutation)
                       VALUES (?1, ?2, ?3, ?4, ?5, zeroblob(32))"
                .to_owned(),
            WITNESS => "INSERT INTO witness (one, number, hash) VALUES (1, ?1, ?2)".to_owned(),
            name => {
                let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
                let marks: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
                format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), marks.join(", "))
            }
        };
        let mut statement = self.connection.prepare_cached(&sql).map_err(fail)?;
        let unnamed = usize::from(table.name == WITNESS);
        for row in rows {
            statement.execute(params_from_iter(row.iter().skip(unnamed))).map_err(fail)?;
        }
        Ok(())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Cell::Null),
            Self::Number(number) => ToSqlOutput::Owned(Cell::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}
