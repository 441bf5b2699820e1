//! What the next root says otherwise than the one in force.

use std::path::Path;

use greenlit_core::key::PublicKey;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{CLOCK_TOLERANCE, KeySet, Root, RootBody};
use greenlit_files::{IfExists, Symlinks, read_limited, write_atomic};

use super::install::{check_publishable, install};
use super::{Result, RootError};
use crate::authority::{Authority, AuthorityError, new_private_key, write_private_key};
use crate::passphrase::Passphrase;
use crate::policy::ROOT_LIFETIME;
use crate::register::Role;
use crate::{PrivateKey, Proposal, ProposalError, read_public_key, read_public_key_bytes};

/// More than any public key in PEM with text around it.
const MAX_PUBLIC_KEY: usize = 8 << 10;

/// What is to change.
#[derive(Clone, Debug, Default)]
pub struct RootChanges {
    /// Adds a root key: its public half in hexadecimal digits, a file of it, or "new" to make one in keys/.
    pub add_root: Vec<String>,
    /// Remove a root key.
    pub drop_root: Vec<String>,
    /// Number of root keys that must sign from now on.
    pub threshold: Option<u64>,
    /// Replace this bundle key with a new one; everything signed by the old one becomes invalid.
    pub replace_bundle_key: Vec<String>,
    /// Adds a bundle key: its public half in hexadecimal digits, a file of it, or "new" to make one in keys/.
    pub add_bundle_key: Vec<String>,
    /// Remove a bundle key.
    pub drop_bundle_key: Vec<String>,
    /// Number of bundle keys that must sign each publication from now on.
    pub bundle_threshold: Option<u64>,
    /// When it expires, for example 2031-11-22T00:00:00+05:00 [default: five years from now].
    pub expires: Option<String>,
    /// Create the next root with only a new number and dates, for example after publishing with a
    /// clock that was ahead.
    pub renew: bool,
    /// What the private keys of "new" ones are encrypted with, if they are.
    pub passphrase: Option<Passphrase>,
}

impl RootChanges {
    fn is_empty(&self) -> bool {
        self.add_root.is_empty()
            && self.drop_root.is_empty()
            && self.threshold.is_none()
            && self.replace_bundle_key.is_empty()
            && self.add_bundle_key.is_empty()
            && self.drop_bundle_key.is_empty()
            && self.bundle_threshold.is_none()
            && self.expires.is_none()
            && !self.renew
    }
}

/// A private key just made, in memory yet.
struct NewKey {
    key: PrivateKey,
    file: String,
}

/// The next root, unsigned, and the keys made for it.
pub struct NextRoot {
    proposal: Proposal,
    new_keys: Vec<NewKey>,
    passphrase: Option<Passphrase>,
}

impl NextRoot {
    /// Plans it. It says what the root in force says, but for these changes; the authority's name is taken from its
    /// settings.
    pub fn plan(authority: &Authority, changes: &RootChanges, now: UnixTime) -> Result<Self> {
        if changes.is_empty() {
            return Err(RootError::NoChange);
        }
        let before = &authority.newest_root()?;
        if now.plus(CLOCK_TOLERANCE) < before.issued {
            return Err(RootError::Clock { now, root: before.number, made: before.issued });
        }
        let expires = match &changes.expires {
            Some(text) => UnixTime::parse_rfc3339(text)?,
            None => now.plus(ROOT_LIFETIME),
        };
        if expires <= now {
            return Err(RootError::Past(expires));
        }
        let mut new_keys = NewKeys { authority, made: Vec::new() };
        let root_keys = root_keys(before, changes, &mut new_keys)?;
        let bundle_keys = bundle_keys(before, changes, &mut new_keys)?;
        check_single_role(authority, root_keys.keys().iter().chain(bundle_keys.keys()))?;
        let body = RootBody {
            number: before.number + 1,
            // The floor of every till's clock; a root made just before, by a clock a little ahead, stays earlier.
            issued: now.max(before.issued),
            expires,
            authority: authority.name.clone(),
            region: before.region.clone(),
            root_keys,
            bundle_keys,
            demo: before.demo,
        };
        let proposal = Proposal::new(before.clone(), &body).map_err(RootError::Unsound)?;
        Ok(Self { proposal, new_keys: new_keys.made, passphrase: changes.passphrase.clone() })
    }

    /// Writes it as a proposal for others to sign, signed by those of these keys that have a say.
    pub fn propose(mut self, authority: &Authority, given: &[PrivateKey], path: &Path) -> Result<Proposal> {
        let bundle_keys = self.proposal.body().bundle_keys.clone();
        for key in given {
            match self.proposal.sign(key) {
                // A bundle key is shown for when the root is installed.
                Err(ProposalError::NoSay(kid)) if bundle_keys.find(kid).is_some() => {}
                done => drop(done.map_err(RootError::Unsound)?),
            }
        }
        self.write_new_keys(authority)?;
        write_atomic(path, &self.proposal.encode(), 0o644, IfExists::Keep)?;
        Ok(self.proposal)
    }

    /// Signs it by the keys at hand and puts it into force in the authority's folder.
    pub fn install(
        mut self,
        authority: &mut Authority,
        given: &[PrivateKey],
        now: UnixTime,
    ) -> Result<(Proposal, Root)> {
        for key in given {
            sign_if_awaited(&mut self.proposal, key)?;
        }
        self.sign_by_local_keys(authority)?;
        for new in &self.new_keys {
            sign_if_awaited(&mut self.proposal, &new.key)?;
        }
        if let Some((missing, waiting)) = self.proposal.missing_signatures() {
            return Err(RootError::TooFewHere { missing, waiting });
        }
        let root = self.proposal.finish().map_err(|error| RootError::Unsound(ProposalError::Unsound(error)))?;
        check_publishable(authority, &root, given.iter().chain(self.new_keys.iter().map(|new| &new.key)))?;
        self.write_new_keys(authority)?;
        install(authority, &root, now)?;
        Ok((self.proposal, root))
    }

