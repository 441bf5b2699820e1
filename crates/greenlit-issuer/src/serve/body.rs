//! Bodies: from JSON to what is asked for, or to what is wrong with it, field by field.

use std::fmt;
use std::marker::PhantomData;

use chrono::NaiveDate;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use greenlit_core::pass::{DocumentKind, StatusRef};
use greenlit_core::text::is_printable;

use super::problem::{FieldError, Problem};
use crate::issue::{Application, IssueError};
use crate::revoke::{Action, MAX_REASON};
use crate::{EventError, HolderError, HolderFile, Igg, parse_day};

/// Most bytes of a body.
pub(super) const MAX_BODY: usize = 16 << 10;

/// `POST /v1/passes`, as it is sent. What it is written as again is the same for the same request.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueBody {
    basis: String,
    on: String,
    #[serde(default)]
    igg: Option<IggText>,
    #[serde(default)]
    through: Option<String>,
    holder: Object<HolderBody>,
    #[serde(default)]
    replaces: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolderBody {
    name: String,
    born: String,
    document: String,
    #[serde(default)]
    document_kind: Kind,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Passport,
    ForeignPassport,
    BirthCertificate,
}

/// An object, and not the list of its values, which serde takes for one.
#[derive(Serialize)]
#[serde(transparent)]
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        from.deserialize_map(Fields(PhantomData))
    }
}

/// 12.5 or ">100".
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, or a string such as \"12.5\" or \">100\"")]
enum IggText {
    Number(serde_json::Number),
    Text(String),
}

/// A pass that is asked for.
pub(super) struct Asked {
    pub(super) application: Application,
    pub(super) replaces: Option<StatusRef>,
    /// By which the same request is known again.
    pub(super) canonical: Vec<u8>,
}

impl Asked {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let body: IssueBody = parse(bytes)?;
        // It was JSON just now.
        let canonical = serde_json::to_vec(&body).map_err(|_| Problem::invalid_request())?;
        let IssueBody { basis, on, igg, through, holder, replaces } = body;
        let Object(HolderBody { name, born, document, document_kind }) = holder;
        let mut wrong = Wrong(Vec::new());
        let on = wrong.take("/on", parse_day(&on));
        let born = wrong.take("/holder/born", parse_day(&born));
        let through = through.map(|day| wrong.take("/through", parse_day(&day)));
        let igg: Option<Option<Igg>> = igg.map(|igg| {
            let text = match igg {
                IggText::Number(number) => number.to_string(),
                IggText::Text(text) => text,
            };
            wrong.take("/igg", text.parse::<Igg>())
        });
        let replaces = replaces
            .map(|text| wrong.take("/replaces", pass_reference(&text).ok_or("is not a reference such as 1-12345")));
        if !wrong.0.is_empty() {
            return Err(Problem::of_fields(wrong.0));
        }
        let kind = match document_kind {
            Kind::Passport => DocumentKind::Passport,
            Kind::ForeignPassport => DocumentKind::ForeignPassport,
            Kind::BirthCertificate => DocumentKind::BirthCertificate,
        };
        // Whatever is none now was wrong before.
        let (on, born) = (on.unwrap_or(NaiveDate::MAX), born.unwrap_or(NaiveDate::MAX));
        let person = HolderFile { name, born, document, kind };
        let application = Application { ground: basis, on, igg: igg.flatten(), through: through.flatten(), person };
        Ok(Self { application, replaces: replaces.flatten(), canonical })
    }
}

struct Wrong(Vec<FieldError>);

impl Wrong {
    fn take<T>(&mut self, pointer: &str, read: Result<T, impl std::fmt::Display>) -> Option<T> {
        read.map_err(|error| self.0.push(FieldError { pointer: pointer.into(), reason: error.to_string() })).ok()
    }
}

