//! How answers sound.

use greenlit_core::answer::Answer;

/// Hertz, none for a pause, and milliseconds.
pub type Note = (f32, u32);

/// The same for every answer, so that nobody in the queue is put to shame.
pub const BEEP: &[Note] = &[(988.0, 110)];

/// Each answer by its own melody.
pub fn melody(answer: Answer) -> &'static [Note] {
    match answer {
        Answer::Valid => &[(880.0, 90), (1_319.0, 160)],
        Answer::Refused => &[(330.0, 150), (0.0, 60), (330.0, 150)],
        Answer::NotGenuine => &[(220.0, 480)],
        Answer::CannotTell => &[(620.0, 100), (0.0, 60), (620.0, 100), (0.0, 60), (620.0, 100)],
    }
}
