//! `greenlit-issuer serve`: passes over HTTP.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::passphrase::FileOrTerminal;
use crate::cli::{Outcome, now};
use crate::issue::NewKeys;
use crate::serve::{self, Address, Options, TlsFiles};

/// Issue passes over HTTP, for a portal on this machine or behind a gateway.
///
/// Clients are entered with `greenlit-issuer clients`. The API is described at /v1/openapi.json. A line for each request
/// goes to standard error; none has a name or a document in it. SIGTERM ends the service when what was begun is done.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Where to listen; any address but this machine's own needs TLS. Port 0 is any that is free.
    #[arg(long, value_name = "ADDRESS|unix:PATH", default_value = "127.0.0.1:8443")]
    listen: Address,
    /// Also give /metrics and /healthz to whoever asks here, on this machine.
    #[arg(long, value_name = "ADDRESS|unix:PATH")]
    metrics: Option<Address>,
    /// The server's certificate and those between it and one that clients know, in PEM; read again when it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Issue even if not every till knows the key yet; for emergencies.
    #[arg(long)]
    before_tills_know: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    serve::run(&Options {
        folder: args.folder.clone(),
        listen: args.listen.clone(),
        metrics: args.metrics.clone(),
        tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
        new_keys: if args.before_tills_know { NewKeys::Sign } else { NewKeys::Wait },
        ask: || Box::new(FileOrTerminal),
        now,
    })?;
    Ok(ExitCode::SUCCESS)
}
