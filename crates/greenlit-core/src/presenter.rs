//! What the till shows now: confirms, holds, repeats, times out. A pure state machine.
//!
//! ```text
//!          a pass ──────────────► Answer ─── its time is over and its pass has left, or dismissed ──► Scan
//! Scan ─── FMT or SIG once ─────► Confirming ─── read again within 2 s ──► Answer
//!          two different passes ► OneAtATime ─── one alone for 300 ms ──► Answer, none for 1.5 s ──► Scan
//! Answer ─ does not match the ID ► Mismatch ─── undone within 5 s ──► Answer
//! any  ─── typed, no answer ─────► Unread ─── its time is over, or dismissed ──► Scan
//! any  ─── no focus for 60 s ───► Cleared ─── focus ──► Scan
//! ```
//!
//! - A different pass takes the place of an answer at once. The same pass held in view is one answer,
//!   announced once, also when some frames miss it.
//! - A misread code looks malformed or forged, so `FMT` and `SIG` need a second reading. A reading of a good
//!   pass in between shows that the first was a misreading, and it no longer counts.
//! - What a pass says lives as long as its screen. Afterwards nothing but a keyed hash of its text stays here, for
//!   seconds, so that the same pass is not announced again before it leaves.
//!
//! The presenter reads no clock: every call says what time it is, in milliseconds of a clock that goes only forward.
//! How often it is called changes nothing but how soon a screen that is over is dropped.

mod deadline;
mod handed;
mod memory;
mod timing;

pub use timing::Timing;

use crate::answer::{Answer, Code};
use crate::pass::NotAPass;
use crate::unread::Unread;
use handed::{Handed, ShownUnread};
use memory::{Silenced, Unconfirmed};
use timing::MonotonicClock;

/// One code found in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented<T> {
    /// A text that begins like a pass, judged.
    Pass {
        /// A hash of the text by a key made at start, so that what is remembered means nothing elsewhere.
        key: u64,
        /// The judgement.
        code: Code,
        /// What its screen will show; dropped with that screen, or at once if there is none.
        screen: T,
    },
    /// Something else, which accuses nobody.
    NotAPass(NotAPass),
}

/// A new answer has come up: the moment for one beep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement(pub Code);

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View<'g, T> {
    /// The scan page.
    Scan {
        /// What is held up instead of a pass.
        notice: Option<&'g NotAPass>,
        /// The pass in view has had its answer: it is silent until it leaves.
        checked: bool,
    },
    /// In place of the scan page while the camera is in trouble.
    NoCamera,
    /// The scan page still: a text looks malformed or forged, and is to be read once more.
    Confirming,
    /// An answer.
    Answer {
        /// What was handed in with the pass.
        answer: &'g T,
        /// Why.
        code: Code,
        /// For how many milliseconds it has been shown.
        shown_for: u64,
        /// How much of its time is left, from 1 down to 0.
        remaining: f32,
        /// Whether a finger holds it.
        paused: bool,
    },
    /// A valid pass, and somebody else who shows it. Nothing that the pass says is on the screen.
    Mismatch {
        /// How much of its time is left, from 1 down to 0.
        remaining: f32,
        /// Whether a finger holds it.
        paused: bool,
        /// Whether it can still be undone.
        undoable: bool,
    },
    /// Why what was handed in has no answer.
    Unread {
        /// Why.
        why: &'g Unread,
        /// How much of its time is left, from 1 down to 0.
        remaining: f32,
        /// Whether a finger holds it.
        paused: bool,
    },
    /// Several different passes are in view.
    OneAtATime,
    /// Nobody was here for a while, and nothing is shown or kept.
    Cleared,
}

#[derive(Debug)]
struct Reading<T> {
    key: u64,
    code: Code,
    screen: T,
}

#[derive(Debug)]
struct ShownAnswer<T> {
    key: u64,
    code: Code,
    /// `None` once a mismatch cannot be undone any more.
    screen: Option<T>,
    /// Since when it is known not to match the ID.
    mismatch: Option<u64>,
    shown: u64,
    seen: u64,
    /// Time shown without being held.
    ran: u64,
}

#[derive(Debug)]
enum Screen<T> {
    Scan,
    Answer(ShownAnswer<T>),
    Unread(ShownUnread),
    OneAtATime {
        seen: u64,
        /// The only pass in the last frames, and since when.
        alone: Option<(u64, u64)>,
    },
    Cleared,
}

