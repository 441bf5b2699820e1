//! What is handed in otherwise than by holding it up: typed by a scanner, pasted, opened as a picture.
//!
//! - It comes once, and nothing is in view: whatever stands on the screen gives way to it, and a pass that was
//!   answered or dismissed is answered again.
//! - What is typed has no error correction, so what looks malformed, forged or unknown is asked for again, in amber,
//!   and is answered when the same text comes twice in a row.
//! - Every text gets an answer or is told why not, whatever page lies below.

use super::{Announcement, Presented, Presenter, Reading, Screen, sorted};
use crate::answer::{Answer, Code};
use crate::unread::Unread;

/// What is remembered of the last texts: keyed hashes, for seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Handed {
    /// The text that was asked for again, and when.
    pub(super) asked: Option<(u64, u64)>,
    /// The pass that came last, if nothing else came since, and when.
    pub(super) answered: Option<(u64, u64)>,
}

/// Why a text has no answer, on the screen.
#[derive(Debug)]
pub(super) struct ShownUnread {
    pub(super) why: Unread,
    /// Time shown without being held.
    pub(super) ran: u64,
}

impl<T> Presenter<T> {
    /// All codes of a typed or pasted text. `again` is what to say of one that is to come a second time.
    #[must_use]
    pub fn typed(
        &mut self,
        now: u64,
        seen: impl IntoIterator<Item = Presented<T>>,
        again: Unread,
    ) -> Option<Announcement> {
        // A scanner that always breaks off there gives the same half twice, and no guest is to blame for that.
        let twice = again != Unread::Half;
        self.hand_in(now, seen, Some(again), twice)
    }

    /// All codes of a pasted text. Pasted twice it is the same bytes, which proves nothing: what does not hold is never
    /// more than asked for again.
    #[must_use]
    pub fn pasted(&mut self, now: u64, seen: impl IntoIterator<Item = Presented<T>>) -> Option<Announcement> {
        self.hand_in(now, seen, Some(Unread::Again), false)
    }

    /// All codes of a picture that somebody opened: error correction has done its work there.
    #[must_use]
    pub fn opened(&mut self, now: u64, seen: impl IntoIterator<Item = Presented<T>>) -> Option<Announcement> {
        self.hand_in(now, seen, None, true)
    }

    /// What was handed in cannot be answered.
    pub fn unread(&mut self, now: u64, why: Unread) {
        self.tick(now);
        self.handed = Handed::default();
        self.tell(why);
    }

    fn hand_in(
        &mut self,
        now: u64,
        seen: impl IntoIterator<Item = Presented<T>>,
        again: Option<Unread>,
        twice: bool,
    ) -> Option<Announcement> {
        self.tick(now);
        if matches!(self.screen, Screen::Cleared) {
            return None;
        }
        let (passes, others) = sorted(seen);
        let Handed { asked, answered } = std::mem::take(&mut self.handed);
        let mut sure = Vec::new();
        for read in passes {
            let known = self.quiet.has(read.key) || self.is_standing(&read);
            self.quiet.forget(read.key);
            let confirmed = twice && asked.is_some_and(|(key, _)| key == read.key);
            if again.is_none() || !is_unproven(read.code) || known || confirmed {
                sure.push(read);
            } else {
                self.handed.asked = Some((read.key, self.clock.now()));
            }
        }
        let mut sure = sure.into_iter();
        let why = match (sure.next(), sure.next()) {
            (Some(read), None) => {
                self.handed.answered = Some((read.key, self.clock.now()));
                // Another pass was answered just before: no hand is that fast, and its answer was seen by nobody.
                let too_soon = |(key, at): (u64, u64)| key != read.key && self.clock.since(at) < self.timing.swap;
                if again.is_none() || !answered.is_some_and(too_soon) {
                    return self.answer(read);
                }
                Some(Unread::TwoAtOnce)
            }
            (Some(_), Some(_)) => Some(Unread::TwoAtOnce),
            (None, _) if self.handed.asked.is_some() => again,
            (None, _) => others.into_iter().next().map(Unread::NotAPass),
        };
        why.into_iter().for_each(|why| self.tell(why));
        None
    }

    fn answer(&mut self, read: Reading<T>) -> Option<Announcement> {
        if !self.is_standing(&read) {
            // Still in view, the pass whose answer gives way must not come back by itself: it would be taken for the
            // answer to this one.
            if let Screen::Answer(done) = &self.screen
                && done.key != read.key
            {
                self.quiet.add(done.key, done.seen, self.timing.away);
            }
            let announced = self.show(read);
            self.replaced = None;
            return Some(announced);
        }
        let now = self.clock.now();
        if let Screen::Answer(standing) = &mut self.screen {
            standing.seen = now;
        }
        None
    }

    fn tell(&mut self, why: Unread) {
        match &self.screen {
            Screen::Cleared => return,
            // Still in view, it must not come back by itself.
            Screen::Answer(done) => self.quiet.add(done.key, done.seen, self.timing.away),
            _ => {}
        }
        self.screen = Screen::Unread(ShownUnread { why, ran: 0 });
    }
}

/// Whether one wrong character in a good pass gives this too.
fn is_unproven(code: Code) -> bool {
    code.answer() == Answer::NotGenuine && !code.is_of_signed()
}
