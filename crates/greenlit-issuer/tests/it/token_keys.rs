//! Promise: an issuer key may live inside a token and sign there by PKCS#11; here a token of SoftHSM.

use std::os::unix::fs::PermissionsExt;

use greenlit_testkit::cli::{self, CliHarness, Run};

/// Where Debian's package has the module, on every machine.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const URI: &str = "pkcs11:token=Ministry;object=issuer-2027";

/// A till and an authority "a" with a token "Ministry", which no other test knows of. The PIN is in the file "pin".
fn desk() -> CliHarness {
    let desk = CliHarness::with_till();
    let init = "softhsm2-util --init-token --free --label Ministry --pin 1234 --so-pin 5678";
    desk.write(
        "softhsm2.conf",
        format!("directories.tokendir = {}\nlog.level = ERROR\n", desk.path("tokens").display()),
    );
    let run = shell(&desk, &format!("mkdir tokens && {init}"));
    assert_ne!(run.code, 127, "softhsm2-util is missing: run `script/bootstrap softhsm`");
    run.exits_with(0);
    settings(&desk, &format!("pkcs11_module = \"{MODULE}\"\npkcs11_pin_file = \"pin\"\n"));
    pin(&desk, "1234");
    desk
}

/// What stands in authority.toml besides what `init` wrote.
fn settings(desk: &CliHarness, text: &str) {
    let there = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    let there: Vec<&str> = there.lines().filter(|line| !line.starts_with("pkcs11_")).collect();
    desk.write("a/authority.toml", format!("{text}{}\n", there.join("\n")));
}

