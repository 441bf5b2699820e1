//! The one thread that owns the authority. What waits when it is ready is entered as one change, for each change costs
//! a wait for the disk; the more there is to do, the more passes share one.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::observe::{Log, Metrics};
use super::problem::Problem;
use super::terms::{Stamp, Stamps, Terms, stamps};
use super::{Options, ServeError};
use crate::authority::{Authority, AuthorityError, Draws};
use crate::held::{self, NotAgain};
use crate::issue::{Grant, IssueError, NewKeys, choose_key};
use crate::operator::Operator;
use crate::passphrase::AskPassphrase;
use crate::register::{
    FILE_NAME as REGISTER, HeldPass, IfHeld, IssuedPass, KeyRecord, RegisterError, Request, Reservation, Reserved,
    Role, StatusChange,
};
use crate::revoke::{self, Action, RevokeError};
use crate::witness::WitnessError;
use crate::{HolderMark, Signer};

/// Requests that may wait; one more is told to come again.
const WAITING: usize = 2_048;
/// Passes that are entered as one change.
const TOGETHER: usize = 1_024;
/// How often another key is looked for where the chosen one has been ended meanwhile.
const TRIES: usize = 3;
/// Less free space than this, in bytes, and the service is not ready.
const LEAST_SPACE: u64 = 16 << 20;
/// A clock that went on by so much more or less than time did was set.
const JUMP: Duration = Duration::from_secs(60);

type Answer<T> = oneshot::Sender<Result<T, Problem>>;

enum Job {
    Issue(Box<Wanted>, Answer<Placed>),
    Answered {
        request: Request,
        mark: HolderMark,
        answer: Answer<Option<Placed>>,
    },
    Look(StatusRef, Answer<Option<Looked>>),
    Revoke {
        pass: StatusRef,
        action: Action,
        reason: Option<String>,
        by: Operator,
        answer: Answer<Changed>,
    },
    Reload(Answer<Arc<Terms>>),
    Health(Answer<()>),
    /// A key that could not sign is looked for anew.
    Forget(KeyId),
}

/// A pass that wants a place.
pub(super) struct Wanted {
    pub(super) by: Operator,
    pub(super) grant: Grant,
    pub(super) request: Request,
}

/// A pass that has one.
pub(super) struct Placed {
    pub(super) at: StatusRef,
    pub(super) nbf: UnixTime,
    pub(super) exp: UnixTime,
    pub(super) class: Class,
    pub(super) kid: KeyId,
    pub(super) key: Arc<Signer>,
    pub(super) how: How,
}

/// How a pass came by its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Issued,
    /// The person had it.
    Already,
    /// The very request was answered before.
    Repeated,
}

/// A pass, and what was said of it.
pub(super) struct Looked {
    pub(super) pass: IssuedPass,
    pub(super) history: Vec<StatusChange>,
}

/// What a pass is now, and whether it was not before.
pub(super) struct Changed {
    pub(super) looked: Looked,
    pub(super) changed: bool,
}

/// Where requests are handed in.
pub(super) struct Desk {
    jobs: mpsc::Sender<Job>,
    folder: PathBuf,
    terms: Arc<Mutex<Current>>,
}

/// What is judged by, and of which files it was read.
struct Current {
    stamps: Stamps,
    terms: Arc<Terms>,
}

impl Desk {
    /// Opens the authority, and starts the thread that owns it.
    pub(super) fn open(options: &Options, metrics: Metrics, log: Log) -> Result<(Self, JoinHandle<()>), ServeError> {
        let folder = options.folder.clone();
        let stamps = stamps(&folder);
        let mut authority = open(&folder, options.ask, &log)?;
        let terms = Arc::new(Mutex::new(Current { stamps, terms: Arc::new(Terms::of(&mut authority)?) }));
        let (jobs, waiting) = mpsc::channel(WAITING);
        let owner = Owner {
            register: Stamp::of(&folder.join(REGISTER)),
            authority: Some(authority),
            folder: folder.clone(),
            new_keys: options.new_keys,
            now: options.now,
            draws: Draws::new()?,
            keys: HashMap::new(),
            ask: options.ask,
            terms: Arc::clone(&terms),
            clock: ((options.now)(), Instant::now()),
            metrics,
            log,
        };
        let thread = std::thread::Builder::new().name("register".into()).spawn(move || owner.run(waiting));
        Ok((Self { jobs, folder, terms }, thread.map_err(ServeError::Runtime)?))
    }

