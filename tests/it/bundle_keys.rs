//! Promise: an authority decides by its own commands how many keys must sign what it publishes, and
//! keeps those keys where it wants; and it never makes or publishes what a till would refuse.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_core::cose::Sign;
use greenlit_core::trust::{Bundle, Root};
use greenlit_issuer::{PrivateKey, sign_bundle};
use greenlit_testkit::cli::CliHarness;

/// What a thief of the file can sign with.
fn stolen(desk: &CliHarness, file: &str) -> PrivateKey {
    PrivateKey::from_pem(std::str::from_utf8(&desk.read(file)).unwrap()).unwrap()
}

fn digits(key: &PrivateKey) -> String {
    key.public().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything that a command which fails must leave alone.
fn state(desk: &CliHarness) -> String {
    desk.shell("ls -R a/keys a/roots pub; sha256sum a/roots/* pub/* a/published-version a/register.db").exits_with(0)
}

/// Adds the signatures of two root keys to the proposal "next".
fn sign_with_two(desk: &CliHarness, after: &str) {
    let keys = ["--key", "a/keys/root-1.pem", "--key", "a/keys/root-2.pem"];
    desk.issuer(&[&["root", "sign", "next", "--after", after], &keys[..]].concat()).exits_with(0);
}

#[test]
fn two_keys_must_sign_and_one_thief_signs_nothing() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    let told = desk.issuer(&["root", "new", "a", "--add-bundle-key", "new", "--bundle-threshold", "2"]).exits_with(0);
    assert!(told.contains("2 of 2 bundle keys must sign") && told.contains("threshold was 1"), "{told}");
    // All three root keys are at hand; each signature more than the two needed is weight in every till.
    assert_eq!(Sign::parse(&desk.read("a/roots/root-2.cbor")).unwrap().signatures.len(), 2);
    desk.publish_and_sync();
    assert_eq!(desk.code(&text, None), "OK");
    // One of the two keys is not enough for anybody: neither for a thief,
    let root = Root::verify_anchor(&desk.read("pub/root-2.cbor")).unwrap();
    let mut theirs = (*Bundle::open(&desk.read("pub/trust.cbor"), &root).unwrap()).clone();
    theirs.version = 77;
    desk.shell("cp -r pub evil").exits_with(0);
    for file in ["bundle-1.pem", "bundle-2.pem"] {
        let key = stolen(&desk, &format!("a/keys/{file}"));
        for signers in [&[&key][..], &[&key, &key]] {
            desk.write("evil/trust.cbor", sign_bundle(&theirs, signers));
            desk.till(&["sync", "evil"]).fails_with("needs 2");
        }
    }
    // nor for the authority, which says which key it lacks and spends no version.
    let kid = stolen(&desk, "a/keys/bundle-2.pem").public().id().to_string();
    desk.shell("mkdir stick; mv a/keys/bundle-2.pem stick").exits_with(0);
    let before = state(&desk);
    desk.issuer(&["publish", "a", "pub"]).fails_with(&format!("1 more of these bundle keys must sign: {kid};"));
    desk.issuer(&["publish", "a", "pub", "--key", "stick/none.pem"]).fails_with("no such file");
    desk.issuer(&["publish", "a", "pub", "--key", "a/keys/root-1.pem"]).fails_with("is not a bundle key of root 2");
    let twice = ["publish", "a", "pub", "--key", "a/keys/bundle-1.pem", "--key", "a/keys/bundle-1.pem"];
    desk.issuer(&twice).fails_with(&kid);
    assert_eq!(state(&desk), before);
    // With the other from its stick it goes on.
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub", "--key", "stick/bundle-2.pem"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "REV");
    assert!(
        desk.issuer(&["keys", "a"]).exits_with(0).contains(&format!("{kid} kept elsewhere  not in keys/bundle-2.pem"))
    );
    // Back to one key, whichever is at hand.
    let first = desk.kids("a", "bundle").remove(0);
    let back = ["root", "new", "a", "--drop-bundle-key", &first, "--bundle-threshold", "1"];
    desk.issuer(&back).fails_with("nothing could be published");
    desk.issuer(&[&back[..], &["--key", "stick/bundle-2.pem"]].concat()).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).fails_with(&kid);
    desk.issuer(&["publish", "a", "pub", "--key", "stick/bundle-2.pem"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "REV");
}

