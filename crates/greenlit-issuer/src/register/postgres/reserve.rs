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
use super::{maybe_unsigned, seconds, status, time, unsigned};
use crate::register::{
    HeldPass, IfHeld, Origin, Reservation, Reserved, Result, Status, StatusListRecord, status_list_uri,
};
use crate::witness::Entry;
use crate::{HolderMark, PersonRef};

/// How often a place is drawn: of a list that is nine tenths full, ten draws find a free one on average.
const DRAWS: usize = 400;
/// How many places are looked at in one statement, where that many need no look for the first time.
const LOOK: usize = 4_096;
/// How many of them for one pass.
const LOOK_EACH: usize = 16;

/// What comes of a reservation, before places are known.
enum Outcome {
    KeyEnded,
    /// A pass that was there before.
    Held(HeldPass),
    /// The pass with this number among those entered now.
    New(usize),
    /// The person has that one since this very change.
    HeldNew(usize),
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

#[derive(Clone, Copy)]
enum Which {
    Before(HeldPass),
    New(usize),
}

/// Gives places, and what is to be witnessed of it.
pub(super) fn reserve(
    change: &mut Change<'_>,
    wanted: &[Reservation],
    draw: &mut dyn FnMut() -> u64,
    base: &str,
) -> Result<(Vec<Reserved>, Vec<Entry>)> {
    let (newest, used) = change.newest_list()?;
    let signers = signers(change)?;
    let mut lists = Lists { newest, used, begun: BTreeMap::new() };
    let mut people = held(change, wanted)?;
    let mut entered: Vec<Entered<'_>> = Vec::new();
    let mut outcomes = Vec::with_capacity(wanted.len());
    for one in wanted {
        outcomes.push(decide(one, &signers, &mut people, &mut entered, &mut lists, base));
    }
    let first = lists.begun.keys().next().map_or(lists.newest.id, |id| id - 1);
    find_places(change, &mut entered, first, lists.newest.size, draw)?;
    for list in lists.begun.values() {
        change.insert_list(list)?;
    }
    write(change, &entered)?;
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    entered.iter().for_each(|one| *counts.entry(one.list).or_default() += 1);
    for (id, count) in &counts {
        let before = if *id == first { used } else { 0 };
        change.count_list(*id, before + count)?;
    }
    let entries = entries(&entered, &lists.begun);
    let reserved = outcomes.into_iter().map(|outcome| reserved(outcome, &entered)).collect::<Option<_>>();
    Ok((reserved.ok_or_else(|| change.damaged())?, entries))
}

fn decide<'w>(
    wanted: &'w Reservation,
    signers: &HashMap<KeyId, (UnixTime, UnixTime)>,
    people: &mut HashMap<PersonRef, Vec<Known>>,
    entered: &mut Vec<Entered<'w>>,
    lists: &mut Lists,
    base: &str,
) -> Outcome {
    let signs = |(from, until): &(UnixTime, UnixTime)| *from <= wanted.not_before && wanted.not_before < *until;
    if !signers.get(&wanted.kid).is_some_and(signs) {
        return Outcome::KeyEnded;
    }
    if let (Some(person), IfHeld::Keep) = (&wanted.person, wanted.if_held)
        && let Some(best) = people.get(person).and_then(|all| best(all, wanted))
    {
        return match best.which {
            Which::Before(held) => Outcome::Held(held),
            Which::New(number) => Outcome::HeldNew(number),
        };
    }
    let number = entered.len();
    entered.push(Entered { wanted, list: lists.take(base), index: None });
    if let Some(person) = wanted.person {
        let (class, expires) = (wanted.class, wanted.expires);
        let known = Known { class, expires, status: Status::Valid, which: Which::New(number) };
        people.entry(person).or_default().push(known);
    }
    Outcome::New(number)
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
    let rows = change.transaction.query(sql, &[]).map_err(|error| change.fail(error))?;
    let read = |row: &Row| Some((kid(row, 0)?, (time(row, 1)?, time(row, 2)?)));
    rows.iter().map(read).collect::<Option<_>>().ok_or_else(|| change.damaged())
}

/// What the people who may have a pass already have. Passes of a stolen key are none.
fn held(change: &mut Change<'_>, wanted: &[Reservation]) -> Result<HashMap<PersonRef, Vec<Known>>> {
    let keep = || wanted.iter().filter(|one| one.if_held == IfHeld::Keep);
    let people: HashSet<&[u8]> = keep().filter_map(|one| one.person.as_ref().map(PersonRef::as_bytes)).collect();
    let Some(soonest) = keep().map(|one| one.expires).min() else { return Ok(HashMap::new()) };
    let people: Vec<&[u8]> = people.into_iter().collect();
    let sql = "SELECT person, list, idx, kid, nbf, exp, status, batch, line, holder, class FROM pass
               WHERE person = ANY($1) AND exp >= $2
                 AND kid NOT IN (SELECT kid FROM key WHERE revoked_at IS NOT NULL)";
    let rows = change.transaction.query(sql, &[&people, &seconds(soonest)]).map_err(|error| change.fail(error))?;
    let mut all: HashMap<PersonRef, Vec<Known>> = HashMap::with_capacity(rows.len());
    for row in &rows {
        let (person, known) = known(row).ok_or_else(|| change.damaged())?;
        all.entry(person).or_default().push(known);
    }
    Ok(all)
}

