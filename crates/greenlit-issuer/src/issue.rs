//! One pass for one person.

use chrono::NaiveDate;

use greenlit_core::pass::{Class, PassError, SignedPass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError, Draws};
use crate::held;
use crate::keys::{UnknownKey, select_signing_key, unknown_to_some};
use crate::register::{IfHeld, KeyRecord, Reservation, Reserved, Role, Status};
use crate::revoke::reference;
use crate::token::TokenError;
use crate::{
    Event, EventError, Holder, HolderError, HolderFile, HolderMark, Igg, Ineligible, PersonKey, PersonRef, Policy,
    Signer, UnknownGround, Validity, Zone,
};

/// How often another key is looked for where the chosen one has been ended meanwhile.
const TRIES: usize = 3;

/// Why a pass was not issued.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum IssueError {
    #[error(transparent)]
    Ineligible(#[from] Ineligible),
    #[error(transparent)]
    Holder(#[from] HolderError),
    #[error("refused: impossible date of birth {born}: it is after {on}, the day of the dose or test")]
    BornAfter { born: NaiveDate, on: NaiveDate },
    #[error(transparent)]
    UnknownGround(#[from] UnknownGround),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error("{0}; wait until then, or use --before-tills-know")]
    UnknownKey(UnknownKey),
    #[error(
        "class {0} is not listed in `classes` in authority.toml, so tills would call this pass not genuine (ISS); nothing was issued"
    )]
    ClassNotNamed(u64),
    #[error("tills could not read this pass: {0}; nothing was issued")]
    Unreadable(PassError),
    #[error("pass {pass} {}; nothing was issued", cannot_be_replaced(.status))]
    NotReplaceable { pass: String, status: Option<Status> },
    #[error("pass {pass} was good through {last_day}; give --basis and --on for one of another term")]
    Over { pass: String, last_day: NaiveDate },
    #[error("the pass was recorded as {reference}, but could not be signed: {error}; revoke it or issue another")]
    NotSigned { reference: String, error: TokenError },
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

impl IssueError {
    /// A person without a pass is an answer; anything else, a slip of the pen included, is trouble.
    pub fn is_refusal(&self) -> bool {
        self.refusal_code().is_some()
    }

    /// By what refusals are counted.
    pub fn refusal_code(&self) -> Option<&'static str> {
        match self {
            Self::Ineligible(error) => Some(error.code()),
            Self::BornAfter { .. } => Some("born-after"),
            Self::Holder(error) if error.is_refusal() => Some("holder"),
            _ => None,
        }
    }
}

fn cannot_be_replaced(status: &Option<Status>) -> &'static str {
    match status {
        None => "was never issued here",
        Some(_) => "is revoked already",
    }
}

type Result<T> = std::result::Result<T, IssueError>;

/// What somebody asks a pass for.
pub struct Application {
    /// The name of a ground of the authority's rules.
    pub ground: String,
    /// The day of the dose, test or whatever entitles.
    pub on: NaiveDate,
    /// A laboratory's result, where the ground asks for one.
    pub igg: Option<Igg>,
    /// The last day of the entitlement, where the ground asks for it.
    pub through: Option<NaiveDate>,
    /// Whoever asks.
    pub person: HolderFile,
}

/// Whether a key may sign that some tills do not know yet, which will call its passes not genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum NewKeys {
    Wait,
    Sign,
}

/// A pass just entered in the register.
pub struct Issued {
    /// The text of its QR code.
    pub text: String,
    /// Its place.
    pub status: StatusRef,
    /// The last day on which it is good, in the region.
    pub last_day: NaiveDate,
}

impl Issued {
    /// How the authority refers to it: list and index.
    pub fn reference(&self) -> String {
        reference(self.status)
    }
}

/// What somebody was found entitled to.
pub(crate) struct Grant {
    pub(crate) class: Class,
    pub(crate) validity: Validity,
    pub(crate) holder: Holder,
    /// Whose it is, and what it says of them.
    pub(crate) whose: Option<(PersonRef, HolderMark)>,
    /// The version of the rules that decided.
    pub(crate) policy: Option<u64>,
    /// The pass whose place it takes.
    pub(crate) replaces: Option<StatusRef>,
}