impl<T> ShownAnswer<T> {
    /// How long it is shown.
    fn time(&self, timing: Timing) -> u64 {
        if self.mismatch.is_some() { timing.other } else { timing.time_of(self.code) }
    }
}

/// The state of the screen.
#[derive(Debug)]
pub struct Presenter<T> {
    timing: Timing,
    clock: MonotonicClock,
    screen: Screen<T>,
    suspects: Unconfirmed,
    quiet: Silenced,
    /// The pass whose place the one on the screen took, and when it was last seen.
    replaced: Option<(u64, u64)>,
    notice: Option<(NotAPass, u64)>,
    handed: Handed,
    pressed: Option<u64>,
    unfocused: Option<u64>,
    camera: bool,
}

impl<T> Default for Presenter<T> {
    fn default() -> Self {
        Self::new(Timing::default())
    }
}

impl<T> Presenter<T> {
    /// At the scan page, with focus and a working camera.
    pub fn new(timing: Timing) -> Self {
        Self {
            timing,
            clock: MonotonicClock::default(),
            screen: Screen::Scan,
            suspects: Unconfirmed::default(),
            quiet: Silenced::default(),
            replaced: None,
            notice: None,
            handed: Handed::default(),
            pressed: None,
            unfocused: None,
            camera: true,
        }
    }

