//! Text, packed bytes, envelope, headers or claims, these signed → what a health certificate says.
//!
//! The first byte says what the others are.
#![no_main]

use greenlit_core::scheme::Scheme;
use greenlit_fuzz::schemes::{item, web_token};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

/// Of the EU, then of the WHO.
const NAMES: &[&str] = &[
    "nam",
    "dob",
    "v",
    "t",
    "r",
    "fn",
    "gn",
    "fnt",
    "gnt",
    "tg",
    "mp",
    "dn",
    "sd",
    "dt",
    "sc",
    "tr",
    "co",
    "name",
    "birthDate",
    "certificate",
    "period",
    "start",
    "end",
    "vaccination",
    "test",
    "vaccine",
    "brand",
    "code",
    "date",
    "validFrom",
    "dose",
    "total_doses",
    "country",
    "pathogen",
    "result",
    "n",
    "nid",
    "nt",
    "vx",
    "vp",
    "dv",
    "vls",
    "vle",
];
const TEXTS: &[&str] = &[
    "",
    " ",
    "Müller",
    "2026-05-20",
    "2026-05-20T10:00:00Z",
    "1904-08-23",
    "1984",
    "RA01",
    "2026-13-01",
    "9999-12-31",
    "T",
];
const KINDS: &[i64] = &[1, 3, 4, 5, -6, 0, 9];

fuzz_target!(init: begin("hcert"), |bytes: &[u8]| web_token(bytes, Scheme::Hcert, claims));

/// `{6: …, -260: {kind: …}}`
fn claims(bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut writer = greenlit_core::cbor::Writer::new();
    writer.map(2).int(6).uint(1_780_000_000).int(-260).map(1).int(KINDS[usize::from(bytes.byte()) % KINDS.len()]);
    [writer.into_bytes(), item(bytes, NAMES, TEXTS, 5)].concat()
}
