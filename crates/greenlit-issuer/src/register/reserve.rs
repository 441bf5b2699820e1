//! Places for passes, given inside one transaction: what is asked of the database is asked for all of them together, and
//! what one of them gets is known to those after it from memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::change::{NewPass, Statements, replace, witness};
use super::{HeldPass, IfHeld, Request, Reservation, Reserved, Result, Status, StatusListRecord, status_list_uri};
use crate::PersonRef;
use crate::operator::Actor;
use crate::witness::Entry;

/// How often a place is drawn: of a list that is nine tenths full, ten draws find a free one on average.
const DRAWS: usize = 400;
/// Up to so many places are looked at together, of few passes several each, for hardly more than one look costs.
const LOOK: usize = 4_096;

/// The statements of a transaction that places are given by.
pub(super) trait Places: Statements {
    /// The newest list, and how many of its places are taken.
    fn newest_list(&mut self) -> Result<(StatusListRecord, u64)>;
    /// How many places of a list are taken.
    fn count_list(&mut self, id: u64, used: u64) -> Result<()>;
    /// The keys that may sign, from when and until when; nobody else changes that meanwhile.
    fn signers(&mut self) -> Result<Vec<(KeyId, (UnixTime, UnixTime))>>;
    /// The passes of these people that last until then or longer; references come in their order. Passes of a stolen key are
    /// none.
    fn held_by(&mut self, people: &[PersonRef], soonest: UnixTime) -> Result<Vec<(PersonRef, Class, HeldPass)>>;
    /// Those of these requests that were answered before, and with which passes.
    fn answered(&mut self, names: &[[u8; 16]]) -> Result<Vec<(Request, HeldPass)>>;
    /// How many places for one pass are best looked at together.
    fn draws_together(&self) -> usize;
    /// Which of these places of a list are taken, in order.
    fn taken(&mut self, list: u64, places: &[u64]) -> Result<Vec<u64>>;
    /// All places of a list that are taken, in order, where for so many passes that is sooner told than place by place.
    fn all_taken(&mut self, _list: u64, _passes: usize) -> Result<Option<Vec<u64>>> {
        Ok(None)
    }
    /// Enters all of them, in their order. Should a place be taken all the same, none is.
    fn insert_passes(&mut self, passes: &mut dyn Iterator<Item = (StatusRef, NewPass)>) -> Result<()>;
    /// Keeps what requests were answered with.
    fn insert_requests(&mut self, answered: &[(Request, StatusRef)], at: UnixTime) -> Result<()>;
}

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
    which: Which,
}

/// By its number among those that were found, or among those entered now.
#[derive(Clone, Copy)]
enum Which {
    Before(usize),
    New(usize),
}

/// By each request's name.
type Answered = HashMap<[u8; 16], ([u8; 16], Which)>;

/// What is known of all that is asked for, and what comes of it meanwhile.
struct Desk<'w> {
    lists: Lists,
    signers: HashMap<KeyId, (UnixTime, UnixTime)>,
    /// Passes that were found.
    before: Vec<HeldPass>,
    people: HashMap<PersonRef, Vec<Known>>,
    /// What each request asked for, and the pass that it was answered with.
    answered: Answered,
    /// Requests answered now.
    requests: Vec<(Request, Which)>,
    /// Of passes that are to be replaced.
    statuses: HashMap<StatusRef, Status>,
    entered: Vec<Entered<'w>>,
}

