//! `greenlit-issuer keys`: the keys of an authority, and the life of its issuer and list keys. Those of
//! roots and bundles change with the root: `greenlit-issuer root`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::{Authority, AuthorityError};
use crate::cli::{Outcome, now, open, tell};
use crate::keys::{self, KeyState, Urgency, select_signing_key, unknown_to_some};

/// List the keys of an authority; add, retire or revoke an issuer key; or replace the list key.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Create a new issuer key. It signs once tills have had three weeks to learn of it, or at once if it is the first.
    Add,
    /// Stop signing with an issuer key; its passes stay valid until they expire.
    Retire {
        /// Key ID, as listed by `keys`.
        kid: String,
    },
    /// Replace the list key with a new one. Lists signed by the old one are rejected once tills have the next publication.
    Replace {
        /// List key ID, as listed by `keys`.
        kid: String,
    },
    /// Revoke an issuer key that may be compromised. All its passes stop being genuine.
    Revoke {
        /// Key ID, as listed by `keys`.
        kid: String,
        /// Do it at once, without a second operator's word.
        #[arg(long)]
        emergency: bool,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    match &args.action {
        None => return list(&authority),
        Some(Action::Add) => {
            let made = keys::add(&mut authority, now())?;
            print_done(&format!(
                "created {} in keys/{}; it will sign from three weeks after it is published",
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
            print_done(&format!("created {new} in keys/{file}; it now signs the lists instead of {kid}"))?;
        }
        Some(Action::Revoke { kid, emergency }) => {
            let urgency = if *emergency { Urgency::Emergency } else { Urgency::Ordinary };
            if let Some(proposal) = keys::revoke(&mut authority, kid, urgency, now())? {
                let folder = args.folder.display();
                writeln!(
                    std::io::stdout().lock(),
                    "nothing was revoked yet: a second operator has to run `greenlit-issuer confirm {folder} {proposal}`; if nobody can, use --emergency"
                )?;
                return Ok(ExitCode::from(1));
            }
            print_done(&format!("revoked {kid}: none of its passes are genuine any more"))?;
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
        None => tell("no issuer key left: nothing can be issued until you create one with `keys add` and publish"),
        Some(record) => {
            if let Some(unknown) = unknown_to_some(&records, record, now) {
                tell(&format!("{unknown}; until then `issue` requires --before-tills-know"));
            }
        }
    }
    Ok(())
}

fn print_done(what: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{what}; publish to update the tills")
}

fn list(authority: &Authority) -> Outcome {
    let states = keys::states(authority, now())?;
    let mut out = std::io::stdout().lock();
    for (record, state) in states {
        let state = match state {
            KeyState::Revoked(at) => format!("revoked at {at}"),
            KeyState::NoSaySince { root } => format!("not authorised since root {root}"),
            KeyState::Replaced => "replaced".to_owned(),
            KeyState::Retired { last } => format!("retired; its passes start before {last}"),
            KeyState::Over(since) => format!("ended {since}"),
            KeyState::WaitsUntil(from) => format!("waits until {from}"),
            KeyState::WaitsForPublication => "waits until three weeks after it is published".to_owned(),
            KeyState::Ready => "ready".to_owned(),
            KeyState::KeptElsewhere => "private key kept elsewhere".to_owned(),
            KeyState::Broken(error) => error.to_string(),
        };
        writeln!(out, "{:<6} {} keys/{}  {state}", record.role, record.kid(), record.file)?;
    }
    Ok(ExitCode::SUCCESS)
}
