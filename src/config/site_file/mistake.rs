//! What can be wrong with a site file, and what to write instead.

use std::path::{Path, PathBuf};

use greenlit_core::head_count::MAX_GUESTS;
use greenlit_core::trust::{DocumentError, Fingerprint, VenueKind};
use greenlit_files::FileError;
use greenlit_sync::store::StoreError;

use super::KEYS;
use crate::config::LANGUAGES;
use crate::config::authority::{NotTrusted, TrustedAuthority};
use crate::config::pin::BadPin;
use crate::config::settings::MAX_NAME;
use crate::config::suggest::suggestion;

/// One mistake, and where it is.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    /// From 1; none where it is the file's as a whole.
    pub(crate) line: Option<usize>,
    pub(crate) wrong: DiagnosticKind,
}

/// What is wrong. Each message says what to write or do instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiagnosticKind {
    #[error("invalid TOML ({0}); write each line as key = \"value\", for example language = \"ru\"")]
    Syntax(String),
    #[error("unknown key \"{key}\"; {}", suggestion(*.meant, &KEYS))]
    UnknownKey { key: String, meant: Option<&'static str> },
    #[error("{key} must not be {found}; write {write}")]
    Kind { key: &'static str, found: &'static str, write: &'static str },
    #[error("{key} is empty; write {write}, or remove the line")]
    Empty { key: &'static str, write: &'static str },
    #[error("{0} is longer than 1,000 bytes or is not plain text")]
    NotPlain(&'static str),
    #[error("unknown type of place \"{word}\"; {}", suggestion(*.meant, &VenueKind::KNOWN))]
    VenueKind { word: String, meant: Option<&'static str> },
    #[error("unsupported language \"{word}\"; {}", suggestion(*.meant, &LANGUAGES))]
    Language { word: String, meant: Option<&'static str> },
    #[error("unknown sound \"{word}\"; {}", suggestion(*.meant, &["off", "beep", "tones"]))]
    Sound { word: String, meant: Option<&'static str> },
    #[error("unknown text size \"{word}\"; {}", suggestion(*.meant, &["normal", "large", "largest"]))]
    TextSize { word: String, meant: Option<&'static str> },
    #[error("motion is \"{0}\"; write motion = \"on\" or motion = \"off\"")]
    Motion(String),
    #[error(
        "invalid source \"{0}\"; write an https:// address of a folder, without user, ? or #, or the path of the folder with trust.cbor"
    )]
    Source(String),
    #[error("invalid proxy \"{0}\"; write its address and port, as in http://proxy.example:3128")]
    Proxy(String),
    #[error("pin-hash: {0}; until then nobody can open this till's settings")]
    PinHash(BadPin),
    #[error("\"{0}\" is not a number of guests; write 1 to {MAX_GUESTS}, for example capacity = 250")]
    Capacity(String),
    #[error("name is longer than {MAX_NAME} characters")]
    Name,
    #[error("the fingerprint has {digits} hexadecimal digits instead of 64; write the one the authority gave you")]
    Fingerprint { digits: usize },
    #[error("the fingerprint contains something other than hexadecimal digits; write the one the authority gave you")]
    NotHexadecimal,
    #[error("root has no fingerprint and is not trusted; add fingerprint = \"…\", 64 digits")]
    RootAlone,
    #[error("fingerprint has no root; add root = \"root-1.cbor\", a file next to this one")]
    FingerprintAlone,
    #[error("and {0} more mistakes")]
    More(usize),

    #[error("{0}")]
    File(FileError),
    #[error("no such file; create it, or choose another with --site-file")]
    Missing,
    #[error("not UTF-8 text; save it as UTF-8")]
    NotText,
    #[error("users other than the owner can write to {what}; run: chmod go-w {}", .path.display())]
    OthersMayWrite { what: &'static str, path: PathBuf },
    #[error("{what} belongs to another user ({owner}); run: chown root {}", .path.display())]
    ForeignOwner { what: &'static str, owner: u32, path: PathBuf },

    #[error("the root is not trusted: {0}")]
    RootFile(FileError),
    #[error("{}: not a valid Greenlit root file: it {why}", .path.display())]
    NotARoot { path: PathBuf, why: DocumentError },
    #[error("{}: fingerprint is {found}, not the one given here; nothing is trusted", .path.display())]
    OtherFingerprint { path: PathBuf, found: Fingerprint },
    #[error(
        "this till already trusts another authority, {held}, and keeps it; if that is wrong, run: greenlit trust add {} --replace", .path.display()
    )]
    OtherAuthority { held: Box<TrustedAuthority>, path: PathBuf },
    #[error("{}: {why}", .path.display())]
    OtherRoot { why: Box<NotTrusted>, path: PathBuf },
    #[error("the root is not trusted because other users can change what names it: see above")]
    NotTrustworthy,
    #[error("the root could not be stored: {0}")]
    NotStored(StoreError),
}

impl DiagnosticKind {
    /// The root that the file names was not trusted.
    pub(crate) fn not_trusted(why: NotTrusted, path: &Path) -> Self {
        match why {
            NotTrusted::Another(held) => Self::OtherAuthority { held, path: path.into() },
            NotTrusted::Later | NotTrusted::Older(_) => Self::OtherRoot { why: Box::new(why), path: path.into() },
            NotTrusted::Store(error) => Self::NotStored(error),
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Kind { .. } => "wrong-kind",
            Self::Empty { .. } => "empty",
            Self::NotPlain(_) => "not-plain",
            Self::VenueKind { .. } => "unknown-site",
            Self::Language { .. } => "unknown-language",
            Self::Sound { .. } => "unknown-sound",
            Self::TextSize { .. } => "unknown-text-size",
            Self::Motion(_) => "unknown-motion",
            Self::Source(_) => "bad-source",
            Self::Proxy(_) => "bad-proxy",
            Self::PinHash(_) => "bad-pin-hash",
            Self::Capacity(_) => "bad-capacity",
            Self::Name => "bad-name",
            Self::Fingerprint { .. } | Self::NotHexadecimal => "bad-fingerprint",
            Self::RootAlone => "root-without-fingerprint",
            Self::FingerprintAlone => "fingerprint-without-root",
            Self::More(_) => "more",
            Self::File(_) | Self::NotText => "not-readable",
            Self::Missing => "missing",
            Self::OthersMayWrite { .. } => "others-may-write",
            Self::ForeignOwner { .. } => "foreign-owner",
            Self::RootFile(_) | Self::NotARoot { .. } => "bad-root",
            Self::OtherFingerprint { .. } => "other-fingerprint",
            Self::OtherAuthority { .. } => "other-root-trusted",
            Self::OtherRoot { why, .. } if matches!(**why, NotTrusted::Later) => "later-root",
            Self::OtherRoot { .. } => "older-root",
            Self::NotTrustworthy => "root-not-trusted",
            Self::NotStored(_) => "root-not-stored",
        }
    }
}
