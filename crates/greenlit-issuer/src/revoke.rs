//! Takes a pass back for good, or for a while.

use sha2::{Digest, Sha256};

use greenlit_core::key::PublicKey;
use greenlit_core::pass::{PREFIX, PassError, SignedPass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError};
use crate::policy::{PROPOSAL_LIFETIME, SECOND_WORD_WITHIN};
use crate::register::{NewProposal, Proposed, RevocationLimit, Revoked, Role, Status};

/// Most bytes of a reason.
pub(crate) const MAX_REASON: usize = 1_000;
/// So many passes are revoked as one change: some hundredths of a second in which nobody else writes.
pub(crate) const TOGETHER: usize = 8_192;

/// What to do to a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Takes it back for good.
    Revoke,
    /// Takes it back for a while.
    Suspend,
    /// Lift a suspension.
    Lift,
}

/// Why a pass was not revoked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RevokeError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("\"{0}\" is not a pass or a reference such as 1-12345")]
    NotAReference(String),
    #[error("this is not a pass: {0}")]
    NotAPass(PassError),
    #[error("this pass was not signed by a key of this authority; nothing was changed")]
    Foreign,
    #[error("this pass has no status and cannot be revoked; revoke its issuer key instead")]
    NoStatus,
    #[error("no pass {0} was issued here; nothing was changed")]
    NeverIssued(String),
    #[error("pass {pass} is already permanently revoked{why}; nothing was changed")]
    Revoked { pass: String, why: String },
    #[error("pass {0} is not suspended; nothing was changed")]
    NotSuspended(String),
    #[error("pass {0} was just changed by another command; check it and try again")]
    Changed(String),
    #[error(
        "so many revocations in a day take a second operator's word: it waits as proposal {proposal} for `greenlit-issuer confirm`"
    )]
    SecondWord { proposal: u64 },
    #[error("the reason is longer than 1,000 bytes")]
    LongReason,
}

/// How the authority refers to a pass: list and index.
pub fn reference(pass: StatusRef) -> String {
    format!("{}-{}", pass.list, pass.index)
}

/// The pass that is given by its reference or by its text.
pub fn find(authority: &Authority, text: &str) -> Result<StatusRef, RevokeError> {
    Finder::new(authority)?.find(text)
}

/// Finds passes of one authority.
pub(crate) struct Finder {
    issuers: Vec<PublicKey>,
}

impl Finder {
    pub(crate) fn new(authority: &Authority) -> Result<Self, RevokeError> {
        let keys = authority.register.keys().map_err(AuthorityError::from)?;
        let issuers = keys.into_iter().filter(|record| record.role == Role::Issuer).map(|record| record.key);
        Ok(Self { issuers: issuers.collect() })
    }

    /// Whether it is written as a pass or reference is, whosever it is.
    pub(crate) fn looks_like_one(&self, text: &str) -> bool {
        text.starts_with(PREFIX) || parse_reference(text).is_some()
    }

    /// The pass of this reference or text.
    pub(crate) fn find(&self, text: &str) -> Result<StatusRef, RevokeError> {
        if let Some(pass) = parse_reference(text) {
            return Ok(pass);
        }
        if !text.starts_with(PREFIX) {
            return Err(RevokeError::NotAReference(text.chars().take(40).collect()));
        }
        let signed = SignedPass::parse(text.as_bytes()).map_err(RevokeError::NotAPass)?;
        let key = self.issuers.iter().find(|key| key.id() == signed.kid()).ok_or(RevokeError::Foreign)?;
        let pass = signed.signed_by(key).ok_or(RevokeError::Foreign)?;
        pass.status.ok_or(RevokeError::NoStatus)
    }
}

fn parse_reference(text: &str) -> Option<StatusRef> {
    let (list, index) = text.split_once('-')?;
    Some(StatusRef { list: list.parse().ok()?, index: index.parse().ok()? })
}

/// What came of a revocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Passes revoked now.
    pub revoked: u64,
    /// Passes that were revoked before.
    pub already: u64,
    /// Passes that wait for a second operator's word, and the number of the proposal.
    pub waiting: Option<(u64, u64)>,
}

