//! Promise: what the real makers of tickets and identities made is judged by the till as its maker says, from the import of
//! their keys on.
//!
//! Ordinarily of the outputs that lie in `vectors/foreign`; `script/test-schemes` makes new ones and names their folder.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenlit_testkit::cli::CliHarness;
use serde_json::{Value, json};

const RULES: &str = r#"
[[rule]]
id = "guests"
sites = ["entertainment"]
scheme = "pretix"
kind = "free-entry"
text = { en = "Come in" }

[[rule]]
id = "holders"
sites = ["entertainment"]
scheme = "claim169"
kind = "free-entry"
text = { en = "Come in" }
"#;

fn read(folder: &Path, name: &str) -> Value {
    let path = folder.join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

fn import(desk: &CliHarness, scheme: &str, issuer: &str, more: &[&str]) {
    let name = format!("en={issuer}");
    let whole = ["schemes", "import", "a", "--scheme", scheme, "--issuer", issuer, "--name", &name, "--yes"];
    desk.issuer(&[&whole, more].concat()).exits_with(0);
}

/// The keys of the first of the two events, and those of the state, once without a name and once under the one that some
/// identities have.
fn desk(tickets: &Value, identities: &Value) -> CliHarness {
    let desk = CliHarness::with_till();
    desk.write("event.json", json!({"valid_keys": tickets["valid_keys"][0]}).to_string());
    import(&desk, "pretix", "festival", &["event.json"]);
    let key = |name: &str| hex::decode(identities["keys"][name].as_str().unwrap()).unwrap();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (edwards, point) = (key("ed25519"), key("es256"));
    desk.write("ed25519.json", json!({"kty": "OKP", "crv": "Ed25519", "x": part(&edwards)}).to_string());
    let (x, y) = point[1..].split_at(32);
    desk.write("es256.json", json!({"kty": "EC", "crv": "P-256", "x": part(x), "y": part(y)}).to_string());
    let listed = identities["identities"].as_array().unwrap();
    let named = listed.iter().find_map(|identity| identity["kid"].as_str()).unwrap();
    import(&desk, "claim169", "XS", &["--key-id", "none", "ed25519.json", "es256.json"]);
    let named = format!("hex:{named}");
    for key in ["ed25519.json", "es256.json"] {
        import(&desk, "claim169", "XS", &["--list", "new", "--key-id", &named, key]);
    }
    desk.write("a/schemes/rules.toml", RULES);
    desk.publish_and_sync();
    desk
}

fn judged(folder: &Path) {
    let tickets = read(folder, "pretix-made/tickets.json");
    let identities = read(folder, "claim169-made/identities.json");
    let desk = desk(&tickets, &identities);
    let mut seen = Vec::new();
    for (made, scheme, issuer) in
        [(&tickets["tickets"], "pretix", "festival"), (&identities["identities"], "claim169", "XS")]
    {
        for pass in made.as_array().unwrap() {
            let text = format!("{}\n", pass["text"].as_str().unwrap());
            let found = desk
                .till_reading(&["check", "--json", "--site", "entertainment", "-"], text.as_bytes())
                .json()
                .remove(0);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let later = |field: &str| pass[field].as_u64().is_some_and(|at| at > now);
            let past = |field: &str| pass[field].as_u64().is_some_and(|at| at <= now);
            let (answer, code) = match (pass["expected"].as_str().unwrap(), scheme) {
                ("valid", _) if past("until") || past("expires") => ("refused", Some("EXP")),
                ("valid", _) if later("from") => ("refused", Some("NBF")),
                ("valid", _) => ("valid", Some("OK")),
                ("newer", _) => ("cannot-tell", Some("VER")),
                ("no pass", _) => ("not-a-pass", None),
                // Another event's, as a till without its keys sees it.
                (_, "pretix") => ("refused", Some("KEY")),
                _ => ("not-genuine", Some("SIG")),
            };
            assert_eq!((found["answer"].as_str().unwrap(), found["code"].as_str()), (answer, code), "{pass}: {found}");
            if answer == "valid" {
                assert_eq!(
                    (found["scheme"].as_str(), found["issuer"].as_str()),
                    (Some(scheme), Some(issuer)),
                    "{found}"
                );
            }
            seen.push(answer);
        }
    }
    // Whatever the date is, some are still good: pretix's tickets have no end of their own.
    for answer in ["valid", "refused", "not-genuine", "cannot-tell", "not-a-pass"] {
        assert!(seen.contains(&answer), "{answer}: {seen:?}");
    }
}

#[test]
fn what_pretix_and_the_claim169_package_made_is_judged_as_they_say() {
    judged(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/foreign"));
}

#[test]
#[ignore = "for script/test-schemes, which makes what is judged here"]
fn what_was_just_made_is_judged_as_its_makers_say() {
    judged(Path::new(&std::env::var_os("GREENLIT_MADE").expect("GREENLIT_MADE names a folder")));
}
