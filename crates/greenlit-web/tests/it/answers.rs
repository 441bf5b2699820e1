//! Promise: a phone answers as the till does, and says it in the window's words.

use greenlit_core::trust::VenueKind;
use greenlit_core::typed::Press;
use greenlit_qr::LumaFrame;
use greenlit_qr::encode::QrPicture;
use greenlit_testkit::fixture::schemes::{FESTIVAL, OTHER_EVENT, Schemes, ticket};
use greenlit_testkit::fixture::*;
use greenlit_web::{Moment, Place, RootSeen, Sounds, Till, Touch};
use greenlit_words::Language;

use crate::{at, new_till, ready, screen};

/// The code of a text, alone in a frame of a camera.
fn frame(text: &str) -> LumaFrame {
    let (side, modules) = QrPicture::new(text).unwrap().modules();
    let (width, height, scale) = (640, 480, 400 / (side + 8));
    let (left, top) = ((width - side * scale) / 2, (height - side * scale) / 2);
    let mut pixels = vec![230; width * height];
    for y in 0..side * scale {
        for x in 0..side * scale {
            if modules[y / scale * side + x / scale] {
                pixels[(top + y) * width + left + x] = 20;
            }
        }
    }
    LumaFrame::new(width, height, pixels).unwrap()
}

fn till() -> Till {
    ready(&Authority::new(), Some(&Schemes::new()))
}

#[test]
fn a_good_pass_before_the_camera_is_green_and_says_what_it_gives() {
    let mut till = till();
    assert_eq!((screen(&mut till, 0).page, till.happened(Touch::CameraOn, at(0)).announced), ("scan", None));
    let outcome = till.frame(&frame(&sign(&pass(), ISSUER)), || None, at(40));
    assert_eq!(outcome.announced, Some("valid"));
    assert!(outcome.pause > 0 && outcome.deadline.is_some() && !outcome.notes.is_empty());
    let screen = screen(&mut till, 41);
    assert_eq!((screen.page, screen.code, screen.word.as_str()), ("valid", "OK", "Valid"));
    assert!(screen.demo && !screen.identity.is_empty() && !screen.benefits.is_empty(), "{screen:?}");
    assert!(screen.through.starts_with("Valid through "), "{screen:?}");
    // Held up for longer it is no second answer.
    assert_eq!(till.frame(&frame(&sign(&pass(), ISSUER)), || None, at(200)).announced, None);
}

#[test]
fn nothing_of_a_pass_is_on_the_screen_that_is_not_green() {
    let mut till = till();
    for (text, page, code) in [
        (sign(&pass(), STRANGER), "not-genuine", "KEY"),
        (ticket(OTHER_EVENT, b"s", 42, None), "refused", "KEY"),
        (ticket(FESTIVAL, b"s", 43, None), "refused", "CLS"),
    ] {
        till.happened(Touch::Dismiss, at(0));
        till.picture(&frame(&text), || None, at(1));
        let screen = screen(&mut till, 2);
        assert_eq!((screen.page, screen.code), (page, code));
        assert!(screen.identity.is_empty() && screen.benefits.is_empty() && screen.through.is_empty(), "{screen:?}");
        assert!(!screen.advice.is_empty() && !screen.reason.is_empty() && screen.photo.is_empty(), "{screen:?}");
    }
}

#[test]
fn a_phone_without_trust_data_is_in_doubt_of_itself() {
    let mut till = new_till();
    till.pasted(&sign(&pass(), ISSUER), at(0));
    let screen = screen(&mut till, 1);
    assert_eq!((screen.page, screen.code, screen.age), ("cannot-tell", "TRU", "none"));
    assert_eq!(screen.note, "It's not the guest's fault.");
}

#[test]
fn data_that_is_over_and_a_clock_that_is_wrong_are_the_phones_own_fault() {
    let day =
        |days: i64| if days < 0 { time(ISSUED).minus(-days as u64 * DAY) } else { time(NOW).plus(days as u64 * DAY) };
    for (days, page, code, age) in [
        (0, "valid", "OK", "fresh"),
        (30, "valid", "OK", "stale"),
        (200, "cannot-tell", "OLD", "expired"),
        (-30, "cannot-tell", "CLK", "clock-behind"),
    ] {
        let mut till = till();
        let now = Moment { steady: 0, now: day(days) };
        till.pasted(&sign(&pass(), ISSUER), now);
        let shown = till.screen(now, &|at, _| at.to_string());
        assert_eq!((shown.page, shown.code, shown.age), (page, code, age), "{days} days");
        assert_eq!(shown.note.is_empty(), page == "valid", "nobody is accused: {shown:?}");
    }
}

