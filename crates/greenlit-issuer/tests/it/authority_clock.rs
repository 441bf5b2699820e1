//! Promise: what an authority did by a clock that was ahead does no lasting harm, and it is reminded in
//! time of what runs out.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_core::pass::SignedPass;
use greenlit_testkit::cli::{self, CliHarness, DAY, later};

/// A command of the authority by a clock so many days ahead.
fn ahead(desk: &CliHarness, days: i64, command: &str) -> cli::Run {
    desk.shell_ahead(days * DAY, &format!("greenlit-issuer {command}"))
}

/// The name of the key that signed a pass.
fn signer(text: &str) -> String {
    SignedPass::parse(text.as_bytes()).unwrap().kid().to_string()
}

#[test]
fn a_pause_is_counted_from_the_newest_of_publication_and_root() {
    let desk = CliHarness::with_authority();
    // Each ten days after the last thing done, and twenty after the last of the other kind.
    ahead(&desk, 10, "root new a --renew").exits_with(0);
    ahead(&desk, 20, "publish a pub").exits_with(0);
    ahead(&desk, 30, "publish a pub").exits_with(0);
    ahead(&desk, 45, "publish a pub").fails_with("--clock-is-right");
    ahead(&desk, 45, "root new a --renew").fails_with("--clock-is-right");
    ahead(&desk, 40, "root new a --renew").exits_with(0);
    ahead(&desk, 55, "root new a --renew").fails_with("--clock-is-right");
    ahead(&desk, 55, "root new a --renew --clock-is-right").exits_with(0);
}

#[test]
fn a_root_that_runs_out_is_told_of_and_then_publishes_nothing() {
    let desk = CliHarness::with_till();
    let run = desk.issuer(&["publish", "a", "pub"]);
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
    let soon = later(12 * DAY);
    desk.issuer(&["root", "new", "a", "--expires", &soon]).exits_with(0);
    let run = desk.issuer(&["publish", "a", "pub"]);
    assert!(run.code == 0 && run.err.contains("create the next one"), "{run:#?}");
    let before = desk.shell("sha256sum pub/* a/published-version").exits_with(0);
    ahead(&desk, 13, "publish a pub").fails_with("Create the next root with `greenlit-issuer root new`");
    assert_eq!(desk.shell("sha256sum pub/* a/published-version").exits_with(0), before);
    ahead(&desk, 13, "root new a --renew").exits_with(0);
    ahead(&desk, 13, "publish a pub").exits_with(0);
}

#[test]
fn a_proposal_whose_root_has_run_out_is_not_installed() {
    let desk = CliHarness::with_till();
    desk.issuer(&["root", "new", "a", "--expires", &later(2 * DAY), "--propose", "next"]).exits_with(0);
    let keys = "--key a/keys/root-1.pem --key a/keys/root-2.pem";
    desk.shell(&format!("greenlit-issuer root sign next --after pub/root-1.cbor {keys}")).exits_with(0);
    ahead(&desk, 3, "root finish a next").fails_with("proposes a root that expired");
    desk.issuer(&["root", "finish", "a", "next"]).exits_with(0);
}

#[test]
fn a_root_made_by_a_clock_far_ahead_is_followed_only_by_a_right_one() {
    let desk = CliHarness::with_till();
    ahead(&desk, 10, "root new a --renew").exits_with(0);
    desk.issuer(&["root", "new", "a", "--renew"]).fails_with("before root 2 was made");
    // A few minutes are borne with, and no root is dated before the one it follows.
    desk.init("b");
    desk.shell_ahead(200, "greenlit-issuer root new b --renew").exits_with(0);
    desk.issuer(&["root", "new", "b", "--renew"]).exits_with(0);
    let made = |n: u8| {
        let shown = desk.issuer(&["inspect", &format!("b/roots/root-{n}.cbor")]).exits_with(0);
        shown.split("made ").nth(1).unwrap().split(',').next().unwrap().to_owned()
    };
    assert_eq!(made(2), made(3));
}

#[test]
fn a_key_revoked_by_a_clock_ahead_is_revoked_now() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let kid = desk.kids("a", "issuer").remove(0);
    ahead(&desk, 50, &format!("keys a revoke {kid}")).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "KRV");
    // Its date may be put right, once.
    desk.issuer(&["keys", "a", "revoke", &kid]).exits_with(0);
    desk.issuer(&["keys", "a", "revoke", &kid]).fails_with("was already revoked at");
}

#[test]
fn a_key_published_by_a_clock_ahead_is_known_three_weeks_after_the_next_publication() {
    let desk = CliHarness::with_till();
    let old = desk.kids("a", "issuer").remove(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    ahead(&desk, 100, "publish a pub --clock-is-right").exits_with(0);
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.publish_and_sync();
    let new = desk.kids("a", "issuer").into_iter().find(|kid| *kid != old).unwrap();
    assert_eq!(signer(&desk.issue("a", &[]).0), old);
    let today = cli::today();
    let issue = format!(
        "issue a --basis vaccination --on {today} --name 'A B' --born 1984-05-09 --document 8012345678 2>/dev/null"
    );
    // `keys` says the same, and when it will be.
    let stands = |days: i64, kid: &str| {
        let told = ahead(&desk, days, "keys a").exits_with(0);
        let line = told.lines().find(|line| line.contains(kid)).unwrap_or_else(|| panic!("{told}"));
        line.rsplit("  ").next().unwrap().to_owned()
    };
    let waits = stands(0, &new);
    let until = chrono::DateTime::parse_from_rfc3339(waits.strip_prefix("waits until ").unwrap()).unwrap();
    let days = (until.to_utc() - chrono::Utc::now()).num_hours().div_euclid(24);
    assert_eq!((days, stands(0, &old).as_str()), (20, "ready"), "{waits}");
    assert_eq!(stands(20, &new), waits);
    assert_eq!((stands(22, &new).as_str(), stands(22, &old).as_str()), ("ready", "ready"));
    assert_eq!(signer(ahead(&desk, 20, &issue).exits_with(0).trim()), old);
    assert_eq!(signer(ahead(&desk, 22, &issue).exits_with(0).trim()), new);
}
