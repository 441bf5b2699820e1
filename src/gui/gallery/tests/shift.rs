//! The shift's page, the door and what is said of a pass that was here before: nothing of it is clipped either.

use std::path::PathBuf;

use greenlit_core::tally::{Figure, Hour, Tally};
use greenlit_core::trust::Freshness;

use super::*;
use crate::gui::shift::{Saving, ShiftView};

/// A long shift in which everything happens.
fn busy_shift() -> Tally {
    let hours = 0..30_u64;
    let rows = hours.flat_map(|hour| {
        let codes = Code::ALL.iter().filter(|code| **code != Code::Camera).enumerate();
        let all = codes.map(move |(at, code)| {
            (Figure::Code(*code), if at == 0 { 40 + hour * 97 % 1_200 } else { (hour * 7 + at as u64) % 9 })
        });
        let all = all.chain([(Figure::Mismatch, hour % 3), (Figure::ShownAgain, hour % 11)]);
        all.map(move |(figure, count)| (Hour::new(495_009 + hour), figure, count))
    });
    Tally::restored(rows)
}

/// A shift of two guests.
fn quiet_shift() -> Tally {
    let hour = Hour::new(495_014);
    Tally::restored([(hour, Figure::Code(Code::Ok), 1), (hour, Figure::Code(Code::Signature), 1)])
}

pub(crate) fn every_shift() -> Vec<(&'static str, ShiftView)> {
    let plain = || ShiftView { tally: busy_shift(), ..ShiftView::default() };
    let stick = || PathBuf::from("/media/cashier/KINGSTON 32GB");
    let saved = stick().join("greenlit-figures-2026-11-27-140509.csv");
    let saving = |saving| ShiftView { saving, sticks: vec![stick()], ..plain() };
    vec![
        ("empty", ShiftView::default()),
        ("quiet", ShiftView { tally: quiet_shift(), ..plain() }),
        ("busy", plain()),
        ("asking", ShiftView { asking: true, ..plain() }),
        ("stick", saving(Saving::Busy)),
        ("saved", saving(Saving::Saved(saved))),
        ("gone", saving(Saving::Failed("not-there"))),
        ("full", saving(Saving::Failed("disk-full"))),
        ("not-writable", saving(Saving::Failed("not-writable"))),
        ("managed", ShiftView { capacity_managed: true, ..plain() }),
    ]
}

/// An answer to a pass that was here so many minutes ago.
fn seen_before(code: Code, age: Freshness, minutes: i32) -> GalleryPage {
    let mut page = answer_page(code);
    page.name = format!("{}-{}-seen-{minutes}", page.name, age.as_str());
    page.snapshot.standing.age = age;
    if let Some(answer) = &mut page.snapshot.answer {
        answer.seen_before = Some(minutes);
        if minutes > 60 && code == Code::Ok {
            answer.benefits.insert(1, line("exemption", "", "Самоизоляция после поездки не нужна"));
            (answer.more_benefits, answer.issuer) = (3, "Министерство здравоохранения Республики Башкортостан".into());
        }
    }
    page
}

pub(super) fn check_all(studio: &OffscreenRenderer, check: &dyn Fn(&GalleryPage, &str)) {
    for (what, view) in every_shift() {
        studio.bindings.show_shift(&view);
        let capacity = if what == "managed" || what == "busy" { Some(99_999) } else { None };
        studio.bindings.show_door(12_345, capacity);
        check(&at_rest(Overlay::Shift), &format!("shift {what}"));
    }
    for (inside, capacity) in [(37, Some(250)), (99_999, Some(99_999)), (251, Some(250)), (0, None)] {
        studio.bindings.show_door(inside, capacity);
        for camera in [CameraState::Ready, CameraState::NoCamera, CameraState::Unusable] {
            check(&scan(camera), &format!("inside {inside} {}", capacity.unwrap_or(0)));
        }
    }
    for code in [Code::Ok, Code::Expired, Code::Revoked, Code::ClassNotHonoured] {
        for (age, minutes) in [(Freshness::Fresh, 719), (Freshness::Stale, 4), (Freshness::Fresh, 0)] {
            check(&seen_before(code, age, minutes), "");
        }
    }
}
