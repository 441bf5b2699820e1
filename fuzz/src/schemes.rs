//! Passes of other schemes, signed by keys that everybody knows, and what must hold of each.

use std::io::Write;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::BASE32_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use greenlit_core::cbor::Writer;
use greenlit_core::cose::signature1_input;
use greenlit_core::scheme::{Algorithm, Scheme, SchemeKey, Statement, Unread};
use greenlit_core::strict_base45;
use greenlit_schemes::{MAX_TEXT, Recognised, recognise, recognise_data_matrix};
use p256::ecdsa;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::Bytes;

/// The protected header `{1: -8}`: EdDSA.
pub const EDDSA: &[u8] = b"\xa1\x01\x27";
/// Most bytes that a pass unpacks to, and so most of what one says; ISO 8859-1 doubles in UTF-8.
const MOST_SAID: usize = 2 * (32 << 10);

static SECRET: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[0xe1; 32]));
static RSA_SECRET: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::from_pkcs8(include_bytes!("rsa-key-for-fuzzing.der")).expect("a good key"));
/// The keys that sign here.
static KEY: LazyLock<SchemeKey> = LazyLock::new(|| ed25519(&SECRET));
static RSA_KEY: LazyLock<SchemeKey> =
    LazyLock::new(|| SchemeKey::read(Algorithm::Rs256, RSA_SECRET.public_key().as_ref()).expect("a good key"));
static P256_SECRET: LazyLock<ecdsa::SigningKey> =
    LazyLock::new(|| ecdsa::SigningKey::from_slice(&[0xe3; 32]).expect("a good key"));
static P256_KEY: LazyLock<SchemeKey> = LazyLock::new(|| {
    let point = P256_SECRET.verifying_key().to_sec1_point(true);
    SchemeKey::read(Algorithm::Es256, point.as_bytes()).expect("a good key")
});
/// A key that signs nothing.
static OTHER: LazyLock<SchemeKey> = LazyLock::new(|| ed25519(&SigningKey::from_bytes(&[0xe2; 32])));

fn ed25519(secret: &SigningKey) -> SchemeKey {
    SchemeKey::read(Algorithm::Ed25519, secret.verifying_key().as_bytes()).expect("a good key")
}

/// Bytes of decisions for the changes that are made to a signed pass: one of its text, one of its signature, one of what
/// was signed.
pub const CHANGES: usize = 10;

pub type Said = Option<Result<Statement, Unread>>;

pub fn sign(message: &[u8]) -> Vec<u8> {
    SECRET.sign(message).to_bytes().to_vec()
}

pub fn sign_rsa(message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; RSA_SECRET.public().modulus_len()];
    RSA_SECRET.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a signature");
    signature
}

pub fn sign_p256(message: &[u8]) -> Vec<u8> {
    let signature: ecdsa::Signature = P256_SECRET.sign(message);
    signature.to_bytes().to_vec()
}

/// What a text says under the keys that sign here; none if it is no pass, or not theirs.
pub fn opened(text: &[u8], scheme: Scheme) -> Said {
    let recognised = if scheme == Scheme::TwoDDoc { recognise_data_matrix(text) } else { recognise(text) };
    match recognised {
        Recognised::Pass(pass) if pass.scheme() == scheme => {
            assert!(text.len() <= MAX_TEXT, "longer than any code");
            assert!(pass.open(&OTHER).is_none(), "opened by a key that signs nothing");
            let key = match scheme {
                Scheme::Aadhaar => &RSA_KEY,
                Scheme::TwoDDoc => &P256_KEY,
                _ => &KEY,
            };
            let said = pass.open(key);
            match &said {
                Some(Ok(statement)) => assert!(length(statement) <= MOST_SAID, "says more than it can hold"),
                Some(Err(unread)) => drop(unread.to_string()),
                None => {}
            }
            said
        }
        Recognised::Pass(pass) => {
            assert!(pass.open(&KEY).is_none() && pass.open(&RSA_KEY).is_none(), "of another scheme, and opened");
            None
        }
        Recognised::Damaged { scheme: found, why } => {
            assert!(matches!(found, Scheme::Hcert | Scheme::TwoDDoc), "damaged, and of a scheme without a mark");
            drop(why.to_string());
            None
        }
        Recognised::Newer { .. } | Recognised::OnlineOnly { .. } | Recognised::No => None,
    }
}

fn length(statement: &Statement) -> usize {
    let holder = &statement.holder;
    let texts = [&statement.issuer, &holder.name, &holder.document].into_iter().flatten().map(String::len);
    let facts = statement.facts.iter().map(|fact| fact.value.len());
    let photo = holder.photo.as_ref().map_or(0, |photo| photo.bytes.len());
    texts.chain(facts).sum::<usize>() + photo + statement.revocation_id.as_ref().map_or(0, Vec::len)
}

/// Nobody signed it.
pub fn not_opened(text: &[u8], scheme: Scheme) {
    assert!(opened(text, scheme).is_none(), "opened, and nobody signed it");
}

