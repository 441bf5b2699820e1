//! The PKCS#11 module and who is logged in. Both are the process's and not an authority's: a module is initialised once,
//! and a login holds for every session of the process until the last one is closed (PKCS#11 v3.0, sections 5.4 and 5.6).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::{TokenError, TokenSettings, TokenUri, reason};
use crate::passphrase::{Passphrase, Passphrases};

static LOADED: Mutex<Option<Module>> = Mutex::new(None);

/// A module in use.
pub(super) struct Module {
    path: PathBuf,
    pub(super) pkcs11: Pkcs11,
    /// One session of each token, which keeps the login.
    logged_in: Vec<(Slot, Session)>,
}

/// Who may be asked for the PIN.
#[derive(Clone, Copy)]
pub(super) enum Login<'a> {
    /// Whoever the passphrases are had of.
    Asking(&'a Passphrases),
    /// Nobody: it is good only where the process is logged in already.
    Unasked,
}

/// Does something with the module that the settings name, which is loaded when it is first needed.
pub(super) fn with<T>(
    settings: &TokenSettings,
    work: impl FnOnce(&mut Module) -> Result<T, TokenError>,
) -> Result<T, TokenError> {
    let path = settings.module.as_deref().ok_or(TokenError::NoModule)?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let module = match loaded.take().filter(|module| module.path == path) {
        Some(module) => module,
        None => Module::load(path)?,
    };
    work(loaded.insert(module))
}

impl Module {
    fn load(path: &Path) -> Result<Self, TokenError> {
        // A bare name would be looked for wherever the loader looks.
        if !path.is_absolute() {
            return Err(TokenError::RelativeModule(path.into()));
        }
        let failed = |error: Error| TokenError::Module { path: path.into(), why: reason(&error) };
        let pkcs11 = Pkcs11::new(path).map_err(failed)?;
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(failed(error)),
        }
        Ok(Self { path: path.into(), pkcs11, logged_in: Vec::new() })
    }

    /// The slot of the one token that a URI means.
    pub(super) fn slot(&self, uri: &TokenUri) -> Result<Slot, TokenError> {
        let failed = |error: Error| TokenError::Module { path: self.path.clone(), why: reason(&error) };
        let slots = self.pkcs11.get_slots_with_token().map_err(failed)?;
        let is_meant = |slot: &Slot| self.pkcs11.get_token_info(*slot).is_ok_and(|token| means(uri, &token));
        let mut found = slots.into_iter().filter(is_meant);
        match (found.next(), found.next()) {
            (Some(slot), None) => Ok(slot),
            (None, _) => Err(TokenError::NoToken(uri.token.clone())),
            (Some(_), Some(_)) => Err(TokenError::SeveralTokens(uri.token.clone())),
        }
    }

    /// Logs in where the process is not yet.
    pub(super) fn login(
        &mut self,
        slot: Slot,
        uri: &TokenUri,
        settings: &TokenSettings,
        login: Login<'_>,
    ) -> Result<(), TokenError> {
        self.logged_in.retain(|(_, session)| session.get_session_info().is_ok());
        if self.logged_in.iter().any(|(there, _)| *there == slot) {
            return Ok(());
        }
        let label = || uri.token.clone();
        let failed = |error: Error| TokenError::failed(uri, &error);
        let token = self.pkcs11.get_token_info(slot).map_err(failed)?;
        let session = self.pkcs11.open_ro_session(slot).map_err(failed)?;
        if token.login_required() {
            let Login::Asking(passphrases) = login else { return Err(TokenError::NoPin(label())) };
            if token.user_pin_locked() {
                return Err(TokenError::PinLocked(label()));
            }
            // A token with keys of its own is told the PIN by whoever stands before it.
            let pin = match token.protected_authentication_path() {
                true => None,
                false => Some(as_pin(&pin(uri, settings, passphrases)?)?),
            };
            match session.login(UserType::User, pin.as_ref()) {
                Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
                Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                    let now = self.pkcs11.get_token_info(slot).map_err(failed)?;
                    return Err(match (now.user_pin_locked(), now.user_pin_final_try()) {
                        (true, _) => TokenError::PinLocked(label()),
                        (false, true) => TokenError::WrongPinLastTry(label()),
                        (false, false) => TokenError::WrongPin(label()),
                    });
                }
                Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(TokenError::PinLocked(label())),
                Err(error) => return Err(failed(error)),
            }
        }
        self.logged_in.push((slot, session));
        Ok(())
    }
}

/// Whether this is a token that a URI means.
fn means(uri: &TokenUri, token: &TokenInfo) -> bool {
    let is = |wanted: &Option<String>, there: &str| wanted.as_deref().is_none_or(|wanted| wanted == there);
    uri.token == token.label()
        && is(&uri.serial, token.serial_number())
        && is(&uri.manufacturer, token.manufacturer_id())
        && is(&uri.model, token.model())
}

/// From the file that the settings name, or of whoever is asked. Only once: a token counts wrong ones.
fn pin(uri: &TokenUri, settings: &TokenSettings, passphrases: &Passphrases) -> Result<Passphrase, TokenError> {
    match &settings.pin_file {
        Some(path) => Ok(Passphrase::read(path)?),
        None => passphrases.pin(&uri.token)?.ok_or_else(|| TokenError::NoPin(uri.token.clone())),
    }
}

fn as_pin(pin: &Passphrase) -> Result<AuthPin, TokenError> {
    let text = std::str::from_utf8(pin.as_bytes()).map_err(|_| TokenError::PinNotUtf8)?;
    Ok(AuthPin::new(text.into()))
}
