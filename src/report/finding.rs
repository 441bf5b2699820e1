//! One thing held up and what came of it: for people and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::config::diagnostic::printable;
use crate::config::failures;
use crate::config::till::StoreTrouble;
use crate::report::{last_moment, moment};
use greenlit_camera::picture::PictureError;
use greenlit_core::answer::{Answer, Code};
use greenlit_core::benefits::{Benefit, Venue};
use greenlit_core::pass::DocumentKind;
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::VerifiedPass;
use greenlit_words::Language;
use greenlit_words::schemes;
use greenlit_words::staff;
use greenlit_words::terminal::{self, answers};

/// What was found in one picture or text.
#[derive(Debug)]
pub(crate) enum Finding {
    /// A code, judged.
    Code(Verdict),
    /// A code that there was no trust data to judge by, because the store could not be read: it was busy, or worse.
    Unread(Verdict, StoreTrouble),
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
    pub(crate) fn without_store(self, why: Option<StoreTrouble>) -> Self {
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
    pub(crate) fn line(&self, language: Language) -> String {
        match self {
            Self::Code(Verdict::Valid(pass)) if pass.foreign().is_some() => terminal::ok_of_others(language),
            Self::Code(Verdict::Valid(_)) => terminal::meaning(Code::Ok, language),
            Self::Code(Verdict::Rejected(rejection)) => terminal::why(rejection, language, moment),
            Self::Code(Verdict::Specimen(_)) => terminal::specimen(language),
            Self::Code(Verdict::NotAPass(other)) => terminal::not_a_pass(other, language),
            Self::Unread(_, why) => terminal::unread(*why == StoreTrouble::Busy, language),
            Self::NoCode { ran_out: false } => answers::no_qr_code(language),
            Self::NoCode { ran_out: true } => answers::no_qr_code_in_time(language),
            Self::Unreadable(error) => failures::picture(error, language),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
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
            message: finding.line(Language::En),
            benefits: verdict.map(|verdict| BenefitJson::all(verdict, place, language)).unwrap_or_default(),
            expires: valid.and_then(|pass| pass.expires()).map(|expires| expires.to_string()),
            scheme: valid.and_then(|pass| pass.foreign()).map(|pass| pass.scheme().as_str()),
            issuer: valid.and_then(|pass| pass.foreign()).map(|pass| pass.issuer_id().to_owned()),
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
    pub(crate) fn short(&self, language: Language) -> String {
        let days = || self.days.map(|n| format!(" {}", answers::days(language, n)));
        let amount = self.percent.map(|n| format!(" {n} %")).or_else(days);
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

/// For people, in their language: the answer, and for a green one what it gives and whom to compare. What the
/// authority says comes in the till's.
pub(crate) fn write_text(
    out: &mut impl Write,
    file: &str,
    finding: &Finding,
    place: &Venue,
    authority: &str,
    language: Language,
) -> io::Result<()> {
    let word = match finding.code() {
        Some(code) => staff::answer(code.answer(), language),
        None if finding.verdict().is_some() => answers::not_a_pass(language),
        None => answers::no_code(language),
    };
    let (mark, word) = (mark(finding.code()), word.to_uppercase());
    let code = finding.code().map(|code| format!(" {code}")).unwrap_or_default();
    let (file, line) = (printable(file), printable(&finding.line(language)));
    writeln!(out, "{mark} {word}{code}  {file}: {line}")?;
    if let Finding::Code(Verdict::Specimen(specimen)) = finding {
        return writeln!(out, "    {}", answers::issued_by(language, specimen.issuer().get(authority)));
    }
    let Finding::Code(Verdict::Valid(pass)) = finding else { return Ok(()) };
    if pass.is_demo() {
        writeln!(out, "    {}", answers::demo(language))?;
    }
    let benefits = pass.benefits(place);
    for benefit in &benefits {
        writeln!(out, "    {}", benefit_line(benefit, authority, language))?;
    }
    if benefits.is_empty() {
        writeln!(out, "    {}", answers::no_benefits(language))?;
    }
    if let Some(expires) = pass.expires() {
        writeln!(out, "    {}", answers::valid_through(language, last_moment(expires)))?;
    }
    if let Some(pass) = pass.foreign() {
        writeln!(out, "    {}", schemes::scheme(pass.scheme(), language))?;
    }
    if let Some(issuer) = pass.issuer_name() {
        writeln!(out, "    {}", answers::issued_by(language, issuer.get(authority)))?;
    }
    let whom = identity(pass, language).map(|holder| answers::check_the_id(language, holder));
    writeln!(out, "    {}", whom.unwrap_or_else(|| answers::no_name(language)))
}

/// The answer as one sign.
pub(crate) fn mark(code: Option<Code>) -> char {
    match code.map(Code::answer) {
        Some(Answer::Valid) => '✓',
        Some(Answer::Refused) => '✗',
        Some(Answer::NotGenuine) => '⊘',
        Some(Answer::CannotTell) => '!',
        None => '-',
    }
}

fn benefit_line(benefit: &Benefit, authority: &str, language: Language) -> String {
    let percent = benefit.kind.is_percent();
    let amount = benefit.amount.map(|n| if percent { format!("{n} % ") } else { answers::days(language, n) + " " });
    let own = if benefit.own_offer { format!(" ({})", answers::own_offer(language)) } else { String::new() };
    let sites: Vec<&str> = benefit.sites.iter().map(|site| site.0.as_str()).collect();
    format!("{}{}{own} [{}]", amount.unwrap_or_default(), benefit.text.get(authority), sites.join(", "))
}

/// Initials, birthday and document, as far as the pass has them; `None` where it has none of them.
fn identity(pass: &VerifiedPass, language: Language) -> Option<String> {
    let (initials, birthday, document) = match (pass.own(), pass.foreign()) {
        (Some(own), _) => {
            let document = own.document.as_ref().map(|document| {
                let digits = &document.last4;
                match document.kind {
                    DocumentKind::Passport => answers::passport_ending(language, digits),
                    DocumentKind::ForeignPassport => answers::foreign_passport_ending(language, digits),
                    DocumentKind::BirthCertificate => answers::birth_certificate_ending(language, digits),
                }
            });
            (own.initials.clone(), own.birthday, document)
        }
        (None, Some(foreign)) => {
            let number = foreign.document().map(|ending| answers::number_ending(language, ending));
            (foreign.initials(), foreign.birthday(), number)
        }
        (None, None) => (None, None, None),
    };
    let day = |b: greenlit_core::pass::Birthday| answers::born(language, format!("{:02}.{:02}.", b.day(), b.month()));
    let parts: Vec<String> = [initials, birthday.map(day), document].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
