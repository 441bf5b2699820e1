//! What a frame of the camera costs in WebAssembly, as a ratio to the same reader natively, on the same frames in the same
//! run. Processor time; WebAssembly runs in node, whose engine is Chromium's. Needs what `script/web` builds.
//!
//! `cargo bench -p greenlit-web --bench phone -- --write benches/README.md` writes the table there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use greenlit_qr::LumaFrame;
use greenlit_qr::encode::QrPicture;
use greenlit_testkit::fixture::{ISSUER, NOW, build_date, pass, sign, time};
use greenlit_web::{Moment, Till};
use rustix::time::{ClockId, clock_gettime};

#[path = "../../../benches/report/mod.rs"]
mod report;

const WIDTH: usize = 1_280;
const HEIGHT: usize = 720;
const ROUNDS: usize = 21;
const WARM: usize = 10;

fn main() {
    let frames = frames();
    let folder = tempfile::tempdir().unwrap();
    for (at, (_, frame)) in frames.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{at:02}.luma")), frame.pixels()).unwrap();
    }
    let mut node = Node::start(folder.path());
    // The engine compiles anew what runs often, beside it: not while it is measured.
    for _ in 0..WARM {
        for at in 0..frames.len() {
            node.read(at);
        }
    }
    let mut table = String::new();
    writeln!(table, "| frame of 1280 × 720 | natively, ms | in WebAssembly, ms | ratio, pair by pair (aim: 1.6) |")
        .unwrap();
    writeln!(table, "|---|---|---|---|").unwrap();
    let mut ratios = Vec::new();
    for (at, (name, frame)) in frames.iter().enumerate() {
        // In turn, for a machine's speed drifts.
        let pairs: Vec<(Measured, Measured)> = (0..ROUNDS).map(|_| (natively(frame), node.read(at))).collect();
        let reads = |of: fn(&(Measured, Measured)) -> &Measured| pairs.iter().filter(|pair| of(pair).reads).count();
        assert_eq!(reads(|pair| &pair.0) > ROUNDS / 2, reads(|pair| &pair.1) > ROUNDS / 2, "{name}");
        let native = median(pairs.iter().map(|pair| pair.0.time));
        let wasm = median(pairs.iter().map(|pair| pair.1.time));
        let ratio = median(pairs.iter().map(|pair| pair.1.time / pair.0.time));
        ratios.push(ratio);
        writeln!(table, "| {name} | {native:.1} | {wasm:.1} | {ratio:.2} |").unwrap();
    }
    writeln!(table, "| median of the ratios | | | {:.2} |", median(ratios.into_iter())).unwrap();
    report::publish("phone", &table);
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Processor time in milliseconds, and whether the code was read: WebAssembly has no clock but the one on the wall for its
/// budget, and a busy machine takes from it.
struct Measured {
    time: f64,
    reads: bool,
}

fn cpu() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

fn natively(frame: &LumaFrame) -> Measured {
    // Each time as the first frame of a stream.
    let mut till = Till::new([7; 32], build_date());
    let started = cpu();
    let outcome = till.frame(frame, || None, Moment { steady: 0, now: time(NOW) });
    Measured { time: cpu() - started, reads: outcome.announced.is_some() }
}

/// A node that reads a frame whenever it is asked.
struct Node {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Node {
    fn start(frames: &Path) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new("node");
        command.arg(repository.join("tests/web/read.mjs")).arg(repository.join("target/web-parts")).arg(frames);
        command.args([WIDTH, HEIGHT].map(|number| number.to_string())).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("node");
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, answers }
    }

    fn read(&mut self, at: usize) -> Measured {
        writeln!(self.process.stdin.as_mut().unwrap(), "{at}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let (time, reads) = line.trim().split_once(' ').expect("a time and whether it was read");
        Measured { time: time.parse().unwrap(), reads: reads == "true" }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A pass near and far, turned, blurred and in noise; and frames that hold none.
fn frames() -> Vec<(String, LumaFrame)> {
    let text = sign(&pass(), ISSUER);
    let (side, modules) = QrPicture::new(&text).unwrap().modules();
    let mut all = Vec::new();
    for (scale, degrees, blur, noise) in [
        (10.0, 0.0, 0, 4),
        (6.0, 0.0, 0, 8),
        (6.0, 12.0, 1, 8),
        (6.0, 45.0, 1, 12),
        (4.0, 7.0, 1, 8),
        (4.0, 30.0, 1, 12),
        (3.0, 3.0, 0, 8),
        (3.0, 20.0, 1, 6),
    ] {
        let (sin, cos) = f64::to_radians(degrees).sin_cos();
        let dark = |x: usize, y: usize| {
            let (x, y) = (x as f64 - WIDTH as f64 / 2.0, y as f64 - HEIGHT as f64 / 2.0);
            let half = side as f64 / 2.0;
            let (u, v) = ((cos * x + sin * y) / scale + half, (cos * y - sin * x) / scale + half);
            let inside = (0.0..side as f64).contains(&u) && (0.0..side as f64).contains(&v);
            inside && modules[v as usize * side + u as usize]
        };
        let name = format!("a pass, {scale} pixels a module, turned {degrees}°, blur {blur}, noise {noise}");
        all.push((name, drawn(dark, blur, noise)));
    }
    all.push(("an empty counter".into(), drawn(|_, _| false, 0, 8)));
    all.push(("a shelf: bars and boxes".into(), drawn(|x, y| (x / 23 + y / 61) % 3 == 0 && y / 17 % 4 != 0, 1, 12)));
    all
}

fn drawn(dark: impl Fn(usize, usize) -> bool, blur: usize, noise: u64) -> LumaFrame {
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    let mut pixels = vec![0u8; WIDTH * HEIGHT];
    for (at, pixel) in pixels.iter_mut().enumerate() {
        let (x, y) = (at % WIDTH, at / WIDTH);
        let (mut sum, mut count) = (0u64, 0u64);
        for near_y in y.saturating_sub(blur)..=y + blur {
            for near_x in x.saturating_sub(blur)..=x + blur {
                sum += if dark(near_x, near_y) { 40 } else { 205 };
                count += 1;
            }
        }
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        *pixel = u8::try_from((sum / count + chance % (2 * noise + 1)).min(255)).unwrap();
    }
    LumaFrame::new(WIDTH, HEIGHT, pixels).unwrap()
}
