//! Promise: a publication may be served while it is written, and a `publish` may die at any moment:
//! a till that fetches meanwhile gets the older or the newer state, or keeps what it has.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;

/// A till that fetches all the time, into "seen": its exit status and the answer to the pass, a line each.
const FETCHING: &str = r#"
    while [ ! -e done ]; do
        greenlit --data till sync pub >/dev/null 2>>complaints; s=$?
        echo "$s $(echo "$PASS" | greenlit --data till check --json - | grep -o '"code":"[A-Z]*"')" >>seen
    done & fetching=$!"#;

#[test]
fn a_till_that_fetches_while_others_publish_is_never_without() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    // Every publication revokes one more pass; new list keys and new roots come in between.
    let others: Vec<String> = (0..12).map(|_| desk.issue("a", &[]).1).collect();
    let mut script = format!("PASS='{text}'; {FETCHING}; set -e; cd .\n");
    for (i, reference) in others.iter().enumerate() {
        script += &format!("greenlit-issuer revoke a {reference} >/dev/null\n");
        if i % 4 == 1 {
            script += "greenlit-issuer root new a --replace-bundle-key \
                       $(greenlit-issuer keys a | awk '/^bundle.*ready/ {print $2}') >/dev/null\n";
        }
        if i % 4 == 3 {
            script += "greenlit-issuer keys a replace \
                       $(greenlit-issuer keys a | awk '/^list.*ready/ {print $2}') >/dev/null\n";
        }
        script += "greenlit-issuer publish a pub >/dev/null\n";
    }
    script += "touch done; wait $fetching";
    desk.shell(&script).exits_with(0);
    let seen = String::from_utf8(desk.read("seen")).unwrap();
    assert!(seen.lines().count() > 5, "{seen}");
    for line in seen.lines() {
        let (status, code) = line.split_once(' ').unwrap();
        assert_eq!(code, "\"code\":\"OK\"", "{seen}");
        assert!(["0", "1", "2"].contains(&status), "{seen}");
    }
    let complaints = String::from_utf8(desk.read("complaints")).unwrap();
    assert!(!complaints.contains("internal error") && !complaints.contains("none available"), "{complaints}");
    desk.till(&["sync", "pub"]).exits_with(0);
    assert!(desk.till(&["trust", "show"]).exits_with(0).contains("version 13"));
    assert_eq!(desk.code(&text, None), "OK");
}

#[test]
fn a_publish_killed_at_any_moment_leaves_what_tills_can_live_with() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.publish_and_sync();
    for round in 0..30 {
        if round % 10 == 5 {
            desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
        }
        desk.shell(&format!("greenlit-issuer publish a pub & sleep 0.0{round:02}; kill -9 $!; wait; true"))
            .exits_with(0);
        let run = desk.till(&["sync", "pub"]);
        assert!(run.code <= 2 && !run.err.contains("internal error"), "{run:#?}");
        assert_eq!(desk.code(&text, None), "REV", "round {round}: {run:#?}");
    }
    desk.publish_and_sync();
    assert!(desk.till(&["trust", "show"]).exits_with(0).contains("root 4"));
    assert_eq!(desk.code(&text, None), "REV");
}

#[test]
fn a_change_of_root_killed_at_any_moment_can_be_made_again() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    for round in 0..20 {
        let change = "greenlit-issuer root new a --add-root new --drop-root";
        let first = "$(greenlit-issuer keys a | awk '/^root.*ready/ {print $2; exit}')";
        let killed = format!("kid={first}; {change} $kid >/dev/null & sleep 0.0{round:02}; kill -9 $!; wait; true");
        desk.shell(&killed).exits_with(0);
        desk.publish_and_sync();
        assert_eq!(desk.code(&text, None), "OK", "round {round}");
    }
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "OK");
}

#[test]
fn the_bundle_is_put_in_its_place_last() {
    let desk = CliHarness::with_authority();
    // A folder where the list belongs: it cannot be put there, so no bundle may come to name it.
    desk.shell("mkdir -p fresh/status-1.cwt/in-the-way").exits_with(0);
    desk.issuer(&["publish", "a", "fresh"]).fails_with("status-1.cwt");
    assert!(desk.path("fresh/root-1.cbor").exists() && !desk.path("fresh/trust.cbor").exists());
    desk.shell("rm -r fresh/status-1.cwt").exits_with(0);
    desk.issuer(&["publish", "a", "fresh"]).exits_with(0);
}
