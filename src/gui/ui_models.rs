//! What the window shows, in the structures of its pages.

use slint::{ModelRc, VecModel};

use greenlit_camera::CameraState;
use greenlit_core::trust::Freshness;
use greenlit_qr::Hint;
use greenlit_ui as ui;
use greenlit_words::Language;

use super::Overlay;
use crate::config::look::{Look, Motion, Palette, Scheme, TextSize};
use crate::config::till::StoreTrouble;
use crate::gui::settings_controller::{FolderListing, PinPurpose, PinStatus, Wanted};
use crate::self_test::{Outcome, SelfTest};
use crate::session::view_model::{AnswerView, Footer, Line, Page};
use crate::session::{Snapshot, portrait};

pub(super) fn look_model(look: Look) -> ui::LookModel {
    ui::LookModel {
        scheme: match look.scheme {
            Scheme::Dark => ui::Scheme::Dark,
            Scheme::Light => ui::Scheme::Light,
            Scheme::Sunlight => ui::Scheme::Sunlight,
        },
        palette: match look.palette {
            Palette::GreenRed => ui::AnswerPalette::GreenRed,
            Palette::BlueOrange => ui::AnswerPalette::BlueOrange,
        },
        text_size: match look.text_size {
            TextSize::Normal => ui::TextSize::Normal,
            TextSize::Large => ui::TextSize::Large,
            TextSize::Largest => ui::TextSize::Largest,
        },
        still: look.motion == Motion::Off,
    }
}

pub(super) fn pin_model(purpose: PinPurpose, status: PinStatus, entered: usize) -> ui::PinModel {
    let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    let (status, wait) = match status {
        PinStatus::Asked => (ui::PinStatus::Asked, 0),
        PinStatus::Busy => (ui::PinStatus::Busy, 0),
        PinStatus::Wrong => (ui::PinStatus::Wrong, 0),
        PinStatus::Wait(seconds) => (ui::PinStatus::Wait, number(seconds)),
        PinStatus::TooShort => (ui::PinStatus::TooShort, 0),
        PinStatus::Differ => (ui::PinStatus::Differ, 0),
        PinStatus::Unusable => (ui::PinStatus::Unusable, 0),
    };
    let purpose = match purpose {
        PinPurpose::Unlock => ui::PinPurpose::Unlock,
        PinPurpose::Choose => ui::PinPurpose::Choose,
        PinPurpose::Repeat => ui::PinPurpose::Repeat,
    };
    ui::PinModel { purpose, status, wait, entered: i32::try_from(entered).unwrap_or(i32::MAX) }
}

pub(super) fn self_test_model(test: &SelfTest, language: Language) -> ui::SelfTestModel {
    let line = |name: &str, good, detail: String| ui::SelfTestLine { name: name.into(), good, detail: detail.into() };
    let samples = test.samples.iter().map(|sample| {
        let instead = || format!("{} ≠ {}", sample.found.as_str(), sample.expected.as_str());
        line(sample.name, sample.passed, if sample.passed { String::new() } else { instead() })
    });
    let parts = test.till.parts(language).into_iter().map(|part| {
        // Where all is well there is nothing to tell whoever is called for help.
        line(part.name, part.is_well, if part.is_well { String::new() } else { part.text })
    });
    ui::SelfTestModel {
        outcome: match test.outcome() {
            Outcome::Passed => ui::SelfTestOutcome::Passed,
            Outcome::Attention => ui::SelfTestOutcome::Attention,
            Outcome::Failed => ui::SelfTestOutcome::Failed,
        },
        right: i32::try_from(test.samples.iter().filter(|sample| sample.passed).count()).unwrap_or_default(),
        samples: ModelRc::new(VecModel::from_iter(samples)),
        parts: ModelRc::new(VecModel::from_iter(parts)),
    }
}

