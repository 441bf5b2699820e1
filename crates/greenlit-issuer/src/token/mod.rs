//! An issuer key inside a token: a smart card, a hardware security module or SoftHSM, by PKCS#11.
//!
//! The private half never leaves the token. What it gives as a signature goes out only if it verifies by the public half
//! in the register.

mod module;
mod uri;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::Slot;

use greenlit_core::key::{KeyError, KeyId, PublicKey};

use crate::passphrase::{PassphraseError, Passphrases};
use module::Login;
pub use uri::{TokenUri, UriError};

/// Signed when a key is taken into use, and by nothing taken for a pass.
const TRIAL: &[u8] = b"greenlit: does this token sign by this key?";

/// The curve of Ed25519 in CKA_EC_PARAMS: as object identifier (RFC 8410), which SoftHSM and most tokens want, and as
/// the name that PKCS#11 v3.0 had first.
const CURVES: [&[u8]; 2] = [&[0x06, 0x03, 0x2b, 0x65, 0x70], b"\x13\x0cedwards25519"];

/// Why a token did not serve.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TokenError {
    #[error("{uri}: {error}")]
    Uri { uri: String, error: UriError },
    #[error(
        "no PKCS#11 module is named; add one to authority.toml, above [name], for example pkcs11_module = \"/usr/lib/softhsm/libsofthsm2.so\""
    )]
    NoModule,
    #[error("{}: pkcs11_module in authority.toml must be a whole path, beginning with a slash", .0.display())]
    RelativeModule(PathBuf),
    #[error("{path}: does not serve as PKCS#11 module: {why}", path = .path.display())]
    Module { path: PathBuf, why: String },
    #[error("token \"{0}\" is not present; connect it and try again")]
    NoToken(String),
    #[error("several tokens are called \"{0}\"; add serial=NUMBER to the URI")]
    SeveralTokens(String),
    #[error(
        "token \"{0}\" needs its PIN; give it at a terminal, or in a file that pkcs11_pin_file in authority.toml names"
    )]
    NoPin(String),
    #[error("wrong PIN for token \"{0}\"; it was tried once, for tokens lock themselves after some wrong ones")]
    WrongPin(String),
    #[error("wrong PIN for token \"{0}\", and one more will lock it; make sure of the PIN before you try again")]
    WrongPinLastTry(String),
    #[error("token \"{0}\" is locked after too many wrong PINs; its security officer can set a new one")]
    PinLocked(String),
    #[error("the PIN is not UTF-8 text")]
    PinNotUtf8,
    #[error(transparent)]
    Pin(#[from] PassphraseError),
    #[error("{0}: no such Ed25519 private key; if it was deleted, make a new one with `keys add` and retire this one")]
    NoKey(String),
    #[error("{0}: there are several such keys; add id=… to the URI")]
    SeveralKeys(String),
    #[error("{0}: there is a key already; take it with --existing, or give another name")]
    Exists(String),
    #[error("give the new key a name: add object=LABEL to the URI")]
    NoName,
    #[error("{0}: the token has no public half of this key")]
    NoPublicKey(String),
    #[error("{0}: the token's public half {1}")]
    BadPublicKey(String, KeyError),
    #[error("{place}: not the key {kid} that is registered under this name")]
    OtherKey { place: String, kid: KeyId },
    #[error("{0}: the token gave a signature that does not verify; it was not used")]
    BadSignature(String),
    #[error("{place}: the token failed ({why}); check that it is connected, and run the same command again")]
    Failed { place: String, why: String },
}

impl TokenError {
    fn failed(uri: &TokenUri, error: &Error) -> Self {
        match error {
            Error::Pkcs11(RvError::TokenNotPresent | RvError::SlotIdInvalid, _) => Self::NoToken(uri.token.clone()),
            error => Self::Failed { place: uri.place(), why: reason(error) },
        }
    }
}

/// In a few words: the library's texts are the specification's paragraphs.
fn reason(error: &Error) -> String {
    match error {
        Error::Pkcs11(value, function) => format!("{function:?}: {value:?}"),
        other => other.to_string(),
    }
}

/// How tokens are reached, from `authority.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenSettings {
    /// The PKCS#11 module, a shared library.
    pub(crate) module: Option<PathBuf>,
    /// The file with the PIN.
    pub(crate) pin_file: Option<PathBuf>,
}

