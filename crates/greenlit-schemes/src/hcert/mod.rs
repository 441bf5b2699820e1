//! Electronic health certificates, `HC1:` (WHO, "Electronic Health Certificate Specification" 1.1.1, §3 and §4).
//!
//! The text after the mark is Base45 (RFC 9285) of a zlib stream of a COSE_Sign1 with a CBOR Web Token in it; claim -260
//! holds the certificate under the number of its kind (§3.2.7.1).

mod eu;
mod who;

use greenlit_core::cbor::{Label, Malformed, Reader};
use greenlit_core::scheme::{Born, Contents, Fact, Presented, Scheme, Statement, Unread};
use greenlit_core::strict_base45;
use greenlit_core::time::UnixTime;

use crate::cwt::{Claims, Envelope, envelope};
use crate::unpack::zlib;
use crate::{FormatError, MAX_TEXT, Recognised};

const MARK: &[u8] = b"HC1:";
const CLAIM_HCERT: i64 = -260;
/// Among the kinds of claim -260: the EU's Digital COVID Certificate.
const KIND_EU: i64 = 1;
/// The WHO's documentation of a COVID-19 vaccination (DDCC:VS).
const KIND_VACCINATION: i64 = 3;
/// The same of a test (DDCC:TR).
const KIND_TEST: i64 = 4;
/// An address from which health records are fetched (Verifiable Health Link).
const KIND_LINK: i64 = 5;
/// The International Certificate of Vaccination or Prophylaxis (ICVP), the yellow card.
const KIND_YELLOW_CARD: i64 = -6;

pub(crate) fn recognise(text: &[u8]) -> Recognised {
    let scheme = Scheme::Hcert;
    let Some(encoded) = text.strip_prefix(MARK) else {
        return match text {
            [b'H', b'C', version, b':', ..] if version.is_ascii_alphanumeric() => {
                Recognised::Newer { scheme, what: "a later form of health certificates" }
            }
            _ => Recognised::No,
        };
    };
    match take_apart(text.len(), encoded) {
        Ok(recognised) => recognised,
        Err(why) => Recognised::Damaged { scheme, why },
    }
}

fn take_apart(length: usize, encoded: &[u8]) -> Result<Recognised, FormatError> {
    if length > MAX_TEXT {
        return Err(FormatError::TooLong(length));
    }
    let scheme = Scheme::Hcert;
    let packed = strict_base45::decode(encoded).ok_or(FormatError::NotBase45)?;
    let bytes = zlib(&packed)?;
    let Envelope::Signed(signed) = envelope(&bytes).map_err(FormatError::Envelope)? else {
        return Ok(Recognised::Newer { scheme, what: "an encrypted certificate" });
    };
    Ok(match signed.parts(Certificate) {
        Some(parts) => Recognised::Pass(Box::new(Presented::new(scheme, parts))),
        None => Recognised::Newer { scheme, what: "a signature of another algorithm" },
    })
}

#[derive(Debug)]
struct Certificate;

/// What is read of a certificate of any kind.
#[derive(Default)]
struct Body {
    kind: &'static str,
    name: Option<String>,
    born: Option<Born>,
    /// The last characters of the number of their document.
    document: Option<String>,
    facts: Vec<Fact>,
    /// From when it is good, by the certificate itself and not by its token.
    from: Option<UnixTime>,
    /// From when it is good no more, likewise.
    until: Option<UnixTime>,
}

impl Contents for Certificate {
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread> {
        let mut found = None;
        let claims = Claims::read(signed, |key, value| {
            if key != Label::Number(CLAIM_HCERT) {
                return Ok(value.skip()?);
            }
            value.map(|kind: Label<'_>, value: &mut Reader<'_>| {
                let body = match kind {
                    Label::Number(KIND_EU) => eu::read(value)?,
                    Label::Number(KIND_VACCINATION) => who::vaccination(value)?,
                    Label::Number(KIND_TEST) => who::test(value)?,
                    Label::Number(KIND_YELLOW_CARD) => who::yellow_card(value)?,
                    Label::Number(KIND_LINK) => return Err(Unread::Newer("a link to health records".into())),
                    _ => return Err(Unread::Newer("a certificate of another kind".into())),
                };
                match found.replace(body) {
                    None => Ok(()),
                    Some(_) => Err(Malformed::Invalid { field: "health certificate", why: "of several kinds" }.into()),
                }
            })
        })?;
        let body = found.ok_or(Malformed::Missing("health certificate"))?;
        let mut statement = claims.statement(body.kind);
        // It is still good in the second of its expiry, and not before it was issued.
        let expires = statement.expires.map(|at| at.plus(1));
        statement.expires = expires.into_iter().chain(body.until).min();
        statement.not_before = statement.not_before.max(statement.issued).max(body.from);
        let holder = &mut statement.holder;
        (holder.name, holder.born, holder.document) = (body.name, body.born, body.document);
        statement.facts = body.facts;
        Ok(statement)
    }
}

/// A date, of what may be a date with a time.
fn date(text: &str) -> &str {
    text.split_once('T').map_or(text, |(date, _)| date)
}
