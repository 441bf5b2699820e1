//! What a valid pass gives at a place, by the rules signed inside the bundle.

use crate::key::KeyId;
use crate::pass::Class;
use crate::text::Text;
use crate::time::UnixTime;
use crate::trust::{BenefitKind, Rule, SchemeRule, VenueKind};

/// Where the till stands and what the shop itself offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Venue {
    /// The types of place it is; with none chosen, every site's benefits are told.
    pub sites: Vec<VenueKind>,
    /// The shop's own discount in percent, where a rule leaves it to the shop.
    pub own_percent: Option<u8>,
}

/// One thing a pass gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benefit {
    /// The rule's name.
    pub rule: String,
    /// What it gives.
    pub kind: BenefitKind,
    /// Percent for a discount, days for leave.
    pub amount: Option<u64>,
    /// The amount is this shop's offer and not the authority's.
    pub own_offer: bool,
    /// The rule's words.
    pub text: Text,
    /// The types of place at which the rule holds.
    pub sites: Vec<VenueKind>,
}

/// Whether a rule speaks, at this moment, for a pass of this class and issuer, at some site or other.
pub fn honours(rule: &Rule, class: Class, issuer: KeyId, now: UnixTime) -> bool {
    rule.classes.contains(&class)
        && rule.from.is_none_or(|from| now >= from)
        && rule.until.is_none_or(|until| now < until)
        && (rule.issuers.is_empty() || rule.issuers.contains(&issuer))
}

/// What a rule gives, whichever passes it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant<'r> {
    id: &'r str,
    sites: &'r [VenueKind],
    kind: &'r BenefitKind,
    amount: Option<u64>,
    text: &'r Text,
}

impl<'r> From<&'r Rule> for Grant<'r> {
    fn from(Rule { id, sites, kind, amount, text, .. }: &'r Rule) -> Self {
        Self { id, sites, kind, amount: *amount, text }
    }
}

impl<'r> From<&'r SchemeRule> for Grant<'r> {
    fn from(SchemeRule { id, sites, kind, amount, text, .. }: &'r SchemeRule) -> Self {
        Self { id, sites, kind, amount: *amount, text }
    }
}

/// What these rules give at this place: real benefits first, reminders last.
pub(crate) fn at<'r>(rules: impl Iterator<Item = Grant<'r>>, place: &Venue) -> Vec<Benefit> {
    let here = |rule: &Grant<'_>| place.sites.is_empty() || rule.sites.iter().any(|site| place.sites.contains(site));
    let mut benefits: Vec<Benefit> = rules.filter(here).map(|rule| benefit(rule, place)).collect();
    benefits.sort_by_key(|benefit| benefit.kind.0 == BenefitKind::REMINDER);
    benefits
}

fn benefit(rule: Grant<'_>, place: &Venue) -> Benefit {
    let own = if rule.amount.is_none() && rule.kind.is_percent() { place.own_percent } else { None };
    Benefit {
        rule: rule.id.to_owned(),
        kind: rule.kind.clone(),
        amount: rule.amount.or(own.map(u64::from)),
        own_offer: own.is_some(),
        text: rule.text.clone(),
        sites: rule.sites.to_vec(),
    }
}
