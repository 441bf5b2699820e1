//! Whatever is given to the commands, one clear line comes back, and nothing is lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::{CliHarness, Run, today};

#[test]
fn files_that_are_no_pictures() {
    let desk = CliHarness::with_till();
    desk.write("empty.png", b"");
    desk.write("text.png", b"hello");
    desk.write("cut.png", &desk_png(&desk)[..200]);
    desk.write("huge.pgm", b"P5 60000 60000 255 x");
    desk.shell("mkdir dir.png; mkfifo pipe.png; ln -s /dev/zero zero.png").exits_with(0);
    for (file, words, code) in [
        ("missing.png", "no such file", "not-found"),
        ("empty.png", "not a PNG", "not-a-picture"),
        ("text.png", "not a PNG", "not-a-picture"),
        ("cut.png", "damaged", "damaged-picture"),
        ("huge.pgm", "too large: the limit is 40 megapixels", "too-large"),
        ("dir.png", "not a regular file", "not-readable"),
        ("pipe.png", "not a regular file", "not-readable"),
        ("zero.png", "not a regular file", "not-readable"),
    ] {
        desk.till(&["check", file]).fails_with(words);
        let run = desk.till(&["check", "--json", "--codes", file]);
        assert_eq!((run.code, &run.json()[0]["error"], &run.json()[0]["answer"]), (2, &code.into(), &"no-code".into()));
    }
    // One bad file does not keep the others from their answers.
    let run = desk.till(&["check", "--json", "missing.png", "pass.png"]);
    assert_eq!((run.code, run.json().len()), (2, 2));
    assert_eq!(run.json()[1]["code"], "OK");
}

fn desk_png(desk: &CliHarness) -> Vec<u8> {
    desk.issue("a", &["--qr", "pass.png"]);
    desk.read("pass.png")
}

#[test]
fn texts_that_are_no_passes() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    for (input, answer) in [
        ("hello", "not-a-pass"),
        ("GL1:", "FMT"),
        ("GL1:A", "FMT"),
        ("GL1:привет", "FMT"),
        ("GL9:", "VER"),
        ("https://example.org/", "not-a-pass"),
        ("\u{202E}\u{0007}", "not-a-pass"),
        (&text.to_lowercase(), "not-a-pass"),
        (&format!("GL1:{}", &text[4..].to_lowercase()), "FMT"),
        // What stands around a text is no part of it; what stands inside is.
        (&format!(" {text}"), "OK"),
        (&format!("{text} \t"), "OK"),
        (&text.replacen("GL1:", "GL1: ", 1), "FMT"),
        (&format!("{text}{text}"), "FMT"),
        (&format!("GL1:{}", "A".repeat(1021)), "FMT"),
        (&format!("GL1:{}", "A".repeat(100_000)), "FMT"),
    ] {
        assert_eq!(desk.code(input, None), answer, "{}", input.chars().take(40).collect::<String>());
    }
    let binary = desk.till_reading(&["check", "--json", "-"], &[0xff, 0, 0x80, b'\n']);
    assert_eq!(binary.json()[0]["answer"], "not-a-pass");
    desk.till_reading(&["check", "-"], b"").fails_with("standard input is empty");
    desk.till_reading(&["check", "-"], b"\n\r\n\n").fails_with("standard input is empty");
    // Three lines, three answers, the worst exit status.
    let run = desk.till_reading(&["check", "--json", "-"], format!("{text}\n\nmenu\r\n{text}").as_bytes());
    let answers: Vec<_> = run.json().iter().map(|line| line["answer"].as_str().unwrap().to_owned()).collect();
    assert_eq!((run.code, answers), (1, vec!["valid".into(), "not-a-pass".into(), "valid".into()]));
}

