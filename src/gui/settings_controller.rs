//! What staff do at the till besides scanning: language, place, trust data, camera.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use chrono::Local;

use greenlit_camera::controls::ControlPanel;
use greenlit_camera::v4l::{self, CameraInfo};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Freshness, Root, TrustState};

use greenlit_words::Language;

use crate::config::settings::Setting;
use crate::config::store_watcher::StoreWatcher;
use crate::config::sync_source::SyncSource;
use crate::config::till::{StoreTrouble, Till, build_date};
use crate::self_test::{self, SelfTest};
use crate::session::renewal::{Renewal, RenewalError};
use crate::session::sound::Player;
use crate::session::{self, OpenCamera, Presentation};

mod access;
mod background;
mod browse;
mod choices;
pub(crate) mod date;
pub(crate) mod dial;
mod entries;
mod setup;
mod shift;

use access::Access;
pub(crate) use access::{PinPurpose, PinStatus};
use background::BackgroundResult;
use browse::Anything;
pub(crate) use browse::{FolderListing, Opened, Wanted};
pub(crate) use choices::Choice;
use date::ClockDials;
use dial::Dial;
pub(crate) use entries::Entry;
use entries::Refused;
pub(crate) use setup::SetupStep;

/// How the last thing done went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ActionStatus {
    #[default]
    None,
    Busy,
    Done,
    NothingNewer,
    ChooseFolder,
    Failed(RenewalError),
}

/// The till as its staff set it up.
pub(crate) struct SettingsController {
    till: Till,
    trust: TrustState,
    listing: FolderListing,
    cameras: Vec<CameraInfo>,
    /// The light and the zoom of the camera that is open.
    panel: ControlPanel,
    message: ActionStatus,
    refused: Refused,
    /// What a sync brings could not be kept.
    unwritable: bool,
    /// Nothing of the store has been seen yet, and why.
    trouble: Option<StoreTrouble>,
    renewal: Option<Renewal>,
    /// Not as a time of day: the clock may be set since.
    renewed: Option<Instant>,
    date: ClockDials,
    access: Access,
    setup: SetupStep,
    self_test: Option<Box<SelfTest>>,
    looked_at_clock: Option<Instant>,
    watcher: StoreWatcher,
    /// How often other trust data was taken in.
    changes: u64,
    probed: Option<Instant>,
    fetched: Receiver<BackgroundResult>,
    fetcher: Sender<BackgroundResult>,
}

#[cfg(test)]
mod tests;

impl SettingsController {
    /// Of this till.
    pub(crate) fn new(till: Till) -> Self {
        let (trust, watcher) = StoreWatcher::first(&till);
        let trouble = trust.as_ref().err().copied();
        let trust = trust.unwrap_or_else(|_| TrustState::empty(build_date()));
        let (fetcher, fetched) = channel();
        let panel = ControlPanel::default();
        // For the first camera that zooms.
        till.setting(Setting::Zoom)
            .and_then(|zoom| zoom.parse().ok())
            .into_iter()
            .for_each(|zoom| panel.set_zoom(zoom));
        let listing = FolderListing::default();
        let date = ClockDials::new(Dial::new(till.now(), trust.earliest_clock(), &Local));
        Self {
            till,
            trust,
            listing,
            cameras: Vec::new(),
            panel,
            message: ActionStatus::None,
            refused: Refused::new(),
            unwritable: false,
            trouble,
            renewal: None,
            renewed: None,
            date,
            access: Access::new(),
            setup: SetupStep::default(),
            self_test: None,
            looked_at_clock: None,
            watcher,
            changes: 0,
            probed: None,
            fetched,
            fetcher,
        }
    }

    fn take_in(&mut self, trust: TrustState) {
        self.trust = trust;
        self.trouble = None;
        self.changes += 1;
    }

    /// A source that has nothing better than what has expired has not helped, and staff must hear that.
    fn renewal_status(&self, new: bool) -> ActionStatus {
        match self.trust.age(self.now()).stage {
            Freshness::None | Freshness::Expired => ActionStatus::Failed(RenewalError {
                code: "no-valid-data",
                detail: "the source has no valid trust data".into(),
            }),
            _ if new => ActionStatus::Done,
            _ => ActionStatus::NothingNewer,
        }
    }

    /// What a sync brings could not be kept, and nor could the time that is gone by.
    pub(crate) fn is_unwritable(&self) -> bool {
        self.unwritable
    }

    /// Why nothing is known of what the store holds.
    pub(crate) fn store_trouble(&self) -> Option<StoreTrouble> {
        self.trouble
    }

