//! When a picture is no picture: a lens cover, a turned-off light.

use greenlit_qr::LumaFrame;

/// Whether a frame is all black: darker than what cameras give for black when they keep to the narrow
/// range of video (16), with allowance for noise, and hardly a bright spot.
pub(crate) fn is_dark(frame: &LumaFrame) -> bool {
    const STEP: usize = 13;
    const BLACK: usize = 26;
    const BRIGHT: u8 = 56;
    let (mut count, mut sum, mut bright) = (0, 0, 0);
    for row in frame.pixels().chunks(frame.width()).step_by(STEP) {
        for pixel in row.iter().step_by(STEP) {
            count += 1;
            sum += usize::from(*pixel);
            bright += usize::from(*pixel > BRIGHT);
        }
    }
    sum < count * BLACK && bright * 200 <= count
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn dark_is_black_with_noise_but_not_a_lit_phone() {
        let frame =
            |light: &dyn Fn(usize) -> u8| LumaFrame::new(640, 480, (0..640 * 480).map(light).collect()).unwrap();
        for (dark, frame) in [
            (true, frame(&|_| 0)),
            (true, frame(&|i| 14 + (i * 31 % 11).to_le_bytes()[0])),
            (true, frame(&|i| if i % 5_000 == 0 { 255 } else { 3 })),
            (false, frame(&|i| if i % 640 < 40 && i / 640 < 60 { 200 } else { 3 })),
            (false, frame(&|_| 40)),
            (false, frame(&|_| 255)),
        ] {
            assert_eq!(is_dark(&frame), dark, "{}", frame.at(0, 0));
        }
        assert!(is_dark(&LumaFrame::new(1, 1, vec![0]).unwrap()));
    }
}
