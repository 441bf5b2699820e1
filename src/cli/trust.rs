//! `greenlit trust`: whom this till believes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use greenlit_core::trust::{Fingerprint, Freshness, Root, TrustState, limits};
use greenlit_core::verify::Rejection;
use greenlit_files::{Symlinks, read_limited};

use crate::cli::Outcome;
use crate::config::authority::{self, Instead, NotTrusted, Trusted};
use crate::config::till::{Till, build_date, report_rejected};
use crate::report::sentences;

/// Shows or changes whom this till believes.
#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Trusts a root. Compare the fingerprint it prints with the one the authority tells you.
    Add {
        /// The authority's root-<n>.cbor.
        root: PathBuf,
        /// Trusts it instead of the one trusted now, and drops all that one vouched for.
        #[arg(long)]
        replace: bool,
        /// Trusts it only if this is its fingerprint: 64 hexadecimal digits, spaces allowed.
        #[arg(long, value_name = "HEX", value_parser = parse_fingerprint)]
        fingerprint: Option<Fingerprint>,
    },
    /// Shows the trust data and its age.
    Show,
}

fn parse_fingerprint(text: &str) -> Result<Fingerprint, &'static str> {
    Fingerprint::parse(text).ok_or("not 64 hexadecimal digits")
}

type Anything = Box<dyn std::error::Error>;

/// Why a root was not trusted.
#[derive(Debug, thiserror::Error)]
enum TrustError {
    #[error("{path}: not a root that holds: it {why}", path = .path.display())]
    NotARoot { path: PathBuf, why: greenlit_core::trust::DocumentError },
    #[error("{path}: its fingerprint is {found}, not the one you gave; nothing was changed", path = .path.display())]
    OtherFingerprint { path: PathBuf, found: Fingerprint },
    #[error("{why}; to trust this one instead, give --replace")]
    Another { why: NotTrusted },
    #[error("{path}: {why}", path = .path.display())]
    NotTrusted { path: PathBuf, why: NotTrusted },
}

pub(crate) fn run(action: &Action, till: &Till) -> Outcome {
    match action {
        Action::Add { root, replace, fingerprint } => add(till, root, *replace, *fingerprint),
        Action::Show => show(till),
    }
}

fn add(till: &Till, path: &Path, replace: bool, wanted: Option<Fingerprint>) -> Outcome {
    let bytes = read_limited(path, limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
    let root = Root::verify_anchor(&bytes).map_err(|why| TrustError::NotARoot { path: path.into(), why })?;
    let found = root.fingerprint();
    if wanted.is_some_and(|wanted| wanted != found) {
        return Err(TrustError::OtherFingerprint { path: path.into(), found }.into());
    }
    let instead = if replace { Instead::Yes } else { Instead::No };
    let trusted = authority::trust(till, &root, instead).map_err(|why| match why {
        NotTrusted::Store(error) => Anything::from(error),
        NotTrusted::Another(_) => TrustError::Another { why }.into(),
        NotTrusted::Later | NotTrusted::Older(_) => TrustError::NotTrusted { path: path.into(), why }.into(),
    })?;
    let verb = match trusted {
        Trusted::First => "trusted",
        Trusted::Already => "already trusted",
        Trusted::InForce => "already in force",
        Trusted::Instead => "trusted instead of the former one, whose data was dropped",
    };
    let mut out = std::io::stdout().lock();
    write_root(&mut out, &root, &till.language())?;
    match wanted {
        Some(_) => writeln!(out, "{verb}; the fingerprint is the one you gave")?,
        None => writeln!(out, "{verb}; now compare the fingerprint with the one the authority tells you")?,
    }
    if till.now() >= root.expires {
        writeln!(out, "this root has expired: it serves only to reach a later one by `greenlit sync`")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_root(out: &mut impl Write, root: &Root, language: &str) -> std::io::Result<()> {
    let demo = if root.demo { " · DEMO, for practice only" } else { "" };
    writeln!(out, "root {} of {} ({}){demo}", root.number, root.authority.get(language), root.region)?;
    writeln!(out, "  fingerprint {}", root.fingerprint())
}

fn show(till: &Till) -> Outcome {
    let trust = till.cached()?.map_or_else(|| TrustState::empty(build_date()), report_rejected);
    let language = till.language();
    let now = till.now();
    let mut out = std::io::stdout().lock();
    writeln!(out, "data folder: {}", till.folder().display())?;
    let (Some(anchor), Some(root)) = (trust.anchor(), trust.newest_root()) else {
        writeln!(out, "no root is trusted yet: run `greenlit trust add ROOT`")?;
        return Ok(ExitCode::from(2));
    };
    write_root(&mut out, anchor, &language)?;
    if root.number > anchor.number {
        writeln!(out, "  in force by now: root {}", root.number)?;
    }
    writeln!(out, "  expires {}", root.expires)?;
    let Some(bundle) = trust.bundle() else {
        writeln!(out, "no trust data yet: run `greenlit sync SOURCE`")?;
        return Ok(ExitCode::from(2));
    };
    let age = match trust.age(now).stage {
        Freshness::None => "not usable",
        Freshness::Fresh => "fresh",
        Freshness::Soon => "due for renewal within 48 hours",
        Freshness::Stale => "due for renewal, still judged by",
        Freshness::Expired => "expired: nothing is judged by it",
        Freshness::ClockBehind => "its age cannot be told, for the clock is behind",
    };
    let (due, stops) = (trust.due().unwrap_or(bundle.soft_expiry), trust.stops().unwrap_or(bundle.hard_expiry));
    writeln!(out, "trust data version {}, made {}: {age}", bundle.version, bundle.issued)?;
    writeln!(out, "  due for renewal {due}, expires {stops}")?;
    for issuer in &bundle.issuers {
        let revoked = issuer.revoked_at.map(|at| format!(" · key revoked {at}")).unwrap_or_default();
        writeln!(out, "  issuer {}: {}{revoked}", issuer.key.id(), issuer.name.get(&language))?;
    }
    writeln!(out, "  {} rules", bundle.rules.len())?;
    for entry in &bundle.lists {
        match trust.list(entry.id) {
            Some((list, entry)) => writeln!(
                out,
                "  status list {} of {} entries, made {}, judged by until {}",
                entry.id,
                entry.size,
                list.issued(),
                list.unusable_at(entry)
            )?,
            None => writeln!(out, "  status list {} is missing: run `greenlit sync SOURCE`", entry.id)?,
        }
    }
    match trust.usable(now) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(unusable) => {
            writeln!(out, "{}", sentences::why(&Rejection::Unusable(unusable)))?;
            Ok(ExitCode::from(2))
        }
    }
}
