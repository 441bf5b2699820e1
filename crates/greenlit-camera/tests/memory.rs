//! Promise: reading a picture takes at most 300 MB, whatever the file says of itself.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::time::Duration;

use greenlit_camera::picture;
use image::{ExtendedColorType, ImageEncoder};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const MOST_MB: f32 = 300.0;

/// A JPEG of few bytes: each scan is empty, and decoders take what lacks for zeros.
fn jpeg(frame_marker: u8, [width, height]: [u16; 2], components: u8, scans: u32) -> Vec<u8> {
    let mut bytes = b"\xFF\xD8".to_vec();
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        bytes.extend([0xFF, marker]);
        bytes.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        bytes.extend(body);
    };
    segment(0xDB, &[&[0], &[1; 64]]);
    let described: Vec<u8> = (1..=components).flat_map(|id| [id, 0x11, 0]).collect();
    segment(frame_marker, &[&[8], &height.to_be_bytes(), &width.to_be_bytes(), &[components], &described]);
    // One code of one bit each: no difference, and end of block.
    for class in [0x00, 0x10] {
        segment(0xC4, &[&[class, 1], &[0; 15], &[0]]);
    }
    let named: Vec<u8> = (1..=components).flat_map(|id| [id, 0]).collect();
    let last = if frame_marker == 0xC2 { 0 } else { 63 };
    for _ in 0..scans {
        segment(0xDA, &[&[components], &named, &[0, last, 0]]);
    }
    bytes.extend(b"\xFF\xD9");
    bytes
}

fn png(side: [u32; 2], color: ExtendedColorType) -> Vec<u8> {
    let samples = side[0] as usize * side[1] as usize * usize::from(color.bits_per_pixel() / 8);
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(&vec![200; samples], side[0], side[1], color).unwrap();
    bytes
}

fn peak(file: &Path, bytes: &[u8]) -> (Result<(), picture::PictureError>, f32) {
    std::fs::write(file, bytes).unwrap();
    let before = ALLOCATED.current_usage_as_mb();
    ALLOCATED.reset_peak_usage();
    let result = picture::open(file).map(|picture| {
        let over_black = picture.transparent.then(|| picture::read_over_black(file).unwrap());
        for frame in [Some(picture.frame), over_black].into_iter().flatten() {
            greenlit_qr::read(&frame, Duration::from_millis(500));
        }
        let _ = picture::read_colours(file);
    });
    (result, ALLOCATED.peak_usage_as_mb() - before)
}

#[test]
fn no_picture_takes_more_than_300_mb() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picture");
    let pgm = [&b"P5 8000 5000 255 "[..], &vec![200; 40_000_000]].concat();
    let read = [
        ("a photograph of 108 megapixels", jpeg(0xC0, [12_000, 9_000], 3, 1)),
        ("a photograph of 33 megapixels", jpeg(0xC0, [7_000, 4_700], 3, 1)),
        ("four inks", jpeg(0xC0, [5_000, 5_000], 4, 1)),
        ("four inks, 120 megapixels", jpeg(0xC0, [12_000, 10_000], 4, 1)),
        ("a progressive one", jpeg(0xC2, [4_000, 4_000], 3, 1)),
        ("a progressive one of ten scans", jpeg(0xC2, [4_000, 4_000], 3, 10)),
        ("a grey PNG", png([8_000, 5_000], ExtendedColorType::L8)),
        ("a PNG with transparency", png([8_000, 5_000], ExtendedColorType::Rgba8)),
        ("a PNG of sixteen bits", png([5_000, 4_000], ExtendedColorType::Rgba16)),
        ("a PGM", pgm),
    ];
    for (what, bytes) in read {
        let (result, peak) = peak(&file, &bytes);
        assert!(result.is_ok(), "{what}: {result:?}");
        // What is decoded is there to be counted: a test that saw nothing would hold nothing.
        assert!(peak > 20.0, "{what}: {peak} MB are too few to be true");
        assert!(peak < MOST_MB, "{what}: {peak} MB");
    }
    // A second header, of another kind, before the end: which of them counts is the decoder's own affair.
    let progressive = jpeg(0xC2, [10_000, 10_000], 3, 1);
    let header = progressive.windows(2).position(|pair| pair == [0xFF, 0xC2]).unwrap();
    let mut again = progressive[header..header + 19].to_vec();
    again[1] = 0xC0;
    let two_headers = [&progressive[..progressive.len() - 2], &again, b"\xFF\xD9"].concat();
    for (what, bytes, code) in [
        ("two headers", two_headers, "damaged-picture"),
        ("lossless", jpeg(0xC3, [10_900, 10_900], 4, 1), "not-a-picture"),
        ("lossless, one component", jpeg(0xC3, [10_900, 10_900], 1, 1), "not-a-picture"),
    ] {
        let (result, peak) = peak(&file, &bytes);
        assert_eq!(result.unwrap_err().code(), code, "{what}");
        assert!(peak < 10.0, "{what}: {peak} MB");
    }
    let refused = [
        ("more than a telephone takes", jpeg(0xC0, [16_000, 12_000], 3, 1)),
        ("a huge progressive one", jpeg(0xC2, [16_000, 16_000], 3, 1)),
        ("a progressive one of many scans", jpeg(0xC2, [4_000, 4_000], 3, 100)),
        ("many scans", jpeg(0xC0, [12_000, 9_000], 3, 10)),
        ("a huge PNG", png([16_384, 3_000], ExtendedColorType::L8)),
        ("a PNG of sixteen bits", png([7_000, 5_000], ExtendedColorType::Rgba16)),
    ];
    for (what, bytes) in refused {
        let (result, peak) = peak(&file, &bytes);
        assert_eq!(result.unwrap_err().code(), "too-large", "{what}");
        assert!(peak < 10.0, "{what}: {peak} MB");
    }
}
