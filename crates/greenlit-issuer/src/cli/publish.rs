//! `greenlit-issuer publish`: what tills need, as plain files.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rusqlite::params;

use crate::{PrivateKey, pack, sign_bundle, sign_status_list};
use greenlit_core::key::{KeyId, PublicKey};
use greenlit_core::pass::Class;
use greenlit_core::publication::{BUNDLE_FILE, list_file, root_file};
use greenlit_core::status::{StatusToken, Statuses};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{
    Bundle, BundleBody, CLOCK_TOLERANCE, ImportError, Issuer, ListEntry, Root, TrustState, limits,
};
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use crate::cli::authority::{Authority, AuthorityError, public_key, stick_keys};
use crate::cli::register::KeyRow;
use crate::cli::witness::Entry;
use crate::cli::{Outcome, now, tell};
use crate::policy::{
    BUNDLE_DUE_AFTER, BUNDLE_LIFETIME, LIST_LIFETIME, LIST_STALE_AFTER, MAX_PASS_LIFETIME, MAX_PAUSE, ROOT_REMINDER,
};

const DAY: u64 = 24 * 3600;

/// Publishes roots, trust data and status lists as plain files for tills to fetch.
///
/// Every till would take what is written: it is opened here by the till's own rules first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Where to publish; made where it is missing.
    out: PathBuf,
    /// A bundle key that is kept elsewhere than in keys/, on a stick for example.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
    /// Publishes though the last publication was more than a fortnight ago by this machine's clock.
    #[arg(long)]
    clock_is_right: bool,
    /// Publishes though passes that are in date stop being genuine, for authority.toml names their class no more.
    #[arg(long)]
    classes_are_right: bool,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum PublishError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "this machine's clock shows {now}, before the last publication at {last}; set the clock (if that publication was made with a clock ahead, the way back is a new root: `greenlit-issuer root new`)"
    )]
    Clock { now: UnixTime, last: UnixTime },
    #[error(
        "this machine's clock shows {now}, {days} days after the newest publication or root; if that is right, give --clock-is-right"
    )]
    ClockAhead { now: UnixTime, days: u64 },
    #[error("{0}; put it back, or, if that is meant, give --classes-are-right. Nothing was published")]
    ClassDropped(DroppedClass),
    #[error("tills would not take this: {0}; nothing was published")]
    Refused(#[from] ImportError),
    #[error("root {number} expired at {at}; nothing was published: make the next root with `greenlit-issuer root new`", number = .0, at = .1)]
    RootExpired(u64, UnixTime),
    #[error(
        "{missing} more of these bundle keys must sign: {}; give their files with --key. Nothing was published", .waiting.iter().map(KeyId::to_string).collect::<Vec<_>>().join(" ")
    )]
    TooFewKeys { missing: usize, waiting: Vec<KeyId> },
    #[error("{kid}, given with --key, is no bundle key of root {root}; `greenlit-issuer keys` lists them")]
    NoBundleKey { kid: KeyId, root: u64 },
    #[error("status list {0} is of an impossible size")]
    ListSize(u64),
    #[error("{out}: another authority publishes there; choose another folder", out = .0.display())]
    OtherAuthority(PathBuf),
    #[error("{out}: lies inside the authority's own folder; choose one outside it", out = .0.display())]
    Inside(PathBuf),
    #[error("another `publish` or `root` is under way; try again when it is done")]
    Busy,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = Authority::open(&args.folder)?;
    for word in authority.rules()?.unknown_words() {
        tell(&format!(
            "greenlit-issuer: \"{word}\" in rules.toml is no kind of site or benefit that Greenlit knows; published all the same"
        ));
    }
    let now = now();
    if !args.clock_is_right {
        check_not_ahead(&authority, now)?;
    }
    if let Some(dropped) = dropped_class(&authority, now)? {
        if !args.classes_are_right && tills_may_know(&authority, &args.out, dropped.class)? {
            return Err(PublishError::ClassDropped(dropped).into());
        }
        tell(&format!("greenlit-issuer: {dropped}"));
    }
    let published = publish(&mut authority, &args.out, &stick_keys(&args.key)?, now)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "published version {} in {}", published.version, args.out.display())?;
    writeln!(out, "  tills should fetch the next by {}; without one they stop at {}", published.soft, published.hard)?;
    if now.plus(ROOT_REMINDER) >= published.root_expires {
        let at = published.root_expires;
        tell(&format!("greenlit-issuer: the root expires at {at}; make the next one: `greenlit-issuer root new`"));
    }
    Ok(ExitCode::SUCCESS)
}

