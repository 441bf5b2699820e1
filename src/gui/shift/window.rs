//! What the window does with the shift's page and the door's buttons.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use slint::{ComponentHandle, SharedString};

use greenlit_ui::ShiftBridge;

use crate::config::settings::Setting;
use crate::gui::{Overlay, Window};

impl Window {
    /// What is true of the shift now.
    pub(in crate::gui) fn show_shift(&self) {
        let controller = self.controller.borrow();
        self.shift.show_door(&self.bindings, controller.capacity());
        if self.sheet.get() == Overlay::Shift {
            self.shift.show(&self.bindings, controller.is_managed(Setting::Capacity));
        }
    }

    fn open_shift(&self) {
        self.shift.open();
        self.open(Overlay::Shift);
    }

    fn save_figures(&self, folder: &Path) {
        let now = self.controller.borrow().now();
        self.shift.save(folder, now);
        self.open(Overlay::Shift);
    }

    /// The callbacks hold the window weakly, or it would keep itself alive.
    pub(in crate::gui) fn listen_to_shift(self: &Rc<Self>) {
        let bridge = self.bindings.app.global::<ShiftBridge>();
        let this = |work: fn(&Self)| self.callback(work);
        bridge.on_open(this(Self::open_shift));
        bridge.on_close(this(|w| w.open(Overlay::Settings)));
        bridge.on_save_elsewhere(this(|w| {
            w.with_settings(super::SettingsController::browse_for_figures);
            w.open(Overlay::Browse);
        }));
        bridge.on_save_here(this(|w| {
            let folder = w.controller.borrow().listing().folder.clone();
            w.save_figures(&folder);
        }));
        let window = Rc::downgrade(self);
        bridge.on_save_to(move |folder: SharedString| {
            window.upgrade().iter().for_each(|window| window.save_figures(&PathBuf::from(folder.as_str())));
        });
        let window = Rc::downgrade(self);
        bridge.on_ask(move |asking| {
            window.upgrade().iter().for_each(|window| {
                window.shift.ask(asking);
                window.refresh();
            });
        });
        bridge.on_start(this(|w| {
            w.shift.start();
            w.refresh();
        }));
        let by = |work: fn(&Self, i32)| {
            let window = Rc::downgrade(self);
            move |by: i32| window.upgrade().iter().for_each(|window| work(window, by))
        };
        bridge.on_correct_inside(by(|w, by| {
            w.shift.figures().correct_inside(by);
            w.refresh();
        }));
        bridge.on_change_capacity(by(|w, by| w.with_settings(|controller| controller.change_capacity(by))));
    }
}
