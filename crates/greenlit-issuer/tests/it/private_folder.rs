//! Promise: an authority's folder and private keys are its owner's alone. Modes are looked at, not whether a file
//! opens: for root every file does.

use std::os::unix::fs::PermissionsExt;

use greenlit_testkit::cli::CliHarness;

fn set_mode(desk: &CliHarness, name: &str, mode: u32) {
    std::fs::set_permissions(desk.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(desk: &CliHarness, name: &str) -> u32 {
    std::fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o7777
}

/// Every command that uses the folder.
const COMMANDS: [&[&str]; 8] = [
    &["publish", "a", "elsewhere"],
    &[
        "issue",
        "a",
        "--basis",
        "vaccination",
        "--on",
        "2026-01-01",
        "--name",
        "А",
        "--born",
        "1990-01-01",
        "--document",
        "801234",
    ],
    &["revoke", "a", "1-1"],
    &["revoked", "a"],
    &["replay", "a"],
    &["keys", "a"],
    &["root", "new", "a", "--renew"],
    &["root", "finish", "a", "next"],
];

#[test]
fn a_folder_that_others_may_look_into_is_not_used() {
    let desk = CliHarness::with_authority();
    desk.issuer(&["root", "new", "a", "--renew", "--propose", "next"]).exits_with(0);
    let key = desk.read("a/register.db");
    for open in [0o755, 0o750, 0o710, 0o701, 0o1777] {
        set_mode(&desk, "a", open);
        for command in COMMANDS {
            desk.issuer(command)
                .fails_with(&format!("holds private keys, but other users of this machine can look into it (mode {open:04o}); run: chmod 700 a"));
        }
    }
    assert!(!desk.path("elsewhere").exists() && desk.read("a/register.db") == key);
    set_mode(&desk, "a", 0o700);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
}

#[test]
fn a_private_key_that_others_may_read_stops_every_command() {
    let desk = CliHarness::with_authority();
    desk.issuer(&["root", "new", "a", "--renew", "--propose", "next"]).exits_with(0);
    for (key, open) in [("root-1", 0o644), ("issuer-1", 0o640), ("list-1", 0o602)] {
        let key = format!("a/keys/{key}.pem");
        set_mode(&desk, &key, open);
        for command in COMMANDS {
            desk.issuer(command).fails_with(&format!("run: chmod 600 {key}"));
        }
        set_mode(&desk, &key, 0o600);
    }
    desk.issuer(&["keys", "a"]).exits_with(0);
}

#[test]
fn what_init_makes_is_its_owner_s_alone_whatever_was_there_and_whatever_the_umask() {
    let desk = CliHarness::new();
    std::fs::create_dir(desk.path("a")).unwrap();
    set_mode(&desk, "a", 0o777);
    desk.shell("umask 000; greenlit-issuer init a --name N --region RU-BA").exits_with(0);
    assert_eq!((mode(&desk, "a"), mode(&desk, "a/keys"), mode(&desk, "a/roots")), (0o700, 0o700, 0o700));
    assert_eq!(mode(&desk, "a/keys/issuer-1.pem"), 0o600);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.issuer(&["demo", "d"]).exits_with(0);
    assert_eq!(mode(&desk, "d/authority"), 0o700);
}
