//! A key as the window system reports it, and what it means to a scan.

use super::burst::Ending;

/// A key types one character, some layouts' a few. More is a paste or an input method.
const MAX_KEY_CHARS: usize = 4;

/// A key, as the window system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press<'t> {
    /// The text of the key in the layout in force; empty for a dead key.
    Text(&'t str),
    /// Enter or Return.
    Enter,
    /// Tab.
    Tab,
    /// Shift, Caps Lock and their like: they say nothing by themselves.
    Modifier,
    /// Any other key without text, and any key together with Ctrl, Alt or Super.
    Other,
}

/// What a key means here.
pub(super) enum Kind<'t> {
    Text(&'t str),
    Ending(Ending),
    Quiet,
    Other,
}

pub(super) fn classify(press: Press<'_>, repeat: bool) -> Kind<'_> {
    match press {
        Press::Text("\n" | "\r" | "\r\n") | Press::Enter => Kind::Ending(Ending::Enter),
        Press::Text("\t") | Press::Tab => Kind::Ending(Ending::Tab),
        Press::Other => Kind::Other,
        // Scanners let go of each key: a repeat is a person's, or a release that the radio has lost.
        _ if repeat => Kind::Quiet,
        Press::Modifier | Press::Text("") => Kind::Quiet,
        // Window systems write keys without text as control characters or in the private use area; only there
        // does a layout of ours have letters of its own, and those no pass needs.
        Press::Text(text) if text.chars().count() > MAX_KEY_CHARS || text.chars().any(is_named_key) => Kind::Other,
        Press::Text(text) => Kind::Text(text),
    }
}

fn is_named_key(c: char) -> bool {
    c.is_control() || matches!(c, '\u{E000}'..='\u{F8FF}')
}
