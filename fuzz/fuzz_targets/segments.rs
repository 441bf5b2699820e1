//! Data codewords of the fuzzer's choice in a code that is drawn without a fault → payload. This is where an
//! attacker who prints codes has most to choose.
#![no_main]

use greenlit_fuzz::code::Kind;
use greenlit_fuzz::{Bytes, begin, clear, picture, shown, still};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: begin("segments"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let choice = bytes.byte();
    let kind = Kind::decided(&mut bytes, 12);
    if choice % 2 == 0 {
        // Segments of every kind: what they say is known.
        let Some((code, payload)) = kind.segments(&mut bytes) else { return };
        let frame = picture::plain(&code, 3);
        let read = if payload.is_empty() { still(&frame) } else { clear(&frame) };
        match read.as_slice() {
            [] => assert!(payload.is_empty(), "not read: {}", shown(&payload)),
            [one] => assert_eq!(shown(one), shown(&payload)),
            more => panic!("{} payloads of one code", more.len()),
        }
        return;
    }
    let code = kind.code(bytes.take(kind.room()));
    // What such a code may say as a pass is for the till's second opinion.
    assert!(still(&picture::plain(&code, 3)).len() <= 1);
});
