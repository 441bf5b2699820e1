//! What is true, handed to the screens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use slint::{ComponentHandle, Model, ModelRc, VecModel};

use greenlit_core::unread::Unread;
use greenlit_qr::LumaFrame;
use greenlit_ui::{self as ui, App, AppBridge};
use greenlit_words::Language;

use super::{Overlay, screen, ui_models};
use crate::config::look::Look;
use crate::config::settings::Setting;
use crate::gui::preview::Preview;
use crate::gui::settings_controller::date::ClockSetStatus;
use crate::gui::settings_controller::{ActionStatus, Choice, PinPurpose, PinStatus, SettingsController, SetupStep};
use crate::gui::unread_model::unread_model;
use crate::self_test::SelfTest;
use crate::session::Snapshot;
use crate::session::view_model::{AnswerView, ClockView, time_of_day};

/// The screens, told what is true now: a model a page, each set whole.
pub(crate) struct UiBindings {
    pub(crate) app: App,
    /// The answer on the screen.
    last: RefCell<Option<AnswerView>>,
    last_unread: RefCell<Option<Unread>>,
    preview: RefCell<Preview>,
    /// Whether there is a choice of sounds.
    can_sound: Cell<bool>,
    /// Whether the time is one that only this program knows of.
    clock_by_hand: Cell<bool>,
    choices: Choices,
}

/// What can be chosen, kept from one time to the next: a model made anew would build its rows anew, and the
/// keyboard would lose its place.
#[derive(Default)]
struct Choices {
    languages: Rc<VecModel<ui::Choice>>,
    sites: Rc<VecModel<ui::Choice>>,
    sounds: Rc<VecModel<ui::Choice>>,
    schemes: Rc<VecModel<ui::Choice>>,
    palettes: Rc<VecModel<ui::Choice>>,
    text_sizes: Rc<VecModel<ui::Choice>>,
    answer_times: Rc<VecModel<ui::Choice>>,
    motions: Rc<VecModel<ui::Choice>>,
    cameras: Rc<VecModel<ui::Choice>>,
}

impl UiBindings {
    /// A window that is not shown yet.
    pub(crate) fn new() -> Result<Self, slint::PlatformError> {
        Ok(Self {
            app: {
                let app = App::new()?;
                app.global::<AppBridge>().set_version(env!("CARGO_PKG_VERSION").into());
                app
            },
            last: RefCell::default(),
            last_unread: RefCell::default(),
            preview: RefCell::default(),
            can_sound: Cell::default(),
            clock_by_hand: Cell::default(),
            choices: Choices::default(),
        })
    }

