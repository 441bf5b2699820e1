//! Promise: an authority's days are its region's, by a zone of the time zone database or by an offset.

use greenlit_testkit::cli::{CliHarness, HOLDER, today};

fn settings(desk: &CliHarness, folder: &str) -> String {
    String::from_utf8(desk.read(&format!("{folder}/authority.toml"))).unwrap()
}

/// Until when a pass issued now is good.
fn end(desk: &CliHarness, folder: &str) -> String {
    let args = ["issue", folder, "--basis", "vaccination", "--on", &today(), "--holder", "-"];
    let pass = desk.issuer_reading(&args, HOLDER.as_bytes()).exits_with(0);
    let says = desk.issuer(&["inspect", pass.trim()]).exits_with(1);
    let (_, end) = says.split_once(" until ").unwrap();
    end.lines().next().unwrap().to_owned()
}

#[test]
fn a_region_s_zone_and_its_offset_make_the_same_passes() {
    let desk = CliHarness::new();
    desk.init("zone");
    assert!(settings(&desk, "zone").contains("time_zone = \"Asia/Yekaterinburg\""), "{}", settings(&desk, "zone"));
    let init = |folder: &str, more: &[&str]| {
        desk.issuer(&[&["init", folder, "--name", "N", "--region", "RU-BA"], more].concat()).exits_with(0)
    };
    init("offset", &["--utc-offset", "+05:00"]);
    assert!(settings(&desk, "offset").contains("utc_offset = \"+05:00\""));
    init("named", &["--time-zone", "Asia/Yekaterinburg"]);
    let ends = ["zone", "offset", "named"].map(|folder| end(&desk, folder));
    // 19:00 UTC is midnight in Ufa.
    assert!(ends[0].ends_with("T19:00:00Z") && ends.iter().all(|other| *other == ends[0]), "{ends:#?}");
    init("elsewhere", &["--time-zone", "Pacific/Kiritimati"]);
    assert!(end(&desk, "elsewhere").ends_with("T10:00:00Z"));
}

#[test]
fn a_zone_that_there_is_not_is_named() {
    let desk = CliHarness::with_authority();
    let init = |more: &[&str]| desk.issuer(&[&["init", "b", "--name", "N", "--region", "KZ-ALA"], more].concat());
    init(&[]).fails_with("--time-zone Asia/Yekaterinburg");
    init(&["--time-zone", "Asia/Ufa"]).fails_with("unknown time zone \"Asia/Ufa\"");
    init(&["--time-zone", "../../etc/localtime"]).fails_with("unknown time zone");
    init(&["--utc-offset", "five"]).fails_with("is not an offset");
    assert!(!desk.path("b").exists());
    let good = settings(&desk, "a");
    for (line, words) in [
        ("time_zone = \"Asia/Ufa\"", "time_zone \"Asia/Ufa\" is not an IANA time zone"),
        ("utc_offset = \"Asia/Yekaterinburg\"", "utc_offset is not an offset such as"),
        ("", "has neither time_zone nor utc_offset"),
        ("time_zone = \"Asia/Yekaterinburg\"\nutc_offset = \"+05:00\"", "has both time_zone and utc_offset"),
    ] {
        desk.write("a/authority.toml", good.replace("time_zone = \"Asia/Yekaterinburg\"", line));
        desk.issuer(&["publish", "a", "pub"]).fails_with(words);
    }
    // As authorities were made until now.
    desk.write("a/authority.toml", good.replace("time_zone = \"Asia/Yekaterinburg\"", "utc_offset = \"+05:00\""));
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
}
