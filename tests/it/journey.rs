//! From a new authority to the answer at a till, by the commands a user types.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::{CliHarness, DAY, later, today};

#[test]
fn a_pass_is_issued_and_its_picture_is_green() {
    let desk = CliHarness::with_authority();
    let (text, _) = desk.issue("a", &["--qr", "pass.png"]);
    assert!(text.starts_with("GL1:") && text.len() <= 221, "{text}");
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    let run = desk.till(&["check", "--json", "--codes", "--site", "hotel", "pass.png"]);
    let line = &run.json()[0];
    assert_eq!((run.code, &line["answer"], &line["code"]), (0, &"valid".into(), &"OK".into()), "{run:#?}");
    assert_eq!(line["file"], "pass.png");
    assert_eq!(line["codes"][0]["hex"].as_str().unwrap(), hex::encode(&text));
    let rules: Vec<_> = line["benefits"].as_array().unwrap().iter().map(|b| b["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["hotel-discount", "no-distancing"]);
    assert_eq!(line["benefits"][0]["percent"], 15);
    assert!(line["decode_ms"].as_f64().unwrap() > 0.0 && line["verify_us"].as_f64().unwrap() > 0.0);
    // Twelve months from today, to the end of that day in the region.
    let expires = chrono::DateTime::parse_from_rfc3339(line["expires"].as_str().unwrap()).unwrap();
    let day: chrono::NaiveDate = today().parse().unwrap();
    let zone = chrono::FixedOffset::east_opt(5 * 3600).unwrap();
    let last = (expires.with_timezone(&zone) - chrono::Duration::seconds(1)).date_naive();
    assert_eq!(last, day.checked_add_months(chrono::Months::new(12)).unwrap());

    let for_people = desk.till(&["check", "pass.png"]).exits_with(0);
    for words in ["VALID OK", "З. И. Б.", "born 09.05.", "passport ending in 5678", "Министерство"] {
        assert!(for_people.contains(words), "{words:?} is not in {for_people}");
    }
    for secret in ["Закирова", "1984", "345678"] {
        assert!(!for_people.contains(secret) && !run.out.contains(secret));
    }
}

#[test]
fn the_same_pass_altered_expired_revoked_foreign_and_stale() {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &[]);
    assert_eq!(desk.code(&text, None), "OK");

    let flipped = if text.ends_with('A') { "B" } else { "A" };
    assert_ne!(desk.code(&format!("{}{flipped}", &text[..text.len() - 1]), None), "OK");
    assert_eq!(desk.code(&text[..text.len() - 3], None), "FMT");
    assert_eq!(desk.code(&text.replacen("GL1:", "GL2:", 1), None), "VER");

    // Before any sync tells it, the till cannot know; after it, the same code is red.
    assert!(desk.issuer(&["revoke", "a", &reference, "--suspend"]).exits_with(0).contains("suspended"));
    assert_eq!(desk.code(&text, None), "OK");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "SUS");
    desk.issuer(&["revoke", "a", &reference, "--lift"]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "OK");
    desk.issuer(&["revoke", "a", &text, "--reason", "given in error"]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "REV");
    desk.issuer(&["revoke", "a", &text, "--lift"]).fails_with("given in error");

    desk.init("b");
    let (foreign, _) = desk.issue("b", &[]);
    assert_eq!(desk.code(&foreign, None), "KEY");
    assert_eq!(desk.code(&foreign, Some(&later(15 * DAY))), "NEW");
    desk.issuer(&["revoke", "a", &foreign]).fails_with("not signed by a key of this authority");

    let (other, _) = desk.issue("a", &[]);
    for (days, code) in [(13, "OK"), (15, "OK"), (89, "OK"), (91, "LST"), (121, "OLD"), (400, "OLD")] {
        assert_eq!(desk.code(&other, Some(&later(days * DAY))), code, "{days} days on");
    }
    assert_eq!(desk.code(&other, Some(&later(-3600))), "CLK");
}

