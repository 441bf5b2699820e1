//! Scanning in progress, without a camera, a window or a clock: what happens goes in, what to do comes out.
//!
//! ```text
//! Scanner::look ──► Look ── codes of that frame, trust data, time of day ──► Judged
//!                                                                              │
//! dismissal, finger, focus, camera, tick ──► Event ──► Scanner::handle ◄───────┘
//!                                                           │
//!                               Effects: an answer to announce, when to look again, when to tick
//! ```
//!
//! - What passes are judged by goes with each frame. Newer trust data needs no event: the next frame brings it.
//!   What must not outlive a change (the clock was set) is ended by [`Event::Rejudge`], and with it every frame
//!   that was being read meanwhile.
//! - Judging takes far longer than the rest, so it needs no [`Scanner`], which several threads may share.
//! - A typed text has no error correction: what looks malformed or forged is to come twice. Nor does it come by
//!   itself, as a code that stays in view does: a pass that was dismissed is shown again.
//! - A pass is remembered as a hash, by a hasher that the caller keys at start: what is remembered means nothing
//!   elsewhere. For hours it is known so that it was here before ([`sightings`](crate::sightings)).
//! - What is to be counted is told once for each guest, whoever counts it.
//!
//! Time is a count of milliseconds of a clock that goes only forward, as in [`presenter`](crate::presenter); the
//! time of day is a [`UnixTime`].

use std::hash::BuildHasher;
use std::time::Duration;

use crate::check_in::CheckIn;
use crate::presenter::{Announcement, Presented, Presenter, Timing, View};
use crate::sightings::Sightings;
use crate::tally;
use crate::time::UnixTime;
use crate::typed::reading::breaks_off;
use crate::unread::Unread;
use crate::verdict::{Judge, ReadCode, Verdict};

/// From one look to the next at least: a code is read before a hand has come to rest.
pub const PAUSE: Duration = Duration::from_millis(33);
/// With an answer on the screen nothing is urgent, and the next pass still takes its place at once.
pub const PAUSE_AT_ANSWER: Duration = Duration::from_millis(120);

/// The state of scanning. `H` is a reader's hint to the guest, and `B` makes the hasher.
#[derive(Debug)]
pub struct Scanner<H, B> {
    presenter: Presenter<Verdict>,
    hasher: B,
    sightings: Sightings,
    /// Unseen for so many milliseconds, a pass has left.
    away: u64,
    hint: Option<H>,
    generation: Generation,
    check_in: Option<CheckIn>,
}

/// How often everything was to be judged anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Generation(u64);

/// A frame or text that is about to be read.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    generation: Generation,
    stay: Option<UnixTime>,
}

/// What a frame or text held, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    generation: Generation,
    codes: Vec<(Vec<u8>, Verdict)>,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Event<H> {
    /// A frame has been read, also if it held nothing.
    Frame {
        /// All its codes.
        codes: Judged,
        /// What would help to read the code in view.
        hint: Option<H>,
    },
    /// A text has come from a scanner that types, or was pasted.
    Typed(Judged),
    /// A text was pasted.
    Pasted(Judged),
    /// Somebody opened a picture, and it holds codes.
    Opened(Judged),
    /// What was typed, pasted or opened is nothing that can be judged.
    Unread(Unread),
    /// Time has passed.
    Tick,
    /// The answer is done with.
    Dismiss,
    /// The valid pass on the screen is somebody else's.
    Mismatch,
    /// It is not, after all.
    UndoMismatch,
    /// What passes are judged by has changed so that no earlier answer counts any more.
    Rejudge,
    /// Guests of one booking are checked in who stay until this moment; or the booking is done with, and forgotten.
    /// While one is under way, only its end changes.
    CheckIn(Option<UnixTime>),
    /// A finger is on the screen.
    Press,
    /// The finger is gone.
    Release,
    /// The window got or lost the focus.
    Focus(bool),
    /// The camera works, or does not.
    Camera(bool),
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Effects {
    /// A new answer has come up: the moment for one sound, and for whoever wants to know.
    pub announced: Option<Verdict>,
    /// What is to be counted.
    pub counted: Option<tally::Event>,
    /// What was handed in has no answer, and the screen says why: the moment for a sound, too.
    pub unread: bool,
    /// The next frame is to be read so long after this one was taken up, and not before.
    pub pause: Duration,
    /// [`Event::Tick`] is due at this time, if nothing happens before.
    pub deadline: Option<u64>,
}

/// What to show.
#[derive(Debug)]
pub struct Shown<'s, H> {
    /// The screen.
    pub view: View<'s, Verdict>,
    /// On the scan page alone: what would help to read the code in view.
    pub hint: Option<H>,
    /// With an answer alone: its pass was answered here before, and had been away for so long.
    pub seen_before: Option<Duration>,
}

impl Look {
    /// Judges what was read, by what held when the look was begun.
    pub fn judge(self, codes: Vec<ReadCode>, judge: &Judge<'_>) -> Judged {
        let judged = |code: ReadCode| {
            let verdict = judge.code(&code).for_stay(self.stay);
            (code.payload, verdict)
        };
        Judged { generation: self.generation, codes: codes.into_iter().map(judged).collect() }
    }
}

impl<H: Copy, B: BuildHasher> Scanner<H, B> {
    /// At the scan page.
    pub fn new(timing: Timing, hasher: B) -> Self {
        Self {
            presenter: Presenter::new(timing),
            hasher,
            sightings: Sightings::default(),
            away: timing.away,
            hint: None,
            generation: Generation::default(),
            check_in: None,
        }
    }

