//! Reed–Solomon correction over GF(256) with errors and erasures (ISO/IEC 18004 §7.5.2 and annex B).
//! rqrr corrects errors alone; a codeword known to be doubtful costs half as much when it is erased.

/// Most correction codewords of a block (table 9).
const MAX_CORRECTION: usize = 30;
const SIZE: usize = MAX_CORRECTION + 2;
/// A polynomial, its constant first.
type Poly = [u8; SIZE];

const TABLES: ([u8; 512], [u8; 256]) = tables();

/// Powers of the generator 2 modulo x⁸+x⁴+x³+x²+1, twice over, and their logarithms.
#[allow(clippy::indexing_slicing)] // evaluated by the compiler
const fn tables() -> ([u8; 512], [u8; 256]) {
    let (mut exp, mut log) = ([0; 512], [0; 256]);
    let (mut i, mut value) = (0, 1_u16);
    while i < 255 {
        exp[i] = value as u8;
        exp[i + 255] = value as u8;
        log[value as usize] = i as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11d;
        }
        i += 1;
    }
    (exp, log)
}

#[inline]
fn exp(power: usize) -> u8 {
    TABLES.0.get(power).copied().unwrap_or(0)
}

#[inline]
fn log(value: u8) -> usize {
    usize::from(TABLES.1.get(usize::from(value)).copied().unwrap_or(0))
}

#[inline]
fn times(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { exp(log(a) + log(b)) }
}

fn over(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { exp(log(a) + 255 - log(b)) }
}

/// What a block was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Corrected {
    /// Codewords that were wrong without being erased.
    pub(crate) errors: usize,
    pub(crate) erasures: usize,
}

impl Corrected {
    /// How many bits speak against chance: a random block comes out like this once in two to so many.
    pub(crate) fn evidence(&self, codewords: usize, correction: usize) -> f32 {
        let checks = correction.saturating_sub(self.erasures + self.errors) as f32 * 8.0;
        let places = codewords.saturating_sub(self.erasures);
        let ways: f32 =
            (0..self.errors).map(|i| (((places - i.min(places)) as f32) / (i as f32 + 1.0)).max(1.0).log2()).sum();
        checks - ways
    }
}

/// Whether a block needs no correction.
pub(crate) fn syndromes(block: &[u8], correction: usize) -> Option<Poly> {
    let mut all = [0; SIZE];
    let mut clean = true;
    for (power, place) in all.iter_mut().enumerate().take(correction) {
        let mut sum = 0;
        for &codeword in block {
            sum = if sum == 0 { codeword } else { exp(log(sum) + power) ^ codeword };
        }
        *place = sum;
        clean &= sum == 0;
    }
    if clean { None } else { Some(all) }
}

/// The value of the first `terms` terms.
fn evaluate(poly: &Poly, terms: usize, x: u8) -> u8 {
    let x = log(x);
    let next = |sum: u8, coefficient: &u8| if sum == 0 { *coefficient } else { exp(log(sum) + x) ^ coefficient };
    poly.iter().take(terms).rev().fold(0, next)
}

