//! Sockets: who may connect, for how long, and how it ends.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sd_notify::NotifyState;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::router::{Shared, metrics_router, router};
use super::tls::Tls;
use super::{Options, ServeError};

/// Connections at once; others wait until one ends.
const CONNECTIONS: usize = 1_024;
/// A request's head must be there in this time, on a connection that was used before as well.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of a request's head.
const MAX_HEAD: usize = 16 << 10;
const MAX_HEADERS: usize = 64;
/// A connection is not used for new requests after this, and is gone a while later: one that nobody reads from would
/// stay for ever.
const LIFETIME: Duration = Duration::from_secs(600);
/// How long what was begun may take to end.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(20);

/// Where the service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket in this machine's file system.
    Unix(PathBuf),
}

/// A text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an address such as 127.0.0.1:8443, [::1]:8443 or unix:/run/greenlit/issuer.sock")]
pub struct NoAddress;

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') && cfg!(unix) => Ok(Self::Unix(path.into())),
            Some(_) => Err(NoAddress),
            None => text.parse().map(Self::Tcp).map_err(|_| NoAddress),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    /// Whether only this machine reaches it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => match address.ip() {
                IpAddr::V4(ip) => ip.is_loopback(),
                IpAddr::V6(ip) => ip.is_loopback(),
            },
            Self::Unix(_) => true,
        }
    }

    async fn bind(&self) -> Result<Listener, ServeError> {
        let fail = |error| ServeError::Listen { address: self.clone(), error };
        match self {
            Self::Tcp(address) => Ok(Listener::Tcp(TcpListener::bind(address).await.map_err(fail)?)),
            #[cfg(unix)]
            Self::Unix(path) => {
                // A socket that nobody listens on was left behind by a service that was killed.
                if std::os::unix::net::UnixStream::connect(path)
                    .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
                {
                    std::fs::remove_file(path).map_err(fail)?;
                }
                let listener = UnixListener::bind(path).map_err(fail)?;
                // For the gateway's group; the folder says who reaches it at all.
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o660);
                std::fs::set_permissions(path, mode).map_err(fail)?;
                Ok(Listener::Unix(listener, path.clone()))
            }
            #[cfg(not(unix))]
            Self::Unix(_) => Err(fail(std::io::ErrorKind::Unsupported.into())),
        }
    }
}

enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, PathBuf),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Listener {
    async fn accept(&self) -> std::io::Result<Box<dyn Stream>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
        }
    }

    /// Where it listens in fact: a port of 0 is any that is free.
    fn address(&self, asked: &Address) -> Address {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(|_| asked.clone(), Address::Tcp),
            #[cfg(unix)]
            Self::Unix(_, path) => Address::Unix(path.clone()),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Self::Unix(_, path) = self {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Serves until the system asks it to end or the register's thread is gone.
pub(super) async fn serve(service: Shared, options: &Options, tls: Option<Tls>) -> Result<(), ServeError> {
    let mut asked_to_end = Box::pin(asked_to_end()?);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = options.listen.bind().await?;
    service.log.line(&format!("listening on {scheme}://{}", listener.address(&options.listen)));
    let (stop, stopped) = watch::channel(false);
    let mut parts = JoinSet::new();
    if let Some(address) = &options.metrics {
        let watched = address.bind().await?;
        service.log.line(&format!("metrics on http://{}/metrics", watched.address(address)));
        let doors = Doors { service: Arc::clone(&service), router: metrics_router(&service), tls: None };
        parts.spawn(doors.open(watched, stopped.clone()));
    }
    let doors = Doors { service: Arc::clone(&service), router: router(&service), tls: tls.map(Arc::new) };
    parts.spawn(doors.open(listener, stopped));
    let beating = tokio::spawn(beat(Arc::clone(&service)));

    let ended = tokio::select! {
        () = &mut asked_to_end => Ok(()),
        () = service.desk.closed() => Err(ServeError::Worker),
    };
    beating.abort();
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
    service.log.line("ending; what was begun is ended first");
    let _ = stop.send(true);
    let _ = tokio::time::timeout(LAST_WORDS, async { while parts.join_next().await.is_some() {} }).await;
    parts.shutdown().await;
    ended
}

/// One address, and what is served there.
struct Doors {
    service: Shared,
    router: Router,
    tls: Option<Arc<Tls>>,
}

impl Doors {
    /// Takes connections until it is to stop, and ends when the last of them has.
    async fn open(self, listener: Listener, mut stopped: watch::Receiver<bool>) {
        let seats = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        let for_each = stopped.clone();
        loop {
            let next = async {
                let seat = Arc::clone(&seats).acquire_owned().await;
                (seat, listener.accept().await)
            };
            tokio::select! {
                () = end_of(&mut stopped) => break,
                Some(_) = connections.join_next() => {}
                (seat, stream) = next => match (seat, stream) {
                    (Ok(seat), Ok(stream)) => {
                        let (router, tls, stopped) = (self.router.clone(), self.tls.clone(), for_each.clone());
                        let open = self.service.metrics.connections.clone();
                        connections.spawn(async move {
                            open.inc();
                            connection(stream, router, tls, stopped).await;
                            open.dec();
                            drop(seat);
                        });
                    }
                    // Out of descriptors: one that ends gives some back.
                    _ => tokio::time::sleep(Duration::from_millis(50)).await,
                },
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }
}

async fn connection(stream: Box<dyn Stream>, router: Router, tls: Option<Arc<Tls>>, stopped: watch::Receiver<bool>) {
    let Some(tls) = tls else { return talk(stream, router, stopped).await };
    let handshake = TlsAcceptor::from(tls.current()).accept(stream);
    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_PATIENCE, handshake).await {
        talk(Box::new(stream), router, stopped).await;
    }
}

async fn talk(stream: Box<dyn Stream>, router: Router, mut stopped: watch::Receiver<bool>) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(MAX_HEAD).max_headers(MAX_HEADERS);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = end_of(&mut stopped) => {}
        () = tokio::time::sleep(LIFETIME) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LAST_WORDS, connection).await;
}

/// Ends when nothing new is to begin.
async fn end_of(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Ends when the system asks the service to.
#[cfg(unix)]
fn asked_to_end() -> Result<impl Future<Output = ()>, ServeError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Runtime)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Runtime)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn asked_to_end() -> Result<impl Future<Output = ()>, ServeError> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Tells a service manager that the service is ready, and then that the register's thread answers.
async fn beat(service: Shared) {
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let mut time = tokio::time::interval(patience / 3);
    loop {
        time.tick().await;
        // Not ready is an answer, too: a new start would change nothing.
        let _ = service.desk.health().await;
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_who_reaches_it_is_known() {
        for (text, local) in [
            ("127.0.0.1:0", true),
            ("127.8.0.1:80", true),
            ("[::1]:8443", true),
            ("unix:/run/x", true),
            ("0.0.0.0:8443", false),
            ("[::]:8443", false),
            ("10.0.0.1:8443", false),
            // Nobody says what is behind that.
            ("[::ffff:127.0.0.1]:1", false),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.is_local(), address.to_string().as_str()), (local, text));
        }
        for bad in ["", "localhost:80", "127.0.0.1", "unix:", "unix:relative", ":80", "http://127.0.0.1:80"] {
            assert_eq!(bad.parse::<Address>(), Err(NoAddress), "{bad}");
        }
    }
}
