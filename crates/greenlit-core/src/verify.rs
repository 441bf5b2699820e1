//! The only source of green: [`verify`] turns a signed pass into a verified one, or says why not.
//!
//! The order is fixed: well-formed (already so) → trust usable → issuer → signature → its key not
//! revoked, nothing unknown, issuer's limits → times → class → status. No claim is used before the signature holds.
//! Passes of other schemes go by [`verify_foreign`], in the same order.

mod foreign;

pub use foreign::{ForeignPass, MAX_KEYS_TRIED};

use std::fmt;
use std::sync::Arc;

use crate::answer::{Answer, Code};
use crate::benefits::{self, Benefit, Venue};
use crate::key::KeyId;
use crate::pass::{Class, Pass, PassError, Scanned, SignedPass, StatusRef, Unknown};
use crate::scheme::{FormatError, Presented, Scheme};
use crate::text::Text;
use crate::time::UnixTime;
use crate::trust::{Bundle, CLOCK_TOLERANCE, Issuer, Rule, TrustState, Unusable, Usable};

/// Status values of the Token Status List.
const STATUS_VALID: u8 = 0;
const STATUS_INVALID: u8 = 1;
const STATUS_SUSPENDED: u8 = 2;

/// A pass that held in every respect. Nothing but [`verify`] and [`verify_foreign`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedPass {
    pass: Kind,
    demo: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Own(Box<OwnPass>),
    Foreign(Box<ForeignPass>),
}

/// A pass of Greenlit's own.
#[derive(Clone, Debug)]
struct OwnPass {
    pass: Pass,
    kid: KeyId,
    bundle: Arc<Bundle>,
    now: UnixTime,
}

impl VerifiedPass {
    /// What the pass says, to compare with the holder's identity document; none for one of another scheme.
    pub fn own(&self) -> Option<&Pass> {
        if let Kind::Own(own) = &self.pass { Some(&own.pass) } else { None }
    }

    /// What a pass of another scheme says.
    pub fn foreign(&self) -> Option<&ForeignPass> {
        if let Kind::Foreign(foreign) = &self.pass { Some(foreign) } else { None }
    }

    /// From when it is no longer good; none where its scheme has no end.
    pub fn expires(&self) -> Option<UnixTime> {
        match &self.pass {
            Kind::Own(own) => Some(own.pass.exp),
            Kind::Foreign(foreign) => foreign.expires(),
        }
    }

    /// Who vouches for a pass of Greenlit's own.
    pub fn issuer(&self) -> Option<&Issuer> {
        if let Kind::Own(own) = &self.pass { own.bundle.issuer(own.kid) } else { None }
    }

    /// Who vouches for it, by name.
    pub fn issuer_name(&self) -> Option<&Text> {
        match &self.pass {
            Kind::Own(_) => self.issuer().map(|issuer| &issuer.name),
            Kind::Foreign(foreign) => Some(foreign.issuer()),
        }
    }

    /// Whether a practice authority issued it, or chose its keys.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// What it gives at this place, at the moment it was judged.
    pub fn benefits(&self, place: &Venue) -> Vec<Benefit> {
        match &self.pass {
            Kind::Own(own) => benefits::at(own.honouring().map(Into::into), place),
            Kind::Foreign(foreign) => foreign.benefits(place),
        }
    }
}

impl OwnPass {
    fn honouring(&self) -> impl Iterator<Item = &Rule> {
        self.bundle.rules.iter().filter(|rule| benefits::honours(rule, self.pass.class, self.kid, self.now))
    }
}

/// A sample that holds in every respect and still must not be green: there is no way from here to
/// a [`VerifiedPass`].
#[derive(Clone, Debug)]
pub struct SpecimenPass {
    pass: Pass,
    issuer: Text,
}

impl SpecimenPass {
    /// From when even the sample is no longer good.
    pub fn expires(&self) -> UnixTime {
        self.pass.exp
    }

    /// Who made the sample.
    pub fn issuer(&self) -> &Text {
        &self.issuer
    }
}

