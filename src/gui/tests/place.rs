//! What this place is called and where its data comes from, written in the window.

use i_slint_backend_testing::AccessibleRole;

use super::handed_in::{scans, shows, till_and_pass};
use super::*;
use crate::config::settings::Setting;

fn field(window: &Window, label: &str) -> ElementHandle {
    let mut fields = ElementHandle::find_by_accessible_label(&window.bindings.app, label);
    fields.find(|e| e.accessible_role() == Some(AccessibleRole::TextInput)).expect(label)
}

/// Puts the keyboard at the end of a field, as a click there does.
fn into_field(window: &Window, label: &str) {
    // A new page takes the keyboard first.
    slint::platform::update_timers_and_animations();
    let field = field(window, label);
    let (at, size) = (field.absolute_position(), field.size());
    let position = slint::LogicalPosition::new(at.x + size.width - 4.0, at.y + size.height / 2.0);
    let button = slint::platform::PointerEventButton::Left;
    let to = window.bindings.app.window();
    to.dispatch_event(slint::platform::WindowEvent::PointerMoved { position });
    to.dispatch_event(slint::platform::WindowEvent::PointerPressed { position, button });
    to.dispatch_event(slint::platform::WindowEvent::PointerReleased { position, button });
}

fn written(window: &Window, label: &str) -> String {
    field(window, label).accessible_value().unwrap_or_default().into()
}

const NAME: &str = "Name of this place";
const PROXY: &str = "Proxy to that address";

#[test]
fn a_place_is_named_and_its_connection_is_written_in_the_window() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, _bench, pass) = till_and_pass(folder.path());
    window.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, 900));
    click(&window, "Settings");
    click(&window, "Name and connection");
    into_field(&window, NAME);
    enter(&window, "Agidel, desk ");
    assert_eq!(written(&window, NAME), "Agidel, desk ");
    // A scan meanwhile is a scan, and what was written is still there behind its answer.
    scans(&window, &pass);
    shows(&window, "Valid");
    click(&window, "Close");
    shows(&window, "Name and connection");
    assert_eq!(written(&window, NAME), "Agidel, desk ");
    into_field(&window, NAME);
    enter(&window, "2");
    into_field(&window, PROXY);
    enter(&window, "proxy");
    assert_eq!(too_small(&window), Vec::<String>::new());
    window.bindings.app.window().set_size(slint::PhysicalSize::new(1_024, 900));
    // By Enter, from within a field.
    enter(&window, "⏎");
    let wrong = labels(&window).into_iter().find(|label| label.contains("proxy.example") || label.contains("http://"));
    assert!(wrong.is_some(), "{:?}", labels(&window));
    shows(&window, "Name and connection");
    assert_eq!(window.controller.borrow().till().name(), "Agidel, desk 2", "one mistake holds up nothing else");
    into_field(&window, PROXY);
    enter(&window, &"\u{8}".repeat(5));
    assert_eq!(written(&window, PROXY), "");
    click(&window, "Save");
    shows(&window, "Name and connection");
    assert!(window.sheet.get() == Overlay::Settings);
    assert_eq!(window.controller.borrow().till().setting(Setting::Proxy), None);
    click(&window, "Close");
    shows(&window, "Agidel, desk 2");

    // Left by Escape, nothing is kept.
    click(&window, "Settings");
    click(&window, "Name and connection");
    into_field(&window, NAME);
    enter(&window, "3␛");
    assert!(window.sheet.get() == Overlay::Settings);
    assert_eq!(window.controller.borrow().till().name(), "Agidel, desk 2");
    click(&window, "Name and connection");
    assert!(written(&window, NAME).ends_with('2'));
    // A file that is looked for is looked for from here, and back.
    click(&window, "Choose a certificate file");
    shows(&window, "Choose a certificate file");
    enter(&window, "␛");
    assert!(window.sheet.get() == Overlay::Place);
}
