//! QR codes that are no pass: named for what they are, never painted red, never opened.

use crate::scheme::Scheme;
use crate::text::is_printable;
use crate::trust::root_code;

/// Most characters of a link's host that are shown.
const MAX_HOST: usize = 40;

/// What a QR code holds when it is no pass.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum NotAPass {
    /// A link to the state portal: its certificates need the network and are not passes.
    Gosuslugi,
    /// Any other web link, with its host made safe to show.
    Link {
        host: String,
    },
    Payment,
    Wifi,
    Contact,
    Phone,
    Email,
    Place,
    Event,
    /// A health certificate of another scheme (EU, New Zealand, SMART).
    OtherCertificate,
    /// A pass of a scheme that the trust data here does not take.
    OfScheme(Scheme),
    /// A pass of a scheme in a form that only its maker can check, over the network.
    OnlineOnly(Scheme),
    /// An authority's root, by which tills are set up.
    RootCode,
    Text,
    /// Bytes that are no text.
    Binary,
    /// Begins as a pass, in a code whose mark (FNC1) gives its signs another meaning.
    TradeCode,
    /// One of several codes that hold a text together, of which not all were seen.
    OneOfSeveral,
    /// Begins as a pass, in several codes: a pass is in one.
    InSeveralCodes,
    /// Begins as a pass, in a code that says it is written in this character set, where ASCII is something else.
    OtherCharacterSet {
        eci: u32,
    },
    /// Begins as a pass for one reader, and for another is something else.
    ReadDifferently,
    Empty,
}

const KINDS: &[(&str, NotAPass)] = &[
    ("ST0001", NotAPass::Payment), // GOST R 56042
    ("BCD\n", NotAPass::Payment),  // EPC069-12
    ("BCD\r\n", NotAPass::Payment),
    ("WIFI:", NotAPass::Wifi),
    ("BEGIN:VCARD", NotAPass::Contact),
    ("MECARD:", NotAPass::Contact),
    ("TEL:", NotAPass::Phone),
    ("SMSTO:", NotAPass::Phone),
    ("SMS:", NotAPass::Phone),
    ("MAILTO:", NotAPass::Email),
    ("MATMSG:", NotAPass::Email),
    ("GEO:", NotAPass::Place),
    ("BEGIN:VEVENT", NotAPass::Event),
    ("BEGIN:VCALENDAR", NotAPass::Event),
    ("HC1:", NotAPass::OtherCertificate),
    ("NZCP:/", NotAPass::OtherCertificate),
    ("SHC:/", NotAPass::OtherCertificate),
];

impl NotAPass {
    /// Names the kind of a text that does not begin like a pass.
    pub fn of(text: &[u8]) -> Self {
        // To the letter: `glr1:` is none.
        if root_code::is_meant(text) {
            return Self::RootCode;
        }
        let Ok(text) = std::str::from_utf8(text) else { return Self::Binary };
        let text = text.trim();
        if text.is_empty() {
            return Self::Empty;
        }
        if let Some(host) = link_host(text) {
            let lower = host.to_ascii_lowercase();
            let plain = lower.strip_suffix('.').unwrap_or(&lower);
            return if plain == "gosuslugi.ru" || plain.ends_with(".gosuslugi.ru") {
                Self::Gosuslugi
            } else {
                Self::Link { host: host_for_display(host) }
            };
        }
        let starts_with = |prefix: &str| text.get(..prefix.len()).is_some_and(|t| t.eq_ignore_ascii_case(prefix));
        KINDS.iter().find(|(prefix, _)| starts_with(prefix)).map_or(Self::Text, |(_, kind)| kind.clone())
    }
}

