//! Data Matrix symbols in pictures, as the program reads them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

mod published;
mod scenes;
mod trouble;
