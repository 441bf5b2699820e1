//! What stands on the page, in words: it is drawn as it is said here.

use std::time::Duration;

use greenlit_core::answer::Code;
use greenlit_core::benefits::Venue;
use greenlit_core::presenter::View;
use greenlit_core::scanner::Shown;
use greenlit_core::scheme::{Photo, PhotoFormat, Scheme};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{BenefitKind, Freshness, TrustState};
use greenlit_core::unread::Unread;
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::Rejection;
use greenlit_front::{AnswerView, Line, Page, Showing, window_words};
use greenlit_qr::Hint;
use greenlit_words::{Language, schemes, staff};
use serde::Serialize;

/// A page, ready to be drawn. What is empty is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Screen {
    /// Which page: scan, valid, refused, not-genuine, cannot-tell, mismatch, unread, one-at-a-time, cleared.
    pub page: &'static str,
    /// The answer's code.
    pub code: &'static str,
    /// The answer in a word.
    pub word: String,
    /// Why.
    pub reason: String,
    /// The day from or to which it is good.
    pub moment: String,
    /// Above the advice.
    pub advice_title: String,
    /// What to do, or to tell the guest.
    pub advice: String,
    /// That nobody is at fault, or what else stands below.
    pub note: String,
    /// What the pass gives here.
    pub benefits: Vec<BenefitLine>,
    /// Of benefits there is no room for, or that there are none.
    pub more: String,
    /// What is to be compared with the ID.
    pub identity: Vec<String>,
    /// The type of the holder's photo, which is had by [`Till::photo`](crate::Till::photo).
    pub photo: &'static str,
    /// Its last day.
    pub through: String,
    /// Whose kind of pass it is, and who issued it.
    pub origin: String,
    /// That it was here before.
    pub before: String,
    /// Of the scan page: what is held up instead of a pass, or what would help.
    pub hint: String,
    /// The hint names what is no pass.
    pub is_notice: bool,
    /// From 1 down to 0: how much of its time is left.
    pub remaining: f32,
    /// A finger holds it.
    pub paused: bool,
    /// A mismatch can be undone.
    pub undoable: bool,
    /// The authority's name.
    pub authority: String,
    /// Its passes prove nothing.
    pub demo: bool,
    /// How old the trust data is, in a word for programs.
    pub age: &'static str,
    /// The same in words.
    pub trust: String,
}

/// One benefit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BenefitLine {
    /// How much.
    pub amount: String,
    /// The rule's words.
    pub words: String,
    /// It is something to be reminded of, and no gain.
    pub is_reminder: bool,
}

/// By what a screen is made.
pub(crate) struct Standing<'s> {
    pub(crate) trust: &'s TrustState,
    pub(crate) venue: &'s Venue,
    pub(crate) language: Language,
    pub(crate) now: UnixTime,
    pub(crate) local: &'s dyn Fn(UnixTime, bool) -> String,
}

/// The window's words.
pub(crate) fn say(language: Language, english: &'static str, holes: &[&str]) -> String {
    window_words(language, english, holes)
}

pub(crate) fn of(shown: Shown<'_, Hint>, standing: &Standing<'_>) -> Screen {
    let language = standing.language;
    let say = |english, holes: &[&str]| say(language, english, holes);
    let mut screen = Screen { remaining: 1.0, ..footer(standing) };
    match shown.view {
        View::Scan { notice, checked } => {
            screen.page = "scan";
            screen.is_notice = notice.is_some() || checked;
            screen.hint = match notice {
                Some(other) => staff::not_a_pass(other, language),
                None if checked => say("Already checked: show the next pass", &[]),
                None => say(help(shown.hint), &[]),
            };
        }
        View::NoCamera => screen.page = "scan",
        View::Confirming => {
            (screen.page, screen.hint) = ("scan", say("Hold the code still", &[]));
        }
        View::Answer { answer, remaining, paused, .. } => {
            (screen.remaining, screen.paused) = (remaining, paused);
            answered(&mut screen, answer, shown.seen_before, standing);
        }
        View::Mismatch { remaining, paused, undoable } => {
            (screen.remaining, screen.paused, screen.undoable) = (remaining, paused, undoable);
            (screen.page, screen.word) = ("mismatch", staff::no_match_with_id(language));
            screen.advice = staff::own_pass(language);
        }
        View::Unread { why, remaining, paused } => {
            (screen.page, screen.remaining, screen.paused) = ("unread", remaining, paused);
            let (word, reason, advice) = unread(why);
            screen.word = say(word, &[]);
            screen.reason = match why {
                Unread::NotAPass(other) => staff::not_a_pass(other, language),
                Unread::CapsLock { keys, .. } => say(reason, &[&keys[0].to_string(), &keys[1].to_string()]),
                Unread::SameKeys { layout, keys } => say(reason, &[layout, &keys[0].to_string(), &keys[1].to_string()]),
                Unread::LostKeys { layout, key } => say(reason, &[layout, &key.to_string()]),
                _ => say(reason, &[]),
            };
            screen.advice = say(advice, &[]);
        }
        View::OneAtATime => {
            (screen.page, screen.word) = ("one-at-a-time", say("One at a time", &[]));
            screen.advice = say("Two passes in view. Show just one.", &[]);
        }
        View::Cleared => {
            screen.page = "cleared";
            screen.advice = say("Screen cleared to protect guests' data. Tap to continue.", &[]);
        }
    }
    screen
}

