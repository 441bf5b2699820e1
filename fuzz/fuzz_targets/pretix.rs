//! Text, or payload, signed → what it says. Altered by a character, it is opened by no key.
//!
//! The first byte says what the others are.
#![no_main]

use greenlit_core::scheme::Scheme;
use greenlit_fuzz::schemes::{CHANGES, flipped, not_opened, opened, pretix_text, sign, signed, ticket};
use greenlit_fuzz::{Bytes, begin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: begin("pretix"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    match bytes.byte() {
        b's' => {
            let mut change = Bytes(bytes.take(CHANGES));
            payload(bytes.0, &mut change);
        }
        // A header of its own before what is signed.
        b'h' => {
            let (version, lengths) = (bytes.byte(), [bytes.word(), bytes.word()]);
            let rest = [bytes.0, &sign(bytes.0)].concat();
            let said = opened(&pretix_text(version, lengths, &rest), Scheme::Pretix);
            let right = version == 1 && lengths.map(usize::from) == [bytes.0.len(), 64] && !bytes.0.is_empty();
            assert_eq!(said.is_some(), right, "opened under another header");
        }
        _ => not_opened(bytes.0, Scheme::Pretix),
    }
});

fn payload(payload: &[u8], change: &mut Bytes<'_>) {
    let signature = sign(payload);
    let text = ticket(payload, &signature);
    let said = signed(&text, Scheme::Pretix, change);
    assert_eq!(said.is_some(), !payload.is_empty(), "signed, and not opened");
    if let Some(Ok(statement)) = said {
        let seed = statement.revocation_id.expect("a seed");
        assert!(!seed.is_empty() && payload.windows(seed.len()).any(|part| part == seed), "a seed from elsewhere");
        assert!(statement.facts.len() <= 3 && statement.not_before != Some(greenlit_fuzz::authority::time(0)));
    }
    for (payload, signature) in [(payload, flipped(&signature, change)), (&flipped(payload, change), signature.clone())]
    {
        let forged = ticket(payload, &signature);
        assert!(forged == text || opened(&forged, Scheme::Pretix).is_none(), "forged, and opened");
    }
}
