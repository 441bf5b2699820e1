//! The window's words, by their English: a page says them as the window does.

use greenlit_words::Language;

mod catalogues {
    include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));
}

/// What the window says for this English, with what stands in its holes: `{}` in turn, or `{0}` and `{1}`. English itself
/// where a catalogue does not have it, which tests of whoever asks rule out.
pub fn window_words(language: Language, english: &'static str, holes: &[&str]) -> String {
    let translated = catalogue(language).and_then(|all| {
        let at = all.binary_search_by_key(&english, |(known, _)| known).ok()?;
        all.get(at).map(|(_, translated)| *translated)
    });
    filled(translated.unwrap_or(english), holes)
}

/// Whether the window says it, in this language.
pub fn window_says(language: Language, english: &str) -> bool {
    catalogue(language).is_none_or(|all| all.binary_search_by_key(&english, |(known, _)| known).is_ok())
}

fn catalogue(language: Language) -> Option<&'static [(&'static str, &'static str)]> {
    match language {
        Language::Ru => Some(catalogues::RU),
        Language::Ba => Some(catalogues::BA),
        Language::En => None,
    }
}

fn filled(text: &str, holes: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut turn) = (text, 0);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((number, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        let at = number.parse().unwrap_or(turn);
        turn += 1;
        out.push_str(holes.get(at).copied().unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_words_are_found_and_filled() {
        let words = |language, english, holes: &[&str]| window_words(language, english, holes);
        assert_eq!(words(Language::En, "Valid through {}", &["1.2.2021"]), "Valid through 1.2.2021");
        assert_eq!(words(Language::Ru, "Valid", &[]), "Действителен");
        assert_eq!(words(Language::Ba, "Valid", &[]), "Ғәмәлдә");
        let born = words(Language::Ru, "Born {0} {1} ({2})", &["9", "мая", "05"]);
        assert!(born.contains("9 мая") && born.contains("05") && !born.contains('{'), "{born}");
        assert!(window_says(Language::Ba, "Undo") && !window_says(Language::Ru, "Never said"));
        assert_eq!(filled("a {} b {} {2} {", &["x", "y", "z"]), "a x b y z {");
    }
}
