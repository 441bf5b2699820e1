//! Why what was typed, pasted or opened has no answer. The scanner, the layout or the file is at fault, never the
//! guest.

use crate::pass::NotAPass;

/// What is in the way of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It looks malformed or forged, and nothing corrects what is typed: it is to be read once more.
    Again,
    /// It ends in the middle of a pass.
    Half,
    /// More characters than any code holds.
    TooLong,
    /// Keys without text came in the middle of it.
    ControlKeys,
    /// Two different passes came as one text, or one right after the other.
    TwoAtOnce,
    /// With Caps Lock on, two characters of a pass come as one.
    CapsLock {
        /// The layout as xkeyboard-config writes it.
        layout: &'static str,
        /// What comes as one.
        keys: [char; 2],
    },
    /// The keyboard layout types two characters of a pass alike.
    SameKeys {
        /// The layout as xkeyboard-config writes it.
        layout: &'static str,
        /// What comes as one.
        keys: [char; 2],
    },
    /// The keyboard layout has dead keys, or keys that type nothing: characters of a pass are lost.
    LostKeys {
        /// The layout as xkeyboard-config writes it.
        layout: &'static str,
        /// A character that is lost.
        key: char,
    },
    /// Something else than a pass.
    NotAPass(NotAPass),
    /// Nothing was there to be pasted.
    NothingToPaste,
    /// A picture without a code.
    NoCode,
    /// A file that holds no picture of a kind that is read.
    NotAPicture,
    /// A picture larger than what is read.
    PictureTooLarge,
    /// A picture that is damaged.
    PictureDamaged,
    /// A file that cannot be read.
    FileUnreadable,
}
