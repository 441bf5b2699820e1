//! Module values → payload. The values are soft: above zero is dark, and the further from zero, the
//! surer. The format is chosen by all its 30 modules at once, and blocks are corrected with the most
//! doubtful codewords erased where needed.

pub(crate) mod layout;
mod reed_solomon;
pub(crate) mod segments;

use self::layout::{Layout, masked};
use self::reed_solomon::{Corrected, correct};
use self::segments::Segments;

/// Bits of evidence below which a grid could be chance; the weakest code that the standard lets be
/// corrected (version 1-L with two errors) has 31.
const EVIDENCE: f32 = 30.5;
/// The same where codewords were erased, for that is tried several times a block.
const EVIDENCE_ERASED: f32 = 40.0;
/// Least evidence of one block that had codewords erased.
const BLOCK_EVIDENCE: f32 = 14.0;

/// What a grid was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) payload: Vec<u8>,
    pub(crate) segments: Segments,
    pub(crate) layout: &'static Layout,
    pub(crate) format: FormatInfo,
    /// Corrected, in the order in which they are drawn.
    pub(crate) codewords: Vec<u8>,
}

/// What the format information says (§7.9), and that the code was seen in a mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FormatInfo {
    /// 0 to 3 for L, M, Q, H.
    pub(crate) level: usize,
    pub(crate) mask: u8,
    pub(crate) mirrored: bool,
    word: u16,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecoded {
    /// Too many errors.
    Errors,
    /// Corrected, but its segments are none that the standard knows.
    Malformed,
}

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// As it stands.
    Plain,
    /// Doubtful codewords erased, and the second best format as well.
    Erasures,
}

/// A reading of the format information.
#[derive(Clone, Copy, Debug)]
struct Format {
    info: FormatInfo,
    /// From -1 to 1.
    agreement: f32,
}

/// The 15 bits of a format with their correction (§7.9.1), as they are drawn.
fn format_word(data: u16) -> u16 {
    let mut rest = data;
    for _ in 0..10 {
        rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    }
    ((data << 10) | (rest & 0x3ff)) ^ 0x5412
}

/// The 18 bits of a version with their correction (§7.10), as they are drawn from version 7 on.
fn version_word(version: usize) -> usize {
    let mut rest = version;
    for _ in 0..12 {
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
    }
    (version << 12) | (rest & 0xFFF)
}

/// Where bit `bit` of the format stands, twice.
fn format_places(bit: usize, side: usize) -> [(usize, usize); 2] {
    let first = match bit {
        0..=5 => (8, bit),
        6 => (8, 7),
        7 => (8, 8),
        8 => (7, 8),
        _ => (14 - bit.min(14), 8),
    };
    let second = if bit < 8 { (side - 1 - bit, 8) } else { (8, side - 15 + bit) };
    [first, second]
}

/// The formats that fit best, best first.
fn formats(values: &[f32], side: usize) -> Vec<Format> {
    let mut all = Vec::with_capacity(64);
    for mirrored in [false, true] {
        let mut bits = [0.0_f32; 15];
        for (bit, sum) in bits.iter_mut().enumerate() {
            for (x, y) in format_places(bit, side) {
                let at = if mirrored { x * side + y } else { y * side + x };
                *sum += values.get(at).copied().unwrap_or(0.0).clamp(-1.0, 1.0);
            }
        }
        for data in 0..32_u16 {
            let word = format_word(data);
            let sum: f32 =
                bits.iter().enumerate().map(|(bit, value)| if (word >> bit) & 1 == 1 { *value } else { -*value }).sum();
            // L, M, Q and H are written as 1, 0, 3 and 2.
            let level = [1, 0, 3, 2].get(usize::from(data >> 3)).copied().unwrap_or(0);
            let info = FormatInfo { level, mask: (data & 7) as u8, mirrored, word };
            all.push(Format { info, agreement: sum / 30.0 });
        }
    }
    all.sort_by(|a, b| b.agreement.total_cmp(&a.agreement));
    all.truncate(3);
    all
}

