//! What is told where no window can be shown.

/// The window could not be shown.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot open a window here{}; these commands need no screen: `greenlit check`, `greenlit watch`, `greenlit demo --headless DIR`",
    .why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default()
)]
pub(crate) struct WindowError {
    why: Option<String>,
}

/// Longest reason that is told, in bytes.
const MAX_WHY: usize = 160;

impl WindowError {
    /// By the backend's own error: some lines, each with where it came from and last the reason. Only that
    /// is kept, and only if it names no path: those are of the machine that built this.
    pub(crate) fn of(error: &slint::PlatformError) -> Self {
        let told = error.to_string();
        let mut reasons = told.lines().filter_map(|line| Some(line.rsplit_once(": ")?.1.trim_end_matches('.')));
        let plain = |why: &&str| !why.is_empty() && why.len() <= MAX_WHY && !why.contains(['/', '\\']);
        Self { why: reasons.find(plain).map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_and_no_path() {
        for (error, why) in [
            (
                "Could not initialize backend.\nError from Winit backend: Error initializing winit event loop: os error \
                 at /home/x/winit-0.30/src/linux/mod.rs:765: neither DISPLAY nor WAYLAND_DISPLAY is set.\nNo backends.",
                Some("neither DISPLAY nor WAYLAND_DISPLAY is set"),
            ),
            ("Error from backend: at /home/x/src/mod.rs:7", None),
            ("Error at C:\\x\\mod.rs:7: cannot open C:\\y", None),
            ("No backends configured.", None),
            ("", None),
        ] {
            let told = WindowError::of(&slint::PlatformError::from(error));
            assert_eq!(told.why.as_deref(), why, "{error}");
            let line = told.to_string();
            assert!(line.starts_with("cannot open a window here") && line.ends_with("--headless DIR`"), "{line}");
            assert!(!line.contains(['/', '\\', '\n']), "{line}");
        }
    }
}
