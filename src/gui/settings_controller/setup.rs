//! The first run: what a till must know before it can judge anything, a page for each.

use super::SettingsController;
use crate::config::settings::Setting;

/// One page of the set-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SetupStep {
    #[default]
    Language,
    Place,
    Authority,
    Data,
    Camera,
}

impl SetupStep {
    const ALL: [Self; 5] = [Self::Language, Self::Place, Self::Authority, Self::Data, Self::Camera];
}

impl SettingsController {
    /// Whether nobody has set this till up yet, neither here nor by the site file, and whoever stands there may.
    pub(crate) fn is_new(&self) -> bool {
        let managed = &self.till.site().managed;
        self.trust.anchor().is_none() && self.trouble.is_none() && managed.root.is_none() && !self.is_locked()
    }

    pub(crate) fn begin_setup(&mut self) {
        self.setup = self.setup_steps().first().copied().unwrap_or_default();
        self.open_settings();
    }

    /// The pages that are left to staff: what the organisation has set is not asked for.
    pub(crate) fn setup_steps(&self) -> Vec<SetupStep> {
        let asked = |step: &SetupStep| match step {
            SetupStep::Language => !self.is_managed(Setting::Language),
            SetupStep::Place => !self.is_managed(Setting::Sites),
            SetupStep::Authority | SetupStep::Data | SetupStep::Camera => true,
        };
        SetupStep::ALL.into_iter().filter(asked).collect()
    }

    pub(crate) fn setup_step(&self) -> SetupStep {
        self.setup
    }

    /// One page on, or back; whether there is one.
    pub(crate) fn turn_setup(&mut self, on: bool) -> bool {
        let steps = self.setup_steps();
        let at = steps.iter().position(|step| *step == self.setup).unwrap_or(0);
        let to = if on { Some(at + 1) } else { at.checked_sub(1) };
        let Some(step) = to.and_then(|to| steps.get(to)) else { return false };
        self.setup = *step;
        self.message = super::ActionStatus::None;
        true
    }
}