/// What a genuine, current pass turns out to be.
#[derive(Clone, Debug)]
pub enum Verified {
    /// Green.
    Pass(Box<VerifiedPass>),
    /// Never green: answered as a class that no rule honours.
    Specimen(Box<SpecimenPass>),
}

/// What a pass says that is outside its issuer's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LimitViolation {
    Start,
    Life,
    Class,
    NoStatus,
}

/// Why a pass is not green. The values are for the message; [`Rejection::code`] is what counts.
/// What to do about it is for whoever shows it to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Rejection {
    Malformed(PassError),
    UnknownIssuer { kid: KeyId },
    BadSignature,
    KeyRevoked { since: UnixTime },
    OutsideIssuerLimits(LimitViolation),

    Expired { at: UnixTime },
    ExpiresDuringStay { at: UnixTime, stay: UnixTime },
    NotYetValid { from: UnixTime },
    Revoked,
    Suspended,
    ClassNotHonoured { class: Class },

    Unusable(Unusable),
    ListMissing { list: u64 },
    ListTooOld { list: u64, since: UnixTime },
    ListFromFuture { list: u64, issued: UnixTime },
    IndexOutOfRange { list: u64 },
    IssuerUnknownTrustStale { kid: KeyId, since: UnixTime },
    UnknownVersion { version: u32 },
    NewerContents(Unknown),
    NewerStatus { status: u8 },

    MalformedScheme { scheme: Scheme, why: FormatError },
    UnknownSchemeKey { scheme: Scheme },
    AnotherEvent,
    NoRuleFor { scheme: Scheme, kind: String },
    KeysMissing { list: u64 },
    KeysTooOld { list: u64, since: UnixTime },
    SchemeKeyUnknownTrustStale { scheme: Scheme, since: UnixTime },
    TooManyKeys { scheme: Scheme },
    NewerScheme { what: String },
}

