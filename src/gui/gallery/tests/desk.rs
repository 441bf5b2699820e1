//! A check-in, training, and a refusal for the length of the stay: nothing of it is clipped either.

use chrono::NaiveDate;

use greenlit_ui::{AnswerKind, CheckInModel, CheckedGuest, FieldModel, PlaceBridge, PlaceModel, TrainingModel};
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use greenlit_camera::controls::ControlPanel;

use super::*;
use crate::gui::lens::tests::Fake;

/// A family of whom not all can stay, on the longest day there is.
pub(crate) fn booking() -> CheckInModel {
    let guest = |number, answer, code: &str, until: &str| CheckedGuest {
        number,
        answer,
        code: code.into(),
        until: until.into(),
    };
    let guests = vec![
        guest(99, AnswerKind::Valid, "OK", "23.11.2027"),
        guest(98, AnswerKind::Refused, "EXP", "22.12.2026"),
        guest(97, AnswerKind::NotGenuine, "SIG", ""),
        guest(96, AnswerKind::CannotTell, "OLD", ""),
        guest(95, AnswerKind::Mismatch, "OK", ""),
    ];
    let date = NaiveDate::from_ymd_opt(2026, 12, 30).unwrap().format("%d.%m.%Y").to_string();
    CheckInModel {
        offered: true,
        nights: 90,
        most_nights: 90,
        date: date.into(),
        weekday: 3,
        guests: ModelRc::new(VecModel::from(guests)),
        valid: 1,
        unlisted: 4,
    }
}

/// An example of each answer, before and after the choice, and the end.
pub(crate) fn lessons() -> Vec<(String, TrainingModel)> {
    let plain = TrainingModel { number: 10, of: 10, right: 9, ..TrainingModel::default() };
    let of = |answer, code: &str| TrainingModel { answer, code: code.into(), ..plain.clone() };
    let valid = TrainingModel {
        gives: "−15 % Скидка на проживание (пример). Соблюдать дистанцию не нужно. Маска обязательна".into(),
        identity: "З. И. Б. · 09.05. · ••5678".into(),
        ..of(AnswerKind::Valid, "OK")
    };
    let expired = TrainingModel { moment: "22.12.2026".into(), ..of(AnswerKind::Refused, "EXP") };
    let specimen = TrainingModel { specimen: true, ..of(AnswerKind::Refused, "CLS") };
    let all = [valid, expired, specimen, of(AnswerKind::NotGenuine, "SIG"), of(AnswerKind::CannotTell, "OLD")];
    let mut lessons = Vec::new();
    for lesson in all {
        let chosen = TrainingModel { has_chosen: true, chosen: AnswerKind::Valid, ..lesson.clone() };
        lessons.push((format!("{}-asked", lesson.code), lesson));
        lessons.push((format!("{}-chosen", chosen.code), chosen));
    }
    lessons.push(("over".into(), TrainingModel { over: true, ..plain }));
    lessons
}

/// A pass that is good today and not to the end of the stay.
pub(crate) fn in_stay() -> GalleryPage {
    let mut page = answer_page(Code::Expired);
    page.name = "exp-in-stay".into();
    page.snapshot.answer.iter_mut().for_each(|answer| answer.in_stay = true);
    page
}

/// The page of names and addresses: nothing entered, all of it long, and none of it taken.
pub(crate) const EVERY_PLACE: [&str; 3] = ["empty", "long", "refused"];

pub(crate) fn show_entries(bindings: &UiBindings, what: &str) {
    let bridge = bindings.app.global::<PlaceBridge>();
    let (long, wrong) = (what != "empty", what == "refused");
    let text = |text: &str| if long { text.into() } else { SharedString::new() };
    bridge.set_name(text("Гостиница «Агидель», стойка 2, у лифтов"));
    bridge.set_source(text("https://pass.bashkortostan.example/trust/published/2026"));
    bridge.set_proxy(text("http://proxy.hotel.example:3128"));
    let field = |why: &str| FieldModel { managed: long && !wrong, wrong: if wrong { why.into() } else { "".into() } };
    bridge.set_place(PlaceModel {
        name: field("название — от 1 до 40 печатных знаков"),
        source: field("«http://a.example»: адрес должен начинаться с https://"),
        proxy: field("«proxy»: неверный прокси; пишите так: http://proxy.example:3128"),
        ca: field("/media/stick/ca.pem: в файле нет ни одного сертификата"),
        certificate: text("/media/stick/certificates/authority-of-the-republic.pem"),
    });
}

/// The scan page of a place with a long name.
pub(crate) fn named_place() -> GalleryPage {
    let mut page = GalleryPage { name: "scan-named".into(), preview: Some(held_up()), ..scan(CameraState::Ready) };
    page.snapshot.standing.name = "Гостиница «Агидель», стойка 2, у лифтов".into();
    page
}

pub(super) fn check_all(studio: &OffscreenRenderer, check: &dyn Fn(&GalleryPage, &str)) {
    check(&in_stay(), "");
    studio.bindings.show_booking(booking());
    check(&at_rest(Overlay::CheckIn), "check-in");
    check(&scan(CameraState::NoCamera), "check-in offered");
    let panel = ControlPanel::default();
    let plug = panel.plug_in("camera", Fake);
    studio.bindings.show_lens(&panel);
    check(&GalleryPage { preview: Some(held_up()), ..scan(CameraState::Ready) }, "check-in and light offered");
    check(&at_rest(Overlay::Settings), "light and zoom");
    drop(plug);
    studio.bindings.show_lens(&ControlPanel::default());
    studio.bindings.show_booking(CheckInModel { guests: ModelRc::default(), ..booking() });
    check(&at_rest(Overlay::CheckIn), "check-in empty");
    studio.bindings.show_booking(CheckInModel::default());
    check(&named_place(), "a name");
    for what in EVERY_PLACE {
        show_entries(&studio.bindings, what);
        check(&at_rest(Overlay::Place), what);
    }
    for (what, model) in lessons() {
        studio.bindings.show_training(model);
        check(&at_rest(Overlay::Training), &what);
    }
}
