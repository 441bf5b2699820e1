//! What the command line says of each code, and what to do about it: `check` with the moments that the pass
//! or the trust data give, `watch` without, for its lines are kept.

use greenlit_core::answer::Code;
use greenlit_core::pass::NotAPass;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Unusable;
use greenlit_core::verify::Rejection;

use crate::clock;

pub(crate) const SPECIMEN: &str = "a genuine specimen, not a real pass";

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

/// What a code is that is no pass. The core's own words stand in the frozen vectors; some are said better here.
pub(crate) fn not_a_pass(other: &NotAPass) -> String {
    let better = match other {
        NotAPass::Gosuslugi => "a Gosuslugi link, not a pass: ask the guest for the pass itself",
        NotAPass::Email => "an e-mail address, not a pass",
        NotAPass::Place => "a map location, not a pass",
        NotAPass::OtherCertificate => "a different kind of certificate, not a Greenlit pass",
        NotAPass::Text => "text, not a pass",
        NotAPass::TradeCode => "a product code (FNC1), not a pass: ask the issuer for another",
        NotAPass::OneOfSeveral => "one part of a multi-part code, not a pass: ask the issuer for a single code",
        NotAPass::ReadDifferently => "an ambiguous code, not a pass: ask the issuer for another",
        other => return other.to_string(),
    };
    better.to_owned()
}

/// What a code means, whatever the pass, and what to do.
pub(crate) fn meaning(code: Code) -> String {
    let fact = match code {
        Code::Ok => "genuine, in date, not revoked",
        Code::Expired => "expired",
        Code::NotYetValid => "not valid yet",
        Code::Revoked => "revoked by its issuer",
        Code::Suspended => "suspended by its issuer",
        Code::ClassNotHonoured => "this type of pass is not accepted here",
        Code::Malformed => "malformed or altered",
        Code::UnknownIssuer => "unknown issuer",
        Code::Signature => "invalid signature",
        Code::KeyRevoked => "the issuer's key was revoked",
        Code::OutsideIssuerLimits => "the issuer is not authorised for this pass",
        Code::NoTrust => "no trust data yet",
        Code::TrustExpired => "the trust data has expired",
        Code::ClockBehind => "the clock is behind",
        Code::ListUnusable => "the revocation list is missing or too old",
        Code::IndexOutOfRange => "the pass is newer than our revocation list",
        Code::IssuerUnknownTrustStale => "unknown issuer, and our trust data is out of date",
        Code::UnknownVersion => "a newer type of pass",
        Code::Camera => "the camera is not working",
    };
    with_advice(fact, code)
}

fn with_advice(fact: &str, code: Code) -> String {
    advice(code).map_or_else(|| fact.to_owned(), |advice| format!("{fact}; {advice}"))
}

/// What whoever stands at the till, or looks after it, can do.
fn advice(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Expired => "the guest needs a new pass",
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