/// Issues a pass, if this person may have one.
pub fn issue(authority: &mut Authority, asked: &Application, new_keys: NewKeys, now: UnixTime) -> Result<Issued> {
    let issued = try_to_issue(authority, asked, new_keys, now);
    if let Some(code) = issued.as_ref().err().and_then(IssueError::refusal_code) {
        let month = authority.zone.start_of_month(now).unwrap_or(now);
        // The answer is more than the count of answers.
        let _ = authority.register.count_refusals(None, month, &[(code, 1)]);
    }
    issued
}

fn try_to_issue(authority: &mut Authority, asked: &Application, new_keys: NewKeys, now: UnixTime) -> Result<Issued> {
    let decision = decide(&authority.rules()?.policy, &authority.zone, asked, now)?;
    let grant = grant_to(authority, decision, &asked.person, now)?;
    check_known_to_tills(authority, grant.validity, new_keys, now)?;
    issue_pass(authority, grant, now)
}

/// What another pass takes over from the one that it replaces.
pub enum Term<'a> {
    /// Class, first and last day: the entitlement is the same, and only the holder's document or name is another.
    Same,
    /// Nothing: it is decided anew.
    Anew(&'a Application),
}

/// Issues a pass in the place of another one, which is revoked by that: for a new document, a new name, or a mistake.
pub fn reissue(
    authority: &mut Authority,
    old: StatusRef,
    term: &Term<'_>,
    person: &HolderFile,
    new_keys: NewKeys,
    now: UnixTime,
) -> Result<Issued> {
    let issued = authority.register.pass(old).map_err(AuthorityError::from)?;
    let issued = issued.ok_or_else(|| IssueError::NotReplaceable { pass: reference(old), status: None })?;
    let decision = match term {
        Term::Anew(asked) => decide(&authority.rules()?.policy, &authority.zone, asked, now)?,
        Term::Same if issued.expires <= now => {
            let last_day = last_day(authority, issued.expires)?;
            return Err(IssueError::Over { pass: reference(old), last_day });
        }
        Term::Same => {
            let validity = Validity {
                nbf: issued.not_before,
                exp: issued.expires,
                last_day: last_day(authority, issued.expires)?,
            };
            Decision { class: issued.class, validity, policy: issued.policy }
        }
    };
    let grant = Grant { replaces: Some(old), ..grant_to(authority, decision, person, now)? };
    check_known_to_tills(authority, grant.validity, new_keys, now)?;
    issue_pass(authority, grant, now)
}

fn last_day(authority: &Authority, expires: UnixTime) -> Result<NaiveDate> {
    Ok(authority.zone.last_day(expires).ok_or(Ineligible::OutOfRange(NaiveDate::MAX))?)
}

/// What the rules say, whoever asks.
pub(crate) struct Decision {
    pub(crate) class: Class,
    pub(crate) validity: Validity,
    pub(crate) policy: Option<u64>,
}

pub(crate) fn decide(policy: &Policy, zone: &Zone, asked: &Application, now: UnixTime) -> Result<Decision> {
    let Application { ground, on, igg, through, person } = asked;
    if person.born > *on {
        return Err(IssueError::BornAfter { born: person.born, on: *on });
    }
    let event = Event::new(policy.find(ground)?, *on, *igg, *through)?;
    let class = event.ground().class;
    let validity = event.decide(now, zone)?;
    Ok(Decision { class, validity, policy: Some(policy.version) })
}

fn grant_to(authority: &mut Authority, decision: Decision, person: &HolderFile, now: UnixTime) -> Result<Grant> {
    let day = authority.zone.day(now).ok_or(Ineligible::OutOfRange(decision.validity.last_day))?;
    let holder = holder(person, day)?;
    let key = authority.person_key()?;
    let whose = whose(&key, person, &holder)?;
    let Decision { class, validity, policy } = decision;
    Ok(Grant { class, validity, holder, whose: Some(whose), policy, replaces: None })
}

