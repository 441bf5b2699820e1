//! The window worked by its labels, as a screen reader or a finger does.

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};

use slint::SharedString;

use greenlit_camera::SourceError;
use greenlit_core::presenter::Timing;
use greenlit_core::time::UnixTime;
use greenlit_qr::LumaFrame;
use greenlit_qr::encode::QrPicture;

use super::*;
use crate::clock::Clock;
use crate::clock::Device;
use crate::clock::tests::{FakeClocks, time};
use crate::config::site_file::SiteFile;
use crate::config::till::Till;
use crate::session::{OpenCamera, Source, live_context};

mod day;
mod desk;
mod handed_in;
mod pin;
mod place;
mod setup;
mod shift;

/// One frame for ever, a hundred times a second.
struct Still(LumaFrame);

impl greenlit_camera::FrameSource for Still {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        std::thread::sleep(Duration::from_millis(10));
        Ok(self.0.clone())
    }
}

fn code(text: &str) -> LumaFrame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code.png");
    std::fs::write(&path, QrPicture::new(text).unwrap().to_png(6).unwrap()).unwrap();
    greenlit_camera::picture::read(&path).unwrap()
}

/// Nothing ends because a busy machine did not come to look at the pass that is held up for ever.
const UNHURRIED: Timing = {
    let hour = 3_600_000;
    Timing {
        valid: hour,
        other: hour,
        longest: hour,
        confirm: hour,
        away: hour,
        away_dismissed: hour,
        alone: 300,
        none: hour,
        swap: 500,
        notice: hour,
        undo: hour,
        in_view: hour,
        again: hour,
        unfocused: hour,
        hold: hour,
    }
};

fn window(folder: &std::path::Path, frame: LumaFrame) -> Rc<Window> {
    window_of(Till::practice(folder.join("till")), frame)
}

fn window_of(till: Till, frame: LumaFrame) -> Rc<Window> {
    let window = window_with(till, still(frame), UNHURRIED);
    if window.sheet.get() == Overlay::Setup {
        window.end_setup();
    }
    window
}

/// A camera before which this is held for ever.
fn still(frame: LumaFrame) -> OpenCamera {
    Box::new(move || Ok(Box::new(Still(frame.clone()))))
}

fn window_with(till: Till, open: OpenCamera, timing: Timing) -> Rc<Window> {
    let conditions = live_context(till.clock().clone());
    let mut controller = SettingsController::new(till);
    controller.choose_language("en");
    // Nothing wakes the window here but the test itself: no event loop runs.
    open_with(controller, Source { open, conditions, timing }, |_| || ()).unwrap()
}

fn bring_to_front(window: &Window) {
    window.bindings.app.window().dispatch_event(slint::platform::WindowEvent::WindowActiveChanged(true));
}

fn labels(window: &Window) -> Vec<String> {
    let all = ElementQuery::from_root(&window.bindings.app).find_all();
    // As a screen reader has them: without the parts that others speak for.
    let spoken = all.iter().filter(|e| !matches!(e.accessible_role(), None | Some(AccessibleRole::None)));
    spoken.filter_map(ElementHandle::accessible_label).map(Into::into).collect()
}

fn sees(window: &Window, label: &str) -> bool {
    // Ends a test that hangs, and nothing else.
    sees_for(window, label, Duration::from_secs(300))
}