#[test]
fn words_that_the_commands_do_not_know() {
    let desk = CliHarness::with_till();
    let usage = |run: Run| assert!(run.code == 2 && !run.err.is_empty() && !run.err.contains("panicked"), "{run:#?}");
    usage(desk.till(&[]));
    usage(desk.till(&["check"]));
    usage(desk.till(&["check", "x.png", "--at", "yesterday"]));
    usage(desk.till(&["check", "x.png", "--at", "NaN"]));
    usage(desk.till(&["check", "x.png", "--at", "1960-01-01T00:00:00Z"]));
    for night in ["tomorrow", "2027-02-30", "05.05.2027", "999999-01-01", ""] {
        usage(desk.till(&["check", "x.png", "--last-night", night]));
    }
    usage(desk.till(&["check", "x.png", "--site", "Hotel California"]));
    usage(desk.till(&["check", "x.png", "--codes"]));
    usage(desk.till(&["fly"]));
    usage(desk.issuer(&[]));
    usage(desk.issuer(&[
        "issue",
        "a",
        "--basis",
        "luck",
        "--on",
        "2026-01-01",
        "--name",
        "А",
        "--born",
        "1990-01-01",
        "--document",
        "1",
    ]));
    for igg in ["NaN", "inf", "-1", "1e9", ""] {
        let on = today();
        usage(desk.issuer(&[
            "issue",
            "a",
            "--basis",
            "antibodies",
            "--igg",
            igg,
            "--on",
            &on,
            "--name",
            "А",
            "--born",
            "1990-01-01",
            "--document",
            "80123456",
        ]));
    }
    desk.issuer(&["init", "c", "--name", "", "--region", "RU-BA"]).fails_with("empty");
    desk.issuer(&["init", "c", "--name", "N", "--region", "Ufa"]).fails_with("RU-BA");
    desk.issuer(&["init", "c", "--name", "N", "--region", "KZ-ALA"]).fails_with("--utc-offset");
    desk.issuer(&["init", "c", "--name", "N", "--region", "RU-BA", "--threshold", "0"]).fails_with("threshold of 0");
    desk.issuer(&["init", "c", "--name", "N", "--region", "RU-BA", "--threshold", "4"]).fails_with("threshold of 4");
    desk.issuer(&["init", "c", "--name", "N", "--region", "RU-BA", "--roots", "1000000"]).fails_with("1000000 keys");
    assert!(!desk.path("c").exists(), "a failed init leaves nothing behind");
    desk.issuer(&["init", "a", "--name", "N", "--region", "RU-BA"]).fails_with("not empty");
    desk.issuer(&["revoke", "a", "1-99999999"]).fails_with("no pass 1-99999999 was issued here");
    desk.issuer(&["revoke", "a", "something"]).fails_with("is not a pass or a reference");
    desk.issuer(&["publish", "nowhere", "pub"]).fails_with("no authority here");
    desk.till(&["sync", "http://example.org/trust"])
        .fails_with("insecure address \"http://example.org/trust\"; use https://");
    desk.till(&["sync", "nowhere"]).fails_with("no such folder");
}

#[test]
fn roots_that_are_none() {
    let desk = CliHarness::with_authority();
    let root = desk.read("pub/root-1.cbor");
    let bundle = desk.read("pub/trust.cbor");
    let altered: Vec<u8> = root.iter().enumerate().map(|(i, byte)| if i == 80 { byte ^ 1 } else { *byte }).collect();
    for (bytes, words) in [
        (Vec::new(), "ends early"),
        (b"hello".to_vec(), "not a valid Greenlit root file"),
        (root[..100].to_vec(), "ends early"),
        ([root.clone(), vec![0]].concat(), "extra data"),
        (altered, "not a valid Greenlit root file"),
        (bundle, "not a valid Greenlit root file"),
        (vec![0xd8; 20_000], "larger than"),
    ] {
        desk.write("bad.cbor", bytes);
        desk.till(&["trust", "add", "--yes", "bad.cbor"]).fails_with(words);
    }
    desk.till(&["trust", "add", "--yes", "missing.cbor"]).fails_with("no such file");
    desk.till(&["sync", "pub"]).fails_with("greenlit trust add");
    assert!(!desk.path("till").exists(), "nothing was written");
}

