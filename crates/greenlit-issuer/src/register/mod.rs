//! What an authority keeps: its keys, status lists, issued passes and publications. It holds no name, birthday or
//! document: a pass is known by its status list and index.
//!
//! [`Register`] is what the rest of the library asks of it. Each method that changes something is one transaction of
//! its own, short, and whole or not at all; nothing is kept between two of them, so that any number of programs may
//! work on one register at once. What depends on the state is decided inside the transaction, never by a caller
//! that looked before.

mod change;
#[cfg(test)]
mod contract;
mod copy;
mod counts;
mod erase;
mod known_keys;
mod postgres;
mod reservation;
mod reserve;
mod revoke;
mod schema;
mod sqlite;

use std::path::Path;

use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use crate::operator::{Actor, Operator};
use crate::policy::KEY_WAIT;
use crate::witness::{End, Entry, WitnessError};
pub(crate) use change::kid_of;
pub use copy::Copied;
pub(crate) use copy::{Mark, mark_of, settle, transfer};
pub use postgres::{Database, DatabaseError, PostgresRegister};
pub use reservation::{HeldPass, IfHeld, Origin, Request, Reservation, Reserved};
pub(crate) use sqlite::put_away;
pub use sqlite::{FILE_NAME, SqliteRegister};

/// Why the register did not serve. The first part is where it is.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RegisterError {
    #[error("{0}: no authority here; create one with `greenlit-issuer init`")]
    NoAuthority(String),
    #[error("{0}: in use by another command; try again when it is done")]
    Busy(String),
    #[error("{0}: damaged or not a register; restore it from your backup")]
    Damaged(String),
    #[error("{register}: written by a newer version of Greenlit (format {found}); update this one")]
    TooNew { register: String, found: i64 },
    #[error("{0}: cannot be written; check the owner and permissions")]
    NotWritable(String),
    #[error("{0}: no space left on the disk; nothing was changed")]
    DiskFull(String),
    #[error("{register}: the database cannot be reached ({why}); nothing was changed; try again when it is back")]
    Unreachable { register: String, why: String },
    #[error(
        "{register}: the database went away before it confirmed the change ({why}), which is whole or not there; run the command again when it is back"
    )]
    Lost { register: String, why: String },
    #[error("{register}: the database does not let this program in: {why}")]
    Refused { register: String, why: String },
    #[error("{register}: PostgreSQL {found} is too old; 13 or newer is needed")]
    OldServer { register: String, found: String },
    #[error(
        "{register}: the database's encoding is {encoding}; make one with: createdb --encoding=UTF8 --template=template0"
    )]
    Encoding { register: String, encoding: String },
    #[error(
        "{0}: there is no register in this database; make one with `greenlit-issuer init --register`, or move one here with `greenlit-issuer move-register`"
    )]
    NoRegister(String),
    #[error(
        "{0}: there is a register in this database already; use another database, or put it away with: ALTER SCHEMA greenlit RENAME TO greenlit_old"
    )]
    Taken(String),
    #[error(
        "{register}: this register was moved to {to}; finish that with the same `greenlit-issuer move-register`, or, where it is finished, say so in `register` in authority.toml"
    )]
    Moved { register: String, to: String },
    #[error("{0}: there is a register here already; move it away first")]
    TakenFile(String),
    #[error("{0}: a register is being moved here; finish it with `greenlit-issuer move-register`")]
    Arriving(String),
    #[error("{0}: not the register of this move; nothing was changed there")]
    OtherMove(String),
    #[error("the copy of table {table} differs: {here} rows here and {there} there; nothing was changed")]
    CopyDiffers { table: &'static str, here: u64, there: u64 },
    #[error(
        "{0}: the witness goes on from what another desk did that this register lacks; run `greenlit-issuer replay` at the other desks, and then here again"
    )]
    OtherDeskFirst(String),
    #[error(
        "{register}: the witness has a pass in place {place}, which another desk gave to somebody else since; nothing was changed. If that pass left this desk, revoke {place}; then put the witness away, and a new one begins"
    )]
    GivenTwice { register: String, place: String },
    #[error("{register}: {error}")]
    Database { register: String, error: Box<dyn std::error::Error + Send + Sync> },
    #[error(transparent)]
    Witness(#[from] WitnessError),
}

