//! The window: the only module that names Slint. Snapshots go in, what people do comes out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use slint::{ComponentHandle, SharedString, Timer, TimerMode};

use greenlit_core::answer::Code;

use crate::gui::desk::Desk;
use crate::gui::desk::date::Setting as ClockSetting;
use crate::session::view_model::Page;
use crate::session::{Session, Source};

pub(crate) mod desk;
mod face;
pub(crate) mod gallery;
mod no_window;
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]
mod ui {
    slint::include_modules!();
}

pub(crate) use face::Face;
#[cfg(test)]
pub(crate) use face::speak;
use no_window::NoWindow;
use ui::{App, Gate};

#[cfg(test)]
mod tests;

/// How often countdown and clock move on while no frame comes.
const TICK: Duration = Duration::from_millis(100);

/// Opens the window on this source of frames and stays until it is closed.
pub(crate) fn run(desk: Desk, source: Source) -> Result<(), Box<dyn std::error::Error>> {
    let window = open_with(desk, source, waker)?;
    CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&window)));
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TICK, refresh_current);
    let result = window.face.app.run();
    CURRENT.with(|current| current.borrow_mut().take());
    Ok(result.map_err(|error| NoWindow::of(&error))?)
}

/// The window with its session running, not shown yet.
fn open_with<W: Fn() + Send + Sync + 'static>(
    desk: Desk,
    source: Source,
    waker: impl FnOnce(&App) -> W,
) -> Result<Rc<Window>, Box<dyn std::error::Error>> {
    let face = Face::new().map_err(|error| NoWindow::of(&error))?;
    let mut desk = desk;
    desk.keep_renewing();
    let wake = waker(&face.app);
    let voice = desk.voice();
    face.offer_sounds(voice.is_there());
    let mut session = Session::new(desk.trust(), desk.manners(), voice, source.timing, source.conditions, wake)?;
    session.watch(source.open);
    let window = Rc::new(Window {
        face,
        session: RefCell::new(session),
        desk: RefCell::new(desk),
        sheet: Cell::default(),
        behind: Cell::default(),
        in_front: Cell::new(true),
    });
    window.listen();
    window.face.show_desk(&window.desk.borrow());
    window.refresh();
    Ok(window)
}

thread_local! {
    /// The one window, for wake-ups that come from other threads.
    static CURRENT: RefCell<Option<Rc<Window>>> = const { RefCell::new(None) };
}

fn refresh_current() {
    let window = CURRENT.with(|current| current.borrow().clone());
    if let Some(window) = window {
        window.refresh();
    }
}

/// Asks the window's thread to look again; a request under way stands for all that come meanwhile,
/// so that a frame costs one update.
fn waker(app: &App) -> impl Fn() + Send + Sync + use<> {
    let (weak, pending) = (app.as_weak(), Arc::new(AtomicBool::new(false)));
    move || {
        if pending.swap(true, Ordering::AcqRel) {
            return;
        }
        let pending = Arc::clone(&pending);
        // Fails only when the window is gone.
        let _ = weak.upgrade_in_event_loop(move |_| {
            pending.store(false, Ordering::Release);
            refresh_current();
        });
    }
}

/// A page over the door's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sheet {
    #[default]
    None,
    Settings,
    Browse,
    Clock,
}

struct Window {
    face: Face,
    session: RefCell<Session>,
    desk: RefCell<Desk>,
    sheet: Cell<Sheet>,
    /// What the page of date and time was opened from.
    behind: Cell<Sheet>,
    /// Before the other windows, as far as the system tells.
    in_front: Cell<bool>,
}

impl Window {
    fn refresh(&self) {
        if self.desk.borrow_mut().collect() {
            self.tell_desk();
            // Nothing is left to be said there.
            if self.sheet.get() == Sheet::Clock && self.desk.borrow().clock_setting() == ClockSetting::Done {
                self.sheet.set(self.behind.get());
            }
        }
        let app = &self.face.app;
        let session = self.session.borrow();
        session.focus(self.in_front.get() && app.window().is_visible() && !app.window().is_minimized());
        let mut snapshot = session.snapshot();
        // Whoever is setting the clock knows already that it is wrong.
        if self.sheet.get() == Sheet::Clock && snapshot.answer.as_ref().is_some_and(|a| a.code == Code::Clock.as_str())
        {
            session.dismiss();
            snapshot = session.snapshot();
        }
        // Frames under another page are dropped: making pictures of them is most of what a frame costs.
        if let Some(frame) = session.take_preview()
            && snapshot.page == Page::Scan
            && self.sheet.get() == Sheet::None
        {
            self.face.show_preview(&frame);
        }
        // An answer comes before whatever sheet is open: nothing may block the next scan.
        if snapshot.answer.is_some() {
            self.sheet.set(Sheet::None);
        }
        self.face.show_corrected(self.desk.borrow().clock_is_corrected());
        self.face.show(&snapshot, self.sheet.get());
    }