pub(super) fn browse_model(listing: &FolderListing) -> ui::BrowseModel {
    let entries = listing.entries.iter().map(|entry| ui::FolderEntry {
        name: entry.name.as_str().into(),
        path: entry.path.display().to_string().into(),
        folder: entry.folder,
    });
    let candidate = listing.candidate.as_ref().map(|candidate| ui::Candidate {
        name: candidate.name.as_str().into(),
        fingerprint: ModelRc::new(VecModel::from_iter(candidate.fingerprint.split(' ').map(Into::into))),
        instead_of: candidate.instead_of.as_deref().unwrap_or_default().into(),
    });
    ui::BrowseModel {
        folder: listing.folder.display().to_string().into(),
        entries: ModelRc::new(VecModel::from_iter(entries)),
        for_root: listing.wanted == Wanted::Root,
        for_picture: listing.wanted == Wanted::Picture,
        for_figures: listing.wanted == Wanted::Figures,
        for_certificate: listing.wanted == Wanted::Certificate,
        candidate: candidate.unwrap_or_default(),
    }
}

pub(super) fn scan_model(snapshot: &Snapshot) -> ui::ScanModel {
    let camera = match snapshot.camera {
        CameraState::Starting => ui::CameraState::Starting,
        CameraState::Ready => ui::CameraState::Ready,
        CameraState::NoCamera => ui::CameraState::None,
        CameraState::Unusable => ui::CameraState::Unusable,
        CameraState::Busy => ui::CameraState::Busy,
        CameraState::Stalled => ui::CameraState::Stalled,
        CameraState::Disconnected => ui::CameraState::Gone,
        CameraState::Dark => ui::CameraState::Dark,
    };
    let (kind, host) = snapshot.notice.clone().unwrap_or_default();
    let notice = not_a_pass(kind);
    let hint = match snapshot.hint {
        None => ui::Hint::Nothing,
        Some(Hint::ComeCloser) => ui::Hint::Closer,
        Some(Hint::HoldStill) => ui::Hint::Still,
        Some(Hint::TooMuchGlare) => ui::Hint::Glare,
        Some(Hint::MakeScreenBrighter) => ui::Hint::Brighter,
        Some(Hint::ShowWholeCode) => ui::Hint::Whole,
    };
    ui::ScanModel {
        camera,
        notice,
        notice_host: host.into(),
        checked: snapshot.checked,
        reading: snapshot.reading,
        hint,
    }
}

pub(super) fn not_a_pass(kind: &str) -> ui::NotAPassKind {
    match kind {
        "" => ui::NotAPassKind::Nothing,
        "gosuslugi" => ui::NotAPassKind::Gosuslugi,
        "link" => ui::NotAPassKind::Link,
        "payment" => ui::NotAPassKind::Payment,
        "wifi" => ui::NotAPassKind::Wifi,
        "contact" => ui::NotAPassKind::Contact,
        "other-certificate" => ui::NotAPassKind::OtherCertificate,
        "of-scheme" => ui::NotAPassKind::OfScheme,
        "online-only" => ui::NotAPassKind::OnlineOnly,
        "root-code" => ui::NotAPassKind::RootCode,
        "one-of-several" => ui::NotAPassKind::OneOfSeveral,
        "in-several-codes" => ui::NotAPassKind::InSeveralCodes,
        _ => ui::NotAPassKind::Text,
    }
}

