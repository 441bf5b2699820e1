//! Promise: the WHO's test certificates are opened by the key in its trust list, and certificates made by its published
//! models say what they should.

use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::{Algorithm, Born, Presented, Scheme, SchemeKey, Statement, Unread};
use greenlit_core::time::UnixTime;
use greenlit_schemes::{Recognised, recognise};
use serde_json::{Value, json};

use crate::signing::{self, Token};

fn presented(text: &str) -> Box<Presented> {
    match recognise(text.as_bytes()) {
        Recognised::Pass(pass) if pass.scheme() == Scheme::Hcert => pass,
        other => panic!("{text}: {other:?}"),
    }
}

fn facts(statement: &Statement) -> Vec<(&str, &str)> {
    statement.facts.iter().map(|fact| (fact.name, fact.value.as_str())).collect()
}

fn time(text: &str) -> Option<UnixTime> {
    Some(UnixTime::parse_rfc3339(text).unwrap())
}

#[test]
fn a_yellow_card_is_opened_by_the_key_in_the_whos_list_and_those_of_another_key_are_not() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/foreign/hcert-who/yellow-cards.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let part = |name: &str| vectors["key"][name].as_str().unwrap();
    let key =
        SchemeKey::read(Algorithm::Es256, &hex::decode(format!("04{}{}", part("x"), part("y"))).unwrap()).unwrap();
    for card in vectors["cards"].as_array().unwrap() {
        let pass = presented(card["text"].as_str().unwrap());
        assert_eq!(pass.key_id().map(hex::encode).as_deref(), vectors["key"]["kid"].as_str());
        let opened = pass.open(&key);
        assert_eq!(opened.is_some(), card["expected"] == "opens", "{}", card["file"]);
        let Some(statement) = opened else { continue };
        let statement = statement.unwrap();
        let text = |name: &str| card[name].as_str();
        assert_eq!((statement.kind.as_str(), statement.issuer.as_deref()), ("yellow-card", text("issuer")));
        assert_eq!(statement.issued.map(|at| at.seconds()), card["issued"].as_u64());
        assert_eq!(statement.holder.name.as_deref(), text("name"));
        assert_eq!(statement.holder.born, Born::parse(text("born").unwrap()));
        assert_eq!(statement.holder.document.as_deref(), text("document"));
        for (name, value) in card["facts"].as_object().unwrap() {
            let found: Vec<&str> =
                facts(&statement).into_iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
            assert_eq!(found, [value.as_str().unwrap()], "{name}");
        }
        assert_eq!(statement.facts.len(), card["facts"].as_object().unwrap().len());
        // It was issued after the day from which it counts, and has no end.
        assert!(statement.issued > time(text("from").unwrap()));
        assert_eq!((statement.not_before, statement.expires), (statement.issued, None));
    }
}

const ISSUED: u64 = 1_780_000_000;

/// Reads a certificate of this kind that our own key signed.
fn read_within(kind: i64, body: &Value, expires: Option<u64>) -> Result<Statement, Unread> {
    let token = Token { issuer: "XCL", issued: ISSUED, expires };
    let text = signing::hcert(&token, &[(kind, body)]);
    let pass = presented(&text);
    assert!(pass.open(&signing::es256(9)).is_none(), "opened by another key");
    pass.open(&signing::es256(1)).expect("signed by this key")
}

fn read(kind: i64, body: &Value) -> Result<Statement, Unread> {
    read_within(kind, body, None)
}

fn coding(code: &str) -> Value {
    json!({ "system": "http://example.org/codes", "code": code, "display": "as people say it" })
}

/// After the logical model DDCCCoreDataSet.VS, with each field that it has.
fn vaccination() -> Value {
    json!({
        "name": "Земфира Баязитова", "birthDate": "1984-05-09", "sex": coding("female"), "identifier": "1234567890",
        "certificate": {
            "issuer": { "identifier": "moh" }, "kid": "k", "hcid": "111000111", "version": "RC2",
            "period": { "start": "2026-06-01", "end": "2027-05-31" },
        },
        "vaccination": {
            "vaccine": coding("XM0GQ8"), "brand": coding("XM3PG0"), "manufacturer": "Organization/973",
            "maholder": coding("M"), "lot": "PT123F", "date": "2026-05-20", "validFrom": "2026-06-03", "dose": 2,
            "totalDoses": 3, "country": coding("RUS"), "centre": "Site", "practitioner": "23",
            "disease": coding("RA01"), "nextDose": null,
        },
    })
}

#[test]
fn a_vaccination_says_what_the_core_data_set_says() {
    let statement = read(3, &vaccination()).unwrap();
    assert_eq!((statement.kind.as_str(), statement.issuer.as_deref()), ("vaccination", Some("XCL")));
    assert_eq!(statement.holder.name.as_deref(), Some("Земфира Баязитова"));
    assert_eq!((statement.holder.born, statement.holder.document.clone()), (Born::parse("1984-05-09"), None));
    let mut found = facts(&statement);
    found.sort_unstable();
    let wanted = [
        ("country", "RUS"),
        ("disease", "RA01"),
        ("dose", "2"),
        ("doses", "3"),
        ("product", "XM3PG0"),
        ("vaccinated", "2026-05-20"),
        ("vaccine", "XM0GQ8"),
    ];
    assert_eq!(found, wanted);
    // The latest of its beginnings, and the end of its last day.
    assert_eq!(statement.not_before, time("2026-06-03T00:00:00Z"));
    assert_eq!(statement.expires, time("2027-06-01T00:00:00Z"));
    let mut body = vaccination();
    body["vaccination"]["validFrom"] = json!(null);
    assert_eq!(read(3, &body).unwrap().not_before, time("2026-06-01T00:00:00Z"));
}

