//! `greenlit status`: how this till stands, for whoever looks after many of them. Changes nothing.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_files::{IfExists, write_atomic};
use greenlit_words::terminal::answers;
use greenlit_words::{Language, health};

use crate::cli::Outcome;
use crate::config::diagnostic::{language, printable};
use crate::config::till::Till;
use crate::report::health::{Report, words};
use crate::report::openmetrics;

/// Show the health of this till: trust data and its age, store, site file.
///
/// Exit status: 0 if all is well, 1 if the trust data needs updating now or within 48 hours,
/// or something else needs attention, 2 if passes cannot be checked.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Write it as metrics into this file, for the textfile collector of node_exporter; print nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    openmetrics: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let language = language();
    let report = Report::of(till, language);
    if let Some(file) = &args.openmetrics {
        // Read by another user's program; nothing in it is anybody's secret.
        write_atomic(file, openmetrics::text(&report).as_bytes(), 0o644, IfExists::Replace)?;
        return Ok(ExitCode::from(report.exit));
    }
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        write_text(&mut out, &report, language)?;
    }
    out.flush()?;
    Ok(ExitCode::from(report.exit))
}

fn write_text(out: &mut impl Write, report: &Report, language: Language) -> io::Result<()> {
    writeln!(out, "greenlit {}: {}", report.version, report.state)?;
    writeln!(out, "{}", health::data_folder(language, printable(&report.data_folder)))?;
    let store = health::store(language, report.store.state);
    match &report.store.message {
        None => writeln!(out, "{store}")?,
        Some(message) => writeln!(out, "{store}: {}", printable(&message.told))?,
    }
    for copy in &report.store.damaged_copies {
        writeln!(out, "  {}", health::damaged_copy(language, copy))?;
    }
    write_trust(out, report, language)?;
    writeln!(out, "{}", health::clock(language, report.clock, report.clock_floor))?;
    write_settings(out, report, language)
}

fn write_trust(out: &mut impl Write, report: &Report, language: Language) -> io::Result<()> {
    match (&report.anchor, &report.root) {
        (Some(anchor), Some(root)) => {
            let demo = if anchor.demo { format!(" · {}", answers::practice_only(language)) } else { String::new() };
            writeln!(out, "{}{demo}", health::trusted(language, &anchor.authority, &anchor.region))?;
            writeln!(out, "  {}", health::fingerprint(language, &anchor.fingerprint))?;
            writeln!(out, "  {}", health::root_expires(language, root.number, root.expires))?;
        }
        _ => match &report.awaited {
            Some(root) => writeln!(out, "{}", health::awaits_root(language, root))?,
            None if report.unread => writeln!(out, "{}", health::trust_not_known(language))?,
            None => writeln!(out, "{}", health::trusts_nobody(language))?,
        },
    }
    writeln!(out, "{}", health::stage(language, report.stage.as_str(), words(report, language)))?;
    if let Some(bundle) = &report.bundle {
        writeln!(out, "{}", health::trust_data(language, bundle.version, bundle.issued))?;
        writeln!(out, "  {}", health::due_and_expires(language, bundle.due, bundle.expires))?;
    }
    report.lists.iter().try_for_each(|list| {
        let line = match (&list.issued, &list.unusable_after) {
            (Some(issued), Some(until)) => health::list(language, list.id, list.state, issued, until),
            _ => health::list_lacking(language, list.id, list.state),
        };
        writeln!(out, "  {line}")
    })?;
    let Some(schemes) = &report.schemes else { return Ok(()) };
    writeln!(out, "{}", health::schemes(language, schemes.version, schemes.rules, schemes.expires))?;
    schemes.key_lists.iter().try_for_each(|list| {
        let line = match list.keys {
            Some(keys) => health::key_list(language, list.id, list.scheme, list.state, keys, list.unusable_after),
            None => health::key_list_lacking(language, list.id, list.scheme),
        };
        writeln!(out, "  {line}")
    })
}

/// Settings by their names, which are the same in every language.
fn write_settings(out: &mut impl Write, report: &Report, language: Language) -> io::Result<()> {
    let file = report.site_file.as_deref().map(printable);
    let from = |name: &str| match &file {
        Some(file) if report.managed.contains(&name) => format!(" {}", health::from_file(language, file)),
        _ => String::new(),
    };
    let not_set = if report.unread { health::not_known(language) } else { health::not_set(language) };
    let sites = if report.sites.is_empty() { not_set.clone() } else { report.sites.join(",") };
    if let Some(name) = &report.name {
        writeln!(out, "name: {}{}", printable(name), from("name"))?;
    }
    writeln!(out, "sites: {sites}{}", from("sites"))?;
    writeln!(out, "language: {}{}", report.language, from("language"))?;
    writeln!(out, "source: {}{}", printable(report.source.as_deref().unwrap_or(&not_set)), from("source"))?;
    for (name, value) in [("ca", &report.ca), ("proxy", &report.proxy)] {
        if let (Some(value), Some(file)) = (value, &file) {
            writeln!(out, "{name}: {} {}", printable(value), health::from_file(language, file))?;
        }
    }
    for finding in &report.findings {
        writeln!(out, "{}: {}", finding.setting, printable(&finding.message.told))?;
    }
    writeln!(out, "sound: {}{}", report.sound, from("sound"))?;
    let Some(file) = &file else { return writeln!(out, "{}", health::no_site_file(language)) };
    writeln!(out, "{}", health::site_file(language, file))?;
    report.mistakes.iter().try_for_each(|mistake| {
        let line = mistake.line.map(|line| health::at_line(language, line)).unwrap_or_default();
        writeln!(out, "  {line}{}", printable(&mistake.message.told))
    })
}
