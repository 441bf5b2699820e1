//! A check-in: the guests of one booking, each pass judged for their whole stay.
//!
//! A pass counts for the stay if it is still good in the last minute of the last night's evening. Nothing that a
//! pass says of its holder is kept here: a guest is an answer, a hash, and until when the pass is good, and all of it
//! goes when the check-in ends.

use crate::answer::Code;
use crate::time::UnixTime;
use crate::verdict::{Verdict, lasts};
use crate::verify::Rejection;

/// Most guests that are listed: a coach party and some more.
pub const MAX_LISTED: usize = 99;

/// What was answered to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The answer, for the stay as it is now.
    pub code: Code,
    /// From when the pass is no longer good, where that is what it was refused for, or it is valid.
    pub expires: Option<UnixTime>,
    /// It was said not to match the ID.
    pub mismatch: bool,
}

/// One booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    stays_until: UnixTime,
    guests: Vec<(u64, Guest)>,
    unlisted: usize,
}

impl CheckIn {
    /// Nobody yet. Each pass has to be good at this moment.
    pub fn new(stays_until: UnixTime) -> Self {
        Self { stays_until, guests: Vec::new(), unlisted: 0 }
    }

    /// The moment at which each pass still has to be good.
    pub fn stays_until(&self) -> UnixTime {
        self.stays_until
    }

    /// The stay is longer or shorter after all. Who is listed already is judged by it too.
    pub fn stay_until(&mut self, moment: UnixTime) {
        self.stays_until = moment;
        for (_, guest) in &mut self.guests {
            if let (Some(expires), Code::Ok | Code::Expired) = (guest.expires, guest.code) {
                guest.code = if lasts(expires, moment) { Code::Ok } else { Code::Expired };
            }
        }
    }

    /// In the order in which they came.
    pub fn guests(&self) -> impl ExactSizeIterator<Item = &Guest> {
        self.guests.iter().map(|(_, guest)| guest)
    }

    /// Answers to guests for whom the list has no room.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }

    /// Those whose pass holds for the whole stay and matches the ID.
    pub fn valid(&self) -> usize {
        self.guests().filter(|guest| guest.code == Code::Ok && !guest.mismatch).count()
    }

    /// The same pass again is the same guest, with what is answered now.
    pub(crate) fn answered(&mut self, key: u64, verdict: &Verdict) {
        let Some(code) = verdict.code() else { return };
        let expires = match verdict {
            Verdict::Valid(pass) => pass.expires(),
            // One that has expired already does so for every stay.
            Verdict::Rejected(Rejection::ExpiresDuringStay { at, .. }) => Some(*at),
            _ => None,
        };
        let guest = Guest { code, expires, mismatch: false };
        if let Some((_, known)) = self.guests.iter_mut().find(|(known, _)| *known == key) {
            *known = guest;
        } else if self.guests.len() < MAX_LISTED {
            self.guests.push((key, guest));
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }

    pub(crate) fn mismatched(&mut self, key: u64, mismatch: bool) {
        for (_, guest) in self.guests.iter_mut().filter(|(known, _)| *known == key) {
            guest.mismatch = mismatch;
        }
    }
}
