//! Promise: a portal gets passes over HTTP, each lasting before it is answered and once each, whatever a network brings.

mod bad_input;
mod client;
mod crash;
mod database;
mod doors;
mod trouble;

use std::collections::BTreeSet;
use std::sync::Barrier;

use greenlit_testkit::cli::{self, CliHarness};
use serde_json::{Value, json};

use client::{Portal, Service};

/// What a portal sends for one of many people.
fn person(number: usize) -> Value {
    json!({ "basis": "vaccination", "on": cli::today(), "holder": {
        "name": "Закирова Ильсияр Булатовна", "born": "1984-05-09", "document": format!("80 12 {number:06}"),
    }})
}

/// An authority, and a service of it with one client that may do everything.
fn started() -> (CliHarness, Service, Portal) {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "portal", "issue,read,revoke,metrics", &[]);
    let service = Service::start(&desk, &[]);
    let portal = service.portal(&token);
    (desk, service, portal)
}

#[test]
fn a_portal_issues_looks_up_suspends_and_revokes_and_the_till_agrees() {
    let desk = CliHarness::with_till();
    let token = client::add(&desk, "portal", "issue,read,revoke", &[]);
    let service = Service::start(&desk, &[]);
    let portal = service.portal(&token);
    let issued = portal.issue("\"first\"", &person(1));
    assert_eq!((issued.status, &issued.json()["result"]), (201, &json!("issued")));
    let told = issued.json();
    let (reference, pass) = (told["ref"].as_str().unwrap(), told["pass"].as_str().unwrap());
    assert_eq!(issued.header("location"), Some(format!("/v1/passes/{reference}").as_str()));
    assert_eq!((&told["valid_from"], &told["class"]), (&json!(cli::today()), &json!(1)));
    assert_eq!(desk.code(pass, None), "OK");

    // What is there says nothing of its holder, and who did what.
    let path = format!("/v1/passes/{reference}");
    let shown = portal.get(&path);
    assert_eq!((shown.status, &shown.json()["status"], &shown.json()["history"]), (200, &json!("valid"), &json!([])));
    assert!(!shown.text().contains("GL1:"), "{}", shown.text());
    let change = |body: Value| portal.post(&format!("{path}/revoke"), &body);
    for (body, status, changed) in [
        (json!({"suspend": true, "reason": "asked by phone"}), "suspended", true),
        (json!({"suspend": true}), "suspended", false),
        (json!({"lift": true}), "valid", true),
        (json!({"lift": true}), "valid", false),
        (json!({"reason": "given in error"}), "revoked", true),
        (json!({}), "revoked", false),
    ] {
        let answer = change(body.clone());
        let told = answer.json();
        assert_eq!(
            (answer.status, &told["status"], &told["changed"]),
            (200, &json!(status), &json!(changed)),
            "{body}"
        );
    }
    for body in [json!({"suspend": true}), json!({"lift": true})] {
        assert!(change(body).is_problem(409, "revoked-for-good"));
    }
    let history = portal.get(&path).json()["history"].as_array().unwrap().clone();
    let statuses: Vec<&str> = history.iter().map(|change| change["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["suspended", "valid", "revoked"]);
    assert!(history.iter().all(|change| change["operator"] == "client:portal"), "{history:?}");
    assert_eq!((&history[0]["reason"], &history[2]["reason"]), (&json!("asked by phone"), &json!("given in error")));
    let listed = desk.issuer(&["revoked", "a"]).exits_with(0);
    assert!(listed.contains("client:portal") && listed.contains("given in error"), "{listed}");
    desk.publish_and_sync();
    assert_eq!(desk.code(pass, None), "REV");

    // Neither the same request nor another one gives it back.
    for key in ["\"first\"", "\"second\""] {
        let again = portal.issue(key, &person(1));
        assert!(again.is_problem(422, "refused") && again.json()["code"] == "revoked", "{}", again.text());
    }
    // In its place another one is given, once.
    let other = portal.issue("\"third\"", &person(2)).json();
    let replacing = json!({ "replaces": other["ref"], "basis": "vaccination", "on": cli::today(),
        "holder": { "name": "Ким А", "born": "09.05.1984", "document": "A3456789", "document_kind": "foreign-passport" }});
    let new = portal.issue("\"new\"", &replacing);
    assert_eq!(new.status, 201, "{}", new.text());
    let shown = portal.get(new.header("location").unwrap()).json();
    assert_eq!(shown["replaces"], other["ref"]);
    let old = portal.get(&format!("/v1/passes/{}", other["ref"].as_str().unwrap())).json();
    assert_eq!(old["status"], "revoked");
    assert_eq!(portal.issue("\"new\"", &replacing).json()["result"], "repeated");
    assert!(portal.issue("\"newer\"", &replacing).is_problem(409, "not-replaceable"));
}

#[test]
fn the_same_request_gets_the_same_pass_and_another_one_a_conflict() {
    let (desk, service, portal) = started();
    let first = portal.issue("\"one\"", &person(1)).json();
    let again = portal.issue("\"one\"", &person(1));
    assert_eq!((again.status, &again.json()["result"]), (200, &json!("repeated")));
    assert_eq!(again.json()["pass"], first["pass"]);
    assert!(portal.issue("\"one\"", &person(2)).is_problem(409, "idempotency-key-reused"));
    // Somebody else's key is another one, and the person has the pass.
    let other = service.portal(&client::add(&desk, "clinic", "issue", &[]));
    let held = other.issue("\"one\"", &person(1)).json();
    assert_eq!((&held["result"], &held["pass"]), (&json!("already"), &first["pass"]));
    // Under another name the document is somebody else's.
    let mut named = person(1);
    named["holder"]["name"] = "Другой Человек".into();
    let refused = portal.issue("\"two\"", &named);
    assert!(refused.is_problem(400, "invalid-request"), "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["pointer"], "/holder/name");

    // From many at once it is one pass, whether they send one request or each their own.
    let barrier = Barrier::new(16);
    let ask = |key: &str| {
        barrier.wait();
        portal.issue(key, &person(3)).json()
    };
    for own in [false, true] {
        let answers: Vec<Value> = std::thread::scope(|scope| {
            let ask = &ask;
            let key = move |number| if own { format!("\"own-{number}\"") } else { "\"all\"".to_owned() };
            let threads: Vec<_> = (0..16).map(|number| scope.spawn(move || ask(&key(number)))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let passes: BTreeSet<&str> = answers.iter().map(|answer| answer["pass"].as_str().unwrap()).collect();
        assert_eq!(passes.len(), 1, "{answers:?}");
        let issued = answers.iter().filter(|answer| answer["result"] == "issued").count();
        assert_eq!(issued, usize::from(!own), "{answers:?}");
    }

    // What was answered is answered again after the rules changed and it would be refused, or get another class.
    let rules = String::from_utf8(desk.read("a/rules.toml")).unwrap();
    let strict = rules.replace("\nmonths = 12", "\nthrough = \"2021-12-31\"");
    assert_ne!(strict, rules);
    desk.write("a/rules.toml", &strict);
    let told = portal.issue("\"new rules\"", &person(4));
    assert!(told.is_problem(422, "refused") && told.json()["code"] == "over", "{}", told.text());
    assert_eq!(portal.issue("\"one\"", &person(1)).json()["pass"], first["pass"]);
    assert!(portal.issue("\"one\"", &person(2)).is_problem(409, "idempotency-key-reused"));
    desk.write("a/rules.toml", &rules);
    assert_eq!(portal.issue("\"new rules\"", &person(4)).status, 201);
}

#[test]
fn a_client_does_what_it_may_and_no_more() {
    let (desk, service, portal) = started();
    let reference = portal.issue("\"one\"", &person(1)).json()["ref"].as_str().unwrap().to_owned();
    let (show, revoke) = (format!("/v1/passes/{reference}"), format!("/v1/passes/{reference}/revoke"));
    for (rights, allowed) in
        [("issue", [1, 0, 0, 0]), ("read", [0, 1, 0, 0]), ("revoke", [0, 0, 1, 0]), ("metrics", [0, 0, 0, 1])]
    {
        let client = service.portal(&client::add(&desk, rights, rights, &[]));
        let answers = [
            client.issue("\"x\"", &person(1)),
            client.get(&show),
            client.post(&revoke, &json!({"lift": true})),
            client.get("/metrics"),
        ];
        let may = answers.each_ref().map(|answer| u8::from(answer.status == 200));
        assert_eq!(may, allowed, "{rights}");
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.is_problem(403, "forbidden")), "{rights}");
    }
    // To replace is to revoke.
    let issuer = service.portal(&client::add(&desk, "issuer", "issue", &[]));
    let mut replacing = person(9);
    replacing["replaces"] = reference.into();
    assert!(issuer.issue("\"y\"", &replacing).is_problem(403, "forbidden"));

    for token in ["", "gli_0", &portal.token.to_uppercase()] {
        let refused = service.portal(token).get(&show);
        assert!(refused.is_problem(401, "unauthorized"), "{token}");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
    let twice = format!("Authorization: Bearer {}", portal.token);
    assert!(portal.send("GET", &show, &[&twice], b"").is_problem(401, "unauthorized"));
    // One that is removed is let in no more, without a new start.
    let listed = desk.issuer(&["clients", "a"]).exits_with(0);
    assert!(listed.contains("portal") && listed.contains("issue,read,revoke,metrics") && !listed.contains("gli_"));
    desk.issuer(&["clients", "a", "remove", "portal"]).exits_with(0);
    assert!(portal.get(&show).is_problem(401, "unauthorized"));
    desk.issuer(&["clients", "a", "remove", "portal"]).fails_with("no client portal");
    desk.issuer(&["clients", "a", "add", "Portal", "--may", "read"]).fails_with("a client's name is");
    desk.issuer(&["clients", "a", "add", "issuer", "--may", "read"]).fails_with("is a client already");
}

#[test]
fn a_client_that_asks_too_often_is_told_when_to_come_again() {
    let (desk, service, portal) = started();
    let slow = service.portal(&client::add(&desk, "slow", "read", &["--rate", "1"]));
    // Two hundred at once take the service less than the two hundred seconds in which they would be allowed.
    let answers = slow.pipeline("GET", "/v1/passes/1-1", 200);
    let refused: Vec<_> = answers.iter().filter(|answer| answer.is_problem(429, "rate")).collect();
    assert!(answers[0].is_problem(404, "no-such-pass") && !refused.is_empty());
    assert!(refused.iter().all(|answer| answer.header("retry-after") == Some("1")));
    // It costs the others nothing.
    assert_eq!(portal.issue("\"one\"", &person(1)).status, 201);
}

#[test]
fn the_log_and_the_figures_name_requests_and_nobody() {
    let (desk, mut service, portal) = started();
    let answer = portal.issue("\"key-of-345678\"", &person(345_678));
    let id = answer.header("x-request-id").unwrap().to_owned();
    let (reference, pass) = (answer.json()["ref"].clone(), answer.json()["pass"].as_str().unwrap()[..40].to_owned());
    let mut wrong = person(1);
    wrong["holder"]["name"] = "R2 Ильсияр".into();
    wrong["holder"]["born"] = "1984-05-09".into();
    portal.issue("\"wrong\"", &wrong);
    portal.send(
        "POST",
        "/v1/passes",
        &["Content-Type: application/json", "Idempotency-Key: \"x\""],
        "{\"Закирова".as_bytes(),
    );
    portal.post(&format!("/v1/passes/{}/revoke", reference.as_str().unwrap()), &json!({"reason": "тайна"}));
    portal.get("/v1/passes/%D0%97%D0%B0?document=345678");
    let figures = portal.get("/metrics");
    assert_eq!(figures.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let figures = figures.text();
    for line in [
        "greenlit_issuer_passes_total{result=\"issued\"} 1\n",
        "greenlit_issuer_problems_total{reason=\"invalid-request\"} 2\n",
        "status=\"201\"} 1\n",
        "greenlit_issuer_request_duration_seconds_count{route=\"/v1/passes\"} 3\n",
        "greenlit_issuer_group_passes_count 1\n",
    ] {
        assert!(figures.contains(line), "{line}: {figures}");
    }
    assert!(figures.ends_with("# EOF\n"), "{figures}");
    assert!(service.end().success());
    let log = service.log().join("\n");
    assert!(log.contains("POST /v1/passes 201 - ") && log.contains(&format!("client=portal id={id}")), "{log}");
    for secret in ["Закирова", "Ильсияр", "345678", "1984-05", "тайна", &pass, &portal.token, "%D0"]
    {
        assert!(!log.contains(secret) && !figures.contains(secret), "{secret}: {log}");
    }
    // Nor is it in the authority's folder.
    let kept = desk.shell(&format!("grep -rlaF -e Ильсияр -e 345678 -e '{pass}' -e '{}' a", &portal.token[4..]));
    assert_eq!((kept.code, kept.out.as_str()), (1, ""), "{kept:#?}");
}

#[test]
fn the_description_has_every_way_to_ask_and_no_other() {
    let (_desk, _service, portal) = started();
    let served = portal.get("/v1/openapi.json");
    assert_eq!(served.json(), *client::OPENAPI);
    for path in client::OPENAPI["paths"].as_object().unwrap().keys() {
        let asked = path.replace("{ref}", "1-1");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let described = client::OPENAPI["paths"][path].get(method.to_lowercase()).is_some();
            let answer = portal.send_undescribed(method, &asked, &["Content-Type: application/json"], b"{}");
            assert_eq!(answer.status != 405, described, "{method} {path}: {answer:?}");
        }
    }
    assert!(portal.send_undescribed("GET", "/v1", &[], b"").is_problem(404, "not-found"));
}
