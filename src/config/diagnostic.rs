//! What is told beside the answers: a line each, on standard error.

use std::io::Write;

/// One line to standard error.
pub(crate) fn complain(line: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "greenlit: {}", showable(line));
}

/// The same without what could move a terminal's cursor or colour its letters: file names may hold anything.
pub(crate) fn showable(text: &str) -> String {
    text.chars().map(|c| if greenlit_core::text::is_showable(c) { c } else { '\u{FFFD}' }).collect()
}
