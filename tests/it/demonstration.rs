//! The headless demonstration shows every answer there is.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use greenlit_core::answer::Code;
use greenlit_testkit::cli::CliHarness;

#[test]
fn every_code_but_the_camera_s_comes_out_of_the_built_commands() {
    let desk = CliHarness::new();
    let run = desk.shell("greenlit demo --headless out");
    let out = run.exits_with(0);
    assert!(out.contains("0 wrong"), "{out}");
    let shown: BTreeSet<&str> = out.split_whitespace().collect();
    for code in Code::ALL.iter().filter(|code| **code != Code::Camera) {
        assert!(shown.contains(code.as_str()), "{code} is missing in {out}");
    }
    // Again into the same folder, which is known to be a demonstration's.
    desk.shell("greenlit demo --headless out").exits_with(0);
    desk.shell("mkdir mine && touch mine/letter && greenlit demo --headless mine")
        .fails_with("failed to create the demonstration");
    assert!(desk.path("mine/letter").exists());
    // Its scenes are real pictures, judged again by the ordinary command.
    let good = desk.shell("greenlit --data out/till check --json out/good.png out/revoked.png out/menu.png");
    let answers: Vec<_> = good.json().iter().map(|line| line["answer"].as_str().unwrap().to_owned()).collect();
    assert_eq!(answers, ["valid", "refused", "not-a-pass"]);
    assert_eq!(good.code, 1);
}

/// What each picture is called, and what a till answers that is shown it now; then what the scene needs of the till
/// to come out otherwise, and how.
const PICTURES: [(&str, &str, Option<&str>); 24] = [
    ("good", "OK", None),
    ("antibodies", "OK", None),
    ("expired", "EXP", None),
    ("not-yet", "NBF", None),
    ("revoked", "REV", None),
    ("suspended", "SUS", None),
    ("class", "CLS", None),
    ("specimen", "CLS", None),
    ("cut", "FMT", None),
    ("unknown-issuer", "KEY", None),
    ("altered", "SIG", None),
    ("stolen-key", "KRV", None),
    ("ten-years", "ISS", None),
    ("good-without-trust-data", "OK", Some("TRU")),
    ("good-after-121-days", "OK", Some("OLD")),
    ("good-with-slow-clock", "OK", Some("CLK")),
    ("good-after-100-days", "OK", Some("LST")),
    ("beyond-list", "IDX", None),
    ("unknown-issuer-after-15-days", "KEY", Some("NEW")),
    ("newer", "VER", None),
    ("new-claim", "VER", None),
    ("gosuslugi", "not-a-pass", None),
    ("menu", "not-a-pass", None),
    ("wifi", "not-a-pass", None),
];

#[test]
fn every_picture_checks_as_what_its_name_says() {
    let desk = CliHarness::new();
    let out = desk.shell("greenlit demo --headless out").exits_with(0);
    let scenes: serde_json::Value = serde_json::from_slice(&desk.read("out/scenes.json")).unwrap();
    let scenes = scenes.as_array().unwrap();
    let named: BTreeSet<String> = scenes.iter().map(|scene| scene["file"].as_str().unwrap().to_owned()).collect();
    assert_eq!(named, PICTURES.iter().map(|(name, ..)| format!("{name}.png")).collect());

    // By one command: what is not said of the file is said of the till.
    let files: Vec<String> = PICTURES.iter().map(|(name, ..)| format!("out/{name}.png")).collect();
    let run = desk.shell(&format!("greenlit --data out/till check --json {}", files.join(" ")));
    let answers: BTreeMap<String, String> = run
        .json()
        .iter()
        .map(|line| {
            let said = line["code"].as_str().or(line["answer"].as_str());
            (line["file"].as_str().unwrap().to_owned(), said.unwrap().to_owned())
        })
        .collect();
    for ((name, wanted, _), file) in PICTURES.iter().zip(&files) {
        assert_eq!(answers[file], *wanted, "{name}");
    }

    // Where the scene is the till's, the command that is printed below it brings its answer about.
    let by_hand: Vec<&str> = out.lines().filter_map(|line| line.trim().strip_prefix("by hand: ")).collect();
    let of_the_till: Vec<_> = PICTURES.iter().filter_map(|(name, _, wanted)| Some((name, (*wanted)?))).collect();
    assert_eq!(by_hand.len(), of_the_till.len(), "{out}");
    for (name, wanted) in of_the_till {
        let command = by_hand.iter().find(|command| command.ends_with(&format!("out/{name}.png"))).unwrap();
        let run = desk.shell(command);
        assert!(run.code == 2 && run.out.contains(&format!(" {wanted}  ")), "{command}: {run:#?}");
    }
}
