//! One thing held up and what came of it: for people and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::config::diagnostic::printable;
use crate::report::sentences;
use greenlit_camera::picture::PictureError;
use greenlit_core::answer::{Answer, Code};
use greenlit_core::benefits::{Benefit, Venue};
use greenlit_core::pass::DocumentKind;
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::VerifiedPass;

/// What was found in one picture or text.
#[derive(Debug)]
pub(crate) enum Finding {
    /// A code, judged.
    Code(Verdict),
    /// A code that there was no trust data to judge by, because the store could not be read: what is said instead.
    Unread(Verdict, &'static str),
    /// No QR code at all, as far as was looked.
    NoCode { ran_out: bool },
    /// The picture itself could not be read.
    Unreadable(PictureError),
}

impl Finding {
    /// Of several codes in one picture the one that counts.
    pub(crate) fn of_codes(all: impl IntoIterator<Item = Verdict>, ran_out: bool) -> Self {
        Verdict::worst(all).map_or(Self::NoCode { ran_out }, Self::Code)
    }

    /// The same where the store could not be read: that there is no trust data is not known then.
    pub(crate) fn without_store(self, why: Option<&'static str>) -> Self {
        match (self, why) {
            (Self::Code(verdict), Some(why)) if verdict.code() == Some(Code::NoTrust) => Self::Unread(verdict, why),
            (finding, _) => finding,
        }
    }

    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        if let Self::Code(verdict) | Self::Unread(verdict, _) = self { Some(verdict) } else { None }
    }

    pub(crate) fn code(&self) -> Option<Code> {
        self.verdict().and_then(Verdict::code)
    }

    /// As in `--json`.
    pub(crate) fn answer(&self) -> &'static str {
        match self {
            Self::Code(verdict) | Self::Unread(verdict, _) => verdict.answer().map_or("not-a-pass", Answer::as_str),
            Self::NoCode { .. } | Self::Unreadable(_) => "no-code",
        }
    }

    /// Why, in one line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Code(Verdict::Valid(_)) => "genuine, in date, not revoked".into(),
            Self::Code(Verdict::Rejected(rejection)) => sentences::why(rejection),
            Self::Code(Verdict::Specimen(_)) => sentences::SPECIMEN.into(),
            Self::Code(Verdict::NotAPass(other)) => sentences::not_a_pass(other),
            Self::Unread(_, why) => (*why).into(),
            Self::NoCode { ran_out: false } => "no QR code found".into(),
            Self::NoCode { ran_out: true } => "no QR code found within the time limit".into(),
            Self::Unreadable(error) => error.to_string(),
        }
    }

    /// Vouched for by an authority for practice.
    pub(crate) fn is_demo(&self) -> bool {
        self.verdict().is_some_and(Verdict::is_demo)
    }

    /// 2 for what the till could not tell or read, 1 for what is not valid or only for practice, 0 for green.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Code(Verdict::Valid(pass)) => u8::from(pass.is_demo()),
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
        finding: &Finding,
        measured: &Measurements,
        place: &Venue,
        language: &str,
    ) -> Self {
        let verdict = finding.verdict();
        let valid = if let Some(Verdict::Valid(pass)) = verdict { Some(pass) } else { None };
        Self {
            file,
            answer: finding.answer(),
            code: finding.code().map(Code::as_str),
            message: finding.line(),
            benefits: verdict.map(|verdict| BenefitJson::all(verdict, place, language)).unwrap_or_default(),
            expires: valid.map(|pass| pass.expires().to_string()),
            specimen: matches!(verdict, Some(Verdict::Specimen(_))),
            demo: finding.is_demo(),
            error: if let Finding::Unreadable(error) = finding { Some(error.code()) } else { None },
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
    finding: &Finding,
    place: &Venue,
    language: &str,
) -> io::Result<()> {
    let (mark, word) = match finding.code().map(Code::answer) {
        Some(Answer::Valid) => ("✓", "VALID"),
        Some(Answer::Refused) => ("✗", "REFUSED"),
        Some(Answer::NotGenuine) => ("⊘", "NOT GENUINE"),
        Some(Answer::CannotTell) => ("!", "CANNOT TELL"),
        None => ("-", if finding.verdict().is_some() { "NOT A PASS" } else { "NO CODE" }),
    };
    let code = finding.code().map(|code| format!(" {code}")).unwrap_or_default();
    let (file, line) = (printable(file), printable(&finding.line()));
    writeln!(out, "{mark} {word}{code}  {file}: {line}")?;
    if let Finding::Code(Verdict::Specimen(specimen)) = finding {
        return writeln!(out, "    issued by {}", specimen.issuer().get(language));
    }
    let Finding::Code(Verdict::Valid(pass)) = finding else { return Ok(()) };
    if pass.is_demo() {
        writeln!(out, "    DEMO: practice authority, not a real pass")?;
    }
    let benefits = pass.benefits(place);
    for benefit in &benefits {
        let percent = benefit.kind.is_percent();
        let amount = benefit.amount.map(|n| if percent { format!("{n} % ") } else { format!("{n} days ") });
        let own = if benefit.own_offer { " (set by this shop)" } else { "" };
        let sites: Vec<&str> = benefit.sites.iter().map(|site| site.0.as_str()).collect();
        writeln!(out, "    {}{}{own} [{}]", amount.unwrap_or_default(), benefit.text.get(language), sites.join(", "))?;
    }
    if benefits.is_empty() {
        writeln!(out, "    no benefits here")?;
    }
    writeln!(out, "    valid through {}", sentences::last_moment(pass.expires()))?;
    if let Some(issuer) = pass.issuer() {
        writeln!(out, "    issued by {}", issuer.name.get(language))?;
    }
    writeln!(out, "    check the ID: {}", identity(pass))
}

/// Initials, birthday and document, as far as the pass has them.
fn identity(pass: &VerifiedPass) -> String {
    let pass = pass.pass();
    let birthday = pass.birthday.map(|b| format!("born {:02}.{:02}.", b.day(), b.month()));
    let document = pass.document.as_ref().map(|document| {
        let kind = match document.kind {
            DocumentKind::Passport => "passport",
            DocumentKind::ForeignPassport => "foreign passport",
            DocumentKind::BirthCertificate => "birth certificate",
        };
        format!("{kind} ending in {}", document.last4)
    });
    let parts: Vec<String> = [pass.initials.clone(), birthday, document].into_iter().flatten().collect();
    if parts.is_empty() { "no name on this pass".into() } else { parts.join(", ") }
}
