//! Settings that are written, and not chosen: the name of this place, and the ways to its trust data.

use std::path::Path;

use super::{ActionStatus, SettingsController};
use crate::config::failures;
use crate::config::settings::Setting;
use crate::config::till::SettingError;

/// One of them, as its field shows it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) value: String,
    /// The organisation has set it.
    pub(crate) managed: bool,
    /// Why what was entered is not taken, in the window's language.
    pub(crate) wrong: String,
}

/// What was not taken, and why.
pub(super) type Refused = Vec<(Setting, String)>;

impl SettingsController {
    /// Another copy may have changed them.
    pub(crate) fn open_entries(&mut self) {
        self.refused.clear();
        self.message = ActionStatus::None;
        self.till.reread_settings();
    }

    pub(crate) fn entry(&self, setting: Setting) -> Entry {
        let value = self.till.setting(setting).unwrap_or_default();
        let wrong = self.refused.iter().find(|(refused, _)| *refused == setting);
        Entry {
            managed: self.is_managed(setting),
            // A password in an address is nobody's business.
            value: setting.shown(&value),
            wrong: wrong.map(|(_, why)| why.clone()).unwrap_or_default(),
        }
    }

    /// Keeps what was entered, each by itself: one with a mistake does not hold up the others.
    pub(crate) fn write_entries(&mut self, entered: &[(Setting, String)]) {
        if !self.may() {
            return;
        }
        self.refused.clear();
        self.message = ActionStatus::None;
        for (setting, text) in entered {
            let text = text.trim();
            if !self.is_managed(*setting) && text != self.entry(*setting).value {
                self.keep(*setting, &if text.is_empty() { String::new() } else { setting.meant(text) });
            }
        }
    }

    /// Whether all that was entered is kept.
    pub(crate) fn entries_are_taken(&self) -> bool {
        self.refused.is_empty() && self.message == ActionStatus::None
    }

    /// The certificate authority of the source, from a file that somebody has found.
    pub(super) fn use_certificate(&mut self, path: &Path) {
        self.refused.clear();
        self.keep(Setting::Ca, &path.display().to_string());
    }

    pub(crate) fn clear_certificate(&mut self) {
        if self.may() {
            self.keep(Setting::Ca, "");
        }
    }

    fn keep(&mut self, setting: Setting, value: &str) {
        match self.till.remember(setting, value) {
            Err(SettingError::Bad(why)) => self.refused.push((setting, failures::bad_setting(&why, self.words()))),
            kept => self.told(kept.map_err(Into::into), ActionStatus::None),
        }
    }
}
