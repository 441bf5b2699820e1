//! Tells a scanner's keys from a person's, by their speed and their end.
//!
//! ```text
//!          key            looks like a pass, or eight keys          Enter, Tab, silence
//!  idle ─────────► undecided ───────────────────────► certain ──────────────────────► scan
//!   ▲                │    └── six keys, then Enter or Tab ──────────────────────────► scan
//!   └────────────────┘ too slow, or no end: the withheld keys are delivered
//! ```
//!
//! While it is undecided, keys are withheld: the first key of a scan must not turn a dial, and its Enter must not
//! press a button. So a person's keys are delivered late: a digit by [`FAST`], a letter with which passes begin
//! under some layout by up to [`START`]. Only who types on as a pass goes on (`GL`, `ПД`) waits twice or three
//! times that. Keys of a hand that rolls over the keyboard wait for its last, 245 ms at most.
//!
//! # How the times were chosen
//!
//! From what makers and studies publish; no scanner was at hand to be measured.
//!
//! - Scanners type as fast as USB or the radio carries two reports for each key, a press and a release: some
//!   milliseconds. Their manuals offer a pause between keys for hosts that lose some: 12 ms by default and 35 to 50 ms
//!   with tablets in one (MagTek), up to 990 ms in another (Datalogic).
//! - People leave some 240 ms between keys, fast ones 120 (Dhakal et al., "Observations on Typing from 136 Million
//!   Keystrokes", 2018); where fingers roll it is far less, but not eight times in a row.
//! - A radio that has to repeat itself leaves gaps in the middle of a code, and a window that is drawing takes up
//!   keys late and then all at once. So the first keys decide, and gaps after them are forgiven; and a tick that
//!   comes late decides nothing, for keys may be waiting behind it.

use super::key::{Kind, Press, classify};

/// Keys no further apart than this, in milliseconds, are a machine's.
pub const FAST: u64 = 35;
/// The same for a text that begins like a pass in some layout: slow scanners are recognised by their passes.
pub const START: u64 = 80;
/// Eight keys no further apart than this are a slow machine's; a person's fastest runs are shorter.
const RUN: u64 = 50;
/// A scan without Enter or Tab has ended after so long.
pub const SILENCE: u64 = 500;
/// A tick so late says that the window was busy. Timers are punctual to a millisecond or two.
const LATE: u64 = 5;
/// No window is busy for longer: time has passed even if nobody said so.
const STALL: u64 = 1_000;
/// Further Enters and Tabs belong to the scan: some scanners are set to send two.
const AFTER_ENDING: u64 = 100;
/// The same after a scan that ended in silence: its Enter may have been delayed by the radio.
const AFTER_SILENCE: u64 = 1_000;

/// So many keys at a machine's speed, followed by Enter or Tab, are a scan: the shortest retail code has 8.
const MIN_KEYS: usize = 6;
/// So many in one run are a machine's, however they end.
const SURE_KEYS: usize = 8;
/// Longest text of a scan, in characters. A QR code holds 4,296 letters, a pass 1,024.
pub const MAX_TEXT: usize = 5_000;
/// What was delivered is remembered up to here, in bytes: the head of a pass may be among it.
const MAX_REMEMBERED: usize = 64;
/// Most events withheld; modifiers and repeats come on top of the keys.
const MAX_WITHHELD: usize = 64;
/// How a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With Enter.
    Enter,
    /// With Tab.
    Tab,
    /// Nothing came any more: a scanner that sends no Enter, or half a code.
    Silence,
    /// After [`MAX_TEXT`] characters. What follows is swallowed.
    TooLong,
}

/// What a scanner has typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The text as it arrived, in whatever layout.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
    /// How many keys without text came in between: control keys of the code, or a person at the keyboard.
    pub ignored: usize,
    /// How many of its first characters had been delivered as a person's before it was known: where the radio
    /// stuttered just then, and for codes other than passes from scanners slower than [`FAST`].
    pub leaked: usize,
}

/// What becomes of the key just pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate<E> {
    /// It is a person's: deliver it now, after [`Outcome::late`].
    Deliver(E),
    /// Do not deliver it: it is part of a scan, or withheld until that is known.
    Keep,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<E> {
    /// Withheld until now and a person's after all: to be delivered, in this order.
    pub late: Vec<E>,
    /// A finished scan.
    pub scan: Option<Scan>,
    /// The key itself.
    pub key: Fate<E>,
}

