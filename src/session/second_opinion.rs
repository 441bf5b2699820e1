//! What begins as a pass is read again by rqrr, from the modules as our own reader corrected them.
//!
//! The signature covers what a code says, not how it is written: any segments and any padding will do,
//! and a character set that writes ASCII as ASCII changes nothing. What rqrr cannot read is no veto;
//! what it reads differently is one. Three forms say that the text means something else than it seems
//! to, and are refused by name: FNC1, structured append, and a character set of another alphabet.

use rqrr::{Grid, SimpleGrid};

use greenlit_core::pass::NotAPass;
use greenlit_core::verdict::{ReadCode, Symbology};
use greenlit_qr::Symbol;

use super::quiet;

/// What the codes say.
pub(crate) fn read(symbols: Vec<Symbol>) -> Vec<ReadCode> {
    let read =
        |symbol: Symbol| ReadCode { not_a_pass: refused(&symbol), payload: symbol.payload, symbology: Symbology::Qr };
    symbols.into_iter().map(read).collect()
}

fn refused(symbol: &Symbol) -> Option<NotAPass> {
    if !symbol.payload.starts_with(b"GL") {
        return None;
    }
    if symbol.fnc1.is_some() {
        return Some(NotAPass::TradeCode);
    }
    if symbol.structured_append.is_some() {
        return Some(NotAPass::OneOfSeveral);
    }
    if let Some(eci) = symbol.eci.iter().find(|eci| !writes_ascii(**eci)) {
        return Some(NotAPass::OtherCharacterSet { eci: *eci });
    }
    contradicted(symbol).then_some(NotAPass::ReadDifferently)
}

/// Whether this character set writes the characters of a pass as ASCII does (AIM ITS/04-023): the code
/// pages and ISO 8859, Shift JIS, Windows, UTF-8, ASCII, the multibyte sets of East Asia and plain bytes, not UTF-16
/// and UTF-32.
fn writes_ascii(eci: u32) -> bool {
    matches!(eci, 0..=18 | 20..=24 | 26..=32 | 170 | 899)
}

/// Whether rqrr reads something else in the clean code.
fn contradicted(symbol: &Symbol) -> bool {
    let (side, dark) = (symbol.side(), symbol.modules());
    quiet::run(|| {
        let grid = Grid::new(SimpleGrid::from_func(side, |x, y| dark.get(y * side + x) == Some(&true)));
        let mut read = Vec::new();
        grid.decode_to(&mut read).is_ok() && read != symbol.payload
    })
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