#[test]
fn publications_that_are_damaged_leave_the_till_as_it_was() {
    let desk = CliHarness::with_till();
    let (text, _) = desk.issue("a", &[]);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let good = desk.read("pub/trust.cbor");
    let fails = |words: &str| {
        desk.till(&["sync", "pub"]).fails_with(words);
        assert!(desk.till(&["trust", "show"]).exits_with(0).contains("version 1"));
        assert_eq!(desk.code(&text, None), "OK");
    };
    desk.write("pub/trust.cbor", b"");
    fails("trust.cbor ends early");
    desk.write("pub/trust.cbor", vec![0xd8; 300 << 10]);
    fails("larger than");
    desk.write("pub/trust.cbor", &good[..good.len() - 1]);
    fails("trust.cbor ends early");
    desk.shell("rm pub/trust.cbor; ln -s root-1.cbor pub/trust.cbor").exits_with(0);
    fails("not a regular file");
    desk.shell("rm pub/trust.cbor; mkfifo pub/trust.cbor").exits_with(0);
    fails("not a regular file");
    desk.shell("rm pub/trust.cbor").exits_with(0);
    fails("no trust.cbor");
    desk.write("pub/trust.cbor", &good);
    desk.write("pub/root-2.cbor", b"junk");
    fails("root-2.cbor");
    desk.shell("rm pub/root-2.cbor").exits_with(0);
    let list = desk.read("pub/status-1.cwt");
    desk.write("pub/status-1.cwt", b"junk");
    fails("would leave this till without status list 1");
    desk.shell("rm pub/status-1.cwt").exits_with(0);
    fails("would leave this till without status list 1");
    desk.write("pub/status-1.cwt", list);
    desk.till(&["sync", "pub"]).exits_with(0);
    // With the trust data already there, a bad list is reported, and the one held is kept.
    desk.write("pub/status-1.cwt", b"junk");
    let run = desk.till(&["sync", "pub"]);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.err.contains("keeping the current one"), "{run:#?}");
    assert_eq!(desk.code(&text, None), "OK");
    assert!(desk.till(&["trust", "show"]).exits_with(0).contains("version 2"));
}

#[test]
fn file_names_cannot_paint_an_answer() {
    let desk = CliHarness::with_till();
    let name = "x\n\u{1b}[32m✓ VALID OK  y.png";
    desk.write(name, b"hello");
    let run = desk.till(&["check", name]);
    assert!(!run.err.contains('\u{1b}') && run.err.lines().count() == 1, "{run:#?}");
    desk.issue("a", &["--qr", "pass.png"]);
    desk.shell("mv pass.png \"$(printf 'a\\033[32m\\nb.png')\"").exits_with(0);
    let run = desk.till(&["check", "a\u{1b}[32m\nb.png"]);
    assert!(!run.out.contains('\u{1b}') && run.out.starts_with("✓ VALID OK  a\u{FFFD}[32m\u{FFFD}b.png"), "{run:#?}");
}

#[test]
fn key_files_that_do_not_serve() {
    let desk = CliHarness::with_authority();
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
    desk.shell("chmod 644 a/keys/issuer-1.pem").exits_with(0);
    desk.issuer(&issue).fails_with("chmod 600");
    desk.shell("chmod 600 a/keys/issuer-1.pem; cp a/keys/issuer-1.pem good.pem").exits_with(0);
    for (bytes, words) in [
        (b"".to_vec(), "not an Ed25519 private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_vec(), "not an Ed25519 private key"),
        (vec![0xff; 100], "not an Ed25519 private key"),
        (vec![b'A'; 10_000], "larger than"),
        (desk.read("a/keys/list-1.pem"), "not the key"),
    ] {
        desk.write("a/keys/issuer-1.pem", bytes);
        desk.issuer(&issue).fails_with(words);
    }
    desk.shell("cp good.pem a/keys/issuer-1.pem").exits_with(0);
    desk.issuer(&issue).exits_with(0);
    let mode = desk.shell("stat -c %a a/keys/*.pem | sort -u").exits_with(0);
    assert_eq!(mode.trim(), "600");
}

#[test]
fn settings_of_an_authority_that_make_no_sense() {
    let desk = CliHarness::with_authority();
    let rules = String::from_utf8(desk.read("a/rules.toml")).unwrap();
    for (change, words) in [
        ("nonsense [", "rules.toml"),
        ("surprise = 1\n", "rules.toml"),
        (&rules.replace("amount = 10", "amount = 110"), "percentage"),
        (&rules.replace("amount = 10", "amount = -1"), "rules.toml"),
        (&rules.replace("\"venue-discount\"", "\"shop-discount\""), "lists one twice"),
        (&rules.replace("[\"hotel\"]", "[\"Big Hotel\"]"), "hotel-discount"),
        (&rules.replace("2021-12-31", "2021-13-31"), "2021-13-31"),
        (&rules.replace("waiting_days = 0", "waiting_days = 4000000000"), "waiting_days"),
    ] {
        desk.write("a/rules.toml", change);
        desk.issuer(&["publish", "a", "pub"]).fails_with(words);
    }
    desk.write("a/rules.toml", rules);
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    desk.write("a/authority.toml", settings.replace("Asia/Yekaterinburg", "five"));
    desk.issuer(&["publish", "a", "pub"]).fails_with("time_zone");
    desk.write("a/authority.toml", settings);
    desk.write("a/register.db", b"not a database at all, but long enough to be looked at as one, surely");
    desk.issuer(&["keys", "a"]).fails_with("restore it from your backup");
}
