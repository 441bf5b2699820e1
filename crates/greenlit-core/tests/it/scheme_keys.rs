//! Promise: the signatures of other schemes are judged as Wycheproof says, and keys that are none are refused.

use greenlit_core::scheme::{Algorithm, SchemeKey, SchemeKeyError};
use serde_json::Value;

/// Every case of a file, by a key that each group names.
fn judge(file: &str, algorithm: Algorithm, key: impl Fn(&Value) -> Vec<u8>) -> (usize, Vec<String>) {
    let path = format!("{}/../../vectors/wycheproof/testvectors_v1/{file}", env!("CARGO_MANIFEST_DIR"));
    let whole: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut count, mut wrong) = (0, Vec::new());
    for group in whole["testGroups"].as_array().unwrap() {
        let key = SchemeKey::read(algorithm, &key(group)).unwrap();
        for case in group["tests"].as_array().unwrap() {
            let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
            count += 1;
            if key.verifies(&bytes("msg"), &bytes("sig")) != (case["result"] == "valid") {
                wrong.push(format!("{file} {}: {}", case["tcId"], case["comment"]));
            }
        }
    }
    (count, wrong)
}

fn digits(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn ecdsa_and_rsa_are_judged_as_wycheproof_says() {
    let point = |group: &Value| digits(&group["publicKey"]["uncompressed"]);
    assert_eq!(judge("ecdsa_secp256r1_sha256_p1363_test.json", Algorithm::Es256, point), (262, vec![]));
    for file in ["rsa_pss_2048_sha256_mgf1_32_test.json", "rsa_pss_3072_sha256_mgf1_32_test.json"] {
        assert_eq!(judge(file, Algorithm::Ps256, |group| digits(&group["publicKeyAsn"])), (108, vec![]));
    }
}

#[test]
fn what_is_no_key_of_an_algorithm_is_refused() {
    for algorithm in Algorithm::ALL {
        for bytes in [&[][..], &[0; 32], &[4; 65], &[0; 33], &[255; 32], &[0x30, 0x00]] {
            let refused = SchemeKey::read(algorithm, bytes).unwrap_err();
            assert_eq!(refused, SchemeKeyError::NotAKey(algorithm), "{bytes:?}");
        }
    }
    // An RSA key of 1,024 bits: modulus of ones, exponent 65537.
    let mut small = vec![0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00];
    small.extend([0xFF; 128]);
    small.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
    for algorithm in [Algorithm::Ps256, Algorithm::Rs256] {
        let refused = SchemeKey::read(algorithm, &small).unwrap_err();
        assert!(matches!(refused, SchemeKeyError::Bits(1_024) | SchemeKeyError::NotAKey(_)), "{refused:?}");
    }
}
