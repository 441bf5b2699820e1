//! Every format, good and damaged.

use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat};

fn layout(format: PixelFormat, width: usize, height: usize, stride: Option<usize>) -> Layout {
    Layout { format, width, height, stride }
}

#[test]
fn every_format_gives_its_grey() {
    use PixelFormat::*;
    for (format, width, height, stride, bytes, expected) in [
        (Yuyv, 2, 2, None, &[1, 0, 2, 0, 3, 0, 4, 0][..], &[1, 2, 3, 4][..]),
        (Yuyv, 3, 2, None, &[1, 9, 2, 9, 3, 9, 9, 9, 4, 9, 5, 9, 6, 9, 9, 9], &[1, 2, 3, 4, 5, 6]),
        (Yuyv, 3, 2, Some(6), &[1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9], &[1, 2, 3, 4, 5, 6]),
        (Yuyv, 1, 2, Some(5), &[1, 9, 9, 9, 9, 2, 9], &[1, 2]),
        (Uyvy, 2, 2, Some(6), &[9, 1, 9, 2, 9, 9, 9, 3, 9, 4], &[1, 2, 3, 4]),
        (Nv12, 2, 2, None, &[1, 2, 3, 4, 9, 9], &[1, 2, 3, 4]),
        (Nv21, 2, 2, Some(3), &[1, 2, 9, 3, 4, 9, 9, 9], &[1, 2, 3, 4]),
        (Yv12, 3, 1, None, &[1, 2, 3, 9, 9], &[1, 2, 3]),
        (I420, 1, 3, None, &[1, 2, 3], &[1, 2, 3]),
        (Grey, 2, 2, Some(4), &[1, 2, 9, 9, 3, 4], &[1, 2, 3, 4]),
        (Rgb24, 2, 1, None, &[255, 0, 0, 0, 0, 255], &[76, 28]),
        (Bgr24, 2, 1, None, &[255, 0, 0, 0, 0, 255], &[28, 76]),
        (Rgb24, 1, 2, Some(5), &[255, 255, 255, 9, 9, 0, 255, 0], &[255, 149]),
    ] {
        let frame = to_luma(&layout(format, width, height, stride), bytes).unwrap();
        assert_eq!((frame.width(), frame.height(), frame.pixels()), (width, height, expected), "{format:?}");
        // One byte less than to the last pixel is an error; every shorter buffer is.
        let last = stride.unwrap_or(layout(format, width, height, None).tight()) * (height - 1);
        for short in 0..last + width * format.steps().0 {
            let error = to_luma(&layout(format, width, height, stride), &bytes[..short]).unwrap_err();
            assert_eq!(error.code(), "broken-frame", "{format:?} {short}");
        }
    }
}

#[test]
fn impossible_sizes_and_strides_are_errors() {
    use PixelFormat::*;
    let bytes = [0; 64];
    for format in [Yuyv, Uyvy, Nv12, Nv21, Yv12, I420, Grey, Rgb24, Bgr24] {
        for (width, height, stride) in [
            (0, 1, None),
            (1, 0, None),
            (0, 0, Some(0)),
            (4, 4, Some(0)),
            (4, 4, Some(3)),
            (4, 4, Some(usize::MAX)),
            (4, 4, Some(usize::MAX / 2)),
            (MAX_SIDE + 1, 1, None),
            (1, usize::MAX, None),
            (usize::MAX, usize::MAX, Some(usize::MAX)),
        ] {
            let layout = layout(format, width, height, stride);
            let error = to_luma(&layout, &bytes).unwrap_err();
            assert_eq!(error.code(), "broken-frame", "{layout:?}");
            let _ = layout.with_stride_for(bytes.len());
        }
    }
}

#[test]
fn a_padded_buffer_tells_its_stride() {
    use PixelFormat::*;
    for (format, width, height, buffer, stride) in [
        (Yuyv, 1280, 720, 1280 * 720 * 2, None),
        (Yuyv, 1280, 720, 1280 * 720 * 2 + 4096, None),
        (Yuyv, 1366, 768, 2752 * 768, Some(2752)),
        (Yuyv, 640, 480, 640 * 480 * 4, None),
        (Grey, 636, 480, 640 * 480, Some(640)),
        (Nv12, 1270, 720, 1280 * 1080, Some(1280)),
        (I420, 1280, 720, 1280 * 1080, None),
        (Mjpeg, 1280, 720, 1300 * 720, None),
        (Grey, 640, 480, 0, None),
    ] {
        let found = layout(format, width, height, None).with_stride_for(buffer).stride;
        assert_eq!(found, stride, "{format:?} {width} × {height} in {buffer}");
    }
    assert_eq!(layout(Grey, 2, 2, Some(9)).with_stride_for(6).stride, Some(9));
}

