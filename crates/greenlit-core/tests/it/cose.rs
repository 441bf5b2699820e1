//! COSE by a second implementation: what we write others can verify, and what others wrote about
//! signatures we reproduce. Also why a general COSE library cannot be the judge of a pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use crate::others::item::{Item, head};
use crate::others::{BUNDLE_KEY, ISSUER_KEY, LIST_KEY, ROOT_KEY};
use crate::others::{bundle_body, json, key, list_token, pass, root_body, sign_raw, unhex, vectors};
use coset::cwt::ClaimsSet;
use coset::{CborSerializable, CoseSign, CoseSign1, TaggedCborSerializable, iana};
use ed25519_dalek::{Signature, VerifyingKey};
use greenlit_core::cbor::{CborError, Malformed};
use greenlit_core::cose::{Header, Sign1, signature_input, signature1_input};
use greenlit_core::key::PublicKey;
use greenlit_core::pass::{EXTERNAL_AAD, PREFIX, PassError, SignedPass, to_text};
use greenlit_core::status::{TYPE, check_header};
use greenlit_core::trust::{Bundle, Root};
use greenlit_issuer::{sign_bundle, sign_pass, sign_root, sign_status_list};
use serde_json::Value;

/// Strict verification with the library itself, past our own code.
fn holds(seed: u8, signature: &[u8], message: &[u8]) -> Result<(), ed25519_dalek::SignatureError> {
    let key = VerifyingKey::from_bytes(key(seed).public().as_bytes())?;
    key.verify_strict(message, &Signature::from_slice(signature)?)
}

fn is_ed25519(header: &coset::Header) -> bool {
    header.alg == Some(coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::Ed25519))
}

fn envelope_of(text: &str) -> Vec<u8> {
    base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap()
}

#[test]
fn coset_verifies_a_pass_and_reads_its_claims() {
    let sign1 = CoseSign1::from_tagged_slice(&envelope_of(&sign_pass(&pass(), &key(ISSUER_KEY)))).unwrap();
    assert!(is_ed25519(&sign1.protected.header) && sign1.unprotected.is_empty());
    assert_eq!(sign1.protected.header.key_id, key(ISSUER_KEY).public().id().0);
    assert_eq!(sign1.payload.as_deref(), Some(&pass().encode()[..]));
    sign1.verify_signature(b"greenlit/pass/1", |sig, data| holds(ISSUER_KEY, sig, data)).unwrap();
    for (aad, seed) in [(&b""[..], ISSUER_KEY), (b"greenlit/root/1", ISSUER_KEY), (b"greenlit/pass/1", LIST_KEY)] {
        assert!(sign1.verify_signature(aad, |sig, data| holds(seed, sig, data)).is_err());
    }
    let claims = ClaimsSet::from_slice(&sign1.payload.unwrap()).unwrap();
    let seconds =
        |time: greenlit_core::time::UnixTime| Some(coset::cwt::Timestamp::WholeSeconds(time.seconds() as i64));
    assert_eq!((claims.expiration_time, claims.not_before), (seconds(pass().exp), seconds(pass().nbf)));
    assert_eq!(claims.rest.len(), 1);
}

#[test]
fn coset_verifies_a_status_list() {
    let sign1 = CoseSign1::from_tagged_slice(&sign_status_list(&list_token(), &key(LIST_KEY))).unwrap();
    assert!(is_ed25519(&sign1.protected.header) && sign1.unprotected.is_empty());
    let typ = coset::Label::Int(16);
    assert_eq!(sign1.protected.header.rest, [(typ, ciborium::Value::from(TYPE))]);
    // The draft knows no external data: anybody's verifier must be able to read our lists.
    sign1.verify_signature(b"", |sig, data| holds(LIST_KEY, sig, data)).unwrap();
    // coset's claims do not know those of status lists yet, so plain CBOR reads them.
    let claims: ciborium::Value = ciborium::from_reader(&sign1.payload.unwrap()[..]).unwrap();
    let labels: Vec<i64> =
        claims.as_map().unwrap().iter().map(|(l, _)| l.as_integer().unwrap().try_into().unwrap()).collect();
    assert_eq!(labels, [2, 4, 6, 65_533, 65_534]);
    assert_eq!(claims.as_map().unwrap()[0].1, list_token().uri.into());
}

