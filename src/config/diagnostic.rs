//! What is reported beside the answers: a line each, on standard error.

use std::io::Write;

/// One line to standard error.
pub(crate) fn warn(line: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "greenlit: {}", printable(line));
}

/// The same without what could move a terminal's cursor or colour its letters: file names may hold anything.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if greenlit_core::text::is_printable(c) { c } else { '\u{FFFD}' }).collect()
}