#[test]
fn check_tells_moments_in_the_machines_zone() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let told = |zone: &str, more: &str| {
        let run = desk
            .shell(&format!("echo '{text}' | TZ={zone} greenlit --data till check --at 2040-01-01T00:00:00Z {more} -"));
        run.out + &run.err
    };
    // Whatever the moment is, the zones' lines differ by it alone.
    let (utc, ufa) = (told("UTC", ""), told("Asia/Yekaterinburg", ""));
    assert!(utc.contains(" OLD ") && !utc.contains('Z') && !ufa.contains('Z'), "{utc}{ufa}");
    assert_ne!(utc, ufa);
    let json = told("Asia/Yekaterinburg", "--json");
    assert!(json.contains("the trust data expired at 20"), "{json}");
}

#[test]
fn a_pass_is_checked_for_a_stay() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    let check = |night: &str| {
        desk.shell(&format!("echo '{text}' | TZ=Asia/Yekaterinburg greenlit --data till check --last-night {night} -"))
    };
    let ok = check(&later(30 * DAY)[..10]);
    assert!(ok.code == 0 && ok.out.contains(" OK "), "{ok:?}");
    let night = &later(400 * DAY)[..10];
    let early = check(night);
    assert!(early.code == 1 && early.out.contains(" EXP ") && !early.out.contains("З. И. Б."), "{early:?}");
    assert!(early.out.contains("before the end of the stay"), "{early:?}");
    check("2020-01-01").fails_with("the last night 2020-01-01 is over already");
}

