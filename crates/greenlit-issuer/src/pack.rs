//! Packing status lists: each is packed once and fetched by every till.

use std::io::Write;
use std::num::NonZeroU64;

use greenlit_core::status::Statuses;

/// Below this many bytes zlib's result is small enough, and not worth seconds of work.
const WORTH_MORE_WORK: usize = 8 << 10;

/// How much work is put into packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Zopfli where it is worth its time: at four million entries with 1 % revoked it takes seconds, and saves an eighth of
    /// what zlib makes (benches/README.md).
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
    // What is revoked is anywhere in a list: looking for parts of it that are unlike would take a quarter more time for nothing.
    let options = zopfli::Options { iteration_count: NonZeroU64::MIN, maximum_block_splits: 1, ..Default::default() };
    let mut small = Vec::new();
    // Writing into memory cannot fail; were it to, the other one is as good.
    let done = zopfli::compress(options, zopfli::Format::Zlib, statuses.as_bytes(), small.by_ref());
    if done.is_ok() && small.len() < quick.len() { small } else { quick }
}

/// The same of several lists, each on a core of its own as far as there are so many.
#[cfg(feature = "authority")]
pub(crate) fn pack_all(lists: &[Statuses], packing: Packing) -> Vec<Vec<u8>> {
    use std::panic::resume_unwind;

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
        #[cfg(feature = "authority")]
        assert_eq!(
            pack_all(&[empty.clone(), statuses, empty.clone()], Packing::Smallest),
            [empty.deflate(), packed, empty.deflate()]
        );
    }
}