#[test]
fn coset_verifies_each_signature_of_a_root_and_a_bundle() {
    let root = sign_root(&root_body(), &[&key(ROOT_KEY), &key(LIST_KEY)]);
    let bundle = sign_bundle(&bundle_body(), &[&key(BUNDLE_KEY)]);
    for (bytes, payload, aad, signers) in [
        (root, root_body().encode(), "greenlit/root/1", &[ROOT_KEY, LIST_KEY][..]),
        (bundle, bundle_body().encode(), "greenlit/trust/1", &[BUNDLE_KEY]),
    ] {
        let sign = CoseSign::from_tagged_slice(&bytes).unwrap();
        assert!(sign.protected.is_empty() && sign.unprotected.is_empty());
        assert_eq!(sign.payload.as_deref(), Some(&payload[..]));
        assert_eq!(sign.signatures.len(), signers.len());
        for (which, seed) in signers.iter().enumerate() {
            let header = &sign.signatures[which].protected.header;
            assert!(is_ed25519(header) && sign.signatures[which].unprotected.is_empty());
            assert_eq!(header.key_id, key(*seed).public().id().0);
            sign.verify_signature(which, aad.as_bytes(), |sig, data| holds(*seed, sig, data)).unwrap();
            assert!(sign.verify_signature(which, b"greenlit/pass/1", |sig, data| holds(*seed, sig, data)).is_err());
            let ours = signature_input(&Header::encode(key(*seed).public().id()), aad, &payload);
            assert_eq!(sign.tbs_data(aad.as_bytes(), &sign.signatures[which]), ours);
        }
    }
}

#[test]
fn the_external_data_is_what_the_design_says() {
    assert_eq!(EXTERNAL_AAD, "greenlit/pass/1");
    assert_eq!((Root::EXTERNAL_AAD, Bundle::EXTERNAL_AAD), ("greenlit/root/1", "greenlit/trust/1"));
}

/// Header and payload as the example signed them, which is before a failing one was changed.
fn signed_parts(example: &Value, signer: &Value) -> (Vec<u8>, Vec<u8>) {
    let number = |name: &str| match name {
        "ES256" => Item::Neg(6),
        "EdDSA" => Item::Neg(7),
        other => panic!("an algorithm of another kind: {other}"),
    };
    let alg = signer["protected"]["alg"].as_str().map(|name| (Item::Uint(1), number(name)));
    let content_type = signer["protected"]["ctyp"].as_u64().map(|kind| (Item::Uint(3), Item::Uint(kind)));
    let entries: Vec<_> = alg.into_iter().chain(content_type).collect();
    // COSE signs an empty header as no bytes at all.
    let header = if entries.is_empty() { vec![] } else { Item::Map(entries).canonical().unwrap() };
    (header, example["input"]["plaintext"].as_str().unwrap().as_bytes().to_vec())
}

#[test]
fn the_bytes_signed_are_those_of_the_cose_examples() {
    let folder = vectors("cose-wg");
    // Without sign-pass-02, whose external data is no text: ours always is.
    let one = ["eddsa-examples/eddsa-sig-01", "eddsa-examples/eddsa-sig-02", "sign1-tests/sign-pass-01"].into_iter();
    let one = one.chain(["sign1-tests/sign-pass-03", "sign1-tests/sign-fail-01", "sign1-tests/sign-fail-02"]);
    let one = one.chain(["sign1-tests/sign-fail-03", "sign1-tests/sign-fail-04", "sign1-tests/sign-fail-06"]);
    for name in one.chain(["sign1-tests/sign-fail-07"]) {
        let example = json(&folder.join(format!("{name}.json")));
        let (header, payload) = signed_parts(&example, &example["input"]["sign0"]);
        let ours = signature1_input(&header, "", &payload);
        assert_eq!(ours, unhex(&example["intermediates"]["ToBeSign_hex"]), "{name}");
    }
    // Of several signers only the example with no common header is like ours.
    let example = json(&folder.join("eddsa-examples/eddsa-02.json"));
    let (header, payload) = signed_parts(&example, &example["input"]["sign"]["signers"][0]);
    let wanted = unhex(&example["intermediates"]["signers"][0]["ToBeSign_hex"]);
    assert_eq!(signature_input(&header, "", &payload), wanted);
}

#[test]
fn the_ed25519_signature_of_the_cose_examples_holds() {
    let folder = vectors("cose-wg");
    let example = json(&folder.join("eddsa-examples/eddsa-sig-01.json"));
    let bytes = unhex(&example["output"]["cbor"]);
    let envelope = Sign1::parse_lenient(&bytes).unwrap();
    let key = unhex(&example["input"]["sign0"]["key"]["x_hex"]);
    let key = PublicKey::from_bytes(&key.try_into().unwrap()).unwrap();
    assert!(key.verifies(&envelope.signed_bytes(""), envelope.signature));
    assert!(!key.verifies(&envelope.signed_bytes(EXTERNAL_AAD), envelope.signature));
}

