//! Places for passes, given inside one transaction.

use rusqlite::{Row, params};

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::change::Change;
use super::{kid, pair, place, seconds, status, time, unsigned};
use crate::operator::Actor;
use crate::register::change::{self, NewPass, Statements};
use crate::register::{
    HeldPass, IfHeld, Origin, Request, Reservation, Reserved, Result, Status, StatusListRecord, status_list_uri,
};
use crate::witness::Entry;
use crate::{HolderMark, PersonRef};

/// How often a place is drawn: of a list that is nine tenths full, ten draws find a free one on average.
const DRAWS: usize = 400;

/// What a request was answered before, by its name and content.
pub(super) const ANSWERED: &str = "SELECT pass.list, pass.idx, kid, nbf, exp, status, batch, line, holder, content = ?2
     FROM request JOIN pass USING (list, idx) WHERE name = ?1";

/// The newest list while places are given in it, and what the witness is to be told.
pub(super) struct Lists<'c, 't> {
    change: &'c mut Change<'t>,
    base: &'c str,
    by: &'c Actor<'c>,
    newest: StatusListRecord,
    used: u64,
    entries: Vec<Entry>,
    /// The key asked for last, for what begins when, and whether it may sign that.
    signer: Option<(String, UnixTime, bool)>,
}

impl<'c, 't> Lists<'c, 't> {
    pub(super) fn new(change: &'c mut Change<'t>, base: &'c str, by: &'c Actor<'c>) -> Result<Self> {
        let (newest, used) = change.newest_list()?;
        Ok(Self { change, base, by, newest, used, entries: Vec::new(), signer: None })
    }

    pub(super) fn reserve(&mut self, wanted: &Reservation, draw: &mut dyn FnMut() -> u64) -> Result<Reserved> {
        if let Some(request) = &wanted.request
            && let Some(answered) = self.answered(request)?
        {
            return Ok(answered);
        }
        let kid = wanted.kid.to_string();
        if !self.signs(&kid, wanted.not_before)? {
            return Ok(Reserved::KeyEnded);
        }
        if let Some(old) = wanted.replaces {
            let status = self.change.status_of(old)?;
            if !matches!(status, Some(Status::Valid | Status::Suspended)) {
                return Ok(Reserved::NotReplaceable(status));
            }
        }
        if let (Some(person), IfHeld::Keep) = (&wanted.person, wanted.if_held)
            && let Some(held) = self.held(person, wanted)?
        {
            self.remember(wanted.request.as_ref(), held.at)?;
            return Ok(Reserved::Held(held));
        }
        let at = self.enter(wanted, kid, draw)?;
        self.remember(wanted.request.as_ref(), at)?;
        Ok(Reserved::Entered(at))
    }

    fn enter(&mut self, wanted: &Reservation, kid: String, draw: &mut dyn FnMut() -> u64) -> Result<StatusRef> {
        self.begin_list_if_full()?;
        let (nbf, exp, now) = (wanted.not_before.seconds(), wanted.expires.seconds(), self.by.at.seconds());
        let Reservation { class, person, holder, origin, policy, replaces, .. } = *wanted;
        let class = class.0;
        let pass = NewPass { kid: &kid, nbf, exp, class, person, holder, origin, entered: Some(now), policy, replaces };
        let at = self.enter_anywhere(&pass, draw)?;
        self.used += 1;
        let StatusRef { list, index } = at;
        self.entries.push(Entry::Issue { list, index, kid, nbf, exp, class, person, origin, policy });
        if let Some(old) = replaces {
            change::replace(self.change, old, at, now, Some(self.by.operator))?;
            let (by_list, by_index) = (list, index);
            self.entries.push(Entry::Replaced { list: old.list, index: old.index, by_list, by_index, at: now });
        }
        Ok(at)
    }

    /// What a request was answered before.
    fn answered(&self, request: &Request) -> Result<Option<Reserved>> {
        self.change.find(ANSWERED, params![request.name, request.content], answer)
    }

    fn remember(&self, request: Option<&Request>, at: StatusRef) -> Result<()> {
        let Some(request) = request else { return Ok(()) };
        let sql = "INSERT INTO request (name, content, list, idx, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (list, index) = place(at);
        self.change.execute(sql, params![request.name, request.content, list, index, seconds(self.by.at)])
    }

    /// Whether the key may sign what begins then; nobody else changes that meanwhile.
    fn signs(&mut self, kid: &str, not_before: UnixTime) -> Result<bool> {
        if let Some((_, _, signs)) = self.signer.as_ref().filter(|(last, at, _)| last == kid && *at == not_before) {
            return Ok(*signs);
        }
        let sql = "SELECT count(*) FROM key WHERE kid = ?1 AND retired_at IS NULL AND revoked_at IS NULL
                   AND not_before <= ?2 AND ?2 < not_after";
        let signs = self.change.number(sql, params![kid, seconds(not_before)])? > 0;
        self.signer = Some((kid.to_owned(), not_before, signs));
        Ok(signs)
    }

    /// What is to be witnessed; counts what was given.
    pub(super) fn finish(self) -> Result<Vec<Entry>> {
        self.count()?;
        Ok(self.entries)
    }

    /// The best pass of this class that the person has and that lasts as long as the wanted one: one in force before one
    /// that is suspended or revoked. Passes of a stolen key are none.
    fn held(&self, person: &PersonRef, wanted: &Reservation) -> Result<Option<HeldPass>> {
        let sql = "SELECT list, idx, kid, nbf, exp, status, batch, line, holder FROM pass
                   WHERE person = ?1 AND class = ?2 AND exp >= ?3
                     AND kid NOT IN (SELECT kid FROM key WHERE revoked_at IS NOT NULL)
                   ORDER BY CASE status WHEN 0 THEN 0 WHEN 2 THEN 1 ELSE 2 END, exp DESC LIMIT 1";
        let (class, expires) = (wanted.class.0.cast_signed(), seconds(wanted.expires));
        self.change.find(sql, params![person.as_bytes(), class, expires], held)
    }

    /// A list is left with a tenth of it free, so that a free place is soon found.
    fn begin_list_if_full(&mut self) -> Result<()> {
        let full = self.newest.size - self.newest.size / 10;
        if self.used <= full {
            return Ok(());
        }
        self.count()?;
        let id = self.newest.id + 1;
        let next = StatusListRecord { id, uri: status_list_uri(self.base, id), ..self.newest.clone() };
        self.change.insert_list(&next)?;
        self.entries.push(Entry::List { id, bits: next.bits, size: next.size });
        (self.newest, self.used) = (next, 0);
        Ok(())
    }

    fn count(&self) -> Result<()> {
        self.change.count_list(self.newest.id, self.used)
    }

    /// At random: a copy of the register that is brought back does not give the same places again.
    fn enter_anywhere(&mut self, pass: &NewPass<'_>, draw: &mut dyn FnMut() -> u64) -> Result<StatusRef> {
        for _ in 0..DRAWS {
            let at = StatusRef { list: self.newest.id, index: draw() % self.newest.size.max(1) };
            if self.change.insert_pass(at, pass)? {
                return Ok(at);
            }
        }
        // With a tenth of the list free that does not happen: the register counts wrongly.
        Err(self.change.damaged())
    }
}

/// Of a row of [`ANSWERED`].
pub(super) fn answer(row: &Row<'_>) -> rusqlite::Result<Reserved> {
    let held = held(row)?;
    Ok(if row.get(9)? { Reserved::Repeated(held) } else { Reserved::OtherRequest })
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
