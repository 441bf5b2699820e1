//! Trusting a root: one rule for the command line, the window and the site file.

use std::fmt;

use greenlit_core::trust::{Fingerprint, Relation, Root, TrustState};
use greenlit_sync::store::StoreError;

use crate::config::till::{Till, build_date, report_rejected, retried};

/// Whether somebody has said that another authority, or another root of this one, is to be trusted instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// Nobody has: what is trusted stays.
    No,
    /// All that the former root vouched for is to be dropped.
    Yes,
}

/// An authority that is trusted, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustedAuthority {
    pub(crate) authority: String,
    /// The anchor's.
    pub(crate) fingerprint: Fingerprint,
    /// The number of the root in force.
    pub(crate) number: u64,
}

impl TrustedAuthority {
    /// Whom this trust data's till trusts, in this language; `None` where that is nobody.
    pub(crate) fn of(held: &TrustState, language: &str) -> Option<Self> {
        let (anchor, newest) = (held.anchor()?, held.newest_root()?);
        let authority = anchor.authority.get(language).to_owned();
        Some(Self { authority, fingerprint: anchor.fingerprint(), number: newest.number })
    }
}

impl fmt::Display for TrustedAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, fingerprint {}", self.authority, self.fingerprint)
    }
}

/// Why a root was not trusted. What was trusted before stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTrusted {
    #[error("another authority is already trusted ({0})")]
    Another(Box<TrustedAuthority>),
    #[error(
        "this looks like a newer root of the authority already trusted; run `greenlit sync FOLDER` with the folder it was published in"
    )]
    Later,
    #[error("this looks like an older root of the authority already trusted; root {0} is current, nothing to do")]
    Older(u64),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of trusting a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// The first one.
    First,
    /// It was trusted already, and nothing has changed.
    Already,
    /// It was reached from the trusted one already, and nothing has changed.
    InForce,
    /// Instead of the former one, whose data was dropped.
    Instead,
}

/// What trusting this root would come to, without doing it.
pub(crate) fn judge(held: &TrustState, root: &Root, instead: Instead, language: &str) -> Result<Trusted, NotTrusted> {
    match (held.relation(root), TrustedAuthority::of(held, language), instead) {
        (Relation::First, ..) | (_, None, _) => Ok(Trusted::First),
        // Nothing is forgotten by saying again what was said before.
        (Relation::Anchor, ..) => Ok(Trusted::Already),
        (Relation::InForce, ..) => Ok(Trusted::InForce),
        (_, Some(_), Instead::Yes) => Ok(Trusted::Instead),
        (Relation::Later, ..) => Err(NotTrusted::Later),
        (Relation::Older, Some(held), _) => Err(NotTrusted::Older(held.number)),
        (Relation::Another, Some(held), _) => Err(NotTrusted::Another(Box::new(held))),
    }
}

/// Trusts this root in the till's store, if the rule allows it. Whoever calls has compared its
/// fingerprint, or has somebody compare it.
pub(crate) fn trust(till: &Till, root: &Root, instead: Instead) -> Result<Trusted, NotTrusted> {
    let changed = |why: &NotTrusted| matches!(why, NotTrusted::Store(StoreError::Changed(_)));
    retried(|| trust_once(till, root, instead), changed)
}

fn trust_once(till: &Till, root: &Root, instead: Instead) -> Result<Trusted, NotTrusted> {
    let mut store = till.store_to_write()?;
    let cached = store.load(build_date())?;
    let found = cached.found.clone();
    let trusted = judge(&report_rejected(cached), root, instead, &till.language())?;
    if matches!(trusted, Trusted::First | Trusted::Instead) {
        store.save(&TrustState::anchored(root.clone(), build_date()), &found)?;
    }
    Ok(trusted)
}

#[cfg(test)]
mod tests;
