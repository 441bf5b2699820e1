//! A publication on the web, over HTTPS.
//!
//! What is fetched is trusted for its signatures alone; TLS keeps others from seeing which till asks
//! and from holding old files up to it. Every answer has a cap on its size and its time.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy};

use super::{FetchError, Source};
use greenlit_core::text::redact_password;

/// From the first byte asked for to the last received, of one file.
const FILE_TIME: Duration = Duration::from_secs(60);
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Of one whole sync: whoever drips just fast enough for each file is stopped by this.
const SYNC_TIME: Duration = Duration::from_secs(300);
const MAX_REDIRECTS: u32 = 3;
/// Longest entity tag that is remembered, in bytes.
const MAX_ETAG: usize = 200;
/// Most certificates of an extra authority.
const MAX_EXTRA: usize = 64;

/// Where an authority publishes on the web: `https://`, a host, a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceUrl(String);

impl SourceUrl {
    /// Whether this text is meant as a web address, of whatever kind.
    pub fn looks_like_url(text: &str) -> bool {
        text.contains("://")
    }

    /// Reads an address. Nothing but HTTPS is taken, and no query: file names are put after it.
    pub fn parse(text: &str) -> Result<Self, WebError> {
        let bad = || WebError::BadAddress(redact_password(text).chars().take(200).collect());
        if text.to_ascii_lowercase().starts_with("http://") {
            return Err(WebError::NotHttps(redact_password(text).chars().take(200).collect()));
        }
        // Hosts in the letters of a language are written in ASCII on the wire (RFC 5891), paths in percent signs.
        let ascii;
        let text = if text.is_ascii() {
            text
        } else {
            ascii = url::Url::parse(text).map_err(|_| bad())?.to_string();
            &ascii
        };
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let plain = uri.scheme_str() == Some("https") && uri.query().is_none() && !text.contains('#');
        let host = uri.host().is_some_and(|host| !host.is_empty());
        let named = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        if !plain || !host || named {
            return Err(bad());
        }
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }

    fn file(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }
}

impl fmt::Display for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a file was not fetched from the web. Each says what to do, where there is something.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum WebError {
    #[error("\"{0}\" is not a valid source address; use https://HOST/FOLDER")]
    BadAddress(String),
    #[error("insecure address \"{0}\"; use https://")]
    NotHttps(String),
    #[error(
        "{0}: the server redirected to an insecure address; does this network require a login? If not, contact the authority"
    )]
    Downgraded(String),
    #[error("{0}: too many redirects; contact the authority")]
    TooManyRedirects(String),
    #[error("{0}: host not found, or no network")]
    NoHost(String),
    #[error("{url}: cannot connect ({why}); check the network")]
    Unreachable { url: String, why: String },
    #[error("{0}: timed out")]
    TimedOut(String),
    #[error("{url}: the server's certificate isn't valid ({why}); check this till's date and time")]
    Certificate { url: String, why: String },
    #[error("{url}: the server answered {status}")]
    Status { url: String, status: u16 },
    #[error("{0}: received a web page instead of trust data; does this network require a login?")]
    WebPage(String),
    #[error("{url}: larger than the limit of {cap} bytes")]
    TooLarge { url: String, cap: usize },
    #[error("{0}: the connection closed before the file was complete")]
    CutOff(String),
    #[error("{url}: invalid response from the server ({why})")]
    Protocol { url: String, why: String },
    #[error("invalid proxy \"{0}\"; give its address and port, as in http://proxy.example:3128")]
    BadProxy(String),
    #[error(
        "the environment variable {name} holds an invalid proxy \"{text}\"; give its address and port, as in http://proxy.example:3128"
    )]
    BadProxyVariable { name: &'static str, text: String },
    #[error("{url}: refused by the proxy ({why}); check its address and password")]
    RefusedByProxy { url: String, why: String },
    #[error("no PEM certificate in the certificate authority's file ({0})")]
    BadCa(String),
}

/// What a server calls one version of a file, and the digest of that version as this till took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedTag {
    /// RFC 9110 §8.8.3.
    pub tag: String,
    /// SHA-256 of the address and the bytes, so that no other server's tag and no other file fits.
    pub digest: [u8; 32],
}

