//! Promise: a store that somebody keeps locked, or that cannot be read, is called that and never an empty one, and a
//! command waits for it once. That it is once: `src/config/till/tests.rs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;

const DB: &str = "till/greenlit.db";
const WRONG_ADVICE: [&str; 3] = ["trust add", "no root is trusted", "there is no trust data"];

/// What every command says of a store with this state, and with these words for it.
fn is_told(desk: &CliHarness, text: &str, state: &str, why: &str, words_of_check: &str) {
    let no_wrong_advice = |told: &str| {
        for wrong in WRONG_ADVICE {
            assert!(!told.contains(wrong), "{state}: {wrong:?} in {told}");
        }
    };
    let status = desk.till(&["status"]);
    assert_eq!(status.code, 2, "{status:#?}");
    for words in [
        format!("store: {state}: "),
        why.to_owned(),
        "trusted: unknown, because the store cannot be read".to_owned(),
        "sites: (not known)".to_owned(),
        "source: (not known)".to_owned(),
    ] {
        assert!(status.out.contains(&words), "{words:?} is not in {status:#?}");
    }
    no_wrong_advice(&status.out);
    let told = &desk.till(&["status", "--json"]).json()[0];
    assert_eq!((&told["store"]["state"], &told["exit"]), (&state.into(), &2.into()), "{told:#}");

    let show = desk.till(&["trust", "show"]);
    no_wrong_advice(&show.out);
    no_wrong_advice(&show.err);
    show.fails_with(why);

    // Amber all the same, and under the code that it has always had.
    let check = desk.till_reading(&["check", "--json", "-"], text.as_bytes());
    let answer = &check.json()[0];
    assert_eq!((check.code, &answer["code"], &answer["answer"]), (2, &"TRU".into(), &"cannot-tell".into()));
    assert!(answer["message"].as_str().unwrap().contains(words_of_check), "{answer:#}");
    assert!(check.err.contains(why) && check.err.lines().count() == 1, "{check:#?}");
    no_wrong_advice(&answer.to_string());
    let check = desk.till_reading(&["check", "-"], text.as_bytes());
    assert!(check.out.starts_with("! CANNOT TELL TRU") && check.out.contains(words_of_check), "{check:#?}");
    no_wrong_advice(&check.out);
    // What is no pass is that, whatever the store.
    let menu = desk.till_reading(&["check", "--json", "-"], b"https://cafe.example/menu\n");
    assert_eq!(menu.json()[0]["answer"], "not-a-pass", "{menu:#?}");

    desk.till(&["sync", "pub"]).fails_with(why);
    desk.till(&["sync"]).fails_with(why);
    desk.till(&["settings", "language", "ba"]).fails_with(why);
}

#[test]
fn a_store_that_is_kept_locked_is_called_busy() {
    let desk = CliHarness::with_till();
    desk.till(&["settings", "sites", "hotel"]).exits_with(0);
    let (text, _) = desk.issue("a", &[]);
    let other = rusqlite::Connection::open(desk.path(DB)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    is_told(&desk, &text, "busy", "in use by another copy of Greenlit", "try again when it is done");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(desk.code(&text, None), "OK");
    assert!(desk.till(&["status"]).exits_with(0).contains("sites: hotel\n"));
}

#[test]
fn a_store_of_a_newer_greenlit_is_not_called_empty() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    rusqlite::Connection::open(desk.path(DB)).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    is_told(&desk, &text, "too-new", "written by a newer version of Greenlit", "`greenlit status` tells why");
}
