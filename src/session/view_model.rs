//! What the window shows, as plain values: no Slint, no threads. `window.rs` hands it to the screens.

use std::time::Duration;

use greenlit_core::answer::{Answer, Code};
use greenlit_core::benefits::{Benefit, Venue};
use greenlit_core::pass::{DocumentKind, NotAPass, Pass};
use greenlit_core::scheme::Photo;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{BenefitKind, Freshness, TrustState};
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::{ForeignPass, Rejection, VerifiedPass};

use crate::clock;
use crate::config::till::StoreTrouble;

/// Most benefits told on one page.
const MAX_BENEFITS: usize = 4;
/// What a number's ending is of, where no kind of document is known; [`DocumentKind`] has the numbers before.
const IDENTITY_NUMBER: i32 = 4;

/// Which page is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Page {
    #[default]
    Scan,
    Valid,
    Refused,
    NotGenuine,
    CannotTell,
    Mismatch,
    Unread,
    OneAtATime,
    Cleared,
}

/// One benefit in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: String,
    pub(crate) amount: String,
    pub(crate) words: String,
    pub(crate) own_offer: bool,
}

/// An answer with all that its page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct AnswerView {
    pub(crate) page: Page,
    pub(crate) code: &'static str,
    pub(crate) moment: String,
    pub(crate) benefits: Vec<Line>,
    /// Benefits that there is no room for.
    pub(crate) more_benefits: i32,
    pub(crate) good_through: String,
    pub(crate) issuer: String,
    pub(crate) initials: String,
    pub(crate) birth_day: i32,
    pub(crate) birth_month: i32,
    pub(crate) document_kind: i32,
    pub(crate) document_digits: String,
    pub(crate) specimen: bool,
    /// The scheme of a pass that is not Greenlit's own, as trust data calls it.
    pub(crate) scheme: &'static str,
    /// The holder's face, as it stands in the pass. Gone with the answer.
    pub(crate) photo: Option<Photo>,
    /// Good today, and not to the end of the stay.
    pub(crate) in_stay: bool,
    /// The pass was answered here before, so many minutes ago.
    pub(crate) seen_before: Option<i32>,
}

/// The footer, and what stands on every page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) age: Freshness,
    pub(crate) until: String,
    pub(crate) clock: String,
    pub(crate) date: String,
    pub(crate) sites: Vec<String>,
    pub(crate) authority: String,
    pub(crate) fingerprint: String,
    pub(crate) demo: bool,
    /// What this place is called, if anything.
    pub(crate) name: String,
    /// What a sync brings could not be kept. Only the window knows.
    pub(crate) unwritable: bool,
    /// By how many seconds somebody else has set the machine's clock a moment ago. Only the window knows.
    pub(crate) clock_moved: Option<i64>,
    /// Why neither trust data nor settings are known. Only the window knows.
    pub(crate) trouble: Option<StoreTrouble>,
}

/// The page that sets date and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClockView {
    /// What stands on the dials: day, month, year, hour, minute.
    pub(crate) texts: [String; 5],
    /// The dial that keys turn, by its place.
    pub(crate) field: usize,
    /// From 1, Monday.
    pub(crate) weekday: u32,
    pub(crate) month: u32,
    /// The dials show what is refused.
    pub(crate) early: bool,
    pub(crate) earliest: String,
    pub(crate) zone: String,
    /// The network sets the clock, and nobody else.
    pub(crate) network: bool,
}

impl AnswerView {
    /// The page of an answer; `None` for what is no pass.
    pub(crate) fn of(verdict: &Verdict, place: &Venue, language: &str) -> Option<Self> {
        let code = verdict.code()?;
        let mut screen = Self { page: page(code), code: code.as_str(), ..Self::default() };
        match verdict {
            Verdict::Valid(pass) => screen.fill_valid(pass, place, language),
            Verdict::Specimen(specimen) => {
                screen.specimen = true;
                screen.issuer = specimen.issuer().get(language).to_owned();
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
    pub(crate) fn seen_before(mut self, away: Option<Duration>) -> Self {
        let told = matches!(self.page, Page::Valid | Page::Refused);
        let minutes = |away: Duration| i32::try_from(away.as_secs() / 60).unwrap_or(i32::MAX);
        self.seen_before = away.filter(|_| told).map(minutes);
        self
    }

    /// The benefits in one sentence, for a screen reader.
    pub(crate) fn spoken(&self) -> String {
        let one = |line: &Line| [line.amount.as_str(), line.words.as_str()].join(" ").trim().to_owned();
        self.benefits.iter().map(one).collect::<Vec<_>>().join(". ")
    }

    fn fill_valid(&mut self, verified: &VerifiedPass, place: &Venue, language: &str) {
        let all = verified.benefits(place).into_iter().map(|benefit| line(benefit, language)).collect();
        (self.benefits, self.more_benefits) = shortened(all);
        self.good_through = verified.expires().map(|expires| day(expires.minus(1))).unwrap_or_default();
        self.issuer = verified.issuer_name().map(|name| name.get(language).to_owned()).unwrap_or_default();
        if let Some(pass) = verified.own() {
            self.fill_identity(pass);
        }
        if let Some(foreign) = verified.foreign() {
            self.fill_foreign(foreign);
        }
    }

    /// The least by which somebody is compared: where there is a face or an age was asked for, no birthday.
    fn fill_foreign(&mut self, pass: &ForeignPass) {
        self.scheme = pass.scheme().as_str();
        self.initials = pass.initials().unwrap_or_default();
        self.photo = pass.photo().cloned();
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

impl Footer {
    /// Of this trust data at this moment.
    pub(crate) fn of(trust: &TrustState, place: &Venue, language: &str, now: UnixTime) -> Self {
        let mut standing = Self {
            clock: time_of_day(now),
            date: day(now),
            sites: place.sites.iter().map(|site| site.0.clone()).collect(),
            ..Self::default()
        };
        if let Some(root) = trust.newest_root() {
            standing.authority = root.authority.get(language).to_owned();
            standing.demo = root.demo;
        }
        standing.fingerprint = trust.anchor().map(|anchor| anchor.fingerprint().to_string()).unwrap_or_default();
        let age = trust.age(now);
        standing.age = age.stage;
        standing.until = age.until.map(day_and_time).unwrap_or_default();
        standing
    }
}

/// What a code that is no pass is called on the scan page, and a link's host.
pub(crate) fn notice(other: &NotAPass) -> (&'static str, String) {
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
        _ => ("text", String::new()),
    }
}

/// Hours and minutes here.
pub(crate) fn time_of_day(time: UnixTime) -> String {
    clock::local(time, "%H:%M")
}

/// Day, hours and minutes here.
pub(crate) fn day_and_time(time: UnixTime) -> String {
    clock::local(time, "%d.%m.%Y %H:%M")
}

/// A day here.
pub(crate) fn day(time: UnixTime) -> String {
    clock::local(time, "%d.%m.%Y")
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
