//! Certificates of the WHO: the documentation of a COVID-19 vaccination or test (DDCC, in its core data set, RC2), and the
//! yellow card (ICVP, in the minimal data set of SMART Trust's Personal Health Wallet).
//!
//! The models name the fields; how they stand in CBOR is told by the WHO's own verifier (gdhcn-validator) and its test
//! certificates. Of a yellow card there are two generations, in which the same names mean different things.

use greenlit_core::cbor::{Item, Label, Malformed, Reader};
use greenlit_core::scheme::{Born, Fact, Unread};
use greenlit_core::time::{TimeError, UnixTime};

use super::{Body, date};
use crate::claim169::ending;

const DAY: u64 = 86_400;

/// Fields that rules may ask about, with the names that rules have for them. Countries have three letters here.
const VACCINATION: &[(&str, &str)] = &[
    ("disease", "disease"),
    ("vaccine", "vaccine"),
    ("brand", "product"),
    ("dose", "dose"),
    ("totalDoses", "doses"),
    ("total_doses", "doses"),
    ("date", "vaccinated"),
    ("country", "country"),
];
const TEST: &[(&str, &str)] = &[
    ("pathogen", "disease"),
    ("type", "test-type"),
    ("date", "sampled"),
    ("result", "result"),
    ("country", "country"),
];
const YELLOW_CARD: &[(&str, &str)] = &[
    ("tg", "disease"),
    ("vp", "vaccine"),
    ("mp", "product"),
    ("dn", "dose"),
    ("dt", "vaccinated"),
    ("dv", "vaccinated"),
];
/// Under which names an event says from when and until when it counts.
const FROM: &[&str] = &["validFrom", "vls", "start"];
const UNTIL: &[&str] = &["vle", "end"];

pub(super) fn vaccination(reader: &mut Reader<'_>) -> Result<Body, Unread> {
    only(reader, |reader| core_data_set(reader, "vaccination", VACCINATION))
}

pub(super) fn test(reader: &mut Reader<'_>) -> Result<Body, Unread> {
    only(reader, |reader| core_data_set(reader, "test", TEST))
}

/// A person, a certificate's period, and an event under the name of its kind. The identifier is passed over: some write
/// the certificate's own there and not the person's.
fn core_data_set(reader: &mut Reader<'_>, kind: &'static str, fields: &[(&str, &'static str)]) -> Result<Body, Unread> {
    let (mut body, mut period, mut event) = (Body { kind, ..Body::default() }, Event::default(), None);
    reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
        match (key, value.peek()) {
            (Label::Name("name"), Some(Item::Text)) => body.name = said(value.text()?),
            (Label::Name("birthDate"), Some(Item::Text)) => body.born = Born::parse(date(value.text()?)),
            (Label::Name("certificate"), Some(Item::Map)) => value.map(|key: Label<'_>, value: &mut Reader<'_>| {
                match (key, value.peek()) {
                    (Label::Name("period"), Some(Item::Map)) => period = Event::read(value, &[])?,
                    (Label::Name("period"), found) if found != Some(Item::Other) => return Err(NOT_A_DATE.into()),
                    _ => value.skip()?,
                }
                Ok::<_, Unread>(())
            })?,
            (Label::Name(name), _) if name == kind => {
                event = Some(only(value, |value| Event::read(value, fields))?);
            }
            _ => value.skip()?,
        }
        Ok::<_, Unread>(())
    })?;
    let event = event.ok_or(Malformed::Missing("event"))?;
    body.facts = event.facts;
    body.from = event.from.max(period.from);
    body.until = event.until.into_iter().chain(period.until).min();
    Ok(body)
}

