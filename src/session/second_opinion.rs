//! What begins as a pass is read again by rqrr, whose panics end here.

use greenlit_core::verdict::ReadCode;
use greenlit_front::is_read_otherwise;
use greenlit_qr::{Joiner, Symbol};

use super::quiet;

/// What the codes of a picture say.
pub(crate) fn read(symbols: Vec<Symbol>) -> Vec<ReadCode> {
    read_on(symbols, &mut Joiner::default(), 0)
}

/// The same of a stream's frame at a moment, in milliseconds.
pub(crate) fn read_on(symbols: Vec<Symbol>, joiner: &mut Joiner, at: u64) -> Vec<ReadCode> {
    greenlit_front::codes(symbols, joiner, at, |symbol| quiet::run(|| is_read_otherwise(symbol)).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use greenlit_core::pass::NotAPass;
    use greenlit_qr::LumaFrame;
    use greenlit_qr::encode::QrPicture;
    use qrcode::bits::{Bits, ExtendedMode};
    use qrcode::{EcLevel, QrCode, Version};

    use super::*;

    /// It is asked what is read, and not how fast.
    const BUDGET: Duration = Duration::from_secs(86_400);

    fn all(frame: &LumaFrame) -> Vec<ReadCode> {
        read(greenlit_qr::read(frame, BUDGET).symbols)
    }

    /// The one text that counts.
    #[track_caller]
    fn seen(frame: &LumaFrame) -> Vec<u8> {
        let mut all = all(frame);
        let one = all.pop().unwrap();
        assert!(all.is_empty() && one.not_a_pass.is_none(), "{one:?}");
        one.payload
    }

    /// Why the one code does not count.
    #[track_caller]
    fn refused(frame: &LumaFrame) -> NotAPass {
        all(frame).pop().unwrap().not_a_pass.unwrap()
    }

    fn draw(pixels: &mut [u8], width: usize, side: usize, modules: &[bool], (left, top): (usize, usize), scale: usize) {
        for y in 0..side * scale {
            for x in 0..side * scale {
                if modules[(y / scale) * side + x / scale] {
                    pixels[(top + y) * width + left + x] = 0;
                }
            }
        }
    }

    /// The symbol of these bits at version 10, M.
    fn symbol(fill: impl FnOnce(&mut Bits)) -> LumaFrame {
        let mut bits = Bits::new(Version::Normal(10));
        fill(&mut bits);
        bits.push_terminator(EcLevel::M).unwrap();
        let code = QrCode::with_bits(bits, EcLevel::M).unwrap();
        let modules: Vec<bool> = code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
        let (side, scale) = (code.width(), 6);
        let width = (side + 8) * scale;
        let mut pixels = vec![255; width * width];
        draw(&mut pixels, width, side, &modules, (4 * scale, 4 * scale), scale);
        LumaFrame::new(width, width, pixels).unwrap()
    }

    #[test]
    fn however_it_is_written_a_pass_is_a_pass() {
        let text = b"GL1:SOME TEXT OF A PASS";
        assert_eq!(seen(&symbol(|bits| bits.push_alphanumeric_data(text).unwrap())), text);
        assert_eq!(seen(&symbol(|bits| bits.push_byte_data(text).unwrap())), text);
        let in_two = symbol(|bits| {
            bits.push_byte_data(&text[..7]).unwrap();
            bits.push_alphanumeric_data(&text[7..]).unwrap();
        });
        assert_eq!(seen(&in_two), text);
        for designator in [3, 20, 26, 170, 899] {
            let eci = symbol(|bits| {
                bits.push_eci_designator(designator).unwrap();
                bits.push_byte_data(text).unwrap();
            });
            assert_eq!(seen(&eci), text, "ECI {designator}");
        }
        // The mark may also stand further in, and after nothing.
        let late = symbol(|bits| {
            bits.push_alphanumeric_data(&text[..4]).unwrap();
            bits.push_eci_designator(26).unwrap();
            bits.push_byte_data(&text[4..]).unwrap();
        });
        assert_eq!(seen(&late), text);
        let after_nothing = symbol(|bits| {
            bits.push_alphanumeric_data(b"").unwrap();
            bits.push_eci_designator(26).unwrap();
            bits.push_alphanumeric_data(text).unwrap();
        });
        assert_eq!(seen(&after_nothing), text);
    }

    #[test]
    fn forms_that_change_the_meaning_are_refused_by_name() {
        let text = b"GL1:SOME TEXT OF A PASS";
        for designator in [25, 33, 34, 35] {
            let eci = symbol(|bits| {
                bits.push_eci_designator(designator).unwrap();
                bits.push_byte_data(text).unwrap();
            });
            assert_eq!(refused(&eci), NotAPass::OtherCharacterSet { eci: designator });
        }
        let one_of_several = symbol(|bits| {
            bits.push_mode_indicator(ExtendedMode::StructuredAppend).unwrap();
            bits.push_alphanumeric_data(text).unwrap();
        });
        // What stands after the mark is the place in the row and the parity, and the rest means nothing here.
        assert!(all(&one_of_several).iter().all(|one| one.not_a_pass.is_some() || !one.payload.starts_with(b"GL1:")));
        let fnc1 = symbol(|bits| {
            bits.push_fnc1_first_position().unwrap();
            bits.push_alphanumeric_data(text).unwrap();
        });
        assert_eq!(refused(&fnc1), NotAPass::TradeCode);
        // What is no pass may be written as it likes.
        let link = symbol(|bits| {
            bits.push_eci_designator(25).unwrap();
            bits.push_byte_data("https://пример.рф/".as_bytes()).unwrap();
        });
        assert_eq!(seen(&link), "https://пример.рф/".as_bytes());
    }

    #[test]
    fn a_plain_pass_is_told_at_every_size_mirrored_and_damaged() {
        for length in [30, 120, 215, 400] {
            let text = format!("GL1:{}", "7A$K*".repeat(length / 5));
            let (side, modules) = QrPicture::new(&text).unwrap().modules();
            let mirrored: Vec<bool> = (0..side * side).map(|i| modules[i % side * side + i / side]).collect();
            // A torn corner, where the first bits of the text stand; error correction mends it.
            let torn = side - 4;
            let damaged: Vec<bool> =
                (0..side * side).map(|i| modules[i] && (i % side < torn || i / side < torn)).collect();
            for modules in [modules, mirrored, damaged] {
                let width = (side + 8) * 6;
                let mut pixels = vec![255; width * width];
                draw(&mut pixels, width, side, &modules, (24, 24), 6);
                assert_eq!(seen(&LumaFrame::new(width, width, pixels).unwrap()), text.as_bytes());
            }
        }
    }
}
