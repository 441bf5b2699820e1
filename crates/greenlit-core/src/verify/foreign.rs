//! Passes of other schemes: which trusted key signed one, whether it may have, and what the pass then gives.
//!
//! The order is fixed, as for Greenlit's own: trust usable → key → signature → key not revoked → contents → key's kinds and
//! period → times → rules → called back.

use std::sync::Arc;

use super::{LimitViolation, Rejection};
use crate::benefits::{self, Benefit, Venue};
use crate::cbor::Malformed;
use crate::pass::Birthday;
use crate::scheme::{Photo, Presented, Scheme, Statement, Unread};
use crate::text::Text;
use crate::time::UnixTime;
use crate::trust::{
    CLOCK_TOLERANCE, KeyList, KeyListEntry, SchemeBundle, SchemeRule, TrustState, TrustedKey, Unusable,
};

/// Most keys that are tried on a pass: several events of some keys each, or a certificate's few namesakes.
pub const MAX_KEYS_TRIED: usize = 64;

/// What a pass of another scheme says, after its signature held.
#[derive(Clone, Debug)]
pub struct ForeignPass {
    scheme: Scheme,
    issuer_id: String,
    issuer: Text,
    statement: Statement,
    bundle: Arc<SchemeBundle>,
    now: UnixTime,
}

impl ForeignPass {
    /// Whose kind of pass it is.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Its kind within the scheme: "ticket", "vaccination".
    pub fn kind(&self) -> &str {
        &self.statement.kind
    }

    /// Who signed it, by name.
    pub fn issuer(&self) -> &Text {
        &self.issuer
    }

    /// Who signed it, as the key list calls them.
    pub fn issuer_id(&self) -> &str {
        &self.issuer_id
    }

    /// The first letters of the holder's names, in the pass's order: "Z. B."
    pub fn initials(&self) -> Option<String> {
        let name = self.statement.holder.name.as_deref()?;
        let first = |word: &str| word.chars().find(|c| c.is_alphabetic());
        // More than any ID shows at a glance would be a whole name in all but name.
        let letters: Vec<String> =
            name.split_whitespace().filter_map(first).take(4).map(|c| format!("{}.", c.to_uppercase())).collect();
        (!letters.is_empty()).then(|| letters.join(" "))
    }

    /// The holder's birthday, without its year; none where a rule asks how old they are, for then their age is what the rule
    /// says of it.
    pub fn birthday(&self) -> Option<Birthday> {
        let (month, day) =
            self.statement.holder.born.filter(|_| !self.asks_age()).and_then(|b| b.month().zip(b.day()))?;
        Birthday::new(month.into(), day.into())
    }

    /// The last characters of the document's or identity's number.
    pub fn document(&self) -> Option<&str> {
        self.statement.holder.document.as_deref()
    }

    /// The holder's face, encoded.
    pub fn photo(&self) -> Option<&Photo> {
        self.statement.holder.photo.as_ref()
    }

    /// From when it is no longer good; none where the scheme has no end.
    pub fn expires(&self) -> Option<UnixTime> {
        self.statement.expires
    }

    /// Whether whoever is shown it was asked how old they are: then their age is what the rules say of it.
    pub fn asks_age(&self) -> bool {
        self.honouring().any(SchemeRule::asks_age)
    }

    pub(super) fn benefits(&self, place: &Venue) -> Vec<Benefit> {
        benefits::at(self.honouring().map(Into::into), place)
    }

    fn honouring(&self) -> impl Iterator<Item = &SchemeRule> {
        self.bundle.honouring(self.scheme, &self.issuer_id, &self.statement, self.now)
    }
}

/// Judges a pass of a scheme that the trust data takes.
pub(super) fn verify(presented: &Presented, trust: &TrustState, clock: UnixTime) -> Result<ForeignPass, Rejection> {
    let usable = trust.usable(clock)?;
    let (now, scheme) = (usable.now, presented.scheme());
    let bundle = trust.shared_scheme_bundle().ok_or(Unusable::NoTrust)?;
    if now >= bundle.hard_expiry {
        return Err(Unusable::Expired { since: bundle.hard_expiry }.into());
    }
    let keys = Keys::of(scheme, trust, now)?;
    let (key, statement) = keys.signer(presented, now, bundle.soft_expiry)?;
    let listed = key.listed();
    // One key may stand in several certificates, of which one was called back.
    let twins: Vec<TrustedKey<'_>> = keys.all().filter(|other| other.is_same_as(&key)).collect();
    let revoked = twins.iter().filter_map(|twin| twin.listed().revoked_at).min();
    if let Some(since) = revoked.filter(|at| now >= *at) {
        return Err(Rejection::KeyRevoked { since });
    }
    let statement = statement.map_err(unread)?;
    // What it may sign is said under the name by which the pass calls it.
    let mut namesakes = twins.iter().filter(|twin| twin.listed().key_id == listed.key_id);
    if !namesakes.any(|twin| within_key(twin, &statement, now).is_ok()) {
        within_key(&key, &statement, now)?;
    }
    if let Some(at) = statement.expires.filter(|at| now >= *at) {
        return Err(Rejection::Expired { at });
    }
    // What is dated a little ahead of our clock may be right, and our clock wrong.
    let begins = |from: &UnixTime| now.plus(if Some(*from) == statement.issued { CLOCK_TOLERANCE } else { 0 }) < *from;
    if let Some(from) = statement.not_before.filter(begins) {
        return Err(Rejection::NotYetValid { from });
    }
    if bundle.honouring(scheme, &listed.issuer, &statement, now).next().is_none() {
        // A rule that we do not understand may speak for it.
        return Err(if bundle.has_newer(scheme) {
            Rejection::NewerScheme { what: "what a rule of a later form asks for".into() }
        } else {
            Rejection::NoRuleFor { scheme, kind: statement.kind }
        });
    }
    if statement.revocation_id.as_ref().is_some_and(|id| twins.iter().any(|twin| twin.has_revoked(id))) {
        return Err(Rejection::Revoked);
    }
    let issuer = key.issuer().cloned().ok_or(Rejection::UnknownSchemeKey { scheme })?;
    let (issuer_id, bundle) = (listed.issuer.clone(), Arc::clone(bundle));
    Ok(ForeignPass { scheme, issuer_id, issuer, statement, bundle, now })
}

