//! Promise: beside the picture itself a reading holds little, whatever the picture shows; see the README.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use greenlit_qr::{LiveReader, LumaFrame, read};
use peak_alloc::PeakAlloc;
use qrcode::{Color, EcLevel, QrCode, Version};

#[path = "it/frames.rs"]
mod frames;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Most megabytes beside a picture of 1280 × 720, and beside one of 8,000 × 8,000: what the README says.
const MOST: f32 = 8.0;
const MOST_OF_LARGEST: f32 = 16.0;
/// However slow the machine is, all is tried.
const ALL_DAY: Duration = Duration::from_secs(86_400);

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

/// As many of the largest codes as there is room for, two pixels a module, which nobody can read: between their patterns
/// there is chance.
fn unreadable(width: usize, height: usize) -> LumaFrame {
    let code = QrCode::with_version(b"chance", Version::Normal(40), EcLevel::L).unwrap();
    let (side, colors) = (code.width(), code.to_colors());
    let mut chance = frames::Chance(3);
    let mut pixels = vec![255; width * height];
    let cell = 2 * (side + 8);
    for (left, top) in (0..width / cell).flat_map(|x| (0..height / cell).map(move |y| (x * cell + 16, y * cell + 16))) {
        for (at, color) in colors.iter().enumerate() {
            let (x, y) = (at % side, at / side);
            let pattern = x.min(y) < 9 || x.max(y) > side - 9;
            let dark = if pattern { *color == Color::Dark } else { chance.bits().is_multiple_of(2) };
            if dark {
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    pixels[(top + 2 * y + dy) * width + left + 2 * x + dx] = 0;
                }
            }
        }
    }
    LumaFrame::new(width, height, pixels).unwrap()
}

#[test]
fn a_reading_holds_little_beside_its_picture() {
    let mut most: f32 = 0.0;
    let view = frames::View { blur: 0.9, ..frames::View::CLEAR };
    let code = frames::frame(&frames::text(1), &view, 1);
    for frame in pictures(1280, 720).into_iter().chain([code, unreadable(1280, 720)]) {
        most = most.max(peak(|| drop(read(&frame, ALL_DAY))));
        let mut reader = LiveReader::new();
        most = most.max(peak(|| {
            for at in 0..20 {
                reader.frame(&frame, at * 33, Duration::from_millis(25));
            }
        }));
    }
    let mut largest: f32 = 0.0;
    for frame in pictures(8_000, 8_000).into_iter().chain([unreadable(2_200, 2_200)]) {
        largest = largest.max(peak(|| drop(read(&frame, ALL_DAY))));
    }
    assert!(most < MOST && largest < MOST_OF_LARGEST, "{most} MB; {largest} MB of the largest");
}
