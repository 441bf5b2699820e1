//! Text, packed bytes, envelope, headers or claims, these signed → what an identity says.
//!
//! The first byte says what the others are.
#![no_main]

use greenlit_core::scheme::Scheme;
use greenlit_fuzz::schemes::{item, web_token};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

/// Attributes of a person, and those within a face.
const NAMES: &[&str] = &["0", "1", "2", "4", "5", "6", "7", "8", "13", "16", "17", "62", "99", "x"];
const TEXTS: &[&str] = &["", "ID-0042", "Müller", "19840509", "1984-05-09", "ffd8ff", "ffd", "ж"];

fuzz_target!(init: begin("claim169"), |bytes: &[u8]| web_token(bytes, Scheme::Claim169, claims));

/// `{6: …, 169: …}`
fn claims(bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut writer = greenlit_core::cbor::Writer::new();
    writer.map(2).int(6).uint(1_780_000_000).int(169);
    [writer.into_bytes(), item(bytes, NAMES, TEXTS, 5)].concat()
}
