//! Erases what is known of whoever had a pass that has long been over.
//!
//! What stays is what tills and revocation need: list, index, key, class, status and times, so that no place is given twice;
//! and who acted. What goes is whose the pass was, what it said of them, what asked for it, and why its status was changed,
//! for reasons are free text.

use greenlit_core::time::UnixTime;

use crate::authority::{Authority, AuthorityError};

/// So many passes are looked at in one change.
const TOGETHER: usize = 50_000;
/// So many days after its last one a pass is long over, where authority.toml says nothing.
pub const AFTER_DAYS: u32 = 365;
const DAY: u64 = 24 * 3600;

/// Passes that were over by then are long over.
pub fn before(authority: &Authority, after_days: Option<u32>, now: UnixTime) -> UnixTime {
    let days = after_days.or(authority.erase_after_days).unwrap_or(AFTER_DAYS);
    now.minus(u64::from(days) * DAY)
}

/// Of how many passes something would be erased.
pub fn count(authority: &Authority, before: UnixTime) -> Result<u64, AuthorityError> {
    Ok(authority.register.erasable(before)?)
}

/// Erases, part by part, and gives of how many passes. Cut short, it goes on when it is run again.
pub fn erase(authority: &mut Authority, before: UnixTime, now: UnixTime) -> Result<u64, AuthorityError> {
    let (mut passes, mut after) = (0, None);
    let (register, by) = authority.acting(now);
    loop {
        let erased = register.erase(before, after, TOGETHER, &by)?;
        passes += erased.passes;
        after = erased.next;
        if after.is_none() {
            break;
        }
    }
    register.tidy()?;
    Ok(passes)
}
