//! Promise: `greenlit status` tells whoever looks after many tills how this one stands, in stable words,
//! without changing anything and without a word about a guest.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use greenlit_testkit::cli::CliHarness;
use serde_json::{Value, json};

const DB: &str = "till/greenlit.db";

fn status(desk: &CliHarness) -> (i32, Value) {
    let run = desk.till(&["status", "--json"]);
    assert!(run.err.is_empty(), "{run:#?}");
    let mut all = run.json();
    assert_eq!(all.len(), 1, "{run:#?}");
    assert_eq!(all[0]["exit"], run.code, "{run:#?}");
    (run.code, all.remove(0))
}

#[test]
fn the_fields_are_those_of_the_documentation() {
    let desk = CliHarness::with_till();
    desk.till(&["settings", "sites", "hotel"]).exits_with(0);
    let (code, told) = status(&desk);
    assert_eq!((code, &told["state"], &told["stage"]), (0, &json!("ok"), &json!("fresh")), "{told:#}");
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        names(&told),
        "anchor bundle ca clock clock_floor data_folder exit findings language lists managed mistakes name proxy root site_file \
         sites sound source stage state store version"
    );
    assert_eq!(names(&told["anchor"]), "authority demo fingerprint region");
    assert_eq!(names(&told["root"]), "expires number");
    assert_eq!(names(&told["bundle"]), "due expires issued version");
    assert_eq!(names(&told["lists"][0]), "id issued present stale_after state unusable_after");
    assert_eq!(told["store"], json!({"state": "ok", "message": null, "damaged_copies": []}));
    assert_eq!((&told["sites"], &told["bundle"]["version"]), (&json!(["hotel"]), &json!(1)));
    assert_eq!(told["anchor"]["authority"], "Министерство");
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
    let bundle = &told["bundle"];
    let days = |from: &Value, to: &Value| (time(to) - time(from)).num_days();
    assert_eq!((days(&bundle["issued"], &bundle["due"]), days(&bundle["issued"], &bundle["expires"])), (14, 120));
    let list = &told["lists"][0];
    assert_eq!((days(&list["issued"], &list["stale_after"]), &list["state"]), (3, &json!("fresh")));
    assert!(time(&told["clock"]) >= time(&told["clock_floor"]));

    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fleet.md")).unwrap();
    for field in [
        "anchor",
        "bundle",
        "clock_floor",
        "damaged_copies",
        "due",
        "findings",
        "managed",
        "mistakes",
        "unusable_after",
    ] {
        assert!(page.contains(&format!("`{field}`")), "{field} is not in docs/fleet.md");
    }
    let for_people = desk.till(&["status"]).exits_with(0);
    for words in ["stage: fresh", "Министерство (RU-BA)", "version 1", "status list 1: fresh", "sites: hotel"]
    {
        assert!(for_people.contains(words), "{words} is not in {for_people}");
    }
}

#[test]
fn a_till_without_trust_data_cannot_judge() {
    let desk = CliHarness::with_authority();
    let (code, told) = status(&desk);
    assert_eq!((code, &told["stage"], &told["store"]["state"]), (2, &json!("none"), &json!("none")), "{told:#}");
    assert!(told["anchor"].is_null() && told["bundle"].is_null() && told["lists"] == json!([]));
    assert!(!desk.path("till").exists(), "looking makes no folder");
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    let (code, told) = status(&desk);
    assert_eq!((code, &told["stage"], &told["store"]["state"]), (2, &json!("none"), &json!("ok")), "{told:#}");
    assert_eq!(told["root"]["number"], 1);
    assert!(desk.till(&["status"]).exits_with(2).contains("stage: none"));
}

