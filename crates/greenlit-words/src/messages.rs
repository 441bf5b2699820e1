//! Texts as functions: what stands in their holes is an argument, and a language that is forgotten does not compile.

/// A text in each language as it is written, with its holes. English is missing where a library's own is taken.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// The function that says it.
    pub name: &'static str,
    /// English.
    pub en: Option<&'static str>,
    /// Russian.
    pub ru: &'static str,
    /// Bashkir.
    pub ba: &'static str,
}

/// Makes a function of each text, `fn name(language, holes…) -> String`, and `TEMPLATES`, the list of them.
/// Where the first line is `english`, that argument is what a library says in English, and taken for it.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident ($($hole:ident),*) { en: $en:tt, ru: $ru:literal, ba: $ba:literal $(,)? })+) => {
        $(messages!(@one $(#[$doc])* $name ($($hole),*) $en $ru $ba);)+

        /// Every text of this module, for tests.
        pub const TEMPLATES: &[$crate::Template] = &[
            $($crate::Template { name: stringify!($name), en: messages!(@english $en), ru: $ru, ba: $ba }),+
        ];
    };
    (@english english) => { None };
    (@english $en:literal) => { Some($en) };
    (@one $(#[$doc:meta])* $name:ident ($($hole:ident),*) english $ru:literal $ba:literal) => {
        $(#[$doc])*
        pub fn $name(
            language: $crate::Language,
            english: &dyn std::fmt::Display,
            $($hole: impl std::fmt::Display),*
        ) -> String {
            match language {
                $crate::Language::En => english.to_string(),
                $crate::Language::Ru => std::fmt::format(format_args!($ru)),
                $crate::Language::Ba => std::fmt::format(format_args!($ba)),
            }
        }
    };
    (@one $(#[$doc:meta])* $name:ident ($($hole:ident),*) $en:literal $ru:literal $ba:literal) => {
        $(#[$doc])*
        pub fn $name(language: $crate::Language, $($hole: impl std::fmt::Display),*) -> String {
            match language {
                $crate::Language::En => std::fmt::format(format_args!($en)),
                $crate::Language::Ru => std::fmt::format(format_args!($ru)),
                $crate::Language::Ba => std::fmt::format(format_args!($ba)),
            }
        }
    };
}