/// The state of typing. `E` is the window's own event, which it gets back to deliver.
///
/// Time is milliseconds of a clock that goes only forward.
#[derive(Debug)]
pub struct Burst<E> {
    starts: Vec<String>,
    state: State,
    /// When the state ends, unless a key comes.
    due: u64,
    /// Whether a late tick has already been passed over.
    excused: bool,
    /// What was typed lately: first what was delivered, then what is withheld.
    text: String,
    /// Where in `text` the withheld part begins.
    from: usize,
    /// Where in `text` the current run begins.
    run_from: usize,
    /// Keys of the current run, and those of them that are withheld.
    run: usize,
    pending: usize,
    /// A gap was measured that is too long for a machine.
    slow: bool,
    ignored: usize,
    leaked: usize,
    withheld: Vec<E>,
    last: u64,
    /// Until when an Enter or Tab belongs to the scan before it.
    after: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Undecided,
    Certain,
    /// A scan that was too long has been reported; its rest is swallowed.
    Draining,
}

impl<E> Burst<E> {
    /// Nothing typed yet. What begins with one of these starts is a scan even from a slow scanner:
    /// [`Layouts::starts`](super::layout::Layouts::starts).
    pub fn new(starts: Vec<String>) -> Self {
        Self {
            starts: starts.into_iter().filter(|start| !start.is_empty()).collect(),
            state: State::Idle,
            due: 0,
            excused: false,
            text: String::new(),
            from: 0,
            run_from: 0,
            run: 0,
            pending: 0,
            slow: false,
            ignored: 0,
            leaked: 0,
            withheld: Vec::new(),
            last: 0,
            after: 0,
        }
    }

