//! Row numbers to status list indexes, one to one and in no order that an outsider could read.

use sha2::{Digest, Sha256};

const ROUNDS: u8 = 8;

/// A keyed permutation of `0..size`: a balanced Feistel network over the next even power of two,
/// walked until it lands inside. Two passes issued one after the other get unrelated indexes, and
/// no row can collide with another.
#[derive(Clone)]
pub struct Permutation {
    key: [u8; 32],
    size: u64,
    half_bits: u32,
}

impl Permutation {
    /// `None` for an empty domain or one above 2^40.
    pub fn new(key: [u8; 32], size: u64) -> Option<Self> {
        if size == 0 || size > 1 << 40 {
            return None;
        }
        let bits = u64::BITS - (size - 1).leading_zeros();
        Some(Self { key, size, half_bits: bits.div_ceil(2).max(1) })
    }

    /// The index of a row; `None` past the end.
    pub fn index_of(&self, row: u64) -> Option<u64> {
        if row >= self.size {
            return None;
        }
        let mut value = row;
        loop {
            value = self.shuffle(value);
            // The domain is less than four times the size, so a few steps land inside; a row always
            // comes home at last, since its cycle holds the row itself.
            if value < self.size {
                return Some(value);
            }
        }
    }

    fn shuffle(&self, value: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let mut hash = Sha256::new();
            hash.update(b"greenlit/index/1");
            hash.update(self.key);
            hash.update([round]);
            hash.update(right.to_be_bytes());
            let digest = hash.finalize();
            let word = digest.iter().take(8).fold(0u64, |word, byte| word << 8 | u64::from(*byte));
            (left, right) = (right, left ^ word & mask);
        }
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_an_index_of_its_own() {
        for size in [1u64, 2, 3, 5, 64, 1_000, 4_097] {
            let permutation = Permutation::new([7; 32], size).unwrap();
            let mut indexes: Vec<u64> = (0..size).map(|row| permutation.index_of(row).unwrap()).collect();
            assert_eq!(permutation.index_of(size), None);
            indexes.sort_unstable();
            assert_eq!(indexes, (0..size).collect::<Vec<_>>());
        }
        assert!(Permutation::new([0; 32], 0).is_none() && Permutation::new([0; 32], (1 << 40) + 1).is_none());
    }

    #[test]
    fn neighbours_do_not_stay_together() {
        let permutation = Permutation::new([1; 32], 1 << 20).unwrap();
        let indexes: Vec<i64> = (0..1_000).map(|row| permutation.index_of(row).unwrap() as i64).collect();
        let close = indexes.windows(2).filter(|pair| (pair[0] - pair[1]).abs() < 1_000).count();
        assert!(close < 20, "{close} of 999 neighbours stayed close");
    }
}
