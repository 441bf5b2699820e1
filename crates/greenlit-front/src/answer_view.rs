//! What an answer shows, as plain values: the least of a person, and what the pass gives here.

use std::time::Duration;

use greenlit_core::answer::{Answer, Code};
use greenlit_core::benefits::{Benefit, Venue};
use greenlit_core::pass::{DocumentKind, NotAPass, Pass};
use greenlit_core::scheme::{Photo, PhotoFormat};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::BenefitKind;
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::{ForeignPass, Rejection, VerifiedPass};

/// Most benefits told on one page.
const MAX_BENEFITS: usize = 4;
/// What a number's ending is of, where no kind of document is known; [`DocumentKind`] has the numbers before.
const IDENTITY_NUMBER: i32 = 4;

/// Which page is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Nothing to answer.
    #[default]
    Scan,
    /// An answer: green.
    Valid,
    /// An answer: genuine, and not good here and now.
    Refused,
    /// An answer: nobody whom we trust issued it.
    NotGenuine,
    /// An answer: this till is in doubt of itself.
    CannotTell,
    /// A valid pass of somebody else.
    Mismatch,
    /// What was handed in has no answer.
    Unread,
    /// Several passes are in view.
    OneAtATime,
    /// Nobody was here for a while.
    Cleared,
}

/// One benefit in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its kind, as rules call it.
    pub kind: String,
    /// How much, with its sign; or nothing.
    pub amount: String,
    /// The rule's words.
    pub words: String,
    /// This place gives it, and not the authority.
    pub own_offer: bool,
}

/// An answer with all that its page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerView {
    /// The answer.
    pub page: Page,
    /// Its code: "OK".
    pub code: &'static str,
    /// The day from or to which a refused pass is good; or nothing.
    pub moment: String,
    /// What it gives here.
    pub benefits: Vec<Line>,
    /// Benefits that there is no room for.
    pub more_benefits: i32,
    /// Its last day; or nothing.
    pub good_through: String,
    /// Who issued it, by name.
    pub issuer: String,
    /// The holder's.
    pub initials: String,
    /// The holder's birthday, and 0 where there is none.
    pub birth_day: i32,
    /// From 1.
    pub birth_month: i32,
    /// From 1: passport, foreign passport, birth certificate, number of an identity; 0 where there is none.
    pub document_kind: i32,
    /// The last characters of its number.
    pub document_digits: String,
    /// A sample for training, and no pass.
    pub specimen: bool,
    /// The scheme of a pass that is not Greenlit's own, as trust data calls it.
    pub scheme: &'static str,
    /// The holder's face, as it stands in the pass. Gone with the answer.
    pub photo: Option<Photo>,
    /// Good today, and not to the end of the stay.
    pub in_stay: bool,
    /// The pass was answered here before, so many minutes ago.
    pub seen_before: Option<i32>,
}

/// Where and how answers are shown.
#[derive(Clone, Copy)]
pub struct Showing<'s> {
    /// Where the till stands.
    pub place: &'s Venue,
    /// Its tag.
    pub language: &'s str,
    /// Writes a day as it is at this place.
    pub day: &'s dyn Fn(UnixTime) -> String,
    /// Whether photos of a format can be drawn. Where one cannot, there is a birthday to compare, as if there were none.
    pub draws: fn(PhotoFormat) -> bool,
}

impl AnswerView {
    /// The page of an answer; `None` for what is no pass.
    pub fn of(verdict: &Verdict, showing: &Showing<'_>) -> Option<Self> {
        let code = verdict.code()?;
        let mut screen = Self { page: page(code), code: code.as_str(), ..Self::default() };
        let day = showing.day;
        match verdict {
            Verdict::Valid(pass) => screen.fill_valid(pass, showing),
            Verdict::Specimen(specimen) => {
                screen.specimen = true;
                screen.issuer = specimen.issuer().get(showing.language).to_owned();
            }
            Verdict::Rejected(Rejection::Expired { at }) => screen.moment = day(at.minus(1)),
            Verdict::Rejected(Rejection::ExpiresDuringStay { at, .. }) => {
                (screen.in_stay, screen.moment) = (true, day(at.minus(1)));
            }
            Verdict::Rejected(Rejection::NotYetValid { from }) => screen.moment = day(*from),
            _ => {}
        }
        Some(screen)
    }

    /// The same for a pass that had been away for so long. Of one that is not genuine, or that nobody can tell of,
    /// nothing is said.
    pub fn seen_before(mut self, away: Option<Duration>) -> Self {
        let told = matches!(self.page, Page::Valid | Page::Refused);
        let minutes = |away: Duration| i32::try_from(away.as_secs() / 60).unwrap_or(i32::MAX);
        self.seen_before = away.filter(|_| told).map(minutes);
        self
    }

    /// The benefits in one sentence, for a screen reader.
    pub fn spoken(&self) -> String {
        let one = |line: &Line| [line.amount.as_str(), line.words.as_str()].join(" ").trim().to_owned();
        self.benefits.iter().map(one).collect::<Vec<_>>().join(". ")
    }