/// What a signed text says, after the same text was altered: whatever opens of that says the same.
pub fn signed(text: &[u8], scheme: Scheme, change: &mut Bytes<'_>) -> Said {
    let said = opened(text, scheme);
    let other = altered(text, change);
    if other != text {
        let again = opened(&other, scheme);
        assert!(again.is_none() || again == said, "altered, and says something else: {again:?}");
        assert!(again.is_none() || scheme != Scheme::Pretix, "altered, and opened");
    }
    said
}

/// With a character changed, taken out or put in.
fn altered(text: &[u8], change: &mut Bytes<'_>) -> Vec<u8> {
    let (at, kind, sign) = (change.below(text.len()), change.byte(), change.byte());
    let sign = if sign < 128 { text[usize::from(sign) % text.len()] } else { sign & 0x7f };
    let rest = &text[at + usize::from(kind % 3 < 2)..];
    let new: &[u8] = if kind % 3 == 1 { &[] } else { &[sign] };
    [&text[..at], new, rest].concat()
}

/// The same bytes with one of them changed.
pub fn flipped(bytes: &[u8], change: &mut Bytes<'_>) -> Vec<u8> {
    let mut other = bytes.to_vec();
    let at = change.below(bytes.len());
    if let Some(byte) = other.get_mut(at) {
        *byte ^= change.byte().max(1);
    }
    other
}

pub fn pretix_text(version: u8, lengths: [u16; 2], rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![version];
    bytes.extend(lengths.iter().flat_map(|length| length.to_be_bytes()));
    bytes.extend(rest);
    STANDARD.encode(bytes).bytes().rev().collect()
}

/// A ticket of this payload and signature.
pub fn ticket(payload: &[u8], signature: &[u8]) -> Vec<u8> {
    pretix_text(1, [payload.len() as u16, signature.len() as u16], &[payload, signature].concat())
}

pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("writing to memory");
    packed.finish().expect("writing to memory")
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("writing to memory");
    packed.finish().expect("writing to memory")
}

/// Of a health certificate or a Claim 169, what is in the code for these packed bytes.
pub fn base45_text(packed: &[u8], scheme: Scheme) -> Vec<u8> {
    let mark = if scheme == Scheme::Hcert { "HC1:" } else { "" };
    format!("{mark}{}", strict_base45::encode(packed)).into_bytes()
}

/// The text of an envelope with these headers, the second as it stands.
pub fn envelope(headers: [&[u8]; 2], payload: &[u8], signature: &[u8], scheme: Scheme) -> Vec<u8> {
    let mut start = Writer::new();
    start.tag(18).array(4).bytes(headers[0]);
    let mut end = Writer::new();
    end.bytes(payload).bytes(signature);
    base45_text(&packed(&[&start.into_bytes(), headers[1], &end.into_bytes()].concat()), scheme)
}

/// A token of this payload, signed.
pub fn token(payload: &[u8], scheme: Scheme) -> Vec<u8> {
    let signature = sign(&signature1_input(EDDSA, "", payload));
    envelope([EDDSA, b"\xa0"], payload, &signature, scheme)
}

