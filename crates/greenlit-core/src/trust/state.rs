//! Everything a till has come to trust, and the rules by which it takes more.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Bundle, DocumentError, KeyList, KeyListError, ListEntry, Root, SchemeBundle};
use crate::status::{StatusError, StatusList};
use crate::time::UnixTime;

/// A clock may be this many seconds behind what signed data proves before it is called wrong.
pub const CLOCK_TOLERANCE: u64 = 5 * 60;
/// A clock may be this many seconds behind the latest time that the till has gone by before that is called
/// wrong: as much as a wrong time zone does. Meanwhile passes are judged at that latest time.
pub const SET_BACK_TOLERANCE: u64 = 24 * 3600;
/// The latest time is worth writing down again after this many seconds: seldom, for flash wears out.
const NOTE_EVERY: u64 = 3600;
/// A list may be this many seconds older than the bundle that names it.
const LIST_BEFORE_BUNDLE: u64 = 7 * 24 * 3600;

/// Signed documents as received, as a cache keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// The anchor first, then every root after it.
    pub roots: Vec<Vec<u8>>,
    /// The newest bundle.
    pub bundle: Option<Vec<u8>>,
    /// The newest list of each number.
    pub lists: BTreeMap<u64, Vec<u8>>,
    /// The newest scheme bundle.
    pub scheme_bundle: Option<Vec<u8>>,
    /// The key lists that it names.
    pub key_lists: BTreeMap<u64, Vec<u8>>,
}

/// The newest of everything ever held: what a document must not fall behind, kept apart from the
/// documents so that losing one of those does not let an older one in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollbackFloor {
    /// The number of the newest root.
    pub root: u64,
    /// The version of the newest bundle under it.
    pub bundle: Option<u64>,
    /// When the newest list of each number was made, since that root.
    pub lists: BTreeMap<u64, UnixTime>,
    /// The version of the newest scheme bundle under it.
    pub scheme_bundle: Option<u64>,
    /// When the newest of its roots and bundles was made: no honest clock shows an earlier time.
    pub floor: Option<UnixTime>,
}

/// Why a document was not taken. What was held before stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ImportError {
    #[error("no authority is trusted yet")]
    NoAnchor,
    #[error("root-{number}.cbor {error}")]
    Root { number: u64, error: DocumentError },
    #[error(
        "the newest root offered is {number}, but this till has already seen root {held}: older keys may have been retired"
    )]
    OldRoot { number: u64, held: u64 },
    #[error("trust.cbor {0}")]
    Bundle(DocumentError),
    #[error("trust.cbor is version {found}, older than version {held} already seen: somebody may be serving old files")]
    OlderBundle { found: u64, held: u64 },
    #[error("trust.cbor differs from the version {0} already seen: the authority must publish again")]
    SecondBundle(u64),
    #[error("status-{id}.cwt {error}")]
    List { id: u64, error: ListError },
    #[error("trust-2.cbor {0}")]
    SchemeBundle(DocumentError),
    #[error(
        "trust-2.cbor is version {found}, older than version {held} already seen: somebody may be serving old files"
    )]
    OlderSchemeBundle { found: u64, held: u64 },
    #[error("trust-2.cbor differs from the version {0} already seen: the authority must publish again")]
    SecondSchemeBundle(u64),
    #[error("keys-{id}.cbor {error}")]
    KeyList { id: u64, error: KeyListError },
}

/// Why a status list was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ListError {
    #[error("is for a list that the trust data does not name")]
    Unknown,
    #[error(transparent)]
    Open(#[from] StatusError),
    #[error("was issued {found}, before {least}, the oldest the trust data allows")]
    TooOld { found: UnixTime, least: UnixTime },
    #[error("was issued {found}, older than the one already seen from {held}: somebody may be serving old files")]
    Older { found: UnixTime, held: UnixTime },
    #[error("is dated {found}, after the trust data expires")]
    FromFuture { found: UnixTime },
}

/// Why nothing can be judged by the trust data: the till is at fault, and no guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unusable {
    NoTrust,
    Expired { since: UnixTime },
    ClockBehind { clock: UnixTime, floor: UnixTime },
    ClockSetBack { clock: UnixTime, latest: UnixTime },
}

