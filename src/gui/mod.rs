//! The window: the only module that names Slint. Snapshots go in, what people do comes out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use slint::{ComponentHandle, SharedString, Timer, TimerMode};

use greenlit_core::answer::Code;
use greenlit_core::typed::burst::Scan;
use greenlit_ui::{App, AppBridge};

use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{SettingsController, Wanted};
use crate::session::clipboard::{Clipboard, clipboard};
use crate::session::view_model::Page;
use crate::session::{Session, Source};

pub(crate) mod gallery;
mod no_window;
pub(crate) mod settings_controller;
mod typing;
mod ui_bindings;
mod unread_model;

use no_window::WindowError;
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
    let mut controller = controller;
    controller.keep_renewing();
    let wake = waker(&bindings.app);
    let voice = controller.voice();
    bindings.offer_sounds(voice.is_there());
    let mut session =
        Session::new(controller.trust(), controller.presentation(), voice, source.timing, source.conditions, wake)?;
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
            sheet: Cell::default(),
            behind: Cell::default(),
            in_front: Cell::new(true),
            reading: Cell::default(),
            clipboard: RefCell::new(Arc::new(clipboard)),
        }
    });
    window.listen();
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
}

struct Window {
    bindings: UiBindings,
    typing: Rc<Typing>,
    session: RefCell<Session>,
    controller: RefCell<SettingsController>,
    sheet: Cell<Overlay>,
    /// What the page of date and time was opened from.
    behind: Cell<Overlay>,
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
            // Nothing is left to be said there.
            if self.sheet.get() == Overlay::Clock && self.controller.borrow().clock_setting() == ClockSetStatus::Done {
                self.sheet.set(self.behind.get());
            }
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
            && self.sheet.get() == Overlay::None
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
        self.bindings.show_corrected(self.controller.borrow().clock_is_corrected());
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
        self.controller.borrow_mut().open_clock();
        self.bindings.show_clock(&self.controller.borrow());
        if self.sheet.get() != Overlay::Clock {
            self.behind.set(self.sheet.get());
        }
        self.open(Overlay::Clock);
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
        let bridge = self.bindings.app.global::<AppBridge>();
        let this = |work: fn(&Self)| {
            let window = Rc::downgrade(self);
            move || window.upgrade().iter().for_each(|window| work(window))
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
        bridge.on_open_settings(this(|w| {
            // From an answer that is the data's fault: it would stay in front otherwise.
            w.session.borrow().dismiss();
            w.with_settings(SettingsController::open_settings);
            w.open(Overlay::Settings);
        }));
        bridge.on_close_settings(this(|w| w.open(Overlay::None)));
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
            w.open(Overlay::Settings);
        }));
        bridge.on_trust_candidate(this(|w| {
            w.with_settings(SettingsController::trust_candidate);
            w.open(Overlay::Settings);
        }));
        bridge.on_drop_candidate(this(|w| w.with_settings(SettingsController::drop_candidate)));
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
        let told = |work: fn(&Self, bool)| {
            let window = Rc::downgrade(self);
            move |is: bool| window.upgrade().iter().for_each(|window| work(window, is))
        };
        let typing = Rc::downgrade(&self.typing);
        bridge.on_key(move |text, combined, repeat| {
            typing.upgrade().is_some_and(|typing| typing.key(&text, combined, repeat))
        });
        bridge.on_hold(told(|w, pressed| w.session.borrow().hold(pressed)));
        bridge.on_in_front(told(|w, in_front| w.in_front.set(in_front)));
    }
}
