//! Promise: passes that were issued do not stop being genuine by a change of `authority.toml` that nobody was told of.

use greenlit_testkit::cli::CliHarness;

fn name_classes(desk: &CliHarness, classes: &str) {
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    let lines = settings
        .lines()
        .map(|line| if line.starts_with("classes") { format!("classes = {classes}") } else { line.to_owned() });
    desk.write("a/authority.toml", lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_class_that_is_dropped_takes_somebody_s_word_and_the_passes_are_counted() {
    let desk = CliHarness::with_till();
    let (good, _) = desk.issue("a", &[]);
    desk.issue("a", &[]);
    let (_, revoked) = desk.issue("a", &[]);
    let (_, suspended) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &revoked]).exits_with(0);
    desk.issuer(&["revoke", "a", &suspended, "--suspend"]).exits_with(0);
    let before = desk.shell("sha256sum pub/* a/published-version").exits_with(0);

    name_classes(&desk, "[2]");
    let publish = ["publish", "a", "pub"];
    desk.issuer(&publish).fails_with("tills would call 3 valid passes not genuine (ISS)");
    desk.issuer(&["publish", "a", "elsewhere"]).fails_with("--classes-are-right");
    assert_eq!(desk.shell("sha256sum pub/* a/published-version").exits_with(0), before);
    assert!(!desk.path("elsewhere").exists());
    let today = greenlit_testkit::cli::today();
    let holder = greenlit_testkit::cli::HOLDER.as_bytes();
    desk.issuer_reading(&["issue", "a", "--basis", "vaccination", "--on", &today, "--holder", "-"], holder)
        .fails_with("class 1 is not listed in `classes`");

    let told = desk.issuer(&[&publish[..], &["--classes-are-right"]].concat());
    assert!(told.code == 0 && told.err.contains("3 valid passes"), "{told:#?}");
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&good, None), "ISS");
    // Nothing changes any more at tills: said again, asked no more.
    let again = desk.issuer(&publish);
    assert!(again.code == 0 && again.err.contains("3 valid passes"), "{again:#?}");

    name_classes(&desk, "[1, 2]");
    let run = desk.issuer(&publish);
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&good, None), "OK");
}

#[test]
fn where_no_pass_is_concerned_nothing_is_asked() {
    let desk = CliHarness::with_authority();
    let (_, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    name_classes(&desk, "[2]");
    let run = desk.issuer(&["publish", "a", "pub"]);
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
    // Passes of a stolen key are not genuine in any case.
    name_classes(&desk, "[1, 2]");
    desk.issue("a", &[]);
    let kid = desk.kids("a", "issuer").remove(0);
    desk.issuer(&["keys", "a", "revoke", &kid]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    name_classes(&desk, "[2]");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
}

#[test]
fn what_is_over_is_not_counted() {
    let desk = CliHarness::with_authority();
    desk.issue("a", &[]);
    name_classes(&desk, "[2]");
    desk.shell_ahead(370 * 86_400, "greenlit-issuer publish a pub --clock-is-right").exits_with(0);
}