/// Where an authority's register is.
#[derive(Clone, Debug)]
pub enum RegisterPlace {
    /// In SQLite, in the authority's folder.
    Folder,
    /// In PostgreSQL.
    Database(Box<Database>),
}

impl RegisterPlace {
    /// As it may be printed, of the authority in this folder.
    pub(crate) fn shown(&self, folder: &Path) -> String {
        match self {
            Self::Folder => folder.join(FILE_NAME).display().to_string(),
            Self::Database(database) => database.shown().to_owned(),
        }
    }
}

/// Opens the register of the authority in this folder.
pub(crate) fn open(folder: &Path, place: &RegisterPlace) -> Result<Box<dyn Register>> {
    Ok(match place {
        RegisterPlace::Folder => Box::new(SqliteRegister::open(folder)?),
        RegisterPlace::Database(database) => Box::new(PostgresRegister::open(database)?),
    })
}

/// What the methods of a register give.
pub type Result<T> = std::result::Result<T, RegisterError>;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Role {
    Root,
    Bundle,
    Issuer,
    List,
}

impl Role {
    const ALL: [Self; 4] = [Self::Root, Self::Bundle, Self::Issuer, Self::List];

    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Bundle => "bundle",
            Self::Issuer => "issuer",
            Self::List => "list",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A key the authority has or had.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// Its public half.
    pub key: PublicKey,
    /// What it signs.
    pub role: Role,
    /// Its private half: the name of a file in the authority's keys/, or a PKCS#11 URI.
    pub file: String,
    /// From when it signs.
    pub not_before: UnixTime,
    /// Until when.
    pub not_after: UnixTime,
    /// When it first stood in a publication.
    pub published_at: Option<UnixTime>,
    /// Since when it signs no more; its passes run out in their time.
    pub retired_at: Option<UnixTime>,
    /// Since when none of its passes is genuine.
    pub revoked_at: Option<UnixTime>,
}

impl KeyRecord {
    /// Of a new key.
    pub fn new(key: PublicKey, role: Role, file: String, not_before: UnixTime, not_after: UnixTime) -> Self {
        Self { key, role, file, not_before, not_after, published_at: None, retired_at: None, revoked_at: None }
    }

    /// The key's name.
    pub fn kid(&self) -> KeyId {
        self.key.id()
    }

    /// Since when every till has had the time to learn of it; none before its first publication.
    pub fn usable_from(&self) -> Option<UnixTime> {
        self.published_at.map(|at| at.plus(KEY_WAIT))
    }
}

/// A status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusListRecord {
    /// Its number.
    pub id: u64,
    /// Its name in trust data.
    pub uri: String,
    /// Bits an entry.
    pub bits: u8,
    /// How many entries it has.
    pub size: u64,
}

/// The name of an authority's status list.
pub(crate) fn status_list_uri(base: &str, id: u64) -> String {
    format!("{base}:status:{id}")
}

/// The status of a pass: a value of the Token Status List.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0.
    Valid,
    /// 1: for good.
    Revoked,
    /// 2: for a while.
    Suspended,
    /// One that this version does not know.
    Other(u8),
}

impl Status {
    /// By its value.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Valid,
            1 => Self::Revoked,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }

    /// Its value.
    pub fn code(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
            Self::Other(code) => code,
        }
    }
}

/// A pass once issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedPass {
    /// Its status now.
    pub status: Status,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// The key that signed it.
    pub kid: KeyId,
    /// From when it is good.
    pub not_before: UnixTime,
    /// Until when.
    pub expires: UnixTime,
    /// Its class.
    pub class: Class,
    /// When it was entered; unknown of those of 0.1.
    pub entered: Option<UnixTime>,
    /// The version of the rules that it was decided by, where there were any.
    pub policy: Option<u64>,
    /// The pass whose place it took.
    pub replaces: Option<StatusRef>,
    /// The pass that took its place.
    pub replaced_by: Option<StatusRef>,
    /// The line of a batch that asked for it, if one did.
    pub origin: Option<Origin>,
}