fn pin(desk: &CliHarness, pin: &str) {
    desk.write("a/pin", pin);
    std::fs::set_permissions(desk.path("a/pin"), std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn shell(desk: &CliHarness, script: &str) -> Run {
    desk.shell(&format!("export SOFTHSM2_CONF=$PWD/softhsm2.conf; {script}"))
}

fn issuer(desk: &CliHarness, args: &str) -> Run {
    shell(desk, &format!("greenlit-issuer {args}"))
}

/// Has the key in the token sign instead of the first one.
fn only_the_token_signs(desk: &CliHarness) {
    issuer(desk, &format!("keys a add --pkcs11 '{URI}'")).exits_with(0);
    let first = desk.kids("a", "issuer").remove(0);
    issuer(desk, &format!("keys a retire {first}")).exits_with(0);
}

fn issue(desk: &CliHarness) -> Run {
    desk.write("holder", cli::HOLDER);
    issuer(desk, &format!("issue a --basis vaccination --on {} --holder holder --before-tills-know", cli::today()))
}

fn people(desk: &CliHarness, rows: usize) {
    let row = |number| format!("Закиров Ильдар;1984-05-09;80 12 {number:06};{}\n", cli::today());
    desk.write("people.csv", (0..rows).map(row).fold("name;born;document;on\n".to_owned(), |file, row| file + &row));
}

fn batch(desk: &CliHarness, more: &str) -> Run {
    issuer(desk, &format!("issue-batch a people.csv --basis vaccination --before-tills-know --json {more}"))
}

/// The texts of the passes that a batch wrote.
fn passes(desk: &CliHarness) -> Vec<String> {
    let text = String::from_utf8(desk.read("people.passes.csv")).unwrap();
    text.lines().skip(1).map(|line| line.rsplit(';').next().unwrap().to_owned()).collect()
}

#[test]
fn what_a_token_signs_is_valid_at_the_till() {
    let desk = desk();
    let told = issuer(&desk, &format!("keys a add --pkcs11 '{URI}'")).exits_with(0);
    assert!(told.contains("in token \"Ministry\", object \"issuer-2027\""), "{told}");
    let first = desk.kids("a", "issuer").remove(0);
    issuer(&desk, &format!("keys a retire {first}")).exits_with(0);
    let listed = issuer(&desk, "keys a").exits_with(0);
    assert!(listed.contains("token \"Ministry\", object \"issuer-2027\"  ready"), "{listed}");

    let pass = issue(&desk).exits_with(0);
    people(&desk, 600);
    let counts: serde_json::Value = serde_json::from_str(&batch(&desk, "--part 50").exits_with(0)).unwrap();
    assert_eq!((&counts["issued"], &counts["rows"]), (&600.into(), &600.into()), "{counts}");
    issuer(&desk, "publish a pub").exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(pass.trim_end(), None), "OK");
    let passes = passes(&desk);
    assert_eq!(passes.len(), 600);
    for pass in passes.iter().step_by(99) {
        assert_eq!(desk.code(pass, None), "OK");
    }
}

#[test]
fn the_private_half_is_made_so_that_it_never_leaves_the_token() {
    let desk = desk();
    issuer(&desk, &format!("keys a add --pkcs11 '{URI}'")).exits_with(0);
    assert_eq!(desk.shell("ls a/keys | grep -c issuer").exits_with(0).trim(), "1");
    // SoftHSM keeps each object in a file, and each attribute in three lines: name, kind and value.
    let dump = shell(&desk, "for file in tokens/*/*-*.object; do softhsm2-dump-file $file; done").out;
    let values = |name: &str| {
        let lines: Vec<&str> = dump.lines().collect();
        let found = lines.windows(3).filter(|lines| lines[0].ends_with(name));
        found.map(|lines| lines[2].split_whitespace().last().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (name, value) in [
        ("CKA_SENSITIVE", "TRUE"),
        ("CKA_ALWAYS_SENSITIVE", "TRUE"),
        ("CKA_EXTRACTABLE", "FALSE"),
        ("CKA_NEVER_EXTRACTABLE", "TRUE"),
    ] {
        assert_eq!(values(&format!(" {name}")), [value], "{name} in {dump}");
    }
}

#[test]
fn a_key_that_is_in_the_token_already_is_taken_and_made_only_once() {
    let desk = desk();
    let add = format!("keys a add --pkcs11 '{URI}'");
    issuer(&desk, &format!("{add} --existing")).fails_with("no such Ed25519 private key");
    issuer(&desk, &add).exits_with(0);
    issuer(&desk, &add).fails_with("there is a key already; take it with --existing");
    issuer(&desk, &format!("{add} --existing")).fails_with("is registered already");
    // Another authority takes the same key.
    desk.init("b");
    desk.shell("mv a c && mv b a && cp -p c/pin a/pin").exits_with(0);
    settings(&desk, &format!("pkcs11_module = \"{MODULE}\"\npkcs11_pin_file = \"pin\"\n"));
    let told = issuer(&desk, &format!("{add} --existing")).exits_with(0);
    let kid = told.split_whitespace().nth(1).unwrap().to_owned();
    let listed = issuer(&desk, "keys c").exits_with(0);
    assert!(told.starts_with("took") && listed.contains(&kid), "{told}{listed}");
}

#[test]
fn what_is_wrong_with_a_token_is_told_in_a_line() {
    let desk = desk();
    only_the_token_signs(&desk);
    pin(&desk, "4321");
    issue(&desk).fails_with("wrong PIN for token \"Ministry\"; it was tried once");
    pin(&desk, "");
    issue(&desk).fails_with("a/pin: the passphrase is empty");
    pin(&desk, "1234");
    std::fs::set_permissions(desk.path("a/pin"), std::fs::Permissions::from_mode(0o644)).unwrap();
    issue(&desk).fails_with("run: chmod 600 a/pin");
    // Without the file, systemd or somebody at a terminal is asked; a passphrase is no PIN.
    settings(&desk, &format!("pkcs11_module = \"{MODULE}\"\n"));
    pin(&desk, "1234");
    issue(&desk).fails_with("token \"Ministry\" needs its PIN");
    shell(&desk, "export GREENLIT_PASSPHRASE_FILE=a/pin; greenlit-issuer keys a add --existing --pkcs11 'pkcs11:token=Ministry;object=x'")
        .fails_with("needs its PIN");
    desk.shell("mkdir -m 700 c; cp a/pin c/greenlit-pin").exits_with(0);
    desk.write("holder", cli::HOLDER);
    let with_credential = format!(
        "export CREDENTIALS_DIRECTORY=$PWD/c; greenlit-issuer issue a --basis vaccination --on {} --holder holder --before-tills-know",
        cli::today()
    );
    shell(&desk, &with_credential).exits_with(0);

    for (text, told) in [
        ("", "no PKCS#11 module is named"),
        ("pkcs11_module = \"libsofthsm2.so\"\n", "must be a whole path"),
        ("pkcs11_module = \"/none.so\"\n", "/none.so: does not serve as PKCS#11 module"),
        ("pkcs11_module = \"/etc/passwd\"\n", "/etc/passwd: does not serve as PKCS#11 module"),
    ] {
        settings(&desk, text);
        issue(&desk).fails_with(told);
        // What is wrong is listed beside the key, and costs no other line.
        let listed = issuer(&desk, "keys a").exits_with(0);
        assert!(listed.lines().count() == 7 && listed.contains(told), "{listed}");
    }
    settings(&desk, &format!("pkcs11_module = \"{MODULE}\"\npkcs11_pin_file = \"pin\"\n"));
    let add = |uri: &str, told: &str| issuer(&desk, &format!("keys a add --pkcs11 '{uri}'")).fails_with(told);
    add("pkcs11:token=Other;object=k", "token \"Other\" is not present");
    add("pkcs11:token=Ministry;id=%01", "give the new key a name");
    add("pkcs11:token=Ministry;object=k?module-path=/tmp/m.so", "does not say which code to load");
    add("pkcs11:token=Ministry;object=k?pin-value=1234", "do not belong into a URI");
    add("issuer-2.pem", "not a PKCS#11 URI");
    issuer(&desk, "keys a add --existing").exits_with(2);
    shell(&desk, "softhsm2-util --init-token --free --label Ministry --pin 1234 --so-pin 5678").exits_with(0);
    add("pkcs11:token=Ministry;object=k", "several tokens are called \"Ministry\"");
}

#[test]
fn another_key_under_the_registered_name_and_none_sign_nothing() {
    let desk = desk();
    only_the_token_signs(&desk);
    // Deleted, and another made under its name, by another authority's folder.
    shell(&desk, "cp -r tokens kept; rm tokens/*/*-*.object").exits_with(0);
    issue(&desk).fails_with("no such Ed25519 private key; if it was deleted, make a new one");
    desk.init("b");
    desk.shell("mv a c && mv b a && cp -p c/pin a/pin").exits_with(0);
    settings(&desk, &format!("pkcs11_module = \"{MODULE}\"\npkcs11_pin_file = \"pin\"\n"));
    issuer(&desk, &format!("keys a add --pkcs11 '{URI}'")).exits_with(0);
    desk.shell("mv a b && mv c a").exits_with(0);
    issue(&desk).fails_with("not the key");
    let listed = issuer(&desk, "keys a").exits_with(0);
    assert!(listed.contains("that is registered under this name"), "{listed}");
    // A token need not have the public half; then its signatures tell.
    let remove =
        "for file in tokens/*/*-*.object; do ! softhsm2-dump-file $file | grep -q CKO_PUBLIC_KEY || rm $file; done";
    shell(&desk, remove).exits_with(0);
    issue(&desk).fails_with("the token gave a signature that does not verify; it was not used");
    shell(&desk, "rm -r tokens && mv kept tokens").exits_with(0);
    issue(&desk).exits_with(0);
}

#[test]
fn a_batch_whose_token_goes_away_ends_with_a_line_and_goes_on_with_the_same_command() {
    let desk = desk();
    only_the_token_signs(&desk);
    people(&desk, 3_000);
    // It goes once the first part is written.
    let away = "(until grep -q '\"rows\": *[1-9]\\|rows *= *[1-9]' people.passes.csv.progress 2>/dev/null; do sleep 0.01; done; mv tokens away) & \
                greenlit-issuer issue-batch a people.csv --basis vaccination --before-tills-know --json --part 10; code=$?; wait; exit $code";
    let run = shell(&desk, away);
    assert_eq!(run.code, 2, "{run:#?}");
    let last = run.err.lines().last().unwrap();
    assert!(last.contains("token \"Ministry\"") && last.contains("again"), "{run:#?}");
    let before = passes(&desk).len();
    assert!((1..3_000).contains(&before), "{before}");
    desk.shell("mv away tokens").exits_with(0);
    let counts: serde_json::Value = serde_json::from_str(&batch(&desk, "--part 10").exits_with(0)).unwrap();
    assert_eq!((&counts["rows"], &counts["issued"]), (&3_000.into(), &3_000.into()), "{counts}");
    issuer(&desk, "publish a pub").exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    let passes = passes(&desk);
    assert_eq!(passes.iter().collect::<std::collections::BTreeSet<_>>().len(), 3_000);
    for pass in [&passes[0], &passes[before - 1], &passes[before], &passes[2_999]] {
        assert_eq!(desk.code(pass, None), "OK");
    }
}
