//! Promise: a damaged store is set aside, said so, and rebuilt from the next sync; never trusted,
//! never in a loop, and nobody else's file is touched.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::{CliHarness, Run};

const DB: &str = "till/greenlit.db";

/// Names in the data folder, apart from the store's own and the sounds.
fn aside(desk: &CliHarness) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path("till")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "greenlit.db" && name != "sounds");
    names.sort();
    names
}

fn check(desk: &CliHarness, text: &str) -> Run {
    desk.till_reading(&["check", "--json", "-"], text.as_bytes())
}

/// Ways in which a file is damaged: by a disk, a power cut, a copy that ran out of room.
fn damages(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let page = 4096;
    let overwritten = |from: usize, byte: u8| {
        let mut bytes = good.to_vec();
        bytes.iter_mut().skip(from).take(page).for_each(|b| *b = byte);
        bytes
    };
    let flipped = |at: usize| {
        let mut bytes = good.to_vec();
        bytes[at] ^= 0xff;
        bytes
    };
    vec![
        ("junk", b"junk".to_vec()),
        ("all ones", vec![0xff; 10_000]),
        ("magic alone", b"SQLite format 3\0".repeat(300)),
        ("cut in a page", good[..5_000].to_vec()),
        ("cut at a page", good[..2 * page].to_vec()),
        ("first page gone", overwritten(0, 0)),
        ("second page gone", overwritten(page, 0)),
        ("third page gone", overwritten(2 * page, 0xa5)),
        ("page size flipped", flipped(16)),
        ("schema flipped", flipped(100)),
        ("cell pointer flipped", flipped(page + 8)),
    ]
}

#[test]
fn a_damaged_store_is_set_aside_and_rebuilt() {
    let sample = CliHarness::with_till().read(DB);
    for (name, _) in damages(&sample) {
        let desk = CliHarness::with_till();
        let (text, _) = desk.issue("a", &[]);
        let (_, bytes) = damages(&desk.read(DB)).into_iter().find(|(n, _)| *n == name).unwrap();
        desk.write(DB, &bytes);
        desk.write("till/greenlit.db-journal", b"left behind");
        let run = check(&desk, &text);
        assert_eq!((run.code, &run.json()[0]["code"]), (2, &"TRU".into()), "{name}: {run:#?}");
        assert!(run.err.contains("was damaged") && run.err.contains("greenlit trust add"), "{name}: {run:#?}");
        assert!(!run.err.contains("internal error"), "{name}: {run:#?}");
        let names = aside(&desk);
        assert!(names[0].starts_with("greenlit.db.damaged-20"), "{name}: {names:?}");
        // A journal that SQLite has not thrown away itself goes with its store, never stays for the next.
        assert!(names[1..].iter().all(|other| *other == format!("{}-journal", names[0])), "{name}: {names:?}");
        assert_eq!(desk.read(&format!("till/{}", names[0])), bytes, "{name}: kept as it was");
        // Once: there is nothing left to set aside, and what was told is not told again.
        assert!(check(&desk, &text).err.is_empty(), "{name}");
        desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
        desk.till(&["sync", "pub"]).exits_with(0);
        assert_eq!(desk.code(&text, None), "OK", "{name}");
        assert_eq!(aside(&desk), names, "{name}");
    }
}

#[test]
fn with_a_site_file_the_till_comes_back_by_itself() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let show = desk.till(&["trust", "show"]).exits_with(0);
    let print = show.lines().find_map(|line| line.trim().strip_prefix("fingerprint ")).unwrap();
    desk.write("site.toml", format!("root = \"pub/root-1.cbor\"\nfingerprint = \"{print}\"\nsource = \"pub\"\n"));
    desk.shell("chmod 600 site.toml").exits_with(0);
    desk.write(DB, b"junk");
    let run = desk.till_reading(&["--site-file", "site.toml", "check", "--json", "-"], text.as_bytes());
    assert_eq!((run.code, &run.json()[0]["code"]), (0, &"OK".into()), "{run:#?}");
    assert!(run.err.contains("was damaged") && run.err.contains("whose fingerprint matches"), "{run:#?}");
    assert_eq!(aside(&desk).len(), 1);
    assert_eq!(desk.code(&text, None), "OK");
}

