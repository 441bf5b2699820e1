//! Signed envelopes: COSE_Sign1 for passes and status lists, COSE_Sign for roots and bundles
//! (RFC 9052 §4), with the fully specified Ed25519 (-19, RFC 9864) as the only algorithm.

use crate::cbor::{Label, Malformed, Reader, Writer};
use crate::key::KeyId;

/// COSE algorithm "Ed25519".
pub const ALG_ED25519: i64 = -19;
/// Most signatures on one root or bundle.
pub const MAX_SIGNATURES: usize = 32;

const TAG_SIGN1: u64 = 18;
const TAG_SIGN: u64 = 98;
const HEADER_ALG: i64 = 1;
const HEADER_KID: i64 = 4;

/// `18([protected, unprotected, payload, signature])`, read but not trusted.
#[derive(Clone, Copy, Debug)]
pub struct Sign1<'b> {
    /// The protected header, still encoded, as it was signed.
    pub protected: &'b [u8],
    /// What was signed.
    pub payload: &'b [u8],
    /// The signature over [`signature1_input`].
    pub signature: &'b [u8; 64],
}

impl<'b> Sign1<'b> {
    /// Reads an envelope with nothing in its unprotected header, which no signature covers.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, Malformed> {
        Self::read(Reader::new(bytes), no_unprotected)
    }

    /// Reads an envelope that other people's software may have written.
    pub fn parse_lenient(bytes: &'b [u8]) -> Result<Self, Malformed> {
        Self::read(Reader::lenient(bytes), |r| r.map(|_: i64, value| Ok(value.skip()?)))
    }

    fn read(
        mut reader: Reader<'b>,
        unprotected: impl FnOnce(&mut Reader<'b>) -> Result<(), Malformed>,
    ) -> Result<Self, Malformed> {
        reader.tag(TAG_SIGN1)?;
        reader.array_of(4, "envelope")?;
        let protected = reader.bytes()?;
        unprotected(&mut reader)?;
        let (payload, signature) = (reader.bytes()?, reader.bytes_of("signature")?);
        reader.finish()?;
        Ok(Self { protected, payload, signature })
    }

    /// The bytes that the signature is over.
    pub fn signed_bytes(&self, external_aad: &str) -> Vec<u8> {
        signature1_input(self.protected, external_aad, self.payload)
    }
}

/// One signature of a [`Sign`].
#[derive(Clone, Copy, Debug)]
pub struct OneSignature<'b> {
    /// Its protected header, still encoded.
    pub protected: &'b [u8],
    /// Whose it says it is.
    pub kid: KeyId,
    /// Over [`Sign::signed_bytes`].
    pub signature: &'b [u8; 64],
}

/// `98([h'', {}, payload, [+ signature]])`, read but not trusted.
#[derive(Clone, Debug)]
pub struct Sign<'b> {
    /// What was signed.
    pub payload: &'b [u8],
    /// The signatures in the order written.
    pub signatures: Vec<OneSignature<'b>>,
}

impl<'b> Sign<'b> {
    /// Reads an envelope with at most [`MAX_SIGNATURES`] signatures.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.tag(TAG_SIGN)?;
        reader.array_of(4, "envelope")?;
        if !reader.bytes()?.is_empty() {
            return Err(Malformed::Invalid { field: "common header", why: "not empty" });
        }
        no_unprotected(&mut reader)?;
        let payload = reader.bytes()?;
        let signatures = reader.list("list of signatures", MAX_SIGNATURES, |r| {
            r.array_of(3, "signature")?;
            let protected = r.bytes()?;
            no_unprotected(r)?;
            let header = Header::parse(protected)?;
            if header.unknown.is_some() {
                return Err(Malformed::Invalid { field: "signature header", why: "of an unknown kind" });
            }
            Ok::<_, Malformed>(OneSignature { protected, kid: header.kid, signature: r.bytes_of("signature")? })
        })?;
        reader.finish()?;
        Ok(Self { payload, signatures })
    }

    /// The bytes that one of the signatures is over.
    pub fn signed_bytes(&self, one: &OneSignature<'_>, external_aad: &str) -> Vec<u8> {
        signature_input(one.protected, external_aad, self.payload)
    }
}

fn no_unprotected(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    reader.map(|_: i64, _| Err(Malformed::Invalid { field: "unprotected header", why: "not empty" }))
}

/// A key that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unknown {
    Number(i64),
    Name,
}

impl Unknown {
    /// A key that nobody here asked for.
    pub fn of(key: Label<'_>) -> Self {
        match key {
            Label::Number(number) => Self::Number(number),
            Label::Name(_) => Self::Name,
        }
    }
}

/// A protected header `{1: -19, 4: kid}`.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// The signer's key.
    pub kid: KeyId,
    /// A field that this version does not know.
    pub unknown: Option<Unknown>,
}

impl Header {
    /// Reads an encoded header; another algorithm, or none, is malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let (mut alg, mut kid, mut unknown) = (None, None, None);
        reader.map(|key: Label<'_>, value| {
            match key {
                Label::Number(HEADER_ALG) => alg = Some(value.int()?),
                Label::Number(HEADER_KID) => kid = Some(KeyId(*value.bytes_of("key id")?)),
                _ => {
                    unknown = unknown.or(Some(Unknown::of(key)));
                    value.skip()?;
                }
            }
            Ok::<_, Malformed>(())
        })?;
        reader.finish()?;
        if alg.ok_or(Malformed::Missing("algorithm"))? != ALG_ED25519 {
            return Err(Malformed::Invalid { field: "algorithm", why: "not Ed25519" });
        }
        Ok(Self { kid: kid.ok_or(Malformed::Missing("key id"))?, unknown })
    }

    /// The encoded header of a signer.
    pub fn encode(kid: KeyId) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.map(2).int(HEADER_ALG).int(ALG_ED25519).int(HEADER_KID).bytes(&kid.0);
        writer.into_bytes()
    }
}

/// What a COSE_Sign1 signature is over (RFC 9052 §4.4).
pub fn signature1_input(protected: &[u8], external_aad: &str, payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(4).text("Signature1").bytes(protected).bytes(external_aad.as_bytes()).bytes(payload);
    writer.into_bytes()
}

/// What one COSE_Sign signature is over, the common header being empty (RFC 9052 §4.4).
pub fn signature_input(protected: &[u8], external_aad: &str, payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(5).text("Signature").bytes(&[]).bytes(protected).bytes(external_aad.as_bytes()).bytes(payload);
    writer.into_bytes()
}

/// Encodes a COSE_Sign1 with an empty unprotected header.
pub fn encode_sign1(protected: &[u8], payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.tag(TAG_SIGN1).array(4).bytes(protected).map(0).bytes(payload).bytes(signature);
    writer.into_bytes()
}

/// Encodes a COSE_Sign; each signature comes with its signer's name.
pub fn encode_sign(payload: &[u8], signatures: &[(KeyId, [u8; 64])]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.tag(TAG_SIGN).array(4).bytes(&[]).map(0).bytes(payload).array(signatures.len());
    for (kid, signature) in signatures {
        writer.array(3).bytes(&Header::encode(*kid)).map(0).bytes(signature);
    }
    writer.into_bytes()
}
