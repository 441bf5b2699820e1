//! The window on the screen: the size it had, and a kiosk's filling all of it.

use slint::{ComponentHandle, LogicalSize};

use greenlit_ui::App;

use crate::config::look::WindowSize;

/// As it was when it was last closed, or all over the screen.
pub(super) fn arrange(app: &App, size: Option<WindowSize>, kiosk: bool) {
    if let Some(size) = size {
        app.window().set_size(LogicalSize::new(size.width.into(), size.height.into()));
    }
    fill(app, kiosk);
}

/// Under a desktop as far as its window manager allows.
pub(super) fn fill(app: &App, whole: bool) {
    app.window().set_fullscreen(whole);
}

/// The screen is filled, or no longer.
pub(super) fn toggle(app: &App) {
    fill(app, !app.window().is_fullscreen());
}

/// What is worth remembering: not the size of the screen.
pub(super) fn size(app: &App) -> Option<WindowSize> {
    let window = app.window();
    if window.is_fullscreen() || window.is_maximized() || window.is_minimized() {
        return None;
    }
    let size = window.size().to_logical(window.scale_factor());
    WindowSize::parse(&format!("{:.0}x{:.0}", size.width, size.height))
}

/// Whether a second window can be open beside this one: not where the program draws on the screen itself.
pub(super) fn has_desktop() -> bool {
    let itself = set("SLINT_BACKEND").is_some_and(|name| name.to_string_lossy().contains("linuxkms"));
    !itself && has_window_system()
}

/// Whether a window could be opened here at all.
pub(crate) fn has_display() -> bool {
    has_window_system() || set("SLINT_BACKEND").is_some()
}

fn has_window_system() -> bool {
    cfg!(not(target_os = "linux")) || set("DISPLAY").is_some() || set("WAYLAND_DISPLAY").is_some()
}

fn set(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
