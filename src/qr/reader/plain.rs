//! Whether a code says its text plainly: one segment, no change of character set (ECI), nothing else
//! between. A pass is never written otherwise, and rqrr drops such marks without a word.
//!
//! rqrr tells the text but not how it was written, so the plain way of writing it is exchanged in the
//! code, bit by bit, for a pattern that fills it. Error correction is linear: what comes out is a code
//! like any other, and where the text was plain, it reads as the whole pattern.

use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, Module};
use qrcode::{Color, EcLevel, Version};
use rqrr::{BitGrid, Grid, MetaData, SimpleGrid};

/// Whether this grid, read as `text`, holds it as one alphanumeric or one byte segment, or as an
/// encoder that mixes plain segments best would write it.
pub(super) fn is_plain(grid: &impl BitGrid, meta: &MetaData, text: &[u8]) -> bool {
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
