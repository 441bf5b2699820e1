//! X.509 certificates (RFC 5280) as the schemes use them: whose key it is, since when until when, and for what.

use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use greenlit_core::scheme::{Algorithm, SchemeKey};
use greenlit_core::time::UnixTime;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::material::{Curve, KeyFault, Material};

const OID_COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const OID_ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const OID_COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// What a certificate of the EU's may sign (eHealth network, technical specifications volume 1, §3.6.2), with the arc
/// that some countries write.
const USES: [(ObjectIdentifier, &str); 6] = [
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.1"), "test"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.2"), "vaccination"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.3"), "recovery"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.1"), "test"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.2"), "vaccination"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.3"), "recovery"),
];
const OID_SHA256_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const OID_SHA256_ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const OID_SHA384_ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const OID_SHA512_ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

/// Largest certificate, in bytes.
pub(super) const MAX_CERTIFICATE: usize = 16 << 10;

/// Whoever writes this year means no end (RFC 5280 §4.1.2.5).
const YEAR_9999: u64 = 253_370_764_800;

/// A certificate, read and believed in nothing yet.
#[derive(Debug)]
pub(super) struct Certified {
    der: Vec<u8>,
    parsed: Certificate,
    uses: Vec<ObjectIdentifier>,
    authority: bool,
}

/// Why bytes are no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an X.509 certificate")]
pub(super) struct NotACertificate;

impl Certified {
    pub(super) fn read(der: &[u8]) -> Result<Self, NotACertificate> {
        if der.len() > MAX_CERTIFICATE {
            return Err(NotACertificate);
        }
        let parsed = Certificate::from_der(der).map_err(|_| NotACertificate)?;
        // A limit that cannot be read is not taken for none.
        let tbs = parsed.tbs_certificate();
        let usage = tbs.get_extension::<ExtendedKeyUsage>().map_err(|_| NotACertificate)?;
        let limits = tbs.get_extension::<BasicConstraints>().map_err(|_| NotACertificate)?;
        let uses = usage.map(|(_, usage)| usage.0).unwrap_or_default();
        let authority = limits.is_some_and(|(_, limits)| limits.ca);
        Ok(Self { der: der.to_vec(), parsed, uses, authority })
    }

    pub(super) fn material(&self) -> Result<Material, KeyFault> {
        let info = self.parsed.tbs_certificate().subject_public_key_info().to_der().map_err(|_| KeyFault::NotAKey)?;
        Material::of_info(&SubjectPublicKeyInfoRef::from_der(&info).map_err(|_| KeyFault::NotAKey)?)
    }

    /// The first moment of its validity.
    pub(super) fn from(&self) -> Option<UnixTime> {
        UnixTime::new(self.parsed.tbs_certificate().validity().not_before.to_unix_duration().as_secs())
    }

    /// The first moment after it; none for what is said to have no end.
    pub(super) fn until(&self) -> Option<UnixTime> {
        let last = self.parsed.tbs_certificate().validity().not_after.to_unix_duration().as_secs();
        // The last second is part of it.
        UnixTime::new(last).filter(|_| last < YEAR_9999).map(|last| last.plus(1))
    }

    /// The EU's name for its key: how the SHA-256 of the certificate begins.
    pub(super) fn digest_id(&self) -> Vec<u8> {
        Sha256::digest(&self.der).iter().take(8).copied().collect()
    }

    /// The country of the subject, or else of whoever issued the certificate.
    pub(super) fn country(&self) -> Option<String> {
        let tbs = self.parsed.tbs_certificate();
        attribute(tbs.subject(), OID_COUNTRY).or_else(|| attribute(tbs.issuer(), OID_COUNTRY))
    }

    pub(super) fn organisation(&self) -> Option<String> {
        attribute(self.parsed.tbs_certificate().subject(), OID_ORGANISATION)
    }

    pub(super) fn common_name(&self) -> Option<String> {
        attribute(self.parsed.tbs_certificate().subject(), OID_COMMON_NAME)
    }

    pub(super) fn issuer_common_name(&self) -> Option<String> {
        attribute(self.parsed.tbs_certificate().issuer(), OID_COMMON_NAME)
    }

    /// The kinds of health certificate that it is limited to; every kind where empty.
    pub(super) fn kinds(&self) -> Vec<String> {
        let allowed = USES.iter().filter(|(oid, _)| self.uses.contains(oid));
        let mut kinds: Vec<String> = allowed.map(|(_, kind)| (*kind).to_owned()).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// Whether it signs certificates, and not passes.
    pub(super) fn is_authority(&self) -> bool {
        self.authority
    }

    /// Whether the key of that certificate signed this one; `None` for an algorithm that is not checked here.
    pub(super) fn signed_by(&self, authority: &Self) -> Option<bool> {
        let material = authority.material().ok()?;
        let signature = self.parsed.signature().as_bytes()?;
        let (algorithm, signature) = match (self.parsed.signature_algorithm().oid, &material) {
            (OID_SHA256_RSA, Material::Rsa(_)) => (Algorithm::Rs256, Some(signature.to_vec())),
            (OID_SHA256_ECDSA, Material::Ec(Curve::P256, _)) => (Algorithm::Es256, plain_signature(signature, 32)),
            (OID_SHA384_ECDSA, Material::Ec(Curve::P384, _)) => (Algorithm::Es384, plain_signature(signature, 48)),
            (OID_SHA512_ECDSA, Material::Ec(Curve::P521, _)) => (Algorithm::Es512, plain_signature(signature, 66)),
            _ => return None,
        };
        let key = SchemeKey::read(algorithm, material.bytes()).ok()?;
        let message = self.parsed.tbs_certificate().to_der().ok()?;
        Some(signature.is_some_and(|signature| key.verifies(&message, &signature)))
    }
}

#[derive(Sequence)]
struct EcdsaSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// r‖s of an ECDSA signature in DER (RFC 3279 §2.2.3).
fn plain_signature(der: &[u8], size: usize) -> Option<Vec<u8>> {
    let EcdsaSignature { r, s } = EcdsaSignature::from_der(der).ok()?;
    let mut plain = Vec::with_capacity(2 * size);
    for number in [r.as_bytes(), s.as_bytes()] {
        plain.extend(vec![0; size.checked_sub(number.len())?]);
        plain.extend_from_slice(number);
    }
    Some(plain)
}

/// An attribute of a name, if it is there once or first, in letters of any of the usual kinds.
fn attribute(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    let value = &name.iter().find(|one| one.oid == oid)?.value;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => String::from_utf8(value.value().to_vec()).ok(),
        _ => None,
    }
    .map(|text| text.trim().to_owned())
    .filter(|text| !text.is_empty())
}
