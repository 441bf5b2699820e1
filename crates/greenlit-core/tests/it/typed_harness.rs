//! A keyboard, a scanner and a window's event loop, on a clock of their own.

use std::rc::Rc;

use greenlit_core::typed::Press;
use greenlit_core::typed::burst::{Burst, Fate, Outcome, Scan};
use greenlit_core::typed::layout::Layouts;

/// A key that is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Text(String),
    Enter,
    Tab,
    Modifier,
    Other,
}

impl Key {
    fn press(&self) -> Press<'_> {
        match self {
            Self::Text(text) => Press::Text(text),
            Self::Enter => Press::Enter,
            Self::Tab => Press::Tab,
            Self::Modifier => Press::Modifier,
            Self::Other => Press::Other,
        }
    }
}

/// What a window does with the keys that come to it.
pub(crate) struct Window {
    pub(crate) burst: Burst<(usize, Rc<()>)>,
    held: Rc<()>,
    /// Every key, and when it came.
    pub(crate) keys: Vec<(Key, bool, u64)>,
    /// Which keys were delivered, and when.
    pub(crate) delivered: Vec<(usize, u64)>,
    pub(crate) scans: Vec<Scan>,
    pub(crate) now: u64,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self::after(0)
    }

    pub(crate) fn after(now: u64) -> Self {
        let burst = Burst::new(Layouts::new().starts());
        Self { burst, held: Rc::new(()), keys: vec![], delivered: vec![], scans: vec![], now }
    }

    /// Time passes, and ticks are punctual.
    pub(crate) fn wait(&mut self, milliseconds: u64) {
        let until = self.now + milliseconds;
        while let Some(due) = self.burst.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.tick();
        }
        self.now = until;
    }

    /// Whatever is due has happened.
    pub(crate) fn rest(&mut self) {
        self.wait(10_000);
        assert_eq!((self.burst.deadline(), self.withheld()), (None, 0));
    }

    pub(crate) fn tick(&mut self) {
        let outcome = self.burst.tick(self.now);
        assert_eq!(outcome.key, Fate::Keep);
        self.take(outcome);
    }

    pub(crate) fn press(&mut self, key: Key, repeat: bool) {
        let id = self.keys.len();
        self.keys.push((key.clone(), repeat, self.now));
        let outcome = self.burst.key(self.now, key.press(), repeat, (id, Rc::clone(&self.held)));
        self.take(outcome);
    }

    pub(crate) fn key(&mut self, key: Key) {
        self.press(key, false);
    }

    /// Types a text with so many milliseconds before each key.
    pub(crate) fn types(&mut self, text: &str, gap: u64) {
        self.types_unevenly(text, |_| gap);
    }

    pub(crate) fn types_unevenly(&mut self, text: &str, mut gap: impl FnMut(usize) -> u64) {
        for (at, c) in text.chars().enumerate() {
            self.wait(gap(at));
            self.key(Key::Text(c.to_string()));
        }
    }

    pub(crate) fn enter(&mut self, gap: u64) {
        self.wait(gap);
        self.key(Key::Enter);
    }

    fn take(&mut self, outcome: Outcome<(usize, Rc<()>)>) {
        let key = match outcome.key {
            Fate::Deliver(key) => Some(key),
            Fate::Keep => None,
        };
        self.delivered.extend(outcome.late.into_iter().chain(key).map(|(id, _)| (id, self.now)));
        self.scans.extend(outcome.scan);
    }

    /// How many events are held back at this moment.
    pub(crate) fn withheld(&self) -> usize {
        Rc::strong_count(&self.held) - 1
    }

    /// What those who have the focus got, keys without text left out.
    pub(crate) fn delivered_text(&self) -> String {
        self.delivered.iter().map(|(id, _)| text_of(&self.keys[*id].0)).collect()
    }

    /// The longest that a delivered key was held back.
    pub(crate) fn longest_delay(&self) -> u64 {
        self.delivered.iter().map(|(id, at)| at - self.keys[*id].2).max().unwrap_or_default()
    }
}

pub(crate) fn text_of(key: &Key) -> &str {
    match key {
        Key::Text(text) => text,
        Key::Enter => "\n",
        Key::Tab => "\t",
        Key::Modifier | Key::Other => "",
    }
}
