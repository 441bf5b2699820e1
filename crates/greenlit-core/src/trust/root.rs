//! The root of trust: numbered, each signed by its predecessor's keys and its own.

use sha2::{Digest, Sha256};

use super::keyset::{all_different, check_signatures, read_keys};
use super::{DocumentError, KeySet, KeySetError, limits, open_envelope};
use crate::cbor::{Malformed, Reader, Writer};
use crate::text::{Text, check_printable};
use crate::time::UnixTime;

/// What a root says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootBody {
    /// From 1, one more at each step.
    pub number: u64,
    /// When it was made.
    pub issued: UnixTime,
    /// From when it is no longer trusted, unless a later root has taken over.
    pub expires: UnixTime,
    /// Who stands behind it.
    pub authority: Text,
    /// Their region, as in ISO 3166-2: "RU-BA".
    pub region: String,
    /// Who signs roots.
    pub root_keys: KeySet,
    /// Who signs bundles.
    pub bundle_keys: KeySet,
    /// A practice authority: every screen says so.
    pub demo: bool,
}

/// A root whose signatures held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    bytes: Vec<u8>,
    body: RootBody,
}

impl RootBody {
    /// The encoded body, as signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.map(10).uint(1).uint(self.number).uint(2).time(self.issued).uint(3).time(self.expires);
        w.uint(4);
        self.authority.write(&mut w);
        w.uint(5).text(&self.region).uint(6);
        self.root_keys.write_keys(&mut w);
        w.uint(7).uint(self.root_keys.threshold() as u64).uint(8);
        self.bundle_keys.write_keys(&mut w);
        w.uint(9).uint(self.bundle_keys.threshold() as u64).uint(10).bool(self.demo);
        w.into_bytes()
    }

    /// Reads a body without asking who signed it: on its own it proves nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let mut reader = Reader::new(bytes);
        let (mut number, mut issued, mut expires, mut authority, mut region) = (None, None, None, None, None);
        let (mut root_keys, mut root_threshold, mut bundle_keys, mut bundle_threshold) = (None, None, None, None);
        let mut demo = None;
        reader.map(|key: i64, value| {
            match key {
                1 => number = Some(value.uint()?),
                2 => issued = Some(value.time()?),
                3 => expires = Some(value.time()?),
                4 => authority = Some(Text::read(value, "authority")?),
                5 => region = Some(value.text()?.to_owned()),
                6 => root_keys = Some(read_keys(value, "list of root keys")?),
                7 => root_threshold = Some(value.uint()?),
                8 => bundle_keys = Some(read_keys(value, "list of bundle keys")?),
                9 => bundle_threshold = Some(value.uint()?),
                10 => demo = Some(value.bool()?),
                other => return Err(Malformed::UnknownField(other)),
            }
            Ok::<_, Malformed>(())
        })?;
        reader.finish()?;
        let missing = Malformed::Missing;
        let body = Self {
            number: number.ok_or(missing("number"))?,
            issued: issued.ok_or(missing("issue time"))?,
            expires: expires.ok_or(missing("expiry"))?,
            authority: authority.ok_or(missing("authority"))?,
            region: region.ok_or(missing("region"))?,
            root_keys: KeySet::read(
                root_keys.ok_or(missing("root keys"))?,
                root_threshold.ok_or(missing("root threshold"))?,
                "the root",
            )?,
            bundle_keys: KeySet::read(
                bundle_keys.ok_or(missing("bundle keys"))?,
                bundle_threshold.ok_or(missing("bundle threshold"))?,
                "the bundle",
            )?,
            demo: demo.ok_or(missing("demo mark"))?,
        };
        body.check()?;
        Ok(body)
    }

    fn check(&self) -> Result<(), DocumentError> {
        if self.number == 0 {
            return Err(Malformed::Invalid { field: "number", why: "0; roots count from 1" }.into());
        }
        if self.expires <= self.issued {
            return Err(Malformed::Invalid { field: "expiry", why: "not after its issue" }.into());
        }
        check_printable("region", &self.region, 16)?;
        let keys = self.root_keys.keys().iter().chain(self.bundle_keys.keys());
        all_different(keys).map_err(|error| {
            let error = match error {
                KeySetError::Duplicate(kid) => KeySetError::TwoRoles(kid),
                other => other,
            };
            DocumentError::Keys { role: "root and bundle", error }
        })
    }
}

impl Root {
    /// What binds a signature to this use (COSE external_aad).
    pub const EXTERNAL_AAD: &'static str = "greenlit/root/1";

    /// Opens a root that somebody has decided to trust, having compared its fingerprint: its own
    /// threshold of keys must have signed it.
    pub fn verify_anchor(bytes: &[u8]) -> Result<Self, DocumentError> {
        let sign = open_envelope(bytes, limits::MAX_ROOT_BYTES)?;
        let body = RootBody::parse(sign.payload)?;
        check_signatures(&sign, Self::EXTERNAL_AAD, &[("root", &body.root_keys)], true)?;
        Ok(Self { bytes: bytes.to_vec(), body })
    }

    /// Opens the root that follows this one: signed by a threshold of this one's keys and of its own.
    pub fn verify_next(&self, bytes: &[u8]) -> Result<Self, DocumentError> {
        let sign = open_envelope(bytes, limits::MAX_ROOT_BYTES)?;
        let body = RootBody::parse(sign.payload)?;
        let wanted = self.body.number.saturating_add(1);
        if body.number != wanted {
            return Err(DocumentError::WrongNumber { found: body.number, wanted });
        }
        let roles = [("the previous root's", &self.body.root_keys), ("its own root", &body.root_keys)];
        check_signatures(&sign, Self::EXTERNAL_AAD, &roles, false)?;
        Ok(Self { bytes: bytes.to_vec(), body })
    }

    /// The document as received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What people compare before they trust it.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.bytes)
    }
}

impl std::ops::Deref for Root {
    type Target = RootBody;

    fn deref(&self) -> &RootBody {
        &self.body
    }
}

/// The SHA-256 of a root document, shown in groups that two people can read to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits; spaces, dashes and colons between them do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | ':')).collect();
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok().map(|()| Self(bytes))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, pair) in self.0.chunks(2).enumerate() {
            f.write_str(if i == 0 { "" } else { " " })?;
            f.write_str(&hex::encode(pair))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_go_there_and_back() {
        let print = Fingerprint::of(b"root");
        assert_eq!(Fingerprint::parse(&print.to_string()), Some(print));
        assert_eq!(Fingerprint::parse(&print.to_string().replace(' ', ":").to_uppercase()), Some(print));
        for bad in ["", "ab", &"a".repeat(63), &"a".repeat(65), &"g".repeat(64)] {
            assert_eq!(Fingerprint::parse(bad), None, "{bad}");
        }
    }
}