fn known(row: &Row) -> Option<(PersonRef, Known)> {
    let person: &[u8] = row.try_get(0).ok()?;
    let holder: Option<&[u8]> = row.try_get(9).ok()?;
    let held = HeldPass {
        at: StatusRef { list: unsigned(row, 1)?, index: unsigned(row, 2)? },
        kid: kid(row, 3)?,
        not_before: time(row, 4)?,
        expires: time(row, 5)?,
        status: status(row, 6)?,
        origin: maybe_unsigned(row, 7)?.zip(maybe_unsigned(row, 8)?).map(|(batch, line)| Origin { batch, line }),
        holder: holder.map(|mark| mark.try_into().map(HolderMark)).transpose().ok()?,
    };
    let (class, expires) = (Class(unsigned(row, 10)?), held.expires);
    let known = Known { class, expires, status: held.status, which: Which::Before(held) };
    Some((PersonRef::from_bytes(person)?, known))
}

fn kid(row: &Row, column: usize) -> Option<KeyId> {
    let mut kid = KeyId([0; 8]);
    hex::decode_to_slice(row.try_get::<_, &str>(column).ok()?, &mut kid.0).ok()?;
    Some(kid)
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
    let rows = change.transaction.query(sql, &[&list.cast_signed(), &places]).map_err(|error| change.fail(error))?;
    rows.iter().map(|row| unsigned(row, 0)).collect::<Option<_>>().ok_or_else(|| change.damaged())
}

/// Enters all of them. Should a place be taken all the same, none is.
fn write(change: &mut Change<'_>, entered: &[Entered<'_>]) -> Result<()> {
    if entered.is_empty() {
        return Ok(());
    }
    let done = copy_in(&mut change.transaction, entered);
    done.map(drop).map_err(|error| change.fail(error))
}

fn copy_in(
    transaction: &mut postgres::Transaction<'_>,
    entered: &[Entered<'_>],
) -> std::result::Result<u64, postgres::Error> {
    let sql = "COPY pass (list, idx, kid, nbf, exp, class, person, holder, batch, line) FROM STDIN BINARY";
    const NUMBER: Type = Type::INT8;
    let types = [NUMBER, NUMBER, Type::TEXT, NUMBER, NUMBER, NUMBER, Type::BYTEA, Type::BYTEA, NUMBER, NUMBER];
    let mut out = BinaryCopyInWriter::new(transaction.copy_in(sql)?, &types);
    for one in entered {
        let Reservation { kid, not_before, expires, class, person, holder, origin, .. } = one.wanted;
        let (list, index) = (one.list.cast_signed(), one.index.unwrap_or_default().cast_signed());
        let (nbf, exp, class) = (seconds(*not_before), seconds(*expires), class.0.cast_signed());
        let (kid, person, holder) =
            (kid.to_string(), person.as_ref().map(PersonRef::as_bytes), holder.map(|mark| mark.0));
        let holder = holder.as_ref().map(<[u8; 8]>::as_slice);
        let batch = origin.map(|origin| origin.batch.cast_signed());
        let line = origin.map(|origin| origin.line.cast_signed());
        out.write(&[&list, &index, &kid, &nbf, &exp, &class, &person, &holder, &batch, &line])?;
    }
    out.finish()
}

/// What the witness is told, in the order of entering.
fn entries(entered: &[Entered<'_>], begun: &BTreeMap<u64, StatusListRecord>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(entered.len() + begun.len() + 1);
    let mut last = None;
    for one in entered {
        if let Some(list) = begun.get(&one.list).filter(|_| last != Some(one.list)) {
            entries.push(Entry::List { id: list.id, bits: list.bits, size: list.size });
        }
        last = Some(one.list);
        let Reservation { kid, not_before, expires, class, person, origin, .. } = one.wanted;
        let (nbf, exp) = (not_before.seconds(), expires.seconds());
        let (list, index, kid) = (one.list, one.index.unwrap_or_default(), kid.to_string());
        entries.push(Entry::Issue { list, index, kid, nbf, exp, class: class.0, person: *person, origin: *origin });
    }
    if entries.len() > 1 {
        entries.insert(0, Entry::Together { entries: entries.len() as u64 });
    }
    entries
}

fn reserved(outcome: Outcome, entered: &[Entered<'_>]) -> Option<Reserved> {
    let place = |number: usize| {
        let one = entered.get(number)?;
        Some((StatusRef { list: one.list, index: one.index? }, one.wanted))
    };
    Some(match outcome {
        Outcome::KeyEnded => Reserved::KeyEnded,
        Outcome::Held(held) => Reserved::Held(held),
        Outcome::New(number) => Reserved::Entered(place(number)?.0),
        Outcome::HeldNew(number) => {
            let (at, wanted) = place(number)?;
            let Reservation { kid, not_before, expires, holder, origin, .. } = *wanted;
            Reserved::Held(HeldPass { at, kid, not_before, expires, status: Status::Valid, holder, origin })
        }
    })
}
