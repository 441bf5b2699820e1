//! What is reported beside the answers: a line each, on standard error.

use std::io::Write;
use std::sync::OnceLock;

use greenlit_words::Language;

/// What the command line speaks. Set once, at the start of the program; until then, and in tests, English.
static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Speaks the language of the locale from now on, as every Unix program does.
pub(crate) fn speak_as_locale() {
    let _ = LANGUAGE.set(locale().unwrap_or_default());
}

/// What standard output and standard error are written in. The window's language is a setting, and another one.
pub(crate) fn language() -> Language {
    LANGUAGE.get().copied().unwrap_or_default()
}

/// The language that the system is set to, if Greenlit speaks it.
pub(crate) fn locale() -> Option<Language> {
    Language::of_environment(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
}

/// Priorities of syslog (RFC 5424, 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Warning = 4,
    Info = 6,
}

/// A warning, as one line to standard error.
pub(crate) fn warn(line: &str) {
    write(Level::Warning, line);
}

/// One line to standard error, in one write: lines of programs that share a pipe stay whole.
pub(crate) fn write(level: Level, line: &str) {
    let prefix = if goes_to_the_journal() { format!("<{}>", level as u8) } else { String::new() };
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(format!("{prefix}greenlit: {}\n", printable(line)).as_bytes());
}

/// The same without what could move a terminal's cursor or colour its letters: file names may hold anything.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if greenlit_core::text::is_printable(c) { c } else { '\u{FFFD}' }).collect()
}

/// Whether standard error is the journal's stream, as systemd says by the variable that it sets for its services:
/// what one of them starts inherits the variable, and may write elsewhere.
#[cfg(target_os = "linux")]
fn goes_to_the_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(found) = rustix::fs::fstat(std::io::stderr()) else { return false };
    is_stream(&stream, found.st_dev, found.st_ino)
}

#[cfg(not(target_os = "linux"))]
fn goes_to_the_journal() -> bool {
    false
}

/// "device:inode", in decimal.
#[cfg(target_os = "linux")]
fn is_stream(stream: &str, device: u64, inode: u64) -> bool {
    let numbers = stream.split_once(':').and_then(|(device, inode)| Some((device.parse().ok()?, inode.parse().ok()?)));
    numbers == Some((device, inode))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_journal_s_stream_is_known_by_both_numbers() {
        assert!(is_stream("8:4711", 8, 4711));
        for other in ["", "8", "8:", ":4711", "8:4712", "9:4711", "8:4711:0", "x:4711", "-8:4711"] {
            assert!(!is_stream(other, 8, 4711), "{other}");
        }
    }
}