/// How to reach the web.
#[derive(Clone, Debug, Default)]
pub struct WebOptions {
    /// The longest for one file, be it spent on connecting or on receiving. Where it is not given: ten seconds
    /// to connect, and a minute in all.
    pub patience: Option<Duration>,
    /// Certificates in PEM of an authority that is trusted besides the system's own.
    pub extra_ca: Option<Vec<u8>>,
    /// `http://host:port`.
    pub proxy: Option<String>,
    /// Without `proxy`, goes through what `HTTPS_PROXY` names, unless `NO_PROXY` spares the server. Variables
    /// for other protocols mean nothing here.
    pub proxy_from_environment: bool,
}

impl WebOptions {
    /// Whether this would do as `proxy`: `http://` or `https://`, a host, a port or none.
    pub fn check_proxy(text: &str) -> Result<(), WebError> {
        proxy(text).map(drop)
    }

    /// Whether these bytes would do as `extra_ca`.
    pub fn check_ca(pem: &[u8]) -> Result<(), WebError> {
        certificates(pem).map(drop)
    }
}

/// A web server that an authority publishes on.
pub struct Web {
    agent: Agent,
    address: SourceUrl,
    /// As it may be shown.
    proxy: Option<String>,
    known: BTreeMap<String, CachedTag>,
    patience: Duration,
    until: Instant,
}

impl Web {
    /// Prepares to fetch, with the tags remembered by file name. One sync each.
    pub fn new(address: SourceUrl, options: &WebOptions, known: BTreeMap<String, CachedTag>) -> Result<Self, WebError> {
        let proxy = match &options.proxy {
            Some(text) => Some(proxy(text)?),
            None if options.proxy_from_environment => proxy_from_environment(&address)?,
            None => None,
        };
        let shown =
            proxy.as_ref().map(|proxy| redact_password(&proxy.uri().to_string()).trim_end_matches('/').to_owned());
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(roots(options)?))).build();
        let config = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_connect(Some(options.patience.unwrap_or(CONNECT_TIME)))
            .proxy(proxy)
            .tls_config(tls)
            .user_agent(concat!("greenlit/", env!("CARGO_PKG_VERSION")))
            .build();
        let patience = options.patience.unwrap_or(FILE_TIME);
        let until = Instant::now() + SYNC_TIME.max(patience);
        Ok(Self { agent: config.into(), address, proxy: shown, known, patience, until })
    }

    /// The tags to remember now.
    pub fn known(&self) -> &BTreeMap<String, CachedTag> {
        &self.known
    }

    fn fetch(&mut self, name: &str, cap: usize, held: Option<&[u8]>) -> Result<Option<Vec<u8>>, WebError> {
        let url = self.address.file(name);
        // In errors: a proxy that fails looks like a server that does.
        let place =
            self.proxy.as_ref().map_or_else(|| url.clone(), |proxy| format!("{url}, through the proxy {proxy}"));
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(WebError::TimedOut(place));
        }
        let mut request = self.agent.get(&url);
        request = request.config().timeout_global(Some(left.min(self.patience))).build();
        let same = held.filter(|held| self.known.get(name).is_some_and(|known| known.digest == self.digest(held)));
        if let (Some(_), Some(known)) = (same, self.known.get(name)) {
            request = request.header("If-None-Match", &known.tag);
        }
        let mut response = request.call().map_err(|error| problem(&place, cap, error))?;
        match (response.status().as_u16(), same) {
            (200, _) => {}
            (304, Some(held)) => return Ok(Some(held.to_vec())),
            // Stores without a listing answer 403 for what is not there.
            (403 | 404 | 410, _) => return Ok(None),
            (status, _) => return Err(WebError::Status { url: place, status }),
        }
        let tag = response.headers().get("ETag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let limit = u64::try_from(cap).unwrap_or(u64::MAX);
        // One byte more tells a file that is just as large as allowed from one that is larger.
        let body = response.body_mut().with_config().limit(limit.saturating_add(1)).read_to_vec();
        let bytes = body.map_err(|error| problem(&place, cap, error))?;
        if bytes.len() > cap {
            return Err(WebError::TooLarge { url: place, cap });
        }
        // No document begins like this: in CBOR it would be a negative number of a length that is not given out.
        if bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(b"\xEF\xBB\xBF") {
            return Err(WebError::WebPage(place));
        }
        self.known.remove(name);
        if let Some(tag) = tag.filter(|tag| tag.len() <= MAX_ETAG) {
            self.known.insert(name.to_owned(), CachedTag { tag, digest: self.digest(&bytes) });
        }
        Ok(Some(bytes))
    }

    fn digest(&self, bytes: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.address.0.as_bytes());
        digest.update(b"\n");
        digest.update(bytes);
        digest.finalize().into()
    }
}

