//! What begins as a pass is read again by rqrr, from the modules as our own reader corrected them, and
//! counts only if it says the same, plainly: one segment, no change of character set (ECI), nothing else
//! between. A pass is never written otherwise, and rqrr drops such marks without a word.
//!
//! rqrr tells the text but not how it was written, so the plain way of writing it is exchanged in the
//! code, bit by bit, for a pattern that fills it. Error correction is linear: what comes out is a code
//! like any other, and where the text was plain, it reads as the whole pattern.

use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, Module};
use qrcode::{Color, EcLevel, Version};
use rqrr::{BitGrid, Grid, MetaData, SimpleGrid};

use greenlit_qr::Symbol;

/// The name of the threads on which rqrr works. A program's panic hook stays silent for them: a panic
/// there is caught, and means no more than that a code is not read.
pub(crate) const THREAD: &str = "greenlit-rqrr";

/// The payloads of the codes that count.
pub(crate) fn payloads(symbols: Vec<Symbol>) -> Vec<Vec<u8>> {
    symbols.into_iter().filter(counts).map(|symbol| symbol.payload).collect()
}

/// Whether a code says what it seems to say.
fn counts(symbol: &Symbol) -> bool {
    !symbol.payload.starts_with(b"GL") || agrees(symbol)
}

/// Whether rqrr reads the clean code as the same, and as plain.
fn agrees(symbol: &Symbol) -> bool {
    let (side, dark) = (symbol.side(), symbol.modules());
    // rqrr may panic on what no encoder writes. On a thread of its own that ends the thread, without a word.
    let plain = || {
        let grid = Grid::new(SimpleGrid::from_func(side, |x, y| dark.get(y * side + x) == Some(&true)));
        let mut read = Vec::new();
        let meta = grid.decode_to(&mut read);
        meta.is_ok_and(|meta| read == symbol.payload && is_plain(&grid.grid, &meta, &symbol.payload))
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(THREAD.into()).spawn_scoped(scope, plain);
        thread.is_ok_and(|thread| thread.join().unwrap_or(false))
    })
}

/// Whether this grid, read as `text`, holds it as one alphanumeric or one byte segment, or as an
/// encoder that mixes plain segments best would write it.
pub(crate) fn is_plain(grid: &impl BitGrid, meta: &MetaData, text: &[u8]) -> bool {
    let Some((version, level)) = version_and_level(meta) else { return false };
    let ways: [fn(&mut Bits, &[u8]) -> bool; 3] = [
        |bits, text| bits.push_alphanumeric_data(text).is_ok(),
        |bits, text| bits.push_byte_data(text).is_ok(),
        |bits, text| bits.push_optimal_data(text).is_ok(),
    ];
    // Alphanumeric mode writes capitals, digits and few signs: in other hands it would write nonsense.
    let capitals = text.iter().all(|byte| base45_sign(*byte));
    let ways = ways.iter().skip(usize::from(!capitals));
    ways.filter_map(|way| exchange(version, level, |bits| way(bits, text)))
        .any(|exchange| becomes_the_pattern(grid, &exchange))
}

fn base45_sign(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || b" $%*+-./:".contains(&byte)
}

fn version_and_level(meta: &MetaData) -> Option<(Version, EcLevel)> {
    let version = i16::try_from(meta.version.0).ok().filter(|version| (1..=40).contains(version))?;
    // ISO/IEC 18004 §7.9.1: the two bits of the format information.
    let level = match meta.ecc_level {
        0 => EcLevel::M,
        1 => EcLevel::L,
        2 => EcLevel::H,
        3 => EcLevel::Q,
        _ => return None,
    };
    Some((Version::Normal(version), level))
}

/// What makes plain codewords into those of the pattern, module by module before masking; `None`
/// where no data stands.
struct Exchange {
    side: usize,
    turns: Vec<Option<bool>>,
    pattern: Vec<u8>,
}

