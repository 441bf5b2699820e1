//! Where a register's database is: a `postgresql://` URL, as `psql` takes it (PostgreSQL documentation, 34.1.1.2).

use std::net::IpAddr;
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;

/// How long a server may take to be connected to, where the URL says nothing.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long a server may say nothing at all, on a network that went away, before it is asked whether it is there.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it has to answer that, each of so many times.
const ANSWER_TIME: Duration = Duration::from_secs(10);
const ASKED: u32 = 3;

/// Why a URL names no database that is used. None of them repeats the URL: there may be a password in it.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DatabaseError {
    #[error(
        "the register's address is not a URL of a PostgreSQL database such as postgresql://greenlit@db.example.org/greenlit ({0})"
    )]
    NotAUrl(String),
    #[error(
        "the register's address has no host; for a server on this machine: postgresql:///greenlit?host=/var/run/postgresql"
    )]
    NoHost,
    #[error(
        "{host}: a database on another machine is used over TLS alone; leave sslmode out, or use sslmode=verify-full"
    )]
    NotSecure { host: String },
    #[error("sslmode={0} is not known; use sslmode=verify-full, or leave it out")]
    UnknownMode(String),
    #[error("the certificates to know the database by cannot be used: {0}")]
    Certificates(String),
}

/// A PostgreSQL database, and what it takes to be let in.
#[derive(Clone)]
pub struct Database {
    pub(super) config: Config,
    /// None for a socket, and on this machine where nobody asks for it.
    pub(super) tls: Option<MakeRustlsConnect>,
    shown: String,
    /// The name by which the witness of whoever uses it is known there.
    pub(super) desk: String,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.shown)
    }
}

impl Database {
    /// The database of this URL. A password given here goes before one in the URL; `ca` are the only certificates in PEM
    /// that vouch for the server, instead of the system's.
    pub fn new(url: &str, password: Option<&str>, ca: Option<&[u8]>) -> Result<Self, DatabaseError> {
        let (plain, mode) = without_ssl_mode(url);
        let scheme = ["postgresql://", "postgres://"].iter().any(|scheme| url.starts_with(scheme));
        let not_a_url = |why: &str| DatabaseError::NotAUrl(why.to_owned());
        if !scheme {
            return Err(not_a_url("it does not begin with postgresql://"));
        }
        let mut config: Config = plain.parse().map_err(|error| not_a_url(what_is_wrong(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(DatabaseError::NoHost);
        }
        if let Some(password) = password {
            config.password(password);
        }
        let secure = needs_tls(&config, mode.as_deref())?;
        config.ssl_mode(if secure { SslMode::Require } else { SslMode::Disable });
        config.application_name("greenlit-issuer").keepalives_idle(SILENCE);
        config.keepalives_interval(ANSWER_TIME).keepalives_retries(ASKED);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIME);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        let tls = secure.then(|| tls::connector(ca)).transpose().map_err(DatabaseError::Certificates)?;
        let shown = shown(&config);
        Ok(Self { config, tls, shown, desk: String::new() })
    }

    /// The same, as the desk of this name uses it.
    pub fn of_desk(self, desk: &str) -> Self {
        Self { desk: desk.to_owned(), ..self }
    }

    /// The name of the desk that uses it.
    pub fn desk(&self) -> &str {
        &self.desk
    }

    /// As it may be printed: without a password.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// Without a word of the URL itself, where a password may have got anywhere.
fn what_is_wrong(error: &postgres::Error) -> &'static str {
    let text = causes(error);
    if text.contains("unknown option") {
        "it has a parameter that is not known"
    } else if text.contains("invalid value for option") {
        "one of its parameters has no such value"
    } else {
        "it cannot be read"
    }
}

/// The URL without its `sslmode`, and that: the modes that hold a server to its certificate are unknown to the client.
fn without_ssl_mode(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mode = query.split('&').rev().find_map(|pair| pair.strip_prefix("sslmode=")).map(str::to_owned);
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("sslmode=")).collect();
    (if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) }, mode)
}

