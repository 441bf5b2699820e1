//! What the shift's page needs of the till: its figures, and how many guests there is room for.

use greenlit_core::head_count::MAX_GUESTS;

use super::{SettingsController, Wanted};
use crate::config::settings::Setting;
use crate::session::figures::Figures;

impl SettingsController {
    /// The figures of this till, counted from now on.
    pub(crate) fn figures(&self) -> Figures {
        Figures::of(self.till.clone())
    }

    /// How many guests there is room for, if they are counted.
    pub(crate) fn capacity(&self) -> Option<u32> {
        self.till.capacity()
    }

    /// More room, or less; with none left nobody counts.
    pub(crate) fn change_capacity(&mut self, by: i32) {
        // Another copy may have chosen since.
        self.till.reread_settings();
        let guests = self.till.capacity().unwrap_or(0).saturating_add_signed(by).min(MAX_GUESTS);
        let text = if guests == 0 { String::new() } else { guests.to_string() };
        self.remember(Setting::Capacity, &text);
    }

    /// Begins to look for a folder to save the figures in.
    pub(crate) fn browse_for_figures(&mut self) {
        self.browse(Wanted::Figures);
    }
}