fn exchange(version: Version, level: EcLevel, fill: impl FnOnce(&mut Bits) -> bool) -> Option<Exchange> {
    let mut plain = Bits::new(version);
    if !fill(&mut plain) {
        return None;
    }
    plain.push_terminator(level).ok()?;
    let mut full = Bits::new(version);
    // A byte segment that leaves room for its own head alone.
    let head = if matches!(version, Version::Normal(1..=9)) { 12 } else { 20 };
    let pattern = vec![0x5a; full.max_len(level).ok()?.checked_sub(head)? / 8];
    full.push_byte_data(&pattern).ok()?;
    full.push_terminator(level).ok()?;
    let both: Vec<u8> = plain.into_bytes().iter().zip(full.into_bytes()).map(|(a, b)| a ^ b).collect();
    let (data, correction) = qrcode::ec::construct_codewords(&both, version, level).ok()?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    let width = version.width();
    let places = (0..width).flat_map(|y| (0..width).map(move |x| (x, y)));
    let turns = places.map(|(x, y)| match canvas.get(x, y) {
        Module::Unmasked(color) => Some(color == Color::Dark),
        Module::Masked(_) | Module::Empty => None,
    });
    Some(Exchange { side: usize::try_from(width).ok()?, turns: turns.collect(), pattern })
}

/// Whether the code, as it stands or mirrored, becomes the pattern.
fn becomes_the_pattern(grid: &impl BitGrid, exchange: &Exchange) -> bool {
    let side = exchange.side;
    if grid.size() != side {
        return false;
    }
    [false, true].into_iter().any(|mirrored| {
        let exchanged = SimpleGrid::from_func(side, |x, y| {
            let turn = exchange.turns.get(y * side + x).copied().flatten().unwrap_or(false);
            let (row, column) = if mirrored { (x, y) } else { (y, x) };
            grid.bit(row, column) ^ turn
        });
        let mut found = Vec::new();
        Grid::new(exchanged).decode_to(&mut found).is_ok() && found == exchange.pattern
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use greenlit_qr::LumaFrame;
    use greenlit_qr::encode::QrPicture;
    use qrcode::QrCode;
    use qrcode::bits::ExtendedMode;

    use super::*;

    /// It is asked what is read, and not how fast.
    const BUDGET: Duration = Duration::from_secs(86_400);

    fn seen(frame: &LumaFrame) -> Vec<Vec<u8>> {
        payloads(greenlit_qr::read(frame, BUDGET).symbols)
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
    fn a_code_that_switches_character_sets_or_is_one_of_several_is_never_a_pass() {
        let text = b"GL1:SOME TEXT OF A PASS";
        let plain = symbol(|bits| bits.push_alphanumeric_data(text).unwrap());
        assert_eq!(seen(&plain), [text.to_vec()]);
        let bytes = symbol(|bits| bits.push_byte_data(text).unwrap());
        assert_eq!(seen(&bytes), [text.to_vec()]);
        for designator in [3, 20, 26] {
            let eci = symbol(|bits| {
                bits.push_eci_designator(designator).unwrap();
                bits.push_byte_data(text).unwrap();
            });
            assert!(seen(&eci).is_empty(), "ECI {designator}");
        }
        // The mark may also stand further in, where the first bits look innocent.
        let late = symbol(|bits| {
            bits.push_alphanumeric_data(&text[..4]).unwrap();
            bits.push_eci_designator(26).unwrap();
            bits.push_byte_data(&text[4..]).unwrap();
        });
        assert!(seen(&late).is_empty());
        let after_nothing = symbol(|bits| {
            bits.push_alphanumeric_data(b"").unwrap();
            bits.push_eci_designator(26).unwrap();
            bits.push_alphanumeric_data(text).unwrap();
        });
        assert!(seen(&after_nothing).is_empty());
        // What is no pass may be written as it likes.
        let link = symbol(|bits| {
            bits.push_eci_designator(26).unwrap();
            bits.push_byte_data("https://пример.рф/".as_bytes()).unwrap();
        });
        assert_eq!(seen(&link).len(), 1);
        let one_of_several = symbol(|bits| {
            bits.push_mode_indicator(ExtendedMode::StructuredAppend).unwrap();
            bits.push_alphanumeric_data(text).unwrap();
        });
        assert!(seen(&one_of_several).is_empty());
        let fnc1 = symbol(|bits| {
            bits.push_fnc1_first_position().unwrap();
            bits.push_alphanumeric_data(text).unwrap();
        });
        assert!(seen(&fnc1).is_empty());
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
                assert_eq!(seen(&LumaFrame::new(width, width, pixels).unwrap()), [text.as_bytes()]);
            }
        }
    }
}
