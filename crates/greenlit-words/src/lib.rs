//! What Greenlit says, in the languages that it speaks: one source for the command line, the printed card and
//! whatever else shows an answer. The core states facts; what they are called, and what to do about them, stands
//! here, once for each audience:
//!
//! - [`staff`]: whoever looks at the window or the card, in the window's own words;
//! - [`terminal`]: whoever reads the command line, where advice may name a command;
//! - [`health`]: the same, of how a till stands;
//! - [`command`]: the same, of what a command did;
//! - [`failure`]: the same, of what went wrong, where a library's own words are English;
//! - [`site_file`]: of mistakes in a site file;
//! - [`card`]: what stands on the card alone;
//! - [`paper`]: whoever holds a pass that is printed;
//! - [`phone`]: whoever holds a phone as a till, where the window has no words for it;
//! - [`report`]: what stands on an authority's picture of its passes.
//!
//! Pure: moments are written by the caller, who knows the time zone. English that the core says itself is not said
//! again here, and what programs read (JSON, codes, states) is never translated.
//!
//! ```
//! use greenlit_core::answer::Code;
//! use greenlit_words::{Language, staff, terminal};
//!
//! let language = Language::of_locale("ru_RU.UTF-8").unwrap_or_default();
//! assert_eq!(staff::reason(Code::Expired, language), "Срок истёк");
//! assert_eq!(terminal::meaning(Code::TrustExpired, Language::En), "the trust data has expired; run `greenlit sync`");
//! ```
#![forbid(unsafe_code)]

#[macro_use]
mod messages;

pub mod card;
pub mod command;
pub mod failure;
pub mod health;
pub mod kinds;
mod language;
pub mod paper;
pub mod phone;
pub mod report;
pub mod schemes;
pub mod site_file;
pub mod staff;
pub mod terminal;

pub use language::Language;
pub use messages::Template;

/// Every text there is, for tests.
pub fn templates() -> impl Iterator<Item = &'static Template> {
    [
        card::TEMPLATES,
        command::TEMPLATES,
        failure::TEMPLATES,
        health::TEMPLATES,
        kinds::TEMPLATES,
        paper::TEMPLATES,
        phone::TEMPLATES,
        report::TEMPLATES,
        schemes::TEMPLATES,
        site_file::TEMPLATES,
        staff::TEMPLATES,
        terminal::TEMPLATES,
        terminal::answers::TEMPLATES,
        terminal::facts::TEMPLATES,
        terminal::not_a_pass::TEMPLATES,
    ]
    .into_iter()
    .flatten()
}
