//! Choices that staff and the site file make by a word.

/// Gives an enumeration its values and each of them its word.
macro_rules! keyed {
    ($name:ident { $($value:ident: $key:literal),+ }) => {
        impl $name {
            pub(crate) const ALL: [Self; [$($key),+].len()] = [$(Self::$value),+];

            pub(crate) fn key(self) -> &'static str {
                match self {
                    $(Self::$value => $key),+
                }
            }

            pub(crate) fn of(key: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.key() == key)
            }
        }
    };
}

pub(crate) use keyed;
