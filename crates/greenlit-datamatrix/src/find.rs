//! Frame → symbols.

use std::panic::{AssertUnwindSafe, catch_unwind};

use greenlit_qr::LumaFrame;
use rxing::common::{BitMatrix, DetectorRXingResult, HybridBinarizer};
use rxing::datamatrix::decoder::Decoder;
use rxing::datamatrix::detector::zxing_cpp_detector::detect;
use rxing::{Binarizer, Luma8Source};

use crate::{codewords, gate};

/// Pixels of the largest frame that is searched as it is; the time that rxing takes goes by them. Larger ones are shrunk.
const MAX_PIXELS: usize = 1_920 * 1_080;
/// Most places of one frame that are decoded, of those that look like a symbol.
const MAX_PLACES: usize = 32;

/// How often a frame is searched: what one round found is taken out of it for the next, because rxing skips whatever
/// lies beside what it finds. There is another round only where one found something new.
const MAX_ROUNDS: usize = 4;

/// One Data Matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// What stands in it, as bytes; no character set is applied.
    pub payload: Vec<u8>,
    /// The outer corners in pixels of the frame, around the symbol. Its solid sides meet in the last.
    pub corners: [(f32, f32); 4],
}

/// Reads every symbol that is found, each payload once.
pub fn read(frame: &LumaFrame) -> Vec<Symbol> {
    let factor = (1..).find(|factor| frame.pixels().len() / (factor * factor) <= MAX_PIXELS).unwrap_or(1);
    let shrunk = if factor > 1 { frame.shrunk(factor) } else { None };
    let searched = shrunk.as_ref().unwrap_or(frame);
    if !gate::may_hold_symbols(searched) {
        return Vec::new();
    }
    let scale = u16::try_from(factor).map_or(1.0, f32::from);
    isolated(|| search(searched))
        .into_iter()
        .map(|Symbol { payload, corners }| Symbol { payload, corners: corners.map(|(x, y)| (x * scale, y * scale)) })
        .collect()
}

/// Nothing, where there was a panic: rxing indexes by what stands in the picture and promises nothing. It keeps no state
/// that a panic could leave half-changed.
fn isolated(search: impl FnOnce() -> Vec<Symbol>) -> Vec<Symbol> {
    catch_unwind(AssertUnwindSafe(search)).unwrap_or_default()
}

fn search(frame: &LumaFrame) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::new();
    let (Ok(width), Ok(height)) = (u32::try_from(frame.width()), u32::try_from(frame.height())) else { return symbols };
    let Ok(source) = Luma8Source::new_with_slice(frame.pixels(), width, height) else { return symbols };
    let binarizer = HybridBinarizer::new(source);
    let Ok(matrix) = binarizer.get_black_matrix() else { return symbols };
    let mut matrix = matrix.clone();
    let decoder = Decoder::new();
    for _ in 0..MAX_ROUNDS {
        let Ok(places) = detect(&matrix, true, true) else { break };
        let before = symbols.len();
        for place in places.iter().take(MAX_PLACES) {
            let [a, b, c, d] = place.getPoints() else { continue };
            let corners = [a, b, c, d].map(|point| (point.x, point.y));
            let decoded = decoder.decode(place.getBits()).ok();
            let payload = decoded.and_then(|decoded| codewords::bytes(decoded.getRawBytes()));
            erase(&mut matrix, corners);
            if let Some(payload) = payload
                && symbols.iter().all(|other| other.payload != payload)
            {
                symbols.push(Symbol { payload, corners });
            }
        }
        if symbols.len() == before {
            break;
        }
    }
    symbols
}

/// Makes a place light, with a little around it.
fn erase(matrix: &mut BitMatrix, corners: [(f32, f32); 4]) {
    const AROUND: f32 = 3.0;
    let middle = corners.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0 / 4.0, sum.1 + corner.1 / 4.0));
    let corners = corners.map(|(x, y)| {
        let (dx, dy) = (x - middle.0, y - middle.1);
        let further = 1.0 + AROUND / dx.hypot(dy).max(1.0);
        (middle.0 + dx * further, middle.1 + dy * further)
    });
    let [a, b, c, d] = corners;
    let inside = |x: f32, y: f32| {
        let turns = [(a, b), (b, c), (c, d), (d, a)]
            .map(|(from, to)| (to.0 - from.0) * (y - from.1) - (to.1 - from.1) * (x - from.0) >= 0.0);
        turns.iter().all(|turn| *turn) || turns.iter().all(|turn| !turn)
    };
    let side = |part: fn(&(f32, f32)) -> f32, length: u32| {
        let ends = corners.iter().map(part).fold((f32::MAX, 0.0_f32), |ends, at| (ends.0.min(at), ends.1.max(at)));
        (0..length).filter(move |at| (ends.0..=ends.1).contains(&(*at as f32)))
    };
    let (width, height) = (matrix.getWidth(), matrix.getHeight());
    for y in side(|corner| corner.1, height) {
        for x in side(|corner| corner.0, width) {
            if inside(x as f32, y as f32) {
                matrix.unset(x, y);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_beneath_finds_nothing_and_goes_no_further() {
        assert!(isolated(|| panic!("as rxing may")).is_empty());
        let symbol = Symbol { payload: b"DC04".to_vec(), corners: [(0.0, 0.0); 4] };
        assert_eq!(isolated(|| vec![symbol.clone()]), [symbol]);
    }
}