/// Reads a grid of `layout.side`² values, row by row.
pub(crate) fn decode(values: &[f32], layout: &'static Layout, effort: Effort) -> Result<Decoded, Undecoded> {
    if values.len() != layout.side * layout.side {
        return Err(Undecoded::Errors);
    }
    let formats = formats(values, layout.side);
    let best = formats.first().map_or(0.0, |format| format.agreement);
    for (rank, format) in formats.iter().enumerate() {
        // The runner-up is worth a look only when it is close.
        let close = rank == 0 || (effort == Effort::Erasures && format.agreement > 0.75 * best);
        if !close || format.agreement.is_nan() || format.agreement < 0.2 {
            break;
        }
        if let Some((codewords, data)) = corrected(values, layout, &format.info, effort) {
            let (payload, segments) = segments::read(&data, layout.version).ok_or(Undecoded::Malformed)?;
            return Ok(Decoded { payload, segments, layout, format: format.info, codewords });
        }
    }
    Err(Undecoded::Errors)
}

/// One block: its codewords, how sure each is, and which codeword of the grid it is.
#[derive(Default)]
struct Block {
    codewords: Vec<u8>,
    sureness: Vec<f32>,
    places: Vec<usize>,
}

/// The codewords after correction, as they are drawn, and the data codewords in their own order.
fn corrected(values: &[f32], layout: &Layout, format: &FormatInfo, effort: Effort) -> Option<(Vec<u8>, Vec<u8>)> {
    let split = layout.blocks(format.level)?;
    let side = layout.side;
    let short = split.total / split.count;
    let long_blocks = split.total % split.count;
    let short_data = short.checked_sub(split.correction)?;
    let mut blocks: Vec<Block> = (0..split.count).map(|_| Block::default()).collect();
    for (number, modules) in layout.data.chunks_exact(8).enumerate() {
        let (mut codeword, mut sureness) = (0_u8, f32::MAX);
        for &at in modules {
            let (x, y) = (at % side, at / side);
            let value = values.get(if format.mirrored { x * side + y } else { at }).copied().unwrap_or(0.0);
            codeword = (codeword << 1) | u8::from((value > 0.0) ^ masked(format.mask, x, y));
            sureness = sureness.min(value.abs());
        }
        // Data codewords go round the blocks, the last round only the long ones; then the correction.
        let even = short_data * split.count;
        let block = if number < even {
            number % split.count
        } else if number < even + long_blocks {
            split.count - long_blocks + number - even
        } else {
            (number - even - long_blocks) % split.count
        };
        let block = blocks.get_mut(block)?;
        block.codewords.push(codeword);
        block.sureness.push(sureness);
        block.places.push(number);
    }
    let mut result = vec![0; split.total];
    let mut data = Vec::with_capacity(split.total);
    let mut evidence = 0.0;
    let mut erased = false;
    for block in &mut blocks {
        let length = block.codewords.len();
        let found = match correct(&mut block.codewords, split.correction, &[]) {
            Some(found) => found,
            None if effort == Effort::Erasures => {
                erased = true;
                erase_and_correct(block, split.correction)?
            }
            None => return None,
        };
        evidence += found.evidence(length, split.correction);
        for (place, codeword) in block.places.iter().zip(&block.codewords) {
            *result.get_mut(*place)? = *codeword;
        }
        data.extend_from_slice(block.codewords.get(..length.checked_sub(split.correction)?)?);
    }
    (evidence >= if erased { EVIDENCE_ERASED } else { EVIDENCE }).then_some((result, data))
}

/// Erases more and more of the least sure codewords, until a correction leaves little to chance. Should two
/// of them differ, neither is trusted.
fn erase_and_correct(block: &mut Block, correction: usize) -> Option<Corrected> {
    let mut order: Vec<usize> = (0..block.codewords.len()).collect();
    let sureness = |at: &usize| block.sureness.get(*at).copied().unwrap_or(0.0);
    order.sort_by(|a, b| sureness(a).total_cmp(&sureness(b)));
    let mut best: Option<(Corrected, f32, Vec<u8>)> = None;
    for count in (2..=correction.saturating_sub(2)).step_by(2) {
        let mut codewords = block.codewords.clone();
        let Some(found) = correct(&mut codewords, correction, order.get(..count)?) else { continue };
        let evidence = found.evidence(codewords.len(), correction);
        match &best {
            Some((_, _, other)) if *other != codewords => return None,
            Some((_, most, _)) if *most >= evidence => {}
            _ => best = Some((found, evidence, codewords)),
        }
        if evidence >= EVIDENCE_ERASED {
            break;
        }
    }
    let (found, evidence, codewords) = best?;
    block.codewords = codewords;
    (evidence >= BLOCK_EVIDENCE).then_some(found)
}

