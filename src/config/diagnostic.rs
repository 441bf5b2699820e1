//! What is reported beside the answers: a line each, on standard error.

use std::io::Write;

/// One line to standard error, in one write: lines of programs that share a pipe stay whole.
pub(crate) fn warn(line: &str) {
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(format!("greenlit: {}\n", printable(line)).as_bytes());
}

/// The same without what could move a terminal's cursor or colour its letters: file names may hold anything.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if greenlit_core::text::is_printable(c) { c } else { '\u{FFFD}' }).collect()
}
