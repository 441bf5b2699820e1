//! What came of a pass, and how a till stands, in words and as JSON.

pub(crate) mod finding;
pub(crate) mod health;
pub(crate) mod openmetrics;

use greenlit_core::time::UnixTime;

use crate::clock;

/// A moment in the system's zone, to the minute.
pub(crate) fn moment(time: UnixTime) -> String {
    clock::local(time, "%Y-%m-%d %H:%M")
}

/// The last minute in which something is still good.
pub(crate) fn last_moment(expires: UnixTime) -> String {
    moment(expires.minus(1))
}
