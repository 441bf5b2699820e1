//! Whether a pass is one that may be handed out: genuine, and neither revoked nor over.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use greenlit_core::key::KeyId;
use greenlit_core::pass::{Class, Pass, PassError, SignedPass};
use greenlit_core::text::Text;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Root, TrustState};
use greenlit_core::verify::{Rejection, verify};

use super::PrintError;
use crate::Zone;
use crate::authority::{Authority, AuthorityError, Notice};
use crate::inspect::published_trust;
use crate::register::{KeyRecord, Role, Status};
use crate::revoke::reference;

/// Why a pass is not printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum NotVouched {
    #[error("not a pass: {0}")]
    NotAPass(#[from] PassError),
    #[error("not signed by a key of this authority")]
    Foreign,
    #[error("signed by a key that was revoked")]
    KeyRevoked,
    #[error("contains something that this version does not know")]
    Newer,
    #[error("no pass {0} was issued here")]
    NeverIssued(String),
    #[error("revoked")]
    Revoked,
    #[error("suspended")]
    Suspended,
    #[error("expired at {0}")]
    Expired(UnixTime),
    #[error("a till with the published folder would not take it: {code}, {rejection}", code = rejection.code())]
    Rejected { rejection: Rejection },
    #[error("has a status ({0}) that this version does not know")]
    OtherStatus(u8),
}

/// The authority as passes are held to it, and what paper says of it.
pub(super) struct Voucher {
    pub(super) name: Text,
    /// For practice.
    pub(super) demo: bool,
    pub(super) zone: Zone,
    held_to: HeldTo,
}

enum HeldTo {
    /// Its keys, and its register, which several threads ask.
    Register(HashMap<KeyId, KeyRecord>, Box<Mutex<Authority>>),
    Published(Box<TrustState>),
}

impl Voucher {
    /// By an authority's folder, or by a published one.
    pub(super) fn open(folder: &Path, notify: &mut dyn FnMut(Notice)) -> Result<Self, PrintError> {
        if folder.join(greenlit_core::publication::root_file(1)).exists() {
            return Self::published(folder);
        }
        let authority = Authority::open(folder, notify)?;
        let keys = authority.register.keys().map_err(AuthorityError::from)?;
        let issuers = keys.into_iter().filter(|key| key.role == Role::Issuer).map(|key| (key.kid(), key)).collect();
        let root = authority.newest_root()?;
        let zone = authority.zone.clone();
        Ok(Self::of(&root, zone, HeldTo::Register(issuers, Box::new(Mutex::new(authority)))))
    }

    fn published(folder: &Path) -> Result<Self, PrintError> {
        let trust = published_trust(folder)?;
        let root = trust.newest_root().ok_or_else(|| AuthorityError::NoRoot(folder.into()))?;
        let zone = Zone::name_of_region(&root.region).and_then(Zone::named);
        let zone = zone.ok_or_else(|| PrintError::NoZone(root.region.clone()))?;
        Ok(Self::of(&root.clone(), zone, HeldTo::Published(Box::new(trust))))
    }

    fn of(root: &Root, zone: Zone, held_to: HeldTo) -> Self {
        Self { name: root.authority.clone(), demo: root.demo, zone, held_to }
    }

    /// What a pass says, if it may be handed out.
    pub(super) fn look_at(&self, text: &str, now: UnixTime) -> Result<Result<Pass, NotVouched>, PrintError> {
        let signed = match SignedPass::parse(text.as_bytes()) {
            Ok(signed) => signed,
            Err(error) => return Ok(Err(error.into())),
        };
        match &self.held_to {
            HeldTo::Published(trust) => Ok(by_publication(&signed, trust, now)),
            HeldTo::Register(keys, authority) => Ok(match by_key(&signed, keys, now) {
                Ok(pass) => by_register(&pass, authority)?.map_or(Ok(pass), Err),
                Err(why) => Err(why),
            }),
        }
    }
}

/// As a till would judge it now, or on its first day if that is to come.
fn by_publication(signed: &SignedPass, trust: &TrustState, now: UnixTime) -> Result<Pass, NotVouched> {
    let (pass, _) = signed.unverified();
    match verify(signed, trust, now.max(pass.nbf)) {
        Ok(_) => Ok(pass.clone()),
        Err(Rejection::Expired { at }) => Err(NotVouched::Expired(at)),
        Err(Rejection::Revoked) => Err(NotVouched::Revoked),
        Err(Rejection::Suspended) => Err(NotVouched::Suspended),
        Err(rejection) => Err(NotVouched::Rejected { rejection }),
    }
}

fn by_key(signed: &SignedPass, keys: &HashMap<KeyId, KeyRecord>, now: UnixTime) -> Result<Pass, NotVouched> {
    let record = keys.get(&signed.kid()).ok_or(NotVouched::Foreign)?;
    let pass = signed.signed_by(&record.key).ok_or(NotVouched::Foreign)?;
    if record.revoked_at.is_some() {
        return Err(NotVouched::KeyRevoked);
    }
    if signed.unverified().1.is_some() {
        return Err(NotVouched::Newer);
    }
    if now >= pass.exp { Err(NotVouched::Expired(pass.exp)) } else { Ok(pass.clone()) }
}

fn by_register(pass: &Pass, authority: &Mutex<Authority>) -> Result<Option<NotVouched>, PrintError> {
    let Some(at) = pass.status else { return Ok(None) };
    let authority = authority.lock().unwrap_or_else(PoisonError::into_inner);
    let issued = authority.register.pass(at).map_err(AuthorityError::from)?;
    Ok(match issued.map(|issued| issued.status) {
        None => Some(NotVouched::NeverIssued(reference(at))),
        Some(Status::Revoked) => Some(NotVouched::Revoked),
        Some(Status::Suspended) => Some(NotVouched::Suspended),
        Some(Status::Other(code)) => Some(NotVouched::OtherStatus(code)),
        Some(Status::Valid) => None,
    })
}

/// Whether it is a sample.
pub(super) fn is_specimen(pass: &Pass) -> bool {
    pass.class == Class::SPECIMEN
}
