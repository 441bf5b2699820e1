//! What is done about a pass that a person has already: it is made again for them, and for nobody else.

use greenlit_core::pass::{Class, Pass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::register::{HeldPass, Status};
use crate::revoke::reference;
use crate::{Holder, HolderMark};

/// Why a pass is not made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum NotAgain {
    #[error("has pass {}, which was {}", reference(*.at), .status.word())]
    Taken { at: StatusRef, status: Taken },
    #[error("the document is that of pass {}, which was given out under another name", reference(*.at))]
    OtherName { at: StatusRef },
}

/// How a pass was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Taken {
    Revoked,
    Suspended,
}

impl Taken {
    /// What it is counted by in reports.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
        }
    }
}

impl NotAgain {
    /// The code of one who may have none; a pass under another name can be corrected.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::Taken { status, .. } => Some(status.word()),
            Self::OtherName { .. } => None,
        }
    }
}

/// Whether a pass is made again for this holder. One that was taken from somebody is not given back by the same request,
/// and one pass says one thing of its holder: under another name it would be somebody else's.
pub(crate) fn check(held: &HeldPass, mark: HolderMark) -> Result<(), NotAgain> {
    let at = held.at;
    match held.status {
        Status::Valid => {}
        Status::Suspended => return Err(NotAgain::Taken { at, status: Taken::Suspended }),
        Status::Revoked | Status::Other(_) => return Err(NotAgain::Taken { at, status: Taken::Revoked }),
    }
    if held.holder.is_none_or(|there| there == mark) { Ok(()) } else { Err(NotAgain::OtherName { at }) }
}

/// What a pass says that is in this place.
pub(crate) fn pass(holder: Holder, class: Class, nbf: UnixTime, exp: UnixTime, at: StatusRef) -> Pass {
    Pass {
        exp,
        nbf,
        class,
        initials: Some(holder.initials),
        birthday: Some(holder.birthday),
        document: Some(holder.document),
        status: Some(at),
    }
}
