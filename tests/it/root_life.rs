//! Promise: an authority can change every key it has and comes back from theft and from a wrong
//! clock, by its own commands; and these never install or publish what a till would refuse.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_core::status::{StatusToken, Statuses};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Bundle, BundleBody, ListEntry, Root};
use greenlit_issuer::{PrivateKey, sign_bundle, sign_status_list};
use greenlit_testkit::cli::{CliHarness, DAY};

const YEAR: i64 = 366 * DAY;

/// What a thief of the file can sign with.
fn stolen(desk: &CliHarness, file: &str) -> PrivateKey {
    PrivateKey::from_pem(std::str::from_utf8(&desk.read(file)).unwrap()).unwrap()
}

fn published(desk: &CliHarness, root: &str) -> BundleBody {
    let root = Root::verify_anchor(&desk.read(root)).unwrap();
    (*Bundle::open(&desk.read("pub/trust.cbor"), &root).unwrap()).clone()
}

fn seconds_from_now(seconds: u64) -> UnixTime {
    UnixTime::new(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + seconds).unwrap()
}

/// A list that says that all is well.
fn empty_list(entry: &ListEntry, issued: UnixTime, key: &PrivateKey) -> Vec<u8> {
    let zlib = Statuses::new(entry.bits, entry.size as usize).unwrap().deflate();
    let token = StatusToken { uri: entry.uri.clone(), issued, expires: None, ttl: None, bits: entry.bits, zlib };
    sign_status_list(&token, key)
}

/// Adds the signatures of two root keys to the proposal "next".
fn sign_with_two(desk: &CliHarness) {
    let keys = ["--key", "a/keys/root-1.pem", "--key", "a/keys/root-2.pem"];
    desk.issuer(&[&["root", "sign", "next", "--after", "pub/root-1.cbor"], &keys[..]].concat()).exits_with(0);
}

/// Where a till stands.
fn shown(desk: &CliHarness) -> String {
    desk.till(&["trust", "show"]).exits_with(0)
}

#[test]
fn another_root_of_the_same_authority_is_no_other_authority() {
    let desk = CliHarness::with_till();
    for _ in 0..2 {
        desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    }
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    for later in ["pub/root-2.cbor", "pub/root-3.cbor"] {
        let run = desk.till(&["trust", "add", "--yes", later]);
        assert!(!run.err.contains("--replace"), "{run:#?}");
        run.fails_with("a newer root of the authority already trusted; run `greenlit sync FOLDER`");
    }
    desk.till(&["sync", "pub"]).exits_with(0);
    assert!(desk.till(&["trust", "add", "--yes", "pub/root-3.cbor"]).exits_with(0).contains("already current"));
    assert!(desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0).contains("already trusted"));
    desk.till(&["trust", "add", "--yes", "pub/root-2.cbor"])
        .fails_with("an older root of the authority already trusted");
    // Of the same name, and of nobody's signature that this till knows.
    desk.init("b");
    desk.issuer(&["root", "new", "b", "--renew"]).exits_with(0);
    desk.issuer(&["publish", "b", "pub-b"]).exits_with(0);
    desk.shell("rm -r till; greenlit --data till trust add --yes pub/root-1.cbor").exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub-b/root-2.cbor"]).fails_with("use --replace");
}

