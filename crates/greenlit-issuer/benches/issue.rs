//! What the issuer of a region costs, by the built program: a batch from a CSV file to signed passes in another, every one of
//! them entered in the register for good, in SQLite and in PostgreSQL; publishing them; and a portal that asks one by one.
//!
//! The floor is the bare signing of as many messages of a pass's size on the same cores, before and after each batch.
//! `cargo bench -p greenlit-issuer --bench issue -- --write "$PWD/benches/README.md"`; `GREENLIT_ROWS` sets another number of
//! rows.
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
use greenlit_testkit::database::{Database, Durable};
use greenlit_testkit::load::Load;
use greenlit_testkit::people;

#[path = "../../../benches/report/mod.rs"]
mod report;

/// What is signed of a pass with all its fields: claims, header and context.
const MESSAGE: usize = 100;
/// As an administrator sets it for a database of this size.
const DATABASE: [&str; 2] = ["shared_buffers=1GB", "max_wal_size=4GB"];
/// Connections of portals, each with one request at a time: few, as many as load generators have, a region's.
const CONNECTIONS: [u64; 3] = [16, 64, 256];
/// Over which a portal asks at a steady rate.
const STEADY: u64 = 128;
const LASTING: Duration = Duration::from_secs(15);

fn main() {
    let rows = std::env::var("GREENLIT_ROWS").map_or(4_000_000, |rows| rows.parse().unwrap());
    let cores = std::thread::available_parallelism().unwrap();
    let few = batch(&CliHarness::with_authority(), rows / 10);
    let desk = CliHarness::with_authority();
    let many = batch(&desk, rows);
    let mut table = format!("| {rows} rows on {cores} cores | aim | SQLite | PostgreSQL |\n|---|---|---|---|\n");
    let (small, quick) = publish(&desk);
    drop(desk);
    let server = Database::start(Durable::Yes, &DATABASE);
    let in_database = CliHarness::new();
    let args = ["init", "a", "--name", "Министерство", "--region", "RU-BA", "--one-operator", "--register"];
    in_database.issuer(&[&args[..], &[server.database().as_str()]].concat()).exits_with(0);
    let on_server = batch(&in_database, rows);
    drop((in_database, server));

    let mut line = |what: &str, aim: &str, of: &dyn Fn(&Run) -> String| {
        writeln!(table, "| {what} | {aim} | {} | {} |", of(&many), of(&on_server)).unwrap();
    };
    line("CSV → signed CSV and register, the whole program", "", &|run| format!("{:.0} s", run.time.as_secs_f64()));
    line("bare signing of as many messages", "", &|run| format!("{:.0} s", run.bare.as_secs_f64()));
    line("ratio", "2; PostgreSQL 3", &|run| format!("{:.2}", run.ratio()));
    line("rows a second", "", &|run| format!("{:.0}", rows as f64 / run.time.as_secs_f64()));
    line("most memory held by the program", "300 MB", &|run| format!("{} MB", run.memory));
    writeln!(table, "| the ratio of a tenth of the rows | | {:.2} | |", few.ratio()).unwrap();
    writeln!(table, "| most memory held then | 300 MB | {} MB | |", few.memory).unwrap();
    writeln!(
        table,
        "| publishing them, 1 % revoked | 2 s | {:.1} s, {} kB | |",
        small.0.as_secs_f64(),
        small.1 / 1_000
    )
    .unwrap();
    writeln!(table, "| the same, `--quick` | 2 s | {:.1} s, {} kB | |", quick.0.as_secs_f64(), quick.1 / 1_000)
        .unwrap();
    table += &service(rows as f64 / many.time.as_secs_f64());
    report::publish("issue", &table);
}

struct Run {
    time: Duration,
    /// Of the floor.
    bare: Duration,
    /// At most, in MB.
    memory: u64,
}

impl Run {
    fn ratio(&self) -> f64 {
        self.time.as_secs_f64() / self.bare.as_secs_f64()
    }
}

fn batch(desk: &CliHarness, rows: u64) -> Run {
    let mut file = BufWriter::new(File::create(desk.path("people.csv")).unwrap());
    let expected = people::write(&mut file, rows, 7, chrono::Utc::now().date_naive()).unwrap();
    file.flush().unwrap();
    drop(file);
    let before = bare_signing(rows);
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
    Run { time, bare: (before + bare_signing(rows)) / 2, memory }
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

/// With one pass in a hundred revoked, once as small as it gets and once quickly: how long it took, and the bytes published.
fn publish(desk: &CliHarness) -> (Timed, Timed) {
    desk.shell(
        "awk -F';' 'NR % 100 == 2 { print $3 }' people.passes.csv >revoke.csv && \
                greenlit-issuer revoke a --file revoke.csv",
    )
    .exits_with(0);
    let timed = |more: &[&str]| {
        let started = Instant::now();
        desk.issuer(&[&["publish", "a", "pub", "--yes"], more].concat()).exits_with(0);
        let time = started.elapsed();
        let files = std::fs::read_dir(desk.path("pub")).unwrap();
        (time, files.map(|file| file.unwrap().metadata().unwrap().len()).sum())
    };
    (timed(&[]), timed(&["--quick"]))
}

type Timed = (Duration, u64);

/// A portal that asks for one pass after the other over many connections, on the same cores.
fn service(batch: f64) -> String {
    let desk = CliHarness::with_authority();
    let token = desk.issuer(&["clients", "a", "add", "portal", "--may", "issue"]).exits_with(0).trim().to_owned();
    let running = desk.issuer_running(&["serve", "a", "--listen", "127.0.0.1:0"]);
    let log = running.err.until(|line| line.contains("listening on http"));
    let address = log.last().unwrap().rsplit_once("://").unwrap().1.to_owned();
    let wanted = batch / 4.0;
    let mut table = String::new();
    for connections in CONNECTIONS {
        let most = Load::run(&address, &token, connections, LASTING, None);
        assert_eq!(most.others, 0);
        writeln!(
            table,
            "| `serve`, {connections} connections: passes a second; 99th percentile | {wanted:.0} | {:.0}; {:.0} ms | |",
            most.passes_a_second,
            most.percentile(99)
        )
        .unwrap();
    }
    let half = Load::run(&address, &token, STEADY, LASTING, Some(wanted / 2.0));
    assert_eq!(half.others, 0);
    writeln!(
        table,
        "| {:.0} a second over {STEADY} connections: median; 99th percentile | 20 ms | {:.1} ms; {:.1} ms | |",
        wanted / 2.0,
        half.percentile(50),
        half.percentile(99)
    )
    .unwrap();
    table
}