    /// Everything lasts so long from now on, also what is on the screen.
    pub fn set_timing(&mut self, timing: Timing) {
        self.away = timing.away;
        self.presenter.set_timing(timing);
    }

    /// Begins a look. What the codes will be judged by is asked for after this, and before the frame is read.
    #[must_use]
    pub fn look(&self) -> Look {
        Look { generation: self.generation, stay: self.check_in.as_ref().map(CheckIn::stays_until) }
    }

    /// Something has happened at this time.
    pub fn handle(&mut self, now: u64, event: Event<H>) -> Effects {
        let presenter = &mut self.presenter;
        let (mut new, mut counted, mut handed_in, mut in_view) = (None, None, false, Vec::new());
        match event {
            Event::Frame { codes, hint } => {
                self.hint = hint;
                let seen = self.presented(codes);
                in_view = seen.iter().filter_map(key_of).collect();
                new = self.presenter.frame(now, seen);
            }
            Event::Typed(text) => {
                handed_in = true;
                let half = text.codes.iter().any(|(payload, _)| breaks_off(payload));
                let seen = self.presented(text);
                new = self.presenter.typed(now, seen, if half { Unread::Half } else { Unread::Again });
            }
            Event::Pasted(text) => {
                handed_in = true;
                let seen = self.presented(text);
                new = self.presenter.pasted(now, seen);
            }
            Event::Opened(picture) => {
                handed_in = true;
                let seen = self.presented(picture);
                new = self.presenter.opened(now, seen);
            }
            Event::Unread(why) => {
                handed_in = true;
                presenter.unread(now, why);
            }
            Event::Rejudge => {
                self.generation.0 = self.generation.0.wrapping_add(1);
                presenter.rejudge(now);
            }
            Event::CheckIn(until) => {
                let before = self.check_in.take();
                // Only at the beginning: later on a pass still in view would come up again as another answer, unasked.
                if before.is_none() {
                    self.presenter.rejudge(now);
                } else {
                    self.presenter.dismiss(now);
                }
                self.generation.0 = self.generation.0.wrapping_add(1);
                self.check_in = match (before, until) {
                    (Some(mut booking), Some(until)) => {
                        booking.stay_until(until);
                        Some(booking)
                    }
                    (_, until) => until.map(CheckIn::new),
                };
            }
            Event::Tick => presenter.tick(now),
            Event::Dismiss => presenter.dismiss(now),
            Event::Mismatch => {
                counted = presenter.mismatch(now).then_some(tally::Event::Mismatch);
                self.note_mismatch(counted.is_some(), true);
            }
            Event::UndoMismatch => {
                counted = presenter.undo_mismatch(now).then_some(tally::Event::MismatchUndone);
                self.note_mismatch(counted.is_some(), false);
            }
            Event::Press => presenter.press(now),
            Event::Release => presenter.release(now),
            Event::Focus(focused) => presenter.focus(now, focused),
            Event::Camera(works) => presenter.camera(now, works),
        }
        if let (Some(Announcement(code)), Some(key)) = (new, self.presenter.answered()) {
            let shown = self.sightings.answered(now, key, code, self.away);
            counted = Some(tally::Event::Answer { code, shown });
        }
        in_view.into_iter().for_each(|key| self.sightings.seen(now, key));
        let view = self.presenter.view(now);
        let unread = handed_in && matches!(view, View::Unread { .. });
        let (announced, pause) = match view {
            View::Confirming => (None, Duration::ZERO),
            // Of several passes in the frame, the one that came up.
            View::Answer { answer, .. } => (new.map(|_| answer.clone()), PAUSE_AT_ANSWER),
            View::Mismatch { .. } => (None, PAUSE_AT_ANSWER),
            _ => (None, PAUSE),
        };
        if let (Some(booking), Some(verdict), Some(key)) = (&mut self.check_in, &announced, self.presenter.answered()) {
            booking.answered(key, verdict);
        }
        Effects { announced, counted, unread, pause, deadline: self.presenter.deadline() }
    }

    /// The booking whose guests are being checked in.
    pub fn check_in(&self) -> Option<&CheckIn> {
        self.check_in.as_ref()
    }

    fn note_mismatch(&mut self, happened: bool, mismatch: bool) {
        if let (true, Some(booking), Some(key)) = (happened, &mut self.check_in, self.presenter.answered()) {
            booking.mismatched(key, mismatch);
        }
    }

    /// What to show at this moment.
    pub fn view(&mut self, now: u64) -> Shown<'_, H> {
        let before = self.presenter.answered().and_then(|key| self.sightings.away(key));
        let view = self.presenter.view(now);
        let hint = self.hint.filter(|_| matches!(view, View::Scan { .. }));
        let seen_before = before.filter(|_| matches!(view, View::Answer { .. }));
        Shown { view, hint, seen_before }
    }

    fn presented(&self, judged: Judged) -> Vec<Presented<Verdict>> {
        // Judged by what no longer holds; dismissed as such, it would keep its pass quiet.
        if judged.generation != self.generation {
            return Vec::new();
        }
        let present = |(payload, verdict): (Vec<u8>, Verdict)| match verdict {
            Verdict::NotAPass(other) => Some(Presented::NotAPass(other)),
            screen => Some(Presented::Pass { key: self.hasher.hash_one(&payload), code: screen.code()?, screen }),
        };
        judged.codes.into_iter().filter_map(present).collect()
    }
}

fn key_of(presented: &Presented<Verdict>) -> Option<u64> {
    match presented {
        Presented::Pass { key, .. } => Some(*key),
        Presented::NotAPass(_) => None,
    }
}