/// A ramp with a dark square, as JPEG in colour, whose encoder uses the standard's tables.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let light = if (8..20).contains(&x) && (8..20).contains(&y) { 10 } else { 60 + (x + y) % 180 };
            let [light, _] = light.to_le_bytes();
            rgb.extend([light, light, light]);
        }
    }
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode(&rgb, width.into(), height.into(), ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

/// Without its DHT segments.
fn stripped(jpeg: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (jpeg[..2].to_vec(), 2);
    while jpeg[at + 1] != 0xDA {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != 0xC4 {
            out.extend(&jpeg[at..at + length]);
        }
        at += length;
    }
    out.extend(&jpeg[at..]);
    out
}

#[test]
fn jpeg_with_and_without_tables_is_the_same_picture() {
    for (width, height) in [(64, 48), (33, 17), (1, 1)] {
        let whole = jpeg(width, height);
        let bare = stripped(&whole);
        assert!(bare.len() + 400 < whole.len());
        let frame = mjpeg(&whole).unwrap();
        assert_eq!((frame.width(), frame.height()), (width.into(), height.into()));
        assert_eq!(mjpeg(&bare).unwrap(), frame);
        // The rest of a buffer, with what an earlier frame left there.
        let rest = [&bare[..], &[0; 100], &whole[..]].concat();
        assert_eq!(to_luma(&layout(PixelFormat::Mjpeg, 0, 0, None), &rest).unwrap(), frame);
        let other = image::load_from_memory_with_format(&whole, ImageFormat::Jpeg).unwrap().into_luma8();
        for (ours, theirs) in frame.pixels().iter().zip(other.pixels()) {
            assert!(ours.abs_diff(theirs.0[0]) <= 4, "{ours} {theirs:?}");
        }
    }
}

#[test]
fn damaged_jpeg_is_an_error_or_a_picture_but_never_a_panic() {
    let whole = jpeg(64, 48);
    let bare = stripped(&whole);
    for cut in 0..bare.len() {
        let _ = mjpeg(&bare[..cut]);
    }
    // Every byte turned over, one at a time, and a few together.
    for at in 0..whole.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            bytes[(at * 7 + 13) % bare.len()] ^= flip.rotate_left(3);
            if let Ok(frame) = mjpeg(&bytes) {
                assert!(frame.width() <= MAX_SIDE && frame.height() <= MAX_SIDE);
            }
        }
    }
    let sof = whole.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let huge = |high: u8| {
        let mut bytes = whole.clone();
        bytes[sof + 5] = high;
        bytes[sof + 7] = high;
        bytes
    };
    let progressive = [&whole[..sof + 1], &[0xC2], &whole[sof + 2..]].concat();
    for bytes in
        [&b""[..], b"\xFF\xD8", b"\xFF\xD8\xFF\xDA", b"junk", &huge(0x0F), &huge(0x7F), &progressive, &whole[..99]]
    {
        assert_eq!(mjpeg(bytes).unwrap_err().code(), "broken-frame");
    }
}

#[test]
fn fourccs_are_known() {
    for fourcc in ["YUYV", "UYVY", "NV12", "NV21", "YV12", "YU12", "GREY", "RGB3", "BGR3", "MJPG"] {
        assert!(PixelFormat::from_fourcc(fourcc.as_bytes().try_into().unwrap()).is_some(), "{fourcc}");
    }
    assert_eq!(PixelFormat::from_fourcc(*b"H264"), None);
}

/// `cargo test --release -p greenlit-camera --lib luma -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
fn measure() {
    let jpeg = jpeg(1280, 720);
    let yuyv = vec![7; 1280 * 720 * 2];
    let started = std::time::Instant::now();
    (0..50).for_each(|_| drop(mjpeg(&jpeg).unwrap()));
    println!("720p JPEG of {} KB: {:?}", jpeg.len() / 1000, started.elapsed() / 50);
    let started = std::time::Instant::now();
    (0..50).for_each(|_| drop(to_luma(&layout(PixelFormat::Yuyv, 1280, 720, None), &yuyv).unwrap()));
    println!("720p YUYV: {:?}", started.elapsed() / 50);
}