pub(super) fn page(page: Page, sheet: Overlay) -> ui::Page {
    match (sheet, page) {
        (_, Page::Valid) => ui::Page::Valid,
        (_, Page::Refused) => ui::Page::Refused,
        (_, Page::NotGenuine) => ui::Page::NotGenuine,
        (_, Page::CannotTell) => ui::Page::CannotTell,
        (_, Page::Mismatch) => ui::Page::Mismatch,
        (_, Page::Unread) => ui::Page::Unread,
        (Overlay::Settings, _) => ui::Page::Settings,
        (Overlay::Browse, _) => ui::Page::Browse,
        (Overlay::Clock, _) => ui::Page::Clock,
        (Overlay::Pin, _) => ui::Page::Pin,
        (Overlay::Setup, _) => ui::Page::Setup,
        (Overlay::SelfTest, _) => ui::Page::SelfTest,
        (Overlay::Help, _) => ui::Page::Help,
        (Overlay::Shift, _) => ui::Page::Shift,
        (Overlay::CheckIn, _) => ui::Page::CheckIn,
        (Overlay::Training, _) => ui::Page::Training,
        (Overlay::Place, _) => ui::Page::Place,
        (Overlay::None, Page::OneAtATime) => ui::Page::OneAtATime,
        (Overlay::None, Page::Cleared) => ui::Page::Cleared,
        (Overlay::None, Page::Scan) => ui::Page::Scan,
    }
}

pub(super) fn till_model(standing: &Footer, clock_by_hand: bool) -> ui::TillModel {
    ui::TillModel {
        trust_age: match standing.age {
            Freshness::None => ui::Freshness::None,
            Freshness::Fresh => ui::Freshness::Fresh,
            Freshness::Soon => ui::Freshness::Soon,
            Freshness::Stale => ui::Freshness::Stale,
            Freshness::Expired => ui::Freshness::Expired,
            Freshness::ClockBehind => ui::Freshness::ClockBehind,
        },
        trust_until: standing.until.as_str().into(),
        name: standing.name.as_str().into(),
        site: standing.sites.first().map(String::as_str).unwrap_or_default().into(),
        more_sites: i32::try_from(standing.sites.len().saturating_sub(1)).unwrap_or(0),
        clock: standing.clock.as_str().into(),
        date: standing.date.as_str().into(),
        clock_by_hand,
        authority: standing.authority.as_str().into(),
        fingerprint: standing.fingerprint.as_str().into(),
        demo: standing.demo,
        unwritable: standing.unwritable,
        clock_moved: standing.clock_moved.map_or(0, |seconds| i32::try_from(seconds / 60).unwrap_or(i32::MAX)),
        store: match standing.trouble {
            None => ui::StoreState::Known,
            Some(StoreTrouble::Busy) => ui::StoreState::Busy,
            Some(StoreTrouble::Unreadable) => ui::StoreState::Unreadable,
        },
    }
}

pub(super) fn benefit_line(line: &Line) -> ui::BenefitLine {
    ui::BenefitLine {
        kind: line.kind.as_str().into(),
        amount: line.amount.as_str().into(),
        words: line.words.as_str().into(),
        own_offer: line.own_offer,
    }
}

fn face(picture: image::RgbImage) -> slint::Image {
    let (width, height) = picture.dimensions();
    slint::Image::from_rgb8(slint::SharedPixelBuffer::clone_from_slice(&picture, width, height))
}

/// Nothing of anybody.
pub(super) fn no_answer() -> ui::AnswerModel {
    ui::AnswerModel { seen_before: -1, ..ui::AnswerModel::default() }
}

pub(super) fn answer_model(answer: &AnswerView) -> ui::AnswerModel {
    let lines = answer.benefits.iter().map(benefit_line);
    ui::AnswerModel {
        code: answer.code.into(),
        moment: answer.moment.as_str().into(),
        benefits: ModelRc::new(VecModel::from_iter(lines)),
        more_benefits: answer.more_benefits,
        good_through: answer.good_through.as_str().into(),
        issuer: answer.issuer.as_str().into(),
        initials: answer.initials.as_str().into(),
        birth_day: answer.birth_day,
        birth_month: answer.birth_month,
        document_kind: answer.document_kind,
        document_digits: answer.document_digits.as_str().into(),
        scheme: answer.scheme.into(),
        photo: answer.photo.as_ref().and_then(portrait::decode).map(face).unwrap_or_default(),
        specimen: answer.specimen,
        in_stay: answer.in_stay,
        seen_before: answer.seen_before.unwrap_or(-1),
        spoken: answer.spoken().into(),
    }
}