/// One change of a pass's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// Which pass.
    pub pass: StatusRef,
    /// Its status from then on.
    pub status: Status,
    /// Since when.
    pub at: UnixTime,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// Who did it; unknown of changes of 0.1, and of those put back from a witness of 0.1.
    pub operator: Option<Operator>,
    /// Who had proposed it, where it took a second operator's word.
    pub proposed_by: Option<Operator>,
}

/// How many passes one person may revoke without a second operator's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationLimit {
    /// So many.
    pub most: u64,
    /// Counted from then on, with those that they have revoked alone before.
    pub since: UnixTime,
    /// How many are to follow that are revoked by the same command.
    pub more: u64,
}

/// What came of revoking several passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// What each was before, none where it was never issued: those that were not revoked yet are now.
    Done(Vec<Option<Status>>),
    /// Nothing: it takes a second operator's word, for so many were revoked before.
    TooMany(u64),
}

/// What somebody wants to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed<'a> {
    /// These passes.
    Passes(&'a [StatusRef]),
    /// Everything that this issuer key has signed.
    Key(KeyId),
}

/// A revocation that is to wait for a second operator's word.
#[derive(Clone, Copy, Debug)]
pub struct NewProposal<'a> {
    /// What.
    pub what: Proposed<'a>,
    /// A digest of what, by which it is known again.
    pub digest: [u8; 32],
    /// Why, where somebody said so.
    pub reason: Option<&'a str>,
    /// When it lapses.
    pub until: UnixTime,
}

/// A revocation that waits for a second operator's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationProposal {
    /// Its number.
    pub id: u64,
    /// Where it is an issuer key that is to be revoked, which.
    pub kid: Option<KeyId>,
    /// How many passes were named when it was made.
    pub passes: u64,
    /// A digest of what is to be revoked.
    pub digest: [u8; 32],
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// Who made it.
    pub operator: Operator,
    /// When.
    pub at: UnixTime,
    /// When it lapses.
    pub until: UnixTime,
}

/// What came of a second operator's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// This was done.
    Done {
        /// Passes that were revoked now.
        revoked: u64,
        /// Passes that had been revoked meanwhile.
        skipped: u64,
        /// Passes that are still to be done.
        left: u64,
    },
    /// Nothing of this number waits.
    NoSuch,
    /// It has lapsed.
    Lapsed,
    /// Whoever made it cannot be the second one.
    SamePerson,
}

/// What happened to a pass, or will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassEvent {
    /// It was entered; of passes of 0.1, which do not say when, its first moment.
    Issued,
    /// It was revoked, and no other took its place.
    Revoked,
    /// It was revoked by another that took its place.
    Replaced,
    /// Its last second, where it was not revoked, nor its key.
    Expires,
    /// It comes into force: its first moment, or that of its entry where that was later.
    Begins,
    /// It is in force no more: by its last moment, its key's revocation, or its own revocation or suspension.
    Ends,
}

/// A quarter of an hour, in which every offset from UTC divides.
pub const QUARTER: u64 = 900;

/// How many passes something happened to at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassCount {
    /// What.
    pub event: PassEvent,
    /// Their class.
    pub class: Class,
    /// Of passes that were issued, the version of the rules that decided.
    pub policy: Option<u64>,
    /// When: the number of the quarter of an hour ([`QUARTER`]) since 1970.
    pub quarter: u64,
    /// How many.
    pub passes: u64,
}

/// How many were refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCount {
    /// Since when they are counted: the batch's beginning, or what was given with them.
    pub at: UnixTime,
    /// The reason's code.
    pub reason: String,
    /// How many.
    pub refused: u64,
}

/// What came of erasing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Passes of which something was erased.
    pub passes: u64,
    /// The last one that was looked at; none where they were the last of all.
    pub next: Option<StatusRef>,
}

/// What was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The bundle's version.
    pub version: u64,
    /// Its date.
    pub issued: UnixTime,
    /// The root it was made under.
    pub root: u64,
}

