//! Promise: what the programs print as JSON is as docs/schemas says. Every JSON line that any test here
//! reads is held to it; this is that the schemas can fail.

use greenlit_testkit::cli::CliHarness;
use greenlit_testkit::cli::schema::against;
use serde_json::{Value, json};

/// One line of each kind, from the programs themselves.
fn lines() -> Vec<(&'static str, Value)> {
    let desk = CliHarness::with_till();
    let (text, reference) = desk.issue("a", &["--qr", "pass.png"]);
    desk.shell("mkdir frames && cp pass.png frames/000.png").exits_with(0);
    let one = |mut lines: Vec<Value>| lines.pop().unwrap();
    vec![
        ("check", one(desk.till_reading(&["check", "--json", "-"], text.as_bytes()).json())),
        ("check", one(desk.till_reading(&["check", "--json", "-"], b"GL1:NOTHING").json())),
        ("check", one(desk.till(&["check", "--json", "pass.png"]).json())),
        ("stream", one(desk.till(&["check", "--json", "--stream", "frames"]).json())),
        ("status", one(desk.till(&["status", "--json"]).json())),
        ("pass", one(desk.issuer(&["status", "a", &reference, "--json"]).json())),
        ("report", one(desk.issuer(&["report", "a", "--json"]).json())),
        ("self-test", one(desk.till(&["self-test", "--json"]).json())),
        ("watch", one(desk.till(&["watch", "--json", "--pictures", "pass.png"]).json())),
    ]
}

#[test]
fn a_line_that_is_not_as_its_schema_says_is_noticed() {
    for (name, line) in lines() {
        assert_eq!(against(&line), Some((name, vec![])), "{line}");
        let fields = line.as_object().unwrap();
        for field in fields.keys() {
            let mut without = fields.clone();
            without.remove(field);
            let optional = ["hint", "demo", "specimen", "own_offer", "other", "codes"].contains(&field.as_str());
            let told = against(&Value::Object(without));
            assert!(optional || told.is_none_or(|(_, errors)| !errors.is_empty()), "{name} without {field}");
            let mut wrong = fields.clone();
            wrong.insert(field.clone(), json!({"not": ["this"]}));
            let (_, errors) = against(&Value::Object(wrong)).unwrap();
            assert!(!errors.is_empty(), "{name}, {field}");
        }
        let mut more = fields.clone();
        more.insert("surprise".into(), json!(1));
        assert!(!against(&Value::Object(more)).unwrap().1.is_empty(), "{name}");
    }
}
