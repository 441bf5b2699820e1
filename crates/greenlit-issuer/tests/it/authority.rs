//! What an authority must be kept from: losing revocations, signing what tills would call forged,
//! writing over others.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::{self, CliHarness, DAY, later};

#[test]
fn a_list_of_an_earlier_publication_does_not_go_with_a_later_one() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.shell("cp -r pub old").exits_with(0);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.shell("cp -r pub mixed; cp old/status-1.cwt mixed/").exits_with(0);
    desk.till(&["sync", "mixed"]).fails_with("without status list 1");
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "REV");
    // A till that never had a list is left without one, and says so.
    desk.shell("rm -r till").exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    assert_eq!(desk.till(&["sync", "mixed"]).code, 1);
    assert_eq!(desk.code(&text, None), "LST");
}

#[test]
fn passes_that_wait_outlive_the_key_s_retirement() {
    let desk = CliHarness::with_till();
    let rules = String::from_utf8(desk.read("a/rules.toml")).unwrap();
    desk.write("a/rules.toml", rules.replace("waiting_days = 0", "waiting_days = 21"));
    let (text, _) = desk.issue("a", &[]);
    desk.write("a/rules.toml", rules.replace("waiting_days = 0", "waiting_days = 28"));
    let (later_text, _) = desk.issue("a", &[]);
    let keys = desk.issuer(&["keys", "a"]).exits_with(0);
    let kid = keys.lines().find(|line| line.starts_with("issuer")).unwrap().split_whitespace().nth(1).unwrap();
    desk.issuer(&["keys", "a", "retire", kid]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "NBF");
    assert_eq!(desk.code(&text, Some(&later(30 * DAY))), "OK");
    assert_eq!(desk.code(&later_text, Some(&later(30 * DAY))), "OK");
}

#[test]
fn a_publication_stays_its_authority_s_own_and_outside_its_folder() {
    let desk = CliHarness::with_authority();
    desk.init("b");
    desk.issuer(&["publish", "b", "pub"]).fails_with("used by another authority");
    desk.issuer(&["publish", "a", "a"]).fails_with("inside the authority's own folder");
    desk.issuer(&["publish", "a", "a/keys/deeper"]).fails_with("inside the authority's own folder");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
}

#[test]
fn a_register_from_an_old_backup_is_noticed() {
    let desk = CliHarness::with_authority();
    desk.shell("cp a/register.db backup.db").exits_with(0);
    let (_, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.shell("cp a/register.db newest.db; cp backup.db a/register.db").exits_with(0);
    // Nothing works from it: not even another folder, or an issue that would give a place twice.
    desk.issuer(&["publish", "a", "pub"]).fails_with("an old copy");
    desk.issuer(&["publish", "a", "elsewhere"]).fails_with("an old copy");
    desk.issuer(&["revoke", "a", &reference]).fails_with("an old copy");
    // The mark gone too, the folder published to still tells.
    desk.shell("mv a/published-version mark").exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).fails_with("an old copy");
    desk.shell("mv mark a/published-version; cp newest.db a/register.db").exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
}

#[test]
fn revoking_and_lifting_at_once_never_undo_a_revocation() {
    let desk = CliHarness::with_authority();
    for _ in 0..10 {
        let (text, reference) = desk.issue("a", &[]);
        desk.issuer(&["revoke", "a", &reference, "--suspend"]).exits_with(0);
        let race = format!(
            "greenlit-issuer revoke a {reference} --lift & l=$!; greenlit-issuer revoke a {reference}; echo $?; wait $l"
        );
        let revoked = desk.shell(&race).out.lines().any(|line| line == "0");
        let again = desk.issuer(&["revoke", "a", &text]);
        assert_eq!(again.code == 2, revoked, "revoked once: {revoked}, again: {again:#?}");
    }
}

#[test]
fn passes_issued_at_once_have_a_place_each() {
    let desk = CliHarness::with_authority();
    let today = cli::today();
    let issue = format!(
        "greenlit-issuer issue a --basis vaccination --on {today} --name 'A B' --born 1990-01-01 --document 8012345678"
    );
    let all = desk.shell(&format!("for i in $(seq 24); do ({issue} >/dev/null || echo failed) & done; wait"));
    let mut places: Vec<_> = all.err.lines().filter_map(|line| line.strip_prefix("pass ")?.split(',').next()).collect();
    places.sort_unstable();
    places.dedup();
    // Who has to wait for too long, on a machine that is busy, says so and has no place.
    let busy = all.err.matches("in use by another command").count();
    assert!(places.len() > 1 && places.len() + busy == 24 && all.out.lines().count() == busy, "{all:#?}");
}

