//! When the next sync is due: often enough, and never all tills at once.
//!
//! Pure: chance and time are given in. RFC 9110 leaves retries to the client; the doubling with full
//! jitter is the usual remedy against a herd that a failure has put in step.

use std::time::Duration;

/// Between two syncs that went well, on average.
const USUAL: Duration = Duration::from_secs(4 * 3600);
/// After the first failure, at most.
const FIRST_RETRY: Duration = Duration::from_secs(60);
/// Before the first sync after a start, at most: ten thousand tills are switched on at nine.
const AT_START: Duration = Duration::from_secs(20);

/// Counts failures, and tells how long to wait.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    failures: u32,
}

impl Schedule {
    /// The wait before the first sync of a till whose data is still fresh; `chance` is from 0 to 1.
    pub fn at_start(chance: f64) -> Duration {
        AT_START.mul_f64(share(chance))
    }

    /// The wait after a sync: three quarters of the usual to five quarters where it went well, else
    /// from nothing to a minute, two, four and so on, but no longer than usual.
    pub fn after(&mut self, went_well: bool, chance: f64) -> Duration {
        if went_well {
            self.failures = 0;
            return USUAL.mul_f64(0.75 + share(chance) / 2.0);
        }
        let most = FIRST_RETRY.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(USUAL);
        self.failures = self.failures.saturating_add(1).min(31);
        // Never at once: a server that fails fast would be asked in a circle.
        most.mul_f64(share(chance)).max(Duration::from_secs(5))
    }
}

fn share(chance: f64) -> f64 {
    if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_the_usual_and_start_afresh() {
        let mut schedule = Schedule::default();
        let minutes: Vec<u64> = (0..10).map(|_| schedule.after(false, 1.0).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
        assert_eq!(schedule.after(true, 0.0), Duration::from_secs(3 * 3600));
        assert_eq!(schedule.after(true, 1.0), Duration::from_secs(5 * 3600));
        assert_eq!(schedule.after(false, 1.0), Duration::from_secs(60));
        (0..1_000).for_each(|_| assert!(schedule.after(false, f64::NAN) <= USUAL));
    }

    #[test]
    fn ten_thousand_tills_do_not_come_together() {
        // Evenly spread chances, as a good source gives them.
        let waits = |went_well| -> Vec<u64> {
            let chance = |n: u32| f64::from(n) / 10_000.0;
            (0..10_000).map(|n| Schedule { failures: 8 }.after(went_well, chance(n)).as_secs() / 60).collect()
        };
        for went_well in [true, false] {
            let mut busiest = std::collections::BTreeMap::new();
            waits(went_well).into_iter().for_each(|minute| *busiest.entry(minute).or_insert(0) += 1);
            let most = busiest.values().max().unwrap();
            assert!(*most < 200, "{most} in one minute");
        }
        assert!(Schedule::at_start(1.0) <= AT_START && Schedule::at_start(-3.0) == Duration::ZERO);
    }
}