/// Corrects a block in place; `None`, and the block as it was, when it holds more errors than can be
/// corrected. `erased` are places in the block whose value is not to be trusted.
pub(crate) fn correct(block: &mut [u8], correction: usize, erased: &[usize]) -> Option<Corrected> {
    let length = block.len();
    if correction > MAX_CORRECTION || length > 255 || erased.len() > correction {
        return None;
    }
    let Some(syndromes) = syndromes(block, correction) else {
        return Some(Corrected { errors: 0, erasures: erased.len() });
    };
    // The erasure locator is where Berlekamp and Massey start from.
    let mut locator: Poly = [0; SIZE];
    if let Some(first) = locator.first_mut() {
        *first = 1;
    }
    for place in erased {
        let root = exp(length.checked_sub(1 + place)?);
        let shifted = shift(&locator);
        for (a, b) in locator.iter_mut().zip(shifted) {
            *a ^= times(b, root);
        }
    }
    let mut before = locator;
    let mut degree = erased.len();
    for step in erased.len()..correction {
        let mut discrepancy = 0;
        for (coefficient, syndrome) in locator.iter().take(degree + 1).zip(syndromes.iter().take(step + 1).rev()) {
            discrepancy ^= times(*coefficient, *syndrome);
        }
        before = shift(&before);
        if discrepancy != 0 {
            let mut next = locator;
            for (a, b) in next.iter_mut().zip(before) {
                *a ^= times(discrepancy, b);
            }
            if 2 * degree <= step + erased.len() {
                degree = step + 1 + erased.len() - degree;
                let inverse = over(1, discrepancy);
                before = locator.map(|coefficient| times(coefficient, inverse));
            }
            locator = next;
        }
    }
    if 2 * degree > correction + erased.len() || locator.iter().skip(degree + 1).any(|c| *c != 0) {
        return None;
    }
    // Ω = S·Λ modulo x^correction, and Λ without its even powers, which is x·Λ'.
    let mut evaluator: Poly = [0; SIZE];
    for (power, place) in evaluator.iter_mut().enumerate().take(correction) {
        for (a, b) in locator.iter().take(power + 1).zip(syndromes.iter().take(power + 1).rev()) {
            *place ^= times(*a, *b);
        }
    }
    let mut odd = locator;
    for even in odd.iter_mut().step_by(2) {
        *even = 0;
    }
    let original: Vec<u8> = block.to_vec();
    let (mut roots, mut errors) = (0, 0);
    for (at, codeword) in block.iter_mut().enumerate() {
        let inverse = exp(255 - (length - 1 - at));
        if evaluate(&locator, degree + 1, inverse) == 0 {
            let below = evaluate(&odd, degree + 1, inverse);
            roots += 1;
            if below == 0 {
                break;
            }
            // e = X·Ω(X⁻¹) / Λ'(X⁻¹), which is Ω(X⁻¹) over X⁻¹·Λ'(X⁻¹).
            *codeword ^= over(evaluate(&evaluator, correction, inverse), below);
            errors += usize::from(!erased.contains(&at));
        }
    }
    if roots != degree || self::syndromes(block, correction).is_some() {
        block.copy_from_slice(&original);
        return None;
    }
    Some(Corrected { errors, erasures: erased.len() })
}

/// Times x.
fn shift(poly: &Poly) -> Poly {
    let mut shifted = [0; SIZE];
    for (to, from) in shifted.iter_mut().skip(1).zip(poly) {
        *to = *from;
    }
    shifted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of ISO/IEC 18004 annex I: version 1-M, "01234567".
    const BLOCK: [u8; 26] = [
        0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xA5, 0x24,
        0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55,
    ];

    #[test]
    fn errors_and_erasures_are_corrected_up_to_the_limit_and_not_beyond() {
        let damaged = |errors: usize, erased: usize| {
            let mut block = BLOCK;
            for (i, codeword) in block.iter_mut().enumerate().take(errors + erased) {
                *codeword ^= 0x35 + i as u8;
            }
            (block, (errors..errors + erased).collect::<Vec<_>>())
        };
        for errors in 0..=8 {
            for erased in 0..=12 {
                let (mut block, places) = damaged(errors, erased);
                let before = block;
                let corrected = correct(&mut block, 10, &places);
                if 2 * errors + erased <= 10 {
                    assert_eq!(block, BLOCK, "{errors} errors, {erased} erasures");
                    assert!(corrected.is_some_and(|found| found.errors == errors));
                } else if corrected.is_none() {
                    assert_eq!(block, before);
                } else {
                    assert_ne!(block, before);
                }
            }
        }
    }

    #[test]
    fn evidence_falls_with_every_correction() {
        let of = |errors, erasures| Corrected { errors, erasures }.evidence(26, 10);
        assert!(of(0, 0) == 80.0 && of(4, 0) > 30.0 && of(4, 0) < 40.0 && of(0, 9) < 10.0 && of(3, 4) < of(3, 2));
    }
}