#[test]
fn where_the_keys_are_at_hand_one_command_makes_the_next_root() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let roots = desk.kids("a", "root");
    let told = desk.issuer(&["root", "new", "a", "--drop-root", &roots[0], "--add-root", "new"]).exits_with(0);
    assert!(told.contains(&format!("removed {}", roots[0])) && told.contains("root 2 is now current here"), "{told}");
    assert_eq!(desk.code(&text, None), "OK", "nothing changes for a till before the publication");
    desk.publish_and_sync();
    assert!(shown(&desk).contains("root 2"), "{}", shown(&desk));
    assert_eq!(desk.code(&text, None), "OK");
    // A threshold of three, keys of their own count, and another expiry.
    desk.issuer(&["root", "new", "a", "--threshold", "3", "--expires", "2030-01-01T00:00:00Z"]).exits_with(0);
    desk.publish_and_sync();
    let root = desk.issuer(&["inspect", "pub/root-3.cbor"]).exits_with(0);
    assert!(root.contains("3 of 3 root keys must sign") && root.contains("expires 2030-01-01T00:00:00Z"), "{root}");
    assert_eq!(desk.code(&text, None), "OK");
    // A till that has slept through both, and one that begins today.
    desk.shell("rm -r till").exits_with(0);
    for anchor in ["pub/root-1.cbor", "pub/root-3.cbor"] {
        desk.till(&["trust", "add", "--yes", anchor, "--replace"]).exits_with(0);
        desk.till(&["sync", "pub"]).exits_with(0);
        assert_eq!(desk.code(&text, None), "OK", "from {anchor}");
    }
    let modes = desk.shell("stat -c %a a/keys/*.pem | sort -u; stat -c %a a/roots/* | sort -u").exits_with(0);
    assert_eq!(modes.split_whitespace().collect::<Vec<_>>(), ["600", "644"]);
}

#[test]
fn a_till_seventy_roots_behind_catches_up_in_one_sync() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.shell("for i in $(seq 70); do greenlit-issuer root new a --renew >/dev/null || exit 1; done").exits_with(0);
    // Whoever leaves out one of them stops there.
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.shell("cp -r pub gap; rm gap/root-40.cbor").exits_with(0);
    desk.till(&["sync", "gap"]).fails_with("root 71");
    assert!(shown(&desk).contains("version 1,") && !shown(&desk).contains("current: root"), "{}", shown(&desk));
    assert!(desk.till(&["sync", "pub"]).exits_with(0).contains("now using root 71"));
    assert!(shown(&desk).contains("current: root 71"), "{}", shown(&desk));
    assert_eq!(desk.code(&text, None), "REV");
}

#[test]
fn a_practice_authority_stays_one() {
    let desk = CliHarness::new();
    desk.issuer(&["demo", "d"]).exits_with(0);
    let told = desk.issuer(&["root", "new", "d/authority", "--renew"]).exits_with(0);
    assert!(told.lines().next().unwrap().ends_with("(RU-BA) · DEMO") && !told.contains("CHANGED"), "{told}");
}

#[test]
fn a_ceremony_signs_wherever_the_keys_are() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let roots = desk.kids("a", "root");
    desk.shell("mkdir s1 s2 s3 s4; for i in 1 2 3; do mv a/keys/root-$i.pem s$i; done").exits_with(0);
    desk.shell("greenlit-issuer root key s4/root-4.pem >root-4.pub").exits_with(0);
    desk.issuer(&["root", "key", "s4/root-4.pem"]).fails_with("not overwritten");
    let change = ["root", "new", "a", "--drop-root", &roots[2], "--add-root", "root-4.pub", "--threshold", "3"];
    desk.issuer(&change).fails_with("3 more of these must sign");
    desk.issuer(&[&change[..], &["--propose", "next"]].concat()).exits_with(0);
    desk.issuer(&[&change[..], &["--propose", "next"]].concat()).fails_with("not overwritten");
    let seen = desk.issuer(&["inspect", "next"]).exits_with(1);
    assert!(seen.contains(&format!("removed {}", roots[2])) && seen.contains("threshold was 2"), "{seen}");
    // On other machines: nothing but the file and a stick.
    let elsewhere = "mkdir -p m; mv next m; cd m; greenlit-issuer root sign next --after ../pub/root-1.cbor";
    desk.shell(&format!("{elsewhere} --key ../s1/root-1.pem && mv next ..")).exits_with(0);
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("more of these must");
    desk.shell(&format!("{elsewhere} --key ../s3/root-3.pem && mv next ..")).exits_with(0);
    // The leaving key speaks for the old root alone: two of its own are wanted still.
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("2 more of these must");
    desk.issuer(&["root", "sign", "next", "--after", "pub/root-1.cbor", "--key", "a/keys/issuer-1.pem"])
        .fails_with("does not need the key");
    desk.issuer(&[
        "root",
        "sign",
        "next",
        "--after",
        "pub/root-1.cbor",
        "--key",
        "s4/root-4.pem",
        "--key",
        "s2/root-2.pem",
    ])
    .exits_with(0);
    assert!(desk.issuer(&["inspect", "next"]).exits_with(0).contains("\nvalid: enough keys have signed"));
    desk.issuer(&["root", "finish", "a", "next"]).exits_with(0);
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("already current here");
    desk.publish_and_sync();
    assert!(shown(&desk).contains("root 2"));
    assert_eq!(desk.code(&text, None), "OK");
    // All sticks on one machine, later.
    let keys = ["--key", "s1/root-1.pem", "--key", "s2/root-2.pem", "--key", "s4/root-4.pem"];
    desk.issuer(&[&["root", "new", "a", "--renew"], &keys[..]].concat()).exits_with(0);
    desk.publish_and_sync();
    assert!(shown(&desk).contains("root 3") && desk.code(&text, None) == "OK");
}