    /// What is judged by now.
    pub(super) async fn terms(&self) -> Result<Arc<Terms>, Problem> {
        let stamps = stamps(&self.folder);
        {
            let current = self.terms.lock().unwrap_or_else(PoisonError::into_inner);
            if current.stamps == stamps {
                return Ok(Arc::clone(&current.terms));
            }
        }
        self.ask(Job::Reload).await
    }

    /// Has a pass entered, for good.
    pub(super) async fn issue(&self, wanted: Wanted) -> Result<Placed, Problem> {
        self.ask(|answer| Job::Issue(Box::new(wanted), answer)).await
    }

    /// What a request was answered before, if it was.
    pub(super) async fn answered(&self, request: Request, mark: HolderMark) -> Result<Option<Placed>, Problem> {
        self.ask(|answer| Job::Answered { request, mark, answer }).await
    }

    /// A pass that was issued.
    pub(super) async fn look(&self, pass: StatusRef) -> Result<Option<Looked>, Problem> {
        self.ask(|answer| Job::Look(pass, answer)).await
    }

    /// Changes the status of a pass.
    pub(super) async fn revoke(
        &self,
        pass: StatusRef,
        action: Action,
        reason: Option<String>,
        by: Operator,
    ) -> Result<Changed, Problem> {
        self.ask(|answer| Job::Revoke { pass, action, reason, by, answer }).await
    }

    /// Has a key that could not sign looked for anew, as when its token was put back.
    pub(super) fn forget(&self, kid: KeyId) {
        let _ = self.jobs.try_send(Job::Forget(kid));
    }

    /// Whether passes can be issued.
    pub(super) async fn health(&self) -> Result<(), Problem> {
        self.ask(Job::Health).await
    }