fn sees_for(window: &Window, label: &str, time: Duration) -> bool {
    let deadline = std::time::Instant::now() + time;
    for step in 0.. {
        window.refresh();
        slint::platform::update_timers_and_animations();
        if labels(window).iter().any(|seen| seen == label) {
            return true;
        }
        if std::time::Instant::now() > deadline {
            return false;
        }
        scroll(window, step);
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// What has been scrolled out of a long page is not seen: on down it, and from its end to its top again.
fn scroll(window: &Window, step: u32) {
    if ![Overlay::Settings, Overlay::Setup, Overlay::Training].contains(&window.sheet.get()) {
        return;
    }
    let app = window.bindings.app.window();
    let size = app.size().to_logical(app.scale_factor());
    let delta_y = if step.is_multiple_of(20) { 1e5 } else { -0.3 * size.height };
    let position = slint::LogicalPosition::new(size.width / 2.0, size.height * 0.6);
    app.dispatch_event(slint::platform::WindowEvent::PointerScrolled { position, delta_x: 0.0, delta_y });
    slint::platform::update_timers_and_animations();
}

fn click(window: &Window, label: &str) {
    let pressed = |e: &ElementHandle| {
        let role = e.accessible_role();
        matches!(role, Some(AccessibleRole::Button | AccessibleRole::Checkbox | AccessibleRole::RadioButton))
    };
    let find = || ElementHandle::find_by_accessible_label(&window.bindings.app, label).filter(pressed).collect();
    let mut found: Vec<_> = find();
    for step in 0..20 {
        if !found.is_empty() {
            break;
        }
        scroll(window, step);
        found = find();
    }
    assert_eq!(found.len(), 1, "{label} in {:?}", labels(window));
    found[0].invoke_accessible_default_action();
    window.refresh();
}

/// What a gloved finger would miss: less than 44 pixels either way (WCAG 2.2, 2.5.5).
fn too_small(window: &Window) -> Vec<String> {
    let mut all = Vec::new();
    for (width, height) in [(1_024, 600), (360, 800), (320, 240)] {
        window.bindings.app.window().set_size(slint::PhysicalSize::new(width, height));
        slint::platform::update_timers_and_animations();
        for element in ElementQuery::from_root(&window.bindings.app).find_all() {
            let (role, size) = (element.accessible_role(), element.size());
            let pressed =
                matches!(role, Some(AccessibleRole::Button | AccessibleRole::Checkbox | AccessibleRole::RadioButton));
            if pressed && (size.width < 44.0 || size.height < 44.0) {
                all.push(format!("{width}×{height} {:?} {}×{}", element.accessible_label(), size.width, size.height));
            }
        }
    }
    all
}

/// One test, for there is one platform a thread and the steps follow one another.
#[test]
fn the_window_is_worked_by_its_labels() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let menu = window(folder.path(), code("https://cafe.example/menu"));
    assert!(sees(&menu, "A web link (cafe.example), not a pass"), "{:?}", labels(&menu));

    // The settings: language and place are taken at once and remembered.
    click(&menu, "Settings");
    assert!(sees(&menu, "No authority added yet."));
    click(&menu, "Hotel");
    assert_eq!(too_small(&menu), Vec::<String>::new());
    // A till's again: on a small screen the place does not stand in the footer.
    menu.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, 600));
    click(&menu, "Русский");
    assert!(sees(&menu, "Настройки") && !labels(&menu).contains(&"Settings".to_owned()));
    click(&menu, "Закрыть");
    assert!(sees(&menu, "Отель"));
    let till = Till::practice(folder.path().join("till"));
    assert_eq!((till.language().as_str(), till.place().sites[0].0.as_str()), ("ru", "hotel"));
    drop(menu);

    // A pass that this till cannot judge: amber, with the way to the settings, which closes the answer.
    let pass = window(folder.path(), code("GL9:ABC"));
    assert!(sees(&pass, "Cannot tell"), "{:?}", labels(&pass));
    click(&pass, "Close");
    assert!(sees(&pass, "Already checked: show the next pass"));
    assert!(!labels(&pass).contains(&"Cannot tell".to_owned()));
    drop(pass);

    // An answer lies over the settings and gives them back.
    let pass = window(folder.path(), code("GL9:ABC"));
    pass.open(Overlay::Settings);
    assert!(sees(&pass, "Cannot tell"), "{:?}", labels(&pass));
    assert!(!labels(&pass).contains(&"No authority added yet.".to_owned()));
    click(&pass, "Close");
    assert!(sees(&pass, "No authority added yet."), "{:?}", labels(&pass));
}

/// A till of the demonstration's authority with this clock, and the earliest time that its data takes.
fn demo_till(folder: &std::path::Path, bench: &FakeClocks) -> (Till, UnixTime) {
    crate::cli::demo::make(&folder.join("demo")).unwrap();
    let till = Till::with(folder.join("till"), SiteFile::default(), Clock::of(bench.clone()));
    let floor = crate::cli::demo::believe(&folder.join("demo"), &till).unwrap().clock_floor();
    (till, floor)
}