#[test]
fn a_proposal_that_was_damaged_overtaken_or_is_none_is_refused() {
    let desk = CliHarness::with_till();
    desk.issuer(&["root", "new", "a", "--add-root", "new", "--propose", "next"]).exits_with(0);
    let good = desk.read("next");
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        // Its own words are not signed yet: whoever signs reads them first. All else is.
        if greenlit_issuer::Proposal::parse(&bad).is_ok() {
            let (old, own) = (desk.read("a/roots/root-1.cbor").len(), good.len());
            assert!(at > old, "byte {at} of {own} changed");
        }
    }
    sign_with_two(&desk);
    let signed = desk.read("next");
    for at in 0..signed.len() {
        let mut bad = signed.clone();
        bad[at] ^= 1 << (at % 8);
        assert!(greenlit_issuer::Proposal::parse(&bad).is_err(), "byte {at} changed under two signatures");
    }
    for (bytes, words) in [
        (Vec::new(), "is not a proposed root"),
        (b"hello".to_vec(), "is not a proposed root"),
        (good[..good.len() - 1].to_vec(), "is not a proposed root"),
        (desk.read("pub/root-1.cbor"), "is not a proposed root"),
        (vec![0x83; 100_000], "larger than"),
    ] {
        desk.write("bad", bytes);
        desk.issuer(&["root", "sign", "bad", "--after", "pub/root-1.cbor", "--key", "a/keys/root-1.pem"])
            .fails_with(words);
        desk.issuer(&["root", "finish", "a", "bad"]).fails_with(words);
    }
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("does not follow the newest root");
    desk.init("b");
    desk.issuer(&["root", "finish", "b", "next"]).fails_with("does not follow the newest root");
    desk.publish_and_sync();
}