/// What an application got: a field that can be corrected, a refusal, or trouble of the authority's.
pub(super) fn problem_of(error: &IssueError) -> Option<Problem> {
    let plain = || {
        let text = error.to_string();
        text.strip_prefix("refused: ").map_or(text.clone(), str::to_owned)
    };
    let field = |pointer| Some(Problem::of_field(pointer, plain()));
    match error {
        IssueError::Ineligible(why) => Some(Problem::refused().code(why.code()).detail(plain())),
        IssueError::BornAfter { .. } | IssueError::Holder(HolderError::Born { .. }) => field("/holder/born"),
        IssueError::Holder(HolderError::Document | HolderError::DocumentCharacter(_)) => field("/holder/document"),
        IssueError::Holder(_) => field("/holder/name"),
        IssueError::UnknownGround(_) => field("/basis"),
        IssueError::Event(EventError::ThroughMissing(_) | EventError::ThroughNotAsked(_)) => field("/through"),
        IssueError::Event(_) => field("/igg"),
        _ => None,
    }
}

/// `POST /v1/passes/{ref}/revoke`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    suspend: bool,
    #[serde(default)]
    lift: bool,
}

/// What is to be done to a pass, and why. No body is an empty one.
pub(super) fn read_revoke(bytes: &[u8]) -> Result<(Action, Option<String>), Problem> {
    let RevokeBody { reason, suspend, lift } = if bytes.is_empty() { RevokeBody::default() } else { parse(bytes)? };
    let action = match (suspend, lift) {
        (false, false) => Action::Revoke,
        (true, false) => Action::Suspend,
        (false, true) => Action::Lift,
        (true, true) => return Err(Problem::of_field("/lift", "cannot be true together with suspend")),
    };
    let shown = |reason: &String| !reason.is_empty() && reason.len() <= MAX_REASON && reason.chars().all(is_printable);
    if reason.as_ref().is_some_and(|reason| !shown(reason)) {
        return Err(Problem::of_field(
            "/reason",
            format_args!("is not one line of 1 to {MAX_REASON} bytes of plain text"),
        ));
    }
    Ok((action, reason))
}

/// A reference as the register gives it, and in no other spelling.
pub(super) fn pass_reference(text: &str) -> Option<StatusRef> {
    let number = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = plain && (text.len() == 1 || !text.starts_with('0'));
        text.parse().ok().filter(|number| plain && *number <= i64::MAX.cast_unsigned())
    };
    let (list, index) = text.split_once('-')?;
    Some(StatusRef { list: number(list)?, index: number(index)? })
}

/// JSON, and where it does not fit.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(read): Object<T> = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::of_field(&pointer, error.inner())
    })?;
    reader.end().map_err(|error| Problem::of_field("", error))?;
    Ok(read)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.fold(String::new(), |pointer, segment| pointer + "/" + &segment)
}