/// What a register lacks of its witness, given where it knows that to end. It is asked while nobody else writes.
pub type Missing<'a> = dyn FnMut(Option<&End>) -> std::result::Result<Vec<(End, Entry)>, WitnessError> + 'a;

/// An authority's register. See the module's documentation.
///
/// Each change is somebody's ([`Actor`]). Where they have a witness, it is written there before it becomes lasting here:
/// both, or neither. Should the power fail between the two, the witness is ahead, and that is noticed (see
/// [`Self::replay`]).
pub trait Register: Send {
    /// Every key, by role: files by their numbers, and after them those in tokens.
    fn keys(&self) -> Result<Vec<KeyRecord>>;

    /// Every status list, the first one first.
    fn lists(&self) -> Result<Vec<StatusListRecord>>;

    /// One pass, if it was ever issued.
    fn pass(&self, at: StatusRef) -> Result<Option<IssuedPass>>;

    /// Index and status of every pass of a list that is not simply valid.
    fn changed_statuses(&self, list: u64) -> Result<Vec<(u64, Status)>>;

    /// The changes of one pass, oldest first; or the last change of every pass that is revoked or suspended now.
    fn status_changes(&self, of: Option<StatusRef>) -> Result<Vec<StatusChange>>;

    /// How many passes of each class but these are not over by then, not revoked, and under a key that is not revoked.
    fn passes_in_date(&self, now: UnixTime, except: &[Class]) -> Result<Vec<(Class, u64)>>;

    /// What happened to all passes and when, added up; in any order. A pass that never comes into force, because it ends
    /// before it begins, has neither [`PassEvent::Begins`] nor [`PassEvent::Ends`].
    fn pass_counts(&self) -> Result<Vec<PassCount>>;

    /// How many were refused, of batches and otherwise, by time and reason; in any order.
    fn refusal_counts(&self) -> Result<Vec<RefusalCount>>;

    /// Counts refusals by their reasons' codes. Of a batch these are all there are, and take the place of those that were
    /// counted before, at the batch's beginning; others are added to those of the time given. It is no change of anybody's,
    /// and not witnessed: a line for each refusal would tell when somebody was refused.
    fn count_refusals(&mut self, batch: Option<u64>, at: UnixTime, counts: &[(&str, u64)]) -> Result<()>;

    /// Whether there is a key by which persons are referred to.
    fn has_person_key(&self) -> Result<bool>;

    /// What a request was answered before: [`Reserved::Repeated`] or [`Reserved::OtherRequest`].
    fn answered(&self, request: &Request) -> Result<Option<Reserved>>;

    /// The newest publication.
    fn last_publication(&self) -> Result<Option<Publication>>;

    /// Where the witness of this desk ends, as far as this register knows; `None` before there was one.
    fn witness_end(&self) -> Result<Option<End>>;

    /// Where the witness of each desk ends, by the desks' names; of a register that has one alone, without a name.
    fn witness_ends(&self) -> Result<Vec<(String, End)>>;

    /// Enters the first keys and the first status list of a new authority.
    fn initialize(&mut self, keys: &[KeyRecord], list: &StatusListRecord) -> Result<()>;

    /// Enters passes, each in a free place of the newest list, or of another one where that is nearly full, whose names
    /// begin with `list_uri`. Each number drawn stands for a place (modulo the list's size). All of it is one change; what
    /// comes of each reservation counts for those after it.
    fn reserve(
        &mut self,
        wanted: &[Reservation],
        draw: &mut dyn FnMut() -> u64,
        list_uri: &str,
        by: &Actor<'_>,
    ) -> Result<Vec<Reserved>>;