#[test]
fn the_state_of_the_store_is_told_and_nothing_is_changed() {
    let desk = CliHarness::with_till();
    let good = desk.read(DB);
    let sql = |sql: &str| {
        desk.write(DB, &good);
        rusqlite::Connection::open(desk.path(DB)).unwrap().execute_batch(sql).unwrap();
    };
    let state = |wanted: &str, code: i32| {
        let before = desk.read(DB);
        let (exit, told) = status(&desk);
        assert_eq!((&told["store"]["state"], exit), (&json!(wanted), code), "{told:#}");
        assert_eq!(told["store"]["message"].is_null(), matches!(wanted, "ok" | "none"));
        assert_eq!(desk.read(DB), before);
        told
    };
    desk.write(DB, b"junk");
    state("damaged", 2);
    desk.write(DB, &good[..2 * 4096]);
    state("damaged", 2);
    desk.write(DB, b"");
    state("none", 2);
    sql("PRAGMA user_version = 99");
    state("too-new", 2);
    sql("UPDATE document SET bytes = x'00' WHERE kind = 'bundle'");
    state("altered", 2);
    sql("DELETE FROM document WHERE kind = 'list'");
    let told = state("ok", 2);
    assert_eq!((&told["lists"][0]["present"], &told["lists"][0]["state"]), (&json!(false), &json!("missing")));
    desk.shell(&format!("rm {DB}; mkdir {DB}")).exits_with(0);
    assert_eq!(status(&desk).1["store"]["state"], "not-a-file");
    desk.shell(&format!("rmdir {DB}")).exits_with(0);
    desk.write("till/greenlit.db.damaged-20210101T000000Z", b"");
    desk.write(DB, &good);
    desk.shell(&format!("chmod 600 {DB}")).exits_with(0);
    let told = state("ok", 0);
    assert_eq!(told["store"]["damaged_copies"], json!(["greenlit.db.damaged-20210101T000000Z"]));
}

#[test]
fn mistakes_in_the_site_file_are_told() {
    let desk = CliHarness::with_till();
    desk.write(
        "site.toml",
        "language = \"tatar\"\nsites = [\"hotel\"]\nproxy = \"http://user:secret@proxy:3128\"\nsorce = 1\n",
    );
    desk.shell("chmod 600 site.toml").exits_with(0);
    let run = desk.till(&["--site-file", "site.toml", "status", "--json"]);
    let told = &run.json()[0];
    assert_eq!((run.code, &told["state"]), (1, &json!("attention")), "{run:#?}");
    let mistakes: Vec<_> = told["mistakes"].as_array().unwrap().iter().map(|m| (&m["line"], &m["code"])).collect();
    assert_eq!(mistakes, [(&json!(1), &json!("unknown-language")), (&json!(4), &json!("unknown-key"))]);
    assert_eq!((&told["managed"], &told["sites"]), (&json!(["sites", "proxy"]), &json!(["hotel"])));
    assert_eq!(told["proxy"], "http://…@proxy:3128");
    let for_people = desk.till(&["--site-file", "site.toml", "status"]).exits_with(1);
    assert!(for_people.contains("sites: hotel (from /") && for_people.contains("  line 4: unknown key \"sorce\""));
    assert!(!for_people.contains("secret"));
    // Another root than the file's: told here too.
    let zeros = "0".repeat(64);
    desk.write("site.toml", format!("root = \"pub/root-1.cbor\"\nfingerprint = \"{zeros}\"\n"));
    let run = desk.till(&["--site-file", "site.toml", "status", "--json"]);
    assert_eq!((run.code, &run.json()[0]["mistakes"][0]["code"]), (1, &json!("other-root-trusted")), "{run:#?}");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let desk = CliHarness::with_till();
    let run = desk.shell("greenlit --data till status | true; greenlit --data till status >/dev/full");
    assert!(run.code == 2 && run.err.lines().count() == 1, "{run:#?}");
}

