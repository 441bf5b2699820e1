//! Codes whose finders are in a brand's colour, much paler than the modules.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use greenlit_qr::{LiveReader, read};

use crate::frames::{self, View};

/// Where it is asked what is read, and not how fast.
const ALL_DAY: Duration = Duration::from_secs(86_400);

/// How pale a colour is on white, by its luma.
const ORANGE: f32 = 0.68;
const GOLD: f32 = 0.79;
const LIGHT_BLUE: f32 = 0.81;
const PINK: f32 = 0.83;

fn views() -> Vec<(String, View)> {
    let finders = [
        ("orange", (ORANGE, ORANGE)),
        ("gold", (GOLD, GOLD)),
        ("light blue", (LIGHT_BLUE, LIGHT_BLUE)),
        ("pink", (PINK, PINK)),
        ("a gold core", (GOLD, 0.0)),
        ("a gold frame", (0.0, GOLD)),
    ];
    let sizes = [(4, 10.0), (8, 5.0), (8, 8.0)];
    let all = finders.iter().flat_map(|(name, finders)| {
        sizes.iter().map(move |(version, module)| {
            let view = View { version: *version, module: *module, finders: *finders, blur: 0.15, ..View::CLEAR };
            (format!("{name}, version {version}, {module} pixels a module"), view)
        })
    });
    all.collect()
}

#[test]
fn codes_with_pale_finders_are_read() {
    let mut failing = Vec::new();
    for (name, view) in views() {
        let right = (0..4).filter(|seed| {
            let text = frames::text(*seed);
            // Turned this way and that, but not so far that a large one leaves the picture.
            let view = View { turn: [-0.15, 0.1, 1.5, 3.2][*seed as usize], ..view };
            let reading = read(&frames::frame(&text, &view, *seed), ALL_DAY);
            assert!(reading.payloads().iter().all(|payload| *payload == text.as_bytes()), "{name}");
            !reading.symbols.is_empty()
        });
        let right = right.count();
        failing.extend((right < 4).then(|| format!("{name}: {right} of 4")));
    }
    assert!(failing.is_empty(), "{failing:?}");
}

#[test]
fn a_stream_of_a_code_with_pale_finders_is_read_within_a_second() {
    for (seed, (name, view)) in (0..).zip(views().into_iter().skip(1).step_by(3)) {
        let text = frames::text(seed);
        let mut reader = LiveReader::new();
        let stream = frames::stream(&text, &view, 10, seed);
        let read = stream.iter().zip(0..).position(|(frame, i)| {
            // The first frame at another moment of the idle reader's round each time.
            let reading = reader.frame(frame, i * 100, ALL_DAY);
            assert!(reading.payloads().iter().all(|payload| *payload == text.as_bytes()), "{name}");
            !reading.symbols.is_empty()
        });
        assert!(read.is_some(), "{name}");
        // And goes on being read.
        let again = frames::frame(&text, &view, seed + 100);
        assert!((10..13).any(|i| !reader.frame(&again, i * 100, ALL_DAY).symbols.is_empty()), "{name}");
    }
}
