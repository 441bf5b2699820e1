//! `schemes/rules.toml`: what passes of other schemes give, as the authority edits it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use greenlit_core::cbor::Malformed;
use greenlit_core::scheme::Scheme;
use greenlit_core::text::{Text, check_printable};
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{AGE, BenefitKind, Condition, ISSUED, SchemeRule, Test, VenueKind, limits};
use greenlit_files::{FileError, Symlinks, read_limited};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use unicode_normalization::UnicodeNormalization;

use super::known::{facts, kinds, meant, question};
use super::material::shown;
use super::{FOLDER, KeySource};
use crate::Zone;
use crate::rules::one_line;

/// The rules' name in `schemes/`.
pub const RULES_FILE: &str = "rules.toml";
const MAX_FILE: usize = 1 << 20;
/// Nobody is older, and who certainly is no more is everybody.
const MAX_AGE: u64 = 150;
/// Some hundred years.
const MAX_HOURS: u64 = 1_000_000;

const KEYS: [&str; 11] =
    ["id", "sites", "scheme", "kind", "amount", "text", "from", "through", "issuers", "kinds", "conditions"];
const TESTS: [&str; 6] = ["one_of", "at_least", "at_most", "no_less_than", "hours_ago_at_least", "hours_ago_at_most"];

/// What is wrong with the rules, and in which line.
#[derive(Debug, thiserror::Error)]
#[error("{path}, line {line}: {fault}", path = .path.display())]
pub struct RuleMistake {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: RuleFault,
}

