//! Passes of other schemes, as others made them, one file a scheme.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

mod aadhaar;
mod altered;
mod certificates;
mod claim169;
mod hcert;
mod hcert_who;
mod made;
mod pretix;
mod signing;
mod table;
mod two_d_doc;