#[test]
fn a_next_root_that_would_not_serve_is_not_made() {
    let desk = CliHarness::with_till();
    let roots = desk.kids("a", "root");
    let issuer = stolen(&desk, "a/keys/issuer-1.pem").public().clone();
    let issuer: String = issuer.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let root: String =
        stolen(&desk, "a/keys/root-1.pem").public().as_bytes().iter().map(|b| format!("{b:02x}")).collect();
    let weak = "0".repeat(64);
    let before = desk.shell("ls -R a/keys a/roots; sqlite3 a/register.db .dump 2>/dev/null").exits_with(0);
    for (change, words) in [
        (&[][..], "nothing to change"),
        (&["--add-root", "zz"], "is not a public key"),
        (&["--add-root", &weak], "weak"),
        (&["--add-root", &root], "twice"),
        (&["--add-root", &issuer], "signs passes or lists"),
        (&["--drop-root", "0011223344556677"], "has no root key"),
        (&["--drop-root", &roots[0], "--drop-root", &roots[0]], "has no root key"),
        (&["--drop-root", &roots[0], "--drop-root", &roots[1]], "a threshold of 2 with 1 keys"),
        (&["--threshold", "0"], "a threshold of 0"),
        (&["--threshold", "4"], "a threshold of 4"),
        (&["--replace-bundle-key", &roots[0]], "has no bundle key"),
        (&["--expires", "2020-01-01T00:00:00Z"], "is in the past"),
        (&["--expires", "soon"], "RFC 3339"),
        (&["--renew", "--key", "a/keys/issuer-1.pem", "--propose", "x"], "does not need the key"),
        (&["--renew", "--key", "missing.pem"], "no such file"),
    ] {
        desk.issuer(&[&["root", "new", "a"], change].concat()).fails_with(words);
    }
    let many = ["--add-root", "new"].repeat(14);
    desk.issuer(&[&["root", "new", "a"], &many[..]].concat()).fails_with("17 keys");
    // Too few keys at hand.
    desk.shell("mv a/keys/root-1.pem a/keys/root-2.pem .").exits_with(0);
    desk.issuer(&["root", "new", "a", "--renew"]).fails_with("1 more of these must sign");
    desk.shell("mv root-1.pem root-2.pem a/keys").exits_with(0);
    // The root would be good, but nobody here could publish under it.
    let kid = desk.kids("a", "bundle").remove(0);
    desk.shell("mkdir old; cp a/keys/* old").exits_with(0);
    desk.issuer(&["root", "new", "a", "--replace-bundle-key", &kid, "--propose", "next"]).exits_with(0);
    sign_with_two(&desk);
    desk.shell("mv a/keys/bundle-2.pem .").exits_with(0);
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("nothing could be published");
    assert_eq!(desk.shell("ls -R a/keys a/roots; sqlite3 a/register.db .dump 2>/dev/null").exits_with(0), before);
    desk.shell("mv bundle-2.pem a/keys").exits_with(0);
    desk.issuer(&["root", "finish", "a", "next"]).exits_with(0);
    desk.publish_and_sync();
}

#[test]
fn a_stolen_bundle_key_is_answered_by_a_new_root() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    // The thief's version nobody can top, and its time makes every honest clock look wrong.
    let mut theirs = published(&desk, "pub/root-1.cbor");
    theirs.version = 1 << 60;
    theirs.issued = seconds_from_now(4 * 366 * 86_400);
    (theirs.soft_expiry, theirs.hard_expiry) = (theirs.issued.plus(100), theirs.issued.plus(200));
    let key = stolen(&desk, "a/keys/bundle-1.pem");
    desk.shell("cp -r pub evil").exits_with(0);
    desk.write("evil/trust.cbor", sign_bundle(&theirs, &[&key]));
    // Without a list to go with it, it would leave the till with less than it has.
    desk.till(&["sync", "evil"]).fails_with("without status list 1");
    assert_eq!(desk.code(&text, None), "OK");
    desk.write("evil/status-1.cwt", empty_list(&theirs.lists[0], theirs.issued, &stolen(&desk, "a/keys/list-1.pem")));
    desk.till(&["sync", "evil"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "CLK");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).fails_with("older");
    let kid = desk.kids("a", "bundle").remove(0);
    desk.issuer(&["root", "new", "a", "--replace-bundle-key", &kid]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "OK");
    // The stolen key has no say any more, be its bundle for root 1 or for root 2.
    desk.shell("cp pub/root-2.cbor pub/status-1.cwt evil/").exits_with(0);
    desk.till(&["sync", "evil"]).fails_with("root 1");
    theirs.root = 2;
    desk.write("evil/trust.cbor", sign_bundle(&theirs, &[&key]));
    desk.till(&["sync", "evil"]).fails_with("which is not an authorised key");
    assert_eq!(desk.code(&text, None), "OK");
    assert!(desk.issuer(&["keys", "a"]).exits_with(0).contains("not authorised since root 2"));
    // The register goes on noticing old copies of itself.
    desk.shell("cp a/register.db old.db").exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.shell("cp old.db a/register.db").exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).fails_with("an old copy");
}

#[test]
fn a_thief_who_publishes_in_the_authority_s_own_place_is_noticed() {
    let desk = CliHarness::with_till();
    let mut theirs = published(&desk, "pub/root-1.cbor");
    theirs.version = 77;
    desk.write("pub/trust.cbor", sign_bundle(&theirs, &[&stolen(&desk, "a/keys/bundle-1.pem")]));
    desk.issuer(&["publish", "a", "pub"]).fails_with("somebody else has the bundle key");
    let kid = desk.kids("a", "bundle").remove(0);
    desk.issuer(&["root", "new", "a", "--replace-bundle-key", &kid]).exits_with(0);
    desk.publish_and_sync();
}

