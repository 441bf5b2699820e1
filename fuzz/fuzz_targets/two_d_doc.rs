//! Bytes of a Data Matrix, a message or fields, these signed → what a document says.
//!
//! The first byte says what the others are.
#![no_main]

use greenlit_core::scheme::Scheme;
use greenlit_fuzz::schemes::{CHANGES, document, flipped, not_opened, opened, sign_p256, signed};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

const HEADERS: &[&[u8]] = &[
    b"DC02FR000001125E125B00",
    b"DC03FR000001125E125BB101",
    b"DC04FR000001FFFF125BA201FR",
    b"DC04FR0000011F5E1F5B0402FR",
];

/// What fields are made of: identifiers, values, separators.
const PARTS: &[&[u8]] = &[
    b"10",
    b"30",
    b"62",
    b"60",
    b"61",
    b"B2",
    b"B0",
    b"BF",
    b"BG",
    b"08",
    b"36",
    b"37",
    b"69",
    b"6N",
    b"6O",
    b"AI",
    b"66",
    b"24",
    b"25",
    b"26",
    b"43",
    b"ZZ",
    b"\x1d",
    b"\x1e",
    b"\x1f",
    b"7DF",
    b"000",
    b"FFFF",
    b"1F5E",
    b"09051984",
    b"31022020",
    b"MME/SPECIMEN/NATACHA",
    b"DUPONT",
    b"75000",
    b"PARIS",
    b"FR",
    b"0",
    b" ",
    b"\xc3\xa9",
];

const ANNEX: &[&[u8]] = &[b"", b"\x1d", b"\x1d10X", b"\x1f", b"=", b"A"];

fuzz_target!(init: begin("two_d_doc"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    match bytes.byte() {
        b's' => {
            let mut change = Bytes(bytes.take(CHANGES));
            message(bytes.0, &mut change);
        }
        b'f' => {
            let mut change = Bytes(bytes.take(CHANGES));
            let mut text = HEADERS[usize::from(bytes.byte()) % HEADERS.len()].to_vec();
            while let [part, rest @ ..] = bytes.0 {
                text.extend(PARTS[usize::from(*part) % PARTS.len()]);
                bytes.0 = rest;
            }
            message(&text, &mut change);
        }
        _ => not_opened(bytes.0, Scheme::TwoDDoc),
    }
});

fn message(message: &[u8], change: &mut Bytes<'_>) {
    let signature = sign_p256(message);
    let code = document(message, &signature);
    let said = signed(&code, Scheme::TwoDDoc, change);
    let header = match message {
        [b'D', b'C', b'0', version @ b'2'..=b'4', ..] => 18 + 2 * usize::from(version - b'0'),
        _ => usize::MAX,
    };
    let is_document = message.len() >= header && !message.contains(&0x1f) && code.len() <= 3_116;
    let is_document = is_document && (header < 26 || message.is_ascii());
    assert_eq!(said.is_some(), is_document, "signed, and not opened");
    if let Some(Ok(statement)) = &said {
        let text = String::from_utf8_lossy(message);
        let holder = &statement.holder;
        assert!(holder.document.as_ref().is_none_or(|ending| ending.chars().count() <= 4 && text.contains(ending)));
        assert!(holder.photo.is_none() && statement.kind.ends_with(&text[20..22]));
    }
    // What stands behind the signature says nothing.
    let annex = ANNEX[change.below(ANNEX.len())];
    let again = opened(&[code.as_slice(), annex].concat(), Scheme::TwoDDoc);
    assert!(again.is_none() || again == said, "by its annex another document");
    for (message, signature) in [(message, flipped(&signature, change)), (&flipped(message, change), signature.clone())]
    {
        let forged = document(message, &signature);
        assert!(forged == code || opened(&forged, Scheme::TwoDDoc).is_none(), "forged, and opened");
    }
}
