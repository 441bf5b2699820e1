//! What the window costs: an answer drawn, the first frame of the camera, a minute of the demonstration.
//!
//! The window runs as a user runs it, under Xvfb, whose screen is a file that is looked at from here.
//! `cargo bench --bench window -- --write benches/README.md` writes the table there.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

mod report;

fn greenlit() -> std::path::PathBuf {
    greenlit_testkit::cli::program("greenlit")
}
const SIZE: (u32, u32) = (1_280, 800);
/// Of the demonstration, measured after its first frames.
const RUN: Duration = Duration::from_secs(60);
const STARTS: usize = 9;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = String::from("| what | aim | measured |\n|---|---|---|\n");
    answer_drawn(&mut table, folder.path());
    match Screen::start(folder.path()) {
        Some(screen) => {
            first_frame(&mut table, folder.path(), &screen);
            a_still_scene(&mut table, folder.path(), &screen);
            a_minute(&mut table, &screen);
        }
        None => panic!("Xvfb is not installed: run script/bench"),
    }
    report::publish("window", &table);
}

/// The program times itself: from a judged pass to its drawn page, and a plain fill of as many pixels.
fn answer_drawn(table: &mut String, folder: &Path) {
    let size = format!("{}x{}", SIZE.0, SIZE.1);
    let output = Command::new(greenlit())
        .args(["demo", "--times", "--sizes", &size, "--headless"])
        .arg(folder.join("headless"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed.lines().find_map(|line| line.strip_prefix("times: ")).expect("times");
    let times: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
    let [median, high, floor] = times[..] else { panic!("{line}") };
    writeln!(
        table,
        "| pass read → answer drawn at {size}, median | 50 ms | {median:.1} ms, 95th percentile {high:.1} |"
    )
    .unwrap();
    writeln!(
        table,
        "| the same, as a ratio to filling as many pixels with one colour ({floor:.2} ms) | | {:.0} |",
        median / floor
    )
    .unwrap();
}

/// From the program's start until the middle of the screen shows a picture that is there at once.
fn first_frame(table: &mut String, folder: &Path, screen: &Screen) {
    const GREY: u8 = 0xb5;
    let picture = folder.join("grey.pgm");
    std::fs::write(&picture, [b"P5 1280 720 255 ".to_vec(), vec![GREY; 1_280 * 720]].concat()).unwrap();
    // One that trusts nobody would open its set-up.
    let (demo, till) = (folder.join("demo"), folder.join("till"));
    let run = |program: &str, args: &[&Path]| {
        let done = Command::new(greenlit_testkit::cli::program(program)).args(args).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    run("greenlit-issuer", &[Path::new("demo"), &demo]);
    let root = demo.join("published/root-1.cbor");
    let trust = ["--data".as_ref(), till.as_path(), "trust".as_ref(), "add".as_ref(), "--yes".as_ref(), root.as_path()];
    run("greenlit", &trust);
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let _window =
            screen.run(&["--data", folder.join("till").to_str().unwrap(), "--pictures", picture.to_str().unwrap()]);
        screen.wait_for(|pixel| pixel.iter().all(|c| c.abs_diff(GREY) < 3));
        starts.push(started.elapsed().as_secs_f64() * 1e3);
        drop(_window);
        screen.wait_for(|pixel| pixel.iter().all(|c| c.abs_diff(GREY) > 20));
    }
    starts.sort_by(f64::total_cmp);
    writeln!(table, "| start → first frame of a source that answers at once, median of {STARTS} | 700 ms | {:.0} ms, slowest {:.0} |", starts[STARTS / 2], starts[STARTS - 1]).unwrap();
}

/// The picture of [`first_frame`], on and on at 30 frames a second.
fn a_still_scene(table: &mut String, folder: &Path, screen: &Screen) {
    let (till, picture) = (folder.join("till"), folder.join("grey.pgm"));
    let window = screen.run(&["--data", till.to_str().unwrap(), "--pictures", picture.to_str().unwrap()]);
    std::thread::sleep(Duration::from_secs(4));
    let share = window.share_of_a_core(RUN / 3);
    writeln!(table, "| {} s of a still scene | | {share:.2} of a core |", RUN.as_secs() / 3).unwrap();
    writeln!(table, "| memory held at its end | 45 MB | {:.0} MB |", window.memory("VmRSS:")).unwrap();
}

/// Processor time and memory of the demonstration's film at 30 frames a second.
fn a_minute(table: &mut String, screen: &Screen) {
    let blank = screen.middle();
    let window = screen.run(&["demo"]);
    screen.wait_for(|pixel| *pixel != blank);
    std::thread::sleep(Duration::from_secs(2));
    let share = window.share_of_a_core(RUN);
    writeln!(
        table,
        "| {} s of the demonstration, drawing of its film included | 0.25 of a core | {share:.2} |",
        RUN.as_secs()
    )
    .unwrap();
    writeln!(table, "| most memory held meanwhile | 60 MB | {:.0} MB |", window.memory("VmHWM:")).unwrap();
}

/// A screen that no one sees.
struct Screen {
    _server: Running,
    display: String,
    pixels: PathBuf,
    /// What a killed program leaves behind goes with this.
    folder: PathBuf,
}

impl Screen {
    fn start(folder: &Path) -> Option<Self> {
        let display = format!(":{}", 90 + std::process::id() % 100);
        let mode = format!("{}x{}x24", SIZE.0, SIZE.1);
        let server = Command::new("Xvfb")
            .args([display.as_str(), "-screen", "0", &mode, "-nolisten", "tcp", "-fbdir"])
            .arg(folder)
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let screen =
            Self { _server: Running(server), display, pixels: folder.join("Xvfb_screen0"), folder: folder.into() };
        within_half_a_minute(|| screen.pixels.metadata().is_ok_and(|file| file.len() > 1_000_000));
        std::thread::sleep(Duration::from_millis(500));
        Some(screen)
    }

    fn run(&self, args: &[&str]) -> Running {
        let child = Command::new(greenlit())
            .args(args)
            .env("DISPLAY", &self.display)
            .env("TMPDIR", &self.folder)
            .env_remove("WAYLAND_DISPLAY")
            .spawn();
        Running(child.unwrap())
    }

    /// The pixel a third from the left, a third from the top; a window of the usual size lies over it.
    fn middle(&self) -> [u8; 3] {
        use std::os::unix::fs::FileExt;
        // An X window dump: the size of the head in its first word, the number of colours in its
        // twentieth, twelve bytes each, then rows of four bytes a pixel.
        let file = std::fs::File::open(&self.pixels).unwrap();
        let word = |at: u64| {
            let mut bytes = [0; 4];
            file.read_exact_at(&mut bytes, at).unwrap();
            u64::from(u32::from_be_bytes(bytes))
        };
        let (head, row, colours) = (word(0), word(48), word(76));
        let mut pixel = [0; 4];
        file.read_exact_at(&mut pixel, head + 12 * colours + row * 200 + 4 * 340).unwrap();
        [pixel[0], pixel[1], pixel[2]]
    }

    fn wait_for(&self, is: impl Fn(&[u8; 3]) -> bool) {
        within_half_a_minute(|| is(&self.middle()));
    }
}

fn within_half_a_minute(is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is() {
        assert!(Instant::now() < deadline, "nothing came up on the screen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A program that ends with this.
struct Running(Child);

impl Running {
    /// User and system time, in ticks of a hundredth of a second (proc(5), fields 14 and 15).
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let after = stat.rsplit(") ").next().unwrap();
        let ticks: u64 = after.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    fn share_of_a_core(&self, of: Duration) -> f64 {
        let (before, started) = (self.cpu(), Instant::now());
        std::thread::sleep(of);
        (self.cpu() - before).as_secs_f64() / started.elapsed().as_secs_f64()
    }

    fn memory(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
