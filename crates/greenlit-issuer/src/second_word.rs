//! A second operator's word: revoking many passes, or an issuer key, happens only when another operator has confirmed it.
//!
//! What one operator wants is kept as a proposal, and does nothing until another one confirms it. Operators are told apart
//! by name alone (see [`crate::operator`]): of two people under one account nobody can be told to be the second.

use greenlit_core::key::KeyId;
use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;
use sha2::{Digest, Sha256};

use crate::authority::{Authority, AuthorityError};
use crate::operator::Operator;
use crate::policy::PROPOSAL_LIFETIME;
use crate::register::{Confirmed, NewProposal, Proposed, RevocationProposal};
use crate::revoke::TOGETHER;

/// Why nothing was confirmed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ConfirmError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error("nothing of the number {0} waits; `greenlit-issuer confirm FOLDER` lists what does")]
    NoSuch(u64),
    #[error("proposal {0} lapsed at {1}; whoever still wants it has to make it again")]
    Lapsed(u64, UnixTime),
    #[error("proposal {id} was made by {by}; somebody else has to confirm it, and you act as {you}")]
    SamePerson { id: u64, by: Operator, you: Operator },
}

type Result<T> = std::result::Result<T, ConfirmError>;

/// What waits, the oldest first.
pub fn waiting(authority: &Authority, now: UnixTime) -> Result<Vec<RevocationProposal>> {
    let mut all = authority.register.proposals().map_err(AuthorityError::from)?;
    all.retain(|proposal| now < proposal.until);
    Ok(all)
}

/// One that waits.
pub fn find(authority: &Authority, id: u64, now: UnixTime) -> Result<RevocationProposal> {
    let all = authority.register.proposals().map_err(AuthorityError::from)?;
    let found = all.into_iter().find(|proposal| proposal.id == id).ok_or(ConfirmError::NoSuch(id))?;
    if found.until <= now { Err(ConfirmError::Lapsed(id, found.until)) } else { Ok(found) }
}

/// The first passes of a proposal that are still to be revoked.
pub fn first_passes(authority: &Authority, id: u64, count: usize) -> Result<Vec<StatusRef>> {
    Ok(authority.register.proposed_passes(id, count).map_err(AuthorityError::from)?)
}

/// Requires somebody else than whoever made it.
pub fn check_second(authority: &Authority, proposal: &RevocationProposal) -> Result<()> {
    let (by, you) = (proposal.operator.clone(), authority.operator().clone());
    if by.is_same_person(&you) { Err(ConfirmError::SamePerson { id: proposal.id, by, you }) } else { Ok(()) }
}

/// What was done on a second operator's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Passes revoked now.
    pub revoked: u64,
    /// Passes that had been revoked meanwhile.
    pub skipped: u64,
}

/// Does what was proposed, part by part; cut short, the same word goes on with the rest.
pub fn confirm(authority: &mut Authority, proposal: &RevocationProposal, now: UnixTime) -> Result<Done> {
    let mut done = Done::default();
    loop {
        let (register, by) = authority.acting(now);
        match register.confirm(proposal.id, TOGETHER, &by).map_err(AuthorityError::from)? {
            Confirmed::Done { revoked, skipped, left } => {
                done.revoked += revoked;
                done.skipped += skipped;
                if left == 0 {
                    return Ok(done);
                }
            }
            Confirmed::NoSuch => return Err(ConfirmError::NoSuch(proposal.id)),
            Confirmed::Lapsed => return Err(ConfirmError::Lapsed(proposal.id, proposal.until)),
            Confirmed::SamePerson => {
                let (by, you) = (proposal.operator.clone(), authority.operator().clone());
                return Err(ConfirmError::SamePerson { id: proposal.id, by, you });
            }
        }
    }
}

/// Ends a proposal undone.
pub fn withdraw(authority: &mut Authority, id: u64, now: UnixTime) -> Result<()> {
    let (register, by) = authority.acting(now);
    if register.withdraw(id, &by).map_err(AuthorityError::from)? { Ok(()) } else { Err(ConfirmError::NoSuch(id)) }
}

/// Keeps the revocation of an issuer key for a second operator's word, and gives its number.
pub(crate) fn propose_key(
    authority: &mut Authority,
    kid: KeyId,
    now: UnixTime,
) -> std::result::Result<u64, AuthorityError> {
    let digest = Sha256::digest(format!("key {kid}\n")).into();
    let (register, by) = authority.acting(now);
    let until = now.plus(PROPOSAL_LIFETIME);
    Ok(register.propose(&NewProposal { what: Proposed::Key(kid), digest, reason: None, until }, &by)?)
}
