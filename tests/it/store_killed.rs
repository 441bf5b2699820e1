//! Promise: a till that loses its power in the middle of an import opens to the old trust data or to
//! the new, whole, with its settings; never to a mixture, and never to nothing.
//!
//! The long run: `cargo test --release --test store_killed -- --ignored --nocapture`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use greenlit_core::time::UnixTime;
use greenlit_core::trust::Documents;
use greenlit_sync::store::Store;
use greenlit_testkit::cli::{self, CliHarness};

/// Numbers without order, told at the start so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64);
        println!("SEED={seed}");
        Self(seed)
    }

    /// SplitMix64.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Every document there, all of which must still hold.
fn documents(folder: &Path) -> Documents {
    let store = Store::open_to_read(folder).unwrap().expect("a store");
    let cached = store.load(UnixTime::new(0).unwrap()).unwrap();
    assert!(cached.dropped.is_empty(), "{:?}", cached.dropped);
    assert_eq!(cached.trust.documents(), cached.found);
    assert_eq!(store.setting("language").unwrap().as_deref(), Some("ba"));
    cached.found
}

fn sync(desk: &CliHarness) -> Command {
    let mut command = cli::command(&desk.path("."), cli::program("greenlit"));
    command.args(["--data", "till", "sync", "pub"]).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[derive(Debug, Default)]
struct Tally {
    killed: u32,
    old: u32,
    new: u32,
    /// How often SQLite had begun to write and left a journal to undo it by.
    half_way: u32,
}

/// Imports a new root, a new bundle and a list of half a hundred kilobytes, until so many were killed, and so
/// many of each kind were found.
fn kill_imports(kills: u32, of_each: u32) -> Tally {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.till(&["settings", "language", "ba"]).exits_with(0);
    desk.shell("mv till till-old; cp -r till-old till").exits_with(0);
    let old = documents(&desk.path("till-old"));
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    // As if 20,000 of a million passes had been revoked.
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                INSERT OR IGNORE INTO pass (list, idx, kid, nbf, exp, class, status)
                SELECT 1, abs(random() % 1048576), (SELECT kid FROM key WHERE role = 'issuer'), 1, 2, 1, 1 FROM n";
    register.execute_batch(many).unwrap();
    drop(register);
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let mut dice = Dice::new();
    let started = Instant::now();
    assert!(sync(&desk).status().unwrap().success());
    // How long one takes when nobody disturbs it, in microseconds: the machine's pace, which is followed.
    let mut whole = started.elapsed().as_micros() as u64;
    let new = documents(&desk.path("till"));
    assert!(old.roots.len() == 1 && new.roots.len() == 2 && new.lists[&1].len() > 20_000 && old != new);
    let mut tally = Tally::default();
    while tally.killed < kills || tally.old.min(tally.new).min(tally.half_way) < of_each {
        let round = tally.old + tally.new;
        // Ends a test that hangs, and nothing else.
        assert!(round < 200 * kills, "the kills come at the wrong time: {tally:?}");
        copy(&desk.path("till-old"), &desk.path("till"));
        let mut child = sync(&desk).spawn().unwrap();
        let started = Instant::now();
        let when_it_writes = round % 3 == 2;
        // The reading comes first; the writing, where a kill could do harm, in the last part.
        let earliest = if round % 2 == 0 { 0 } else { whole / 2 };
        let wait = Duration::from_micros(earliest + dice.below(whole - earliest + 1_000));
        // Every third is killed as soon as it is seen to write, however fast or slow the machine is.
        let journal = desk.path("till/greenlit.db-journal");
        if when_it_writes {
            while !journal.exists() && child.try_wait().unwrap().is_none() {
                std::hint::spin_loop();
            }
        } else {
            while started.elapsed() < wait {
                std::hint::spin_loop();
            }
        }
        child.kill().unwrap();
        let was_killed = !child.wait().unwrap().success();
        tally.killed += u32::from(was_killed);
        tally.half_way += u32::from(desk.path("till/greenlit.db-journal").exists());
        let found = documents(&desk.path("till"));
        assert!(found == old || found == new, "round {round}: neither the old nor the new after {wait:?}");
        let is_new = found == new;
        *if is_new { &mut tally.new } else { &mut tally.old } += 1;
        if !when_it_writes {
            whole = if was_killed { whole + whole / 50 } else { whole - whole / 25 };
        }
        if round % 20 == 0 {
            assert_eq!(desk.code(&text, None), if is_new { "REV" } else { "OK" }, "round {round}");
        }
    }
    // The last of them finds its way on.
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(documents(&desk.path("till")), new);
    println!("{tally:?}");
    tally
}

#[test]
fn an_import_killed_at_any_moment_leaves_the_old_or_the_new() {
    kill_imports(60, 1);
}

#[test]
#[ignore = "a thousand kills take a minute"]
fn a_thousand_imports_killed_leave_the_old_or_the_new() {
    kill_imports(1_000, 50);
}

#[test]
fn a_first_trust_killed_at_any_moment_can_be_given_again() {
    let desk = CliHarness::with_authority();
    let mut dice = Dice::new();
    for round in 0..60 {
        let _ = fs::remove_dir_all(desk.path("till"));
        let mut command = cli::command(&desk.path("."), cli::program("greenlit"));
        command.args(["--data", "till", "trust", "add", "--yes", "pub/root-1.cbor"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(dice.below(12_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let shown = desk.till(&["trust", "show"]);
        assert!(!shown.err.contains("damaged"), "round {round}: {shown:#?}");
        desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
        desk.till(&["sync", "pub"]).exits_with(0);
    }
}
