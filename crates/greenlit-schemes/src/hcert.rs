//! Electronic health certificates, `HC1:`: those of the EU (Regulation (EU) 2021/953 and its technical specifications).
//!
//! The text after the mark is Base45 (RFC 9285) of a zlib stream of a COSE_Sign1 with a CBOR Web Token in it; claim -260
//! holds the certificates by their kind.

use greenlit_core::cbor::{Item, Label, Malformed, Reader};
use greenlit_core::scheme::{Born, Contents, Fact, Presented, Scheme, Statement, Unread};
use greenlit_core::strict_base45;

use crate::cwt::{Claims, Envelope, envelope};
use crate::unpack::zlib;
use crate::{FormatError, MAX_TEXT, Recognised};

const MARK: &[u8] = b"HC1:";
const CLAIM_HCERT: i64 = -260;
/// The EU's Digital COVID Certificate among the kinds of claim -260.
const KIND_EU: i64 = 1;

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

impl Contents for Certificate {
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread> {
        let mut found = None;
        let claims = Claims::read(signed, |key, value| {
            if key != Label::Number(CLAIM_HCERT) {
                return Ok(value.skip()?);
            }
            value.map(|kind: Label<'_>, value: &mut Reader<'_>| match kind {
                Label::Number(KIND_EU) => {
                    found = Some(Eu::read(value)?);
                    Ok(())
                }
                _ => Err(Unread::Newer("a certificate of another kind".into())),
            })
        })?;
        let Eu { kind, name, born, facts } = found.ok_or(Malformed::Missing("health certificate"))?;
        let mut statement = claims.statement(kind);
        // It is still good in the second of its expiry, and not before it was issued.
        statement.expires = statement.expires.map(|at| at.plus(1));
        statement.not_before = statement.not_before.max(statement.issued);
        (statement.holder.name, statement.holder.born, statement.facts) = (name, born, facts);
        Ok(statement)
    }
}

/// What is read of an EU certificate.
struct Eu {
    kind: &'static str,
    name: Option<String>,
    born: Option<Born>,
    facts: Vec<Fact>,
}

/// The fields of an entry that rules may ask about, with the names that rules have for them.
const FACTS: &[(&str, &str)] = &[
    ("tg", "disease"),
    ("mp", "product"),
    ("dn", "dose"),
    ("sd", "doses"),
    ("dt", "vaccinated"),
    ("tt", "test-type"),
    ("sc", "sampled"),
    ("tr", "result"),
    ("fr", "first-positive"),
    ("df", "from"),
    ("du", "until"),
    ("co", "country"),
];

impl Eu {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let (mut name, mut born, mut entries) = (None, None, Vec::new());
        reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
            match key {
                Label::Name("nam") => name = read_name(value)?,
                Label::Name("dob") if value.peek() == Some(Item::Text) => born = Born::parse(date(value.text()?)),
                Label::Name(group @ ("v" | "t" | "r")) if value.peek() == Some(Item::List) => {
                    let kind = match group {
                        "v" => "vaccination",
                        "t" => "test",
                        _ => "recovery",
                    };
                    for _ in 0..value.array()? {
                        entries.push((kind, read_facts(value)?));
                    }
                }
                _ => value.skip()?,
            }
            Ok::<_, Unread>(())
        })?;
        // One event a certificate; the first version of the specification let several of a kind stand in one, of which the
        // newest counts.
        let kind = entries.first().map(|(kind, _)| *kind).ok_or(Malformed::Missing("event"))?;
        if entries.iter().any(|(other, _)| *other != kind) {
            return Err(Malformed::Invalid { field: "health certificate", why: "of events of several kinds" }.into());
        }
        let newest = entries.into_iter().map(|(_, facts)| facts).max_by(|one, other| day(one).cmp(&day(other)));
        Ok(Self { kind, name, born, facts: newest.unwrap_or_default() })
    }
}

/// When an event was, as it is written: in a way that sorts.
fn day(facts: &[Fact]) -> Option<&str> {
    let names = ["vaccinated", "sampled", "first-positive"];
    facts.iter().find(|fact| names.contains(&fact.name)).map(|fact| fact.value.as_str())
}

/// A date, of what may be a date with a time.
fn date(text: &str) -> &str {
    text.split_once('T').map_or(text, |(date, _)| date)
}

/// Family and given name, in the letters of the passport where there are no others.
fn read_name(reader: &mut Reader<'_>) -> Result<Option<String>, Unread> {
    let mut parts: [Option<&str>; 4] = [None; 4];
    reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
        let at = ["fn", "gn", "fnt", "gnt"].iter().position(|name| key == Label::Name(name));
        match at.and_then(|at| parts.get_mut(at)) {
            Some(part) if value.peek() == Some(Item::Text) => *part = Some(value.text()?),
            _ => value.skip()?,
        }
        Ok::<_, Unread>(())
    })?;
    let [family, given, family_latin, given_latin] = parts.map(|part| part.filter(|text| !text.trim().is_empty()));
    let name: Vec<&str> = [family.or(family_latin), given.or(given_latin)].into_iter().flatten().collect();
    Ok((!name.is_empty()).then(|| name.join(" ")))
}

fn read_facts(reader: &mut Reader<'_>) -> Result<Vec<Fact>, Unread> {
    let mut facts = Vec::new();
    reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
        let name = FACTS.iter().find(|(field, _)| key == Label::Name(field)).map(|(_, name)| *name);
        match (name, value.peek()) {
            (Some(name), Some(Item::Text)) => facts.push(Fact { name, value: value.text()?.to_owned() }),
            (Some(name), Some(Item::Number)) => facts.push(Fact { name, value: value.int()?.to_string() }),
            _ => value.skip()?,
        }
        Ok::<_, Unread>(())
    })?;
    Ok(facts)
}
