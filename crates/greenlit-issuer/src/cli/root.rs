//! `greenlit-issuer root`: the next root. Its keys and the bundle's change only with it.
//!
//! Where enough root keys are at hand, `root new` does everything. Where they lie on sticks in
//! different safes, it writes a proposal, `root sign` adds a signature wherever a key is, and
//! `root finish` installs what enough have signed. Tills learn of it by the next `publish`.

mod change;
mod install;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::{PrivateKey, Proposal, ProposalError};
use greenlit_core::key::{KeyError, KeyId};
use greenlit_core::time::{TimeError, UnixTime};
use greenlit_core::trust::{DocumentError, Fingerprint, KeySetError, Root, limits};
use greenlit_files::{FileError, IfExists, Symlinks, read_limited, write_atomic};

use crate::cli::authority::{Authority, AuthorityError, make_private_key, stick_keys, write_private_key};
use crate::cli::inspect::show_proposal;
use crate::cli::publish::{self, PublishError};
use crate::cli::{Outcome, now, tell};
use change::{Changes, Next};
use install::{can_publish, install};

/// A proposal holds two roots and a few bytes around them.
pub(crate) const MAX_PROPOSAL: usize = 2 * limits::MAX_ROOT_BYTES + 100;

/// Makes the next root: other root or bundle keys, other thresholds, a later expiry.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    New(NewArgs),
    Sign(SignArgs),
    Finish(FinishArgs),
    Key(KeyArgs),
}

/// Makes the next root, signed by the keys at hand; or, with --propose, a file for others to sign.
///
/// It says what the root in force says, but for the changes given here. The authority's name is taken from
/// authority.toml. Tills learn of it by the next `publish`.
#[derive(clap::Args)]
struct NewArgs {
    /// The authority's folder.
    folder: PathBuf,
    #[command(flatten)]
    changes: Changes,
    /// A root key on a mounted stick, besides those in the folder; or a bundle key that is kept elsewhere, to
    /// show that enough are at hand to publish under the new root.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
    /// Only writes a proposal there, signed by the keys given with --key, if any.
    #[arg(long, value_name = "FILE")]
    propose: Option<PathBuf>,
    /// Goes on though the newest publication or root was made more than a fortnight ago by this machine's clock.
    #[arg(long)]
    clock_is_right: bool,
}

/// Signs a proposal. It takes nothing but this file, the root in force and a key; look at it first with `greenlit-issuer inspect`.
#[derive(clap::Args)]
struct SignArgs {
    /// What `root new --propose` wrote; the signature is added to it.
    proposal: PathBuf,
    /// A root key.
    #[arg(long, value_name = "KEY.pem", required = true)]
    key: Vec<PathBuf>,
    /// The root in force, from your own copy of root-<n>.cbor: a proposal could carry a forged one, and
    /// hide by it what it changes.
    #[arg(long, value_name = "ROOT")]
    after: PathBuf,
}

/// Installs a proposal that enough keys have signed, judged as a till would judge it.
#[derive(clap::Args)]
struct FinishArgs {
    /// The authority's folder.
    folder: PathBuf,
    /// The signed proposal.
    proposal: PathBuf,
    /// A bundle key that is kept elsewhere than in keys/, to show that enough are at hand to publish.
    #[arg(long, value_name = "KEY.pem")]
    key: Vec<PathBuf>,
}

/// Makes a root or bundle key, on a stick for example, and prints its public half for `root new --add-root` or
/// `--add-bundle-key`.
#[derive(clap::Args)]
struct KeyArgs {
    /// Where to write the private key; never over another file.
    file: PathBuf,
}

