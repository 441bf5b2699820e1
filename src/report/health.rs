//! How a till stands, as plain values with stable names. Looks, and changes nothing.

use clap::ValueEnum;
use serde::{Serialize, Serializer};

use greenlit_core::text::redact_password;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{Freshness, KeyListEntry, TrustState};
use greenlit_sync::store::{Store, StoreError};
use greenlit_words::{Language, health};

use crate::config::failures;
use crate::config::settings::{BadSetting, Setting};
use crate::config::site_file::Diagnostic;
use crate::config::till::{Till, build_date};

/// What `--json` prints. Names and words stay as they are; later versions may add to them.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) version: &'static str,
    pub(crate) state: &'static str,
    pub(crate) exit: u8,
    #[serde(serialize_with = "word")]
    pub(crate) stage: Freshness,
    pub(crate) data_folder: String,
    pub(crate) store: StoreReport,
    pub(crate) anchor: Option<Anchor>,
    pub(crate) root: Option<RootReport>,
    pub(crate) bundle: Option<BundleReport>,
    pub(crate) lists: Vec<ListReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schemes: Option<SchemesReport>,
    pub(crate) clock: Moment,
    pub(crate) clock_floor: Moment,
    pub(crate) name: Option<String>,
    pub(crate) sites: Vec<String>,
    pub(crate) language: String,
    pub(crate) source: Option<String>,
    pub(crate) ca: Option<String>,
    pub(crate) proxy: Option<String>,
    pub(crate) sound: &'static str,
    pub(crate) managed: Vec<&'static str>,
    pub(crate) site_file: Option<String>,
    pub(crate) mistakes: Vec<Told>,
    pub(crate) findings: Vec<SettingFinding>,
    #[serde(skip)]
    pub(crate) urgency: Urgency,
    /// The store could not be read: what is not told is not known.
    #[serde(skip)]
    pub(crate) unread: bool,
    /// The root that the site file names and nobody has trusted yet, for people.
    #[serde(skip)]
    pub(crate) awaited: Option<String>,
}

/// A message: in English for programs, and as people are told it.
#[derive(Debug)]
pub(crate) struct Message {
    english: String,
    pub(crate) told: String,
}

impl Message {
    /// Written once for each language that is needed.
    pub(crate) fn new(language: Language, write: impl Fn(Language) -> String) -> Self {
        Self { english: write(Language::En), told: write(language) }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.english)
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct StoreReport {
    pub(crate) state: &'static str,
    pub(crate) message: Option<Message>,
    pub(crate) damaged_copies: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Anchor {
    pub(crate) authority: String,
    pub(crate) region: String,
    pub(crate) fingerprint: String,
    pub(crate) demo: bool,
}

/// A time as it is told: by its text to people and in JSON, by its seconds to metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(pub(crate) UnixTime);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RootReport {
    pub(crate) number: u64,
    pub(crate) expires: Moment,
}

#[derive(Debug, Serialize)]
pub(crate) struct BundleReport {
    pub(crate) version: u64,
    pub(crate) issued: Moment,
    pub(crate) due: Moment,
    pub(crate) expires: Moment,
}

#[derive(Debug, Serialize)]
pub(crate) struct ListReport {
    pub(crate) id: u64,
    pub(crate) present: bool,
    pub(crate) state: &'static str,
    pub(crate) issued: Option<Moment>,
    pub(crate) stale_after: Option<Moment>,
    pub(crate) unusable_after: Option<Moment>,
}

impl ListReport {
    /// Whether the passes on it cannot be judged.
    pub(crate) fn is_blind(&self) -> bool {
        matches!(self.state, "missing" | "unusable")
    }
}

/// The data for passes that others issue.
#[derive(Debug, Serialize)]
pub(crate) struct SchemesReport {
    pub(crate) version: u64,
    pub(crate) issued: Moment,
    pub(crate) due: Moment,
    pub(crate) expires: Moment,
    pub(crate) rules: usize,
    pub(crate) key_lists: Vec<KeyListReport>,
}

#[derive(Debug, Serialize)]
pub(crate) struct KeyListReport {
    pub(crate) id: u64,
    pub(crate) scheme: &'static str,
    pub(crate) state: &'static str,
    pub(crate) keys: Option<usize>,
    pub(crate) fetched: Moment,
    pub(crate) unusable_after: Moment,
}

impl SchemesReport {
    /// Whether passes of some scheme cannot be judged.
    fn is_blind(&self, now: UnixTime) -> bool {
        now >= self.expires.0 || self.key_lists.iter().any(|list| matches!(list.state, "missing" | "unusable"))
    }
}

/// How much each part wants somebody: 0 not at all, 1 a look, 2 at once, for passes cannot be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Urgency {
    pub(crate) store: u8,
    pub(crate) trust: u8,
    pub(crate) clock: u8,
    pub(crate) settings: u8,
}