#[test]
fn a_test_says_what_the_core_data_set_says() {
    let body = json!({
        "meta": { "reference": "ABC" }, "name": "TAN CHEN CHEN", "birthDate": "1990-01-15",
        "test": {
            "date": "2026-07-27T06:15:00Z", "type": coding("LP6464-4"), "centre": "Lab", "origin": coding("258500001"),
            "result": coding("260415000"), "country": coding("SGP"), "pathogen": coding("XN109"),
        },
    });
    let statement = read(4, &body).unwrap();
    assert_eq!((statement.kind.as_str(), statement.holder.name.as_deref()), ("test", Some("TAN CHEN CHEN")));
    let mut found = facts(&statement);
    found.sort_unstable();
    let wanted = [
        ("country", "SGP"),
        ("disease", "XN109"),
        ("result", "260415000"),
        ("sampled", "2026-07-27T06:15:00Z"),
        ("test-type", "LP6464-4"),
    ];
    assert_eq!(found, wanted);
    assert_eq!((statement.not_before.map(|at| at.seconds()), statement.expires), (Some(ISSUED), None));
}

/// Of the second generation: a version under `v`, the vaccination under `vx`, the type of a document under `dt`.
fn yellow_card() -> Value {
    json!({
        "n": "Aulo Agerio", "dob": "1959-08-11", "s": "male", "nt": "BRA", "id": "AB1234567", "dt": "PPN", "gn": "Parent",
        "v": "1.0", "d": "2026-06-01",
        "vx": { "vp": "YellowFeverProduct1", "dv": "2026-05-20", "cn": "Clinician", "is": "XCL", "bo": "123" },
    })
}

#[test]
fn a_yellow_card_of_the_second_generation_is_read_by_its_own_names() {
    let statement = read(-6, &yellow_card()).unwrap();
    assert_eq!(statement.kind, "yellow-card");
    assert_eq!(statement.holder.document.as_deref(), Some("4567"));
    let mut found = facts(&statement);
    found.sort_unstable();
    let wanted = [("nationality", "BRA"), ("product", "YellowFeverProduct1"), ("vaccinated", "2026-05-20")];
    assert_eq!(found, wanted);
}

#[test]
fn a_certificate_is_good_within_its_own_period_and_within_its_tokens() {
    let mut card =
        json!({ "n": "A", "v": { "vp": "P", "dt": "2026-05-20", "vls": "2026-06-10", "vle": "2026-07-01" } });
    let bounds = |card: &Value, expires| {
        read_within(-6, card, expires).map(|statement| (statement.not_before, statement.expires))
    };
    let (from, until) = (time("2026-06-10T00:00:00Z"), time("2026-07-02T00:00:00Z"));
    assert_eq!(bounds(&card, None), Ok((from, until)));
    let exp = time("2026-06-20T12:00:00Z").unwrap();
    assert_eq!(bounds(&card, Some(exp.seconds())), Ok((from, Some(exp.plus(1)))));
    card["v"]["vle"] = json!("2026-07-01T10:00:00+05:00");
    assert_eq!(bounds(&card, None), Ok((from, time("2026-07-01T05:00:01Z"))));
    for nothing in [json!(null), json!(""), json!(" ")] {
        card["v"]["vle"] = nothing;
        assert_eq!(bounds(&card, None), Ok((from, None)));
    }
    card["v"]["vls"] = json!("1904-08-23");
    assert_eq!(bounds(&card, None), Ok((UnixTime::new(ISSUED), None)));
    // Without its end it would be good for ever.
    for unreadable in [json!("07/2026"), json!("2026-07"), json!(20_260_701), json!(["2026-07-01"]), json!({})] {
        card["v"]["vle"] = unreadable.clone();
        let refused = bounds(&card, None);
        assert!(matches!(refused, Err(Unread::Malformed(Malformed::Invalid { .. }))), "{unreadable}: {refused:?}");
    }
}

#[test]
fn a_period_that_is_none_is_not_passed_over() {
    let mut body = vaccination();
    body["certificate"]["period"] = json!(null);
    assert_eq!(read(3, &body).unwrap().expires, None);
    for unreadable in [json!("2027-05-31"), json!([]), json!({ "end": 2027 })] {
        body["certificate"]["period"] = unreadable.clone();
        assert!(matches!(read(3, &body), Err(Unread::Malformed(_))), "{unreadable}");
    }
}

#[test]
fn several_events_or_kinds_in_one_certificate_are_not_chosen_from() {
    for (kind, body) in [(3, vaccination()), (-6, yellow_card())] {
        let one = read(kind, &body).unwrap();
        assert_eq!(read(kind, &json!([body])), Ok(one));
        assert!(matches!(read(kind, &json!([body, body])), Err(Unread::Newer(_))));
        assert!(matches!(read(kind, &json!([])), Err(Unread::Malformed(_))));
        assert!(matches!(
            read(kind, &json!({ "n": "A", "name": "A" })),
            Err(Unread::Malformed(Malformed::Missing("event")))
        ));
    }
    let mut card = yellow_card();
    card["v"] = card["vx"].clone();
    assert!(matches!(read(-6, &card), Err(Unread::Malformed(Malformed::Invalid { .. }))));
    let token = Token { issuer: "XCL", issued: ISSUED, expires: None };
    let both = signing::hcert(&token, &[(3, &vaccination()), (-6, &yellow_card())]);
    assert!(matches!(presented(&both).open(&signing::es256(1)), Some(Err(Unread::Malformed(_)))));
}

#[test]
fn a_health_link_and_kinds_to_come_are_newer() {
    for kind in [0, 2, 5, 6, -1, -7] {
        assert!(matches!(read(kind, &json!([{ "u": "vhlink:/e30" }])), Err(Unread::Newer(_))), "{kind}");
    }
}
