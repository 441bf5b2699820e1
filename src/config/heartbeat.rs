//! What a service manager is told, where one started the program and asks: that it is ready, and then again and again
//! that it is alive (sd_notify(3)). One that falls silent is started anew.

use std::cell::Cell;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::clock;

/// To be beaten by whatever must not hang.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    /// Half of the time after which a silent service counts as hung; `None` where nobody waits for it.
    every: Option<Duration>,
    last: Cell<Option<Duration>>,
}

impl Heartbeat {
    /// As the service manager asked for it when it started this process.
    pub(crate) fn for_service_manager() -> Self {
        Self::every(sd_notify::watchdog_enabled().map(|patience| patience / 2))
    }

    fn every(every: Option<Duration>) -> Self {
        Self { every, last: Cell::default() }
    }

    /// Says so if it is time; cheap enough for each round of a loop.
    pub(crate) fn beat(&self) {
        if let Some(state) = self.due(clock::steady()) {
            // Without a service manager there is nobody to tell, and one that does not listen cannot be helped.
            let _ = sd_notify::notify(&state);
        }
    }

    fn due(&self, now: Duration) -> Option<Vec<NotifyState<'static>>> {
        let Some(last) = self.last.get() else {
            self.last.set(Some(now));
            return Some(vec![NotifyState::Ready, NotifyState::Watchdog]);
        };
        let due = self.every.is_some_and(|every| now.saturating_sub(last) >= every);
        due.then(|| {
            self.last.set(Some(now));
            vec![NotifyState::Watchdog]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(heartbeat: &Heartbeat, seconds: u64) -> Vec<String> {
        heartbeat.due(Duration::from_secs(seconds)).into_iter().flatten().map(|state| state.to_string()).collect()
    }

    #[test]
    fn it_is_ready_once_and_alive_in_time() {
        let heartbeat = Heartbeat::every(Some(Duration::from_secs(15)));
        assert_eq!(at(&heartbeat, 100), ["READY=1", "WATCHDOG=1"]);
        assert!(at(&heartbeat, 114).is_empty());
        assert_eq!(at(&heartbeat, 115), ["WATCHDOG=1"]);
        assert!(at(&heartbeat, 129).is_empty());
        assert_eq!(at(&heartbeat, 131), ["WATCHDOG=1"]);
    }

    #[test]
    fn where_nobody_waits_it_is_ready_and_no_more() {
        let heartbeat = Heartbeat::every(None);
        assert_eq!(at(&heartbeat, 0), ["READY=1", "WATCHDOG=1"]);
        assert!(at(&heartbeat, 100_000).is_empty());
    }
}
