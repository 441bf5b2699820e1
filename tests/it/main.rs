//! The programs as their users run them, one file a promise.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod announced;
mod attacks;
mod bad_input;
mod bundle_keys;
mod busy_store;
mod card;
mod clock_set_back;
mod damaged_store;
mod demonstration;
mod figures;
mod journal;
mod journey;
mod languages;
mod one_window;
mod pictures;
mod publish_served;
mod qr_writers;
mod revocation_life;
mod root_life;
mod schemas;
mod schemes;
mod schemes_made;
mod self_test;
mod several_codes;
mod site_file;
mod status;
mod store;
mod store_killed;
mod translations;
mod trust_add;
mod watch;
mod web_sync;
