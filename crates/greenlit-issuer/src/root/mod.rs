//! The next root: its keys and the bundle's change only with it.
//!
//! Where enough root keys are at hand, [`NextRoot::install`] does everything. Where they lie on removable disks in
//! different safes, [`NextRoot::propose`] writes a proposal, a [`ProposalFile`] is signed wherever a key is, and
//! what enough have signed is installed. Tills learn of it by the next publication; new ones start from its file, or
//! from its [`code`].

mod change;
pub mod code;
mod install;
mod proposal_file;

use std::path::PathBuf;

use greenlit_core::key::{KeyError, KeyId};
use greenlit_core::time::{TimeError, UnixTime};
use greenlit_core::trust::root_code::TooLarge;
use greenlit_core::trust::{DocumentError, Fingerprint, KeySetError};
use greenlit_files::FileError;

use crate::ProposalError;
use crate::authority::AuthorityError;
use crate::publish::PublishError;
use crate::qr_file::QrFileError;
use crate::register::Role;
pub use change::{NextRoot, RootChanges};
pub use install::install_signed;
pub use proposal_file::{MAX_PROPOSAL, ProposalFile};

/// Why there is no next root.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RootError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    QrFile(#[from] QrFileError),
    #[error("root {number}: {error}")]
    NoCode { number: u64, error: TooLarge },
    #[error("{path}: {error}", path = .path.display())]
    Proposal { path: PathBuf, error: ProposalError },
    #[error("{proposal}: based on a different root (fingerprint {carried}) than {ours}; if yours is the current root, somebody is trying to deceive you. Nothing was signed", proposal = .path.display(), ours = .ours.display())]
    OtherBefore { path: PathBuf, ours: PathBuf, carried: Fingerprint },
    #[error("the next root would be invalid: it {0}; nothing was changed")]
    Unsound(ProposalError),
    #[error("the next root would be invalid: {role} keys: {error}; nothing was changed")]
    Keys { role: Role, error: KeySetError },
    #[error("nothing to change: say what, for example with --add-root, --replace-bundle-key or --expires")]
    NoChange,
    #[error("\"{0}\" is not a public key (64 hexadecimal digits), a PEM file or \"new\"")]
    NotAKey(String),
    #[error("the public key \"{0}\" {1}")]
    BadKey(String, KeyError),
    #[error("root {root} has no {role} key {kid}; `greenlit-issuer inspect` lists them")]
    NoSuchKey { root: u64, role: Role, kid: String },
    #[error("--expires {0}")]
    Time(#[from] TimeError),
    #[error("--expires {0} is in the past")]
    Past(UnixTime),
    #[error("the key {0} signs passes or lists here; a root or bundle key must not be used for anything else")]
    OtherWork(KeyId),
    #[error("this machine's clock shows {now}, before root {root} was made ({made}); set the clock")]
    Clock { now: UnixTime, root: u64, made: UnixTime },
    #[error("{} more of these must sign: {}; give their files with --key, or write a proposal with --propose and sign it where the keys are. Nothing was changed", .missing, list(.waiting))]
    TooFewHere { missing: usize, waiting: Vec<KeyId> },
    #[error("{path}: not enough signatures: {} more of these must sign: {}", .missing, list(.waiting), path = .path.display())]
    TooFew { path: PathBuf, missing: usize, waiting: Vec<KeyId> },
    #[error("{path}: tills would reject it: it {error}", path = .path.display())]
    Refused { path: PathBuf, error: DocumentError },
    #[error("{path}: does not follow the newest root here, root {newest}; create a new proposal", path = .path.display())]
    Overtaken { path: PathBuf, newest: u64 },
    #[error("{path}: proposes a root that expired at {at}; create a new proposal", path = .path.display())]
    Expired { path: PathBuf, at: UnixTime },
    #[error("root {0} is already current here; publish to update the tills")]
    AlreadyThere(u64),
    #[error("only {here} of the {threshold} bundle keys that must sign are available, so nothing could be published under this root. Put more of these in keys/, or give their files with --key: {}", list(.lacking))]
    NoBundleKey { threshold: usize, here: usize, lacking: Vec<KeyId> },
}

fn list(kids: &[KeyId]) -> String {
    kids.iter().map(KeyId::to_string).collect::<Vec<_>>().join(" ")
}

type Result<T> = std::result::Result<T, RootError>;
