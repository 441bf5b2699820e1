//! Codes in every kind of trouble, pictures made to stall or break the reader, and streams.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use greenlit_qr::{Hint, LiveReader, LumaFrame, Symbol, read};
use qrcode::{Color, EcLevel, QrCode, Version};

use crate::frames::{self, Chance, Fold, Hidden, View};

/// Where it is asked what is read, and not how fast.
const ALL_DAY: Duration = Duration::from_secs(86_400);
const STILL: Duration = Duration::from_millis(1_500);
const LIVE: Duration = Duration::from_millis(25);

/// How many of `count` frames are read; any other payload than the right one is a failure.
fn reads(view: View, count: u64) -> u64 {
    (0..count)
        .filter(|seed| {
            let text = frames::text(*seed);
            // Every frame is turned another way.
            let view = View { turn: view.turn + *seed as f32 * 0.7, ..view };
            let reading = read(&frames::frame(&text, &view, *seed), ALL_DAY);
            assert!(reading.payloads().iter().all(|payload| *payload == text.as_bytes()), "a wrong payload: {view:?}");
            !reading.symbols.is_empty()
        })
        .count() as u64
}

#[test]
fn codes_in_trouble_are_read() {
    let clear = View::CLEAR;
    let mut failing = Vec::new();
    let troubles = [
        ("clear", clear),
        ("small modules", View { module: 1.8, ..clear }),
        ("large modules", View { version: 5, module: 8.0, ..clear }),
        ("a small version", View { version: 4, module: 9.0, ..clear }),
        ("a dense code", View { version: 20, module: 3.0, ..clear }),
        ("tilted", View { tilt: 0.15, ..clear }),
        ("inverted", View { inverted: true, ..clear }),
        ("mirrored", View { mirrored: true, ..clear }),
        ("inverted and mirrored", View { inverted: true, mirrored: true, ..clear }),
        ("half a module of quiet zone", View { quiet: 0.5, ..clear }),
        ("little contrast", View { dark: 100.0, light: 118.0, noise: 1.0, ..clear }),
        ("dim", View { dark: 6.0, light: 40.0, noise: 4.0, ..clear }),
        ("noise", View { noise: 35.0, ..clear }),
        ("blur", View { blur: 0.5, ..clear }),
        ("out of focus", View { blur: 0.7, noise: 4.0, ..clear }),
        ("a dense code out of focus", View { version: 16, module: 4.0, blur: 0.7, ..clear }),
        ("glare", View { glare: 140.0, ..clear }),
        ("shadow", View { shadow: 0.7, ..clear }),
        ("bent", View { bent: 1.5, ..clear }),
    ];
    for (name, view) in troubles {
        let read = reads(view, 6);
        failing.extend((read < 5).then(|| format!("{name}: {read} of 6")));
    }
    assert!(failing.is_empty(), "{failing:?}");
}

#[test]
fn codes_with_a_hidden_finder_are_read() {
    let mut failing = Vec::new();
    for hidden in [Hidden::Thumb, Hidden::Torn, Hidden::Lamp] {
        for finder in 0..3 {
            let views = [(8, 4.0, 0.05), (8, 2.6, 0.1), (12, 4.0, 0.1), (14, 3.0, 0.0)];
            let read: u64 = views
                .into_iter()
                .map(|(version, module, tilt)| {
                    let view = View { version, module, tilt, hidden: Some((finder, hidden)), ..View::CLEAR };
                    reads(view, 2)
                })
                .sum();
            failing.extend((read < 5).then(|| format!("{hidden:?} on {finder}: {read} of 8")));
        }
    }
    assert!(failing.is_empty(), "{failing:?}");
}

