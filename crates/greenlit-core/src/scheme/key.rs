//! Keys of other schemes, and the only place that checks their signatures.

use p256::ecdsa::signature::Verifier;
use rsa::PublicKey as RsaPublicKey;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use sha2::Sha256;

use crate::key::PublicKey;

/// Bits of the RSA keys that are taken.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;
/// Bytes of salt under PS256 (RFC 8230 §2: as many as the hash has).
const PSS_SALT: usize = 32;

/// How a signature is made. A key has one; what a pass names does not choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), verified strictly.
    Ed25519,
    /// ECDSA with P-256 and SHA-256, signature r‖s (RFC 9053 §2.1, FIPS 186-5).
    Es256,
    /// ECDSA with P-384 and SHA-384, r‖s.
    Es384,
    /// ECDSA with P-521 and SHA-512, r‖s.
    Es512,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 8230 §2).
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
    Rs256,
}

impl Algorithm {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Ed25519, Self::Es256, Self::Es384, Self::Es512, Self::Ps256, Self::Rs256];

    /// Its number in trust data: that of IANA's registry of COSE algorithms.
    pub fn number(self) -> i64 {
        match self {
            Self::Ed25519 => -19,
            Self::Es256 => -9,
            Self::Es384 => -51,
            Self::Es512 => -52,
            Self::Ps256 => -37,
            Self::Rs256 => -257,
        }
    }

    /// By its number in trust data.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }

    /// As it is written for people and in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Es256 => "es256",
            Self::Es384 => "es384",
            Self::Es512 => "es512",
            Self::Ps256 => "ps256",
            Self::Rs256 => "rs256",
        }
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why bytes are no key of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum SchemeKeyError {
    #[error("is not a public key for {0}")]
    NotAKey(Algorithm),
    #[error("is an RSA key of {0} bits; from 2,048 to 4,096 are accepted")]
    Bits(usize),
}

/// A public key and its algorithm.
#[derive(Clone, Debug)]
pub struct SchemeKey(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Ed25519(PublicKey),
    Es256(p256::ecdsa::VerifyingKey),
    Es384(p384::ecdsa::VerifyingKey),
    Es512(p521::ecdsa::VerifyingKey),
    Ps256(rsa::pss::VerifyingKey<Sha256>),
    Rs256(rsa::pkcs1v15::VerifyingKey<Sha256>),
}

impl SchemeKey {
    /// Reads a key: 32 bytes of Ed25519 (RFC 8032 §5.1.2), a point of a curve by SEC 1 §2.3.3, compressed or not, or an
    /// RSAPublicKey (RFC 8017 §A.1.1).
    pub fn read(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, SchemeKeyError> {
        let none = SchemeKeyError::NotAKey(algorithm);
        let kind = match algorithm {
            Algorithm::Ed25519 => {
                let bytes = bytes.try_into().map_err(|_| none)?;
                Kind::Ed25519(PublicKey::from_bytes(bytes).map_err(|_| none)?)
            }
            Algorithm::Es256 => Kind::Es256(p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| none)?),
            Algorithm::Es384 => Kind::Es384(p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| none)?),
            Algorithm::Es512 => Kind::Es512(p521::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| none)?),
            Algorithm::Ps256 => {
                Kind::Ps256(rsa::pss::VerifyingKey::new_with_salt_len(rsa_key(algorithm, bytes)?, PSS_SALT))
            }
            Algorithm::Rs256 => Kind::Rs256(rsa::pkcs1v15::VerifyingKey::new(rsa_key(algorithm, bytes)?)),
        };
        Ok(Self(kind))
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Ed25519(_) => Algorithm::Ed25519,
            Kind::Es256(_) => Algorithm::Es256,
            Kind::Es384(_) => Algorithm::Es384,
            Kind::Es512(_) => Algorithm::Es512,
            Kind::Ps256(_) => Algorithm::Ps256,
            Kind::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// Whether this key signed the message. A signature of another length than the algorithm's is none.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Ed25519(key) => signature.try_into().is_ok_and(|signature| key.verifies(message, signature)),
            Kind::Es256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Kind::Es384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Kind::Es512(key) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Kind::Ps256(key) => {
                signature.len() == key.as_ref().size()
                    && rsa::pss::Signature::try_from(signature)
                        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
            Kind::Rs256(key) => {
                signature.len() == key.as_ref().size()
                    && rsa::pkcs1v15::Signature::try_from(signature)
                        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
    }
}

fn rsa_key(algorithm: Algorithm, bytes: &[u8]) -> Result<RsaPublicKey, SchemeKeyError> {
    let key = RsaPublicKey::from_pkcs1_der(bytes).map_err(|_| SchemeKeyError::NotAKey(algorithm))?;
    let bits = usize::try_from(key.n().bit_width()).unwrap_or(usize::MAX);
    if RSA_BITS.contains(&bits) { Ok(key) } else { Err(SchemeKeyError::Bits(bits)) }
}
