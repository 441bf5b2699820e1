//! Damage to bytes, drawn by proptest.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Flip(Index, u8),
    Remove(Index),
    Insert(Index, u8),
    Repeat(Index, usize),
}

/// Fewer than `most` changes.
pub(crate) fn edits(most: usize) -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        any::<Index>().prop_map(Edit::Remove),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        (any::<Index>(), 1..12usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
    ];
    vec(edit, 0..most)
}

/// The bytes after these changes; nothing stays nothing.
pub(crate) fn edited(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits.iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
        let length = bytes.len();
        match edit {
            Edit::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Edit::Remove(at) if length > 1 => drop(bytes.remove(at.index(length))),
            Edit::Remove(_) => {}
            Edit::Insert(at, byte) => bytes.insert(at.index(length + 1), *byte),
            Edit::Repeat(at, run) => {
                let at = at.index(length);
                let run = bytes[at..length.min(at + run)].to_vec();
                bytes.splice(at..at, run);
            }
        }
    }
    bytes
}
