//! Private keys under a passphrase: PKCS#8's EncryptedPrivateKeyInfo (RFC 5958) with PBES2 (RFC 8018), as OpenSSL 3
//! reads and writes it.
//!
//! A file says itself how much memory and time it takes to open, so both have a limit.

use ed25519_dalek::pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{Decode, Document, ErrorKind, SecretDocument};
use pkcs8::pkcs5::pbes2::{self, EncryptionScheme, Kdf, ScryptParams};
use pkcs8::pkcs5::{EncryptionScheme as Scheme, scrypt};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfo, EncryptedPrivateKeyInfoRef, ObjectIdentifier};
use zeroize::Zeroizing;

use crate::passphrase::Passphrase;
use crate::pem::{self, ENCRYPTED};
use crate::{PrivateKey, PrivateKeyError};

/// Most memory that opening a key may take: 128 MiB.
const MAX_MEMORY: u64 = 128 << 20;
/// Most work of scrypt, N·r·p: some four seconds.
const MAX_SCRYPT_WORK: u64 = 1 << 24;
/// Most iterations of PBKDF2: some seven seconds.
const MAX_ITERATIONS: u32 = 10_000_000;

/// What keys are written with, as log₂ N, r and p. OpenSSL 3 gives scrypt no more than 32 MiB, which a larger N
/// exceeds, so work comes of p: one of the equivalent settings of OWASP's Password Storage Cheat Sheet.
const WRITTEN: (u8, u32, u32) = (14, 8, 5);

/// Why an encrypted key is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum EncryptedKeyError {
    #[error("is damaged: not an encrypted private key in PKCS#8")]
    Malformed,
    #[error(
        "is encrypted by another method ({0}) than PBES2 with scrypt or PBKDF2 and AES in CBC mode; rewrite it with `openssl pkcs8 -topk8 -scrypt -in KEY.pem -out NEW.pem`"
    )]
    Algorithm(String),
    #[error("asks for {0} to be opened, more than the limit of {1}; rewrite it with `openssl pkcs8 -topk8 -scrypt`")]
    TooCostly(String, String),
    #[error("is not opened by this passphrase")]
    WrongPassphrase,
    #[error(transparent)]
    Key(#[from] PrivateKeyError),
}

/// A private key that a passphrase opens.
pub(crate) struct EncryptedKey {
    parameters: pbes2::Parameters,
    data: Vec<u8>,
}

impl EncryptedKey {
    /// From the text of a PEM file. Nothing costly is done yet.
    pub(crate) fn from_pem(text: &str) -> Result<Self, EncryptedKeyError> {
        let block = pem::block(text, ENCRYPTED).map_err(PrivateKeyError::from)?;
        let (_, document) = Document::from_pem(&block).map_err(|_| EncryptedKeyError::Malformed)?;
        let info = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|error| {
            match (error.kind(), scheme(document.as_bytes())) {
                (_, Ok(oid)) if oid != pbes2::PBES2_OID => EncryptedKeyError::Algorithm(oid.to_string()),
                (ErrorKind::OidUnknown { oid }, Ok(_)) => EncryptedKeyError::Algorithm(oid.to_string()),
                _ => EncryptedKeyError::Malformed,
            }
        })?;
        let parameters = match info.encryption_algorithm {
            Scheme::Pbes2(parameters) => parameters,
            other => return Err(EncryptedKeyError::Algorithm(other.oid().to_string())),
        };
        check_method(&parameters)?;
        Ok(Self { parameters, data: info.encrypted_data.as_bytes().to_vec() })
    }

    /// The key, if this is its passphrase.
    pub(crate) fn open(&self, passphrase: &Passphrase) -> Result<PrivateKey, EncryptedKeyError> {
        let mut bytes = Zeroizing::new(self.data.clone());
        let opened = self.parameters.decrypt_in_place(passphrase.as_bytes(), &mut bytes);
        let der = opened.map_err(|_| EncryptedKeyError::WrongPassphrase)?;
        // One wrong passphrase in 256 leaves what looks like padding, and nonsense before it.
        PrivateKeyInfoRef::from_der(der).map_err(|_| EncryptedKeyError::WrongPassphrase)?;
        Ok(PrivateKey::from_der(der)?)
    }

    /// A key under a passphrase, as the text of a PEM file. Salt and IV are random and never used again.
    pub(crate) fn write(
        key: &PrivateKey,
        passphrase: &Passphrase,
        salt: [u8; 16],
        iv: [u8; 16],
    ) -> Result<Zeroizing<String>, EncryptedKeyError> {
        let (log_n, r, p) = WRITTEN;
        let write = || {
            let cost = scrypt::Params::new(log_n, r, p).ok()?;
            let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).ok()?;
            let data = parameters.encrypt(passphrase.as_bytes(), &key.to_der().ok()?).ok()?;
            let encrypted_data = OctetStringRef::new(&data).ok()?;
            let info = EncryptedPrivateKeyInfo { encryption_algorithm: parameters.into(), encrypted_data };
            SecretDocument::try_from(info).ok()?.to_pem(ENCRYPTED, LineEnding::LF).ok()
        };
        Ok(write().ok_or(PrivateKeyError::Encode)?)
    }
}

