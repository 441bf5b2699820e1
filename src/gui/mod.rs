//! The window: the only module that names Slint. Snapshots go in, what people do comes out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use slint::{CloseRequestResponse, ComponentHandle, Timer, TimerMode};

use greenlit_core::answer::Code;
use greenlit_core::presenter::Timing;
use greenlit_core::typed::burst::Scan;
use greenlit_ui::App;

use crate::config::heartbeat::Heartbeat;
use crate::config::journal;
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{PinPurpose, SettingsController, SetupStep, Wanted};
use crate::session::clipboard::{Clipboard, clipboard};
use crate::session::view_model::Page;
use crate::session::{Session, Source};

mod callbacks;
mod check_in;
mod clock_watch;
pub(crate) mod gallery;
mod guest;
mod lens;
mod no_window;
mod place;
mod preview;
pub(crate) mod screen;
pub(crate) mod settings_controller;
mod setup;
pub(crate) mod shift;
mod training;
mod typing;
mod ui_bindings;
mod ui_models;
mod unread_model;

use check_in::Desk;
use clock_watch::ClockWatch;
use guest::GuestSide;
use no_window::WindowError;
use shift::Shift;
use training::Training;
use typing::Typing;
pub(crate) use ui_bindings::UiBindings;
#[cfg(test)]
pub(crate) use ui_bindings::speak;

#[cfg(test)]
mod tests;

/// How often countdown and clock move on while no frame comes.
const TICK: Duration = Duration::from_millis(100);

/// Opens the window on this source of frames and stays until it is closed.
pub(crate) fn run(controller: SettingsController, source: Source) -> Result<(), Box<dyn std::error::Error>> {
    let window = open_with(controller, source, waker)?;
    CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&window)));
    let timer = Timer::default();
    let heartbeat = Heartbeat::for_service_manager();
    timer.start(TimerMode::Repeated, TICK, move || {
        heartbeat.beat();
        refresh_current();
    });
    let result = window.bindings.app.run();
    CURRENT.with(|current| current.borrow_mut().take());
    Ok(result.map_err(|error| WindowError::of(&error))?)
}

/// The window with its session running, not shown yet.
fn open_with<W: Fn() + Send + Sync + 'static>(
    controller: SettingsController,
    source: Source,
    waker: impl FnOnce(&App) -> W,
) -> Result<Rc<Window>, Box<dyn std::error::Error>> {
    // The name of the desktop file, which the window's icon goes by. Where it does not matter it is not taken.
    let _ = slint::set_xdg_app_id("greenlit");
    let bindings = UiBindings::new().map_err(|error| WindowError::of(&error))?;
    journal::note_start(&controller.trust());
    let mut controller = controller;
    controller.keep_renewing();
    let wake = waker(&bindings.app);
    let voice = controller.voice();
    bindings.offer_sounds(voice.is_there());
    let timing = controller.answer_time().applied_to(source.timing);
    let mut session =
        Session::new(controller.trust(), controller.presentation(), voice, timing, source.conditions, wake)?;
    let shift = Shift::new(controller.figures());
    session.listen(shift.figures().listener());
    // Before the first frame: a till that knows nothing has nothing to say of a pass.
    session.set_up(controller.is_new());
    session.watch(source.open);
    let window = Rc::new_cyclic(|window: &std::rc::Weak<Window>| {
        let window = window.clone();
        let typing = Typing::new(&bindings.app, session.typed_starts(), move |scan| {
            window.upgrade().iter().for_each(|w| w.scanned(scan))
        });
        Window {
            bindings,
            typing,
            session: RefCell::new(session),
            controller: RefCell::new(controller),
            shift,
            desk: Desk::default(),
            training: Training::default(),
            guest: GuestSide::default(),
            guest_in_front: Cell::default(),
            clock_watch: ClockWatch::default(),
            sheet: Cell::default(),
            behind: Cell::default(),
            timing: source.timing,
            home: Cell::new(Overlay::Settings),
            answered: RefCell::default(),
            wanted: Cell::default(),
            in_front: Cell::new(true),
            reading: Cell::default(),
            clipboard: RefCell::new(Arc::new(clipboard)),
        }
    });
    window.listen();
    let (size, kiosk) = (window.controller.borrow().window_size(), window.controller.borrow().is_kiosk());
    screen::arrange(&window.bindings.app, size, kiosk);
    if window.controller.borrow().is_new() {
        window.begin_setup();
    }
    window.bindings.show_settings(&window.controller.borrow());
    window.arrange_guest_side();
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

/// A page over the session's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Overlay {
    #[default]
    None,
    Settings,
    Browse,
    Clock,
    Pin,
    Setup,
    SelfTest,
    Help,
    Shift,
    CheckIn,
    Training,
    Place,
}

