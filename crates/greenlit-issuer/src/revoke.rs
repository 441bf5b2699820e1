//! Takes a pass back for good, or for a while.

use greenlit_core::pass::{PREFIX, PassError, SignedPass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError};
use crate::register::{Role, Status};

/// Most bytes of a reason.
pub(crate) const MAX_REASON: usize = 1_000;

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
    #[error("the reason is longer than 1,000 bytes")]
    LongReason,
}

/// How the authority refers to a pass: list and index.
pub fn reference(pass: StatusRef) -> String {
    format!("{}-{}", pass.list, pass.index)
}

/// The pass that is given by its reference or by its text.
pub fn find(authority: &Authority, text: &str) -> Result<StatusRef, RevokeError> {
    if let Some((list, index)) = text.split_once('-')
        && let (Ok(list), Ok(index)) = (list.parse(), index.parse())
    {
        return Ok(StatusRef { list, index });
    }
    if !text.starts_with(PREFIX) {
        return Err(RevokeError::NotAReference(text.chars().take(40).collect()));
    }
    let signed = SignedPass::parse(text.as_bytes()).map_err(RevokeError::NotAPass)?;
    let keys = authority.register.keys().map_err(AuthorityError::from)?;
    let record = keys.iter().find(|record| record.role == Role::Issuer && record.kid() == signed.kid());
    let pass = signed.signed_by(&record.ok_or(RevokeError::Foreign)?.key).ok_or(RevokeError::Foreign)?;
    pass.status.ok_or(RevokeError::NoStatus)
}

/// Changes the status of a pass that was issued here, with a reason that is kept in the register alone.
pub fn change(
    authority: &mut Authority,
    pass: StatusRef,
    action: Action,
    reason: Option<&str>,
    now: UnixTime,
) -> Result<(), RevokeError> {
    if reason.is_some_and(|reason| reason.len() > MAX_REASON) {
        return Err(RevokeError::LongReason);
    }
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
        Action::Revoke => Status::Revoked,
    };
    let (register, by) = authority.acting(now);
    // Somebody may have changed it since.
    let done = register.set_status(pass, issued.status, status, reason, &by).map_err(AuthorityError::from)?;
    if done { Ok(()) } else { Err(RevokeError::Changed(reference(pass))) }
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
    change(authority, pass, action, reason, now).map(|()| true)
}
