//! Promise: Aadhaar's secure QR codes are opened by UIDAI's keys of their time, and say no more than what is compared.

use greenlit_core::scheme::{Algorithm, PhotoFormat, Presented, Scheme, SchemeKey};
use greenlit_schemes::{Recognised, recognise};

use crate::certificates::{certificate, key};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../vectors/foreign/aadhaar/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn presented(name: &str) -> Box<Presented> {
    let text = read(name);
    match recognise(text.trim_ascii()) {
        Recognised::Pass(pass) if pass.scheme() == Scheme::Aadhaar => pass,
        other => panic!("{name}: {other:?}"),
    }
}

fn keys() -> [SchemeKey; 2] {
    ["uidai_prod_cdup.cer", "testCertificate.pem"].map(|name| key(&certificate(&read(name)), Algorithm::Rs256).unwrap())
}

#[test]
fn cards_are_opened_by_the_key_that_signed_them() {
    let [uidai, test] = keys();
    for (name, key, other) in [("uidai-own-sample.txt", &uidai, &test), ("v2-test.txt", &test, &uidai)] {
        let pass = presented(name);
        assert!(pass.open(other).is_none(), "{name}");
        let statement = pass.open(key).unwrap().unwrap();
        assert_eq!((statement.kind.as_str(), statement.issuer.as_deref()), ("identity", Some("UIDAI")));
        let holder = &statement.holder;
        assert!(holder.name.as_ref().is_some_and(|name| name.len() > 3), "{name}");
        assert!(holder.born.is_some() && holder.document.as_ref().is_some_and(|last| last.len() == 4), "{name}");
        assert!(statement.issued.is_some() && statement.expires.is_none(), "{name}");
        let photo = holder.photo.as_ref().unwrap();
        assert_eq!((photo.format, &photo.bytes[..2]), (PhotoFormat::Jpeg2000, &[0xff, 0x4f][..]), "{name}");
        // A code stream ends so (ISO/IEC 15444-1 §A.4.4): nothing of what follows it is taken for the picture.
        assert_eq!(photo.bytes[photo.bytes.len() - 2..], [0xff, 0xd9], "{name}");
    }
}

#[test]
fn other_long_numbers_are_no_cards() {
    for text in
        ["9".repeat(3_000), "1".repeat(799), format!("0{}", "1".repeat(3_000)), format!("{}a", "1".repeat(3_000))]
    {
        assert!(matches!(recognise(text.as_bytes()), Recognised::No));
    }
}
