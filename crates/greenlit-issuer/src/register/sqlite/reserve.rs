//! What places are given by in SQLite: one statement after the other, in the order of what is looked up.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Row, params};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::change::Change;
use super::{batch_and_line, kid, pair, place, seconds, status, time, unsigned, wrap};
use crate::register::change::{NewPass, Statements};
use crate::register::reserve::Places;
use crate::register::{HeldPass, Origin, Request, Reserved, Result, StatusListRecord};
use crate::{HolderMark, PersonRef};

/// What a request of this name was answered before, and what it asked for.
pub(super) const ANSWERED: &str = "SELECT pass.list, pass.idx, kid, nbf, exp, status, batch, line, holder, content
     FROM request JOIN pass USING (list, idx) WHERE name = ?1";

impl Places for Change<'_> {
    fn newest_list(&mut self) -> Result<(StatusListRecord, u64)> {
        let sql = "SELECT id, uri, bits, size, next_row FROM list ORDER BY id DESC LIMIT 1";
        let read = |row: &Row<'_>| {
            let list = StatusListRecord {
                id: unsigned(row, 0)?,
                uri: row.get(1)?,
                bits: row.get(2)?,
                size: unsigned(row, 3)?,
            };
            Ok((list, unsigned(row, 4)?))
        };
        self.find(sql, [], read)?.ok_or_else(|| self.damaged())
    }

    fn count_list(&mut self, id: u64, used: u64) -> Result<()> {
        self.execute("UPDATE list SET next_row = ?2 WHERE id = ?1", [id, used].map(u64::cast_signed))
    }

    fn signers(&mut self) -> Result<Vec<(KeyId, (UnixTime, UnixTime))>> {
        let sql = "SELECT kid, not_before, not_after FROM key WHERE retired_at IS NULL AND revoked_at IS NULL";
        self.all(sql, [], |row| Ok((kid(row, 0)?, (time(row, 1)?, time(row, 2)?))))
    }

    fn held_by(&mut self, people: &[PersonRef], soonest: UnixTime) -> Result<Vec<(PersonRef, Class, HeldPass)>> {
        let sql = "SELECT list, idx, kid, nbf, exp, status, batch, line, holder, class FROM pass
                   WHERE substr(person, 1, 6) = substr(?1, 1, 6) AND person = ?1 AND exp >= ?2
                     AND kid NOT IN (SELECT kid FROM key WHERE revoked_at IS NOT NULL)";
        let mut statement = self.prepare(sql)?;
        let mut look = || {
            let mut all = Vec::new();
            for person in people {
                let mut rows = statement.query(params![person.as_bytes(), seconds(soonest)])?;
                while let Some(row) = rows.next()? {
                    all.push((*person, Class(unsigned(row, 9)?), held(row)?));
                }
            }
            Ok(all)
        };
        look().map_err(|error| wrap(self.path, error))
    }

    fn answered(&mut self, names: &[[u8; 16]]) -> Result<Vec<(Request, HeldPass)>> {
        let look = |name: &[u8; 16]| {
            self.find(ANSWERED, [name], |row| Ok((Request { name: *name, content: row.get(9)? }, held(row)?)))
        };
        names.iter().filter_map(|name| look(name).transpose()).collect()
    }

    fn draws_together(&self) -> usize {
        1
    }

    fn taken(&mut self, list: u64, places: &[u64]) -> Result<Vec<u64>> {
        let mut statement = self.prepare("SELECT 1 FROM pass WHERE list = ?1 AND idx = ?2")?;
        let mut in_order = places.to_vec();
        in_order.sort_unstable();
        let mut taken = Vec::new();
        for index in in_order {
            let there = statement.exists([list, index].map(u64::cast_signed));
            if there.map_err(|error| wrap(self.path, error))? {
                taken.push(index);
            }
        }
        Ok(taken)
    }

    fn insert_passes(&mut self, passes: &mut dyn Iterator<Item = (StatusRef, NewPass)>) -> Result<()> {
        let mut statement = self.prepare(INSERT)?;
        let mut classes: BTreeMap<u64, u64> = BTreeMap::new();
        for (at, pass) in passes {
            *classes.entry(pass.class).or_default() += 1;
            if !insert(&mut statement, at, &pass).map_err(|error| wrap(self.path, error))? {
                return Err(self.damaged());
            }
        }
        drop(statement);
        classes.into_iter().try_for_each(|(class, passes)| self.count_class(class, passes))
    }

    fn insert_requests(&mut self, answered: &[(Request, StatusRef)], at: UnixTime) -> Result<()> {
        let sql = "INSERT INTO request (name, content, list, idx, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        for (request, pass) in answered {
            let (list, index) = place(*pass);
            self.execute(sql, params![request.name, request.content, list, index, seconds(at)])?;
        }
        Ok(())
    }
}

/// Unless the place is taken.
pub(super) const INSERT: &str = "INSERT INTO pass
     (list, idx, kid, nbf, exp, class, person, batch, line, holder, entered, policy, replaces_list, replaces_idx)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (list, idx) DO NOTHING";

/// Enters a pass by [`INSERT`]; `false` where the place is taken.
pub(super) fn insert(statement: &mut CachedStatement<'_>, at: StatusRef, pass: &NewPass) -> rusqlite::Result<bool> {
    let ((list, index), kid) = (place(at), pass.kid.to_string());
    let [nbf, exp, class] = [pass.nbf, pass.exp, pass.class].map(u64::cast_signed);
    let person = pass.person.as_ref().map(PersonRef::as_bytes);
    let holder = pass.holder.map(|mark| mark.0);
    let (batch, line) = pass.origin.map(batch_and_line).unzip();
    let [entered, policy] = [pass.entered, pass.policy].map(|number| number.map(u64::cast_signed));
    let (of_list, of_index) = pass.replaces.map(place).unzip();
    let rows = statement.execute(params![
        list, index, kid, nbf, exp, class, person, batch, line, holder, entered, policy, of_list, of_index
    ])?;
    Ok(rows == 1)
}

/// What a request that asks for this is answered, of a row of [`ANSWERED`].
pub(super) fn answer(row: &Row<'_>, content: [u8; 16]) -> rusqlite::Result<Reserved> {
    let held = held(row)?;
    Ok(if row.get::<_, [u8; 16]>(9)? == content { Reserved::Repeated(held) } else { Reserved::OtherRequest })
}

/// Of a row of list, index, key, first and last moment, status, batch, line, holder.
fn held(row: &Row<'_>) -> rusqlite::Result<HeldPass> {
    Ok(HeldPass {
        at: StatusRef { list: unsigned(row, 0)?, index: unsigned(row, 1)? },
        kid: kid(row, 2)?,
        not_before: time(row, 3)?,
        expires: time(row, 4)?,
        status: status(row, 5)?,
        holder: row.get::<_, Option<[u8; 8]>>(8)?.map(HolderMark),
        origin: pair(row, 6)?.map(|(batch, line)| Origin { batch, line }),
    })
}
