//! When a new answer is heard, as staff or the site file choose it.

/// When there is a sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SoundMode {
    /// Never.
    Off,
    /// The same for every answer, so that nobody in the queue is put to shame.
    #[default]
    Beep,
    /// Each answer by its own melody.
    Tones,
}

impl SoundMode {
    pub(crate) const ALL: [Self; 3] = [Self::Off, Self::Beep, Self::Tones];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Beep => "beep",
            Self::Tones => "tones",
        }
    }

    pub(crate) fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sounds| sounds.key() == key)
    }
}