#[test]
fn codes_on_folded_and_rolled_paper_are_read() {
    let mut failing = Vec::new();
    let fold = Fold { at: 0.5, width: 0.8, slope: 0.06, light: 0.75, across: false };
    let papers = [
        ("folded in the middle", 0.0, Some(fold)),
        ("folded across", 0.0, Some(Fold { across: true, ..fold })),
        ("folded near a side", 0.0, Some(Fold { at: 0.35, width: 0.75, ..fold })),
        ("folded upwards", 0.0, Some(Fold { at: 0.6, slope: -0.1, light: 1.0, ..fold })),
        ("rolled", 5.0, None),
        ("rolled the other way", -5.0, None),
    ];
    for (name, bent, fold) in papers {
        let views = [(6, 4.5), (8, 4.0), (10, 4.0), (12, 3.5)];
        let read: u64 = views
            .into_iter()
            .map(|(version, module)| reads(View { version, module, bent, fold, tilt: 0.0, ..View::CLEAR }, 2))
            .sum();
        failing.extend((read < 6).then(|| format!("{name}: {read} of 8")));
    }
    assert!(failing.is_empty(), "{failing:?}");
}

#[test]
fn several_codes_are_all_read_and_each_once() {
    let places = [(0.17, 0.25), (0.5, 0.25), (0.83, 0.25), (0.17, 0.75), (0.5, 0.75), (0.83, 0.75)];
    let mut pixels = frames::background(5);
    let mut wanted = Vec::new();
    let view = View { version: 5, module: 3.5, ..View::CLEAR };
    for (i, middle) in places.into_iter().enumerate() {
        // The last one says the same as the first.
        let text = frames::text(i as u64 % 5);
        frames::put(&mut pixels, &text, &View { middle, inverted: false, turn: i as f32, ..view });
        wanted.push(text.into_bytes());
    }
    wanted.truncate(5);
    let reading = read(&frames::finished(pixels, &view, 5), ALL_DAY);
    let mut payloads = reading.payloads();
    payloads.sort();
    wanted.sort();
    assert_eq!(payloads, wanted);
}

#[test]
fn a_small_code_beside_a_large_one_is_read_wherever_it_lies() {
    // Rows are gone through in passes: wherever its finders lie among them.
    for down in 0..12 {
        let (width, height) = (1280, 720);
        let mut pixels = vec![230; width * height];
        for (text, module, left, top) in [("large", 8, 60, 60), ("small", 2, 900, 300 + down)] {
            let code = QrCode::with_version(text, Version::Normal(2), EcLevel::M).unwrap();
            for (at, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
                let (x, y) = (left + at % code.width() * module, top + at / code.width() * module);
                for row in y..y + module {
                    pixels[row * width + x..][..module].fill(30);
                }
            }
        }
        let frame = LumaFrame::new(width, height, pixels).unwrap();
        for symbols in [read(&frame, ALL_DAY).symbols, LiveReader::new().frame(&frame, 0, ALL_DAY).symbols] {
            let mut payloads: Vec<&[u8]> = symbols.iter().map(|symbol| symbol.payload.as_slice()).collect();
            payloads.sort();
            assert_eq!(payloads, [b"large", b"small"], "{down}");
        }
    }
}

/// Pictures that show many things like finders, or nothing, or are of odd sizes.
fn nasty(kind: usize, width: usize, height: usize) -> LumaFrame {
    let mut chance = Chance(kind as u64);
    let pixel = |i: usize, chance: &mut Chance| {
        let (x, y) = (i % width, i / width);
        match kind {
            0 => (chance.bits() >> 56) as u8,
            1 => {
                if (x / 4 + y / 4).is_multiple_of(2) {
                    255
                } else {
                    0
                }
            }
            2 => {
                let ring = (x % 28).abs_diff(14).max((y % 28).abs_diff(14));
                if ring < 5 || (8..11).contains(&ring) { 10 } else { 240 }
            }
            3 => 127,
            4 => ((x * x + y * y) / 97) as u8,
            _ => {
                if (chance.bits() >> 60) < 8 {
                    255
                } else {
                    0
                }
            }
        }
    };
    LumaFrame::new(width, height, (0..width * height).map(|i| pixel(i, &mut chance)).collect()).unwrap()
}

/// Reads a picture that is to cost at most this, and gives what was read. Processor time, and the least of a
/// few tries: neighbours slow down a step, and the machine under a virtual one takes time away, but not always.
fn keeps_to(frame: &LumaFrame, budget: Duration, what: &str) -> Vec<Symbol> {
    let mut least = Duration::MAX;
    for _ in 0..8 {
        let reading = read(frame, budget);
        least = least.min(reading.cpu);
        // Twice the budget leaves room for a slow machine; the ruler holds it to a tenth.
        if least < budget * 2 {
            return reading.symbols;
        }
    }
    panic!("{what}: {least:?} of {budget:?}");
}

