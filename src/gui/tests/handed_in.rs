//! What a hand scanner types, what is pasted and what is opened, into any page: answered or told why not.

use std::path::Path;

use greenlit_core::typed::burst::MAX_TEXT;

use super::*;
use crate::gui::settings_controller::Opened;

const MACHINE: Duration = Duration::from_millis(4);

/// As the keys of the `us` layout type it under `ru`.
fn in_russian(text: &str) -> String {
    let (us, ru) = ("QWERTYUIOPASDFGHJKLZXCVBNM:$/.", "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬЖ;.ю");
    let typed = |c: char| us.chars().position(|key| key == c).and_then(|at| ru.chars().nth(at)).unwrap_or(c);
    text.chars().map(typed).collect()
}

/// A till that judges the demonstration's passes, with a menu before its camera, and a good pass.
pub(super) fn till_and_pass(folder: &Path) -> (Rc<Window>, FakeClocks, String) {
    let bench = FakeClocks::new("2026-11-27T12:00:00Z");
    let (till, floor) = demo_till(folder, &bench);
    bench.step(&floor.plus(60).to_string());
    let picture = greenlit_camera::picture::read(&folder.join("demo/good.png")).unwrap();
    let read = greenlit_qr::read(&picture, Duration::from_secs(60));
    let pass = String::from_utf8(read.symbols[0].payload.clone()).unwrap();
    let window = window_of(till, code("https://cafe.example/menu"));
    bring_to_front(&window);
    assert!(sees(&window, "A web link (cafe.example), not a pass"), "{:?}", labels(&window));
    (window, bench, pass)
}

pub(super) fn scans(window: &Window, text: &str) {
    type_keys(window, &format!("{text}⏎"), MACHINE);
}

/// With another last character: another signature.
fn altered(pass: &str) -> String {
    format!("{}{}", &pass[..pass.len() - 1], if pass.ends_with('0') { "1" } else { "0" })
}

#[track_caller]
pub(super) fn shows(window: &Window, label: &str) {
    assert!(sees(window, label), "{label}: {:?}", labels(window));
}

#[test]
fn a_hand_scanner_is_heard_on_every_page_whatever_the_layout_and_presses_nothing_there() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, pass) = till_and_pass(folder.path());

    // On the page that sets the clock its digits turn no dial, and its Enter sets nothing.
    click(&window, "Settings");
    click(&window, "Set date and time");
    let before = (dials(&window), bench.read().system);
    scans(&window, &pass);
    shows(&window, "Valid");
    click(&window, "Close");
    shows(&window, "Set the clock");
    assert_eq!((dials(&window), bench.read().system), before);

    // Under another layout the signature says which text it was.
    scans(&window, &in_russian(&pass));
    shows(&window, "Valid");

    // Altered, it is nobody's pass; but one wrong key would do that too, so it is asked for again.
    click(&window, "Close");
    scans(&window, &altered(&pass));
    shows(&window, "The code came through damaged");
    click(&window, "Close");
    shows(&window, "Set the clock");
}

#[test]
fn bad_input_into_any_page_is_told_in_words_and_gives_the_page_back() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, pass) = till_and_pass(folder.path());
    let control = SharedString::from(slint::platform::Key::F7);
    let bad = [
        (pass[..90].to_owned(), "Only part of the code came through"),
        (altered(&pass), "The code came through damaged"),
        (format!("{}{control}{}", &altered(&pass)[..40], &altered(&pass)[40..]), "Other keys came in with the code"),
        ("7".repeat(MAX_TEXT + 100), "More than 5,000 characters came in"),
        // Two scanners at the same moment.
        (pass.chars().flat_map(|c| [c, c]).collect(), "This code is not a pass"),
        (in_russian("HTTPS://CAFE.EXAMPLE/MENU"), "This code is not a pass"),
        ("https://cafe.example/menu".into(), "A web link (cafe.example), not a pass"),
        ("пд!жфиҒс".into(), "Caps Lock is on: $ and 4 come out the same"),
        ("GL1Ö6BFOXN".into(), "The keyboard layout de loses the character +"),
    ];
    let pages: [(&[&str], &str); 4] = [
        (&[], "A web link (cafe.example), not a pass"),
        (&["Settings"], "Language"),
        (&["Settings", "Add an authority"], "Choose the root file"),
        (&["Settings", "Set date and time"], "Set the clock"),
    ];
    for (clicks, page) in pages {
        clicks.iter().for_each(|label| click(&window, label));
        let on_clock = clicks.last() == Some(&"Set date and time");
        let before = (labels(&window), on_clock.then(|| dials(&window)), bench.read().system);
        for (text, words) in &bad {
            scans(&window, text);
            shows(&window, words);
            assert!(labels(&window).contains(&"It's not the guest's fault.".to_owned()), "{words}");
            assert!(!labels(&window).contains(&"Not genuine".to_owned()), "{words}");
            enter(&window, "␛");
            shows(&window, page);
            let after = (labels(&window), on_clock.then(|| dials(&window)), bench.read().system);
            assert_eq!(after, before, "after {words} on {clicks:?}");
        }
        // And a pass is heard as ever.
        scans(&window, &pass);
        shows(&window, "Valid");
        click(&window, "Close");
        clicks.iter().for_each(|_| click(&window, "Close"));
    }
}

#[test]
fn what_is_typed_must_come_twice_in_a_row_to_be_called_not_genuine() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, pass) = till_and_pass(folder.path());
    scans(&window, &altered(&pass));
    shows(&window, "Scan again");
    scans(&window, &pass);
    shows(&window, "Valid");
    window.typing.pass(Duration::from_secs(1));
    scans(&window, &altered(&pass));
    shows(&window, "Scan again");
    scans(&window, &altered(&pass));
    shows(&window, "Not genuine");
}

