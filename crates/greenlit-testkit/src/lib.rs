//! What Greenlit's tests share. Nothing of it is ever in a program.
//!
//! ```text
//! fixture   a practice authority with fixed keys and dates: the same bytes in every run
//! cli       the built programs, run as a user would in a folder of their own
//! database  a PostgreSQL server, that can be stopped in the middle
//! load      requests for passes, at a rate
//! people    invented people, as a register exports them
//! server    nginx over HTTPS, and a server that misbehaves
//! ```
#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::new_without_default)]

pub mod cli;
#[cfg(unix)]
pub mod database;
pub mod fixture;
pub mod load;
pub mod people;
pub mod server;