/// Gives places; the witness is told of it.
pub(super) fn give_places(
    change: &mut impl Places,
    wanted: &[Reservation],
    draw: &mut dyn FnMut() -> u64,
    base: &str,
    by: &Actor<'_>,
) -> Result<Vec<Reserved>> {
    let (newest, used) = change.newest_list()?;
    let mut before = Vec::new();
    let mut desk = Desk {
        lists: Lists { newest, used, begun: BTreeMap::new() },
        signers: change.signers()?.into_iter().collect(),
        people: held_by(change, wanted, &mut before)?,
        answered: answered(change, wanted, &mut before)?,
        before,
        requests: Vec::new(),
        statuses: replaced(change, wanted)?,
        entered: Vec::new(),
    };
    let outcomes: Vec<Outcome> = wanted.iter().map(|one| desk.decide(one, base)).collect();
    let Desk { lists, before, mut entered, requests, .. } = desk;
    let first = lists.begun.keys().next().map_or(lists.newest.id, |id| id - 1);
    let in_order = find_places(change, &mut entered, first, lists.newest.size, draw)?;
    for list in lists.begun.values() {
        change.insert_list(list)?;
    }
    let now = by.at.seconds();
    if !entered.is_empty() {
        let mut passes = in_order.iter().filter_map(|at| entered.get(*at)).map(|one| (one.at(), one.pass(now)));
        change.insert_passes(&mut passes)?;
    }
    for one in &entered {
        if let Some(old) = one.wanted.replaces {
            replace(change, old, one.at(), now, Some(by.operator))?;
        }
    }
    let requests: Option<Vec<_>> =
        requests.into_iter().map(|(request, which)| Some((request, which.held(&before, &entered)?.at))).collect();
    change.insert_requests(&requests.ok_or_else(|| change.damaged())?, by.at)?;
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    entered.iter().for_each(|one| *counts.entry(one.list).or_default() += 1);
    for (id, count) in &counts {
        let had = if *id == first { used } else { 0 };
        change.count_list(*id, had + count)?;
    }
    let entries = entries(&entered, &lists.begun, now);
    witness(change, by, entries)?;
    let reserved = outcomes.into_iter().map(|outcome| reserved(outcome, &before, &entered)).collect::<Option<_>>();
    reserved.ok_or_else(|| change.damaged())
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
            && let Some(best) = self.people.get(person).and_then(|all| self.best(all, wanted))
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
            let known = Known { class, expires, which: Which::New(number) };
            // Hardly anybody has two.
            self.people.entry(person).or_insert_with(|| Vec::with_capacity(1)).push(known);
        }
        if let Some(old) = wanted.replaces {
            self.revoke(old);
        }
        number
    }

    /// What comes after this knows that it is revoked.
    fn revoke(&mut self, old: StatusRef) {
        self.statuses.insert(old, Status::Revoked);
        for held in self.before.iter_mut().filter(|held| held.at == old) {
            held.status = Status::Revoked;
        }
    }

    /// The best pass of this class that lasts as long as the wanted one: one in force before one that is suspended or
    /// revoked.
    fn best<'k>(&self, all: &'k [Known], wanted: &Reservation) -> Option<&'k Known> {
        let fits = all.iter().filter(|known| known.class == wanted.class && known.expires >= wanted.expires);
        fits.min_by_key(|known| {
            let status = match known.which {
                Which::Before(number) => self.before.get(number).map(|held| held.status),
                Which::New(_) => None,
            };
            let rank = match status.unwrap_or(Status::Valid) {
                Status::Valid => 0,
                Status::Suspended => 1,
                Status::Revoked | Status::Other(_) => 2,
            };
            (rank, std::cmp::Reverse(known.expires))
        })
    }

    fn remember(&mut self, request: Option<Request>, which: Which) {
        if let Some(request) = request {
            self.answered.insert(request.name, (request.content, which));
            self.requests.push((request, which));
        }
    }
}

/// What the people who may have a pass already have.
fn held_by(
    change: &mut impl Places,
    wanted: &[Reservation],
    before: &mut Vec<HeldPass>,
) -> Result<HashMap<PersonRef, Vec<Known>>> {
    let keep = || wanted.iter().filter(|one| one.if_held == IfHeld::Keep && one.person.is_some());
    let Some(soonest) = keep().map(|one| one.expires).min() else { return Ok(HashMap::new()) };
    let mut people: Vec<PersonRef> = keep().filter_map(|one| one.person).collect();
    people.sort_unstable();
    people.dedup();
    let mut all: HashMap<PersonRef, Vec<Known>> = HashMap::with_capacity(people.len());
    for (person, class, held) in change.held_by(&people, soonest)? {
        let known = Known { class, expires: held.expires, which: Which::Before(before.len()) };
        before.push(held);
        all.entry(person).or_default().push(known);
    }
    Ok(all)
}

/// What those of these requests were answered that came before.
fn answered(change: &mut impl Places, wanted: &[Reservation], before: &mut Vec<HeldPass>) -> Result<Answered> {
    let names: Vec<[u8; 16]> = wanted.iter().filter_map(|one| Some(one.request.as_ref()?.name)).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let answered = change.answered(&names)?.into_iter().map(|(request, held)| {
        before.push(held);
        (request.name, (request.content, Which::Before(before.len() - 1)))
    });
    Ok(answered.collect())
}

