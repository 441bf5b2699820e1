//! Pictures of QR codes, good and odd: what is in them is read, and nothing stalls or panics.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli;

use std::time::Duration;

use cli::Desk;
use greenlit::luma::LumaFrame;
use greenlit::qr::{QrPicture, read};
use qrcode::bits::{Bits, ExtendedMode};
use qrcode::{EcLevel, QrCode, Version};

/// Where it is asked what is read, and not how fast.
const ALL_DAY: Duration = Duration::from_secs(86_400);
const BUDGET: Duration = Duration::from_millis(1_500);

/// A white picture with codes drawn at these places, so many pixels a module.
fn picture(width: usize, height: usize, codes: &[(&str, usize, usize, usize)]) -> LumaFrame {
    let mut pixels = vec![255; width * height];
    for (text, left, top, scale) in codes {
        let (side, modules) = QrPicture::new(text).unwrap().modules();
        draw(&mut pixels, width, side, &modules, (*left, *top), *scale);
    }
    LumaFrame::new(width, height, pixels).unwrap()
}

fn draw(pixels: &mut [u8], width: usize, side: usize, modules: &[bool], (left, top): (usize, usize), scale: usize) {
    for y in 0..side * scale {
        for x in 0..side * scale {
            if modules[(y / scale) * side + x / scale] {
                pixels[(top + y) * width + left + x] = 0;
            }
        }
    }
}

fn texts(frame: &LumaFrame) -> Vec<String> {
    let mut texts: Vec<_> =
        read(frame, ALL_DAY).payloads.into_iter().map(|payload| String::from_utf8(payload).unwrap()).collect();
    texts.sort();
    texts
}

#[test]
fn every_code_in_view_is_told_once() {
    let frame = picture(
        900,
        400,
        &[("FIRST CODE", 40, 60, 6), ("https://example.org/second", 320, 60, 6), ("FIRST CODE", 640, 80, 5)],
    );
    assert_eq!(texts(&frame), ["FIRST CODE", "https://example.org/second"]);
}

#[test]
fn of_several_passes_the_worst_answers_and_a_pass_beats_what_is_none() {
    let desk = Desk::with_till();
    let (good, _) = desk.issue("a", &[]);
    let (other, _) = desk.issue("a", &[]);
    let (revoked, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).ends(0);
    desk.issuer(&["publish", "a", "pub"]).ends(0);
    desk.till(&["sync", "pub"]).ends(0);
    let forged = good.replacen("GL1:", "GL1:00", 1);
    let newer = good.replacen("GL1:", "GL3:", 1);
    let link = "https://cafe.example/menu".to_owned();
    let answer = |texts: &[&String]| {
        let codes: Vec<_> = texts.iter().enumerate().map(|(i, t)| (t.as_str(), 40 + i * 320, 40, 5)).collect();
        let frame = picture(1_040, 360, &codes);
        let mut pgm = format!("P5 {} {} 255 ", frame.width(), frame.height()).into_bytes();
        pgm.extend(frame.pixels());
        desk.write("several.pgm", pgm);
        let run = desk.till(&["check", "--json", "several.pgm"]);
        (run.json()[0]["answer"].as_str().unwrap().to_owned(), run.code)
    };
    let is = |answer: &str, code: i32| (answer.to_owned(), code);
    assert_eq!(answer(&[&good, &other]), is("valid", 0));
    assert_eq!(answer(&[&link, &good]), is("valid", 0));
    assert_eq!(answer(&[&good, &newer]), is("cannot-tell", 2));
    assert_eq!(answer(&[&newer, &good, &revoked]), is("refused", 1));
    assert_eq!(answer(&[&revoked, &forged, &good]), is("not-genuine", 1));
    assert_eq!(answer(&[&link]), is("not-a-pass", 1));
    assert_eq!(answer(&[]), is("no-code", 1));
}

/// The symbol of these bits at version 10, M.
fn symbol(fill: impl FnOnce(&mut Bits)) -> LumaFrame {
    let mut bits = Bits::new(Version::Normal(10));
    fill(&mut bits);
    bits.push_terminator(EcLevel::M).unwrap();
    let code = QrCode::with_bits(bits, EcLevel::M).unwrap();
    let modules: Vec<bool> = code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
    let (side, scale) = (code.width(), 6);
    let width = (side + 8) * scale;
    let mut pixels = vec![255; width * width];
    draw(&mut pixels, width, side, &modules, (4 * scale, 4 * scale), scale);
    LumaFrame::new(width, width, pixels).unwrap()
}

#[test]
fn a_code_that_switches_character_sets_or_is_one_of_several_is_never_a_pass() {
    let text = b"GL1:SOME TEXT OF A PASS";
    let plain = symbol(|bits| bits.push_alphanumeric_data(text).unwrap());
    assert_eq!(read(&plain, ALL_DAY).payloads, [text.to_vec()]);
    let bytes = symbol(|bits| bits.push_byte_data(text).unwrap());
    assert_eq!(read(&bytes, ALL_DAY).payloads, [text.to_vec()]);
    for designator in [3, 20, 26] {
        let eci = symbol(|bits| {
            bits.push_eci_designator(designator).unwrap();
            bits.push_byte_data(text).unwrap();
        });
        assert!(read(&eci, ALL_DAY).payloads.is_empty(), "ECI {designator}");
    }
    // The mark may also stand further in, where the first bits look innocent.
    let late = symbol(|bits| {
        bits.push_alphanumeric_data(&text[..4]).unwrap();
        bits.push_eci_designator(26).unwrap();
        bits.push_byte_data(&text[4..]).unwrap();
    });
    assert!(read(&late, ALL_DAY).payloads.is_empty());
    let after_nothing = symbol(|bits| {
        bits.push_alphanumeric_data(b"").unwrap();
        bits.push_eci_designator(26).unwrap();
        bits.push_alphanumeric_data(text).unwrap();
    });
    assert!(read(&after_nothing, ALL_DAY).payloads.is_empty());
    // What is no pass may be written as it likes.
    let link = symbol(|bits| {
        bits.push_eci_designator(26).unwrap();
        bits.push_byte_data("https://пример.рф/".as_bytes()).unwrap();
    });
    assert_eq!(read(&link, ALL_DAY).payloads.len(), 1);
    let one_of_several = symbol(|bits| {
        bits.push_mode_indicator(ExtendedMode::StructuredAppend).unwrap();
        bits.push_alphanumeric_data(text).unwrap();
    });
    assert!(read(&one_of_several, ALL_DAY).payloads.is_empty());
    let fnc1 = symbol(|bits| {
        bits.push_fnc1_first_position().unwrap();
        bits.push_alphanumeric_data(text).unwrap();
    });
    assert!(read(&fnc1, ALL_DAY).payloads.is_empty());
}