#[test]
fn no_envelope_of_the_cose_examples_is_a_pass_or_a_list() {
    let folder = vectors("cose-wg");
    let mut seen = 0;
    for folder in ["eddsa-examples", "sign1-tests", "ecdsa-examples", "rsa-pss-examples"].map(|name| folder.join(name))
    {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let bytes = unhex(&json(&path)["output"]["cbor"]);
            assert!(matches!(SignedPass::parse(to_text(&bytes).as_bytes()), Err(PassError::Envelope(_))), "{path:?}");
            // EdDSA (-8) among them: it names no curve.
            let list = Sign1::parse_lenient(&bytes).and_then(|envelope| check_header(envelope.protected));
            assert!(list.is_err(), "{path:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 24);
}

/// A pass put together by hand, its signature good over whatever header and claims these are.
struct Made {
    tag: Vec<u8>,
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    claims: Vec<u8>,
    /// By how much the lengths of the parts are padded.
    widen: usize,
    after: Vec<u8>,
}

impl Made {
    fn new() -> Self {
        let protected = Header::encode(key(ISSUER_KEY).public().id());
        Self { tag: vec![0xd2, 0x84], protected, unprotected: vec![0xa0], claims: claims(""), widen: 0, after: vec![] }
    }

    fn bytes(&self) -> Vec<u8> {
        let text = |bytes: &[u8]| [head(2, bytes.len() as u64, self.widen), bytes.to_vec()].concat();
        let signature = sign_raw(ISSUER_KEY, &signature1_input(&self.protected, EXTERNAL_AAD, &self.claims));
        let parts = [text(&self.protected), self.unprotected.clone(), text(&self.claims), text(&signature)].concat();
        [self.tag.clone(), parts, self.after.clone()].concat()
    }
}

/// Claims in hexadecimal, or the good ones.
fn claims(hex: &str) -> Vec<u8> {
    let good = "a3041a7fffffff051a6b010000 3a00010000 a10101";
    hex::decode(if hex.is_empty() { good } else { hex }.replace(' ', "")).unwrap()
}

#[test]
fn coset_takes_passes_that_are_not_deterministic_and_we_do_not() {
    let envelope = |error| PassError::Envelope(Malformed::Cbor(error));
    let in_header = |error| PassError::Header(Malformed::Cbor(error));
    let in_claims = |error| PassError::Claims(Malformed::Cbor(error));
    let with_claims = |hex: &str| Made { claims: claims(hex), ..Made::new() };
    let with_header = |hex: &str| Made { protected: hex::decode(hex.replace(' ', "")).unwrap(), ..Made::new() };
    let kid = hex::encode(key(ISSUER_KEY).public().id().0);

    let (shortest, unsorted) = (|at| CborError::NotShortest { at }, |at| CborError::Unsorted { at });
    let outside = PassError::Envelope(Malformed::Invalid { field: "unprotected header", why: "not empty" });
    let nbf = "051a6b010000 3a00010000";
    for (what, made, wanted) in [
        ("exp is NaN", with_claims(&format!("a304f97e00 {nbf} a10101")), in_claims(CborError::Float { at: 2 })),
        ("exp is infinite", with_claims(&format!("a304f97c00 {nbf} a10101")), in_claims(CborError::Float { at: 2 })),
        ("long exp", with_claims(&format!("a3041b000000007fffffff {nbf} a10101")), in_claims(shortest(2))),
        ("long key", with_claims(&format!("a318041a7fffffff {nbf} a10101")), in_claims(shortest(1))),
        (
            "class twice",
            with_claims(&format!("a3041a7fffffff {nbf} a201020101")),
            in_claims(CborError::DuplicateKey { at: 21 }),
        ),
        ("claims unsorted", with_claims("a3051a6b010000 041a7fffffff 3a00010000 a10101"), in_claims(unsorted(7))),
        (
            "claims indefinite",
            with_claims(&format!("bf041a7fffffff {nbf} a10101 ff")),
            in_claims(CborError::Indefinite { at: 0 }),
        ),
        ("long algorithm", with_header(&format!("a2013812 0448{kid}")), in_header(shortest(2))),
        ("header unsorted", with_header(&format!("a20448{kid} 0132")), in_header(unsorted(11))),
        ("padded lengths", Made { widen: 1, ..Made::new() }, envelope(shortest(2))),
        ("padded tag", Made { tag: vec![0xd8, 0x12, 0x84], ..Made::new() }, envelope(shortest(0))),
        (
            "indefinite list",
            Made { tag: vec![0xd2, 0x9f], after: vec![0xff], ..Made::new() },
            envelope(CborError::Indefinite { at: 1 }),
        ),
        ("unsigned header", Made { unprotected: vec![0xa1, 0x04, 0x41, 0x00], ..Made::new() }, outside),
    ] {
        let bytes = made.bytes();
        let theirs = CoseSign1::from_tagged_slice(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        theirs.verify_signature(EXTERNAL_AAD.as_bytes(), |sig, data| holds(ISSUER_KEY, sig, data)).unwrap();
        let read = ClaimsSet::from_slice(&theirs.payload.unwrap()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(read.expiration_time.is_some(), "{what}");
        assert_eq!(SignedPass::parse(to_text(&bytes).as_bytes()).err(), Some(wanted), "{what}");
    }
    // So that none of these is refused for how it was put together.
    let good = SignedPass::parse(to_text(&Made::new().bytes()).as_bytes()).unwrap();
    assert_eq!((good.unverified().0.exp.seconds(), good.unverified().1), (0x7fff_ffff, None));
}