impl Urgency {
    fn greatest(self) -> u8 {
        self.store.max(self.trust).max(self.clock).max(self.settings)
    }
}

/// A mistake in the site file.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) code: &'static str,
    pub(crate) line: Option<usize>,
    pub(crate) message: Message,
}

/// A setting that was good once, and is not what it was.
#[derive(Debug, Serialize)]
pub(crate) struct SettingFinding {
    pub(crate) code: &'static str,
    pub(crate) setting: &'static str,
    pub(crate) message: Message,
}

impl SettingFinding {
    /// What is wrong with this value by now, if anything is.
    pub(crate) fn of(setting: Setting, value: &str, language: Language) -> Option<Self> {
        let why = setting.check(value).err()?;
        let code = if let BadSetting::Ca(_) = why { "not-readable" } else { "not-usable" };
        Some(Self {
            code,
            setting: setting.name(),
            message: Message::new(language, |to| failures::bad_setting(&why, to)),
        })
    }
}

impl Report {
    /// Of this till as it is now, told in this language; the authority's words come in the till's.
    pub(crate) fn of(till: &Till, told: Language) -> Self {
        let (store, trust) = look(till, told);
        let language = till.language();
        let site = till.site();
        // Without a store that can be read, what it would say of the root is not known.
        let (awaited, root) = match trust.as_ref().and_then(|trust| site.root_to_trust(trust, &language)) {
            Some(Ok(root)) => (Some(health::root_of(told, root.number, root.authority.get(&language))), None),
            Some(Err(mistake)) => (None, Some(mistake)),
            None => (None, None),
        };
        let tell = |mistake: &Diagnostic| Told {
            code: mistake.wrong.code(),
            line: mistake.line,
            message: Message::new(told, |to| failures::site_file::mistake(&mistake.wrong, to)),
        };
        let mistakes = site.mistakes.iter().chain(&root).map(tell).collect();
        let managed = Setting::value_variants().iter().copied();
        let nothing = TrustState::empty(build_date());
        let ca = till.setting(Setting::Ca);
        let findings = ca.iter().filter_map(|ca| SettingFinding::of(Setting::Ca, ca, told)).collect();
        let mut report =
            Self::new(trust.as_ref().unwrap_or(&nothing), till.now(), &language, store, mistakes, findings);
        report.data_folder = till.folder().display().to_string();
        report.unread = trust.is_none();
        report.name = till.setting(Setting::Name);
        report.sites = till.place().sites.into_iter().map(|site| site.0).collect();
        report.source = till.setting(Setting::Source).map(|source| redact_password(&source));
        report.ca = ca;
        report.proxy = till.setting(Setting::Proxy).as_deref().map(redact_password);
        report.sound = till.sounds().key();
        report.managed = managed.filter(|s| site.setting(*s).is_some()).map(Setting::name).collect();
        report.awaited = awaited;
        report.site_file = site.path().map(|path| path.display().to_string());
        report
    }

