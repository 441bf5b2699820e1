//! Promise: `greenlit watch` gives a till program a line for each answer and nothing of the guest, and
//! goes when its reader goes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::os::unix::process::ExitStatusExt;

use greenlit_testkit::cli::{CliHarness, Run, Running};
use rustix::process::Signal;
use serde_json::{Value, json};

/// A till that has synced from the authority of the demonstration, and its pictures in "d".
fn till_and_pictures() -> CliHarness {
    let desk = CliHarness::new();
    desk.issuer(&["demo", "d"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "d/published/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "d/published"]).exits_with(0);
    desk
}

fn answers(run: &Run) -> Vec<Value> {
    run.json().into_iter().filter(|line| line.get("answer").is_some()).collect()
}

fn codes(run: &Run) -> Vec<String> {
    answers(run).iter().map(|line| line["code"].as_str().unwrap().to_owned()).collect()
}

/// A door that is shown these pictures again and again, for longer than any test takes.
fn watching(desk: &CliHarness, pictures: &[&str]) -> Running {
    desk.till_running(&[&["watch", "--json", "--pictures"], pictures.repeat(400).as_slice()].concat())
}

/// Between two passes: so long that each is announced when it comes again.
const MENUS: [&str; 2] = ["d/menu.png"; 2];

fn has_code(wanted: &str) -> impl Fn(&str) -> bool {
    let wanted = format!("\"code\":\"{wanted}\"");
    move |line| line.contains(&wanted)
}

/// Waits for an answer with this code; those before have one of these.
#[track_caller]
fn answers_until(watching: &Running, wanted: &str, before: &[&str]) -> Value {
    let mut lines = watching.out.until(has_code(wanted));
    let last = lines.pop().unwrap();
    let answers = lines.iter().filter(|line| line.contains("\"code\""));
    let others: Vec<_> = answers.filter(|line| !before.iter().any(|code| has_code(code)(line))).collect();
    assert!(others.is_empty(), "before {wanted}: {others:#?}");
    greenlit_testkit::cli::schema::line(&last)
}

#[test]
fn each_answer_is_one_line_and_says_nothing_of_the_guest() {
    let desk = till_and_pictures();
    desk.till(&["settings", "sites", "hotel"]).exits_with(0);
    let names = ["good", "revoked", "menu", "altered", "specimen", "unknown-issuer"];
    let pictures: Vec<_> = names.map(|name| format!("d/{name}.png")).into();
    let pictures: Vec<_> = pictures.iter().map(String::as_str).collect();
    let run = desk.till(&[&["watch", "--json", "--pictures"], pictures.as_slice()].concat());
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
    assert_eq!(codes(&run), ["OK", "REV", "SIG", "CLS", "KEY"], "{run:#?}");
    let cameras: Vec<_> = run.json().iter().filter_map(|line| line["camera"].as_str().map(String::from)).collect();
    assert_eq!(cameras, ["starting", "ready"]);
    let all = answers(&run);
    let good = all[0].as_object().unwrap();
    let keys: Vec<_> = good.keys().map(String::as_str).collect();
    assert_eq!(keys, ["answer", "at", "benefits", "code", "demo", "message"]);
    assert_eq!((&good["answer"], &good["message"]), (&json!("valid"), &json!("genuine, in date, not revoked")));
    let rules: Vec<_> = good["benefits"].as_array().unwrap().iter().map(|b| (&b["rule"], &b["percent"])).collect();
    assert_eq!(rules[0], (&json!("hotel-discount"), &json!(15)), "{rules:?}");
    assert!(all[1..].iter().all(|line| line["benefits"] == json!([])), "{all:#?}");
    assert_eq!((&all[3]["specimen"], &all[4]["message"]), (&json!(true), &json!("unknown issuer")));
    let at = |line: &Value| chrono::DateTime::parse_from_rfc3339(line["at"].as_str().unwrap()).unwrap();
    assert!(run.json().windows(2).all(|pair| at(&pair[0]) <= at(&pair[1])));
    // What `check` says of the person, of the pass and of its days is in no line.
    let shown = desk.till(&["check", "d/good.png"]).exits_with(1);
    let person = shown.lines().find_map(|line| line.split_once("ID: ")).unwrap().1;
    let until = shown.lines().find_map(|line| line.trim().strip_prefix("valid through ")).unwrap();
    for secret in
        person.split([',', ' ']).filter(|word| word.chars().any(char::is_numeric)).chain([&until[..10], "GL1:"])
    {
        assert!(!run.out.contains(secret), "{secret} is in {}", run.out);
    }
}

#[test]
fn for_people_and_without_trust_data() {
    let desk = CliHarness::new();
    desk.issuer(&["demo", "d"]).exits_with(0);
    desk.write("bad.png", b"no picture");
    let run = desk.till(&["watch", "--pictures", "bad.png", "d/good.png", "nowhere.png"]);
    assert!(run.out.contains(" ! cannot-tell TRU: no trust data yet"), "{run:#?}");
    // A picture that cannot be read is told of and passed over, and the end says so.
    assert_eq!((run.code, run.err.lines().count()), (2, 2), "{run:#?}");
    assert!(run.err.contains("bad.png") && run.err.contains("nowhere.png"), "{run:#?}");
    assert!(run.out.lines().next().unwrap().contains("camera starting"), "{run:#?}");
}

#[test]
fn what_a_sync_brings_meanwhile_is_judged_by() {
    let desk = till_and_pictures();
    let run = desk.till(&["check", "--json", "--codes", "d/good.png"]);
    let text = String::from_utf8(hex::decode(run.json()[0]["codes"][0]["hex"].as_str().unwrap()).unwrap()).unwrap();
    let watching = watching(&desk, &["d/good.png", MENUS[0], MENUS[1]]);
    answers_until(&watching, "OK", &[]);
    desk.issuer(&["revoke", "d/authority", &text, "--reason", "test"]).exits_with(0);
    desk.issuer(&["publish", "d/authority", "d/published"]).exits_with(0);
    desk.till(&["sync", "d/published"]).exits_with(0);
    answers_until(&watching, "REV", &["OK"]);
    assert_eq!(watching.err.come(), [""; 0]);
}

#[test]
fn a_store_that_is_emptied_meanwhile_leaves_what_was_held() {
    let desk = till_and_pictures();
    let watching = watching(&desk, &["d/good.png", MENUS[0], MENUS[1], "d/revoked.png", MENUS[0], MENUS[1]]);
    answers_until(&watching, "OK", &["REV"]);
    // Another copy finds the store damaged, sets it aside, and somebody trusts the same root again.
    desk.shell("printf damaged >till/damaged; mv till/damaged till/greenlit.db").exits_with(0);
    let run = desk.till(&["trust", "add", "--yes", "d/published/root-1.cbor"]);
    assert!(run.err.contains("the trust store was damaged"), "{run:#?}");
    watching.err.until(|line| line.contains("keeping the data already loaded"));
    watching.out.come();
    answers_until(&watching, "REV", &["OK"]);
    answers_until(&watching, "OK", &["REV"]);
    // A door that begins now has nothing to go by; and another root in its place does take effect.
    let run = desk.till(&["watch", "--json", "--pictures", "d/good.png"]);
    assert_eq!(codes(&run), ["TRU"], "{run:#?}");
}

#[test]
fn another_root_trusted_meanwhile_takes_effect() {
    let desk = till_and_pictures();
    desk.init("other");
    desk.issuer(&["publish", "other", "theirs"]).exits_with(0);
    let watching = watching(&desk, &["d/good.png", MENUS[0], MENUS[1]]);
    answers_until(&watching, "OK", &[]);
    desk.till(&["trust", "add", "--yes", "theirs/root-1.cbor", "--replace"]).exits_with(0);
    answers_until(&watching, "TRU", &["OK"]);
}

#[test]
fn a_store_that_is_busy_at_the_start_is_read_when_it_is_free() {
    let desk = till_and_pictures();
    desk.till(&["settings", "sites", "hotel"]).exits_with(0);
    let writer = rusqlite::Connection::open(desk.path("till/greenlit.db")).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let watching = watching(&desk, &["d/good.png", MENUS[0], MENUS[1]]);
    watching.err.until(|line| line.contains("in use by another copy of Greenlit"));
    writer.execute_batch("ROLLBACK").unwrap();
    let answer = answers_until(&watching, "OK", &["TRU"]);
    // Its settings are read again, too.
    assert_eq!(answer["benefits"][0]["rule"], "hotel-discount", "{answer:#?}");
}

#[test]
fn it_ends_with_its_reader_or_by_a_signal() {
    let desk = till_and_pictures();
    let menus = "d/menu.png ".repeat(800);
    // A menu is no answer: nothing is written when the reader has gone, and it is noticed all the same, long
    // before the menus are over.
    let run = desk.shell(&format!(
        "timeout 600 greenlit --data till watch --json --pictures {menus} | head -n 2; echo ended ${{PIPESTATUS[0]}}"
    ));
    assert!(run.err.is_empty() && run.out.lines().count() == 3, "{run:#?}");
    assert!(run.out.ends_with("ended 0\n"), "{run:#?}");
    for signal in [Signal::INT, Signal::TERM] {
        let mut watching = watching(&desk, &MENUS);
        watching.out.until(|line| line.contains("\"ready\""));
        assert_eq!(watching.end(signal).signal(), Some(signal.as_raw()));
        assert_eq!(watching.err.rest(), [""; 0]);
    }
    let run = desk.shell("greenlit --data till watch --json --pictures d/good.png >/dev/full; test $? = 2");
    assert!(run.code == 0 && run.err.lines().count() == 1, "{run:#?}");
}

#[test]
fn the_camera_is_told_of() {
    let desk = CliHarness::with_till();
    let mut watching = desk.till_running(&["watch", "--json"]);
    // With a camera or without: its state comes first, and the program stays.
    let mut lines = watching.out.until(|line| !line.contains("\"starting\""));
    assert_eq!(watching.end(Signal::INT).signal(), Some(Signal::INT.as_raw()));
    assert!(lines.len() >= 2 && lines[0].contains("\"camera\":\"starting\""), "{lines:#?}");
    lines.extend(watching.out.rest());
    assert!(lines.iter().all(|line| line.contains("\"camera\"") || line.contains("\"answer\"")), "{lines:#?}");
    assert_eq!(watching.err.rest(), [""; 0]);
}

#[test]
fn it_tells_a_service_manager_that_it_is_ready_and_alive() {
    let desk = till_and_pictures();
    let manager = std::os::unix::net::UnixDatagram::bind(desk.path("manager")).unwrap();
    let asked = [("NOTIFY_SOCKET", desk.path("manager")), ("WATCHDOG_USEC", "100000000".into())];
    let asked = asked.each_ref().map(|(name, value)| (*name, value.to_str().unwrap()));
    let run = desk.till_in_locale(&asked, &["watch", "--json", "--pictures", "d/menu.png"], b"");
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
    manager.set_nonblocking(true).unwrap();
    let mut told = [0; 100];
    let length = manager.recv(&mut told).unwrap();
    assert_eq!(std::str::from_utf8(&told[..length]).unwrap(), "READY=1\nWATCHDOG=1\n");
}
