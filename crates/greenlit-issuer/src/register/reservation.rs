//! What a pass that wants a place says of itself, and what came of it.

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, StatusRef};
use greenlit_core::time::UnixTime;

use super::Status;
use crate::{HolderMark, PersonRef};

/// A pass that wants a place.
#[derive(Clone, Copy, Debug)]
pub struct Reservation {
    /// The key that is to sign it.
    pub kid: KeyId,
    /// From when it is good.
    pub not_before: UnixTime,
    /// Until when.
    pub expires: UnixTime,
    /// Its class.
    pub class: Class,
    /// Whose it is, where that is known.
    pub person: Option<PersonRef>,
    /// What the pass says of them, where that is known.
    pub holder: Option<HolderMark>,
    /// What it was asked for by, where that was a batch.
    pub origin: Option<Origin>,
    /// What to do where that person has one already.
    pub if_held: IfHeld,
    /// The version of the rules that it was decided by.
    pub policy: Option<u64>,
    /// A pass that is revoked by this one taking its place.
    pub replaces: Option<StatusRef>,
    /// The request that asks for it, where it may come again.
    pub request: Option<Request>,
}

/// A request that may come again, when its sender did not hear the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// By what it is known again: a digest of its sender and of the name that the sender gave it.
    pub name: [u8; 16],
    /// What it asks for: a keyed digest, which says nothing without the authority's key.
    pub content: [u8; 16],
}

/// A line of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The batch's number in this register.
    pub batch: u64,
    /// The line, counted from 1.
    pub line: u64,
}

/// What is done where a person has a pass of the class already that lasts at least as long, whatever its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfHeld {
    /// No other is entered: [`Reserved::Held`].
    Keep,
    /// Another one is entered.
    EnterAnother,
}

/// What came of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The pass is entered in this place.
    Entered(StatusRef),
    /// The person has this one.
    Held(HeldPass),
    /// The key may not sign it: somebody may have ended the key since it was chosen.
    KeyEnded,
    /// This very request was answered before, with this pass.
    Repeated(HeldPass),
    /// A request of this name asked for something else.
    OtherRequest,
    /// The pass to be replaced was never issued, or is revoked already.
    NotReplaceable(Option<Status>),
}

/// A pass that a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldPass {
    /// Its place.
    pub at: StatusRef,
    /// The key that signed it.
    pub kid: KeyId,
    /// From when it is good.
    pub not_before: UnixTime,
    /// Until when.
    pub expires: UnixTime,
    /// Its status now.
    pub status: Status,
    /// What it says of its holder; unknown of one that was put back from the witness.
    pub holder: Option<HolderMark>,
    /// The line of a batch that asked for it, if one did.
    pub origin: Option<Origin>,
}
