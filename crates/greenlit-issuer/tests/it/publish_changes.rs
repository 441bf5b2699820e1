//! Promise: before anything is published it is shown what changes for tills, and whoever sits at a terminal is asked.

use greenlit_testkit::cli::CliHarness;

fn changes(desk: &CliHarness, out: &str) -> String {
    desk.issuer(&["publish", "a", out, "--dry-run"]).exits_with(0)
}

#[test]
fn keys_rules_and_passes_that_change_are_told_first() {
    let desk = CliHarness::new();
    desk.init("a");
    let kid = desk.kids("a", "issuer").remove(0);
    let told = changes(&desk, "pub");
    assert!(told.starts_with("the first publication:\n") && told.contains(&format!("issuer key {kid}: new")), "{told}");
    assert!(!desk.path("pub").exists());
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let told = changes(&desk, "pub");
    assert!(told.starts_with("changes since version 1 of ") && told.contains("  none but the dates\n"), "{told}");

    let passes: Vec<String> = (0..4).map(|_| desk.issue("a", &[]).1).collect();
    desk.issuer(&["revoke", "a", &passes[0]]).exits_with(0);
    desk.issuer(&["revoke", "a", &passes[1]]).exits_with(0);
    desk.issuer(&["revoke", "a", &passes[2], "--suspend"]).exits_with(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    desk.issuer(&["keys", "a", "retire", &kid]).exits_with(0);
    let new = desk.kids("a", "issuer").into_iter().find(|other| *other != kid).unwrap();
    let rules = String::from_utf8(desk.read("a/rules.toml")).unwrap();
    let ids: Vec<String> =
        rules.lines().filter_map(|line| Some(line.strip_prefix("id = \"")?.trim_end_matches('"').to_owned())).collect();
    desk.write("a/rules.toml", rules.replace(&format!("id = \"{}\"", ids[0]), "id = \"another\""));
    let told = desk.shell_ahead(60, "greenlit-issuer publish a pub").exits_with(0);
    for line in [
        &format!("  issuer key {kid}: retired\n"),
        &format!("  issuer key {new}: new\n"),
        "  rule another: new\n",
        &format!("  rule {}: removed\n", ids[0]),
        "  passes revoked: 2\n",
        "  passes suspended: 1\n",
        "published version 2 in pub",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("valid again"));

    // The next time only what came since; and a key that is in wrong hands is loud.
    let next = format!(
        "set -e; greenlit-issuer revoke a {} --lift; greenlit-issuer revoke a {}; greenlit-issuer keys a revoke {kid}",
        passes[2], passes[3]
    );
    desk.shell_ahead(120, &next).exits_with(0);
    let told = changes(&desk, "pub");
    for line in ["  passes revoked: 1\n", "  passes valid again: 1\n", &format!("  issuer key {kid}: REVOKED")] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("suspended") && !told.contains("rule "), "{told}");
    // Elsewhere it goes by what the register remembers.
    let told = changes(&desk, "elsewhere");
    assert!(told.starts_with("changes since version 2 of ") && told.contains("which is not in this folder"), "{told}");
    assert!(told.contains("  passes revoked: 1\n") && told.contains(&format!("  issuer key {kid}: REVOKED")), "{told}");
}

#[test]
fn what_is_packed_quickly_is_taken_by_tills_all_the_same() {
    let desk = CliHarness::with_till();
    let (pass, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub", "--quick"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&pass, None), "REV");
}

#[test]
fn at_a_terminal_nothing_is_published_that_nobody_agreed_to() {
    let desk = CliHarness::with_authority();
    let asked = |more: &str, answers: &[(&str, &str)]| {
        crate::terminal::at_terminal(&desk, &format!("greenlit-issuer publish a pub {more}"), answers)
    };
    let question = "Publish? [y/N]";
    let version = || desk.issuer(&["publish", "a", "pub", "--dry-run"]).exits_with(0);
    for no in ["n", "", "maybe"] {
        let (code, shown) = asked("", &[(question, no)]);
        assert!(code == 1 && shown.contains("nothing was published"), "{shown}");
    }
    assert!(version().starts_with("changes since version 1 "));
    let (code, shown) = asked("", &[(question, "y")]);
    assert!(code == 0 && shown.contains("published version 2"), "{shown}");
    let (code, shown) = asked("--yes", &[]);
    assert!(code == 0 && !shown.contains(question) && shown.contains("published version 3"), "{shown}");
}
