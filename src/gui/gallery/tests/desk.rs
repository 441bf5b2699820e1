//! A check-in, training, and a refusal for the length of the stay: nothing of it is clipped either.

use chrono::NaiveDate;

use greenlit_ui::{AnswerKind, CheckInModel, CheckedGuest, TrainingModel};
use slint::{ModelRc, VecModel};

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
    for (what, model) in lessons() {
        studio.bindings.show_training(model);
        check(&at_rest(Overlay::Training), &what);
    }
}