#[test]
fn no_picture_stalls_the_reader_or_is_read_as_what_it_is_not() {
    for (width, height) in [(1, 1), (2, 900), (900, 3), (37, 41), (640, 480), (1_280, 720), (2_600, 1_800)] {
        for kind in 0..6 {
            let frame = nasty(kind, width, height);
            for budget in [LIVE, STILL] {
                let payloads = keeps_to(&frame, budget, &format!("{kind} at {width} × {height}"));
                assert!(payloads.is_empty(), "{kind} at {width} × {height}");
            }
        }
    }
}

#[test]
fn the_largest_pictures_keep_to_their_budget() {
    for kind in [0, 1, 2] {
        let frame = nasty(kind, 8_000, 8_000);
        for budget in [LIVE, STILL] {
            assert!(keeps_to(&frame, budget, &format!("{kind}")).is_empty(), "{kind}");
        }
    }
}

#[test]
fn the_largest_codes_keep_to_their_budget() {
    // However blurred, and whether or not they can be read.
    for (version, module, blur) in [(40, 2.6, 0.4), (40, 2.6, 0.7), (40, 2.6, 1.0), (32, 3.2, 0.8), (25, 4.0, 0.9)] {
        let view = View { version, module, blur, quiet: 1.0, turn: 0.0, tilt: 0.0, ..View::CLEAR };
        let frame = frames::frame(&frames::text(1), &view, 1);
        for budget in [LIVE, STILL] {
            keeps_to(&frame, budget, &format!("version {version}"));
        }
        assert!(blur > 0.5 || !read(&frame, ALL_DAY).symbols.is_empty(), "version {version}");
    }
}

/// The number of the first frame read.
fn first_read(frames: &[LumaFrame], text: &str) -> Option<usize> {
    let mut reader = LiveReader::new();
    frames.iter().enumerate().find_map(|(i, frame)| {
        let reading = reader.frame(frame, i as u64 * 33, ALL_DAY);
        let payloads = reading.payloads();
        assert!(payloads.iter().all(|payload| *payload == text.as_bytes()));
        (!payloads.is_empty()).then_some(i)
    })
}

#[test]
fn a_stream_is_read_where_its_frames_are_not() {
    let (mut together, mut alone) = (0, 0);
    for (seed, noise) in (0..).zip([30.0, 36.0, 42.0, 48.0, 54.0, 60.0]) {
        let text = frames::text(seed);
        let stream = frames::stream(&text, &View { module: 2.5, noise, blur: 0.4, ..View::CLEAR }, 12, seed);
        together += first_read(&stream, &text).map_or(12, |first| first + 1);
        alone += stream.iter().position(|frame| !read(frame, ALL_DAY).symbols.is_empty()).map_or(12, |first| first + 1);
    }
    assert!(together < alone, "{together} frames together, {alone} alone");
}

