//! How often a client may ask: a bucket of tokens that fills at an even rate.

use std::time::Duration;

/// As many requests at once as its rate allows in a second, and then no more than come back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    a_second: u32,
    /// Requests left.
    left: f64,
    /// When it was looked at, on a clock that never goes back.
    at: Duration,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(a_second: u32, now: Duration) -> Self {
        let a_second = a_second.max(1);
        Self { a_second, left: f64::from(a_second), at: now }
    }

    /// Takes one request, or says how long to wait for it.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let rate = f64::from(self.a_second);
        self.left = (self.left + now.saturating_sub(self.at).as_secs_f64() * rate).min(rate);
        self.at = self.at.max(now);
        if self.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.left) / rate));
        }
        self.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_second_s_requests_may_come_at_once_and_then_as_many_as_come_back() {
        let mut bucket = Bucket::new(4, ms(1_000));
        assert!((0..4).all(|_| bucket.take(ms(1_000)).is_ok()));
        assert_eq!(bucket.take(ms(1_000)), Err(ms(250)));
        assert!(bucket.take(ms(1_250)).is_ok());
        assert_eq!(bucket.take(ms(1_375)), Err(ms(125)));
        // However long nobody asked, no more than a second's are saved up.
        let after_an_hour = ms(3_600_000);
        assert_eq!((0..9).filter(|_| bucket.take(after_an_hour).is_ok()).count(), 4);
    }

    #[test]
    fn a_clock_that_stands_or_goes_back_gives_nothing_away() {
        let mut bucket = Bucket::new(1, ms(5_000));
        assert!(bucket.take(ms(5_000)).is_ok());
        assert!(bucket.take(ms(1)).is_err() && bucket.take(ms(5_000)).is_err());
        assert!(bucket.take(ms(6_000)).is_ok());
        assert!(Bucket::new(0, ms(0)).take(ms(0)).is_ok());
    }
}