impl Rejection {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::Malformed(_) | Self::MalformedScheme { .. } => Code::Malformed,
            Self::UnknownIssuer { .. } | Self::UnknownSchemeKey { .. } => Code::UnknownIssuer,
            Self::AnotherEvent => Code::AnotherEvent,
            Self::BadSignature => Code::Signature,
            Self::KeyRevoked { .. } => Code::KeyRevoked,
            Self::OutsideIssuerLimits(_) => Code::OutsideIssuerLimits,
            Self::Expired { .. } | Self::ExpiresDuringStay { .. } => Code::Expired,
            Self::NotYetValid { .. } => Code::NotYetValid,
            Self::Revoked => Code::Revoked,
            Self::Suspended => Code::Suspended,
            Self::ClassNotHonoured { .. } | Self::NoRuleFor { .. } => Code::ClassNotHonoured,
            Self::Unusable(Unusable::NoTrust) => Code::NoTrust,
            Self::Unusable(Unusable::Expired { .. }) | Self::KeysMissing { .. } | Self::KeysTooOld { .. } => {
                Code::TrustExpired
            }
            Self::Unusable(Unusable::ClockBehind { .. } | Unusable::ClockSetBack { .. }) => Code::ClockBehind,
            Self::ListMissing { .. } | Self::ListTooOld { .. } | Self::ListFromFuture { .. } => Code::ListUnusable,
            Self::IndexOutOfRange { .. } => Code::IndexOutOfRange,
            Self::IssuerUnknownTrustStale { .. } | Self::SchemeKeyUnknownTrustStale { .. } => {
                Code::IssuerUnknownTrustStale
            }
            Self::UnknownVersion { .. }
            | Self::NewerContents(_)
            | Self::NewerStatus { .. }
            | Self::TooManyKeys { .. }
            | Self::NewerScheme { .. } => Code::UnknownVersion,
        }
    }

    /// The answer that the code belongs to.
    pub fn answer(&self) -> Answer {
        self.code().answer()
    }

    /// What is the matter, in English, with moments written as the caller writes them.
    pub fn fact(&self, time: impl Fn(UnixTime) -> String) -> String {
        match self {
            Self::Malformed(error) => format!("malformed or altered: {error}"),
            Self::UnknownIssuer { .. } => "unknown issuer".into(),
            Self::BadSignature => "invalid signature".into(),
            Self::KeyRevoked { since } => format!("the issuer's key was revoked on {}", time(*since)),
            Self::OutsideIssuerLimits(_) => "the issuer is not authorised for this pass".into(),
            Self::Expired { at } => format!("expired at {}", time(*at)),
            Self::ExpiresDuringStay { at, stay } => {
                format!("expires at {}, before the end of the stay at {}", time(*at), time(*stay))
            }
            Self::NotYetValid { from } => format!("not valid before {}", time(*from)),
            Self::Revoked => "revoked by its issuer".into(),
            Self::Suspended => "suspended by its issuer".into(),
            Self::ClassNotHonoured { class } => format!("this type of pass (class {}) is not accepted here", class.0),
            Self::Unusable(unusable) => unusable.fact(time),
            Self::ListMissing { list } => format!("revocation list {list} is missing"),
            Self::ListTooOld { list, since } => {
                format!("revocation list {list} expired at {}", time(*since))
            }
            Self::ListFromFuture { list, issued } => {
                format!("revocation list {list} is dated {}, in the future", time(*issued))
            }
            Self::IndexOutOfRange { list } => format!("the pass is newer than our revocation list {list}"),
            Self::IssuerUnknownTrustStale { since, .. } => {
                format!("unknown issuer, and our trust data has been out of date since {}", time(*since))
            }
            Self::UnknownVersion { .. } => "a newer type of pass".into(),
            Self::NewerContents(_) => "the pass contains something this version does not support".into(),
            Self::NewerStatus { status } => format!("the pass has a status ({status}) this version does not support"),
            Self::MalformedScheme { scheme, why } => format!("malformed or altered {scheme}: {why}"),
            Self::UnknownSchemeKey { scheme } => format!("unknown issuer of {scheme}"),
            Self::AnotherEvent => "not for this event, or not genuine".into(),
            Self::NoRuleFor { scheme, kind } => format!("this {scheme} pass ({kind}) gives nothing here"),
            Self::KeysMissing { list } => format!("key list {list} is missing"),
            Self::KeysTooOld { list, since } => format!("key list {list} expired at {}", time(*since)),
            Self::SchemeKeyUnknownTrustStale { scheme, since } => {
                format!("unknown issuer of {scheme}, and our keys have been out of date since {}", time(*since))
            }
            Self::TooManyKeys { scheme } => format!("too many keys of {scheme} to try"),
            Self::NewerScheme { what } => format!("the pass contains {what}, which this version does not support"),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fact(|time| time.to_string()))
    }
}

impl std::error::Error for Rejection {}

impl From<PassError> for Rejection {
    fn from(error: PassError) -> Self {
        Self::Malformed(error)
    }
}

impl From<Unusable> for Rejection {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}

/// Judges a pass at this moment of the till's clock.
pub fn verify(signed: &SignedPass, trust: &TrustState, clock: UnixTime) -> Result<Verified, Rejection> {
    let usable = trust.usable(clock)?;
    let kid = signed.kid();
    let issuer = known_issuer(kid, &usable)?;
    let (pass, unknown) = signed.claims_if_signed_by(&issuer.key).ok_or(Rejection::BadSignature)?;
    // Before anything that the key says: whoever stole it could say it too.
    if let Some(since) = issuer.revoked_at.filter(|at| usable.now >= *at) {
        return Err(Rejection::KeyRevoked { since });
    }
    if let Some(unknown) = unknown {
        return Err(Rejection::NewerContents(unknown));
    }
    within_limits(pass, issuer)?;
    if usable.now >= pass.exp {
        return Err(Rejection::Expired { at: pass.exp });
    }
    if usable.now < pass.nbf {
        return Err(Rejection::NotYetValid { from: pass.nbf });
    }
    let specimen = pass.class == Class::SPECIMEN;
    let honoured = |rule: &Rule| benefits::honours(rule, pass.class, kid, usable.now);
    if !specimen && !usable.bundle.rules.iter().any(honoured) {
        return Err(Rejection::ClassNotHonoured { class: pass.class });
    }
    if let Some(status) = pass.status {
        not_revoked(status, &usable)?;
    }
    let pass = pass.clone();
    if specimen {
        return Ok(Verified::Specimen(Box::new(SpecimenPass { pass, issuer: issuer.name.clone() })));
    }
    let own = OwnPass { pass, kid, bundle: Arc::clone(usable.bundle), now: usable.now };
    Ok(Verified::Pass(Box::new(VerifiedPass { pass: Kind::Own(Box::new(own)), demo: is_demo(trust) })))
}