#[test]
fn a_threshold_changes_by_a_proposal_whose_keys_lie_elsewhere() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.shell("mkdir s; for i in 8 9; do greenlit-issuer root key s/bundle-$i.pem >$i.pub; done").exits_with(0);
    let old = desk.kids("a", "bundle").remove(0);
    let change = [
        &["root", "new", "a", "--add-bundle-key", "8.pub", "--add-bundle-key", "9.pub", "--drop-bundle-key", &old],
        &["--bundle-threshold", "2", "--propose", "next"][..],
    ]
    .concat();
    let told = desk.issuer(&[&change[..], &["--key", "s/bundle-8.pem"]].concat()).exits_with(0);
    assert!(told.contains("signed by 0 of root 1"), "a bundle key has no say in it: {told}");
    let seen = desk.issuer(&["inspect", "next"]).exits_with(1);
    for file in ["s/bundle-8.pem", "s/bundle-9.pem"] {
        assert!(seen.contains(&format!("    added {}", stolen(&desk, file).public().id())), "{seen}");
    }
    for line in ["2 of 2 bundle keys must sign", &format!("    removed {old}"), "    threshold was 1"] {
        assert!(seen.contains(line), "{line} is not in {seen}");
    }
    sign_with_two(&desk, "pub/root-1.cbor");
    // Whoever installs it shows that both can be had.
    let before = state(&desk);
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("only 0 of the 2 bundle keys");
    desk.issuer(&["root", "finish", "a", "next", "--key", "s/bundle-8.pem"]).fails_with("only 1 of the 2 bundle keys");
    assert_eq!(state(&desk), before);
    let both = ["--key", "s/bundle-8.pem", "--key", "s/bundle-9.pem"];
    desk.issuer(&[&["root", "finish", "a", "next"], &both[..]].concat()).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).fails_with("2 more of these bundle keys must sign");
    desk.issuer(&["publish", "a", "pub", "--key", "a/keys/bundle-1.pem"]).fails_with("is not a bundle key of root 2");
    desk.issuer(&[&["publish", "a", "pub"], &both[..]].concat()).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "OK");
    // Put into keys/ under the name that `keys` has for it, one of them is found there.
    let kid = stolen(&desk, "s/bundle-8.pem").public().id();
    assert!(desk.issuer(&["keys", "a"]).exits_with(0).contains(&format!("keys/bundle-{kid}.pem")));
    desk.shell(&format!("mv s/bundle-8.pem a/keys/bundle-{kid}.pem")).exits_with(0);
    desk.issuer(&["publish", "a", "pub", "--key", "s/bundle-9.pem"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
}

#[test]
fn bundle_keys_that_no_till_would_take_are_not_made() {
    let desk = CliHarness::with_till();
    let bundle = desk.kids("a", "bundle").remove(0);
    let own = |file: &str| digits(&stolen(&desk, file));
    let [first, issuer, list, root] =
        ["bundle-1", "issuer-1", "list-1", "root-3"].map(|n| own(&format!("a/keys/{n}.pem")));
    let weak = "0".repeat(64);
    let elsewhere = desk.shell("mkdir s; greenlit-issuer root key s/k.pem").exits_with(0).trim().to_owned();
    let before = state(&desk);
    for (change, words) in [
        (&["--bundle-threshold", "0"][..], "bundle keys: a threshold of 0"),
        (&["--bundle-threshold", "2"], "a threshold of 2 with 1 keys"),
        (&["--bundle-threshold", "18446744073709551615"], "a threshold of 18446744073709551615"),
        (&["--drop-bundle-key", &bundle], "0 keys"),
        (&["--drop-bundle-key", &bundle, "--add-bundle-key", "new", "--bundle-threshold", "2"], "a threshold of 2"),
        (&["--drop-bundle-key", &bundle, "--replace-bundle-key", &bundle], "has no bundle key"),
        (&["--drop-bundle-key", &desk.kids("a", "root")[0]], "has no bundle key"),
        (&["--add-bundle-key", &first], "twice"),
        (&["--add-bundle-key", &weak], "weak"),
        (&["--add-bundle-key", "zz"], "is not a public key"),
        (&["--add-bundle-key", &issuer], "signs passes or lists"),
        (&["--add-bundle-key", &issuer, "--propose", "next"], "signs passes or lists"),
        (&["--add-bundle-key", &list], "signs passes or lists"),
        (&["--add-bundle-key", &root], "also has another role"),
        (&["--add-bundle-key", "new", "--add-bundle-key", &first], "twice"),
        // Of a key whose private half nobody shows, nothing is left behind either.
        (
            &["--add-bundle-key", "new", "--add-bundle-key", &elsewhere, "--bundle-threshold", "3"],
            "only 2 of the 3 bundle keys that must sign are available",
        ),
    ] {
        desk.issuer(&[&["root", "new", "a"], change].concat()).fails_with(words);
        assert_eq!(state(&desk), before, "{change:?}");
    }
    let many = ["--add-bundle-key", "new"].repeat(16);
    desk.issuer(&[&["root", "new", "a"], &many[..]].concat()).fails_with("17 keys");
    assert_eq!(state(&desk), before);
    // A key may change its work, in one step, and is listed by what it does now.
    let third = desk.kids("a", "root").remove(2);
    desk.issuer(&["root", "new", "a", "--drop-root", &third, "--add-bundle-key", &root]).exits_with(0);
    assert_eq!(desk.kids("a", "bundle").len(), 2);
    assert!(desk.kids("a", "bundle").contains(&third) && !desk.kids("a", "root").contains(&third));
    desk.publish_and_sync();
}

#[test]
fn a_proposal_that_gives_a_bundle_key_other_work_is_not_installed() {
    let desk = CliHarness::with_till();
    // A copy of the folder that does not know of the newest issuer key, nor has it of the witness.
    desk.shell("cp -a a b; sed -i \"1i witness = '$PWD/other.witness'\" b/authority.toml").exits_with(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    let issuer = digits(&stolen(&desk, "a/keys/issuer-2.pem"));
    desk.issuer(&["root", "new", "b", "--add-bundle-key", &issuer, "--propose", "next"]).exits_with(0);
    sign_with_two(&desk, "pub/root-1.cbor");
    let before = state(&desk);
    desk.issuer(&["root", "finish", "a", "next"]).fails_with("signs passes or lists here");
    assert_eq!(state(&desk), before);
}

#[test]
fn an_authority_begins_with_several_bundle_keys() {
    let desk = CliHarness::new();
    let init = ["init", "a", "--name", "N", "--region", "RU-BA", "--bundle-keys", "3", "--bundle-threshold"];
    let with = |threshold: &str| desk.issuer(&[&init[..], &[threshold]].concat());
    with("0").fails_with("invalid combination of --bundle-keys and --bundle-threshold: a threshold of 0");
    with("4").fails_with("a threshold of 4 with 3 keys");
    for count in ["0", "17"] {
        desk.issuer(&["init", "a", "--name", "N", "--region", "RU-BA", "--bundle-keys", count])
            .fails_with("keys; 1 to 16");
    }
    assert!(!desk.path("a").exists());
    with("2").exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    assert!(desk.issuer(&["inspect", "pub/root-1.cbor"]).exits_with(0).contains("2 of 3 bundle keys must sign"));
    // As many signatures as are needed: each is weight in every till.
    assert_eq!(Sign::parse(&desk.read("pub/trust.cbor")).unwrap().signatures.len(), 2);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&desk.issue("a", &[]).0, None), "OK");
    // Any two of the three will do.
    for number in 1..=3 {
        desk.shell(&format!("mv a/keys/bundle-{number}.pem .")).exits_with(0);
        desk.publish_and_sync();
        desk.shell(&format!("mv bundle-{number}.pem a/keys")).exits_with(0);
    }
    // A key that others may read is no key to sign with in silence.
    desk.shell("chmod 644 a/keys/bundle-1.pem").exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).fails_with("chmod 600");
}
