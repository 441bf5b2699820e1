//! The colours of the answers: those of `ui/theme.slint`, which a test compares.

use greenlit_core::answer::Answer;
use greenlit_pdf::Colour;

/// How red and green are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// As most people expect it.
    #[default]
    GreenRed,
    /// For eyes that cannot tell those.
    BlueOrange,
}

pub(crate) const INK: Colour = Colour(0x14_1a_21);
pub(crate) const SOFT: Colour = Colour(0x4c_56_62);
pub(crate) const RULE: Colour = Colour(0xd5_da_e0);

impl Palette {
    /// An answer's ground, and what stands on it.
    pub(crate) fn of(self, answer: Answer) -> (Colour, Colour) {
        let blue = self == Self::BlueOrange;
        let (ground, on) = match answer {
            Answer::Valid if blue => (0x56_b4_f2, 0x00_12_1f),
            Answer::Valid => (0x27_b8_71, 0x00_14_0a),
            Answer::Refused if blue => (0x94_39_00, 0xff_ff_ff),
            Answer::Refused => (0xad_10_38, 0xff_ff_ff),
            Answer::NotGenuine if blue => (0x45_1a_00, 0xff_ff_ff),
            Answer::NotGenuine => (0x5e_08_20, 0xff_ff_ff),
            Answer::CannotTell if blue => (0xf7_e4_63, 0x1d_1a_14),
            Answer::CannotTell => (0xff_c4_45, 0x1d_1a_14),
        };
        (Colour(ground), Colour(on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_has_the_windows_colours() {
        let theme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/theme.slint")).unwrap();
        for (answer, name, on) in [
            (Answer::Valid, "valid", "on-valid"),
            (Answer::Refused, "refused", "on-refused"),
            (Answer::NotGenuine, "not-genuine", "on-not-genuine"),
            (Answer::CannotTell, "cannot-tell", "on-amber"),
        ] {
            let (green, blue) = (Palette::GreenRed.of(answer), Palette::BlueOrange.of(answer));
            for (name, green, blue) in [(name, green.0, blue.0), (on, green.1, blue.1)] {
                let (green, blue) = (format!("#{:06x}", green.0), format!("#{:06x}", blue.0));
                let value = if green == blue { green } else { format!("blue ? {blue} : {green}") };
                let line = format!("<brush> {name}: {value};");
                assert!(theme.contains(&line), "{line}");
            }
        }
    }
}
