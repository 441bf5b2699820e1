//! How the window looks, as staff choose it.

use greenlit_core::presenter::Timing;

use crate::config::keyed::keyed;

/// What pages that are no answer stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scheme {
    #[default]
    Dark,
    Light,
    /// Black on white, for screens outdoors.
    Sunlight,
}

/// The colours of the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Palette {
    #[default]
    GreenRed,
    /// For eyes that cannot tell red from green.
    BlueOrange,
}

/// How large letters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TextSize {
    /// As the window has room for.
    #[default]
    Normal,
    /// A quarter larger.
    Large,
    /// Half as large again.
    Largest,
}

/// Whether anything moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Motion {
    #[default]
    On,
    Off,
}

/// How long an answer stays on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AnswerTime {
    /// For a queue.
    Short,
    #[default]
    Normal,
    /// Where there is much to compare, or to explain.
    Long,
}

/// All of these, but for the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) scheme: Scheme,
    pub(crate) palette: Palette,
    pub(crate) text_size: TextSize,
    pub(crate) motion: Motion,
}

/// How large the window was, in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WindowSize {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl WindowSize {
    /// As it is kept, "1024x600"; not one that no screen has or no page fits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once('x')?;
        let size = Self { width: width.parse().ok()?, height: height.parse().ok()? };
        ((320..=16_384).contains(&size.width) && (240..=16_384).contains(&size.height)).then_some(size)
    }
}

impl std::fmt::Display for WindowSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

keyed!(Scheme { Dark: "dark", Light: "light", Sunlight: "sunlight" });
keyed!(Palette { GreenRed: "green-red", BlueOrange: "blue-orange" });
keyed!(TextSize { Normal: "normal", Large: "large", Largest: "largest" });
keyed!(Motion { On: "on", Off: "off" });
keyed!(AnswerTime { Short: "short", Normal: "normal", Long: "long" });

impl AnswerTime {
    /// Half as long, or twice.
    pub(crate) fn applied_to(self, timing: Timing) -> Timing {
        let scaled = |time: u64| match self {
            Self::Short => time / 2,
            Self::Normal => time,
            Self::Long => time.saturating_mul(2),
        };
        Timing { valid: scaled(timing.valid), other: scaled(timing.other), ..timing }
    }
}
