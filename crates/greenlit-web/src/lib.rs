//! Greenlit's till as a page. Whatever decides is here and in the libraries below: the page draws what [`Screen`] says, as
//! the window draws its models, and hands in what its camera, its network and its storage give.
//!
//! ```text
//! page (web/*.js)        worker                      here
//!  camera, picture ────► luma ────────────────────► Till: reader → judge → scanner
//!  keys, fingers  ─────► Touch                        │
//!  fetch ◄───────────── names ◄─── replay ◄─── sync ──┤
//!  IndexedDB ◄────────► bytes ◄──── kept ◄────────────┤
//!  the page ◄────────── JSON ◄───── Screen ◄──────────┘
//! ```
//!
//! # Invariants
//!
//! - Trust data is believed for its signatures alone: what comes from storage is opened again at every start.
//! - Nothing of a guest leaves memory.
//! - The clock, the time zone and chance are arguments.
#![forbid(unsafe_code)]

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod bindings;
mod kept;
mod labels;
mod replay;
mod screen;
mod till;

pub use kept::KeptError;
pub use labels::labels;
pub use screen::{BenefitLine, Screen};
pub use till::{Moment, Offer, Outcome, Place, Refusal, RootSeen, Sounds, SyncStep, Till, Touch};
