//! Promise: a site file sets a till up unattended; what it says stands before the settings; each of its
//! mistakes is told, and none stops the till.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::{CliHarness, Run};

fn fingerprint(desk: &CliHarness) -> String {
    let told = desk.issuer(&["inspect", "pub/root-1.cbor"]).exits_with(0);
    told.lines().find_map(|line| line.split_once("fingerprint")).unwrap().1.trim_matches([' ', ':']).to_owned()
}

/// A site file in "site.toml" that only its owner may write.
fn site_file(desk: &CliHarness, text: &str) {
    desk.write("site.toml", text);
    desk.shell("chmod 600 site.toml").exits_with(0);
}

fn managed(desk: &CliHarness, args: &[&str]) -> Run {
    desk.till(&[&["--site-file", "site.toml"], args].concat())
}

#[test]
fn a_till_sets_itself_up() {
    let desk = CliHarness::with_authority();
    let (text, _) = desk.issue("a", &["--qr", "pass.png"]);
    let print = fingerprint(&desk);
    site_file(
        &desk,
        &format!(
            "sites = [\"hotel\"]\nroot = \"pub/root-1.cbor\"\nfingerprint = \"{print}\"\nsource = \"pub\"\nlanguage = \"ba\"\nsound = \"off\"\n"
        ),
    );
    let run = managed(&desk, &["check", "--json", "pass.png"]);
    assert_eq!((run.code, &run.json()[0]["code"]), (0, &"OK".into()), "{run:#?}");
    assert_eq!(run.err.lines().count(), 1, "{run:#?}");
    assert!(run.err.contains("now trusting root 1 of Министерство, whose fingerprint matches /"), "{run:#?}");
    let rules = run.json()[0]["benefits"].as_array().unwrap().len();
    assert_eq!(rules, 2, "only a hotel's: {run:#?}");
    // By the variable too, and now there is nothing more to tell.
    let again = desk.shell("GREENLIT_SITE_FILE=site.toml greenlit --data till check pass.png");
    assert!(again.code == 0 && again.err.is_empty(), "{again:#?}");
    assert_eq!(managed(&desk, &["sync"]).exits_with(0), "already up to date\n");
    assert_eq!(desk.code(&text, None), "OK");
}

#[test]
fn status_tells_that_the_root_will_be_trusted() {
    let desk = CliHarness::with_authority();
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let print = fingerprint(&desk);
    let named = |root: &str, print: &str| {
        site_file(&desk, &format!("root = \"pub/{root}\"\nfingerprint = \"{print}\"\nsource = \"pub\"\n"));
    };
    named("root-1.cbor", &print);
    let awaited =
        "trusted: no authority yet; the next check or sync will trust root 1 of Министерство from the site file\n";
    let told = managed(&desk, &["status"]).exits_with(2);
    assert!(told.contains(awaited) && !desk.path("till").exists(), "{told}");
    managed(&desk, &["sync"]).exits_with(0);
    let told = managed(&desk, &["status"]).exits_with(0);
    assert!(told.contains("trusted: Министерство (RU-BA)") && !told.contains("no authority yet"), "{told}");
    // A file brought up to date with the root that is current names nobody else.
    let newest = desk.issuer(&["inspect", "pub/root-2.cbor"]).exits_with(0);
    let newest = newest.lines().find_map(|line| line.split_once("fingerprint")).unwrap().1.trim_matches([' ', ':']);
    named("root-2.cbor", newest);
    let told = managed(&desk, &["status"]).exits_with(0);
    assert!(told.contains("root 2, expires") && !told.contains("line 1"), "{told}");
    // A file that names a root in vain promises nothing.
    desk.shell("rm -r till").exits_with(0);
    named("root-1.cbor", newest);
    let told = managed(&desk, &["status"]).exits_with(2);
    assert!(told.contains("run `greenlit trust add ROOT`") && told.contains("site.toml"), "{told}");
}

