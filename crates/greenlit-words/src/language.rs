//! The languages that Greenlit speaks, and how systems name them.

/// A language that Greenlit speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Russian.
    Ru,
    /// Bashkir.
    Ba,
    /// English, spoken also where another language is asked for that Greenlit does not know.
    #[default]
    En,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Ru, Self::Ba, Self::En];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::Ba => "ba",
            Self::En => "en",
        }
    }

    /// Its name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Ru => "Русский",
            Self::Ba => "Башҡортса",
            Self::En => "English",
        }
    }

    /// From a BCP 47 tag, of which the first part counts: `ru`, `ba-Cyrl-RU`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| first.eq_ignore_ascii_case(language.tag()))
    }

    /// From a POSIX locale: `ru_RU.UTF-8`, `ba_RU@euro`, `en`. `C` and `POSIX` are English.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let first = locale.split(['_', '.', '@']).next().unwrap_or_default();
        if matches!(first, "C" | "POSIX") { Some(Self::En) } else { Self::of_tag(first) }
    }

    /// The language of a program's messages, from the values of `LC_ALL`, `LC_MESSAGES` and `LANG`: the first that is
    /// set and not empty counts. One that Greenlit does not speak is not looked past, as everywhere on Unix.
    pub fn of_environment<S: AsRef<str>>(values: impl IntoIterator<Item = Option<S>>) -> Option<Self> {
        let mut set = values.into_iter().flatten();
        Self::of_locale(set.find(|value| !value.as_ref().is_empty())?.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_locales_are_known() {
        for (text, tag, locale) in [
            ("ru", Some(Language::Ru), Some(Language::Ru)),
            ("RU", Some(Language::Ru), Some(Language::Ru)),
            ("ba-Cyrl-RU", Some(Language::Ba), Some(Language::Ba)),
            ("en-GB", Some(Language::En), Some(Language::En)),
            ("ru_RU.UTF-8", None, Some(Language::Ru)),
            ("ba_RU@latin", None, Some(Language::Ba)),
            ("ru.KOI8-R", None, Some(Language::Ru)),
            ("C", None, Some(Language::En)),
            ("C.UTF-8", None, Some(Language::En)),
            ("POSIX", None, Some(Language::En)),
            ("rue_UA", None, None),
            ("bar", None, None),
            ("de_DE.UTF-8", None, None),
            ("", None, None),
            ("_", None, None),
            ("рус", None, None),
        ] {
            assert_eq!((Language::of_tag(text), Language::of_locale(text)), (tag, locale), "{text:?}");
        }
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
    }

    #[test]
    fn the_first_that_is_set_counts() {
        let of = |values: [Option<&str>; 3]| Language::of_environment(values);
        assert_eq!(of([None, None, Some("ru_RU.UTF-8")]), Some(Language::Ru));
        assert_eq!(of([Some(""), Some("ba_RU"), Some("ru_RU.UTF-8")]), Some(Language::Ba));
        assert_eq!(of([Some("C.UTF-8"), Some("ba_RU"), Some("ru_RU")]), Some(Language::En));
        assert_eq!(of([Some("de_DE"), None, Some("ru_RU")]), None);
        assert_eq!(of([None, Some(""), None]), None);
    }
}