#[test]
fn every_command_that_writes_or_judges_sets_aside_and_none_that_looks() {
    for (args, sets_aside) in [
        (&["check", "pass.png"][..], true),
        (&["sync", "pub"], true),
        (&["trust", "add", "--yes", "pub/root-1.cbor"], true),
        (&["settings", "language", "ru"], true),
        (&["settings"], false),
        (&["trust", "show"], false),
        (&["status"], false),
    ] {
        let desk = CliHarness::with_till();
        desk.issue("a", &["--qr", "pass.png"]);
        desk.write(DB, b"junk");
        let run = desk.till(args);
        assert_eq!(!aside(&desk).is_empty(), sets_aside, "{args:?} {run:#?}");
        assert!((run.out + &run.err).contains("damaged"), "{args:?}");
        assert_eq!(desk.path(DB).exists() && desk.read(DB) == b"junk", !sets_aside, "{args:?}");
    }
}

#[test]
fn what_is_whole_or_not_ours_stays_where_it_is() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let good = desk.read(DB);
    let sql = |sql: &str| {
        std::fs::remove_file(desk.path(DB)).unwrap();
        desk.write(DB, &good);
        rusqlite::Connection::open(desk.path(DB)).unwrap().execute_batch(sql).unwrap();
    };
    // A newer Greenlit's.
    sql("PRAGMA user_version = 99");
    assert!(check(&desk, &text).err.contains("newer version of Greenlit"));
    desk.till(&["sync", "pub"]).fails_with("newer version of Greenlit");
    // Another program's: whole, or itself damaged.
    std::fs::remove_file(desk.path(DB)).unwrap();
    let other = rusqlite::Connection::open(desk.path(DB)).unwrap();
    other.execute_batch("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')").unwrap();
    drop(other);
    let foreign = desk.read(DB);
    let mut broken = foreign.clone();
    broken[4096..].fill(0xa5);
    broken[100] ^= 0xff;
    for bytes in [foreign, broken] {
        desk.write(DB, &bytes);
        assert!(check(&desk, &text).err.contains("another program's database"));
        desk.till(&["sync", "pub"]).fails_with("another program's database");
        desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).fails_with("another program's database");
        assert_eq!(desk.read(DB), bytes);
    }
    // Empty: a store that nobody has written to yet.
    desk.write(DB, b"");
    let run = check(&desk, &text);
    assert_eq!((&run.json()[0]["code"], run.err.as_str()), (&"TRU".into(), ""), "{run:#?}");
    // A folder, a link to nowhere, a pipe.
    for (make, remove, words) in [
        ("mkdir", "rmdir", "not a regular file"),
        ("mkfifo", "rm", "not a regular file"),
        ("ln -s /dev/null", "rm", "not a regular file"),
    ] {
        desk.shell(&format!("rm -f {DB}; {make} {DB}")).exits_with(0);
        let run = check(&desk, &text);
        assert!(run.code == 2 && run.err.contains(words), "{make}: {run:#?}");
        desk.till(&["sync", "pub"]).fails_with(words);
        desk.shell(&format!("{remove} {DB}")).exits_with(0);
    }
    // Somebody else is writing.
    desk.write(DB, &good);
    let held = rusqlite::Connection::open(desk.path(DB)).unwrap();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    desk.till(&["settings", "language", "ru"]).fails_with("another copy");
    held.execute_batch("ROLLBACK").unwrap();
    assert_eq!(desk.code(&text, None), "OK");
    assert!(aside(&desk).is_empty(), "{:?}", aside(&desk));
}

