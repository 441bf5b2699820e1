//! What the fuzz targets share: bytes that decide, an authority of practice, and drawn codes.

pub mod authority;
pub mod code;
pub mod foreign;
pub mod picture;
pub mod schemes;
pub mod seeds;

use std::time::{Duration, Instant};

use greenlit_qr::{LiveReader, LumaFrame};

/// Takes one decision after another from the fuzzer's bytes; past their end every decision is 0.
pub struct Bytes<'b>(pub &'b [u8]);

impl<'b> Bytes<'b> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub fn long(&mut self) -> u64 {
        (0..8).fold(0, |value, _| value << 8 | u64::from(self.byte()))
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.word()) % end.max(1)
    }

    /// From 0 to 1.
    pub fn part(&mut self) -> f32 {
        f32::from(self.byte()) / 255.0
    }

    pub fn take(&mut self, most: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// Before a target's first run: its seeds.
pub fn begin(target: &str) {
    seeds::write(target);
}

/// Time for a picture as a still: enough for most ways of reading one so small.
const STILL: Duration = Duration::from_millis(60);
/// The same for a frame of a stream.
const LIVE: Duration = Duration::from_millis(25);
/// For a picture that has no excuse, however busy the machine.
const AMPLE: Duration = Duration::from_secs(2);
/// How far beyond its budget a frame may go: the clock is looked at between steps only.
const BEYOND: Duration = Duration::from_millis(400);

/// Reads a picture as a still, and holds the reader to its budget.
pub fn still(frame: &LumaFrame) -> Vec<Vec<u8>> {
    within(frame, STILL)
}

/// The same with ample time, for a picture that must be read.
pub fn clear(frame: &LumaFrame) -> Vec<Vec<u8>> {
    let read = still(frame);
    if read.is_empty() { within(frame, AMPLE) } else { read }
}

fn within(frame: &LumaFrame, budget: Duration) -> Vec<Vec<u8>> {
    let reading = greenlit_qr::read(frame, budget);
    assert!(reading.cpu < budget + BEYOND, "{:?} of processor time for a picture", reading.cpu);
    reading.symbols.into_iter().map(|symbol| symbol.payload).collect()
}

/// Shows the frames to a reader of streams, a 30th of a second apart, and holds it to its budget.
pub fn live<'f>(frames: impl IntoIterator<Item = &'f LumaFrame>) -> Vec<Vec<u8>> {
    let mut reader = LiveReader::new();
    let mut payloads = Vec::new();
    for (frame, now) in frames.into_iter().zip((0..).step_by(33)) {
        let start = Instant::now();
        let reading = reader.frame(frame, now, LIVE);
        assert!(reading.cpu < LIVE + BEYOND, "{:?} of processor time for a frame", reading.cpu);
        // Another program may have had the processor, but not for that long.
        assert!(start.elapsed() < 100 * LIVE, "{:?} for a frame", start.elapsed());
        payloads.extend(reading.symbols.into_iter().map(|symbol| symbol.payload));
    }
    payloads
}

/// A payload as a person can read it.
pub fn shown(payload: &[u8]) -> String {
    payload.escape_ascii().to_string()
}