#[test]
fn a_plain_pass_is_told_at_every_size_mirrored_and_damaged() {
    for length in [30, 120, 215, 400] {
        let text = format!("GL1:{}", "7A$K*".repeat(length / 5));
        let (side, modules) = QrPicture::new(&text).unwrap().modules();
        let mirrored: Vec<bool> = (0..side * side).map(|i| modules[i % side * side + i / side]).collect();
        // A torn corner, where the first bits of the text stand; error correction mends it.
        let torn = side - 4;
        let damaged: Vec<bool> = (0..side * side).map(|i| modules[i] && (i % side < torn || i / side < torn)).collect();
        for modules in [modules, mirrored, damaged] {
            let width = (side + 8) * 6;
            let mut pixels = vec![255; width * width];
            draw(&mut pixels, width, side, &modules, (24, 24), 6);
            assert_eq!(texts(&LumaFrame::new(width, width, pixels).unwrap()), [text.as_str()]);
        }
    }
}

#[test]
fn odd_pictures_end_in_time_and_without_a_panic() {
    // A fixed linear congruence: the same noise every time.
    let mut state = 12_345u32;
    let mut noise = |n: usize| -> Vec<u8> {
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    };
    let checks = |side: usize, w: usize, h: usize| -> Vec<u8> {
        (0..w * h).map(|i| if (i % w / side + i / w / side).is_multiple_of(2) { 0 } else { 255 }).collect()
    };
    let finder = |w: usize, h: usize| -> Vec<u8> {
        let dark = |x: usize, y: usize| {
            let (x, y) = (x / 2 % 9, y / 2 % 9);
            let ring = x.abs_diff(4).max(y.abs_diff(4));
            ring <= 1 || ring == 3
        };
        (0..w * h).map(|i| if dark(i % w, i / w) { 0 } else { 255 }).collect()
    };
    for (what, width, height, pixels) in [
        ("one pixel", 1, 1, vec![0]),
        ("a line", 5_000, 1, vec![0; 5_000]),
        ("a column", 1, 5_000, vec![255; 5_000]),
        ("black", 1_280, 720, vec![0; 1_280 * 720]),
        ("noise", 1_280, 720, noise(1_280 * 720)),
        ("fine checks", 1_280, 720, checks(1, 1_280, 720)),
        ("checks", 1_280, 720, checks(7, 1_280, 720)),
        ("nothing but finders", 1_280, 720, finder(1_280, 720)),
        ("a huge picture", 8_000, 8_000, checks(90, 8_000, 8_000)),
    ] {
        let frame = LumaFrame::new(width, height, pixels).unwrap();
        let reading = read(&frame, BUDGET);
        // In processor time, for other tests share the machine. A stall would be minutes.
        assert!(reading.cpu < 5 * BUDGET, "{what} took {:?}", reading.cpu);
        assert!(reading.payloads.is_empty(), "{what}");
    }
}

#[test]
fn pictures_come_as_png_jpeg_and_pgm_in_every_depth_and_with_transparency() {
    use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, Rgba};
    let desk = Desk::new();
    let text = "https://example.org/";
    let frame = picture(260, 260, &[(text, 40, 40, 6)]);
    let gray = GrayImage::from_raw(260, 260, frame.pixels().to_vec()).unwrap();
    let paper = DynamicImage::ImageLuma8(gray.clone());
    let ink_alone = image::ImageBuffer::from_fn(260, 260, |x, y| {
        if gray.get_pixel(x, y).0[0] == 0 { LumaA([0, 255]) } else { LumaA([0, 0]) }
    });
    let colour = image::ImageBuffer::from_fn(260, 260, |x, y| {
        if gray.get_pixel(x, y).0[0] == 0 { Rgba([20, 0, 90, 255]) } else { Rgba([250, 240, 200, 255]) }
    });
    let deep = image::ImageBuffer::from_fn(260, 260, |x, y| Luma([u16::from(gray.get_pixel(x, y).0[0]) * 257]));
    for (name, picture, format) in [
        ("gray.png", paper.clone(), ImageFormat::Png),
        ("gray.jpg", paper.clone(), ImageFormat::Jpeg),
        ("gray.pgm", paper, ImageFormat::Pnm),
        ("ink.png", DynamicImage::ImageLumaA8(ink_alone), ImageFormat::Png),
        ("colour.png", DynamicImage::ImageRgba8(colour), ImageFormat::Png),
        ("deep.png", DynamicImage::ImageLuma16(deep), ImageFormat::Png),
    ] {
        picture.save_with_format(desk.path(name), format).unwrap();
        let run = desk.till(&["check", "--json", "--codes", name]);
        assert_eq!(run.json()[0]["codes"][0]["hex"], hex::encode(text), "{name}: {run:#?}");
    }
}