/// A private key inside a token, ready to sign in any number of threads.
pub struct TokenKey {
    uri: TokenUri,
    public: PublicKey,
    pkcs11: Pkcs11,
    slot: Slot,
    /// Sessions that no thread uses now; each does one thing at a time.
    idle: Mutex<Vec<Opened>>,
}

struct Opened {
    session: Session,
    key: ObjectHandle,
}

impl TokenKey {
    /// Makes a key pair inside the token. Its private half is never to leave it.
    pub(crate) fn generate(
        settings: &TokenSettings,
        uri: &TokenUri,
        passphrases: &Passphrases,
    ) -> Result<Self, TokenError> {
        let label = uri.object.clone().ok_or(TokenError::NoName)?;
        let failed = |error: Error| TokenError::failed(uri, &error);
        module::with(settings, |module| {
            let slot = module.slot(uri)?;
            module.login(slot, uri, settings, Login::Asking(passphrases))?;
            let session = module.pkcs11.open_rw_session(slot).map_err(failed)?;
            for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
                if !session.find_objects(&template(uri, class)).map_err(failed)?.is_empty() {
                    return Err(TokenError::Exists(uri.place()));
                }
            }
            let mut made = None;
            for curve in CURVES {
                let mut public = vec![
                    Attribute::Token(true),
                    Attribute::Private(false),
                    Attribute::Verify(true),
                    Attribute::EcParams(curve.to_vec()),
                    Attribute::Label(label.clone().into_bytes()),
                ];
                let mut private = vec![
                    Attribute::Token(true),
                    Attribute::Private(true),
                    Attribute::Sensitive(true),
                    Attribute::Extractable(false),
                    Attribute::Sign(true),
                    Attribute::Label(label.clone().into_bytes()),
                ];
                if let Some(id) = &uri.id {
                    public.push(Attribute::Id(id.clone()));
                    private.push(Attribute::Id(id.clone()));
                }
                match session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private) {
                    Ok(pair) => {
                        made = Some(pair);
                        break;
                    }
                    // The other spelling of the curve comes next, if it is about that.
                    Err(error) if curve == CURVES[1] => return Err(failed(error)),
                    Err(_) => {}
                }
            }
            let (public, key) = made.ok_or_else(|| TokenError::NoKey(uri.place()))?;
            let public = public_key(&session, uri, public)?;
            let token = Self::of(module.pkcs11.clone(), slot, uri.clone(), public, Opened { session, key });
            token.try_out()
        })
    }

    /// Takes the key pair that is in the token.
    pub(crate) fn existing(
        settings: &TokenSettings,
        uri: &TokenUri,
        passphrases: &Passphrases,
    ) -> Result<Self, TokenError> {
        module::with(settings, |module| {
            let slot = module.slot(uri)?;
            module.login(slot, uri, settings, Login::Asking(passphrases))?;
            let opened = open(&module.pkcs11, slot, uri)?;
            let public = find_public(&opened.session, uri)?.ok_or_else(|| TokenError::NoPublicKey(uri.place()))?;
            Self::of(module.pkcs11.clone(), slot, uri.clone(), public, opened).try_out()
        })
    }

    /// The key in the token whose public half is registered. Without `passphrases` nobody is asked for the PIN.
    pub(crate) fn open(
        settings: &TokenSettings,
        uri: &TokenUri,
        public: &PublicKey,
        passphrases: Option<&Passphrases>,
    ) -> Result<Self, TokenError> {
        let login = passphrases.map_or(Login::Unasked, Login::Asking);
        module::with(settings, |module| {
            let slot = module.slot(uri)?;
            module.login(slot, uri, settings, login)?;
            let opened = open(&module.pkcs11, slot, uri)?;
            check_public(&opened.session, uri, public)?;
            Ok(Self::of(module.pkcs11.clone(), slot, uri.clone(), public.clone(), opened))
        })
    }

    fn of(pkcs11: Pkcs11, slot: Slot, uri: TokenUri, public: PublicKey, opened: Opened) -> Self {
        Self { uri, public, pkcs11, slot, idle: Mutex::new(vec![opened]) }
    }

    fn try_out(self) -> Result<Self, TokenError> {
        self.sign(TRIAL).map(|_| self)
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Where it is.
    pub fn uri(&self) -> &TokenUri {
        &self.uri
    }

    /// Has the token sign, and verifies what it gives.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], TokenError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let free = idle().pop();
        let opened = match free {
            Some(opened) => opened,
            None => open(&self.pkcs11, self.slot, &self.uri)?,
        };
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
        // A session that failed is closed, not used again.
        let signature = opened.session.sign(&mechanism, opened.key, message);
        let signature = signature.map_err(|error| TokenError::failed(&self.uri, &error))?;
        let signature = signature.try_into().ok().filter(|signature| self.public.verifies(message, signature));
        let signature = signature.ok_or_else(|| TokenError::BadSignature(self.uri.place()))?;
        idle().push(opened);
        Ok(signature)
    }
}