#[test]
fn a_code_coming_into_focus_is_read_long_before_it_is_sharp() {
    let mut missing = Vec::new();
    for (seed, (version, module)) in (0..).zip([(8, 2.6), (8, 4.0), (12, 3.0), (16, 2.6), (20, 3.0)]) {
        let text = frames::text(seed);
        let view = View { version, module, noise: 5.0, ..View::CLEAR };
        // From hopeless to quite sharp in thirty frames; what is read first looks like nothing but smears.
        let blur = |i: u64| 1.0 - 0.03 * i as f32;
        let stream: Vec<LumaFrame> = (0..30)
            .map(|i| frames::stream(&text, &View { blur: blur(i), ..view }, 1, seed * 100 + i).remove(0))
            .collect();
        match first_read(&stream, &text) {
            Some(first) if blur(first as u64) > 0.72 => {}
            first => missing.push((version, module, first)),
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_code_that_cannot_be_read_does_not_keep_another_from_being_read() {
    let (spoilt, text) = (frames::text(1), frames::text(2));
    let view = |x: f32| View { middle: (x, 0.5), ..View::CLEAR };
    let mut reader = LiveReader::new();
    let mut read_at = None;
    for i in 0..30_u64 {
        let mut pixels = frames::background(5);
        frames::put(&mut pixels, &spoilt, &view(0.22));
        // Its finders are whole, most of the rest is hidden by a thumb.
        let (left, top) = (0.22 * frames::WIDTH as f32, 0.5 * frames::HEIGHT as f32);
        for (at, pixel) in pixels.iter_mut().enumerate() {
            let (x, y) = ((at % frames::WIDTH) as f32 - left, (at / frames::WIDTH) as f32 - top);
            if x.abs() < 98.0 && y.abs() < 45.0 || y.abs() < 98.0 && x.abs() < 45.0 {
                *pixel = 120.0;
            }
        }
        // The guest behind comes into view.
        if i >= 12 {
            frames::put(&mut pixels, &text, &view(0.75));
        }
        let reading = reader.frame(&frames::finished(pixels, &view(0.5), i), i * 33, ALL_DAY);
        let payloads = reading.payloads();
        if !payloads.is_empty() {
            assert_eq!(payloads, [text.as_bytes()]);
            read_at = Some(i);
            break;
        }
    }
    assert!(read_at.is_some_and(|at| (12..20).contains(&at)), "{read_at:?}");
}

#[test]
fn a_code_that_is_read_does_not_hide_the_next() {
    let (poster, pass) = (frames::text(4), frames::text(5));
    let view = |x: f32| View { middle: (x, 0.5), module: 3.5, ..View::CLEAR };
    let mut reader = LiveReader::new();
    let mut both = 0;
    for i in 0..16_u64 {
        let mut pixels = frames::background(6);
        frames::put(&mut pixels, &poster, &view(0.22));
        if i >= 8 {
            frames::put(&mut pixels, &pass, &view(0.75));
        }
        let reading = reader.frame(&frames::finished(pixels, &view(0.5), i), i * 33, ALL_DAY);
        let payloads = reading.payloads();
        assert!(payloads.contains(&poster.as_bytes()), "frame {i}");
        both += u32::from(payloads.contains(&pass.as_bytes()));
    }
    assert_eq!(both, 8, "both are told of in every frame that shows both");
}

#[test]
fn a_code_that_leaps_across_the_picture_is_found_again() {
    let text = frames::text(3);
    let mut reader = LiveReader::new();
    // Seen at the left, too blurred to be read; then sharp at the right.
    let far = View { middle: (0.25, 0.4), module: 3.0, blur: 0.95, noise: 3.0, ..View::CLEAR };
    let near = View { middle: (0.75, 0.6), module: 3.0, ..View::CLEAR };
    let reads: Vec<bool> = (0..16_u64)
        .map(|i| {
            let frame = frames::frame(&text, if i < 10 { &far } else { &near }, i);
            !reader.frame(&frame, i * 33, ALL_DAY).symbols.is_empty()
        })
        .collect();
    assert!(reads.iter().skip(10).any(|read| *read), "{reads:?}");
}

#[test]
fn an_empty_view_is_looked_at_ten_times_a_second_at_most() {
    let mut reader = LiveReader::new();
    let empty = nasty(3, 640, 480);
    let looked = (0..90_u64).filter(|i| reader.frame(&empty, i * 11, LIVE).cpu > Duration::ZERO).count();
    assert!((8..=11).contains(&looked), "{looked} looks in a second");
}

#[test]
fn hints_tell_what_is_wrong_and_go_when_a_code_is_read() {
    let clear = View::CLEAR;
    let cases = [
        (View { version: 20, middle: (0.98, 0.5), turn: 0.0, ..clear }, Hint::ShowWholeCode),
        (View { version: 12, module: 4.0, glare: 700.0, dark: 120.0, light: 250.0, ..clear }, Hint::TooMuchGlare),
    ];
    for (view, wanted) in cases {
        let text = frames::text(1);
        let mut reader = LiveReader::new();
        let mut hints = Vec::new();
        for (i, frame) in frames::stream(&text, &view, 30, 7).iter().enumerate() {
            let reading = reader.frame(frame, i as u64 * 66, ALL_DAY);
            assert!(i > 10 || reading.hint.is_none(), "too early: {:?}", reading.hint);
            hints.extend(reading.hint);
        }
        assert!(hints.contains(&wanted), "{wanted:?} not among {hints:?}");
        let clear = frames::frame(&text, &clear, 3);
        let reading = reader.frame(&clear, 3_000, ALL_DAY);
        assert_eq!((reading.symbols.len(), reading.hint), (1, None));
    }
}

/// Random pictures made of codes, noise and pieces of both, for as many seconds as `GREENLIT_FUZZ_SECONDS`
/// says: nothing may panic, take more than its budget, or be read as another payload.
#[test]
#[ignore = "runs as long as asked; GREENLIT_FUZZ_SECONDS=600 cargo test --release -p greenlit-qr --test it trouble -- --ignored"]
fn random_pictures_are_read_rightly_or_not_at_all() {
    let seconds = std::env::var("GREENLIT_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut chance = Chance(std::env::var("GREENLIT_FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1));
    let mut reader = LiveReader::new();
    let (mut rounds, mut right, mut worst) = (0_u64, 0_u64, Duration::ZERO);
    while Instant::now() < end {
        rounds += 1;
        let text = frames::text(chance.bits());
        let mut pick = |low: f32, high: f32| low + (high - low) * chance.unit();
        let view = View {
            // A text of many figures, split by kinds, does not always fit version 4.
            version: pick(5.0, 21.0) as i16,
            module: pick(1.0, 9.0),
            turn: pick(0.0, 6.3),
            tilt: pick(-0.5, 0.5),
            middle: (pick(0.2, 0.8), pick(0.2, 0.8)),
            quiet: pick(0.0, 4.0),
            dark: pick(0.0, 150.0),
            light: pick(60.0, 255.0),
            inverted: pick(0.0, 1.0) < 0.2,
            mirrored: pick(0.0, 1.0) < 0.1,
            finders: (pick(0.0, 0.9), pick(0.0, 0.9)),
            blur: pick(0.0, 0.9),
            noise: pick(0.0, 60.0),
            glare: pick(-200.0, 250.0),
            shadow: pick(0.0, 0.9),
            bent: pick(-4.0, 4.0),
            hidden: None,
            fold: (pick(0.0, 1.0) < 0.3).then(|| Fold {
                at: pick(0.1, 0.9),
                width: pick(0.5, 1.0),
                slope: pick(-0.3, 0.3),
                light: pick(0.3, 1.0),
                across: pick(0.0, 1.0) < 0.5,
            }),
        };
        let whole = frames::frame(&text, &view, rounds);
        // Bytes turned over, rows moved, and the picture cut to another width.
        let mut bytes = whole.pixels().to_vec();
        for _ in 0..chance.bits() % 4 {
            let at = chance.bits() as usize % bytes.len();
            let length = chance.bits() as usize % 20_000;
            for byte in bytes.iter_mut().skip(at).take(length) {
                *byte = byte.wrapping_mul((chance.0 >> 8) as u8 | 1).rotate_left((chance.0 & 7) as u32);
            }
        }
        let width = if chance.unit() < 0.3 { 1 + chance.bits() as usize % 900 } else { whole.width() };
        bytes.truncate(bytes.len() / width * width);
        let Some(frame) = LumaFrame::new(width, bytes.len() / width, bytes) else { continue };
        let reading = read(&frame, LIVE);
        let live = reader.frame(&frame, rounds * 33, LIVE);
        worst = worst.max(reading.cpu).max(live.cpu);
        for payload in reading.payloads().iter().chain(&live.payloads()) {
            assert_eq!(*payload, text.as_bytes(), "round {rounds}: {view:?}");
        }
        right += u64::from(!reading.symbols.is_empty());
        assert!(reading.cpu < LIVE * 2 && live.cpu < LIVE * 2, "round {rounds}: {:?} {:?}", reading.cpu, live.cpu);
    }
    assert!(rounds > 0 && right > 0, "{rounds} pictures, {right} read, the slowest {worst:?}");
}