    fn fill_valid(&mut self, verified: &VerifiedPass, showing: &Showing<'_>) {
        let Showing { place, language, day, draws } = *showing;
        let all = verified.benefits(place).into_iter().map(|benefit| line(benefit, language)).collect();
        (self.benefits, self.more_benefits) = shortened(all);
        self.good_through = verified.expires().map(|expires| day(expires.minus(1))).unwrap_or_default();
        self.issuer = verified.issuer_name().map(|name| name.get(language).to_owned()).unwrap_or_default();
        if let Some(pass) = verified.own() {
            self.fill_identity(pass);
        }
        if let Some(foreign) = verified.foreign() {
            self.fill_foreign(foreign, draws);
        }
    }

    /// The least by which somebody is compared: where there is a face or an age was asked for, no birthday.
    fn fill_foreign(&mut self, pass: &ForeignPass, draws: fn(PhotoFormat) -> bool) {
        self.scheme = pass.scheme().as_str();
        self.initials = pass.initials().unwrap_or_default();
        self.photo = pass.photo().filter(|photo| draws(photo.format)).cloned();
        if let Some(birthday) = pass.birthday().filter(|_| self.photo.is_none()) {
            (self.birth_day, self.birth_month) = (birthday.day().into(), birthday.month().into());
        }
        if let Some(ending) = pass.document() {
            (self.document_kind, self.document_digits) = (IDENTITY_NUMBER, ending.to_owned());
        }
    }

    fn fill_identity(&mut self, pass: &Pass) {
        self.initials = pass.initials.clone().unwrap_or_default();
        if let Some(birthday) = pass.birthday {
            (self.birth_day, self.birth_month) = (birthday.day().into(), birthday.month().into());
        }
        if let Some(document) = &pass.document {
            self.document_kind = match document.kind {
                DocumentKind::Passport => 1,
                DocumentKind::ForeignPassport => 2,
                DocumentKind::BirthCertificate => 3,
            };
            self.document_digits.clone_from(&document.last4);
        }
    }
}

fn page(code: Code) -> Page {
    match code.answer() {
        Answer::Valid => Page::Valid,
        Answer::Refused => Page::Refused,
        Answer::NotGenuine => Page::NotGenuine,
        Answer::CannotTell => Page::CannotTell,
    }
}

/// As many benefits as the page holds, and how many were left out. Reminders, which come last, are
/// left out last: the guest owes those.
fn shortened(mut all: Vec<Line>) -> (Vec<Line>, i32) {
    let over = all.len().saturating_sub(MAX_BENEFITS);
    if over == 0 {
        return (all, 0);
    }
    let reminders = all.iter().filter(|line| line.kind == BenefitKind::REMINDER).count();
    let from = MAX_BENEFITS.saturating_sub(reminders).max(1);
    all.drain(from..from + over);
    (all, i32::try_from(over).unwrap_or(i32::MAX))
}

fn line(benefit: Benefit, language: &str) -> Line {
    let percent = benefit.kind.is_percent();
    Line {
        amount: benefit
            .amount
            // With a minus, so that nobody takes it for a price.
            .map(|amount| if percent { format!("−{amount} %") } else { amount.to_string() })
            .unwrap_or_default(),
        words: benefit.text.get(language).to_owned(),
        own_offer: benefit.own_offer,
        kind: benefit.kind.0,
    }
}

/// What a code that is no pass is called on the scan page, and a link's host.
pub fn notice(other: &NotAPass) -> (&'static str, String) {
    match other {
        NotAPass::Gosuslugi => ("gosuslugi", String::new()),
        NotAPass::Link { host } => ("link", host.clone()),
        NotAPass::Payment => ("payment", String::new()),
        NotAPass::Wifi => ("wifi", String::new()),
        NotAPass::Contact => ("contact", String::new()),
        NotAPass::OtherCertificate => ("other-certificate", String::new()),
        NotAPass::OfScheme(scheme) => ("of-scheme", scheme.as_str().to_owned()),
        NotAPass::OnlineOnly(scheme) => ("online-only", scheme.as_str().to_owned()),
        NotAPass::RootCode => ("root-code", String::new()),
        NotAPass::OneOfSeveral => ("one-of-several", String::new()),
        NotAPass::InSeveralCodes => ("in-several-codes", String::new()),
        _ => ("text", String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_four_benefits_and_reminders_are_left_out_last() {
        let lines = |kinds: &str| -> Vec<Line> {
            let line = |kind: char| Line {
                kind: if kind == 'r' { BenefitKind::REMINDER.into() } else { kind.to_string() },
                amount: String::new(),
                words: String::new(),
                own_offer: false,
            };
            kinds.chars().map(line).collect()
        };
        for (all, kept, over) in [
            ("", "", 0),
            ("abcr", "abcr", 0),
            ("abcde", "abcd", 1),
            ("abcdefr", "abcr", 3),
            ("abrrr", "arrr", 1),
            ("arrrrrr", "arrr", 3),
            ("rrrrr", "rrrr", 1),
        ] {
            assert_eq!(shortened(lines(all)), (lines(kept), over), "{all}");
        }
    }
}