impl Unusable {
    /// What is the matter, in English, with moments written as the caller writes them.
    pub fn fact(&self, time: impl Fn(UnixTime) -> String) -> String {
        match self {
            Self::NoTrust => "no trust data yet".into(),
            Self::Expired { since } => format!("the trust data expired at {}", time(*since)),
            Self::ClockBehind { clock, floor } => {
                format!("the clock shows {}, and it is at least {}", time(*clock), time(*floor))
            }
            Self::ClockSetBack { clock, latest } => {
                format!("the clock shows {}, and this till has gone by {} before", time(*clock), time(*latest))
            }
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fact(|time| time.to_string()))
    }
}

impl std::error::Error for Unusable {}

/// The trust data of one till. Made empty, then filled only with documents whose signatures hold.
#[derive(Clone, Debug)]
pub struct TrustState {
    build_date: UnixTime,
    roots: Vec<Arc<Root>>,
    bundle: Option<Arc<Bundle>>,
    lists: BTreeMap<u64, Arc<StatusList>>,
    pub(super) scheme_bundle: Option<Arc<SchemeBundle>>,
    pub(super) key_lists: BTreeMap<u64, Arc<KeyList>>,
    pub(super) held: RollbackFloor,
    /// The latest time that the till is known to have gone by; its own note, and signed by nobody.
    latest: Option<UnixTime>,
}

impl TrustState {
    /// Trusts nobody. The build date of the program is the first floor of its clock.
    pub fn empty(build_date: UnixTime) -> Self {
        Self {
            build_date,
            roots: Vec::new(),
            bundle: None,
            lists: BTreeMap::new(),
            scheme_bundle: None,
            key_lists: BTreeMap::new(),
            held: RollbackFloor::default(),
            latest: None,
        }
    }

    /// Trusts this root, and nothing else yet.
    pub fn anchored(anchor: Root, build_date: UnixTime) -> Self {
        let mut state = Self::empty(build_date);
        state.install_root(anchor);
        state
    }

    /// Opens cached documents again. Those that no longer hold are left out and reported: a cache
    /// that somebody changed grants nothing.
    pub fn restore(documents: &Documents, held: &RollbackFloor, build_date: UnixTime) -> (Self, Vec<ImportError>) {
        let mut state = Self::empty(build_date);
        let mut errors = Vec::new();
        let mut roots = documents.roots.iter();
        match roots.next().map(|bytes| Root::verify_anchor(bytes)) {
            Some(Ok(anchor)) => state.install_root(anchor),
            Some(Err(error)) => errors.push(ImportError::Root { number: 0, error }),
            None => {}
        }
        for bytes in roots {
            if let Err(error) = state.advance_root(bytes) {
                errors.push(error);
                break;
            }
        }
        state.held.raise(held);
        if state.newest_root().is_none() {
            return (state, errors);
        }
        if let Some(bytes) = &documents.bundle {
            errors.extend(state.import_bundle(bytes).err());
        }
        for (id, bytes) in &documents.lists {
            errors.extend(state.import_list(*id, bytes).err());
        }
        if let Some(bytes) = &documents.scheme_bundle {
            errors.extend(state.import_scheme_bundle(bytes).err());
        }
        for (id, bytes) in &documents.key_lists {
            errors.extend(state.import_key_list(*id, bytes).err());
        }
        (state, errors)
    }

    /// Takes the root after the newest one held. Bundle, lists and what they did to the clock floor
    /// belong to the root they came under and are dropped: the way back from a stolen bundle key
    /// that ran ahead.
    pub fn advance_root(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let newest = self.newest_root().ok_or(ImportError::NoAnchor)?;
        let number = newest.number.saturating_add(1);
        let next = newest.verify_next(bytes).map_err(|error| ImportError::Root { number, error })?;
        self.install_root(next);
        Ok(())
    }

