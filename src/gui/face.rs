//! What is true, handed to the screens.

use std::cell::RefCell;

use slint::{ComponentHandle, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, VecModel};

use greenlit_camera::CameraState;
use greenlit_core::trust::Stage;
use greenlit_qr::Hint;
use greenlit_qr::LumaFrame;

use super::Sheet;
use super::ui::{self, App, Gate};
use crate::config::settings::Setting;
use crate::gui::desk::date::Setting as ClockSetting;
use crate::gui::desk::{Choice, Desk, Listing, Message};
use crate::session::Snapshot;
use crate::session::view_model::{AnswerScreen, ClockScreen, Page, Standing, time_of_day};

/// The screens, told what is true now.
pub(crate) struct Face {
    pub(crate) app: App,
    /// The answer on the screen.
    last: RefCell<Option<AnswerScreen>>,
}

impl Face {
    /// A window that is not shown yet.
    pub(crate) fn new() -> Result<Self, slint::PlatformError> {
        Ok(Self { app: App::new()?, last: RefCell::default() })
    }

    /// Who is told of texts that do not fit where they stand.
    #[cfg(test)]
    pub(crate) fn on_clipped(&self, told: impl Fn(&str) + 'static) {
        self.app.global::<Gate>().on_clipped(move |text| told(&text));
    }

    /// Whether they are told from now on: not while a page is still finding its size.
    #[cfg(test)]
    pub(crate) fn check(&self, checking: bool) {
        self.app.global::<Gate>().set_checking(checking);
    }

    /// Whether anything of a guest is in the screens' hands.
    #[cfg(test)]
    pub(crate) fn tells_of_a_guest(&self) -> bool {
        use slint::Model;
        let gate = self.app.global::<Gate>();
        let texts = [gate.get_initials(), gate.get_document_digits(), gate.get_good_through()];
        texts.iter().any(|text| !text.is_empty()) || gate.get_birth_day() > 0 || gate.get_benefits().row_count() > 0
    }

    /// Whether there is a choice of sounds.
    pub(crate) fn offer_sounds(&self, can: bool) {
        self.app.global::<Gate>().set_can_sound(can);
    }

    /// What staff can choose, and how it stands.
    pub(crate) fn show_desk(&self, desk: &Desk) {
        speak(&desk.language());
        let gate = self.app.global::<Gate>();
        gate.set_languages(choices(desk.languages()));
        gate.set_sites(choices(desk.sites()));
        gate.set_sounds(choices(desk.sounds()));
        gate.set_cameras(choices(desk.cameras()));
        let (note, detail) = match desk.message() {
            Message::None => (ui::Note::Nothing, ""),
            Message::Busy => (ui::Note::Busy, ""),
            Message::Done => (ui::Note::Done, ""),
            Message::ChooseFolder => (ui::Note::ChooseFolder, ""),
            Message::NothingNewer => (ui::Note::NothingNewer, ""),
            Message::Failed(trouble) => (ui::Note::Failed, trouble.detail.as_str()),
        };
        gate.set_note(note);
        gate.set_note_detail(detail.into());
        gate.set_trouble(if let Message::Failed(trouble) = desk.message() { trouble.code } else { "" }.into());
        gate.set_renewed(desk.renewed().map(time_of_day).unwrap_or_default().into());
        gate.set_source(desk.source().unwrap_or_default().into());
        gate.set_managed(ui::Managed {
            language: desk.is_managed(Setting::Language),
            sites: desk.is_managed(Setting::Sites),
            sound: desk.is_managed(Setting::Sound),
            source: desk.is_managed(Setting::Source),
            authority: desk.authority_is_managed(),
        });
        show_listing(&gate, desk.listing());
        self.show_clock(desk);
    }

    /// The dials, and how setting the clock goes.
    pub(crate) fn show_clock(&self, desk: &Desk) {
        self.show_dials(desk.clock_screen(), desk.clock_setting());
    }

