//! When a new answer is heard, as staff or the site file choose it.

use crate::config::keyed::keyed;

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

keyed!(SoundMode { Off: "off", Beep: "beep", Tones: "tones" });
