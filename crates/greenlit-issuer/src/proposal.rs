//! The next root on its way from stick to stick, until enough keys have signed it: a threshold of the
//! root's before it and of its own (TUF specification, "Key management and migration").
//!
//! A proposal carries the root in force beside the one proposed, so that a machine that holds
//! nothing but this file and one key can tell what would change, and whether that key has a say.

use greenlit_core::cbor::{CborError, Malformed, Reader, Writer};
use greenlit_core::cose::{Header, Sign, encode_sign, signature_input};
use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::trust::{DocumentError, Root, RootBody, SignatureError, limits};

use super::PrivateKey;

const MARK: &str = "greenlit root proposal";

/// The next root with the signatures that it has so far.
#[derive(Clone, Debug)]
pub struct Proposal {
    before: Root,
    body: RootBody,
    signatures: Vec<(KeyId, [u8; 64])>,
}

/// Why a proposal was not read or signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ProposalError {
    #[error("is not a proposed root")]
    NotAProposal,
    #[error("is damaged: the current root in it {0}")]
    Before(DocumentError),
    #[error("is damaged: the root it proposes {0}")]
    Proposed(DocumentError),
    #[error("proposes a root that no till would accept: it {0}")]
    Unsound(DocumentError),
    #[error("does not need the key {0}, which is neither in the current root nor in the proposed one")]
    NoSay(KeyId),
}

/// How far the signatures of one role have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureCount {
    /// The number of the root whose keys these are.
    pub root: u64,
    /// How many of its keys have signed.
    pub good: usize,
    /// How many must.
    pub threshold: usize,
    /// Those that have not.
    pub waiting: Vec<KeyId>,
}

impl SignatureCount {
    /// How many more must sign.
    pub fn missing(&self) -> usize {
        self.threshold.saturating_sub(self.good)
    }
}

impl Proposal {
    /// Proposes this body as the root after `before`.
    pub fn new(before: Root, body: &RootBody) -> Result<Self, ProposalError> {
        let body = RootBody::parse(&body.encode()).map_err(ProposalError::Unsound)?;
        check_number(&before, &body).map_err(ProposalError::Unsound)?;
        Ok(Self { before, body, signatures: Vec::new() })
    }

    /// Reads a proposal; every signature on it must hold.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProposalError> {
        let (before, proposed) = Self::parts(bytes).map_err(|_| ProposalError::NotAProposal)?;
        let before = Root::verify_anchor(before).map_err(ProposalError::Before)?;
        Self::read(before, proposed).map_err(ProposalError::Proposed)
    }

    fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
        let mut reader = Reader::new(bytes);
        reader.array_of(3, "proposal")?;
        if reader.text()? != MARK {
            return Err(Malformed::Missing("mark"));
        }
        let parts = (reader.bytes()?, reader.bytes()?);
        reader.finish()?;
        if parts.0.len().max(parts.1.len()) > limits::MAX_ROOT_BYTES {
            return Err(CborError::TooLarge { at: 0 }.into());
        }
        Ok(parts)
    }

    fn read(before: Root, bytes: &[u8]) -> Result<Self, DocumentError> {
        let sign = Sign::parse(bytes)?;
        let body = RootBody::parse(sign.payload)?;
        check_number(&before, &body)?;
        let mut proposal = Self { before, body, signatures: Vec::new() };
        for one in &sign.signatures {
            let key = proposal.key(one.kid).ok_or(SignatureError::Stranger(one.kid))?;
            if !key.verifies(&sign.signed_bytes(one, Root::EXTERNAL_AAD), one.signature) {
                return Err(SignatureError::Bad(one.kid).into());
            }
            if !proposal.has_signed(one.kid) {
                proposal.signatures.push((one.kid, *one.signature));
            }
        }
        Ok(proposal)
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(3).text(MARK).bytes(self.before.as_bytes()).bytes(&self.root_bytes());
        writer.into_bytes()
    }

    /// The root in force when it was made.
    pub fn current_root(&self) -> &Root {
        &self.before
    }

    /// What the next root would say.
    pub fn body(&self) -> &RootBody {
        &self.body
    }

    /// Adds a signature; `false` where that key has signed already.
    pub fn sign(&mut self, key: &PrivateKey) -> Result<bool, ProposalError> {
        let kid = key.public().id();
        if self.key(kid) != Some(key.public()) {
            return Err(ProposalError::NoSay(kid));
        }
        if self.has_signed(kid) {
            return Ok(false);
        }
        let message = signature_input(&Header::encode(kid), Root::EXTERNAL_AAD, &self.body.encode());
        self.signatures.push((kid, key.sign(&message)));
        Ok(true)
    }

    /// Whether a signature of this key would bring it nearer to its end.
    pub fn awaits_signature_of(&self, kid: KeyId) -> bool {
        self.signature_counts().iter().any(|role| role.missing() > 0 && role.waiting.contains(&kid))
    }

    /// How far the old root's signatures and its own have come.
    pub fn signature_counts(&self) -> [SignatureCount; 2] {
        [(self.before.number, &self.before.root_keys), (self.body.number, &self.body.root_keys)].map(|(root, keys)| {
            let kids = keys.keys().iter().map(PublicKey::id);
            let (signed, waiting): (Vec<_>, Vec<_>) = kids.partition(|kid| self.has_signed(*kid));
            SignatureCount { root, good: signed.len(), threshold: keys.threshold(), waiting }
        })
    }

    /// How many must still sign, at least, and who could.
    pub fn missing_signatures(&self) -> Option<(usize, Vec<KeyId>)> {
        let [old, own] = self.signature_counts();
        let missing = old.missing().max(own.missing());
        let mut waiting = Vec::new();
        for role in [&old, &own].into_iter().filter(|role| role.missing() > 0) {
            waiting.extend(role.waiting.iter().copied());
        }
        waiting.sort();
        waiting.dedup();
        (missing > 0).then_some((missing, waiting))
    }

    /// The next root, if a till that holds the one before would take it.
    pub fn finish(&self) -> Result<Root, DocumentError> {
        self.before.verify_next(&self.root_bytes())
    }

    fn root_bytes(&self) -> Vec<u8> {
        encode_sign(&self.body.encode(), &self.signatures)
    }

    fn has_signed(&self, kid: KeyId) -> bool {
        self.signatures.iter().any(|(signer, _)| *signer == kid)
    }

    fn key(&self, kid: KeyId) -> Option<&PublicKey> {
        self.before.root_keys.find(kid).or_else(|| self.body.root_keys.find(kid))
    }
}

fn check_number(before: &Root, body: &RootBody) -> Result<(), DocumentError> {
    let wanted = before.number.saturating_add(1);
    if body.number == wanted { Ok(()) } else { Err(DocumentError::WrongNumber { found: body.number, wanted }) }
}
