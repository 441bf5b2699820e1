//! Which passes were answered here before: "seen here 4 minutes ago".
//!
//! What is remembered of a pass is the hash that the [`scanner`](crate::scanner) knows it by, keyed at start and gone
//! at exit, when it was in view last, and how it was answered. Nothing of it is for any disk.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::answer::Code;

/// Most passes remembered; the one unseen for the longest makes room.
pub const MAX_REMEMBERED: usize = 10_000;
/// A pass unseen for longer is one that was never here.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// How a pass that is answered stands to those answered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// For the first time.
    First,
    /// Again, with others in between.
    Again,
    /// Again, and no other pass was answered in between.
    InARow,
    /// It is in view still and is judged anew: the same guest, who had this answer.
    InView {
        /// The answer that no longer counts.
        before: Code,
    },
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    seen: u64,
    code: Code,
    /// How long it had been away when it was answered.
    away: Option<u64>,
}

/// The passes that were answered, by their keys.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    all: BTreeMap<u64, Sighting>,
    last: Option<u64>,
}

impl Sightings {
    /// A pass gets this answer. Unseen for less than `away` milliseconds, it has not left.
    pub(crate) fn answered(&mut self, now: u64, key: u64, code: Code, away: u64) -> Shown {
        let before = self.all.get(&key).copied();
        let in_a_row = self.last.replace(key) == Some(key);
        let gone = before.map(|before| (before, now.saturating_sub(before.seen)));
        let (shown, gap) = match gone {
            Some((before, gone)) if gone < away => (Shown::InView { before: before.code }, before.away),
            Some((_, gone)) if u128::from(gone) <= REMEMBERED_FOR.as_millis() => {
                (if in_a_row { Shown::InARow } else { Shown::Again }, Some(gone))
            }
            _ => (Shown::First, None),
        };
        if before.is_none() {
            self.make_room(now);
        }
        self.all.insert(key, Sighting { seen: now, code, away: gap });
        shown
    }

    /// A pass is in view, which matters if it was answered.
    pub(crate) fn seen(&mut self, now: u64, key: u64) {
        if let Some(known) = self.all.get_mut(&key) {
            known.seen = known.seen.max(now);
        }
    }

    /// For how long the pass had been away when it was last answered; `None` if it had not been here.
    pub(crate) fn away(&self, key: u64) -> Option<Duration> {
        self.all.get(&key)?.away.map(Duration::from_millis)
    }

    fn make_room(&mut self, now: u64) {
        if self.all.len() < MAX_REMEMBERED {
            return;
        }
        self.all.retain(|_, known| u128::from(now.saturating_sub(known.seen)) <= REMEMBERED_FOR.as_millis());
        if self.all.len() >= MAX_REMEMBERED
            && let Some(oldest) = self.all.iter().min_by_key(|(_, known)| known.seen).map(|(key, _)| *key)
        {
            self.all.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: u64 = 3_000;
    const HOUR: u64 = 3_600_000;

    #[test]
    fn a_pass_is_told_from_those_before_by_when_it_was_last_in_view() {
        let mut all = Sightings::default();
        assert_eq!(all.answered(0, 1, Code::Ok, AWAY), Shown::First);
        assert_eq!(all.away(1), None);
        // Held up for a while and judged anew, it has not left.
        all.seen(60_000, 1);
        assert_eq!(all.answered(62_999, 1, Code::Expired, AWAY), Shown::InView { before: Code::Ok });
        assert_eq!(all.away(1), None);
        assert_eq!(all.answered(66_000, 1, Code::Ok, AWAY), Shown::InARow);
        assert_eq!(all.away(1), Some(Duration::from_millis(3_001)));
        // How long it had been away stays true of this guest.
        assert_eq!(all.answered(67_000, 1, Code::Ok, AWAY), Shown::InView { before: Code::Ok });
        assert_eq!(all.away(1), Some(Duration::from_millis(3_001)));
        assert_eq!(all.answered(70_000, 2, Code::Ok, AWAY), Shown::First);
        assert_eq!(all.answered(HOUR, 1, Code::Ok, AWAY), Shown::Again);
        assert_eq!(all.answered(13 * HOUR, 1, Code::Ok, AWAY), Shown::InARow, "twelve hours to the millisecond");
        assert_eq!(all.answered(25 * HOUR + 1, 1, Code::Ok, AWAY), Shown::First);
        // Frames that come late turn nothing back.
        all.seen(0, 1);
        assert_eq!(all.answered(5, 1, Code::Ok, AWAY), Shown::InView { before: Code::Ok });
    }

    #[test]
    fn a_queue_without_end_is_forgotten_from_its_beginning() {
        let mut all = Sightings::default();
        let guests = MAX_REMEMBERED as u64 + 500;
        for guest in 0..guests {
            assert_eq!(all.answered(guest * 10, guest, Code::Ok, AWAY), Shown::First);
        }
        assert_eq!(all.all.len(), MAX_REMEMBERED);
        assert_eq!(all.answered(guests * 10, 500, Code::Ok, AWAY), Shown::Again);
        assert_eq!(all.answered(guests * 10, 499, Code::Ok, AWAY), Shown::First);
    }
}