#[test]
fn an_issuer_key_retires_and_another_is_revoked() {
    let desk = CliHarness::with_till();
    let (first, _) = desk.issue("a", &[]);
    let keys = desk.issuer(&["keys", "a"]).exits_with(0);
    assert_eq!(keys.lines().filter(|line| line.contains("ready")).count(), 6, "{keys}");
    let kid = |keys: &str| {
        let line = keys.lines().rfind(|line| line.starts_with("issuer")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    let old = kid(&keys);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    let new = kid(&desk.issuer(&["keys", "a"]).exits_with(0));
    assert_ne!(old, new);
    let stands = |desk: &CliHarness, kid: &str, words: &str| {
        let told = desk.issuer(&["keys", "a"]).exits_with(0);
        assert!(told.lines().any(|line| line.contains(kid) && line.ends_with(words)), "{words}: {told}");
    };
    stands(&desk, &old, "  ready");
    stands(&desk, &new, "  waits until three weeks after it is published");
    // Tills cannot know the new key yet: the old one goes on signing.
    let (early, _) = desk.issue("a", &[]);
    assert_eq!(desk.code(&early, None), "OK");
    let retired = desk.issuer(&["keys", "a", "retire", &old]);
    assert!(retired.code == 0 && retired.err.contains("call its passes not genuine (KEY)"), "{retired:#?}");
    desk.issuer(&["keys", "a", "retire", &old]).fails_with("retired at");
    // The only key left is one that no till knows: that takes somebody's word.
    let day = today();
    let person = ["--name", "А Б", "--born", "1984-05-09", "--document", "8012345678"];
    let issue = [&["issue", "a", "--basis", "vaccination", "--on", &day], &person[..]].concat();
    desk.issuer(&issue).fails_with("--before-tills-know");
    let (second, _) = desk.issue("a", &["--before-tills-know"]);
    assert_eq!(desk.code(&second, None), "KEY");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!((desk.code(&first, None), desk.code(&second, None)), ("OK".into(), "OK".into()));
    desk.issuer(&["keys", "a", "revoke", &new]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!((desk.code(&first, None), desk.code(&second, None)), ("OK".into(), "KRV".into()));
    desk.issuer(&["keys", "a", "revoke", &new]).fails_with("revoked at");
    desk.issuer(&["keys", "a", "retire", "0011223344556677"]).fails_with("no issuer key");
    // No key is left to sign with.
    let today = today();
    let issue = [
        "issue",
        "a",
        "--basis",
        "vaccination",
        "--on",
        &today,
        "--name",
        "А Б",
        "--born",
        "1990-01-01",
        "--document",
        "8012345678",
    ];
    desk.issuer(&issue).fails_with("no issuer key");
}

#[test]
fn people_without_a_right_to_a_pass_are_told_why() {
    let desk = CliHarness::with_authority();
    let today = today();
    let long_ago = "2020-01-01";
    let refused = |args: &[&str], words: &str| {
        let mut all = vec!["issue", "a"];
        all.extend(args);
        let run = desk.issuer(&all);
        assert_eq!(run.code, 1, "{run:#?}");
        assert!(run.err.contains(words) && run.err.contains("refused"), "{run:#?}");
        assert!(run.out.is_empty(), "{run:#?}");
    };
    let who = ["--name", "Иванов Иван", "--born", "1990-02-03", "--document", "8012345678"];
    let with = |first: &[&'static str], on: &str, who: &[&str], words: &str| {
        let mut args: Vec<&str> = first.to_vec();
        args.extend(["--on", on]);
        args.extend(who);
        refused(&args, words);
    };
    with(&["--basis", "antibodies", "--igg", "10"], &today, &who, "not above 10");
    with(&["--basis", "vaccination"], "2099-01-01", &who, "in the future");
    with(&["--basis", "vaccination"], long_ago, &who, "expired on");
    with(
        &["--basis", "vaccination"],
        &today,
        &["--name", "А Б В Г Д Е Ж", "--born", "1990-02-03", "--document", "8012345678"],
        "the name has 7 parts",
    );
    with(
        &["--basis", "vaccination"],
        &today,
        &["--name", "А Б", "--born", "2099-02-03", "--document", "8012345678"],
        "impossible date of birth",
    );
    with(
        &["--basis", "vaccination"],
        &today,
        &["--name", "А Б", "--born", "1990-02-03", "--document", "12"],
        "document number",
    );
}

#[test]
fn a_full_status_list_is_followed_by_another() {
    let desk = CliHarness::with_till();
    let (first, one) = desk.issue("a", &[]);
    let register = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    register.execute_batch("UPDATE list SET next_row = size").unwrap();
    let (second, two) = desk.issue("a", &[]);
    assert!(one.starts_with("1-") && two.starts_with("2-"), "{one} {two}");
    assert_eq!(desk.code(&second, None), "LST");
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!((desk.code(&first, None), desk.code(&second, None)), ("OK".into(), "OK".into()));
}

#[test]
fn inspect_tells_what_each_document_says_and_whether_it_holds() {
    let desk = CliHarness::with_authority();
    let (text, reference) = desk.issue("a", &["--qr", "pass.png"]);
    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let root = desk.issuer(&["inspect", "pub/root-1.cbor"]).exits_with(0);
    assert!(
        root.contains("root 1 of Министерство")
            && root.contains("2 of 3 root keys must sign")
            && root.contains("\nvalid: ")
    );
    let bundle = desk.issuer(&["inspect", "pub/trust.cbor"]).exits_with(0);
    assert!(bundle.contains("trust data version 2") && bundle.contains("rule hotel-discount: discount 15 at hotel"));
    let list = desk.issuer(&["inspect", "pub/status-1.cwt"]).exits_with(0);
    assert!(list.contains("1 of 1048576 entries are revoked"), "{list}");
    for what in [text.as_str(), "pass.png"] {
        let unchecked = desk.issuer(&["inspect", what]).exits_with(1);
        assert!(unchecked.contains(&reference) && unchecked.contains("not checked"), "{unchecked}");
        let checked = desk.issuer(&["inspect", what, "--with", "pub"]).exits_with(1);
        assert!(checked.contains("initials З. И. Б.") && checked.contains("not valid: REV"), "{checked}");
    }
    let (good, _) = desk.issue("a", &[]);
    assert!(desk.issuer(&["inspect", &good, "--with", "pub"]).exits_with(0).contains("would accept it now"));
    let mut damaged = desk.read("pub/trust.cbor");
    *damaged.last_mut().unwrap() ^= 1;
    desk.write("pub/damaged.cbor", damaged);
    assert!(desk.issuer(&["inspect", "pub/damaged.cbor"]).exits_with(1).contains("not valid: "));
    desk.write("nothing", b"hello");
    desk.issuer(&["inspect", "nothing"]).fails_with("not a pass");
}

#[test]
fn settings_are_remembered_and_used() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.till(&["settings", "sites", "retail"]).exits_with(0);
    desk.till(&["settings", "own-percent", "7"]).exits_with(0);
    desk.till(&["settings", "language", "ba"]).exits_with(0);
    let run = desk.till_reading(&["check", "--json", "-"], text.as_bytes());
    let benefits = run.json()[0]["benefits"].clone();
    assert_eq!(benefits[0]["percent"], 7);
    assert_eq!(benefits[0]["own_offer"], true);
    assert_eq!(benefits[0]["text"], "Кибеттә ташлама");
    assert_eq!(benefits.as_array().unwrap().len(), 2);
    desk.till(&["settings", "language", "fr"]).fails_with("ru, ba or en");
    desk.till(&["settings", "own-percent", "101"]).fails_with("0-100");
    desk.till(&["settings", "sites", "Retail Shop"]).fails_with("unknown type of place");
    assert!(desk.till(&["settings"]).exits_with(0).contains("language: ba"));
    desk.till(&["settings", "language", ""]).exits_with(0);
    assert!(desk.till(&["settings"]).exits_with(0).contains("language: (not set)"));
}

#[test]
fn settings_that_could_not_serve_are_refused_at_once() {
    let desk = CliHarness::with_till();
    let certificate = rcgen::generate_simple_self_signed(["trust.example".to_owned()]).unwrap().cert.pem();
    desk.write("ca.pem", &certificate);
    desk.write("key.pem", desk.read("a/keys/list-1.pem"));
    desk.write("cut.pem", &certificate[..certificate.len() / 2]);
    desk.write("wrong.pem", "not a certificate");
    desk.till(&["settings", "ca", "ca.pem"]).exits_with(0);
    desk.till(&["settings", "ca", "nope.pem"])
        .fails_with("nope.pem: no such file; expected the certificate authority's PEM file");
    desk.till(&["settings", "ca", "pub"])
        .fails_with("not a regular file; expected the certificate authority's PEM file");
    for bad in ["key.pem", "cut.pem", "wrong.pem"] {
        desk.till(&["settings", "ca", bad]).fails_with("no PEM certificate");
    }
    desk.till(&["settings", "proxy", "http://proxy.example:3128"]).exits_with(0);
    desk.till(&["settings", "proxy", "foo"]).fails_with("invalid proxy \"foo\"; give its address and port");
    let told = desk.till(&["settings"]).exits_with(0);
    assert!(
        told.contains("/ca.pem\n") && told.contains("proxy: http://proxy.example:3128\n"),
        "what was set stays: {told}"
    );
    let status = |wanted: &str| {
        let run = desk.till(&["status", "--json"]);
        let told = &run.json()[0];
        assert_eq!((run.code, &told["findings"][0]["code"]), (1, &wanted.into()), "{told:#}");
        assert_eq!((&told["state"], &told["findings"][0]["setting"]), (&"attention".into(), &"ca".into()), "{told:#}");
        desk.till(&["status"]).exits_with(1)
    };
    assert_eq!(desk.till(&["status", "--json"]).json()[0]["findings"], serde_json::json!([]));
    desk.write("ca.pem", "not a certificate");
    assert!(status("not-usable").contains("\nca: ") && status("not-usable").contains("no PEM certificate"));
    // A stick that has been pulled: told by status and when it is needed, and no hindrance before.
    desk.shell("rm ca.pem").exits_with(0);
    assert!(status("not-readable").contains("ca.pem: no such file"));
    assert_eq!(desk.till(&["sync", "pub"]).exits_with(0), "already up to date\n");
    desk.till(&["sync", "https://localhost:9/pub"]).fails_with("ca.pem: no such file");
    for name in ["ca", "proxy"] {
        assert_eq!(desk.till(&["settings", name, ""]).exits_with(0), format!("{name}: (not set)\n"));
    }
}

#[test]
fn a_kind_of_site_that_no_rule_names_is_told_of() {
    let desk = CliHarness::new();
    desk.init("a");
    let set = |word: &str| {
        let run = desk.till(&["settings", "sites", word]);
        assert_eq!((run.code, run.out), (0, format!("sites: {word}\n")));
        run.err
    };
    assert!(set("restaurant").contains("unknown type of place \"restaurant\": there is no trust data yet"));
    desk.till(&["settings", "sites", "retail,hotell"]).fails_with("did you mean \"hotel\"?");
    assert_eq!(desk.till(&["settings", "sites"]).exits_with(0), "sites: restaurant\n");
    let rules = String::from_utf8(desk.read("a/rules.toml")).unwrap();
    desk.write("a/rules.toml", rules.replacen("\"retail\"", "\"retail\", \"restaurant\"", 1));
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(set("restaurant,hotel"), "");
    // Once each, and nothing around them.
    for (given, stored) in [(" hotel , hotel", "hotel"), ("retail,hotel, retail", "retail,hotel")] {
        assert_eq!(desk.till(&["settings", "sites", given]).exits_with(0), format!("sites: {stored}\n"));
    }
    assert!(set("museum").contains("no rule in the trust data mentions it, so it gives no benefits; known types are"));
    for bad in ["Restaurant", "a b", "hotel,", "ресторан"] {
        let word = bad.trim_start_matches("hotel,");
        desk.till(&["settings", "sites", bad])
            .fails_with(&format!("unknown type of place \"{word}\"; known types are"));
    }
    assert_eq!(desk.till(&["settings", "sites"]).exits_with(0), "sites: museum\n");
}

#[test]
fn without_a_screen_there_is_one_line_and_what_to_do() {
    let desk = CliHarness::with_till();
    let run = desk.shell("env -u DISPLAY -u WAYLAND_DISPLAY -u WAYLAND_SOCKET -u SLINT_BACKEND greenlit --data till");
    assert!(
        run.err.trim_end().ends_with("`greenlit check`, `greenlit watch`, `greenlit demo --headless DIR`"),
        "{run:#?}"
    );
    assert!(run.err.lines().count() == 1 && !run.err.contains(['/', '\u{FFFD}']), "{run:#?}");
    run.fails_with("cannot open a window here (neither WAYLAND_DISPLAY nor");
    // What could never be shown is told before anything else.
    desk.till(&["--pictures", "nofile.png"]).fails_with("nofile.png: no such file");
    desk.till(&["demo"]).fails_with("--data and --site-file cannot be used with");
    desk.shell("greenlit demo --data till").fails_with("--data and --site-file cannot be used with");
    desk.shell("greenlit demo --site-file site.toml").fails_with("--data and --site-file cannot be used with");
    // What it refuses it does not offer.
    let [demo, status] = ["demo", "status"].map(|name| desk.till(&[name, "--help"]).exits_with(0));
    assert!(status.contains("--data") && status.contains("--site-file"), "{status}");
    assert!(demo.contains("--headless") && !demo.contains("--data") && !demo.contains("--site-file"), "{demo}");
}

#[test]
fn another_root_takes_the_place_of_the_first_only_when_told_to() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.init("b");
    desk.issuer(&["publish", "b", "pub-b"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub-b/root-1.cbor"]).fails_with("--replace");
    // A publication of another authority grants nothing, and takes nothing away.
    desk.till(&["sync", "pub-b"]).fails_with("trust.cbor");
    assert_eq!(desk.code(&text, None), "OK");
    let wrong = "00".repeat(32);
    desk.till(&["trust", "add", "--yes", "pub-b/root-1.cbor", "--replace", "--fingerprint", &wrong])
        .fails_with("not the one you gave");
    assert_eq!(desk.code(&text, None), "OK");
    desk.till(&["trust", "add", "--yes", "pub-b/root-1.cbor", "--replace"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "TRU");
    desk.till(&["sync", "pub-b"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "KEY");
    let shown = desk.till(&["trust", "show"]).exits_with(0);
    assert!(shown.contains("trust data version 1") && shown.contains("fresh"), "{shown}");
}
