//! The window worked by its labels, as a screen reader or a finger does.

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};

use greenlit::camera::SourceError;
use greenlit::gate::Timing;
use greenlit::luma::LumaFrame;
use greenlit::qr::QrPicture;

use super::*;
use crate::session::{Source, as_it_is};
use crate::till::Till;

/// One frame for ever, a hundred times a second.
struct Still(LumaFrame);

impl greenlit::camera::FrameSource for Still {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        std::thread::sleep(Duration::from_millis(10));
        Ok(self.0.clone())
    }
}

fn code(text: &str) -> LumaFrame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("code.png");
    std::fs::write(&path, QrPicture::new(text).unwrap().to_png(6).unwrap()).unwrap();
    greenlit::picture::read(&path).unwrap()
}

fn window(folder: &std::path::Path, frame: LumaFrame) -> Rc<Window> {
    let till = Till::new(Some(folder.join("till"))).unwrap();
    let open = Box::new(move || -> Result<Box<dyn greenlit::camera::FrameSource>, SourceError> {
        Ok(Box::new(Still(frame.clone())))
    });
    let mut desk = Desk::new(till);
    desk.choose_language("en");
    // Nothing wakes the window here but the test itself: no event loop runs.
    open_with(desk, Source { open, conditions: as_it_is(), timing: Timing::default() }, |_| || ()).unwrap()
}

fn labels(window: &Window) -> Vec<String> {
    let all = ElementQuery::from_root(&window.face.app).find_all();
    all.iter().filter_map(ElementHandle::accessible_label).map(Into::into).collect()
}

fn sees(window: &Window, label: &str) -> bool {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while std::time::Instant::now() < deadline {
        window.refresh();
        slint::platform::update_timers_and_animations();
        if labels(window).iter().any(|seen| seen == label) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn click(window: &Window, label: &str) {
    let found: Vec<_> = ElementHandle::find_by_accessible_label(&window.face.app, label)
        .filter(|e| matches!(e.accessible_role(), Some(AccessibleRole::Button | AccessibleRole::Checkbox)))
        .collect();
    assert_eq!(found.len(), 1, "{label} in {:?}", labels(window));
    found[0].invoke_accessible_default_action();
    window.refresh();
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
    assert!(sees(&menu, "No authority is trusted yet."));
    click(&menu, "Hotel");
    click(&menu, "Русский");
    assert!(sees(&menu, "Настройки") && !labels(&menu).contains(&"Settings".to_owned()));
    click(&menu, "Закрыть");
    assert!(sees(&menu, "Отель"));
    let till = Till::new(Some(folder.path().join("till"))).unwrap();
    assert_eq!((till.language().as_str(), till.place().sites[0].0.as_str()), ("ru", "hotel"));
    drop(menu);

    // A pass that this till cannot judge: amber, with the way to the settings, which closes the answer.
    let pass = window(folder.path(), code("GL9:ABC"));
    assert!(sees(&pass, "Cannot tell"), "{:?}", labels(&pass));
    click(&pass, "Close");
    assert!(sees(&pass, "Hold the guest's code in the frame"));
    assert!(!labels(&pass).contains(&"Cannot tell".to_owned()));
}
