//! `greenlit trust`: whom this till believes.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use greenlit_core::trust::{Fingerprint, Freshness, Root, TrustState, limits};
use greenlit_core::verify::Rejection;
use greenlit_files::{Symlinks, read_limited};
use greenlit_words::terminal::{self, answers};
use greenlit_words::{Language, command as say, failure, health};

use crate::cli::Outcome;
use crate::config::authority::{self, Instead, NotTrusted, Trusted};
use crate::config::diagnostic::language as spoken;
use crate::config::failures;
use crate::config::till::{Till, build_date, report_rejected};
use crate::report::moment;

/// Manage trusted authorities.
#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Trust an authority's root after you confirm its fingerprint.
    ///
    /// On a terminal, shows the root and asks. Otherwise requires --fingerprint or --yes.
    Add {
        /// The authority's root file, root-<n>.cbor.
        root: PathBuf,
        /// Replace the authority trusted now and delete all its data.
        #[arg(long)]
        replace: bool,
        /// Trust it only if its fingerprint is this: 64 hexadecimal digits, spaces allowed.
        #[arg(long, value_name = "HEX", value_parser = parse_fingerprint)]
        fingerprint: Option<Fingerprint>,
        /// Trust it without asking. This skips the only protection against a swapped root file: use it only for a file
        /// that you got from the authority yourself.
        #[arg(long)]
        yes: bool,
    },
    /// Show the trusted authority and the age of its data.
    Show,
}

fn parse_fingerprint(text: &str) -> Result<Fingerprint, &'static str> {
    Fingerprint::parse(text).ok_or("not 64 hexadecimal digits")
}

type Anything = Box<dyn std::error::Error>;

/// Why a root was not trusted.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrustError {
    #[error("{path}: not a valid Greenlit root file: it {why}", path = .path.display())]
    NotARoot { path: PathBuf, why: greenlit_core::trust::DocumentError },
    #[error("{path}: fingerprint is {found}, not the one you gave; nothing was changed", path = .path.display())]
    OtherFingerprint { path: PathBuf, found: Fingerprint },
    #[error("{why}; use --replace to trust this one instead")]
    Another { why: NotTrusted },
    #[error("{path}: {why}", path = .path.display())]
    NotTrusted { path: PathBuf, why: NotTrusted },
    #[error(
        "not trusted, for nobody has confirmed its fingerprint, {0}; if the authority tells you the same one, give it with --fingerprint (or --yes, to trust without comparing); nothing was changed"
    )]
    NobodyToAsk(Fingerprint),
    #[error("not trusted; nothing was changed")]
    Declined,
}

impl TrustError {
    /// In the language of the command line.
    pub(super) fn told(&self, language: Language) -> String {
        match self {
            Self::NotARoot { path, why } => failure::not_a_root(language, self, path.display(), why),
            Self::OtherFingerprint { path, found } => failure::other_fingerprint(language, self, path.display(), found),
            Self::Another { why } => failure::use_replace(language, self, failures::not_trusted(why, language)),
            Self::NotTrusted { path, why } => format!("{}: {}", path.display(), failures::not_trusted(why, language)),
            Self::NobodyToAsk(fingerprint) => failure::nobody_to_ask(language, self, fingerprint),
            Self::Declined => failure::declined(language, self),
        }
    }
}

/// How it was made sure that this is the authority's root.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Confirmed {
    ByFingerprint,
    AtTheTerminal,
    Not,
}

/// Longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1_000;
/// What must be typed, in full.
const AGREED: &str = "yes";

pub(crate) fn run(action: &Action, till: &Till) -> Outcome {
    match action {
        Action::Add { root, replace, fingerprint, yes } => add(till, root, *replace, *fingerprint, *yes),
        Action::Show => show(till),
    }
}

