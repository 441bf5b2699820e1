//! Pictures of QR codes, good and odd: what is in them is read, and nothing stalls or panics.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use greenlit_qr::LumaFrame;
use greenlit_qr::encode::QrPicture;
use greenlit_qr::read;
use greenlit_testkit::cli::CliHarness;

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
        read(frame, ALL_DAY).symbols.into_iter().map(|symbol| String::from_utf8(symbol.payload).unwrap()).collect();
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
    let desk = CliHarness::with_till();
    let (good, _) = desk.issue("a", &[]);
    let (other, _) = desk.issue("a", &[]);
    let (revoked, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
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
        assert!(reading.symbols.is_empty(), "{what}");
    }
}

#[test]
fn pictures_come_as_png_jpeg_and_pgm_in_every_depth_and_with_transparency() {
    use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, Rgba};
    let desk = CliHarness::new();
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

/// A code, each pixel by whether it is of a dark module.
fn drawn<P: image::Pixel>(text: &str, pixel: impl Fn(bool) -> P) -> image::ImageBuffer<P, Vec<P::Subpixel>> {
    let (side, modules) = QrPicture::new(text).unwrap().modules();
    let (scale, quiet) = (6, 4);
    let width = ((side + 2 * quiet) * scale) as u32;
    image::ImageBuffer::from_fn(width, width, |x, y| {
        let at = |pixel: u32| (pixel as usize / scale).checked_sub(quiet).filter(|at| *at < side);
        pixel(at(x).zip(at(y)).is_some_and(|(x, y)| modules[y * side + x]))
    })
}

#[test]
fn a_code_on_transparent_ground_is_read_whichever_colour_it_is_drawn_in() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    for (name, ink) in [("black.png", 0_u8), ("white.png", 255)] {
        // Ink where the module is of the ink's colour; white ink draws what black ink leaves out.
        let picture = drawn(&text, |dark| image::LumaA(if dark == (ink == 0) { [ink, 255] } else { [0, 0] }));
        picture.save(desk.path(name)).unwrap();
        let run = desk.till(&["check", "--json", name]);
        assert_eq!(run.json()[0]["code"], "OK", "{name}: {run:#?}");
    }
}

#[test]
fn a_code_as_light_as_its_paper_is_read_by_its_colour() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    // Of the same luma (ITU-R BT.709 §3.2): green on red, blue on brown.
    for (name, ink, paper) in [
        ("green.png", [10_u8, 120, 10], [220, 50, 85]),
        ("blue.png", [20, 60, 250], [160, 40, 37]),
        ("green.jpg", [10, 120, 10], [220, 50, 85]),
    ] {
        let luma = |[red, green, blue]: [i32; 3]| (2_126 * red + 7_152 * green + 722 * blue) / 10_000;
        assert!((luma(ink.map(i32::from)) - luma(paper.map(i32::from))).abs() < 3, "{name}");
        let picture = drawn(&text, |dark| image::Rgb(if dark { ink } else { paper }));
        picture.save(desk.path(name)).unwrap();
        let run = desk.till(&["check", "--json", name]);
        assert_eq!(run.json()[0]["code"], "OK", "{name}: {run:#?}");
    }
}
