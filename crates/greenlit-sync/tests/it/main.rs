//! Publications taken, each only if it holds.

mod sync_folder;
