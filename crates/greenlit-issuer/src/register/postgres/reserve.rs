//! Places for passes, given inside one transaction: what is asked of the database is asked for all of them together, and
//! what one of them gets is known to those after it from memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use postgres::Row;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::change::Change;
use super::{batch_and_line, kid, maybe_unsigned, place, places, seconds, status, time, unsigned};
use crate::operator::Actor;
use crate::register::change::{Statements, replace};
use crate::register::{
    HeldPass, IfHeld, Origin, Request, Reservation, Reserved, Result, Status, StatusListRecord, status_list_uri,
};
use crate::witness::Entry;
use crate::{HolderMark, PersonRef};

/// How often a place is drawn: of a list that is nine tenths full, ten draws find a free one on average.
const DRAWS: usize = 400;
/// How many places are looked at in one statement, where that many need no look for the first time.
const LOOK: usize = 4_096;
/// How many of them for one pass.
const LOOK_EACH: usize = 16;

/// What requests were answered before: the columns of a pass that is held, the request's name and what it asked for.
pub(super) const REQUESTS: &str =
    "SELECT pass.list, pass.idx, kid, nbf, exp, status, batch, line, holder, name, content
     FROM request JOIN pass USING (list, idx) WHERE name = ANY($1)";

/// What comes of a reservation, before places are known.
enum Outcome {
    KeyEnded,
    OtherRequest,
    NotReplaceable(Option<Status>),
    Held(Which),
    Repeated(Which),
    /// The pass with this number among those entered now.
    Entered(usize),
}

/// A pass that is entered now, and its list.
struct Entered<'w> {
    wanted: &'w Reservation,
    list: u64,
    index: Option<u64>,
}

/// A pass that a person has: from before, or by its number among those entered now.
#[derive(Clone, Copy)]
struct Known {
    class: Class,
    expires: UnixTime,
    status: Status,
    which: Which,
}

/// One that was there before, or one by its number among those entered now.
#[derive(Clone, Copy)]
enum Which {
    Before(HeldPass),
    New(usize),
}

/// By each request's name.
type Answered = HashMap<[u8; 16], ([u8; 16], Which)>;

/// What is known of all that is asked for, and what comes of it meanwhile.
struct Desk<'w> {
    lists: Lists,
    signers: HashMap<KeyId, (UnixTime, UnixTime)>,
    people: HashMap<PersonRef, Vec<Known>>,
    /// What each request asked for, and the pass that it was answered with.
    answered: Answered,
    /// Requests answered now.
    requests: Vec<(Request, Which)>,
    /// Of passes that are to be replaced.
    statuses: HashMap<StatusRef, Status>,
    entered: Vec<Entered<'w>>,
}

/// Gives places, and what is to be witnessed of it.
pub(super) fn reserve(
    change: &mut Change<'_>,
    wanted: &[Reservation],
    draw: &mut dyn FnMut() -> u64,
    base: &str,
    by: &Actor<'_>,
) -> Result<(Vec<Reserved>, Vec<Entry>)> {
    let (newest, used) = change.newest_list()?;
    let mut desk = Desk {
        lists: Lists { newest, used, begun: BTreeMap::new() },
        signers: signers(change)?,
        people: held_by(change, wanted)?,
        answered: answered(change, wanted)?,
        requests: Vec::new(),
        statuses: replaced(change, wanted)?,
        entered: Vec::new(),
    };
    let outcomes: Vec<Outcome> = wanted.iter().map(|one| desk.decide(one, base)).collect();
    let Desk { lists, mut entered, requests, .. } = desk;
    let first = lists.begun.keys().next().map_or(lists.newest.id, |id| id - 1);
    find_places(change, &mut entered, first, lists.newest.size, draw)?;
    for list in lists.begun.values() {
        change.insert_list(list)?;
    }
    write(change, &entered, by.at)?;
    for one in &entered {
        if let Some(old) = one.wanted.replaces {
            replace(change, old, one.at(), by.at.seconds(), Some(by.operator))?;
        }
    }
    remember(change, &requests, &entered, by.at)?;
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    entered.iter().for_each(|one| *counts.entry(one.list).or_default() += 1);
    for (id, count) in &counts {
        let before = if *id == first { used } else { 0 };
        change.count_list(*id, before + count)?;
    }
    let entries = entries(&entered, &lists.begun, by.at.seconds());
    let reserved = outcomes.into_iter().map(|outcome| reserved(outcome, &entered)).collect::<Option<_>>();
    Ok((reserved.ok_or_else(|| change.damaged())?, entries))
}