#[test]
fn the_file_stands_before_the_settings() {
    let desk = CliHarness::with_till();
    desk.till(&["settings", "sites", "retail"]).exits_with(0);
    desk.till(&["settings", "own-percent", "7"]).exits_with(0);
    site_file(
        &desk,
        "sites = [\"hotel\", \"resort\"]\nlanguage = \"ba\"\nsource = \"pub\"\nsound = \"tones\"\ntext-size = \"large\"\n",
    );
    let told = managed(&desk, &["settings"]).exits_with(0);
    let path = desk.path("site.toml").canonicalize().unwrap();
    let from = |line: &str| format!("{line} (from {})", path.display());
    for line in [
        from("sites: hotel,resort"),
        from("language: ba"),
        from("sound: tones"),
        from("text-size: large"),
        "own-percent: 7".into(),
    ] {
        assert!(told.lines().any(|l| l == line), "{line} is not in {told}");
    }
    for (setting, value) in [
        ("sites", "sport"),
        ("sites", ""),
        ("language", "en"),
        ("source", "x"),
        ("sound", "off"),
        ("text-size", "normal"),
    ] {
        managed(&desk, &["settings", setting, value]).fails_with("can only be changed there");
    }
    managed(&desk, &["settings", "own-percent", "8"]).exits_with(0);
    managed(&desk, &["settings", "motion", "off"]).exits_with(0);
    desk.till(&["settings", "text-size", "huge"]).fails_with("choose normal, large or largest");
    desk.till(&["settings", "motion", "fast"]).fails_with("neither on nor off");
    assert!(
        desk.till(&["settings", "sites"]).exits_with(0).contains("sites: retail\n"),
        "kept for the day the file goes"
    );
    assert_eq!(managed(&desk, &["sync"]).exits_with(0), "already up to date\n");
    desk.till(&["sync"]).fails_with("no source set");
}

#[test]
fn mistakes_are_told_and_the_till_goes_on() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    site_file(&desk, "sites = [\"hotle\"]\nlangage = \"ru\"\nsound = \"tones\"\nproxy = 7\nx y\n");
    let run = desk.till_reading(&["--site-file", "site.toml", "check", "--json", "-"], text.as_bytes());
    assert_eq!(run.json()[0]["code"], "OK", "{run:#?}");
    for words in [
        "site.toml, line 1: unknown type of place \"hotle\"; did you mean \"hotel\"?",
        "site.toml, line 2: unknown key \"langage\"; did you mean \"language\"?",
        "site.toml, line 4: proxy must not be a number; write proxy = ",
        "site.toml, line 5: ",
    ] {
        assert!(run.err.contains(words), "{words} is not in {}", run.err);
    }
    assert_eq!(run.err.lines().count(), 4, "{run:#?}");
    for args in [&["settings"][..], &["trust", "show"], &["sync", "pub"]] {
        let run = managed(&desk, args);
        assert!(run.code == 0 && run.err.lines().count() == 4, "{run:#?}");
    }
    assert!(managed(&desk, &["settings", "sound"]).exits_with(0).contains("tones (from"));
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let check = |words: &str| {
        let run = desk.till_reading(&["--site-file", "site.toml", "check", "--json", "-"], text.as_bytes());
        assert_eq!(run.json()[0]["code"], "OK", "{run:#?}");
        assert!(run.err.contains(words) && run.err.lines().count() == 1, "{words}: {run:#?}");
        assert!(!run.err.contains("internal error"), "{run:#?}");
    };
    check("no such file; create it");
    site_file(&desk, "");
    desk.write("site.toml", vec![b'#'; 100 << 10]);
    check("larger than the limit of 65536 bytes");
    desk.write("site.toml", b"language = \"\xff\"");
    check("not UTF-8 text");
    for make in ["mkdir site.toml", "mkfifo site.toml", "ln -s /dev/zero site.toml"] {
        desk.shell(&format!("rm -rf site.toml; {make}")).exits_with(0);
        check("not a regular file");
    }
    desk.shell("rm -rf site.toml; echo 'language = \"ru\"' >site.toml; chmod 666 site.toml").exits_with(0);
    check("users other than the owner can write to the file; run: chmod go-w /");
    desk.shell("chmod 600 site.toml; mkdir open; cp site.toml open; chmod 777 open").exits_with(0);
    let run = desk.till(&["--site-file", "open/site.toml", "settings", "language"]);
    assert!(run.out.contains("ru (from") && run.err.contains("can write to its folder"), "{run:#?}");
}

