//! Promise: a till has one window, and everything else goes on beside it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::File;

use greenlit_testkit::cli::CliHarness;

const TOLD: &str = "the window for this data folder is already open";

#[test]
fn a_second_window_of_one_till_is_refused_and_nothing_else() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &["--qr", "pass.png"]);
    // The place of a window: no test has a screen.
    let window = File::create(desk.path("till/window.lock")).unwrap();
    window.lock().unwrap();
    for args in [&[][..], &["--pictures", "pass.png"]] {
        let run = desk.till(args);
        assert!(run.out.is_empty() && run.err.lines().count() == 1, "{run:#?}");
        run.fails_with(TOLD);
    }
    assert_eq!(desk.code(&text, None), "OK");
    desk.till(&["sync", "pub"]).exits_with(0);
    desk.till(&["settings", "sites", "hotel"]).exits_with(0);
    desk.till(&["watch", "--pictures", "pass.png"]).exits_with(0);
    desk.till(&["status"]).exits_with(0);
    // Another till's window is another matter, be there a folder for it or not.
    desk.shell("greenlit --data other").fails_with("cannot open a window here");
    assert!(!desk.path("other").exists());
    // The lock ends with whoever held it; the file stays, and means nothing.
    window.unlock().unwrap();
    desk.till(&[]).fails_with("cannot open a window here");
    assert!(desk.path("till/window.lock").is_file());
    // It is no reason to leave the folder open to others.
    desk.shell("chmod 0755 till").exits_with(0);
    desk.till(&["settings", "sites", "retail"]).exits_with(0);
    assert_eq!(desk.shell("stat -c %a till").exits_with(0), "700\n");
}
