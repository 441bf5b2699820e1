//! Promise: a list of passes is revoked once each; what names no pass is told by line and can be corrected and given again.

use greenlit_testkit::cli::{CliHarness, Run};
use serde_json::Value;

fn revoke(desk: &CliHarness, file: &str, more: &[&str]) -> Run {
    desk.issuer(&[&["revoke", "a", "--file", file, "--json"], more].concat())
}

fn counts(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

#[test]
fn a_list_is_revoked_and_what_was_wrong_with_it_can_be_corrected() {
    let desk = CliHarness::with_authority();
    let passes: Vec<(String, String)> = (0..5).map(|_| desk.issue("a", &[])).collect();
    desk.init("b");
    let (foreign, _) = desk.issue("b", &[]);
    desk.issuer(&["revoke", "a", &passes[4].1]).exits_with(0);
    // References and texts, with an empty line, one that comes again, one that is revoked, and four that are none.
    let lines =
        [&passes[0].1, &passes[1].0, "", &passes[0].0, &passes[4].1, "1-7", &foreign, "Закирова", &passes[2].0[..60]];
    desk.write("list.txt", lines.join("\r\n"));
    let run = revoke(&desk, "list.txt", &["--reason", "wrong batch"]);
    assert_eq!(run.code, 1, "{run:#?}");
    let told = counts(&run);
    assert_eq!((&told["lines"], &told["revoked"], &told["already"]), (&8.into(), &2.into(), &1.into()), "{told}");
    assert_eq!((&told["twice"], &told["faulty"], &told["waiting"]), (&1.into(), &4.into(), &0.into()), "{told}");
    for words in [
        "line 6: no pass 1-7 was issued here",
        "line 7: this pass was not signed by a key of this authority",
        "line 8: \"Закирова\" is not a pass or a reference",
        "line 9: this is not a pass",
        &format!("line 5: pass {} is revoked already", passes[4].1),
    ] {
        assert!(run.err.contains(words), "{words}: {run:#?}");
    }
    let revoked = desk.issuer(&["revoked", "a"]).exits_with(0);
    assert_eq!(revoked.lines().count(), 3);
    assert!(revoked.contains("wrong batch"), "{revoked}");

    // Again nothing happens, and the same lines are told.
    let rejected = desk.read("list.rejected.csv");
    let again = revoke(&desk, "list.txt", &[]);
    assert_eq!((again.code, &counts(&again)["revoked"], &counts(&again)["already"]), (1, &0.into(), &3.into()));
    assert_eq!(desk.read("list.rejected.csv"), rejected);

    // Corrected it is a list.
    let text = String::from_utf8(rejected).unwrap();
    assert!(text.starts_with("\u{FEFF}ref;line;column;reason\n1-7;6;ref;no pass 1-7"), "{text}");
    let corrected: Vec<String> = text
        .lines()
        .map(|line| match line.split_once(';') {
            Some(("1-7", rest)) => format!("{};{rest}", passes[3].1),
            _ => line.to_owned(),
        })
        .collect();
    desk.write("corrected.csv", corrected.join("\n"));
    let run = revoke(&desk, "corrected.csv", &[]);
    assert_eq!((&counts(&run)["revoked"], &counts(&run)["faulty"]), (&1.into(), &3.into()), "{run:#?}");
    // Nothing that is there is written over.
    desk.write("other.txt", "1-8\n");
    desk.write("other.rejected.csv", "mine");
    revoke(&desk, "other.txt", &[]).fails_with("already exists");
    assert_eq!(desk.read("other.rejected.csv"), b"mine");
}

#[test]
fn what_issue_batch_wrote_is_a_list_and_any_column_can_be_named() {
    let desk = CliHarness::with_authority();
    let today = greenlit_testkit::cli::today();
    let rows: Vec<String> = (0..40).map(|row| format!("Закиров;09.05.1984;80 12 {row:06};{today}")).collect();
    desk.write("people.csv", format!("ФИО;Дата рождения;Номер документа;Дата\n{}\n", rows.join("\n")));
    desk.issuer(&["issue-batch", "a", "people.csv", "--basis", "vaccination"]).exits_with(0);
    assert_eq!(counts(&revoke(&desk, "people.passes.csv", &["--column", "pass"]))["revoked"], 40);
    let run = revoke(&desk, "people.passes.csv", &[]);
    assert_eq!((run.code, &counts(&run)["already"]), (0, &40.into()), "{run:#?}");
    assert!(!desk.path("people.passes.rejected.csv").exists());
    revoke(&desk, "people.csv", &[]).fails_with("no column is called ref or pass");
    revoke(&desk, "people.csv", &["--column", "ref"]).fails_with("no column is called \"ref\"");
    desk.write("empty.csv", "");
    revoke(&desk, "empty.csv", &[]).fails_with("the file is empty");
    revoke(&desk, "nowhere.csv", &[]).fails_with("no such file");
    desk.issuer(&["revoke", "a", "1-1", "--file", "people.csv"]).exits_with(2);
}

#[test]
fn a_list_that_is_cut_short_at_any_moment_goes_on() {
    let desk = CliHarness::with_authority();
    let today = greenlit_testkit::cli::today();
    let rows: Vec<String> = (0..20_000).map(|row| format!("Закиров;09.05.1984;80 12 {row:06};{today}")).collect();
    desk.write("people.csv", format!("ФИО;Дата рождения;Номер документа;Дата\n{}\n", rows.join("\n")));
    desk.issuer(&["issue-batch", "a", "people.csv", "--basis", "vaccination"]).exits_with(0);
    // Killed where it is, after some of its changes or none.
    for after in ["0.02", "0.1", "0.2", "0.3"] {
        desk.shell(&format!("timeout -s KILL {after} greenlit-issuer revoke a --file people.passes.csv"));
        let done = desk.issuer(&["revoked", "a"]).exits_with(0).lines().count();
        assert!(done.is_multiple_of(8_192) || done == 20_000, "each change is whole: {done}");
    }
    revoke(&desk, "people.passes.csv", &[]).exits_with(0);
    let revoked = desk.issuer(&["revoked", "a"]).exits_with(0);
    assert_eq!(revoked.lines().count(), 20_000);
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let changes: i64 = register.query_row("SELECT count(*) FROM status_change", [], |row| row.get(0)).unwrap();
    assert_eq!(changes, 20_000);
}
