//! The time a picture may take, and what has been used of it.

use std::time::Duration;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use std::time::Instant;
// The standard one panics where there is no system beneath.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use web_time::Instant;

/// How much longer than its processor time a picture may take where other programs want the processor too.
const WALL_CLOCK_FACTOR: u32 = 2;

/// When to stop: the budget is processor time of this thread, and twice as much by the clock on the wall.
/// Until the budget has passed on the wall, looking costs some tens of nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Before this there is certainly time left.
    soonest: Instant,
    latest: Instant,
    cpu: Duration,
    whole: Duration,
}

impl Budget {
    pub(crate) fn after(budget: Duration) -> Self {
        let now = Instant::now();
        let later = |by: Option<Duration>| by.and_then(|by| now.checked_add(by)).unwrap_or(now);
        Self {
            soonest: later(Some(budget)),
            latest: later(budget.checked_mul(WALL_CLOCK_FACTOR)),
            cpu: thread_cpu().saturating_add(budget),
            whole: budget,
        }
    }

    /// No more than this part of the whole from now on.
    pub(crate) fn part(&self, share: f32) -> Self {
        self.min_with(self.whole.mul_f32(share))
    }

    pub(crate) fn is_spent(&self) -> bool {
        let now = Instant::now();
        now >= self.soonest && (now >= self.latest || thread_cpu() >= self.cpu)
    }

    /// The earlier of this and a new one.
    pub(crate) fn min_with(&self, budget: Duration) -> Self {
        let new = Self::after(budget);
        Self {
            soonest: self.soonest.min(new.soonest),
            latest: self.latest.min(new.latest),
            cpu: self.cpu.min(new.cpu),
            whole: self.whole.min(budget),
        }
    }
}

#[cfg(unix)]
pub(crate) fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(unix))]
pub(crate) fn thread_cpu() -> Duration {
    // No portable clock of a thread's own: wall time since the first call is the nearest.
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