/// What is wrong with a rule.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RuleFault {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("not UTF-8 text")]
    NotText,
    #[error("{0}")]
    Syntax(String),
    #[error("unknown key \"{key}\"{}", question(*.meant))]
    UnknownKey { key: String, meant: Option<&'static str> },
    #[error("{key} is to be {wanted}")]
    Kind { key: &'static str, wanted: &'static str },
    #[error("the rule has no {0}")]
    Missing(&'static str),
    #[error("unknown scheme \"{word}\"{}; known are {}", question(*.meant), Scheme::ALL.map(Scheme::as_str).join(", "))]
    Scheme { word: String, meant: Option<&'static str> },
    #[error("a rule before it has the id \"{0}\" too; each needs one of its own")]
    Twice(String),
    #[error("{0}")]
    Value(Malformed),
    #[error("\"{0}\" is not a date such as 2026-12-31")]
    Date(String),
    #[error("the date {0} is outside the supported dates")]
    Day(NaiveDate),
    #[error("the first day is after the last")]
    Order,
    #[error("amount is at most {0} here")]
    Amount(u64),
    #[error("{key} has more than {most}")]
    TooMany { key: &'static str, most: usize },
    #[error("a condition says what the fact must be, as in {fact} = {{ one_of = [\"…\"] }}")]
    NoTest { fact: String },
    #[error("unknown test \"{word}\"{}; known are {}", question(*.meant), TESTS.join(", "))]
    Test { word: String, meant: Option<&'static str> },
    #[error("age can be asked with at_least and at_most alone, of up to {MAX_AGE} years")]
    Age,
    #[error("issued can be asked with hours_ago_at_least and hours_ago_at_most alone")]
    Issued,
    #[error("up to {MAX_HOURS} hours can be asked about")]
    Hours,
    #[error("there are more than {} rules", limits::MAX_RULES)]
    TooManyRules,
}

/// The rules, and what may be slips of the pen in them.
#[derive(Debug, Default)]
pub struct SchemeRules {
    /// What goes into a scheme bundle.
    pub rules: Vec<SchemeRule>,
    /// Words that no program knows, by lines: a later one may, and until then such a rule gives nothing.
    pub unknown: Vec<String>,
}

/// Reads the rules, none where there is no file; days count in the region's zone. `sources` are the key lists, whose
/// issuers rules name.
///
/// # Errors
/// The first mistake, with its line.
pub fn read_rules(authority: &Path, zone: &Zone, sources: &[KeySource]) -> Result<SchemeRules, RuleMistake> {
    let path = authority.join(FOLDER).join(RULES_FILE);
    let at = |line, fault| RuleMistake { path: path.clone(), line, fault };
    let bytes = match read_limited(&path, MAX_FILE, Symlinks::Follow) {
        Ok(bytes) => bytes,
        Err(FileError::NotFound(_)) => return Ok(SchemeRules::default()),
        Err(error) => return Err(at(0, error.into())),
    };
    let text = String::from_utf8(bytes).map_err(|_| at(1, RuleFault::NotText))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    parse(text, zone, sources).map_err(|Mistake { at: place, fault }| at(line_at(text, place), fault))
}

/// The number of the line that holds this byte.
fn line_at(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// A fault, and the byte where it stands.
struct Mistake {
    at: usize,
    fault: RuleFault,
}

type Outcome<T> = Result<T, Mistake>;
type Value<'v> = Spanned<DeValue<'v>>;

fn wrong<T>(at: usize, fault: RuleFault) -> Outcome<T> {
    Err(Mistake { at, fault })
}

fn parse(text: &str, zone: &Zone, sources: &[KeySource]) -> Outcome<SchemeRules> {
    let table = DeTable::parse(text).map_err(|error| Mistake {
        at: error.span().map_or(0, |span| span.start),
        fault: RuleFault::Syntax(one_line(error.message())),
    })?;
    let mut rules = SchemeRules::default();
    for (key, value) in table.get_ref() {
        let at = key.span().start;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("rule", DeValue::Array(all)) => {
                if all.len() > limits::MAX_RULES {
                    return wrong(at, RuleFault::TooManyRules);
                }
                for one in all {
                    let DeValue::Table(table) = one.get_ref() else {
                        return wrong(at, RuleFault::Kind { key: "rule", wanted: "a table: [[rule]]" });
                    };
                    let mut reader = Reader { text, zone, sources, at: one.span().start, unknown: &mut rules.unknown };
                    let rule = reader.rule(table)?;
                    if rules.rules.iter().any(|other| other.id == rule.id) {
                        return wrong(one.span().start, RuleFault::Twice(rule.id));
                    }
                    rules.rules.push(rule);
                }
            }
            ("rule", _) => return wrong(at, RuleFault::Kind { key: "rule", wanted: "a table: [[rule]]" }),
            (other, _) => {
                return wrong(at, RuleFault::UnknownKey { key: shown(other), meant: meant(other, ["rule"]) });
            }
        }
    }
    Ok(rules)
}

/// Of one rule.
struct Reader<'r> {
    text: &'r str,
    zone: &'r Zone,
    sources: &'r [KeySource],
    /// Where the rule begins.
    at: usize,
    unknown: &'r mut Vec<String>,
}

impl Reader<'_> {
    fn rule(&mut self, table: &DeTable<'_>) -> Outcome<SchemeRule> {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !KEYS.contains(&word) {
                let fault = RuleFault::UnknownKey { key: shown(word), meant: meant(word, KEYS) };
                return wrong(key.span().start, fault);
            }
        }
        let get = |key: &'static str| table.get(key);
        let need = |key: &'static str| get(key).ok_or(Mistake { at: self.at, fault: RuleFault::Missing(key) });
        let id = name("id", need("id")?)?;
        let (scheme_at, word) = (need("scheme")?.span().start, name("scheme", need("scheme")?)?);
        let scheme = Scheme::parse(&word).ok_or_else(|| Mistake {
            at: scheme_at,
            fault: RuleFault::Scheme { meant: meant(&word, Scheme::ALL.map(Scheme::as_str)), word: shown(&word) },
        })?;
        let kind = need("kind")?;
        let kind = BenefitKind::new(&name("kind", kind)?).map_err(at(kind))?;
        let sites_value = need("sites")?;
        let sites = names("sites", sites_value, 64)?;
        let sites: Vec<VenueKind> =
            sites.iter().map(|site| VenueKind::new(site)).collect::<Result<_, _>>().map_err(at(sites_value))?;
        let text = words(need("text")?)?;
        let amount = match get("amount") {
            None => None,
            Some(value) => Some(amount(&kind, value)?),
        };
        let issuers = get("issuers").map(|value| names("issuers", value, limits::MAX_RULE_ISSUERS)).transpose()?;
        let kinds = get("kinds").map(|value| names("kinds", value, limits::MAX_RULE_KINDS)).transpose()?;
        let (from, until) = self.period(table)?;
        let (issuers, kinds) = (issuers.unwrap_or_default(), kinds.unwrap_or_default());
        let conditions = self.conditions(scheme, get("conditions"))?;
        let rule = SchemeRule { id, sites, scheme, kind, amount, text, from, until, issuers, kinds, conditions };
        self.note_unknown(&rule);
        Ok(rule)
    }

    /// From the first moment of the first day until the last one of the last.
    fn period(&self, table: &DeTable<'_>) -> Outcome<(Option<UnixTime>, Option<UnixTime>)> {
        let day =
            |key: &'static str| table.get(key).map(|value| Ok((value.span().start, date(key, value)?))).transpose();
        let midnight =
            |at: usize, day: NaiveDate| self.zone.midnight(day).ok_or(Mistake { at, fault: RuleFault::Day(day) });
        let from = day("from")?.map(|(at, day)| midnight(at, day)).transpose()?;
        let through = day("through")?;
        let until = through.map(|(at, day)| midnight(at, day.succ_opt().unwrap_or(day))).transpose()?;
        match (from, until, through) {
            (Some(from), Some(until), Some((at, _))) if from >= until => wrong(at, RuleFault::Order),
            _ => Ok((from, until)),
        }
    }

    fn conditions(&mut self, scheme: Scheme, value: Option<&Value<'_>>) -> Outcome<Vec<Condition>> {
        let Some(value) = value else { return Ok(Vec::new()) };
        let DeValue::Table(table) = value.get_ref() else {
            let wanted = "a table: conditions.item = { one_of = [\"42\"] }";
            return wrong(value.span().start, RuleFault::Kind { key: "conditions", wanted });
        };
        let mut conditions = Vec::new();
        for (key, tests) in table {
            let (at, fact) = (key.span().start, key.get_ref().as_ref());
            check_printable("fact", fact, limits::MAX_NAME_BYTES)
                .map_err(|why| Mistake { at, fault: RuleFault::Value(why) })?;
            self.note_unknown_fact(at, scheme, fact);
            let DeValue::Table(tests) = tests.get_ref() else {
                return wrong(at, RuleFault::NoTest { fact: shown(fact) });
            };
            if tests.is_empty() {
                return wrong(at, RuleFault::NoTest { fact: shown(fact) });
            }
            for (word, value) in tests {
                let test = test(fact, word, value)?;
                if let Test::NoLessThan(other) = &test {
                    self.note_unknown_fact(value.span().start, scheme, other);
                }
                conditions.push(Condition { fact: fact.to_owned(), test });
            }
        }
        if conditions.len() > limits::MAX_CONDITIONS {
            return wrong(value.span().start, RuleFault::TooMany { key: "conditions", most: limits::MAX_CONDITIONS });
        }
        Ok(conditions)
    }

    fn note_unknown_fact(&mut self, at: usize, scheme: Scheme, fact: &str) {
        if !facts(scheme).contains(&fact) {
            let (near, fact) = (question(meant(fact, facts(scheme))), shown(fact));
            self.note(at, &format!("{scheme} passes have no fact \"{fact}\" that this version knows{near}"));
        }
    }

    /// Issuers, kinds and places that nothing knows: a rule for them is in force and gives nothing.
    fn note_unknown(&mut self, rule: &SchemeRule) {
        let (at, scheme) = (self.at, rule.scheme);
        let lists = || self.sources.iter().filter(move |source| source.body.scheme == scheme);
        let known: BTreeSet<&str> =
            lists().flat_map(|source| source.body.issuers.iter()).map(|(id, _)| id.as_str()).collect();
        let mut said = Vec::new();
        if lists().next().is_none() {
            said.push(format!("there is no key list of {scheme}, so no pass of it is looked at"));
        } else {
            let unknown = rule.issuers.iter().filter(|issuer| !known.contains(issuer.as_str()));
            said.extend(unknown.map(|issuer| {
                let near = question(meant(issuer, known.iter().copied()));
                format!("no key list of {scheme} has the issuer \"{issuer}\"{near}")
            }));
        }
        let kinds = kinds(scheme);
        let unknown = rule.kinds.iter().filter(|kind| !kinds.contains(&kind.as_str()));
        said.extend(unknown.map(|kind| {
            let whole = format!("{scheme}/{kind}");
            let same = kinds.iter().copied().find(|known| *known == whole);
            let near = question(same.or_else(|| meant(kind, kinds.iter().copied())));
            format!("{scheme} has no kind of pass \"{kind}\" that this version knows{near}")
        }));
        let unknown = rule.sites.iter().map(|site| site.0.as_str()).filter(|site| !VenueKind::KNOWN.contains(site));
        said.extend(
            unknown.map(|site| format!("unknown type of place \"{site}\"{}", question(meant(site, VenueKind::KNOWN)))),
        );
        let kind = Some(rule.kind.0.as_str()).filter(|kind| !BenefitKind::KNOWN.contains(kind));
        said.extend(
            kind.map(|kind| format!("unknown type of benefit \"{kind}\"{}", question(meant(kind, BenefitKind::KNOWN)))),
        );
        said.iter().for_each(|said| self.note(at, &format!("rule \"{}\": {said}", rule.id)));
    }

    fn note(&mut self, at: usize, said: &str) {
        self.unknown.push(format!("{FOLDER}/{RULES_FILE}, line {}: {said}", line_at(self.text, at)));
    }
}

