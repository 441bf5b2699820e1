//! The PIN before the settings, and the kiosk that it keeps closed.

use super::*;
use crate::config::settings::Setting;
use crate::gui::settings_controller::PinStatus;

fn till_with_pin(folder: &std::path::Path, pin: &str) -> Till {
    let till = Till::practice(folder.join("till"));
    let hash = crate::config::pin::PinHash::new(pin).unwrap();
    till.remember(Setting::PinHash, &hash.to_string()).unwrap();
    till
}

/// Enters it, and waits until it has been judged and what follows is shown.
fn enter_pin(window: &Window, pin: &str) {
    window.at_pin(|controller| {
        (0..controller.pin_length()).for_each(|_| controller.erase_pin());
        pin.bytes().for_each(|digit| controller.type_pin(digit - b'0'));
        controller.enter_pin();
    });
    while window.controller.borrow().pin_status() == PinStatus::Busy {
        window.refresh();
        std::thread::yield_now();
    }
}

#[test]
fn what_changes_judgement_is_behind_the_pin_and_the_rest_is_not() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let window = window_of(till_with_pin(folder.path(), "2468"), LumaFrame::new(64, 64, vec![255; 64 * 64]).unwrap());
    click(&window, "Settings");
    for open in ["Dark", "One beep", "English", "Check a picture", "Update now"] {
        assert!(labels(&window).iter().any(|label| label == open) || open == "One beep", "{open}");
    }
    for closed in ["Hotel", "Set date and time", "Choose folder", "Add an authority", "Remove the PIN"] {
        assert!(!labels(&window).iter().any(|label| label == closed), "{closed}");
    }
    click(&window, "Unlock the other settings");
    assert!(sees(&window, "Enter the PIN"));
    assert_eq!(too_small(&window), Vec::<String>::new());
    ["1", "1", "1", "1", "OK"].iter().for_each(|key| click(&window, key));
    assert!(sees(&window, "Wrong PIN"));
    ["2", "4", "6", "9"].iter().for_each(|key| click(&window, key));
    click(&window, "Erase the last digit");
    ["8", "OK"].iter().for_each(|key| click(&window, key));
    assert!(sees(&window, "Hotel"), "{:?}", labels(&window));
    // Whoever leaves leaves it locked.
    click(&window, "Close");
    click(&window, "Settings");
    assert!(sees(&window, "Unlock the other settings"));
    // By keys alone, and on to another PIN.
    click(&window, "Unlock the other settings");
    enter(&window, "2468⏎");
    assert!(sees(&window, "Change the PIN"));
    click(&window, "Change the PIN");
    assert!(sees(&window, "Choose a PIN"));
    for (entered, says) in
        [("12", "A PIN has 4 to 12 digits"), ("13579", "Enter the same PIN again"), ("13578", "Choose a PIN")]
    {
        enter(&window, entered);
        click(&window, "OK");
        assert!(sees(&window, says), "{says}: {:?}", labels(&window));
    }
    for _ in 0..2 {
        enter(&window, "13579");
        click(&window, "OK");
    }
    assert!(sees(&window, "Done"), "{:?}", labels(&window));
    click(&window, "Remove the PIN");
    assert!(sees(&window, "Set a PIN"));
    click(&window, "Close");
    click(&window, "Settings");
    assert!(sees(&window, "Hotel"), "nothing is in front any more");
}

#[test]
fn guessing_is_slowed() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let window = window_of(till_with_pin(folder.path(), "2468"), LumaFrame::new(64, 64, vec![255; 64 * 64]).unwrap());
    click(&window, "Settings");
    click(&window, "Unlock the other settings");
    (0..4).for_each(|_| enter_pin(&window, "0000"));
    window.refresh();
    assert!(matches!(window.controller.borrow().pin_status(), PinStatus::Wait(1..=10)));
    // Not even the right one, before its time.
    enter_pin(&window, "2468");
    assert!(window.controller.borrow().is_locked());
    window.controller.borrow_mut().wait(Duration::from_secs(11));
    enter_pin(&window, "2468");
    assert!(sees(&window, "Hotel"), "{:?}", labels(&window));
    // Left alone, it is locked again, and so is the page that was open.
    click(&window, "Set date and time");
    window.controller.borrow_mut().wait(Duration::from_secs(301));
    assert!(sees(&window, "Unlock the other settings"), "{:?}", labels(&window));
}

#[test]
fn a_scanner_typing_into_the_pin_is_a_scan_and_no_digits() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let window = window_of(till_with_pin(folder.path(), "2468"), LumaFrame::new(64, 64, vec![255; 64 * 64]).unwrap());
    click(&window, "Settings");
    click(&window, "Unlock the other settings");
    enter(&window, "24");
    type_keys(&window, "GL1:123456789012345678901234567890⏎", Duration::from_millis(4));
    assert!(sees(&window, "Scan again"), "{:?}", labels(&window));
    assert_eq!(window.controller.borrow().pin_length(), 2);
}

#[test]
fn a_kiosk_is_left_by_its_settings_alone() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let till = till_with_pin(folder.path(), "2468");
    till.remember(Setting::Kiosk, "on").unwrap();
    let window = window_of(till, LumaFrame::new(64, 64, vec![255; 64 * 64]).unwrap());
    assert!(matches!(window.close_requested(), CloseRequestResponse::KeepWindowShown));
    assert!(sees(&window, "Unlock the other settings"));
    click(&window, "Unlock the other settings");
    enter_pin(&window, "2468");
    assert!(sees(&window, "Close Greenlit"));
    click(&window, "Kiosk: full screen, closed only from here");
    assert!(matches!(window.close_requested(), CloseRequestResponse::HideWindow));
}

#[test]
fn whatever_leads_back_to_scanning_locks_the_settings() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let window = window_of(till_with_pin(folder.path(), "2468"), LumaFrame::new(64, 64, vec![255; 64 * 64]).unwrap());
    // From the footer to the clock and back, as where it reports a wrong time.
    window.open_clock();
    assert!(sees(&window, "Enter the PIN"));
    enter_pin(&window, "2468");
    assert!(sees(&window, "Set the clock"), "{:?}", labels(&window));
    click(&window, "Close");
    assert!(window.controller.borrow().is_locked());
    // Left before the right one has been checked, it opens nothing.
    click(&window, "Settings");
    click(&window, "Unlock the other settings");
    window.at_pin(|controller| "2468".bytes().for_each(|digit| controller.type_pin(digit - b'0')));
    window.at_pin(SettingsController::enter_pin);
    click(&window, "Close");
    let deadline = std::time::Instant::now() + Duration::from_secs(300);
    while window.controller.borrow().pin_status() == PinStatus::Busy && std::time::Instant::now() < deadline {
        window.refresh();
    }
    assert!(window.controller.borrow().is_locked());
}
