//! The window: the only module that names Slint. Snapshots go in, what people do comes out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use slint::{CloseRequestResponse, ComponentHandle, SharedString, Timer, TimerMode};

use greenlit_core::answer::Code;
use greenlit_core::typed::burst::Scan;
use greenlit_ui::{App, AppBridge};

use crate::config::journal;
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{PinPurpose, SettingsController, SetupStep, Wanted};
use crate::session::clipboard::{Clipboard, clipboard};
use crate::session::view_model::Page;
use crate::session::{Session, Source};

pub(crate) mod gallery;
mod no_window;
mod screen;
pub(crate) mod settings_controller;
pub(crate) mod shift;
mod typing;
mod ui_bindings;
mod unread_model;

use no_window::WindowError;
use shift::Shift;
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
    timer.start(TimerMode::Repeated, TICK, refresh_current);
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
    let bindings = UiBindings::new().map_err(|error| WindowError::of(&error))?;
    journal::note_start(&controller.trust());
    let mut controller = controller;
    controller.keep_renewing();
    let wake = waker(&bindings.app);
    let voice = controller.voice();
    bindings.offer_sounds(voice.is_there());
    let mut session =
        Session::new(controller.trust(), controller.presentation(), voice, source.timing, source.conditions, wake)?;
    let shift = Shift::new(controller.figures());
    session.listen(shift.figures().listener());
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
            sheet: Cell::default(),
            behind: Cell::default(),
            home: Cell::new(Overlay::Settings),
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
}