/// The status of each pass that is to be replaced, and was ever issued.
fn replaced(change: &mut impl Places, wanted: &[Reservation]) -> Result<HashMap<StatusRef, Status>> {
    let old: Vec<StatusRef> = wanted.iter().filter_map(|one| one.replaces).collect();
    if old.is_empty() {
        return Ok(HashMap::new());
    }
    let statuses = change.statuses(&old)?;
    Ok(old.into_iter().zip(statuses).filter_map(|(pass, status)| Some((pass, status?))).collect())
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

/// At random: a copy of the register that is brought back does not give the same places again. Gives the passes in the order
/// of their places, in which they are entered: who asked first, or whose reference is the lower one, cannot be seen in it.
fn find_places(
    change: &mut impl Places,
    entered: &mut [Entered<'_>],
    first: u64,
    size: u64,
    draw: &mut dyn FnMut() -> u64,
) -> Result<Vec<usize>> {
    let mut given: HashSet<(u64, u64)> = HashSet::with_capacity(entered.len());
    let all_taken = change.all_taken(first, entered.len())?;
    let mut waiting: Vec<usize> = (0..entered.len()).collect();
    let mut drawn = 0;
    while !waiting.is_empty() {
        if drawn >= DRAWS {
            // With a tenth of the list free that does not happen: the register counts wrongly.
            return Err(change.damaged());
        }
        let each = (LOOK / waiting.len()).clamp(1, change.draws_together());
        drawn += each;
        let draws: Vec<u64> = (0..waiting.len() * each).map(|_| draw() % size.max(1)).collect();
        let looked_up = if all_taken.is_none() { change.taken(first, &draws)? } else { Vec::new() };
        let taken = all_taken.as_ref().unwrap_or(&looked_up);
        let mut left = Vec::new();
        for (number, draws) in waiting.into_iter().zip(draws.chunks(each)) {
            let Some(one) = entered.get_mut(number) else { continue };
            // Lists begun now have no other passes than these.
            let free = |index: &u64| one.list != first || taken.binary_search(index).is_err();
            one.index = draws.iter().copied().find(|index| free(index) && given.insert((one.list, *index)));
            if one.index.is_none() {
                left.push(number);
            }
        }
        waiting = left;
    }
    let mut all: Vec<usize> = (0..entered.len()).collect();
    all.sort_unstable_by_key(|number| entered.get(*number).map(|one| (one.list, one.index)));
    Ok(all)
}

/// What the witness is told, in the order in which they were asked for.
fn entries(entered: &[Entered<'_>], begun: &BTreeMap<u64, StatusListRecord>, now: u64) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(entered.len() + begun.len() + 1);
    let mut last = None;
    for one in entered {
        if let Some(list) = begun.get(&one.list).filter(|_| last != Some(one.list)) {
            entries.push(Entry::List { id: list.id, bits: list.bits, size: list.size });
        }
        last = Some(one.list);
        let NewPass { kid, nbf, exp, class, person, origin, policy, replaces, .. } = one.pass(now);
        let StatusRef { list, index } = one.at();
        entries.push(Entry::Issue { list, index, kid, nbf, exp, class, person, origin, policy });
        if let Some(old) = replaces {
            let (by_list, by_index) = (list, index);
            entries.push(Entry::Replaced { list: old.list, index: old.index, by_list, by_index, at: now });
        }
    }
    entries
}

impl Entered<'_> {
    fn pass(&self, now: u64) -> NewPass {
        let Reservation { kid, not_before, expires, class, person, holder, origin, policy, replaces, .. } =
            *self.wanted;
        let (nbf, exp, class) = (not_before.seconds(), expires.seconds(), class.0);
        NewPass { kid, nbf, exp, class, person, holder, origin, entered: Some(now), policy, replaces }
    }

    /// Once it has a place.
    fn at(&self) -> StatusRef {
        StatusRef { list: self.list, index: self.index.unwrap_or_default() }
    }
}

impl Which {
    fn held(self, before: &[HeldPass], entered: &[Entered<'_>]) -> Option<HeldPass> {
        match self {
            Self::Before(number) => before.get(number).copied(),
            Self::New(number) => {
                let one = entered.get(number)?;
                let Reservation { kid, not_before, expires, holder, origin, .. } = *one.wanted;
                Some(HeldPass { at: one.at(), kid, not_before, expires, status: Status::Valid, holder, origin })
            }
        }
    }
}

fn reserved(outcome: Outcome, before: &[HeldPass], entered: &[Entered<'_>]) -> Option<Reserved> {
    Some(match outcome {
        Outcome::KeyEnded => Reserved::KeyEnded,
        Outcome::OtherRequest => Reserved::OtherRequest,
        Outcome::NotReplaceable(status) => Reserved::NotReplaceable(status),
        Outcome::Held(which) => Reserved::Held(which.held(before, entered)?),
        Outcome::Repeated(which) => Reserved::Repeated(which.held(before, entered)?),
        Outcome::Entered(number) => Reserved::Entered(entered.get(number)?.at()),
    })
}
