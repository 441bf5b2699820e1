//! Promise: who may have a pass, and for how long, stands in `rules.toml`, for whatever entitlement an authority has.

use greenlit_testkit::cli::{self, CliHarness, DAY, HOLDER, Run, later};

const GROUNDS: &str = r#"
[[eligibility.ground]]
name = "vaccination"
class = 1
months = 12

[[eligibility.ground]]
name = "student"
also = ["студент"]
class = 3
given_months = 12

[[eligibility.ground]]
name = "visitor"
class = 3
days = 30
"#;

const STUDENTS: &str = r#"
[[rule]]
id = "student-discount"
sites = ["retail"]
classes = [1, 3]
kind = "discount"
amount = 15
text.en = "Student discount"
text.ru = "Скидка студентам"
text.ba = "Студенттарға ташлама"
"#;

/// An authority whose grounds are these, and whose key may sign class 3.
fn with_grounds(grounds: &str) -> CliHarness {
    let desk = CliHarness::with_authority();
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    let lines = settings.lines().map(|line| if line.starts_with("classes") { "classes = [1, 2, 3]" } else { line });
    desk.write("a/authority.toml", lines.collect::<Vec<_>>().join("\n"));
    desk.write("a/rules.toml", format!("[eligibility]\nversion = 2\n{grounds}\n{STUDENTS}"));
    desk
}

fn issue(desk: &CliHarness, args: &[&str]) -> Run {
    let today = cli::today();
    let all = [&["issue", "a", "--on", &today, "--holder", "-"], args].concat();
    desk.issuer_reading(&all, HOLDER.as_bytes())
}

#[test]
fn a_ground_of_the_authority_s_own_makes_passes_of_its_class() {
    let desk = with_grounds(GROUNDS);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    let through = later(60 * DAY);
    let (through, _) = through.split_once('T').unwrap();
    let text = issue(&desk, &["--basis", "Студент", "--through", through]).exits_with(0);
    let check = ["check", "--json", "--site", "retail", "-"];
    let told = desk.till_reading(&check, text.as_bytes()).out;
    assert!(told.contains("\"code\":\"OK\"") && told.contains("Student discount"), "{told}");
    assert_eq!(desk.code(text.trim(), Some(&later(59 * DAY))), "OK");
    assert_eq!(desk.code(text.trim(), Some(&later(62 * DAY))), "EXP");
    let visitor = issue(&desk, &["--basis", "visitor"]).exits_with(0);
    assert_eq!(desk.code(visitor.trim(), Some(&later(32 * DAY))), "EXP");
}

#[test]
fn what_a_ground_does_not_ask_for_or_lacks_is_named_and_nothing_is_issued() {
    let desk = with_grounds(GROUNDS);
    issue(&desk, &["--basis", "student"]).fails_with("student needs the last day of the entitlement");
    issue(&desk, &["--basis", "visitor", "--through", "2199-01-01"]).fails_with("visitor takes no last day");
    issue(&desk, &["--basis", "vaccination", "--igg", "12"]).fails_with("vaccination takes no IgG result");
    issue(&desk, &["--basis", "antibodies"])
        .fails_with("no ground \"antibodies\" in rules.toml, which has vaccination, student, visitor");
    let run = issue(&desk, &["--basis", "student", "--through", &later(500 * DAY)[..10]]);
    assert!(run.code == 1 && run.err.contains("is more than 12 months"), "{run:#?}");
}

#[test]
fn grounds_that_make_no_sense_are_refused_by_name() {
    let desk = with_grounds(GROUNDS);
    for (grounds, words) in [
        ("name = \"a\"\nclass = 1", "ground \"a\" needs exactly one of months, days, through, given_months"),
        ("name = \"a\"\nclass = 1\nmonths = 1\ndays = 2", "needs exactly one of"),
        ("name = \"a\"\nclass = 1\nmonths = 0", "must last 1 to 12 months"),
        ("name = \"a\"\nclass = 1\ndays = 4000000", "must last 1 to 12 months or 1 to 366 days"),
        ("name = \"a\"\nclass = 1\nmonths = 1\nigg_above = nan", "needs a limit igg_above"),
        ("name = \"a\"\nclass = 1\nmonths = 1\nigg_above = -1", "needs a limit igg_above"),
        ("name = \"a\"\nclass = 1\nthrough = \"9999-12-31\"", "a day of this time"),
        ("name = \"a\"\nclass = 2\nmonths = 1", "class 2"),
        ("name = \" \"\nclass = 1\nmonths = 1", "has no name"),
        ("name = \"a\"\nclass = 1\nmonths = 1\nwaiting_days = 367", "waiting_days must be at most 366"),
        ("name = \"a\"\nclass = 1\nmonths = 1\nwaiting = false\nwaiting_days = 3", "has both waiting = false"),
        ("name = \"a\"\nclass = 1\nthrough = \"2026-02-30\"", "is not a date"),
        ("name = \"a\"\nclass = 1\nmonths = 1\ncolour = 3", "unknown field `colour`"),
        (
            "name = \"a\"\nclass = 1\nmonths = 1\n[[eligibility.ground]]\nname = \"b\"\nalso = [\"A\"]\nclass = 1\nmonths = 2",
            "ground \"b\" is called like another one",
        ),
    ] {
        desk.write("a/rules.toml", format!("[eligibility]\n[[eligibility.ground]]\n{grounds}\n{STUDENTS}"));
        issue(&desk, &["--basis", "a"]).fails_with(words);
    }
}

#[test]
fn a_rules_file_of_earlier_versions_keeps_the_region_s_grounds() {
    let desk = with_grounds("waiting_days = 21");
    let vaccinated = issue(&desk, &["--basis", "vaccination"]);
    assert_eq!(vaccinated.code, 0, "{vaccinated:#?}");
    let tested = issue(&desk, &["--basis", "antibodies", "--igg", "12,5"]);
    assert_eq!(tested.code, 0, "{tested:#?}");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(vaccinated.out.trim(), None), "NBF");
    assert_eq!(desk.code(tested.out.trim(), None), "OK");
}
