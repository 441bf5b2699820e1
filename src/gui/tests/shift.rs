//! The figures of a shift, passes seen before, and who is inside, in the window.

use greenlit_core::trust::VenueKind;
use greenlit_ui::ShiftBridge;

use super::handed_in::{scans, shows, till_and_pass};
use super::*;
use crate::gui::settings_controller::Opened;

/// A window to whose till a pass that is away for a moment has left.
pub(super) fn window_where_passes_leave(till: Till, timing: Timing) -> Rc<Window> {
    let window = window_with(till, still(code("https://cafe.example/menu")), timing);
    bring_to_front(&window);
    shows(&window, "A web link (cafe.example), not a pass");
    window
}

pub(super) const LEAVING: Timing = Timing { away: 0, ..AT_ONCE };

/// One pass after another, and a mismatch, as soon as the test comes to it.
pub(super) const AT_ONCE: Timing = Timing { swap: 0, ..UNHURRIED };

pub(super) fn pass_in(picture: &std::path::Path) -> String {
    let picture = greenlit_camera::picture::read(picture).unwrap();
    String::from_utf8(greenlit_qr::read(&picture, Duration::from_secs(60)).symbols[0].payload.clone()).unwrap()
}

pub(super) fn says_it_does_not_match(window: &Window) {
    click(window, "Doesn't match");
    shows(window, "Doesn't match the ID");
}

/// At a height where all of the page is there, also what stands at its end.
fn click_below(window: &Window, label: &str) {
    // The size counts until the window finds its own again, and only if it is another.
    for height in [2_000, 3_000] {
        window.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, height));
    }
    click(window, label);
}

/// Saves the figures of the page that is open in this folder, and says where.
pub(super) fn save_figures(window: &Window, into: &std::path::Path) -> std::path::PathBuf {
    click_below(window, "Save as CSV");
    shows(window, "Save the figures in a folder");
    window.with_settings(|controller| assert!(controller.open_entry(&into.display().to_string()) == Opened::Here));
    click(window, "Save here");
    sees_file(window, into)
}

fn open_shift(window: &Window) {
    click(window, "Settings");
    click_below(window, "Shift figures");
}

#[test]
fn a_shift_is_counted_saved_and_begun_anew() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, pass) = till_and_pass(folder.path());
    drop(window);
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench.clone()));
    let window = window_where_passes_leave(till.clone(), AT_ONCE);
    open_shift(&window);
    shows(&window, "No passes have been checked in this shift.");
    // An empty shift can be saved, and says so.
    let into = folder.path().join("figures");
    std::fs::create_dir(&into).unwrap();
    let save = |name: &str| {
        let file = save_figures(&window, &into);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::rename(&file, into.join(name)).unwrap();
        text
    };
    assert_eq!(save("empty"), "hour,answer,code,count\r\nno passes were checked in this shift,,,0\r\n");
    click(&window, "Close");
    click(&window, "Close");

    // A guest, read over and over, and one who shows somebody else's pass.
    scans(&window, &pass);
    shows(&window, "Valid");
    scans(&window, &pass);
    says_it_does_not_match(&window);
    click(&window, "Undo");
    shows(&window, "Valid");
    bench.pass(3_600);
    says_it_does_not_match(&window);
    click(&window, "Close");
    scans(&window, &pass_in(&folder.path().join("demo/revoked.png")));
    shows(&window, "Refused");
    click(&window, "Close");
    window.bindings.app.global::<ShiftBridge>().invoke_open();
    for figure in [
        "Valid: 1 (OK 1)",
        "Refused: 1 (REV 1)",
        "Not genuine: 0",
        "Doesn't match the ID: 1",
        "Shown again: 0",
        "All answers: 2",
    ] {
        shows(&window, figure);
    }
    assert_eq!(too_small(&window), Vec::<String>::new());
    let text = save("two");
    assert!(text.contains("total,all,,<5\r\n") && text.contains("total,mismatch,,<5\r\n"), "{text}");
    assert!(!text.contains(",1\r\n") && !text.contains(",2\r\n"), "{text}");

    // It outlives the program, and asks once before it forgets.
    drop(window);
    let window = window_where_passes_leave(till.clone(), AT_ONCE);
    window.bindings.app.global::<ShiftBridge>().invoke_open();
    shows(&window, "All answers: 2");
    click_below(&window, "Start a new shift");
    click(&window, "No");
    shows(&window, "All answers: 2");
    click_below(&window, "Start a new shift");
    enter(&window, "␛");
    shows(&window, "All answers: 2");
    click_below(&window, "Start a new shift");
    click(&window, "Delete and start");
    shows(&window, "No passes have been checked in this shift.");
    drop(window);
    assert!(till.figures().unwrap().is_empty());
}