    /// The number of the batch with these contents (SHA-256), a new one where there was none.
    fn begin_batch(&mut self, digest: &[u8; 32], by: &Actor<'_>) -> Result<u64>;

    /// Remembers the key by which persons are referred to by its fingerprint; `false` where it is another's.
    fn bind_person_key(&mut self, fingerprint: &[u8]) -> Result<bool>;

    /// Changes the status of a pass and remembers the change; `false` where it is not the expected one any more.
    fn set_status(
        &mut self,
        pass: StatusRef,
        expected: Status,
        status: Status,
        reason: Option<&str>,
        by: &Actor<'_>,
    ) -> Result<bool>;

    /// The status of each of these passes; none of one that was never issued.
    fn statuses(&self, passes: &[StatusRef]) -> Result<Vec<Option<Status>>>;

    /// Revokes those of these passes that are valid or suspended, as one change. Under a limit nothing is changed where
    /// the person acting ([`Operator::person`]) would come above it: by those to be revoked now, those to follow
    /// ([`RevocationLimit::more`]), and those they have revoked since then. Of the last those do not count that were
    /// confirmed by a second operator, or replaced by another pass.
    fn revoke(
        &mut self,
        passes: &[StatusRef],
        reason: Option<&str>,
        limit: Option<&RevocationLimit>,
        by: &Actor<'_>,
    ) -> Result<Revoked>;

    /// Keeps a revocation until a second operator confirms it, and gives its number. One with this digest that waits
    /// already, and has not lapsed, stays the only one.
    fn propose(&mut self, wanted: &NewProposal<'_>, by: &Actor<'_>) -> Result<u64>;

    /// Every revocation that was neither confirmed nor withdrawn, the oldest first; also those that have lapsed.
    fn proposals(&self) -> Result<Vec<RevocationProposal>>;

    /// The passes of a proposal that are still to be revoked, up to so many.
    fn proposed_passes(&self, proposal: u64, at_most: usize) -> Result<Vec<StatusRef>>;

    /// Does what was proposed, up to so many passes of it, as one change that names both operators; what is done waits no
    /// more, and with the last pass the proposal ends. Refused, in this order, where nothing of this number waits, where it
    /// has lapsed, and to whoever made it.
    fn confirm(&mut self, proposal: u64, at_most: usize, by: &Actor<'_>) -> Result<Confirmed>;

    /// Ends a proposal undone, whoever made it; `false` where nothing of this number waits.
    fn withdraw(&mut self, proposal: u64, by: &Actor<'_>) -> Result<bool>;

    /// Of how many passes that were over by then something can be erased.
    fn erasable(&self, before: UnixTime) -> Result<u64>;

    /// Looks at up to so many passes after this one, in the order of their places, and erases of those that were over by
    /// then (at their last moment or before) whose they are, what they say of them, the line and the request that asked for
    /// them, and the reasons of all their changes. All of it is one change. With the last passes the reasons of proposals go
    /// that ended by then.
    fn erase(&mut self, before: UnixTime, after: Option<StatusRef>, at_most: usize, by: &Actor<'_>) -> Result<Erased>;

    /// Leaves nothing of what was erased in free parts of the storage, where that is in its power.
    fn tidy(&mut self) -> Result<()>;

    /// Enters a key, unless it is there.
    fn add_key(&mut self, key: &KeyRecord, by: &Actor<'_>) -> Result<()>;

    /// Enters a key, and ends another whose place it takes.
    fn replace_key(&mut self, old: KeyId, new: &KeyRecord, by: &Actor<'_>) -> Result<()>;

    /// Ends a key's signing. Passes that it has signed already, some of which may not have begun, stay good.
    fn retire_key(&mut self, kid: KeyId, by: &Actor<'_>) -> Result<()>;

    /// Marks a key as being in wrong hands.
    fn revoke_key(&mut self, kid: KeyId, by: &Actor<'_>) -> Result<()>;

    /// Makes these the only root and bundle keys that have a say, entering those that are new.
    fn set_root_keys(&mut self, keys: &[KeyRecord], by: &Actor<'_>) -> Result<()>;

    /// Spends a version, and notes of every issuer key that it is published.
    fn record_publication(&mut self, publication: &Publication, by: &Actor<'_>) -> Result<()>;

    /// Does again what a register from an old copy lacks. Where that goes on from what another desk did and is lacking too,
    /// it ends there, and fails if nothing could be done.
    fn replay(&mut self, list_uri: &str, missing: &mut Missing<'_>) -> Result<()>;
}
