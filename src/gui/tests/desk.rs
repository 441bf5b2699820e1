//! A hotel's check-in, training, and the window on the guest's side.

use greenlit_ui::{AnswerKind, CheckInBridge, TrainingBridge};

use super::handed_in::{scans, shows, till_and_pass};
use super::shift::{AT_ONCE, pass_in, says_it_does_not_match, window_where_passes_leave};
use super::*;
use crate::config::settings::Setting;

/// A hotel's window, its till with its clock, a pass for a year and one for three months after antibodies.
fn hotel(folder: &std::path::Path) -> (Rc<Window>, (Till, FakeClocks), [String; 2]) {
    let (window, bench, pass) = till_and_pass(folder);
    drop(window);
    let till = Till::with(folder.join("till"), SiteFile::default(), Clock::of(bench.clone()));
    till.remember(Setting::Sites, "hotel").unwrap();
    let antibodies = pass_in(&folder.join("demo/antibodies.png"));
    (window_where_passes_leave(till.clone(), AT_ONCE), (till, bench), [pass, antibodies])
}

fn guests(window: &Window) -> Vec<(AnswerKind, String)> {
    window.refresh();
    let model = window.bindings.app.global::<CheckInBridge>().get_check_in();
    slint::Model::iter(&model.guests).map(|guest| (guest.answer, guest.code.to_string())).collect()
}

#[test]
fn a_family_is_checked_in_for_all_its_nights_and_forgotten_at_the_end() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _till, [year, antibodies]) = hotel(folder.path());
    click(&window, "Check-in");
    shows(&window, "Nights: 1");
    shows(&window, "Scan each guest's pass in turn.");
    assert_eq!(too_small(&window), Vec::<String>::new());
    window.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, 600));
    scans(&window, &antibodies);
    shows(&window, "Valid");
    click(&window, "Close");
    assert_eq!(guests(&window), [(AnswerKind::Valid, "OK".to_owned())]);

    // For 90 nights the pass after antibodies is not good enough, and says until when it is.
    window.bindings.app.global::<CheckInBridge>().invoke_change_nights(88);
    click(&window, "One night more");
    shows(&window, "Nights: 90");
    assert_eq!(guests(&window), [(AnswerKind::Refused, "EXP".to_owned())]);
    scans(&window, &antibodies);
    shows(&window, "Refused");
    shows(&window, "Expires during the stay");
    scans(&window, &year);
    shows(&window, "Valid");
    says_it_does_not_match(&window);
    click(&window, "Close");
    let listed = [(AnswerKind::Mismatch, "OK".to_owned()), (AnswerKind::Refused, "EXP".to_owned())];
    assert_eq!(guests(&window), listed);
    shows(&window, "Valid: 0 of 2");

    // It outlasts a look at the settings, and ends by its own button.
    click(&window, "Finish");
    assert!(window.session.borrow().checked_in().is_none());
    assert_eq!(guests(&window), []);
    scans(&window, &antibodies);
    shows(&window, "Valid");
}

#[test]
fn a_check_in_is_come_back_to_from_wherever_one_goes() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _till, [year, _]) = hotel(folder.path());
    click(&window, "Check-in");
    scans(&window, &year);
    shows(&window, "Valid");
    window.open_settings();
    shows(&window, "Trust data");
    click(&window, "Close");
    shows(&window, "Nights: 1");
    assert_eq!(guests(&window).len(), 1);
    // A second press on what closed the answer forgets nobody.
    click(&window, "Close");
    shows(&window, "Finish, and forget the list?");
    click(&window, "No");
    enter(&window, "␛");
    shows(&window, "Finish, and forget the list?");
    enter(&window, "␛");
    shows(&window, "Valid: 1 of 1");
    click(&window, "Finish");
    assert!(!labels(&window).contains(&"Nights: 1".to_owned()));
    assert!(window.session.borrow().checked_in().is_none());
}