    /// By the root keys in the authority's own folder; those that are elsewhere are left out, and those that have no
    /// need to sign are not opened.
    fn sign_by_local_keys(&mut self, authority: &Authority) -> Result<()> {
        let records = authority.register.keys().map_err(AuthorityError::from)?;
        for record in records.iter().filter(|record| record.role == Role::Root) {
            if self.proposal.awaits_signature_of(record.kid()) {
                for key in authority.private_keys_here([record], 1)? {
                    sign_if_awaited(&mut self.proposal, &key)?;
                }
            }
        }
        Ok(())
    }

    fn write_new_keys(&self, authority: &Authority) -> Result<()> {
        let write = |new: &NewKey| {
            write_private_key(&authority.key_path(&new.file), &new.key, self.passphrase.as_ref())
                .map_err(RootError::from)
        };
        self.new_keys.iter().try_for_each(write)
    }
}

/// As many signatures as are needed and no more: each one is weight in every till.
fn sign_if_awaited(proposal: &mut Proposal, key: &PrivateKey) -> Result<()> {
    if proposal.awaits_signature_of(key.public().id()) {
        proposal.sign(key).map_err(RootError::Unsound)?;
    }
    Ok(())
}

fn root_keys(before: &Root, changes: &RootChanges, new_keys: &mut NewKeys<'_>) -> Result<KeySet> {
    let mut keys = before.root_keys.keys().to_vec();
    drop_and_add(&mut keys, &changes.drop_root, &changes.add_root, before, Role::Root, new_keys)?;
    let threshold = changes.threshold.unwrap_or(before.root_keys.threshold() as u64);
    KeySet::new(keys, threshold).map_err(|error| RootError::Keys { role: Role::Root, error })
}

fn bundle_keys(before: &Root, changes: &RootChanges, new_keys: &mut NewKeys<'_>) -> Result<KeySet> {
    let mut keys = before.bundle_keys.keys().to_vec();
    for kid in &changes.replace_bundle_key {
        let at = position(&keys, kid, before, Role::Bundle)?;
        if let Some(place) = keys.get_mut(at) {
            *place = new_keys.make(Role::Bundle)?;
        }
    }
    drop_and_add(&mut keys, &changes.drop_bundle_key, &changes.add_bundle_key, before, Role::Bundle, new_keys)?;
    let threshold = changes.bundle_threshold.unwrap_or(before.bundle_keys.threshold() as u64);
    KeySet::new(keys, threshold).map_err(|error| RootError::Keys { role: Role::Bundle, error })
}

fn drop_and_add(
    keys: &mut Vec<PublicKey>,
    drop: &[String],
    add: &[String],
    before: &Root,
    role: Role,
    new_keys: &mut NewKeys<'_>,
) -> Result<()> {
    for kid in drop {
        keys.remove(position(keys, kid, before, role)?);
    }
    for text in add {
        keys.push(if text == "new" { new_keys.make(role)? } else { public_key(text)? });
    }
    Ok(())
}

fn position(keys: &[PublicKey], kid: &str, root: &Root, role: Role) -> Result<usize> {
    let missing = || RootError::NoSuchKey { root: root.number, role, kid: kid.chars().take(40).collect() };
    keys.iter().position(|key| key.id().to_string() == kid).ok_or_else(missing)
}

struct NewKeys<'a> {
    authority: &'a Authority,
    made: Vec<NewKey>,
}

impl NewKeys<'_> {
    fn make(&mut self, role: Role) -> Result<PublicKey> {
        let mut taken: Vec<String> = self.made.iter().map(|new| new.file.clone()).collect();
        taken.extend(
            self.authority.register.keys().map_err(AuthorityError::from)?.into_iter().map(|record| record.file),
        );
        let file = self.authority.free_key_file(role, &taken);
        let key = new_private_key()?;
        let public = key.public().clone();
        self.made.push(NewKey { key, file });
        Ok(public)
    }
}

/// A public key given as digits or as the name of a file.
fn public_key(text: &str) -> Result<PublicKey> {
    let shown = || text.chars().take(80).collect::<String>();
    let read = match read_public_key(text) {
        Some(key) => Some(key),
        None if Path::new(text).is_file() => {
            let bytes = read_limited(Path::new(text), MAX_PUBLIC_KEY, Symlinks::Follow)?;
            read_public_key_bytes(&bytes)
        }
        None => None,
    };
    read.ok_or_else(|| RootError::NotAKey(shown()))?.map_err(|error| RootError::BadKey(shown(), error))
}

/// No key does two kinds of work: a till would refuse every bundle in which one did.
pub(super) fn check_single_role<'k>(authority: &Authority, keys: impl Iterator<Item = &'k PublicKey>) -> Result<()> {
    let records = authority.register.keys().map_err(AuthorityError::from)?;
    let worker = |key: &&PublicKey| {
        records.iter().any(|record| matches!(record.role, Role::Issuer | Role::List) && &record.key == *key)
    };
    let mut keys = keys;
    keys.find(worker).map_or(Ok(()), |key| Err(RootError::OtherWork(key.id())))
}