#[test]
fn trust_show_reckons_the_age_as_status_does() {
    const DAY: i64 = 86_400;
    // A root that expires before the bundle below it.
    let desk = CliHarness::new();
    desk.init("a");
    let expires = (chrono::Utc::now() + chrono::Days::new(20)).to_rfc3339();
    desk.issuer(&["root", "new", "a", "--expires", &expires]).exits_with(0);
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "pub"]).exits_with(0);
    for (days, stage, words) in [
        (0, "fresh", "fresh"),
        (13, "soon", "needs updating within 48 hours"),
        (15, "stale", "out of date, still used"),
        (21, "expired", "expired: no longer used"),
        (-1, "clock-behind", "age unknown: the clock is behind"),
    ] {
        let status = &desk.shell_ahead(days * DAY, "greenlit --data till status --json").json()[0];
        assert_eq!(status["stage"], stage, "{status:#}");
        let run = desk.shell_ahead(days * DAY, "greenlit --data till trust show");
        let made = format!("version 1, made {}: {words}\n", status["bundle"]["issued"].as_str().unwrap());
        assert!(run.out.contains(&made), "{run:#?}");
        let [due, stops] = ["due", "expires"].map(|key| status["bundle"][key].as_str().unwrap().to_owned());
        assert!(run.out.contains(&format!("  update due {due}, expires {stops}\n")), "{run:#?}");
        assert_eq!(run.code == 2, ["expired", "clock-behind"].contains(&stage), "{run:#?}");
    }
}

/// The lines of a text format that Prometheus and OpenMetrics share: name and labels, and value.
fn samples(text: &str) -> std::collections::BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.into(), value.parse().unwrap()))
        .collect()
}

#[test]
fn metrics_say_what_the_report_says() {
    let desk = CliHarness::new();
    let text = |name: &str| String::from_utf8(desk.read(name)).unwrap();
    desk.issuer(&["demo", "d"]).exits_with(0);
    assert_eq!(desk.till(&["status", "--openmetrics", "none.prom"]).exits_with(2), "");
    let none = samples(&text("none.prom"));
    assert_eq!((none["greenlit_state"], none["greenlit_trust_stage{stage=\"none\"}"]), (2.0, 1.0));
    assert!(!none.keys().any(|name| name.starts_with("greenlit_trust_expires")), "{none:#?}");
    desk.till(&["trust", "add", "--yes", "d/published/root-1.cbor"]).exits_with(0);
    desk.till(&["sync", "d/published"]).exits_with(0);
    desk.write("site.toml", "langage = \"ru\"\n");
    let site = ["--site-file", "site.toml"];
    desk.till(&[&site[..], &["status", "--openmetrics", "till.prom"]].concat()).exits_with(1);
    let report = desk.till(&[&site[..], &["status", "--json"]].concat()).json().remove(0);
    let text = text("till.prom");
    let all = samples(&text);
    let time = |text: &Value| chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap().timestamp() as f64;
    for (name, value) in [
        ("state", 1.0),
        ("trust_stage{stage=\"fresh\"}", 1.0),
        ("trust_stage{stage=\"expired\"}", 0.0),
        ("trust_version", report["bundle"]["version"].as_f64().unwrap()),
        ("trust_expires_timestamp_seconds", time(&report["bundle"]["expires"])),
        ("root_number", 1.0),
        ("practice_authority", 1.0),
        ("list_usable{list=\"1\"}", 1.0),
        ("list_unusable_timestamp_seconds{list=\"1\"}", time(&report["lists"][0]["unusable_after"])),
        ("site_file_mistakes", 1.0),
        ("store_ok", 1.0),
    ] {
        assert_eq!(all.get(&format!("greenlit_{name}")), Some(&value), "{name} in {text}");
    }
    // The sample alerts ask for nothing that is not there.
    let alerts = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/fleet/alerts.yml")).unwrap();
    let named: Vec<_> = alerts
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("greenlit_"))
        .collect();
    assert!(named.len() >= 4);
    for name in named {
        assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{name}");
    }
    // Each family is told of once, before its samples; neither format allows more.
    let families: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let unique: std::collections::BTreeSet<_> = families.iter().collect();
    assert_eq!(families.len(), unique.len());
    for name in all.keys() {
        let family = name.split('{').next().unwrap();
        assert!(families.contains(&format!("{family} gauge").as_str()), "{name}");
    }
    assert!(text.ends_with("# EOF\n"));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(desk.path("till.prom").metadata().unwrap().permissions().mode() & 0o777, 0o644);
}
