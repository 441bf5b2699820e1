//! Packing a status list as small as it gets: it is packed once and fetched by every till.

use std::io::Write;
use std::num::NonZeroU64;

use greenlit_core::status::Statuses;

/// Below this many bytes zlib's result is small enough, and not worth seconds of work.
const WORTH_MORE_WORK: usize = 8 << 10;

/// Zlib data (RFC 1950) of the entries, by Zopfli where that is worth its time: at four million
/// entries with 1 % revoked it saves an eighth of what zlib makes (benches/README.md).
pub fn pack(statuses: &Statuses) -> Vec<u8> {
    let quick = statuses.deflate();
    if quick.len() < WORTH_MORE_WORK {
        return quick;
    }
    let options = zopfli::Options { iteration_count: NonZeroU64::MIN, ..Default::default() };
    let mut small = Vec::new();
    // Writing into memory cannot fail; were it to, the other one is as good.
    let done = zopfli::compress(options, zopfli::Format::Zlib, statuses.as_bytes(), small.by_ref());
    if done.is_ok() && small.len() < quick.len() { small } else { quick }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Permutation;

    #[test]
    fn what_is_packed_small_unpacks_to_the_same() {
        let mut statuses = Statuses::new(2, 200_000).unwrap();
        let places = Permutation::new([5; 32], 200_000).unwrap();
        (0..10_000).for_each(|row| assert!(statuses.set(places.index_of(row).unwrap(), 1 + (row % 2) as u8)));
        let packed = pack(&statuses);
        assert!(packed.len() > WORTH_MORE_WORK && packed.len() < statuses.deflate().len() * 95 / 100);
        assert_eq!(Statuses::inflate(2, &packed, 50_000).unwrap(), statuses);
        let empty = Statuses::new(2, 200_000).unwrap();
        assert_eq!(pack(&empty), empty.deflate());
    }
}
