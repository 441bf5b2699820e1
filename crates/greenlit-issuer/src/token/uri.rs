//! Where a key is inside a token: a PKCS#11 URI (RFC 7512) of those attributes that point at a private key.

use std::fmt::{Display, Formatter, Write};
use std::str::FromStr;

/// Longest URI in bytes; a token's label has 32 at most.
const MAX_URI: usize = 512;
const SCHEME: &str = "pkcs11:";

/// A private key inside a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenUri {
    /// The token's label.
    pub token: String,
    /// Its serial number, where two tokens have one label.
    pub serial: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// What it is called there.
    pub model: Option<String>,
    /// The key's label (CKA_LABEL).
    pub object: Option<String>,
    /// The key's identifier (CKA_ID).
    pub id: Option<Vec<u8>>,
}

/// Why a text does not say where a key is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum UriError {
    #[error("not a PKCS#11 URI such as \"pkcs11:token=Ministry;object=issuer-2027\"")]
    NotPkcs11,
    #[error("longer than {MAX_URI} bytes")]
    TooLong,
    #[error("the attribute \"{0}\" is not UTF-8 text in percent-encoding")]
    Encoding(String),
    #[error("the attribute \"{0}\" is empty or given twice")]
    Unclear(String),
    #[error("the attribute \"{0}\" is not one of token, serial, manufacturer, model, object, id and type=private")]
    Unknown(String),
    #[error(
        "a URI does not say which code to load; remove {0}, and name the module in authority.toml: pkcs11_module = \"/usr/lib/softhsm/libsofthsm2.so\""
    )]
    Module(String),
    #[error(
        "a PIN and where it is kept do not belong into a URI; remove {0}. The PIN is asked for, or read from the file that pkcs11_pin_file in authority.toml names"
    )]
    Pin(String),
    #[error("does not say which token; add token=LABEL")]
    NoToken,
    #[error("does not say which key; add object=LABEL or id=%01")]
    NoKey,
}

impl TokenUri {
    /// Whether a register's `file` is a URI rather than a file's name.
    pub(crate) fn is_uri(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
    }

    /// As people are told where the key is.
    pub fn place(&self) -> String {
        let mut place = format!("token \"{}\"", self.token);
        // To a string nothing fails to be written.
        if let Some(object) = &self.object {
            let _ = write!(place, ", object \"{object}\"");
        }
        if let Some(id) = &self.id {
            let _ = write!(place, ", id {}", hex::encode(id));
        }
        place
    }
}

impl FromStr for TokenUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        if !Self::is_uri(text) {
            return Err(UriError::NotPkcs11);
        }
        if text.len() > MAX_URI {
            return Err(UriError::TooLong);
        }
        let (path, query) = text.get(SCHEME.len()..).unwrap_or_default().split_once('?').unzip();
        let path = path.or(text.get(SCHEME.len()..)).unwrap_or_default();
        let mut uri = Self::default();
        let attributes = path.split(';').chain(query.unwrap_or_default().split('&'));
        for attribute in attributes.filter(|attribute| !attribute.is_empty()) {
            let (name, value) = attribute.split_once('=').ok_or_else(|| UriError::Unclear(attribute.to_owned()))?;
            uri.set(name, value)?;
        }
        match (uri.token.is_empty(), &uri.object, &uri.id) {
            (true, ..) => Err(UriError::NoToken),
            (false, None, None) => Err(UriError::NoKey),
            _ => Ok(uri),
        }
    }
}

impl TokenUri {
    fn set(&mut self, name: &str, value: &str) -> Result<(), UriError> {
        let shown = || name.chars().take(40).collect::<String>();
        match name {
            "module-path" | "module-name" => return Err(UriError::Module(shown())),
            "pin-value" | "pin-source" => return Err(UriError::Pin(shown())),
            "type" if value == "private" => return Ok(()),
            _ => {}
        }
        let bytes = decode(value).ok_or_else(|| UriError::Encoding(shown()))?;
        let unclear = || UriError::Unclear(shown());
        if bytes.is_empty() {
            return Err(unclear());
        }
        if name == "id" {
            return if self.id.replace(bytes).is_none() { Ok(()) } else { Err(unclear()) };
        }
        let text = String::from_utf8(bytes).ok().filter(|text| text.chars().all(greenlit_core::text::is_printable));
        let text = text.ok_or_else(|| UriError::Encoding(shown()))?;
        let there = match name {
            "token" => Some(std::mem::replace(&mut self.token, text)).filter(|token| !token.is_empty()),
            "serial" => self.serial.replace(text),
            "manufacturer" => self.manufacturer.replace(text),
            "model" => self.model.replace(text),
            "object" => self.object.replace(text),
            _ => return Err(UriError::Unknown(shown())),
        };
        if there.is_none() { Ok(()) } else { Err(unclear()) }
    }
}

