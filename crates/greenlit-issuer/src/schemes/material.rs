//! Public keys in the forms in which others publish them: SubjectPublicKeyInfo, JWK, COSE_Key.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence};
use greenlit_core::cbor::{Item, Label, Malformed, Reader};
use greenlit_core::scheme::{Algorithm, Scheme, SchemeKey, SchemeKeyError};
use serde_json::Value;
use x509_cert::spki::SubjectPublicKeyInfoRef;

const OID_ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const OID_EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const OID_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const CURVES: [(ObjectIdentifier, Curve); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];
/// Makers differ in padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a key is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum KeyFault {
    #[error("is not a public key")]
    NotAKey,
    #[error("is a key of a kind that is not supported here ({0})")]
    Unsupported(String),
    #[error("has the coordinate {name} of {found} bytes; the curve has {wanted}")]
    Coordinate { name: &'static str, found: usize, wanted: usize },
    #[error("is {kind}, and {scheme} passes are signed by {}", wanted(*.scheme))]
    WrongKind { kind: Kind, scheme: Scheme },
    #[error(transparent)]
    Key(#[from] SchemeKeyError),
}

/// A curve of NIST's (FIPS 186-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Bytes of a coordinate.
    fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "an Ed25519 key",
            Self::P256 => "a key on P-256",
            Self::P384 => "a key on P-384",
            Self::P521 => "a key on P-521",
            Self::Rsa => "an RSA key",
        })
    }
}

/// A public key without a use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    Ed25519(Vec<u8>),
    /// A point by SEC 1 §2.3.3.
    Ec(Curve, Vec<u8>),
    /// RSAPublicKey (RFC 8017 §A.1.1).
    Rsa(Vec<u8>),
}

/// A COSE_Key: what it comes to, and what it is called.
pub(super) struct CoseKey {
    pub(super) material: Result<Material, KeyFault>,
    pub(super) key_id: Option<Vec<u8>>,
}

/// How a scheme's passes are signed, by kinds of key.
const ALGORITHMS: [(Scheme, &[(Kind, Algorithm)]); 5] = [
    (Scheme::Pretix, &[(Kind::Ed25519, Algorithm::Ed25519)]),
    (Scheme::Hcert, &[(Kind::P256, Algorithm::Es256), (Kind::Rsa, Algorithm::Ps256)]),
    (Scheme::Claim169, &[(Kind::Ed25519, Algorithm::Ed25519), (Kind::P256, Algorithm::Es256)]),
    (Scheme::Aadhaar, &[(Kind::Rsa, Algorithm::Rs256)]),
    (
        Scheme::TwoDDoc,
        &[(Kind::P256, Algorithm::Es256), (Kind::P384, Algorithm::Es384), (Kind::P521, Algorithm::Es512)],
    ),
];

fn algorithms(scheme: Scheme) -> &'static [(Kind, Algorithm)] {
    ALGORITHMS.into_iter().find(|(of, _)| *of == scheme).map_or(&[], |(_, all)| all)
}

