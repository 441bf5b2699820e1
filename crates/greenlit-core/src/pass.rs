//! A pass: from the text of a QR code to claims that are well-formed but not yet trusted.
//!
//! `"GL1:" + Base45(18([{1: -19, 4: kid}, {}, claims, signature]))`, at most 1,024 characters.

mod not_a_pass;

pub use not_a_pass::{NotAPass, host_for_display};

use crate::cbor::{Label, Malformed, Reader, Writer};
use crate::cose::{self, Header, Sign1};
use crate::key::{KeyId, PublicKey};
use crate::strict_base45;
use crate::text::check_printable;
use crate::time::UnixTime;

/// What the text of every pass of this format begins with.
pub const PREFIX: &str = "GL1:";
/// Longest text of a pass, in characters.
pub const MAX_TEXT: usize = 1_024;
/// What binds a signature to this use (COSE external_aad).
pub const EXTERNAL_AAD: &str = "greenlit/pass/1";
/// The claim that holds everything but the two times.
const CLAIM_PASS: i64 = -65_537;
const CLAIM_EXP: i64 = 4;
const CLAIM_NBF: i64 = 5;

/// A kind of entitlement; only the trust data says which mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u64);

impl Class {
    /// The ordinary pass of a resident.
    pub const RESIDENT: Self = Self(1);
    /// A sample for training and posters: it verifies, and is never green.
    pub const SPECIMEN: Self = Self(2);
}

/// A birthday without its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birthday {
    month: u8,
    day: u8,
}

impl Birthday {
    /// `None` for a day that no year has; 29 February is one.
    pub fn new(month: u64, day: u64) -> Option<Self> {
        let days = match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        (1..=days).contains(&day).then_some(Self { month, day })
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }
}

/// The identity document to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum DocumentKind {
    Passport,
    ForeignPassport,
    BirthCertificate,
}

impl DocumentKind {
    fn from_code(code: u64) -> Option<Self> {
        [Self::Passport, Self::ForeignPassport, Self::BirthCertificate].into_iter().find(|k| k.code() == code)
    }

    /// Its number in the format.
    pub fn code(self) -> u64 {
        match self {
            Self::Passport => 1,
            Self::ForeignPassport => 2,
            Self::BirthCertificate => 3,
        }
    }
}

/// The kind of document and the last four characters of its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDigits {
    /// Which document.
    pub kind: DocumentKind,
    /// The last four characters of its number.
    pub last4: String,
}

/// Where the status of a pass stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusRef {
    /// Which status list.
    pub list: u64,
    /// Which entry of it.
    pub index: u64,
}

/// What a pass says. On its own it proves nothing: only [`crate::verify::verify`] makes it count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Good until just before this time.
    pub exp: UnixTime,
    /// Good from this time.
    pub nbf: UnixTime,
    /// The kind of entitlement.
    pub class: Class,
    /// Initials in the order of the identity document, at most 24 bytes: "З. И. Б."
    pub initials: Option<String>,
    /// The holder's birthday.
    pub birthday: Option<Birthday>,
    /// The identity document to compare with.
    pub document: Option<DocumentDigits>,
    /// Where its revocation would stand.
    pub status: Option<StatusRef>,
}

impl Pass {
    /// The encoded claims, as signed.
    pub fn encode(&self) -> Vec<u8> {
        let optional = [self.initials.is_some(), self.birthday.is_some(), self.document.is_some()];
        let count = 1 + optional.iter().filter(|there| **there).count() + if self.status.is_some() { 2 } else { 0 };
        let mut writer = Writer::new();
        writer.map(3).int(CLAIM_EXP).time(self.exp).int(CLAIM_NBF).time(self.nbf).int(CLAIM_PASS);
        writer.map(count).uint(1).uint(self.class.0);
        if let Some(initials) = &self.initials {
            writer.uint(2).text(initials);
        }
        if let Some(birthday) = self.birthday {
            writer.uint(3).array(2).uint(birthday.month.into()).uint(birthday.day.into());
        }
        if let Some(document) = &self.document {
            writer.uint(4).array(2).uint(document.kind.code()).text(&document.last4);
        }
        if let Some(status) = self.status {
            writer.uint(5).uint(status.list).uint(6).uint(status.index);
        }
        writer.into_bytes()
    }

