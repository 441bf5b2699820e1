//! What is erased of passes that have long been over.

use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::change::{Statements, witness};
use super::{Erased, Result};
use crate::operator::Actor;
use crate::witness::Entry;

pub(super) fn erase(
    change: &mut impl Statements,
    before: UnixTime,
    after: Option<StatusRef>,
    at_most: usize,
    by: &Actor<'_>,
) -> Result<Erased> {
    let next = change.place_after(after, at_most.saturating_sub(1))?;
    let last = match next {
        Some(next) => Some(next),
        None => change.last_place()?,
    };
    let Some(to) = last else { return Ok(Erased { passes: 0, next: None }) };
    let passes = change.erase_between(before, after, to)?;
    if next.is_none() {
        // Reasons of revocations that waited once.
        change.erase_reasons_of_proposals(before)?;
    }
    if passes > 0 {
        let (before, after) = (before.seconds(), after.map(|after| (after.list, after.index)));
        witness(change, by, vec![Entry::Erased { before, after, list: to.list, index: to.index }])?;
    }
    Ok(Erased { passes, next })
}

/// What was witnessed of it, done again.
pub(super) fn put_back(
    change: &mut impl Statements,
    before: UnixTime,
    after: Option<(u64, u64)>,
    to: StatusRef,
) -> Result<()> {
    let after = after.map(|(list, index)| StatusRef { list, index });
    change.erase_between(before, after, to).map(drop)
}
