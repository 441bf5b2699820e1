//! Text, packed bytes, fields or a message, these signed → what a card says.
//!
//! The first byte says what the others are.
#![no_main]

use greenlit_core::scheme::{PhotoFormat, Scheme};
use greenlit_fuzz::schemes::{CHANGES, card, digits, flipped, gzipped, not_opened, opened, packed, sign_rsa, signed};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

/// What stands in fields.
const FIELDS: &[&[u8]] = &[
    b"",
    b"0",
    b"1",
    b"2",
    b"3",
    b"4",
    b"V2",
    b"V3",
    b"269720190308114407437",
    b"123420191308114407437",
    b"1234",
    b"M\xfcller",
    b"09-05-1984",
    b"1984",
    b"31/02/1984",
    b"\xe9\xe9\xe9\xe9",
    b"Goa",
    b"\xff\x4f\xff\x51",
];

fuzz_target!(init: begin("aadhaar"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let scheme = Scheme::Aadhaar;
    match bytes.byte() {
        b's' => {
            let mut change = Bytes(bytes.take(CHANGES));
            message(bytes.0, &mut change);
        }
        b'f' => {
            let mut change = Bytes(bytes.take(CHANGES));
            let count = bytes.byte() % 24;
            let fields = (0..count).map(|_| [FIELDS[usize::from(bytes.byte()) % FIELDS.len()], &[0xff]].concat());
            let fields = fields.collect::<Vec<_>>().concat();
            message(&[&fields, bytes.0].concat(), &mut change);
        }
        b'g' => not_opened(&digits(&gzipped(bytes.0)), scheme),
        b'l' => not_opened(&digits(&packed(bytes.0)), scheme),
        b'n' => not_opened(&digits(bytes.0), scheme),
        _ => not_opened(bytes.0, scheme),
    }
});

fn message(message: &[u8], change: &mut Bytes<'_>) {
    let signature = sign_rsa(message);
    let text = card(message, &signature);
    let said = signed(&text, Scheme::Aadhaar, change);
    // What begins as a verifier's own request is told as that, for no card does.
    let fits = (800..=greenlit_schemes::MAX_TEXT).contains(&text.len()) && !message.starts_with(b"eyJ");
    assert_eq!(said.is_some(), fits, "signed, and not opened: {} digits", text.len());
    if let Some(Ok(statement)) = said {
        let photo = statement.holder.photo;
        assert!(photo.is_none_or(|photo| photo.format == PhotoFormat::Jpeg2000
            && message.windows(photo.bytes.len()).any(|part| part == photo.bytes)));
    }
    for (message, signature) in [(message, flipped(&signature, change)), (&flipped(message, change), signature.clone())]
    {
        let forged = card(message, &signature);
        assert!(forged == text || opened(&forged, Scheme::Aadhaar).is_none(), "forged, and opened");
    }
}