impl<'w> Desk<'w> {
    fn decide(&mut self, wanted: &'w Reservation, base: &str) -> Outcome {
        if let Some(request) = &wanted.request
            && let Some((content, which)) = self.answered.get(&request.name)
        {
            return if *content == request.content { Outcome::Repeated(*which) } else { Outcome::OtherRequest };
        }
        let signs = |(from, until): &(UnixTime, UnixTime)| *from <= wanted.not_before && wanted.not_before < *until;
        if !self.signers.get(&wanted.kid).is_some_and(signs) {
            return Outcome::KeyEnded;
        }
        if let Some(old) = wanted.replaces {
            let status = self.statuses.get(&old).copied();
            if !matches!(status, Some(Status::Valid | Status::Suspended)) {
                return Outcome::NotReplaceable(status);
            }
        }
        if let (Some(person), IfHeld::Keep) = (&wanted.person, wanted.if_held)
            && let Some(best) = self.people.get(person).and_then(|all| best(all, wanted))
        {
            let which = best.which;
            self.remember(wanted.request, which);
            return Outcome::Held(which);
        }
        let number = self.enter(wanted, base);
        self.remember(wanted.request, Which::New(number));
        Outcome::Entered(number)
    }

    fn enter(&mut self, wanted: &'w Reservation, base: &str) -> usize {
        let number = self.entered.len();
        self.entered.push(Entered { wanted, list: self.lists.take(base), index: None });
        if let Some(person) = wanted.person {
            let (class, expires) = (wanted.class, wanted.expires);
            let known = Known { class, expires, status: Status::Valid, which: Which::New(number) };
            self.people.entry(person).or_default().push(known);
        }
        if let Some(old) = wanted.replaces {
            self.revoke(old);
        }
        number
    }

    /// What comes after this knows that it is revoked.
    fn revoke(&mut self, old: StatusRef) {
        self.statuses.insert(old, Status::Revoked);
        for known in self.people.values_mut().flatten() {
            if known.which.revoke(old) {
                known.status = Status::Revoked;
            }
        }
        for (_, which) in self.answered.values_mut() {
            which.revoke(old);
        }
    }

    fn remember(&mut self, request: Option<Request>, which: Which) {
        if let Some(request) = request {
            self.answered.insert(request.name, (request.content, which));
            self.requests.push((request, which));
        }
    }
}

/// The best pass of this class that lasts as long as the wanted one: one in force before one that is suspended or revoked.
fn best<'k>(all: &'k [Known], wanted: &Reservation) -> Option<&'k Known> {
    let fits = all.iter().filter(|known| known.class == wanted.class && known.expires >= wanted.expires);
    fits.min_by_key(|known| {
        let rank = match known.status {
            Status::Valid => 0,
            Status::Suspended => 1,
            Status::Revoked | Status::Other(_) => 2,
        };
        (rank, std::cmp::Reverse(known.expires))
    })
}

/// The keys that may sign, from when and until when; nobody else changes that meanwhile.
fn signers(change: &mut Change<'_>) -> Result<HashMap<KeyId, (UnixTime, UnixTime)>> {
    let sql = "SELECT kid, not_before, not_after FROM key WHERE retired_at IS NULL AND revoked_at IS NULL";
    let signers = change.all(sql, &[], |row| Some((kid(row, 0)?, (time(row, 1)?, time(row, 2)?))))?;
    Ok(signers.into_iter().collect())
}

/// What the people who may have a pass already have. Passes of a stolen key are none.
fn held_by(change: &mut Change<'_>, wanted: &[Reservation]) -> Result<HashMap<PersonRef, Vec<Known>>> {
    let keep = || wanted.iter().filter(|one| one.if_held == IfHeld::Keep);
    let people: HashSet<&[u8]> = keep().filter_map(|one| one.person.as_ref().map(PersonRef::as_bytes)).collect();
    let Some(soonest) = keep().map(|one| one.expires).min() else { return Ok(HashMap::new()) };
    let people: Vec<&[u8]> = people.into_iter().collect();
    let sql = "SELECT list, idx, kid, nbf, exp, status, batch, line, holder, person, class FROM pass
               WHERE person = ANY($1) AND exp >= $2
                 AND kid NOT IN (SELECT kid FROM key WHERE revoked_at IS NOT NULL)";
    let mut all: HashMap<PersonRef, Vec<Known>> = HashMap::new();
    for (person, known) in change.all(sql, &[&people, &seconds(soonest)], known)? {
        all.entry(person).or_default().push(known);
    }
    Ok(all)
}