/// What the two schemes that are CBOR Web Tokens have in common. The first byte says what the others are.
pub fn web_token(bytes: &[u8], scheme: Scheme, whole: fn(&mut Bytes<'_>) -> Vec<u8>) {
    let mut bytes = Bytes(bytes);
    match bytes.byte() {
        b'c' => {
            let mut change = Bytes(bytes.take(CHANGES));
            payload(bytes.0, scheme, &mut change);
        }
        // Claims that are well-formed CBOR, of the fuzzer's choice.
        b'g' => {
            let mut change = Bytes(bytes.take(CHANGES));
            payload(&whole(&mut bytes), scheme, &mut change);
        }
        // Headers of its own.
        b'h' => {
            let (protected, unprotected) = (usize::from(bytes.byte()), usize::from(bytes.byte()));
            let headers = [bytes.take(protected), bytes.take(unprotected)];
            let signature = sign(&signature1_input(headers[0], "", bytes.0));
            let text = envelope(headers, bytes.0, &signature, scheme);
            if let Recognised::Pass(pass) = recognise(&text) {
                assert_eq!(pass.open(&KEY).is_some(), pass.may_be_signed_by(&KEY), "by what it names itself");
            }
            opened(&text, scheme);
        }
        b'e' => not_opened(&base45_text(&packed(bytes.0), scheme), scheme),
        b'z' => not_opened(&base45_text(bytes.0, scheme), scheme),
        _ => not_opened(bytes.0, scheme),
    }
}

fn payload(payload: &[u8], scheme: Scheme, change: &mut Bytes<'_>) {
    let text = token(payload, scheme);
    if text.len() > MAX_TEXT {
        return not_opened(&text, scheme);
    }
    let said = signed(&text, scheme, change);
    // A certificate has its mark; an identity is one only by its claim.
    assert!(said.is_some() || scheme != Scheme::Hcert, "signed, and not opened");
    let good = sign(&signature1_input(EDDSA, "", payload));
    for (payload, signature) in [(payload, flipped(&good, change)), (&flipped(payload, change), good.clone())] {
        let forged = envelope([EDDSA, b"\xa0"], payload, &signature, scheme);
        assert!(forged == text || opened(&forged, scheme).is_none(), "forged, and opened");
    }
    if let Some(Ok(statement)) = said {
        agrees(payload, &statement);
    }
}

/// Another reader of CBOR finds the same registered claims in it.
fn agrees(payload: &[u8], statement: &Statement) {
    // It has no "undefined", and turns bignums into numbers.
    if payload.iter().any(|byte| matches!(byte, 0xf7 | 0xc2 | 0xc3)) {
        return;
    }
    let value: ciborium::Value = ciborium::from_reader(payload).expect("read, and another implementation refuses it");
    let claim = |number: i64| {
        let entries = value.as_map().expect("a map");
        entries.iter().find(|(key, _)| key.as_integer() == Some(number.into())).map(|(_, value)| value.clone())
    };
    assert_eq!(statement.issuer, claim(1).and_then(|issuer| issuer.into_text().ok()));
    let whole = |value: ciborium::Value| value.into_integer().ok().and_then(|number| u64::try_from(number).ok());
    if let Some(issued) = claim(6).and_then(whole) {
        assert_eq!(statement.issued.map(|at| at.seconds()), Some(issued));
    }
    if let (Some(exp), Some(expires)) = (claim(4).and_then(whole), statement.expires) {
        assert!(expires.seconds() <= exp.saturating_add(1), "good for longer than it says");
    }
}

/// An item of CBOR: what it is and what it holds as the fuzzer decides, names and texts of these.
pub fn item(bytes: &mut Bytes<'_>, names: &[&str], texts: &[&str], depth: u8) -> Vec<u8> {
    let mut writer = Writer::new();
    let kind = bytes.byte() % if depth == 0 { 6 } else { 12 };
    match kind {
        0 => writer.uint(bytes.byte().into()),
        1 => writer.int(bytes.long().cast_signed()),
        2 => {
            let length = usize::from(bytes.byte() % 64);
            writer.bytes(bytes.take(length))
        }
        3 | 4 => writer.text(texts[usize::from(bytes.byte()) % texts.len()]),
        5 => {
            return [&b"\xf4"[..], b"\xf6", b"\xf7", b"\xfb\x41\xd9\x6f\x2c\x8c\0\0\0", b"\xf9\x7e\0"]
                [usize::from(bytes.byte() % 5)]
            .to_vec();
        }
        6 => {
            writer.tag([0, 1, 1_004, 24][usize::from(bytes.byte() % 4)]);
            return [writer.into_bytes(), item(bytes, names, texts, depth - 1)].concat();
        }
        7 => {
            let items: Vec<Vec<u8>> = (0..bytes.byte() % 4).map(|_| item(bytes, names, texts, depth - 1)).collect();
            writer.array(items.len());
            return [writer.into_bytes(), items.concat()].concat();
        }
        _ => return map(bytes, names, texts, depth),
    };
    writer.into_bytes()
}

fn map(bytes: &mut Bytes<'_>, names: &[&str], texts: &[&str], depth: u8) -> Vec<u8> {
    let mut entries = std::collections::BTreeMap::new();
    for _ in 0..bytes.byte() % 8 {
        let key = usize::from(bytes.byte());
        let mut writer = Writer::new();
        // A name that is a number stands as one.
        match names.get(key % names.len()).map(|name| (name, name.parse::<i64>())) {
            Some((_, Ok(number))) => writer.int(number),
            Some((name, Err(_))) => writer.text(name),
            None => return Vec::new(),
        };
        entries.insert(writer.into_bytes(), item(bytes, names, texts, depth - 1));
    }
    let mut start = Writer::new();
    start.map(entries.len());
    entries.into_iter().fold(start.into_bytes(), |all, (key, value)| [all, key, value].concat())
}

/// A number's decimal digits.
pub fn digits(bytes: &[u8]) -> Vec<u8> {
    // Lowest first, in parts of nine digits.
    let mut parts: Vec<u64> = Vec::new();
    for byte in bytes {
        let mut carry = u64::from(*byte);
        for part in &mut parts {
            let value = *part * 256 + carry;
            (*part, carry) = (value % 1_000_000_000, value / 1_000_000_000);
        }
        if carry > 0 {
            parts.push(carry);
        }
    }
    let mut text: String = parts.last().map(u64::to_string).unwrap_or_default();
    text.extend(parts.iter().rev().skip(1).map(|part| format!("{part:09}")));
    text.into_bytes()
}

/// A card's text, of its message and signature.
pub fn card(message: &[u8], signature: &[u8]) -> Vec<u8> {
    digits(&gzipped(&[message, signature].concat()))
}

/// What a document's Data Matrix holds, of its message and signature.
pub fn document(message: &[u8], signature: &[u8]) -> Vec<u8> {
    [message, b"\x1f", BASE32_NOPAD.encode(signature).as_bytes()].concat()
}
