//! Promise: whatever a network brings is answered with what is wrong, or with nothing, and costs nobody else anything.

use std::io::{Read, Write};

use greenlit_testkit::cli::today;
use serde_json::{Value, json};

use super::client::{Portal, exchange};
use super::{person, started};

const JSON: &str = "Content-Type: application/json";
const KEY: &str = "Idempotency-Key: \"bad\"";

#[test]
fn a_wrong_request_is_told_its_fields_and_reasons() {
    let (_desk, _service, portal) = started();
    let with = |pointer: &str, value: Value| {
        let mut body = person(1);
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = value;
        body
    };
    for (pointer, value) in [
        ("/basis", json!("holiday")),
        ("/basis", json!(7)),
        ("/basis", json!(null)),
        ("/on", json!("yesterday")),
        ("/on", json!(20_261_120)),
        ("/on", json!("1970-01-01\u{0}")),
        ("/igg", json!(12.5)),
        ("/igg", json!([])),
        ("/through", json!("2027-01-01")),
        ("/replaces", json!("1")),
        ("/holder/name", json!("R2 D2")),
        ("/holder/name", json!("А\u{0}Б")),
        ("/holder/name", json!("")),
        ("/holder/name", json!("Я".repeat(300))),
        ("/holder/born", json!("2084-05-09")),
        ("/holder/born", json!("1784-05-09")),
        ("/holder/document", json!("12")),
        ("/holder/document", json!("80 12 345678; DROP TABLE pass")),
        ("/holder/document_kind", json!("visa")),
    ] {
        let answer = portal.issue("\"bad\"", &with(pointer, value.clone()));
        assert!(answer.is_problem(400, "invalid-request"), "{pointer} {value}: {}", answer.text());
        let errors = answer.json()["errors"].clone();
        assert_eq!(
            (errors.as_array().unwrap().len(), &errors[0]["pointer"]),
            (1, &json!(pointer)),
            "{value}: {errors}"
        );
    }
    let unknown = portal.issue("\"bad\"", &with("/surname", json!("Ким")));
    assert!(unknown.text().contains("unknown field `surname`"), "{}", unknown.text());
    let mut two = with("/on", json!("?"));
    two["holder"]["born"] = json!("?");
    assert_eq!(portal.issue("\"bad\"", &two).json()["errors"].as_array().unwrap().len(), 2);

    for (ground, on, igg, code) in [
        ("antibodies", today(), Some("10"), "igg-too-low"),
        ("antibodies", today(), Some("<100"), "igg-open"),
        ("vaccination", "2099-01-01".into(), None, "future-date"),
        ("vaccination", "2020-01-01".into(), None, "over"),
    ] {
        let mut body = with("/basis", json!(ground));
        body["on"] = on.into();
        body["igg"] = json!(igg);
        let answer = portal.issue("\"bad\"", &body);
        assert!(answer.is_problem(422, "refused") && answer.json()["code"] == code, "{}", answer.text());
    }
    // None of them has used the key.
    assert_eq!(portal.issue("\"bad\"", &person(1)).status, 201);
}

