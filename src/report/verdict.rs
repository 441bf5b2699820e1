//! One thing held up and what came of it: for people and as JSON.

use std::io::{self, Write};

use chrono::{DateTime, Local};
use serde::Serialize;

use crate::config::diagnostic::printable;
use crate::session::second_opinion::Read;
use greenlit_camera::picture::PictureError;
use greenlit_core::answer::{Answer, Code};
use greenlit_core::benefits::{Benefit, Venue};
use greenlit_core::pass::{DocumentKind, NotAPass, Scanned};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::verify::{Rejection, SpecimenPass, Verified, VerifiedPass, verify_scanned};

/// The answer to one picture or text.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Green, and nothing else is.
    Valid(Box<VerifiedPass>),
    /// A pass that is not green.
    Rejected(Rejection),
    /// A sample, answered as a class that no rule honours.
    Specimen(Box<SpecimenPass>),
    /// A QR code that accuses nobody.
    NotAPass(NotAPass),
    /// No QR code at all, as far as was looked.
    NoCode { ran_out: bool },
    /// The picture itself could not be read.
    Unreadable(PictureError),
}

impl Verdict {
    /// Judges what a code says.
    pub(crate) fn of_code(code: &Read, trust: &TrustState, clock: UnixTime) -> Self {
        match &code.refused {
            Some(other) => Self::NotAPass(other.clone()),
            None => Self::of(&code.payload, trust, clock),
        }
    }

    /// Judges one scanned payload.
    pub(crate) fn of(payload: &[u8], trust: &TrustState, clock: UnixTime) -> Self {
        let scanned = greenlit_core::pass::scan(payload);
        if let Scanned::NotAPass(other) = scanned {
            return Self::NotAPass(other);
        }
        match verify_scanned(&scanned, trust, clock) {
            Some(Ok(Verified::Pass(pass))) => Self::Valid(pass),
            Some(Ok(Verified::Specimen(specimen))) => Self::Specimen(specimen),
            Some(Err(rejection)) => Self::Rejected(rejection),
            None => Self::NoCode { ran_out: false },
        }
    }

    /// Of several codes in one picture: a pass before what is none, and of passes the worst.
    pub(crate) fn worst(all: Vec<Self>) -> Self {
        all.into_iter()
            .fold(Self::NoCode { ran_out: false }, |worst, next| if next.rank() > worst.rank() { next } else { worst })
    }

    fn rank(&self) -> (u8, Option<Answer>) {
        match self {
            Self::NoCode { .. } => (0, None),
            Self::NotAPass(_) => (1, None),
            Self::Valid(_) | Self::Rejected(_) | Self::Specimen(_) => (2, self.code().map(Code::answer)),
            Self::Unreadable(_) => (3, None),
        }
    }

    pub(crate) fn code(&self) -> Option<Code> {
        match self {
            Self::Valid(_) => Some(Code::Ok),
            Self::Rejected(rejection) => Some(rejection.code()),
            Self::Specimen(_) => Some(Code::ClassNotHonoured),
            Self::NotAPass(_) | Self::NoCode { .. } | Self::Unreadable(_) => None,
        }
    }

    /// As in `--json`.
    pub(crate) fn answer(&self) -> &'static str {
        match self {
            Self::NotAPass(_) => "not-a-pass",
            _ => self.code().map_or("no-code", |code| code.answer().as_str()),
        }
    }

    /// Why, in one line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Valid(_) => "genuine and good".into(),
            Self::Rejected(rejection) => rejection.to_string(),
            Self::Specimen(_) => "a specimen: genuine as a sample, and no pass".into(),
            Self::NotAPass(other) => other.to_string(),
            Self::NoCode { ran_out: false } => "no QR code was found".into(),
            Self::NoCode { ran_out: true } => "no QR code was found in the time allowed".into(),
            Self::Unreadable(error) => error.to_string(),
        }
    }

    /// Vouched for by an authority for practice.
    pub(crate) fn is_demo(&self) -> bool {
        matches!(self, Self::Valid(pass) if pass.is_demo())
    }

    /// 2 for what the till could not tell or read, 1 for what is not valid or only for practice, 0 for green.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Valid(_) => u8::from(self.is_demo()),
            Self::Unreadable(_) => 2,
            _ if self.code().is_some_and(|code| code.answer() == Answer::CannotTell) => 2,
            _ => 1,
        }
    }
}

/// One line of `--json`.
#[derive(Serialize)]
pub(crate) struct CheckLine<'j> {
    file: &'j str,
    answer: &'static str,
    code: Option<&'static str>,
    message: String,
    benefits: Vec<BenefitJson>,
    expires: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    specimen: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    decode_ms: f64,
    verify_us: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<Vec<CodeJson>>,
}

