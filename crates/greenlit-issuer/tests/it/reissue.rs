//! Promise: whose document, name or pass has changed gets another pass, and the old one ends with that.

use greenlit_testkit::cli::CliHarness;

fn holder(desk: &CliHarness, name: &str, document: &str) {
    let text = format!("name = \"{name}\"\nborn = \"1984-05-09\"\ndocument = \"{document}\"\n");
    desk.write("holder.toml", text);
}

/// The new pass and its reference.
fn reissue(desk: &CliHarness, old: &str) -> (String, String) {
    let run = desk.issuer(&["reissue", "a", "--replaces", old, "--holder", "holder.toml"]);
    assert_eq!(run.code, 0, "{run:#?}");
    let reference = run.err.split_once("pass ").unwrap().1.split_once(',').unwrap().0.to_owned();
    (run.out.trim().to_owned(), reference)
}

#[test]
fn a_new_name_and_a_new_document_end_the_old_pass_and_keep_its_term() {
    let desk = CliHarness::with_till();
    let (old, reference) = desk.issue("a", &[]);
    holder(&desk, "Галиева Ильсияр Булатовна", "80 12 345678");
    let (new, new_reference) = reissue(&desk, &reference);
    holder(&desk, "Галиева Ильсияр Булатовна", "80 20 111222");
    // By the text of the pass as well.
    let (newest, newest_reference) = reissue(&desk, &new);
    desk.publish_and_sync();
    assert_eq!([&old, &new, &newest].map(|text| desk.code(text, None)), ["REV", "REV", "OK"]);
    let says = |text: &str| {
        let told = desk.issuer(&["inspect", text]).out;
        told.lines()
            .filter(|line| line.contains("valid") || line.contains("from"))
            .map(String::from)
            .collect::<Vec<_>>()
    };
    assert_eq!(says(&old), says(&newest));

    // It is told who did it and what took its place.
    let history = desk.issuer(&["revoked", "a", &reference]).exits_with(0);
    let cells: Vec<&str> = history.trim_end().split('\t').collect();
    assert_eq!(
        (cells[0], cells[1], cells[3]),
        (reference.as_str(), "revoked", &*format!("replaced by {new_reference}"))
    );
    assert!(!cells[4].is_empty());

    // What is replaced is not replaced again, and whoever has the newest keeps it.
    let again = desk.issuer(&["reissue", "a", "--replaces", &reference, "--holder", "holder.toml"]);
    again.fails_with("is revoked already; nothing was issued");
    let unknown = desk.issuer(&["reissue", "a", "--replaces", "1-7", "--holder", "holder.toml"]);
    unknown.fails_with("pass 1-7 was never issued here; nothing was issued");
    let today = greenlit_testkit::cli::today();
    let row =
        format!("ФИО;Дата рождения;Номер документа;Дата\nГалиева Ильсияр Булатовна;09.05.1984;80 20 111222;{today}\n");
    desk.write("people.csv", row);
    desk.issuer(&["issue-batch", "a", "people.csv", "--basis", "vaccination"]).exits_with(0);
    let passes = String::from_utf8(desk.read("people.passes.csv")).unwrap();
    assert!(passes.contains(&format!("{newest_reference};already;")) && passes.contains(&newest), "{passes}");
}

#[test]
fn another_term_is_decided_by_the_rules() {
    let desk = CliHarness::with_till();
    let (_, reference) = desk.issue("a", &[]);
    holder(&desk, "Закирова Ильсияр Булатовна", "80 12 345678");
    let today = greenlit_testkit::cli::today();
    let by_test = |igg: &str| {
        let by = ["--basis", "antibodies", "--on", &today, "--igg", igg];
        desk.issuer(&[&["reissue", "a", "--replaces", &reference, "--holder", "holder.toml"], &by[..]].concat())
    };
    let refused = by_test("9");
    assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:#?}");
    assert!(desk.issuer(&["revoked", "a"]).exits_with(0).is_empty());
    by_test("11").exits_with(0);
    let half = ["reissue", "a", "--replaces", &reference, "--basis", "antibodies", "--holder", "holder.toml"];
    assert!(desk.issuer(&half).err.contains("--on"));
}
