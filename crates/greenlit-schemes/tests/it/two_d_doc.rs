//! Promise: France's published examples are opened by the test certificate's key, and say what was published with them;
//! altered ones are not opened, and nothing of 2D-Doc is known outside a Data Matrix.

use greenlit_core::scheme::{Algorithm, Born, Presented, Scheme, SchemeKey, Statement, Unread};
use greenlit_schemes::{Recognised, recognise, recognise_data_matrix};
use serde_json::Value;

use crate::certificates;

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../vectors/foreign/2d-doc/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn key() -> SchemeKey {
    certificates::key(&certificates::certificate(&read("test_cert.pem")), Algorithm::Rs256).unwrap()
}

/// Type and bytes of each example of a file.
fn examples(name: &str) -> Vec<(String, Vec<u8>)> {
    let examples: Value = serde_json::from_slice(&read(name)).unwrap();
    let text = |example: &Value, part: &str| example[part].as_str().unwrap().to_owned();
    let bytes = |message: String| message.replace("<GS>", "\x1d").replace("<US>", "\x1f").into_bytes();
    let examples = examples.as_array().unwrap().iter();
    examples.map(|example| (text(example, "documentTypeId"), bytes(text(example, "message")))).collect()
}

fn presented(bytes: &[u8]) -> Box<Presented> {
    match recognise_data_matrix(bytes) {
        Recognised::Pass(pass) if pass.scheme() == Scheme::TwoDDoc => pass,
        other => panic!("{}: {other:?}", String::from_utf8_lossy(bytes)),
    }
}

fn statement(file: &str, kind: &str) -> Statement {
    let (_, bytes) = examples(file).into_iter().find(|(other, _)| other == kind).unwrap();
    presented(&bytes).open(&key()).unwrap().unwrap()
}

fn fact<'s>(statement: &'s Statement, name: &str) -> Option<&'s str> {
    statement.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
}

fn opens(bytes: &[u8], key: &SchemeKey) -> bool {
    matches!(recognise_data_matrix(bytes), Recognised::Pass(pass) if pass.open(key).is_some())
}

#[test]
fn every_published_example_is_opened_by_the_test_key_and_read_or_called_newer() {
    let (key, mut newer) = (key(), Vec::new());
    let mut all = examples("examples.json");
    all.extend(examples("specification.json"));
    all.push(("01".into(), read("barcode_c40_v2.txt").trim_ascii_end().to_vec()));
    assert_eq!(all.len(), 21);
    for (kind, bytes) in all {
        let pass = presented(&bytes);
        assert_eq!(pass.key_id(), Some(&b"FR000001"[..]), "{kind}");
        match pass.open(&key).unwrap_or_else(|| panic!("{kind} is not opened")) {
            Ok(statement) => assert_eq!(statement.kind, format!("2d-doc/{kind}")),
            Err(Unread::Newer(_)) => newer.push(kind),
            Err(error) => panic!("{kind}: {error}"),
        }
    }
    assert_eq!(newer, ["A4", "A7", "25"]);
}

#[test]
fn a_statement_has_holder_dates_and_facts() {
    let receipt = statement("specification.json", "B1");
    assert_eq!(receipt.holder.name.as_deref(), Some("BERTHIER CORINNE NATACHA"));
    assert_eq!(receipt.holder.born, Born::parse("1973-07-12"));
    assert_eq!((receipt.holder.document.as_deref(), receipt.issuer.as_deref()), (Some("R-35"), Some("FR")));
    assert_eq!(receipt.issued.map(|time| time.to_string()).as_deref(), Some("2018-06-25T00:00:00Z"));
    assert_eq!((fact(&receipt, "emitted"), fact(&receipt, "academic-year")), (Some("2018-06-25"), None));

    let card = statement("specification.json", "A2");
    assert_eq!((card.holder.name.as_deref(), card.holder.document.as_deref()), (None, Some("0DEF")));
    assert_eq!(fact(&card, "expires"), Some("2019-11-30"));
    assert_eq!(card.expires.map(|time| time.to_string()).as_deref(), Some("2019-12-01T00:00:00Z"));

    let bill = statement("specification.json", "01");
    assert_eq!((bill.holder.name.as_deref(), bill.issuer.as_deref()), (Some("SPECIMEN NATACHA"), None));
    assert_eq!((fact(&bill, "postcode"), fact(&bill, "country")), (Some("75000"), Some("FR")));

    let notice = statement("specification.json", "28");
    assert_eq!(notice.holder.name.as_deref(), Some("RETI PATRICK"));
    let facts = ["income-year", "reference-income", "shares", "emitted"].map(|name| fact(&notice, name));
    assert_eq!(facts, [Some("2021"), Some("63198"), Some("2,75"), None]);

    let diploma = statement("examples.json", "B0");
    assert_eq!(diploma.holder.name.as_deref(), Some("SPECIMEN NATACHA"));
    let facts = ["academic-year", "diploma", "level"].map(|name| fact(&diploma, name));
    assert_eq!(facts, [Some("2014-2015"), Some("MA"), Some("7")]);

    let id = statement("specification.json", "07");
    assert_eq!((id.holder.name.as_deref(), fact(&id, "nationality")), (Some("SPECIMEN NATACHA"), Some("FR")));
    let account = statement("specification.json", "05");
    assert_eq!(
        (account.holder.name.as_deref(), fact(&account, "expires")),
        (Some("EXEMPLE HENRY"), Some("2012-10-16"))
    );
}

