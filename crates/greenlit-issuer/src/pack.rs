//! Packing status lists: each is packed once and fetched by every till.

use std::panic::resume_unwind;

use greenlit_core::status::Statuses;
use libdeflater::{CompressionLvl, Compressor};

/// Below this many bytes zlib's result is small enough, and not worth more work.
const WORTH_MORE_WORK: usize = 8 << 10;

/// How much work is put into packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Libdeflate at its best where it is worth its time: at four million entries with 1 % revoked it takes a second of a
    /// core, and saves a seventh of what zlib makes (benches/README.md).
    Smallest,
    /// Zlib at its best, in a tenth of a second.
    Quick,
}

/// Zlib data (RFC 1950) of the entries.
pub fn pack(statuses: &Statuses, packing: Packing) -> Vec<u8> {
    let quick = statuses.deflate();
    if packing == Packing::Quick || quick.len() < WORTH_MORE_WORK {
        return quick;
    }
    let mut best = Compressor::new(CompressionLvl::best());
    let mut small = vec![0; best.zlib_compress_bound(statuses.as_bytes().len())];
    match best.zlib_compress(statuses.as_bytes(), &mut small) {
        Ok(length) if length < quick.len() => {
            small.truncate(length);
            small
        }
        // There is room for whatever comes of it; were there not, the other one is as good.
        _ => quick,
    }
}

/// The same of several lists, each on a core of its own as far as there are so many.
pub(crate) fn pack_all(lists: &[Statuses], packing: Packing) -> Vec<Vec<u8>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let each = lists.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let work = |lists: &[Statuses]| lists.iter().map(|list| pack(list, packing)).collect::<Vec<_>>();
        let threads: Vec<_> = lists.chunks(each).map(|some| scope.spawn(move || work(some))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
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
        let packed = pack(&statuses, Packing::Smallest);
        assert!(packed.len() > WORTH_MORE_WORK && packed.len() < statuses.deflate().len() * 95 / 100);
        assert_eq!(Statuses::inflate(2, &packed, 50_000).unwrap(), statuses);
        assert_eq!(pack(&statuses, Packing::Quick), statuses.deflate());
        let empty = Statuses::new(2, 200_000).unwrap();
        assert_eq!(pack(&empty, Packing::Smallest), empty.deflate());
        assert_eq!(
            pack_all(&[empty.clone(), statuses, empty.clone()], Packing::Smallest),
            [empty.deflate(), packed, empty.deflate()]
        );
    }
}
