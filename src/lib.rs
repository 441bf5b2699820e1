//! Greenlit tells, offline, whether a QR pass is genuine, good now, and what it entitles to here.
//!
//! # The way of the data
//!
//! ```text
//! camera::watch         camera, picture files, film → LumaFrame, and how the camera is
//! picture::read         picture file → LumaFrame
//!   qr::LiveReader      LumaFrame after LumaFrame → payloads, and a hint (a still: qr::read)
//!     pass::scan        payload → SignedPass (well-formed, not believed), or what else it is
//!       verify::verify  SignedPass + TrustState + now → VerifiedPass, or a Rejection
//!         benefits      VerifiedPass + Place → what it gives here
//!           answer      Valid · Refused · Not genuine · Cannot tell, each with its code
//!             gate      answers and time → what the door shows now
//!
//! sync::sync            published files → TrustState, each taken only if its signatures hold
//!   store::Store        TrustState ↔ SQLite: opened again, not believed, at every start
//! ```
//!
//! The authority's side is [`issue`]: eligibility, signing, status list indexes.
//!
//! # The parts
//!
//! - **Core**: [`answer`] [`benefits`] [`cbor`] [`cose`] [`gate`] [`issue`] [`key`] [`luma`] [`pass`] [`status`] [`text`]
//!   [`time`] [`trust`] [`verify`]. Deliberately absent: input and output, clocks, randomness, logging, SQLite.
//!   `cargo test --lib --no-default-features` builds and tests it alone.
//! - **Edges**: [`camera`] [`picture`] [`qr`] [`store`] [`sync`], each around one outside thing. They speak core types
//!   and never use one another, but that a camera may be made of picture files. [`files`] is what those that
//!   touch the disk stand on.
//! - **Binaries** wire them: `src/bin/greenlit` (the till), `src/bin/greenlit-issuer` (the authority), a file
//!   a subcommand. [`demo`] is what the two tell each other for the demonstration.
//!
//! # Invariants
//!
//! - A [`verify::VerifiedPass`] is made by [`verify::verify`] alone. A specimen verifies to another type, and
//!   there is no way from that to green.
//! - No claim of a pass leaves [`pass::SignedPass`] before its signature holds. (With feature `issuer` there is
//!   a door for `inspect`; a till is built without it.)
//! - [`trust::Root`], [`trust::Bundle`] and [`status::StatusList`] exist only if signed as they must be.
//! - Bytes from outside are read by [`cbor::Reader`] alone: each value has one encoding, and every length is
//!   checked before anything is reserved for it.
//! - Nothing panics on any input, and nothing unsafe is written here.
//!
//! # Limitations
//!
//! - A pass proves that its issuer vouched for somebody with these initials, birthday and document; comparing
//!   them with the person is the work of whoever looks at the screen.
//! - Whoever can write to a till's data folder can make it trust another root, or put back an older copy of the
//!   whole store. The fingerprint and dates that `greenlit trust show` prints are what tells.
//! - A till that never syncs does not learn of revocations; [`trust`] bounds for how long it goes on.
//! - Codes cut off by the edge of a frame are not read, nor those of which fewer than three finders are seen.
#![forbid(unsafe_code)]

pub mod answer;
pub mod benefits;
#[cfg(feature = "till")]
pub mod camera;
pub mod cbor;
pub mod cose;
#[cfg(any(feature = "till", feature = "issuer"))]
pub mod demo;
#[cfg(any(feature = "till", feature = "issuer"))]
pub mod files;
pub mod gate;
#[cfg(feature = "issuer")]
pub mod issue;
pub mod key;
pub mod luma;
pub mod pass;
#[cfg(feature = "till")]
pub mod picture;
#[cfg(any(feature = "till", feature = "issuer"))]
pub mod qr;
pub mod status;
#[cfg(feature = "till")]
pub mod store;
#[cfg(any(feature = "till", feature = "issuer"))]
pub mod sync;
pub mod text;
pub mod time;
pub mod trust;
pub mod verify;
