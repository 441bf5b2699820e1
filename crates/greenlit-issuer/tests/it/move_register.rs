//! Promise: a register is moved from a file to a database and back whole, and nobody goes on with the old one.

use std::process::Stdio;
use std::time::Duration;

use greenlit_testkit::cli::{self, CliHarness};
use greenlit_testkit::database::{Database, client};

use crate::postgres::{count, counts, file};

/// How often a move is killed.
const KILLS: u64 = 20;

/// What must not change with the place: all that is known of keys and revocations, and what tills are told.
fn known(desk: &CliHarness, passes: &[String]) -> (String, String, Vec<String>) {
    desk.publish_and_sync();
    let told = |command: &str| desk.issuer(&[command, "a"]).exits_with(0);
    (told("keys"), told("revoked"), passes.iter().map(|pass| desk.code(pass, None)).collect())
}

#[test]
fn a_register_is_moved_there_and_back_and_nothing_of_it_changes() {
    let url = Database::shared().database();
    let desk = CliHarness::with_till();
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    desk.write("a/authority.toml", format!("# ours\n{settings}"));
    desk.write("people.csv", file(0..6_000));
    desk.issuer(&["issue-batch", "a", "people.csv"]).exits_with(0);
    let mut passes: Vec<String> = Vec::new();
    for command in [&["--reason", "wrong, 'quoted' \"so\""][..], &["--suspend"], &[]] {
        let (pass, reference) = desk.issue("a", &[]);
        if !command.is_empty() {
            desk.issuer(&[&["revoke", "a", &reference], command].concat()).exits_with(0);
        }
        passes.push(pass);
    }
    let before = known(&desk, &passes);
    assert_eq!(before.2, ["REV", "SUS", "OK"]);
    desk.shell("cp -a a old").exits_with(0);

    let told = desk.issuer(&["move-register", "a", &url]).exits_with(0);
    assert!(told.contains("6003 pass\n") && told.contains("register.db.moved"), "{told}");
    assert!(!desk.path("a/register.db").exists() && desk.path("a/register.db.moved").exists());
    assert!(String::from_utf8(desk.read("a/authority.toml")).unwrap().starts_with("# ours\n"));
    assert_eq!(known(&desk, &passes), before);
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass"), 6_003);
    desk.issuer(&["move-register", "a", &url]).fails_with("the register is there already");
    // Numbers go on after those that came along.
    let (third, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    passes.push(third);
    let before = known(&desk, &passes);

    desk.shell("cp -a a second").exits_with(0);
    let told = desk.issuer(&["move-register", "a", "sqlite"]).exits_with(0);
    assert!(told.contains("6004 pass\n"), "{told}");
    assert_eq!(known(&desk, &passes), before);
    // A desk that was not told does not go on with the old one, and the database is not used for another.
    desk.issuer(&["keys", "second"]).fails_with("this register was moved to a/register.db");
    desk.issuer(&["move-register", "a", &url]).fails_with("there is a register in this database already");
    desk.issuer(&["keys", "a"]).exits_with(0);
    client(&url).batch_execute("ALTER SCHEMA greenlit RENAME TO greenlit_old").unwrap();
    desk.issuer(&["move-register", "a", &url]).exits_with(0);
    assert!(desk.path("a/register.db.moved-2").exists());
    assert_eq!(known(&desk, &passes), before);
}

#[test]
fn a_batch_that_runs_while_its_register_is_moved_stops_and_goes_on_in_the_new_one() {
    let url = Database::shared().database();
    let desk = CliHarness::with_authority();
    desk.write("people.csv", file(0..3_000));
    let args = ["issue-batch", "a", "people.csv", "--part", "5", "--json"];
    let mut batch = cli::command(&desk.path("."), cli::program("greenlit-issuer"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It has begun, and may have ended: what must hold does not depend on it.
    while !desk.path("people.passes.csv.progress").exists() && batch.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    desk.issuer(&["move-register", "a", &url]).exits_with(0);
    let ended = batch.wait_with_output().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() || err.contains("this register was moved to postgresql://"), "{err}");
    let run = desk.issuer(&args);
    assert!(run.code == 0 && counts(&run)["issued"] == 3_000, "{run:#?}");
    assert_eq!(count(&url, "SELECT count(DISTINCT person) FROM greenlit.pass"), 3_000);
}

#[test]
fn a_move_that_is_killed_leaves_one_register_in_force_and_the_same_command_finishes_it() {
    let url = Database::shared().database();
    let desk = CliHarness::with_authority();
    desk.write("people.csv", file(0..4_000));
    desk.issuer(&["issue-batch", "a", "people.csv"]).exits_with(0);
    let mut here = true;
    for kill in 0..KILLS {
        let to = if here { url.as_str() } else { "sqlite" };
        let mut child = cli::command(&desk.path("."), cli::program("greenlit-issuer"))
            .args(["move-register", "a", to])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(kill * 37 % 300));
        child.kill().unwrap();
        child.wait().unwrap();
        // Either it is where it was, or where it should go, or said to be on its way.
        let run = desk.issuer(&["keys", "a"]);
        assert!(run.code == 0 || run.err.contains("this register was moved to"), "{run:#?}");
        let run = desk.issuer(&["move-register", "a", to]);
        assert!(run.code == 0 || run.err.contains("the register is there already"), "{run:#?}");
        desk.issuer(&["keys", "a"]).exits_with(0);
        here = !here;
        if here {
            assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass"), 4_000);
            client(&url).batch_execute("DROP SCHEMA greenlit CASCADE").unwrap();
        }
    }
    let told = desk.issuer(&["issue-batch", "a", "people.csv", "--json"]);
    assert!(counts(&told)["was_done"] == true, "{told:#?}");
    assert!(desk.shell("ls a").exits_with(0).lines().all(|name| !name.contains("arriving")));
}
