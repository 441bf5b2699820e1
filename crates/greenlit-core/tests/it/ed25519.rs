//! Signature checking against other people's edge cases. One accepted forgery here is a forged pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use crate::others::{json, unhex, vectors};
use greenlit_core::key::{KeyError, PublicKey};
use serde_json::Value;

fn key(value: &Value) -> Result<PublicKey, KeyError> {
    PublicKey::from_bytes(&unhex(value).try_into().expect("a key of 32 bytes"))
}

/// Whether our only door takes the signature: a refused key and a wrong length are refusals.
fn accepts(key: &Result<PublicKey, KeyError>, message: &Value, signature: &Value) -> bool {
    let signature: Result<[u8; 64], _> = unhex(signature).try_into();
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verifies(&unhex(message), &signature))
}

#[test]
fn wycheproof_is_judged_as_it_says() {
    let folder = vectors("wycheproof");
    let file = json(&folder.join("testvectors_v1/ed25519_test.json"));
    let (mut valid, mut invalid) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = key(&group["publicKey"]["pk"]);
        for case in group["tests"].as_array().unwrap() {
            let wanted = match case["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("a result of another kind: {other}"),
            };
            assert_eq!(accepts(&key, &case["msg"], &case["sig"]), wanted, "case {}: {}", case["tcId"], case["comment"]);
            *if wanted { &mut valid } else { &mut invalid } += 1;
        }
    }
    assert_eq!((valid, invalid), (88, 63));
    assert_eq!(file["numberOfTests"], 151);
}

#[test]
fn of_the_speccheck_edge_cases_only_number_3_passes() {
    let folder = vectors("ed25519-speccheck");
    let file = json(&folder.join("cases.json"));
    let cases = file.as_array().unwrap();
    assert_eq!(cases.len(), 12);
    let numbers = |holds: &dyn Fn(&Value) -> bool| -> Vec<usize> { (0..12).filter(|n| holds(&cases[*n])).collect() };
    // 3 has a torsion component in A and R, and holds under every equation.
    assert_eq!(numbers(&|case| accepts(&key(&case["pub_key"]), &case["message"], &case["signature"])), [3]);
    // Keys of small order, canonically written or not, do not even load: they would never stand in a bundle.
    assert_eq!(numbers(&|case| key(&case["pub_key"]).is_err()), [0, 1, 10, 11]);
}