    pub(crate) fn show_dials(&self, screen: ClockScreen, setting: ClockSetting) {
        let gate = self.app.global::<Gate>();
        let [day, month, year, hour, minute] = screen.texts;
        let small = |number: u32| i32::try_from(number).unwrap_or_default();
        gate.set_dials(ui::Dials {
            day: day.into(),
            month: month.into(),
            year: year.into(),
            hour: hour.into(),
            minute: minute.into(),
            selected: i32::try_from(screen.field).unwrap_or_default(),
            weekday: small(screen.weekday),
            month_number: small(screen.month),
            early: screen.early,
            earliest: screen.earliest.into(),
            zone: screen.zone.into(),
        });
        gate.set_network_clock(screen.network);
        gate.set_clock_note(match setting {
            ClockSetting::Open | ClockSetting::Done => ui::ClockNote::Nothing,
            ClockSetting::Busy => ui::ClockNote::Busy,
            ClockSetting::Kept => ui::ClockNote::Kept,
            ClockSetting::TooEarly => ui::ClockNote::TooEarly,
        });
    }

    /// Whether the time is one that only this program knows of.
    pub(crate) fn show_corrected(&self, corrected: bool) {
        self.app.global::<Gate>().set_clock_by_hand(corrected);
    }

    /// Grey luma as the picture that Slint draws fastest.
    pub(crate) fn show_preview(&self, frame: &LumaFrame) {
        let gate = self.app.global::<Gate>();
        gate.set_preview(picture(frame));
        gate.set_has_preview(true);
    }

    /// The door as it is at this moment.
    pub(crate) fn show(&self, snapshot: &Snapshot, sheet: Sheet) {
        let gate = self.app.global::<Gate>();
        show_standing(&gate, &snapshot.standing);
        show_scan(&gate, snapshot);
        gate.set_remaining(snapshot.remaining);
        gate.set_paused(snapshot.paused);
        // Set again only on change: a model set anew builds its rows anew. Without an answer all is
        // wiped, so that what was said of a guest does not stay behind the next page.
        let mut last = self.last.borrow_mut();
        if *last != snapshot.answer {
            show_answer(&gate, &snapshot.answer.clone().unwrap_or_default());
            last.clone_from(&snapshot.answer);
        }
        gate.set_page(page(snapshot.page, sheet));
    }
}

/// Picks the language of all screens there are.
pub(crate) fn speak(language: &str) {
    // English is written in the screens themselves.
    let bundled = if language == "en" { "" } else { language };
    // A language that is not there leaves the words as they are.
    let _ = slint::select_bundled_translation(bundled);
}

fn choices(all: Vec<Choice>) -> ModelRc<ui::Choice> {
    let all = all.into_iter().map(|c| ui::Choice { name: c.name.into(), key: c.key.into(), chosen: c.chosen });
    ModelRc::new(VecModel::from_iter(all))
}

fn show_listing(gate: &Gate<'_>, listing: &Listing) {
    gate.set_folder(listing.folder.display().to_string().into());
    gate.set_browsing_for_root(listing.for_root);
    let entries = listing.entries.iter().map(|entry| ui::Entry {
        name: entry.name.as_str().into(),
        path: entry.path.display().to_string().into(),
        folder: entry.folder,
    });
    gate.set_entries(ModelRc::new(VecModel::from_iter(entries)));
    let (name, fingerprint) =
        listing.candidate.as_ref().map(|c| (c.name.as_str(), c.fingerprint.as_str())).unwrap_or_default();
    gate.set_candidate(name.into());
    gate.set_candidate_fingerprint(fingerprint.into());
    let instead_of = listing.candidate.as_ref().and_then(|c| c.instead_of.as_deref()).unwrap_or_default();
    gate.set_candidate_instead_of(instead_of.into());
}

fn picture(frame: &LumaFrame) -> Image {
    let (width, height) = (u32::try_from(frame.width()).unwrap_or(1), u32::try_from(frame.height()).unwrap_or(1));
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for (to, luma) in buffer.make_mut_slice().iter_mut().zip(frame.pixels()) {
        *to = Rgb8Pixel { r: *luma, g: *luma, b: *luma };
    }
    Image::from_rgb8(buffer)
}