    /// How many wait.
    pub(super) fn depth(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Ends when the thread does, which it does of itself only by a fault.
    pub(super) async fn closed(&self) {
        self.jobs.closed().await;
    }

    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, Problem> {
        let (answer, answered) = oneshot::channel();
        self.jobs.try_send(job(answer)).map_err(|_| Problem::busy())?;
        answered.await.unwrap_or_else(|_| Err(Problem::register()))
    }
}

fn open(folder: &Path, ask: fn() -> Box<dyn AskPassphrase>, log: &Log) -> Result<Authority, AuthorityError> {
    let mut authority = Authority::open(folder, &mut |notice| log.line(&notice.to_string()))?;
    authority.ask_passphrases_of(ask());
    Ok(authority)
}

/// The thread that owns the authority.
struct Owner {
    /// None after a fault: it is opened again then, which also puts back what an interrupted change left.
    authority: Option<Authority>,
    folder: PathBuf,
    /// The register's file when it was opened; one that was put in its place is another register.
    register: Option<Stamp>,
    new_keys: NewKeys,
    now: fn() -> UnixTime,
    draws: Draws,
    /// Keys, with the file of each: one that is taken away signs no more. Those in tokens have none.
    keys: HashMap<KeyId, (Option<Stamp>, Arc<Signer>)>,
    ask: fn() -> Box<dyn AskPassphrase>,
    terms: Arc<Mutex<Current>>,
    /// The clock and the time passed when both were looked at.
    clock: (UnixTime, Instant),
    metrics: Metrics,
    log: Log,
}

impl Owner {
    fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut jobs = vec![first];
            jobs.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(TOGETHER - 1));
            self.watch_clock();
            self.watch_register();
            let mut wanted: BTreeMap<Operator, Vec<(Wanted, Answer<Placed>)>> = BTreeMap::new();
            for job in jobs {
                match job {
                    // Who hung up meanwhile will ask again.
                    Job::Issue(_, answer) if answer.is_closed() => {}
                    Job::Issue(one, answer) => wanted.entry(one.by.clone()).or_default().push((*one, answer)),
                    other => self.do_one(other),
                }
            }
            // A change is somebody's, so each client's are one of their own.
            for (by, wanted) in wanted {
                self.issue(by, wanted);
            }
        }
    }

    /// A clock that was set is told, for passes go by it.
    fn watch_clock(&mut self) {
        let (now, at) = ((self.now)(), Instant::now());
        let (then, before) = std::mem::replace(&mut self.clock, (now, at));
        let passed = at.duration_since(before);
        let shown = Duration::from_secs(now.seconds().abs_diff(then.seconds()));
        let back = now < then && then.seconds() - now.seconds() > 1;
        if back || shown.abs_diff(passed) > JUMP {
            self.metrics.clock_set();
            self.log.line(&format!(
                "the clock was set from {then} to {now}; look whether it is right, for passes go by it"
            ));
        }
    }

    fn watch_register(&mut self) {
        let there = Stamp::of(&self.folder.join(REGISTER));
        let same = match (&self.register, &there) {
            (Some(known), Some(there)) => known.is_same_file(there),
            // In a database, whose connection says when it has ended.
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.authority = None;
        }
    }

    fn authority(&mut self) -> Result<&mut Authority, AuthorityError> {
        let authority = match self.authority.take() {
            Some(authority) => authority,
            None => {
                self.register = Stamp::of(&self.folder.join(REGISTER));
                open(&self.folder, self.ask, &self.log)?
            }
        };
        Ok(self.authority.insert(authority))
    }

    /// What a fault is answered with. It is logged in full, and the authority is opened again.
    fn fault(&mut self, error: &AuthorityError) -> Problem {
        self.authority = None;
        let problem = problem_of(error);
        self.metrics.fault(problem.word());
        self.log.line(&error.to_string());
        problem
    }

    fn do_one(&mut self, job: Job) {
        match job {
            Job::Issue(..) => {}
            Job::Forget(kid) => drop(self.keys.remove(&kid)),
            Job::Answered { request, mark, answer } => {
                let answered = self.answered(&request, mark);
                let _ = answer.send(answered);
            }
            Job::Look(pass, answer) => {
                let looked = self.look(pass).map_err(|error| self.fault(&error));
                let _ = answer.send(looked);
            }
            Job::Revoke { pass, action, reason, by, answer } => {
                let changed = self.revoke(pass, action, reason.as_deref(), by);
                let _ = answer.send(changed);
            }
            Job::Reload(answer) => {
                let terms = self.reload().map_err(|error| self.fault(&error));
                let _ = answer.send(terms);
            }
            Job::Health(answer) => {
                let health = self.health();
                let _ = answer.send(health);
            }
        }
    }

    fn reload(&mut self) -> Result<Arc<Terms>, AuthorityError> {
        let stamps = stamps(&self.folder);
        {
            // Several may have noticed at once.
            let current = self.terms.lock().unwrap_or_else(PoisonError::into_inner);
            if current.stamps == stamps {
                return Ok(Arc::clone(&current.terms));
            }
        }
        self.authority = None;
        let terms = Arc::new(Terms::of(self.authority()?)?);
        // Making the person key changes its file; that is noticed once more, and costs nothing.
        *self.terms.lock().unwrap_or_else(PoisonError::into_inner) = Current { stamps, terms: Arc::clone(&terms) };
        self.log.line(&format!("rules of version {} are in force", terms.policy.version));
        Ok(terms)
    }

    fn look(&mut self, pass: StatusRef) -> Result<Option<Looked>, AuthorityError> {
        let register = self.authority()?.register();
        let Some(issued) = register.pass(pass)? else { return Ok(None) };
        Ok(Some(Looked { pass: issued, history: register.status_changes(Some(pass))? }))
    }

    fn revoke(
        &mut self,
        pass: StatusRef,
        action: Action,
        reason: Option<&str>,
        by: Operator,
    ) -> Result<Changed, Problem> {
        let now = (self.now)();
        let mut ensure = || {
            let authority = self.authority()?;
            authority.act_as(by.clone());
            revoke::ensure(authority, pass, action, reason, now)
        };
        // Somebody else may have changed it in between, once.
        let changed = match ensure() {
            Err(RevokeError::Changed(_)) => ensure(),
            other => other,
        };
        let changed = changed.map_err(|error| match error {
            RevokeError::Authority(error) => self.fault(&error),
            RevokeError::NeverIssued(_) => Problem::no_pass(),
            RevokeError::Revoked { .. } => Problem::revoked(),
            waiting @ RevokeError::SecondWord { .. } => Problem::second_word().detail(waiting),
            RevokeError::NotSuspended(_) | RevokeError::Changed(_) => Problem::changed(),
            other => Problem::of_field("", other),
        })?;
        let looked = self.look(pass).map_err(|error| self.fault(&error))?;
        Ok(Changed { looked: looked.ok_or_else(Problem::no_pass)?, changed })
    }

    fn health(&mut self) -> Result<(), Problem> {
        self.reload().map_err(|error| self.fault(&error))?;
        let (now, new_keys) = ((self.now)(), self.new_keys);
        let signs = |owner: &mut Self| {
            let authority = owner.authority()?;
            let records = authority.register.keys().map_err(AuthorityError::from)?;
            let today = authority.zone.start_of_day(now).unwrap_or(now);
            let record = choose_key(&records, today, new_keys, now)?;
            Ok::<_, IssueError>(owner.private_key(record)?)
        };
        if let Err(error) = signs(self) {
            return Err(self.trouble(&error));
        }
        let space = rustix::fs::statvfs(&self.folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        if space.is_ok_and(|space| space < LEAST_SPACE) { Err(Problem::disk_full()) } else { Ok(()) }
    }

    fn trouble(&mut self, error: &IssueError) -> Problem {
        match error {
            IssueError::Authority(error) => self.fault(error),
            IssueError::UnknownKey(unknown) => Problem::new_key().detail(unknown),
            _ => Problem::settings(),
        }
    }

    /// The private half of this key, as long as its file is there.
    fn private_key(&mut self, record: &KeyRecord) -> Result<Arc<Signer>, AuthorityError> {
        let stamp = Stamp::of(&self.folder.join("keys").join(&record.file));
        if let Some((known, key)) = self.keys.get(&record.kid())
            && stamp == *known
        {
            return Ok(Arc::clone(key));
        }
        self.keys.remove(&record.kid());
        let key = Arc::new(self.authority()?.signer(record)?);
        self.keys.insert(record.kid(), (stamp, Arc::clone(&key)));
        Ok(key)
    }

    fn answered(&mut self, request: &Request, mark: HolderMark) -> Result<Option<Placed>, Problem> {
        let answered = self.authority().and_then(|authority| Ok(authority.register.answered(request)?));
        let answered = answered.map_err(|error| self.fault(&error))?;
        answered.map(|answered| self.placed(answered, mark, None)).transpose()
    }

    /// Enters passes that one client asks for, and answers each.
    fn issue(&mut self, by: Operator, wanted: Vec<(Wanted, Answer<Placed>)>) {
        let mut left = wanted;
        for _ in 0..TRIES {
            left = self.try_issue(&by, left);
            if left.is_empty() {
                return;
            }
        }
        for (_, answer) in left {
            let _ = answer.send(Err(Problem::keys()));
        }
    }

    /// Gives back those whose key was ended since it was chosen.
    fn try_issue(&mut self, by: &Operator, wanted: Vec<(Wanted, Answer<Placed>)>) -> Vec<(Wanted, Answer<Placed>)> {
        let now = (self.now)();
        let (mut waiting, mut reservations, mut signers) = (Vec::new(), Vec::new(), Vec::new());
        let mut chosen = BTreeMap::new();
        for (one, answer) in wanted {
            let nbf = one.grant.validity.nbf;
            let signer = chosen.entry(nbf).or_insert_with(|| self.signer(nbf, now));
            match signer {
                Ok((kid, key)) => {
                    reservations.push(reservation(&one, *kid));
                    signers.push(Arc::clone(key));
                    waiting.push((one, answer));
                }
                Err(problem) => {
                    let problem = problem.clone();
                    // What was answered before needs no key that signs now.
                    let answered = self.answered(&one.request, mark_in(&one.grant));
                    let _ = answer.send(answered.and_then(|answered| answered.ok_or(problem)));
                }
            }
        }
        if reservations.is_empty() {
            return Vec::new();
        }
        let reserved = match self.reserve(by, &reservations, now) {
            Ok(reserved) => reserved,
            Err(error) => {
                let problem = self.fault(&error);
                for (_, answer) in waiting {
                    let _ = answer.send(Err(problem.clone()));
                }
                return Vec::new();
            }
        };
        self.metrics.group(reservations.len());
        let mut again = Vec::new();
        for (((one, answer), reserved), key) in waiting.into_iter().zip(reserved).zip(signers) {
            if reserved == Reserved::KeyEnded {
                again.push((one, answer));
                continue;
            }
            let placed = self.placed(reserved, mark_in(&one.grant), Some((&one.grant, key)));
            let _ = answer.send(placed);
        }
        again
    }

    fn signer(&mut self, nbf: UnixTime, now: UnixTime) -> Result<(KeyId, Arc<Signer>), Problem> {
        let new_keys = self.new_keys;
        let find = |owner: &mut Self| {
            let records = owner.authority()?.register.keys().map_err(AuthorityError::from)?;
            let record = choose_key(&records, nbf, new_keys, now)?;
            Ok::<_, IssueError>((record.kid(), owner.private_key(record)?))
        };
        find(self).map_err(|error| self.trouble(&error))
    }

    fn reserve(
        &mut self,
        by: &Operator,
        wanted: &[Reservation],
        now: UnixTime,
    ) -> Result<Vec<Reserved>, AuthorityError> {
        self.authority()?.act_as(by.clone());
        let (authority, draws) = (self.authority.as_mut(), &mut self.draws);
        let authority = authority.ok_or(AuthorityError::NoKey { role: Role::Issuer })?;
        let list_uri = authority.list_uri.clone();
        let (register, by) = authority.acting(now);
        Ok(register.reserve(wanted, &mut || draws.next(), &list_uri, &by)?)
    }

    /// What came of a reservation, for this holder.
    fn placed(
        &mut self,
        reserved: Reserved,
        mark: HolderMark,
        new: Option<(&Grant, Arc<Signer>)>,
    ) -> Result<Placed, Problem> {
        match (reserved, new) {
            (Reserved::Entered(at), Some((grant, key))) => {
                let Grant { validity, class, .. } = grant;
                Ok(Placed {
                    at,
                    nbf: validity.nbf,
                    exp: validity.exp,
                    class: *class,
                    kid: key.public().id(),
                    key,
                    how: How::Issued,
                })
            }
            (Reserved::Held(held), Some((grant, _))) => self.made_again(&held, mark, Some(grant.class), How::Already),
            (Reserved::Repeated(held), _) => self.made_again(&held, mark, None, How::Repeated),
            (Reserved::OtherRequest, _) => Err(Problem::other_request()),
            (Reserved::NotReplaceable(_), _) => Err(Problem::not_replaceable()),
            _ => Err(Problem::keys()),
        }
    }

    fn made_again(
        &mut self,
        held: &HeldPass,
        mark: HolderMark,
        class: Option<Class>,
        how: How,
    ) -> Result<Placed, Problem> {
        held::check(held, mark).map_err(|why| match why {
            NotAgain::Taken { status, .. } => Problem::refused().code(status.word()).detail(why),
            NotAgain::OtherName { .. } => Problem::of_field("/holder/name", why),
        })?;
        let find = |owner: &mut Self| {
            let register = owner.authority()?.register();
            let records = register.keys()?;
            // The rules may give another class by now.
            let class = match class {
                Some(class) => Some(class),
                None => register.pass(held.at)?.map(|pass| pass.class),
            };
            let record = records.into_iter().find(|record| record.kid() == held.kid);
            let (Some(record), Some(class)) = (record, class) else {
                return Err(AuthorityError::NoKey { role: Role::Issuer });
            };
            if record.revoked_at.is_some() {
                return Ok(None);
            }
            Ok(Some((owner.private_key(&record)?, class)))
        };
        let found = find(self).map_err(|error| self.fault(&error))?;
        let taken = || {
            Problem::refused().code("revoked").detail("the key of the pass was revoked; ask with a new Idempotency-Key")
        };
        let (key, class) = found.ok_or_else(taken)?;
        Ok(Placed { at: held.at, nbf: held.not_before, exp: held.expires, class, kid: held.kid, key, how })
    }
}

