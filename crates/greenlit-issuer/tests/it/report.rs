//! Promise: a report says by month what was issued, revoked, replaced, expires and is in force, and how many were refused,
//! the same as a table, as CSV and as JSON, and singles nobody out.

use greenlit_testkit::cli::{self, CliHarness, DAY, later};
use serde_json::{Value, json};

const HEADER: &str = "ФИО;Дата рождения;Номер документа;Основание;Дата;Результат IgG";

/// So many good rows, and so many whose IgG is too low.
fn file(good: usize, low: usize) -> String {
    let today = cli::today();
    let rows = (0..good).map(|row| format!("Закиров Ильдар;09.05.1984;80 12 {row:06};вакцинация;{today};"));
    let refused = (0..low).map(|row| format!("Закиров Ильдар;09.05.1984;80 13 {row:06};антитела;{today};9"));
    [HEADER.to_owned()].into_iter().chain(rows).chain(refused).collect::<Vec<_>>().join("\n")
}

fn report(desk: &CliHarness, more: &[&str]) -> Value {
    let run = desk.issuer(&[&["report", "a", "--json"], more].concat());
    assert_eq!(run.code, 0, "{run:#?}");
    run.json().remove(0)
}

fn passes(by_class: &Value) -> u64 {
    by_class.as_array().unwrap().iter().map(|one| one["passes"].as_u64().unwrap()).sum()
}

#[test]
fn a_month_is_told_in_every_form_and_few_are_not_counted_out() {
    let desk = CliHarness::with_authority();
    let month = &cli::today()[..7];
    let empty = report(&desk, &[]);
    assert_eq!((&empty["months"][0]["month"], &empty["months"][0]["issued"]), (&month.into(), &json!([])));
    desk.write("people.csv", file(20, 7));
    desk.issuer(&["issue-batch", "a", "people.csv"]).exits_with(1);
    // Into other files the same batch again: its refusals are still the same.
    desk.issuer(&["issue-batch", "a", "people.csv", "--out", "2.csv", "--rejected", "3.csv"]).exits_with(1);
    let text = String::from_utf8(desk.read("people.passes.csv")).unwrap();
    let refs: Vec<&str> = text.lines().skip(1).map(|line| line.split(';').nth(2).unwrap()).collect();
    desk.issuer(&["revoke", "a", refs[0]]).exits_with(0);
    desk.issuer(&["revoke", "a", refs[1]]).exits_with(0);
    desk.issuer(&["revoke", "a", refs[2], "--suspend"]).exits_with(0);
    desk.write("holder.toml", cli::HOLDER);
    desk.issuer(&["reissue", "a", "--replaces", refs[3], "--holder", "holder.toml"]).exits_with(0);
    // One person alone, at the desk.
    let old = &later(-400 * DAY)[..10];
    let one = ["issue", "a", "--basis", "vaccination", "--on", old, "--holder", "holder.toml"];
    desk.issuer(&one).exits_with(1);
    desk.issuer(&one).exits_with(1);

    let told = report(&desk, &[]);
    let now = &told["months"][0];
    assert_eq!(now["issued"], json!([{"class": 1, "rules_version": 1, "passes": 21}]));
    assert_eq!([&now["revoked"], &now["replaced"], &now["in_force"]].map(passes), [2, 1, 17]);
    assert_eq!(now["refused"], json!([{"reason": "igg-too-low", "persons": 7}, {"reason": "over", "persons": null}]));

    let table = desk.issuer(&["report", "a"]).exits_with(0);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    let names =
        ["month", "issued", "revoked", "replaced", "expiring", "in_force", "refused_igg-too-low", "refused_over"];
    assert_eq!(rows, [names.to_vec(), vec![month, "21", "2", "1", "0", "17", "7", "<5"]]);
    // Numbers end where their column does.
    assert!(table.lines().all(|line| line.len() == table.lines().next().unwrap().len()), "{table}");
    let csv = desk.issuer(&["report", "a", "--csv"]).exits_with(0);
    let cells: Vec<Vec<&str>> =
        csv.trim_start_matches('\u{FEFF}').lines().map(|line| line.split(';').collect()).collect();
    assert_eq!(cells, rows);

    // They expire in a year or so; and a year is told without a gap.
    let to = &later(380 * DAY)[..7];
    let year = report(&desk, &["--to", to]);
    let months = year["months"].as_array().unwrap();
    assert!((13..=14).contains(&months.len()), "{}", months.len());
    assert_eq!(months.iter().map(|month| passes(&month["expiring"])).sum::<u64>(), 18);
    assert_eq!(passes(&months.last().unwrap()["in_force"]), 0);
    // Half a year on they are still in force, whoever asks then.
    let ahead = desk.shell_ahead(180 * DAY, "greenlit-issuer report a --json").json().remove(0);
    assert_eq!(passes(&ahead["months"].as_array().unwrap().last().unwrap()["in_force"]), 17);

    for (args, words) in [
        (&["--from", "2027-13"][..], "is not a month such as 2026-11"),
        (&["--from", "2026-05", "--to", "2026-04"], "2026-05 is after 2026-04"),
        (&["--from", "1800-01"], "more than 1200 months"),
    ] {
        let run = desk.issuer(&[&["report", "a"], args].concat());
        assert!(run.code == 2 && run.err.contains(words), "{run:#?}");
    }
}

#[test]
fn the_picture_names_the_authority_as_it_is_called_and_replaces_no_file() {
    let desk = CliHarness::new();
    desk.issuer(&["init", "a", "--name", "A & B <\"C\">", "--region", "RU-BA"]).exits_with(0);
    desk.issuer(&["report", "a", "--svg", "empty.svg", "--language", "en"]).exits_with(0);
    let empty = String::from_utf8(desk.read("empty.svg")).unwrap();
    assert!(empty.contains("A &amp; B &lt;&quot;C&quot;&gt;") && empty.contains("No passes in this time"), "{empty}");
    desk.issue("a", &[]);
    for (language, words) in
        [("ru", "Действующие пропуска"), ("ba", "Ғәмәлдәге рөхсәтнамәләр"), ("en", "Passes in force")]
    {
        let file = format!("{language}.svg");
        desk.issuer(&["report", "a", "--svg", &file, "--language", language]).exits_with(0);
        let picture = String::from_utf8(desk.read(&file)).unwrap();
        assert!(picture.contains(words) && picture.contains("<path") && picture.ends_with("</svg>\n"), "{picture}");
    }
    let run = desk.issuer(&["report", "a", "--svg", "ru.svg"]);
    run.fails_with("already exists");
}
