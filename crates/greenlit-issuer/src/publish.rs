//! Writes what tills need, as plain files.

mod changes;
mod documents;
mod schemes;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::Class;
use greenlit_core::publication::{BUNDLE_FILE, list_file, root_file};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Bundle, BundleBody, CLOCK_TOLERANCE, ImportError, Root, TrustState, limits};
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use crate::authority::{Authority, AuthorityError};
use crate::policy::{BUNDLE_DUE_AFTER, BUNDLE_LIFETIME, MAX_PAUSE};
use crate::register::{KeyRecord, Publication, Role};
use crate::schemes::{RuleMistake, SchemesError};
use crate::witness::Witness;
use crate::{Packing, PrivateKey, sign_bundle};
pub use changes::{Changes, KeyChange, RuleChange, StatusCounts, changes};
pub use schemes::{KeyListChange, SchemeChanges};
use schemes::{SchemePart, SignedPart};

const DAY: u64 = 24 * 3600;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PublishError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "this machine's clock shows {now}, before the last publication at {last}; set the clock (if it was ahead when that was published, create a new root: `greenlit-issuer root new`)"
    )]
    Clock { now: UnixTime, last: UnixTime },
    #[error(
        "this machine's clock shows {now}, {days} days after the newest publication or root; if that is right, use --clock-is-right"
    )]
    ClockAhead { now: UnixTime, days: u64 },
    #[error("{0}; add it back, or use --classes-are-right if that is intended. Nothing was published")]
    ClassDropped(DroppedClass),
    #[error("tills would reject this: {0}; nothing was published")]
    Refused(#[from] ImportError),
    #[error("root {number} expired at {at}; nothing was published. Create the next root with `greenlit-issuer root new`", number = .0, at = .1)]
    RootExpired(u64, UnixTime),
    #[error(
        "{missing} more of these bundle keys must sign: {}; give their files with --key. Nothing was published", .waiting.iter().map(KeyId::to_string).collect::<Vec<_>>().join(" ")
    )]
    TooFewKeys { missing: usize, waiting: Vec<KeyId> },
    #[error("{kid}, given with --key, is not a bundle key of root {root}; `greenlit-issuer keys` lists them")]
    NoBundleKey { kid: KeyId, root: u64 },
    #[error("status list {0} has an impossible size")]
    ListSize(u64),
    #[error(transparent)]
    Schemes(#[from] SchemesError),
    #[error(transparent)]
    SchemeRules(#[from] RuleMistake),
    #[error(
        "{path}: missing, though passes of others were published there; restore it, or make an empty folder of that name if tills are to take none any more. Nothing was published", path = .0.display()
    )]
    SchemesMissing(PathBuf),
    #[error(
        "the region's time is more than 14 hours ahead of UTC, more than 12 behind, or no whole minutes; rules for passes of others cannot count days by it"
    )]
    DayOffset,
    #[error("{out}: used by another authority; choose another folder", out = .0.display())]
    OtherAuthority(PathBuf),
    #[error("{out}: inside the authority's own folder; choose one outside it", out = .0.display())]
    Inside(PathBuf),
    #[error("another `publish` or `root` is running; try again when it is done")]
    Busy,
}

/// What was published.
pub struct Published {
    /// The bundle's version.
    pub version: u64,
    /// When tills should have the next.
    pub due_at: UnixTime,
    /// When they stop without it.
    pub expires_at: UnixTime,
    /// When the root does.
    pub root_expires: UnixTime,
}

/// Data dated years ahead makes tills refuse every honest clock, and costs a new root to mend. After
/// a fortnight in which nothing was published, somebody must have looked at the clock.
pub fn check_clock_leap(authority: &Authority, now: UnixTime) -> Result<(), PublishError> {
    let last = authority.register.last_publication().map_err(AuthorityError::from)?.map(|last| last.issued);
    let newest = authority.roots()?.last().map(|root| root.issued).max(last);
    match newest.and_then(|newest| now.since(newest)).filter(|pause| *pause > MAX_PAUSE) {
        Some(pause) => Err(PublishError::ClockAhead { now, days: pause / DAY }),
        None => Ok(()),
    }
}

/// A class of which there are passes, and which authority.toml does not name.
#[derive(Debug, thiserror::Error)]
#[error(
    "class {} is not listed in `classes` in authority.toml: tills would call {passes} valid passes not genuine (ISS)", .class.0
)]
pub struct DroppedClass {
    /// The class.
    pub class: Class,
    /// How many of its passes are in date and not revoked.
    pub passes: u64,
}