    /// Reads encoded claims; the second value names what this version does not know.
    fn parse(bytes: &[u8]) -> Result<(Self, Option<Unknown>), Malformed> {
        let mut reader = Reader::new(bytes);
        let (mut exp, mut nbf, mut inner, mut unknown) = (None, None, None, None);
        reader.map(|key: Label<'_>, value| {
            match key {
                Label::Number(CLAIM_EXP) => exp = Some(value.time()?),
                Label::Number(CLAIM_NBF) => nbf = Some(value.time()?),
                Label::Number(CLAIM_PASS) => inner = Some(Inner::parse(value)?),
                _ => {
                    unknown = unknown.or(Some(Unknown::Claim(cose::Unknown::of(key))));
                    value.skip()?;
                }
            }
            Ok::<_, Malformed>(())
        })?;
        reader.finish()?;
        let exp = exp.ok_or(Malformed::Missing("expiry"))?;
        let nbf = nbf.ok_or(Malformed::Missing("start"))?;
        let inner = inner.ok_or(Malformed::Missing("pass claim"))?;
        let status = match (inner.list, inner.index) {
            (Some(list), Some(index)) => Some(StatusRef { list, index }),
            (None, None) => None,
            _ => return Err(Malformed::Missing("status list or index")),
        };
        let class = Class(inner.class.ok_or(Malformed::Missing("class"))?);
        let Inner { initials, birthday, document, .. } = inner;
        Ok((Self { exp, nbf, class, initials, birthday, document, status }, unknown.or(inner.unknown)))
    }
}

/// The map under [`CLAIM_PASS`] while it is read.
#[derive(Default)]
struct Inner {
    class: Option<u64>,
    initials: Option<String>,
    birthday: Option<Birthday>,
    document: Option<DocumentDigits>,
    list: Option<u64>,
    index: Option<u64>,
    unknown: Option<Unknown>,
}

impl Inner {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut inner = Self::default();
        reader.map(|key: Label<'_>, value| {
            let Label::Number(number) = key else {
                inner.unknown = inner.unknown.or(Some(Unknown::PassField(cose::Unknown::of(key))));
                return Ok(value.skip()?);
            };
            match number {
                1 => inner.class = Some(value.uint()?),
                2 => {
                    let initials = value.text()?;
                    check_printable("initials", initials, 24)?;
                    inner.initials = Some(initials.to_owned());
                }
                3 => {
                    value.array_of(2, "birthday")?;
                    let birthday = Birthday::new(value.uint()?, value.uint()?);
                    inner.birthday =
                        Some(birthday.ok_or(Malformed::Invalid { field: "birthday", why: "no day of any year" })?);
                }
                4 => {
                    value.array_of(2, "document")?;
                    let (code, last4) = (value.uint()?, value.text()?);
                    check_printable("document", last4, 16)?;
                    if last4.chars().count() != 4 {
                        return Err(Malformed::Invalid { field: "document", why: "not four characters" });
                    }
                    match DocumentKind::from_code(code) {
                        Some(kind) => inner.document = Some(DocumentDigits { kind, last4: last4.to_owned() }),
                        None => inner.unknown = inner.unknown.or(Some(Unknown::Document(code))),
                    }
                }
                5 => inner.list = Some(value.uint()?),
                6 => inner.index = Some(value.uint()?),
                _ => {
                    inner.unknown = inner.unknown.or(Some(Unknown::PassField(cose::Unknown::of(key))));
                    value.skip()?;
                }
            }
            Ok::<_, Malformed>(())
        })?;
        Ok(inner)
    }
}

/// Something under a pass's signature that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unknown {
    Header(cose::Unknown),
    Claim(cose::Unknown),
    PassField(cose::Unknown),
    Document(u64),
}

/// Why a text that begins like a pass is not one: the answer is `FMT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum PassError {
    #[error("the text has {0} characters, too long for a pass")]
    TooLong(usize),
    #[error("the text is not Base45")]
    NotBase45,
    #[error("the text contains a line break: ask the issuer for a code without one")]
    LineBreak,
    #[error("the header {0}")]
    Header(Malformed),
    #[error("the envelope {0}")]
    Envelope(Malformed),
    #[error("the body {0}")]
    Claims(Malformed),
}