/// The same, to which a good pass is held up.
fn demo_window(folder: &std::path::Path, bench: &FakeClocks) -> (Rc<Window>, UnixTime) {
    let (till, floor) = demo_till(folder, bench);
    let frame = greenlit_camera::picture::read(&folder.join("demo/good.png")).unwrap();
    (window_of(till, frame), floor)
}

/// At a person's pace.
fn enter(window: &Window, keys: &str) {
    type_keys(window, keys, Duration::from_millis(200));
}

fn type_keys(window: &Window, keys: &str, pace: Duration) {
    type_into(window, window.bindings.app.window(), keys, pace);
}

/// Types into one of its windows.
fn type_into(window: &Window, into: &slint::Window, keys: &str, pace: Duration) {
    use slint::platform::{Key, WindowEvent};
    for key in keys.chars() {
        let text = match key {
            '↑' => Key::UpArrow.into(),
            '↓' => Key::DownArrow.into(),
            '←' => Key::LeftArrow.into(),
            '→' => Key::RightArrow.into(),
            '⏎' => Key::Return.into(),
            '␛' => Key::Escape.into(),
            key => SharedString::from(key),
        };
        into.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        into.dispatch_event(WindowEvent::KeyReleased { text });
        window.typing.pass(pace);
    }
    // Nothing more comes, and that is known at the second look.
    window.typing.pass(Duration::from_secs(1));
    window.typing.pass(Duration::from_secs(1));
    window.refresh();
    slint::platform::update_timers_and_animations();
}

/// As the dials stand: `31.01.2027 14:05`.
fn dials(window: &Window) -> String {
    let number = |name: &str| {
        let all = ElementHandle::find_by_accessible_label(&window.bindings.app, name);
        let dial = all.filter(|e| e.accessible_role() == Some(AccessibleRole::Spinbox)).last().unwrap();
        dial.accessible_value().unwrap().split(' ').next().unwrap().to_owned()
    };
    let [day, month, year, hour, minute] = ["Day", "Month", "Year", "Hour", "Minute"].map(number);
    format!("{day}.{month}.{year} {hour}:{minute}")
}

/// In the words of the page, which knows no seconds.
fn in_words(time: UnixTime) -> String {
    crate::session::view_model::day_and_time(time)
}

#[test]
fn where_the_system_clock_may_not_be_set_the_till_goes_by_its_own() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let bench = FakeClocks::new("2001-02-03T04:05:06Z");
    let (window, floor) = demo_window(folder.path(), &bench);
    let earliest = crate::gui::settings_controller::dial::earliest(floor);

    // From the amber answer by one press; the pass that is still held up does not get in the way.
    assert!(sees(&window, "This till's clock is wrong"), "{:?}", labels(&window));
    click(&window, "Set date and time");
    assert!(sees(&window, "Date and time"), "{:?}", labels(&window));
    assert_eq!(dials(&window), in_words(earliest));
    assert!(!sees_for(&window, "Cannot tell", Duration::from_millis(1_500)));

    // What is earlier than the floor is refused, with the floor's date, and changes nothing.
    click(&window, "Year −");
    click(&window, "Set the clock");
    let refusal = format!("Can't be earlier than {}: the data is newer.", in_words(earliest));
    assert!(sees(&window, &refusal), "{:?}", labels(&window));
    assert_eq!(window.controller.borrow().now(), bench.read().system);
    click(&window, "Year +");
    assert!(sees(&window, &format!("Earliest time allowed: {}", in_words(earliest))), "{:?}", labels(&window));

    // What is not holds at once: the same pass, never taken away, is judged by it.
    click(&window, "Set the clock");
    assert!(sees(&window, "Valid"), "{:?}", labels(&window));
    assert_eq!(window.controller.borrow().now(), earliest);
    assert_eq!(bench.read().system, time("2001-02-03T04:05:06Z"), "the system's clock is as it was");
    click(&window, "Close");
    let footer = format!("{}, set by hand", crate::session::view_model::time_of_day(earliest));
    assert!(sees(&window, &footer), "{:?}", labels(&window));
    bench.pass(3_600);
    let footer = format!("{}, set by hand", crate::session::view_model::time_of_day(earliest.plus(3_600)));
    assert!(sees(&window, &footer), "{:?}", labels(&window));
    click(&window, "Settings");
    let line = format!("{} · set by hand, until Greenlit is closed", in_words(earliest.plus(3_600)));
    assert!(sees(&window, &line), "{:?}", labels(&window));

    // When somebody sets the system's clock after all, that is what counts.
    bench.step("2040-01-01T12:00:00Z");
    assert!(sees(&window, &in_words(time("2040-01-01T12:00:00Z"))), "{:?}", labels(&window));
}

