//! France's trusted list of 2D-Doc (ETSI TS 119 612): the authorities that sign the certificates of whoever issues
//! documents.
//!
//! The list's own signature is not checked: whoever imports it fetched it, over HTTPS, from whoever keeps it.

use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;
use roxmltree::{Document, Node, ParsingOptions};

use super::certificate::Certified;
use super::forms::{Authority, Entry, FormError, Found, Holder, MAX_FOUND};
use super::material::base64;
use super::{LeftOut, Why};

/// Most nodes of a list; the real one has some thousand.
const MAX_NODES: u32 = 500_000;
/// The last words of the addresses by which a list says that it vouches for a service, in small letters.
const IN_FORCE: [&str; 6] =
    ["granted", "accredited", "undersupervision", "supervisionincessation", "recognisedatnationallevel", "inaccord"];

/// What a list holds.
pub(super) fn read(name: &str, text: &str, scheme: Scheme) -> Result<Vec<Entry>, FormError> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| FormError::Xml(error.to_string()))?;
    if !is(&document.root_element(), "TrustServiceStatusList") {
        return Err(FormError::Unknown);
    }
    if scheme != Scheme::TwoDDoc {
        return Err(FormError::OtherScheme { form: "a trusted list of XML", meant: Scheme::TwoDDoc });
    }
    let services = document.descendants().filter(|node| is(node, "ServiceInformation"));
    let mut entries = Vec::new();
    for (at, service) in services.enumerate() {
        let certificates = service.descendants().filter(|node| is(node, "X509Certificate"));
        for certificate in certificates {
            if entries.len() == MAX_FOUND {
                return Err(FormError::TooMany);
            }
            let what = match text_of(&service, "ServiceName") {
                Some(called) => format!("{name}, service {} ({})", at + 1, super::material::shown(&called)),
                None => format!("{name}, service {}", at + 1),
            };
            entries.push(entry(what, &certificate, ended(&service)));
        }
    }
    if entries.is_empty() { Err(FormError::Unknown) } else { Ok(entries) }
}

fn entry(what: String, certificate: &Node<'_, '_>, ended: Option<UnixTime>) -> Entry {
    let read = base64(certificate.text().unwrap_or_default()).and_then(|der| Certified::read(&der).ok());
    match read {
        None => Entry::LeftOut(LeftOut::new(&what, Why::NotACertificate)),
        Some(certificate) if certificate.is_authority() => Entry::Authority(Box::new(Authority { certificate, ended })),
        // Some lists name whoever signs documents themselves.
        Some(certificate) => Entry::Key(Box::new(Found {
            revoked_at: ended,
            ..Found::of(what, Holder::Certificate(Box::new(certificate)))
        })),
    }
}

/// Since when the list has not vouched for a service any more.
fn ended(service: &Node<'_, '_>) -> Option<UnixTime> {
    let status = text_of(service, "ServiceStatus").unwrap_or_default().to_lowercase();
    let word = status.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    if IN_FORCE.contains(&word.as_str()) {
        return None;
    }
    // Without a time that can be read it never was in force.
    let since = text_of(service, "StatusStartingTime").and_then(|time| UnixTime::parse_rfc3339(&time).ok());
    since.or(UnixTime::new(0))
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The text of the first element of this name; of names by language, of the first.
fn text_of(service: &Node<'_, '_>, name: &str) -> Option<String> {
    let node = service.descendants().find(|node| is(node, name))?;
    let text: String = node.descendants().filter_map(|node| if node.is_text() { node.text() } else { None }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
