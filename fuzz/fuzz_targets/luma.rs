//! Pixels of the fuzzer's choice → the reader of stills and that of streams: no panic, no frame far beyond
//! its budget.
#![no_main]

use greenlit_fuzz::{Bytes, begin, live, still};
use greenlit_qr::LumaFrame;
use libfuzzer_sys::fuzz_target;

/// Most pixels across and down.
const MOST: usize = 240;

fuzz_target!(init: begin("luma"), |bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let (width, shape) = (1 + usize::from(bytes.byte()) % MOST, bytes.byte());
    // Bytes for whole rows, or one row seen again and again in another order: both make long lines and edges.
    let mut pixels = bytes.0.to_vec();
    if shape & 1 == 1 && !pixels.is_empty() {
        let rows = 1 + usize::from(shape >> 1);
        pixels = (0..rows).flat_map(|row| bytes.0.iter().cycle().skip(row * width / 7).take(width)).copied().collect();
    }
    let height = (pixels.len() / width).min(MOST);
    pixels.truncate(width * height);
    let Some(frame) = LumaFrame::new(width, height, pixels) else { return };
    still(&frame);
    let dimmed = frame.pixels().iter().map(|pixel| pixel / 2 + 40).collect();
    let moved = frame.pixels().iter().skip(1).chain([&0]).copied().collect();
    let others = [dimmed, moved].map(|pixels| LumaFrame::new(width, height, pixels));
    live([Some(&frame), others[0].as_ref(), Some(&frame), others[1].as_ref()].into_iter().flatten());
});
