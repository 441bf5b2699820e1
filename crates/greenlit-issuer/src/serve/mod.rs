//! The issuer as a service: one pass over HTTP, for a portal on this machine or behind a gateway.
//!
//! ```text
//! listen    sockets, TLS, limits, the end        observe   a line and a count for each request
//! router    paths and methods → endpoints        clients   who asks, what they may, how often
//! body      JSON → what is asked for             problem   what is answered instead (RFC 9457)
//! group     the one thread that owns the register: what waits is entered as one change
//! ```
//!
//! A request is judged and its pass signed where it was read; in between it waits for its place. Nothing is answered
//! before that is lasting. No pass is kept: the same request gets the same one, for Ed25519 needs no randomness.

mod body;
pub mod clients;
mod endpoints;
mod group;
mod listen;
mod observe;
mod problem;
mod rate;
mod router;
mod terms;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;

use greenlit_core::time::UnixTime;

use crate::authority::AuthorityError;
use crate::issue::NewKeys;
use crate::passphrase::AskPassphrase;
use clients::{Clients, ClientsError};
use group::Desk;
pub use listen::{Address, NoAddress};
use observe::{Log, Metrics};
pub use tls::{TlsError, TlsFiles};

/// How the service is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The authority's folder.
    pub folder: PathBuf,
    /// Where it listens.
    pub listen: Address,
    /// Where `/metrics` is for whoever asks; elsewhere it needs the right.
    pub metrics: Option<Address>,
    /// Its certificate and key, unless a gateway has them.
    pub tls: Option<TlsFiles>,
    /// Whether a key may sign that some tills do not know yet.
    pub new_keys: NewKeys,
    /// Who is asked for passphrases and PINs.
    pub ask: fn() -> Box<dyn AskPassphrase>,
    /// The clock that passes go by.
    pub now: fn() -> UnixTime,
}

/// Why the service did not begin, or came to an end.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ServeError {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Clients(#[from] ClientsError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(
        "{0} can be reached from other machines; give --tls-cert and --tls-key, or listen on 127.0.0.1 or a socket of this machine"
    )]
    OpenWithoutTls(Address),
    #[error("{0} can be reached from other machines; figures are given on 127.0.0.1 or a socket of this machine alone")]
    OpenMetrics(Address),
    #[error("cannot listen on {address}: {error}")]
    Listen { address: Address, error: std::io::Error },
    #[error("the service cannot begin: {0}")]
    Runtime(std::io::Error),
    #[error("a part of the program failed; nothing that was answered is lost")]
    Worker,
}

/// What every request is answered with.
struct Service {
    desk: Desk,
    clients: Clients,
    metrics: Metrics,
    log: Log,
    now: fn() -> UnixTime,
}

/// Serves until the system asks it to end, and ends what it began.
pub fn run(options: &Options) -> Result<(), ServeError> {
    if !options.listen.is_local() && options.tls.is_none() {
        return Err(ServeError::OpenWithoutTls(options.listen.clone()));
    }
    if let Some(address) = options.metrics.as_ref().filter(|address| !address.is_local()) {
        return Err(ServeError::OpenMetrics(address.clone()));
    }
    let (log, logger) = Log::start();
    let metrics = Metrics::new();
    let clients = Clients::open(&options.folder)?;
    let (desk, thread) = Desk::open(options, metrics.clone(), log.clone())?;
    let tls = options.tls.clone().map(|files| tls::Tls::read(files, log.clone())).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Runtime)?;
    let service = Arc::new(Service { desk, clients, metrics, log, now: options.now });
    let served = runtime.block_on(listen::serve(Arc::clone(&service), options, tls));
    // Whatever still waits for a place gets it; the thread ends when nobody can ask any more.
    runtime.shutdown_timeout(listen::LAST_WORDS);
    drop(service);
    let ended = thread.join().map_err(|_| ServeError::Worker);
    // Its senders are gone by now, and so its lines are written.
    let _ = logger.join();
    served.and(ended)
}