    /// Everything lasts so long from now on, also what is on the screen.
    pub fn set_timing(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// All codes of one decoded frame, also when there are none.
    #[must_use]
    pub fn frame(&mut self, now: u64, seen: impl IntoIterator<Item = Presented<T>>) -> Option<Announcement> {
        self.tick(now);
        if matches!(self.screen, Screen::Cleared) {
            return None;
        }
        let (passes, others) = sorted(seen);
        if passes.is_empty() {
            self.note(others);
        }
        let mut sure = self.sure(passes).into_iter();
        match (sure.next(), sure.next()) {
            (None, _) => None,
            (Some(read), None) => self.one(read),
            (Some(_), Some(_)) => {
                self.several(None);
                None
            }
        }
    }

    /// Lets time pass. A screen that is over is dropped here, so call it several times a second.
    pub fn tick(&mut self, now: u64) {
        let before = self.clock.now();
        self.clock.advance(now);
        let (clock, timing) = (self.clock, self.timing);
        // The countdown runs from where the finger lets go, or has held long enough.
        let runs_from = self.pressed.map_or(before, |pressed| before.max(pressed.saturating_add(timing.hold)));
        self.pressed = self.pressed.filter(|pressed| clock.since(*pressed) < timing.hold);
        if self.unfocused.is_some_and(|since| clock.since(since) >= timing.unfocused) {
            self.clear();
        }
        self.suspects.forget_old(clock, timing.confirm);
        self.quiet.forget_old(clock);
        self.replaced = self.replaced.filter(|(_, seen)| clock.since(*seen) < timing.swap);
        self.notice.take_if(|(_, seen)| clock.since(*seen) >= timing.notice);
        self.handed.asked.take_if(|(_, seen)| clock.since(*seen) >= timing.again);
        self.handed.answered.take_if(|(_, at)| clock.since(*at) >= timing.swap);
        let over = match &mut self.screen {
            Screen::Answer(standing) => {
                standing.ran = standing.ran.saturating_add(clock.since(runs_from));
                if standing.mismatch.is_some_and(|since| clock.since(since) >= timing.undo) {
                    standing.screen = None;
                }
                let left = clock.since(standing.seen) >= timing.away;
                let outstayed = standing.ran >= timing.longest;
                if outstayed && !left {
                    self.quiet.add(standing.key, standing.seen, timing.away);
                }
                outstayed || left && standing.ran >= standing.time(timing)
            }
            Screen::Unread(shown) => {
                shown.ran = shown.ran.saturating_add(clock.since(runs_from));
                shown.ran >= timing.other
            }
            Screen::OneAtATime { seen, .. } => clock.since(*seen) >= timing.none,
            Screen::Scan | Screen::Cleared => false,
        };
        if over {
            self.screen = Screen::Scan;
        }
    }

    /// A finger is on the screen: the countdown waits.
    pub fn press(&mut self, now: u64) {
        self.tick(now);
        self.pressed = self.pressed.or(Some(self.clock.now()));
    }

    /// The finger is gone: the countdown goes on.
    pub fn release(&mut self, now: u64) {
        self.tick(now);
        self.pressed = None;
    }

    /// Back to the scan page. A pass still in view is silent until it leaves.
    pub fn dismiss(&mut self, now: u64) {
        self.tick(now);
        self.notice = None;
        match std::mem::replace(&mut self.screen, Screen::Scan) {
            Screen::Cleared => self.screen = Screen::Cleared,
            Screen::Answer(done) => {
                self.quiet.add(done.key, done.seen, self.timing.away_dismissed);
            }
            Screen::Scan | Screen::Unread(_) | Screen::OneAtATime { .. } => (),
        }
    }

    /// The valid pass on the screen is not that of whoever shows it; whether there was one.
    pub fn mismatch(&mut self, now: u64) -> bool {
        self.tick(now);
        let now = self.clock.now();
        match &mut self.screen {
            // Nobody compares that fast: the finger was meant for the answer before.
            Screen::Answer(standing)
                if standing.code.answer() == Answer::Valid
                    && standing.mismatch.is_none()
                    && now.saturating_sub(standing.shown) >= self.timing.swap =>
            {
                (standing.mismatch, standing.ran) = (Some(now), 0);
                true
            }
            _ => false,
        }
    }

    /// It was a slip of the finger: back to the answer, if that is not over yet.
    pub fn undo_mismatch(&mut self, now: u64) -> bool {
        self.tick(now);
        match &mut self.screen {
            Screen::Answer(standing) if standing.mismatch.is_some() && standing.screen.is_some() => {
                (standing.mismatch, standing.ran) = (None, 0);
                true
            }
            _ => false,
        }
    }

    /// What passes are judged by has changed, as when the clock was set: an answer given before counts no
    /// more, and a pass still in view is judged anew.
    pub fn rejudge(&mut self, now: u64) {
        self.tick(now);
        if !matches!(self.screen, Screen::Cleared) {
            self.screen = Screen::Scan;
        }
        self.suspects = Unconfirmed::default();
        self.quiet = Silenced::default();
        self.replaced = None;
        self.handed = Handed::default();
    }

    /// The window got or lost the focus.
    pub fn focus(&mut self, now: u64, focused: bool) {
        self.tick(now);
        if !focused {
            self.unfocused = self.unfocused.or(Some(self.clock.now()));
            // The finger may be lifted over another window, and nobody would say so here.
            self.pressed = None;
            return;
        }
        self.unfocused = None;
        if matches!(self.screen, Screen::Cleared) {
            self.screen = Screen::Scan;
        }
    }

    /// The camera works, or does not. An answer stands either way; a typed or pasted pass still gets one.
    pub fn camera(&mut self, now: u64, ok: bool) {
        self.tick(now);
        self.camera = ok;
    }

    /// The pass whose answer is on the screen, or was when time last passed here.
    pub(crate) fn answered(&self) -> Option<u64> {
        if let Screen::Answer(standing) = &self.screen { Some(standing.key) } else { None }
    }

    /// What to show at this moment.
    pub fn view(&mut self, now: u64) -> View<'_, T> {
        self.tick(now);
        match &self.screen {
            Screen::Answer(standing) => {
                let (time, paused) = (standing.time(self.timing), self.pressed.is_some());
                let remaining = timing::remaining(time, standing.ran);
                match &standing.screen {
                    Some(answer) if standing.mismatch.is_none() => {
                        let shown_for = self.clock.since(standing.shown);
                        View::Answer { answer, code: standing.code, shown_for, remaining, paused }
                    }
                    undoable => View::Mismatch { remaining, paused, undoable: undoable.is_some() },
                }
            }
            Screen::Unread(ShownUnread { why, ran }) => {
                let (remaining, paused) = (timing::remaining(self.timing.other, *ran), self.pressed.is_some());
                View::Unread { why, remaining, paused }
            }
            Screen::OneAtATime { .. } => View::OneAtATime,
            Screen::Cleared => View::Cleared,
            Screen::Scan if self.suspects.waiting() => View::Confirming,
            Screen::Scan if self.notice.is_none() && !self.camera => View::NoCamera,
            Screen::Scan => View::Scan {
                notice: self.notice.as_ref().map(|(kind, _)| kind),
                checked: self.quiet.in_view(self.clock, self.timing.in_view),
            },
        }
    }

