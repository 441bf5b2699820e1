//! Promise: `greenlit self-test` tells at the start of a shift whether this till judges rightly and is ready,
//! and changes nothing.

use greenlit_testkit::cli::{CliHarness, DAY};
use serde_json::{Value, json};

const DB: &str = "till/greenlit.db";

/// What a run tells, and what should be looked at but for the camera, which these machines have or have not.
#[track_caller]
fn told(run: &greenlit_testkit::cli::Run) -> (Value, Vec<String>) {
    assert!(run.err.is_empty(), "{run:#?}");
    let mut all = run.json();
    assert_eq!((all.len(), &all[0]["exit"]), (1, &json!(run.code)), "{run:#?}");
    let told = all.remove(0);
    let attention: Vec<String> = serde_json::from_value(told["till"]["attention"].clone()).unwrap();
    assert_eq!(run.code, i32::from(!attention.is_empty()), "{told:#}");
    let no_camera = !["found", "camera-busy"].map(|state| json!(state)).contains(&told["till"]["camera"]["state"]);
    assert_eq!(attention.iter().any(|part| part == "camera"), no_camera, "{told:#}");
    (told, attention.into_iter().filter(|part| part != "camera").collect())
}

#[test]
fn a_till_in_order_passes_and_is_left_as_it_was() {
    let desk = CliHarness::with_till();
    let before = desk.read(DB);
    let files = || desk.shell("find . -printf '%p %s %T@ %m\\n' | sort").exits_with(0);
    let list = files();
    let (all, attention) = told(&desk.till(&["self-test", "--json"]));
    assert!(attention.is_empty(), "{all:#}");
    let samples = all["samples"].as_array().unwrap();
    assert!(samples.len() == 11 && samples.iter().all(|sample| sample["passed"] == true), "{all:#}");
    assert_eq!((&all["till"]["store"]["state"], &all["till"]["stage"]), (&json!("ok"), &json!("fresh")));

    let run = desk.till(&["self-test"]);
    let lines: Vec<&str> = run.out.lines().collect();
    for line in
        ["✓ good                OK", "✓ revoked             REV", "✓ specimen            specimen", "this till:"]
    {
        assert!(lines.contains(&line), "{line} is not in {run:#?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("✓ trust data          fresh")), "{run:#?}");
    let closing = lines.last().unwrap();
    let wanted = ["self-test passed", "self-test passed; this till needs attention: camera"];
    assert!(closing == &wanted[usize::try_from(run.code).unwrap()], "{run:#?}");
    assert_eq!((desk.read(DB), files()), (before, list));
}

#[test]
fn a_till_that_is_not_ready_is_told_apart_from_one_that_judges_wrongly() {
    let desk = CliHarness::with_till();
    for (days, parts) in [(13, vec!["trust data"]), (130, vec!["trust data"]), (-1, vec!["trust data", "clock"])] {
        let run = desk.shell_ahead(days * DAY, "greenlit --data till self-test --json");
        let (all, attention) = told(&run);
        assert_eq!(
            (&all["self_test"], attention),
            (&json!("attention"), parts.iter().map(ToString::to_string).collect())
        );
    }
    desk.write("site.toml", "sorce = 1\n");
    desk.shell("chmod 600 site.toml").exits_with(0);
    let (_, attention) = told(&desk.till(&["--site-file", "site.toml", "self-test", "--json"]));
    assert_eq!(attention, ["settings"]);
    desk.write(DB, b"junk");
    let (all, attention) = told(&desk.till(&["self-test", "--json"]));
    assert_eq!((&all["till"]["store"]["state"], attention.len()), (&json!("damaged"), 2), "{all:#}");
    assert_eq!(desk.read(DB), b"junk", "looked at, and not set aside");

    let empty = CliHarness::new();
    let (all, attention) = told(&empty.till(&["self-test", "--json"]));
    assert_eq!((&all["till"]["store"]["state"], attention.len()), (&json!("none"), 2), "{all:#}");
    assert!(!empty.path("till").exists(), "looking makes no folder");
}

#[test]
fn a_sample_is_green_on_no_till() {
    let vector = include_str!("../../vectors/greenlit/good.json");
    let vector: Value = serde_json::from_str(vector).unwrap();
    let text = vector["text"].as_str().unwrap();
    let desk = CliHarness::with_till();
    desk.till(&["self-test"]);
    assert_eq!(desk.code(text, None), "KEY");
    let empty = CliHarness::new();
    empty.till(&["self-test"]);
    assert_eq!(empty.code(text, None), "TRU");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let desk = CliHarness::with_till();
    let run = desk.shell("greenlit --data till self-test | true; greenlit --data till self-test >/dev/full");
    assert!(run.code == 2 && run.err.lines().count() == 1, "{run:#?}");
}
