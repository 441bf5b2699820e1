//! How the till itself stands, in a line for each part: by what `greenlit status` knows, and its camera.

use std::sync::mpsc::channel;
use std::time::Duration;

use serde::Serialize;

use greenlit_camera::supervisor::READER_THREAD;
use greenlit_camera::v4l::{self, CameraInfo};
use greenlit_camera::{CameraState, SourceError};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Freshness;

use crate::config::settings::Setting;
use crate::config::till::Till;
use crate::report::health::{Report, words};
use crate::report::sentences::moment;

/// How long a camera that has stalled is waited for.
const CAMERA_PATIENCE: Duration = Duration::from_secs(5);

/// The till's camera.
#[derive(Debug, Serialize)]
pub(crate) struct Camera {
    /// `found`, or why there is none.
    pub(crate) state: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) message: Option<String>,
}

impl Camera {
    /// Looks for the one that the window would open, and does not start it.
    pub(crate) fn find(till: &Till) -> Self {
        let remembered = till.setting(Setting::Camera);
        let (tell, told) = channel();
        let work = move || tell.send(v4l::find(remembered.as_deref())).ok();
        // A driver's panic is caught there; a thread of this name is not reported for it.
        let thread = std::thread::Builder::new().name(READER_THREAD.into()).spawn(work);
        let found = thread.map_err(|error| SourceError::Io(error.to_string()));
        match found.map(|_| told.recv_timeout(CAMERA_PATIENCE)) {
            Ok(Ok(found)) => Self::of(found),
            Err(error) => Self::of(Err(error)),
            Ok(Err(_)) => {
                let message = Some("the camera is not responding".into());
                Self { state: CameraState::Stalled.code(), name: None, message }
            }
        }
    }

    pub(crate) fn of(found: Result<CameraInfo, SourceError>) -> Self {
        match found {
            Ok(camera) => Self { state: "found", name: Some(camera.name), message: None },
            Err(error) => Self { state: error.code(), name: None, message: Some(error.to_string()) },
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
    pub(crate) name: &'static str,
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
    clock: &'s str,
    clock_floor: &'s str,
    attention: Vec<&'static str>,
}

#[derive(Serialize)]
struct StoreJson<'s> {
    state: &'static str,
    message: Option<&'s str>,
}

impl Standing {
    /// Of this till now, with this camera.
    pub(crate) fn of(till: &Till, camera: Camera) -> Self {
        Self::new(camera, Report::of(till), till.now())
    }

    pub(super) fn new(camera: Camera, health: Report, now: UnixTime) -> Self {
        Self { camera, health, now }
    }

    /// A line for each part; settings only where something is wrong with them.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let (health, urgency) = (&self.health, self.health.urgency);
        let camera = self.camera.name.as_ref().or(self.camera.message.as_ref()).cloned().unwrap_or_default();
        let store = match &health.store.message {
            Some(message) => format!("{}: {message}", health.store.state),
            None => health.store.state.into(),
        };
        let now = moment(self.now);
        let clock = if urgency.clock == 0 { now } else { format!("{now}: {}", words(health)) };
        let mut parts = vec![
            Part { name: "camera", is_well: self.camera.is_there(), text: camera },
            Part { name: "store", is_well: urgency.store == 0, text: store },
            Part { name: "trust data", is_well: urgency.trust == 0, text: self.trust() },
            Part { name: "clock", is_well: urgency.clock == 0, text: clock },
        ];
        if urgency.settings > 0 {
            let text = "the site file or a setting has a mistake; `greenlit status` shows it".into();
            parts.push(Part { name: "settings", is_well: false, text });
        }
        parts
    }

    fn trust(&self) -> String {
        let (stage, lists) = (self.health.stage, &self.health.lists);
        match lists.iter().find(|list| list.is_blind()) {
            _ if stage == Freshness::ClockBehind => "age unknown: the clock is behind".into(),
            Some(list) if stage != Freshness::Expired => {
                format!("revocation list {} is {}; run `greenlit sync`", list.id, list.state)
            }
            _ => format!("{}: {}", stage.as_str(), words(&self.health)),
        }
    }

    /// The parts that want somebody.
    pub(crate) fn attention(&self) -> Vec<&'static str> {
        self.parts().into_iter().filter(|part| !part.is_well).map(|part| part.name).collect()
    }

    pub(super) fn json(&self) -> StandingJson<'_> {
        let Report { store, stage, clock, clock_floor, .. } = &self.health;
        StandingJson {
            camera: &self.camera,
            store: StoreJson { state: store.state, message: store.message.as_deref() },
            stage: stage.as_str(),
            clock,
            clock_floor,
            attention: self.attention(),
        }
    }
}