/// Requires that passes do not stop being genuine by what authority.toml says of classes, unless somebody has
/// confirmed it, or what was published there says so already; then it is only told. Specimens are for practice.
pub fn check_classes(
    authority: &Authority,
    out: &Path,
    confirmed: bool,
    now: UnixTime,
) -> Result<Vec<DroppedClass>, PublishError> {
    let listed: Vec<Class> = authority.classes.iter().copied().chain([Class::SPECIMEN]).collect();
    let passes = authority.register.passes_in_date(now, &listed).map_err(AuthorityError::from)?;
    let dropped: Vec<_> = passes.into_iter().map(|(class, passes)| DroppedClass { class, passes }).collect();
    if confirmed || dropped.is_empty() {
        return Ok(dropped);
    }
    let published = published_there(out, &authority.newest_root()?);
    let known_to_tills = |class: &Class| {
        published.as_ref().is_none_or(|bundle| bundle.issuers.iter().any(|one| one.classes.contains(class)))
    };
    let (known, told): (Vec<_>, Vec<_>) = dropped.into_iter().partition(|dropped| known_to_tills(&dropped.class));
    known.into_iter().next().map_or(Ok(told), |dropped| Err(PublishError::ClassDropped(dropped)))
}

/// Publishes. `given` are bundle keys besides those in keys/.
///
/// The witness is held to its hashes meanwhile: of millions of passes that takes as long as all the rest.
///
/// Everything is first checked by the till's own rules, so that every till will accept it.
pub fn publish(
    authority: &mut Authority,
    out: &Path,
    given: &[PrivateKey],
    packing: Packing,
    now: UnixTime,
) -> Result<Published, PublishError> {
    let _alone = lock(authority)?;
    let roots = authority.roots()?;
    let root = roots.last().ok_or_else(|| AuthorityError::NoRoot(authority.folder().into()))?;
    if now >= root.expires {
        return Err(PublishError::RootExpired(root.number, root.expires));
    }
    check_output_folder(authority, out, &roots)?;
    let last = authority.register.last_publication().map_err(AuthorityError::from)?;
    // What was dated under an earlier root binds nobody any more: that is the way back from a clock ahead.
    let last_issued = last.filter(|last| last.root == root.number).map(|last| last.issued);
    if let Some(last) = last_issued.filter(|last| now.plus(CLOCK_TOLERANCE) < *last) {
        return Err(PublishError::Clock { now, last });
    }
    // Always later than the one before, be it in the same second: lists are told apart by their time.
    let now = last_issued.map_or(now, |last| now.max(last.plus(1)));
    let known = last.map_or(0, |last| last.version);
    if let Some(there) = published_there(out, root).filter(|there| known < there.version) {
        return Err(AuthorityError::RegisterBehind { there: there.version, known }.into());
    }
    let keys = authority.register.keys().map_err(AuthorityError::from)?;
    let local = local_bundle_keys(authority, &keys, root, given)?;
    let signers = bundle_signers(root, given, &local)?;
    let list_key = newest_list_key(authority, &keys)?;
    let scheme_part = SchemePart::read(authority, out)?;
    let (entries, lists) = std::thread::scope(|scope| {
        let witness = authority.witness();
        let verified = scope.spawn(move || witness.map_or(Ok(()), Witness::verify));
        let signed = documents::sign_lists(authority, &list_key, packing, now)?;
        match verified.join() {
            Ok(verified) => verified.map_err(AuthorityError::from)?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        Ok::<_, PublishError>(signed)
    })?;
    let body = BundleBody {
        root: root.number,
        version: known + 1,
        issued: now,
        soft_expiry: now.plus(BUNDLE_DUE_AFTER),
        hard_expiry: now.plus(BUNDLE_LIFETIME),
        issuers: documents::issuers(authority, &keys, now),
        rules: authority.rules()?.rules,
        lists: entries,
    };
    let bundle = sign_bundle(&body, &signers);
    let schemes = scheme_part.map(|part| part.sign(authority, &body, &signers)).transpose()?;
    verify_as_till(&roots, &bundle, &lists, schemes.as_ref())?;
    // The version is spent before anything is written: a second bundle of one version would be
    // refused by tills that saw the first.
    let publication = Publication { version: body.version, issued: now, root: root.number };
    let (register, by) = authority.acting(now);
    register.record_publication(&publication, &by).map_err(AuthorityError::from)?;
    authority.record_published_version(body.version)?;
    write(out, &roots, &lists, schemes.as_ref(), &bundle)?;
    let root_expires = root.expires;
    Ok(Published { version: body.version, due_at: body.soft_expiry, expires_at: body.hard_expiry, root_expires })
}

/// One publication or change of root at a time, for as long as the file is held.
pub(crate) fn lock(authority: &Authority) -> Result<File, PublishError> {
    let path = authority.folder().join("publish.lock");
    let io = |error| FileError::Io { path: path.clone(), error };
    let file = File::create(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PublishError::Busy),
        Err(TryLockError::Error(error)) => Err(io(error).into()),
    }
}

