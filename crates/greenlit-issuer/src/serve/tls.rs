//! TLS by a certificate and a key in files, which are read again when they change.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use greenlit_files::{FileError, Symlinks, read_limited};

use super::observe::Log;
use super::terms::Stamp;
use crate::authority::mode_for_others;

const MAX_FILE: usize = 1 << 20;

/// Where certificate and key are, in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, and those between it and one that clients know.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why they do not serve.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TlsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}: contains no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
    #[error("{}: contains no private key in PEM", .0.display())]
    NoKey(PathBuf),
    #[error("{path}: everybody on this machine can read this key; run: chmod 640 {path}", path = .0.display())]
    OpenKey(PathBuf),
    #[error("{} and {} do not serve for TLS: {error}", .files.certificate.display(), .files.key.display())]
    Unusable { files: TlsFiles, error: tokio_rustls::rustls::Error },
}

/// TLS as the files have it now.
pub(super) struct Tls {
    files: TlsFiles,
    log: Log,
    read: Mutex<([Option<Stamp>; 2], Arc<ServerConfig>)>,
}

impl Tls {
    pub(super) fn read(files: TlsFiles, log: Log) -> Result<Self, TlsError> {
        let stamps = stamps(&files);
        let config = config(&files)?;
        Ok(Self { files, log, read: Mutex::new((stamps, config)) })
    }

    /// For the next connection. Files that cannot be read are told of, and the ones before are used.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = stamps(&self.files);
        if stamps != read.0 {
            read.0 = stamps;
            match config(&self.files) {
                Ok(config) => {
                    read.1 = config;
                    self.log.line("the TLS certificate was read again");
                }
                Err(error) => self.log.line(&format!("{error}; the earlier certificate is used")),
            }
        }
        Arc::clone(&read.1)
    }
}

fn stamps(files: &TlsFiles) -> [Option<Stamp>; 2] {
    [&files.certificate, &files.key].map(|path| Stamp::of(path))
}

fn config(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let certificates = read_limited(&files.certificate, MAX_FILE, Symlinks::Follow)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&certificates).collect();
    let certificates = certificates.ok().filter(|found| !found.is_empty());
    let certificates = certificates.ok_or_else(|| TlsError::NoCertificate(files.certificate.clone()))?;
    // A group of its own, as Debian has it, may read a server's key.
    if mode_for_others(&files.key).is_some_and(|mode| mode & 0o007 != 0) {
        return Err(TlsError::OpenKey(files.key.clone()));
    }
    let key = read_limited(&files.key, MAX_FILE, Symlinks::Follow)?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| TlsError::NoKey(files.key.clone()))?;
    let unusable = |error| TlsError::Unusable { files: files.clone(), error };
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
    let mut config = builder.with_no_client_auth().with_single_cert(certificates, key).map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
