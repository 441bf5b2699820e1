//! Modules of the fuzzer's choice between finders, timing and alignment patterns as they must be → whatever.
#![no_main]

use greenlit_fuzz::code::Kind;
use greenlit_fuzz::{Bytes, begin, live, picture, still};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: begin("grid"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let kind = Kind::decided(&mut bytes, 12);
    let frame = picture::plain(&kind.anything(bytes.0), 3);
    let first = still(&frame);
    // What two frames of a stream show is what one shows, once the second adds to the first.
    let streamed = live([&frame, &frame]);
    assert!(first.len() <= 1 && streamed.iter().all(|payload| streamed.first() == Some(payload)));
});
