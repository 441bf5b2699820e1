//! How long what an authority makes is good for, and when it is reminded.
//!
//! All in seconds. Tills are told of each in what is signed; nothing here binds a till.

const DAY: u64 = 24 * 3600;

/// A bundle is due for renewal after this.
pub const BUNDLE_DUE_AFTER: u64 = 14 * DAY;
/// A new issuer key waits for this long after its first publication before it signs: a till that does not
/// know it calls its passes not genuine, and some tills are a few days late.
pub const KEY_WAIT: u64 = BUNDLE_DUE_AFTER + 7 * DAY;
/// A bundle is judged by for this long.
pub const BUNDLE_LIFETIME: u64 = 120 * DAY;
/// A pause between publications after which somebody must say that the clock is right.
pub const MAX_PAUSE: u64 = 14 * DAY;
/// A status list is stale after this.
pub const LIST_STALE_AFTER: u64 = 3 * DAY;
/// A status list is judged by for this long.
pub const LIST_LIFETIME: u64 = 90 * DAY;
/// The longest that a pass may be good for: a year of 366 days, and the day it begins.
pub const MAX_PASS_LIFETIME: u64 = 367 * DAY;
/// So many passes one operator of a new authority may revoke in a day alone: more than a desk corrects by hand, and few
/// enough that a wrong file does not reach a village.
pub const SECOND_WORD_ABOVE: u64 = 100;
/// For so long back an operator's revocations are counted together.
pub const SECOND_WORD_WITHIN: u64 = DAY;
/// A revocation that waits for a second operator's word lapses after this.
pub const PROPOSAL_LIFETIME: u64 = 7 * DAY;
/// A root is good for this long.
pub const ROOT_LIFETIME: u64 = 5 * 366 * DAY;
/// The authority is reminded this long before its root expires.
pub const ROOT_REMINDER: u64 = 180 * DAY;
/// An issuer key signs passes for this long.
pub const ISSUER_LIFETIME: u64 = 3 * 366 * DAY;
/// Days until a list of a scheme's keys may lack a newer key, and until it is no longer judged by.
///
/// Countries add keys of health certificates weekly, and call some back. An event's list is as good as its news of
/// tickets that were called back. The others change by the year.
#[cfg(feature = "authority")]
pub fn key_list_ages(scheme: greenlit_core::scheme::Scheme) -> (u64, u64) {
    use greenlit_core::scheme::Scheme;
    match scheme {
        Scheme::Hcert => (14, 90),
        Scheme::Pretix => (7, 90),
        Scheme::Claim169 | Scheme::TwoDDoc => (30, 180),
        Scheme::Aadhaar => (90, 366),
    }
}
