//! Promise: beside the picture itself a reading holds little, whatever the picture shows; see the README.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use greenlit_qr::{LiveReader, LumaFrame, read};
use peak_alloc::PeakAlloc;

#[path = "it/frames.rs"]
mod frames;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Most megabytes beside a picture of 1280 × 720, and beside the largest one taken.
const MOST: f32 = 8.0;
const MOST_OF_LARGEST: f32 = 40.0;

fn peak(work: impl FnOnce()) -> f32 {
    let before = ALLOCATED.current_usage_as_mb();
    ALLOCATED.reset_peak_usage();
    work();
    ALLOCATED.peak_usage_as_mb() - before
}

/// Noise, modules by chance of so many pixels, white.
fn pictures(width: usize, height: usize) -> Vec<LumaFrame> {
    let mut chance = frames::Chance(7);
    let mut noise = |size: usize| {
        let across = width.div_ceil(size);
        let lights: Vec<u8> = (0..across * height.div_ceil(size)).map(|_| chance.bits() as u8).collect();
        let at = |i: usize| lights[i / width / size * across + i % width / size];
        LumaFrame::new(width, height, (0..width * height).map(at).collect()).unwrap()
    };
    let mut all: Vec<LumaFrame> = [1, 3, 6].map(&mut noise).into();
    all.push(LumaFrame::new(width, height, vec![255; width * height]).unwrap());
    all
}

#[test]
fn a_reading_holds_little_beside_its_picture() {
    let mut most: f32 = 0.0;
    let view = frames::View { blur: 0.9, ..frames::View::CLEAR };
    let code = frames::frame(&frames::text(1), &view, 1);
    for frame in pictures(1280, 720).into_iter().chain([code]) {
        most = most.max(peak(|| drop(read(&frame, Duration::from_secs(3)))));
        let mut reader = LiveReader::new();
        most = most.max(peak(|| {
            for at in 0..20 {
                reader.frame(&frame, at * 33, Duration::from_millis(25));
            }
        }));
    }
    let mut largest: f32 = 0.0;
    for frame in pictures(8_000, 8_000) {
        largest = largest.max(peak(|| drop(read(&frame, Duration::from_secs(3)))));
    }
    assert!(most < MOST && largest < MOST_OF_LARGEST, "{most} MB; {largest} MB of the largest");
}