/// The key lists of a scheme.
struct Keys<'t> {
    lists: Vec<(&'t KeyList, &'t KeyListEntry)>,
    /// A list that is named and not held, or too old.
    lacking: Option<Rejection>,
}

impl<'t> Keys<'t> {
    fn of(scheme: Scheme, trust: &'t TrustState, now: UnixTime) -> Result<Self, Rejection> {
        let entries = trust.scheme_bundle().map(|bundle| bundle.key_lists.as_slice()).unwrap_or_default();
        let (mut lists, mut lacking) = (Vec::new(), None);
        for entry in entries.iter().filter(|entry| entry.scheme == scheme) {
            let since = entry.unusable_at();
            match trust.key_list(entry.id) {
                None => lacking = Some(Rejection::KeysMissing { list: entry.id }),
                Some(_) if now >= since => lacking = Some(Rejection::KeysTooOld { list: entry.id, since }),
                Some(held) => lists.push(held),
            }
        }
        // Of several lists each serves for its own issuers.
        match lacking {
            Some(lacking) if lists.is_empty() => Err(lacking),
            lacking => Ok(Self { lists, lacking }),
        }
    }

    /// Every key of the lists.
    fn all(&self) -> impl Iterator<Item = TrustedKey<'t>> {
        self.lists.iter().flat_map(|(list, _)| list.candidates(None))
    }

    /// The key that signed it, with what it says; or why none did.
    fn signer(
        &self,
        presented: &Presented,
        now: UnixTime,
        soft_expiry: UnixTime,
    ) -> Result<(TrustedKey<'t>, Result<Statement, Unread>), Rejection> {
        let scheme = presented.scheme();
        let named = self.lists.iter().flat_map(|(list, _)| list.candidates(presented.key_id()));
        let mut tried = 0usize;
        for key in named {
            let Some(made) = key.key().filter(|made| presented.may_be_signed_by(made)) else { continue };
            tried += 1;
            if tried > MAX_KEYS_TRIED {
                return Err(Rejection::TooManyKeys { scheme });
            }
            if let Some(statement) = presented.open(made) {
                return Ok((key, statement));
            }
        }
        if let Some(lacking) = &self.lacking {
            return Err(lacking.clone());
        }
        if self.lists.iter().any(|(list, _)| list.has_newer(presented.key_id())) {
            return Err(Rejection::NewerScheme { what: "a signature that a key of a later form may have made".into() });
        }
        // A key that came after our lists were fetched, perhaps under an old name, is unknown through no fault of the
        // guest's.
        let fresh = self.lists.iter().map(|(_, entry)| entry.stale_at()).min();
        let since = fresh.unwrap_or(soft_expiry).min(soft_expiry);
        if now >= since {
            return Err(Rejection::SchemeKeyUnknownTrustStale { scheme, since });
        }
        Err(match (scheme, presented.key_id()) {
            (Scheme::Pretix, _) => Rejection::AnotherEvent,
            _ if tried > 0 => Rejection::BadSignature,
            _ => Rejection::UnknownSchemeKey { scheme },
        })
    }
}

/// Whether the key may have signed this, at the time that it says.
fn within_key(key: &TrustedKey<'_>, statement: &Statement, now: UnixTime) -> Result<(), Rejection> {
    if !key.may_sign(&statement.kind) {
        return Err(Rejection::OutsideIssuerLimits(LimitViolation::Class));
    }
    let listed = key.listed();
    // What says nothing of when it was signed may have been signed just now.
    let signed = statement.issued.unwrap_or(now);
    if listed.from.is_some_and(|from| signed < from) || listed.until.is_some_and(|until| signed >= until) {
        return Err(Rejection::OutsideIssuerLimits(LimitViolation::Start));
    }
    Ok(())
}

/// Signed by whom we trust and not understood by us: the guest has no part in it.
fn unread(why: Unread) -> Rejection {
    match why {
        Unread::Newer(what) => Rejection::NewerScheme { what },
        Unread::Malformed(Malformed::Cbor(_)) => {
            Rejection::NewerScheme { what: "contents that are not as they should be".into() }
        }
        Unread::Malformed(error) => {
            Rejection::NewerScheme { what: format!("contents that are not as they should be: it {error}") }
        }
    }
}