fn footer(standing: &Standing<'_>) -> Screen {
    let (trust, language) = (standing.trust, standing.language);
    let age = trust.age(standing.now);
    let until = age.until.map(|until| (standing.local)(until, true)).unwrap_or_default();
    let words = match age.stage {
        Freshness::Fresh => "Data up to date until {}",
        Freshness::Soon => "Update the data by {}",
        Freshness::Stale => "Data is out of date; works until {}",
        Freshness::Expired => "Data expired {}",
        Freshness::ClockBehind => "The clock is wrong",
        Freshness::None => "No trust data",
    };
    let root = trust.newest_root();
    Screen {
        authority: root.map(|root| root.authority.get(language.tag()).to_owned()).unwrap_or_default(),
        demo: root.is_some_and(|root| root.demo),
        age: age.stage.as_str(),
        trust: say(language, words, &[&until]),
        ..Screen::default()
    }
}

/// Photos that every browser draws. The rest are compared by a birthday.
fn draws(format: PhotoFormat) -> bool {
    !mime(format).is_empty()
}

fn mime(format: PhotoFormat) -> &'static str {
    match format {
        PhotoFormat::Jpeg => "image/jpeg",
        PhotoFormat::Png => "image/png",
        PhotoFormat::Webp => "image/webp",
        PhotoFormat::Jpeg2000 | PhotoFormat::Avif => "",
    }
}

pub(crate) fn photo(shown: Shown<'_, Hint>) -> Option<Photo> {
    let View::Answer { answer: Verdict::Valid(pass), .. } = shown.view else { return None };
    pass.foreign()?.photo().filter(|photo| draws(photo.format)).cloned()
}

fn answered(screen: &mut Screen, verdict: &Verdict, seen_before: Option<Duration>, standing: &Standing<'_>) {
    let language = standing.language;
    let say = |english, holes: &[&str]| say(language, english, holes);
    let day = |at: UnixTime| (standing.local)(at, false);
    let showing = Showing { place: standing.venue, language: language.tag(), day: &day, draws };
    let Some(code) = verdict.code() else { return };
    let Some(view) = AnswerView::of(verdict, &showing).map(|view| view.seen_before(seen_before)) else { return };
    (screen.page, screen.code) = (name(view.page), view.code);
    screen.word = staff::answer(code.answer(), language);
    screen.reason = match verdict {
        Verdict::Specimen(_) => staff::specimen(language),
        Verdict::Valid(pass) if pass.foreign().is_some() => staff::ok_of_others(language),
        _ => staff::reason(code, language),
    };
    screen.advice = if view.specimen { staff::specimen_advice(language) } else { staff::advice(code, language) };
    screen.before = before(view.seen_before, language);
    match view.page {
        Page::Valid => {
            screen.advice_title = say("This pass gives here", &[]);
            screen.benefits = view.benefits.iter().map(|line| benefit(line, language)).collect();
            screen.more = match view.more_benefits {
                0 if view.benefits.is_empty() => say("No benefits here", &[]),
                0 => String::new(),
                more => say("And {} more. Choose the type of place in Settings.", &[&more.to_string()]),
            };
            screen.identity = identity(&view, language);
            screen.photo = view.photo.as_ref().map(|photo| mime(photo.format)).unwrap_or_default();
            if !view.good_through.is_empty() {
                screen.through = say("Valid through {}", &[&view.good_through]);
            }
            let scheme = Scheme::parse(view.scheme).map(|scheme| schemes::scheme(scheme, language));
            let parts: Vec<String> =
                scheme.into_iter().chain(Some(view.issuer).filter(|name| !name.is_empty())).collect();
            screen.origin = parts.join(" · ");
        }
        Page::Refused => {
            screen.advice_title = staff::tell_the_guest(language);
            screen.moment = match verdict {
                Verdict::Rejected(Rejection::Expired { .. }) => say("It was valid through {}", &[&view.moment]),
                Verdict::Rejected(Rejection::NotYetValid { .. }) => say("Valid from {}", &[&view.moment]),
                _ => String::new(),
            };
            screen.origin = view.issuer;
        }
        Page::CannotTell => screen.note = staff::not_the_guest(language),
        _ => {}
    }
    debug_assert!(code != Code::Ok || screen.page == "valid");
}

