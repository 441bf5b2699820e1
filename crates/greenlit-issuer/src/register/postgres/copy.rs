//! A PostgreSQL register that comes from another place, or goes there.

use postgres::Transaction;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{ToSql, Type};

use super::error::wrap;
use super::{Database, PostgresRegister, commit, connect, create_tables, in_force};
use crate::register::copy::{CHUNK, Copied, Kind, Mark, TABLES, Table, Tables, Value, copy};
use crate::register::{RegisterError, Result};

/// A move takes as long as it takes, and the one end waits for the other.
const PATIENT: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

impl PostgresRegister {
    /// Has it copied while nobody writes, and marks it as moved.
    pub(in crate::register) fn leave(
        &mut self,
        mark: &Mark,
        copied: &mut dyn FnMut(&mut dyn Tables) -> Result<Vec<Copied>>,
    ) -> Result<Vec<Copied>> {
        let place = self.database.shown().to_owned();
        let fail = |error| wrap(&place, error);
        let mut transaction = self.client.get_mut().transaction().map_err(fail)?;
        transaction.batch_execute(PATIENT).map_err(fail)?;
        let form = super::form(&mut transaction, "FOR UPDATE").map_err(fail)?;
        in_force(&place, &form.ok_or_else(|| RegisterError::Damaged(place.clone()))?)?;
        let done = copied(&mut InDatabase { transaction: &mut transaction, place: &place })?;
        let sql = "UPDATE register SET state = 'moved', moved_to = $1, move_id = $2";
        transaction.execute(sql, &[&mark.to, &mark.id]).map_err(fail)?;
        commit(transaction, &place)?;
        Ok(done)
    }

    /// Makes a new one of these tables, which is not in force yet.
    pub(in crate::register) fn arrive(
        database: &Database,
        id: &str,
        first_list: &str,
        from: &mut dyn Tables,
    ) -> Result<Vec<Copied>> {
        let place = database.shown();
        let fail = |error| wrap(place, error);
        let mut client = connect(database)?;
        let mut transaction = client.transaction().map_err(fail)?;
        transaction.batch_execute(PATIENT).map_err(fail)?;
        remove_unfinished(&mut transaction, first_list).map_err(fail)?;
        create_tables(&mut transaction, place, "arriving", Some(id))?;
        let done = copy(from, &mut InDatabase { transaction: &mut transaction, place }, None)?;
        let sql = "SELECT setval(pg_get_serial_sequence('greenlit.status_change', 'number'),
                                 coalesce((SELECT max(number) FROM status_change), 0) + 1, false)";
        transaction.query(sql, &[]).map_err(fail)?;
        commit(transaction, place)?;
        // Without it the server would not know how large they are until it looks for itself.
        client.batch_execute("ANALYZE key, list, pass, status_change").map_err(fail)?;
        Ok(done)
    }

    pub(in crate::register) fn settle(database: &Database, id: &str) -> Result<()> {
        let fail = |error| wrap(database.shown(), error);
        let mut client = connect(database)?;
        let sql = "UPDATE greenlit.register SET state = 'in force' WHERE move_id = $1 AND state <> 'moved'";
        match client.execute(sql, &[&id]).map_err(fail)? {
            1 => Ok(()),
            _ => Err(RegisterError::OtherMove(database.shown().to_owned())),
        }
    }

    pub(in crate::register) fn mark_of(database: &Database) -> Result<Option<Mark>> {
        let fail = |error| wrap(database.shown(), error);
        let sql = "SELECT moved_to, move_id FROM greenlit.register
                   WHERE state = 'moved' AND moved_to IS NOT NULL AND move_id IS NOT NULL";
        let row = connect(database)?.query_opt(sql, &[]).map_err(fail)?;
        row.map(|row| Ok(Mark { to: row.try_get(0).map_err(fail)?, id: row.try_get(1).map_err(fail)? })).transpose()
    }

    /// Removes a register that was just made and never used, where its authority could not be made.
    pub(crate) fn discard_new(database: &Database) {
        let discard = |client: &mut postgres::Client| -> std::result::Result<(), postgres::Error> {
            let mut transaction = client.transaction()?;
            transaction.batch_execute("LOCK TABLE greenlit.register")?;
            let sql = "SELECT EXISTS (SELECT FROM greenlit.pass) OR EXISTS (SELECT FROM greenlit.publication)";
            if !transaction.query_one(sql, &[])?.try_get::<_, bool>(0)? {
                drop_tables(&mut transaction)?;
            }
            transaction.commit()
        };
        // What stays is refused by the next `init`, which says what to do.
        let _ = connect(database).map(|mut client| discard(&mut client));
    }
}