/// Signed by keys made for this test: algorithm, key as a compressed point, signature.
const OTHER_CURVES: [(Algorithm, &str, &str); 2] = [
    (
        Algorithm::Es384,
        "034fcb13a70949c832b85089cd186e7ef8787b54c389d5b6fec7e2844035c0a22c1bb2d95a9bf44b4e540f4e2a75acbec0",
        concat!(
            "X6GCJR2YUYA4UPF6FQMX4N5UH7PDJK2ZRTKCU3CVCO6UC56Z7HAJXKUWG6XNEVZ26U32WOBHL5MHU5AOOBW4MNZDKP4NRWOIDW3U",
            "RPFDP2CTU2WT6ZCK5I5UM4T6GK723YOZDPJBW7QBT5JTYOCNT44AVQ",
        ),
    ),
    (
        Algorithm::Es512,
        concat!(
            "020126ac2493594f59670df5f8a68e5d85f56b583e3421a95ee3b081bc8b3e6f0a7749af2157ba52523afa786a2d2a2c301d",
            "95b5bb8d1381958d2b8f082d0eddb4caf8",
        ),
        concat!(
            "AGL2KVXS4EL2HHZBXDZQC52BUSRDRREHVSBXNNZQD6CIZBY6VOY3FPRWJLUOOTKRN6YZBPEOLRHLC65QGHVKKVDHE4E6L2KBEYBB",
            "JF3TYAA7OO7LZKQT6BBXF7764KJZGJFF7R4NBDSQAA4NLG47UPWL76GYUY7YAIKZ6IJNKY2AQVS3SNIO6BUYTTQ5PZLV2YNDDHNH",
            "3RPQPKIVNE3A",
        ),
    ),
];

#[test]
fn the_length_of_a_signature_says_the_curve_and_the_curve_the_hash() {
    let text = "DC04FR00TESTFFFF2547B101FRBK26-ROSWFTHR-35B0NATACHA\x1dB2SPECIMEN\x1dB712071973BF7EBBB9654321785T\x1d";
    for (algorithm, point, signature) in OTHER_CURVES {
        let key = SchemeKey::read(algorithm, &hex::decode(point).unwrap()).unwrap();
        let pass = presented(format!("{text}\x1f{signature}").as_bytes());
        assert!(pass.may_be_signed_by(&key) && pass.open(&self::key()).is_none(), "{algorithm:?}");
        let statement = pass.open(&key).unwrap().unwrap();
        assert_eq!(fact(&statement, "academic-year"), Some("2026-2027"));
        let altered = presented(format!("{text}\x1d\x1f{signature}").as_bytes());
        assert!(altered.open(&key).is_none(), "{algorithm:?}");
    }
}

#[test]
fn every_bit_that_flips_and_every_cut_keeps_a_document_shut() {
    let key = key();
    for file_and_kind in [("specification.json", "B1"), ("examples.json", "00")] {
        let (_, bytes) = examples(file_and_kind.0).into_iter().find(|(kind, _)| kind == file_and_kind.1).unwrap();
        assert!(opens(&bytes, &key));
        for at in 0..bytes.len() {
            assert!(!opens(&bytes[..at], &key) && !opens(&bytes[at + 1..], &key), "cut at {at}");
            for bit in 0..8 {
                let mut altered = bytes.clone();
                altered[at] ^= 1 << bit;
                assert!(!opens(&altered, &key), "bit {bit} of {at}");
            }
        }
        for more in [&b" "[..], b"\n", b"A", b"\x1f", b"AAAAAAAA", b"="] {
            assert!(!opens(&[&bytes, more].concat(), &key) && !opens(&[more, &bytes].concat(), &key));
        }
    }
}

#[test]
fn an_annex_is_neither_read_nor_in_the_way_and_only_the_fourth_version_has_one() {
    let key = key();
    let (_, fourth) = examples("specification.json").into_iter().find(|(kind, _)| kind == "B1").unwrap();
    let (_, third) = examples("examples.json").into_iter().find(|(kind, _)| kind == "00").unwrap();
    for annex in [&b"\x1d"[..], b"\x1dB2SOMEBODY ELSE\x1d", b"\x1dBF7EA", b"\x1d\x1f\x1d"] {
        let bytes = [&fourth, annex].concat();
        assert_eq!(presented(&bytes).open(&key).unwrap(), presented(&fourth).open(&key).unwrap());
        assert!(matches!(recognise_data_matrix(&[&third, annex].concat()), Recognised::Damaged { .. }));
    }
}

#[test]
fn what_begins_as_a_document_is_damaged_or_newer_and_the_rest_is_none() {
    let (_, bytes) = examples("specification.json").into_iter().find(|(kind, _)| kind == "B1").unwrap();
    for length in 4..bytes.len() {
        let found = recognise_data_matrix(&bytes[..length]);
        assert!(matches!(found, Recognised::Damaged { .. }), "{length}: {found:?}");
    }
    let newer = |bytes: &[u8]| matches!(recognise_data_matrix(bytes), Recognised::Newer { .. });
    assert!(newer(b"DC01FR00") && newer(b"DC05") && newer(b"DC04FR000001\x80\xff") && newer(b"DC09"));
    let binary = [b"\xdc\x04".to_vec(), vec![0x55; 90]].concat();
    assert!(newer(&binary) && !newer(&binary[..80]));
    for none in [&b""[..], b"DC", b"DC0", b"DC00", b"DC14", b"\xdc\x04", b"dc04FR00", b" DC04", b"HC1:6BF", b"GL1:0"] {
        assert!(matches!(recognise_data_matrix(none), Recognised::No), "{none:?}");
    }
    let long = [b"DC02FR000001125E125B01".to_vec(), vec![b'0'; 3_100]].concat();
    assert!(matches!(recognise_data_matrix(&long), Recognised::Damaged { .. }));
}

#[test]
fn in_a_qr_code_the_same_text_is_no_pass() {
    for (kind, bytes) in examples("examples.json") {
        assert!(matches!(recognise(&bytes), Recognised::No), "{kind}");
    }
}
