//! What a Greenlit pass is, and when it is green.
//!
//! ```text
//! pass::scan      payload → SignedPass (well-formed, not trusted yet), or what else it is
//!   scheme        what else it is → a presented pass of another scheme (crate greenlit-schemes), or none
//!   verify        SignedPass or presented pass + TrustState + now → VerifiedPass, or a Rejection
//!     benefits      VerifiedPass + Place → what it gives here
//!       answer      Valid · Refused · Not genuine · Cannot tell, each with its code
//!         presenter answers and time → what the till shows now
//! ```
//!
//! Deliberately absent: input and output, clocks, threads, randomness, logging. Time is an argument.
//!
//! # Invariants
//!
//! - A [`verify::VerifiedPass`] is made by [`verify`] alone. A specimen verifies to another type, and there is no
//!   way from that to green.
//! - No claim of a pass leaves [`pass::SignedPass`] before its signature holds. (With feature
//!   `inspect` there is a door for the authority's own `inspect`; a till is built without it.)
//! - [`trust::Root`], [`trust::Bundle`] and [`status::StatusList`] exist only if signed as they must be.
//! - Bytes from outside are read by [`cbor::Reader`] alone: each value has one encoding, and every length is
//!   checked before anything is reserved for it.
//! - Nothing panics on any input, and nothing unsafe is written here.
//!
//! # Limitations
//!
//! - A pass proves that its issuer vouched for somebody with these initials, birthday and document; comparing
//!   them with the person is the work of whoever looks at the screen.
//! - A till that never syncs does not learn of revocations; [`trust`] bounds for how long it goes on.
#![forbid(unsafe_code)]

pub mod answer;
pub mod benefits;
pub mod cbor;
pub mod check_in;
pub mod cose;
pub mod head_count;
pub mod key;
pub mod pass;
pub mod presenter;
pub mod publication;
pub mod scanner;
pub mod scheme;
pub mod sightings;
pub mod status;
pub mod strict_base45;
pub mod tally;
pub mod text;
pub mod time;
pub mod trust;
pub mod typed;
pub mod unread;
pub mod verdict;
pub mod verify;