fn known(row: &Row) -> Option<(PersonRef, Known)> {
    let (held, class) = (held(row)?, Class(unsigned(row, 10)?));
    let known = Known { class, expires: held.expires, status: held.status, which: Which::Before(held) };
    Some((PersonRef::from_bytes(row.try_get(9).ok()?)?, known))
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

/// What those of these requests were answered that came before.
fn answered(change: &mut Change<'_>, wanted: &[Reservation]) -> Result<Answered> {
    let names: Vec<&[u8]> =
        wanted.iter().filter_map(|one| one.request.as_ref()).map(|request| request.name.as_slice()).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let answered = change.all(REQUESTS, &[&names], |row| {
        let bytes = |column: usize| <[u8; 16]>::try_from(row.try_get::<_, &[u8]>(column).ok()?).ok();
        Some((bytes(9)?, (bytes(10)?, Which::Before(held(row)?))))
    })?;
    Ok(answered.into_iter().collect())
}

/// The status of each pass that is to be replaced, and was ever issued.
fn replaced(change: &mut Change<'_>, wanted: &[Reservation]) -> Result<HashMap<StatusRef, Status>> {
    let old: Vec<StatusRef> = wanted.iter().filter_map(|one| one.replaces).collect();
    if old.is_empty() {
        return Ok(HashMap::new());
    }
    let statuses = change.statuses(&old)?;
    Ok(old.into_iter().zip(statuses).filter_map(|(pass, status)| Some((pass, status?))).collect())
}

/// Keeps what requests were answered with.
fn remember(
    change: &mut Change<'_>,
    requests: &[(Request, Which)],
    entered: &[Entered<'_>],
    at: UnixTime,
) -> Result<()> {
    if requests.is_empty() {
        return Ok(());
    }
    let passes: Option<Vec<StatusRef>> = requests.iter().map(|(_, which)| Some(which.held(entered)?.at)).collect();
    let (lists, indexes) = places(&passes.ok_or_else(|| change.damaged())?);
    let names: Vec<&[u8]> = requests.iter().map(|(request, _)| request.name.as_slice()).collect();
    let contents: Vec<&[u8]> = requests.iter().map(|(request, _)| request.content.as_slice()).collect();
    let sql = "INSERT INTO request (name, content, list, idx, at) SELECT name, content, list, idx, $5
               FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[]) AS answered (name, content, list, idx)";
    change.execute(sql, &[&names, &contents, &lists, &indexes, &seconds(at)])
}

/// The newest list while places are given in it, and those begun meanwhile.
struct Lists {
    newest: StatusListRecord,
    used: u64,
    begun: BTreeMap<u64, StatusListRecord>,
}

impl Lists {
    /// The list for one more pass. One is left with a tenth of it free, so that a free place is soon found.
    fn take(&mut self, base: &str) -> u64 {
        if self.used > self.newest.size - self.newest.size / 10 {
            let id = self.newest.id + 1;
            self.newest = StatusListRecord { id, uri: status_list_uri(base, id), ..self.newest.clone() };
            self.begun.insert(id, self.newest.clone());
            self.used = 0;
        }
        self.used += 1;
        self.newest.id
    }
}

/// At random: a copy of the register that is brought back does not give the same places again.
fn find_places(
    change: &mut Change<'_>,
    entered: &mut [Entered<'_>],
    first: u64,
    size: u64,
    draw: &mut dyn FnMut() -> u64,
) -> Result<()> {
    let mut given: HashSet<(u64, u64)> = HashSet::with_capacity(entered.len());
    let mut waiting: Vec<usize> = (0..entered.len()).collect();
    let mut drawn = 0;
    while !waiting.is_empty() {
        if drawn >= DRAWS {
            // With a tenth of the list free that does not happen: the register counts wrongly.
            return Err(change.damaged());
        }
        let each = (LOOK / waiting.len()).clamp(1, LOOK_EACH);
        drawn += each;
        let draws: Vec<u64> = (0..waiting.len() * each).map(|_| draw() % size.max(1)).collect();
        let taken = taken(change, first, &draws)?;
        let mut left = Vec::new();
        for (number, draws) in waiting.into_iter().zip(draws.chunks(each)) {
            let Some(one) = entered.get_mut(number) else { continue };
            // Lists begun now have no other passes than these.
            let free = |index: &u64| one.list != first || !taken.contains(index);
            one.index = draws.iter().copied().find(|index| free(index) && given.insert((one.list, *index)));
            if one.index.is_none() {
                left.push(number);
            }
        }
        waiting = left;
    }
    Ok(())
}

/// Which of these places of a list are taken.
fn taken(change: &mut Change<'_>, list: u64, places: &[u64]) -> Result<HashSet<u64>> {
    let places: Vec<i64> = places.iter().map(|place| place.cast_signed()).collect();
    let sql = "SELECT idx FROM pass WHERE list = $1 AND idx = ANY($2)";
    let taken = change.all(sql, &[&list.cast_signed(), &places], |row| unsigned(row, 0))?;
    Ok(taken.into_iter().collect())
}

/// Enters all of them. Should a place be taken all the same, none is.
fn write(change: &mut Change<'_>, entered: &[Entered<'_>], now: UnixTime) -> Result<()> {
    if entered.is_empty() {
        return Ok(());
    }
    let done = copy_in(&mut change.transaction, entered, now);
    done.map(drop).map_err(|error| change.fail(error))
}

fn copy_in(
    transaction: &mut postgres::Transaction<'_>,
    entered: &[Entered<'_>],
    now: UnixTime,
) -> std::result::Result<u64, postgres::Error> {
    let sql = "COPY pass (list, idx, kid, nbf, exp, class, person, holder, batch, line, entered, policy,
                   replaces_list, replaces_idx) FROM STDIN BINARY";
    const NUMBER: Type = Type::INT8;
    let types = [
        NUMBER,
        NUMBER,
        Type::TEXT,
        NUMBER,
        NUMBER,
        NUMBER,
        Type::BYTEA,
        Type::BYTEA,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
    ];
    let mut out = BinaryCopyInWriter::new(transaction.copy_in(sql)?, &types);
    for one in entered {
        let Reservation { kid, not_before, expires, class, person, holder, origin, policy, replaces, .. } = one.wanted;
        let ((list, index), now) = (place(one.at()), seconds(now));
        let (nbf, exp, class) = (seconds(*not_before), seconds(*expires), class.0.cast_signed());
        let (kid, person, holder) =
            (kid.to_string(), person.as_ref().map(PersonRef::as_bytes), holder.map(|mark| mark.0));
        let holder = holder.as_ref().map(<[u8; 8]>::as_slice);
        let (batch, line) = origin.map(batch_and_line).unzip();
        let policy = policy.map(u64::cast_signed);
        let (of_list, of_index) = replaces.map(place).unzip();
        out.write(&[
            &list, &index, &kid, &nbf, &exp, &class, &person, &holder, &batch, &line, &now, &policy, &of_list,
            &of_index,
        ])?;
    }
    out.finish()
}

/// What the witness is told, in the order of entering.
fn entries(entered: &[Entered<'_>], begun: &BTreeMap<u64, StatusListRecord>, now: u64) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(entered.len() + begun.len() + 1);
    let mut last = None;
    for one in entered {
        if let Some(list) = begun.get(&one.list).filter(|_| last != Some(one.list)) {
            entries.push(Entry::List { id: list.id, bits: list.bits, size: list.size });
        }
        last = Some(one.list);
        let Reservation { kid, not_before, expires, class, person, origin, policy, replaces, .. } = *one.wanted;
        let (nbf, exp, class) = (not_before.seconds(), expires.seconds(), class.0);
        let (StatusRef { list, index }, kid) = (one.at(), kid.to_string());
        entries.push(Entry::Issue { list, index, kid, nbf, exp, class, person, origin, policy });
        if let Some(old) = replaces {
            let (by_list, by_index) = (list, index);
            entries.push(Entry::Replaced { list: old.list, index: old.index, by_list, by_index, at: now });
        }
    }
    entries
}

impl Entered<'_> {
    /// Once it has a place.
    fn at(&self) -> StatusRef {
        StatusRef { list: self.list, index: self.index.unwrap_or_default() }
    }
}

impl Which {
    /// Whether it is this pass.
    fn revoke(&mut self, old: StatusRef) -> bool {
        match self {
            Self::Before(held) if held.at == old => {
                held.status = Status::Revoked;
                true
            }
            _ => false,
        }
    }

    fn held(self, entered: &[Entered<'_>]) -> Option<HeldPass> {
        match self {
            Self::Before(held) => Some(held),
            Self::New(number) => {
                let one = entered.get(number)?;
                let Reservation { kid, not_before, expires, holder, origin, .. } = *one.wanted;
                Some(HeldPass { at: one.at(), kid, not_before, expires, status: Status::Valid, holder, origin })
            }
        }
    }
}

fn reserved(outcome: Outcome, entered: &[Entered<'_>]) -> Option<Reserved> {
    Some(match outcome {
        Outcome::KeyEnded => Reserved::KeyEnded,
        Outcome::OtherRequest => Reserved::OtherRequest,
        Outcome::NotReplaceable(status) => Reserved::NotReplaceable(status),
        Outcome::Held(which) => Reserved::Held(which.held(entered)?),
        Outcome::Repeated(which) => Reserved::Repeated(which.held(entered)?),
        Outcome::Entered(number) => Reserved::Entered(entered.get(number)?.at()),
    })
}
