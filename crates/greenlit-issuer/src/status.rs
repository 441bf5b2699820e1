//! All that is known of one pass.

use chrono::NaiveDate;

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError};
use crate::register::{IssuedPass, Status, StatusChange};
use crate::revoke::{RevokeError, reference};

/// What is known of a pass.
#[derive(Clone, Debug)]
pub struct PassStatus {
    /// Which.
    pub pass: StatusRef,
    /// As the register has it.
    pub issued: IssuedPass,
    /// What tills with the newest data make of it.
    pub state: PassState,
    /// The first day on which it is good, in the region.
    pub first_day: Option<NaiveDate>,
    /// The last one.
    pub last_day: Option<NaiveDate>,
    /// Every change of its status, the oldest first.
    pub history: Vec<StatusChange>,
}

/// How a pass stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PassState {
    Valid,
    NotYetValid,
    Expired,
    Suspended,
    Revoked,
    /// By its key.
    KeyRevoked,
    Unknown,
}

impl PassState {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::KeyRevoked => "key-revoked",
            Self::Unknown => "unknown",
        }
    }
}

/// Looks a pass up.
pub fn of(authority: &Authority, pass: StatusRef, now: UnixTime) -> Result<PassStatus, RevokeError> {
    let register = authority.register();
    let issued = register.pass(pass).map_err(AuthorityError::from)?;
    let issued = issued.ok_or_else(|| RevokeError::NeverIssued(reference(pass)))?;
    let keys = register.keys().map_err(AuthorityError::from)?;
    let key_revoked = keys.iter().any(|key| key.kid() == issued.kid && key.revoked_at.is_some());
    let state = match issued.status {
        _ if key_revoked => PassState::KeyRevoked,
        Status::Revoked => PassState::Revoked,
        Status::Suspended => PassState::Suspended,
        Status::Other(_) => PassState::Unknown,
        Status::Valid if issued.expires <= now => PassState::Expired,
        Status::Valid if now < issued.not_before => PassState::NotYetValid,
        Status::Valid => PassState::Valid,
    };
    let history = register.status_changes(Some(pass)).map_err(AuthorityError::from)?;
    let (first_day, last_day) = (authority.zone.day(issued.not_before), authority.zone.last_day(issued.expires));
    Ok(PassStatus { pass, issued, state, first_day, last_day, history })
}