/// A well-formed pass. Its claims stay inside until its signature holds.
#[derive(Clone, Debug)]
pub struct SignedPass {
    kid: KeyId,
    signed: Vec<u8>,
    signature: [u8; 64],
    pass: Pass,
    unknown: Option<Unknown>,
}

impl SignedPass {
    /// Reads the text of a pass, prefix and all.
    pub fn parse(text: &[u8]) -> Result<Self, PassError> {
        if text.len() > MAX_TEXT {
            return Err(PassError::TooLong(text.len()));
        }
        let encoded = text.strip_prefix(PREFIX.as_bytes()).ok_or(PassError::NotBase45)?;
        // As from `issue … | qrencode`, which draws the line's end into the code as well.
        let broken = encoded.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        let not_base45 = if broken { PassError::LineBreak } else { PassError::NotBase45 };
        let bytes = strict_base45::decode(encoded).ok_or(not_base45)?;
        let envelope = Sign1::parse(&bytes).map_err(PassError::Envelope)?;
        let header = Header::parse(envelope.protected).map_err(PassError::Header)?;
        let (pass, unknown) = Pass::parse(envelope.payload).map_err(PassError::Claims)?;
        Ok(Self {
            kid: header.kid,
            signed: envelope.signed_bytes(EXTERNAL_AAD),
            signature: *envelope.signature,
            pass,
            unknown: header.unknown.map(Unknown::Header).or(unknown),
        })
    }

    /// The key that this pass says signed it.
    pub fn kid(&self) -> KeyId {
        self.kid
    }

    /// The contents, if this key signed them.
    pub(crate) fn claims_if_signed_by(&self, key: &PublicKey) -> Option<(&Pass, Option<Unknown>)> {
        key.verifies(&self.signed, &self.signature).then_some((&self.pass, self.unknown))
    }

    /// The contents, if this key signed them: for the issuer's own commands.
    #[cfg(feature = "inspect")]
    pub fn signed_by(&self, key: &PublicKey) -> Option<&Pass> {
        self.claims_if_signed_by(key).map(|(pass, _)| pass)
    }

    /// The contents whether or not anybody signed them, for the issuer's own `inspect`. A till has no such door.
    #[cfg(feature = "inspect")]
    pub fn unverified(&self) -> (&Pass, Option<Unknown>) {
        (&self.pass, self.unknown)
    }
}

/// The text of a pass from its signed envelope.
pub fn to_text(envelope: &[u8]) -> String {
    format!("{PREFIX}{}", strict_base45::encode(envelope))
}

/// What a scanned text is.
#[derive(Clone, Debug)]
pub enum Scanned {
    /// A pass of this format, to be verified.
    Pass(Box<SignedPass>),
    /// A pass of another version of the format: this program is too old, or the text is made up.
    OtherVersion(u32),
    /// Begins like a pass, and is none.
    Malformed(PassError),
    /// Something else altogether, which accuses nobody.
    NotAPass(NotAPass),
}

/// Tells what a scanned text is, without believing any of it.
pub fn scan(text: &[u8]) -> Scanned {
    match version(text) {
        Some(1) => match SignedPass::parse(text) {
            Ok(pass) => Scanned::Pass(Box::new(pass)),
            Err(error) => Scanned::Malformed(error),
        },
        Some(other) => Scanned::OtherVersion(other),
        None => Scanned::NotAPass(NotAPass::of(text)),
    }
}

/// The number in `GL<number>:`, written without leading zeros.
fn version(text: &[u8]) -> Option<u32> {
    let rest = text.strip_prefix(b"GL")?;
    let end = rest.iter().take(5).position(|byte| *byte == b':')?;
    let digits = std::str::from_utf8(rest.get(..end)?).ok()?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_plain_numbers() {
        for (text, wanted) in [
            ("GL1:", Some(1)),
            ("GL2:X", Some(2)),
            ("GL42:", Some(42)),
            ("GL01:", None),
            ("GL:", None),
            ("gl1:", None),
            ("GL1", None),
            ("GL12345:", None),
            ("GLX:", None),
            ("GL0:", None),
        ] {
            assert_eq!(version(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn birthdays_are_days_of_some_year() {
        assert!(Birthday::new(2, 29).is_some());
        for (month, day) in [(2, 30), (0, 1), (13, 1), (4, 31), (1, 0), (1, 32), (u64::MAX, 1)] {
            assert_eq!(Birthday::new(month, day), None);
        }
    }
}
