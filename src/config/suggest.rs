//! The word that somebody meant.

/// The word that was meant, or else all there are.
pub(crate) fn suggestion(meant: Option<&str>, all: &[&str]) -> String {
    match meant {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("known values are {}", all.join(", ")),
    }
}

/// The known word that somebody may have meant: one that this begins like, or that two slips of the
/// hand make of it.
pub(crate) fn meant(word: &str, known: &[&'static str]) -> Option<&'static str> {
    // No longer than any word there is, so that a long one costs nothing.
    let word = word.chars().take(64).collect::<String>().to_lowercase().replace('_', "-");
    let begins = |known: &&&str| word.len() >= 3 && (known.starts_with(&word) || word.starts_with(**known));
    let near = known.iter().map(|known| (strsim::levenshtein(&word, known), *known)).min();
    // Two slips in a word of four letters leave nothing of it.
    let near = near.filter(|(slips, known)| *slips <= 1 + usize::from(known.len() > 4));
    near.map(|(_, known)| known).or_else(|| known.iter().find(begins).copied())
}

#[cfg(test)]
mod tests {
    use greenlit_core::trust::VenueKind;

    use super::*;
    use crate::config::site_file::KEYS;

    #[test]
    fn what_was_meant_is_guessed_and_what_is_far_is_not() {
        for (word, wanted) in [
            ("sorce", Some("source")),
            ("Sites", Some("sites")),
            ("site", Some("sites")),
            ("lang", Some("language")),
            ("root_file", Some("root")),
            ("finger_print", Some("fingerprint")),
            ("cs", Some("ca")),
            ("url", None),
            ("", None),
            ("printer", None),
        ] {
            assert_eq!(meant(word, &KEYS), wanted, "{word}");
        }
        assert_eq!(meant("hotle", &VenueKind::KNOWN), Some("hotel"));
        assert_eq!(meant("museum", &VenueKind::KNOWN), None);
    }
}
