//! The forms in which others publish their keys: what stands in a file, before any of it is taken.

use greenlit_core::cbor::{Item, Malformed, Reader};
use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;

use super::certificate::Certified;
use super::material::{CoseKey, KeyFault, Material, base64, shown};
use super::{LeftOut, Why, json, trusted_list};
use crate::pem::text_of;
use crate::spelling::trim;

/// Most keys of one file that are looked at.
pub(super) const MAX_FOUND: usize = 20_000;

/// Why nothing of a file is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum FormError {
    #[error(
        "not a form of key that is known here: certificates and public keys in PEM or DER, JWK, DID documents, COSE keys, the EU's and France's trusted lists, pretix's keys"
    )]
    Unknown,
    #[error("holds a private key, which nobody needs to check passes; whoever gave it to you should replace it")]
    PrivateKey,
    #[error("not JSON: {0}")]
    Json(String),
    #[error("not XML that can be read: {0}")]
    Xml(String),
    #[error("not a COSE key: it {0}")]
    Cose(Malformed),
    #[error("holds {form}, which is for {meant} passes")]
    OtherScheme { form: &'static str, meant: Scheme },
    #[error("holds more than {MAX_FOUND} keys")]
    TooMany,
}

/// Something in a file.
pub(super) enum Entry {
    Key(Box<Found>),
    /// Whoever signs the certificates of France's trusted list.
    Authority(Box<Authority>),
    LeftOut(LeftOut),
}

/// A key, with what stands beside it.
pub(super) struct Found {
    /// Where it was found, for people.
    pub(super) what: String,
    pub(super) key: Holder,
    /// What passes call it, as it was published.
    pub(super) key_id: Option<Vec<u8>>,
    pub(super) issuer: Option<String>,
    /// The issuer's names, by language.
    pub(super) names: Vec<(String, String)>,
    pub(super) kinds: Vec<String>,
    /// Since when whoever published it has called it back.
    pub(super) revoked_at: Option<UnixTime>,
}

/// A key by itself, or in a certificate.
pub(super) enum Holder {
    Certificate(Box<Certified>),
    Bare(Material),
}

/// An authority of France's trusted list.
pub(super) struct Authority {
    pub(super) certificate: Certified,
    /// Since when the list no longer vouches for it.
    pub(super) ended: Option<UnixTime>,
}

impl Found {
    pub(super) fn of(what: String, key: Holder) -> Self {
        Self { what, key, key_id: None, issuer: None, names: Vec::new(), kinds: Vec::new(), revoked_at: None }
    }
}

/// What is in a file; `name` is how people know it.
pub(super) fn read(name: &str, bytes: &[u8], scheme: Scheme) -> Result<Vec<Entry>, FormError> {
    if let Some(found) = der(name, bytes) {
        return Ok(vec![found]);
    }
    if bytes.first().is_some_and(|byte| matches!(byte >> 5, 4..=6) && *byte < 0xC0) {
        return cose(name, bytes);
    }
    let text = text_of(bytes);
    let text = trim(&text);
    if text.contains("-----BEGIN ") {
        return pem(name, text);
    }
    if text.starts_with('<') {
        return trusted_list::read(name, text, scheme);
    }
    if let Some(json) = json_part(text) {
        let entries = json::read(name, json, scheme)?;
        return if entries.len() > MAX_FOUND { Err(FormError::TooMany) } else { Ok(entries) };
    }
    // A certificate's Base64 without the lines around it.
    base64(text).and_then(|bytes| der(name, &bytes)).map(|found| vec![found]).ok_or(FormError::Unknown)
}

/// A certificate or a public key.
fn der(name: &str, bytes: &[u8]) -> Option<Entry> {
    let key = match Certified::read(bytes) {
        Ok(certificate) => Holder::Certificate(Box::new(certificate)),
        Err(_) => Holder::Bare(Material::of_spki(bytes).ok()?),
    };
    Some(Entry::Key(Box::new(Found::of(name.to_owned(), key))))
}

