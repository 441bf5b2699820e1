//! Promise: of whoever had a pass that has long been over nothing is left in the register, and nothing else is lost.

use greenlit_testkit::cli::{self, CliHarness, DAY};

#[test]
fn what_was_known_of_a_person_is_gone_from_the_file_and_the_pass_stays_revoked() {
    let desk = CliHarness::with_authority();
    let rows: Vec<String> = (0..300).map(|row| format!("Закиров;09.05.1984;80 12 {row:06};{}", cli::today())).collect();
    desk.write("people.csv", format!("ФИО;Дата рождения;Номер документа;Дата\n{}\n", rows.join("\n")));
    desk.issuer(&["issue-batch", "a", "people.csv", "--basis", "vaccination"]).exits_with(0);
    let passes = String::from_utf8(desk.read("people.passes.csv")).unwrap();
    let old = passes.lines().nth(1).unwrap().split(';').nth(2).unwrap().to_owned();
    desk.issuer(&["revoke", "a", &old, "--reason", "Ильдар called us himself"]).exits_with(0);
    let persons: Vec<Vec<u8>> = {
        let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
        let mut all = register.prepare("SELECT person FROM pass").unwrap();
        all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let holds = |secret: &[u8]| desk.read("a/register.db").windows(secret.len()).any(|bytes| bytes == secret);
    assert!(persons.iter().all(|person| holds(person)) && holds("called us himself".as_bytes()));

    // A year and a day after the last day, and not before.
    let run =
        |days: i64, more: &str| desk.shell_ahead(days * DAY, &format!("greenlit-issuer erase a {more}")).exits_with(0);
    assert!(run(700, "").contains("erased whose 0 passes were"), "too early");
    assert!(run(735, "--dry-run").contains("300 passes") && persons.iter().all(|person| holds(person)));
    assert!(run(735, "").contains("erased whose 300 passes were"));
    assert!(!persons.iter().any(|person| holds(person)) && !holds("called us himself".as_bytes()));
    assert!(run(735, "").contains("erased whose 0 passes were"));

    let told = desk.issuer(&["status", "a", &old, "--json"]).json().remove(0);
    assert_eq!(
        (&told["state"], &told["batch"], &told["history"][0]["reason"]),
        (&"revoked".into(), &().into(), &().into())
    );
    assert!(told["history"][0]["operator"].is_string());
    assert_eq!(desk.issuer(&["revoked", "a"]).exits_with(0).lines().count(), 1);
    // A shorter time is the authority's to set.
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    desk.issue("a", &[]);
    desk.write("a/authority.toml", format!("erase_after_days = 30\n{settings}"));
    assert!(run(380, "--dry-run").starts_with("0 passes") && run(400, "--dry-run").starts_with("1 passes"));
    assert!(run(380, "--after-days 1 --dry-run").starts_with("1 passes"));
}