    fn bridge(&self) -> AppBridge<'_> {
        self.app.global::<AppBridge>()
    }

    /// Who is told of texts that do not fit where they stand.
    #[cfg(test)]
    pub(crate) fn on_clipped(&self, told: impl Fn(&str) + 'static) {
        self.app.global::<ui::OverflowReport>().on_clipped(move |text| told(&text));
    }

    /// Whether they are told from now on: not while a page is still finding its size.
    #[cfg(test)]
    pub(crate) fn check(&self, checking: bool) {
        self.app.global::<ui::OverflowReport>().set_checking(checking);
    }

    /// Whether anything of a guest is in the screens' hands.
    #[cfg(test)]
    pub(crate) fn tells_of_a_guest(&self) -> bool {
        let answer = self.bridge().get_answer();
        let texts = [answer.initials, answer.document_digits, answer.good_through];
        texts.iter().any(|text| !text.is_empty()) || answer.birth_day > 0 || answer.benefits.row_count() > 0
    }

    /// Whether there is a choice of sounds, from the next time that the settings are shown.
    pub(crate) fn offer_sounds(&self, can: bool) {
        self.can_sound.set(can);
    }

    /// What staff can choose, and how it stands.
    pub(crate) fn show_settings(&self, controller: &SettingsController) {
        speak(&controller.language());
        let (note, detail, trouble) = match controller.message() {
            ActionStatus::None => (ui::ActionStatus::Nothing, "", ""),
            ActionStatus::Busy => (ui::ActionStatus::Busy, "", ""),
            ActionStatus::Done => (ui::ActionStatus::Done, "", ""),
            ActionStatus::ChooseFolder => (ui::ActionStatus::ChooseFolder, "", ""),
            ActionStatus::NothingNewer => (ui::ActionStatus::NothingNewer, "", ""),
            ActionStatus::Failed(error) => (ui::ActionStatus::Failed, error.detail.as_str(), error.code),
        };
        let bridge = self.bridge();
        bridge.set_settings(ui::SettingsModel {
            managed: ui::ManagedSettings {
                language: controller.is_managed(Setting::Language),
                sites: controller.is_managed(Setting::Sites),
                sound: controller.is_managed(Setting::Sound),
                source: controller.is_managed(Setting::Source),
                authority: controller.authority_is_managed(),
                text_size: controller.is_managed(Setting::TextSize),
                motion: controller.is_managed(Setting::Motion),
                pin: controller.is_managed(Setting::PinHash),
                kiosk: controller.is_managed(Setting::Kiosk),
                guest_window: controller.is_managed(Setting::GuestWindow),
            },
            locked: controller.is_locked(),
            has_pin: controller.has_pin(),
            kiosk: controller.is_kiosk(),
            guest_window: controller.shows_guest(),
            own_percent: controller.own_percent().map_or(0, i32::from),
            can_show_guest: screen::has_desktop(),
            languages: offered(&self.choices.languages, controller.languages()),
            sites: offered(&self.choices.sites, controller.sites()),
            sounds: offered(&self.choices.sounds, if self.can_sound.get() { controller.sounds() } else { Vec::new() }),
            schemes: offered(&self.choices.schemes, controller.schemes()),
            palettes: offered(&self.choices.palettes, controller.palettes()),
            text_sizes: offered(&self.choices.text_sizes, controller.text_sizes()),
            answer_times: offered(&self.choices.answer_times, controller.answer_times()),
            motions: offered(&self.choices.motions, controller.motions()),
            cameras: offered(&self.choices.cameras, controller.cameras()),
            source: controller.source().unwrap_or_default().into(),
            renewed: controller.renewed().map(time_of_day).unwrap_or_default().into(),
            note,
            note_detail: detail.into(),
            trouble: trouble.into(),
        });
        bridge.set_browse(ui_models::browse_model(controller.listing()));
        self.show_look(controller.look());
        self.offer_check_in(controller.is_overnight());
        self.show_clock(controller);
    }

    /// How all pages look.
    pub(crate) fn show_look(&self, look: Look) {
        self.bridge().set_look(ui_models::look_model(look));
    }

    /// The PIN as it is being entered.
    pub(crate) fn show_pin(&self, controller: &SettingsController) {
        self.show_entered(controller.pin_purpose(), controller.pin_status(), controller.pin_length());
    }

    /// The page of the set-up, and whether the camera has read a code.
    pub(crate) fn show_setup(&self, controller: &SettingsController, has_read: bool) {
        let (steps, step) = (controller.setup_steps(), controller.setup_step());
        let number = |number: usize| i32::try_from(number).unwrap_or_default();
        self.show_setup_page(ui::SetupModel {
            step: match step {
                SetupStep::Language => ui::SetupStep::Language,
                SetupStep::Place => ui::SetupStep::Place,
                SetupStep::Authority => ui::SetupStep::Authority,
                SetupStep::Data => ui::SetupStep::Data,
                SetupStep::Camera => ui::SetupStep::Camera,
            },
            number: number(steps.iter().position(|one| *one == step).unwrap_or(0) + 1),
            of: number(steps.len()),
            camera_reads: has_read,
        });
    }

    pub(crate) fn show_setup_page(&self, page: ui::SetupModel) {
        self.bridge().set_setup(page);
    }

    /// A self-test, or that it is running.
    pub(crate) fn show_self_test(&self, test: Option<&SelfTest>, language: Language) {
        self.bridge().set_self_test(test.map_or_else(
            || ui::SelfTestModel { outcome: ui::SelfTestOutcome::Running, ..ui::SelfTestModel::default() },
            |test| ui_models::self_test_model(test, language),
        ));
    }

    pub(crate) fn show_entered(&self, purpose: PinPurpose, status: PinStatus, entered: usize) {
        self.bridge().set_pin(ui_models::pin_model(purpose, status, entered));
    }

    /// The dials, and how setting the clock goes.
    pub(crate) fn show_clock(&self, controller: &SettingsController) {
        self.show_dials(controller.clock_screen(), controller.clock_setting());
    }

    pub(crate) fn show_dials(&self, screen: ClockView, setting: ClockSetStatus) {
        let [day, month, year, hour, minute] = screen.texts;
        let small = |number: u32| i32::try_from(number).unwrap_or_default();
        let dials = ui::Dials {
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
        };
        let status = match setting {
            ClockSetStatus::Open | ClockSetStatus::Done => ui::ClockSetStatus::Nothing,
            ClockSetStatus::Busy => ui::ClockSetStatus::Busy,
            ClockSetStatus::Kept => ui::ClockSetStatus::Kept,
            ClockSetStatus::TooEarly => ui::ClockSetStatus::TooEarly,
        };
        self.bridge().set_clock(ui::ClockModel { dials, status, by_network: screen.network });
    }

    /// Whether the time is one that only this program knows of, from the next time that a snapshot is shown.
    pub(crate) fn show_corrected(&self, corrected: bool) {
        self.clock_by_hand.set(corrected);
    }

    /// Grey luma as the picture that Slint draws fastest.
    pub(crate) fn show_preview(&self, frame: &LumaFrame) {
        if let Some(picture) = self.preview.borrow_mut().picture(frame, self.app.window().size()) {
            self.bridge().set_preview(picture);
        }
        self.bridge().set_has_preview(true);
    }

    /// The session as it is at this moment.
    pub(crate) fn show(&self, snapshot: &Snapshot, sheet: Overlay) {
        let bridge = self.bridge();
        bridge.set_till(ui_models::till_model(&snapshot.standing, self.clock_by_hand.get()));
        bridge.set_scan(ui_models::scan_model(snapshot));
        bridge.set_countdown(ui::CountdownModel {
            remaining: snapshot.remaining,
            paused: snapshot.paused,
            undoable: snapshot.undoable,
        });
        // Set again only on change: a model set anew builds its rows anew. Without an answer all is
        // wiped, so that what was said of a guest does not stay behind the next page.
        let mut last = self.last.borrow_mut();
        if *last != snapshot.answer {
            bridge.set_answer(snapshot.answer.as_ref().map_or_else(ui_models::no_answer, ui_models::answer_model));
            last.clone_from(&snapshot.answer);
        }
        bridge.set_announced(i32::try_from(snapshot.announced % 2).unwrap_or_default());
        if *self.last_unread.borrow() != snapshot.unread {
            bridge.set_unread(snapshot.unread.as_ref().map(unread_model).unwrap_or_default());
            self.last_unread.borrow_mut().clone_from(&snapshot.unread);
        }
        bridge.set_page(ui_models::page(snapshot.page, sheet));
    }
}

/// Picks the language of all screens there are.
pub(crate) fn speak(language: &str) {
    // English is written in the screens themselves.
    let bundled = if language == "en" { "" } else { language };
    // A language that is not there leaves the words as they are.
    let _ = slint::select_bundled_translation(bundled);
}

/// The same rows as before, where only what is chosen has changed.
fn offered(rows: &Rc<VecModel<ui::Choice>>, all: Vec<Choice>) -> ModelRc<ui::Choice> {
    let all: Vec<_> =
        all.into_iter().map(|c| ui::Choice { name: c.name.into(), key: c.key.into(), chosen: c.chosen }).collect();
    if rows.row_count() == all.len() {
        for (at, choice) in all.into_iter().enumerate() {
            if rows.row_data(at).as_ref() != Some(&choice) {
                rows.set_row_data(at, choice);
            }
        }
    } else {
        rows.set_vec(all);
    }
    ModelRc::from(Rc::clone(rows))
}
