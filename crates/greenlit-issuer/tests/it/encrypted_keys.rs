//! Promise: private keys may be encrypted as OpenSSL 3 reads and writes them, and whoever gives the passphrase works with
//! them as before.

use std::os::unix::fs::PermissionsExt;

use greenlit_testkit::cli::{self, CliHarness, Run};

/// OpenSSL's program, which must be there.
#[track_caller]
fn openssl(desk: &CliHarness, command: &str) -> String {
    let run = desk.shell(&format!("umask 077; {command}"));
    assert_ne!(run.code, 127, "openssl is missing: run `script/bootstrap softhsm`");
    run.exits_with(0)
}

fn passphrase_file(desk: &CliHarness, name: &str, text: &str) {
    desk.write(name, text);
    std::fs::set_permissions(desk.path(name), std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// An authority "a" whose keys are all encrypted with what the file "secret" says.
fn encrypted_authority() -> CliHarness {
    let desk = CliHarness::new();
    passphrase_file(&desk, "secret", "пароль ведомства\n");
    let init = ["init", "a", "--name", "N", "--region", "RU-BA", "--encrypt"];
    with(&desk, "secret", &init).exits_with(0);
    desk
}

/// A command with the passphrase of this file.
fn with(desk: &CliHarness, file: &str, args: &[&str]) -> Run {
    desk.issuer(&[args, &["--passphrase-file", file]].concat())
}

fn issue(desk: &CliHarness, more: &[&str]) -> Run {
    let today = cli::today();
    desk.write("holder", cli::HOLDER);
    let args = ["issue", "a", "--basis", "vaccination", "--on", &today, "--holder", "holder"];
    desk.issuer(&[args.as_slice(), more].concat())
}

#[test]
fn keys_of_openssl_are_taken_in_every_form_it_writes() {
    let desk = CliHarness::with_till();
    desk.shell("cp a/keys/issuer-1.pem plain.pem").exits_with(0);
    passphrase_file(&desk, "secret", "correct horse");
    for command in [
        "pkey -in plain.pem -aes256 -passout file:secret",
        "pkey -in plain.pem -aes128 -passout file:secret",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in plain.pem -passout file:secret",
        "pkcs8 -topk8 -v2 aes-192-cbc -v2prf hmacWithSHA1 -iter 600000 -in plain.pem -passout file:secret",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512 -in plain.pem -passout file:secret",
        "pkcs8 -topk8 -scrypt -in plain.pem -passout file:secret",
        "pkcs8 -topk8 -scrypt -scrypt_N 1024 -scrypt_r 16 -scrypt_p 3 -in plain.pem -passout file:secret",
    ] {
        openssl(&desk, &format!("openssl {command} -out a/keys/issuer-1.pem"));
        let run = issue(&desk, &["--passphrase-file", "secret"]);
        assert_eq!(desk.code(run.exits_with(0).trim_end(), None), "OK", "{command}");
    }
    // One that OpenSSL made itself, with and without a passphrase.
    for (name, option) in [("bare", ""), ("locked", "-aes256 -pass file:secret")] {
        openssl(&desk, &format!("openssl genpkey -algorithm ed25519 {option} -out {name}.pem"));
        openssl(&desk, &format!("openssl pkey -in {name}.pem -passin file:secret -pubout -out {name}.pub"));
        let (public, key) = (format!("{name}.pub"), format!("{name}.pem"));
        let add = ["root", "new", "a", "--add-bundle-key", &public, "--bundle-threshold", "2", "--key", &key];
        with(&desk, "secret", &add).exits_with(0);
        with(&desk, "secret", &["publish", "a", "pub", "--key", &key]).exits_with(0);
        desk.till(&["sync", "pub"]).exits_with(0);
    }
}

#[test]
fn keys_that_are_written_are_read_by_openssl() {
    let desk = CliHarness::new();
    passphrase_file(&desk, "secret", "пароль");
    for (name, encrypt) in [("plain.pem", [].as_slice()), ("locked.pem", &["--encrypt"])] {
        let public = with(&desk, "secret", &[&["root", "key", name], encrypt].concat()).exits_with(0);
        let pem = String::from_utf8(desk.read(name)).unwrap();
        assert_eq!(pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----"), !encrypt.is_empty());
        let read =
            format!("openssl pkey -in {name} -passin file:secret -pubout -outform DER | tail -c 32 | od -An -tx1");
        assert_eq!(openssl(&desk, &read).split_whitespace().collect::<String>(), public.trim());
    }
    assert_eq!(desk.shell("openssl pkey -in locked.pem -passin pass:other -noout").code, 1);
    // It is under scrypt and AES-256, with a salt and IV of its own each time.
    with(&desk, "secret", &["root", "key", "again.pem", "--encrypt"]).exits_with(0);
    let dump = |name: &str| openssl(&desk, &format!("openssl asn1parse -in {name}"));
    let (one, other) = (dump("locked.pem"), dump("again.pem"));
    assert!(one.contains(":scrypt") && one.contains(":aes-256-cbc"), "{one}");
    let random =
        |text: &str| text.lines().filter(|line| line.contains("HEX DUMP")).map(String::from).collect::<Vec<_>>();
    assert!(random(&one).len() == 3 && random(&one).iter().zip(random(&other)).all(|(one, other)| *one != other));
}

#[test]
fn an_authority_whose_keys_are_encrypted_does_all_its_work_with_the_passphrase() {
    let desk = encrypted_authority();
    let with = |args: &[&str]| with(&desk, "secret", args);
    with(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    let pass = issue(&desk, &["--passphrase-file", "secret"]).exits_with(0);
    assert_eq!(desk.code(pass.trim_end(), None), "OK");

    // What shows needs no passphrase.
    let listed = desk.issuer(&["keys", "a"]).exits_with(0);
    assert!(
        listed.lines().all(|line| line.contains(".pem (encrypted)  ready")) && listed.lines().count() == 6,
        "{listed}"
    );

    with(&["keys", "a", "add", "--encrypt"]).exits_with(0);
    with(&["keys", "a", "add"]).exits_with(0);
    let list = desk.kids("a", "list").remove(0);
    with(&["keys", "a", "replace", &list, "--encrypt"]).exits_with(0);
    let listed = desk.issuer(&["keys", "a"]).exits_with(0);
    for line in
        ["keys/issuer-2.pem (encrypted)  waits", "keys/issuer-3.pem  waits", "keys/list-2.pem (encrypted)  ready"]
    {
        assert!(listed.contains(line), "{line:?} is not in {listed}");
    }
    desk.write("people.csv", format!("name;born;document;on\nА Б;1984-05-09;80 12 345679;{}\n", cli::today()));
    with(&["issue-batch", "a", "people.csv", "--basis", "vaccination"]).exits_with(0);

    // The next root, with new keys, at once and by a proposal.
    let bundle = desk.kids("a", "bundle").remove(0);
    with(&["root", "new", "a", "--replace-bundle-key", &bundle, "--encrypt"]).exits_with(0);
    let next = ["root", "new", "a", "--add-bundle-key", "new", "--bundle-threshold", "2", "--encrypt"];
    with(&[next.as_slice(), &["--propose", "next"]].concat()).exits_with(0);
    let sign = ["root", "sign", "next", "--after", "a/roots/root-2.cbor", "--key"];
    for key in ["a/keys/root-1.pem", "a/keys/root-3.pem"] {
        with(&[sign.as_slice(), &[key]].concat()).exits_with(0);
    }
    with(&["root", "finish", "a", "next"]).exits_with(0);
    with(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    assert_eq!(desk.code(pass.trim_end(), None), "OK");
    let listed = desk.issuer(&["keys", "a"]).exits_with(0);
    assert!(listed.contains("keys/bundle-3.pem (encrypted)  ready"), "{listed}");
}

#[test]
fn a_wrong_passphrase_and_none_are_told_in_a_line_and_nothing_is_issued() {
    let desk = encrypted_authority();
    let path = "a/keys/issuer-1.pem";
    issue(&desk, &[]).fails_with(&format!("{path}: is encrypted; give its passphrase at a terminal"));
    for (text, told) in [
        ("wrong", format!("wrong passphrase for {path}")),
        ("", "wrong: the passphrase is empty".into()),
        ("\nпароль ведомства", "wrong: the passphrase is empty".into()),
        (&"x".repeat(1_001), "wrong: the passphrase is longer than 1000 bytes".into()),
    ] {
        passphrase_file(&desk, "wrong", text);
        issue(&desk, &["--passphrase-file", "wrong"]).fails_with(&told);
    }
    issue(&desk, &["--passphrase-file", "none"]).fails_with("none: no such file");
    issue(&desk, &["--passphrase-file", "a"]).fails_with("a: not a regular file");
    std::fs::set_permissions(desk.path("secret"), std::fs::Permissions::from_mode(0o640)).unwrap();
    issue(&desk, &["--passphrase-file", "secret"]).fails_with("secret: other users of this machine can read it");
    std::fs::set_permissions(desk.path("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    // Standard input may be the holder, and is never read for it.
    let run = desk.issuer_reading(&["publish", "a", "pub"], "пароль ведомства\n".as_bytes());
    run.fails_with("is encrypted; give its passphrase");
    assert!(desk.issuer(&["revoked", "a", "1-1"]).code == 2 && !desk.path("pub").join("trust.cbor").exists());

    // A key in a form that protects little, and one that lost its end.
    let pem = String::from_utf8(desk.read(path)).unwrap();
    desk.write(
        path,
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES\n\nAA\n-----END EC PRIVATE KEY-----\n",
    );
    issue(&desk, &["--passphrase-file", "secret"]).fails_with("traditional form");
    desk.write(path, &pem[..pem.len() / 2]);
    issue(&desk, &["--passphrase-file", "secret"]).fails_with(path);
    desk.write(path, &pem);
    issue(&desk, &["--passphrase-file", "secret"]).exits_with(0);
}

#[test]
fn a_passphrase_comes_of_the_file_that_a_variable_names_or_of_systemd() {
    let desk = encrypted_authority();
    desk.shell("GREENLIT_PASSPHRASE_FILE=secret greenlit-issuer publish a pub").exits_with(0);
    // Systemd guards its credentials by the folder and by access lists, which show in the mode.
    desk.shell("mkdir -m 700 c; cp secret c/greenlit-passphrase; chmod 440 c/greenlit-passphrase").exits_with(0);
    desk.shell("CREDENTIALS_DIRECTORY=$PWD/c greenlit-issuer publish a pub").exits_with(0);
    desk.shell("rm c/*; CREDENTIALS_DIRECTORY=$PWD/c greenlit-issuer publish a pub").fails_with("is encrypted");
}

#[test]
fn keys_are_encrypted_and_decrypted_in_their_files() {
    let desk = CliHarness::with_authority();
    passphrase_file(&desk, "secret", "x");
    passphrase_file(&desk, "other", "y");
    let plain = desk.read("a/keys/issuer-1.pem");
    // A key on a stick that a link leads to is encrypted there.
    desk.shell("mkdir stick; mv a/keys/root-1.pem stick/; ln -s $PWD/stick/root-1.pem a/keys/root-1.pem").exits_with(0);
    with(&desk, "secret", &["keys", "a", "encrypt", "keys/issuer-1.pem", "root-1.pem"]).exits_with(0);
    for file in ["a/keys/issuer-1.pem", "stick/root-1.pem"] {
        assert!(String::from_utf8(desk.read(file)).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        let mode = std::fs::metadata(desk.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(desk.path("a/keys/root-1.pem").is_symlink());
    issue(&desk, &["--passphrase-file", "secret"]).exits_with(0);

    // All others; those that are encrypted stay as they are.
    let before = desk.read("a/keys/issuer-1.pem");
    let told = with(&desk, "other", &["keys", "a", "encrypt", "--all"]).exits_with(0);
    assert!(told.lines().count() == 4 && !told.contains("issuer-1"), "{told}");
    assert_eq!(desk.read("a/keys/issuer-1.pem"), before);
    let again = with(&desk, "other", &["keys", "a", "encrypt", "--all"]).exits_with(0);
    assert!(again.contains("encrypted already"), "{again}");
    with(&desk, "other", &["publish", "a", "pub"]).exits_with(0);

    with(&desk, "other", &["keys", "a", "decrypt", "keys/issuer-1.pem"]).fails_with("wrong passphrase for");
    with(&desk, "secret", &["keys", "a", "decrypt", "keys/issuer-1.pem"]).exits_with(0);
    assert_eq!(desk.read("a/keys/issuer-1.pem"), plain);
    issue(&desk, &[]).exits_with(0);

    for (args, told) in [
        (["encrypt", "issuer-9.pem"], "issuer-9.pem: no such file"),
        (["encrypt", "a/authority.toml"], "is not an Ed25519 private key"),
        (["encrypt", "issuer-1.pem"], "a passphrase for the new keys is needed"),
    ] {
        desk.issuer(&["keys", "a", args[0], args[1]]).fails_with(told);
    }
    assert_eq!(desk.read("a/keys/issuer-1.pem"), plain);
    let left = desk.shell("ls -A a/keys").exits_with(0);
    assert!(left.lines().all(|name| !name.starts_with('.')), "{left}");
}

#[test]
fn a_key_whose_passphrase_is_lost_is_retired_and_stops_no_batch() {
    let desk = CliHarness::with_authority();
    issue(&desk, &[]).exits_with(0);
    passphrase_file(&desk, "lost", "x");
    with(&desk, "lost", &["keys", "a", "encrypt", "issuer-1.pem"]).exits_with(0);
    let first = desk.kids("a", "issuer").remove(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    desk.issuer(&["keys", "a", "retire", &first]).exits_with(0);
    // Whose pass the lost key has signed is told so, all others get one.
    let today = cli::today();
    let rows = ["80 12 345678", "80 12 345679"]
        .map(|document| format!("Закирова Ильсияр Булатовна;1984-05-09;{document};{today}\n"));
    desk.write("people.csv", format!("name;born;document;on\n{}", rows.concat()));
    let batch = ["issue-batch", "a", "people.csv", "--basis", "vaccination", "--before-tills-know"];
    desk.issuer(&batch).exits_with(1);
    let lines = |name: &str| String::from_utf8(desk.read(name)).unwrap().lines().skip(1).count();
    assert_eq!((lines("people.passes.csv"), lines("people.rejected.csv")), (1, 1));
    let rejected = String::from_utf8(desk.read("people.rejected.csv")).unwrap();
    assert!(rejected.contains(&format!("whose key {first} cannot sign here")), "{rejected}");
}

#[test]
fn a_passphrase_is_asked_for_at_a_terminal_unseen_once_for_all_keys_that_it_opens() {
    let desk = CliHarness::new();
    let new = "Passphrase for the new keys: ";
    let init = "greenlit-issuer init a --name N --region RU-BA --encrypt";
    let (code, shown) = crate::terminal::at_terminal(&desk, init, &[(new, "тайна"), ("The same again: ", "тайна!")]);
    assert!(code == 2 && shown.contains("the two passphrases differ") && !desk.path("a").exists(), "{shown}");
    let (code, shown) = crate::terminal::at_terminal(&desk, init, &[(new, "")]);
    assert!(code == 2 && shown.contains("the passphrase is empty") && !desk.path("a").exists(), "{shown}");
    let (code, shown) = crate::terminal::at_terminal(&desk, init, &[(new, "тайна"), ("The same again: ", "тайна")]);
    assert!(code == 0 && !shown.contains("тайна"), "{shown}");

    // Two root keys and the bundle key sign, and one passphrase opens them all.
    let asked = "Passphrase for a/keys/";
    let (code, shown) = crate::terminal::at_terminal(&desk, "greenlit-issuer root new a --renew", &[(asked, "тайна")]);
    assert!(code == 0 && shown.matches(asked).count() == 1, "{shown}");

    let publish = "greenlit-issuer publish a pub --yes";
    let (code, shown) = crate::terminal::at_terminal(&desk, publish, &[(asked, "a"), (asked, "b"), (asked, "тайна")]);
    assert!(code == 0 && shown.matches("wrong passphrase for a/keys/bundle-1.pem").count() == 2, "{shown}");
    let (code, shown) = crate::terminal::at_terminal(&desk, publish, &[(asked, "a"), (asked, "b"), (asked, "c")]);
    assert!(code == 2 && shown.matches(asked).count() == 3, "{shown}");
    assert_eq!(shown.matches("wrong passphrase for a/keys/bundle-1.pem").count(), 3, "{shown}");
}
