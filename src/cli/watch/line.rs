//! The lines of `greenlit watch`. Words that do not depend on the pass, so that nothing of it can get
//! into a log by way of a message.

use serde::Serialize;

use greenlit_camera::CameraState;
use greenlit_core::answer::Answer;
use greenlit_core::benefits::Venue;
use greenlit_core::time::UnixTime;
use greenlit_core::verdict::Verdict;

use crate::report::finding::BenefitJson;
use crate::report::sentences;

/// A new answer.
#[derive(Serialize)]
pub(super) struct AnswerLine {
    at: String,
    answer: &'static str,
    code: &'static str,
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
    camera: &'static str,
    message: &'static str,
}

impl AnswerLine {
    /// `None` for what is no pass, which is no answer.
    pub(super) fn new(at: UnixTime, verdict: &Verdict, place: &Venue, language: &str) -> Option<Self> {
        let code = verdict.code()?;
        let specimen = matches!(verdict, Verdict::Specimen(_));
        Some(Self {
            at: at.to_string(),
            answer: code.answer().as_str(),
            code: code.as_str(),
            message: if specimen { sentences::SPECIMEN.into() } else { sentences::meaning(code) },
            benefits: BenefitJson::all(verdict, place, language),
            specimen,
            demo: verdict.is_demo(),
        })
    }

    pub(super) fn text(&self, json: bool) -> String {
        if json {
            return object(self);
        }
        let mark = match self.answer {
            word if word == Answer::Valid.as_str() => "✓",
            word if word == Answer::Refused.as_str() => "✗",
            word if word == Answer::NotGenuine.as_str() => "⊘",
            _ => "!",
        };
        let demo = if self.demo { " (DEMO, practice only)" } else { "" };
        let rules: Vec<String> = self.benefits.iter().map(BenefitJson::short).collect();
        let gives = if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join(", ")) };
        format!("{} {mark} {} {}: {}{gives}{demo}\n", self.at, self.answer, self.code, self.message)
    }
}

impl CameraLine {
    pub(super) fn new(at: UnixTime, state: CameraState) -> Self {
        let message = match state {
            CameraState::Starting => "opening",
            CameraState::Ready => "working",
            CameraState::NoCamera => "no camera connected",
            CameraState::Unusable => "no permission to use it, or its picture format is not supported",
            CameraState::Busy => "in use by another program",
            CameraState::Stalled => "not responding",
            CameraState::Disconnected => "unplugged or broken",
            CameraState::Dark => "no image: lens covered, or no light",
        };
        Self { at: at.to_string(), camera: state.code(), message }
    }

    pub(super) fn text(&self, json: bool) -> String {
        if json { object(self) } else { format!("{} camera {}: {}\n", self.at, self.camera, self.message) }
    }
}

fn object(line: &impl Serialize) -> String {
    // Plain values cannot fail to be written; an empty line would be passed over by every reader.
    serde_json::to_string(line).unwrap_or_default() + "\n"
}
