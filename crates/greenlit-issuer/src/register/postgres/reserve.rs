//! What places are given by in PostgreSQL: one statement for all of them, for each goes to the server and back.

use postgres::Row;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::change::{Change, Params};
use super::{batch_and_line, kid, maybe_unsigned, place, places, seconds, status, time, unsigned};
use crate::register::change::{NewPass, Statements};
use crate::register::reserve::Places;
use crate::register::{HeldPass, Origin, Request, Result, StatusListRecord};
use crate::{HolderMark, PersonRef};

/// What requests were answered before: the columns of a pass that is held, the request's name and what it asked for.
pub(super) const REQUESTS: &str =
    "SELECT pass.list, pass.idx, kid, nbf, exp, status, batch, line, holder, name, content
     FROM request JOIN pass USING (list, idx) WHERE name = ANY($1)";

/// How many places are looked at for one pass, where there are few: each look is a journey.
const TOGETHER: usize = 16;

/// From so many passes on all taken places of a list are asked for at once: the fuller it is, the more places are drawn for
/// each pass, up to ten.
const WHOLE_LIST: usize = 8_192;

impl Places for Change<'_> {
    fn newest_list(&mut self) -> Result<(StatusListRecord, u64)> {
        let sql = "SELECT id, uri, bits, size, used FROM list ORDER BY id DESC LIMIT 1";
        let newest = self.all(sql, &[], |row| super::list(row).zip(unsigned(row, 4)))?.pop();
        newest.ok_or_else(|| self.damaged())
    }

    fn count_list(&mut self, id: u64, used: u64) -> Result<()> {
        let sql = "UPDATE list SET used = $2 WHERE id = $1";
        self.execute(sql, &[&id.cast_signed(), &used.cast_signed()])
    }

    fn signers(&mut self) -> Result<Vec<(KeyId, (UnixTime, UnixTime))>> {
        let sql = "SELECT kid, not_before, not_after FROM key WHERE retired_at IS NULL AND revoked_at IS NULL";
        self.all(sql, &[], |row| Some((kid(row, 0)?, (time(row, 1)?, time(row, 2)?))))
    }

    fn held_by(&mut self, people: &[PersonRef], soonest: UnixTime) -> Result<Vec<(PersonRef, Class, HeldPass)>> {
        let people: Vec<&[u8]> = people.iter().map(PersonRef::as_bytes).collect();
        let sql = "SELECT list, idx, kid, nbf, exp, status, batch, line, holder, person, class FROM pass
                   WHERE person = ANY($1) AND exp >= $2
                     AND kid NOT IN (SELECT kid FROM key WHERE revoked_at IS NOT NULL)";
        self.all(sql, &[&people, &seconds(soonest)], |row| {
            let person = PersonRef::from_bytes(row.try_get(9).ok()?)?;
            Some((person, Class(unsigned(row, 10)?), held(row)?))
        })
    }

    fn answered(&mut self, names: &[[u8; 16]]) -> Result<Vec<(Request, HeldPass)>> {
        let names: Vec<&[u8]> = names.iter().map(<[u8; 16]>::as_slice).collect();
        self.all(REQUESTS, &[&names], |row| {
            let bytes = |column: usize| <[u8; 16]>::try_from(row.try_get::<_, &[u8]>(column).ok()?).ok();
            Some((Request { name: bytes(9)?, content: bytes(10)? }, held(row)?))
        })
    }

    fn draws_together(&self) -> usize {
        TOGETHER
    }

    fn taken(&mut self, list: u64, places: &[u64]) -> Result<Vec<u64>> {
        let places: Vec<i64> = places.iter().map(|place| place.cast_signed()).collect();
        let sql = "SELECT idx FROM pass WHERE list = $1 AND idx = ANY($2)";
        let mut taken = self.all(sql, &[&list.cast_signed(), &places], |row| unsigned(row, 0))?;
        taken.sort_unstable();
        Ok(taken)
    }

    fn all_taken(&mut self, list: u64, passes: usize) -> Result<Option<Vec<u64>>> {
        if passes < WHOLE_LIST {
            return Ok(None);
        }
        let sql = "SELECT coalesce(array_agg(idx), '{}') FROM pass WHERE list = $1";
        let all = self.all(sql, &[&list.cast_signed()], |row| row.try_get::<_, Vec<i64>>(0).ok())?.pop();
        Ok(all.map(|places| {
            let mut taken: Vec<u64> = places.into_iter().map(i64::cast_unsigned).collect();
            taken.sort_unstable();
            taken
        }))
    }

    fn insert_passes(&mut self, passes: &mut dyn Iterator<Item = (StatusRef, NewPass)>) -> Result<()> {
        let done = copy_in(&mut self.transaction, passes);
        done.map(drop).map_err(|error| self.fail(error))
    }

    fn insert_requests(&mut self, answered: &[(Request, StatusRef)], at: UnixTime) -> Result<()> {
        if answered.is_empty() {
            return Ok(());
        }
        let (lists, indexes) = places(&answered.iter().map(|(_, pass)| *pass).collect::<Vec<_>>());
        let names: Vec<&[u8]> = answered.iter().map(|(request, _)| request.name.as_slice()).collect();
        let contents: Vec<&[u8]> = answered.iter().map(|(request, _)| request.content.as_slice()).collect();
        let sql = "INSERT INTO request (name, content, list, idx, at) SELECT name, content, list, idx, $5
                   FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) AS answered (name, content, list, idx)";
        self.execute(sql, &[&names, &contents, &lists, &indexes, &seconds(at)])
    }
}