    /// What the desk holds now goes to the door and to the screens.
    fn tell_desk(&self) {
        let desk = self.desk.borrow();
        let session = self.session.borrow();
        session.set_manners(desk.manners());
        session.set_trust(desk.trust());
        self.face.show_desk(&desk);
    }

    /// Does something at the desk, and shows what came of it everywhere.
    fn at_desk(&self, work: impl FnOnce(&mut Desk)) {
        work(&mut self.desk.borrow_mut());
        self.tell_desk();
        self.refresh();
    }

    fn open(&self, sheet: Sheet) {
        self.sheet.set(sheet);
        self.refresh();
    }

    /// From an answer that is the clock's fault, from the footer or from the settings.
    fn open_clock(&self) {
        self.session.borrow().dismiss();
        self.desk.borrow_mut().come_to_clock();
        self.face.show_clock(&self.desk.borrow());
        if self.sheet.get() != Sheet::Clock {
            self.behind.set(self.sheet.get());
        }
        self.open(Sheet::Clock);
    }

    /// Turns the dials. Only their page is told, for it happens often.
    fn at_dial(&self, work: impl FnOnce(&mut Desk)) {
        work(&mut self.desk.borrow_mut());
        self.face.show_clock(&self.desk.borrow());
    }

    fn set_clock(&self) {
        if self.desk.borrow_mut().set_clock() {
            self.session.borrow().judge_anew();
        }
        self.tell_desk();
        self.refresh();
    }

    /// The callbacks hold the window weakly, or it would keep itself alive.
    fn listen(self: &Rc<Self>) {
        let gate = self.face.app.global::<Gate>();
        let this = |work: fn(&Self)| {
            let window = Rc::downgrade(self);
            move || window.upgrade().iter().for_each(|window| work(window))
        };
        gate.on_dismiss(this(|w| {
            w.session.borrow().dismiss();
            w.refresh();
        }));
        gate.on_wake_up(this(|w| {
            w.session.borrow().come_back();
            w.refresh();
        }));
        gate.on_open_settings(this(|w| {
            // From an answer that is the data's fault: it would stay in front otherwise.
            w.session.borrow().dismiss();
            w.at_desk(Desk::come_to_settings);
            w.open(Sheet::Settings);
        }));
        gate.on_close_settings(this(|w| w.open(Sheet::None)));
        gate.on_open_clock(this(Self::open_clock));
        gate.on_close_clock(this(|w| w.open(w.behind.get())));
        gate.on_set_clock(this(Self::set_clock));
        let window = Rc::downgrade(self);
        gate.on_turn_dial(move |place, by| {
            let work = |desk: &mut Desk| desk.turn_dial(usize::try_from(place).unwrap_or_default(), by);
            window.upgrade().iter().for_each(|window| window.at_dial(work));
        });
        let numbered = |work: fn(&mut Desk, u8)| {
            let window = Rc::downgrade(self);
            move |number: i32| {
                let number = u8::try_from(number).unwrap_or_default();
                window.upgrade().iter().for_each(|window| window.at_dial(|desk| work(desk, number)));
            }
        };
        gate.on_select_dial(numbered(|desk, place| desk.select_dial(place.into())));
        gate.on_type_digit(numbered(Desk::type_digit));
        gate.on_browse_for_root(this(|w| {
            w.at_desk(|desk| desk.browse(true));
            w.open(Sheet::Browse);
        }));
        gate.on_browse_for_folder(this(|w| {
            w.at_desk(|desk| desk.browse(false));
            w.open(Sheet::Browse);
        }));
        gate.on_use_folder(this(|w| {
            w.at_desk(Desk::use_folder);
            w.open(Sheet::Settings);
        }));
        gate.on_trust_candidate(this(|w| {
            w.at_desk(Desk::trust_candidate);
            w.open(Sheet::Settings);
        }));
        gate.on_drop_candidate(this(|w| w.at_desk(Desk::drop_candidate)));
        gate.on_sync(this(|w| w.at_desk(Desk::sync)));
        let with = |work: fn(&Self, &str)| {
            let window = Rc::downgrade(self);
            move |text: SharedString| window.upgrade().iter().for_each(|window| work(window, &text))
        };
        gate.on_choose_language(with(|w, key| w.at_desk(|desk| desk.choose_language(key))));
        gate.on_toggle_site(with(|w, key| w.at_desk(|desk| desk.toggle_site(key))));
        gate.on_choose_sound(with(|w, key| w.at_desk(|desk| desk.choose_sound(key))));
        gate.on_open_entry(with(|w, path| w.at_desk(|desk| desk.open_entry(path))));
        gate.on_choose_camera(with(|w, key| {
            w.at_desk(|desk| desk.choose_camera(key));
            let open = w.desk.borrow().open_camera();
            w.session.borrow_mut().watch(open);
        }));
        let told = |work: fn(&Self, bool)| {
            let window = Rc::downgrade(self);
            move |is: bool| window.upgrade().iter().for_each(|window| work(window, is))
        };
        gate.on_hold(told(|w, pressed| w.session.borrow().hold(pressed)));
        gate.on_in_front(told(|w, in_front| w.in_front.set(in_front)));
    }
}