#[test]
fn only_the_last_three_are_kept_and_a_failing_disk_ends_it() {
    let desk = CliHarness::with_till();
    desk.shell("cd till; for y in 2021 2022 2023 2024; do echo $y >greenlit.db.damaged-${y}0101T000000Z; done")
        .exits_with(0);
    desk.write("till/greenlit.db.damaged-20210101T000000Z-journal", b"");
    desk.write("till/greenlit.db.damaged-by-the-cat", b"somebody's own");
    desk.write(DB, b"junk");
    desk.till(&["sync", "pub"]).fails_with("was damaged");
    let names = aside(&desk);
    let wanted = ["20230101T000000Z", "20240101T000000Z"].map(|time| format!("greenlit.db.damaged-{time}"));
    assert_eq!((names.len(), &names[..2]), (4, &wanted[..]), "{names:?}");
    assert_eq!(names[3], "greenlit.db.damaged-by-the-cat");

    for round in 2..=3 {
        desk.write(DB, format!("junk {round}"));
        desk.till(&["sync", "pub"]).fails_with("was damaged");
    }
    desk.write(DB, b"junk 4");
    let before = aside(&desk);
    desk.till(&["sync", "pub"]).fails_with("damaged repeatedly within an hour");
    assert_eq!((aside(&desk), desk.read(DB)), (before, b"junk 4".to_vec()));
}

#[test]
fn of_many_copies_at_once_one_sets_aside_and_none_loses_the_new_store() {
    for round in 0..6 {
        let desk = CliHarness::with_till();
        let (text, _) = desk.issue("a", &[]);
        let good = desk.read(DB);
        let (_, bytes) = damages(&good).swap_remove(round);
        desk.write(DB, bytes);
        let add = "greenlit --data till trust add --yes pub/root-1.cbor >/dev/null && greenlit --data till sync pub";
        let all = desk.shell(&format!("for i in 1 2 3 4 5 6; do ({add}) & done; wait"));
        assert_eq!(all.err.matches("was damaged").count(), 1, "{all:#?}");
        assert!(!all.err.contains("internal error"), "{all:#?}");
        assert_eq!(aside(&desk).len(), 1, "{all:#?}");
        assert_eq!(desk.code(&text, None), "OK", "{all:#?}");
    }
}

#[test]
fn where_nothing_can_be_written_the_answer_is_amber_and_the_file_stays() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.write(DB, b"junk");
    desk.shell("chmod a+rx . till pub && chmod -R a+r till pub && chmod a-w till till/greenlit.db").exits_with(0);
    let root = desk.shell("id -u").exits_with(0).trim() == "0";
    let user = if root { "setpriv --reuid 65534 --regid 65534 --clear-groups " } else { "" };
    let run = desk.shell(&format!("echo '{text}' | {user}greenlit --data till check --json -"));
    if run.err.contains("setpriv") || run.err.contains("Permission denied") {
        return;
    }
    assert_eq!(run.json()[0]["code"], "TRU", "{run:#?}");
    assert!(run.err.contains("damaged") && run.err.lines().count() == 1, "{run:#?}");
    // Not readable by this user is not damaged.
    desk.shell("chmod 600 till/greenlit.db").exits_with(0);
    if root {
        desk.shell("chmod a+rwx till").exits_with(0);
        let run = desk.shell(&format!("echo '{text}' | {user}greenlit --data till check --json -"));
        assert!(run.err.contains("cannot be read"), "{run:#?}");
    }
    desk.shell("chmod -R u+w till").exits_with(0);
    assert!(aside(&desk).is_empty());
    assert_eq!(desk.read(DB), b"junk");
}

#[test]
fn a_disk_without_room_still_sets_aside() {
    let desk = CliHarness::with_till();
    desk.write(DB, b"junk");
    // With its signal ignored, a file size limit looks to a program like a disk without room.
    let run = desk.shell("trap '' XFSZ; ulimit -f 0; greenlit --data till trust add --yes pub/root-1.cbor");
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.err.contains("was damaged") && !run.err.contains("internal error"), "{run:#?}");
    assert_eq!(aside(&desk).len(), 1, "{:?}", aside(&desk));
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
}