struct Window {
    bindings: UiBindings,
    typing: Rc<Typing>,
    session: RefCell<Session>,
    controller: RefCell<SettingsController>,
    shift: Shift,
    sheet: Cell<Overlay>,
    /// What the page of date and time, or of the PIN, was opened from.
    behind: Cell<Overlay>,
    /// What folders and roots are chosen for: the settings, or the set-up.
    home: Cell<Overlay>,
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
                self.sheet.set(self.behind.get());
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
        session.focus(self.in_front.get() && app.window().is_visible() && !app.window().is_minimized());
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
            self.sheet.set(self.behind.get());
        }
        snapshot.standing.unwritable = self.controller.borrow().is_unwritable();
        snapshot.standing.trouble = self.controller.borrow().store_trouble();
        self.bindings.show_corrected(self.controller.borrow().clock_is_corrected());
        self.show_shift();
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
        self.bindings.show_settings(&controller);
    }

    /// Does something at the controller, and shows what came of it everywhere.
    fn with_settings(&self, work: impl FnOnce(&mut SettingsController)) {
        work(&mut self.controller.borrow_mut());
        self.apply_settings();
        self.refresh();
    }

    fn open(&self, sheet: Overlay) {
        self.sheet.set(sheet);
        self.refresh();
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
                self.sheet.set(self.behind.get());
                match self.wanted.get() {
                    Overlay::Clock => self.open_clock(),
                    wanted => self.open(wanted),
                }
            }
            Overlay::Pin if locked && purpose != PinPurpose::Unlock => self.open(Overlay::Settings),
            Overlay::Clock if locked => self.open(self.behind.get()),
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
        CloseRequestResponse::HideWindow
    }

    fn close(&self) {
        self.remember_size();
        // Nothing is left to be done where even that fails.
        let _ = self.bindings.app.hide();
    }

    fn remember_size(&self) {
        screen::size(&self.bindings.app).iter().for_each(|size| self.controller.borrow().remember_size(*size));
    }

    fn open_settings(&self) {
        // From an answer that is the data's fault: it would stay in front otherwise.
        self.session.borrow().dismiss();
        self.with_settings(SettingsController::open_settings);
        self.open(Overlay::Settings);
    }

    fn begin_setup(&self) {
        self.controller.borrow_mut().begin_setup();
        self.home.set(Overlay::Setup);
        self.session.borrow().set_up(true);
        self.bindings.show_settings(&self.controller.borrow());
        self.open(Overlay::Setup);
    }

    fn end_setup(&self) {
        self.home.set(Overlay::Settings);
        self.session.borrow().set_up(false);
        self.with_settings(SettingsController::lock);
        self.open(Overlay::None);
    }

    /// What the camera has seen since.
    fn look_at_setup(&self) {
        let code = self.session.borrow().take_root_code();
        let step = self.controller.borrow().setup_step();
        if let Some(code) = code.filter(|_| step == SetupStep::Authority) {
            self.controller.borrow_mut().open_root_code(&code);
            self.bindings.show_settings(&self.controller.borrow());
            if self.controller.borrow().listing().candidate.is_some() {
                self.sheet.set(Overlay::Browse);
            }
        }
        self.bindings.show_setup(&self.controller.borrow(), self.session.borrow().has_read());
    }

    /// Whether the camera's picture is in front.
    fn shows_camera(&self) -> bool {
        match self.sheet.get() {
            Overlay::None => true,
            Overlay::Setup => {
                matches!(self.controller.borrow().setup_step(), SetupStep::Authority | SetupStep::Camera)
            }
            _ => false,
        }
    }

    /// Back from folders and roots.
    fn go_home(&self) {
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

    /// The callbacks hold the window weakly, or it would keep itself alive.
    fn listen(self: &Rc<Self>) {
        let window = Rc::downgrade(self);
        self.bindings.app.window().on_close_requested(move || {
            window.upgrade().map_or(CloseRequestResponse::HideWindow, |window| window.close_requested())
        });
        let bridge = self.bindings.app.global::<AppBridge>();
        let this = |work: fn(&Self)| {
            let window = Rc::downgrade(self);
            move || window.upgrade().iter().for_each(|window| work(window))
        };
        let told = |work: fn(&Self, bool)| {
            let window = Rc::downgrade(self);
            move |is: bool| window.upgrade().iter().for_each(|window| work(window, is))
        };
        bridge.on_dismiss(this(|w| {
            w.session.borrow().dismiss();
            w.refresh();
        }));
        bridge.on_mismatch(this(|w| {
            w.session.borrow().mismatch();
            w.refresh();
        }));
        bridge.on_undo_mismatch(this(|w| {
            w.session.borrow().undo_mismatch();
            w.refresh();
        }));
        bridge.on_wake_up(this(|w| {
            w.session.borrow().come_back();
            w.refresh();
        }));
        bridge.on_open_settings(this(Self::open_settings));
        bridge.on_close_settings(this(|w| {
            w.with_settings(SettingsController::lock);
            w.open(Overlay::None);
        }));
        bridge.on_unlock(this(|w| w.ask_pin(Overlay::Settings, PinPurpose::Unlock)));
        bridge.on_choose_pin(this(|w| w.ask_pin(Overlay::Settings, PinPurpose::Choose)));
        bridge.on_clear_pin(this(|w| w.with_settings(SettingsController::clear_pin)));
        bridge.on_close_pin(this(|w| w.open(w.behind.get())));
        bridge.on_erase_pin(this(|w| w.at_pin(SettingsController::erase_pin)));
        bridge.on_enter_pin(this(|w| w.at_pin(SettingsController::enter_pin)));
        let window = Rc::downgrade(self);
        bridge.on_type_pin(move |digit| {
            let digit = u8::try_from(digit).unwrap_or(u8::MAX);
            window.upgrade().iter().for_each(|window| window.at_pin(|controller| controller.type_pin(digit)));
        });
        bridge.on_toggle_full_screen(this(|w| {
            if !w.controller.borrow().is_kiosk() {
                screen::toggle(&w.bindings.app);
            }
        }));
        bridge.on_toggle_kiosk(this(|w| {
            w.with_settings(SettingsController::toggle_kiosk);
            screen::fill(&w.bindings.app, w.controller.borrow().is_kiosk());
        }));
        bridge.on_quit(this(|w| {
            // Not by whoever only found the button.
            if !w.controller.borrow().is_locked() {
                w.close();
            }
        }));
        bridge.on_open_clock(this(Self::open_clock));
        bridge.on_close_clock(this(|w| w.open(w.behind.get())));
        bridge.on_set_clock(this(Self::set_clock));
        let window = Rc::downgrade(self);
        bridge.on_turn_dial(move |place, by| {
            let work = |controller: &mut SettingsController| {
                controller.turn_dial(usize::try_from(place).unwrap_or_default(), by)
            };
            window.upgrade().iter().for_each(|window| window.at_dial(work));
        });
        let numbered = |work: fn(&mut SettingsController, u8)| {
            let window = Rc::downgrade(self);
            move |number: i32| {
                let number = u8::try_from(number).unwrap_or_default();
                window.upgrade().iter().for_each(|window| window.at_dial(|controller| work(controller, number)));
            }
        };
        bridge.on_select_dial(numbered(|controller, place| controller.select_dial(place.into())));
        bridge.on_type_digit(numbered(SettingsController::type_digit));
        bridge.on_browse_for_root(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Root));
            w.open(Overlay::Browse);
        }));
        bridge.on_browse_for_folder(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Publication));
            w.open(Overlay::Browse);
        }));
        bridge.on_browse_for_picture(this(|w| {
            w.with_settings(|controller| controller.browse(Wanted::Picture));
            w.open(Overlay::Browse);
        }));
        bridge.on_paste(this(|w| {
            let clipboard = Arc::clone(&w.clipboard.borrow());
            w.session.borrow().paste(move || clipboard());
            w.refresh();
        }));
        bridge.on_use_folder(this(|w| {
            w.with_settings(SettingsController::use_folder);
            w.go_home();
        }));
        bridge.on_trust_candidate(this(|w| {
            w.with_settings(SettingsController::trust_candidate);
            w.go_home();
        }));
        bridge.on_drop_candidate(this(|w| {
            w.with_settings(SettingsController::drop_candidate);
            // A code lies in no folder to go back to.
            if w.controller.borrow().listing().folder.as_os_str().is_empty() {
                w.go_home();
            }
        }));
        bridge.on_close_browse(this(Self::go_home));
        bridge.on_open_help(this(|w| w.open(Overlay::Help)));
        bridge.on_run_self_test(this(|w| {
            w.bindings.show_self_test(None, w.controller.borrow().words());
            w.controller.borrow_mut().run_self_test();
            w.open(Overlay::SelfTest);
        }));
        bridge.on_back_to_settings(this(|w| w.open(Overlay::Settings)));
        bridge.on_begin_setup(this(Self::begin_setup));
        bridge.on_end_setup(this(Self::end_setup));
        bridge.on_turn_setup(told(|w, on| {
            if !w.controller.borrow_mut().turn_setup(on) && on {
                return w.end_setup();
            }
            w.apply_settings();
            w.refresh();
        }));
        bridge.on_sync(this(|w| w.with_settings(SettingsController::sync)));
        let with = |work: fn(&Self, &str)| {
            let window = Rc::downgrade(self);
            move |text: SharedString| window.upgrade().iter().for_each(|window| work(window, &text))
        };
        bridge.on_choose_language(with(|w, key| w.with_settings(|controller| controller.choose_language(key))));
        bridge.on_toggle_site(with(|w, key| w.with_settings(|controller| controller.toggle_site(key))));
        bridge.on_choose_sound(with(|w, key| w.with_settings(|controller| controller.choose_sound(key))));
        bridge.on_choose_scheme(with(|w, key| w.with_settings(|controller| controller.choose_scheme(key))));
        bridge.on_choose_palette(with(|w, key| w.with_settings(|controller| controller.choose_palette(key))));
        bridge.on_choose_text_size(with(|w, key| w.with_settings(|controller| controller.choose_text_size(key))));
        bridge.on_choose_motion(with(|w, key| w.with_settings(|controller| controller.choose_motion(key))));
        bridge.on_open_entry(with(|w, path| {
            let picture = w.controller.borrow_mut().open_entry(path);
            picture.into_iter().for_each(|path| w.session.borrow().open_picture(path));
            w.apply_settings();
            w.refresh();
        }));
        bridge.on_choose_camera(with(|w, key| {
            w.with_settings(|controller| controller.choose_camera(key));
            let open = w.controller.borrow().open_camera();
            w.session.borrow_mut().watch(open);
        }));
        self.listen_to_shift();
        let typing = Rc::downgrade(&self.typing);
        bridge.on_key(move |text, combined, repeat| {
            typing.upgrade().is_some_and(|typing| typing.key(&text, combined, repeat))
        });
        bridge.on_hold(told(|w, pressed| w.session.borrow().hold(pressed)));
        bridge.on_in_front(told(|w, in_front| w.in_front.set(in_front)));
    }
}
