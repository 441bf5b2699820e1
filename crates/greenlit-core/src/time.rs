//! Points in time as whole Unix seconds, always passed in and never read from a clock here.

use chrono::{DateTime, SecondsFormat};

/// Seconds since 1970-01-01T00:00:00Z, below 2^53 so that every language's numbers can hold it.
///
/// There is no fraction, no NaN and no negative time: a pass cannot smuggle in a moment that
/// compares oddly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UnixTime(u64);

/// Why a text is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not `2026-11-22T18:00:00Z` or the like.
    #[error("\"{0}\" is not a valid time; expected RFC 3339, as in 2026-11-22T18:00:00Z or 2026-11-22T23:00:00+05:00")]
    NotRfc3339(String),
    /// Before 1970.
    #[error("\"{0}\" is before 1970")]
    BeforeEpoch(String),
}

impl UnixTime {
    /// The largest time the formats allow: 2^53 - 1.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// `None` at 2^53 and above.
    pub const fn new(seconds: u64) -> Option<Self> {
        if seconds <= Self::MAX.0 { Some(Self(seconds)) } else { None }
    }

    /// Whole seconds since the epoch.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// Later by so many seconds, stopping at [`UnixTime::MAX`].
    pub const fn plus(self, seconds: u64) -> Self {
        let sum = self.0.saturating_add(seconds);
        if sum > Self::MAX.0 { Self::MAX } else { Self(sum) }
    }

    /// Earlier by so many seconds, stopping at 1970.
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to this time; `None` when `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }

    /// Reads an RFC 3339 time with its offset; fractions of a second are dropped.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::NotRfc3339(text.into()))?;
        let seconds = u64::try_from(parsed.timestamp()).map_err(|_| TimeError::BeforeEpoch(text.into()))?;
        // RFC 3339 years have four digits, far below 2^53 s.
        Self::new(seconds).ok_or_else(|| TimeError::NotRfc3339(text.into()))
    }
}

/// RFC 3339 in UTC, or `@seconds` for years that RFC 3339 cannot write.
impl std::fmt::Display for UnixTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const YEAR_10000: u64 = 253_402_300_800;
        let utc = i64::try_from(self.0).ok().and_then(|s| DateTime::from_timestamp(s, 0));
        match utc {
            Some(t) if self.0 < YEAR_10000 => f.write_str(&t.to_rfc3339_opts(SecondsFormat::Secs, true)),
            _ => write!(f, "@{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_the_format() {
        assert_eq!(UnixTime::new((1 << 53) - 1), Some(UnixTime::MAX));
        assert_eq!(UnixTime::new(1 << 53), None);
        assert_eq!(UnixTime::MAX.plus(1), UnixTime::MAX);
        assert_eq!(UnixTime(5).minus(9), UnixTime(0));
    }

    #[test]
    fn rfc3339_goes_there_and_back() {
        let t = UnixTime::parse_rfc3339("2021-07-01T00:00:00+05:00").unwrap();
        assert_eq!(t.to_string(), "2021-06-30T19:00:00Z");
        assert!(UnixTime::parse_rfc3339("1969-12-31T23:59:59Z").is_err());
        assert!(UnixTime::parse_rfc3339("tomorrow").is_err());
        assert_eq!(UnixTime::MAX.to_string(), "@9007199254740991");
    }
}
