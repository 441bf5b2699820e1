//! Promise: each desk of a register in PostgreSQL has a witness of its own, and what takes two people, reports and backups
//! works there as it does on a file.

use greenlit_testkit::cli::{CliHarness, DAY};
use greenlit_testkit::database::{Database, client};

use crate::postgres::{authority, count, file};

fn set(desk: &CliHarness, folder: &str, line: &str) {
    let path = format!("{folder}/authority.toml");
    let settings = String::from_utf8(desk.read(&path)).unwrap();
    desk.write(&path, format!("{line}\n{settings}"));
}

fn witnesses(desk: &CliHarness) -> Vec<String> {
    let listed = desk.shell("ls $PWD/.local/share/greenlit-issuer/*.witness").exits_with(0);
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn each_desk_has_a_witness_of_its_own_and_a_renamed_one_is_told_its_old_name() {
    let url = Database::shared().database();
    let desk = authority(&url);
    let (_, first) = desk.issue("a", &[]);
    let [of_first] = &witnesses(&desk)[..] else { panic!() };
    desk.shell("cp -a a b").exits_with(0);
    set(&desk, "b", "desk = \"second\"");
    let (_, second) = desk.issue("b", &[]);
    assert_eq!(witnesses(&desk).len(), 2);
    // Each revokes what the other one issued.
    desk.issuer(&["revoke", "b", &first]).exits_with(0);
    desk.issuer(&["revoke", "a", &second, "--reason", "given in error"]).exits_with(0);
    assert_eq!(desk.issuer(&["revoked", "b"]).exits_with(0).lines().count(), 2);
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.witness"), 2);
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.witness WHERE desk LIKE '%@%'"), 1);

    desk.shell("cp -a a renamed").exits_with(0);
    set(&desk, "renamed", &format!("desk = \"third\"\nwitness = \"{of_first}\""));
    let run = desk.issuer(&["keys", "renamed"]);
    assert!(
        run.err.contains("is the witness of the desk ") && run.err.contains("this one is called third"),
        "{run:#?}"
    );
    set(&desk, "b", "");
    let told = desk.issuer(&["move-register", "a", "sqlite"]).exits_with(0);
    assert!(told.contains("goes on with this desk's witness alone; those of other desks ended with the move: second"));
    desk.issue("a", &[]);
    assert!(desk.issuer(&["replay", "a"]).exits_with(0).contains("restored 0 passes"));
    assert_eq!(desk.issuer(&["revoked", "a"]).exits_with(0).lines().count(), 2);
    desk.issuer(&["keys", "b"]).fails_with("this register was moved to a/register.db");
}

#[test]
fn what_two_desks_did_after_an_old_copy_comes_back_desk_by_desk() {
    let url = Database::shared().database();
    let desk = authority(&url);
    desk.issue("a", &[]);
    desk.shell("cp -a a b").exits_with(0);
    set(&desk, "b", "desk = \"second\"");
    let old = desk.issue("b", &[]).1;
    let copy = "CREATE SCHEMA kept; CREATE TABLE kept.pass AS TABLE greenlit.pass; CREATE TABLE kept.list AS TABLE
                greenlit.list; CREATE TABLE kept.witness AS TABLE greenlit.witness";
    client(&url).batch_execute(copy).unwrap();
    // Each desk revokes what the other one issued.
    for _ in 0..2 {
        let (_, reference) = desk.issue("a", &[]);
        desk.issuer(&["revoke", "b", &reference]).exits_with(0);
    }
    let of_b = desk.issue("b", &[]).1;
    desk.issuer(&["revoke", "a", &of_b]).exits_with(0);
    let back = "DELETE FROM greenlit.status_change; DELETE FROM greenlit.pass; DELETE FROM greenlit.list;
                DELETE FROM greenlit.witness; INSERT INTO greenlit.pass SELECT * FROM kept.pass;
                INSERT INTO greenlit.list SELECT * FROM kept.list; INSERT INTO greenlit.witness SELECT * FROM kept.witness";
    client(&url).batch_execute(back).unwrap();
    desk.issuer(&["revoke", "a", &old]).fails_with("the register is an old copy: 2 passes and");
    let other_first = "run `greenlit-issuer replay` at the other desks";
    desk.issuer(&["replay", "b"]).fails_with(other_first);
    // It comes as far as it can, and waits for the other one.
    desk.issuer(&["replay", "a"]).fails_with(other_first);
    desk.issuer(&["replay", "b"]).exits_with(0);
    desk.issuer(&["replay", "a"]).exits_with(0);
    let revoked = desk.issuer(&["revoked", "a"]).exits_with(0);
    assert!(revoked.lines().count() == 3 && revoked.contains(&of_b), "{revoked}");
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass"), 5);
    assert_eq!(count(&url, "SELECT used FROM greenlit.list"), 5);
}

#[test]
fn many_are_revoked_on_two_words_and_counted_and_forgotten_in_a_database_too() {
    let url = Database::shared().database();
    let desk = authority(&url);
    set(&desk, "a", "desk = \"office\"");
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    desk.write("a/authority.toml", settings.replace("second_word_above = 100", "second_word_above = 3"));
    desk.write("people.csv", file(0..5));
    desk.issuer(&["issue-batch", "a", "people.csv"]).exits_with(0);
    let list = "greenlit-issuer revoke a --file people.passes.csv --reason 'wrong batch'";
    assert!(desk.shell_as(1, list).exits_with(1).contains("5 not revoked yet"));
    desk.shell_as(1, "greenlit-issuer confirm a 1 --yes").fails_with("proposal 1 was made by daemon");
    let told = desk.shell_as(2, "greenlit-issuer confirm a 1 --yes").exits_with(0);
    assert!(told.contains("revoked 5 passes"), "{told}");
    let told = desk.issuer(&["report", "a", "--json"]);
    assert_eq!(told.code, 0, "{told:#?}");
    let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let month = &told["months"][0];
    assert_eq!((&month["issued"][0]["passes"], &month["revoked"][0]["passes"]), (&5.into(), &5.into()), "{told}");

    let days = |days: i64| desk.shell_ahead(days * DAY, "greenlit-issuer erase a").exits_with(0);
    assert!(days(735).contains("erased whose 5 passes were"));
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass WHERE person IS NOT NULL OR reason IS NOT NULL"), 0);
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass WHERE status = 1"), 5);
}

#[test]
fn a_backup_is_tried_in_all_but_the_database() {
    let desk = authority(&Database::shared().database());
    desk.issue("a", &[]);
    desk.shell("cp -a a backup").exits_with(0);
    let told = desk.issuer(&["check-backup", "a", "backup"]).exits_with(0);
    assert!(told.contains("restore that from its own backup") && !told.contains("failed"), "{told}");
    assert!(told.contains("private keys, each the one registered"), "{told}");
    desk.shell("rm backup/keys/person.key").exits_with(0);
    let run = desk.issuer(&["check-backup", "a", "backup"]);
    assert!(run.code == 1 && !desk.path("backup/keys/person.key").exists(), "{run:#?}");
    // One from before the register was moved there is no backup of this authority.
    let moved = CliHarness::with_authority();
    moved.issue("a", &[]);
    moved.shell("cp -a a backup").exits_with(0);
    moved.issuer(&["move-register", "a", &Database::shared().database()]).exits_with(0);
    let run = moved.issuer(&["check-backup", "a", "backup"]);
    assert!(
        run.code == 1 && run.out.contains("its register is register.db, and that of the authority is now"),
        "{run:#?}"
    );
}
