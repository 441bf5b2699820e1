//! `greenlit status`: how this till stands, for whoever looks after many of them. Changes nothing.

mod report;

use std::io::{self, Write};
use std::process::ExitCode;

use greenlit_core::text::redact_password;
use greenlit_core::trust::TrustState;
use greenlit_sync::store::{Store, StoreError};

use crate::cli::Outcome;
use crate::config::diagnostic::printable;
use crate::config::settings::Setting;
use crate::config::site_file::Diagnostic;
use crate::config::till::{Till, build_date};
use report::{Report, SettingFinding, StoreReport, Told, words};

/// Show the health of this till: trust data and its age, store, site file.
///
/// Exit status: 0 if all is well, 1 if the trust data needs updating now or within 48 hours,
/// or something else needs attention, 2 if passes cannot be checked.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let (store, trust) = look(till);
    let report = report(till, store, trust.as_ref());
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        write_text(&mut out, &report)?;
    }
    out.flush()?;
    Ok(ExitCode::from(report.exit))
}

/// The store as it is, and what still holds of it; `None` where that is not known.
fn look(till: &Till) -> (StoreReport, Option<TrustState>) {
    let failed = |error: &StoreError| (error.code(), Some(error.to_string()));
    let ((state, message), trust) = match till.examined() {
        Ok(None) => (("none", None), Some(TrustState::empty(build_date()))),
        // What is whole may still be such that the next sync cannot be kept.
        Ok(Some(cached)) if cached.dropped.is_empty() => {
            (till.check_store_use().map_or_else(|error| failed(&error), |()| ("ok", None)), Some(cached.trust))
        }
        Ok(Some(cached)) => {
            let why: Vec<String> = cached.dropped.iter().map(ToString::to_string).collect();
            (("altered", Some(format!("ignored: {}; run `greenlit sync`", why.join("; ")))), Some(cached.trust))
        }
        Err(error) => (failed(&error), None),
    };
    (StoreReport { state, message, damaged_copies: Store::quarantined_copies(till.folder()) }, trust)
}

fn report(till: &Till, store: StoreReport, trust: Option<&TrustState>) -> Report {
    let language = till.language();
    let site = till.site();
    // Without a store that can be read, what it would say of the root is not known.
    let (awaited, root) = match trust.and_then(|trust| site.root_to_trust(trust, &language)) {
        Some(Ok(root)) => (Some(format!("root {} of {}", root.number, root.authority.get(&language))), None),
        Some(Err(mistake)) => (None, Some(mistake)),
        None => (None, None),
    };
    let tell = |mistake: &Diagnostic| Told {
        code: mistake.wrong.code(),
        line: mistake.line,
        message: mistake.wrong.to_string(),
    };
    let mistakes = site.mistakes.iter().chain(&root).map(tell).collect();
    let managed = [Setting::Sites, Setting::Language, Setting::Source, Setting::Ca, Setting::Proxy, Setting::Sound];
    let nothing = TrustState::empty(build_date());
    let ca = till.setting(Setting::Ca);
    let findings = ca.iter().filter_map(|ca| SettingFinding::of(Setting::Ca, ca)).collect();
    let mut report = Report::new(trust.unwrap_or(&nothing), till.now(), &language, store, mistakes, findings);
    report.data_folder = till.folder().display().to_string();
    report.unread = trust.is_none();
    report.sites = till.place().sites.into_iter().map(|site| site.0).collect();
    report.source = till.setting(Setting::Source).map(|source| redact_password(&source));
    report.ca = ca;
    report.proxy = till.setting(Setting::Proxy).as_deref().map(redact_password);
    report.sound = till.sounds().key();
    report.managed = managed.into_iter().filter(|s| site.setting(*s).is_some()).map(Setting::name).collect();
    report.awaited = awaited;
    report.site_file = site.path().map(|path| path.display().to_string());
    report
}

fn write_text(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "greenlit {}: {}", report.version, report.state)?;
    writeln!(out, "data folder: {}", printable(&report.data_folder))?;
    match &report.store.message {
        None => writeln!(out, "store: {}", report.store.state)?,
        Some(message) => writeln!(out, "store: {}: {}", report.store.state, printable(message))?,
    }
    for copy in &report.store.damaged_copies {
        writeln!(out, "  damaged copy set aside: {copy}")?;
    }
    match (&report.anchor, &report.root) {
        (Some(anchor), Some(root)) => {
            let demo = if anchor.demo { " · DEMO, practice only" } else { "" };
            writeln!(out, "trusted: {} ({}){demo}", anchor.authority, anchor.region)?;
            writeln!(out, "  fingerprint {}", anchor.fingerprint)?;
            writeln!(out, "  root {}, expires {}", root.number, root.expires)?;
        }
        _ => match &report.awaited {
            Some(root) => {
                writeln!(out, "trusted: no authority yet; the next check or sync will trust {root} from the site file")?
            }
            None if report.unread => writeln!(out, "trusted: unknown, because the store cannot be read")?,
            None => writeln!(out, "trusted: no authority yet; run `greenlit trust add ROOT`")?,
        },
    }
    writeln!(out, "stage: {}: {}", report.stage.as_str(), words(report))?;
    if let Some(bundle) = &report.bundle {
        writeln!(out, "trust data: version {}, made {}", bundle.version, bundle.issued)?;
        writeln!(out, "  update due {}, expires {}", bundle.due, bundle.expires)?;
    }
    for list in &report.lists {
        match (&list.issued, &list.unusable_after) {
            (Some(issued), Some(until)) => {
                writeln!(out, "  status list {}: {}, made {issued}, usable until {until}", list.id, list.state)?;
            }
            _ => writeln!(out, "  status list {}: {}; run `greenlit sync`", list.id, list.state)?,
        }
    }
    writeln!(out, "clock: {}, earliest possible {}", report.clock, report.clock_floor)?;
    let file = report.site_file.as_deref().map(printable);
    let from = |name: &str| match &file {
        Some(file) if report.managed.contains(&name) => format!(" (from {file})"),
        _ => String::new(),
    };
    let not_set = if report.unread { "(not known)" } else { "(not set)" };
    let sites = if report.sites.is_empty() { not_set.into() } else { report.sites.join(",") };
    writeln!(out, "sites: {sites}{}", from("sites"))?;
    writeln!(out, "language: {}{}", report.language, from("language"))?;
    writeln!(out, "source: {}{}", printable(report.source.as_deref().unwrap_or(not_set)), from("source"))?;
    for (name, value) in [("ca", &report.ca), ("proxy", &report.proxy)] {
        if let (Some(value), Some(file)) = (value, &file) {
            writeln!(out, "{name}: {} (from {file})", printable(value))?;
        }
    }
    for finding in &report.findings {
        writeln!(out, "{}: {}", finding.setting, printable(&finding.message))?;
    }
    writeln!(out, "sound: {}{}", report.sound, from("sound"))?;
    let Some(file) = &file else { return writeln!(out, "site file: none") };
    writeln!(out, "site file: {file}")?;
    report.mistakes.iter().try_for_each(|mistake| {
        let line = mistake.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        writeln!(out, "  {line}{}", printable(&mistake.message))
    })
}