#[test]
fn two_passes_at_once_are_asked_for_one_by_one() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, pass) = till_and_pass(folder.path());
    let picture = greenlit_camera::picture::read(&folder.path().join("demo/revoked.png")).unwrap();
    let other =
        String::from_utf8(greenlit_qr::read(&picture, Duration::from_secs(60)).symbols[0].payload.clone()).unwrap();
    click(&window, "Settings");
    scans(&window, &format!("{pass}{other}"));
    shows(&window, "Two passes came in at once");
    scans(&window, &other);
    shows(&window, "Refused");
}

#[test]
fn a_person_who_types_hears_nothing_of_scanners() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, pass) = till_and_pass(folder.path());
    for pace in [90, 120, 240] {
        type_keys(&window, &format!("2908204814{}⏎", &pass[4..40]), Duration::from_millis(pace));
        let seen = labels(&window);
        for word in ["Not read", "Scan again", "Not a pass", "It's not the guest's fault."] {
            assert!(!seen.contains(&word.to_owned()), "{pace} ms: {seen:?}");
        }
    }
}

/// With the key that types this.
fn pastes(window: &Window, what: Clipboard, key: &str) {
    use slint::platform::{Key, WindowEvent};
    *window.clipboard.borrow_mut() = Arc::new(move || what.clone());
    let app = window.bindings.app.window();
    let control: SharedString = Key::Control.into();
    app.dispatch_event(WindowEvent::KeyPressed { text: control.clone() });
    app.dispatch_event(WindowEvent::KeyPressed { text: key.into() });
    app.dispatch_event(WindowEvent::KeyReleased { text: key.into() });
    app.dispatch_event(WindowEvent::KeyReleased { text: control });
}

/// Nothing is being read any more.
fn rest(window: &Window) {
    while window.session.borrow().is_reading() {
        std::thread::sleep(Duration::from_millis(5));
    }
    window.refresh();
}

#[test]
fn what_is_pasted_is_judged_as_what_is_typed() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, pass) = till_and_pass(folder.path());
    click(&window, "Settings");
    let demo = folder.path().join("demo");
    let text = |text: &str| Clipboard::Text(text.to_owned());
    let keys = ["v", "м"].into_iter().cycle();
    for ((what, words), key) in [
        (text(&format!("{}\n{}\n", &pass[..76], &pass[76..])), "Valid"),
        (text(&altered(&pass)), "Scan again"),
        // The same bytes once more prove nothing.
        (text(&altered(&pass)), "Scan again"),
        // As a web page gives it, and as a mail program breaks it.
        (text(&pass.replace(' ', "\u{a0}")), "Valid"),
        (text(&pass.replacen(' ', "\r\n", 1)), "Valid"),
        (text("https://cafe.example/menu"), "A web link (cafe.example), not a pass"),
        (text("a letter\nto somebody"), "This code is not a pass"),
        (text(&"7".repeat(4_000_000)), "More than 5,000 characters came in"),
        (text(" \n"), "There is nothing to paste"),
        (Clipboard::Nothing, "There is nothing to paste"),
        (Clipboard::File(demo.join("revoked.png")), "Refused"),
        (Clipboard::File(demo.join("published/trust.cbor")), "This file is not a PNG, JPEG or PGM picture"),
        (Clipboard::File(demo), "This file cannot be read"),
    ]
    .into_iter()
    .zip(keys)
    {
        pastes(&window, what, key);
        shows(&window, words);
        rest(&window);
    }
    click(&window, "Close");
    shows(&window, "Language");
}

#[test]
fn a_picture_is_opened_and_answered_over_the_folder() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, _) = till_and_pass(folder.path());
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    std::fs::copy(folder.path().join("demo/good.png"), pictures.join("good.png")).unwrap();
    std::fs::copy(folder.path().join("demo/altered.png"), pictures.join("altered.PNG")).unwrap();
    std::fs::write(pictures.join("letter.jpg"), "Dear Sir").unwrap();
    std::fs::write(pictures.join("notes.txt"), "not listed").unwrap();
    std::fs::write(pictures.join("huge.pgm"), "P5 20000 20000 255 ").unwrap();
    let good = std::fs::read(pictures.join("good.png")).unwrap();
    std::fs::write(pictures.join("half.png"), &good[..good.len() / 2]).unwrap();
    image::GrayImage::from_pixel(300, 300, image::Luma([255])).save(pictures.join("blank.png")).unwrap();

    // It stands at the end of the settings.
    window.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, 2_000));
    click(&window, "Settings");
    click(&window, "Check a picture");
    shows(&window, "A picture of a pass");
    window.with_settings(|controller| assert!(controller.open_entry(&pictures.display().to_string()) == Opened::Here));
    assert!(!labels(&window).iter().any(|label| label == "notes.txt" || label == "Use this folder"));
    for (file, words) in [
        ("good.png", "Valid"),
        ("altered.PNG", "Not genuine"),
        ("letter.jpg", "This file is not a PNG, JPEG or PGM picture"),
        ("huge.pgm", "This picture is too large"),
        ("half.png", "This picture is damaged"),
        ("blank.png", "There is no QR code in this picture"),
        ("good.png", "Valid"),
    ] {
        click(&window, file);
        shows(&window, words);
        rest(&window);
        click(&window, "Close");
        shows(&window, "A picture of a pass");
        assert!(!labels(&window).contains(&"One moment…".to_owned()));
    }
}
