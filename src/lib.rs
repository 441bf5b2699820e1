//! The till: a window, a command line, and what stands between them and the crates below.
//!
//! ```text
//! cli              the program and its commands, a file a command
//! gui              the window: the only place that names Slint
//! self_test        samples whose answers are known, and how the till stands
//! session  report  camera → reader → scanner, on threads of their own · an answer in words and as JSON
//! config           settings, the site file, where trust data comes from
//! clock            the time that this till goes by
//! ```
//!
//! Each looks down only; `script/check-tree` holds that.
//!
//! What a pass is and when it is green is decided in [`greenlit_core`]; this crate asks and shows.

pub mod cli;
mod clock;
mod config;
mod gui;
mod report;
mod self_test;
mod session;
