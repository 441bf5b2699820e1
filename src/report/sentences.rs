//! What the command line says of each code, and what to do about it: `check` with the moments that the pass
//! or the trust data give, `watch` without, for its lines are kept.

use greenlit_core::answer::Code;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Unusable;
use greenlit_core::verify::Rejection;

use crate::clock;

pub(crate) const SPECIMEN: &str = "a specimen: genuine as a sample, and no pass";

/// Why a pass is not green, and what to do.
pub(crate) fn why(rejection: &Rejection) -> String {
    let fact = rejection.fact(moment);
    match rejection {
        Rejection::Unusable(Unusable::ClockSetBack { .. }) => {
            format!("{fact}; set the clock, or if it was wrong then, run `greenlit settings latest-time \"\"`")
        }
        _ => with_advice(&fact, rejection.code()),
    }
}

/// Why nothing can be judged though there may be trust data, and what to do: the store could not be read.
pub(crate) fn unread(busy: bool) -> &'static str {
    if busy {
        "another copy of Greenlit is busy with the trust store; try again when it is done"
    } else {
        "the trust store cannot be read; `greenlit status` tells why"
    }
}

/// What a code means, whatever the pass, and what to do.
pub(crate) fn meaning(code: Code) -> String {
    let fact = match code {
        Code::Ok => "genuine and good",
        Code::Expired => "expired",
        Code::NotYetValid => "not valid yet",
        Code::Revoked => "revoked by its issuer",
        Code::Suspended => "suspended by its issuer",
        Code::ClassNotHonoured => "of a class that no rule honours",
        Code::Malformed => "malformed or altered",
        Code::UnknownIssuer => "no such issuer",
        Code::Signature => "its signature is wrong",
        Code::KeyRevoked => "its issuer's key was revoked",
        Code::OutsideIssuerLimits => "it is outside what its issuer may issue",
        Code::NoTrust => "there is no trust data yet",
        Code::TrustExpired => "the trust data has expired",
        Code::ClockBehind => "the clock is behind",
        Code::ListUnusable => "the revocation list is missing or too old",
        Code::IndexOutOfRange => "the pass is newer than our revocation list",
        Code::IssuerUnknownTrustStale => "the issuer is unknown, and our trust data is due for renewal",
        Code::UnknownVersion => "a newer kind of pass",
        Code::Camera => "the camera does not work",
    };
    with_advice(fact, code)
}

fn with_advice(fact: &str, code: Code) -> String {
    advice(code).map_or_else(|| fact.to_owned(), |advice| format!("{fact}; {advice}"))
}

/// What whoever stands at the till, or looks after it, can do.
fn advice(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Expired => "ask the guest for a newer pass",
        Code::Revoked | Code::Suspended => "the guest should ask the issuer why",
        Code::NoTrust => "run `greenlit trust add` and `greenlit sync`",
        Code::TrustExpired | Code::ListUnusable | Code::IndexOutOfRange | Code::IssuerUnknownTrustStale => {
            "run `greenlit sync`"
        }
        Code::ClockBehind => "set the clock",
        Code::UnknownVersion => "update Greenlit",
        _ => return None,
    })
}

/// A moment in the system's zone, to the minute.
pub(crate) fn moment(time: UnixTime) -> String {
    clock::local(time, "%Y-%m-%d %H:%M")
}

/// The last minute in which something is still good.
pub(crate) fn last_moment(expires: UnixTime) -> String {
    moment(expires.minus(1))
}
