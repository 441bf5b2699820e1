//! `greenlit figures`, and the capacity as a setting.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;

#[test]
fn figures_are_shown_exactly_and_written_with_small_ones_hidden() {
    let desk = CliHarness::with_till();
    assert_eq!(desk.till(&["figures"]).exits_with(0), "no passes were checked in this shift\n");
    desk.till(&["figures", "--csv", "empty.csv"]).exits_with(0);
    assert!(
        String::from_utf8(desk.read("empty.csv"))
            .unwrap()
            .ends_with("\r\nno passes were checked in this shift,,,0\r\n")
    );
    let store = rusqlite::Connection::open(desk.path("till/greenlit.db")).unwrap();
    store
        .execute_batch(
            "INSERT INTO figure VALUES (495000, 'OK', 20), (495000, 'EXP', 3), (495001, 'OK', 9), (495001, 'mismatch', 6),
                                       (0, 'inside', 4), (495001, 'of a later version', 7)",
        )
        .unwrap();
    let shown = desk.till(&["figures"]).exits_with(0);
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["OK", "EXP", "all"]);
    assert_eq!(lines[1], ["2026-06-21", "00:00", "20", "3", "23"]);
    assert_eq!(lines[3], ["total", "29", "3", "32"]);
    assert!(shown.contains("doesn't match the ID: 6\n"), "{shown}");
    desk.till(&["figures", "--csv", "shift.csv"]).exits_with(0);
    let csv = String::from_utf8(desk.read("shift.csv")).unwrap();
    assert!(csv.starts_with("hour,answer,code,count\r\n"), "{csv}");
    assert!(csv.contains("2026-06-21 00:00,refused,EXP,<5\r\n") && csv.contains("total,mismatch,,6\r\n"), "{csv}");
    assert!(!csv.contains(",3\r\n"), "{csv}");
    desk.till(&["figures", "--csv", "no/such/folder.csv"]).fails_with("no such file");
}

#[test]
fn a_capacity_is_a_number_of_guests() {
    let desk = CliHarness::with_till();
    assert_eq!(desk.till(&["settings", "capacity"]).exits_with(0), "capacity: (not set)\n");
    for bad in ["0", "100000", "many", "2.5", "+3"] {
        desk.till(&["settings", "capacity", bad]).fails_with("is not a number of guests: must be 1-99999");
    }
    assert_eq!(desk.till(&["settings", "capacity", "250"]).exits_with(0), "capacity: 250\n");
    desk.till(&["settings", "capacity", ""]).exits_with(0);
    assert_eq!(desk.till(&["settings", "capacity"]).exits_with(0), "capacity: (not set)\n");
}
