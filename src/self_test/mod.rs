//! The self-test: whether this till judges rightly, by samples whose answers are known.
//!
//! Each sample is drawn as a QR code and goes the way of a guest's pass: reader, second opinion, judgement.
//! It is judged by the samples' own trust data at the samples' own time, and nothing of the till is asked or
//! changed for that: the till does not trust their root, which is for practice, and what was made of it is
//! dropped. Only afterwards is the till itself looked at.

mod samples;
mod standing;

use serde::{Serialize, Serializer};

use greenlit_core::answer::Code;
use greenlit_core::benefits::Venue;
use greenlit_core::trust::{RollbackFloor, TrustState};
use greenlit_core::verdict::Verdict;
use greenlit_qr::encode::QrPicture;
use greenlit_schemes::judge as judge_by;
use greenlit_words::{Language, health};

use crate::config::till::Till;
use crate::report::finding::Finding;
use crate::session::handed_in::{STILL_BUDGET, read_frame};
use crate::session::view_model::{AnswerView, answer_view};
use samples::{Kit, Sample};
use standing::{Camera, Standing};

/// Pixels a module, about as many as a camera gives at arm's length.
const SCALE: u32 = 4;

/// What a sample must come out as, or came out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Code(Code),
    Specimen,
    NotAPass,
    /// The picture was not read.
    NoCode,
}

impl Judgement {
    fn of(finding: &Finding) -> Self {
        match finding.verdict() {
            Some(Verdict::Specimen(_)) => Self::Specimen,
            Some(verdict) => verdict.code().map_or(Self::NotAPass, Self::Code),
            None => Self::NoCode,
        }
    }

    /// The code, or a stable word where there is none or it does not tell all.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Specimen => "specimen",
            Self::NotAPass => "not-a-pass",
            Self::NoCode => "no-code",
        }
    }
}

fn word<S: Serializer>(judgement: &Judgement, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(judgement.as_str())
}

/// A sample, and what came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Judged {
    pub(crate) name: &'static str,
    #[serde(serialize_with = "word")]
    pub(crate) expected: Judgement,
    #[serde(serialize_with = "word")]
    pub(crate) found: Judgement,
    pub(crate) passed: bool,
}

/// What came of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// The till judges rightly, and is ready.
    Passed,
    /// It judges rightly, and somebody should look at it.
    Attention,
    /// It judges wrongly: it must not be used.
    Failed,
}

impl Outcome {
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Attention => 1,
            Self::Failed => 2,
        }
    }
}

/// A self-test that was made.
#[derive(Debug)]
pub(crate) struct SelfTest {
    pub(crate) samples: Vec<Judged>,
    pub(crate) till: Standing,
}

/// What `--json` prints. Names and words stay as they are; later versions may add to them.
#[derive(Serialize)]
pub(crate) struct SelfTestJson<'t> {
    self_test: Outcome,
    exit: u8,
    version: &'static str,
    samples: &'t [Judged],
    till: standing::StandingJson<'t>,
}

/// Judges the samples, and then looks at this till, of which is told in this language.
pub(crate) fn run(till: &Till, language: Language) -> SelfTest {
    let samples = judge(&Kit::embedded());
    SelfTest { samples, till: Standing::of(till, Camera::find(till, language), language) }
}

/// The answers to the samples that are passes, to train staff with: judged as any pass is, and shown as nothing else.
pub(crate) fn examples(language: &str) -> Vec<AnswerView> {
    let kit = Kit::embedded();
    let (trust, _) = TrustState::restore(&kit.documents, &RollbackFloor::default(), samples::BUILT);
    let judged = kit.samples.iter().map(|sample| judge_by(&trust, sample.at).text(sample.text.as_bytes()));
    judged.filter_map(|verdict| answer_view(&verdict, &Venue::default(), language)).collect()
}

/// What this program makes of the samples. Trust data that does not hold leaves none, and then they come out wrong.
fn judge(kit: &Kit) -> Vec<Judged> {
    let (trust, _) = TrustState::restore(&kit.documents, &RollbackFloor::default(), samples::BUILT);
    let judged = |sample: &Sample| {
        let found = Judgement::of(&shown(sample, &trust));
        Judged { name: sample.name, expected: sample.expected, found, passed: found == sample.expected }
    };
    kit.samples.iter().map(judged).collect()
}

/// What a till answers to the picture of this sample.
fn shown(sample: &Sample, trust: &TrustState) -> Finding {
    let frame = QrPicture::new(&sample.text).ok().and_then(|picture| picture.to_frame(SCALE));
    let Some(frame) = frame else { return Finding::NoCode { ran_out: false } };
    let still = read_frame(&frame, STILL_BUDGET);
    Finding::of_codes(still.codes.iter().map(|code| judge_by(trust, sample.at).code(code)), still.ran_out)
}

impl SelfTest {
    /// No samples prove nothing.
    pub(crate) fn outcome(&self) -> Outcome {
        if self.samples.is_empty() || self.samples.iter().any(|sample| !sample.passed) {
            Outcome::Failed
        } else if self.till.attention().is_empty() {
            Outcome::Passed
        } else {
            Outcome::Attention
        }
    }

    /// The whole in one line, for people.
    pub(crate) fn closing(&self, language: Language) -> String {
        match self.outcome() {
            Outcome::Passed => health::passed(language),
            Outcome::Attention => {
                let parts = self.till.parts(language).into_iter().filter(|part| !part.is_well);
                let parts: Vec<String> = parts.map(|part| part.title).collect();
                health::passed_with_attention(language, parts.join(", "))
            }
            Outcome::Failed => {
                let wrong = self.samples.iter().filter(|sample| !sample.passed);
                let wrong: Vec<String> = wrong.map(|sample| sample.complaint(language)).collect();
                let wrong = if wrong.is_empty() { health::no_samples(language) } else { wrong.join(", ") };
                health::failed(language, wrong)
            }
        }
    }

    /// As `--json` prints it.
    pub(crate) fn json(&self) -> SelfTestJson<'_> {
        let outcome = self.outcome();
        SelfTestJson {
            self_test: outcome,
            exit: outcome.exit_code(),
            version: env!("CARGO_PKG_VERSION"),
            samples: &self.samples,
            till: self.till.json(),
        }
    }
}

impl Judged {
    fn complaint(&self, language: Language) -> String {
        health::was_instead_of(language, self.name, self.found.as_str(), self.expected.as_str())
    }
}

#[cfg(test)]
mod tests;
