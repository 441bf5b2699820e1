//! What staff can choose, and their choosing it.

use greenlit_core::trust::VenueKind;

use super::{ActionStatus, SettingsController};
use crate::config::LANGUAGES;
use crate::config::look::{AnswerTime, Look, Motion, Palette, Scheme, TextSize};
use crate::config::settings::Setting;
use crate::config::sound_mode::SoundMode;

/// Something to choose.
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) chosen: bool,
}

impl Choice {
    /// One that the screens have a word for.
    fn of(key: &str, chosen: bool) -> Self {
        Self { name: String::new(), key: key.into(), chosen }
    }
}

impl SettingsController {
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

    /// Whether one of these is among the types of place here.
    pub(crate) fn sites_include(&self, keys: &[&str]) -> bool {
        self.till.place().sites.iter().any(|site| keys.contains(&site.0.as_str()))
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
        let done = self.till.remember(Setting::OwnPercent, &text);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn sounds(&self) -> Vec<Choice> {
        let now = self.till.sounds();
        SoundMode::ALL.map(|sounds| Choice::of(sounds.key(), sounds == now)).into()
    }

    pub(crate) fn look(&self) -> Look {
        self.till.look()
    }

    pub(crate) fn schemes(&self) -> Vec<Choice> {
        let now = self.look().scheme;
        Scheme::ALL.map(|scheme| Choice::of(scheme.key(), scheme == now)).into()
    }

    pub(crate) fn palettes(&self) -> Vec<Choice> {
        let now = self.look().palette;
        Palette::ALL.map(|palette| Choice::of(palette.key(), palette == now)).into()
    }

    pub(crate) fn text_sizes(&self) -> Vec<Choice> {
        let now = self.look().text_size;
        TextSize::ALL.map(|size| Choice::of(size.key(), size == now)).into()
    }

    pub(crate) fn motions(&self) -> Vec<Choice> {
        let now = self.look().motion;
        Motion::ALL.map(|motion| Choice::of(motion.key(), motion == now)).into()
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
            let done = self.till.remember(Setting::Language, key);
            self.told(done.map_err(Into::into), ActionStatus::None);
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
        let done = self.till.remember(Setting::Sites, &sites.join(","));
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_sound(&mut self, key: &str) {
        if SoundMode::of(key).is_some() {
            let done = self.till.remember(Setting::Sound, key);
            self.told(done.map_err(Into::into), ActionStatus::None);
        }
    }

    pub(crate) fn choose_scheme(&mut self, key: &str) {
        let done = self.till.remember(Setting::Scheme, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn answer_time(&self) -> AnswerTime {
        self.till.answer_time()
    }

    pub(crate) fn answer_times(&self) -> Vec<Choice> {
        let chosen = self.answer_time();
        let choice = |time: AnswerTime| Choice { name: String::new(), key: time.key().into(), chosen: time == chosen };
        AnswerTime::ALL.map(choice).into()
    }

    pub(crate) fn choose_answer_time(&mut self, key: &str) {
        let done = self.till.remember(Setting::AnswerTime, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_palette(&mut self, key: &str) {
        let done = self.till.remember(Setting::Palette, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_text_size(&mut self, key: &str) {
        let done = self.till.remember(Setting::TextSize, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_motion(&mut self, key: &str) {
        let done = self.till.remember(Setting::Motion, key);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }

    pub(crate) fn choose_camera(&mut self, name: &str) {
        if !self.may() {
            return;
        }
        let done = self.till.remember(Setting::Camera, name);
        self.told(done.map_err(Into::into), ActionStatus::None);
    }
}
