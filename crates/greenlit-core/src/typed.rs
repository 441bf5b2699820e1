//! What a hand scanner that types was reading: a USB or Bluetooth scanner that says it is a keyboard.
//!
//! ```text
//! key events and time ──► burst  ──► keys to deliver after all, or the text of a scan
//! text of a scan      ──► layout ──► the passes that it can be, best first, and what stands in their way
//!     and trust data ──► reading ──► the codes to judge: the signature decides which layout it was; or what to
//!                                    say, where nothing can be decided
//! ```
//!
//! A scanner types as if the till's keyboard layout were `us`, with nobody to ask. What arrives depends on the
//! till's layout and on Caps Lock: under the Russian layout `GL1:` comes as `ПД1Ж`.
//!
//! # Invariants
//!
//! - Every key is either delivered, once and in order, or part of a scan; never both, never neither. (The head of
//!   a code from a very slow scanner is the one exception, and is counted: [`burst::Scan::leaked`].)
//! - Memory is bounded, whatever is typed.
//! - Where a layout cannot be undone, that is said with the key it fails at; nothing is guessed.
//!
//! # Limitations
//!
//! - Scanners are told from people by speed. Two scanners that type at the same moment are one garbled text.
//! - Only pass texts are repaired. Other codes are handed over as they came; a root's, which is not taken here, is
//!   known by its beginning only so that nothing in it is heard as a pass.
//! - A scanner that types by Alt codes or on the keypad is not understood, nor one that is set to another
//!   country's keyboard.

pub mod burst;
mod key;
pub mod layout;
pub mod reading;
mod table;

pub use key::Press;