#[test]
fn the_last_night_moves_on_with_the_day_and_the_list_is_forgotten_in_time() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, (_, bench), [year, _]) = hotel(folder.path());
    click(&window, "Check-in");
    window.refresh();
    let stays_until = || window.session.borrow().checked_in().map(|booking| booking.stays_until());
    let date = || window.bindings.app.global::<CheckInBridge>().get_check_in().date.to_string();
    let (before, said) = (stays_until().unwrap(), date());
    bench.pass(86_400);
    window.refresh();
    assert_eq!(stays_until(), Some(before.plus(86_400)));
    assert_ne!(date(), said);
    scans(&window, &year);
    shows(&window, "Valid");
    click(&window, "Close");
    // Half an hour later nobody is checked in any more, whatever page is open.
    window.open_settings();
    window.desk.touched_long_ago();
    window.refresh();
    assert_eq!(stays_until(), None);
    click(&window, "Close");
    assert!(labels(&window).contains(&"Check-in".to_owned()), "{:?}", labels(&window));
}

#[test]
fn a_shop_checks_nobody_in() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _, _) = till_and_pass(folder.path());
    assert!(!labels(&window).contains(&"Check-in".to_owned()));
}

#[test]
fn training_asks_what_to_do_and_a_guest_meanwhile_is_answered_as_ever() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _, pass) = till_and_pass(folder.path());
    click(&window, "Settings");
    click(&window, "Training");
    shows(&window, "Training: no guest's pass");
    let model = || window.bindings.app.global::<TrainingBridge>().get_training();
    let of = model().of;
    for number in 1..=of {
        assert_eq!(model().number, number);
        let right = match model().answer {
            AnswerKind::Valid => "Compare it with the ID, and give what it says",
            AnswerKind::Refused => "Refuse kindly, and say why",
            AnswerKind::NotGenuine => "Don't accept it, and accuse nobody",
            _ => "See to the till: the guest is not at fault",
        };
        window.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, 2_000));
        click(&window, right);
        shows(&window, &format!("✓ {right}"));
        if number == 1 {
            scans(&window, &pass);
            shows(&window, "Doesn't match");
            click(&window, "Close");
        }
        click(&window, "Next");
    }
    shows(&window, &format!("Right: {of} of {of}"));
    click(&window, "Back to the settings");
    shows(&window, "Trust data");
}

/// The button that had the keyboard is gone with the page's next part.
#[test]
fn worked_by_keys_alone_training_leaves_the_scanner_heard() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _, pass) = till_and_pass(folder.path());
    click(&window, "Settings");
    click(&window, "Training");
    let number = || window.bindings.app.global::<TrainingBridge>().get_training().number;
    // Past the way back, to the first choice; then to what leads on.
    enter(&window, "\t\t⏎");
    enter(&window, "\t\t⏎");
    assert_eq!(number(), 2);
    scans(&window, &pass);
    shows(&window, "Doesn't match");
}

#[test]
fn the_guest_sees_the_answer_and_what_it_gives_and_nothing_of_themselves() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, (till, _), [pass, _]) = hotel(folder.path());
    assert!(window.guest.shown().is_none(), "nobody has asked for it");
    window.open_guest_side();
    window.refresh();
    let shown = || window.guest.shown().unwrap();
    assert!(!shown().answering);
    scans(&window, &pass);
    shows(&window, "Valid");
    assert!(shown().answering && shown().practice);
    assert_eq!(shown().answer, AnswerKind::Valid);
    let words: Vec<_> = slint::Model::iter(&shown().benefits).map(|line| line.words.to_string()).collect();
    assert!(!words.is_empty());
    says_it_does_not_match(&window);
    assert_eq!((shown().answer, slint::Model::row_count(&shown().benefits)), (AnswerKind::Mismatch, 0));
    click(&window, "Close");
    window.refresh();
    assert!(!shown().answering);

    // A hand scanner that types into that window is heard as well.
    let side = window.guest.app().unwrap().unwrap();
    side.window().dispatch_event(slint::platform::WindowEvent::WindowActiveChanged(true));
    type_into(&window, side.window(), &format!("{pass}⏎"), Duration::from_millis(4));
    shows(&window, "Valid");
    assert!(shown().answering);
    drop(side);
    window.close();
    assert!(window.guest.shown().is_none());

    // The setting is taken, and kept.
    window.with_settings(SettingsController::toggle_guest_window);
    assert_eq!(till.setting(Setting::GuestWindow).as_deref(), Some("on"));
}