/// The same, where it is known that there is to be one.
pub(super) fn key_of_der(what: &str, bytes: &[u8]) -> Result<Holder, LeftOut> {
    if let Ok(certificate) = Certified::read(bytes) {
        return Ok(Holder::Certificate(Box::new(certificate)));
    }
    Material::of_spki(bytes).map(Holder::Bare).map_err(|fault| LeftOut::new(what, fault.into()))
}

pub(super) fn entry(found: Result<Found, LeftOut>) -> Entry {
    found.map_or_else(Entry::LeftOut, |found| Entry::Key(Box::new(found)))
}

fn pem(name: &str, text: &str) -> Result<Vec<Entry>, FormError> {
    if text.contains("PRIVATE KEY-----") {
        return Err(FormError::PrivateKey);
    }
    let (mut entries, mut open): (Vec<Entry>, Option<(&str, String)>) = (Vec::new(), None);
    for line in text.lines().map(trim) {
        let label = |begin: &str| line.strip_prefix(begin)?.strip_suffix("-----");
        if let Some(label) = label("-----BEGIN ") {
            open = Some((label, String::new()));
        } else if label("-----END ").is_some() {
            let Some((label, body)) = open.take() else { continue };
            if entries.len() == MAX_FOUND {
                return Err(FormError::TooMany);
            }
            let what = format!("{name}, block {}", entries.len() + 1);
            entries.push(entry(pem_block(&what, label, &body)));
        } else if let Some((_, body)) = &mut open {
            // Headers (RFC 1421) have a colon, and Base64 has none.
            if !line.contains(':') {
                body.push_str(line);
            }
        }
    }
    if let [Entry::Key(only)] = entries.as_mut_slice() {
        name.clone_into(&mut only.what);
    }
    Ok(entries)
}

fn pem_block(what: &str, label: &str, body: &str) -> Result<Found, LeftOut> {
    let out = |why| LeftOut::new(what, why);
    let bytes = base64(body).ok_or(out(KeyFault::NotAKey.into()))?;
    let key = match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            let certificate = Certified::read(&bytes).map_err(|_| out(Why::NotACertificate))?;
            Holder::Certificate(Box::new(certificate))
        }
        "PUBLIC KEY" => Holder::Bare(Material::of_spki(&bytes).map_err(|fault| out(fault.into()))?),
        "RSA PUBLIC KEY" => Holder::Bare(Material::Rsa(bytes)),
        other => return Err(out(KeyFault::Unsupported(format!("a block called {}", shown(other))).into())),
    };
    Ok(Found::of(what.to_owned(), key))
}

/// A COSE_Key, or a COSE_KeySet (RFC 9052 §7).
fn cose(name: &str, bytes: &[u8]) -> Result<Vec<Entry>, FormError> {
    let mut reader = Reader::foreign(bytes);
    let several = reader.peek() == Some(Item::List);
    let mut read = || {
        let count = if several { reader.array()? } else { 1 };
        let mut keys = Vec::new();
        for _ in 0..count {
            keys.push(Material::of_cose(&mut reader)?);
        }
        Ok::<_, Malformed>(keys)
    };
    let keys = read().map_err(FormError::Cose)?;
    reader.finish().map_err(|error| FormError::Cose(error.into()))?;
    let keys = keys.into_iter().enumerate().map(|(at, CoseKey { material, key_id })| {
        let what = if several { format!("{name}, key {}", at + 1) } else { name.to_owned() };
        let material = material.map_err(|fault| LeftOut::new(&what, fault.into()));
        entry(material.map(|material| Found { key_id, ..Found::of(what, Holder::Bare(material)) }))
    });
    Ok(keys.collect())
}

/// Where the JSON begins: member states write a signature in the line before it.
fn json_part(text: &str) -> Option<&str> {
    let is_json = |text: &&str| text.starts_with(['{', '[']);
    Some(text).filter(is_json).or_else(|| {
        let (first, rest) = text.split_once('\n')?;
        let rest = Some(trim(rest)).filter(is_json)?;
        base64(first).map(|_| rest)
    })
}
