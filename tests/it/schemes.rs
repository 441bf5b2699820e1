//! Promise: passes that others issued are taken by what the authority published, from its import to the till's answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use greenlit_testkit::cli::CliHarness;
use greenlit_testkit::fixture::public;
use greenlit_testkit::fixture::schemes::{FESTIVAL, OTHER_EVENT, ticket};
use serde_json::Value;

const RULES: &str = r#"
[[rule]]
id = "festival"
sites = ["entertainment"]
scheme = "pretix"
kind = "free-entry"
text = { en = "Come in", ru = "Проходите" }
conditions.item = { one_of = [42] }
"#;

/// The keys of an event as pretix's API has them: Base64 of PEM of SubjectPublicKeyInfo (RFC 8410).
fn event(seed: u8) -> String {
    let info = [&hex::decode("302a300506032b6570032100").unwrap(), public(seed).as_bytes().as_slice()].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(info));
    serde_json::json!({"valid_keys": {"pretix_sig1": [STANDARD.encode(pem)]}}).to_string()
}

/// An authority that takes the festival's tickets of item 42, and a till that has synced from it.
fn desk() -> CliHarness {
    let desk = CliHarness::with_till();
    desk.write("event.json", event(FESTIVAL));
    import(&desk, &[]);
    desk.write("a/schemes/rules.toml", RULES);
    desk.publish_and_sync();
    desk
}

fn import(desk: &CliHarness, more: &[&str]) {
    let whole =
        ["schemes", "import", "a", "--scheme", "pretix", "--issuer", "festival", "--name", "en=Festival", "--yes"];
    desk.issuer(&[&whole, more, &["event.json"]].concat()).exits_with(0);
}

fn check(desk: &CliHarness, text: &str) -> Value {
    let run = desk.till_reading(&["check", "--json", "-"], format!("{text}\n").as_bytes());
    run.json().remove(0)
}

fn good() -> String {
    ticket(FESTIVAL, b"seed-1", 42, None)
}

#[test]
fn a_ticket_is_green_by_the_keys_and_rules_that_were_published() {
    let desk = desk();
    let green = check(&desk, &good());
    assert_eq!((&green["answer"], &green["code"]), (&"valid".into(), &"OK".into()), "{green}");
    assert_eq!((&green["scheme"], &green["issuer"]), (&"pretix".into(), &"festival".into()), "{green}");
    assert_eq!(green["benefits"][0]["rule"], "festival", "{green}");
    assert_eq!(green["expires"], Value::Null, "{green}");
    let told = desk.till_reading(&["check", "-"], format!("{}\n", good()).as_bytes()).exits_with(0);
    assert!(told.contains("Event ticket") && told.contains("Festival"), "{told}");
    for (text, answer, code) in [
        (ticket(FESTIVAL, b"seed-1", 43, None), "refused", "CLS"),
        (ticket(OTHER_EVENT, b"seed-1", 42, None), "refused", "KEY"),
    ] {
        let found = check(&desk, &text);
        assert_eq!((&found["answer"], &found["code"]), (&answer.into(), &code.into()), "{found}");
        assert!(found.get("scheme").is_none() && found.get("issuer").is_none(), "{found}");
    }
    let health = check(&desk, "HC1:6BF");
    assert_eq!(health["answer"], "not-a-pass", "{health}");
    assert!(health["message"].as_str().unwrap().contains("not accepted here"), "{health}");
}

#[test]
fn the_till_tells_which_keys_it_has() {
    let desk = desk();
    let status = desk.till(&["status", "--json"]).json().remove(0);
    let schemes = &status["schemes"];
    assert_eq!(schemes["rules"], 1, "{status}");
    let list = &schemes["key_lists"][0];
    assert_eq!((&list["scheme"], &list["state"], &list["keys"]), (&"pretix".into(), &"fresh".into(), &1.into()));
    let told = desk.till(&["status"]).out;
    assert!(told.contains("passes that others issue: version") && told.contains("pretix"), "{told}");
}

#[test]
fn what_is_called_back_or_taken_out_is_so_after_the_next_sync() {
    let desk = desk();
    desk.write("revoked.txt", format!("{}\n", good()));
    import(&desk, &["--list", "1", "--revoked", "revoked.txt"]);
    assert_eq!(check(&desk, &good())["code"], "OK", "nothing was published yet");
    desk.publish_and_sync();
    assert_eq!(check(&desk, &good())["code"], "REV");
    assert_eq!(check(&desk, &ticket(FESTIVAL, b"seed-2", 42, None))["code"], "OK");
    desk.issuer(&["schemes", "remove", "a", "1", "--yes"]).exits_with(0);
    desk.write("a/schemes/rules.toml", "");
    desk.publish_and_sync();
    let gone = check(&desk, &good());
    assert_eq!((&gone["answer"], &gone["code"]), (&"not-a-pass".into(), &Value::Null), "{gone}");
}

#[test]
fn a_publication_with_a_wrong_key_list_leaves_what_the_till_has() {
    let desk = desk();
    let (pass, _) = desk.issue("a", &[]);
    // A second event, whose list is then changed on its way.
    desk.write("event.json", event(OTHER_EVENT));
    import(&desk, &["--list", "1"]);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    let mut list = desk.read("pub/keys-1.cbor");
    *list.last_mut().unwrap() ^= 1;
    desk.write("pub/keys-1.cbor", list);
    let synced = desk.till(&["sync", "pub"]);
    assert!(synced.code == 1 && synced.err.contains("keeping what there is"), "{synced:?}");
    assert_eq!(check(&desk, &good())["code"], "OK", "by the keys that the till had");
    assert_eq!(check(&desk, &pass)["code"], "OK", "and its own authority's passes are renewed all the same");
}
