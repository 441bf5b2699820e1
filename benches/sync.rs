//! What a full sync costs a till, as its user runs it: from nginx on this machine, over HTTPS, and
//! from a folder beside it.
//!
//! `cargo bench --bench sync -- --write benches/README.md` writes the table there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::print_stderr, clippy::indexing_slicing)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use greenlit_testkit::cli::program;
use greenlit_testkit::server::Server;

mod report;

const ROUNDS: usize = 15;

fn main() {
    let server = Server::start().expect("nginx: run script/bench");
    let folder = tempfile::tempdir().unwrap();
    let www = server.www().join("pub");
    let run = |program: &Path, args: &[&str]| {
        let done = Command::new(program).args(args).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{args:?}: {done:?}");
    };
    let (till, issuer) = (program("greenlit"), program("greenlit-issuer"));
    run(&issuer, &["init", "a", "--name", "Ministry", "--region", "RU-BA"]);
    run(&issuer, &["publish", "a", www.to_str().unwrap()]);
    let (url, ca) = (server.url("pub"), server.ca());
    let root = www.join("root-1.cbor");
    let timed = |source: &[&str], fresh: bool| {
        if fresh {
            let _ = std::fs::remove_dir_all(folder.path().join("till"));
            run(&till, &["--data", "till", "trust", "add", "--yes", root.to_str().unwrap()]);
        }
        let started = Instant::now();
        run(&till, &[&["--data", "till", "sync"], source].concat());
        started.elapsed().as_secs_f64() * 1e3
    };
    let web = [url.as_str(), "--ca", ca.to_str().unwrap()];
    let disk = [www.to_str().unwrap()];
    // In turn, so that a drifting machine is the same for all.
    let rounds: Vec<[f64; 3]> =
        (0..ROUNDS).map(|_| [timed(&disk, true), timed(&web, true), timed(&web, false)]).collect();
    let mut table = String::from("| the whole program, start to end | aim | median | slowest |\n|---|---|---|---|\n");
    let of = |which: usize| {
        let mut times: Vec<f64> = rounds.iter().map(|round| round[which]).collect();
        times.sort_by(f64::total_cmp);
        (times[ROUNDS / 2], times[ROUNDS - 1])
    };
    for (which, what, aim) in [
        (0, "full sync from a folder, ms", ""),
        (1, "full sync over HTTPS from this machine, ms", "300"),
        (2, "the same with nothing newer, ms", ""),
    ] {
        let (median, slowest) = of(which);
        writeln!(table, "| {what} | {aim} | {median:.0} | {slowest:.0} |").unwrap();
    }
    writeln!(table, "| over HTTPS, as a ratio to from a folder | | {:.2} | |", of(1).0 / of(0).0).unwrap();
    report::publish("sync", &table);
}
