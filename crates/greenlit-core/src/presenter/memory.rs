//! What the presenter remembers of passes that are not on the screen: keyed hashes, a few, for seconds.

use super::timing::MonotonicClock;

/// Most texts remembered at once: as many as a frame full of codes.
const MAX_REMEMBERED: usize = 16;

#[derive(Clone, Copy, Debug)]
struct UnconfirmedText {
    key: u64,
    seen: u64,
    twice: bool,
}

/// Texts that a misreading of a good pass could have made, until they are read once more.
#[derive(Debug, Default)]
pub(super) struct Unconfirmed(Vec<UnconfirmedText>);

impl Unconfirmed {
    /// Notes a reading, once a frame; whether the text was read in an earlier frame too.
    pub(super) fn read(&mut self, key: u64, clock: MonotonicClock) -> bool {
        if let Some(suspect) = self.0.iter_mut().find(|suspect| suspect.key == key) {
            (suspect.seen, suspect.twice) = (clock.now(), true);
            return true;
        }
        push(&mut self.0, UnconfirmedText { key, seen: clock.now(), twice: false });
        false
    }

    /// Whether some text waits for its second reading.
    pub(super) fn waiting(&self) -> bool {
        self.0.iter().any(|suspect| !suspect.twice)
    }

    pub(super) fn keep(&mut self, wanted: impl Fn(u64) -> bool) {
        self.0.retain(|suspect| wanted(suspect.key));
    }

    /// In how many milliseconds the next one is forgotten.
    pub(super) fn forgets_in(&self, clock: MonotonicClock, confirm: u64) -> Option<u64> {
        let left = |suspect: &UnconfirmedText| confirm.saturating_sub(clock.since(suspect.seen)).saturating_add(1);
        self.0.iter().map(left).min()
    }

    pub(super) fn forget_old(&mut self, clock: MonotonicClock, confirm: u64) {
        self.0.retain(|suspect| clock.since(suspect.seen) <= confirm);
    }
}

#[derive(Clone, Copy, Debug)]
struct SilencedPass {
    key: u64,
    seen: u64,
    away: u64,
}

/// Passes whose answer is over while they may still be in view: silent until they leave.
#[derive(Debug, Default)]
pub(super) struct Silenced(Vec<SilencedPass>);

impl Silenced {
    /// Silences a pass, last seen then, until it is unseen for `away`.
    pub(super) fn add(&mut self, key: u64, seen: u64, away: u64) {
        push(&mut self.0, SilencedPass { key, seen, away });
    }

    /// Notes that a pass is in view, which matters if it is silenced.
    pub(super) fn seen(&mut self, key: u64, clock: MonotonicClock) {
        for done in self.0.iter_mut().filter(|done| done.key == key) {
            done.seen = clock.now();
        }
    }

    pub(super) fn forget(&mut self, key: u64) {
        self.0.retain(|done| done.key != key);
    }

    pub(super) fn has(&self, key: u64) -> bool {
        self.0.iter().any(|done| done.key == key)
    }

    /// Whether one of them was seen so short a time ago.
    pub(super) fn in_view(&self, clock: MonotonicClock, time: u64) -> bool {
        self.0.iter().any(|done| clock.since(done.seen) < time)
    }

    /// In how many milliseconds the next one has left the view, or is forgotten.
    pub(super) fn changes_in(&self, clock: MonotonicClock, in_view: u64) -> Option<u64> {
        let left = |done: &SilencedPass| {
            let since = clock.since(done.seen);
            if since < in_view { in_view.min(done.away) - since } else { done.away.saturating_sub(since) }
        };
        self.0.iter().map(left).min()
    }

    pub(super) fn forget_old(&mut self, clock: MonotonicClock) {
        self.0.retain(|done| clock.since(done.seen) < done.away);
    }
}

/// Adds to a list that never grows beyond [`MAX_REMEMBERED`]: the oldest makes room.
fn push<E>(list: &mut Vec<E>, element: E) {
    if list.len() >= MAX_REMEMBERED {
        list.remove(0);
    }
    list.push(element);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stay_short_and_keep_the_newest() {
        let (mut suspects, mut quiet, clock) = (Unconfirmed::default(), Silenced::default(), MonotonicClock::default());
        for key in 0..100 {
            assert!(!suspects.read(key, clock));
            quiet.add(key, 0, 1);
        }
        assert_eq!((suspects.0.len(), quiet.0.len()), (MAX_REMEMBERED, MAX_REMEMBERED));
        assert!(!quiet.has(83) && quiet.has(84) && quiet.has(99));
        assert!(suspects.read(84, clock) && !suspects.read(83, clock));
    }
}
