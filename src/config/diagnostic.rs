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

/// One line to standard error, in one write: lines of programs that share a pipe stay whole.
pub(crate) fn warn(line: &str) {
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(format!("greenlit: {}\n", printable(line)).as_bytes());
}

/// The same without what could move a terminal's cursor or colour its letters: file names may hold anything.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if greenlit_core::text::is_printable(c) { c } else { '\u{FFFD}' }).collect()
}
