//! The window's screens, as Slint's compiler makes them of `ui/`: a crate of its own, so that they are compiled
//! once, and not with every test of the till.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

slint::include_modules!();
