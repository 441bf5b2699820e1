//! The authority's program as its people run it, one file a promise.
//!
//! That the issuer has a test of this kind is also why Cargo builds its program before any test of the
//! workspace: the till's demonstration runs it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

mod authority;
mod authority_clock;
mod backup_put_back;
mod check_backup;
mod dropped_class;
mod eligibility;
#[cfg(unix)]
mod encrypted_keys;
mod erase;
mod issue_batch;
mod issue_input;
mod key_files;
#[cfg(unix)]
mod move_register;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
mod postgres_desks;
mod print;
mod print_refusals;
#[cfg(unix)]
mod private_folder;
mod publish_changes;
#[cfg(unix)]
mod region;
mod reissue;
mod report;
mod revoke_list;
mod root_qr;
mod schemes;
mod schemes_import;
mod second_word;
#[cfg(all(unix, feature = "serve"))]
mod serve;
mod status;
#[cfg(unix)]
mod terminal;
mod time_zone;
#[cfg(unix)]
mod token_keys;