    /// Takes a bundle of the newest root that is no older than any held. `false` when it is the
    /// very one already held.
    pub fn import_bundle(&mut self, bytes: &[u8]) -> Result<bool, ImportError> {
        let root = self.root_of_bundles()?;
        if self.bundle.as_ref().is_some_and(|held| held.as_bytes() == bytes) {
            return Ok(false);
        }
        let bundle = Bundle::open(bytes, root).map_err(ImportError::Bundle)?;
        match Rise::of(bundle.version, self.held.bundle, self.bundle.is_some()) {
            Rise::Older { found, held } => return Err(ImportError::OlderBundle { found, held }),
            Rise::Second(held) => return Err(ImportError::SecondBundle(held)),
            Rise::Newer => {}
        }
        // A list under a new key starts afresh: what the old key's thief dated ahead binds nobody.
        if let Some(old) = &self.bundle {
            let same_key = |id: &u64| old.list(*id).map(|l| &l.signer) == bundle.list(*id).map(|l| &l.signer);
            self.held.lists.retain(|id, _| same_key(id));
        }
        self.held.bundle = Some(bundle.version);
        self.held.raise_floor(bundle.issued);
        self.bundle = Some(Arc::new(bundle));
        // Lists that the new bundle no longer stands for must not be judged by.
        let lists = std::mem::take(&mut self.lists);
        for (id, list) in lists {
            // Those that fail are missing from now on, and the answer for their passes is `LST`.
            let _dropped = self.import_list(id, list.as_bytes());
        }
        Ok(true)
    }

    /// The newest root, unless the till has seen a newer one.
    pub(super) fn root_of_bundles(&self) -> Result<&Root, ImportError> {
        let root = self.newest_root().ok_or(ImportError::NoAnchor)?;
        if root.number < self.held.root {
            return Err(ImportError::OldRoot { number: root.number, held: self.held.root });
        }
        Ok(root)
    }

    /// Takes a status list that the bundle names. `false` when it is the very one already held.
    pub fn import_list(&mut self, id: u64, bytes: &[u8]) -> Result<bool, ImportError> {
        if self.lists.get(&id).is_some_and(|held| held.as_bytes() == bytes) {
            return Ok(false);
        }
        let fail = |error| ImportError::List { id, error };
        let bundle = self.bundle.as_ref().ok_or(fail(ListError::Unknown))?;
        let entry = bundle.list(id).ok_or(fail(ListError::Unknown))?;
        let list = StatusList::open(bytes, entry).map_err(|error| fail(error.into()))?;
        let found = list.issued();
        let least = entry.least_issued.max(bundle.issued.minus(LIST_BEFORE_BUNDLE));
        if found < least {
            return Err(fail(ListError::TooOld { found, least }));
        }
        if found > bundle.hard_expiry {
            return Err(fail(ListError::FromFuture { found }));
        }
        let held = self.held.lists.entry(id).or_insert(found);
        if found < *held {
            return Err(fail(ListError::Older { found, held: *held }));
        }
        *held = found;
        self.lists.insert(id, Arc::new(list));
        Ok(true)
    }

    fn install_root(&mut self, root: Root) {
        self.bundle = None;
        self.lists.clear();
        self.scheme_bundle = None;
        self.key_lists.clear();
        let number = root.number;
        self.roots.push(Arc::new(root));
        // A cache that lost its later roots climbs back up without forgetting what it held.
        if number > self.held.root {
            let floor = self.roots.iter().map(|root| root.issued).max();
            self.held = RollbackFloor { root: number, floor, ..RollbackFloor::default() };
        }
    }

    /// The root that somebody decided to trust.
    pub fn anchor(&self) -> Option<&Root> {
        self.roots.first().map(Arc::as_ref)
    }

    /// The root in force.
    pub fn newest_root(&self) -> Option<&Root> {
        self.roots.last().map(Arc::as_ref)
    }