#[test]
fn where_it_may_be_set_the_system_clock_is_and_keys_will_do() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let bench = FakeClocks::new("2001-02-03T04:05:06Z").may_set(true);
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench.clone()));
    let window = window_of(till, code("https://cafe.example/menu"));
    let app = window.bindings.app.window();
    app.dispatch_event(slint::platform::WindowEvent::WindowActiveChanged(true));

    // From the settings, and back there.
    click(&window, "Settings");
    click(&window, "Set date and time");
    assert!(sees(&window, "Set the clock"), "{:?}", labels(&window));
    enter(&window, "290220841437");
    assert_eq!(dials(&window), "29.02.2084 14:37");
    enter(&window, "↑←↓←←↑");
    assert_eq!(dials(&window), "29.03.2084 13:38");
    enter(&window, "⏎");
    assert!(sees(&window, "Done") && labels(&window).contains(&"Settings".to_owned()), "{:?}", labels(&window));
    assert_eq!(
        (in_words(bench.read().system), window.controller.borrow().clock_is_corrected()),
        ("29.03.2084 13:38".into(), false)
    );
    assert!(sees(&window, "29.03.2084 13:38"), "{:?}", labels(&window));

    // Left without setting anything.
    click(&window, "Set date and time");
    enter(&window, "01⏎");
    assert!(sees(&window, "01.03.2084 13:38"), "{:?}", labels(&window));
    assert_eq!(in_words(bench.read().system), "01.03.2084 13:38");
    click(&window, "Set date and time");
    enter(&window, "05␛");
    assert!(sees(&window, "Language"), "{:?}", labels(&window));
    assert_eq!(in_words(bench.read().system), "01.03.2084 13:38");

    // A finger that stays on a dial turns it on and on.
    click(&window, "Set date and time");
    let plus: Vec<_> = ElementHandle::find_by_accessible_label(&window.bindings.app, "Minute +").collect();
    let (at, size) = (plus[0].absolute_position(), plus[0].size());
    let position = slint::LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
    let button = slint::platform::PointerEventButton::Left;
    app.dispatch_event(slint::platform::WindowEvent::PointerPressed { position, button });
    assert_eq!(dials(&window), "01.03.2084 13:39");
    for _ in 0..100 {
        i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(10));
    }
    app.dispatch_event(slint::platform::WindowEvent::PointerReleased { position, button });
    let after = dials(&window);
    assert!(("01.03.2084 13:43"..="01.03.2084 13:47").contains(&after.as_str()), "{after}");
    i_slint_backend_testing::mock_elapsed_time(Duration::from_secs(2));
    assert_eq!(dials(&window), after);
}

#[test]
fn a_time_that_only_this_program_keeps_is_told_in_words() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let bench = FakeClocks::new("2001-02-03T04:05:06Z");
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench.clone()));
    let window = window_of(till, code("https://cafe.example/menu"));
    window.bindings.app.window().dispatch_event(slint::platform::WindowEvent::WindowActiveChanged(true));
    click(&window, "Settings");
    click(&window, "Set date and time");
    enter(&window, "290220841437");
    click(&window, "Set the clock");
    let kept = "Time set for this session only; the device clock couldn't be changed.";
    assert!(sees(&window, kept), "{:?}", labels(&window));
    assert_eq!(in_words(window.controller.borrow().now()), "29.02.2084 14:37");
    // Turned again, it can be set again.
    enter(&window, "↓");
    assert!(sees(&window, "Set the clock") && !labels(&window).contains(&kept.to_owned()), "{:?}", labels(&window));
    enter(&window, "⏎");
    assert!(sees(&window, "Continue"), "{:?}", labels(&window));
    enter(&window, "⏎");
    assert!(sees(&window, "29.02.2084 14:36 · set by hand, until Greenlit is closed"), "{:?}", labels(&window));
}