/// Revokes these passes, each of which was issued here, or keeps them for a second operator's word where they are too many
/// for one. What is revoked before it is cut short stays revoked, and the rest follows when it is done again.
pub fn revoke_all(
    authority: &mut Authority,
    passes: &[StatusRef],
    reason: Option<&str>,
    now: UnixTime,
) -> Result<Outcome, RevokeError> {
    check_reason(reason)?;
    let statuses = authority.register.statuses(passes).map_err(AuthorityError::from)?;
    let mut wanted = Vec::with_capacity(passes.len());
    let mut outcome = Outcome::default();
    for (pass, status) in passes.iter().zip(statuses) {
        match status {
            None => return Err(RevokeError::NeverIssued(reference(*pass))),
            Some(Status::Revoked) => outcome.already += 1,
            Some(_) => wanted.push(*pass),
        }
    }
    let most = authority.second_word_above;
    let (register, by) = authority.acting(now);
    let mut rest = &wanted[..];
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.len().min(TOGETHER));
        let (since, more) = (now.minus(SECOND_WORD_WITHIN), after.len() as u64);
        let limit = most.map(|most| RevocationLimit { most, since, more });
        match register.revoke(part, reason, limit.as_ref(), &by).map_err(AuthorityError::from)? {
            Revoked::Done(before) => {
                let revoked = before.iter().flatten().filter(|status| **status != Status::Revoked).count() as u64;
                outcome.revoked += revoked;
                // Somebody may have been quicker.
                outcome.already += part.len() as u64 - revoked;
                rest = after;
            }
            Revoked::TooMany(_) => {
                let until = now.plus(PROPOSAL_LIFETIME);
                let proposal = NewProposal { what: Proposed::Passes(rest), digest: digest_of(rest), reason, until };
                let id = register.propose(&proposal, &by).map_err(AuthorityError::from)?;
                outcome.waiting = Some((rest.len() as u64, id));
                break;
            }
        }
    }
    Ok(outcome)
}

/// The same passes in any order have the same one.
fn digest_of(passes: &[StatusRef]) -> [u8; 32] {
    let mut sorted: Vec<&StatusRef> = passes.iter().collect();
    sorted.sort_by_key(|pass| (pass.list, pass.index));
    let mut hash = Sha256::new_with_prefix("passes\n");
    for pass in sorted {
        hash.update(reference(*pass));
        hash.update("\n");
    }
    hash.finalize().into()
}

fn check_reason(reason: Option<&str>) -> Result<(), RevokeError> {
    if reason.is_some_and(|reason| reason.len() > MAX_REASON) { Err(RevokeError::LongReason) } else { Ok(()) }
}

/// Changes the status of a pass that was issued here, with a reason that is kept in the register alone. A revocation may
/// take a second operator's word.
pub fn change(
    authority: &mut Authority,
    pass: StatusRef,
    action: Action,
    reason: Option<&str>,
    now: UnixTime,
) -> Result<Outcome, RevokeError> {
    check_reason(reason)?;
    let issued = authority.register.pass(pass).map_err(AuthorityError::from)?;
    let issued = issued.ok_or_else(|| RevokeError::NeverIssued(reference(pass)))?;
    let status = match action {
        _ if issued.status == Status::Revoked => {
            let why = issued.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            return Err(RevokeError::Revoked { pass: reference(pass), why });
        }
        Action::Lift if issued.status != Status::Suspended => return Err(RevokeError::NotSuspended(reference(pass))),
        Action::Lift => Status::Valid,
        Action::Suspend => Status::Suspended,
        Action::Revoke => {
            let outcome = revoke_all(authority, &[pass], reason, now)?;
            return if outcome.already > 0 { Err(RevokeError::Changed(reference(pass))) } else { Ok(outcome) };
        }
    };
    let (register, by) = authority.acting(now);
    // Somebody may have changed it since.
    let done = register.set_status(pass, issued.status, status, reason, &by).map_err(AuthorityError::from)?;
    if done { Ok(Outcome::default()) } else { Err(RevokeError::Changed(reference(pass))) }
}

/// The same, for somebody who may ask twice; `false` where it stood so already.
pub fn ensure(
    authority: &mut Authority,
    pass: StatusRef,
    action: Action,
    reason: Option<&str>,
    now: UnixTime,
) -> Result<bool, RevokeError> {
    let wanted = match action {
        Action::Revoke => Status::Revoked,
        Action::Suspend => Status::Suspended,
        Action::Lift => Status::Valid,
    };
    let issued = authority.register.pass(pass).map_err(AuthorityError::from)?;
    if issued.is_some_and(|issued| issued.status == wanted) {
        return Ok(false);
    }
    match change(authority, pass, action, reason, now)?.waiting {
        None => Ok(true),
        Some((_, proposal)) => Err(RevokeError::SecondWord { proposal }),
    }
}