    /// The anchor, and every root that followed it.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter().map(Arc::as_ref)
    }

    /// The bundle in force.
    pub fn bundle(&self) -> Option<&Bundle> {
        self.bundle.as_deref()
    }

    /// The list of this number, if held, with what the bundle says of it.
    pub fn list(&self, id: u64) -> Option<(&StatusList, &ListEntry)> {
        Some((self.lists.get(&id)?.as_ref(), self.bundle()?.list(id)?))
    }

    /// The documents to cache.
    pub fn documents(&self) -> Documents {
        Documents {
            roots: self.roots.iter().map(|root| root.as_bytes().to_vec()).collect(),
            bundle: self.bundle.as_ref().map(|bundle| bundle.as_bytes().to_vec()),
            lists: self.lists.iter().map(|(id, list)| (*id, list.as_bytes().to_vec())).collect(),
            scheme_bundle: self.scheme_bundle.as_ref().map(|bundle| bundle.as_bytes().to_vec()),
            key_lists: self.key_lists.iter().map(|(id, list)| (*id, list.as_bytes().to_vec())).collect(),
        }
    }

    /// What no later document may fall behind.
    pub fn rollback_floor(&self) -> &RollbackFloor {
        &self.held
    }

    /// No honest clock shows an earlier time: the program was built, and roots and bundles signed, by then.
    pub fn clock_floor(&self) -> UnixTime {
        self.held.floor.map_or(self.build_date, |floor| floor.max(self.build_date))
    }

    /// The latest time that the till has gone by, as it was last noted.
    pub fn latest(&self) -> Option<UnixTime> {
        self.latest
    }

    /// Takes the till's note of the latest time that it has gone by.
    pub fn set_latest(&mut self, latest: Option<UnixTime>) {
        self.latest = latest;
    }

    /// The time to note as the latest, if that is worth a write: only while the trust data is in force, so
    /// that a clock far ahead leaves no trace.
    pub fn worth_noting(&self, clock: UnixTime) -> Option<UnixTime> {
        let now = self.usable(clock).ok()?.now;
        Some(now).filter(|now| self.latest.is_none_or(|latest| latest.plus(NOTE_EVERY) <= *now))
    }

    /// No clock of this till shows an earlier time, but for what is put down to time zones.
    pub fn earliest_clock(&self) -> UnixTime {
        let noted = self.latest.map(|latest| latest.minus(SET_BACK_TOLERANCE));
        noted.map_or(self.clock_floor(), |noted| noted.max(self.clock_floor()))
    }

    /// What passes are judged by at this moment of the till's clock, or why nothing can be judged.
    pub fn usable(&self, clock: UnixTime) -> Result<Usable<'_>, Unusable> {
        let (Some(root), Some(bundle)) = (self.newest_root(), &self.bundle) else {
            return Err(Unusable::NoTrust);
        };
        let floor = self.clock_floor();
        if clock.plus(CLOCK_TOLERANCE) < floor {
            return Err(Unusable::ClockBehind { clock, floor });
        }
        let latest = self.latest.unwrap_or(floor);
        if clock.plus(SET_BACK_TOLERANCE) < latest {
            return Err(Unusable::ClockSetBack { clock, latest });
        }
        // Nothing that was over before begins again.
        let now = clock.max(floor).max(latest);
        let expired = root.expires.min(bundle.hard_expiry);
        if now >= expired {
            return Err(Unusable::Expired { since: expired });
        }
        Ok(Usable { now, bundle, state: self })
    }
}

/// How a version stands to the newest that was ever held: versions only rise, and one has one content.
pub(super) enum Rise {
    Newer,
    /// Of the version that is there already, and not the same.
    Second(u64),
    Older {
        found: u64,
        held: u64,
    },
}

impl Rise {
    pub(super) fn of(found: u64, held: Option<u64>, is_there: bool) -> Self {
        match held {
            Some(held) if found < held => Self::Older { found, held },
            Some(held) if found == held && is_there => Self::Second(held),
            _ => Self::Newer,
        }
    }
}

/// Trust data that is in force, with the moment to judge at.
#[derive(Clone, Copy, Debug)]
pub struct Usable<'t> {
    /// The clock, or its floor where the clock is a little behind.
    pub now: UnixTime,
    /// The bundle in force.
    pub bundle: &'t Arc<Bundle>,
    /// Where its lists are.
    pub state: &'t TrustState,
}

impl RollbackFloor {
    pub(super) fn raise_floor(&mut self, to: UnixTime) {
        self.floor = self.floor.max(Some(to));
    }

    /// Takes over whatever is higher in `other`; versions count only within one root.
    fn raise(&mut self, other: &RollbackFloor) {
        if other.root >= self.root {
            self.floor = self.floor.max(other.floor);
            self.root = other.root;
            self.bundle = self.bundle.max(other.bundle);
            self.scheme_bundle = self.scheme_bundle.max(other.scheme_bundle);
            for (id, issued) in &other.lists {
                let held = self.lists.entry(*id).or_insert(*issued);
                *held = (*held).max(*issued);
            }
        }
    }
}