/// Looks without a PIN whether the token is there and has, as far as it shows, this key.
pub(crate) fn look(settings: &TokenSettings, uri: &TokenUri, public: &PublicKey) -> Result<(), TokenError> {
    module::with(settings, |module| {
        let slot = module.slot(uri)?;
        let session = module.pkcs11.open_ro_session(slot).map_err(|error| TokenError::failed(uri, &error))?;
        check_public(&session, uri, public)
    })
}

/// Opens a session, which has the process's login, and finds the private key.
fn open(pkcs11: &Pkcs11, slot: Slot, uri: &TokenUri) -> Result<Opened, TokenError> {
    let failed = |error: Error| TokenError::failed(uri, &error);
    let session = pkcs11.open_ro_session(slot).map_err(failed)?;
    let found = session.find_objects(&template(uri, ObjectClass::PRIVATE_KEY)).map_err(failed)?;
    match found.as_slice() {
        [key] => Ok(Opened { key: *key, session }),
        [] => Err(TokenError::NoKey(uri.place())),
        _ => Err(TokenError::SeveralKeys(uri.place())),
    }
}

fn template(uri: &TokenUri, class: ObjectClass) -> Vec<Attribute> {
    let mut template = vec![Attribute::Class(class), Attribute::KeyType(KeyType::EC_EDWARDS)];
    template.extend(uri.object.iter().map(|label| Attribute::Label(label.clone().into_bytes())));
    template.extend(uri.id.iter().map(|id| Attribute::Id(id.clone())));
    template
}

/// Another public half than the registered one is another key's; a token need not have any.
fn check_public(session: &Session, uri: &TokenUri, public: &PublicKey) -> Result<(), TokenError> {
    match find_public(session, uri)? {
        Some(there) if &there != public => Err(TokenError::OtherKey { place: uri.place(), kid: public.id() }),
        _ => Ok(()),
    }
}

fn find_public(session: &Session, uri: &TokenUri) -> Result<Option<PublicKey>, TokenError> {
    let found = session.find_objects(&template(uri, ObjectClass::PUBLIC_KEY));
    match found.map_err(|error| TokenError::failed(uri, &error))?.as_slice() {
        [] => Ok(None),
        [object] => public_key(session, uri, *object).map(Some),
        _ => Err(TokenError::SeveralKeys(uri.place())),
    }
}

fn public_key(session: &Session, uri: &TokenUri, object: ObjectHandle) -> Result<PublicKey, TokenError> {
    let attributes = session.get_attributes(object, &[AttributeType::EcPoint]);
    let attributes = attributes.map_err(|error| TokenError::failed(uri, &error))?;
    let point = attributes.iter().find_map(|attribute| match attribute {
        Attribute::EcPoint(point) => Some(point.as_slice()),
        _ => None,
    });
    let bytes = point.and_then(point_bytes).ok_or_else(|| TokenError::NoPublicKey(uri.place()))?;
    PublicKey::from_bytes(bytes).map_err(|error| TokenError::BadPublicKey(uri.place(), error))
}

/// CKA_EC_POINT of Ed25519: 32 bytes, in an OCTET STRING in DER or, as some tokens have it, alone.
fn point_bytes(point: &[u8]) -> Option<&[u8; 32]> {
    match point {
        [0x04, 0x20, bytes @ ..] if bytes.len() == 32 => bytes.try_into().ok(),
        bytes => bytes.try_into().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_alone_and_in_der() {
        let bytes: [u8; 32] = std::array::from_fn(|n| n as u8);
        assert_eq!(point_bytes(&bytes), Some(&bytes));
        assert_eq!(point_bytes(&[&[4, 32], bytes.as_slice()].concat()), Some(&bytes));
        for other in [&bytes[..31], &[], &[[4, 32].as_slice(), &bytes[..31]].concat(), &[0; 34], &[0; 57]] {
            assert_eq!(point_bytes(other), None, "{other:?}");
        }
    }
}