/// Why there is no next root.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub(crate) enum RootError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: {error}", path = .path.display())]
    Proposal { path: PathBuf, error: ProposalError },
    #[error("{proposal}: is measured by another root (fingerprint {carried}) than {ours}; if yours is the root in force, somebody means to deceive you. Nothing was signed", proposal = .path.display(), ours = .ours.display())]
    OtherBefore { path: PathBuf, ours: PathBuf, carried: Fingerprint },
    #[error("the next root would not serve: it {0}; nothing was changed")]
    Unsound(ProposalError),
    #[error("the next root would not serve: {role} keys with {error}; nothing was changed")]
    Keys { role: &'static str, error: KeySetError },
    #[error("nothing would change: say what, as in --add-root, --replace-bundle-key or --expires")]
    NoChange,
    #[error("\"{0}\" is neither a public key (64 hexadecimal digits), nor a file of one in PEM, nor \"new\"")]
    NotAKey(String),
    #[error("the public key \"{0}\" {1}")]
    BadKey(String, KeyError),
    #[error("root {root} names no {role} key {kid}; `greenlit-issuer inspect` shows them")]
    NoSuchKey { root: u64, role: &'static str, kid: String },
    #[error("--expires {0}")]
    Time(#[from] TimeError),
    #[error("--expires {0} is past already")]
    Past(UnixTime),
    #[error("the key {0} signs passes or lists here; a root or bundle key must do nothing else")]
    OtherWork(KeyId),
    #[error("this machine's clock shows {now}, before root {root} was made ({made}); set the clock")]
    Clock { now: UnixTime, root: u64, made: UnixTime },
    #[error("{} more of these must sign: {}; give their files with --key, or write a proposal with --propose and sign it where they are. Nothing was changed", .missing, list(.waiting))]
    TooFewHere { missing: usize, waiting: Vec<KeyId> },
    #[error("{path}: not signed by enough yet: {} more of these must: {}", .missing, list(.waiting), path = .path.display())]
    TooFew { path: PathBuf, missing: usize, waiting: Vec<KeyId> },
    #[error("{path}: tills would not take it: it {error}", path = .path.display())]
    Refused { path: PathBuf, error: DocumentError },
    #[error("{path}: was made to follow another root than the newest here, root {newest}; make a new proposal", path = .path.display())]
    Overtaken { path: PathBuf, newest: u64 },
    #[error("{path}: proposes a root that expired at {at}; make a new proposal", path = .path.display())]
    Expired { path: PathBuf, at: UnixTime },
    #[error("root {0} is in force here already; publish to tell the tills")]
    AlreadyThere(u64),
    #[error("of {threshold} bundle keys that must sign, only {here} are at hand: nothing could be published under this root. Put more of these into keys/, or show their files with --key: {}", list(.lacking))]
    NoBundleKey { threshold: usize, here: usize, lacking: Vec<KeyId> },
}

fn list(kids: &[KeyId]) -> String {
    kids.iter().map(KeyId::to_string).collect::<Vec<_>>().join(" ")
}

type Result<T> = std::result::Result<T, RootError>;

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.action {
        Action::New(args) => new(args)?,
        Action::Sign(args) => sign(args)?,
        Action::Finish(args) => finish(args)?,
        Action::Key(args) => {
            let key = make_private_key(&args.file)?;
            writeln!(io::stdout().lock(), "{}", hex::encode(key.public().as_bytes()))?;
            tell(&format!("made {} in {}", key.public().id(), args.file.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn new(args: &NewArgs) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut authority = Authority::open(&args.folder)?;
    let _alone = publish::lock(&authority)?;
    let now = now();
    if !args.clock_is_right {
        publish::check_not_ahead(&authority, now)?;
    }
    let next = Next::plan(&authority, &args.changes, now)?;
    let given = stick_keys(&args.key)?;
    let mut proposal = next.proposal;
    match &args.propose {
        Some(path) => {
            let bundle_keys = proposal.body().bundle_keys.clone();
            for key in &given {
                match proposal.sign(key) {
                    // A bundle key is shown for when the root is installed.
                    Err(ProposalError::NoSay(kid)) if bundle_keys.find(kid).is_some() => {}
                    done => drop(done.map_err(RootError::Unsound)?),
                }
            }
            write_fresh(&authority, &next.fresh)?;
            write_atomic(path, &proposal.encode(), 0o644, IfExists::Keep)?;
            let mut out = io::stdout().lock();
            show_proposal(&mut out, &proposal)?;
            writeln!(out, "wrote {}; look at it with `greenlit-issuer inspect`, and sign it with", path.display())?;
            writeln!(
                out,
                "  greenlit-issuer root sign {} --after root-{}.cbor --key KEY.pem",
                path.display(),
                proposal.before().number
            )?;
        }
        None => {
            for key in given.iter().chain(&here(&authority)?).chain(next.fresh.iter().map(|fresh| &fresh.key)) {
                // As many signatures as are needed and no more: each one is weight in every till.
                if proposal.waits_for(key.public().id()) {
                    proposal.sign(key).map_err(RootError::Unsound)?;
                }
            }
            if let Some((missing, waiting)) = lacking(&proposal) {
                return Err(RootError::TooFewHere { missing, waiting }.into());
            }
            let root = proposal.finish().map_err(|error| RootError::Unsound(ProposalError::Unsound(error)))?;
            can_publish(&authority, &root, given.iter().chain(next.fresh.iter().map(|fresh| &fresh.key)))?;
            write_fresh(&authority, &next.fresh)?;
            install(&mut authority, &root, now)?;
            let mut out = io::stdout().lock();
            show_proposal(&mut out, &proposal)?;
            told(&mut out, &root)?;
        }
    }
    Ok(())
}

/// The root keys in the authority's own folder; those that are elsewhere are left out.
fn here(authority: &Authority) -> Result<Vec<PrivateKey>> {
    let mut keys = Vec::new();
    for row in authority.register.keys().map_err(AuthorityError::from)?.iter().filter(|row| row.role == "root") {
        match authority.private_key(row) {
            Ok(key) => keys.push(key),
            Err(AuthorityError::File(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(keys)
}

fn write_fresh(authority: &Authority, fresh: &[change::Fresh]) -> Result<()> {
    for one in fresh {
        write_private_key(&authority.folder().join("keys").join(&one.file), &one.key)?;
    }
    Ok(())
}

/// How many must still sign, at least, and who could.
fn lacking(proposal: &Proposal) -> Option<(usize, Vec<KeyId>)> {
    let [old, own] = proposal.standing();
    let missing = old.missing().max(own.missing());
    let mut waiting = Vec::new();
    for role in [&old, &own].into_iter().filter(|role| role.missing() > 0) {
        waiting.extend(role.waiting.iter().copied());
    }
    waiting.sort();
    waiting.dedup();
    (missing > 0).then_some((missing, waiting))
}

fn read(path: &Path) -> Result<Proposal> {
    let bytes = read_limited(path, MAX_PROPOSAL, Symlinks::Follow)?;
    Proposal::parse(&bytes).map_err(|error| RootError::Proposal { path: path.into(), error })
}

fn sign(args: &SignArgs) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut proposal = read(&args.proposal)?;
    // What it says would change is measured by the root it carries: a forged one would hide anything.
    let ours = read_limited(&args.after, limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
    if ours != proposal.before().as_bytes() {
        let carried = proposal.before().fingerprint();
        return Err(RootError::OtherBefore { path: args.proposal.clone(), ours: args.after.clone(), carried }.into());
    }
    for key in &stick_keys(&args.key)? {
        let fresh = proposal.sign(key).map_err(|error| RootError::Proposal { path: args.proposal.clone(), error })?;
        if !fresh {
            tell(&format!("greenlit-issuer: {} had signed it already", key.public().id()));
        }
    }
    write_atomic(&args.proposal, &proposal.encode(), 0o644, IfExists::Replace)?;
    show_proposal(&mut io::stdout().lock(), &proposal)?;
    Ok(())
}

fn finish(args: &FinishArgs) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let path = || args.proposal.clone();
    let proposal = read(&args.proposal)?;
    let mut authority = Authority::open(&args.folder)?;
    let _alone = publish::lock(&authority)?;
    let roots = authority.roots()?;
    let newest = roots.last().ok_or_else(|| AuthorityError::NoRoot(authority.folder().into()))?;
    if let Some((missing, waiting)) = lacking(&proposal) {
        return Err(RootError::TooFew { path: path(), missing, waiting }.into());
    }
    let root = proposal.finish().map_err(|error| RootError::Refused { path: path(), error })?;
    if newest.as_bytes() == root.as_bytes() {
        return Err(RootError::AlreadyThere(newest.number).into());
    }
    if newest.as_bytes() != proposal.before().as_bytes() {
        return Err(RootError::Overtaken { path: path(), newest: newest.number }.into());
    }
    // The till's own step, from the root that is in force here.
    newest.verify_next(root.as_bytes()).map_err(|error| RootError::Refused { path: path(), error })?;
    let now = now();
    if now >= root.expires {
        return Err(RootError::Expired { path: path(), at: root.expires }.into());
    }
    can_publish(&authority, &root, &stick_keys(&args.key)?)?;
    install(&mut authority, &root, now)?;
    told(&mut io::stdout().lock(), &root)?;
    Ok(())
}

fn told(out: &mut impl Write, root: &Root) -> io::Result<()> {
    writeln!(out, "root {} is in force here, good until {}; publish to tell the tills", root.number, root.expires)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())
}