/// The scheme of what is otherwise not understood.
fn scheme(info: &[u8]) -> pkcs8::der::Result<ObjectIdentifier> {
    AnyRef::from_der(info)?.sequence(|reader| {
        let scheme = AlgorithmIdentifierRef::decode(reader)?;
        AnyRef::decode(reader)?;
        Ok(scheme.oid)
    })
}

/// Requires a method that OpenSSL writes too, within the limits.
fn check_method(parameters: &pbes2::Parameters) -> Result<(), EncryptedKeyError> {
    match &parameters.kdf {
        Kdf::Pbkdf2(cost) if cost.iteration_count == 0 => Err(EncryptedKeyError::Malformed),
        Kdf::Pbkdf2(cost) if cost.iteration_count > MAX_ITERATIONS => {
            let asked = format!("{} iterations of PBKDF2", cost.iteration_count);
            Err(EncryptedKeyError::TooCostly(asked, MAX_ITERATIONS.to_string()))
        }
        Kdf::Pbkdf2(_) => Ok(()),
        Kdf::Scrypt(cost) => check_scrypt(cost),
        other => Err(EncryptedKeyError::Algorithm(other.oid().to_string())),
    }?;
    match &parameters.encryption {
        EncryptionScheme::Aes128Cbc { .. }
        | EncryptionScheme::Aes192Cbc { .. }
        | EncryptionScheme::Aes256Cbc { .. } => Ok(()),
        other => Err(EncryptedKeyError::Algorithm(other.oid().to_string())),
    }
}

