//! Where newer trust data comes from, and the taking of it into this till's store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hex::FromHex;

use greenlit_core::trust::TrustState;
use greenlit_files::{FileError, Symlinks, read_limited};
use greenlit_sync::store::{Store, StoreError};
use greenlit_sync::{
    BUNDLE_FILE, CachedTag, Folder, Outcome as Synced, SCHEME_BUNDLE_FILE, SourceUrl, Web, WebOptions, list_file, sync,
};

use crate::config::journal;
use crate::config::settings::Setting;
use crate::config::till::{Till, build_date, report_rejected, retried};

/// Nobody said where from.
#[derive(Debug, thiserror::Error)]
#[error(
    "no source set; give a folder or an https:// address, as in `greenlit sync FOLDER`, or set one with `greenlit settings source …`"
)]
pub(crate) struct NoSource;

/// Where newer trust data comes from, and the way there.
#[derive(Clone, Debug)]
pub(crate) struct SyncSource {
    pub(super) source: String,
    pub(super) ca: Option<PathBuf>,
    pub(super) proxy: Option<String>,
}

/// Largest file of an extra certificate authority.
const MAX_CA: usize = 256 << 10;

/// The file of an extra certificate authority.
pub(crate) fn read_ca(path: &Path) -> Result<Vec<u8>, FileError> {
    read_limited(path, MAX_CA, Symlinks::Follow)
}

impl SyncSource {
    /// A folder.
    pub(crate) fn folder(folder: &Path) -> Self {
        Self { source: folder.display().to_string(), ca: None, proxy: None }
    }

    /// As remembered by this till, if it is.
    pub(crate) fn remembered(till: &Till) -> Option<Self> {
        till.setting(Setting::Source).map(|source| Self::with_settings(source, till))
    }

    fn with_settings(source: String, till: &Till) -> Self {
        let ca = till.setting(Setting::Ca).map(PathBuf::from);
        Self { source, ca, proxy: till.setting(Setting::Proxy) }
    }

    /// The one that is named, else the remembered one.
    pub(crate) fn asked(
        source: Option<String>,
        ca: Option<PathBuf>,
        proxy: Option<String>,
        till: &Till,
    ) -> Result<Self, NoSource> {
        let source = source.or_else(|| till.setting(Setting::Source)).ok_or(NoSource)?;
        let remembered = Self::with_settings(source, till);
        Ok(Self { ca: ca.or(remembered.ca), proxy: proxy.or(remembered.proxy), source: remembered.source })
    }
}

/// Reads, checks and stores; begins anew where another copy has stored something meanwhile.
pub(crate) fn take(from: &SyncSource, till: &Till) -> Result<Synced, Box<dyn std::error::Error>> {
    let done = retried(|| take_once(from, till), |error| matches!(error.downcast_ref(), Some(StoreError::Changed(_))));
    journal::note_update(&done);
    done
}

fn take_once(from: &SyncSource, till: &Till) -> Result<Synced, Box<dyn std::error::Error>> {
    // Without a store there is no anchor; making one just to say so would be litter.
    let Some(reading) = till.store_to_read()? else { return Err(greenlit_core::trust::ImportError::NoAnchor.into()) };
    let cached = reading.load(build_date())?;
    let (found, damaged) = (cached.found.clone(), !cached.dropped.is_empty());
    let held = report_rejected(cached);
    if !SourceUrl::looks_like_url(&from.source) {
        drop(reading);
        let synced = sync(&mut Folder::new(&from.source), &held)?;
        if synced.changed() || damaged {
            till.store_to_write()?.save(&synced.trust, &found)?;
        }
        return Ok(synced);
    }
    let extra_ca = from.ca.as_deref().map(read_ca).transpose()?;
    let proxy = from.proxy.clone();
    let options = WebOptions { extra_ca, proxy, proxy_from_environment: true, ..WebOptions::default() };
    let tags = tags(&reading, &held);
    drop(reading);
    let mut web = Web::new(SourceUrl::parse(&from.source)?, &options, tags.clone())?;
    let synced = sync(&mut web, &held)?;
    let names = tagged(&synced.trust);
    let fresh = |(name, tag): &(&String, &CachedTag)| names.contains(*name) && tags.get(*name) != Some(*tag);
    let renewed: Vec<_> = web.known().iter().filter(fresh).collect();
    if synced.changed() || damaged || !renewed.is_empty() {
        let mut store = till.store_to_write()?;
        if synced.changed() || damaged {
            store.save(&synced.trust, &found)?;
        }
        for (name, tag) in renewed {
            store.set_setting(&tag_setting(name), Some(&format!("{} {}", hex::encode(tag.digest), tag.tag)))?;
        }
    }
    Ok(synced)
}

/// The files whose tags are worth remembering: they are asked for at every sync, a root only once.
fn tagged(held: &TrustState) -> Vec<String> {
    let lists = held.bundle().map(|bundle| bundle.lists.as_slice()).unwrap_or_default();
    lists.iter().map(|list| list_file(list.id)).chain([BUNDLE_FILE.to_owned(), SCHEME_BUNDLE_FILE.to_owned()]).collect()
}

/// What servers called the files that are held.
fn tags(store: &Store, held: &TrustState) -> BTreeMap<String, CachedTag> {
    // One that cannot be read costs a download.
    let tag = |name: &str| {
        let value = store.setting(&tag_setting(name)).ok().flatten()?;
        let (digest, tag) = value.split_once(' ')?;
        Some(CachedTag { tag: tag.to_owned(), digest: <[u8; 32]>::from_hex(digest).ok()? })
    };
    tagged(held).into_iter().filter_map(|name| tag(&name).map(|tag| (name, tag))).collect()
}

fn tag_setting(name: &str) -> String {
    format!("etag {name}")
}
