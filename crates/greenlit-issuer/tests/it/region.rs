//! Promise: a region's file is killed half-way, goes on, and adds up to the row; a till judges what came of it, and sees what
//! was revoked; the same in a database where two desks issue at once.
//!
//! `GREENLIT_ROWS=1000000 cargo test --release -p greenlit-issuer --test it region` does it with a million rows.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use greenlit_testkit::cli::CliHarness;
use greenlit_testkit::database::Database;
use greenlit_testkit::people::{self, Expected};

use crate::postgres::count;

const KILLS: u64 = 2;

fn rows() -> u64 {
    std::env::var("GREENLIT_ROWS").map_or(3_000, |rows| rows.parse().unwrap())
}

/// Some of the lines of a region's file, as a file of its own; what should become of them.
fn people(desk: &CliHarness, name: &str, lines: Range<u64>) -> Expected {
    let today = chrono::Utc::now().date_naive();
    let up_to = |rows: u64, out: &mut dyn Write| people::write(&mut { out }, rows, 11, today).unwrap();
    let (before, all) = (up_to(lines.start, &mut std::io::sink()), up_to(lines.end, &mut std::io::sink()));
    let mut whole = BufWriter::new(File::create(desk.path("whole.csv")).unwrap());
    up_to(lines.end, &mut whole);
    whole.flush().unwrap();
    let cut = format!("(head -n 1 whole.csv; tail -n +{} whole.csv) > {name}.csv; rm whole.csv", lines.start + 2);
    desk.shell(&cut).exits_with(0);
    Expected {
        rows: all.rows - before.rows,
        issued: all.issued - before.issued,
        already: all.already - before.already,
        igg_too_low: all.igg_too_low - before.igg_too_low,
        faulty: all.faulty - before.faulty,
    }
}

/// Issues a file, killed each time that a further third of it is done.
fn issue(desk: &CliHarness, folder: &str, name: &str, expected: Expected) {
    // Small enough that some of it is left when it is killed, also of a short file.
    let part = (expected.rows / 250).clamp(1, 4_096).to_string();
    let args = ["issue-batch", folder, &format!("{name}.csv"), "--part", &part, "--json"];
    let passes = desk.path(&format!("{name}.passes.csv"));
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    // Should it be done before this: what must hold does not depend on that.
    for kill in 1..=KILLS {
        let wanted = expected.rows / (KILLS + 1) * kill * SHORTEST_LINE;
        let mut child = desk.issuer_unheard(&args);
        while size(&passes) < wanted && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let run = desk.issuer(&args);
    assert_eq!(run.code, 1, "{run:#?}");
    let told: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let faulty: u64 = told["faulty"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(
        (&told["rows"], &told["issued"], &told["already"], &told["refused"]["igg-too-low"], faulty),
        (
            &expected.rows.into(),
            &expected.issued.into(),
            &expected.already.into(),
            &expected.igg_too_low.into(),
            expected.faulty
        ),
        "{told}"
    );
    // Once more, and nothing happens.
    let again: serde_json::Value = serde_json::from_str(&desk.issuer(&args).out).unwrap();
    assert_eq!(again["issued"], told["issued"], "{again}");
}

/// A line of passes is longer than this.
const SHORTEST_LINE: u64 = 200;

/// References and texts, in the file's order.
fn passes(desk: &CliHarness, name: &str) -> Vec<(String, String)> {
    let mut lines = BufReader::new(File::open(desk.path(&format!("{name}.passes.csv"))).unwrap()).lines();
    let header = lines.next().unwrap().unwrap();
    let column = |wanted: &str| header.split(';').position(|name| name == wanted).unwrap();
    let (reference, pass) = (column("ref"), column("pass"));
    let cell = |line: &str, at: usize| line.split(';').nth(at).unwrap().to_owned();
    lines.map(|line| line.unwrap()).map(|line| (cell(&line, reference), cell(&line, pass))).collect()
}

/// What the till answers to these texts, by their codes.
fn codes(desk: &CliHarness, texts: impl Iterator<Item = String>) -> Vec<String> {
    desk.write("texts", texts.map(|text| text + "\n").collect::<String>());
    let run = desk.shell("greenlit --data till check --json - < texts");
    let lines = run.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.map(|line| line["code"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Every hundredth pass is valid; every tenth of those is revoked, and then revoked it is.
fn judged(desk: &CliHarness, all: &[(String, String)]) {
    let hundredth: Vec<&(String, String)> = all.iter().step_by(100).collect();
    let texts = || hundredth.iter().map(|(_, text)| text.clone());
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(codes(desk, texts()), vec!["OK"; hundredth.len()]);
    let list: String = hundredth.iter().step_by(10).map(|(reference, _)| format!("{reference}\n")).collect();
    desk.write("list.csv", list);
    desk.issuer(&["revoke", "a", "--file", "list.csv", "--reason", "given in error"]).exits_with(0);
    desk.publish_and_sync();
    let wanted = (0..hundredth.len()).map(|at| if at % 10 == 0 { "REV" } else { "OK" });
    assert_eq!(codes(desk, texts()), wanted.collect::<Vec<_>>());
}

#[test]
fn a_file_of_a_region_adds_up_and_is_judged() {
    let desk = CliHarness::new();
    desk.init("a");
    let expected = people(&desk, "people", 0..rows());
    issue(&desk, "a", "people", expected);
    let all = passes(&desk, "people");
    let references: HashSet<&String> = all.iter().map(|(reference, _)| reference).collect();
    assert_eq!(references.len() as u64, expected.issued);
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let count = |sql: &str| register.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM pass"), expected.issued as i64);
    assert_eq!(count("SELECT count(DISTINCT person) FROM pass"), expected.issued as i64);
    judged(&desk, &all);
}

#[test]
fn two_desks_issue_at_once_and_it_adds_up() {
    let url = Database::shared().database();
    let desk = CliHarness::new();
    let init = ["init", "a", "--name", "Министерство", "--region", "RU-BA", "--one-operator", "--register", &url];
    desk.issuer(&init).exits_with(0);
    // The first pass makes the key by which both desks know a person.
    desk.issue("a", &[]);
    desk.shell("cp -a a b && sed -i '1i desk = \"second\"' b/authority.toml").exits_with(0);
    // In whole hundreds, of which one row is bad.
    let middle = rows() / 200 * 100;
    let halves = [("a", "north", 0..middle), ("b", "south", middle..rows())];
    let expected = halves.each_ref().map(|(_, name, lines)| people(&desk, name, lines.clone()));
    std::thread::scope(|scope| {
        for ((folder, name, _), expected) in halves.iter().zip(expected) {
            let desk = &desk;
            scope.spawn(move || issue(desk, folder, name, expected));
        }
    });
    let all: Vec<(String, String)> = halves.iter().flat_map(|(_, name, _)| passes(&desk, name)).collect();
    let issued: u64 = expected.iter().map(|expected| expected.issued).sum();
    let references: HashSet<&String> = all.iter().map(|(reference, _)| reference).collect();
    assert_eq!(references.len() as u64, issued);
    let entered = issued as i64 + 1;
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass"), entered);
    assert_eq!(count(&url, "SELECT count(DISTINCT person) FROM greenlit.pass"), entered);
    judged(&desk, &all);
}