fn check_scrypt(cost: &ScryptParams) -> Result<(), EncryptedKeyError> {
    let (n, r, p) = (cost.cost_parameter, u64::from(cost.block_size), u64::from(cost.parallelization));
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
        return Err(EncryptedKeyError::Malformed);
    }
    // RFC 7914, section 6: V has N blocks of 128·r bytes, B has p of them.
    let memory = n.saturating_add(p).saturating_mul(128 * r);
    if memory > MAX_MEMORY {
        let asked = format!("{} MiB of memory", memory >> 20);
        return Err(EncryptedKeyError::TooCostly(asked, format!("{} MiB", MAX_MEMORY >> 20)));
    }
    if n.saturating_mul(r).saturating_mul(p) > MAX_SCRYPT_WORK {
        let asked = format!("scrypt with N={n}, r={r} and p={p}");
        return Err(EncryptedKeyError::TooCostly(asked, format!("N·r·p = {MAX_SCRYPT_WORK}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use pkcs8::pkcs5::pbes2::{Pbkdf2Params, Salt};

    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.as_bytes().to_vec().into()).unwrap()
    }

    fn key() -> PrivateKey {
        PrivateKey::from_seed(&[7; 32]).unwrap()
    }

    /// A file with these parameters, and whatever as data.
    fn file(kdf: Kdf, encryption: EncryptionScheme) -> String {
        let parameters = pbes2::Parameters { kdf, encryption };
        let encrypted_data = OctetStringRef::new(&[0; 64]).unwrap();
        let info = EncryptedPrivateKeyInfo { encryption_algorithm: parameters.into(), encrypted_data };
        SecretDocument::try_from(info).unwrap().to_pem(ENCRYPTED, LineEnding::LF).unwrap().to_string()
    }

    fn salt() -> Salt {
        Salt::try_from([1; 16].as_slice()).unwrap()
    }

    fn scrypt_of(cost_parameter: u64, block_size: u16, parallelization: u16) -> Kdf {
        Kdf::Scrypt(ScryptParams { salt: salt(), cost_parameter, block_size, parallelization, key_length: None })
    }

    fn pbkdf2_of(iteration_count: u32) -> Kdf {
        Kdf::Pbkdf2(Pbkdf2Params { iteration_count, ..Pbkdf2Params::hmac_sha256(1, &[1; 16]).unwrap() })
    }

    const AES: EncryptionScheme = EncryptionScheme::Aes256Cbc { iv: [2; 16] };

    fn refusal(text: &str) -> EncryptedKeyError {
        EncryptedKey::from_pem(text).err().unwrap_or_else(|| panic!("taken: {text}"))
    }

    #[test]
    fn a_key_is_opened_by_its_passphrase_and_no_other() {
        let text = EncryptedKey::write(&key(), &passphrase("пароль 1"), [3; 16], [4; 16]).unwrap();
        let found = EncryptedKey::from_pem(&text).unwrap();
        assert_eq!(found.open(&passphrase("пароль 1")).unwrap().public(), key().public());
        for wrong in ["пароль 2", "пароль 1 ", "x"] {
            assert_eq!(found.open(&passphrase(wrong)).unwrap_err(), EncryptedKeyError::WrongPassphrase);
        }
    }

    #[test]
    fn what_asks_for_too_much_memory_or_time_is_refused_before_anything_is_tried() {
        for kdf in [
            scrypt_of(1 << 20, 8, 1),
            scrypt_of(1 << 63, 8, 1),
            scrypt_of(1 << 17, 9, 1),
            scrypt_of(1 << 14, 8, u16::MAX),
            scrypt_of(2, u16::MAX, u16::MAX),
            pbkdf2_of(MAX_ITERATIONS + 1),
            pbkdf2_of(u32::MAX),
        ] {
            let refusal = refusal(&file(kdf.clone(), AES));
            assert!(matches!(refusal, EncryptedKeyError::TooCostly(..)), "{kdf:?}: {refusal:?}");
        }
        for kdf in [scrypt_of(1 << 14, 8, 5), scrypt_of(1 << 16, 8, 1), pbkdf2_of(1), pbkdf2_of(MAX_ITERATIONS)] {
            assert!(EncryptedKey::from_pem(&file(kdf, AES)).is_ok());
        }
    }

    #[test]
    fn numbers_that_no_program_writes_are_refused() {
        for kdf in
            [scrypt_of(0, 8, 1), scrypt_of(1, 8, 1), scrypt_of(1000, 8, 1), scrypt_of(1 << 14, 0, 1), pbkdf2_of(0)]
        {
            assert_eq!(refusal(&file(kdf, AES)), EncryptedKeyError::Malformed);
        }
        assert_eq!(refusal(&file(scrypt_of(1 << 14, 8, 0), AES)), EncryptedKeyError::Malformed);
    }

    #[test]
    fn another_method_is_named() {
        let gcm = file(pbkdf2_of(2048), EncryptionScheme::Aes256Gcm { nonce: [0; 12] });
        assert_eq!(refusal(&gcm), EncryptedKeyError::Algorithm("2.16.840.1.101.3.4.1.46".into()));
        // By `openssl pkcs8 -topk8` with -v2 des3, -v1 PBE-SHA1-3DES and -v1 PBE-MD5-DES.
        for (body, method) in [
            (
                "MIGKME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAgg8EV60dBLQgICCAAwDAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQI\
                 Igpc45LbeL4EOMn0oNPsGC7/x35nZZzmXL6ncxrxYpPrSbKUvRPglEJ38sbNW4nPO1aKF0kol6uXr90zFUv95ER/",
                "1.2.840.113549.3.7",
            ),
            (
                "MFgwHAYKKoZIhvcNAQwBAzAOBAj50q2YbZIbBQICCAAEOFxyC6eNW8EEn9IDNA4c4SFHpqitkGYAAqv/hIa7gcQHQHAyH47Atk7R\
                 0eLxAf2rxF8RrJR96jNW",
                "1.2.840.113549.1.12.1.3",
            ),
            (
                "MFcwGwYJKoZIhvcNAQUDMA4ECKGyGEHO5wccAgIIAAQ4nKnbrxIz3thah4DpTl94aZW0fy/PfZ0zFeGE/DcMrgT+H813+9KdaN6l\
                 PDPQ19LGqU6dzQK/6fA=",
                "1.2.840.113549.1.5.3",
            ),
        ] {
            let text = format!("-----BEGIN {ENCRYPTED}-----\n{body}\n-----END {ENCRYPTED}-----\n");
            assert_eq!(refusal(&text), EncryptedKeyError::Algorithm(method.into()));
        }
    }

    #[test]
    fn what_the_passphrase_opens_is_to_be_an_ed25519_key() {
        // An Ed448 key under the passphrase "x", by `openssl genpkey -algorithm ed448 -aes256`.
        let body = "MIGrMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgRRpczSuYZPwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoE\
                    ELBWiVi7Ghk9CZlzTDJbs5IEUOYz1WQkISXXlVI9ZYgn0VQJgOwnZZOetUbnDJurgFhxeEduPXzHXW8wpSlwI6aEWvmz2NCUMx1e\
                    4i3A2FJM+95NyMQe1+Zw7sEgzWqhpsnK";
        let text = format!("-----BEGIN {ENCRYPTED}-----\n{body}\n-----END {ENCRYPTED}-----\n");
        let found = EncryptedKey::from_pem(&text).unwrap();
        let refused = found.open(&passphrase("x")).unwrap_err();
        assert_eq!(refused, EncryptedKeyError::Key(PrivateKeyError::NotPkcs8));
        assert_eq!(found.open(&passphrase("y")).unwrap_err(), EncryptedKeyError::WrongPassphrase);
    }

    #[test]
    fn a_file_that_was_cut_or_altered_is_told_from_a_wrong_passphrase_or_not_opened() {
        let whole = EncryptedKey::write(&key(), &passphrase("x"), [3; 16], [4; 16]).unwrap();
        let (_, document) = Document::from_pem(&whole).unwrap();
        let bytes = document.as_bytes();
        let label = |bytes: &[u8]| pkcs8::der::pem::encode_string(ENCRYPTED, LineEnding::LF, bytes).unwrap();
        for length in 0..bytes.len() {
            assert!(EncryptedKey::from_pem(&label(&bytes[..length])).is_err(), "{length} bytes");
        }
        for at in 0..bytes.len() {
            let mut altered = bytes.to_vec();
            altered[at] ^= 0x11;
            // Whatever it has become, it is refused or costs no more than the limits.
            if let Ok(found) = EncryptedKey::from_pem(&label(&altered))
                && at > bytes.len() - 17
            {
                assert!(found.open(&passphrase("x")).is_err(), "byte {at}");
            }
        }
        assert_eq!(refusal(""), EncryptedKeyError::Key(PrivateKeyError::NotPkcs8));
        assert_eq!(refusal(&format!("{}{}", *whole, *whole)), EncryptedKeyError::Key(PrivateKeyError::Several));
    }
}