/// Of a row of list, index, key, first and last moment, status, batch, line, holder.
pub(super) fn held(row: &Row) -> Option<HeldPass> {
    let holder: Option<&[u8]> = row.try_get(8).ok()?;
    Some(HeldPass {
        at: StatusRef { list: unsigned(row, 0)?, index: unsigned(row, 1)? },
        kid: kid(row, 2)?,
        not_before: time(row, 3)?,
        expires: time(row, 4)?,
        status: status(row, 5)?,
        origin: maybe_unsigned(row, 6)?.zip(maybe_unsigned(row, 7)?).map(|(batch, line)| Origin { batch, line }),
        holder: holder.map(|mark| mark.try_into().map(HolderMark)).transpose().ok()?,
    })
}

fn copy_in(
    transaction: &mut postgres::Transaction<'_>,
    passes: &mut dyn Iterator<Item = (StatusRef, NewPass)>,
) -> std::result::Result<u64, postgres::Error> {
    const NUMBER: Type = Type::INT8;
    let types = [
        NUMBER,
        NUMBER,
        Type::TEXT,
        NUMBER,
        NUMBER,
        NUMBER,
        Type::BYTEA,
        NUMBER,
        NUMBER,
        Type::BYTEA,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
    ];
    let sql = format!("COPY pass ({COLUMNS}) FROM STDIN BINARY");
    let mut out = BinaryCopyInWriter::new(transaction.copy_in(&sql)?, &types);
    for (at, pass) in passes {
        with_values(at, &pass, |values| out.write(values))?;
    }
    out.finish()
}

/// What is written of a pass, in the order of [`with_values`].
pub(super) const COLUMNS: &str =
    "list, idx, kid, nbf, exp, class, person, batch, line, holder, entered, policy, replaces_list, replaces_idx";

/// Does something with the values of a pass's row.
pub(super) fn with_values<T>(at: StatusRef, pass: &NewPass, work: impl FnOnce(Params<'_>) -> T) -> T {
    let ((list, index), kid) = (place(at), pass.kid.to_string());
    let [nbf, exp, class] = [pass.nbf, pass.exp, pass.class].map(u64::cast_signed);
    let person = pass.person.as_ref().map(PersonRef::as_bytes);
    let holder = pass.holder.as_ref().map(|mark| mark.0.as_slice());
    let (batch, line) = pass.origin.map(batch_and_line).unzip();
    let [entered, policy] = [pass.entered, pass.policy].map(|number| number.map(u64::cast_signed));
    let (of_list, of_index) = pass.replaces.map(place).unzip();
    work(&[
        &list, &index, &kid, &nbf, &exp, &class, &person, &batch, &line, &holder, &entered, &policy, &of_list,
        &of_index,
    ])
}