/// What the pass says of its holder. A grant of this service always knows.
fn mark_in(grant: &Grant) -> HolderMark {
    grant.whose.map_or(HolderMark([0; 8]), |(_, mark)| mark)
}

fn reservation(wanted: &Wanted, kid: KeyId) -> Reservation {
    let Grant { class, validity, whose, policy, replaces, .. } = &wanted.grant;
    Reservation {
        kid,
        not_before: validity.nbf,
        expires: validity.exp,
        class: *class,
        person: whose.map(|(person, _)| person),
        holder: whose.map(|(_, mark)| mark),
        origin: None,
        // Whose pass is to be replaced has one, and is not to get that.
        if_held: if replaces.is_some() { IfHeld::EnterAnother } else { IfHeld::Keep },
        policy: *policy,
        replaces: *replaces,
        request: Some(wanted.request),
    }
}

/// What a client is told of a fault: no more than what to do about it.
fn problem_of(error: &AuthorityError) -> Problem {
    match error {
        AuthorityError::Register(RegisterError::Busy(_) | RegisterError::Witness(WitnessError::Busy(_))) => {
            Problem::busy()
        }
        AuthorityError::Register(RegisterError::DiskFull(_)) => Problem::disk_full(),
        AuthorityError::Rules(_) | AuthorityError::Settings { .. } => Problem::settings(),
        AuthorityError::File(_)
        | AuthorityError::Key { .. }
        | AuthorityError::OtherKey { .. }
        | AuthorityError::NoPersonKey(_)
        | AuthorityError::OtherPersonKey(_)
        | AuthorityError::OpenKey(_)
        | AuthorityError::NoKey { .. } => Problem::keys(),
        _ => Problem::register(),
    }
}
