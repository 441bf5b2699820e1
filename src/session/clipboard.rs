//! What staff have copied elsewhere: a text, or files.
//!
//! A picture that is on the clipboard itself, as from a screenshot tool, is not taken: the library unpacks it whole
//! before anybody could ask for its size.

use std::path::PathBuf;

/// What is on the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "desktop"), expect(dead_code, reason = "nobody copies anything there"))]
pub(crate) enum Clipboard {
    /// Neither text nor files, or the program that has it does not answer.
    Nothing,
    Text(String),
    /// The first of the files.
    File(PathBuf),
}

/// Asks the program that it was copied in, which may take seconds: not on the window's thread.
#[cfg(feature = "desktop")]
pub(crate) fn clipboard() -> Clipboard {
    let Ok(mut board) = arboard::Clipboard::new() else { return Clipboard::Nothing };
    // A file manager puts the names of its files there as text, too.
    if let Some(file) = board.get().file_list().ok().and_then(|files| files.into_iter().next()) {
        return Clipboard::File(file);
    }
    board.get_text().map_or(Clipboard::Nothing, Clipboard::Text)
}

/// Without a desktop nobody else has anything to copy.
#[cfg(not(feature = "desktop"))]
pub(crate) fn clipboard() -> Clipboard {
    Clipboard::Nothing
}
