//! Token Status List as a CWT (draft-ietf-oauth-status-list §5): which passes were revoked or
//! suspended, a few bits each, without saying whose they are.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::cbor::{Malformed, Reader, Writer};
use crate::cose::{ALG_ED25519, Sign1};
use crate::time::UnixTime;
use crate::trust::{ListEntry, limits};

/// The media type in a list's protected header.
pub const TYPE: &str = "application/statuslist+cwt";

const HEADER_ALG: i64 = 1;
const HEADER_TYPE: i64 = 16;
const CLAIM_SUB: i64 = 2;
const CLAIM_EXP: i64 = 4;
const CLAIM_IAT: i64 = 6;
const CLAIM_TTL: i64 = 65_534;
const CLAIM_STATUS_LIST: i64 = 65_533;

/// Why a status list was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum StatusError {
    #[error("is {0} bytes long; the limit is 8 MiB")]
    TooLarge(usize),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("is not signed by the key named in the trust data")]
    Signature,
    #[error("is a different list, \"{0}\"")]
    OtherList(String),
    #[error("has {found} bits per entry instead of {wanted}")]
    Bits { found: u8, wanted: u8 },
    #[error("does not decompress to the expected {0} bytes")]
    Size(usize),
    #[error("cannot be decompressed: its data is damaged")]
    Compression,
}

/// Statuses of 1, 2, 4 or 8 bits, the first entry in the least significant bits of the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses {
    bits: u8,
    packed: Vec<u8>,
}

impl Statuses {
    /// So many entries, all 0 (valid). `None` for an impossible width.
    pub fn new(bits: u8, entries: usize) -> Option<Self> {
        matches!(bits, 1 | 2 | 4 | 8).then(|| Self { bits, packed: vec![0; bytes_for(bits, entries)] })
    }

    /// Unpacks zlib data that must come to exactly `bytes` bytes; inflating stops there.
    pub fn inflate(bits: u8, zlib: &[u8], bytes: usize) -> Result<Self, StatusError> {
        if !matches!(bits, 1 | 2 | 4 | 8) {
            return Err(Malformed::Invalid { field: "number of bits", why: "not 1, 2, 4 or 8" }.into());
        }
        let mut packed = Vec::with_capacity(bytes);
        let limit = bytes as u64 + 1;
        let mut inflater = ZlibDecoder::new(zlib).take(limit);
        inflater.read_to_end(&mut packed).map_err(|_| StatusError::Compression)?;
        if packed.len() != bytes {
            return Err(StatusError::Size(bytes));
        }
        if inflater.into_inner().total_in() != zlib.len() as u64 {
            return Err(StatusError::Compression);
        }
        Ok(Self { bits, packed })
    }

    /// Packs the entries as zlib data, as small as zlib makes it.
    pub fn deflate(&self) -> Vec<u8> {
        let mut packed = Vec::new();
        let mut deflater = flate2::bufread::ZlibEncoder::new(self.packed.as_slice(), flate2::Compression::best());
        // Reading from memory into memory cannot fail; an empty result would not open again.
        if deflater.read_to_end(&mut packed).is_err() {
            packed.clear();
        }
        packed
    }

    /// Bits an entry.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The entries as they are before they are packed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.packed
    }

    /// How many entries fit.
    pub fn capacity(&self) -> usize {
        self.packed.len() * 8 / usize::from(self.bits)
    }

    /// One entry, or `None` past the end.
    pub fn get(&self, index: u64) -> Option<u8> {
        let (byte, shift) = self.place(index)?;
        self.packed.get(byte).map(|packed| packed >> shift & self.mask())
    }

    /// Changes one entry; `false` past the end or for a value too wide.
    pub fn set(&mut self, index: u64, status: u8) -> bool {
        let mask = self.mask();
        let Some((byte, shift)) = self.place(index).filter(|_| status <= mask) else { return false };
        let Some(packed) = self.packed.get_mut(byte) else { return false };
        *packed = *packed & !(mask << shift) | status << shift;
        true
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }

    fn place(&self, index: u64) -> Option<(usize, u8)> {
        let bit = index.checked_mul(u64::from(self.bits))?;
        Some((usize::try_from(bit / 8).ok()?, u8::try_from(bit % 8).ok()?))
    }
}

