//! Whether a frame is worth a search: most of a till's day there is a table in front of its camera and nothing on it.

use greenlit_qr::LumaFrame;

/// Every so many rows are looked at. The lowest symbol that can be read has 8 modules of 2 pixels.
const ROW_STEP: usize = 8;
/// Rows that must cross something.
const ROWS: usize = 2;
/// Changes between light and dark in a row: into the solid side, out of it, and at the least one dark module more.
const CHANGES: usize = 4;
/// Grey levels from light to dark. Below 24 in 8 × 8 pixels rxing's threshold sees one shade.
const CONTRAST: u16 = 20;
/// Pixels of which the mean is taken: two by two, against noise.
const MEAN_OF: u16 = 4;

/// False only for a frame in which no row has as many changes as one across a symbol has.
pub(crate) fn may_hold_symbols(frame: &LumaFrame) -> bool {
    let bands = frame.pixels().chunks_exact(2 * frame.width()).step_by(ROW_STEP / 2);
    bands.filter(|band| changes(band) >= CHANGES).nth(ROWS - 1).is_some()
}

/// How often two rows, one after the other in memory, turn from light to dark and back.
fn changes(band: &[u8]) -> usize {
    let (above, below) = band.split_at(band.len() / 2);
    let mut changes = 0;
    let (mut lightest, mut darkest) = (0, u16::MAX);
    for (above, below) in above.chunks_exact(2).zip(below.chunks_exact(2)) {
        let light: u16 = above.iter().chain(below).map(|pixel| u16::from(*pixel)).sum();
        lightest = lightest.max(light);
        darkest = darkest.min(light);
        if lightest - light >= CONTRAST * MEAN_OF || light - darkest >= CONTRAST * MEAN_OF {
            changes += 1;
            (lightest, darkest) = (light, light);
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(pixel: impl Fn(usize, usize) -> u8) -> LumaFrame {
        let pixels = (0..320 * 240).map(|at| pixel(at % 320, at / 320)).collect();
        LumaFrame::new(320, 240, pixels).unwrap()
    }

    #[test]
    fn changes_are_counted_where_they_are_strong_enough() {
        let row = |levels: &[u8]| -> Vec<u8> { levels.iter().flat_map(|level| [*level; 8]).collect() };
        for (levels, wanted) in [
            (&[200, 200, 200][..], 0),
            (&[200, 30, 200], 2),
            (&[200, 185, 170, 155, 140, 125], 2),
            (&[200, 181, 200, 181, 200], 0),
            (&[200, 180, 200, 180, 200], 4),
            (&[0, 255, 0, 255, 0, 255], 5),
        ] {
            assert_eq!(changes(&[row(levels), row(levels)].concat()), wanted, "{levels:?}");
        }
    }

    #[test]
    fn an_empty_table_is_not_searched_and_a_symbol_anywhere_is() {
        // Lit from one side, with a little noise.
        let table = |x: usize, y: usize| u8::try_from(90 + x / 8 + y / 6 + (x * 7 + y * 13 + x * y) % 9).unwrap();
        assert!(!may_hold_symbols(&frame(table)));
        for (left, top) in [(0, 0), (100, 77), (299, 219)] {
            let on = |x: usize, y: usize| (left..left + 20).contains(&x) && (top..top + 20).contains(&y);
            let stripes = |x: usize, y: usize| match on(x, y) {
                true if ((x - left) / 2).is_multiple_of(2) => 20,
                true => 220,
                false => table(x, y),
            };
            assert!(may_hold_symbols(&frame(stripes)), "{left} {top}");
        }
    }
}
