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
        let may_be_refused = payload.is_empty() || payload.starts_with(b"GL");
        let read = if may_be_refused { still(&frame) } else { clear(&frame) };
        match read.as_slice() {
            [] => {
            let plain = !payload.is_empty() && kind.plainly(&payload).contains(&code);
            assert!(may_be_refused && !plain, "not read: {}", shown(&payload));
        }
            [one] => assert_eq!(shown(one), shown(&payload)),
            more => panic!("{} payloads of one code", more.len()),
        }
        return;
    }
    let code = kind.code(bytes.take(kind.room()));
    for payload in still(&picture::plain(&code, 3)) {
        // Nothing but the text may be in the code of a pass.
        if payload.starts_with(b"GL") {
            assert!(kind.plainly(&payload).contains(&code), "a pass written otherwise: {}", shown(&payload));
        }
    }
});
