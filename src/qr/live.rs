//! The stream, not the frame: a reader that keeps to a budget a frame, spreads the dear stages over
//! frames, and adds up what it saw of the same code until it can be read.

use std::time::Duration;

use super::attempt::Seen;
use super::clock::{Deadline, thread_cpu};
use super::coach::{Coach, Hint, Signs};
use super::read::SHARE;
use super::search::Search;
use super::stages::{CHEAP, LIVE};
use super::sums::Sums;
use crate::luma::LumaFrame;

/// Without a finder in view, a frame is looked at so often at most.
const IDLE_EVERY_MS: u64 = 100;
/// So long after a finder comes into view every frame gets its whole budget.
const ACTIVE_FOR_MS: u64 = 3_000;
/// A finder is still in view when it was seen so long ago: a hand shakes.
const GONE_AFTER_MS: u64 = 400;

/// What one frame of a stream showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveReading {
    /// Each payload once, in the order found.
    pub payloads: Vec<Vec<u8>>,
    /// What would help, after a moment without success.
    pub hint: Option<Hint>,
    /// Processor time spent on the frame.
    pub cpu: Duration,
}

/// Reads a stream of frames.
#[derive(Debug, Default)]
pub struct LiveReader {
    /// When a frame was last looked at.
    looked: Option<u64>,
    /// Since when finders have been in view, and when last.
    since: Option<u64>,
    last_finder: Option<u64>,
    /// The dear stage that is next.
    next: usize,
    sums: Sums,
    coach: Coach,
}

impl LiveReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the next frame. `now_ms` is when it was taken, on any clock that does not run backwards.
    pub fn frame(&mut self, frame: &LumaFrame, now_ms: u64, budget: Duration) -> LiveReading {
        if self.last_finder.is_some_and(|last| now_ms.saturating_sub(last) > GONE_AFTER_MS) {
            self.since = None;
            self.sums.clear();
        }
        let active = self.since.is_some_and(|since| now_ms.saturating_sub(since) < ACTIVE_FOR_MS);
        if !active && self.looked.is_some_and(|looked| now_ms.saturating_sub(looked) < IDLE_EVERY_MS) {
            return LiveReading { hint: self.coach.hint(), ..LiveReading::default() };
        }
        self.looked = Some(now_ms);
        let before = thread_cpu();
        let deadline = Deadline::after(budget.mul_f32(SHARE));
        let mut search = Search::new(frame);
        for stage in CHEAP {
            search.run(stage, &deadline);
            if !search.harvest.payloads.is_empty() {
                break;
            }
        }
        let mut in_view = search.harvest.in_view();
        if search.harvest.payloads.is_empty() && (active || in_view) {
            self.dear_stages(&mut search, now_ms, &deadline);
            in_view |= search.harvest.in_view();
        } else if search.harvest.payloads.is_empty() {
            // Nothing in view as yet: one more way a look, in turn.
            self.one_stage(&mut search, &deadline);
            in_view |= search.harvest.in_view();
        }
        if in_view {
            self.last_finder = Some(now_ms);
            self.since.get_or_insert(now_ms);
        }
        let read = !search.harvest.payloads.is_empty();
        if read {
            self.sums.clear();
            self.since = Some(now_ms);
        }
        let signs = if read { None } else { Signs::of(&search.harvest, search.base()) };
        self.coach.saw(now_ms, read, signs);
        LiveReading {
            payloads: search.harvest.payloads,
            hint: self.coach.hint(),
            cpu: thread_cpu().saturating_sub(before),
        }
    }

    /// The dear stages in turn, from where the last frame left off, and after each what was seen of the
    /// same code before.
    fn dear_stages(&mut self, search: &mut Search, now_ms: u64, deadline: &Deadline) {
        self.add_up(search, now_ms);
        for _ in 0..LIVE.len() {
            if !search.harvest.payloads.is_empty() || deadline.is_over() {
                break;
            }
            self.one_stage(search, deadline);
            self.add_up(search, now_ms);
        }
    }

    fn one_stage(&mut self, search: &mut Search, deadline: &Deadline) {
        if let Some(stage) = LIVE.get(self.next % LIVE.len()) {
            search.run(stage, deadline);
            // A stage that shows the code is the first of the next frame.
            if search.harvest.unread.is_empty() {
                self.next = (self.next + 1) % LIVE.len();
            }
        }
    }

    fn add_up(&mut self, search: &mut Search, now_ms: u64) {
        let seen: Vec<Seen> = std::mem::take(&mut search.harvest.unread);
        for seen in seen {
            if let Some(payload) = self.sums.add(&seen, now_ms) {
                search.harvest.take(payload, seen.corners());
            }
            search.harvest.added.push(seen);
        }
    }
}