#[test]
fn what_is_no_request_is_refused_by_its_form() {
    let (_desk, _service, portal) = started();
    let good = person(1).to_string();
    let post = |headers: &[&str], body: &[u8]| portal.send("POST", "/v1/passes", headers, body);
    for (headers, body, status, kind) in [
        (&[KEY][..], good.as_bytes(), 415, "not-json"),
        (&[KEY, "Content-Type: text/plain"], good.as_bytes(), 415, "not-json"),
        (&[KEY, "Content-Type: application/json-seq"], good.as_bytes(), 415, "not-json"),
        (&[JSON], good.as_bytes(), 400, "idempotency-key"),
        (&[JSON, KEY, KEY], good.as_bytes(), 400, "idempotency-key"),
        (&[JSON, "Idempotency-Key: bare"], good.as_bytes(), 400, "idempotency-key"),
        (&[JSON, "Idempotency-Key: \"\""], good.as_bytes(), 400, "idempotency-key"),
        (&[JSON, "Idempotency-Key: \"ключ\""], good.as_bytes(), 400, "idempotency-key"),
        (&[JSON, KEY], b"", 400, "invalid-request"),
        (&[JSON, KEY], b"\0\0\0\0", 400, "invalid-request"),
        (&[JSON, KEY], b"\xff\xfe{}", 400, "invalid-request"),
        (&[JSON, KEY], b"[[[[[[", 400, "invalid-request"),
        (&[JSON, KEY], &[b'['; 16_000], 400, "invalid-request"),
        (&[JSON, KEY], &[b' '; 16_385], 413, "body-too-large"),
        (&[JSON, KEY], &[b' '; 1_000_000], 413, "body-too-large"),
    ] {
        let answer = post(headers, body);
        assert!(answer.is_problem(status, kind), "{headers:?} {}: {answer:?}", body.len());
    }
    // A length that nobody told is counted as it comes.
    let mut stream = portal.connect().unwrap();
    let head = String::from_utf8(portal.request("POST", "/v1/passes", &[JSON, KEY], b"")).unwrap();
    let head = head.replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000));
    let endless = exchange(&mut stream, format!("{head}{}0\r\n\r\n", chunk.repeat(100)).as_bytes()).unwrap();
    assert!(endless.is_problem(413, "body-too-large"), "{endless:?}");

    // Who sends without end is cut off.
    let endless = portal.request("POST", "/v1/passes", &[JSON, KEY], &vec![b' '; 50_000_000]);
    let answer = exchange(&mut portal.connect().unwrap(), &endless);
    assert!(answer.as_ref().is_ok_and(|answer| answer.status == 413) || answer.is_err(), "{answer:?}");

    for (path, status, kind) in [
        ("/v1/passes/1-999", 404, "no-such-pass"),
        ("/v1/passes/999999999999999999999999-1", 404, "no-such-pass"),
        ("/v1/passes/%00", 404, "no-such-pass"),
        ("/v1/passes/%FF", 404, "no-such-pass"),
        ("/v1/passes/1-1'%20OR%20'1'='1", 404, "no-such-pass"),
    ] {
        let answer = portal.get(path);
        assert!(answer.is_problem(status, kind), "{path}: {answer:?}");
    }
    for bad in [json!([]), json!({"suspend": 1}), json!({"suspend": true, "lift": true}), json!({"reason": "a\nb"})] {
        let answer = portal.post("/v1/passes/1-1/revoke", &bad);
        assert!(answer.is_problem(400, "invalid-request"), "{bad}: {answer:?}");
    }
    // What is no HTTP gets no more than that said.
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9\r\n\r\n", &[0; 4_096]] {
        let answer = raw(&portal, bytes);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    let long = format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let answer = raw(&portal, long.as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(portal.issue("\"good\"", &person(1)).status, 201);
}

fn raw(portal: &Portal, bytes: &[u8]) -> String {
    let mut stream = portal.connect().unwrap();
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Write));
    let mut answer = Vec::new();
    // One that was refused before it was read to its end may be cut off.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

#[test]
fn slow_and_silent_connections_keep_nobody_waiting() {
    let (_desk, _service, portal) = started();
    let silent: Vec<_> = (0..200).map(|_| portal.connect().unwrap()).collect();
    let request = portal.request("POST", "/v1/passes", &[JSON, KEY], person(1).to_string().as_bytes());
    let mut slow: Vec<_> = (0..50).map(|_| portal.connect().unwrap()).collect();
    slow.iter_mut().for_each(|stream| stream.write_all(&request[..request.len() - 1]).unwrap());
    assert_eq!(portal.issue("\"good\"", &person(2)).status, 201);
    // Whoever has begun a body and does not end it is told so; whoever hangs up in the middle is not.
    drop(slow.split_off(1));
    let answer = exchange(&mut slow[0], b"").unwrap();
    assert!(answer.is_problem(408, "slow-body"), "{answer:?}");
    assert_eq!(portal.issue("\"good\"", &person(2)).status, 200);
    drop(silent);
}
