//! Promise: no root is trusted before somebody has confirmed its fingerprint, or has said that nobody will.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

use greenlit_testkit::cli::{CliHarness, Run};

const ADD: [&str; 3] = ["trust", "add", "pub/root-1.cbor"];

/// As at a terminal, where this is typed.
fn typed(desk: &CliHarness, answer: &str, command: &str) -> Run {
    desk.shell(&format!("printf '{answer}' | script -qec '{command}' /dev/null"))
}

fn trusts_nobody(desk: &CliHarness) -> bool {
    !desk.path("till/greenlit.db").exists()
}

#[test]
fn without_a_terminal_it_wants_the_fingerprint() {
    let desk = CliHarness::with_authority();
    let run = desk.till(&ADD);
    assert!(run.out.is_empty() && run.err.contains("--yes") && run.err.lines().count() == 1, "{run:#?}");
    let print = run.err.split("fingerprint, ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    run.fails_with("give it with --fingerprint");
    assert!(trusts_nobody(&desk) && !desk.path("till").exists(), "nothing was changed");
    // An answer on a pipe is nobody's word.
    desk.till_reading(&ADD, b"yes\n").fails_with("give it with --fingerprint");
    assert!(trusts_nobody(&desk));

    let wrong = "0".repeat(64);
    desk.till(&[&ADD[..], &["--fingerprint", &wrong]].concat()).fails_with("not the one you gave");
    // Nor does --yes outweigh a fingerprint that was given.
    desk.till(&[&ADD[..], &["--fingerprint", &wrong, "--yes"]].concat()).fails_with("not the one you gave");
    assert!(trusts_nobody(&desk));
    let told = desk.till(&[&ADD[..], &["--fingerprint", &print]].concat()).exits_with(0);
    assert!(told.contains("trusted; the fingerprint matches the one you gave"), "{told}");
    // What is trusted already needs no word.
    assert!(desk.till(&ADD).exits_with(0).contains("already trusted"));

    // Another authority is another question.
    desk.init("b");
    desk.issuer(&["publish", "b", "pub-b"]).exits_with(0);
    desk.till(&["trust", "add", "pub-b/root-1.cbor"]).fails_with("use --replace");
    desk.till(&["trust", "add", "pub-b/root-1.cbor", "--replace"]).fails_with("give it with --fingerprint");
    assert!(desk.till(&["trust", "show"]).out.contains(&print));
    desk.till(&["trust", "add", "pub-b/root-1.cbor", "--replace", "--yes"]).exits_with(0);
    assert!(!desk.till(&["trust", "show"]).out.contains(&print));
}

#[test]
fn at_a_terminal_it_shows_the_root_and_asks() {
    let desk = CliHarness::with_authority();
    if desk.shell("command -v script").code != 0 {
        println!("skipped: `script` (util-linux), which makes a terminal, is not here");
        return;
    }
    let add = "greenlit --data till trust add pub/root-1.cbor";
    for answer in ["\\n", "y\\n", "no\\n", "YES\\n", "yes please\\n", ""] {
        let run = typed(&desk, answer, add);
        assert_eq!(run.code, 2, "{answer}: {run:#?}");
        for words in ["root 1 of Министерство", "fingerprint ", "Trust this authority?", "nothing was changed"]
        {
            assert!(run.out.contains(words), "{answer}: {words:?} is not in {run:#?}");
        }
        assert!(trusts_nobody(&desk), "{answer}");
    }
    let run = typed(&desk, "yes\\n", add);
    assert!(run.code == 0 && run.out.trim_end().ends_with("trusted"), "{run:#?}");
    let asked = run.out.find("Trust this authority?").unwrap();
    assert!(run.out.find("fingerprint ").is_some_and(|shown| shown < asked), "shown before it is asked: {run:#?}");
    assert!(desk.till(&["trust", "show"]).out.contains("root 1 of Министерство"));
    // Nothing is asked where there is nothing to decide.
    let run = typed(&desk, "", add);
    assert!(run.code == 0 && run.out.contains("already trusted") && !run.out.contains('?'), "{run:#?}");
}
