//! Moves a register from one database to another, row by row: a register of millions of passes is never in memory.
//!
//! The old one is locked all the while, and marked as moved only when the new one is complete, compared and lasting; from
//! then on nobody goes on with it. Nothing of it is removed. Cut short before that mark, the old register is in force as
//! it was; after it, the same command finishes what is left to do.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{PostgresRegister, RegisterError, RegisterPlace, Result, SqliteRegister};

/// Rows that are handed over together.
pub(super) const CHUNK: usize = 4_096;

/// A cell of any table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What a column holds, where it is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Bytes,
}

/// A table as every kind of register has it.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// How many of the columns tell one row from another; rows are in their order.
    pub(super) key: usize,
}

use Kind::{Bytes, Number, Text};

/// The table of the ends of witnesses: those of desks, by their names.
pub(super) const WITNESS: &str = "witness";

/// Those that others refer to come first.
pub(super) const TABLES: [Table; 12] = [
    Table {
        name: "key",
        columns: &[
            ("kid", Text),
            ("role", Text),
            ("file", Text),
            ("public", Bytes),
            ("not_before", Number),
            ("not_after", Number),
            ("published_at", Number),
            ("retired_at", Number),
            ("revoked_at", Number),
        ],
        key: 1,
    },
    Table {
        name: "list",
        columns: &[("id", Number), ("uri", Text), ("bits", Number), ("size", Number), ("used", Number)],
        key: 1,
    },
    Table {
        name: "batch",
        columns: &[("id", Number), ("digest", Bytes), ("begun", Number), ("operator", Text)],
        key: 1,
    },
    Table {
        name: "pass",
        columns: &[
            ("list", Number),
            ("idx", Number),
            ("kid", Text),
            ("nbf", Number),
            ("exp", Number),
            ("status", Number),
            ("changed", Number),
            ("reason", Text),
            ("class", Number),
            ("person", Bytes),
            ("holder", Bytes),
            ("batch", Number),
            ("line", Number),
            ("entered", Number),
            ("policy", Number),
            ("replaces_list", Number),
            ("replaces_idx", Number),
        ],
        key: 2,
    },
    Table {
        name: "request",
        columns: &[("name", Bytes), ("content", Bytes), ("list", Number), ("idx", Number), ("at", Number)],
        key: 1,
    },
    Table {
        name: "proposal",
        columns: &[
            ("id", Number),
            ("kid", Text),
            ("passes", Number),
            ("digest", Bytes),
            ("reason", Text),
            ("operator", Text),
            ("at", Number),
            ("until", Number),
            ("ended", Number),
            ("ended_by", Text),
            ("outcome", Text),
        ],
        key: 1,
    },
    Table { name: "proposal_pass", columns: &[("proposal", Number), ("list", Number), ("idx", Number)], key: 3 },
    Table {
        name: "refusal",
        columns: &[("batch", Number), ("at", Number), ("reason", Text), ("count", Number)],
        key: 3,
    },
    Table {
        name: "status_change",
        columns: &[
            ("number", Number),
            ("list", Number),
            ("idx", Number),
            ("status", Number),
            ("at", Number),
            ("reason", Text),
            ("operator", Text),
            ("proposed_by", Text),
        ],
        key: 1,
    },
    Table { name: "publication", columns: &[("version", Number), ("issued", Number), ("root", Number)], key: 1 },
    Table { name: "person_key", columns: &[("one", Number), ("fingerprint", Bytes)], key: 1 },
    Table { name: WITNESS, columns: &[("desk", Text), ("number", Number), ("hash", Text)], key: 1 },
];

/// A register inside a transaction, as tables.
pub(super) trait Tables {
    /// Hands out each row, in the order of its key.
    fn each(&mut self, table: &Table, row: &mut dyn FnMut(Vec<Value>) -> Result<()>) -> Result<()>;

    /// Adds rows.
    fn put(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<()>;
}

/// How many rows of a table were moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
}