/// What a fact must be, by one test.
fn test(fact: &str, word: &Spanned<Cow<'_, str>>, value: &Value<'_>) -> Outcome<Test> {
    let at = word.span().start;
    let hours = |key| match number(key, value)? {
        hours if hours <= MAX_HOURS => Ok(hours),
        _ => wrong(at, RuleFault::Hours),
    };
    let test = match word.get_ref().as_ref() {
        "one_of" => Test::OneOf(values(value)?),
        "at_least" => Test::AtLeast(number("at_least", value)?),
        "at_most" => Test::AtMost(number("at_most", value)?),
        "no_less_than" => Test::NoLessThan(name("no_less_than", value)?),
        "hours_ago_at_least" => Test::HoursAgoAtLeast(hours("hours_ago_at_least")?),
        "hours_ago_at_most" => Test::HoursAgoAtMost(hours("hours_ago_at_most")?),
        other => return wrong(at, RuleFault::Test { word: shown(other), meant: meant(other, TESTS) }),
    };
    match (fact, &test) {
        (AGE, Test::AtLeast(years) | Test::AtMost(years)) if *years <= MAX_AGE => Ok(test),
        (AGE, _) => wrong(at, RuleFault::Age),
        (ISSUED, Test::HoursAgoAtLeast(_) | Test::HoursAgoAtMost(_)) => Ok(test),
        (ISSUED, _) => wrong(at, RuleFault::Issued),
        _ => Ok(test),
    }
}