fn add(till: &Till, path: &Path, replace: bool, wanted: Option<Fingerprint>, yes: bool) -> Outcome {
    let bytes = read_limited(path, limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
    let root = Root::verify_anchor(&bytes).map_err(|why| TrustError::NotARoot { path: path.into(), why })?;
    let found = root.fingerprint();
    if wanted.is_some_and(|wanted| wanted != found) {
        return Err(TrustError::OtherFingerprint { path: path.into(), found }.into());
    }
    let instead = if replace { Instead::Yes } else { Instead::No };
    let language = till.language();
    let refused = |why| match why {
        NotTrusted::Store(error) => Anything::from(error),
        NotTrusted::Another(_) => TrustError::Another { why }.into(),
        NotTrusted::Later | NotTrusted::Older(_) => TrustError::NotTrusted { path: path.into(), why }.into(),
    };
    // Nobody is asked about what would not be trusted, or is already.
    let held = till.cached()?.map_or_else(|| TrustState::empty(build_date()), |cached| cached.trust);
    let would = authority::judge(&held, &root, instead, &language).map_err(refused)?;
    let confirmed = match would {
        // Then there is nothing to confirm.
        Trusted::Already | Trusted::InForce => Confirmed::AtTheTerminal,
        _ if wanted.is_some() => Confirmed::ByFingerprint,
        Trusted::First | Trusted::Instead if !yes => {
            ask(&root, held.anchor().filter(|_| would == Trusted::Instead), &language)?;
            Confirmed::AtTheTerminal
        }
        _ => Confirmed::Not,
    };
    let trusted = authority::trust(till, &root, instead).map_err(refused)?;
    let verb = match trusted {
        Trusted::First => say::trusted(spoken()),
        Trusted::Already => say::already_trusted(spoken()),
        Trusted::InForce => say::already_current(spoken()),
        Trusted::Instead => say::trusted_instead(spoken()),
    };
    let mut out = std::io::stdout().lock();
    let done = !matches!(trusted, Trusted::Already | Trusted::InForce);
    if confirmed != Confirmed::AtTheTerminal || !done {
        write_root(&mut out, &root, &language)?;
    }
    match confirmed {
        Confirmed::ByFingerprint => writeln!(out, "{}", say::fingerprint_matches(spoken(), verb))?,
        Confirmed::AtTheTerminal if done => writeln!(out, "{verb}")?,
        Confirmed::AtTheTerminal => writeln!(out, "{}", say::nothing_changed(spoken(), verb))?,
        Confirmed::Not => writeln!(out, "{}", say::now_compare(spoken(), verb))?,
    }
    if till.now() >= root.expires {
        writeln!(out, "{}", say::root_has_expired(spoken()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows the root and has somebody at the terminal confirm it; anything but a whole yes is a no.
fn ask(root: &Root, instead_of: Option<&Root>, language: &str) -> Result<(), Anything> {
    let input = std::io::stdin();
    if !input.is_terminal() || !std::io::stderr().is_terminal() {
        return Err(TrustError::NobodyToAsk(root.fingerprint()).into());
    }
    // Where standard output goes into a file, whoever is asked still sees what about.
    let mut out = std::io::stderr().lock();
    write_root(&mut out, root, language)?;
    if let Some(former) = instead_of {
        let name = former.authority.get(language);
        writeln!(out, "{}", say::replaces(spoken(), name))?;
    }
    write!(out, "{}", say::trust_this(spoken(), AGREED))?;
    out.flush()?;
    let mut answer = Vec::new();
    input.lock().take(MAX_ANSWER).read_until(b'\n', &mut answer)?;
    if !answer.ends_with(b"\n") {
        // The end of the input instead of an answer: the next line begins on one of its own.
        writeln!(out)?;
    }
    if answer.ends_with(b"\n") && answer.trim_ascii() == AGREED.as_bytes() {
        Ok(())
    } else {
        Err(TrustError::Declined.into())
    }
}

fn write_root(out: &mut impl Write, root: &Root, language: &str) -> std::io::Result<()> {
    let demo = if root.demo { format!(" · {}", answers::practice_only(spoken())) } else { String::new() };
    writeln!(out, "{}{demo}", say::root_of(spoken(), root.number, root.authority.get(language), &root.region))?;
    writeln!(out, "  {}", health::fingerprint(spoken(), root.fingerprint()))
}

fn show(till: &Till) -> Outcome {
    let trust = till.cached()?.map_or_else(|| TrustState::empty(build_date()), report_rejected);
    let (language, spoken) = (till.language(), spoken());
    let now = till.now();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", health::data_folder(spoken, till.folder().display()))?;
    let (Some(anchor), Some(root)) = (trust.anchor(), trust.newest_root()) else {
        writeln!(out, "{}", say::nobody_trusted(spoken))?;
        return Ok(ExitCode::from(2));
    };
    write_root(&mut out, anchor, &language)?;
    if root.number > anchor.number {
        writeln!(out, "  {}", say::current_root(spoken, root.number))?;
    }
    writeln!(out, "  {}", say::expires(spoken, root.expires))?;
    if trust.bundle().is_none() {
        writeln!(out, "{}", say::no_trust_data(spoken))?;
        return Ok(ExitCode::from(2));
    }
    write_bundle(&mut out, &trust, trust.age(now).stage, &language)?;
    match trust.usable(now) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(unusable) => {
            writeln!(out, "{}", terminal::why(&Rejection::Unusable(unusable), spoken, moment))?;
            Ok(ExitCode::from(2))
        }
    }
}

fn write_bundle(out: &mut impl Write, trust: &TrustState, stage: Freshness, language: &str) -> std::io::Result<()> {
    let Some(bundle) = trust.bundle() else { return Ok(()) };
    let spoken = spoken();
    let age = match stage {
        Freshness::None => say::age_not_usable(spoken),
        Freshness::Fresh => say::age_fresh(spoken),
        Freshness::Soon => say::age_soon(spoken),
        Freshness::Stale => say::age_stale(spoken),
        Freshness::Expired => say::age_expired(spoken),
        Freshness::ClockBehind => say::age_unknown(spoken),
    };
    let (due, stops) = (trust.due().unwrap_or(bundle.soft_expiry), trust.stops().unwrap_or(bundle.hard_expiry));
    writeln!(out, "{}", say::trust_data(spoken, bundle.version, bundle.issued, age))?;
    writeln!(out, "  {}", health::due_and_expires(spoken, due, stops))?;
    for issuer in &bundle.issuers {
        let revoked = issuer.revoked_at.map(|at| format!(" · {}", say::key_revoked(spoken, at))).unwrap_or_default();
        writeln!(out, "  {}{revoked}", say::issuer(spoken, issuer.key.id(), issuer.name.get(language)))?;
    }
    writeln!(out, "  {}", say::rules(spoken, bundle.rules.len()))?;
    bundle.lists.iter().try_for_each(|entry| {
        let line = match trust.list(entry.id) {
            Some((list, entry)) => say::list_of(spoken, entry.id, entry.size, list.issued(), list.unusable_at(entry)),
            None => say::list_missing(spoken, entry.id),
        };
        writeln!(out, "  {line}")
    })
}