    /// When [`Self::tick`] is due, if no key comes before.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        (self.state != State::Idle).then_some(self.due)
    }

    /// Time has passed. Keys that wait in the window's queue are to be handed in first, as far as it can be helped.
    pub fn tick(&mut self, now: u64) -> Outcome<E> {
        let mut outcome = Outcome { late: Vec::new(), scan: None, key: Fate::Keep };
        if self.state == State::Idle || now < self.due {
            return outcome;
        }
        if now - self.due > LATE && !self.excused {
            self.excused = true;
            self.due = now.saturating_add(FAST);
            return outcome;
        }
        self.expire(now, &mut outcome);
        outcome
    }

    /// A key was pressed, or reported again because it is held down. Releases concern nobody.
    pub fn key(&mut self, now: u64, press: Press<'_>, repeat: bool, event: E) -> Outcome<E> {
        let mut outcome = Outcome { late: Vec::new(), scan: None, key: Fate::Keep };
        if self.state != State::Idle && now.saturating_sub(self.due) > STALL {
            self.expire(now, &mut outcome);
        }
        outcome.key = match classify(press, repeat) {
            Kind::Text(text) => self.text(now, text, event, &mut outcome),
            Kind::Ending(ending) => self.ending(now, ending, event, &mut outcome),
            Kind::Quiet => self.quiet(event, &mut outcome),
            Kind::Other => self.other(event, &mut outcome),
        };
        outcome
    }

    fn text(&mut self, now: u64, text: &str, event: E, outcome: &mut Outcome<E>) -> Fate<E> {
        let gap = now.saturating_sub(self.last);
        self.last = now;
        self.excused = false;
        self.after = 0;
        match self.state {
            State::Draining => {
                self.due = now.saturating_add(SILENCE);
                return Fate::Keep;
            }
            State::Certain => return self.more(now, text, outcome),
            // Past the deadline without a tick, the window was busy, and the gap is not the scanner's.
            State::Undecided => self.slow |= gap > FAST && now <= self.due,
            State::Idle if gap >= SILENCE => self.forget(),
            State::Idle => self.trim(),
        }
        if self.state == State::Undecided && self.slow && !self.begins(&format!("{}{text}", self.withheld_text())) {
            self.release(outcome);
        }
        if self.state == State::Idle && gap >= RUN {
            (self.run, self.run_from) = (0, self.text.len());
        }
        self.text.push_str(text);
        self.run += 1;
        self.pending += 1;
        self.withheld.push(event);
        let start = self.starts.iter().filter_map(|start| self.text.find(start.as_str())).min();
        if start.is_some() || self.run >= SURE_KEYS {
            self.state = State::Certain;
            self.cut(start.unwrap_or(self.run_from));
            self.withheld.clear();
            self.due = now.saturating_add(SILENCE);
            return Fate::Keep;
        }
        self.state = State::Undecided;
        self.due = now.saturating_add(if self.begins(self.withheld_text()) { START } else { FAST });
        self.relieve(outcome);
        Fate::Keep
    }

    /// One more key of a certain scan.
    fn more(&mut self, now: u64, text: &str, outcome: &mut Outcome<E>) -> Fate<E> {
        self.due = now.saturating_add(SILENCE);
        // No character is longer than 4 bytes: counting them is put off until it matters.
        if self.text.len() + text.len() > MAX_TEXT && self.text.chars().count() + text.chars().count() > MAX_TEXT {
            self.finish(now, Ending::TooLong, outcome);
            self.state = State::Draining;
        } else {
            self.text.push_str(text);
        }
        Fate::Keep
    }

    fn ending(&mut self, now: u64, ending: Ending, event: E, outcome: &mut Outcome<E>) -> Fate<E> {
        match self.state {
            State::Certain => self.finish(now, ending, outcome),
            State::Undecided if self.pending >= MIN_KEYS => {
                self.cut(self.run_from);
                self.finish(now, ending, outcome);
            }
            State::Draining => {
                self.state = State::Idle;
                self.after = now.saturating_add(AFTER_ENDING);
            }
            State::Idle if now < self.after => {}
            State::Idle | State::Undecided => {
                self.release(outcome);
                self.forget();
                return Fate::Deliver(event);
            }
        }
        Fate::Keep
    }

    /// A modifier, dead key or repeat: it takes no part, and only keeps its place among the withheld.
    fn quiet(&mut self, event: E, outcome: &mut Outcome<E>) -> Fate<E> {
        match self.state {
            State::Idle => Fate::Deliver(event),
            State::Undecided => {
                self.withheld.push(event);
                self.relieve(outcome);
                Fate::Keep
            }
            State::Certain | State::Draining => Fate::Keep,
        }
    }

    fn other(&mut self, event: E, outcome: &mut Outcome<E>) -> Fate<E> {
        match self.state {
            State::Undecided if self.pending >= MIN_KEYS => {
                self.ignored += 1;
                self.quiet(event, outcome)
            }
            State::Idle | State::Undecided => {
                self.release(outcome);
                self.forget();
                Fate::Deliver(event)
            }
            State::Certain | State::Draining => {
                self.ignored += 1;
                Fate::Keep
            }
        }
    }

    /// Nothing more has come.
    fn expire(&mut self, now: u64, outcome: &mut Outcome<E>) {
        match self.state {
            State::Idle => {}
            State::Undecided => self.release(outcome),
            State::Certain => self.finish(now, Ending::Silence, outcome),
            State::Draining => {
                self.state = State::Idle;
                self.after = now.saturating_add(AFTER_SILENCE);
            }
        }
    }

    fn finish(&mut self, now: u64, ending: Ending, outcome: &mut Outcome<E>) {
        let text = std::mem::take(&mut self.text);
        outcome.scan = Some(Scan { text, ending, ignored: self.ignored, leaked: self.leaked });
        self.forget();
        self.state = State::Idle;
        self.withheld.clear();
        let after = if ending == Ending::Silence { AFTER_SILENCE } else { AFTER_ENDING };
        self.after = now.saturating_add(after);
    }

    /// They were a person's. Their text is remembered: it may be the head of a slow scanner's code after all.
    fn release(&mut self, outcome: &mut Outcome<E>) {
        outcome.late.append(&mut self.withheld);
        self.from = self.text.len();
        (self.pending, self.slow, self.ignored) = (0, false, 0);
        self.state = State::Idle;
    }

    fn relieve(&mut self, outcome: &mut Outcome<E>) {
        if self.withheld.len() > MAX_WITHHELD {
            self.release(outcome);
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.text.clear();
        (self.from, self.run_from, self.run, self.pending, self.slow, self.ignored) = (0, 0, 0, 0, false, 0);
        self.leaked = 0;
    }

    /// Forgets the older half of what was delivered, once it is too much.
    fn trim(&mut self) {
        if self.text.len() > MAX_REMEMBERED {
            let middle = self.text.ceil_char_boundary(self.text.len() / 2);
            self.text.drain(..middle);
            self.from = self.text.len();
            self.run_from = self.run_from.saturating_sub(middle);
        }
    }

    /// The scan begins here. Withheld keys before that cannot be told from a prefix that the scanner is set to send.
    fn cut(&mut self, begin: usize) {
        let begin = begin.min(self.from);
        self.leaked = self.text.get(begin..self.from).unwrap_or_default().chars().count();
        self.text.drain(..begin);
        self.from = 0;
    }

    fn withheld_text(&self) -> &str {
        self.text.get(self.from..).unwrap_or_default()
    }

    /// Whether a start begins with this.
    fn begins(&self, text: &str) -> bool {
        self.starts.iter().any(|start| start.starts_with(text))
    }
}
