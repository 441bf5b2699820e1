//! Keys on their way to the window: those of a hand scanner are kept from it, a person's go on.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use slint::platform::WindowEvent;
use slint::{ComponentHandle, SharedString, Timer, TimerMode};

use greenlit_core::typed::Press;
use greenlit_core::typed::burst::{Burst, Fate, Outcome, Scan};
use greenlit_ui::App;

/// Slint's texts for Shift, Control, Alt, AltGr, Caps Lock and Meta.
const MODIFIERS: std::ops::RangeInclusive<char> = '\u{10}'..='\u{18}';

/// The keys that are on their way.
pub(crate) struct Typing {
    app: slint::Weak<App>,
    burst: RefCell<Burst<SharedString>>,
    /// Withheld until it was clear that a person had typed them; in this order they go on.
    late: RefCell<VecDeque<SharedString>>,
    /// What comes now was withheld before.
    passing: Cell<bool>,
    timer: Timer,
    started: Instant,
    /// So much later than it is, for tests.
    later: Cell<Duration>,
    scanned: Box<dyn Fn(&Scan)>,
}

impl Typing {
    /// `starts` are what a pass begins with; `scanned` is called with whatever a hand scanner has typed.
    pub(crate) fn new(app: &App, starts: Vec<String>, scanned: impl Fn(&Scan) + 'static) -> Rc<Self> {
        Rc::new(Self {
            app: app.as_weak(),
            burst: RefCell::new(Burst::new(starts)),
            late: RefCell::default(),
            passing: Cell::default(),
            timer: Timer::default(),
            started: Instant::now(),
            later: Cell::default(),
            scanned: Box::new(scanned),
        })
    }

    /// A key, before anything in the window sees it; whether it is kept from there. `combined` says that Control,
    /// Alt or Meta is held with it.
    pub(crate) fn key(self: &Rc<Self>, text: &SharedString, combined: bool, repeat: bool) -> bool {
        if self.passing.get() {
            return false;
        }
        let press = match text.chars().next() {
            Some(key) if MODIFIERS.contains(&key) => Press::Modifier,
            _ if combined => Press::Other,
            _ => Press::Text(text),
        };
        let Outcome { late, scan, key } = self.burst.borrow_mut().key(self.now(), press, repeat, text.clone());
        let mut waiting = self.late.borrow_mut();
        waiting.extend(late);
        let kept = match key {
            Fate::Keep => true,
            Fate::Deliver(_) if waiting.is_empty() => false,
            // Not before those that came before it.
            Fate::Deliver(key) => {
                waiting.push_back(key);
                true
            }
        };
        drop(waiting);
        self.go_on(scan.as_ref());
        kept
    }

    /// Time has passed.
    pub(crate) fn tick(self: &Rc<Self>) {
        let outcome = self.burst.borrow_mut().tick(self.now());
        self.late.borrow_mut().extend(outcome.late);
        self.deliver();
        self.go_on(outcome.scan.as_ref());
    }

    fn go_on(self: &Rc<Self>, scan: Option<&Scan>) {
        if let Some(scan) = scan {
            (self.scanned)(scan);
        }
        // Not from within a key's own event.
        let wait = if self.late.borrow().is_empty() {
            let Some(deadline) = self.burst.borrow().deadline() else { return };
            Duration::from_millis(deadline.saturating_sub(self.now()))
        } else {
            Duration::ZERO
        };
        let this: Weak<Self> = Rc::downgrade(self);
        self.timer.start(TimerMode::SingleShot, wait, move || this.upgrade().iter().for_each(Self::tick));
    }

    fn deliver(&self) {
        let Some(app) = self.app.upgrade() else { return };
        self.passing.set(true);
        while let Some(text) = { self.late.borrow_mut().pop_front() } {
            // Slint has seen it before we did, and it may still be held.
            if text.chars().all(|key| MODIFIERS.contains(&key)) {
                continue;
            }
            app.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            app.window().dispatch_event(WindowEvent::KeyReleased { text });
        }
        self.passing.set(false);
    }

    fn now(&self) -> u64 {
        u64::try_from((self.started.elapsed() + self.later.get()).as_millis()).unwrap_or(u64::MAX)
    }

    /// Lets so much time pass, as far as keys are concerned.
    #[cfg(test)]
    pub(crate) fn pass(self: &Rc<Self>, time: Duration) {
        self.later.set(self.later.get() + time);
        self.tick();
    }
}
