//! Promise: whether a backup serves is known before it is needed, and trying it changes nothing.

use greenlit_testkit::cli::{CliHarness, Run};

fn back_up(desk: &CliHarness) {
    desk.shell("rm -rf backup; cp -a a backup").exits_with(0);
}

fn check(desk: &CliHarness) -> Run {
    let sums = "find a backup .local ! -name '*.lock' -type f | sort | xargs sha256sum; ls -A";
    let before = desk.shell(sums).exits_with(0);
    let run = desk.issuer(&["check-backup", "a", "backup"]);
    assert_eq!(desk.shell(sums).exits_with(0), before, "nothing is changed, and no copy left");
    run
}

/// The one point that failed.
#[track_caller]
fn fails(desk: &CliHarness, words: &str) {
    let run = check(desk);
    assert!(run.code == 1 && run.out.contains("could NOT go on"), "{run:#?}");
    let failed: Vec<&str> = run.out.lines().filter(|line| line.starts_with("failed")).collect();
    assert!(failed.len() == 1 && failed[0].contains(words), "{words}: {run:#?}");
}

#[test]
fn a_backup_that_is_new_or_can_be_completed_serves() {
    let desk = CliHarness::with_authority();
    desk.issue("a", &[]);
    back_up(&desk);
    let told = check(&desk).exits_with(0);
    assert!(!told.contains("failed") && !told.contains("skipped") && told.contains("lacks nothing"), "{told}");
    assert!(told.contains("tills would accept one") && told.ends_with("could go on from this backup\n"), "{told}");

    let passes: Vec<String> = (0..3).map(|_| desk.issue("a", &[]).1).collect();
    desk.issuer(&["revoke", "a", &passes[0]]).exits_with(0);
    desk.issuer(&["revoke", "a", &passes[1], "--suspend"]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let told = check(&desk).exits_with(0);
    // Each change has a line that says who made it.
    assert!(told.contains("complete after replay of 12 entries since 20"), "{told}");
    assert!(told.contains(": 3 passes, 2 status changes") && told.contains("2 revoked or suspended"), "{told}");
    let run = desk.issuer(&["check-backup", "a", "backup", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert!(told["holds"] == true && told["points"].as_array().unwrap().len() == 11, "{told}");
    // The authority goes on meanwhile.
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
}

#[test]
fn a_backup_that_lacks_a_key_or_is_damaged_does_not() {
    let desk = CliHarness::with_authority();
    desk.issue("a", &[]);
    back_up(&desk);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    // The register can be completed from the witness, but no private key is in it.
    fails(&desk, "keys/issuer-2.pem is missing");
    back_up(&desk);
    check(&desk).exits_with(0);
    desk.shell("cp -p backup/keys/list-1.pem backup/keys/issuer-1.pem").exits_with(0);
    fails(&desk, "not the key");
    back_up(&desk);
    desk.shell("rm backup/keys/person.key").exits_with(0);
    fails(&desk, "without it nobody can tell who has a pass already");
    back_up(&desk);
    desk.shell("rm backup/roots/root-1.cbor").exits_with(0);
    assert!(check(&desk).out.contains("contains no root"));
    back_up(&desk);
    desk.shell("echo 'x =' >>backup/rules.toml").exits_with(0);
    fails(&desk, "rules.toml");
    back_up(&desk);
    desk.shell("printf damaged | dd of=backup/register.db bs=1 seek=4096 conv=notrunc 2>/dev/null").exits_with(0);
    fails(&desk, "damaged");
    back_up(&desk);
    desk.shell("rm backup/register.db").exits_with(0);
    fails(&desk, "missing: register.db");
    back_up(&desk);
    desk.shell("chmod 644 backup/keys/issuer-1.pem").exits_with(0);
    fails(&desk, "chmod 600");
}

#[test]
fn another_s_backup_and_the_folder_itself_are_none() {
    let desk = CliHarness::with_authority();
    desk.init("b");
    desk.shell("cp -a b backup").exits_with(0);
    fails(&desk, "of another authority");
    desk.issuer(&["check-backup", "a", "a"]).fails_with("this is the authority's own folder");
    desk.issuer(&["check-backup", "a", "nowhere"]).fails_with("no such folder");
}

#[test]
fn a_register_that_was_copied_in_the_middle_of_a_change_serves() {
    let desk = CliHarness::with_authority();
    desk.issue("a", &[]);
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    // With next to no memory half of the change is in the file already, and in the journal what it was before.
    register.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").unwrap();
    let half = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                INSERT INTO refusal SELECT 0, i, 'half', 1 FROM n";
    register.execute_batch(half).unwrap();
    back_up(&desk);
    assert!(desk.path("backup/register.db-journal").is_file());
    register.execute_batch("ROLLBACK").unwrap();
    check(&desk).exits_with(0);
}