fn bytes_for(bits: u8, entries: usize) -> usize {
    entries.saturating_mul(usize::from(bits)).div_ceil(8)
}

/// What a status list token says, its signature not yet considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusToken {
    /// The list's own name.
    pub uri: String,
    /// When it was made.
    pub issued: UnixTime,
    /// From when it must not be used, if it says so.
    pub expires: Option<UnixTime>,
    /// After how many seconds to fetch again, if it says so.
    pub ttl: Option<u64>,
    /// Bits an entry.
    pub bits: u8,
    /// The entries as zlib data.
    pub zlib: Vec<u8>,
}

impl StatusToken {
    /// The encoded claims, as Greenlit signs them.
    pub fn encode(&self) -> Vec<u8> {
        let count = 3 + usize::from(self.expires.is_some()) + usize::from(self.ttl.is_some());
        let mut w = Writer::new();
        w.map(count).int(CLAIM_SUB).text(&self.uri);
        if let Some(expires) = self.expires {
            w.int(CLAIM_EXP).time(expires);
        }
        w.int(CLAIM_IAT).time(self.issued);
        w.int(CLAIM_STATUS_LIST).map(2).text("lst").bytes(&self.zlib).text("bits").uint(self.bits.into());
        if let Some(ttl) = self.ttl {
            w.int(CLAIM_TTL).uint(ttl);
        }
        w.into_bytes()
    }

    /// Reads encoded claims in any key order.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::lenient(bytes);
        let (mut uri, mut issued, mut expires, mut ttl, mut list) = (None, None, None, None, None);
        reader.map(|key: i64, value| {
            match key {
                CLAIM_SUB => uri = Some(value.text()?.to_owned()),
                CLAIM_EXP => expires = Some(value.time()?),
                CLAIM_IAT => issued = Some(value.time()?),
                CLAIM_TTL => ttl = Some(value.uint()?),
                CLAIM_STATUS_LIST => list = Some(parse_list(value)?),
                _ => value.skip()?,
            }
            Ok::<_, Malformed>(())
        })?;
        reader.finish()?;
        let (bits, zlib) = list.ok_or(Malformed::Missing("status list"))?;
        Ok(Self {
            uri: uri.ok_or(Malformed::Missing("name (sub)"))?,
            issued: issued.ok_or(Malformed::Missing("issue time (iat)"))?,
            expires,
            ttl,
            bits,
            zlib,
        })
    }

    /// The protected header of Greenlit's own lists.
    pub fn header() -> Vec<u8> {
        let mut w = Writer::new();
        w.map(2).int(HEADER_ALG).int(ALG_ED25519).int(HEADER_TYPE).text(TYPE);
        w.into_bytes()
    }
}

/// The map `{"bits": n, "lst": zlib}`, on its own as in the draft's examples and inside a token.
pub fn parse_list(reader: &mut Reader<'_>) -> Result<(u8, Vec<u8>), Malformed> {
    let (mut bits, mut zlib) = (None, None);
    reader.map(|key: &str, value| {
        match key {
            "bits" => bits = Some(value.uint()?),
            "lst" => zlib = Some(value.bytes()?.to_vec()),
            _ => value.skip()?,
        }
        Ok::<_, Malformed>(())
    })?;
    let bits = u8::try_from(bits.ok_or(Malformed::Missing("number of bits"))?)
        .map_err(|_| Malformed::Invalid { field: "number of bits", why: "too large" })?;
    Ok((bits, zlib.ok_or(Malformed::Missing("list data"))?))
}

/// A status list signed by the key that the bundle names for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bytes: Vec<u8>,
    issued: UnixTime,
    expires: Option<UnixTime>,
    statuses: Statuses,
}