/// The modules of a code without an error, row by row, true for dark.
pub(crate) fn drawn(codewords: &[u8], layout: &Layout, format: &FormatInfo) -> Vec<bool> {
    let side = layout.side;
    let mut dark = vec![false; side * side];
    for known in &layout.known {
        if let Some(module) = dark.get_mut(usize::from(known.y) * side + usize::from(known.x)) {
            *module = known.dark;
        }
    }
    for bit in 0..15 {
        for (x, y) in format_places(bit, side) {
            if let Some(module) = dark.get_mut(y * side + x) {
                *module = (format.word >> bit) & 1 == 1;
            }
        }
    }
    if layout.version >= 7 {
        let word = version_word(layout.version);
        for bit in 0..18 {
            let (long, short) = (bit / 3, side - 11 + bit % 3);
            for at in [long * side + short, short * side + long] {
                if let Some(module) = dark.get_mut(at) {
                    *module = (word >> bit) & 1 == 1;
                }
            }
        }
    }
    let bits = codewords.iter().flat_map(|codeword| (0..8).rev().map(move |bit| (codeword >> bit) & 1 == 1));
    for (at, bit) in layout.data.iter().zip(bits.chain(std::iter::repeat(false))) {
        if let Some(module) = dark.get_mut(*at) {
            *module = bit ^ masked(format.mask, at % side, at / side);
        }
    }
    dark
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode, Version};

    use self::layout::layout;
    use super::*;

    fn symbol(version: usize, level: EcLevel, text: &[u8]) -> (Vec<f32>, &'static Layout) {
        let code = QrCode::with_version(text, Version::Normal(version as i16), level).unwrap();
        let values = code.to_colors().into_iter().map(|color| if color == Color::Dark { 1.0 } else { -1.0 }).collect();
        (values, layout(version).unwrap())
    }

    #[test]
    fn every_version_and_level_reads_as_drawn_and_mirrored() {
        for version in 1..=40 {
            for level in [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H] {
                let (values, layout) = symbol(version, level, b"abc 123");
                let decoded = decode(&values, layout, Effort::Plain).unwrap();
                assert_eq!(decoded.payload, b"abc 123", "version {version}");
                let side = layout.side;
                let mirrored: Vec<f32> = (0..side * side).map(|i| values[i % side * side + i / side]).collect();
                let as_drawn: Vec<bool> = values.iter().map(|value| *value > 0.0).collect();
                assert_eq!(drawn(&decoded.codewords, layout, &decoded.format), as_drawn, "version {version}");
                let other = decode(&mirrored, layout, Effort::Plain).unwrap();
                assert_eq!((&other.payload, other.format.mirrored), (&decoded.payload, true));
                for known in &layout.known {
                    assert_eq!(values[usize::from(known.y) * side + usize::from(known.x)] > 0.0, known.dark);
                }
            }
        }
    }

    #[test]
    fn doubtful_modules_cost_half_as_much_as_wrong_ones() {
        let (mut values, layout) = symbol(2, EcLevel::M, b"twenty characters ab");
        // 44 codewords, 16 of them correction: nine damaged are too many, unless known to be doubtful.
        for at in layout.data.iter().step_by(8).take(9) {
            values[*at] *= -0.1;
        }
        assert_eq!(decode(&values, layout, Effort::Plain), Err(Undecoded::Errors));
        assert_eq!(decode(&values, layout, Effort::Erasures).unwrap().payload, b"twenty characters ab");
    }

    #[test]
    fn chance_is_never_read() {
        let mut state = 7_u32;
        for round in 0..3_000 {
            let layout = layout(1 + round % 4).unwrap();
            let (mut values, _) = symbol(layout.version, EcLevel::L, b"x");
            for at in &layout.data {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                values[*at] = (state >> 8) as f32 / 8_388_608.0 - 1.0;
            }
            assert!(decode(&values, layout, Effort::Erasures).is_err());
        }
    }
}