struct Window {
    bindings: UiBindings,
    typing: Rc<Typing>,
    session: RefCell<Session>,
    controller: RefCell<SettingsController>,
    shift: Shift,
    desk: Desk,
    training: Training,
    guest: GuestSide,
    guest_in_front: Cell<bool>,
    clock_watch: ClockWatch,
    sheet: Cell<Overlay>,
    /// What the page of date and time, or of the PIN, was opened from.
    behind: Cell<Overlay>,
    /// How long everything lasts, where nobody has chosen.
    timing: Timing,
    /// What folders and roots are chosen for: the settings, or the set-up.
    home: Cell<Overlay>,
    /// The code of a root that was asked about: held up still, it is not asked about again.
    answered: RefCell<Option<Vec<u8>>>,
    /// What the PIN is asked for before.
    wanted: Cell<Overlay>,
    /// Before the other windows, as far as the system tells.
    in_front: Cell<bool>,
    /// A picture is being read, and the screens say so.
    reading: Cell<bool>,
    /// Where pasted text comes from; tests have their own.
    clipboard: RefCell<Arc<dyn Fn() -> Clipboard + Send + Sync>>,
}

impl Window {
    fn refresh(&self) {
        if self.controller.borrow_mut().collect() {
            self.apply_settings();
            self.keep_locked();
            let test = self.controller.borrow_mut().take_self_test();
            let language = self.controller.borrow().words();
            test.iter().for_each(|test| self.bindings.show_self_test(Some(test), language));
            // Nothing is left to be said there.
            if self.sheet.get() == Overlay::Clock && self.controller.borrow().clock_setting() == ClockSetStatus::Done {
                self.turn_to(self.behind.get());
            }
        }
        if self.sheet.get() == Overlay::Pin {
            // The seconds until the next try.
            self.bindings.show_pin(&self.controller.borrow());
        }
        if self.sheet.get() == Overlay::Setup {
            self.look_at_setup();
        }
        let app = &self.bindings.app;
        let session = self.session.borrow();
        let reading = session.is_reading();
        if self.reading.replace(reading) != reading {
            self.controller.borrow_mut().show_reading(reading);
            self.bindings.show_settings(&self.controller.borrow());
        }
        let in_front = self.in_front.get() || self.guest_in_front.get();
        session.focus(in_front && app.window().is_visible() && !app.window().is_minimized());
        let mut snapshot = session.snapshot();
        // Whoever is setting the clock knows already that it is wrong.
        if self.sheet.get() == Overlay::Clock
            && snapshot.answer.as_ref().is_some_and(|a| a.code == Code::ClockBehind.as_str())
        {
            session.dismiss();
            snapshot = session.snapshot();
        }
        // Frames under another page are dropped: making pictures of them is most of what a frame costs.
        if let Some(frame) = session.take_preview()
            && snapshot.page == Page::Scan
            && self.shows_camera()
        {
            self.bindings.show_preview(&frame);
        }
        // The clock has been set, and what is said of that stands in the footer too.
        if snapshot.answer.is_some()
            && self.sheet.get() == Overlay::Clock
            && self.controller.borrow().clock_setting() == ClockSetStatus::Kept
        {
            self.turn_to(self.behind.get());
        }
        snapshot.standing.unwritable = self.controller.borrow().is_unwritable();
        snapshot.standing.trouble = self.controller.borrow().store_trouble();
        snapshot.standing.clock_moved = self.watch_clock();
        self.bindings.show_corrected(self.controller.borrow().clock_is_corrected());
        self.show_shift();
        self.show_check_in(snapshot.announced);
        self.bindings.show_lens(self.controller.borrow().panel());
        self.guest.show(&snapshot, || self.controller.borrow().look());
        // An answer lies over whatever sheet is open, for nothing may block the next scan, and gives it back.
        self.bindings.show(&snapshot, self.sheet.get());
    }

    fn scanned(&self, scan: &Scan) {
        self.session.borrow().typed(scan);
        self.refresh();
    }

    /// What the controller holds now goes to the session and to the screens.
    fn apply_settings(&self) {
        let controller = self.controller.borrow();
        let session = self.session.borrow();
        session.set_presentation(controller.presentation());
        session.set_trust(controller.trust());
        session.set_timing(controller.answer_time().applied_to(self.timing));
        self.bindings.show_settings(&controller);
    }

    /// Does something at the controller, and shows what came of it everywhere.
    fn with_settings(&self, work: impl FnOnce(&mut SettingsController)) {
        work(&mut self.controller.borrow_mut());
        self.apply_settings();
        self.refresh();
    }

    fn open(&self, sheet: Overlay) {
        self.turn_to(sheet);
        self.refresh();
    }

