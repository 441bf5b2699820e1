//! Promise: a clock that is set back brings nothing expired to life, and one that once stood ahead is no trap.

use greenlit_testkit::cli::{CliHarness, DAY};

const HOUR: i64 = 3600;

/// The code of the pass for a till whose clock is so many seconds ahead.
fn code(desk: &CliHarness, ahead: i64) -> String {
    let run = desk.shell_ahead(ahead, "greenlit --data till check --json - <pass.txt");
    run.json()[0]["code"].as_str().unwrap().to_owned()
}

/// A till, and a pass that is good for five days from now.
fn five_days() -> CliHarness {
    let desk = CliHarness::with_till();
    let on = (chrono::Utc::now() - chrono::Duration::days(361)).date_naive().to_string();
    let issue = format!(
        "greenlit-issuer issue a --basis vaccination --on {on} --name 'Закирова Ильсияр' --born 1984-05-09 \
         --document '80 12 345678' >pass.txt"
    );
    desk.shell(&issue).exits_with(0);
    desk
}

#[test]
fn what_had_expired_stays_so_when_the_clock_is_set_back() {
    let desk = five_days();
    assert_eq!(code(&desk, 0), "OK");
    assert_eq!(code(&desk, 10 * DAY), "EXP");
    // By as much as a time zone, or by a second: judged at the latest time there was.
    assert_eq!(code(&desk, 10 * DAY - 12 * HOUR), "EXP");
    assert_eq!(code(&desk, 10 * DAY - 1), "EXP");
    // By more: nobody is accused, and nothing is green.
    for ahead in [DAY, 0, 8 * DAY] {
        assert_eq!(code(&desk, ahead), "CLK", "{ahead}");
    }
    let status = desk.shell_ahead(DAY, "greenlit --data till status --json");
    assert_eq!((status.code, &status.json()[0]["stage"]), (2, &serde_json::json!("clock-behind")), "{status:#?}");
    let told = desk.shell_ahead(DAY, "greenlit --data till trust show").exits_with(2);
    assert!(told.contains("greenlit settings latest-time"), "{told}");
    // Forward is free.
    assert_eq!(code(&desk, 11 * DAY), "EXP");
}

#[test]
fn a_clock_that_once_stood_ahead_is_set_right_by_somebodys_word() {
    let desk = five_days();
    assert_eq!(code(&desk, 30 * DAY), "EXP");
    assert_eq!(code(&desk, 0), "CLK");
    desk.till(&["settings", "latest-time", "2020-01-01T00:00:00Z"]).fails_with("can only be cleared");
    assert!(desk.till(&["settings", "latest-time"]).exits_with(0).contains("latest-time: 20"));
    desk.till(&["settings", "latest-time", ""]).exits_with(0);
    assert_eq!(code(&desk, 0), "OK");
    // Where the data is no longer in force nothing is judged, and nothing noted.
    assert_eq!(code(&desk, 200 * DAY), "OLD");
    assert_eq!(code(&desk, 0), "OK");
}

#[test]
fn the_latest_time_outlives_new_data_and_a_new_anchor() {
    let desk = five_days();
    assert_eq!(code(&desk, 10 * DAY), "EXP");
    desk.publish_and_sync();
    assert_eq!(code(&desk, 0), "CLK");
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor", "--replace"]).exits_with(0);
    desk.till(&["sync", "pub"]);
    assert_eq!(code(&desk, 0), "CLK");
}
