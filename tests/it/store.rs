//! The till's database: changed, full, read-only, shared. It grants nothing, and nothing in it is lost.
//! What becomes of a damaged one: tests/damaged_store.rs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::time::Duration;

use greenlit_testkit::cli::{self, CliHarness};

const DB: &str = "till/greenlit.db";

#[test]
fn documents_changed_in_the_database_grant_nothing() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let good = desk.read(DB);
    let sql = |sql: &str| {
        desk.write(DB, &good);
        rusqlite::Connection::open(desk.path(DB)).unwrap().execute_batch(sql).unwrap();
        desk.code(&text, None)
    };
    assert_eq!(sql("SELECT 1"), "OK");
    // What SQLite itself adds is no damage.
    assert_eq!(sql("ANALYZE"), "OK");
    for (change, code) in [
        ("DELETE FROM document WHERE kind = 'root'", "TRU"),
        ("DELETE FROM document WHERE kind = 'bundle'", "TRU"),
        ("DELETE FROM document WHERE kind = 'list'", "LST"),
        ("UPDATE document SET bytes = zeroblob(20) WHERE kind = 'root'", "TRU"),
        ("UPDATE document SET bytes = zeroblob(9000000) WHERE kind = 'bundle'", "TRU"),
        ("UPDATE document SET bytes = x'00' WHERE kind = 'list'", "LST"),
        ("UPDATE document SET bytes = (SELECT bytes FROM document WHERE kind = 'list') WHERE kind = 'bundle'", "TRU"),
        ("UPDATE held SET value = 2 WHERE kind = 'root'", "TRU"),
        ("UPDATE held SET value = 99 WHERE kind = 'bundle'", "TRU"),
        ("UPDATE held SET value = 9007199254740991 WHERE kind = 'list'", "LST"),
        ("UPDATE held SET value = 9007199254740991 WHERE kind = 'floor'", "CLK"),
        ("UPDATE held SET value = -1 WHERE kind = 'floor'", "TRU"),
        ("DROP TABLE document", "TRU"),
        // A column that is computed whenever it is read, here from next to nothing.
        (
            "CREATE TABLE other (kind TEXT NOT NULL, number INTEGER NOT NULL, x BLOB,
                bytes BLOB GENERATED ALWAYS AS (zeroblob(number + 3)) VIRTUAL, PRIMARY KEY (kind, number)) STRICT;
             INSERT INTO other SELECT kind, number, bytes FROM document;
             DROP TABLE document; ALTER TABLE other RENAME TO document",
            "TRU",
        ),
        ("ALTER TABLE document ADD COLUMN more BLOB AS (zeroblob(number + 3))", "TRU"),
        ("PRAGMA user_version = 99", "TRU"),
        ("PRAGMA application_id = 1", "TRU"),
    ] {
        assert_eq!(sql(change), code, "{change}");
    }
    // Where its root is whole, the next sync heals it; otherwise trusting the root anew does. What has
    // been held is forgotten by neither, or an older publication could come back by it.
    for (change, healer) in [
        ("UPDATE document SET bytes = x'00' WHERE kind = 'list'", ""),
        ("UPDATE document SET bytes = x'00' WHERE kind = 'bundle'", ""),
        ("DELETE FROM document WHERE kind IN ('list', 'bundle')", ""),
        ("UPDATE document SET bytes = x'00' WHERE kind = 'root'", "true"),
        ("UPDATE held SET value = 2 WHERE kind = 'root'", "rm till/greenlit.db"),
        ("UPDATE held SET value = 99 WHERE kind = 'bundle'", "rm till/greenlit.db"),
    ] {
        assert_ne!(sql(change), "OK", "{change}");
        if !healer.is_empty() {
            assert_eq!(desk.till(&["sync", "pub"]).code, 2, "{change}");
            desk.till(&["trust", "add", "--yes", "pub/root-1.cbor", "--replace"]).exits_with(0);
            assert_eq!(desk.till(&["sync", "pub"]).code == 0, healer == "true", "{change}");
            desk.shell(healer).exits_with(0);
            desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
        }
        desk.till(&["sync", "pub"]).exits_with(0);
        assert_eq!(desk.code(&text, None), "OK", "{change}");
        assert!(desk.till(&["trust", "show"]).err.is_empty());
    }
}

#[test]
fn two_copies_at_once_wait_for_each_other() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let both = desk.shell(
        "greenlit --data till sync pub & a=$!; greenlit --data till sync pub & b=$!; wait $a; x=$?; wait $b; echo $x $?",
    );
    // The slower one finds that nothing is newer any more.
    assert_eq!(both.out.lines().last(), Some("0 0"), "{both:#?}");
    assert!(desk.till(&["trust", "show"]).exits_with(0).contains("version 2"));
    assert_eq!(desk.code(&text, None), "OK");

    // Many desks of one authority issue at the same time: every pass has a place of its own.
    let on = cli::today();
    let issue = format!(
        "greenlit-issuer issue a --basis vaccination --on {on} --name 'А Б' --born 1990-01-01 --document 8012345678"
    );
    let all = desk.shell(&format!("for i in 1 2 3 4 5 6 7 8; do {issue} & done; wait"));
    let references: std::collections::BTreeSet<_> = all.err.lines().filter(|line| line.starts_with("pass ")).collect();
    let busy = all.err.matches("in use by another command").count();
    assert_eq!((references.len() + busy, all.out.lines().count()), (8, references.len()), "{all:#?}");
    assert!(!references.is_empty(), "{all:#?}");
}