/// The file that was saved, once the page says so.
fn sees_file(window: &Window, folder: &std::path::Path) -> std::path::PathBuf {
    let deadline = std::time::Instant::now() + Duration::from_secs(300);
    while std::time::Instant::now() < deadline {
        window.refresh();
        let said =
            labels(window).into_iter().find_map(|label| label.strip_prefix("Saved: ").map(std::path::PathBuf::from));
        if let Some(file) = said.filter(|file| file.parent() == Some(folder) && file.exists()) {
            return file;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{:?}", labels(window));
}

#[test]
fn figures_that_cannot_be_saved_say_why() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, _) = till_and_pass(folder.path());
    open_shift(&window);
    window.shift.save(&folder.path().join("stick-that-was-taken-out"), time("2026-11-27T12:00:00Z"));
    shows(&window, "Not saved: the folder or stick is no longer there.");
    std::fs::write(folder.path().join("file"), "").unwrap();
    window.shift.save(&folder.path().join("file"), time("2026-11-27T12:00:00Z"));
    shows(&window, "Not saved: files can't be written there. Choose another folder.");
}

#[test]
fn a_pass_that_was_here_before_is_told_with_its_answer() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, pass) = till_and_pass(folder.path());
    drop(window);
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench));
    let window = window_where_passes_leave(till, LEAVING);
    let revoked = pass_in(&folder.path().join("demo/revoked.png"));
    let line = "Seen here just now".to_owned();
    for (text, answer) in [(&pass, "Valid"), (&revoked, "Refused")] {
        scans(&window, text);
        shows(&window, answer);
        assert!(!labels(&window).contains(&line), "{answer}");
        click(&window, "Close");
    }
    for (text, answer) in [(&pass, "Valid"), (&revoked, "Refused")] {
        scans(&window, text);
        shows(&window, answer);
        shows(&window, &line);
        click(&window, "Close");
        assert!(!labels(&window).contains(&line), "{answer}");
    }
    open_shift(&window);
    shows(&window, "Shown again: 2");
}

#[test]
fn guests_are_counted_up_to_the_capacity_and_corrected_by_hand() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, pass) = till_and_pass(folder.path());
    drop(window);
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench));
    let window = window_where_passes_leave(till.clone(), LEAVING);
    assert!(!labels(&window).iter().any(|label| label.starts_with("Inside")));
    open_shift(&window);
    shows(&window, "Not counted. Set a capacity to count guests on the scan page.");
    for label in ["Capacity +1", "Capacity +10", "Capacity −10", "Capacity +1"] {
        click_below(&window, label);
    }
    shows(&window, "Capacity 2, inside 0");
    assert_eq!((till.capacity(), till.place().sites), (Some(2), Vec::<VenueKind>::new()));
    click(&window, "Close");
    click(&window, "Close");
    shows(&window, "Inside: 0 of 2");
    assert_eq!(too_small(&window), Vec::<String>::new());
    scans(&window, &pass);
    shows(&window, "Valid");
    click(&window, "Close");
    shows(&window, "Inside: 1 of 2");
    // The same pass in a row is no second guest.
    scans(&window, &pass);
    shows(&window, "Valid");
    click(&window, "Close");
    shows(&window, "Inside: 1 of 2");
    click(&window, "One guest more");
    shows(&window, "Full: 2 of 2");
    click(&window, "One guest more");
    shows(&window, "Over capacity: 3 of 2");
    click(&window, "One guest fewer");
    click(&window, "One guest fewer");
    click(&window, "One guest fewer");
    shows(&window, "Inside: 0 of 2");
    scans(&window, &pass_in(&folder.path().join("demo/revoked.png")));
    shows(&window, "Refused");
    scans(&window, &pass);
    shows(&window, "Valid");
    says_it_does_not_match(&window);
    click(&window, "Close");
    shows(&window, "Inside: 0 of 2");
    // Who is inside stays there when the program is started again.
    click(&window, "One guest more");
    drop(window);
    let window = window_where_passes_leave(till, LEAVING);
    shows(&window, "Inside: 1 of 2");
}