/// What was published.
pub(crate) struct Published {
    pub(crate) version: u64,
    pub(crate) soft: UnixTime,
    pub(crate) hard: UnixTime,
    pub(crate) root_expires: UnixTime,
}

/// Data dated years ahead makes tills refuse every honest clock, and costs a new root to mend. After
/// a fortnight in which nothing was published, somebody must have looked at the clock.
pub(crate) fn check_not_ahead(authority: &Authority, now: UnixTime) -> Result<(), PublishError> {
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
    "class {} is not in `classes` of authority.toml: of the passes issued, {passes} in date and not revoked would be called not genuine (ISS) by tills", .class.0
)]
pub(crate) struct DroppedClass {
    class: Class,
    passes: u64,
}

/// `issue` gives one class alone; passes of others are for practice.
fn dropped_class(authority: &Authority, now: UnixTime) -> Result<Option<DroppedClass>, AuthorityError> {
    let class = Class::RESIDENT;
    if authority.classes.contains(&class) {
        return Ok(None);
    }
    let passes = authority.register.passes_in_date(now)?;
    Ok((passes > 0).then_some(DroppedClass { class, passes }))
}

/// Whether what was published there may still allow the class: only then does publishing change anything.
fn tills_may_know(authority: &Authority, out: &Path, class: Class) -> Result<bool, AuthorityError> {
    let roots = authority.roots()?;
    let published = roots.last().and_then(|root| published_there(out, root));
    Ok(published.is_none_or(|bundle| bundle.issuers.iter().any(|issuer| issuer.classes.contains(&class))))
}

