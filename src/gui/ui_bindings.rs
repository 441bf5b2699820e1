//! What is true, handed to the screens.

use std::cell::RefCell;

use slint::{ComponentHandle, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, VecModel};

use greenlit_camera::CameraState;
use greenlit_core::trust::Freshness;
use greenlit_qr::Hint;
use greenlit_qr::LumaFrame;

use super::Overlay;
use super::ui::{self, App, AppBridge};
use crate::config::settings::Setting;
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{ActionStatus, Choice, FolderListing, SettingsController};
use crate::session::Snapshot;
use crate::session::view_model::{AnswerView, ClockView, Footer, Page, time_of_day};

/// The screens, told what is true now.
pub(crate) struct UiBindings {
    pub(crate) app: App,
    /// The answer on the screen.
    last: RefCell<Option<AnswerView>>,
}

impl UiBindings {
    /// A window that is not shown yet.
    pub(crate) fn new() -> Result<Self, slint::PlatformError> {
        Ok(Self { app: App::new()?, last: RefCell::default() })
    }

    /// Who is told of texts that do not fit where they stand.
    #[cfg(test)]
    pub(crate) fn on_clipped(&self, told: impl Fn(&str) + 'static) {
        self.app.global::<AppBridge>().on_clipped(move |text| told(&text));
    }

    /// Whether they are told from now on: not while a page is still finding its size.
    #[cfg(test)]
    pub(crate) fn check(&self, checking: bool) {
        self.app.global::<AppBridge>().set_checking(checking);
    }

    /// Whether anything of a guest is in the screens' hands.
    #[cfg(test)]
    pub(crate) fn tells_of_a_guest(&self) -> bool {
        use slint::Model;
        let bridge = self.app.global::<AppBridge>();
        let texts = [bridge.get_initials(), bridge.get_document_digits(), bridge.get_good_through()];
        texts.iter().any(|text| !text.is_empty()) || bridge.get_birth_day() > 0 || bridge.get_benefits().row_count() > 0
    }

    /// Whether there is a choice of sounds.
    pub(crate) fn offer_sounds(&self, can: bool) {
        self.app.global::<AppBridge>().set_can_sound(can);
    }

    /// What staff can choose, and how it stands.
    pub(crate) fn show_settings(&self, controller: &SettingsController) {
        speak(&controller.language());
        let bridge = self.app.global::<AppBridge>();
        bridge.set_languages(choices(controller.languages()));
        bridge.set_sites(choices(controller.sites()));
        bridge.set_sounds(choices(controller.sounds()));
        bridge.set_cameras(choices(controller.cameras()));
        let (note, detail) = match controller.message() {
            ActionStatus::None => (ui::ActionStatus::Nothing, ""),
            ActionStatus::Busy => (ui::ActionStatus::Busy, ""),
            ActionStatus::Done => (ui::ActionStatus::Done, ""),
            ActionStatus::ChooseFolder => (ui::ActionStatus::ChooseFolder, ""),
            ActionStatus::NothingNewer => (ui::ActionStatus::NothingNewer, ""),
            ActionStatus::Failed(trouble) => (ui::ActionStatus::Failed, trouble.detail.as_str()),
        };
        bridge.set_note(note);
        bridge.set_note_detail(detail.into());
        bridge.set_trouble(
            if let ActionStatus::Failed(trouble) = controller.message() { trouble.code } else { "" }.into(),
        );
        bridge.set_renewed(controller.renewed().map(time_of_day).unwrap_or_default().into());
        bridge.set_source(controller.source().unwrap_or_default().into());
        bridge.set_managed(ui::ManagedSettings {
            language: controller.is_managed(Setting::Language),
            sites: controller.is_managed(Setting::Sites),
            sound: controller.is_managed(Setting::Sound),
            source: controller.is_managed(Setting::Source),
            authority: controller.authority_is_managed(),
        });
        show_listing(&bridge, controller.listing());
        self.show_clock(controller);
    }

    /// The dials, and how setting the clock goes.
    pub(crate) fn show_clock(&self, controller: &SettingsController) {
        self.show_dials(controller.clock_screen(), controller.clock_setting());
    }

