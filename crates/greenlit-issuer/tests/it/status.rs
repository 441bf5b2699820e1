//! Promise: all that is known of a pass is told in one place: how it stands, what made it, and who changed it when and why.

use greenlit_testkit::cli::{self, CliHarness};

#[test]
fn a_pass_tells_where_it_comes_from_and_what_became_of_it() {
    let desk = CliHarness::with_authority();
    let row = "ФИО;Дата рождения;Номер документа;Дата\nЗакиров Ильдар;09.05.1984;80 12 345678;";
    desk.write("people.csv", format!("{row}{}\n", cli::today()));
    desk.issuer(&["issue-batch", "a", "people.csv", "--basis", "vaccination"]).exits_with(0);
    let passes = String::from_utf8(desk.read("people.passes.csv")).unwrap();
    let cells: Vec<&str> = passes.lines().nth(1).unwrap().split(';').collect();
    let (old, text) = (cells[2].to_owned(), cells[6].to_owned());
    let json = |pass: &str| {
        let run = desk.issuer(&["status", "a", pass, "--json"]);
        assert_eq!(run.code, 0, "{run:#?}");
        run.json().remove(0)
    };
    let told = json(&old);
    assert_eq!((&told["state"], &told["class"], &told["rules_version"]), (&"valid".into(), &1.into(), &1.into()));
    assert_eq!((&told["batch"], &told["line"], &told["history"]), (&1.into(), &2.into(), &serde_json::json!([])));
    assert_eq!((&told["first_day"], &told["ref"]), (&cli::today().into(), &old.clone().into()));
    assert_eq!(told["kid"], desk.kids("a", "issuer")[0]);
    // By its text as well.
    assert_eq!(json(&text), told);

    desk.issuer(&["revoke", "a", &old, "--suspend", "--reason", "a call\nfrom the clinic"]).exits_with(0);
    assert_eq!(json(&old)["state"], "suspended");
    desk.write("holder.toml", cli::HOLDER);
    let run = desk.issuer(&["reissue", "a", "--replaces", &old, "--holder", "holder.toml"]);
    let new = run.err.split_once("pass ").unwrap().1.split_once(',').unwrap().0.to_owned();
    let (was, is) = (json(&old), json(&new));
    assert_eq!(
        (&was["state"], &was["replaced_by"], &was["replaces"]),
        (&"revoked".into(), &new.clone().into(), &().into())
    );
    assert_eq!(
        (&is["state"], &is["replaces"], &is["last_day"]),
        (&"valid".into(), &old.clone().into(), &was["last_day"])
    );
    let history = was["history"].as_array().unwrap();
    let words: Vec<&str> = history.iter().map(|change| change["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["suspended", "revoked"]);
    assert!(history.iter().all(|change| change["operator"].is_string() && change["proposed_by"].is_null()));

    // The same for people; a reason is one line of it.
    let told = desk.issuer(&["status", "a", &old]).exits_with(0);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], format!("pass {old}: revoked"));
    assert!(
        told.contains("  asked for by batch 1, line 2\n") && told.contains(&format!("  replaced by  {new}\n")),
        "{told}"
    );
    assert!(lines[lines.len() - 2].ends_with(": a call from the clinic"), "{told}");
    assert!(lines[lines.len() - 1].ends_with(&format!(": replaced by {new}")), "{told}");

    // By a stolen key.
    desk.issuer(&["keys", "a", "revoke", told_kid(&is)]).exits_with(0);
    assert_eq!(json(&new)["state"], "key-revoked");
    desk.issuer(&["status", "a", "1-7"]).fails_with("no pass 1-7 was issued here");
    desk.issuer(&["status", "a", "GL1:NOTHING"]).fails_with("this is not a pass");
}

fn told_kid(status: &serde_json::Value) -> &str {
    status["kid"].as_str().unwrap()
}