fn show_scan(gate: &Gate<'_>, snapshot: &Snapshot) {
    gate.set_camera(match snapshot.camera {
        CameraState::Starting => ui::CameraState::Starting,
        CameraState::Ready => ui::CameraState::Ready,
        CameraState::NoCamera => ui::CameraState::None,
        CameraState::Unusable => ui::CameraState::Unusable,
        CameraState::Busy => ui::CameraState::Busy,
        CameraState::Stalled => ui::CameraState::Stalled,
        CameraState::Gone => ui::CameraState::Gone,
        CameraState::Dark => ui::CameraState::Dark,
    });
    let (kind, host) = snapshot.notice.clone().unwrap_or_default();
    gate.set_notice(match kind {
        "" => ui::OtherCode::Nothing,
        "gosuslugi" => ui::OtherCode::Gosuslugi,
        "link" => ui::OtherCode::Link,
        "payment" => ui::OtherCode::Payment,
        "wifi" => ui::OtherCode::Wifi,
        "contact" => ui::OtherCode::Contact,
        "other-certificate" => ui::OtherCode::OtherCertificate,
        _ => ui::OtherCode::Text,
    });
    gate.set_notice_host(host.into());
    gate.set_reading(snapshot.reading);
    gate.set_hint(match snapshot.hint {
        None => ui::Hint::Nothing,
        Some(Hint::ComeCloser) => ui::Hint::Closer,
        Some(Hint::HoldStill) => ui::Hint::Still,
        Some(Hint::TooMuchGlare) => ui::Hint::Glare,
        Some(Hint::MakeScreenBrighter) => ui::Hint::Brighter,
        Some(Hint::ShowWholeCode) => ui::Hint::Whole,
    });
}

fn page(page: Page, sheet: Sheet) -> ui::Page {
    match (sheet, page) {
        (_, Page::Valid) => ui::Page::Valid,
        (_, Page::Refused) => ui::Page::Refused,
        (_, Page::NotGenuine) => ui::Page::NotGenuine,
        (_, Page::CannotTell) => ui::Page::CannotTell,
        (Sheet::Settings, _) => ui::Page::Settings,
        (Sheet::Browse, _) => ui::Page::Browse,
        (Sheet::Clock, _) => ui::Page::Clock,
        (Sheet::None, Page::OneAtATime) => ui::Page::OneAtATime,
        (Sheet::None, Page::Cleared) => ui::Page::Cleared,
        (Sheet::None, Page::Scan) => ui::Page::Scan,
    }
}

fn show_standing(gate: &Gate<'_>, standing: &Standing) {
    gate.set_trust_age(match standing.age {
        Stage::None => ui::TrustAge::None,
        Stage::Fresh => ui::TrustAge::Fresh,
        Stage::Soon => ui::TrustAge::Soon,
        Stage::Stale => ui::TrustAge::Stale,
        Stage::Expired => ui::TrustAge::Expired,
        Stage::ClockBehind => ui::TrustAge::ClockBehind,
    });
    gate.set_trust_until(standing.until.as_str().into());
    gate.set_clock(standing.clock.as_str().into());
    gate.set_date(standing.date.as_str().into());
    gate.set_site(standing.sites.first().map(String::as_str).unwrap_or_default().into());
    gate.set_more_sites(i32::try_from(standing.sites.len().saturating_sub(1)).unwrap_or(0));
    gate.set_authority(standing.authority.as_str().into());
    gate.set_fingerprint(standing.fingerprint.as_str().into());
    gate.set_demo(standing.demo);
}

fn show_answer(gate: &Gate<'_>, answer: &AnswerScreen) {
    gate.set_code(answer.code.into());
    gate.set_moment(answer.moment.as_str().into());
    let lines = answer.benefits.iter().map(|line| ui::BenefitLine {
        kind: line.kind.as_str().into(),
        amount: line.amount.as_str().into(),
        words: line.words.as_str().into(),
        own_offer: line.own_offer,
    });
    gate.set_benefits(ModelRc::new(VecModel::from_iter(lines)));
    gate.set_more_benefits(answer.more_benefits);
    gate.set_good_through(answer.good_through.as_str().into());
    gate.set_issuer(answer.issuer.as_str().into());
    gate.set_initials(answer.initials.as_str().into());
    gate.set_birth_day(answer.birth_day);
    gate.set_birth_month(answer.birth_month);
    gate.set_document_kind(answer.document_kind);
    gate.set_document_digits(answer.document_digits.as_str().into());
    gate.set_specimen(answer.specimen);
}