/// `given` are bundle keys besides those in keys/.
pub(crate) fn publish(
    authority: &mut Authority,
    out: &Path,
    given: &[PrivateKey],
    now: UnixTime,
) -> Result<Published, PublishError> {
    let _alone = lock(authority)?;
    let roots = authority.roots()?;
    let root = roots.last().ok_or_else(|| AuthorityError::NoRoot(authority.folder().into()))?;
    if now >= root.expires {
        return Err(PublishError::RootExpired(root.number, root.expires));
    }
    check_place(authority, out, &roots)?;
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
    let here = bundle_keys_here(authority, &keys, root)?;
    let signers = bundle_signers(root, given, &here)?;
    let list_key = newest(authority, &keys, "list")?;
    let (entries, lists) = sign_lists(authority, &list_key, now)?;
    let body = BundleBody {
        root: root.number,
        version: known + 1,
        issued: now,
        soft_expiry: now.plus(BUNDLE_DUE_AFTER),
        hard_expiry: now.plus(BUNDLE_LIFETIME),
        issuers: issuers(authority, &keys, now)?,
        rules: authority.rules()?.rules,
        lists: entries,
    };
    let bundle = sign_bundle(&body, &signers);
    as_a_till_would(&roots, &bundle, &lists)?;
    // The version is spent before anything is written: a second bundle of one version would be
    // refused by tills that saw the first.
    let (version, issued) = (body.version.cast_signed(), now.seconds().cast_signed());
    authority.witness().map_or(Ok(()), |witness| witness.verify()).map_err(AuthorityError::from)?;
    authority.change(|t| {
        let sql = "INSERT INTO publication (version, issued, root) VALUES (?1, ?2, ?3)";
        t.execute(sql, params![version, issued, root.number.cast_signed()])?;
        // One published by a clock that ran ahead is published now.
        let sql = "UPDATE key SET published_at = ?1
                   WHERE role = 'issuer' AND (published_at IS NULL OR published_at > ?1)";
        t.execute(sql, params![issued])?;
        Ok(((), vec![Entry::Publish { version: body.version, issued: now.seconds(), root: root.number }]))
    })?;
    authority.mark_published(body.version)?;
    write(out, &roots, &lists, &bundle)?;
    let root_expires = root.expires;
    Ok(Published { version: body.version, soft: body.soft_expiry, hard: body.hard_expiry, root_expires })
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
fn check_place(authority: &Authority, out: &Path, roots: &[Root]) -> Result<(), PublishError> {
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

/// The newest key of a role whose private half is here.
fn newest(authority: &Authority, keys: &[KeyRow], role: &'static str) -> Result<PrivateKey, AuthorityError> {
    let row = keys.iter().rfind(|row| row.role == role && row.retired_at.is_none());
    let row = row.ok_or(AuthorityError::NoKey { role })?;
    authority.private_key(row)
}

/// The bundle keys of this root in the authority's own folder; those that are elsewhere are left out.
fn bundle_keys_here(authority: &Authority, keys: &[KeyRow], root: &Root) -> Result<Vec<PrivateKey>, AuthorityError> {
    let mut here = Vec::new();
    for row in keys.iter().filter(|row| root.bundle_keys.keys().iter().any(|key| key.as_bytes() == &row.public)) {
        match authority.private_key(row) {
            Ok(key) => here.push(key),
            Err(AuthorityError::File(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(here)
}

/// As many bundle keys of this root as must sign and no more: each signature is weight in every till.
fn bundle_signers<'k>(
    root: &Root,
    given: &'k [PrivateKey],
    here: &'k [PrivateKey],
) -> Result<Vec<&'k PrivateKey>, PublishError> {
    let keys = &root.bundle_keys;
    if let Some(key) = given.iter().find(|key| !keys.keys().contains(key.public())) {
        return Err(PublishError::NoBundleKey { kid: key.public().id(), root: root.number });
    }
    let at_hand = |kid: KeyId| given.iter().chain(here).find(|key| key.public().id() == kid);
    let all = keys.keys().iter().map(PublicKey::id);
    let signers: Vec<_> = all.clone().filter_map(at_hand).take(keys.threshold()).collect();
    let missing = keys.threshold() - signers.len();
    if missing > 0 {
        return Err(PublishError::TooFewKeys { missing, waiting: all.filter(|kid| at_hand(*kid).is_none()).collect() });
    }
    Ok(signers)
}

fn issuers(authority: &Authority, keys: &[KeyRow], now: UnixTime) -> Result<Vec<Issuer>, AuthorityError> {
    let issuer = |row: &KeyRow| {
        Ok(Issuer {
            key: public_key(row)?,
            name: authority.name.clone(),
            region: authority.region.clone(),
            classes: authority.classes.clone(),
            not_before: row.not_before,
            not_after: row.not_after,
            longest: MAX_PASS_LIFETIME,
            // A clock that ran ahead when it was revoked must not keep a stolen key alive.
            revoked_at: row.revoked_at.map(|at| at.min(now)),
            no_status: false,
        })
    };
    keys.iter().filter(|row| row.role == "issuer").map(issuer).collect()
}

type SignedLists = (Vec<ListEntry>, Vec<(u64, Vec<u8>)>);

fn sign_lists(authority: &Authority, key: &PrivateKey, now: UnixTime) -> Result<SignedLists, PublishError> {
    let (mut entries, mut signed) = (Vec::new(), Vec::new());
    for row in authority.register.lists().map_err(AuthorityError::from)? {
        let impossible = || PublishError::ListSize(row.id);
        let fits = row.size <= (limits::MAX_LIST_BYTES as u64) * 8 / u64::from(row.bits.max(1));
        let size = usize::try_from(row.size).ok().filter(|_| fits).ok_or_else(impossible)?;
        let mut statuses = Statuses::new(row.bits, size).ok_or_else(impossible)?;
        for (index, status) in authority.register.marked(row.id).map_err(AuthorityError::from)? {
            if !statuses.set(index, status) {
                return Err(impossible());
            }
        }
        let zlib = pack(&statuses);
        let token = StatusToken {
            uri: row.uri.clone(),
            issued: now,
            expires: None,
            ttl: Some(LIST_STALE_AFTER),
            bits: row.bits,
            zlib,
        };
        signed.push((row.id, sign_status_list(&token, key)));
        entries.push(ListEntry {
            id: row.id,
            uri: row.uri,
            signer: key.public().clone(),
            bits: row.bits,
            size: row.size,
            // No list of an earlier publication goes with this one: it may lack the newest revocations.
            least_issued: now,
            soft_age: LIST_STALE_AFTER,
            hard_age: LIST_LIFETIME,
        });
    }
    Ok((entries, signed))
}

/// Opens everything by a till's own rules.
fn as_a_till_would(roots: &[Root], bundle: &[u8], lists: &[(u64, Vec<u8>)]) -> Result<(), ImportError> {
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
    Ok(())
}

/// The bundle comes last, so that a till that fetches meanwhile never sees one that names what is not there yet.
/// Between a new root and its bundle a till refuses the old one, keeps what it has, and asks again later.
fn write(out: &Path, roots: &[Root], lists: &[(u64, Vec<u8>)], bundle: &[u8]) -> Result<(), FileError> {
    for root in roots {
        // Roots never change; `check_place` has found no other file under their names.
        let path = out.join(root_file(root.number));
        if !path.exists() {
            write_atomic(&path, root.as_bytes(), 0o644, IfExists::Replace)?;
        }
    }
    for (id, list) in lists {
        write_atomic(&out.join(list_file(*id)), list, 0o644, IfExists::Replace)?;
    }
    write_atomic(&out.join(BUNDLE_FILE), bundle, 0o644, IfExists::Replace)
}
