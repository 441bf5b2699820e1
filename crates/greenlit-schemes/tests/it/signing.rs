//! Passes of our own making, for what nobody has published.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use greenlit_core::cbor::Writer;
use greenlit_core::cose::{encode_sign1, signature1_input};
use greenlit_core::scheme::{Algorithm, SchemeKey};
use greenlit_core::strict_base45;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::Value;

/// The protected header `{1: -7}`: ES256.
const ES256: &[u8] = b"\xa1\x01\x26";

fn secret(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

/// The public key of a seed.
pub(crate) fn es256(seed: u8) -> SchemeKey {
    SchemeKey::read(Algorithm::Es256, secret(seed).verifying_key().to_sec1_point(false).as_bytes()).unwrap()
}

/// Registered claims.
pub(crate) struct Token {
    pub(crate) issuer: &'static str,
    pub(crate) issued: u64,
    pub(crate) expires: Option<u64>,
}

/// The text of a health certificate of these kinds, signed by the key of seed 1.
pub(crate) fn hcert(token: &Token, kinds: &[(i64, &Value)]) -> String {
    let mut claims = Writer::new();
    claims.map(3 + usize::from(token.expires.is_some())).int(1).text(token.issuer).int(6).uint(token.issued);
    if let Some(expires) = token.expires {
        claims.int(4).uint(expires);
    }
    claims.int(-260).map(kinds.len());
    let mut payload = claims.into_bytes();
    for (kind, body) in kinds {
        let mut number = Writer::new();
        number.int(*kind);
        payload.extend(number.into_bytes());
        ciborium::into_writer(body, &mut payload).unwrap();
    }
    let signature: Signature = secret(1).sign(&signature1_input(ES256, "", &payload));
    let envelope = encode_sign1(ES256, &payload, &signature.to_bytes().into());
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&envelope).unwrap();
    format!("HC1:{}", strict_base45::encode(&packed.finish().unwrap()))
}