fn wanted(scheme: Scheme) -> String {
    let kinds: Vec<String> = algorithms(scheme).iter().map(|(kind, _)| kind.to_string()).collect();
    kinds.join(" or ")
}

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl Material {
    fn kind(&self) -> Kind {
        match self {
            Self::Ed25519(_) => Kind::Ed25519,
            Self::Ec(Curve::P256, _) => Kind::P256,
            Self::Ec(Curve::P384, _) => Kind::P384,
            Self::Ec(Curve::P521, _) => Kind::P521,
            Self::Rsa(_) => Kind::Rsa,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) | Self::Ec(_, bytes) | Self::Rsa(bytes) => bytes,
        }
    }

    /// The key as passes of this scheme are signed by it, held to be one.
    ///
    /// # Errors
    /// A key of another kind than the scheme's, or bytes that are none.
    pub(super) fn of_scheme(&self, scheme: Scheme) -> Result<(Algorithm, Vec<u8>), KeyFault> {
        let kind = self.kind();
        let found = algorithms(scheme).iter().find(|(of, _)| *of == kind);
        let (_, algorithm) = found.ok_or(KeyFault::WrongKind { kind, scheme })?;
        SchemeKey::read(*algorithm, self.bytes())?;
        Ok((*algorithm, self.bytes().to_vec()))
    }

    /// Reads SubjectPublicKeyInfo (RFC 5280 §4.1, RFC 8410, RFC 5480).
    pub(super) fn of_spki(der: &[u8]) -> Result<Self, KeyFault> {
        Self::of_info(&SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyFault::NotAKey)?)
    }

    pub(super) fn of_info(info: &SubjectPublicKeyInfoRef<'_>) -> Result<Self, KeyFault> {
        let bytes = info.subject_public_key.as_bytes().ok_or(KeyFault::NotAKey)?.to_vec();
        match info.algorithm.oid {
            OID_ED25519 => Ok(Self::Ed25519(bytes)),
            OID_RSA => Ok(Self::Rsa(bytes)),
            OID_EC => {
                let named = info.algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                // Parameters written out in full are the curve's as much as its name, and nobody's reader takes them.
                let named = named.ok_or_else(|| KeyFault::Unsupported("a curve without a name".into()))?;
                let curve = CURVES.into_iter().find(|(oid, _)| *oid == named);
                let (_, curve) = curve.ok_or_else(|| KeyFault::Unsupported(format!("the curve {named}")))?;
                Ok(Self::Ec(curve, bytes))
            }
            other => Err(KeyFault::Unsupported(format!("the algorithm {other}"))),
        }
    }

    /// Reads a JWK (RFC 7517, RFC 7518 §6, RFC 8037).
    pub(super) fn of_jwk(jwk: &Value) -> Result<Self, KeyFault> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(base64).ok_or(KeyFault::NotAKey);
        match (text("kty"), text("crv")) {
            (Some("OKP"), Some("Ed25519")) => Ok(Self::Ed25519(bytes("x")?)),
            (Some("EC"), Some(curve)) => {
                let curve = match curve {
                    "P-256" => Curve::P256,
                    "P-384" => Curve::P384,
                    "P-521" => Curve::P521,
                    other => return Err(KeyFault::Unsupported(format!("the curve {}", shown(other)))),
                };
                Self::of_point(curve, &bytes("x")?, Some(&bytes("y")?))
            }
            (Some("RSA"), _) => Self::of_rsa(&bytes("n")?, &bytes("e")?),
            (Some(kind), _) => Err(KeyFault::Unsupported(format!("the key type {}", shown(kind)))),
            (None, _) => Err(KeyFault::NotAKey),
        }
    }

    /// Reads a COSE_Key (RFC 9052 §7), with the identifier that it has.
    pub(super) fn of_cose(reader: &mut Reader<'_>) -> Result<CoseKey, Malformed> {
        let (mut kind, mut key_id, mut first, mut x, mut y) = (None, None, None, None, None);
        let mut compressed = false;
        reader.map(|label: Label<'_>, value: &mut Reader<'_>| {
            match (label, value.peek()) {
                (Label::Number(1), Some(Item::Number)) => kind = Some(value.int()?),
                (Label::Number(2), Some(Item::Bytes)) => key_id = Some(value.bytes()?.to_vec()),
                // The curve's number; of RSA, the modulus.
                (Label::Number(-1), Some(Item::Number)) => first = Some(Err(value.int()?)),
                (Label::Number(-1), Some(Item::Bytes)) => first = Some(Ok(value.bytes()?.to_vec())),
                (Label::Number(-2), Some(Item::Bytes)) => x = Some(value.bytes()?.to_vec()),
                (Label::Number(-3), Some(Item::Bytes)) => y = Some(value.bytes()?.to_vec()),
                (Label::Number(-3), _) => {
                    compressed = true;
                    value.skip()?;
                }
                _ => value.skip()?,
            }
            Ok::<_, Malformed>(())
        })?;
        let material = match (kind, first, x) {
            (Some(1), Some(Err(6)), Some(x)) => Ok(Self::Ed25519(x)),
            (Some(2), Some(Err(_)), Some(_)) if compressed => {
                Err(KeyFault::Unsupported("a compressed point in a COSE_Key".into()))
            }
            (Some(2), Some(Err(number @ 1..=3)), Some(x)) => {
                let curve = match number {
                    1 => Curve::P256,
                    2 => Curve::P384,
                    _ => Curve::P521,
                };
                Self::of_point(curve, &x, y.as_deref())
            }
            (Some(3), Some(Ok(modulus)), Some(exponent)) => Self::of_rsa(&modulus, &exponent),
            (Some(kind), ..) => Err(KeyFault::Unsupported(format!("the COSE key type {kind}, or a curve of it"))),
            (None, ..) => Err(KeyFault::NotAKey),
        };
        Ok(CoseKey { material, key_id })
    }

    fn of_point(curve: Curve, x: &[u8], y: Option<&[u8]>) -> Result<Self, KeyFault> {
        let mut point = vec![4];
        point.extend(coordinate("x", x, curve)?);
        point.extend(coordinate("y", y.ok_or(KeyFault::NotAKey)?, curve)?);
        Ok(Self::Ec(curve, point))
    }

    fn of_rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyFault> {
        let number = |bytes| UintRef::new(bytes).map_err(|_| KeyFault::NotAKey);
        let key = RsaPublicKey { modulus: number(modulus)?, exponent: number(exponent)? };
        Ok(Self::Rsa(key.to_der().map_err(|_| KeyFault::NotAKey)?))
    }
}

