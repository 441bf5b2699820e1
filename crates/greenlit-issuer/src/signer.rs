//! What signs passes: a private key in memory, or one inside a token.

use greenlit_core::key::PublicKey;
use greenlit_core::pass::Pass;

use crate::sign::sign_pass_by;
use crate::token::{TokenError, TokenKey};
use crate::{PrivateKey, sign_pass};

/// An issuer key that can sign.
pub enum Signer {
    /// In this program's memory, read from a file.
    Memory(PrivateKey),
    /// Inside a token.
    Token(TokenKey),
}

impl Signer {
    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        match self {
            Self::Memory(key) => key.public(),
            Self::Token(key) => key.public(),
        }
    }

    /// Signs a pass and gives the text of its QR code. Only a token can fail.
    pub fn sign_pass(&self, pass: &Pass) -> Result<String, TokenError> {
        match self {
            Self::Memory(key) => Ok(sign_pass(pass, key)),
            Self::Token(key) => sign_pass_by(pass, key.public().id(), |message| key.sign(message)),
        }
    }
}
