//! The forms of JSON in which keys are published; which one it is shows in its names.

use greenlit_core::scheme::Scheme;
use serde_json::Value;

use super::certificate::Certified;
use super::forms::{Entry, FormError, Found, Holder, entry, key_of_der};
use super::material::{KeyFault, Material, base64, shown};
use super::{LeftOut, Why};
use crate::spelling::trim;

/// The event's public key among pretix's settings of it.
const PRETIX_SETTING: &str = "ticket_secrets_pretix_sig1_pubkey";

/// And the private one, which its settings hold as well.
const PRETIX_PRIVATE: &str = "ticket_secrets_pretix_sig1_privkey";

/// What is in a text.
pub(super) fn read(name: &str, text: &str, scheme: Scheme) -> Result<Vec<Entry>, FormError> {
    let value = serde_json::from_str(text).map_err(|error| FormError::Json(error.to_string()))?;
    Json { name, scheme, entries: Vec::new() }.read(&value)
}

struct Json<'n> {
    name: &'n str,
    scheme: Scheme,
    entries: Vec<Entry>,
}

impl Json<'_> {
    fn read(mut self, value: &Value) -> Result<Vec<Entry>, FormError> {
        let has = |name: &str| value.get(name).is_some();
        match value {
            Value::Array(all) if all.iter().all(|one| one.get("rawData").is_some()) && !all.is_empty() => {
                self.eu_list(all)?;
            }
            Value::Array(all) if all.iter().all(|one| one.get("kty").is_some()) && !all.is_empty() => {
                self.jwks(all);
            }
            Value::Object(_) if has("pretix_sig1") || has("valid_keys") || has(PRETIX_SETTING) => self.pretix(value)?,
            Value::Object(_) if has("verificationMethod") => self.did(value)?,
            Value::Object(_) if has("kty") => self.jwks(std::slice::from_ref(value)),
            Value::Object(object) => match (value.get("certificates"), value.get("keys"), value.get("eu_keys")) {
                (Some(Value::Array(all)), ..) => self.eu_list(all)?,
                (None, Some(Value::Array(all)), _) => self.jwks(all),
                (None, None, Some(Value::Object(keys))) => self.by_kid(keys)?,
                _ => self.by_kid(object)?,
            },
            _ => return Err(FormError::Unknown),
        }
        Ok(self.entries)
    }

    fn only_for(&self, form: &'static str, meant: Scheme) -> Result<(), FormError> {
        if self.scheme == meant { Ok(()) } else { Err(FormError::OtherScheme { form, meant }) }
    }

    /// The EU's trust list as its gateway and member states give it out: an object a certificate.
    fn eu_list(&mut self, all: &[Value]) -> Result<(), FormError> {
        self.only_for("the EU's trust list", Scheme::Hcert)?;
        for (at, one) in all.iter().enumerate() {
            let text = |name: &str| one.get(name).and_then(Value::as_str);
            let what = format!("{}, certificate {}", self.name, at + 1);
            let found = match text("certificateType") {
                // CSCA, authentication, upload: they vouch for certificates, and for whoever uploads them.
                Some(other) if other != "DSC" => Err(LeftOut::new(&what, Why::OtherUse(shown(other)))),
                _ => {
                    text("rawData").and_then(base64).ok_or(LeftOut::new(&what, Why::NotACertificate)).and_then(|der| {
                        let certificate =
                            Certified::read(&der).map_err(|_| LeftOut::new(&what, Why::NotACertificate))?;
                        Ok(Found {
                            key_id: text("kid").map(|kid| key_id(kid, self.scheme)),
                            issuer: text("country").map(str::to_owned),
                            ..Found::of(what.clone(), Holder::Certificate(Box::new(certificate)))
                        })
                    })
                }
            };
            self.entries.push(entry(found));
        }
        Ok(())
    }

    /// Keys by their identifiers: Base64 of a key or certificate, or a list of objects that have one.
    fn by_kid(&mut self, keys: &serde_json::Map<String, Value>) -> Result<(), FormError> {
        let of = |value: &Value| match value {
            Value::String(text) => Some((text.clone(), Vec::new())),
            Value::Object(object) => {
                let usage = object.get("keyUsage").and_then(Value::as_array);
                let kinds = usage.into_iter().flatten().filter_map(|word| match word.as_str()? {
                    "v" => Some("vaccination".to_owned()),
                    "t" => Some("test".to_owned()),
                    "r" => Some("recovery".to_owned()),
                    _ => None,
                });
                Some((object.get("subjectPk")?.as_str()?.to_owned(), kinds.collect()))
            }
            _ => None,
        };
        for (kid, value) in keys {
            let several: Option<Vec<_>> = match value {
                Value::Array(all) => all.iter().map(of).collect(),
                one => of(one).map(|one| vec![one]),
            };
            for (text, kinds) in several.filter(|all| !all.is_empty()).ok_or(FormError::Unknown)? {
                let what = format!("{}, key {}", self.name, shown(kid));
                let bytes = base64(&text).ok_or(FormError::Unknown)?;
                let found = key_of_der(&what, &bytes).map(|key| Found {
                    key_id: Some(key_id(kid, self.scheme)),
                    kinds,
                    ..Found::of(what, key)
                });
                self.entries.push(entry(found));
            }
        }
        if self.entries.is_empty() { Err(FormError::Unknown) } else { Ok(()) }
    }

    fn jwks(&mut self, all: &[Value]) {
        for (at, jwk) in all.iter().enumerate() {
            let kid = jwk.get("kid").and_then(Value::as_str);
            let what = match kid {
                Some(kid) => format!("{}, key {}", self.name, shown(kid)),
                None => format!("{}, key {}", self.name, at + 1),
            };
            let found = self.jwk(what, jwk);
            self.entries.push(entry(found));
        }
    }

    fn jwk(&self, what: String, jwk: &Value) -> Result<Found, LeftOut> {
        let key_id = jwk.get("kid").and_then(Value::as_str).map(|kid| key_id(kid, self.scheme));
        if let Some(other) = jwk.get("use").and_then(Value::as_str).filter(|word| *word != "sig") {
            return Err(LeftOut::new(&what, Why::OtherUse(shown(other))));
        }
        if jwk.get("d").is_some() {
            return Err(LeftOut::new(&what, Why::PrivateKey));
        }
        let material = Material::of_jwk(jwk).map_err(|fault| LeftOut::new(&what, fault.into()))?;
        // A certificate says more than the key does, if it is of this key.
        let certificate = jwk.get("x5c").and_then(|chain| chain.get(0)).and_then(Value::as_str).and_then(base64);
        let certificate = certificate.and_then(|der| Certified::read(&der).ok());
        let key = match certificate.filter(|certificate| certificate.material().is_ok_and(|of| of == material)) {
            Some(certificate) => Holder::Certificate(Box::new(certificate)),
            None => Holder::Bare(material),
        };
        Ok(Found { key_id, ..Found::of(what, key) })
    }

    /// The WHO's trust directory: DID documents (W3C, DID Core), a method of verification a key.
    fn did(&mut self, document: &Value) -> Result<(), FormError> {
        let Some(Value::Array(methods)) = document.get("verificationMethod") else { return Err(FormError::Unknown) };
        for (at, method) in methods.iter().enumerate() {
            let id = method.get("id").and_then(Value::as_str).or(method.as_str());
            let what = match id.and_then(|id| id.rsplit(['#', ':']).next()) {
                Some(name) => format!("{}, key {}", self.name, shown(name)),
                None => format!("{}, key {}", self.name, at + 1),
            };
            let participant = id.map(participant).unwrap_or_default();
            let found = match (method.get("publicKeyJwk"), participant.signs_certificates) {
                (None, _) => Err(LeftOut::new(&what, Why::Elsewhere)),
                (_, true) => Err(LeftOut::new(&what, Why::Authority)),
                (Some(jwk), false) => self.jwk(what, jwk).map(|found| {
                    let fragment = id.and_then(|id| id.split_once('#')).map(|(_, fragment)| percent_decoded(fragment));
                    let key_id = found.key_id.or_else(|| fragment.map(|kid| key_id(&kid, self.scheme)));
                    Found { issuer: participant.code, key_id, ..found }
                }),
            };
            self.entries.push(entry(found));
        }
        Ok(())
    }

    /// pretix's keys of an event: alone, in the event's object, or in its settings.
    fn pretix(&mut self, value: &Value) -> Result<(), FormError> {
        self.only_for("pretix's keys", Scheme::Pretix)?;
        if value.get(PRETIX_PRIVATE).and_then(Value::as_str).is_some_and(|key| !key.is_empty()) {
            return Err(FormError::PrivateKey);
        }
        let keys = value.get("valid_keys").unwrap_or(value);
        let texts: Vec<&Value> = match (keys.get("pretix_sig1"), value.get(PRETIX_SETTING)) {
            (Some(Value::Array(all)), _) => all.iter().collect(),
            (None, Some(one)) => vec![one],
            _ => return Err(FormError::Unknown),
        };
        let issuer = value.get("slug").and_then(Value::as_str).map(str::to_owned);
        let names = value.get("name").and_then(Value::as_object).into_iter().flatten();
        let names: Vec<_> = names.filter_map(|(tag, name)| Some((tag.clone(), name.as_str()?.to_owned()))).collect();
        for (at, text) in texts.into_iter().enumerate() {
            let what = format!("{}, key {}", self.name, at + 1);
            let pem = text.as_str().and_then(base64).and_then(|bytes| String::from_utf8(bytes).ok());
            let pem = pem.as_deref().or(text.as_str()).unwrap_or_default();
            if pem.contains("PRIVATE KEY-----") {
                return Err(FormError::PrivateKey);
            }
            let body: String = pem.lines().map(trim).filter(|line| !line.starts_with("-----")).collect();
            let found = base64(&body).ok_or(LeftOut::new(&what, KeyFault::NotAKey.into()));
            let found = found.and_then(|bytes| key_of_der(&what, &bytes));
            let (issuer, names) = (issuer.clone(), names.clone());
            self.entries.push(entry(found.map(|key| Found { issuer, names, ..Found::of(what, key) })));
        }
        Ok(())
    }
}

/// What passes of this scheme have in them for such a name: health certificates its bytes, which are written in Base64,
/// and others its letters.
fn key_id(text: &str, scheme: Scheme) -> Vec<u8> {
    let bytes = if scheme == Scheme::Hcert { base64(text) } else { None };
    bytes.unwrap_or_else(|| text.as_bytes().to_vec())
}

#[derive(Default)]
struct Participant {
    code: Option<String>,
    signs_certificates: bool,
}

/// Whose key it is, of `did:web:tng-cdn.who.int:v2:trustlist:-:EST:DSC#…`.
fn participant(id: &str) -> Participant {
    let did = id.split_once('#').map_or(id, |(did, _)| did);
    let parts: Vec<&str> = did.split(':').collect();
    let is_code = |part: &&&str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let words = ["DSC", "SCA", "DCC"];
    let code = parts.iter().filter(is_code).rfind(|part| !words.contains(*part));
    Participant { code: code.map(|code| (*code).to_owned()), signs_certificates: parts.last() == Some(&"SCA") }
}

/// As fragments of addresses are written (RFC 3986 §2.1).
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