#[test]
fn a_writer_that_stays_keeps_others_out_and_readers_in() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let held = rusqlite::Connection::open(desk.path(DB)).unwrap();
    held.busy_timeout(Duration::from_secs(1)).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(desk.code(&text, None), "OK");
    desk.till(&["settings", "language", "ru"]).fails_with("another copy of Greenlit");
    held.execute_batch("ROLLBACK").unwrap();
    desk.till(&["settings", "language", "ru"]).exits_with(0);
}

#[test]
fn status_tells_that_a_sync_could_not_be_kept() {
    let desk = CliHarness::with_till();
    let state = || desk.till(&["status", "--json"]).json()[0]["store"]["state"].clone();
    assert_eq!(state(), "ok");
    // Somebody keeps a lock.
    let other = rusqlite::Connection::open(desk.path(DB)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(state(), "busy");
    drop(other);
    // Others might come and keep one.
    desk.shell("chmod 0755 till").exits_with(0);
    assert_eq!(state(), "open-to-others");
    desk.shell("chmod 0700 till && chmod 0644 till/greenlit.db").exits_with(0);
    assert_eq!(state(), "open-to-others");
    let run = desk.till(&["status"]);
    assert!(run.code == 1 && run.out.contains("chmod 0700"), "{run:#?}");
    // Whatever writes next closes it again.
    desk.till(&["settings", "language", "ba"]).exits_with(0);
    assert_eq!(state(), "ok");
}

#[test]
fn a_full_disk_changes_nothing() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    // With its signal ignored, a file size limit looks to a program like a disk without room.
    let full = |blocks: u32, command: &str| desk.shell(&format!("trap '' XFSZ; ulimit -f {blocks}; {command}"));
    // Which also notes the time.
    assert_eq!(desk.code(&text, None), "OK");
    let before = desk.read(DB);
    let run = full(4, "greenlit --data till sync pub");
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(!run.err.is_empty() && !run.err.contains("internal error"), "{run:#?}");
    assert_eq!(desk.code(&text, None), "OK");
    assert_eq!(desk.read(DB), before);
    full(0, "greenlit-issuer publish a new-pub").fails_with("");
    assert!(!desk.path("new-pub/trust.cbor").exists());
    full(0, "greenlit-issuer init b --name N --region RU-BA").fails_with("no space");
    assert!(!desk.path("b").exists());
    desk.shell("greenlit --data till check pub/root-1.cbor >/dev/full; test $? = 2").exits_with(0);
    desk.shell("greenlit --data till trust show >/dev/full; test $? = 2").exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
}

#[test]
fn a_folder_that_cannot_be_written_still_answers() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.shell("chmod -R a-w till").exits_with(0);
    // Root may write anywhere, so the test steps down where it can.
    let user = if desk.shell("id -u").exits_with(0).trim() == "0" {
        "setpriv --reuid 65534 --regid 65534 --clear-groups "
    } else {
        ""
    };
    desk.shell("chmod a+rx . till pub && chmod -R a+r till pub").exits_with(0);
    let input = format!("echo '{text}' | {user}greenlit --data till check --json -");
    let run = desk.shell(&input);
    if run.err.contains("setpriv") || run.err.contains("Permission denied") {
        println!("skipped: this machine does not let the test step down to a user who may not write");
        return;
    }
    assert_eq!(run.json()[0]["code"], "OK", "{run:#?}");
    desk.shell(&format!("{user}greenlit --data till sync pub")).fails_with("cannot be written");
    let status = desk.shell(&format!("{user}greenlit --data till status --json"));
    assert_eq!(status.json()[0]["store"]["state"], "not-writable", "{status:#?}");
    desk.shell(&format!("{user}greenlit --data till/deeper trust add --yes pub/root-1.cbor"))
        .fails_with("cannot be written");
    desk.shell("chmod -R u+w till").exits_with(0);
}

#[test]
fn a_writer_killed_half_way_leaves_the_old_data_or_the_new() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    for round in 0..20 {
        desk.issuer(&["publish", "a", "pub"]).exits_with(0);
        desk.shell(&format!("greenlit --data till sync pub & sleep 0.00{round:02}; kill -9 $!; wait")).exits_with(0);
        assert_eq!(desk.code(&text, None), "OK", "round {round}");
    }
    desk.till(&["sync", "pub"]).exits_with(0);
    assert!(desk.till(&["trust", "show"]).exits_with(0).contains("version 21"));
}
