//! `greenlit-issuer keys`: the keys of an authority, and the life of its issuer and list keys. Those of
//! roots and bundles change with the root: `greenlit-issuer root`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::{Authority, AuthorityError};
use crate::cli::{Outcome, now, open, tell};
use crate::keys::{self, KeyState, select_signing_key, unknown_to_some};

/// Lists the keys of an authority; adds, retires or revokes an issuer key; or replaces the list key.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Makes a new issuer key. It signs once tills have had three weeks to learn of it, or when there has been no other.
    Add,
    /// Ends an issuer key: it signs no more, and its passes run out in their time.
    Retire {
        /// The key's name, as `keys` lists it.
        kid: String,
    },
    /// Replaces the list key by a new one: lists signed by the old one count no more once tills have the next publication.
    Replace {
        /// The list key's name, as `keys` lists it.
        kid: String,
    },
    /// Revokes an issuer key that may be in wrong hands: all its passes stop being genuine.
    Revoke {
        /// The key's name, as `keys` lists it.
        kid: String,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    match &args.action {
        None => return list(&authority),
        Some(Action::Add) => {
            let made = keys::add(&mut authority, now())?;
            print_done(&format!(
                "made {} in keys/{}; it signs three weeks after it is published",
                made.kid(),
                made.file
            ))?;
        }
        Some(Action::Retire { kid }) => {
            keys::retire(&mut authority, kid, now())?;
            print_done(&format!("retired {kid}"))?;
            warn_of_unknown_key(&authority)?;
        }
        Some(Action::Replace { kid }) => {
            let made = keys::replace_list_key(&mut authority, kid, now())?;
            let (new, file) = (made.kid(), made.file);
            print_done(&format!("made {new} in keys/{file}; it signs the lists from now on, instead of {kid}"))?;
        }
        Some(Action::Revoke { kid }) => {
            keys::revoke(&mut authority, kid, now())?;
            print_done(&format!("revoked {kid}: all its passes stop being genuine"))?;
            warn_of_unknown_key(&authority)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the key that signs from now on is one that tills may not know.
fn warn_of_unknown_key(authority: &Authority) -> Result<(), AuthorityError> {
    let now = now();
    let records = authority.register().keys()?;
    match select_signing_key(&records, now, now) {
        None => tell("no issuer key is left: make one by `keys add`, and publish; until then nothing can be issued"),
        Some(record) => {
            if let Some(unknown) = unknown_to_some(&records, record, now) {
                tell(&format!("{unknown}; `issue` asks for --before-tills-know until then"));
            }
        }
    }
    Ok(())
}

fn print_done(what: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{what}; publish to tell the tills")
}

fn list(authority: &Authority) -> Outcome {
    let states = keys::states(authority, now())?;
    let mut out = std::io::stdout().lock();
    for (record, state) in states {
        let state = match state {
            KeyState::Revoked(at) => format!("revoked at {at}"),
            KeyState::NoSaySince { root } => format!("has no say any more since root {root}"),
            KeyState::Replaced => "replaced".to_owned(),
            KeyState::Retired { last } => format!("retired; its passes begin before {last}"),
            KeyState::Over(since) => format!("over since {since}"),
            KeyState::WaitsUntil(from) => format!("waits until {from}"),
            KeyState::WaitsForPublication => "waits until three weeks after it is published".to_owned(),
            KeyState::Ready => "ready".to_owned(),
            KeyState::KeptElsewhere => "its private key is kept elsewhere".to_owned(),
            KeyState::Broken(error) => error.to_string(),
        };
        writeln!(out, "{:<6} {} keys/{}  {state}", record.role, record.kid(), record.file)?;
    }
    Ok(ExitCode::SUCCESS)
}
