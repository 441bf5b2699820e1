//! What reports are made of: what happened to each pass, added up.

use std::collections::HashMap;

use greenlit_core::pass::Class;

use super::{PassCount, PassEvent, QUARTER};

/// What is known of passes that are alike in it. Times are seconds.
pub(super) struct Fate {
    pub(super) class: i64,
    pub(super) policy: Option<i64>,
    pub(super) entered: Option<i64>,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) status: i64,
    pub(super) changed: Option<i64>,
    /// When the key was revoked that signed them.
    pub(super) key_revoked: Option<i64>,
    /// Whether another pass took their place; asked of revoked ones alone.
    pub(super) replaced: bool,
    /// How many they are.
    pub(super) passes: u64,
}

/// Of a few kinds each, and of each the quarters: looking a kind up is cheap, and a number is a small key.
#[derive(Default)]
pub(super) struct Counts(Vec<(Kind, HashMap<i64, u64>)>);

type Kind = (PassEvent, i64, Option<i64>);

impl Counts {
    pub(super) fn add(&mut self, fate: &Fate) {
        let Fate { class, policy, entered, nbf, exp, status, changed, key_revoked, replaced, passes } = *fate;
        let mut count = |event, policy, at: i64| self.count((event, class, policy), at, passes);
        count(PassEvent::Issued, policy, entered.unwrap_or(nbf));
        let ended = changed.filter(|_| status != 0);
        if let Some(at) = ended.filter(|_| status == 1) {
            count(if replaced { PassEvent::Replaced } else { PassEvent::Revoked }, None, at);
        } else if key_revoked.is_none() {
            count(PassEvent::Expires, None, exp - 1);
        }
        let begins = entered.map_or(nbf, |entered| nbf.max(entered));
        let ends = [Some(exp), ended, key_revoked].into_iter().flatten().min().unwrap_or(exp);
        if begins < ends {
            count(PassEvent::Begins, None, begins);
            count(PassEvent::Ends, None, ends);
        }
    }

    fn count(&mut self, kind: Kind, at: i64, passes: u64) {
        let quarter = at / QUARTER.cast_signed();
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, quarters)) => *quarters.entry(quarter).or_default() += passes,
            None => self.0.push((kind, HashMap::from([(quarter, passes)]))),
        }
    }

    pub(super) fn finish(self) -> Vec<PassCount> {
        let read = |(event, class, policy): Kind, quarter, passes| PassCount {
            event,
            class: Class(i64::cast_unsigned(class)),
            policy: policy.map(i64::cast_unsigned),
            quarter: i64::cast_unsigned(quarter),
            passes,
        };
        let all = self.0.into_iter();
        all.flat_map(|(kind, quarters)| quarters.into_iter().map(move |(quarter, passes)| read(kind, quarter, passes)))
            .collect()
    }
}