impl StatusList {
    /// Opens a list as the bundle announces it. Its age is for [`crate::trust::TrustState`] to judge.
    pub fn open(bytes: &[u8], entry: &ListEntry) -> Result<Self, StatusError> {
        if bytes.len() > limits::MAX_LIST_BYTES {
            return Err(StatusError::TooLarge(bytes.len()));
        }
        let envelope = Sign1::parse_lenient(bytes)?;
        check_header(envelope.protected)?;
        if !entry.signer.verifies(&envelope.signed_bytes(""), envelope.signature) {
            return Err(StatusError::Signature);
        }
        let token = StatusToken::parse(envelope.payload)?;
        if token.uri != entry.uri {
            return Err(StatusError::OtherList(
                token.uri.chars().filter(|c| crate::text::is_printable(*c)).take(80).collect(),
            ));
        }
        if token.bits != entry.bits {
            return Err(StatusError::Bits { found: token.bits, wanted: entry.bits });
        }
        let entries = usize::try_from(entry.size).map_err(|_| StatusError::TooLarge(usize::MAX))?;
        let statuses = Statuses::inflate(token.bits, &token.zlib, bytes_for(token.bits, entries))?;
        Ok(Self { bytes: bytes.to_vec(), issued: token.issued, expires: token.expires, statuses })
    }

    /// The document as received.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// When it was made.
    pub fn issued(&self) -> UnixTime {
        self.issued
    }

    /// From when nothing is judged by it: its own expiry or the bundle's hard age, whichever is first.
    pub fn unusable_at(&self, entry: &ListEntry) -> UnixTime {
        let by_age = self.issued.plus(entry.hard_age);
        self.expires.map_or(by_age, |expires| expires.min(by_age))
    }

    /// The status at an index within the size announced.
    pub fn get(&self, index: u64, entry: &ListEntry) -> Option<u8> {
        self.statuses.get(index).filter(|_| index < entry.size)
    }
}

/// Requires `{1: -19, 16: "application/statuslist+cwt"}`, whatever else stands there.
pub fn check_header(protected: &[u8]) -> Result<(), Malformed> {
    let mut reader = Reader::lenient(protected);
    let (mut alg, mut kind) = (None, None);
    reader.map(|key: i64, value| {
        match key {
            HEADER_ALG => alg = Some(value.int()?),
            HEADER_TYPE => kind = Some(value.text()?),
            _ => value.skip()?,
        }
        Ok::<_, Malformed>(())
    })?;
    reader.finish()?;
    if alg.ok_or(Malformed::Missing("algorithm"))? != ALG_ED25519 {
        return Err(Malformed::Invalid { field: "algorithm", why: "not Ed25519" });
    }
    if kind.ok_or(Malformed::Missing("type"))? != TYPE {
        return Err(Malformed::Invalid { field: "type", why: "not that of a status list" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_every_width_keep_apart() {
        for bits in [1u8, 2, 4, 8] {
            let mut statuses = Statuses::new(bits, 100).unwrap();
            let top = u8::MAX >> (8 - bits);
            assert!(statuses.set(37, top) && !statuses.set(37, top.saturating_add(1)) | (bits == 8));
            assert!(!statuses.set(1_000_000, 1) && !statuses.set(u64::MAX, 1));
            let found: Vec<u64> = (0..100).filter(|i| statuses.get(*i) != Some(0)).collect();
            assert_eq!(found, [37], "{bits} bits");
            assert_eq!(statuses.get(37), Some(top));
            assert_eq!(statuses.get(u64::MAX), None);
            let again = Statuses::inflate(bits, &statuses.deflate(), statuses.packed.len()).unwrap();
            assert_eq!(again, statuses);
        }
    }

    #[test]
    fn inflating_stops_at_the_size_announced() {
        let bomb = Statuses::new(8, 1 << 20).unwrap().deflate();
        assert_eq!(Statuses::inflate(1, &bomb, 10), Err(StatusError::Size(10)));
        assert_eq!(Statuses::inflate(1, &bomb, 2 << 20), Err(StatusError::Size(2 << 20)));
        assert_eq!(Statuses::inflate(1, b"not zlib", 10), Err(StatusError::Compression));
        let mut trailing = Statuses::new(1, 80).unwrap().deflate();
        trailing.push(0);
        assert_eq!(Statuses::inflate(1, &trailing, 10), Err(StatusError::Compression));
    }
}