/// Removes what a move of the same register left behind that was cut short: a copy of what is still in force.
fn remove_unfinished(transaction: &mut Transaction<'_>, first_list: &str) -> std::result::Result<(), postgres::Error> {
    let there = transaction.query_one("SELECT to_regclass('greenlit.register') IS NOT NULL", &[])?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(());
    }
    let sql = "SELECT EXISTS (SELECT FROM greenlit.register, greenlit.list WHERE state = 'arriving' AND uri = $1)";
    if transaction.query_one(sql, &[&first_list])?.try_get::<_, bool>(0)? {
        drop_tables(transaction)?;
    }
    Ok(())
}

fn drop_tables(transaction: &mut Transaction<'_>) -> std::result::Result<(), postgres::Error> {
    let names: Vec<String> = TABLES.iter().map(|table| format!("greenlit.{}", table.name)).collect();
    transaction.batch_execute(&format!("DROP TABLE greenlit.register, {}", names.join(", ")))
}

/// The tables of a database inside a transaction.
struct InDatabase<'a, 'c> {
    transaction: &'a mut Transaction<'c>,
    place: &'a str,
}

impl Tables for InDatabase<'_, '_> {
    fn each(&mut self, table: &Table, row: &mut dyn FnMut(Vec<Value>) -> Result<()>) -> Result<()> {
        let fail = |error| wrap(self.place, error);
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let key = table.columns.iter().take(table.key).map(|(name, kind)| match kind {
            // By bytes, whatever the database's own order is.
            Kind::Text => format!("{name} COLLATE \"C\""),
            _ => (*name).to_owned(),
        });
        let (columns, key) = (columns.join(", "), key.collect::<Vec<_>>().join(", "));
        let name = table.name;
        let sql = format!("DECLARE rows NO SCROLL CURSOR FOR SELECT {columns} FROM greenlit.{name} ORDER BY {key}");
        self.transaction.batch_execute(&sql).map_err(fail)?;
        let fetch = self.transaction.prepare(&format!("FETCH FORWARD {CHUNK} FROM rows")).map_err(fail)?;
        loop {
            let rows = self.transaction.query(&fetch, &[]).map_err(fail)?;
            if rows.is_empty() {
                return self.transaction.batch_execute("CLOSE rows").map_err(fail);
            }
            for found in &rows {
                let cells = table.columns.iter().enumerate().map(|(number, (_, kind))| cell(found, number, *kind));
                let cells: std::result::Result<Vec<Value>, _> = cells.collect();
                row(cells.map_err(fail)?)?;
            }
        }
    }

    fn put(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
        put(self.transaction, table, rows).map_err(|error| wrap(self.place, error))
    }
}

fn put(
    transaction: &mut Transaction<'_>,
    table: &Table,
    rows: &[Vec<Value>],
) -> std::result::Result<(), postgres::Error> {
    let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let sql = format!("COPY greenlit.{} ({}) FROM STDIN BINARY", table.name, columns.join(", "));
    let types: Vec<Type> = table.columns.iter().map(|(_, kind)| sql_type(*kind)).collect();
    let mut out = BinaryCopyInWriter::new(transaction.copy_in(&sql)?, &types);
    for row in rows {
        let values = row.iter().zip(table.columns).map(|(value, (_, kind))| parameter(value, *kind));
        out.write(&values.collect::<Vec<_>>())?;
    }
    out.finish().map(drop)
}

fn parameter(value: &Value, kind: Kind) -> &(dyn ToSql + Sync) {
    match (value, kind) {
        (Value::Null, Kind::Number) => &None::<i64>,
        (Value::Null, Kind::Text) => &None::<&str>,
        (Value::Null, Kind::Bytes) => &None::<&[u8]>,
        (Value::Number(number), _) => number,
        (Value::Text(text), _) => text,
        (Value::Bytes(bytes), _) => bytes,
    }
}

fn sql_type(kind: Kind) -> Type {
    match kind {
        Kind::Number => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

fn cell(row: &postgres::Row, number: usize, kind: Kind) -> std::result::Result<Value, postgres::Error> {
    Ok(match kind {
        Kind::Number => row.try_get::<_, Option<i64>>(number)?.map_or(Value::Null, Value::Number),
        Kind::Text => row.try_get::<_, Option<String>>(number)?.map_or(Value::Null, Value::Text),
        Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(number)?.map_or(Value::Null, Value::Bytes),
    })
}