pub(super) fn yellow_card(reader: &mut Reader<'_>) -> Result<Body, Unread> {
    only(reader, |reader| {
        let (mut body, mut events) = (Body { kind: "yellow-card", ..Body::default() }, Vec::new());
        reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
            match (key, value.peek()) {
                (Label::Name("n"), Some(Item::Text)) => body.name = said(value.text()?),
                (Label::Name("dob"), Some(Item::Text)) => body.born = Born::parse(date(value.text()?)),
                (Label::Name("nid" | "id"), Some(Item::Text)) => {
                    body.document = said(value.text()?).as_deref().map(ending)
                }
                (Label::Name("ntl" | "nt"), Some(Item::Text)) => {
                    body.facts.extend(said(value.text()?).map(|value| Fact { name: "nationality", value }));
                }
                // Where `v` is a text it is a version, and the vaccination stands under `vx`.
                (Label::Name("v" | "vx"), Some(Item::Map | Item::List)) => {
                    events.push(only(value, |value| Event::read(value, YELLOW_CARD))?);
                }
                _ => value.skip()?,
            }
            Ok::<_, Unread>(())
        })?;
        let event = events.pop().ok_or(Malformed::Missing("event"))?;
        if !events.is_empty() {
            return Err(Malformed::Invalid { field: "yellow card", why: "of several vaccinations" }.into());
        }
        (body.from, body.until) = (event.from, event.until);
        body.facts.extend(event.facts);
        // A product has a name of its own, or stands where its vaccine did.
        if !body.facts.iter().any(|fact| fact.name == "product") {
            body.facts.iter_mut().filter(|fact| fact.name == "vaccine").for_each(|fact| fact.name = "product");
        }
        Ok(body)
    })
}

/// Reads what the models let stand alone or as a list: one of a list, and no more, for nothing says which of several
/// counts.
fn only<T>(reader: &mut Reader<'_>, read: impl FnOnce(&mut Reader<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
    if reader.peek() == Some(Item::List) {
        match reader.array()? {
            0 => return Err(Malformed::Missing("event").into()),
            1 => {}
            _ => return Err(Unread::Newer("several events in one certificate".into())),
        }
    }
    read(reader)
}

/// What is read of a vaccination or test.
#[derive(Default)]
struct Event {
    facts: Vec<Fact>,
    from: Option<UnixTime>,
    until: Option<UnixTime>,
}

impl Event {
    fn read(reader: &mut Reader<'_>, fields: &[(&str, &'static str)]) -> Result<Self, Unread> {
        let mut event = Self::default();
        reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
            let Label::Name(field) = key else { return Ok(value.skip()?) };
            if FROM.contains(&field) {
                event.from = moment(value)?.map(|(begins, _)| begins);
            } else if UNTIL.contains(&field) {
                event.until = moment(value)?.map(|(_, ends)| ends);
            } else if let Some((_, name)) = fields.iter().find(|(other, _)| *other == field) {
                event.facts.extend(code(value)?.map(|value| Fact { name, value }));
            } else {
                value.skip()?;
            }
            Ok::<_, Unread>(())
        })?;
        Ok(event)
    }
}

/// A code, which stands in a map with its system, or a text or number.
fn code(reader: &mut Reader<'_>) -> Result<Option<String>, Unread> {
    match reader.peek() {
        Some(Item::Text) => Ok(said(reader.text()?)),
        Some(Item::Number) => Ok(Some(reader.int()?.to_string())),
        Some(Item::Map) => {
            let mut code = None;
            reader.map(|key: Label<'_>, value: &mut Reader<'_>| {
                match (key, value.peek()) {
                    (Label::Name("code"), Some(Item::Text)) => code = said(value.text()?),
                    _ => value.skip()?,
                }
                Ok::<_, Unread>(())
            })?;
            Ok(code)
        }
        _ => Ok(reader.skip().map(|()| None)?),
    }
}

/// A text, unless it is empty: some write every field, also those that have nothing to say.
fn said(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// When a day or second begins and ends. Days are those of UTC, for none names its zone. What cannot be read is not left
/// out: a certificate without its end would be good for ever.
fn moment(reader: &mut Reader<'_>) -> Result<Option<(UnixTime, UnixTime)>, Unread> {
    match reader.peek() {
        Some(Item::Text) => {}
        Some(Item::Other) => return Ok(reader.skip().map(|()| None)?),
        _ => return Err(NOT_A_DATE.into()),
    }
    let Some(text) = said(reader.text()?) else { return Ok(None) };
    let (whole, seconds) = if text.contains('T') { (text, 1) } else { (format!("{text}T00:00:00Z"), DAY) };
    let begins = match UnixTime::parse_rfc3339(&whole) {
        Ok(begins) => begins,
        // 1970, which is as good as any time before it.
        Err(TimeError::BeforeEpoch(_)) => UnixTime::MAX.minus(u64::MAX),
        Err(TimeError::NotRfc3339(_)) => return Err(NOT_A_DATE.into()),
    };
    Ok(Some((begins, begins.plus(seconds))))
}

const NOT_A_DATE: Malformed = Malformed::Invalid { field: "validity", why: "not a date" };