#[test]
fn where_it_is_used_and_how_it_speaks_and_sounds_is_as_chosen() {
    let mut till = till();
    let text = sign(&pass(), ISSUER);
    let mut shown = Vec::new();
    for (language, site, sounds) in [
        (Language::Ru, "retail", Sounds::Tones),
        (Language::Ba, "employer-education", Sounds::Beep),
        (Language::En, "", Sounds::Off),
    ] {
        let sites = Some(site).filter(|site| !site.is_empty()).map(|site| VenueKind(site.into())).into_iter().collect();
        till.set_place(Place { language, sites, sounds });
        till.happened(Touch::Dismiss, at(shown.len() as u64 * 10_000));
        let outcome = till.pasted(&text, at(shown.len() as u64 * 10_000 + 5_000));
        let screen = screen(&mut till, shown.len() as u64 * 10_000 + 5_001);
        shown.push((screen.word, screen.benefits.len(), outcome.notes.len()));
    }
    assert_eq!(shown[0].0, "Действителен");
    assert_eq!(shown[1].0, "Ғәмәлдә");
    assert_eq!(shown.iter().map(|(_, _, notes)| *notes).collect::<Vec<_>>(), [2, 1, 0]);
    assert!(shown[0].1 != shown[2].1, "other rules speak at other places: {shown:?}");
}

#[test]
fn a_scanner_that_types_is_told_from_a_person() {
    let mut till = till();
    let text = sign(&pass(), ISSUER);
    let mut typed = |text: &str, from: u64, every: u64| {
        let mut now = from;
        for key in text.chars() {
            till.key(Press::Text(key.encode_utf8(&mut [0; 4])), false, at(now));
            now += every;
        }
        let outcome = till.key(Press::Enter, false, at(now));
        till.happened(Touch::Dismiss, at(now + 1));
        outcome.announced
    };
    assert_eq!(typed(&text, 1_000, 5), Some("valid"));
    assert_eq!(typed("hello there", 100_000, 200), None);
}

#[test]
fn a_pass_that_only_a_colour_of_a_frame_shows_is_green() {
    let mut till = till();
    let plain = LumaFrame::new(64, 64, vec![90; 64 * 64]).unwrap();
    assert_eq!(till.frame(&plain, || Some([plain.clone(), plain.clone()]), at(0)).announced, None);
    let colours = || Some([plain.clone(), frame(&sign(&pass(), ISSUER))]);
    assert_eq!(till.frame(&plain, colours, at(200)).announced, Some("valid"));
}

#[test]
fn a_picture_without_a_code_is_said_to_have_none() {
    let mut till = till();
    till.picture(&LumaFrame::new(64, 64, vec![255; 64 * 64]).unwrap(), || None, at(0));
    let shown = screen(&mut till, 1);
    assert_eq!((shown.page, shown.reason.as_str()), ("unread", "There is no QR code in this picture"));
    till.happened(Touch::Dismiss, at(2));
    till.picture(&frame(&sign(&pass(), ISSUER)), || None, at(3));
    assert_eq!(screen(&mut till, 4).page, "valid");
    till.happened(Touch::Dismiss, at(5));
    // In another colour of the same picture there is one.
    let plain = LumaFrame::new(64, 64, vec![90; 64 * 64]).unwrap();
    till.picture(&plain, || [plain.clone(), frame(&sign(&pass(), ISSUER))], at(6));
    assert_eq!(screen(&mut till, 7).page, "valid");
}

#[test]
fn while_a_root_is_looked_for_nothing_is_judged() {
    let mut till = new_till();
    till.look_for_root(true);
    let outcome = till.frame(&frame(&sign(&pass(), ISSUER)), || None, at(0));
    assert_eq!((outcome.root, outcome.announced), (RootSeen::Nothing, None));
    let none = till.picture(&frame(&sign(&pass(), ISSUER)), || None, at(50));
    assert_eq!((none.root, none.announced), (RootSeen::NoneInPicture, None));
    assert!(till.offer(b"").is_err());
    let root = Authority::new().signed_root(0);
    let code = greenlit_core::trust::root_code::to_code(&root).unwrap();
    let RootSeen::Code(found) = till.picture(&frame(&code), || None, at(100)).root else { panic!("not found") };
    assert!(till.offer(&found).is_ok());
}

#[test]
fn a_pass_of_somebody_else_takes_everything_off_the_screen_and_may_be_a_slip() {
    let mut till = till();
    till.pasted(&sign(&pass(), ISSUER), at(0));
    till.happened(Touch::Mismatch, at(500));
    let shown = screen(&mut till, 501);
    assert_eq!((shown.page, shown.undoable), ("mismatch", true));
    assert!(shown.identity.is_empty() && shown.benefits.is_empty());
    till.happened(Touch::UndoMismatch, at(1_000));
    assert_eq!(screen(&mut till, 1_001).page, "valid");
    till.happened(Touch::Hide, at(2_000));
    till.happened(Touch::Tick, at(120_000));
    assert_eq!(screen(&mut till, 120_001).page, "cleared");
}
