//! How old the trust data is, and until when it serves.

use super::{TrustState, Unusable};
use crate::time::UnixTime;

/// Before it is due for renewal, staff are told for so long: two days, in seconds.
pub const DUE_SOON: u64 = 48 * 3600;

/// The stages of ageing, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// There is no trust data.
    #[default]
    None,
    /// In order.
    Fresh,
    /// In order, and due for renewal within [`DUE_SOON`].
    Soon,
    /// Past its soft expiry: still judged by, with a notice.
    Stale,
    /// Past its hard expiry: nothing is judged by it, `OLD`.
    Expired,
    /// Cannot be told: the clock is behind, `CLK`.
    ClockBehind,
}

impl Freshness {
    /// A stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fresh => "fresh",
            Self::Soon => "soon",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::ClockBehind => "clock-behind",
        }
    }
}

/// A stage, and when it ends (for [`Freshness::Expired`]: when it began).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// Which.
    pub stage: Freshness,
    /// Until when it lasts; none where that cannot be told.
    pub until: Option<UnixTime>,
}

impl TrustState {
    /// When the data is not judged by any more: by the bundle, or by the root above it.
    pub fn stops(&self) -> Option<UnixTime> {
        Some(self.bundle()?.hard_expiry.min(self.newest_root()?.expires))
    }

    /// When it is due for renewal.
    pub fn due(&self) -> Option<UnixTime> {
        let schemes = self.scheme_bundle().map_or(UnixTime::MAX, |bundle| bundle.soft_expiry);
        Some(self.bundle()?.soft_expiry.min(schemes).min(self.stops()?))
    }

    /// How old the data is by this clock. [`Freshness::Fresh`] and [`Freshness::Soon`] both tell when the
    /// data is due, [`Freshness::Stale`] when it stops being judged by.
    pub fn age(&self, clock: UnixTime) -> Age {
        let usable = match self.usable(clock) {
            Ok(usable) => usable,
            Err(Unusable::ClockBehind { .. } | Unusable::ClockSetBack { .. }) => {
                return Age { stage: Freshness::ClockBehind, until: None };
            }
            Err(Unusable::Expired { since }) => return Age { stage: Freshness::Expired, until: Some(since) },
            Err(Unusable::NoTrust) => return Age::default(),
        };
        // Whatever is usable has both.
        let (Some(due), Some(stops)) = (self.due(), self.stops()) else { return Age::default() };
        let (stage, until) = if usable.now >= due {
            (Freshness::Stale, stops)
        } else if usable.now.plus(DUE_SOON) >= due {
            (Freshness::Soon, due)
        } else {
            (Freshness::Fresh, due)
        };
        Age { stage, until: Some(until) }
    }

    /// Whether newer data should be looked for at once: some of it is due, or a revocation list is
    /// past its soft age or missing, or a key list is missing.
    pub fn needs_renewal(&self, clock: UnixTime) -> bool {
        let lists = self.bundle().map(|bundle| bundle.lists.as_slice()).unwrap_or_default();
        let old = |entry: &super::ListEntry| {
            self.list(entry.id).is_none_or(|(list, entry)| clock >= list.issued().plus(entry.soft_age))
        };
        let key_lists = self.scheme_bundle().map(|bundle| bundle.key_lists.as_slice()).unwrap_or_default();
        let missing = |entry: &super::KeyListEntry| self.key_list(entry.id).is_none();
        self.age(clock).stage != Freshness::Fresh || lists.iter().any(old) || key_lists.iter().any(missing)
    }
}
