//! Certificates of the EU (Regulation (EU) 2021/953 and its technical specifications).

use greenlit_core::cbor::{Item, Label, Malformed, Reader};
use greenlit_core::scheme::{Born, Fact, Unread};

use super::{Body, date};

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

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Body, Unread> {
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
    Ok(Body { kind, name, born, facts: newest.unwrap_or_default(), ..Body::default() })
}
/// When an event was, as it is written: in a way that sorts.
fn day(facts: &[Fact]) -> Option<&str> {
    let names = ["vaccinated", "sampled", "first-positive"];
    facts.iter().find(|fact| names.contains(&fact.name)).map(|fact| fact.value.as_str())
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