/// What a pass says of this person.
pub(crate) fn holder(person: &HolderFile, today: NaiveDate) -> Result<Holder> {
    Ok(Holder::new(&person.name, person.born, person.kind, &person.document, today)?)
}

/// Whose a pass is, and what it says of them.
pub(crate) fn whose(key: &PersonKey, person: &HolderFile, holder: &Holder) -> Result<(PersonRef, HolderMark)> {
    Ok((key.reference(person.kind, &person.document, person.born)?, key.mark(holder)))
}

fn check_known_to_tills(authority: &Authority, validity: Validity, new_keys: NewKeys, now: UnixTime) -> Result<()> {
    if new_keys == NewKeys::Sign {
        return Ok(());
    }
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    choose_key(&records, validity.nbf, new_keys, now).map(drop)
}

/// The key that signs now what begins then.
pub(crate) fn choose_key(records: &[KeyRecord], nbf: UnixTime, new_keys: NewKeys, now: UnixTime) -> Result<&KeyRecord> {
    let record = select_signing_key(records, nbf, now).ok_or(AuthorityError::NoKey { role: Role::Issuer })?;
    match unknown_to_some(records, record, now).filter(|_| new_keys == NewKeys::Wait) {
        Some(unknown) => Err(IssueError::UnknownKey(unknown)),
        None => Ok(record),
    }
}

/// Enters a pass in the register and signs it.
pub(crate) fn issue_pass(authority: &mut Authority, grant: Grant, now: UnixTime) -> Result<Issued> {
    let Grant { class, validity, holder, whose, policy, replaces } = grant;
    let Validity { nbf, exp, .. } = validity;
    if !authority.classes.contains(&class) {
        return Err(IssueError::ClassNotNamed(class.0));
    }
    let mut pass = held::pass(holder, class, nbf, exp, StatusRef { list: 0, index: 0 });
    for _ in 0..TRIES {
        let (record, key) = signing_key(authority, validity, now)?;
        // A till must be able to read it, before a place in the list is spent on it.
        let trial = key.sign_pass(&pass).map_err(AuthorityError::from)?;
        SignedPass::parse(trial.as_bytes()).map_err(IssueError::Unreadable)?;
        let wanted = Reservation {
            kid: record.kid(),
            not_before: nbf,
            expires: exp,
            class,
            person: whose.map(|(person, _)| person),
            holder: whose.map(|(_, mark)| mark),
            origin: None,
            if_held: IfHeld::EnterAnother,
            policy,
            replaces,
            request: None,
        };
        match reserve(authority, wanted, now)? {
            Some(Reserved::Entered(status)) => {
                pass.status = Some(status);
                let text = key.sign_pass(&pass);
                let text = text.map_err(|error| IssueError::NotSigned { reference: reference(status), error })?;
                return Ok(Issued { text, status, last_day: validity.last_day });
            }
            Some(Reserved::NotReplaceable(status)) => {
                let pass = replaces.map(reference).unwrap_or_default();
                return Err(IssueError::NotReplaceable { pass, status });
            }
            // Somebody has retired or revoked the key since it was chosen.
            _ => {}
        }
    }
    Err(AuthorityError::NoKey { role: Role::Issuer }.into())
}

fn signing_key(
    authority: &Authority,
    validity: Validity,
    now: UnixTime,
) -> std::result::Result<(KeyRecord, Signer), AuthorityError> {
    let records = authority.register.keys()?;
    let record = select_signing_key(&records, validity.nbf, now).ok_or(AuthorityError::NoKey { role: Role::Issuer })?;
    let key = authority.signer(record)?;
    Ok((record.clone(), key))
}

fn reserve(
    authority: &mut Authority,
    wanted: Reservation,
    now: UnixTime,
) -> std::result::Result<Option<Reserved>, AuthorityError> {
    let mut draws = Draws::new()?;
    let list_uri = authority.list_uri.clone();
    let (register, by) = authority.acting(now);
    Ok(register.reserve(&[wanted], &mut || draws.next(), &list_uri, &by)?.pop())
}
