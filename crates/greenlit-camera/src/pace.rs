//! How fast frames are shown that no camera paces.

use std::time::{Duration, Instant};

/// Frames a second, or no waiting at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many frames a second; none counts as one.
    Fps(u32),
    /// Each frame as soon as it is asked for, as tests and measurements want it.
    AsFastAsPossible,
}

/// What follows the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// The first frame again.
    Loop,
    /// [`SourceError::Ended`](super::SourceError::Ended).
    Stop,
}

/// Sleeps from frame to frame. The moments are counted from the first, so that the time spent on a
/// frame does not slow down the film.
#[derive(Clone, Debug)]
pub(crate) struct Ticker {
    pace: Pace,
    due: Option<Instant>,
}

impl Ticker {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, due: None }
    }

    pub(crate) fn wait(&mut self) {
        let Pace::Fps(fps) = self.pace else { return };
        let interval = Duration::from_secs(1) / fps.max(1);
        let now = Instant::now();
        // Whoever is late by more than a frame goes on from now, instead of racing to catch up.
        let due = self.due.filter(|due| *due + interval > now).unwrap_or(now);
        std::thread::sleep(due.saturating_duration_since(now));
        self.due = Some(due + interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_no_faster_than_asked_for() {
        let started = Instant::now();
        let mut ticker = Ticker::new(Pace::Fps(200));
        (0..5).for_each(|_| ticker.wait());
        assert!(started.elapsed() >= Duration::from_millis(19), "{:?}", started.elapsed());
        Ticker::new(Pace::Fps(0)).wait();
    }
}