/// One thing that a valid pass gives.
#[derive(Serialize)]
pub(crate) struct BenefitJson {
    rule: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    own_offer: bool,
    text: String,
    sites: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct CodeJson {
    hex: String,
}

impl CodeJson {
    /// Of a code's bytes.
    pub(crate) fn of(payload: &[u8]) -> Self {
        Self { hex: hex::encode(payload) }
    }
}

/// What it cost, and what else was in the picture.
#[derive(Default)]
pub(crate) struct Measurements {
    pub(crate) decode_ms: f64,
    pub(crate) verify_us: f64,
    pub(crate) payloads: Option<Vec<Vec<u8>>>,
}

impl<'j> CheckLine<'j> {
    pub(crate) fn new(
        file: &'j str,
        verdict: &Verdict,
        measured: &Measurements,
        place: &Venue,
        language: &str,
    ) -> Self {
        let valid = if let Verdict::Valid(pass) = verdict { Some(pass) } else { None };
        Self {
            file,
            answer: verdict.answer(),
            code: verdict.code().map(Code::as_str),
            message: verdict.line(),
            benefits: BenefitJson::all(verdict, place, language),
            expires: valid.map(|pass| pass.expires().to_string()),
            specimen: matches!(verdict, Verdict::Specimen(_)),
            demo: verdict.is_demo(),
            error: if let Verdict::Unreadable(error) = verdict { Some(error.code()) } else { None },
            decode_ms: measured.decode_ms,
            verify_us: measured.verify_us,
            codes: measured
                .payloads
                .as_ref()
                .map(|payloads| payloads.iter().map(|payload| CodeJson::of(payload)).collect()),
        }
    }
}

impl BenefitJson {
    /// All that it gives at this place; nothing unless it is green.
    pub(crate) fn all(verdict: &Verdict, place: &Venue, language: &str) -> Vec<Self> {
        let Verdict::Valid(pass) = verdict else { return Vec::new() };
        pass.benefits(place).into_iter().map(|benefit| Self::new(benefit, language)).collect()
    }

    /// The rule's name and its amount.
    pub(crate) fn short(&self) -> String {
        let amount = self.percent.map(|n| format!(" {n} %")).or(self.days.map(|n| format!(" {n} days")));
        format!("{}{}", self.rule, amount.unwrap_or_default())
    }

    fn new(benefit: Benefit, language: &str) -> Self {
        let percent = benefit.kind.is_percent();
        Self {
            rule: benefit.rule,
            percent: benefit.amount.filter(|_| percent),
            days: benefit.amount.filter(|_| !percent),
            own_offer: benefit.own_offer,
            text: benefit.text.get(language).to_owned(),
            sites: benefit.sites.into_iter().map(|site| site.0).collect(),
            kind: benefit.kind.0,
        }
    }
}

/// For people: the answer, and for a green one what it gives and whom to compare.
pub(crate) fn write_text(
    out: &mut impl Write,
    file: &str,
    verdict: &Verdict,
    place: &Venue,
    language: &str,
) -> io::Result<()> {
    let (mark, word) = match verdict.code().map(Code::answer) {
        Some(Answer::Valid) => ("✓", "VALID"),
        Some(Answer::Refused) => ("✗", "REFUSED"),
        Some(Answer::NotGenuine) => ("⊘", "NOT GENUINE"),
        Some(Answer::CannotTell) => ("!", "CANNOT TELL"),
        None => ("-", if matches!(verdict, Verdict::NotAPass(_)) { "NOT A PASS" } else { "NO CODE" }),
    };
    let code = verdict.code().map(|code| format!(" {code}")).unwrap_or_default();
    let (file, line) = (printable(file), printable(&verdict.line()));
    writeln!(out, "{mark} {word}{code}  {file}: {line}")?;
    if let Verdict::Specimen(specimen) = verdict {
        return writeln!(out, "    made by {}", specimen.issuer().get(language));
    }
    let Verdict::Valid(pass) = verdict else { return Ok(()) };
    if pass.is_demo() {
        writeln!(out, "    DEMO: a practice authority, not a real pass")?;
    }
    let benefits = pass.benefits(place);
    for benefit in &benefits {
        let percent = benefit.kind.is_percent();
        let amount = benefit.amount.map(|n| if percent { format!("{n} % ") } else { format!("{n} days ") });
        let own = if benefit.own_offer { " (this shop's offer)" } else { "" };
        let sites: Vec<&str> = benefit.sites.iter().map(|site| site.0.as_str()).collect();
        writeln!(out, "    {}{}{own} [{}]", amount.unwrap_or_default(), benefit.text.get(language), sites.join(", "))?;
    }
    if benefits.is_empty() {
        writeln!(out, "    nothing extra here")?;
    }
    writeln!(out, "    good through {}", last_moment(pass.expires()))?;
    if let Some(issuer) = pass.issuer() {
        writeln!(out, "    vouched for by {}", issuer.name.get(language))?;
    }
    writeln!(out, "    compare with the ID: {}", identity(pass))
}

/// Initials, birthday and document, as far as the pass has them.
fn identity(pass: &VerifiedPass) -> String {
    let pass = pass.pass();
    let birthday = pass.birthday.map(|b| format!("born on {:02}.{:02}.", b.day(), b.month()));
    let document = pass.document.as_ref().map(|document| {
        let kind = match document.kind {
            DocumentKind::Passport => "passport",
            DocumentKind::ForeignPassport => "foreign passport",
            DocumentKind::BirthCertificate => "birth certificate",
        };
        format!("{kind} ending in {}", document.last4)
    });
    let parts: Vec<String> = [pass.initials.clone(), birthday, document].into_iter().flatten().collect();
    if parts.is_empty() { "the pass names nobody".into() } else { parts.join(", ") }
}

/// The last minute in which something is still good, by the system's zone.
fn last_moment(expires: UnixTime) -> String {
    let last = expires.minus(1);
    let local = i64::try_from(last.seconds()).ok().and_then(|s| DateTime::from_timestamp(s, 0));
    local.map_or_else(|| last.to_string(), |t| t.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string())
}