    /// Of this trust data at this moment; what only the till itself knows is filled in by the caller.
    pub(crate) fn new(
        trust: &TrustState,
        clock: UnixTime,
        language: &str,
        store: StoreReport,
        mistakes: Vec<Told>,
        findings: Vec<SettingFinding>,
    ) -> Self {
        let stage = trust.age(clock).stage;
        let lists = lists(trust, clock);
        let practice = trust.anchor().is_some_and(|anchor| anchor.demo);
        let schemes = schemes(trust, clock);
        // Greenlit's own passes are judged all the same.
        let blind_to_schemes = schemes.as_ref().is_some_and(|schemes| schemes.is_blind(clock));
        let urgency = Urgency {
            store: u8::from(store.state != "ok"),
            trust: urgency_of_trust(stage, &lists, practice).max(u8::from(blind_to_schemes)),
            clock: if stage == Freshness::ClockBehind { 2 } else { 0 },
            settings: u8::from(!mistakes.is_empty() || !findings.is_empty()),
        };
        let exit = urgency.greatest();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            state: ["ok", "attention", "cannot-judge"].get(usize::from(exit)).copied().unwrap_or_default(),
            exit,
            stage,
            data_folder: String::new(),
            store,
            anchor: trust.anchor().map(|anchor| Anchor {
                authority: anchor.authority.get(language).to_owned(),
                region: anchor.region.clone(),
                fingerprint: anchor.fingerprint().to_string(),
                demo: anchor.demo,
            }),
            root: trust.newest_root().map(|root| RootReport { number: root.number, expires: Moment(root.expires) }),
            bundle: trust.bundle().map(|bundle| BundleReport {
                version: bundle.version,
                issued: Moment(bundle.issued),
                due: Moment(trust.due().unwrap_or(bundle.soft_expiry)),
                expires: Moment(trust.stops().unwrap_or(bundle.hard_expiry)),
            }),
            lists,
            schemes,
            clock: Moment(clock),
            clock_floor: Moment(trust.clock_floor()),
            name: None,
            sites: Vec::new(),
            language: language.to_owned(),
            source: None,
            ca: None,
            proxy: None,
            sound: "",
            managed: Vec::new(),
            site_file: None,
            mistakes,
            findings,
            urgency,
            unread: false,
            awaited: None,
        }
    }
}

/// The store as it is, and what still holds of it; `None` where that is not known.
fn look(till: &Till, language: Language) -> (StoreReport, Option<TrustState>) {
    let failed = |error: &StoreError| (error.code(), Some(Message::new(language, |to| failures::store(error, to))));
    let ((state, message), trust) = match till.examined() {
        Ok(None) => (("none", None), Some(TrustState::empty(build_date()))),
        // What is whole may still be such that the next sync cannot be kept.
        Ok(Some(cached)) if cached.dropped.is_empty() => {
            (till.check_store_use().map_or_else(|error| failed(&error), |()| ("ok", None)), Some(cached.trust))
        }
        Ok(Some(cached)) => {
            let ignored = |to| {
                let why: Vec<String> = cached.dropped.iter().map(|why| failures::import(why, to)).collect();
                health::ignored(to, why.join("; "))
            };
            (("altered", Some(Message::new(language, ignored))), Some(cached.trust))
        }
        Err(error) => (failed(&error), None),
    };
    (StoreReport { state, message, damaged_copies: Store::quarantined_copies(till.folder()) }, trust)
}

fn word<S: Serializer>(stage: &Freshness, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(stage.as_str())
}

fn lists(trust: &TrustState, clock: UnixTime) -> Vec<ListReport> {
    let now = clock.max(trust.clock_floor());
    let all = trust.bundle().map(|bundle| bundle.lists.as_slice()).unwrap_or_default();
    all.iter()
        .map(|entry| match trust.list(entry.id) {
            Some((list, entry)) => {
                let stale = list.issued().plus(entry.soft_age);
                let unusable = list.unusable_at(entry);
                let state = match now {
                    now if now >= unusable => "unusable",
                    now if now >= stale => "stale",
                    _ => "fresh",
                };
                ListReport {
                    id: entry.id,
                    present: true,
                    state,
                    issued: Some(Moment(list.issued())),
                    stale_after: Some(Moment(stale.min(unusable))),
                    unusable_after: Some(Moment(unusable)),
                }
            }
            None => ListReport {
                id: entry.id,
                present: false,
                state: "missing",
                issued: None,
                stale_after: None,
                unusable_after: None,
            },
        })
        .collect()
}