impl Source for Web {
    fn file(&mut self, name: &str, cap: usize, held: Option<&[u8]>) -> Result<Option<Vec<u8>>, FetchError> {
        Ok(self.fetch(name, cap, held)?)
    }
}

/// The system's certificate authorities, and the extra one.
fn roots(options: &WebOptions) -> Result<Vec<Certificate<'static>>, WebError> {
    // What the system keeps but cannot be read is left out: if it was needed, the certificate fails.
    let system = rustls_native_certs::load_native_certs().certs;
    let mut all: Vec<_> = system.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    if let Some(pem) = &options.extra_ca {
        all.extend(certificates(pem)?);
    }
    Ok(all)
}

/// The certificates in a file of PEM, of which there must be one.
fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, WebError> {
    let mut all = Vec::new();
    for item in ureq::tls::parse_pem(pem).take(MAX_EXTRA) {
        match item {
            Ok(PemItem::Certificate(certificate)) => all.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(WebError::BadCa(error.to_string())),
        }
    }
    if all.is_empty() { Err(WebError::BadCa("it has no BEGIN CERTIFICATE".into())) } else { Ok(all) }
}

/// Reads a proxy's address. The client by itself takes any word for a host, and drops a port that is none.
fn proxy(text: &str) -> Result<Proxy, WebError> {
    let bad = || WebError::BadProxy(redact_password(text).chars().take(200).collect());
    let proxy = Proxy::new(text).map_err(|_| bad())?;
    let uri: Uri = text.parse().map_err(|_| bad())?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let place = uri.authority().map(|all| all.as_str().rsplit('@').next().unwrap_or_default()).unwrap_or_default();
    let port = place.strip_prefix(proxy.host()).unwrap_or_default();
    let numbered = port.is_empty() || port.strip_prefix(':').is_some_and(|n| n.parse::<u16>().is_ok_and(|n| n > 0));
    if web && numbered && !proxy.host().is_empty() { Ok(proxy) } else { Err(bad()) }
}

/// The proxy for HTTPS, as the system's administrator set it.
fn proxy_from_environment(address: &SourceUrl) -> Result<Option<Proxy>, WebError> {
    let set = |name| std::env::var(name).ok().filter(|text| !text.is_empty()).map(|text| (name, text));
    let Some((name, text)) = ["HTTPS_PROXY", "https_proxy"].into_iter().find_map(set) else { return Ok(None) };
    // Here, unlike in settings, everybody leaves the scheme out.
    let whole = if text.contains("://") { text.clone() } else { format!("http://{text}") };
    let bad = |_| WebError::BadProxyVariable { name, text: redact_password(&whole).chars().take(200).collect() };
    let proxy = proxy(&whole).map_err(bad)?;
    let uri: Option<Uri> = address.0.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let spared = ["NO_PROXY", "no_proxy"].into_iter().find_map(set).is_some_and(|(_, all)| spares(&all, host));
    Ok(Some(proxy).filter(|_| !spared))
}

/// Whether a list of hosts and domains, as everybody writes it, names this host. Ports in it are passed over.
fn spares(list: &str, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        let name = entry.trim_start_matches('*').trim_start_matches('.');
        let port = |after: &str| !after.is_empty() && after.bytes().all(|byte| byte.is_ascii_digit());
        // An address of version 6 has colons of its own.
        let name = match name.split_once(':') {
            Some((name, after)) if port(after) => name,
            _ => name,
        };
        entry == "*"
            || (!name.is_empty() && (host == name || host.strip_suffix(name).is_some_and(|s| s.ends_with('.'))))
    })
}