/// Requires a folder that holds nobody else's roots and is not among the private keys.
fn check_output_folder(authority: &Authority, out: &Path, roots: &[Root]) -> Result<(), PublishError> {
    std::fs::create_dir_all(out).map_err(|error| FileError::Io { path: out.into(), error })?;
    if let (Ok(own), Ok(place)) = (authority.folder().canonicalize(), out.canonicalize())
        && place.starts_with(own)
    {
        return Err(PublishError::Inside(out.into()));
    }
    for root in roots {
        match read_limited(&out.join(root_file(root.number)), limits::MAX_ROOT_BYTES, Symlinks::Follow) {
            Ok(there) if there != root.as_bytes() => return Err(PublishError::OtherAuthority(out.into())),
            Ok(_) | Err(FileError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // A folder brought back from before a change of root would publish what every till refuses.
    let known = roots.last().map_or(0, |root| root.number);
    match read_limited(&out.join(root_file(known + 1)), limits::MAX_ROOT_BYTES, Symlinks::Follow) {
        Ok(next) if roots.last().is_some_and(|root| root.verify_next(&next).is_ok()) => {
            Err(AuthorityError::RootsBehind { there: known + 1, known }.into())
        }
        Ok(_) => Err(PublishError::OtherAuthority(out.into())),
        Err(FileError::NotFound(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What this authority has published there before, if it can be read.
fn published_there(out: &Path, root: &Root) -> Option<Bundle> {
    let bytes = read_limited(&out.join(BUNDLE_FILE), limits::MAX_BUNDLE_BYTES, Symlinks::Follow).ok()?;
    Bundle::open(&bytes, root).ok()
}

/// The newest list key whose private half is here.
fn newest_list_key(authority: &Authority, keys: &[KeyRecord]) -> Result<PrivateKey, AuthorityError> {
    let newest = keys.iter().rfind(|record| record.role == Role::List && record.retired_at.is_none());
    authority.private_key(newest.ok_or(AuthorityError::NoKey { role: Role::List })?)
}

/// The bundle keys of this root in the authority's own folder that must sign beside those given; those that are
/// elsewhere are left out.
fn local_bundle_keys(
    authority: &Authority,
    keys: &[KeyRecord],
    root: &Root,
    given: &[PrivateKey],
) -> Result<Vec<PrivateKey>, AuthorityError> {
    let is_given = |key: &PublicKey| given.iter().any(|given| given.public() == key);
    let lacking = root.bundle_keys.keys().iter().filter(|key| !is_given(key));
    let lacking = lacking.filter_map(|key| keys.iter().find(|record| &record.key == key));
    let threshold = root.bundle_keys.threshold();
    let most = threshold.saturating_sub(root.bundle_keys.keys().iter().filter(|key| is_given(key)).count());
    authority.private_keys_here(lacking, most)
}

/// As many bundle keys of this root as must sign and no more: each signature is weight in every till.
fn bundle_signers<'k>(
    root: &Root,
    given: &'k [PrivateKey],
    local: &'k [PrivateKey],
) -> Result<Vec<&'k PrivateKey>, PublishError> {
    let keys = &root.bundle_keys;
    if let Some(key) = given.iter().find(|key| !keys.keys().contains(key.public())) {
        return Err(PublishError::NoBundleKey { kid: key.public().id(), root: root.number });
    }
    let at_hand = |kid: KeyId| given.iter().chain(local).find(|key| key.public().id() == kid);
    let all = keys.keys().iter().map(PublicKey::id);
    let signers: Vec<_> = all.clone().filter_map(at_hand).take(keys.threshold()).collect();
    let missing = keys.threshold() - signers.len();
    if missing > 0 {
        return Err(PublishError::TooFewKeys { missing, waiting: all.filter(|kid| at_hand(*kid).is_none()).collect() });
    }
    Ok(signers)
}

/// Opens everything by a till's own rules.
fn verify_as_till(
    roots: &[Root],
    bundle: &[u8],
    lists: &[(u64, Vec<u8>)],
    schemes: Option<&SignedPart>,
) -> Result<(), ImportError> {
    let mut roots = roots.iter();
    let anchor = roots.next().ok_or(ImportError::NoAnchor)?;
    let mut till = TrustState::anchored(anchor.clone(), anchor.issued);
    for root in roots {
        till.advance_root(root.as_bytes())?;
    }
    till.import_bundle(bundle)?;
    for (id, list) in lists {
        till.import_list(*id, list)?;
    }
    if let Some(schemes) = schemes {
        till.import_scheme_bundle(&schemes.bundle)?;
        for (id, list) in &schemes.lists {
            till.import_key_list(*id, list)?;
        }
    }
    Ok(())
}

/// The bundle comes last, so that a till that fetches meanwhile never sees one that names what is not there yet.
/// Between a new root and its bundle a till refuses the old one, keeps what it has, and asks again later.
fn write(
    out: &Path,
    roots: &[Root],
    lists: &[(u64, Vec<u8>)],
    schemes: Option<&SignedPart>,
    bundle: &[u8],
) -> Result<(), FileError> {
    for root in roots {
        // Roots never change; `check_output_folder` has found no other file under their names.
        let path = out.join(root_file(root.number));
        if !path.exists() {
            write_atomic(&path, root.as_bytes(), 0o644, IfExists::Replace)?;
        }
    }
    for (id, list) in lists {
        write_atomic(&out.join(list_file(*id)), list, 0o644, IfExists::Replace)?;
    }
    schemes.map_or(Ok(()), |schemes| schemes.write(out))?;
    write_atomic(&out.join(BUNDLE_FILE), bundle, 0o644, IfExists::Replace)
}
