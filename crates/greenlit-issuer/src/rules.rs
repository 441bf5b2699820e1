//! `rules.toml`: what passes give, as the authority edits it.

use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::{Terms, Zone};
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
    #[error("{0}: waiting_days must be at most 366")]
    Waiting(String),
}

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
    #[serde(default)]
    waiting_days: u32,
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

/// The rules as they go into a bundle, and the terms of issuing.
pub struct Rules {
    /// The terms of issuing.
    pub terms: Terms,
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
    if file.eligibility.waiting_days > 366 {
        return Err(RulesError::Waiting(path));
    }
    let rules = file.rule.into_iter().map(|rule| rule.build(&path, zone)).collect::<Result<_, _>>()?;
    Ok(Rules { terms: Terms { waiting_days: file.eligibility.waiting_days, zone: zone.clone() }, rules })
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