impl Display for TokenUri {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{SCHEME}token={}", encode(self.token.as_bytes()))?;
        let texts = [
            ("serial", &self.serial),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("object", &self.object),
        ];
        for (name, value) in texts.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            write!(f, ";{name}={}", encode(value.as_bytes()))?;
        }
        if let Some(id) = &self.id {
            write!(f, ";id={}", id.iter().map(|byte| format!("%{byte:02X}")).collect::<String>())?;
        }
        Ok(())
    }
}

/// RFC 3986's unreserved characters as they are, all others by their bytes.
fn encode(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    bytes.iter().map(|byte| if plain(byte) { char::from(*byte).into() } else { format!("%{byte:02X}") }).collect()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            b' ' | b'"' => return None,
            other => other,
        });
    }
    Some(bytes)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_read_and_written_in_one_spelling() {
        let uri: TokenUri =
            "pkcs11:object=issuer%202027;type=private;token=%D0%9C;id=%01%ff;serial=a0".parse().unwrap();
        assert_eq!((uri.token.as_str(), uri.object.as_deref()), ("М", Some("issuer 2027")));
        assert_eq!((uri.id.as_deref(), uri.serial.as_deref()), (Some([1, 255].as_slice()), Some("a0")));
        let written = uri.to_string();
        assert_eq!(written, "pkcs11:token=%D0%9C;serial=a0;object=issuer%202027;id=%01%FF");
        assert_eq!(written.parse(), Ok(uri.clone()));
        assert_eq!(uri.place(), "token \"М\", object \"issuer 2027\", id 01ff");
        assert!(TokenUri::is_uri("PKCS11:x") && !TokenUri::is_uri("issuer-1.pem") && !TokenUri::is_uri("ключ"));
    }

    #[test]
    fn a_uri_that_is_not_clear_or_says_too_much_is_refused() {
        use UriError as E;
        let named = |name: &str| name.to_owned();
        for (text, wanted) in [
            ("issuer-1.pem", E::NotPkcs11),
            ("pkcs11:", E::NoToken),
            ("pkcs11:object=a", E::NoToken),
            ("pkcs11:token=T", E::NoKey),
            ("pkcs11:token=T;object=a?module-path=/tmp/evil.so", E::Module(named("module-path"))),
            ("pkcs11:token=T;object=a;module-path=/tmp/evil.so", E::Module(named("module-path"))),
            ("pkcs11:token=T;object=a?module-name=evil", E::Module(named("module-name"))),
            ("pkcs11:token=T;object=a?pin-value=1234", E::Pin(named("pin-value"))),
            ("pkcs11:token=T;object=a?pin-source=file:/etc/pin", E::Pin(named("pin-source"))),
            ("pkcs11:token=T;object=a;type=cert", E::Unknown(named("type"))),
            ("pkcs11:token=T;object=a;slot-id=1", E::Unknown(named("slot-id"))),
            ("pkcs11:token=T;object=a;object=b", E::Unclear(named("object"))),
            ("pkcs11:token=T;token=U;object=b", E::Unclear(named("token"))),
            ("pkcs11:token=;object=b", E::Unclear(named("token"))),
            ("pkcs11:token=T;object", E::Unclear(named("object"))),
            ("pkcs11:token=T;object=a%2", E::Encoding(named("object"))),
            ("pkcs11:token=T;object=a%zz", E::Encoding(named("object"))),
            ("pkcs11:token=T;object=%ff", E::Encoding(named("object"))),
            ("pkcs11:token=T;object=a%0Ab", E::Encoding(named("object"))),
            ("pkcs11:token=T;object=a b", E::Encoding(named("object"))),
        ] {
            assert_eq!(text.parse::<TokenUri>(), Err(wanted), "{text}");
        }
        assert_eq!(format!("pkcs11:token=T;object={}", "a".repeat(600)).parse::<TokenUri>(), Err(E::TooLong));
    }
}