fn problem(url: &str, cap: usize, error: Error) -> WebError {
    let url = url.to_owned();
    match error {
        Error::RequireHttpsOnly(_) | Error::BadUri(_) | Error::RedirectFailed => WebError::Downgraded(url),
        Error::ConnectProxyFailed(why) => WebError::RefusedByProxy { url, why },
        Error::TooManyRedirects => WebError::TooManyRedirects(url),
        Error::HostNotFound => WebError::NoHost(url),
        Error::Timeout(_) => WebError::TimedOut(url),
        Error::BodyExceedsLimit(_) => WebError::TooLarge { url, cap },
        Error::Rustls(error) => WebError::Certificate { url, why: error.to_string() },
        Error::Tls(why) => WebError::Certificate { url, why: why.into() },
        Error::Io(error) => match error.kind() {
            std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => WebError::TimedOut(url),
            std::io::ErrorKind::UnexpectedEof => WebError::CutOff(url),
            // What rustls finds wrong with a certificate comes as this.
            std::io::ErrorKind::InvalidData => WebError::Certificate { url, why: error.to_string() },
            _ => WebError::Unreachable { url, why: error.to_string() },
        },
        Error::ConnectionFailed => WebError::Unreachable { url, why: "no connection".into() },
        other => WebError::Protocol { url, why: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_and_nothing_besides() {
        let good = |text: &str| SourceUrl::parse(text).unwrap().file("trust.cbor");
        assert_eq!(good("https://a.example/passes"), "https://a.example/passes/trust.cbor");
        assert_eq!(
            good("https://тест.рф/пропуска"),
            "https://xn--e1aybc.xn--p1ai/%D0%BF%D1%80%D0%BE%D0%BF%D1%83%D1%81%D0%BA%D0%B0/trust.cbor"
        );
        assert_eq!(good("https://a.example:8443//"), "https://a.example:8443/trust.cbor");
        for bad in ["", "https://", "https:///x", "ftp://a.example", "file:///etc", "https://a.example/?x=1"] {
            assert!(matches!(SourceUrl::parse(bad), Err(WebError::BadAddress(_))), "{bad}");
        }
        for bad in ["https://user@a.example/", "https://a.example/#x", "https://a b/", "a.example"] {
            assert!(matches!(SourceUrl::parse(bad), Err(WebError::BadAddress(_))), "{bad}");
        }
        assert!(matches!(SourceUrl::parse("HTTP://a.example/"), Err(WebError::NotHttps(_))));
        for bad in ["https://till:secret@a.example/x", "http://till:se/cret@a.example/"] {
            let told = SourceUrl::parse(bad).unwrap_err().to_string();
            assert!(told.contains("…@a.example") && !told.contains("cret"), "{told}");
        }
    }

    #[test]
    fn hosts_are_spared_the_proxy_as_everybody_writes_it() {
        for list in [
            "a.example.org",
            "localhost, a.example.org",
            "example.org",
            ".example.org",
            "*.example.org",
            "x, EXAMPLE.org:443",
            "*",
        ] {
            assert!(spares(list, "a.example.org"), "{list}");
        }
        for list in ["", ",", "ample.org", "b.example.org", "a.example.org.evil", "org:x", "."] {
            assert!(!spares(list, "a.example.org"), "{list}");
        }
    }

    #[test]
    fn a_proxy_is_an_address_of_the_web() {
        for good in
            ["http://proxy.example:3128", "https://proxy", "http://till:secret@10.0.0.1:8080/", "http://[::1]:80"]
        {
            assert!(WebOptions::check_proxy(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "foo",
            "proxy.example:3128",
            "http://",
            "http://:3128",
            "http://a b:3128",
            "http://proxy:0",
            "http://proxy:99999",
            "http://proxy:x",
            "ftp://proxy:21",
            "socks5://proxy:1080",
        ] {
            assert!(matches!(WebOptions::check_proxy(bad), Err(WebError::BadProxy(_))), "{bad}");
        }
        let told = WebOptions::check_proxy("ftp://till:secret@proxy:21").unwrap_err().to_string();
        assert!(told.contains("…@proxy:21") && !told.contains("secret"), "{told}");
    }
}