fn schemes(trust: &TrustState, clock: UnixTime) -> Option<SchemesReport> {
    let (bundle, now) = (trust.scheme_bundle()?, clock.max(trust.clock_floor()));
    let list = |entry: &KeyListEntry| {
        let held = trust.key_list(entry.id);
        let unusable = entry.unusable_at();
        let state = match held {
            None => "missing",
            Some(_) if now >= unusable => "unusable",
            Some(_) if now >= entry.stale_at() => "stale",
            Some(_) => "fresh",
        };
        KeyListReport {
            id: entry.id,
            scheme: entry.scheme.as_str(),
            state,
            keys: held.map(|(list, _)| list.body().keys.len()),
            fetched: Moment(entry.fetched),
            unusable_after: Moment(unusable),
        }
    };
    Some(SchemesReport {
        version: bundle.version,
        issued: Moment(bundle.issued),
        due: Moment(bundle.soft_expiry),
        expires: Moment(bundle.hard_expiry),
        rules: bundle.rules.len(),
        key_lists: bundle.key_lists.iter().map(list).collect(),
    })
}

/// 2 if passes cannot be judged, those of one list among them; 1 if somebody should look. A list that
/// is only stale raises no alarm: between two publications every list becomes that.
fn urgency_of_trust(stage: Freshness, lists: &[ListReport], practice: bool) -> u8 {
    match stage {
        Freshness::None | Freshness::Expired | Freshness::ClockBehind => 2,
        _ if lists.iter().any(ListReport::is_blind) => 2,
        Freshness::Soon | Freshness::Stale => 1,
        Freshness::Fresh => u8::from(practice),
    }
}

/// The stage for people: what it means, and what to do.
pub(crate) fn words(report: &Report, language: Language) -> String {
    let is_practice = report.anchor.as_ref().is_some_and(|anchor| anchor.demo);
    health::freshness(report.stage, report.unread, is_practice, language)
}

#[cfg(test)]
mod tests {
    use greenlit_core::trust::DUE_SOON;

    use super::*;
    use crate::cli::demo;
    use crate::config::till::Till;

    fn well() -> StoreReport {
        StoreReport { state: "ok", message: None, damaged_copies: Vec::new() }
    }

    #[test]
    fn the_stage_follows_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("demo");
        demo::make(&folder).unwrap();
        let till = Till::practice(folder.join("till"));
        let trust = demo::believe(&folder, &till).unwrap();
        let bundle = trust.bundle().unwrap();
        let (soft, hard, floor) = (bundle.soft_expiry, bundle.hard_expiry, trust.clock_floor());
        let list_ends = trust.list(1).map(|(list, entry)| list.unusable_at(entry)).unwrap();
        assert!(soft < list_ends && list_ends < hard);
        for (clock, stage, word, exit) in [
            (floor.minus(301), Freshness::ClockBehind, "clock-behind", 2),
            // Fresh, and for practice alone: somebody should look.
            (floor.minus(300), Freshness::Fresh, "fresh", 1),
            (soft.minus(DUE_SOON + 1), Freshness::Fresh, "fresh", 1),
            (soft.minus(DUE_SOON), Freshness::Soon, "soon", 1),
            (soft.minus(1), Freshness::Soon, "soon", 1),
            (soft, Freshness::Stale, "stale", 1),
            (list_ends.minus(1), Freshness::Stale, "stale", 1),
            (list_ends, Freshness::Stale, "stale", 2),
            (hard.minus(1), Freshness::Stale, "stale", 2),
            (hard, Freshness::Expired, "expired", 2),
        ] {
            let report = Report::new(&trust, clock, "ru", well(), Vec::new(), Vec::new());
            assert_eq!((report.stage, report.exit), (stage, exit), "{clock}");
            assert_eq!(serde_json::to_value(&report).unwrap()["stage"], word);
            assert_eq!(report.stage.as_str(), word);
        }
        let now = floor;
        let broken = StoreReport { state: "altered", ..well() };
        assert_eq!(Report::new(&trust, now, "ru", broken, Vec::new(), Vec::new()).state, "attention");
        let mistake = Told { code: "syntax", line: None, message: Message::new(Language::En, |_| String::new()) };
        assert_eq!(Report::new(&trust, now, "ru", well(), vec![mistake], Vec::new()).exit, 1);
        let nothing = TrustState::empty(floor);
        let report = Report::new(&nothing, now, "ru", well(), Vec::new(), Vec::new());
        assert_eq!((report.stage, report.state), (Freshness::None, "cannot-judge"));
    }
}
