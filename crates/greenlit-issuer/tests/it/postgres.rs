//! Promise: an authority whose register is in PostgreSQL works as one with a file, for several desks at once and through
//! a database that goes away.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use greenlit_testkit::cli::{self, CliHarness, Run};
use greenlit_testkit::database::{Database, Durable, client};
use greenlit_testkit::server::make_certificates;

/// How often the server, the program or both are stopped in the middle of a batch.
const STOPS: u64 = 50;

const HEADER: &str = "id;ФИО;Дата рождения;Номер документа;Основание;Дата";

pub(crate) fn file(rows: impl IntoIterator<Item = usize>) -> String {
    let day = cli::today();
    let row = |number| format!("r{number};Закиров Ильдар;09.05.1984;80 12 {number:06};вакцинация;{day}\n");
    rows.into_iter().fold(format!("{HEADER}\n"), |file, number| file + &row(number))
}

pub(crate) fn counts(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

/// The cells of each line of a file of passes, by their names.
fn passes(desk: &CliHarness, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = String::from_utf8(desk.read(name)).unwrap();
    let mut lines = text.lines().map(|line| line.split(';').map(String::from).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

pub(crate) fn count(url: &str, sql: &str) -> i64 {
    client(url).query_one(sql, &[]).unwrap().get(0)
}

fn init(desk: &CliHarness, url: &str, more: &[&str]) -> Run {
    let args = ["init", "a", "--name", "Министерство", "--region", "RU-BA", "--register", url];
    desk.issuer(&[&args[..], more].concat())
}

/// An authority "a" whose register is in this database.
pub(crate) fn authority(url: &str) -> CliHarness {
    let desk = CliHarness::new();
    init(&desk, url, &[]).exits_with(0);
    desk
}

#[test]
fn every_command_does_on_a_database_what_it_does_on_a_file() {
    let url = Database::shared().database();
    let desk = authority(&url);
    assert!(!desk.path("a/register.db").exists());
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    let (first, reference) = desk.issue("a", &[]);
    desk.write("people.csv", file(0..50));
    let run = desk.issuer(&["issue-batch", "a", "people.csv", "--part", "7", "--json"]);
    assert!(run.code == 0 && counts(&run)["issued"] == 50, "{run:#?}");
    let of_batch = passes(&desk, "people.passes.csv");
    desk.issuer(&["revoke", "a", &reference, "--reason", "given in error"]).exits_with(0);
    desk.issuer(&["revoke", "a", &of_batch[3]["ref"], "--suspend"]).exits_with(0);
    let revoked = desk.issuer(&["revoked", "a"]).exits_with(0);
    assert!(revoked.contains("given in error") && revoked.contains(&of_batch[3]["ref"]), "{revoked}");
    desk.publish_and_sync();
    let judged = [&first, &of_batch[3]["pass"], &of_batch[4]["pass"]].map(|pass| desk.code(pass, None));
    assert_eq!(judged, ["REV", "SUS", "OK"]);

    let key = desk.kids("a", "issuer").remove(0);
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    desk.issuer(&["keys", "a", "revoke", &key, "--emergency"]).exits_with(0);
    let list = desk.kids("a", "list").remove(0);
    desk.issuer(&["keys", "a", "replace", &list]).exits_with(0);
    desk.issuer(&["root", "new", "a", "--renew"]).exits_with(0);
    desk.publish_and_sync();
    assert_eq!(desk.code(&of_batch[4]["pass"], None), "KRV");
    assert!(desk.issuer(&["replay", "a"]).exits_with(0).contains("restored 0 passes"));
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass"), 51);
}

#[test]
fn two_desks_that_issue_at_once_give_no_place_twice_and_nobody_two_passes() {
    let url = Database::shared().database();
    let desk = authority(&url);
    // The key of persons is made once, before there are two.
    desk.issue("a", &[]);
    desk.shell("cp -a a b").exits_with(0);
    desk.write("one.csv", file(0..2_000));
    desk.write("two.csv", file(1_000..3_000));
    let both = desk.shell(
        "greenlit-issuer issue-batch a one.csv --part 50 --json >one.json & first=$!
         greenlit-issuer issue-batch b two.csv --part 50 --json >two.json & wait $! && wait $first",
    );
    assert_eq!(both.code, 0, "{both:#?}");
    let told =
        ["one.json", "two.json"].map(|name| serde_json::from_slice::<serde_json::Value>(&desk.read(name)).unwrap());
    let sum = |what: &str| told.iter().map(|told| told[what].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("issued"), sum("already")), (3_000, 1_000), "{told:?}");
    let (one, two) = (passes(&desk, "one.passes.csv"), passes(&desk, "two.passes.csv"));
    for (of_one, of_two) in one[1_000..].iter().zip(&two) {
        assert_eq!((&of_one["ref"], &of_one["pass"]), (&of_two["ref"], &of_two["pass"]));
    }
    let places: BTreeSet<&String> = one.iter().chain(&two).map(|pass| &pass["ref"]).collect();
    assert_eq!(places.len(), 3_000);
    assert_eq!(count(&url, "SELECT count(DISTINCT person) FROM greenlit.pass WHERE batch IS NOT NULL"), 3_000);
    assert_eq!(count(&url, "SELECT count(*) FROM greenlit.pass"), 3_001);
    assert_eq!(count(&url, "SELECT used FROM greenlit.list"), 3_001);
    assert!(desk.issuer(&["keys", "b"]).exits_with(0).contains("issuer"));
}

#[test]
fn a_database_and_a_program_that_end_again_and_again_cost_no_pass_and_give_none_twice() {
    let server = Database::start(Durable::Yes, &[]);
    let url = server.database();
    let desk = authority(&url);
    desk.write("people.csv", file(0..3_000));
    let args = ["issue-batch", "a", "people.csv", "--part", "10", "--json"];
    let mut told = BTreeSet::new();
    for stop in 0..STOPS {
        if stop == 0 {
            // Before it begins, once.
            server.stop();
        }
        let (of_server, of_program) = (stop % 3 != 1, stop % 3 != 0);
        let mut child = cli::command(&desk.path("."), cli::program("greenlit-issuer"))
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Wherever this comes: what must hold does not depend on it.
        std::thread::sleep(Duration::from_millis(stop * 11 % 80));
        if of_program {
            child.kill().unwrap();
        }
        if of_server {
            server.stop();
        }
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8(ended.stderr).unwrap();
        let last = err.lines().last().unwrap_or_default();
        let clear = ["cannot be reached (", "went away before it confirmed the change ("];
        let said = clear.iter().position(|words| last.contains(words));
        let clear = match ended.status.code() {
            Some(0) => true,
            Some(2) => said.is_some(),
            code => code.is_none() && of_program,
        };
        assert!(clear, "{err}");
        told.extend(said);
        if of_server {
            server.go();
        }
    }
    assert!(told.contains(&0), "{told:?}");
    let run = desk.issuer(&args);
    assert_eq!(run.code, 0, "{run:#?}");
    let told = counts(&run);
    assert_eq!((&told["rows"], &told["issued"], &told["already"]), (&3_000.into(), &3_000.into(), &0.into()), "{told}");
    let all = passes(&desk, "people.passes.csv");
    let refs: BTreeSet<&String> = all.iter().map(|pass| &pass["ref"]).collect();
    assert_eq!((all.len(), refs.len()), (3_000, 3_000));
    for sql in [
        "SELECT count(*) FROM greenlit.pass",
        "SELECT count(DISTINCT person) FROM greenlit.pass",
        "SELECT used FROM greenlit.list",
    ] {
        assert_eq!(count(&url, sql), 3_000, "{sql}");
    }
    let witness = desk.shell("cat .local/share/greenlit-issuer/* | cut -f 2 | grep -c issue").exits_with(0);
    assert_eq!(witness.trim(), "3000");
}

#[test]
fn what_stands_in_the_way_of_a_database_is_said_in_a_line_without_a_password() {
    let server = Database::shared();
    let url = server.database();
    let desk = authority(&url);
    let settings = String::from_utf8(desk.read("a/authority.toml")).unwrap();
    let fails = |register: &str, words: &str| {
        desk.write("a/authority.toml", settings.replace(&url, register));
        let run = desk.issuer(&["keys", "a"]);
        assert!(!run.err.contains("s3cret"), "{run:#?}");
        run.fails_with(words);
    };
    let nowhere = desk.path("nowhere").display().to_string();
    fails(&format!("postgresql:///g?user=u&password=s3cret&host={nowhere}"), "cannot be reached");
    fails("postgresql://u:s3cret@db.example.org/g?sslmode=disable", "used over TLS alone");
    fails("postgresql://u:s3cret@db.example.org/g?colour=green", "is not a URL of a PostgreSQL database");
    fails("postgresql:///g?password=s3cret", "has no host");
    fails("mysql://u:s3cret@localhost/g", "is not a URL of a PostgreSQL database");
    fails(
        &server.url("no_such_database"),
        "does not let this program in: database \"no_such_database\" does not exist",
    );
    fails(&server.database(), "there is no register in this database; make one with");
    let theirs = server.database();
    authority(&theirs);
    fails(&theirs, "the register there is another authority's");
    let newer = server.database();
    authority(&newer);
    client(&newer).batch_execute("UPDATE greenlit.register SET format = 99").unwrap();
    fails(&newer, "by a newer version of Greenlit (format 99)");
    let ascii = server.database();
    let name = ascii.split(['/', '?']).nth(3).unwrap();
    client(&server.url("postgres"))
        .batch_execute(&format!("DROP DATABASE {name}; CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0"))
        .unwrap_or_else(|_| recreate(server, name));
    // Nothing is made where something is, and nothing is left of what could not be made.
    let other = CliHarness::new();
    init(&other, &url, &[]).fails_with("there is a register in this database already");
    init(&other, &ascii, &[]).fails_with("the database's encoding is SQL_ASCII");
    assert!(other.shell("ls -A").exits_with(0).lines().all(|name| !name.contains("part") && name != "a"));
    let unused = server.database();
    let spoiled = desk.issuer(&["init", "a", "--name", "N", "--region", "RU-BA", "--register", &unused]);
    spoiled.fails_with("already exists and is not empty");
    assert_eq!(count(&unused, "SELECT count(*) FROM pg_class WHERE relname = 'register'"), 0);
    desk.write("a/authority.toml", &settings);
    desk.issuer(&["keys", "a"]).exits_with(0);
}

/// Two statements about databases do not go together.
fn recreate(server: &Database, name: &str) {
    let mut client = client(&server.url("postgres"));
    client.batch_execute(&format!("DROP DATABASE {name}")).unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0")).unwrap();
}

#[test]
fn a_server_over_tcp_is_held_to_its_certificate_and_told_the_password_of_a_private_file() {
    let certificates = tempfile::tempdir().unwrap();
    make_certificates(certificates.path());
    let (server, port) = Database::start_with_tls(certificates.path());
    let inside = server.database();
    client(&inside).batch_execute("ALTER ROLE postgres PASSWORD 's3cret'").unwrap();
    let name = inside.split(['/', '?']).nth(3).unwrap();
    let url = |host: &str| format!("postgresql://postgres@{host}:{port}/{name}?sslmode=verify-full");
    let desk = CliHarness::new();
    desk.write("password", "s3cret\n");
    desk.write("wrong", "s4cret\n");
    desk.shell("chmod 600 wrong; chmod 644 password").exits_with(0);
    let ca = certificates.path().join("ca.pem").display().to_string();
    let with = |password: &'static str| ["--register-ca", &ca, "--register-password-file", password].map(str::to_owned);
    let tried = |url: &str, more: &[String]| {
        let run = init(&desk, url, &more.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!format!("{run:?}").contains("s3cret") && !desk.path("a").exists(), "{run:#?}");
        run
    };
    let localhost = url("localhost");
    tried(&localhost, &with("password")).fails_with("other users of this machine can read it");
    desk.shell("chmod 600 password").exits_with(0);
    tried(&localhost, &with("wrong")).fails_with("password authentication failed");
    tried(&localhost, &with("password")[2..]).fails_with("cannot be reached");
    tried(&localhost, &with("password")[2..]).fails_with("certificate");
    // The certificate is another name's.
    tried(&url("127.0.0.1"), &with("password")).fails_with("certificate");
    let args = with("password");
    init(&desk, &localhost, &args.each_ref().map(String::as_str)).exits_with(0);
    desk.issue("a", &[]);
    assert_eq!(count(&inside, "SELECT count(*) FROM greenlit.pass"), 1);
    assert!(!String::from_utf8(desk.read("a/authority.toml")).unwrap().contains("s3cret"));
}