/// One neutral line for staff.
impl std::fmt::Display for NotAPass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gosuslugi => {
                f.write_str("a link to the Gosuslugi portal, which is not a pass: ask the guest for the pass itself")
            }
            Self::Link { host } if host.is_empty() => f.write_str("a web link, not a pass"),
            Self::Link { host } => write!(f, "a web link to {host}, not a pass"),
            Self::Payment => f.write_str("a payment code, not a pass"),
            Self::Wifi => f.write_str("a Wi-Fi code, not a pass"),
            Self::Contact => f.write_str("a contact card, not a pass"),
            Self::Phone => f.write_str("a phone number, not a pass"),
            Self::Email => f.write_str("an e-mail, not a pass"),
            Self::Place => f.write_str("a place on a map, not a pass"),
            Self::Event => f.write_str("a calendar entry, not a pass"),
            Self::OtherCertificate => f.write_str("a certificate of another scheme, not a Greenlit pass"),
            Self::OfScheme(scheme) => write!(f, "a pass of {scheme}, not taken here"),
            Self::OnlineOnly(scheme) => write!(f, "a code of {scheme} that can only be checked online"),
            Self::RootCode => f.write_str("an authority's root, not a pass: add it when setting up the till"),
            Self::Text => f.write_str("a text, not a pass"),
            Self::Binary => f.write_str("data, not a pass"),
            Self::TradeCode => {
                f.write_str("a code marked as for trade goods (FNC1), not a pass: ask the issuer for another")
            }
            Self::OneOfSeveral => f.write_str(
                "one of several codes that belong together: show all of them, or ask the issuer for a single one",
            ),
            Self::InSeveralCodes => {
                f.write_str("a pass in several codes, which is none: ask the issuer for a single one")
            }
            Self::OtherCharacterSet { eci } => {
                write!(f, "a code in another character set (ECI {eci}), not a pass: ask the issuer for another")
            }
            Self::ReadDifferently => {
                f.write_str("a code that can be read in more than one way, not a pass: ask the issuer for another")
            }
            Self::Empty => f.write_str("an empty code, not a pass"),
        }
    }
}

/// The host of a web link, as written.
fn link_host(text: &str) -> Option<&str> {
    let after = |scheme: &str| {
        text.get(..scheme.len()).filter(|t| t.eq_ignore_ascii_case(scheme)).and_then(|_| text.get(scheme.len()..))
    };
    let rest = after("https://").or_else(|| after("http://")).or_else(|| after("www.").map(|_| text))?;
    // Browsers take a backslash for a slash, so "https://evil.example\.gosuslugi.ru" leads to evil.example.
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host_port = authority.rsplit('@').next().unwrap_or_default();
    let host = host_port.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    Some(host.map_or(host_port, |(host, _)| host))
}

/// At most 40 characters of a host, without control, invisible or direction-changing ones. A longer
/// one keeps its end, which tells whose it is: "gosuslugi.ru.….evil.example" must not pass for the portal.
pub fn host_for_display(host: &str) -> String {
    let shown: Vec<char> = host.chars().filter(|c| is_printable(*c) && !c.is_whitespace()).collect();
    match shown.len().checked_sub(MAX_HOST) {
        None | Some(0) => shown.into_iter().collect(),
        Some(over) => std::iter::once('…').chain(shown.into_iter().skip(over + 1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named() {
        for (text, wanted) in [
            ("https://www.gosuslugi.ru/covid-cert/verify/123", NotAPass::Gosuslugi),
            ("HTTPS://GOSUSLUGI.RU/X", NotAPass::Gosuslugi),
            ("WIFI:S:cafe;;", NotAPass::Wifi),
            ("ST00012|Name=ООО", NotAPass::Payment),
            ("begin:vcard\nN:", NotAPass::Contact),
            ("HC1:NCF", NotAPass::OtherCertificate),
            ("GLR1:", NotAPass::RootCode),
            ("GLR1:GL1:", NotAPass::RootCode),
            ("glr1:", NotAPass::Text),
            ("GLR1", NotAPass::Text),
            ("GLR2:", NotAPass::Text),
            ("hello", NotAPass::Text),
            ("", NotAPass::Empty),
            ("  \n", NotAPass::Empty),
            ("gl1:abc", NotAPass::Text),
        ] {
            assert_eq!(NotAPass::of(text.as_bytes()), wanted, "{text}");
        }
        assert_eq!(NotAPass::of(&[0xff, 0xfe]), NotAPass::Binary);
    }

    #[test]
    fn lookalike_portals_are_only_links() {
        for (text, host) in [
            ("https://gosuslugi.ru.evil.example/x", "gosuslugi.ru.evil.example"),
            ("https://gosuslugi.ru@evil.example/", "evil.example"),
            ("https://evil.example\\.gosuslugi.ru", "evil.example"),
            ("https://xgosuslugi.ru", "xgosuslugi.ru"),
            ("https://evil.example:443?.gosuslugi.ru", "evil.example"),
            ("http://a\u{202E}b\u{0007}c.example", "abc.example"),
        ] {
            assert_eq!(NotAPass::of(text.as_bytes()), NotAPass::Link { host: host.into() }, "{text}");
        }
    }

    #[test]
    fn a_long_host_keeps_its_end() {
        let shown = host_for_display(&format!("gosuslugi.ru.{}.evil.example", "x".repeat(60)));
        assert_eq!(shown.chars().count(), 40);
        assert!(shown.starts_with('…') && shown.ends_with(".evil.example"));
    }
}
