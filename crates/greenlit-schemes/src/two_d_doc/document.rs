//! What a document says, once its signature holds.

use chrono::{Days, NaiveDate};
use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::{Born, Contents, Fact, Holder, Statement, Unread};
use greenlit_core::time::UnixTime;

use super::Version;
use super::fields::Fields;

/// France Titres' own: the types of documents and fields that its specification defines.
const PERIMETER: &str = "01";

/// Types of documents that are read, all of perimeter 01: proofs of address (00 to 02), bank details and statements (03,
/// 05, 11), tax notices (04, 18, 24, 27, 28), pay slip and contract (06, 10), ID (07), mobility inclusion card (A2),
/// firefighter's card (A6), diploma (B0), receipt for the student fee CVEC (B1).
const TYPES: [&str; 18] =
    ["00", "01", "02", "03", "04", "05", "06", "07", "10", "11", "18", "24", "27", "28", "A2", "A6", "B0", "B1"];

/// The fields that rules may ask about, with the names that rules have for them.
const FACTS: [(&str, &str, Form); 13] = [
    ("24", "postcode", Form::Text),
    ("25", "town", Form::Text),
    ("26", "country", Form::Text),
    ("36", "from", Form::Days),
    ("37", "until", Form::Days),
    ("41", "reference-income", Form::Text),
    ("43", "shares", Form::Text),
    ("45", "income-year", Form::Text),
    ("67", "nationality", Form::Text),
    ("BD", "level", Form::Text),
    ("BF", "academic-year", Form::AcademicYear),
    ("BG", "diploma", Form::Text),
    ("6N", "valid-from", Form::Date),
];

/// Last days on which a document or card is good.
const LAST_DAYS: [(&str, Form); 3] = [("08", Form::Days), ("6O", Form::Date), ("AI", Form::Date)];

/// Whole names, as a letter is addressed.
const WHOLE_NAMES: [&str; 3] = ["10", "30", "46"];
/// Family and given names.
const NAMES: [(&str, &str); 6] = [("13", "12"), ("62", "60"), ("62", "61"), ("B2", "B0"), ("B2", "B1"), ("80", "81")];
/// Numbers of cards and papers.
const NUMBERS: [&str; 4] = ["66", "82", "AH", "BK"];
/// Most characters of such a number that are kept.
const KEPT: usize = 4;

/// How a value is written.
#[derive(Clone, Copy)]
enum Form {
    Text,
    /// Days since 2000 as four hexadecimal digits; FFFF is none.
    Days,
    /// `DDMMYYYY`.
    Date,
    /// The year in which it ends, as three hexadecimal digits: 7DF is 2014-2015.
    AcademicYear,
}

#[derive(Debug)]
pub(super) struct Document {
    pub(super) version: Version,
}

impl Contents for Document {
    fn read(&self, signed: &[u8]) -> Result<Statement, Unread> {
        let text = std::str::from_utf8(signed).map_err(|_| invalid("document", "not of plain characters"))?;
        let part = |from: usize, to: usize| text.get(from..to).ok_or(Malformed::Missing("header"));
        if self.version != Version::Two && part(22, 24)? != PERIMETER {
            return Err(Unread::Newer("a document of another perimeter".into()));
        }
        let kind = part(20, 22)?;
        if !TYPES.contains(&kind) {
            return Err(Unread::Newer("a document of another type".into()));
        }
        let fields = Fields::read(part(self.version.header(), text.len())?)?;
        let mut facts = Vec::new();
        if let Some(emitted) = days(part(12, 16)?)? {
            facts.push(Fact { name: "emitted", value: emitted.to_string() });
        }
        for (id, name, form) in FACTS {
            let value = fields.get(id).map(|value| plain(value, form)).transpose()?;
            facts.extend(value.flatten().map(|value| Fact { name, value }));
        }
        let last_day = last_day(&fields)?;
        facts.extend(last_day.map(|day| Fact { name: "expires", value: day.to_string() }));
        Ok(Statement {
            kind: format!("2d-doc/{kind}"),
            issuer: (self.version == Version::Four).then(|| part(24, 26)).transpose()?.map(str::to_owned),
            issued: days(part(16, 20)?)?.and_then(midnight),
            not_before: fields.get("6N").map(date).transpose()?.and_then(midnight),
            expires: last_day.and_then(|day| day.succ_opt()).and_then(midnight),
            holder: holder(&fields)?,
            facts,
            revocation_id: None,
        })
    }
}