#[test]
fn a_root_is_trusted_only_by_its_fingerprint_and_never_replaced() {
    let desk = CliHarness::with_authority();
    let (print, root) = (fingerprint(&desk), "root = \"pub/root-1.cbor\"\n");
    let nobody = |text: &str, words: &str| {
        site_file(&desk, text);
        let run = managed(&desk, &["sync", "pub"]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.err.contains(words) && run.err.contains("no authority is trusted yet"), "{words}: {run:#?}");
        assert!(!desk.path("till/greenlit.db").exists(), "nothing was written");
    };
    nobody(root, "line 1: root has no fingerprint");
    nobody(&format!("{root}fingerprint = \"{}\"", "0".repeat(64)), "site.toml");
    nobody(&format!("{root}fingerprint = \"{}\"", &print[1..]), "63 hexadecimal digits");
    nobody(&format!("fingerprint = \"{print}\""), "fingerprint has no root");
    nobody(&format!("root = \"nowhere.cbor\"\nfingerprint = \"{print}\""), "no such file");
    nobody(&format!("root = \"pub/trust.cbor\"\nfingerprint = \"{print}\""), "not a valid Greenlit root file");
    nobody(&format!("root = \"pub\"\nfingerprint = \"{print}\""), "not a regular file");
    // A file that anybody may write could name anybody's root.
    site_file(&desk, &format!("{root}fingerprint = \"{print}\""));
    desk.shell("chmod 666 site.toml").exits_with(0);
    let run = managed(&desk, &["sync", "pub"]);
    assert!(run.code == 2 && run.err.contains("the root is not trusted because other users can change"), "{run:#?}");
    desk.shell("chmod 600 site.toml").exits_with(0);
    managed(&desk, &["sync", "pub"]).exits_with(0);

    // Another authority's root, which the till trusts already, stays.
    desk.init("b");
    desk.issuer(&["publish", "b", "pub-b"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub-b/root-1.cbor", "--replace"]).exits_with(0);
    let run = managed(&desk, &["sync", "pub-b"]);
    assert!(run.code == 0 && run.err.contains("line 1: this till already trusts another authority"), "{run:#?}");
    assert!(managed(&desk, &["trust", "add", "--yes", "pub/root-1.cbor"]).code == 2);
    managed(&desk, &["trust", "add", "--yes", "pub/root-1.cbor", "--replace"]).exits_with(0);
    let run = managed(&desk, &["sync", "pub"]);
    assert!(run.code == 0 && run.err.is_empty(), "{run:#?}");
}

#[cfg(unix)]
#[test]
fn sticky_bits_and_links_make_no_file_safe() {
    let desk = CliHarness::with_authority();
    let trusts = format!("root = \"../pub/root-1.cbor\"\nfingerprint = \"{}\"\n", fingerprint(&desk));
    desk.shell("mkdir safe open && chmod 777 open").exits_with(0);
    desk.write("safe/site.toml", &trusts);
    desk.write("open/real.toml", &trusts);
    let refused = |file: &str, words: &str| {
        let run = desk.till(&["--site-file", file, "sync", "pub"]);
        assert!(run.code == 2 && run.err.contains(words), "{words}: {run:#?}");
        assert!(run.err.contains("the root is not trusted because other users can change"), "{run:#?}");
    };
    for mode in ["1666", "1664", "1622"] {
        desk.shell(&format!("chmod {mode} safe/site.toml")).exits_with(0);
        refused("safe/site.toml", "users other than the owner can write to the file");
    }
    desk.shell("ln -s ../open/real.toml safe/link.toml").exits_with(0);
    refused("safe/link.toml", "can write to the folder it leads to");
    // In a folder with the sticky bit nobody exchanges another's file.
    desk.shell("chmod 600 safe/site.toml; chmod 1777 safe").exits_with(0);
    desk.till(&["--site-file", "safe/site.toml", "sync", "pub"]).exits_with(0);
}

#[test]
fn the_report_names_every_setting_that_the_file_sets() {
    let desk = CliHarness::with_authority();
    let hash = desk.till_reading(&["pin", "hash"], b"2468\n").exits_with(0);
    site_file(
        &desk,
        &format!("capacity = 5\nkiosk = true\nguest-window = true\nmotion = \"off\"\npin-hash = \"{}\"\n", hash.trim()),
    );
    let run = managed(&desk, &["status", "--json"]);
    let managed_now: Vec<_> = run.json()[0]["managed"].as_array().unwrap().clone();
    assert_eq!(managed_now, ["capacity", "motion", "pin-hash", "kiosk", "guest-window"], "{run:#?}");
    managed(&desk, &["settings", "guest-window", "off"]).fails_with("site.toml");
    site_file(&desk, "guest-window = \"yes\"\n");
    let wrong = managed(&desk, &["status"]);
    assert!((wrong.out + &wrong.err).contains("guest-window = true"));
    desk.till(&["settings", "guest-window", "maybe"]).fails_with("neither on nor off");
    assert_eq!(desk.till(&["settings", "guest-window", "on"]).exits_with(0), "guest-window: on\n");
}
