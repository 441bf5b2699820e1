//! `greenlit status`: how this till stands, for whoever looks after many of them. Changes nothing.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::Outcome;
use crate::config::diagnostic::printable;
use crate::config::till::Till;
use crate::report::health::{Report, words};

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
    let report = Report::of(till);
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
