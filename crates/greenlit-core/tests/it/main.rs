//! What a pass is and when it is green, one file a promise.

mod altered;
mod benefits;
mod cases;
mod cbor;
mod cose;
mod door;
mod ed25519;
mod frozen;
mod gate;
mod others;
mod status_list;
mod trust_cache;
mod trust_caps;
mod trust_clock;
mod trust_rollback;
mod trust_root_steps;
mod trust_thresholds;
mod vectors;
