//! Signing. Ed25519 needs no randomness here: the same words always get the same signature.

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use greenlit_core::cose::{Header, encode_sign, encode_sign1, signature_input, signature1_input};
#[cfg(feature = "authority")]
use greenlit_core::key::KeyId;
use greenlit_core::key::{KeyError, PublicKey};
use greenlit_core::pass::{self, Pass};
use greenlit_core::status::StatusToken;
use greenlit_core::trust::{Bundle, BundleBody, Root, RootBody, SchemeBundle, SchemeBundleBody};

use crate::pem::{self, PemError};
use crate::spelling::trim;

/// An Ed25519 private key, wiped from memory when dropped.
pub struct PrivateKey {
    secret: SigningKey,
    public: PublicKey,
}

/// Why a text is no private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum PrivateKeyError {
    #[error("is not an Ed25519 private key in PKCS#8 PEM format")]
    NotPkcs8,
    #[error("is encrypted with a passphrase")]
    Encrypted,
    #[error(
        "is encrypted in OpenSSL's traditional form (Proc-Type: 4,ENCRYPTED), which protects little; rewrite it with `openssl pkcs8 -topk8 -scrypt -in OLD.pem -out KEY.pem`"
    )]
    TraditionalEncryption,
    #[error("contains more than one private key; put each in its own file")]
    Several,
    #[error("contains a key that {0}")]
    Key(#[from] KeyError),
    #[error("could not be written as PKCS#8")]
    Encode,
}

impl From<PemError> for PrivateKeyError {
    fn from(error: PemError) -> Self {
        match error {
            PemError::Missing => Self::NotPkcs8,
            PemError::Encrypted => Self::Encrypted,
            PemError::TraditionalEncryption => Self::TraditionalEncryption,
            PemError::Several => Self::Several,
        }
    }
}

impl PrivateKey {
    /// From 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, PrivateKeyError> {
        Self::of(SigningKey::from_bytes(seed))
    }

    /// From PKCS#8 PEM (RFC 8410), version 1 or 2, with whatever text around it.
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        let block = Zeroizing::new(pem::block(text, pem::PRIVATE)?);
        Self::of(SigningKey::from_pkcs8_pem(&block).map_err(|_| PrivateKeyError::NotPkcs8)?)
    }

    /// From the bytes of a file.
    pub fn from_pem_bytes(bytes: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::from_pem(&pem::text_of(bytes))
    }

    /// As PKCS#8 PEM.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, PrivateKeyError> {
        self.bytes().to_pkcs8_pem(LineEnding::LF).map_err(|_| PrivateKeyError::Encode)
    }

    /// From PKCS#8 in DER.
    #[cfg(feature = "authority")]
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::of(SigningKey::from_pkcs8_der(der).map_err(|_| PrivateKeyError::NotPkcs8)?)
    }

    /// As PKCS#8 in DER, wiped from memory when dropped.
    #[cfg(feature = "authority")]
    pub(crate) fn to_der(&self) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
        let der = self.bytes().to_pkcs8_der().map_err(|_| PrivateKeyError::Encode)?;
        Ok(der.to_bytes())
    }

    /// Version 1, without the public key: OpenSSL and others read no other.
    fn bytes(&self) -> KeypairBytes {
        KeypairBytes { secret_key: self.secret.to_bytes(), public_key: None }
    }

    fn of(secret: SigningKey) -> Result<Self, PrivateKeyError> {
        let public = PublicKey::from_bytes(secret.verifying_key().as_bytes())?;
        Ok(Self { secret, public })
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({})", self.public.id())
    }
}

/// Reads a public key: 64 hexadecimal digits, or SubjectPublicKeyInfo in PEM (RFC 8410) as
/// `openssl pkey -pubout` writes it, with whatever text around it. `None` where the text is neither.
pub fn read_public_key(text: &str) -> Option<Result<PublicKey, KeyError>> {
    match pem::block(text, "PUBLIC KEY").map(|block| VerifyingKey::from_public_key_pem(&block)) {
        Ok(Ok(key)) => return Some(PublicKey::from_bytes(key.as_bytes())),
        Ok(Err(_)) | Err(PemError::Several) => return Some(Err(KeyError::NotAKey)),
        Err(_) => {}
    }
    let text = trim(text);
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |high, low| high << 4 | low)).collect();
    let bytes: [u8; 32] = bytes.try_into().ok().filter(|_| digits.len() == 64)?;
    Some(PublicKey::from_bytes(&bytes))
}

/// The same from the bytes of a file.
pub fn read_public_key_bytes(bytes: &[u8]) -> Option<Result<PublicKey, KeyError>> {
    read_public_key(&pem::text_of(bytes))
}

/// Signs a pass and gives the text of its QR code.
pub fn sign_pass(pass: &Pass, key: &PrivateKey) -> String {
    sign_raw_claims(&Header::encode(key.public.id()), &pass.encode(), key)
}

/// Signs a pass by whatever signs, for example a key inside a token, and gives the text of its QR code.
#[cfg(feature = "authority")]
pub(crate) fn sign_pass_by<E>(
    pass: &Pass,
    kid: KeyId,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
) -> Result<String, E> {
    let (header, claims) = (Header::encode(kid), pass.encode());
    let signature = sign(&signature1_input(&header, pass::EXTERNAL_AAD, &claims))?;
    Ok(pass::to_text(&encode_sign1(&header, &claims, &signature)))
}

/// Signs any header and claims as if they were a pass's, for vectors and demonstrations of what a
/// till does with them.
pub fn sign_raw_claims(header: &[u8], claims: &[u8], key: &PrivateKey) -> String {
    let signature = key.sign(&signature1_input(header, pass::EXTERNAL_AAD, claims));
    pass::to_text(&encode_sign1(header, claims, &signature))
}

/// Signs a root with each of these keys.
pub fn sign_root(body: &RootBody, keys: &[&PrivateKey]) -> Vec<u8> {
    sign_many(&body.encode(), Root::EXTERNAL_AAD, keys)
}

/// Signs a bundle with each of these keys.
pub fn sign_bundle(body: &BundleBody, keys: &[&PrivateKey]) -> Vec<u8> {
    sign_many(&body.encode(), Bundle::EXTERNAL_AAD, keys)
}

/// Signs a scheme bundle with each of these keys.
pub fn sign_scheme_bundle(body: &SchemeBundleBody, keys: &[&PrivateKey]) -> Vec<u8> {
    sign_many(&body.encode(), SchemeBundle::EXTERNAL_AAD, keys)
}

/// Signs a status list.
pub fn sign_status_list(token: &StatusToken, key: &PrivateKey) -> Vec<u8> {
    let (header, payload) = (StatusToken::header(), token.encode());
    let signature = key.sign(&signature1_input(&header, "", &payload));
    encode_sign1(&header, &payload, &signature)
}

fn sign_many(payload: &[u8], external_aad: &str, keys: &[&PrivateKey]) -> Vec<u8> {
    let sign = |key: &&PrivateKey| {
        let kid = key.public.id();
        (kid, key.sign(&signature_input(&Header::encode(kid), external_aad, payload)))
    };
    encode_sign(payload, &keys.iter().map(sign).collect::<Vec<_>>())
}