/// Where a register has gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// As it may be printed.
    pub(crate) to: String,
    /// The move, known at both ends.
    pub(crate) id: String,
}

/// Rows counted, and a digest of them in their order.
struct Tally {
    rows: u64,
    digest: Sha256,
}

impl Tally {
    fn new() -> Self {
        Self { rows: 0, digest: Sha256::new() }
    }

    fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            let mut sized = |tag: u8, bytes: &[u8]| {
                self.digest.update([tag]);
                self.digest.update((bytes.len() as u64).to_le_bytes());
                self.digest.update(bytes);
            };
            match value {
                Value::Null => sized(0, &[]),
                Value::Number(number) => sized(1, &number.to_le_bytes()),
                Value::Text(text) => sized(2, text.as_bytes()),
                Value::Bytes(bytes) => sized(3, bytes),
            }
        }
    }

    fn finish(self) -> (u64, [u8; 32]) {
        (self.rows, self.digest.finalize().into())
    }
}

/// Copies every row into empty tables, and reads them there again to compare. Where there is room for one witness alone,
/// it is that of this desk.
pub(super) fn copy(from: &mut dyn Tables, to: &mut dyn Tables, desk: Option<&str>) -> Result<Vec<Copied>> {
    TABLES.iter().map(|table| copy_table(table, from, to, desk.filter(|_| table.name == WITNESS))).collect()
}

/// Of one desk, or whole.
fn copy_table(table: &Table, from: &mut dyn Tables, to: &mut dyn Tables, desk: Option<&str>) -> Result<Copied> {
    let (mut here, mut there) = (Tally::new(), Tally::new());
    let mut chunk = Vec::with_capacity(CHUNK);
    from.each(table, &mut |row| {
        if desk.is_some_and(|desk| !matches!(row.first(), Some(Value::Text(of)) if of == desk)) {
            return Ok(());
        }
        here.add(&row);
        chunk.push(row);
        if chunk.len() == CHUNK {
            to.put(table, &chunk)?;
            chunk.clear();
        }
        Ok(())
    })?;
    to.put(table, &chunk)?;
    to.each(table, &mut |row| {
        there.add(&row);
        Ok(())
    })?;
    let (here, there) = (here.finish(), there.finish());
    if here == there {
        Ok(Copied { table: table.name, rows: here.0 })
    } else {
        Err(RegisterError::CopyDiffers { table: table.name, here: here.0, there: there.0 })
    }
}

/// Copies a register whole and marks it as moved. What is left is [`settle`].
pub(crate) fn transfer(
    folder: &Path,
    from: &RegisterPlace,
    to: &RegisterPlace,
    mark: &Mark,
    first_list: &str,
    desk: &str,
) -> Result<Vec<Copied>> {
    let mut arrive = |tables: &mut dyn Tables| match to {
        RegisterPlace::Folder => SqliteRegister::arrive(folder, &mark.id, desk, tables),
        RegisterPlace::Database(database) => PostgresRegister::arrive(database, &mark.id, first_list, tables),
    };
    match from {
        RegisterPlace::Folder => SqliteRegister::open(folder)?.leave(mark, desk, &mut arrive),
        RegisterPlace::Database(database) => PostgresRegister::open(database)?.leave(mark, &mut arrive),
    }
}

/// Where the register that was here has gone; none if it is still here.
pub(crate) fn mark_of(folder: &Path, place: &RegisterPlace) -> Result<Option<Mark>> {
    match place {
        RegisterPlace::Folder => SqliteRegister::mark_of(folder),
        RegisterPlace::Database(database) => PostgresRegister::mark_of(database),
    }
}

/// Puts the new register in force, once the old one is marked as moved. Any number of times.
pub(crate) fn settle(folder: &Path, to: &RegisterPlace, mark: &Mark) -> Result<()> {
    match to {
        RegisterPlace::Folder => SqliteRegister::settle(folder, &mark.id),
        RegisterPlace::Database(database) => PostgresRegister::settle(database, &mark.id),
    }
}
