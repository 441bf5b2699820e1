//! The time a picture may take, and what has been used of it.

use std::time::{Duration, Instant};

/// When to stop. Looking at the clock costs some tens of nanoseconds: look once in a microsecond or more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    end: Instant,
}

impl Deadline {
    pub(super) fn after(budget: Duration) -> Self {
        let now = Instant::now();
        Self { end: now.checked_add(budget).unwrap_or(now) }
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// The earlier of this and a new one.
    pub(super) fn within(&self, budget: Duration) -> Self {
        Self { end: self.end.min(Self::after(budget).end) }
    }
}

#[cfg(unix)]
pub(super) fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(unix))]
pub(super) fn thread_cpu() -> Duration {
    // No portable clock of a thread's own: wall time since the first call is the nearest.
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