    pub(crate) fn show_dials(&self, screen: ClockView, setting: ClockSetStatus) {
        let bridge = self.app.global::<AppBridge>();
        let [day, month, year, hour, minute] = screen.texts;
        let small = |number: u32| i32::try_from(number).unwrap_or_default();
        bridge.set_dials(ui::Dials {
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
        bridge.set_network_clock(screen.network);
        bridge.set_clock_note(match setting {
            ClockSetStatus::Open | ClockSetStatus::Done => ui::ClockSetStatus::Nothing,
            ClockSetStatus::Busy => ui::ClockSetStatus::Busy,
            ClockSetStatus::Kept => ui::ClockSetStatus::Kept,
            ClockSetStatus::TooEarly => ui::ClockSetStatus::TooEarly,
        });
    }

    /// Whether the time is one that only this program knows of.
    pub(crate) fn show_corrected(&self, corrected: bool) {
        self.app.global::<AppBridge>().set_clock_by_hand(corrected);
    }

    /// Grey luma as the picture that Slint draws fastest.
    pub(crate) fn show_preview(&self, frame: &LumaFrame) {
        let bridge = self.app.global::<AppBridge>();
        bridge.set_preview(picture(frame));
        bridge.set_has_preview(true);
    }

    /// The session as it is at this moment.
    pub(crate) fn show(&self, snapshot: &Snapshot, sheet: Overlay) {
        let bridge = self.app.global::<AppBridge>();
        show_standing(&bridge, &snapshot.standing);
        show_scan(&bridge, snapshot);
        bridge.set_remaining(snapshot.remaining);
        bridge.set_paused(snapshot.paused);
        // Set again only on change: a model set anew builds its rows anew. Without an answer all is
        // wiped, so that what was said of a guest does not stay behind the next page.
        let mut last = self.last.borrow_mut();
        if *last != snapshot.answer {
            show_answer(&bridge, &snapshot.answer.clone().unwrap_or_default());
            last.clone_from(&snapshot.answer);
        }
        bridge.set_page(page(snapshot.page, sheet));
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

fn show_listing(bridge: &AppBridge<'_>, listing: &FolderListing) {
    bridge.set_folder(listing.folder.display().to_string().into());
    bridge.set_browsing_for_root(listing.for_root);
    let entries = listing.entries.iter().map(|entry| ui::FolderEntry {
        name: entry.name.as_str().into(),
        path: entry.path.display().to_string().into(),
        folder: entry.folder,
    });
    bridge.set_entries(ModelRc::new(VecModel::from_iter(entries)));
    let (name, fingerprint) =
        listing.candidate.as_ref().map(|c| (c.name.as_str(), c.fingerprint.as_str())).unwrap_or_default();
    bridge.set_candidate(name.into());
    bridge.set_candidate_fingerprint(fingerprint.into());
    let instead_of = listing.candidate.as_ref().and_then(|c| c.instead_of.as_deref()).unwrap_or_default();
    bridge.set_candidate_instead_of(instead_of.into());
}

fn picture(frame: &LumaFrame) -> Image {
    let (width, height) = (u32::try_from(frame.width()).unwrap_or(1), u32::try_from(frame.height()).unwrap_or(1));
    let mut buffer = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for (to, luma) in buffer.make_mut_slice().iter_mut().zip(frame.pixels()) {
        *to = Rgb8Pixel { r: *luma, g: *luma, b: *luma };
    }
    Image::from_rgb8(buffer)
}

fn show_scan(bridge: &AppBridge<'_>, snapshot: &Snapshot) {
    bridge.set_camera(match snapshot.camera {
        CameraState::Starting => ui::CameraState::Starting,
        CameraState::Ready => ui::CameraState::Ready,
        CameraState::NoCamera => ui::CameraState::None,
        CameraState::Unusable => ui::CameraState::Unusable,
        CameraState::Busy => ui::CameraState::Busy,
        CameraState::Stalled => ui::CameraState::Stalled,
        CameraState::Disconnected => ui::CameraState::Gone,
        CameraState::Dark => ui::CameraState::Dark,
    });
    let (kind, host) = snapshot.notice.clone().unwrap_or_default();
    bridge.set_notice(match kind {
        "" => ui::NotAPassKind::Nothing,
        "gosuslugi" => ui::NotAPassKind::Gosuslugi,
        "link" => ui::NotAPassKind::Link,
        "payment" => ui::NotAPassKind::Payment,
        "wifi" => ui::NotAPassKind::Wifi,
        "contact" => ui::NotAPassKind::Contact,
        "other-certificate" => ui::NotAPassKind::OtherCertificate,
        _ => ui::NotAPassKind::Text,
    });
    bridge.set_notice_host(host.into());
    bridge.set_reading(snapshot.reading);
    bridge.set_hint(match snapshot.hint {
        None => ui::Hint::Nothing,
        Some(Hint::ComeCloser) => ui::Hint::Closer,
        Some(Hint::HoldStill) => ui::Hint::Still,
        Some(Hint::TooMuchGlare) => ui::Hint::Glare,
        Some(Hint::MakeScreenBrighter) => ui::Hint::Brighter,
        Some(Hint::ShowWholeCode) => ui::Hint::Whole,
    });
}

fn page(page: Page, sheet: Overlay) -> ui::Page {
    match (sheet, page) {
        (_, Page::Valid) => ui::Page::Valid,
        (_, Page::Refused) => ui::Page::Refused,
        (_, Page::NotGenuine) => ui::Page::NotGenuine,
        (_, Page::CannotTell) => ui::Page::CannotTell,
        (Overlay::Settings, _) => ui::Page::Settings,
        (Overlay::Browse, _) => ui::Page::Browse,
        (Overlay::Clock, _) => ui::Page::Clock,
        (Overlay::None, Page::OneAtATime) => ui::Page::OneAtATime,
        (Overlay::None, Page::Cleared) => ui::Page::Cleared,
        (Overlay::None, Page::Scan) => ui::Page::Scan,
    }
}

fn show_standing(bridge: &AppBridge<'_>, standing: &Footer) {
    bridge.set_trust_age(match standing.age {
        Freshness::None => ui::Freshness::None,
        Freshness::Fresh => ui::Freshness::Fresh,
        Freshness::Soon => ui::Freshness::Soon,
        Freshness::Stale => ui::Freshness::Stale,
        Freshness::Expired => ui::Freshness::Expired,
        Freshness::ClockBehind => ui::Freshness::ClockBehind,
    });
    bridge.set_trust_until(standing.until.as_str().into());
    bridge.set_clock(standing.clock.as_str().into());
    bridge.set_date(standing.date.as_str().into());
    bridge.set_site(standing.sites.first().map(String::as_str).unwrap_or_default().into());
    bridge.set_more_sites(i32::try_from(standing.sites.len().saturating_sub(1)).unwrap_or(0));
    bridge.set_authority(standing.authority.as_str().into());
    bridge.set_fingerprint(standing.fingerprint.as_str().into());
    bridge.set_demo(standing.demo);
}

fn show_answer(bridge: &AppBridge<'_>, answer: &AnswerView) {
    bridge.set_code(answer.code.into());
    bridge.set_moment(answer.moment.as_str().into());
    let lines = answer.benefits.iter().map(|line| ui::BenefitLine {
        kind: line.kind.as_str().into(),
        amount: line.amount.as_str().into(),
        words: line.words.as_str().into(),
        own_offer: line.own_offer,
    });
    bridge.set_benefits(ModelRc::new(VecModel::from_iter(lines)));
    bridge.set_more_benefits(answer.more_benefits);
    bridge.set_good_through(answer.good_through.as_str().into());
    bridge.set_issuer(answer.issuer.as_str().into());
    bridge.set_initials(answer.initials.as_str().into());
    bridge.set_birth_day(answer.birth_day);
    bridge.set_birth_month(answer.birth_month);
    bridge.set_document_kind(answer.document_kind);
    bridge.set_document_digits(answer.document_digits.as_str().into());
    bridge.set_specimen(answer.specimen);
}