/// An Idempotency-Key: a string of a structured field (RFC 9651), 1 to 255 characters.
pub(super) fn idempotency_key(value: &str) -> Option<String> {
    let mut inside = value.trim_matches([' ', '\t']).strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut key = String::new();
    while let Some(character) = inside.next() {
        match character {
            '\\' => key.push(inside.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            ' '..='~' => key.push(character),
            _ => return None,
        }
    }
    (1..=255).contains(&key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"basis":"vaccination","on":"2026-11-20",
        "holder":{"name":"Закирова Ильсияр","born":"1984-05-09","document":"80 12 345678"}}"#;

    fn errors(body: &str) -> String {
        match Asked::read(body.as_bytes()) {
            Ok(_) => panic!("{body}"),
            Err(problem) => format!("{problem:?}"),
        }
    }

    #[test]
    fn the_same_request_is_known_again_however_it_is_written() {
        let of = |body: &str| Asked::read(body.as_bytes()).unwrap_or_else(|error| panic!("{error:?}")).canonical;
        let same = r#"{"holder":{"document":"80 12 345678","document_kind":"passport","born":"1984-05-09",
            "name":"\u0417акирова Ильсияр"},"on":"2026-11-20","igg":null,"basis":"vaccination"}"#;
        assert_eq!(of(GOOD), of(same));
        assert_ne!(of(GOOD), of(&GOOD.replace("345678", "345679")));
        assert_ne!(of(GOOD), of(&GOOD.replace("\"on\"", "\"igg\":12.5,\"on\"")));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (body, place) in [
            ("", "pointer: \"\""),
            ("[]", "pointer: \"\""),
            (
                r#"["vaccination","2026-11-20",null,null,{"name":"А","born":"1984-05-09","document":"80 12 345678"}]"#,
                "an object",
            ),
            (&GOOD.replace("{\"name\"", "[{\"name\"").replace("}}", "}]}"), "pointer: \"/holder\""),
            ("{", "EOF"),
            ("\0", "pointer: \"\""),
            ("{}", "missing field `basis`"),
            (&format!("{GOOD}x"), "trailing characters"),
            (&GOOD.replace("\"basis\"", "\"bases\""), "unknown field `bases`"),
            (&GOOD.replace("\"born\"", "\"date\""), "unknown field `date`"),
            (&GOOD.replace("\"on\"", "\"on\":\"2026-11-20\",\"on\""), "duplicate field `on`"),
            (&GOOD.replace("\"1984-05-09\"", "1984"), "pointer: \"/holder/born\""),
            (&GOOD.replace("1984-05-09", "1984-05-32"), "pointer: \"/holder/born\""),
            (&GOOD.replace("2026-11-20", "tomorrow"), "pointer: \"/on\""),
            (&GOOD.replace("\"on\"", "\"igg\":[1],\"on\""), "pointer: \"/igg\""),
            (&GOOD.replace("\"on\"", "\"igg\":-1,\"on\""), "pointer: \"/igg\""),
            (&GOOD.replace("\"on\"", "\"igg\":1e999,\"on\""), "out of range"),
            (&GOOD.replace("\"on\"", "\"through\":\"\",\"on\""), "pointer: \"/through\""),
            (&GOOD.replace("\"on\"", "\"replaces\":\"01-2\",\"on\""), "pointer: \"/replaces\""),
            (&GOOD.replace("\"born\"", "\"document_kind\":\"visa\",\"born\""), "pointer: \"/holder/document_kind\""),
            (&"[".repeat(10_000), "pointer: \"\""),
        ] {
            let said = errors(body);
            assert!(said.contains(place), "{body}: {said}");
        }
        // All at once.
        let said = errors(&GOOD.replace("2026-11-20", "?").replace("1984-05-09", "?"));
        assert!(said.contains("/on") && said.contains("/holder/born"), "{said}");
        assert!(
            Asked::read(b"\xff{}").is_err() && Asked::read(GOOD.replace("on\":\"", "on\":\"\u{0}").as_bytes()).is_err()
        );
    }

    #[test]
    fn a_revocation_is_read_and_so_is_none() {
        assert_eq!(read_revoke(b"").unwrap(), (Action::Revoke, None));
        assert_eq!(
            read_revoke(br#"{"suspend":true,"reason":"lost"}"#).unwrap(),
            (Action::Suspend, Some("lost".into()))
        );
        assert_eq!(read_revoke(br#"{"lift":true}"#).unwrap(), (Action::Lift, None));
        let long = format!("{{\"reason\":\"{}\"}}", "a".repeat(1_001));
        for bad in [
            "{\"suspend\":true,\"lift\":true}",
            "{\"reason\":\"\"}",
            "{\"reason\":\"a\\u0000\"}",
            "null",
            "[]",
            "[\"lost\"]",
            &long,
        ] {
            assert!(read_revoke(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reference_has_one_spelling() {
        assert_eq!(pass_reference("1-0"), Some(StatusRef { list: 1, index: 0 }));
        for bad in ["", "1", "1-", "-1", "01-1", "1-+1", "1-1-1", "1-١", " 1-1", "1-9223372036854775808", "0x1-1"] {
            assert_eq!(pass_reference(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_idempotency_key_is_a_quoted_string() {
        assert_eq!(idempotency_key(r#""8e03978e""#).as_deref(), Some("8e03978e"));
        assert_eq!(idempotency_key(r#" "a \"b\" \\" "#).as_deref(), Some(r#"a "b" \"#));
        let long = format!("\"{}\"", "k".repeat(256));
        for bad in ["", "\"", "\"\"", "8e03978e", r#""a"b""#, r#""a\n""#, r#""a";b"#, "\"é\"", r#""a\""#, &long] {
            assert_eq!(idempotency_key(bad), None, "{bad}");
        }
    }
}