/// Judges a pass of another scheme that the trust data takes.
///
/// # Errors
/// Why it is not green.
pub fn verify_foreign(presented: &Presented, trust: &TrustState, clock: UnixTime) -> Result<Verified, Rejection> {
    let foreign = foreign::verify(presented, trust, clock)?;
    let pass = Kind::Foreign(Box::new(foreign));
    Ok(Verified::Pass(Box::new(VerifiedPass { pass, demo: is_demo(trust) })))
}

fn is_demo(trust: &TrustState) -> bool {
    trust.newest_root().is_some_and(|root| root.demo)
}

/// Judges a scanned text; `None` when it is no pass at all and accuses nobody.
pub fn verify_scanned(scanned: &Scanned, trust: &TrustState, clock: UnixTime) -> Option<Result<Verified, Rejection>> {
    match scanned {
        Scanned::Pass(signed) => Some(verify(signed, trust, clock)),
        Scanned::OtherVersion(version) => Some(Err(Rejection::UnknownVersion { version: *version })),
        Scanned::Malformed(error) => Some(Err(Rejection::Malformed(*error))),
        Scanned::NotAPass(_) => None,
    }
}

fn known_issuer<'t>(kid: KeyId, usable: &Usable<'t>) -> Result<&'t Issuer, Rejection> {
    let since = usable.bundle.soft_expiry;
    usable.bundle.issuer(kid).ok_or(if usable.now >= since {
        Rejection::IssuerUnknownTrustStale { kid, since }
    } else {
        Rejection::UnknownIssuer { kid }
    })
}

fn within_limits(pass: &Pass, issuer: &Issuer) -> Result<(), Rejection> {
    let beyond = if !(issuer.not_before..issuer.not_after).contains(&pass.nbf) {
        LimitViolation::Start
    } else if pass.exp.since(pass.nbf).is_none_or(|life| life > issuer.longest) {
        LimitViolation::Life
    } else if !issuer.classes.contains(&pass.class) {
        LimitViolation::Class
    } else if pass.status.is_none() && !issuer.no_status {
        // A pass that nobody could revoke, from an issuer that promised to be able to.
        LimitViolation::NoStatus
    } else {
        return Ok(());
    };
    Err(Rejection::OutsideIssuerLimits(beyond))
}

fn not_revoked(status: StatusRef, usable: &Usable<'_>) -> Result<(), Rejection> {
    let list = status.list;
    let (held, entry) = usable.state.list(list).ok_or(Rejection::ListMissing { list })?;
    let since = held.unusable_at(entry);
    if usable.now >= since {
        return Err(Rejection::ListTooOld { list, since });
    }
    // Whoever stole a list's key may date one far ahead, so that no honest list can follow it.
    let issued = held.issued();
    if issued > usable.now.plus(CLOCK_TOLERANCE) {
        return Err(Rejection::ListFromFuture { list, issued });
    }
    match held.get(status.index, entry).ok_or(Rejection::IndexOutOfRange { list })? {
        STATUS_VALID => Ok(()),
        STATUS_INVALID => Err(Rejection::Revoked),
        STATUS_SUSPENDED => Err(Rejection::Suspended),
        status => Err(Rejection::NewerStatus { status }),
    }
}
