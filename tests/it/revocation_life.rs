//! Promise: the authority can say of every pass that it took back, when and why, and tills follow
//! each change by the next publication.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;

#[test]
fn what_is_revoked_is_listed_with_its_reason() {
    let desk = CliHarness::with_till();
    assert_eq!(desk.issuer(&["revoked", "a"]).exits_with(0), "");
    let (first, one) = desk.issue("a", &[]);
    let (second, two) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &one, "--reason", "given in\terror\n1-1\trevoked"]).exits_with(0);
    desk.issuer(&["revoke", "a", &second, "--suspend", "--reason", "lost phone"]).exits_with(0);
    let lines = |args: &[&str]| -> Vec<Vec<String>> {
        let listed = desk.issuer(args).exits_with(0);
        listed.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    };
    let all = lines(&["revoked", "a"]);
    let part = |line: &[String]| [line[0].clone(), line[1].clone(), line[3].clone()];
    assert_eq!(all.len(), 2);
    assert_eq!(part(&all[0]), [&one, "revoked", "given in error 1-1 revoked"], "one line, whatever the reason says");
    assert_eq!(part(&all[1]), [&two, "suspended", "lost phone"]);
    assert!(chrono::DateTime::parse_from_rfc3339(&all[0][2]).is_ok());
    // Lifting does not wipe out what was.
    desk.issuer(&["revoke", "a", &two, "--lift", "--reason", "found again"]).exits_with(0);
    assert_eq!(lines(&["revoked", "a"]).len(), 1);
    desk.issuer(&["revoke", "a", &two, "--lift"]).fails_with("is not suspended");
    desk.issuer(&["revoke", "a", &one, "--lift"]).fails_with("is already permanently revoked");
    let told: Vec<_> = lines(&["revoked", "a", &second]).iter().map(|line| part(line)).collect();
    assert_eq!(told, [[&two, "suspended", "lost phone"], [&two, "valid again", "found again"]]);
    desk.publish_and_sync();
    assert_eq!((desk.code(&first, None), desk.code(&second, None)), ("REV".into(), "OK".into()));
    desk.issuer(&["revoked", "a", "1-99999999"]).fails_with("no pass 1-99999999 was issued here");
    desk.issuer(&["revoked", "a", "x"]).fails_with("is not a pass or a reference");
    desk.issuer(&["revoke", "a", &one, "--reason", &"x".repeat(1_001)]).fails_with("longer than 1,000");
}

#[test]
fn what_is_revoked_stays_so_through_new_roots_and_new_list_keys() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.publish_and_sync();
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "REV");
    desk.issuer(&["keys", "a", "replace", &desk.kids("a", "list")[0]]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "REV");
}
