//! Keys out of the X.509 certificates that vectors come with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use der::asn1::ObjectIdentifier;
use greenlit_core::scheme::{Algorithm, SchemeKey};
use x509_cert::Certificate;

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Of DER, or PEM.
pub(crate) fn certificate(bytes: &[u8]) -> Certificate {
    let Ok(text) = std::str::from_utf8(bytes) else { return Certificate::from_der(bytes).unwrap() };
    let body = text.split("-----BEGIN CERTIFICATE-----").nth(1).unwrap().split("-----END").next().unwrap();
    let body: String = body.split_whitespace().collect();
    Certificate::from_der(&STANDARD.decode(body).unwrap()).unwrap()
}

/// Its key, if it is on P-256, or of RSA and then for this algorithm.
pub(crate) fn key(certificate: &Certificate, rsa: Algorithm) -> Option<SchemeKey> {
    let info = certificate.tbs_certificate().subject_public_key_info();
    let bytes = info.subject_public_key.raw_bytes();
    match info.algorithm.oid {
        RSA => SchemeKey::read(rsa, bytes).ok(),
        EC if info.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()? == P256 => {
            SchemeKey::read(Algorithm::Es256, bytes).ok()
        }
        _ => None,
    }
}
