//! `greenlit-issuer status`: all that is known of one pass.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::revoked::{one_line, status_word};
use crate::cli::{Outcome, now, open};
use crate::revoke::{find, reference};
use crate::status::{self, PassStatus};

/// Show what is known of one pass: its status, days and key, by which rules it was decided, what asked for it, what it
/// replaces, and every change with who made it and why.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Text of the pass, or its reference as printed by `issue`: 1-12345.
    #[arg(value_name = "PASS|REF")]
    pass: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let authority = open(&args.folder)?;
    let found = status::of(&authority, find(&authority, &args.pass)?, now())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", as_json(&found))?;
    } else {
        print(&mut out, &found)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut impl Write, found: &PassStatus) -> std::io::Result<()> {
    let PassStatus { pass, issued, state, first_day, last_day, history } = found;
    writeln!(out, "pass {}: {}", reference(*pass), state.as_str())?;
    let mut line = |name: &str, value: Option<String>| match value {
        Some(value) => writeln!(out, "  {name:<12} {value}"),
        None => Ok(()),
    };
    line("class", Some(issued.class.0.to_string()))?;
    line("first day", first_day.map(|day| day.to_string()))?;
    line("last day", last_day.map(|day| day.to_string()))?;
    line("key", Some(issued.kid.to_string()))?;
    line("entered", issued.entered.map(|at| at.to_string()))?;
    line("rules", issued.policy.map(|version| format!("version {version}")))?;
    line("asked for by", issued.origin.map(|origin| format!("batch {}, line {}", origin.batch, origin.line)))?;
    line("replaces", issued.replaces.map(reference))?;
    line("replaced by", issued.replaced_by.map(reference))?;
    for change in history {
        let by = change.operator.as_ref().map_or(String::new(), |by| format!(" by {by}"));
        let proposed = change.proposed_by.as_ref().map_or(String::new(), |by| format!(", proposed by {by}"));
        let reason = change.reason.as_deref().map_or(String::new(), |reason| format!(": {}", one_line(reason)));
        writeln!(out, "  {} {}{by}{proposed}{reason}", change.at, status_word(change.status))?;
    }
    out.flush()
}

fn as_json(found: &PassStatus) -> Value {
    let PassStatus { pass, issued, state, first_day, last_day, history } = found;
    let day = |day: &Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    let history: Vec<Value> = history
        .iter()
        .map(|change| {
            json!({
                "status": status_word(change.status), "at": change.at.to_string(), "reason": change.reason,
                "operator": change.operator.as_ref().map(|by| by.as_str()),
                "proposed_by": change.proposed_by.as_ref().map(|by| by.as_str()),
            })
        })
        .collect();
    json!({
        "ref": reference(*pass), "state": state.as_str(), "class": issued.class.0,
        "first_day": day(first_day), "last_day": day(last_day), "kid": issued.kid.to_string(),
        "entered": issued.entered.map(|at| at.to_string()), "rules_version": issued.policy,
        "batch": issued.origin.map(|origin| origin.batch), "line": issued.origin.map(|origin| origin.line),
        "replaces": issued.replaces.map(reference), "replaced_by": issued.replaced_by.map(reference),
        "history": history,
    })
}