/// A coordinate of just the curve's length. Some write numbers as programs do that know signed ones alone, with a zero
/// before them, and some leave leading zeros out.
fn coordinate(name: &'static str, bytes: &[u8], curve: Curve) -> Result<Vec<u8>, KeyFault> {
    let wanted = curve.size();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = bytes.get(zeros..).unwrap_or_default();
    let lacking = wanted.checked_sub(number.len());
    let lacking = lacking.filter(|_| bytes.len() <= wanted + 1 && !number.is_empty());
    let lacking = lacking.ok_or(KeyFault::Coordinate { name, found: bytes.len(), wanted })?;
    Ok([vec![0; lacking].as_slice(), number].concat())
}

/// Base64 of either alphabet (RFC 4648 §4 and §5), with or without padding, on as many lines as there are.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let plain = text.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    });
    BASE64.decode(plain.collect::<String>()).ok().filter(|bytes| !bytes.is_empty())
}

/// Words of others in an error: not many of them, and nothing that changes the terminal.
pub(super) fn shown(text: &str) -> String {
    let plain = text.chars().filter(|c| greenlit_core::text::is_printable(*c));
    let mut short: String = plain.clone().take(60).collect();
    if plain.count() > 60 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_lose_the_zero_of_a_signed_number_and_get_back_those_they_lack() {
        let number = [0x81_u8; 32];
        let with_zero = [&[0], number.as_slice()].concat();
        assert_eq!(coordinate("x", &with_zero, Curve::P256).unwrap(), number);
        assert_eq!(coordinate("x", &number, Curve::P256).unwrap(), number);
        let short = coordinate("x", &number[1..], Curve::P256).unwrap();
        assert_eq!((short.len(), short[0], &short[1..]), (32, 0, &number[1..]));
        for wrong in [&[1; 33][..], &[0; 34], &[], &[0; 32]] {
            assert!(coordinate("x", wrong, Curve::P256).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn base64_is_taken_in_every_spelling_and_nothing_else_is() {
        for text in ["+/8=", "-_8=", "-_8", "+/\n8 ="] {
            assert_eq!(base64(text).unwrap(), [0xfb, 0xff], "{text}");
        }
        for wrong in ["", " ", "+/8==x", "ё", "a"] {
            assert_eq!(base64(wrong), None, "{wrong}");
        }
    }
}