fn holder(fields: &Fields<'_>) -> Result<Holder, Unread> {
    let whole = WHOLE_NAMES.into_iter().find_map(|id| fields.get(id)).map(addressed);
    let parts = || {
        NAMES.into_iter().find_map(|(family, given)| {
            let given = fields.get(given)?.replace('/', " ");
            Some(format!("{} {given}", fields.get(family)?))
        })
    };
    let born = ["69", "B7"].into_iter().find_map(|id| fields.get(id)).map(date).transpose()?;
    let ending = |number: &str| {
        let length = number.chars().count();
        number.chars().skip(length.saturating_sub(KEPT)).collect()
    };
    Ok(Holder {
        name: whole.or_else(parts),
        born: born.and_then(|day| Born::parse(&day.to_string())),
        document: NUMBERS.into_iter().find_map(|id| fields.get(id)).map(ending),
        photo: None,
    })
}

/// A name without the title: where it is divided, its parts are title, family and given name.
fn addressed(line: &str) -> String {
    let parts: Vec<&str> = line.split('/').map(str::trim).collect();
    match parts.as_slice() {
        [_title, family, given @ ..] if !given.is_empty() => format!("{family} {}", given.join(" ")),
        _ => parts.join(" "),
    }
}

/// The first of those that it has.
fn last_day(fields: &Fields<'_>) -> Result<Option<NaiveDate>, Unread> {
    let mut found = None;
    for (id, form) in LAST_DAYS {
        let Some(value) = fields.get(id) else { continue };
        let day = if matches!(form, Form::Days) { days(value)? } else { Some(date(value)?) };
        found = [found, day].into_iter().flatten().min();
    }
    Ok(found)
}

/// As a rule reads it.
fn plain(value: &str, form: Form) -> Result<Option<String>, Unread> {
    Ok(match form {
        Form::Text => Some(value.to_owned()),
        Form::Days => days(value)?.map(|day| day.to_string()),
        Form::Date => Some(date(value)?.to_string()),
        Form::AcademicYear => {
            let end = hexadecimal(value, 3).filter(|year| *year > 0).ok_or(invalid("academic year", "no year"))?;
            Some(format!("{}-{end}", end.saturating_sub(1)))
        }
    })
}

fn days(text: &str) -> Result<Option<NaiveDate>, Unread> {
    let days = hexadecimal(text, 4).ok_or(invalid("date", "not four hexadecimal digits"))?;
    let first = NaiveDate::from_ymd_opt(2000, 1, 1);
    Ok(first.filter(|_| days != 0xFFFF).and_then(|first| first.checked_add_days(Days::new(days.into()))))
}

/// So many digits, in capitals and without a sign.
fn hexadecimal(text: &str, length: usize) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    u16::from_str_radix(text, 16).ok().filter(|_| digits && text.len() == length)
}

fn date(text: &str) -> Result<NaiveDate, Unread> {
    let day = || {
        let whole: u32 = text.parse().ok()?;
        NaiveDate::from_ymd_opt((whole % 10_000).try_into().ok()?, whole / 10_000 % 100, whole / 1_000_000)
    };
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    day().filter(|_| digits).ok_or(invalid("date", "no day of the calendar"))
}

/// As a day begins in UTC, an hour or two after it does in Paris.
fn midnight(day: NaiveDate) -> Option<UnixTime> {
    let seconds = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
    UnixTime::new(seconds.try_into().ok()?)
}

fn invalid(field: &'static str, why: &'static str) -> Unread {
    Malformed::Invalid { field, why }.into()
}