#[test]
fn a_publication_made_with_a_clock_years_ahead_is_undone_by_a_new_root() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let ahead = |command: &str| desk.shell_ahead(3 * YEAR, &format!("greenlit-issuer {command}"));
    ahead("publish a pub").fails_with("--clock-is-right");
    ahead("root new a --renew").fails_with("--clock-is-right");
    ahead("publish a pub --clock-is-right").exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "CLK");
    desk.issuer(&["publish", "a", "pub"]).fails_with("root new");
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "OK");
    assert!(shown(&desk).contains("root 2") && shown(&desk).contains("version 3"), "{}", shown(&desk));
    // And a key that was new in that publication is not held to be known for years.
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&desk.issue("a", &[]).0, None), "OK");
}

#[test]
fn a_stolen_list_key_is_replaced() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "REV");
    // The thief's list says that all is well, and is dated so that no honest one follows it for weeks.
    let entry = published(&desk, "pub/root-1.cbor").lists.remove(0);
    desk.shell("cp -r pub evil").exits_with(0);
    let key = stolen(&desk, "a/keys/list-1.pem");
    desk.write("evil/status-1.cwt", empty_list(&entry, seconds_from_now(100 * 86_400), &key));
    desk.till(&["sync", "evil"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "LST");
    let kid = desk.kids("a", "list").remove(0);
    desk.issuer(&["keys", "a", "replace", &desk.kids("a", "issuer")[0]]).fails_with("is not a list key");
    desk.issuer(&["keys", "a", "replace", &kid]).exits_with(0);
    desk.issuer(&["keys", "a", "replace", &kid]).fails_with("retired at");
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "REV");
    let run = desk.shell("cp evil/status-1.cwt pub/; greenlit --data till sync pub");
    assert!(run.code == 1 && run.err.contains("not signed by the key"), "{run:#?}");
    assert_eq!(desk.code(&text, None), "REV");
}

#[test]
fn a_folder_from_before_the_new_root_is_noticed() {
    let desk = CliHarness::with_till();
    desk.shell("cp -a a old").exits_with(0);
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.publish_and_sync();
    desk.issuer(&["publish", "old", "pub"]).fails_with("root 2 was published");
    desk.publish_and_sync();
    // Two copies that each made a root 2 of their own: the second is kept from the first one's place.
    desk.issuer(&["root", "new", "old", "--renew", "--expires", "2030-01-01T00:00:00Z"]).exits_with(0);
    desk.issuer(&["publish", "old", "pub"]).fails_with("used by another authority");
}

#[test]
fn a_register_of_the_first_format_is_brought_up_to_date() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    desk.issuer(&["revoke", "a", &reference, "--reason", "given in error"]).exits_with(0);
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let back = "DROP TABLE status_change; ALTER TABLE publication DROP COLUMN root; PRAGMA user_version = 1";
    register.execute_batch(back).unwrap();
    drop(register);
    let both = desk.shell("greenlit-issuer revoked a & greenlit-issuer revoked a; wait");
    assert_eq!(both.out.matches("given in error").count(), 2, "{both:#?}");
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "REV");
}

#[test]
fn a_proposal_that_carries_a_forged_root_in_force_is_not_signed() {
    let desk = CliHarness::with_till();
    // Whatever root is in it, it shows no change: only a copy of one's own tells.
    desk.init("evil");
    desk.issuer(&["root", "new", "evil", "--renew", "--propose", "next"]).exits_with(0);
    let before = desk.read("next");
    let sign = ["root", "sign", "next", "--key", "a/keys/root-1.pem", "--after"];
    desk.issuer(&[&sign[..], &["pub/root-1.cbor"]].concat()).fails_with("based on a different root");
    desk.issuer(&[&sign[..], &["nowhere.cbor"]].concat()).fails_with("no such file");
    assert_eq!(desk.read("next"), before);
}
