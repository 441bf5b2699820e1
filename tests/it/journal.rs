//! Promise: a line for the journal carries its level, where it goes there, and only there.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;

#[test]
fn a_warning_carries_its_level_in_the_journal_alone() {
    let desk = CliHarness::new();
    let logged = |stream: &str| {
        desk.shell(&format!(": >log; JOURNAL_STREAM={stream} greenlit --data till check none.png 2>log")).exits_with(2);
        String::from_utf8(desk.read("log")).unwrap()
    };
    let plain = "greenlit: none.png: no such file\n";
    assert_eq!(logged("$(stat -c %d:%i log)"), format!("<4>{plain}"));
    // Of a service that started this one, whose standard error is another.
    assert_eq!(logged("$(stat -c %d:%i .)"), plain);
    assert_eq!(logged("''"), plain);
    assert_eq!(logged("nonsense"), plain);
    // Commands keep no notes.
    desk.shell("greenlit-issuer init a --name M --region RU-BA && greenlit-issuer publish a pub").exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    assert_eq!(desk.till(&["sync", "pub"]).err, "");
}
