//! The texts: there in every language, different in each, and the window's where the window says the same.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod texts;
mod window;
