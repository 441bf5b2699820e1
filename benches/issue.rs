//! What a batch of passes costs: the built program, from a CSV file to signed passes in another, every one of them
//! entered in the register for good. Beside it the bare signing of as many messages of that size on the same cores, in
//! the same run: `cargo bench --bench issue -- --write benches/README.md`. `GREENLIT_ROWS` sets another number of rows.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

use std::fmt::Write as _;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer, SigningKey};
use greenlit_testkit::cli::{CliHarness, command, program};
use greenlit_testkit::people;

mod report;

/// What is signed of a pass with all its fields: claims, header and context.
const MESSAGE: usize = 100;

fn main() {
    let rows = std::env::var("GREENLIT_ROWS").map_or(400_000, |rows| rows.parse().unwrap());
    let few = batch(rows / 10);
    let many = batch(rows);
    let bare = bare_signing(rows);
    let ratio = many.time.as_secs_f64() / bare.as_secs_f64();
    let mut table = String::new();
    let cores = std::thread::available_parallelism().unwrap();
    writeln!(table, "| {rows} rows on {cores} cores | aim | measured |").unwrap();
    writeln!(table, "|---|---|---|").unwrap();
    writeln!(table, "| CSV → signed CSV and register, the whole program | | {:.1} s |", many.time.as_secs_f64())
        .unwrap();
    writeln!(table, "| bare signing of as many messages | | {:.1} s |", bare.as_secs_f64()).unwrap();
    writeln!(table, "| ratio | 2 | {ratio:.2} |").unwrap();
    writeln!(table, "| rows a second | | {:.0} |", rows as f64 / many.time.as_secs_f64()).unwrap();
    let few_each = few.time.as_secs_f64() / (rows / 10) as f64;
    let many_each = many.time.as_secs_f64() / rows as f64;
    writeln!(table, "| a row, as a ratio to a row of a tenth of them | 1 | {:.2} |", many_each / few_each).unwrap();
    writeln!(table, "| most memory held | 300 MB | {} MB, of a tenth of the rows {} |", many.memory, few.memory)
        .unwrap();
    report::publish("issue", &table);
}

struct Run {
    time: Duration,
    /// At most, in MB.
    memory: u64,
}

fn batch(rows: u64) -> Run {
    let desk = CliHarness::with_authority();
    let mut file = BufWriter::new(File::create(desk.path("people.csv")).unwrap());
    let expected = people::write(&mut file, rows, 7, chrono::Utc::now().date_naive()).unwrap();
    file.flush().unwrap();
    drop(file);
    let started = Instant::now();
    let mut child = command(&desk.path("."), program("greenlit-issuer"))
        .args(["issue-batch", "a", "people.csv", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    while child.try_wait().unwrap().is_none() {
        memory = memory.max(peak(Path::new(&status)));
        std::thread::sleep(Duration::from_millis(20));
    }
    let time = started.elapsed();
    let out = child.wait_with_output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&told["issued"], &told["already"]), (&expected.issued.into(), &expected.already.into()), "{told}");
    Run { time, memory }
}

fn peak(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1_000
}

/// On as many threads as there are cores.
fn bare_signing(messages: u64) -> Duration {
    let threads = std::thread::available_parallelism().unwrap().get() as u64;
    let key = SigningKey::from_bytes(&[7; 32]);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let key = &key;
            scope.spawn(move || {
                let mut message = [0; MESSAGE];
                for number in (thread..messages).step_by(threads as usize) {
                    message[..8].copy_from_slice(&number.to_be_bytes());
                    black_box(key.sign(&message));
                }
            });
        }
    });
    started.elapsed()
}