    /// Of the passes in a frame those that count: all but the doubtful that were not read before.
    fn sure(&mut self, mut passes: Vec<Reading<T>>) -> Vec<Reading<T>> {
        if passes.iter().any(|read| !is_doubtful(read.code)) {
            self.suspects.keep(|key| passes.iter().any(|read| read.key == key));
        }
        passes.retain(|read| {
            self.quiet.seen(read.key, self.clock);
            !is_doubtful(read.code)
                || self.is_standing(read)
                || self.quiet.has(read.key)
                || self.suspects.read(read.key, self.clock)
        });
        passes
    }

    /// Whether this is the pass on the screen, judged as it was, and not gone in between.
    fn is_standing(&self, read: &Reading<T>) -> bool {
        // One that does not match the ID is no better for having been taken away for a moment.
        matches!(&self.screen, Screen::Answer(standing) if standing.key == read.key
            && standing.code == read.code
            && (standing.mismatch.is_some() || self.clock.since(standing.seen) < self.timing.away))
    }

    /// A single pass is in view.
    fn one(&mut self, read: Reading<T>) -> Option<Announcement> {
        let (same, was_there) = (self.is_standing(&read), self.was_there(&read));
        let now = self.clock.now();
        match &mut self.screen {
            Screen::Answer(standing) if same => {
                standing.seen = now;
                None
            }
            Screen::OneAtATime { seen, alone } => {
                *seen = now;
                let since = alone.filter(|(key, _)| *key == read.key).map_or(now, |(_, since)| since);
                *alone = Some((read.key, since));
                if self.clock.since(since) >= self.timing.alone { Some(self.show(read)) } else { None }
            }
            _ if self.quiet.has(read.key) => None,
            _ if was_there => {
                self.several(Some(read.key));
                None
            }
            _ => Some(self.show(read)),
        }
    }

    /// Whether this pass was in view beside the one on the screen, though no frame held both. A doubtful one
    /// proves nothing of the kind: it may be this very pass misread.
    fn was_there(&self, read: &Reading<T>) -> bool {
        let Screen::Answer(standing) = &self.screen else { return false };
        self.replaced.is_some_and(|(key, _)| key == read.key) && !is_doubtful(standing.code) && !is_doubtful(read.code)
    }

    fn show(&mut self, read: Reading<T>) -> Announcement {
        let (now, key, code) = (self.clock.now(), read.key, read.code);
        self.replaced = match &self.screen {
            Screen::Answer(standing) if standing.key != key => Some((standing.key, standing.seen)),
            _ => None,
        };
        self.suspects.keep(|suspect| suspect != key);
        let screen = Some(read.screen);
        self.screen = Screen::Answer(ShownAnswer { key, code, screen, mismatch: None, shown: now, seen: now, ran: 0 });
        Announcement(code)
    }

    /// Different passes are in view, perhaps in turn, so that one alone was seen last.
    fn several(&mut self, last: Option<u64>) {
        let now = self.clock.now();
        // Whichever remains is the one that is meant, also if its answer was dismissed before.
        self.quiet = Silenced::default();
        self.replaced = None;
        self.screen = Screen::OneAtATime { seen: now, alone: last.map(|key| (key, now)) };
    }

    /// Names what is in view instead of a pass; of several things the one already named, or else the first.
    fn note(&mut self, others: Vec<NotAPass>) {
        let now = self.clock.now();
        match &mut self.notice {
            Some((kind, seen)) if others.contains(kind) => *seen = now,
            _ => self.notice = others.into_iter().next().map(|kind| (kind, now)).or(self.notice.take()),
        }
    }

    fn clear(&mut self) {
        self.screen = Screen::Cleared;
        self.suspects = Unconfirmed::default();
        self.quiet = Silenced::default();
        (self.replaced, self.notice, self.pressed, self.handed) = (None, None, None, Handed::default());
    }
}

/// Whether misreading a good pass gives this too.
fn is_doubtful(code: Code) -> bool {
    matches!(code, Code::Malformed | Code::Signature)
}

/// The passes of a frame, each once however often it is in view, and what else there is.
fn sorted<T>(seen: impl IntoIterator<Item = Presented<T>>) -> (Vec<Reading<T>>, Vec<NotAPass>) {
    let (mut passes, mut others) = (Vec::<Reading<T>>::new(), Vec::new());
    for seen in seen {
        match seen {
            Presented::Pass { key, .. } if passes.iter().any(|read| read.key == key) => (),
            Presented::Pass { key, code, screen } => passes.push(Reading { key, code, screen }),
            Presented::NotAPass(kind) => others.push(kind),
        }
    }
    (passes, others)
}
