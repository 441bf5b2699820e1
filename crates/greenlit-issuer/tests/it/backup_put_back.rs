//! Promise: an authority's folder that is brought back from a backup is noticed, whatever was published, and
//! what it lacks can be put back.

use greenlit_testkit::cli::CliHarness;

/// Where the harness's user keeps witnesses.
const WITNESSES: &str = ".local/share/greenlit-issuer";

fn back_up(desk: &CliHarness) {
    desk.shell("rm -rf backup; cp -a a backup").exits_with(0);
}

fn put_back(desk: &CliHarness) {
    desk.shell("rm -rf a; cp -a backup a").exits_with(0);
}

#[test]
fn a_revocation_is_not_lost_with_the_folder_though_nothing_was_published_since() {
    let desk = CliHarness::with_till();
    back_up(&desk);
    let (revoked, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference, "--reason", "given in error"]).exits_with(0);
    let (third, _) = desk.issue("a", &[]);
    put_back(&desk);

    // Nothing goes on from there, into no folder.
    let today = greenlit_testkit::cli::today();
    let issue =
        ["--basis", "vaccination", "--on", &today, "--name", "A B", "--born", "1984-05-09", "--document", "1234"];
    let issue = [&["issue", "a"], &issue[..]].concat();
    for command in [&["publish", "a", "elsewhere"][..], &["revoke", "a", &reference], &["keys", "a"], &issue] {
        desk.issuer(command).fails_with("the register is an old copy: 2 passes and 1 status changes");
    }
    assert!(!desk.path("elsewhere").exists());

    let told = desk.issuer(&["replay", "a"]).exits_with(0);
    assert!(told.contains("restored 2 passes and 1 status changes"), "{told}");
    assert!(desk.issuer(&["replay", "a"]).exits_with(0).contains("restored 0 passes"));
    desk.publish_and_sync();
    assert_eq!((desk.code(&revoked, None), desk.code(&third, None)), ("REV".into(), "OK".into()));
    desk.issuer(&["revoke", "a", &third]).exits_with(0);
    assert!(desk.issuer(&["revoked", "a"]).exits_with(0).contains(&reference));
}

#[test]
fn versions_and_key_revocations_are_put_back_as_well() {
    let desk = CliHarness::with_till();
    let stolen = desk.kids("a", "issuer").remove(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    let (text, _) = desk.issue("a", &[]);
    back_up(&desk);
    desk.issuer(&["keys", "a", "revoke", &stolen]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "KRV");
    put_back(&desk);
    desk.issuer(&["publish", "a", "pub"]).fails_with("replay");
    desk.issuer(&["replay", "a"]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "KRV");
}

#[test]
fn no_place_is_given_twice_even_where_the_witness_is_gone() {
    let desk = CliHarness::with_authority();
    back_up(&desk);
    let (_, first) = desk.issue("a", &[]);
    put_back(&desk);
    desk.shell(&format!("rm -r {WITNESSES}")).exits_with(0);
    // What is lacking cannot be known, and that the witness is gone is said; the place is another one.
    let run = desk.issuer(&["publish", "a", "pub"]);
    assert!(run.code == 0 && run.err.contains("starting a new one"), "{run:#?}");
    let (_, second) = desk.issue("a", &[]);
    assert_ne!(first, second);
    let run = desk.issuer(&["keys", "a"]);
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
}

#[test]
fn a_witness_that_was_lost_changed_or_is_another_s_is_told() {
    let desk = CliHarness::with_till();
    let (_, reference) = desk.issue("a", &[]);
    desk.shell(&format!("rm -r {WITNESSES}")).exits_with(0);
    let run = desk.issuer(&["revoke", "a", &reference]);
    assert!(run.code == 0 && run.err.contains("is missing; starting a new one"), "{run:#?}");
    // The new one serves like the first.
    back_up(&desk);
    desk.issue("a", &[]);
    put_back(&desk);
    // A single thing is what a command leaves that was cut short.
    let run = desk.issuer(&["keys", "a"]);
    assert!(run.code == 0 && run.err.contains("interrupted command was completed from the witness"), "{run:#?}");
    assert!(desk.issuer(&["keys", "a"]).err.is_empty());
    // A line changed by hand: the next publication tells.
    desk.issue("a", &[]);
    desk.shell(&format!("sed -i '2s/\\t1\\t/\\t2\\t/' {WITNESSES}/*")).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).fails_with("has changed since it was written");
    // No names in it, and nobody else's to read.
    let text = desk.shell(&format!("cat {WITNESSES}/*; stat -c %a {WITNESSES} {WITNESSES}/*")).exits_with(0);
    assert!(!text.contains("Закирова") && !text.contains("5678") && text.contains("700\n600"), "{text}");
}

#[test]
fn a_place_of_its_own_can_be_named() {
    let desk = CliHarness::with_authority();
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    desk.write("a/authority.toml", format!("witness = \"{}\"\n{settings}", desk.path("there/w").display()));
    desk.issue("a", &[]);
    assert!(desk.path("there/w").is_file());
    // For practice there is none.
    desk.shell(&format!("rm -rf {WITNESSES}")).exits_with(0);
    desk.issuer(&["demo", "d"]).exits_with(0);
    assert!(!desk.path(WITNESSES).exists());
}
