//! What a pass is and when it is green, one file a promise.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod altered;
mod benefits;
mod cases;
mod cbor;
mod check_in;
mod cose;
mod ed25519;
mod frozen;
mod others;
mod presenter;
mod presenter_deadline;
mod presenter_harness;
mod root_code;
mod scanner;
mod scheme_bundle;
mod scheme_keys;
mod scheme_passes;
mod status_list;
mod tally_csv;
mod trust_cache;
mod trust_caps;
mod trust_clock;
mod trust_rollback;
mod trust_root_steps;
mod trust_thresholds;
mod typed_burst;
mod typed_burst_any;
mod typed_harness;
mod typed_layouts;
mod typed_reading;
mod typed_repair;
mod typed_xkb;
mod vectors;

/// Random cases of a property: all of them optimised, as `script/test` runs them, and few unoptimised, where somebody
/// waits for the answer after each change.
fn random_cases(all: u32) -> proptest::prelude::ProptestConfig {
    let cases = if cfg!(debug_assertions) { (all / 64).max(4) } else { all };
    proptest::prelude::ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}
