//! `rules.toml`: who may have a pass, and what passes give, as the authority edits it.

use std::path::Path;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::{Ground, Policy, Term, Zone, parse_day};
use greenlit_core::cbor::Malformed;
use greenlit_core::pass::Class;
use greenlit_core::text::Text;
use greenlit_core::trust::{BenefitKind, Rule, VenueKind};
use greenlit_files::{FileError, Symlinks, read_limited};

/// The rules' name in the authority's folder.
pub const FILE_NAME: &str = "rules.toml";
const MAX_FILE: usize = 1 << 20;

/// The rules that a new authority starts with.
pub const STARTING_RULES: &str = include_str!("../assets/rules-2021-02.toml");

/// Why the rules do not serve.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RulesError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: {why}")]
    Toml { path: String, why: String },
    #[error("{path}: rule \"{rule}\" {why}")]
    Rule { path: String, rule: String, why: Malformed },
    #[error("{path}: rule \"{rule}\" has the date {day}, which is outside the supported dates")]
    Day { path: String, rule: String, day: NaiveDate },
    #[error("{0}: waiting_days must be at most {MAX_WAITING_DAYS}")]
    Waiting(String),
    #[error("{path}: ground \"{ground}\" {why}")]
    Ground { path: String, ground: String, why: GroundError },
}

/// What is wrong with a ground.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum GroundError {
    #[error("needs exactly one of months, days, through, given_months")]
    Term,
    #[error("must last 1 to {MAX_MONTHS} months or 1 to {MAX_DAYS} days, or through a day of this time")]
    Length,
    #[error("has both waiting = false and waiting_days")]
    Waiting,
    #[error("needs a limit igg_above that is a number of 0 or more")]
    Limit,
    #[error("is called like another one")]
    Name,
    #[error("has no name, or one of more than {MAX_GROUND_NAME} bytes")]
    NoName,
    #[error("has class 2, which is for specimens and never green")]
    Specimen,
    #[error("has a last day that {0}")]
    Day(crate::DayError),
}

/// Longest waiting time.
const MAX_WAITING_DAYS: u32 = 366;
/// Longest term of a pass: tills take none that is longer.
const MAX_MONTHS: u32 = 12;
const MAX_DAYS: u32 = 366;
/// What is fixed for everybody is a year that people live in.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2200;
const MAX_GROUND_NAME: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    eligibility: Eligibility,
    #[serde(default)]
    rule: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Eligibility {
    #[serde(default = "first_version")]
    version: u64,
    /// Of every ground that says nothing else.
    #[serde(default)]
    waiting_days: u32,
    /// Without any, those of the region.
    #[serde(default)]
    ground: Vec<FileGround>,
}

fn first_version() -> u64 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGround {
    name: String,
    #[serde(default)]
    also: Vec<String>,
    class: u64,
    months: Option<u32>,
    days: Option<u32>,
    through: Option<String>,
    given_months: Option<u32>,
    waiting: Option<bool>,
    waiting_days: Option<u32>,
    igg_above: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    id: String,
    sites: Vec<String>,
    classes: Vec<u64>,
    kind: String,
    amount: Option<u64>,
    text: std::collections::BTreeMap<String, String>,
    /// First day, in the region.
    from: Option<NaiveDateText>,
    /// Last day, in the region.
    through: Option<NaiveDateText>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct NaiveDateText(NaiveDate);

impl TryFrom<String> for NaiveDateText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("\"{text}\" is not a date such as 2021-12-31"))
    }
}

/// The rules as they go into a bundle, and those of who may have a pass.
pub struct Rules {
    /// Who may have a pass.
    pub policy: Policy,
    /// What goes into a bundle.
    pub rules: Vec<Rule>,
}

impl Rules {
    /// Sites and kinds that no program names yet: new ones, or slips of the pen.
    pub fn unknown_words(&self) -> std::collections::BTreeSet<&str> {
        let sites = self.rules.iter().flat_map(|rule| &rule.sites).map(|site| site.0.as_str());
        let kinds = self.rules.iter().map(|rule| rule.kind.0.as_str());
        let unknown_sites = sites.filter(|site| !VenueKind::KNOWN.contains(site));
        unknown_sites.chain(kinds.filter(|kind| !BenefitKind::KNOWN.contains(kind))).collect()
    }
}

/// Reads `rules.toml`; days count in the region's zone.
pub fn read(folder: &Path, zone: &Zone) -> Result<Rules, RulesError> {
    let path = folder.join(FILE_NAME);
    let bytes = read_limited(&path, MAX_FILE, Symlinks::Follow)?;
    let path = path.display().to_string();
    let not_toml = |why: String| RulesError::Toml { path: path.clone(), why };
    let text = String::from_utf8(bytes).map_err(|_| not_toml("not UTF-8 text".into()))?;
    let file: File = toml::from_str(&text).map_err(|error| not_toml(one_line(&error.to_string())))?;
    let policy = file.eligibility.build(&path)?;
    let rules = file.rule.into_iter().map(|rule| rule.build(&path, zone)).collect::<Result<_, _>>()?;
    Ok(Rules { policy, rules })
}

