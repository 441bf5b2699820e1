//! The samples and their trust data: test vectors whose private keys anybody can read, so that their authority
//! may never be trusted. The tests of greenlit-core make them again, byte for byte.

use serde::Deserialize;

use greenlit_core::answer::Code;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::Documents;

use super::Judgement;

/// The build date that goes with the vectors, 2021-01-01T00:00:00Z.
pub(super) const BUILT: UnixTime = match UnixTime::new(1_609_459_200) {
    Some(built) => built,
    None => UnixTime::MAX,
};

/// A pass or another code, and what a till must make of it at this time.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) expected: Judgement,
    pub(crate) text: String,
    pub(crate) at: UnixTime,
}

/// Samples, and the trust data that they are judged by.
#[derive(Clone, Debug)]
pub(crate) struct Kit {
    pub(crate) documents: Documents,
    pub(crate) samples: Vec<Sample>,
}

/// The part of a vector that is held up.
#[derive(Default, Deserialize)]
struct Vector {
    text: String,
    clock: String,
}

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../vectors/greenlit/", $name))
    };
}

const DOCUMENTS: [&[u8]; 4] = [
    vector!("trust/base/root-1.cbor.hex"),
    vector!("trust/base/trust.cbor.hex"),
    vector!("trust/base/status-1.cwt.hex"),
    vector!("trust/base/status-2.cwt.hex"),
];

/// Each with its expected answer, which the vector has too: here it is for everybody to read.
pub(super) const SAMPLES: [(&str, Judgement, &[u8]); 11] = [
    ("good", Judgement::Code(Code::Ok), vector!("good.json")),
    ("expired", Judgement::Code(Code::Expired), vector!("expiry-a-second-after.json")),
    ("not-yet-valid", Judgement::Code(Code::NotYetValid), vector!("start-a-second-before.json")),
    ("forged-signature", Judgement::Code(Code::Signature), vector!("forged-claim-bit.json")),
    ("revoked", Judgement::Code(Code::Revoked), vector!("revoked.json")),
    ("suspended", Judgement::Code(Code::Suspended), vector!("suspended.json")),
    ("unknown-issuer", Judgement::Code(Code::UnknownIssuer), vector!("unknown-issuer.json")),
    ("malformed", Judgement::Code(Code::Malformed), vector!("text-cut.json")),
    ("web-link", Judgement::NotAPass, vector!("not-a-pass-link.json")),
    ("specimen", Judgement::Specimen, vector!("specimen.json")),
    ("expired-trust-data", Judgement::Code(Code::TrustExpired), vector!("hard-expiry-a-second-after.json")),
];

impl Kit {
    /// What the program carries. A part that cannot be read is left empty, and its samples come out wrong.
    pub(crate) fn embedded() -> Self {
        let [root, bundle, list_1, list_2] = DOCUMENTS.map(from_hex);
        let lists = [(1, list_1), (2, list_2)].into();
        let documents = Documents { roots: vec![root], bundle: Some(bundle), lists, ..Documents::default() };
        let sample = |(name, expected, vector): &(&'static str, Judgement, &[u8])| {
            let Vector { text, clock } = serde_json::from_slice(vector).unwrap_or_default();
            let at = UnixTime::parse_rfc3339(&clock).unwrap_or(UnixTime::MAX);
            Sample { name, expected: *expected, text, at }
        };
        Self { documents, samples: SAMPLES.iter().map(sample).collect() }
    }
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    hex::decode(digits).unwrap_or_default()
}