#[test]
fn two_authorities_cannot_be_made_in_one_place() {
    let desk = CliHarness::new();
    let init = "greenlit-issuer init r --name N --region RU-BA";
    let both = desk.shell(&format!("for i in 1 2 3 4; do ({init}; echo $?) & done; wait"));
    assert_eq!(both.out.lines().filter(|line| *line == "0").count(), 1, "{both:#?}");
    desk.issuer(&["publish", "r", "pub"]).exits_with(0);
    assert!(desk.shell("ls -a").exits_with(0).lines().all(|name| !name.ends_with(".part")));
}

#[test]
fn publishing_at_once_gives_every_version_once() {
    let desk = CliHarness::with_authority();
    let all = desk.shell("for i in 1 2 3 4; do (greenlit-issuer publish a pub; echo $?) & done; wait");
    let done = all.out.lines().filter(|line| *line == "0").count();
    assert!(done >= 1 && !all.err.contains("UNIQUE"), "{all:#?}");
    let shown = desk.issuer(&["inspect", "pub/trust.cbor"]).exits_with(0);
    assert!(shown.contains(&format!("version {}", done + 1)), "{shown}");
}

#[test]
fn private_keys_are_the_kind_that_other_programs_read() {
    let desk = CliHarness::with_authority();
    let pem = String::from_utf8(desk.read("a/keys/issuer-1.pem")).unwrap();
    // 48 bytes are 64 letters of Base64: PKCS#8 version 1, without the public key.
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(body.len(), 64, "{} letters", body.len());
    let read = desk.shell("openssl pkey -in a/keys/issuer-1.pem -noout");
    assert!(read.code == 0 || read.code == 127, "{read:#?}");
}

#[test]
fn a_pass_that_could_not_be_printed_can_still_be_revoked() {
    let desk = CliHarness::with_authority();
    let today = cli::today();
    desk.write("holder", cli::HOLDER);
    let run =
        desk.shell(&format!("greenlit-issuer issue a --basis vaccination --on {today} --holder holder >/dev/full"));
    assert_eq!(run.code, 2, "{run:#?}");
    let reference = run.err.split_whitespace().nth(1).unwrap().trim_end_matches(',').to_owned();
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
}

#[test]
fn a_register_that_is_none_of_ours_or_newer_is_left_alone() {
    let desk = CliHarness::with_authority();
    let set = |pragma: &str| {
        let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
        register.execute_batch(pragma).unwrap();
    };
    for (pragma, back, words) in [
        ("PRAGMA application_id = 1", "PRAGMA application_id = 1196181825", "not a register"),
        ("PRAGMA user_version = 9", "PRAGMA user_version = 8", "by a newer version of Greenlit (format 9)"),
        ("PRAGMA user_version = 0", "PRAGMA user_version = 8", "not a register"),
    ] {
        set(pragma);
        desk.issuer(&["publish", "a", "pub"]).fails_with(words);
        desk.issuer(&["keys", "a", "add"]).fails_with(words);
        set(back);
        desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    }
}

#[test]
fn a_key_retired_beside_waiting_issues_spoils_none_of_them() {
    let desk = CliHarness::with_till();
    let rules = String::from_utf8(desk.read("a/rules.toml")).unwrap();
    desk.write("a/rules.toml", rules.replace("waiting_days = 0", "waiting_days = 21"));
    let kid = desk.kids("a", "issuer").remove(0);
    let issue = format!(
        "greenlit-issuer issue a --basis vaccination --on {} --name 'A B' --born 1984-05-09 --document 8012345678",
        cli::today()
    );
    // Some are entered before the key's end and some are refused after it.
    let race = format!(
        "for i in 1 2 3 4 5 6; do ({issue} 2>/dev/null || true) & [ $i = 3 ] && greenlit-issuer keys a retire {kid} >/dev/null 2>&1; done; wait"
    );
    let passes = desk.shell(&race).exits_with(0);
    desk.publish_and_sync();
    for pass in passes.lines() {
        assert_eq!(desk.code(pass, Some(&later(30 * DAY))), "OK");
    }
    desk.shell(&issue).fails_with("no issuer key");
}

#[test]
fn a_name_that_serves_nobody_is_refused_in_a_sentence() {
    let desk = CliHarness::new();
    for (name, told) in [
        ("", "the name is empty"),
        (&"x".repeat(1_001), "the name is too long"),
        ("Min\u{202e}istry", "the name is not plain text"),
    ] {
        let run = desk.issuer(&["init", "a", "--name", name, "--region", "RU-BA"]);
        assert!(run.err.trim_end().ends_with(told), "{run:#?}");
        run.fails_with(told);
        assert!(!desk.path("a").exists());
    }
}
