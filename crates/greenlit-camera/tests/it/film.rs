//! The demonstration's film: its codes are read, and it is the same every time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stderr)]

use std::time::Duration;

use greenlit_camera::film::{FPS, Film, Part, SceneTiming};
use greenlit_camera::pace::AtEnd;
use greenlit_camera::{FrameSource, SourceError};
use greenlit_qr::LumaFrame;
use greenlit_qr::encode::QrPicture;
use greenlit_qr::read;

/// What is read is asked here, and not how fast.
const BUDGET: Duration = Duration::from_secs(86_400);

/// A pass is rarely longer.
const PASS: usize = 280;

fn payload(scene: usize, length: usize) -> String {
    format!("GL1:{scene}:").chars().chain("0123456789ABCDEF $%*+-./:".chars().cycle()).take(length).collect()
}

fn scenes(scale: usize, length: usize) -> Vec<LumaFrame> {
    (0..3)
        .map(|scene| {
            let (side, modules) = QrPicture::new(&payload(scene, length)).unwrap().modules();
            let whole = (side + 8) * scale;
            let pixels = (0..whole * whole).map(|i| {
                let (x, y) = ((i % whole / scale).wrapping_sub(4), (i / whole / scale).wrapping_sub(4));
                if x < side && y < side && modules[y * side + x] { 0 } else { 255 }
            });
            LumaFrame::new(whole, whole, pixels.collect()).unwrap()
        })
        .collect()
}

#[test]
fn every_code_of_the_film_is_read() {
    // Drawn small and large; and one far denser than passes are.
    for (scale, length, thirds) in [(1, PASS, 2), (7, PASS, 2), (4, 430, 1)] {
        let mut film = Film::new(scenes(scale, length), 7, SceneTiming::default(), AtEnd::Stop, true).unwrap();
        let mut seen = [(0, 0); 3];
        for number in 0.. {
            let Some(moment) = film.scene_at(number) else { break };
            if number % 9 != 0 || moment.part != Part::Hold {
                continue;
            }
            let reading = read(&film.frame(number).unwrap(), BUDGET);
            let found = reading.payloads();
            let right = found == [payload(moment.scene, length).into_bytes()];
            seen[moment.scene].0 += usize::from(right);
            seen[moment.scene].1 += 1;
        }
        eprintln!("{length} characters, {scale} pixels a module: {seen:?} read of held");
        for (read, held) in seen {
            assert!(held >= 9 && read >= 1 && read * 3 >= held * thirds, "{seen:?}, {length} characters");
        }
    }
}

#[test]
fn a_film_is_the_same_every_time_and_tells_its_place() {
    let film = |seed| Film::new(scenes(3, PASS), seed, SceneTiming::default(), AtEnd::Stop, true).unwrap();
    let (mut one, mut other, mut third) = (film(1), film(1), film(2));
    assert!(one.now().is_none());
    let length = u64::from(SceneTiming::default().frames());
    for number in [0, 14, 20, 60, length - 1, length + 40] {
        assert_eq!(one.frame(number), other.frame(number));
        assert_ne!(one.frame(number), third.frame(number));
    }
    // A copy moves on with the others.
    let watcher = one.clone();
    let mut frames = 0;
    let mut parts = vec![];
    let end = loop {
        match one.next_frame() {
            Ok(_) => frames += 1,
            Err(error) => break error,
        }
        let moment = watcher.now().unwrap();
        parts.push((moment.scene, moment.part));
    };
    parts.dedup();
    let scene = |scene| [Part::Gap, Part::Enter, Part::Hold, Part::Leave].map(|part| (scene, part));
    assert_eq!(parts, [scene(0), scene(1), scene(2)].concat());
    assert!(matches!(end, SourceError::Ended) && watcher.now().is_none());
    assert_eq!(frames, length * 3);
    assert!(Film::new(vec![], 0, SceneTiming::default(), AtEnd::Loop, true).is_err());
    let nothing = SceneTiming { gap: 0, enter: 0, hold: 0, leave: 0 };
    assert!(Film::new(scenes(1, PASS), 0, nothing, AtEnd::Loop, true).unwrap().frame(u64::MAX).is_some());
}

#[test]
fn a_film_keeps_its_pace() {
    let mut film = Film::new(scenes(1, PASS), 1, SceneTiming::default(), AtEnd::Loop, false).unwrap();
    let started = std::time::Instant::now();
    (0..10).for_each(|_| drop(film.next_frame().unwrap()));
    assert!(started.elapsed() >= Duration::from_secs(9) / FPS, "{:?}", started.elapsed());
}

#[cfg(unix)]
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// `cargo test --release --test film -- --ignored --nocapture`
#[cfg(unix)]
#[test]
#[ignore = "a measurement, and a look at the film"]
fn measure() {
    let mut film = Film::new(scenes(4, PASS), 7, SceneTiming::default(), AtEnd::Loop, true).unwrap();
    let started = cpu();
    (0..400).for_each(|_| drop(film.next_frame().unwrap()));
    eprintln!("a frame of film: {:?} of processor time on average", (cpu() - started) / 400);
    let mut worst = Duration::ZERO;
    let mut held = Duration::ZERO;
    for number in 12..28 + 90 {
        let started = cpu();
        drop(film.frame(number).unwrap());
        held = cpu() - started;
        worst = worst.max(held);
    }
    eprintln!("held: {held:?}, the first of a scene: {worst:?}");
    if let Ok(folder) = std::env::var("FILM_TO") {
        for number in [0, 16, 22, 60, 100, 124, 132 + 70] {
            let frame = film.frame(number).unwrap();
            let header = format!("P5 {} {} 255 ", frame.width(), frame.height());
            let file = format!("{folder}/film-{number:03}.pgm");
            std::fs::write(file, [header.as_bytes(), frame.pixels()].concat()).unwrap();
        }
    }
}
