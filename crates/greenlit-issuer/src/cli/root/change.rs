//! What the next root says otherwise than the one in force.

use std::path::Path;

use crate::{PrivateKey, Proposal, read_public_key, read_public_key_bytes};
use greenlit_core::key::PublicKey;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{CLOCK_TOLERANCE, KeySet, Root, RootBody};
use greenlit_files::{Symlinks, read_limited};

use super::{Result, RootError};
use crate::cli::authority::{Authority, AuthorityError, new_private_key};
use crate::policy::ROOT_LIFETIME;

/// More than any public key in PEM with text around it.
const MAX_PUBLIC_KEY: usize = 8 << 10;

/// What is to change.
#[derive(clap::Args)]
pub(super) struct Changes {
    /// Adds a root key: its public half as `root key` prints it, a file of it in PEM, or "new" to make one in keys/.
    #[arg(long, value_name = "PUB|new")]
    add_root: Vec<String>,
    /// Leaves a root key out.
    #[arg(long, value_name = "KID")]
    drop_root: Vec<String>,
    /// How many root keys must sign from now on.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// Puts a new bundle key in the place of this one; all that the old one signed counts no more.
    #[arg(long, value_name = "KID")]
    replace_bundle_key: Vec<String>,
    /// Adds a bundle key: its public half as `root key` prints it, a file of it in PEM, or "new" to make one in keys/.
    #[arg(long, value_name = "PUB|new")]
    add_bundle_key: Vec<String>,
    /// Leaves a bundle key out.
    #[arg(long, value_name = "KID")]
    drop_bundle_key: Vec<String>,
    /// How many bundle keys must sign what is published from now on.
    #[arg(long, value_name = "N")]
    bundle_threshold: Option<u64>,
    /// When it expires, as in 2031-11-22T00:00:00+05:00; five years from now where nothing is said.
    #[arg(long, value_name = "RFC3339")]
    expires: Option<String>,
    /// Makes the next root with no change but its number and dates: the way back from a publication made with a
    /// clock ahead.
    #[arg(long)]
    renew: bool,
}

impl Changes {
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
pub(super) struct Fresh {
    pub(super) key: PrivateKey,
    pub(super) file: String,
}

/// The next root, unsigned, and the keys made for it.
pub(super) struct Next {
    pub(super) proposal: Proposal,
    pub(super) fresh: Vec<Fresh>,
}

impl Next {
    pub(super) fn plan(authority: &Authority, changes: &Changes, now: UnixTime) -> Result<Self> {
        if changes.is_empty() {
            return Err(RootError::NoChange);
        }
        let roots = authority.roots()?;
        let before = roots.last().ok_or_else(|| AuthorityError::NoRoot(authority.folder().into()))?;
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
        let mut fresh = FreshKeys { authority, made: Vec::new() };
        let root_keys = root_keys(before, changes, &mut fresh)?;
        let bundle_keys = bundle_keys(before, changes, &mut fresh)?;
        no_other_work(authority, root_keys.keys().iter().chain(bundle_keys.keys()))?;
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
        Ok(Self { proposal, fresh: fresh.made })
    }
}

fn root_keys(before: &Root, changes: &Changes, fresh: &mut FreshKeys<'_>) -> Result<KeySet> {
    let mut keys = before.root_keys.keys().to_vec();
    drop_and_add(&mut keys, &changes.drop_root, &changes.add_root, before, "root", fresh)?;
    let threshold = changes.threshold.unwrap_or(before.root_keys.threshold() as u64);
    KeySet::new(keys, threshold).map_err(|error| RootError::Keys { role: "root", error })
}

fn bundle_keys(before: &Root, changes: &Changes, fresh: &mut FreshKeys<'_>) -> Result<KeySet> {
    let mut keys = before.bundle_keys.keys().to_vec();
    for kid in &changes.replace_bundle_key {
        let at = position(&keys, kid, before, "bundle")?;
        if let Some(place) = keys.get_mut(at) {
            *place = fresh.make("bundle")?;
        }
    }
    drop_and_add(&mut keys, &changes.drop_bundle_key, &changes.add_bundle_key, before, "bundle", fresh)?;
    let threshold = changes.bundle_threshold.unwrap_or(before.bundle_keys.threshold() as u64);
    KeySet::new(keys, threshold).map_err(|error| RootError::Keys { role: "bundle", error })
}

fn drop_and_add(
    keys: &mut Vec<PublicKey>,
    drop: &[String],
    add: &[String],
    before: &Root,
    role: &'static str,
    fresh: &mut FreshKeys<'_>,
) -> Result<()> {
    for kid in drop {
        keys.remove(position(keys, kid, before, role)?);
    }
    for text in add {
        keys.push(if text == "new" { fresh.make(role)? } else { public_key(text)? });
    }
    Ok(())
}

fn position(keys: &[PublicKey], kid: &str, root: &Root, role: &'static str) -> Result<usize> {
    let missing = || RootError::NoSuchKey { root: root.number, role, kid: kid.chars().take(40).collect() };
    keys.iter().position(|key| key.id().to_string() == kid).ok_or_else(missing)
}

struct FreshKeys<'a> {
    authority: &'a Authority,
    made: Vec<Fresh>,
}

impl FreshKeys<'_> {
    fn make(&mut self, role: &str) -> Result<PublicKey> {
        let mut taken: Vec<String> = self.made.iter().map(|fresh| fresh.file.clone()).collect();
        taken.extend(self.authority.register.keys().map_err(AuthorityError::from)?.into_iter().map(|row| row.file));
        let file = self.authority.free_key_file(role, &taken);
        let key = new_private_key()?;
        let public = key.public().clone();
        self.made.push(Fresh { key, file });
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
pub(super) fn no_other_work<'k>(authority: &Authority, keys: impl Iterator<Item = &'k PublicKey>) -> Result<()> {
    let rows = authority.register.keys().map_err(AuthorityError::from)?;
    let worker = |key: &&PublicKey| {
        rows.iter().any(|row| (row.role == "issuer" || row.role == "list") && &row.public == key.as_bytes())
    };
    let mut keys = keys;
    keys.find(worker).map_or(Ok(()), |key| Err(RootError::OtherWork(key.id())))
}