fn name(page: Page) -> &'static str {
    match page {
        Page::Scan => "scan",
        Page::Valid => "valid",
        Page::Refused => "refused",
        Page::NotGenuine => "not-genuine",
        Page::CannotTell => "cannot-tell",
        Page::Mismatch => "mismatch",
        Page::Unread => "unread",
        Page::OneAtATime => "one-at-a-time",
        Page::Cleared => "cleared",
    }
}

fn benefit(line: &Line, language: Language) -> BenefitLine {
    let own = if line.own_offer { say(language, "set by this shop", &[]) } else { String::new() };
    let words = [line.words.as_str(), own.as_str()].join(" ").trim().to_owned();
    BenefitLine { amount: line.amount.clone(), words, is_reminder: line.kind == BenefitKind::REMINDER }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn identity(view: &AnswerView, language: Language) -> Vec<String> {
    let mut all = Vec::new();
    if !view.initials.is_empty() {
        all.push(view.initials.clone());
    }
    let month = usize::try_from(view.birth_month - 1).ok().and_then(|at| MONTHS.get(at));
    if let Some(month) = month.filter(|_| view.birth_day > 0) {
        let (day, number) = (view.birth_day.to_string(), format!("{:02}", view.birth_month));
        all.push(say(language, "Born {0} {1} ({2})", &[&day, &say(language, month, &[]), &number]));
    }
    let document = match view.document_kind {
        1 => "Passport",
        2 => "Foreign passport",
        3 => "Birth certificate",
        _ => "ID no.",
    };
    if !view.document_digits.is_empty() {
        all.push(format!("{} ••{}", say(language, document, &[]), view.document_digits));
    }
    if all.is_empty() {
        all.push(say(language, "No name on this pass", &[]));
    }
    all
}

fn before(minutes: Option<i32>, language: Language) -> String {
    match minutes {
        None => String::new(),
        Some(0) => say(language, "Seen here just now", &[]),
        Some(minutes @ ..60) => say(language, "Seen here {} min ago", &[&minutes.to_string()]),
        Some(more) => {
            say(language, "Seen here {0} h {1} min ago", &[&(more / 60).to_string(), &(more % 60).to_string()])
        }
    }
}

fn help(hint: Option<Hint>) -> &'static str {
    match hint {
        Some(Hint::ComeCloser) => "Bring the code closer",
        Some(Hint::HoldStill) => "Hold the code still",
        Some(Hint::TooMuchGlare) => "Too much glare: tilt the code a little",
        Some(Hint::MakeScreenBrighter) => "Make the guest's screen brighter",
        Some(Hint::ShowWholeCode) => "Show the whole code",
        None => "Hold the guest's code in the frame",
    }
}

/// The word, the reason and the advice.
fn unread(why: &Unread) -> (&'static str, &'static str, &'static str) {
    const ONCE_MORE: &str = "Scan or paste the same code once more.";
    const LAYOUT: &str =
        "Switch this till's keyboard layout to English (US) and scan again, or set the scanner up for this layout.";
    const PICTURE: &str = "Choose another picture, or take a screenshot of this one.";
    let (reason, advice) = match why {
        Unread::Again => ("The code came through damaged", ONCE_MORE),
        Unread::Half => ("Only part of the code came through", "Scan or paste the whole code."),
        Unread::TooLong => ("More than 5,000 characters came in", "Scan one pass by itself."),
        Unread::ControlKeys => (
            "Other keys came in with the code",
            "Press no keys while scanning, and set the scanner to send no control keys. Then scan again.",
        ),
        Unread::TwoAtOnce => ("Two passes came in at once", "Scan one pass by itself."),
        Unread::CapsLock { .. } => {
            ("Caps Lock is on: {0} and {1} come out the same", "Turn Caps Lock off and scan again.")
        }
        Unread::SameKeys { .. } => ("The keyboard layout {0} types {1} and {2} alike", LAYOUT),
        Unread::LostKeys { .. } => ("The keyboard layout {0} loses the character {1}", LAYOUT),
        Unread::NotAPass(_) => return ("Not a pass", "", "Ask the guest for the pass."),
        Unread::NothingToPaste => ("There is nothing to paste", "Copy a pass or a picture of one first."),
        Unread::NoCode => ("There is no QR code in this picture", PICTURE),
        Unread::NotAPicture => ("This file is not a PNG, JPEG or PGM picture", PICTURE),
        Unread::PictureTooLarge => ("This picture is too large", PICTURE),
        Unread::PictureDamaged => ("This picture is damaged", PICTURE),
        Unread::FileUnreadable => ("This file cannot be read", PICTURE),
    };
    ("Not read", reason, advice)
}