/// Percent, or days.
fn amount(kind: &BenefitKind, value: &Value<'_>) -> Outcome<u64> {
    let amount = number("amount", value)?;
    if amount > kind.most() { wrong(value.span().start, RuleFault::Amount(kind.most())) } else { Ok(amount) }
}

fn at(value: &Value<'_>) -> impl Fn(Malformed) -> Mistake + use<> {
    let at = value.span().start;
    move |why| Mistake { at, fault: RuleFault::Value(why) }
}

fn name(key: &'static str, value: &Value<'_>) -> Outcome<String> {
    let DeValue::String(text) = value.get_ref() else {
        return wrong(value.span().start, RuleFault::Kind { key, wanted: "a text" });
    };
    // Editors on some systems write accents apart.
    let text: String = text.nfc().collect();
    check_printable(key, &text, limits::MAX_NAME_BYTES).map_err(at(value))?;
    Ok(text)
}

fn names(key: &'static str, value: &Value<'_>, most: usize) -> Outcome<Vec<String>> {
    let start = value.span().start;
    let DeValue::Array(all) = value.get_ref() else {
        return wrong(start, RuleFault::Kind { key, wanted: "a list of texts" });
    };
    match all.len() {
        0 => wrong(start, RuleFault::Kind { key, wanted: "a list of one text or more, or left out" }),
        length if length > most => wrong(start, RuleFault::TooMany { key, most }),
        _ => all.iter().map(|one| name(key, one)).collect(),
    }
}

/// Texts, or numbers that are meant as they are written.
fn values(value: &Value<'_>) -> Outcome<Vec<String>> {
    let start = value.span().start;
    let kind = RuleFault::Kind { key: "one_of", wanted: "a list of one text or number or more" };
    let DeValue::Array(all) = value.get_ref() else { return wrong(start, kind) };
    if all.is_empty() {
        return wrong(start, kind);
    }
    if all.len() > limits::MAX_VALUES {
        return wrong(start, RuleFault::TooMany { key: "one_of", most: limits::MAX_VALUES });
    }
    let one = |value: &Value<'_>| match value.get_ref() {
        DeValue::Integer(_) => number("one_of", value).map(|number| number.to_string()),
        _ => name("one_of", value),
    };
    all.iter().map(one).collect()
}

fn number(key: &'static str, value: &Value<'_>) -> Outcome<u64> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    number.ok_or(Mistake { at: value.span().start, fault: RuleFault::Kind { key, wanted: "a number of 0 or more" } })
}

/// A text such as "2026-12-31", or TOML's own date.
fn date(key: &'static str, value: &Value<'_>) -> Outcome<NaiveDate> {
    let start = value.span().start;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => return wrong(start, RuleFault::Kind { key, wanted: "a date such as \"2026-12-31\"" }),
    };
    text.parse().map_err(|_| Mistake { at: start, fault: RuleFault::Date(shown(&text)) })
}

fn words(value: &Value<'_>) -> Outcome<Text> {
    let start = value.span().start;
    let kind = || RuleFault::Kind { key: "text", wanted: "a text for each language, as in text = { en = \"…\" }" };
    let DeValue::Table(table) = value.get_ref() else { return wrong(start, kind()) };
    let mut all = Vec::new();
    for (language, words) in table {
        let DeValue::String(words) = words.get_ref() else { return wrong(language.span().start, kind()) };
        all.push((language.get_ref().to_string(), words.nfc().collect::<String>()));
    }
    Text::new("text", all).map_err(at(value))
}
