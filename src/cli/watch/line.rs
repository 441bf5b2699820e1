//! The lines of `greenlit watch`. Words that do not depend on the pass, so that nothing of it can get
//! into a log by way of a message.

use serde::{Serialize, Serializer};

use greenlit_camera::CameraState;
use greenlit_core::answer::Code;
use greenlit_core::benefits::Venue;
use greenlit_core::time::UnixTime;
use greenlit_core::verdict::Verdict;
use greenlit_words::terminal::{self, answers};
use greenlit_words::{Language, staff};

use crate::report::finding::{BenefitJson, mark};

/// A new answer.
#[derive(Serialize)]
pub(super) struct AnswerLine {
    at: String,
    answer: &'static str,
    #[serde(serialize_with = "word")]
    code: Code,
    message: String,
    benefits: Vec<BenefitJson>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    specimen: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
}

/// How the camera is from now on.
#[derive(Serialize)]
pub(super) struct CameraLine {
    at: String,
    #[serde(serialize_with = "state_word")]
    camera: CameraState,
    message: String,
}

fn word<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

fn state_word<S: Serializer>(state: &CameraState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.code())
}

/// What a code means, and a specimen's code of its own.
fn meaning(code: Code, specimen: bool, language: Language) -> String {
    if specimen { terminal::specimen(language) } else { terminal::meaning(code, language) }
}

impl AnswerLine {
    /// `None` for what is no pass, which is no answer.
    pub(super) fn new(at: UnixTime, verdict: &Verdict, place: &Venue, language: &str) -> Option<Self> {
        let code = verdict.code()?;
        let specimen = matches!(verdict, Verdict::Specimen(_));
        Some(Self {
            at: at.to_string(),
            answer: code.answer().as_str(),
            code,
            message: meaning(code, specimen, Language::En),
            benefits: BenefitJson::all(verdict, place, language),
            specimen,
            demo: verdict.is_demo(),
        })
    }

    /// For programs, or for people in their language.
    pub(super) fn text(&self, json: bool, language: Language) -> String {
        if json {
            return object(self);
        }
        let demo = if self.demo { format!(" ({})", answers::practice_only(language)) } else { String::new() };
        let rules: Vec<String> = self.benefits.iter().map(|benefit| benefit.short(language)).collect();
        let gives = if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join(", ")) };
        let answer = match language {
            // As programs have read it since there is `watch`.
            Language::En => self.answer.to_owned(),
            Language::Ru | Language::Ba => staff::answer(self.code.answer(), language).to_lowercase(),
        };
        let (mark, message) = (mark(Some(self.code)), meaning(self.code, self.specimen, language));
        format!("{} {mark} {answer} {}: {message}{gives}{demo}\n", self.at, self.code)
    }
}

impl CameraLine {
    pub(super) fn new(at: UnixTime, camera: CameraState) -> Self {
        Self { at: at.to_string(), camera, message: camera_words(camera, Language::En) }
    }

    /// For programs, or for people in their language.
    pub(super) fn text(&self, json: bool, language: Language) -> String {
        if json {
            return object(self);
        }
        let message = camera_words(self.camera, language);
        format!("{} {} {}: {message}\n", self.at, answers::camera(language), self.camera.code())
    }
}

fn camera_words(state: CameraState, language: Language) -> String {
    match state {
        CameraState::Starting => answers::camera_opening(language),
        CameraState::Ready => answers::camera_working(language),
        CameraState::NoCamera => answers::camera_none(language),
        CameraState::Unusable => answers::camera_unusable(language),
        CameraState::Busy => answers::camera_busy(language),
        CameraState::Stalled => answers::camera_stalled(language),
        CameraState::Disconnected => answers::camera_gone(language),
        CameraState::Dark => answers::camera_dark(language),
    }
}

fn object(line: &impl Serialize) -> String {
    // Plain values cannot fail to be written; an empty line would be passed over by every reader.
    serde_json::to_string(line).unwrap_or_default() + "\n"
}
