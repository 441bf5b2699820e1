//! The set-up of a till, as the window leads through it.

use super::{Overlay, Window};
use crate::gui::settings_controller::SetupStep;

impl Window {
    pub(super) fn begin_setup(&self) {
        self.controller.borrow_mut().begin_setup();
        self.home.set(Overlay::Setup);
        self.session.borrow().set_up(true);
        self.bindings.show_settings(&self.controller.borrow());
        self.open(Overlay::Setup);
    }

    pub(super) fn end_setup(&self) {
        self.home.set(Overlay::Settings);
        self.session.borrow().set_up(false);
        self.open(Overlay::None);
        self.apply_settings();
    }

    /// What the camera has seen since.
    pub(super) fn look_at_setup(&self) {
        let code = self.session.borrow().take_root_code();
        let step = self.controller.borrow().setup_step();
        let is_new = |code: &Vec<u8>| self.answered.borrow().as_ref() != Some(code);
        if let Some(code) = code.filter(|code| step == SetupStep::Authority && is_new(code)) {
            self.controller.borrow_mut().open_root_code(&code);
            *self.answered.borrow_mut() = Some(code);
            self.bindings.show_settings(&self.controller.borrow());
            if self.controller.borrow().listing().candidate.is_some() {
                self.turn_to(Overlay::Browse);
            }
        }
        self.bindings.show_setup(&self.controller.borrow(), self.session.borrow().has_read());
    }
}
