//! `greenlit-issuer clients`: who may ask the service for what.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use crate::cli::{Outcome, open, tell};
use crate::serve::clients::{self, Right};

/// List the clients of `greenlit-issuer serve`, add or remove one.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// List the clients, with what each may do.
    List,
    /// Add a client and print its token, which is shown once and kept nowhere.
    Add {
        /// Under this name what it does stands in the register and in the log.
        name: String,
        /// What it may do.
        #[arg(long, value_enum, value_delimiter = ',', required = true, value_name = "RIGHT,...")]
        may: Vec<RightArg>,
        /// Requests a second; without it, as many as the service has time for.
        #[arg(long, value_name = "N")]
        rate: Option<u32>,
    },
    /// Remove a client; a running service refuses it from then on.
    Remove {
        /// Which one.
        name: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RightArg {
    /// Issue passes.
    Issue,
    /// Look a pass up by its reference.
    Read,
    /// Revoke and suspend passes, lift suspensions, and replace passes together with `issue`.
    Revoke,
    /// Read the figures.
    Metrics,
}

impl From<RightArg> for Right {
    fn from(word: RightArg) -> Self {
        match word {
            RightArg::Issue => Self::Issue,
            RightArg::Read => Self::Read,
            RightArg::Revoke => Self::Revoke,
            RightArg::Metrics => Self::Metrics,
        }
    }
}

pub(crate) fn run(args: &Args) -> Outcome {
    // Clients of what is no authority would be of no use.
    open(&args.folder)?;
    let mut out = std::io::stdout().lock();
    match &args.what {
        None | Some(What::List) => {
            for client in clients::list(&args.folder)? {
                let may: Vec<&str> = client.may.iter().map(|right| right.as_str()).collect();
                let rate = client.rate.map(|rate| format!("  {rate} a second")).unwrap_or_default();
                writeln!(out, "{:<20} {}{rate}", client.name, may.join(","))?;
            }
        }
        Some(What::Add { name, may, rate }) => {
            let may: Vec<Right> = may.iter().copied().map(Right::from).collect();
            let token = clients::add(&args.folder, name, &may, *rate)?;
            tell("greenlit-issuer: this is the client's token; it cannot be shown again");
            writeln!(out, "{token}")?;
        }
        Some(What::Remove { name }) => {
            clients::remove(&args.folder, name)?;
            writeln!(out, "removed {name}")?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