fn needs_tls(config: &Config, mode: Option<&str>) -> Result<bool, DatabaseError> {
    let elsewhere = config.get_hostaddrs().iter().find(|address| !address.is_loopback()).map(ToString::to_string);
    let elsewhere =
        elsewhere.or_else(|| config.get_hosts().iter().find_map(|host| elsewhere_host(host).map(str::to_owned)));
    let socket =
        config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_))) && config.get_hostaddrs().is_empty();
    match (mode, elsewhere) {
        (None | Some("require" | "verify-full"), Some(_)) => Ok(true),
        (Some("disable" | "allow" | "prefer"), Some(host)) => Err(DatabaseError::NotSecure { host }),
        (None | Some("disable" | "allow" | "prefer"), None) => Ok(false),
        // Nobody listens in on a socket, and PostgreSQL has no TLS there.
        (Some("require" | "verify-full"), None) => Ok(!socket),
        (Some(other), _) => Err(DatabaseError::UnknownMode(other.chars().take(20).collect())),
    }
}

/// The host's name, unless it is this machine.
fn elsewhere_host(host: &Host) -> Option<&str> {
    match host {
        Host::Tcp(name) if name == "localhost" => None,
        Host::Tcp(name) => (!name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())).then_some(name),
        #[cfg(unix)]
        Host::Unix(_) => None,
    }
}

/// Made of its parts, so that a password can't be among them.
fn shown(config: &Config) -> String {
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let ports = config.get_ports();
    let mut socket = None;
    let mut places: Vec<String> = Vec::new();
    for (number, host) in config.get_hosts().iter().enumerate() {
        let port = ports.get(number).or(ports.first()).filter(|port| **port != 5432);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        match host {
            Host::Tcp(name) => places.push(format!("{name}{port}")),
            #[cfg(unix)]
            Host::Unix(path) => socket = Some(format!("?host={}", path.display())),
        }
    }
    if config.get_hosts().is_empty() {
        places.extend(config.get_hostaddrs().iter().map(ToString::to_string));
    }
    let name = config.get_dbname().unwrap_or_default();
    format!("postgresql://{user}{}/{name}{}", places.join(","), socket.unwrap_or_default())
}

/// What an error says, and what it stems from.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some repeat what stems from them.
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        Database::new(url, None, None).unwrap_err().to_string()
    }

    #[test]
    fn a_database_elsewhere_is_used_over_tls_alone() {
        for url in ["postgresql://g@db.example.org/g", "postgres://10.0.0.1/g?sslmode=require"] {
            let database = Database::new(url, None, None).unwrap();
            assert!(database.tls.is_some() && database.config.get_ssl_mode() == SslMode::Require, "{url}");
        }
        for mode in ["disable", "allow", "prefer"] {
            let told = refused(&format!("postgresql://localhost,db.example.org/g?sslmode={mode}"));
            assert!(told.starts_with("db.example.org: ") && told.contains("TLS alone"), "{told}");
        }
        assert!(refused("postgresql://db/g?sslmode=disable&sslmode=off").contains("sslmode=off is not known"));
        for url in ["postgresql:///g?host=/run/postgresql", "postgresql://127.0.0.1/g", "postgresql://[::1]:5433/g"] {
            assert!(Database::new(url, None, None).unwrap().tls.is_none(), "{url}");
        }
        assert!(Database::new("postgresql://localhost/g?sslmode=verify-full", None, None).unwrap().tls.is_some());
    }

    #[test]
    fn a_password_is_never_shown() {
        let database = Database::new("postgresql://g:s3cr%65t@db.example.org:5433/reg", None, None).unwrap();
        assert_eq!(database.config.get_password(), Some(&b"s3cret"[..]));
        assert_eq!(database.shown(), "postgresql://g@db.example.org:5433/reg");
        assert_eq!(format!("{database:?}"), "Database(postgresql://g@db.example.org:5433/reg)");
        let other = Database::new("postgresql://g:old@localhost/reg", Some("new"), None).unwrap();
        assert_eq!(other.config.get_password(), Some(&b"new"[..]));
        for url in [
            "postgresql:///g:s3cret",
            "g:s3cret@db/reg",
            "postgresql://g:s3cret@db/reg?oops=s3cret",
            "postgresql://g:s3cret@db:port/x",
            "postgresql://g:a?s3cret@db/x",
        ] {
            let told =
                Database::new(url, None, None).map_or_else(|error| error.to_string(), |found| found.shown().to_owned());
            assert!(!told.contains("s3cret"), "{told}");
        }
    }
}