#[test]
fn a_clock_that_the_network_sets_is_left_to_it() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let bench = FakeClocks::new("2001-02-03T04:05:06Z").may_set(true).network(true);
    let (window, _) = demo_window(folder.path(), &bench);
    assert!(sees(&window, "Set date and time"), "{:?}", labels(&window));
    click(&window, "Set date and time");
    assert!(sees(&window, "The clock is set automatically over the network."), "{:?}", labels(&window));
    assert!(!labels(&window).iter().any(|label| label == "Set the clock" || label == "Day"), "{:?}", labels(&window));
    enter(&window, "⏎");
    assert_eq!(bench.read().system, time("2001-02-03T04:05:06Z"));
    window.set_clock();
    assert_eq!(bench.read().system, time("2001-02-03T04:05:06Z"));
    click(&window, "Close");
    // The footer leads there too, and the settings say so without a button.
    click(&window, "The clock is wrong: set it");
    click(&window, "Close");
    click(&window, "Settings");
    let line = format!("{} · The clock is set automatically over the network.", in_words(bench.read().system));
    assert!(sees(&window, &line), "{:?}", labels(&window));
    assert!(!labels(&window).contains(&"Set date and time".to_owned()));
}

#[test]
fn what_the_organisation_sets_is_greyed_and_says_so() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.toml");
    std::fs::write(&path, "sites = [\"hotel\"]\nlanguage = \"en\"\nsource = \"https://trust.example/pub\"\n").unwrap();
    let till = Till::with(folder.path().join("till"), SiteFile::read(Some(path)), Clock::practice());
    let window = window_of(till.clone(), code("https://cafe.example/menu"));
    click(&window, "Settings");
    assert!(sees(&window, "Updates from https://trust.example/pub"), "{:?}", labels(&window));
    let why = "Set by your organisation";
    assert_eq!(labels(&window).iter().filter(|label| *label == why).count(), 2, "language, source");
    let one = |label: &str| {
        let such = [Some(AccessibleRole::Button), Some(AccessibleRole::Checkbox), Some(AccessibleRole::RadioButton)];
        let find = || {
            let all = ElementHandle::find_by_accessible_label(&window.bindings.app, label);
            all.filter(|e| such.contains(&e.accessible_role())).last()
        };
        (0..20)
            .find_map(|step| {
                find().or_else(|| {
                    scroll(&window, step);
                    None
                })
            })
            .unwrap_or_else(|| panic!("{label}: {:?}", labels(&window)))
    };
    for (label, managed) in [
        ("English", true),
        ("Русский", true),
        ("Hotel", true),
        ("Shop", true),
        ("Choose folder", true),
        ("Add an authority", false),
    ] {
        let element = one(label);
        assert_eq!(element.accessible_enabled(), Some(!managed), "{label}");
        assert_eq!(element.accessible_description().unwrap_or_default(), if managed { why } else { "" }, "{label}");
    }
    assert_eq!((one("Hotel").accessible_checked(), one("Shop").accessible_checked()), (Some(true), Some(false)));
    // Pressed all the same, they do nothing.
    for label in ["Русский", "Shop", "Hotel", "Choose folder"] {
        one(label).invoke_accessible_default_action();
        let (at, size) = (one(label).absolute_position(), one(label).size());
        let position = slint::LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
        let button = slint::platform::PointerEventButton::Left;
        window.bindings.app.window().dispatch_event(slint::platform::WindowEvent::PointerPressed { position, button });
        window.bindings.app.window().dispatch_event(slint::platform::WindowEvent::PointerReleased { position, button });
    }
    assert!(sees(&window, "Language"), "{:?}", labels(&window));
    assert_eq!((till.language().as_str(), till.place().sites[0].0.as_str()), ("en", "hotel"));
    assert!(!labels(&window).iter().any(|label| label.contains("couldn't be") || label.contains("read")));
    // What is left to staff works as ever.
    click(&window, "Add an authority");
    assert!(sees(&window, "Choose the root file"), "{:?}", labels(&window));
}
