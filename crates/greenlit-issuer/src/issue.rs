//! One pass for one person.

use chrono::NaiveDate;

use greenlit_core::pass::{Class, Pass, PassError, SignedPass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError, Draws};
use crate::keys::{UnknownKey, select_signing_key, unknown_to_some};
use crate::register::{IfHeld, KeyRecord, Reservation, Reserved, Role};
use crate::revoke::reference;
use crate::{
    Event, EventError, Holder, HolderError, HolderFile, HolderMark, Igg, Ineligible, PersonRef, PrivateKey,
    UnknownGround, Validity, sign_pass,
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
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

impl IssueError {
    /// A person without a pass is an answer; anything else, a slip of the pen included, is trouble.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Ineligible(_) | Self::BornAfter { .. } => true,
            Self::Holder(error) => error.is_refusal(),
            _ => false,
        }
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

/// Issues a pass, if this person may have one.
pub fn issue(authority: &mut Authority, asked: &Application, new_keys: NewKeys, now: UnixTime) -> Result<Issued> {
    let Application { ground, on, igg, through, person } = asked;
    if person.born > *on {
        return Err(IssueError::BornAfter { born: person.born, on: *on });
    }
    let policy = authority.rules()?.policy;
    let event = Event::new(policy.find(ground)?, *on, *igg, *through)?;
    let class = event.ground().class;
    let validity = event.decide(now, &authority.zone)?;
    let day = authority.zone.day(now).ok_or(Ineligible::OutOfRange(*on))?;
    let holder = Holder::new(&person.name, person.born, person.kind, &person.document, day)?;
    if new_keys == NewKeys::Wait {
        let records = authority.register.keys().map_err(AuthorityError::from)?;
        let signer = select_signing_key(&records, validity.nbf, now);
        if let Some(unknown) = signer.and_then(|record| unknown_to_some(&records, record, now)) {
            return Err(IssueError::UnknownKey(unknown));
        }
    }
    let key = authority.person_key()?;
    let whose = (key.reference(person.kind, &person.document, person.born)?, key.mark(&holder));
    issue_pass(authority, class, validity, holder, Some(whose), now)
}

/// Enters a pass in the register and signs it.
pub(crate) fn issue_pass(
    authority: &mut Authority,
    class: Class,
    validity: Validity,
    holder: Holder,
    whose: Option<(PersonRef, HolderMark)>,
    now: UnixTime,
) -> Result<Issued> {
    if !authority.classes.contains(&class) {
        return Err(IssueError::ClassNotNamed(class.0));
    }
    let mut pass = Pass {
        exp: validity.exp,
        nbf: validity.nbf,
        class,
        initials: Some(holder.initials),
        birthday: Some(holder.birthday),
        document: Some(holder.document),
        status: Some(StatusRef { list: 0, index: 0 }),
    };
    for _ in 0..TRIES {
        let (record, key) = signing_key(authority, validity, now)?;
        // A till must be able to read it, before a place in the list is spent on it.
        SignedPass::parse(sign_pass(&pass, &key).as_bytes()).map_err(IssueError::Unreadable)?;
        // Somebody may have retired or revoked the key since it was chosen.
        if let Some(status) = reserve(authority, &record, class, validity, whose)? {
            pass.status = Some(status);
            return Ok(Issued { text: sign_pass(&pass, &key), status, last_day: validity.last_day });
        }
    }
    Err(AuthorityError::NoKey { role: Role::Issuer }.into())
}

fn signing_key(
    authority: &Authority,
    validity: Validity,
    now: UnixTime,
) -> std::result::Result<(KeyRecord, PrivateKey), AuthorityError> {
    let records = authority.register.keys()?;
    let record = select_signing_key(&records, validity.nbf, now).ok_or(AuthorityError::NoKey { role: Role::Issuer })?;
    let key = authority.private_key(record)?;
    Ok((record.clone(), key))
}

fn reserve(
    authority: &mut Authority,
    key: &KeyRecord,
    class: Class,
    validity: Validity,
    whose: Option<(PersonRef, HolderMark)>,
) -> std::result::Result<Option<StatusRef>, AuthorityError> {
    let wanted = Reservation {
        kid: key.kid(),
        not_before: validity.nbf,
        expires: validity.exp,
        class,
        person: whose.map(|(person, _)| person),
        holder: whose.map(|(_, mark)| mark),
        origin: None,
        if_held: IfHeld::EnterAnother,
    };
    let mut draws = Draws::new()?;
    let list_uri = authority.list_uri.clone();
    let (register, witness) = authority.witnessed();
    let reserved = register.reserve(&[wanted], &mut || draws.next(), &list_uri, witness)?;
    Ok(match reserved.first() {
        Some(Reserved::Entered(at)) => Some(*at),
        _ => None,
    })
}
