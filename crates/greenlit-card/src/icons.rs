//! The icons of the answers, by the same measures as `assets/icons`: four shapes, so that they are told apart in
//! black and white too.

use greenlit_core::answer::Answer;
use greenlit_pdf::{Canvas, Colour};

/// The side of the square in which they were drawn.
const SIDE: f32 = 96.0;

/// Draws an answer's icon in a square of this size.
pub(crate) fn draw(canvas: &mut Canvas<'_>, answer: Answer, (x, y): (f32, f32), size: f32, on: Colour, ground: Colour) {
    let scale = size / SIDE;
    let at = |points: &[(f32, f32)]| points.iter().map(|(px, py)| (x + px * scale, y + py * scale)).collect::<Vec<_>>();
    let (mid_x, mid_y) = (x + 48.0 * scale, y + 48.0 * scale);
    match answer {
        Answer::Valid => {
            canvas.circle(mid_x, mid_y, 44.0 * scale, on, None);
            canvas.strokes(&at(&[(26.0, 50.0), (41.0, 65.0), (71.0, 32.0)]), ground, 11.0 * scale);
        }
        Answer::Refused => {
            let (near, far) = (6.0, 90.0);
            // Its corners are a little cut, where the window's are round.
            let cut = 9.0;
            let corners = [
                (near + cut, near),
                (far - cut, near),
                (far, near + cut),
                (far, far - cut),
                (far - cut, far),
                (near + cut, far),
                (near, far - cut),
                (near, near + cut),
            ];
            canvas.polygon(&at(&corners), on);
            canvas.strokes(&at(&[(31.0, 31.0), (65.0, 65.0)]), ground, 12.0 * scale);
            canvas.strokes(&at(&[(65.0, 31.0), (31.0, 65.0)]), ground, 12.0 * scale);
        }
        Answer::NotGenuine => {
            let corners = [
                (30.0, 4.0),
                (66.0, 4.0),
                (92.0, 30.0),
                (92.0, 66.0),
                (66.0, 92.0),
                (30.0, 92.0),
                (4.0, 66.0),
                (4.0, 30.0),
            ];
            canvas.polygon(&at(&corners), on);
            canvas.circle(mid_x, mid_y, 25.0 * scale, ground, Some(10.0 * scale));
            canvas.strokes(&at(&[(31.0, 65.0), (65.0, 31.0)]), ground, 10.0 * scale);
        }
        Answer::CannotTell => {
            canvas.polygon(&at(&[(48.0, 6.0), (94.0, 88.0), (2.0, 88.0)]), on);
            canvas.strokes(&at(&[(48.0, 36.0), (48.0, 60.0)]), ground, 10.0 * scale);
            canvas.circle(mid_x, y + 75.0 * scale, 6.0 * scale, ground, None);
        }
    }
}
