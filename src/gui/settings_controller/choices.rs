//! What staff can choose, and their choosing it.

use greenlit_core::trust::VenueKind;

use super::{ActionStatus, SettingsController};
use crate::config::LANGUAGES;
use crate::config::look::{AnswerTime, Look, Motion, Palette, Scheme, TextSize};
use crate::config::settings::Setting;
use crate::config::sound_mode::SoundMode;

/// Types of place where guests stay overnight.
const OVERNIGHT: [&str; 2] = ["hotel", "resort"];

/// Something to choose.
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) chosen: bool,
}

impl Choice {
    /// All that the screens have words for.
    fn of<T: Copy + PartialEq, const N: usize>(all: [T; N], key: fn(T) -> &'static str, now: T) -> Vec<Self> {
        all.map(|value| Self { name: String::new(), key: key(value).into(), chosen: value == now }).into()
    }
}

impl SettingsController {
    /// Keeps what was chosen, and says so only where that fails.
    pub(super) fn remember(&mut self, setting: Setting, value: &str) {
        let done = self.till.remember(setting, value);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn languages(&self) -> Vec<Choice> {
        let now = self.till.language();
        let names = [("ru", "Русский"), ("ba", "Башҡортса"), ("en", "English")];
        names.map(|(key, name)| Choice { name: name.into(), key: key.into(), chosen: key == now }).into()
    }

    pub(crate) fn sites(&self) -> Vec<Choice> {
        let chosen = self.till.place().sites;
        let known = VenueKind::KNOWN.iter().map(|key| (*key).to_owned());
        known.map(|key| Choice { chosen: chosen.iter().any(|s| s.0 == key), name: key.clone(), key }).collect()
    }

    /// Whether guests stay overnight here.
    pub(crate) fn is_overnight(&self) -> bool {
        self.till.place().sites.iter().any(|site| OVERNIGHT.contains(&site.0.as_str()))
    }

    /// The shop's own discount in percent, where one is set.
    pub(crate) fn own_percent(&self) -> Option<u8> {
        self.till.place().own_percent
    }

    /// A larger discount of the shop's own, or a smaller one; with none left there is none.
    pub(crate) fn change_own_percent(&mut self, by: i32) {
        if !self.may() {
            return;
        }
        // Another copy may have chosen since.
        self.till.reread_settings();
        let percent = (i32::from(self.own_percent().unwrap_or(0)) + by.clamp(-100, 100)).clamp(0, 100);
        let text = if percent == 0 { String::new() } else { percent.to_string() };
        self.remember(Setting::OwnPercent, &text);
    }

    pub(crate) fn sounds(&self) -> Vec<Choice> {
        Choice::of(SoundMode::ALL, SoundMode::key, self.till.sounds())
    }

    pub(crate) fn look(&self) -> Look {
        self.till.look()
    }

    pub(crate) fn schemes(&self) -> Vec<Choice> {
        Choice::of(Scheme::ALL, Scheme::key, self.look().scheme)
    }

    pub(crate) fn palettes(&self) -> Vec<Choice> {
        Choice::of(Palette::ALL, Palette::key, self.look().palette)
    }

    pub(crate) fn text_sizes(&self) -> Vec<Choice> {
        Choice::of(TextSize::ALL, TextSize::key, self.look().text_size)
    }

    pub(crate) fn motions(&self) -> Vec<Choice> {
        Choice::of(Motion::ALL, Motion::key, self.look().motion)
    }

    pub(crate) fn cameras(&self) -> Vec<Choice> {
        let remembered = self.till.setting(Setting::Camera);
        let chosen = self.cameras.iter().position(|found| {
            remembered.as_ref().is_some_and(|remembered| *remembered == found.id || *remembered == found.name)
        });
        let all = self.cameras.iter().enumerate();
        all.map(|(at, found)| Choice {
            name: found.name.clone(),
            key: found.id.clone(),
            chosen: at == chosen.unwrap_or(0),
        })
        .collect()
    }

    pub(crate) fn choose_language(&mut self, key: &str) {
        if LANGUAGES.contains(&key) {
            self.remember(Setting::Language, key);
        }
    }

    pub(crate) fn toggle_site(&mut self, key: &str) {
        if !self.may() {
            return;
        }
        // Another copy may have chosen since.
        self.till.reread_settings();
        let mut sites: Vec<String> = self.till.place().sites.into_iter().map(|site| site.0).collect();
        match sites.iter().position(|site| site == key) {
            Some(at) => drop(sites.remove(at)),
            None => sites.push(key.to_owned()),
        }
        self.remember(Setting::Sites, &sites.join(","));
    }

    pub(crate) fn choose_sound(&mut self, key: &str) {
        if SoundMode::of(key).is_some() {
            self.remember(Setting::Sound, key);
        }
    }

    pub(crate) fn choose_scheme(&mut self, key: &str) {
        self.remember(Setting::Scheme, key);
    }

    pub(crate) fn answer_time(&self) -> AnswerTime {
        self.till.answer_time()
    }

    pub(crate) fn answer_times(&self) -> Vec<Choice> {
        Choice::of(AnswerTime::ALL, AnswerTime::key, self.answer_time())
    }

    pub(crate) fn choose_answer_time(&mut self, key: &str) {
        self.remember(Setting::AnswerTime, key);
    }

    pub(crate) fn choose_palette(&mut self, key: &str) {
        self.remember(Setting::Palette, key);
    }

    pub(crate) fn choose_text_size(&mut self, key: &str) {
        self.remember(Setting::TextSize, key);
    }

    pub(crate) fn choose_motion(&mut self, key: &str) {
        self.remember(Setting::Motion, key);
    }

    pub(crate) fn choose_camera(&mut self, name: &str) {
        if !self.may() {
            return;
        }
        self.remember(Setting::Camera, name);
    }
}
