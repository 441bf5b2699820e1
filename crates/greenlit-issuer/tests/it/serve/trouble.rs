//! Promise: trouble of the authority's is said, ends by itself when its cause does, and loses nothing.

use greenlit_testkit::cli::CliHarness;
use rustix::process::Signal;

use super::client::{self, Service};
use super::{person, started};

#[test]
fn a_full_disk_is_said_and_what_was_answered_before_is_kept() {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "portal", "issue", &[]);
    // No file may grow beyond what the register takes now and a little.
    let command = "trap '' XFSZ; size=$(stat -c %s a/register.db); ulimit -f $((size / 1024 + 8)); \
                   exec greenlit-issuer serve a --listen 127.0.0.1:0";
    let mut service = Service::of(desk.shell_running(command), false);
    let portal = service.portal(&token);
    let mut answered = Vec::new();
    let full = loop {
        let number = answered.len();
        let answer = portal.issue(&format!("\"{number}\""), &person(number));
        if answer.status != 201 {
            break answer;
        }
        answered.push(answer.json()["pass"].clone());
    };
    assert!(full.is_problem(503, "disk-full") || full.is_problem(503, "register"), "{}", full.text());
    assert!(full.header("retry-after").is_some() && !answered.is_empty());
    service.running.end(Signal::TERM);
    let service = Service::start(&desk, &[]);
    let portal = service.portal(&token);
    for (number, pass) in answered.iter().enumerate() {
        assert_eq!(portal.issue(&format!("\"{number}\""), &person(number)).json()["pass"], *pass);
    }
    // The one that failed is neither lost nor there twice.
    let number = answered.len();
    let last = portal.issue(&format!("\"{number}\""), &person(number)).json();
    assert!(!answered.contains(&last["pass"]));
    assert_eq!(portal.issue("\"other\"", &person(number)).json()["pass"], last["pass"]);
}

#[test]
fn a_register_that_another_program_holds_is_waited_for_and_then_said_to_be_busy() {
    let (desk, _service, portal) = started();
    assert_eq!(portal.issue("\"first\"", &person(1)).status, 201);
    let mut other = rusqlite::Connection::open(desk.path("a/register.db")).unwrap();
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let busy = portal.issue("\"second\"", &person(2));
    assert!(busy.is_problem(503, "busy") && busy.header("retry-after").is_some(), "{}", busy.text());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| portal.issue("\"second\"", &person(2)));
        // It waits, or has not come yet; either way it is answered.
        drop(held);
        assert_eq!(waiting.join().unwrap().status, 201);
    });
    // Another command works on the register meanwhile, and both see what the other did.
    let (_, reference) = desk.issue("a", &[]);
    assert_eq!(portal.get(&format!("/v1/passes/{reference}")).status, 200);
    let made = portal.issue("\"third\"", &person(3)).json()["ref"].as_str().unwrap().to_owned();
    desk.issuer(&["revoke", "a", &made]).exits_with(0);
    assert_eq!(portal.get(&format!("/v1/passes/{made}")).json()["status"], "revoked");
}

#[test]
fn a_key_that_is_taken_away_signs_no_more_until_it_is_back() {
    let (desk, _service, portal) = started();
    let first = portal.issue("\"first\"", &person(1)).json();
    for file in ["issuer-1.pem", "person.key"] {
        desk.shell(&format!("mv a/keys/{file} safe")).exits_with(0);
        for key in ["\"first\"", "\"second\""] {
            let told = portal.issue(key, &person(1));
            assert!(told.is_problem(503, "keys"), "{file}: {}", told.text());
            assert!(!told.text().contains(file), "{}", told.text());
        }
        assert_eq!(portal.get("/healthz").json()["status"], "not-ready");
        desk.shell(&format!("mv safe a/keys/{file}")).exits_with(0);
        assert_eq!(portal.issue("\"first\"", &person(1)).json()["pass"], first["pass"]);
        assert_eq!(portal.get("/healthz").status, 200);
    }
    // Another authority's key is not this one's.
    desk.shell("cp a/keys/list-1.pem safe; mv a/keys/issuer-1.pem kept; mv safe a/keys/issuer-1.pem").exits_with(0);
    assert!(portal.issue("\"third\"", &person(3)).is_problem(503, "keys"));
    desk.shell("mv kept a/keys/issuer-1.pem").exits_with(0);
    assert_eq!(portal.issue("\"third\"", &person(3)).status, 201);
}

#[test]
fn keys_and_rules_that_change_are_heeded_without_a_new_start() {
    let (desk, mut service, portal) = started();
    assert_eq!(portal.issue("\"one\"", &person(1)).status, 201);
    let rules = desk.read("a/rules.toml");
    desk.write("a/rules.toml", "[eligibility\n");
    assert!(portal.issue("\"two\"", &person(2)).is_problem(503, "settings"));
    desk.write("a/rules.toml", &rules);
    assert_eq!(portal.issue("\"two\"", &person(2)).status, 201);
    desk.shell("cp a/clients.toml clients; echo nonsense >>a/clients.toml").exits_with(0);
    assert!(portal.issue("\"two\"", &person(2)).is_problem(503, "settings"));
    desk.shell("cp clients a/clients.toml").exits_with(0);

    // A new key that not every till knows signs only where somebody says so.
    let [old] = &desk.kids("a", "issuer")[..] else { panic!() };
    desk.issuer(&["keys", "a", "add"]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.issuer(&["keys", "a", "retire", old]).exits_with(0);
    let told = portal.issue("\"three\"", &person(3));
    assert!(told.is_problem(503, "key-unknown-to-tills"), "{}", told.text());
    assert_eq!(portal.get("/healthz").status, 503);
    // Passes of the old one stay what they are.
    assert_eq!(portal.issue("\"one\"", &person(1)).json()["result"], "repeated");
    assert!(service.end().success());
    let service = Service::start(&desk, &["--before-tills-know"]);
    let portal = super::Portal { address: service.address.clone(), ..portal };
    assert_eq!(portal.issue("\"three\"", &person(3)).status, 201);
    // A stolen key's passes are none: not the same one again, and another for who asks anew.
    desk.issuer(&["keys", "a", "revoke", old]).exits_with(0);
    let stolen = portal.issue("\"one\"", &person(1));
    assert!(stolen.is_problem(422, "refused") && stolen.json()["code"] == "revoked", "{}", stolen.text());
    assert_eq!(portal.issue("\"one, anew\"", &person(1)).status, 201);
}

#[test]
fn a_register_that_was_put_back_from_an_old_copy_is_noticed() {
    let (desk, _service, portal) = started();
    desk.shell("cp a/register.db old.db").exits_with(0);
    let before: Vec<_> = (1..4).map(|number| portal.issue(&format!("\"{number}\""), &person(number)).json()).collect();
    desk.shell("mv a/register.db new.db; mv old.db a/register.db").exits_with(0);
    let told = portal.issue("\"4\"", &person(4));
    assert!(told.is_problem(503, "register"), "{}", told.text());
    assert_eq!(portal.get("/healthz").status, 503);
    desk.shell("mv new.db a/register.db").exits_with(0);
    assert_eq!(portal.issue("\"1\"", &person(1)).json()["pass"], before[0]["pass"]);
    assert_eq!(portal.issue("\"4\"", &person(4)).status, 201);
}
