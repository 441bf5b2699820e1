//! Greenlit tells, offline, whether a QR pass is genuine, good now, and what it entitles to here.
#![forbid(unsafe_code)]

pub mod answer;
pub mod benefits;
pub mod cbor;
pub mod cose;
pub mod key;
pub mod luma;
pub mod pass;
pub mod status;
pub mod text;
pub mod time;
pub mod trust;
pub mod verify;