    /// Looks into the store again. What is held serves on where that cannot be read.
    fn reload(&mut self) {
        match self.till.trust() {
            Ok(trust) => self.take_in(trust),
            Err(trouble) if self.trouble.is_some() => self.trouble = Some(trouble),
            Err(_) => {}
        }
    }

    /// The time that this till goes by.
    pub(crate) fn now(&self) -> UnixTime {
        self.till.now()
    }

    /// When the trust data was last looked after with success, since the window opened, by the clock of now.
    pub(crate) fn renewed(&self) -> Option<UnixTime> {
        self.renewed.map(|at| self.now().minus(at.elapsed().as_secs()))
    }

    /// Whether the organisation has set this, so that staff cannot.
    pub(crate) fn is_managed(&self, setting: Setting) -> bool {
        self.till.site().setting(setting).is_some()
    }

    /// Whether the authority that is trusted is the one that the organisation has set.
    pub(crate) fn authority_is_managed(&self) -> bool {
        let named = self.till.site().managed.root.as_ref().map(|root| root.fingerprint);
        named.is_some() && named == self.trust.anchor().map(Root::fingerprint)
    }

    /// Where the trust data is renewed from, as it may be shown.
    pub(crate) fn source(&self) -> Option<String> {
        self.till.setting(Setting::Source).map(|source| Setting::Source.shown(&source))
    }

    pub(crate) fn trust(&self) -> TrustState {
        self.trust.clone()
    }

    pub(crate) fn language(&self) -> String {
        self.till.language()
    }

    /// The language of this program's own words in the window.
    pub(crate) fn words(&self) -> Language {
        Language::of_tag(&self.language()).unwrap_or_default()
    }

    pub(crate) fn presentation(&self) -> Presentation {
        let till = &self.till;
        Presentation { place: till.place(), name: till.name(), language: till.language(), sounds: till.sounds() }
    }

    /// What speaks for this till.
    pub(crate) fn voice(&self) -> Player {
        Player::new(self.till.folder().join("sounds"))
    }

    #[cfg(test)]
    pub(crate) fn till(&self) -> &Till {
        &self.till
    }

    /// Tests aside whether this till judges rightly; a till without threads has failed that.
    pub(crate) fn run_self_test(&mut self) {
        let (till, language) = (self.till.clone(), self.words());
        self.fetch(move || BackgroundResult::SelfTest(Box::new(self_test::run(&till, language))));
    }

    /// The self-test that has come in since the last look.
    pub(crate) fn take_self_test(&mut self) -> Option<Box<SelfTest>> {
        self.self_test.take()
    }

    /// How the last thing done went.
    pub(crate) fn message(&self) -> &ActionStatus {
        &self.message
    }

    pub(crate) fn open_settings(&mut self) {
        self.message = ActionStatus::None;
        // Another copy may have changed them, and may be busy doing so.
        let till = self.till.clone();
        self.fetch(move || {
            till.reread_settings();
            BackgroundResult::Reread
        });
        self.fetch(|| BackgroundResult::Cameras(v4l::list()));
        self.look_for_network();
    }

    /// Opens the remembered camera, or else the first that works.
    pub(crate) fn open_camera(&self) -> OpenCamera {
        session::open_camera(&self.till, &self.panel)
    }

    /// The light and the zoom of the camera that is open.
    pub(crate) fn panel(&self) -> &ControlPanel {
        &self.panel
    }

    /// Keeps the zoom for the next start, where the camera has one.
    pub(crate) fn remember_zoom(&self) {
        let zoom = self.panel.zoom().map(|zoom| zoom.to_string());
        if let Some(zoom) = zoom.filter(|zoom| self.till.setting(Setting::Zoom).as_ref() != Some(zoom)) {
            // The next start begins as this one did, then.
            let _ = self.till.remember(Setting::Zoom, &zoom);
        }
    }

    /// Renews the trust data from the remembered folder.
    pub(crate) fn sync(&mut self) {
        match (SyncSource::remembered(&self.till), &self.renewal) {
            (Some(_), Some(renewal)) => {
                self.message = ActionStatus::Busy;
                renewal.ask();
            }
            _ => self.message = ActionStatus::ChooseFolder,
        }
    }

    fn told(&mut self, done: Result<(), Anything>, good: ActionStatus) {
        if done.as_ref().is_err_and(|error| ["store", "busy"].contains(&RenewalError::of(error.as_ref()).code)) {
            // Looked into at once: it may be the store as a whole.
            (self.probed, self.looked_at_clock) = (None, None);
        }
        self.message = done.map_or_else(|error| ActionStatus::Failed(RenewalError::of(error.as_ref())), |()| good);
    }
}
