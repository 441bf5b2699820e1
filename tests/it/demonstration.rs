//! The headless demonstration shows every answer there is.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

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
    desk.shell("mkdir mine && touch mine/letter && greenlit demo --headless mine").fails_with("could not make");
    assert!(desk.path("mine/letter").exists());
    // Its scenes are real pictures, judged again by the ordinary command.
    let good = desk.shell("greenlit --data out/till check --json out/good.png out/revoked.png out/menu.png");
    let answers: Vec<_> = good.json().iter().map(|line| line["answer"].as_str().unwrap().to_owned()).collect();
    assert_eq!(answers, ["valid", "refused", "not-a-pass"]);
    assert_eq!(good.code, 1);
}