impl Eligibility {
    fn build(self, path: &str) -> Result<Policy, RulesError> {
        let Self { version, waiting_days, ground } = self;
        let waits = waiting_days <= MAX_WAITING_DAYS;
        if !waits || ground.iter().any(|ground| ground.waiting_days.is_some_and(|days| days > MAX_WAITING_DAYS)) {
            return Err(RulesError::Waiting(path.into()));
        }
        if ground.is_empty() {
            return Ok(Policy { version, ..Policy::region_2021(waiting_days) });
        }
        let mut policy = Policy { version, grounds: Vec::new() };
        for ground in ground {
            let name = ground.name.clone();
            let bad = |why| RulesError::Ground { path: path.into(), ground: name.clone(), why };
            let built = ground.build(waiting_days).map_err(bad)?;
            if std::iter::once(&built.name).chain(&built.also).any(|name| policy.ground(name).is_some()) {
                return Err(bad(GroundError::Name));
            }
            policy.grounds.push(built);
        }
        Ok(policy)
    }
}

impl FileGround {
    fn build(self, waiting_days: u32) -> Result<Ground, GroundError> {
        let is_name = |name: &String| !name.trim().is_empty() && name.len() <= MAX_GROUND_NAME;
        if !is_name(&self.name) || !self.also.iter().all(is_name) {
            return Err(GroundError::NoName);
        }
        let class = Class(self.class);
        if class == Class::SPECIMEN {
            return Err(GroundError::Specimen);
        }
        let term = match (self.months, self.days, self.through.as_deref(), self.given_months) {
            (Some(months), None, None, None) => Term::Months(months),
            (None, Some(days), None, None) => Term::Days(days),
            (None, None, Some(day), None) => Term::Through(parse_day(day).map_err(GroundError::Day)?),
            (None, None, None, Some(longest_months)) => Term::Given { longest_months },
            _ => return Err(GroundError::Term),
        };
        let fits = match term {
            Term::Months(months) | Term::Given { longest_months: months } => (1..=MAX_MONTHS).contains(&months),
            Term::Days(days) => (1..=MAX_DAYS).contains(&days),
            Term::Through(day) => YEARS.contains(&day.year()),
        };
        if !fits {
            return Err(GroundError::Length);
        }
        let waiting_days = match (self.waiting, self.waiting_days) {
            (Some(false), None) => 0,
            (Some(false), Some(_)) => return Err(GroundError::Waiting),
            (_, own) => own.unwrap_or(waiting_days),
        };
        if self.igg_above.is_some_and(|limit| !limit.is_finite() || limit < 0.0) {
            return Err(GroundError::Limit);
        }
        let plain = |name: String| name.trim().nfc().collect::<String>();
        let (name, also) = (plain(self.name), self.also.into_iter().map(plain).collect());
        Ok(Ground { name, also, class, term, waiting_days, igg_above: self.igg_above })
    }
}

/// A TOML error's several lines as one.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl FileRule {
    fn build(self, path: &str, zone: &Zone) -> Result<Rule, RulesError> {
        let id = self.id;
        let bad = |why| RulesError::Rule { path: path.into(), rule: id.clone(), why };
        let midnight = |day: NaiveDate| {
            let missing = RulesError::Day { path: path.into(), rule: id.clone(), day };
            zone.midnight(day).ok_or(missing)
        };
        let from = self.from.map(|day| midnight(day.0)).transpose()?;
        let until = self.through.map(|day| midnight(day.0.succ_opt().unwrap_or(day.0))).transpose()?;
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            return Err(bad(Malformed::Invalid { field: "first and last day", why: "in the wrong order" }));
        }
        // Editors on some systems write accents apart.
        let text: Vec<(String, String)> = self.text.into_iter().map(|(l, words)| (l, words.nfc().collect())).collect();
        Ok(Rule {
            sites: self.sites.iter().map(|site| VenueKind::new(site)).collect::<Result<_, _>>().map_err(bad)?,
            classes: self.classes.into_iter().map(Class).collect(),
            kind: BenefitKind::new(&self.kind).map_err(bad)?,
            amount: self.amount,
            text: Text::new("text", text).map_err(bad)?,
            from,
            until,
            issuers: Vec::new(),
            id: id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_an_authority_starts_with_have_the_region_s_grounds() {
        let file: File = toml::from_str(STARTING_RULES).unwrap();
        assert_eq!(file.eligibility.build("rules.toml").unwrap(), Policy::region_2021(0));
    }
}
