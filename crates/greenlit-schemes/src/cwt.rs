//! CBOR Web Tokens (RFC 8392) in COSE_Sign1 (RFC 9052 §4.2), as other people's software writes them.

use greenlit_core::cbor::{CborError, Item, Label, Malformed, Reader};
use greenlit_core::cose::signature1_input;
use greenlit_core::scheme::{Algorithm, Parts, Statement};
use greenlit_core::time::UnixTime;

const TAG_CWT: u64 = 61;
const TAG_SIGN1: u64 = 18;
const TAG_ENCRYPT0: u64 = 16;
const TAG_ENCRYPT: u64 = 96;

const HEADER_ALG: i64 = 1;
const HEADER_KID: i64 = 4;

/// What an envelope turns out to be.
pub(crate) enum Envelope<'b> {
    Signed(Signed<'b>),
    /// Encrypted to somebody.
    Encrypted,
}

/// `[protected, unprotected, payload, signature]`, read but not trusted.
pub(crate) struct Signed<'b> {
    protected: &'b [u8],
    pub(crate) payload: &'b [u8],
    signature: &'b [u8],
    algorithm: Option<i64>,
    key_id: Option<&'b [u8]>,
}

/// Reads an envelope with its tags: 18, none, or 61 around either.
pub(crate) fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, Malformed> {
    let mut reader = Reader::foreign(bytes);
    let mut tags = Vec::new();
    while reader.peek() == Some(Item::Tag) {
        if tags.len() == 2 {
            return Err(Malformed::Invalid { field: "envelope", why: "tagged three times" });
        }
        tags.push(reader.any_tag()?);
    }
    match tags.as_slice() {
        [] | [TAG_SIGN1 | TAG_CWT] | [TAG_CWT, TAG_SIGN1] => {}
        [TAG_ENCRYPT0 | TAG_ENCRYPT] | [TAG_CWT, TAG_ENCRYPT0 | TAG_ENCRYPT] => return Ok(Envelope::Encrypted),
        _ => return Err(Malformed::Invalid { field: "envelope", why: "of another tag" }),
    }
    reader.array_of(4, "envelope")?;
    let protected = reader.bytes()?;
    let mut header = Header::default();
    if !protected.is_empty() {
        let mut reader = Reader::foreign(protected);
        header.read(&mut reader)?;
        reader.finish()?;
    }
    // What no signature covers counts only where the other says nothing.
    let mut unprotected = Header::default();
    unprotected.read(&mut reader)?;
    let (payload, signature) = (reader.bytes()?, reader.bytes()?);
    reader.finish()?;
    let algorithm = header.algorithm.or(unprotected.algorithm);
    let key_id = header.key_id.or(unprotected.key_id);
    Ok(Envelope::Signed(Signed { protected, payload, signature, algorithm, key_id }))
}

#[derive(Default)]
struct Header<'b> {
    algorithm: Option<i64>,
    key_id: Option<&'b [u8]>,
}

impl<'b> Header<'b> {
    fn read(&mut self, reader: &mut Reader<'b>) -> Result<(), Malformed> {
        reader.map(|key: Label<'_>, value: &mut Reader<'b>| {
            match key {
                Label::Number(HEADER_ALG) if value.peek() == Some(Item::Number) => {
                    self.algorithm = Some(value.int()?);
                }
                Label::Number(HEADER_KID) if value.peek() == Some(Item::Bytes) => self.key_id = Some(value.bytes()?),
                _ => value.skip()?,
            }
            Ok::<_, Malformed>(())
        })
    }
}

impl Signed<'_> {
    /// What it is taken apart into. `None` for an algorithm that no key here has.
    pub(crate) fn parts<C>(&self, contents: C) -> Option<Parts<C>> {
        let algorithm = match self.algorithm {
            None => None,
            Some(number) => Some(algorithm(number)?),
        };
        let message = signature1_input(self.protected, "", self.payload);
        // The payload is the last item of what is signed.
        let signed = message.len() - self.payload.len()..message.len();
        let (key_id, signature) = (self.key_id.map(<[u8]>::to_vec), self.signature.to_vec());
        Some(Parts { algorithm, key_id, message, signed, signature, contents })
    }
}

/// By its number in IANA's registry of COSE algorithms.
fn algorithm(number: i64) -> Option<Algorithm> {
    Some(match number {
        -7 | -9 => Algorithm::Es256,
        -8 | -19 => Algorithm::Ed25519,
        -35 | -51 => Algorithm::Es384,
        -36 | -52 => Algorithm::Es512,
        -37 => Algorithm::Ps256,
        -257 => Algorithm::Rs256,
        _ => return None,
    })
}

/// The registered claims of a token. A claim that is there and of another kind than it should be is malformed.
#[derive(Default)]
pub(crate) struct Claims {
    pub(crate) issuer: Option<String>,
    pub(crate) expires: Option<UnixTime>,
    pub(crate) not_before: Option<UnixTime>,
    pub(crate) issued: Option<UnixTime>,
}

impl Claims {
    /// Reads a token's map. `other` is given every claim that is not registered, and reads or skips it.
    pub(crate) fn read<'b, E: From<Malformed> + From<CborError>>(
        payload: &'b [u8],
        mut other: impl FnMut(Label<'b>, &mut Reader<'b>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut reader = Reader::foreign(payload);
        let mut claims = Self::default();
        reader.map(|key: Label<'b>, value: &mut Reader<'b>| {
            match key {
                Label::Number(1) => claims.issuer = Some(value.text()?.to_owned()),
                Label::Number(4) => claims.expires = Some(value.broken_time()?),
                Label::Number(5) => claims.not_before = Some(value.broken_time()?),
                Label::Number(6) => claims.issued = Some(value.broken_time()?),
                _ => other(key, value)?,
            }
            Ok::<_, E>(())
        })?;
        reader.finish()?;
        Ok(claims)
    }

    /// What they come to, where the pass is good until just before `exp` (RFC 8392 §3.1.4).
    pub(crate) fn statement(self, kind: &str) -> Statement {
        let Self { issuer, expires, not_before, issued } = self;
        Statement { kind: kind.into(), issuer, issued, not_before, expires, ..Statement::default() }
    }
}