    /// Wherever it leads from to where passes are scanned, what was unlocked is locked again.
    fn turn_to(&self, sheet: Overlay) {
        // A check-in goes on until it is done with, whatever was looked at meanwhile.
        let home = if self.session.borrow().stays_until().is_some() { Overlay::CheckIn } else { Overlay::None };
        let sheet = if sheet == Overlay::None { home } else { sheet };
        self.sheet.set(sheet);
        if sheet == home {
            self.controller.borrow_mut().lock();
        }
    }

    /// From an answer that is the clock's fault, from the footer or from the settings.
    fn open_clock(&self) {
        self.session.borrow().dismiss();
        if self.controller.borrow().is_locked() {
            return self.ask_pin(Overlay::Clock, PinPurpose::Unlock);
        }
        self.controller.borrow_mut().open_clock();
        self.bindings.show_clock(&self.controller.borrow());
        if self.sheet.get() != Overlay::Clock {
            self.behind.set(self.sheet.get());
        }
        self.open(Overlay::Clock);
    }

    /// Asks for the PIN before this page.
    fn ask_pin(&self, wanted: Overlay, purpose: PinPurpose) {
        self.controller.borrow_mut().ask_pin(purpose);
        self.bindings.show_pin(&self.controller.borrow());
        if self.sheet.get() != Overlay::Pin {
            self.behind.set(self.sheet.get());
        }
        self.wanted.set(wanted);
        self.open(Overlay::Pin);
    }

    /// On to what the PIN was asked for, or away from what is locked again.
    fn keep_locked(&self) {
        let controller = self.controller.borrow();
        let (locked, purpose) = (controller.is_locked(), controller.pin_purpose());
        drop(controller);
        match self.sheet.get() {
            Overlay::Pin if !locked && purpose == PinPurpose::Unlock => {
                // Not by way of scanning, which would lock it again.
                self.sheet.set(self.behind.get());
                match self.wanted.get() {
                    Overlay::Clock => self.open_clock(),
                    wanted => self.open(wanted),
                }
            }
            Overlay::Pin if locked && purpose != PinPurpose::Unlock => self.open(Overlay::Settings),
            Overlay::Clock if locked => self.open(self.behind.get()),
            Overlay::Place if locked => self.open(Overlay::Settings),
            Overlay::Browse if locked && !self.controller.borrow().is_browsing_freely() => self.open(Overlay::Settings),
            _ => {}
        }
    }

    /// Whoever closes it from outside the program is let at a kiosk only as far as the settings.
    fn close_requested(&self) -> CloseRequestResponse {
        if self.controller.borrow().is_kiosk() {
            self.open_settings();
            return CloseRequestResponse::KeepWindowShown;
        }
        self.remember_size();
        self.guest.close();
        CloseRequestResponse::HideWindow
    }

    fn close(&self) {
        self.remember_size();
        self.guest.close();
        // Nothing is left to be done where even that fails.
        let _ = self.bindings.app.hide();
    }

    fn remember_size(&self) {
        screen::size(&self.bindings.app).iter().for_each(|size| self.controller.borrow().remember_size(*size));
    }

    fn open_settings(&self) {
        // From an answer that is the data's fault: it would stay in front otherwise.
        self.session.borrow().dismiss();
        // The set-up is left by its own buttons: until then nothing that the camera sees is judged.
        if self.home.get() == Overlay::Setup {
            return self.open(Overlay::Setup);
        }
        self.with_settings(SettingsController::open_settings);
        self.open(Overlay::Settings);
    }

    /// Whether the camera's picture is in front.
    fn shows_camera(&self) -> bool {
        match self.sheet.get() {
            Overlay::None | Overlay::CheckIn => true,
            Overlay::Setup => {
                matches!(self.controller.borrow().setup_step(), SetupStep::Authority | SetupStep::Camera)
            }
            _ => false,
        }
    }

    /// Back from folders and roots.
    fn go_home(&self) {
        if self.controller.borrow().listing().wanted == Wanted::Certificate {
            self.bindings.show_place(&self.controller.borrow());
            return self.open(Overlay::Place);
        }
        self.open(self.home.get());
    }

    /// A key of the PIN's page.
    fn at_pin(&self, work: impl FnOnce(&mut SettingsController)) {
        work(&mut self.controller.borrow_mut());
        self.bindings.show_pin(&self.controller.borrow());
    }

    /// Turns the dials. Only their page is told, for it happens often.
    fn at_dial(&self, work: impl FnOnce(&mut SettingsController)) {
        work(&mut self.controller.borrow_mut());
        self.bindings.show_clock(&self.controller.borrow());
    }

    fn set_clock(&self) {
        if self.controller.borrow_mut().set_clock() {
            self.session.borrow().rejudge();
        }
        self.apply_settings();
        self.refresh();
    }
}
