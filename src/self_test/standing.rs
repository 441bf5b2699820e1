//! How the till itself stands, in a line for each part: by what `greenlit status` knows, and its camera.

use std::sync::mpsc::channel;
use std::time::Duration;

use serde::Serialize;

use greenlit_camera::supervisor::READER_THREAD;
use greenlit_camera::v4l::{self, CameraInfo};
use greenlit_camera::{CameraState, SourceError};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Freshness;
use greenlit_words::{Language, failure, health as say};

use crate::config::failures;
use crate::config::settings::Setting;
use crate::config::till::Till;
use crate::report::health::{Message, Moment, Report, words};
use crate::report::moment;

/// How long a camera that has stalled is waited for.
const CAMERA_PATIENCE: Duration = Duration::from_secs(5);

/// The till's camera.
#[derive(Debug, Serialize)]
pub(crate) struct Camera {
    /// `found`, or why there is none.
    pub(crate) state: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) message: Option<Message>,
}

impl Camera {
    /// Looks for the one that the window would open, and does not start it.
    pub(crate) fn find(till: &Till, language: Language) -> Self {
        let remembered = till.setting(Setting::Camera);
        let (tell, told) = channel();
        let work = move || tell.send(v4l::find(remembered.as_deref())).ok();
        // A driver's panic is caught there; a thread of this name is not reported for it.
        let thread = std::thread::Builder::new().name(READER_THREAD.into()).spawn(work);
        let found = thread.map_err(|error| SourceError::Io(error.to_string()));
        match found.map(|_| told.recv_timeout(CAMERA_PATIENCE)) {
            Ok(Ok(found)) => Self::of(found, language),
            Err(error) => Self::of(Err(error), language),
            Ok(Err(_)) => {
                let message = Some(Message::new(language, failure::camera_stalled));
                Self { state: CameraState::Stalled.code(), name: None, message }
            }
        }
    }

    pub(crate) fn of(found: Result<CameraInfo, SourceError>, language: Language) -> Self {
        match found {
            Ok(camera) => Self { state: "found", name: Some(camera.name), message: None },
            Err(error) => {
                let message = Some(Message::new(language, |to| failures::camera(&error, to)));
                Self { state: error.code(), name: None, message }
            }
        }
    }

    /// One that is in use is there: at the start of a shift the window may be open already.
    fn is_there(&self) -> bool {
        self.state == "found" || self.state == SourceError::Busy.code()
    }
}

/// One part of the till, for people.
#[derive(Debug)]
pub(crate) struct Part {
    /// For programs.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) title: String,
    pub(crate) is_well: bool,
    pub(crate) text: String,
}

/// The till's parts.
#[derive(Debug)]
pub(crate) struct Standing {
    camera: Camera,
    health: Report,
    now: UnixTime,
}

/// As `--json` prints it.
#[derive(Serialize)]
pub(crate) struct StandingJson<'s> {
    camera: &'s Camera,
    store: StoreJson<'s>,
    stage: &'static str,
    clock: Moment,
    clock_floor: Moment,
    attention: Vec<&'static str>,
}

#[derive(Serialize)]
struct StoreJson<'s> {
    state: &'static str,
    message: &'s Option<Message>,
}

impl Standing {
    /// Of this till now, with this camera.
    pub(crate) fn of(till: &Till, camera: Camera, language: Language) -> Self {
        Self::new(camera, Report::of(till, language), till.now())
    }

    pub(super) fn new(camera: Camera, health: Report, now: UnixTime) -> Self {
        Self { camera, health, now }
    }

    /// A line for each part; settings only where something is wrong with them.
    pub(crate) fn parts(&self, language: Language) -> Vec<Part> {
        let (health, urgency) = (&self.health, self.health.urgency);
        let (name, message) = (&self.camera.name, &self.camera.message);
        let camera = name.clone().or(message.as_ref().map(|message| message.told.clone())).unwrap_or_default();
        let store = match &health.store.message {
            Some(message) => format!("{}: {}", health.store.state, message.told),
            None => health.store.state.into(),
        };
        let now = moment(self.now);
        let clock = if urgency.clock == 0 { now } else { format!("{now}: {}", words(health, language)) };
        let part =
            |name, title: fn(Language) -> String, is_well, text| Part { name, title: title(language), is_well, text };
        let mut parts = vec![
            part("camera", say::part_camera, self.camera.is_there(), camera),
            part("store", say::part_store, urgency.store == 0, store),
            part("trust data", say::part_trust_data, urgency.trust == 0, self.trust(language)),
            part("clock", say::part_clock, urgency.clock == 0, clock),
        ];
        if urgency.settings > 0 {
            parts.push(part("settings", say::part_settings, false, say::settings_mistake(language)));
        }
        parts
    }

    fn trust(&self, language: Language) -> String {
        let (stage, lists) = (self.health.stage, &self.health.lists);
        match lists.iter().find(|list| list.is_blind()) {
            _ if stage == Freshness::ClockBehind => say::age_unknown(language),
            Some(list) if stage != Freshness::Expired => say::list_is(language, list.id, list.state),
            _ => format!("{}: {}", stage.as_str(), words(&self.health, language)),
        }
    }

    /// The parts that want somebody.
    pub(crate) fn attention(&self) -> Vec<&'static str> {
        self.parts(Language::En).into_iter().filter(|part| !part.is_well).map(|part| part.name).collect()
    }

    pub(super) fn json(&self) -> StandingJson<'_> {
        let Report { store, stage, clock, clock_floor, .. } = &self.health;
        StandingJson {
            camera: &self.camera,
            store: StoreJson { state: store.state, message: &store.message },
            stage: stage.as_str(),
            clock: *clock,
            clock_floor: *clock_floor,
            attention: self.attention(),
        }
    }
}
